/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/sampling.h"

#include "base/grow.h"
#include "base/secret/random.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct chat {
    size_t number, stratum;
};

struct sampling {
    struct sampling_stratum *strata; /* owned */
    size_t stratum_count;
    struct chat *chats; /* owned; the drawn ones come first once drawn */
    size_t count, cap, drawn;
};

int sampling_new(struct sampling **ret_sampling)
{
    struct sampling *sampling = calloc(1, sizeof(*sampling));

    if (sampling == NULL)
        return RAISE(ERR_NO_MEMORY);
    *ret_sampling = sampling;
    return OK;
}

struct sampling *sampling_free(struct sampling *sampling)
{
    if (sampling != NULL) {
        free(sampling->strata);
        free(sampling->chats);
    }
    free(sampling);
    return NULL;
}

/* --- telling --- */

static int find_stratum(struct sampling *sampling, const char *name, bool with, size_t *ret_stratum)
{
    struct sampling_stratum *grown;
    size_t i = 0;

    while (i < sampling->stratum_count && strcmp(sampling->strata[i].name, name) != 0)
        i++;
    *ret_stratum = i;
    if (i < sampling->stratum_count)
        return OK;
    grown = realloc(sampling->strata, (i + 1) * sizeof(*grown));
    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    sampling->strata = grown;
    sampling->stratum_count++;
    grown[i] = (struct sampling_stratum){ .with = with };
    (void)slice_copy(slice_of(name), grown[i].name, sizeof(grown[i].name));
    return OK;
}

int sampling_add(struct sampling *sampling, struct slice language, struct slice stage, bool with)
{
    char name[SAMPLING_NAME_BYTES];
    size_t len = 0, stratum = 0;
    int rc = GROW(sampling->chats, sampling->count, &sampling->cap);

    while (len < language.len && language.data[len] != '-')
        len++;
    (void)snprintf(name, sizeof(name), "%.*s %.*s %s", len == 0 ? 1 : (int)len,
                   len == 0 ? "?" : language.data, SLICE_ARG(stage), with ? "with" : "without");
    if (rc == OK)
        rc = find_stratum(sampling, name, with, &stratum);
    if (rc != OK)
        return rc;
    sampling->strata[stratum].chats++;
    sampling->chats[sampling->count] = (struct chat){ sampling->count, stratum };
    sampling->count++;
    return OK;
}

/* --- drawing --- */

static int by_name(const void *a, const void *b)
{
    const struct sampling_stratum *left = a, *right = b;

    return strcmp(left->name, right->name);
}

/* Strata in order of name, whatever came first; the chats follow. */
static int sort_strata(struct sampling *sampling)
{
    size_t count = sampling->stratum_count;
    AUTO_MEM struct sampling_stratum *before = calloc(count + 1, sizeof(*before));
    AUTO_MEM size_t *now = calloc(count + 1, sizeof(*now));

    if (before == NULL || now == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (count > 0) {
        memcpy(before, sampling->strata, count * sizeof(*before));
        qsort(sampling->strata, count, sizeof(*sampling->strata), by_name);
    }
    for (size_t i = 0; i < count; i++)
        while (strcmp(sampling->strata[now[i]].name, before[i].name) != 0)
            now[i]++;
    for (size_t i = 0; i < sampling->count; i++)
        sampling->chats[i].stratum = now[sampling->chats[i].stratum];
    return OK;
}

static size_t chats_of(const struct sampling *sampling, bool with)
{
    size_t chats = 0;

    for (size_t i = 0; i < sampling->stratum_count; i++)
        chats += sampling->strata[i].with == with ? sampling->strata[i].chats : 0;
    return chats;
}

/* One to each stratum in turn, until so many are dealt; one that is used up is passed over. */
static void deal(struct sampling *sampling, bool with, size_t wanted)
{
    while (wanted > 0) {
        for (size_t i = 0; i < sampling->stratum_count && wanted > 0; i++) {
            struct sampling_stratum *stratum = &sampling->strata[i];

            if (stratum->with != with || stratum->drawn == stratum->chats)
                continue;
            stratum->drawn++;
            wanted--;
        }
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void swap(struct sampling *sampling, size_t i, size_t j)
{
    struct chat chat = sampling->chats[i];

    sampling->chats[i] = sampling->chats[j];
    sampling->chats[j] = chat;
}

/* Puts all in an order of chance, keeps the first of each stratum up to its number: so each of them
 * is as likely as any other, and the order tells nothing. */
static void choose(struct sampling *sampling, uint64_t seed, size_t *left)
{
    struct prng prng = prng_seeded(seed);

    for (size_t i = sampling->count; i > 1; i--)
        swap(sampling, i - 1, (size_t)prng_below(&prng, i));
    for (size_t i = 0; i < sampling->stratum_count; i++)
        left[i] = sampling->strata[i].drawn;
    for (size_t i = 0; i < sampling->count; i++) {
        if (left[sampling->chats[i].stratum] == 0)
            continue;
        left[sampling->chats[i].stratum]--;
        swap(sampling, sampling->drawn++, i);
    }
}

int sampling_draw(struct sampling *sampling, size_t wanted, unsigned with_percent, uint64_t seed)
{
    size_t with_all = chats_of(sampling, true), without_all = chats_of(sampling, false), with;
    AUTO_MEM size_t *left = calloc(sampling->stratum_count + 1, sizeof(*left));
    int rc = left == NULL ? RAISE(ERR_NO_MEMORY) : sort_strata(sampling);

    assert(sampling->drawn == 0 && with_percent <= 100);
    if (rc != OK)
        return rc;
    wanted = least(wanted, sampling->count);
    with = least((wanted * with_percent + 50) / 100, with_all);
    if (wanted - with > without_all)
        with = wanted - without_all;
    deal(sampling, true, with);
    deal(sampling, false, wanted - with);
    choose(sampling, seed, left);
    return OK;
}

/* --- what came out --- */

size_t sampling_strata(const struct sampling *sampling)
{
    return sampling->stratum_count;
}

const struct sampling_stratum *sampling_stratum(const struct sampling *sampling, size_t i)
{
    return &sampling->strata[i];
}

size_t sampling_count(const struct sampling *sampling)
{
    return sampling->drawn;
}

struct sampling_drawn sampling_drawn(const struct sampling *sampling, size_t i)
{
    const struct chat *chat = &sampling->chats[i];
    const struct sampling_stratum *stratum = &sampling->strata[chat->stratum];

    return (struct sampling_drawn){ chat->number, chat->stratum,
                                    (double)stratum->chats / (double)stratum->drawn };
}

/* The i-th of the pairs 01, 12, …, then those two apart, and so on. */
void sampling_pair(size_t place, size_t coders, size_t ret_pair[2])
{
    size_t pairs = coders * (coders - 1) / 2, at = place % pairs;

    assert(coders >= 2);
    for (size_t apart = 1; apart < coders; apart++) {
        size_t round = 2 * apart == coders ? coders / 2 : coders;

        if (at < round) {
            ret_pair[0] = at;
            ret_pair[1] = (at + apart) % coders;
            return;
        }
        at -= round;
    }
}
