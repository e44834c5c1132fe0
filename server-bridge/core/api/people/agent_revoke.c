/* SPDX-License-Identifier: Apache-2.0
 *
 * agent_revoke — an agent is one no more, everywhere at once: no tenant's member, no desk among
 * the contacts, and no XMPP account where accounts are ours. What the agent had in hand goes
 * back to the queue. Added again, they begin anew.
 */
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "tenant/jid.h"

#include <stdio.h>

struct revoking {
    struct call *call;
    char *jid;
};

static void roster_done(void *context, bool done, const char *reason)
{
    (void)context;
    if (!done)
        log_event(LOG_WARNING, NULL, "roster.failed", "reason=\"%s\"", reason);
}

static void take_desk_away(struct core *core, const struct tenant *about, const char *jid)
{
    char desk[IPC_JID_MAX];

    (void)snprintf(desk, sizeof(desk), "desk@%s", about->domain);
    provision_roster(
        core, &(struct ipc_provision_roster){ .owner = slice_of(jid), .contact = slice_of(desk) },
        roster_done, NULL);
}

/* Each tenant's own audit says that they could see there up to now. */
static void note_end(struct call *call, const struct live_tenant *tenant, const char *jid)
{
    char detail[JID_MAX + 8];
    int rc;

    (void)snprintf(detail, sizeof(detail), "jid=%s", jid);
    rc = directory_audit_add(call->core->directory,
                             &(struct audit_entry){ .at_ms = core_now_ms(call->core),
                                                    .who = slice_of(call->caller.who),
                                                    .action = slice_of(call->route->name),
                                                    .tenant = slice_of(tenant->about.name.text),
                                                    .detail = slice_of(detail) });
    if (rc != OK)
        log_event(LOG_ERROR, &tenant->log, "audit.unwritten", "action=%s error=%s",
                  call->route->name, result_name(rc));
}

/* The links refuse every word from here on. */
static void leave_tenants(struct call *call, const char *jid, bool keeps_account)
{
    struct core *core = call->core;

    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        if (tenants_member(tenant, slice_of(jid)) == NULL)
            continue;
        tenants_member_remove(tenant, jid);
        note_end(call, tenant, jid);
        if (keeps_account && provision_is_automatic(core))
            take_desk_away(core, &tenant->about, jid);
    }
}

static void answer_revoked(struct call *call, const char *jid, const char *account)
{
    answer_json(call, 200,
                json_pack("{s:s, s:b, s:s}", "jid", jid, "revoked", 1, "account", account));
}

static void account_gone(void *context, bool done, const char *reason)
{
    struct revoking *revoking = context;

    if (!done)
        log_event(LOG_WARNING, NULL, "agent_revoke.account_left", "reason=\"%s\"", reason);
    answer_revoked(revoking->call, revoking->jid, done ? "deleted" : "failed");
    free(revoking->jid);
    free(revoking);
}

static void delete_account(struct call *call, const char *jid)
{
    struct revoking *revoking = calloc(1, sizeof(*revoking));

    if (revoking == NULL || (revoking->jid = strdup(jid)) == NULL ||
        !call_keep(call, "agent", jid)) {
        if (revoking != NULL)
            free(revoking->jid);
        free(revoking);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    revoking->call = call;
    provision_account(call->core, jid, "", account_gone, revoking);
}

void handle_agent_revoke(struct call *call)
{
    char jid[JID_MAX + 1];
    bool ours;
    int rc = DIRECTORY_E_NONE;

    if (jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) == 0)
        rc = access_shut_out(call->core, LEDGER_AGENT, jid);
    if (rc == OK) {
        audit_join(call);
        rc = directory_agent_revoke(call->core->directory, jid);
    }
    if (rc == DIRECTORY_E_NONE) {
        answer_not_found(call, "agent");
        return;
    }
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    ours = agent_account_is_ours(call->core, jid);
    leave_tenants(call, jid, !ours);
    if (ours)
        delete_account(call, jid);
    else
        answer_revoked(call, jid, "manual");
}
