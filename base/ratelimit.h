/* SPDX-License-Identifier: Apache-2.0
 *
 * ratelimit — a token bucket: `burst` at once, `per_second` on and on.
 */
#ifndef BASE_RATELIMIT_H
#define BASE_RATELIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct ratelimit {
    uint64_t refilled_ms; /* steady time of the last refill */
    uint32_t milli_tokens;
};

/* What a bucket allows; shared by all buckets of one kind. */
struct ratelimit_rule {
    uint32_t burst;      /* tokens a full bucket holds; at most 1,000,000 */
    uint32_t per_second; /* tokens that flow back each second */
};

void ratelimit_init(struct ratelimit *limit, const struct ratelimit_rule *rule, uint64_t now_ms);
/* Takes `cost` tokens and returns 0, or takes nothing and returns the milliseconds after
 * which as many will be there (at least 1; UINT32_MAX when never). */
uint32_t ratelimit_spend(struct ratelimit *limit, const struct ratelimit_rule *rule, uint32_t cost,
                         uint64_t now_ms);

#endif
