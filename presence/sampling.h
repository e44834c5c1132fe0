/* SPDX-License-Identifier: Apache-2.0
 *
 * sampling — which chats people are to code by hand. Pure: chats are told one by one, a seed draws.
 *
 * A plain draw would hardly meet what is rare. So chats are told apart by language, stage, and
 * whether the machine's rules found one of the codes in question in them ("with") or not
 * ("without"): the wanted number is parted between with and without, and within each dealt to its
 * strata by turns, so that small stages are not drowned. Inside a stratum every chat is as likely
 * as any other. Each drawn one stands for N ÷ n of its stratum, its weight; whoever measures with
 * the weights measures what was drawn from, also what the rules missed.
 *
 * The same chats, told in the same order, and the same seed give the same sample.
 */
#ifndef PRESENCE_SAMPLING_H
#define PRESENCE_SAMPLING_H

#include "base/auto.h"
#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

enum { SAMPLING_NAME_BYTES = 64 };

struct sampling_stratum {
    char name[SAMPLING_NAME_BYTES]; /* "fi existing with" */
    bool with;
    size_t chats, drawn;
};

struct sampling_drawn {
    size_t chat;    /* which, from 0, in the order they were told */
    size_t stratum; /* of sampling_stratum() */
    double weight;
};

struct sampling; /* opaque */

int sampling_new(struct sampling **ret_sampling) MUST_CHECK;
struct sampling *sampling_free(struct sampling *sampling);
DEFINE_AUTO(sampling)

/* "fi-FI" counts as fi. */
int sampling_add(struct sampling *sampling, struct slice language, struct slice stage,
                 bool with) MUST_CHECK;
/* As many as wanted, or all there are; `with_percent` of them from strata with the codes, as far as
 * there are so many. Once. */
int sampling_draw(struct sampling *sampling, size_t wanted, unsigned with_percent,
                  uint64_t seed) MUST_CHECK;

/* In order of name. */
size_t sampling_strata(const struct sampling *sampling);
const struct sampling_stratum *sampling_stratum(const struct sampling *sampling, size_t i);
/* In the order they are to be read, which tells nothing of their strata. */
size_t sampling_count(const struct sampling *sampling);
struct sampling_drawn sampling_drawn(const struct sampling *sampling, size_t i);

/* Which two of so many coders read the chat in that place, from 0: every pair of them meets as
 * often as any other, and all read as much. At least two coders. */
void sampling_pair(size_t place, size_t coders, size_t ret_pair[2]);

#endif
