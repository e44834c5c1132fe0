/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/core.h"

#include "server-bridge/ipc/channel.h"
#include "tenant/page_texts.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

struct live_tenant *tenants_find(struct core *core, struct slice name)
{
    struct live_tenant *tenant;

    HASH_FIND(hh, core->tenants, name.data, name.len, tenant);
    return tenant;
}

/* --- the rules' turn --- */

static void arm_tick(struct live_tenant *tenant)
{
    uint64_t now_ms = core_now_ms(tenant->core), due_ms = chat_deadline(tenant->chat);
    uint64_t in_ms = due_ms > now_ms ? due_ms - now_ms : 0;
    struct timeval in;

    if (due_ms == UINT64_MAX) {
        (void)event_del(tenant->tick);
        return;
    }
    if (in_ms > 3600000)
        in_ms = 3600000;
    in = (struct timeval){ .tv_sec = (time_t)(in_ms / 1000),
                           .tv_usec = (suseconds_t)(in_ms % 1000 * 1000) };
    (void)event_add(tenant->tick, &in);
}

static struct chat_event event_of(const struct later *later)
{
    return (struct chat_event){ .type = later->type,
                                .conversation = later->conversation,
                                .visitor = later->visitor,
                                .agent = slice_of(later->agent),
                                .seq = later->seq,
                                .delivery_seq = later->delivery_seq,
                                .limit = later->limit,
                                .more = later->more,
                                .refused = later->refused };
}

void tenants_handle(struct live_tenant *tenant, struct chat_event *event)
{
    if (tenant->chat == NULL)
        return;
    event->now_ms = core_now_ms(tenant->core);
    tenant->handling = true;
    chat_handle(tenant->chat, event);
    while (tenant->later != NULL) {
        struct later *later = tenant->later;
        struct chat_event next = event_of(later);

        LL_DELETE(tenant->later, later);
        next.now_ms = event->now_ms;
        chat_handle(tenant->chat, &next);
        free(later->agent);
        free(later);
    }
    tenant->handling = false;
    arm_tick(tenant);
}

void tenants_later(struct live_tenant *tenant, const struct later *later)
{
    struct later *copy = malloc(sizeof(*copy));

    if (copy == NULL)
        return;
    *copy = *later;
    copy->agent = later->agent == NULL ? NULL : strdup(later->agent);
    LL_APPEND(tenant->later, copy);
    if (!tenant->handling) {
        struct chat_event tick = { .type = CHAT_TICK };

        tenants_handle(tenant, &tick);
    }
}

/* --- members --- */

const struct membership *tenants_member(const struct live_tenant *tenant, struct slice jid)
{
    for (size_t i = 0; i < tenant->member_count; i++) {
        if (slice_is(jid, tenant->members[i].jid))
            return &tenant->members[i];
    }
    return NULL;
}

bool tenants_hears(const struct live_tenant *tenant, struct slice jid)
{
    return tenants_member(tenant, jid) != NULL || outsiders_at(&tenant->outsiders, jid) != NULL;
}

static int copy_member(struct membership *to, const struct membership *from)
{
    *to = *from;
    to->jid = strdup(from->jid);
    to->persona = from->persona == NULL ? NULL : strdup(from->persona);
    to->signature = strdup(from->signature == NULL ? "" : from->signature);
    to->skills = strdup(from->skills == NULL ? "" : from->skills);
    if (to->jid == NULL || to->signature == NULL || to->skills == NULL ||
        (from->persona != NULL && to->persona == NULL)) {
        membership_release(to);
        return RAISE(ERR_NO_MEMORY);
    }
    return OK;
}

static int put_member(struct live_tenant *tenant, const struct membership *member)
{
    struct membership *held =
        (struct membership *)(uintptr_t)tenants_member(tenant, slice_of(member->jid));
    struct membership copy, *grown;

    if (held == member) /* told anew: what changed is the agent */
        return OK;
    if (copy_member(&copy, member) != OK)
        return ERR_NO_MEMORY;
    if (held != NULL) {
        copy.load = held->load;
        copy.capped = held->capped;
        membership_release(held);
        *held = copy;
        return OK;
    }
    grown = realloc(tenant->members, (tenant->member_count + 1) * sizeof(*grown));
    if (grown == NULL) {
        membership_release(&copy);
        return RAISE(ERR_NO_MEMORY);
    }
    tenant->members = grown;
    tenant->members[tenant->member_count++] = copy;
    return OK;
}

