/* SPDX-License-Identifier: Apache-2.0
 *
 * stanza — stanzas as the programs of this folder see them: text in a buffer. Our own links and
 * Prosody write them, nobody hostile, so plain searching will do; it costs next to nothing,
 * which is the point.
 */
#ifndef BENCH_STANZA_H
#define BENCH_STANZA_H

#include "base/slice.h"

#include <stdint.h>

struct stanza {
    struct slice text; /* whole; len 0: not all here yet */
    struct slice head; /* the start tag */
};

/* The first one in the buffer, which begins with its "<". */
struct stanza stanza_next(struct slice in);
/* NULL: it is not there. */
const char *stanza_find(struct slice in, const char *what);
/* What stands between `before` and the next `after`; len 0: nothing. */
struct slice stanza_between(struct slice in, const char *before, char after);
/* An attribute of the start tag, in whatever quotes. `name`: " id=" */
struct slice stanza_attribute(const struct stanza *stanza, const char *name);
/* The microseconds in a text that begins with "@<steady microseconds> "; 0: it does not. */
uint64_t stanza_stamp_us(struct slice body);

#endif
