/* SPDX-License-Identifier: Apache-2.0
 *
 * Waits, and their quantiles. Waits of one chat lean on each other (a busy agent, a slow visitor),
 * so the interval of a quantile asks how many of each chat's stand below it.
 */
#include "presence/figures/figures.h"

#include "base/grow.h"

int figures_wait_add(struct figures_waits *waits, size_t chat, uint64_t ms)
{
    if (GROW(waits->of, waits->count, &waits->cap) != OK)
        return ERR_NO_MEMORY;
    waits->of[waits->count++] = (struct figures_wait){ ms, (uint32_t)chat };
    return OK;
}

size_t figures_waits_chats(const struct figures_waits *waits)
{
    size_t chats = 0;

    for (size_t i = 0; i < waits->count; i++)
        chats += i == 0 || waits->of[i].chat != waits->of[i - 1].chat;
    return chats;
}

/* Among equal ones those of the earlier chat first: which they are does not matter, but it must
 * always be the same. */
static int by_size(const void *a, const void *b)
{
    const struct figures_wait *x = a, *y = b;

    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    return (x->chat > y->chat) - (x->chat < y->chat);
}

static int by_chat(const void *a, const void *b)
{
    const struct figures_wait *x = a, *y = b;

    return (x->chat > y->chat) - (x->chat < y->chat);
}

/* Σ (below − share × waits)² over chats. `below` stands in order of chat, as the waits do. */
static double variance_of(const struct figures_waits *waits, const struct figures_wait *below,
                          size_t below_count)
{
    double share = (double)below_count / (double)waits->count, variance = 0;

    for (size_t i = 0, under = 0; i < waits->count;) {
        size_t from = i, from_under = under;
        double apart;

        while (i < waits->count && waits->of[i].chat == waits->of[from].chat)
            i++;
        while (under < below_count && below[under].chat == waits->of[from].chat)
            under++;
        apart = (double)(under - from_under) - share * (double)(i - from);
        variance += apart * apart;
    }
    return variance;
}

int figures_quantile(const struct figures_waits *waits, double p,
                     struct figures_quantile *ret_quantile)
{
    size_t count = waits->count, below = (size_t)(p * (double)count);
    AUTO_MEM struct figures_wait *order = malloc(count * sizeof(*order));
    AUTO_MEM uint64_t *sorted = malloc(count * sizeof(*sorted));

    if (order == NULL || sorted == NULL)
        return RAISE(ERR_NO_MEMORY);
    memcpy(order, waits->of, count * sizeof(*order));
    qsort(order, count, sizeof(*order), by_size);
    for (size_t i = 0; i < count; i++)
        sorted[i] = order[i].ms;
    qsort(order, below, sizeof(*order), by_chat);
    ret_quantile->ms = stats_quantile(sorted, count, p);
    ret_quantile->interval =
        stats_quantile_interval(sorted, count, p, variance_of(waits, order, below));
    return OK;
}
