/* SPDX-License-Identifier: Apache-2.0
 *
 * What an agent has in hand everywhere. Each tenant's rules know their own conversations alone;
 * here the numbers of all are added, and those who must know are told how many are elsewhere: a
 * number, and nothing else of another tenant's.
 */
#include "server-bridge/core/core.h"

static unsigned total_load(const struct core *core, struct slice jid)
{
    unsigned total = 0;

    for (const struct live_tenant *tenant = core->tenants; tenant != NULL;
         tenant = tenant->hh.next) {
        const struct membership *member = tenants_member(tenant, jid);

        if (member != NULL)
            total += member->load;
    }
    return total;
}

static void tell(struct live_tenant *tenant, struct membership *member)
{
    unsigned elsewhere;

    if (member->overall == 0 && !member->capped)
        return;
    elsewhere = total_load(tenant->core, slice_of(member->jid)) - member->load;
    member->capped = member->overall > 0;
    tenants_later(tenant, &(struct later){ .type = CHAT_AGENT_ELSEWHERE,
                                           .agent = member->jid,
                                           .seq = elsewhere,
                                           .limit = member->overall });
}

/* Each is told what is so when it is told: hearing it, the one before may have taken something on.
 */
void agent_load_tell(struct core *core, struct slice jid)
{
    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        struct membership *member = (struct membership *)(uintptr_t)tenants_member(tenant, jid);

        if (member != NULL)
            tell(tenant, member);
    }
}

void agent_load_changed(struct live_tenant *tenant, struct slice jid, unsigned load)
{
    struct membership *member = (struct membership *)(uintptr_t)tenants_member(tenant, jid);

    if (member == NULL)
        return;
    member->load = load;
    agent_load_tell(tenant->core, slice_of(member->jid));
}
