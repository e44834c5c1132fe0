/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/budget.h"

#include "server-bridge/core/api/answer.h"

enum { BUDGETS_MAX = 10000 };

struct budget {
    UT_hash_handle hh; /* in the order they were last spent from */
    char who[sizeof(((struct caller *)NULL)->who)];
    struct ratelimit limit;
};

static const struct ratelimit_rule callers_rule = { BUDGET_BURST, BUDGET_PER_SECOND };

static void forget(struct core *core, struct budget *budget)
{
    HASH_DEL(core->budgets, budget);
    free(budget);
}

/* The caller's, as the latest of all. The oldest gives way where there are too many: it has most
 * likely filled up again. NULL: out of memory. */
static struct budget *budget_of(struct core *core, const char *who, uint64_t now_ms)
{
    struct budget *budget;

    HASH_FIND_STR(core->budgets, who, budget);
    if (budget != NULL) {
        HASH_DEL(core->budgets, budget);
    } else {
        budget = calloc(1, sizeof(*budget));
        if (budget == NULL)
            return NULL;
        (void)slice_copy(slice_of(who), budget->who, sizeof(budget->who));
        ratelimit_init(&budget->limit, &callers_rule, now_ms);
    }
    if (HASH_COUNT(core->budgets) >= BUDGETS_MAX)
        forget(core, core->budgets);
    HASH_ADD_STR(core->budgets, who, budget);
    return budget;
}

static bool is_unlimited(const struct call *call)
{
    return call->caller.authority == AUTHORITY_OPERATOR ||
           call->caller.authority == AUTHORITY_ANYONE ||
           strcmp(call->core->role->settings->web_limits, "load") == 0;
}

bool budget_spend_callers(struct call *call)
{
    uint64_t now_ms = core_steady_ms();
    struct budget *budget;
    uint32_t wait_ms;

    if (is_unlimited(call))
        return true;
    budget = budget_of(call->core, call->caller.who, now_ms);
    if (budget == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return false;
    }
    wait_ms = ratelimit_spend(&budget->limit, &callers_rule, call->route->cost, now_ms);
    if (wait_ms > 0)
        answer_later(call, 429, "too_fast", wait_ms,
                     "You ask for more than one token or user may in a while.");
    return wait_ms == 0;
}

bool budget_spend_tenants(struct call *call)
{
    struct live_tenant *tenant = call->tenant;
    struct ratelimit_rule rule;
    uint32_t wait_ms;

    if (tenant == NULL || call->caller.everywhere || is_unlimited(call))
        return true;
    rule.per_second = (uint32_t)tenant->quota.api;
    rule.burst = rule.per_second * BUDGET_TENANT_SECONDS;
    wait_ms = ratelimit_spend(&tenant->asked, &rule, call->route->cost, core_steady_ms());
    if (wait_ms > 0)
        answer_later(call, 429, "too_fast", wait_ms,
                     "Users and tokens of this tenant ask for more than they may together in a "
                     "while (quota.api).");
    return wait_ms == 0;
}

void budget_free(struct core *core)
{
    struct budget *budget, *next;

    HASH_ITER(hh, core->budgets, budget, next)
    forget(core, budget);
}