int tenants_member_set(struct live_tenant *tenant, const struct membership *member,
                       const struct agent *agent)
{
    const char *persona =
        member->persona != NULL && member->persona[0] != '\0' ? member->persona : agent->name;
    struct chat_event set = { .type = CHAT_MEMBER_SET,
                              .agent = slice_of(member->jid),
                              .name = slice_of(persona),
                              .role = member->role,
                              .limit = member->limit,
                              .skill = slice_of(member->skills),
                              .away = member->away,
                              .unstaffed = agent->unstaffed,
                              .language = slice_of(agent->language) };
    int rc = put_member(tenant, member);
    char desk[] = "desk";

    if (rc != OK)
        return TRACE(rc);
    ((struct membership *)(uintptr_t)tenants_member(tenant, set.agent))->overall = agent->limit;
    tenants_handle(tenant, &set);
    agent_load_tell(tenant->core, set.agent);
    link_side_member(tenant, member);
    IPC_SEND(tenant->link, link_probe, .to = slice_of(member->jid), .from = slice_of(desk));
    return OK;
}

void tenants_introduced(struct live_tenant *tenant, struct slice jid)
{
    if (tenants_member(tenant, jid) != NULL)
        IPC_SEND(tenant->link, link_probe, .to = jid, .from = SLICE_LITERAL("desk"), .show = true);
}

void tenants_agent_speaks(struct live_tenant *from, struct slice jid, struct slice language)
{
    struct chat_event speaks = { .type = CHAT_AGENT_LANGUAGE, .agent = jid, .language = language };
    struct core *core = from->core;
    char agent[IPC_JID_MAX + 1], code[8];

    if (!slice_copy(jid, agent, sizeof(agent)) || !slice_copy(language, code, sizeof(code)))
        return;
    if (directory_agent_speaks(core->directory, agent, code) != OK)
        log_event(LOG_WARNING, &from->log, "agent.language_not_kept", "");
    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        const struct membership *member = tenants_member(tenant, jid);

        if (member == NULL)
            continue;
        if (tenant != from)
            tenants_handle(tenant, &speaks);
        link_side_member(tenant, member);
    }
}

void tenants_member_away(struct live_tenant *tenant, struct slice jid, bool away)
{
    struct membership *member = (struct membership *)(uintptr_t)tenants_member(tenant, jid);

    if (member == NULL)
        return;
    member->away = away;
    if (directory_member_away(tenant->core->directory, &tenant->about.name, member->jid, away) !=
        OK)
        log_event(LOG_WARNING, &tenant->log, "agent.away_not_kept", "");
}

void tenants_member_remove(struct live_tenant *tenant, const char *jid)
{
    struct chat_event gone = { .type = CHAT_MEMBER_GONE, .agent = slice_of(jid) };

    for (size_t i = 0; i < tenant->member_count; i++) {
        if (strcmp(tenant->members[i].jid, jid) != 0)
            continue;
        IPC_SEND(tenant->link, link_member, .jid = slice_of(jid), .member = false);
        tenants_handle(tenant, &gone);
        membership_release(&tenant->members[i]);
        tenant->members[i] = tenant->members[--tenant->member_count];
        settings_tell_outsiders(tenant, true);
        agent_load_tell(tenant->core, slice_of(jid));
        return;
    }
}

/* --- what web must know --- */

/* Each layer may be full of them, in other languages than the others. */
_Static_assert(IPC_TEXTS_MAX >= (LAYER_COUNT - 1) * SETTINGS_LAYER_MAX_BYTES,
               "own words that could be set can be told");
_Static_assert(IPC_CONFIG_MAX >=
                   (LAYER_COUNT - 1) * SETTINGS_LAYER_MAX_BYTES + PAGE_TEXTS_MAX_BYTES,
               "and so can what the page's script holds");

static void tell_site(struct web_peer *web, const struct live_tenant *tenant,
                      const struct site *site)
{
    AUTO(tenant_settings) settings = NULL;
    struct id id = { { 0 } };
    AUTO_BUF config;
    AUTO_BUF texts;

    buf_init(&config, IPC_CONFIG_MAX);
    buf_init(&texts, IPC_TEXTS_MAX);
    if (id_parse(slice_of(site->id), &id) != 0 || settings_of(tenant, site, &settings) != OK)
        return;
    buf_add_text(&config, "{\"tenant\":");
    buf_add_json(&config, slice_of(tenant->about.name.text));
    buf_add_text(&config, ",\"site\":");
    buf_add_json(&config, slice_of(site->key));
    buf_add_text(&config, ",\"name\":");
    buf_add_json(&config, slice_of(tenant->about.title));
    buf_add_text(&config, ",\"labels\":");
    page_texts_add(settings, tenant->about.languages, &config);
    tenant_settings_widget(settings, &config);
    buf_add_text(&config, "}");
    tenant_settings_texts(settings, &texts);
    if (buf_failed(&config) || buf_failed(&texts)) {
        log_event(LOG_ERROR, &tenant->log, "tenant.config_too_long", "site=%s", site->id);
        return;
    }
    IPC_SEND(web->ipc, tenant_site, .tenant = slice_of(tenant->about.name.text), .site = id,
             .key = slice_of(site->key), .origins = slice_of(site->origins),
             .config = buf_slice(&config), .texts = buf_slice(&texts));
}

