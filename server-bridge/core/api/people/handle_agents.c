/* SPDX-License-Identifier: Apache-2.0
 *
 * Agents: people known by a JID, whom tenants have. With a password the XMPP account is made
 * too, where we may: it comes first, for an agent who cannot log in is none.
 */
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "tenant/jid.h"

/* All agents, and where they serve. */
struct gathering {
    json_t *agents;
    json_t *by_jid; /* jid → the same objects */
};

static int gather_agent(void *context, const struct agent *agent)
{
    struct gathering *gathering = context;
    json_t *view = agent_view(agent);

    if (view == NULL || json_object_set_new(view, "tenants", json_array()) != 0 ||
        json_object_set(gathering->by_jid, agent->jid, view) != 0 ||
        json_array_append_new(gathering->agents, view) != 0)
        return RAISE(ERR_NO_MEMORY);
    return 0;
}

static int gather_member(void *context, const struct membership *member)
{
    struct gathering *gathering = context;
    json_t *agent = json_object_get(gathering->by_jid, member->jid);
    const char *name = json_string_value(json_object_get(agent, "name"));

    if (agent != NULL &&
        json_array_append_new(json_object_get(agent, "tenants"), member_view(member, name)) != 0)
        return RAISE(ERR_NO_MEMORY);
    return 0;
}

static int gather(const struct core *core, struct gathering *gathering)
{
    int rc;

    gathering->agents = json_array();
    gathering->by_jid = json_object();
    rc = directory_agents(core->directory, gather_agent, gathering);
    return rc == OK ? directory_members(core->directory, gather_member, gathering) : rc;
}

void handle_agents_list(struct call *call)
{
    struct gathering gathering;
    int rc = gather(call->core, &gathering);

    json_decref(gathering.by_jid);
    if (rc == OK) {
        answer_sorted(call, gathering.agents, "jid");
        return;
    }
    json_decref(gathering.agents);
    answer_failed(call, rc);
}

void handle_agent_show(struct call *call)
{
    char jid[JID_MAX + 1];
    struct gathering gathering;
    int rc = gather(call->core, &gathering);
    json_t *agent = NULL;

    if (rc == OK && jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) == 0)
        agent = json_object_get(gathering.by_jid, jid);
    if (rc != OK)
        answer_failed(call, rc);
    else if (agent == NULL)
        answer_not_found(call, "agent");
    else
        answer_json(call, 200, json_incref(agent));
    json_decref(gathering.by_jid);
    json_decref(gathering.agents);
}

struct hiring {
    struct call *call;
    struct core *core;
    struct agent agent;
};

static struct hiring *hiring_free(struct hiring *hiring)
{
    agent_release(&hiring->agent);
    free(hiring);
    return NULL;
}
DEFINE_AUTO(hiring)

static void hire(struct hiring *hiring, const char *account)
{
    int rc = directory_agent_add(hiring->core->directory, &hiring->agent);
    json_t *view;

    if (rc == DIRECTORY_E_EXISTS) {
        answer_problem(hiring->call, 409, "agent_exists", "There is such an agent already.");
        return;
    }
    if (rc != OK) {
        answer_failed(hiring->call, rc);
        return;
    }
    access_let_in(hiring->core, LEDGER_AGENT, hiring->agent.jid);
    view = agent_view(&hiring->agent);
    (void)json_object_set_new(view, "account", json_string(account));
    answer_json(hiring->call, 201, view);
}

static void account_made(void *context, bool done, const char *reason)
{
    struct hiring *hiring = context;

    if (done)
        hire(hiring, "made");
    else
        answer_problem(hiring->call, 502, "xmpp_refused",
                       "The XMPP server did not make the account: %s. An account that is there "
                       "already needs no password here.",
                       reason);
    (void)hiring_free(hiring);
}

static bool take_agent(struct call *call, struct agent *agent)
{
    char jid[JID_MAX + 1];

    if (jid_normalise_bare(body_text(call, "jid"), jid, sizeof(jid)) != 0) {
        answer_problem(call, 400, "bad_field", "\"jid\" must be a bare JID: anna@agents.example.");
        return false;
    }
    if (!body_line(call, "name", 80, NULL, &agent->name))
        return false;
    agent->jid = strdup(jid);
    agent->created_ms = core_now_ms(call->core);
    if (agent->jid != NULL)
        return true;
    answer_failed(call, RAISE(ERR_NO_MEMORY));
    return false;
}

bool agent_account_is_ours(const struct core *core, const char *jid)
{
    struct jid parts;

    return provision_is_automatic(core) && jid_split(slice_of(jid), &parts) == 0 &&
           slice_is(parts.domain, core->role->settings->xmpp_agents_domain);
}

void handle_agent_add(struct call *call)
{
    AUTO(hiring) hiring = calloc(1, sizeof(*hiring));
    struct slice password = body_text(call, "password");
    struct agent known;
    bool revoked;
    int rc;

    if (hiring == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    hiring->call = call;
    hiring->core = call->core;
    if (!take_agent(call, &hiring->agent))
        return;
    rc = agent_find(call->core, hiring->agent.jid, &known);
    revoked = rc == OK && known.revoked;
    if (rc == OK)
        agent_release(&known);
    if (rc == OK && !revoked) {
        answer_problem(call, 409, "agent_exists", "There is such an agent already.");
    } else if (rc != OK && rc != DIRECTORY_E_NONE) {
        answer_failed(call, rc);
    } else if (call_is_busy(call->core, "agent", hiring->agent.jid)) {
        answer_problem(call, 409, "in_progress", "This agent is being added right now.");
    } else if (password.len == 0) {
        hire(hiring, "unchanged");
    } else if (!agent_account_is_ours(call->core, hiring->agent.jid)) {
        hire(hiring, "manual");
    } else if (!call_keep(call, "agent", hiring->agent.jid)) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    } else {
        provision_account(call->core, hiring->agent.jid, password.data, account_made, hiring);
        hiring = NULL; /* account_made() has it */
    }
}
