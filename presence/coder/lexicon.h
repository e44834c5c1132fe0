/* SPDX-License-Identifier: Apache-2.0
 *
 * lexicon — every word the rules speak of, by number. Rules compare numbers, never letters.
 *
 * A word also carries what other words tell of it: the plain form it stands for (mä → minä) and
 * the languages whose common words it is among (a bit each, as rules number their languages).
 */
#ifndef PRESENCE_LEXICON_H
#define PRESENCE_LEXICON_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

enum { LEXICON_NONE = -1 };

struct lexicon_word {
    char *text; /* owned */
    uint32_t len;
    int32_t plain[8];   /* per language: the word it stands for; LEXICON_NONE: itself */
    uint32_t languages; /* whose common words it is among */
};

struct lexicon {
    struct lexicon_word *words; /* owned */
    size_t count, cap;
    int32_t *slots; /* owned; open addressing, LEXICON_NONE is free */
    size_t slot_count;
};

void lexicon_release(struct lexicon *lexicon);
/* The number of a word, given one if it had none. */
int lexicon_add(struct lexicon *lexicon, struct slice word, int32_t *ret_id) MUST_CHECK;
/* LEXICON_NONE: no rule speaks of it. */
int32_t lexicon_find(const struct lexicon *lexicon, struct slice word);

#endif
