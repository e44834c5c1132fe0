/* SPDX-License-Identifier: Apache-2.0
 *
 * Members: which agents serve a tenant, and as what. Whoever is assigned gets the tenant's
 * desk among their contacts, whoever is taken away loses it. A roster that could not be
 * changed undoes nothing: the agent can add the desk by hand, and is told nothing secret.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include "tenant/jid.h"

#include <stdio.h>

static int gather_name(void *context, const struct agent *agent)
{
    return json_object_set_new(context, agent->jid, json_string(agent->name)) == 0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

void handle_members_list(struct call *call)
{
    AUTO_JSON names = json_object();
    int rc = directory_agents(call->core->directory, gather_name, names);
    json_t *all = json_array();

    for (size_t i = 0; i < call->tenant->member_count; i++) {
        const struct membership *member = &call->tenant->members[i];

        (void)json_array_append_new(
            all, member_view(member, json_string_value(json_object_get(names, member->jid))));
    }
    if (rc == OK) {
        answer_sorted(call, all, "jid");
        return;
    }
    json_decref(all);
    answer_failed(call, rc);
}

void handle_member_show(struct call *call)
{
    const struct membership *member = NULL;
    struct agent agent;
    char jid[JID_MAX + 1];
    int rc;

    if (jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) == 0)
        member = tenants_member(call->tenant, slice_of(jid));
    rc = member == NULL ? DIRECTORY_E_NONE : agent_find(call->core, jid, &agent);
    if (rc == DIRECTORY_E_NONE) {
        answer_not_found(call, "agent");
    } else if (rc != OK) {
        answer_failed(call, rc);
    } else {
        answer_json(call, 200, member_view(member, agent.name));
        agent_release(&agent);
    }
}

struct introduction {
    struct call *call;
    struct tenant_name tenant;
    char jid[IPC_JID_MAX + 1];
    json_t *view; /* what is answered; NULL: nothing but that it is done */
};

static void introduced(void *context, bool done, const char *reason)
{
    struct introduction *introduction = context;
    struct live_tenant *tenant =
        tenants_find(introduction->call->core, slice_of(introduction->tenant.text));

    if (!done)
        log_event(LOG_WARNING, NULL, "member.roster_failed", "reason=\"%s\"", reason);
    else if (tenant != NULL)
        tenants_introduced(tenant, slice_of(introduction->jid));
    if (introduction->view == NULL) {
        answer_nothing(introduction->call);
    } else {
        (void)json_object_set_new(introduction->view, "roster",
                                  json_string(done ? "changed" : "failed"));
        answer_json(introduction->call, 200, introduction->view);
    }
    free(introduction);
}

