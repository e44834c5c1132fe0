/* SPDX-License-Identifier: Apache-2.0
 *
 * effect — buyers who chatted beside buyers who did not, in the manner of Finnchat's study of 2017:
 * who would recommend, trust, buy again, is satisfied, found it easy, was sent by somebody; who
 * bought, and for how much. Pure.
 *
 *     share        who answered 9–10 (recommend), 4–5 (trust, again, satisfied) or 6–7 (easy);
 *                  who bought, of those it is told of
 *
 *     difference   of the shares, with Newcombe's interval
 *
 *     likelier     share of those who chatted ÷ share of the others − 1; interval by the
 *                  logarithm of the ratio
 *                  (Katz, Baptista, Azen & Pike 1978, Biometrics 34:469–474)
 *
 *     order value  difference of means; interval of independent means with unequal variances
 *                  (Welch 1947), normal: for groups of thirty and more
 *
 * Nobody was assigned to chat at random: whoever chats may have been keener, or in trouble, before.
 * So these are differences, and every shape they are shown in says so.
 */
#ifndef PRESENCE_EFFECT_H
#define PRESENCE_EFFECT_H

#include "base/format/json.h"
#include "presence/figures/stats.h"
#include "storage/buyers.h"

enum effect_question {
    EFFECT_RECOMMEND,
    EFFECT_TRUST,
    EFFECT_AGAIN,
    EFFECT_SATISFIED,
    EFFECT_EASY,
    EFFECT_FRIEND,
    EFFECT_BOUGHT,
    EFFECT_QUESTIONS
};

/* Money is never added up over currencies: what is paid in each stands for itself. */
enum { CURRENCIES_MAX = 8, CURRENCY_BYTES = 8 };
struct currencies {
    char names[CURRENCIES_MAX][CURRENCY_BYTES];
    size_t count;
};
/* Where the currency has its place, in whatever letters it is written; CURRENCIES_MAX: there is no
 * room for another. */
size_t currency_place(struct currencies *currencies, struct slice name);
/* The next in order of name (NULL: the first); CURRENCIES_MAX: none. */
size_t currency_after(const struct currencies *currencies, const char *name);

struct effect_orders {
    size_t n;
    double sum, squares;
};

struct effect {
    size_t buyers[2]; /* who did not chat, who did */
    struct {
        size_t yes, n;
    } answers[EFFECT_QUESTIONS][2];
    struct {
        size_t yes, n;
    } solved, anyway; /* of those who chatted; anyway: would have bought without it */
    size_t told[3];   /* how the answers came: by enum buyer_told */
    struct currencies currencies;
    struct effect_orders orders[CURRENCIES_MAX][2]; /* by place */
    size_t other_currencies;                        /* orders in what found none */
};

void effect_add(struct effect *effect, const struct buyer *buyer);
/* The caller owns it; NULL: there is no buyer. */
json_t *effect_json(const struct effect *effect);

#endif
