/* SPDX-License-Identifier: Apache-2.0
 *
 * agent_staff — an admin says whether somebody sits there. Presence alone does not tell: a client
 * left running at home takes offers that nobody sees. Who is not staffed is offered nothing
 * anywhere, keeps what they have, and may serve whoever they write to. And how much they may have
 * at once over all tenants together, and what they are called.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "tenant/jid.h"

#include <stdio.h>

/* Every tenant's rules hear of it, as of any other change of a member. */
static int tell_tenants(const struct core *core, const struct agent *agent)
{
    int rc = OK;

    for (struct live_tenant *tenant = core->tenants; rc == OK && tenant != NULL;
         tenant = tenant->hh.next) {
        const struct membership *member = tenants_member(tenant, slice_of(agent->jid));

        if (member != NULL)
            rc = tenants_member_set(tenant, member, agent);
    }
    return rc;
}

/* Stands in the directory, or could not: what then. */
static void answer_changed(struct call *call, const char *jid, int rc)
{
    struct agent agent;

    if (rc == OK)
        rc = agent_find(call->core, jid, &agent);
    if (rc == DIRECTORY_E_NONE) {
        answer_not_found(call, "agent");
        return;
    }
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    rc = tell_tenants(call->core, &agent);
    if (rc == OK)
        answer_json(call, 200, agent_view(&agent));
    else
        answer_failed(call, rc);
    agent_release(&agent);
}

static void staff(struct call *call, bool staffed)
{
    char jid[JID_MAX + 1] = "";
    int rc = DIRECTORY_E_NONE;

    if (jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) == 0) {
        audit_join(call);
        rc = directory_agent_staffed(call->core->directory, jid, staffed);
    }
    answer_changed(call, jid, rc);
}

void handle_agent_rename(struct call *call)
{
    AUTO_MEM char *name = NULL;
    char jid[JID_MAX + 1] = "";
    int rc = DIRECTORY_E_NONE;

    if (!body_line(call, "name", 80, NULL, &name))
        return;
    if (jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) == 0) {
        if (asprintf(&call->changed, "name=\"%s\"", name) < 0)
            call->changed = NULL;
        audit_join(call);
        rc = directory_agent_rename(call->core->directory, jid, name);
    }
    answer_changed(call, jid, rc);
}

void handle_agent_limit(struct call *call)
{
    const json_t *limit = json_object_get(call->body, "limit");
    char jid[JID_MAX + 1] = "";
    int rc = DIRECTORY_E_NONE;

    if (jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) == 0) {
        audit_join(call);
        rc = directory_agent_limit(call->core->directory, jid, (unsigned)json_integer_value(limit));
    }
    answer_changed(call, jid, rc);
}

void handle_agent_staff(struct call *call)
{
    staff(call, true);
}

void handle_agent_unstaff(struct call *call)
{
    staff(call, false);
}