/* Puts the desk among the agent's contacts, or takes it away; then answers. */
static void introduce_desk(struct call *call, const char *jid, bool present, json_t *view)
{
    const struct tenant *about = &call->tenant->about;
    struct introduction *introduction = malloc(sizeof(*introduction));
    char desk[JID_PART_MAX + 8], name[512];

    (void)snprintf(desk, sizeof(desk), "desk@%s", about->domain);
    (void)snprintf(name, sizeof(name), "%s desk", about->title);
    if (introduction == NULL || !call_keep(call, "member", NULL)) {
        free(introduction);
        json_decref(view);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    *introduction = (struct introduction){ .call = call, .tenant = about->name, .view = view };
    (void)snprintf(introduction->jid, sizeof(introduction->jid), "%s", jid);
    provision_roster(call->core,
                     &(struct ipc_provision_roster){ .owner = slice_of(jid),
                                                     .contact = slice_of(desk),
                                                     .name = slice_of(name),
                                                     .group = slice_of(about->title),
                                                     .present = present },
                     introduced, introduction);
}

static bool take_role(struct call *call, struct membership *member)
{
    struct slice role = body_text(call, "role");

    member->role = AGENT_ROLE_AGENT;
    if (role.len == 0 || agent_role_parse(role, &member->role) == 0)
        return true;
    answer_problem(call, 400, "bad_field", "\"role\" must be agent, supervisor or bot.");
    return false;
}

static bool take_limit(struct call *call, struct membership *member)
{
    const json_t *limit = json_object_get(call->body, "limit");

    member->limit = AGENT_LIMIT_DEFAULT;
    if (json_is_integer(limit))
        member->limit = (unsigned)json_integer_value(limit);
    if (member->limit >= 1)
        return true;
    answer_problem(call, 400, "bad_field", "\"limit\" must be from 1 to 100.");
    return false;
}

static bool take_member(struct call *call, struct membership *member)
{
    char jid[JID_MAX + 1];

    if (jid_normalise_bare(body_text(call, "jid"), jid, sizeof(jid)) != 0) {
        answer_problem(call, 400, "bad_field", "\"jid\" must be a bare JID: anna@agents.example.");
        return false;
    }
    member->tenant = call->tenant->about.name;
    member->jid = strdup(jid);
    if (member->jid == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return false;
    }
    return take_role(call, member) && take_limit(call, member) &&
           body_line(call, "persona", 80, NULL, &member->persona) &&
           body_lines(call, "signature", SIGNATURE_MAX, &member->signature) &&
           body_words(call, "skills", "", skill_normalise, &member->skills);
}

/* Agents' own names are for colleagues; a bot has none to keep. */
static json_t *warning_of(const struct membership *member, const struct agent *agent)
{
    bool has_persona = member->persona != NULL && member->persona[0] != '\0';

    return has_persona || member->role == AGENT_ROLE_BOT
               ? json_null()
               : json_sprintf(
                     "Visitors of %s see the name \"%s\": give a persona where they should "
                     "see another.",
                     member->tenant.text, agent->name);
}

static void set_member(struct call *call, struct membership *member, const struct agent *agent)
{
    const struct membership *before = tenants_member(call->tenant, slice_of(member->jid));
    json_t *view;
    int rc;

    member->away = before != NULL && before->away;
    if (before != NULL)
        member->avatar = before->avatar;
    if (asprintf(&call->changed, "role=%s", agent_role_name(member->role)) < 0)
        call->changed = NULL;
    audit_join(call);
    rc = directory_member_set(call->core->directory, member);
    if (rc == OK)
        rc = tenants_member_set(call->tenant, member, agent);
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    view = member_view(member, agent->name);
    (void)json_object_set_new(view, "warning", warning_of(member, agent));
    if (provision_is_automatic(call->core)) {
        introduce_desk(call, member->jid, true, view);
        return;
    }
    (void)json_object_set_new(view, "roster", json_string("manual"));
    answer_json(call, 200, view);
}

void handle_member_set(struct call *call)
{
    struct membership member = { 0 };
    struct agent agent;
    int rc;

    if (take_member(call, &member)) {
        rc = agent_find(call->core, member.jid, &agent);
        if (rc == OK && agent.revoked)
            answer_problem(call, 409, "agent_revoked", "This agent was revoked.");
        else if (rc == OK)
            set_member(call, &member, &agent);
        else if (rc == DIRECTORY_E_NONE)
            answer_not_found(call, "agent");
        else
            answer_failed(call, rc);
        if (rc == OK)
            agent_release(&agent);
    }
    membership_release(&member);
}

void handle_member_remove(struct call *call)
{
    char jid[JID_MAX + 1];
    int rc;

    if (jid_normalise_bare(slice_of(call->values.jid), jid, sizeof(jid)) != 0) {
        answer_not_found(call, "agent");
        return;
    }
    audit_join(call);
    rc = directory_member_remove(call->core->directory, &call->tenant->about.name, jid);
    if (rc == DIRECTORY_E_NONE) {
        answer_not_found(call, "agent");
        return;
    }
    if (rc != OK) {
        answer_failed(call, rc);
        return;
    }
    tenants_member_remove(call->tenant, jid);
    if (provision_is_automatic(call->core))
        introduce_desk(call, jid, false, NULL);
    else
        answer_nothing(call);
}
