/* SPDX-License-Identifier: Apache-2.0
 *
 * retention — what is kept no longer: the words and files of old conversations go, with the names
 * of those who said them, what was noted of them and to whom it was mailed; times, counts, tags and
 * codes stay for figures. And whose answers of buyers are: what they answered stays, on its day.
 */
#ifndef STORAGE_RETENTION_H
#define STORAGE_RETENTION_H

#include "storage/store.h"

enum { FADE_AT_ONCE = 200 }; /* conversations, and buyers, in one transaction */

struct fading {
    struct store_bulk bulk;     /* .apply is set by fading_init(), .done by the caller */
    uint64_t before_ms, now_ms; /* conversations that ended before then */
    uint64_t conversations;     /* whose words went … */
    uint64_t buyers; /* … who are not known any more; FADE_AT_ONCE: there may be more */
};

void fading_init(struct fading *fading, uint64_t before_ms, uint64_t now_ms);

#endif
