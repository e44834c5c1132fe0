/* SPDX-License-Identifier: Apache-2.0
 *
 * range — which bytes of a file a browser asks for (RFC 9110, 14): to go on where a download broke
 * off, or to look into a film.
 *
 *     bytes=500-999     bytes=500-     bytes=-500
 *
 * Whatever else is asked for, several ranges or another unit, may be answered by all of it, and is.
 */
#ifndef WEB_RANGE_H
#define WEB_RANGE_H

#include "base/slice.h"

#include <stdint.h>

struct byte_range {
    bool any;
    bool from_end;        /* the last `first` bytes */
    uint64_t first, last; /* last: UINT64_MAX where none is named */
};

struct byte_range range_parse(struct slice value);

#endif
