/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ratelimit.h"

void ratelimit_init(struct ratelimit *limit, const struct ratelimit_rule *rule, uint64_t now_ms)
{
    limit->refilled_ms = now_ms;
    limit->milli_tokens = rule->burst * 1000u;
}

static void refill(struct ratelimit *limit, const struct ratelimit_rule *rule, uint64_t now_ms)
{
    uint64_t full = (uint64_t)rule->burst * 1000u;
    uint64_t gone_ms = now_ms > limit->refilled_ms ? now_ms - limit->refilled_ms : 0;
    uint64_t held = limit->milli_tokens;

    if (rule->per_second > 0 && gone_ms > full / rule->per_second) /* also bounds the product */
        held = full;
    else
        held += gone_ms * rule->per_second; /* 1 token/s is 1 milli-token/ms */
    limit->milli_tokens = (uint32_t)(held < full ? held : full);
    if (now_ms > limit->refilled_ms) /* a time seen before gives nothing again */
        limit->refilled_ms = now_ms;
}

uint32_t ratelimit_spend(struct ratelimit *limit, const struct ratelimit_rule *rule, uint32_t cost,
                         uint64_t now_ms)
{
    uint64_t wanted = (uint64_t)cost * 1000u;
    uint64_t lacking;

    refill(limit, rule, now_ms);
    if (wanted <= limit->milli_tokens) {
        limit->milli_tokens -= (uint32_t)wanted;
        return 0;
    }
    if (rule->per_second == 0 || cost > rule->burst)
        return UINT32_MAX;
    lacking = wanted - limit->milli_tokens;
    return (uint32_t)((lacking + rule->per_second - 1) / rule->per_second);
}
