/* SPDX-License-Identifier: Apache-2.0
 *
 * priority — which of those who wait count for more, as a tenant writes it:
 *
 *     existing:2 new:1 fi:1 billing:3
 *
 * A word is a stage, a language or a skill; its points count for every conversation of that stage,
 * in that language, or that asks for that skill. What a point is worth is for the queue to know.
 */
#ifndef TENANT_PRIORITY_H
#define TENANT_PRIORITY_H

#include "base/slice.h"

enum { PRIORITY_WORDS_MAX = 16, PRIORITY_WORD_BYTES = 36, PRIORITY_POINTS_MAX = 9 };

struct priority {
    struct {
        char word[PRIORITY_WORD_BYTES];
        unsigned points;
    } words[PRIORITY_WORDS_MAX];
    unsigned count;
};

/* False: it makes no sense, and *ret_priority is not to be used. "" makes all alike. */
bool priority_parse(struct slice text, struct priority *ret_priority);
/* Of a conversation: each word counts once. A language counts up to its first "-". */
unsigned priority_points(const struct priority *priority, struct slice stage, struct slice language,
                         struct slice skill);

#endif
