/* SPDX-License-Identifier: Apache-2.0
 *
 * stems — what the forms of one word have in common, by libstemmer (Snowball): recommend,
 * recommended. A language it does not know has none, and every word is its own stem.
 */
#ifndef PRESENCE_STEMS_H
#define PRESENCE_STEMS_H

#include "base/result.h"
#include "base/slice.h"

struct sb_stemmer;

struct stems {
    struct sb_stemmer *stemmer; /* owned; NULL: every word is its own stem. One thread's only */
};

/* `language` as folders name it: "en", "fi", "sv". */
int stems_init(struct stems *stems, const char *language) MUST_CHECK;
void stems_release(struct stems *stems);
/* Borrowed until the next call. The word is in lower case. */
struct slice stems_find(struct stems *stems, struct slice word);

#endif