/* The kernel spreads connections evenly over the web processes: each grants its part, rounded up.
 */
static uint64_t share(const struct core *core, uint64_t all)
{
    uint64_t processes = core->role->settings->web_processes;

    return (all + processes - 1) / processes;
}

void tenants_tell_web(struct web_peer *web, const struct live_tenant *tenant)
{
    if (web->role != IPC_WEB)
        return;
    if (tenant->about.state != TENANT_LIVE) {
        IPC_SEND(web->ipc, tenant_close, .tenant = slice_of(tenant->about.name.text));
        return;
    }
    IPC_SEND(web->ipc, tenant_open, .tenant = slice_of(tenant->about.name.text),
             .former = slice_of(tenant->about.former),
             .messages = share(tenant->core, tenant->quota.messages),
             .sessions = share(tenant->core, tenant->quota.sessions));
    for (size_t i = 0; i < tenant->about.site_count; i++)
        tell_site(web, tenant, &tenant->about.sites[i]);
    IPC_SEND(web->ipc, tenant_told, .tenant = slice_of(tenant->about.name.text));
}

/* --- start and stop --- */

static int add_from_directory(void *context, const struct tenant *about)
{
    int rc;

    if (about->state == TENANT_ADDING || about->state == TENANT_REMOVING) {
        tenants_end_rest(context, about);
        return OK;
    }
    rc = tenants_take_over(context, about);

    /* One tenant's database is not the others' trouble: it was logged, and stays known. */
    return rc == ERR_NO_MEMORY ? rc : OK;
}

/* Agents by JID: their names, for members without a persona, and what we speak with them. */
struct known_agent {
    UT_hash_handle hh;
    struct agent agent;
};

static int remember_agent(void *context, const struct agent *agent)
{
    struct known_agent **known = context, *entry = calloc(1, sizeof(*entry));

    if (entry == NULL || agent->revoked) {
        free(entry);
        return 0;
    }
    entry->agent = *agent;
    entry->agent.jid = strdup(agent->jid);
    entry->agent.name = strdup(agent->name);
    if (entry->agent.jid != NULL && entry->agent.name != NULL)
        HASH_ADD_KEYPTR(hh, *known, entry->agent.jid, strlen(entry->agent.jid), entry);
    return 0;
}

struct member_walk {
    struct core *core;
    const struct live_tenant *only; /* NULL: all */
    struct known_agent *agents;
};

static int add_member(void *context, const struct membership *member)
{
    struct member_walk *walk = context;
    struct live_tenant *tenant = tenants_find(walk->core, slice_of(member->tenant.text));
    struct known_agent *entry;

    HASH_FIND_STR(walk->agents, member->jid, entry);
    if (tenant == NULL || entry == NULL || (walk->only != NULL && walk->only != tenant))
        return 0;
    return tenants_member_set(tenant, member, &entry->agent);
}

static void forget_agents(struct known_agent *agents)
{
    struct known_agent *entry, *next;

    HASH_ITER(hh, agents, entry, next)
    {
        HASH_DEL(agents, entry);
        agent_release(&entry->agent);
        free(entry);
    }
}

int tenants_load_members(struct core *core, const struct live_tenant *only)
{
    struct member_walk walk = { .core = core, .only = only };
    int rc = directory_agents(core->directory, remember_agent, &walk.agents);

    if (rc == OK)
        rc = directory_members(core->directory, add_member, &walk);
    forget_agents(walk.agents);
    return FOLD(rc);
}

int tenants_start(struct core *core)
{
    int rc = directory_tenants(core->directory, add_from_directory, core);

    return rc == OK ? tenants_load_members(core, NULL) : FOLD(rc);
}

void tenants_stop(struct core *core)
{
    struct live_tenant *tenant, *next;
    struct session *session, *next_session;

    HASH_ITER(hh, core->sessions, session, next_session)
    sessions_end(core, session);
    HASH_ITER(hh, core->tenants, tenant, next)
    {
        HASH_DEL(core->tenants, tenant);
        STORE_CALL(core->store, tenant_close, &tenant->about.name);
        tenants_free(tenant);
    }
}
