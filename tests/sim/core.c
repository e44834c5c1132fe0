/* SPDX-License-Identifier: Apache-2.0
 *
 * What server-bridge/core does with the rules, in the same order and with the same habits,
 * over parcels instead of sockets. When the core dies, the effects that were still to come
 * are not carried out, and all it had in memory is gone.
 */
#include "tests/sim/core.h"

#include "storage/calls.h"
#include "tenant/agent.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the rules' turn --- */

static void die(struct world *world);

/* What was born while the rules were busy; fed in right after. */
static void drain_later(struct tenant_sim *tenant, uint64_t now_ms)
{
    while (tenant->later != NULL && !tenant->world->dying) {
        struct later_sim *later = tenant->later;
        struct chat_event event = { .type = (enum chat_event_type)later->parcel.kind,
                                    .now_ms = now_ms,
                                    .conversation = later->parcel.conversation,
                                    .visitor = later->parcel.visitor,
                                    .seq = later->parcel.seq,
                                    .delivery_seq = later->parcel.ordinal,
                                    .more = later->parcel.on,
                                    .limit = later->parcel.round,
                                    .agent = slice_of(later->parcel.text) };

        LL_DELETE(tenant->later, later);
        chat_handle(tenant->chat, &event);
        free(later);
    }
}

void core_handle(struct tenant_sim *tenant, struct chat_event *event)
{
    struct world *world = tenant->world;

    if (tenant->chat == NULL || world->dying)
        return;
    event->now_ms = world->now_ms;
    world->handling++;
    tenant->handling = true;
    chat_handle(tenant->chat, event);
    drain_later(tenant, event->now_ms);
    tenant->handling = false;
    world->handling--;
    /* What has come due this very moment may wait for its tick. */
    if (!world->dying && chat_deadline(tenant->chat) > world->now_ms &&
        chat_leaves_waiting(tenant->chat))
        sim_violation(world, "%s: somebody waits though an agent has room", tenant->name.text);
    if (!world->dying && chat_leaves_unshown(tenant->chat))
        sim_violation(world, "%s: a supervisor is not shown what was said", tenant->name.text);
    if (world->dying && world->handling == 0)
        die(world);
}

void core_later(struct tenant_sim *tenant, const struct parcel *parcel)
{
    struct later_sim *copy = malloc(sizeof(*copy));

    if (copy == NULL)
        abort();
    copy->parcel = *parcel;
    LL_APPEND(tenant->later, copy);
}

uint64_t core_deadline(const struct world *world)
{
    uint64_t first_ms = UINT64_MAX;

    for (unsigned i = 0; i < world->tenant_count; i++) {
        const struct chat *chat = world->tenants[i].chat;

        if (chat != NULL && chat_deadline(chat) < first_ms)
            first_ms = chat_deadline(chat);
    }
    return world->mutant == MUTANT_FORGET_TICK && world->quiet ? UINT64_MAX : first_ms;
}

void core_tick(struct world *world)
{
    for (unsigned i = 0; i < world->tenant_count; i++) {
        struct tenant_sim *tenant = &world->tenants[i];
        struct chat_event tick = { .type = CHAT_TICK };

        if (tenant->chat != NULL && chat_deadline(tenant->chat) <= world->now_ms)
            core_handle(tenant, &tick);
    }
}

/* --- what tabs say --- */

static struct slice stage_of(const struct browser *browser)
{
    static const char *const stages[] = { "unknown", "potential", "new", "existing" };

    return slice_of(stages[browser->index % (sizeof(stages) / sizeof(stages[0]))]);
}

void core_hears_tab(struct world *world, void *who, const struct parcel *parcel)
{
    static const enum chat_event_type types[] = {
        [TAB_SAY] = CHAT_VISITOR_SAID,      [TAB_TYPING] = CHAT_VISITOR_TYPING,
        [TAB_READ] = CHAT_VISITOR_READ,     [TAB_PAGE] = CHAT_VISITOR_PAGE,
        [TAB_STAY] = CHAT_VISITOR_STAYS,    [TAB_END] = CHAT_VISITOR_ENDED,
        [TAB_SURVEY] = CHAT_VISITOR_SURVEY, [TAB_REACT] = CHAT_VISITOR_REACTED,
    };
    struct tab *tab = who;
    struct chat_event event = { .type = types[parcel->kind],
                                .visitor = tab->visitor,
                                .session = tab->session,
                                .site = tab->browser->tenant->site,
                                .name = slice_of(tab->browser->name),
                                .language = SLICE_LITERAL("en"),
                                .cid = slice_of(parcel->cid),
                                .text = slice_of(parcel->text),
                                .stage = stage_of(tab->browser),
                                .page = SLICE_LITERAL("/help"),
                                .detail = SLICE_LITERAL("{\"csat\":4}"),
                                .seq = parcel->seq,
                                .on = parcel->on };

    if (lane_is_lost(&tab->in, parcel) || !world->core_up || !tab->settled)
        return;
    if (parcel->kind == TAB_SURVEY)
        event.conversation = tab->told_of;
    core_handle(tab->browser->tenant, &event);
}

void core_hears_tab_gone(struct world *world, void *who, const struct parcel *parcel)
{
    struct tab *tab = who;
    struct chat_event left = { .type = CHAT_VISITOR_LEFT,
                               .visitor = parcel->visitor,
                               .session = { parcel->stanza } };

    if (parcel->epoch == world->core_epoch)
        core_handle(tab->browser->tenant, &left);
}

/* --- what links say --- */

static void probe_members(struct tenant_sim *tenant)
{
    for (unsigned i = 0; i < tenant->world->agent_count; i++) {
        if (tenant->members[i])
            link_probe(tenant, &tenant->world->agents[i]);
    }
}

void core_hears_link(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct chat_event event = { .type = parcel->on ? CHAT_LINK_UP : CHAT_LINK_DOWN };

    if (lane_is_lost(&tenant->link.ipc, parcel) || !world->core_up)
        return;
    sim_trace(world, tenant, "link %s", parcel->on ? "up" : "down");
    if (!parcel->on) {
        tenant->in_flight_count = 0;
        if (tenant->link_up) {
            tenant->link_up = false;
            core_handle(tenant, &event);
        }
        return;
    }
    tenant->link_up = true;
    core_handle(tenant, &event);
    probe_members(tenant);
}

void core_hears_routed(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    uint64_t epoch = world->core_epoch;

    if (lane_is_lost(&tenant->link.ipc, parcel) || !world->core_up)
        return;
    while (tenant->in_flight_count > 0 && tenant->in_flight[0].ordinal <= parcel->ordinal) {
        struct flying routed = tenant->in_flight[0];
        struct chat_event event = { .type = CHAT_ROUTED,
                                    .conversation = routed.conversation,
                                    .round = routed.round,
                                    .seq = routed.seq };

        tenant->in_flight_count--;
        memmove(tenant->in_flight, tenant->in_flight + 1,
                tenant->in_flight_count * sizeof(*tenant->in_flight));
        if (routed.awaited)
            event = (struct chat_event){ .type = CHAT_LINE_ROUTED, .message = { routed.message } };
        if (routed.awaited || !conversation_id_is_none(routed.conversation))
            core_handle(tenant, &event);
        if (world->core_epoch != epoch)
            return;
    }
}

static bool find_in_flight(struct tenant_sim *tenant, struct id stanza, struct chat_event *event)
{
    for (size_t i = 0; i < tenant->in_flight_count; i++) {
        const struct flying *flying = &tenant->in_flight[i];

        if (id_equal(flying->message, stanza)) {
            event->conversation = flying->conversation;
            event->seq = flying->seq;
            event->round = flying->round;
            return !conversation_id_is_none(flying->conversation);
        }
    }
    return false;
}

/* Finds the message a stanza id speaks of: among those in flight, or else in the store, among
 * those of the event's visitor. */
static bool find_message(struct tenant_sim *tenant, struct id stanza, struct chat_event *event)
{
    return find_in_flight(tenant, stanza, event) ||
           STORE_CALL(tenant->world->store, message_by_id, &tenant->name, event->visitor,
                      (struct message_id){ stanza }, &event->conversation, &event->seq) == OK;
}

void core_hears_bounce(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    const struct agent_sim *agent = parcel->what;
    struct chat_event bounced = { .type = CHAT_BOUNCED,
                                  .agent = slice_of(agent->jid),
                                  .visitor = parcel->visitor };

    bool desk = visitor_id_is_none(parcel->visitor);

    if (lane_is_lost(&tenant->link.ipc, parcel) || !world->core_up)
        return;
    if (desk || !find_message(tenant, parcel->stanza, &bounced))
        bounced.message.id = parcel->stanza;
    core_handle(tenant, &bounced);
}

void core_hears_break(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct chat_event broke = { .type = CHAT_BROKE_STREAM };

    if (!lane_is_lost(&tenant->link.ipc, parcel) && world->core_up &&
        find_in_flight(tenant, parcel->stanza, &broke))
        core_handle(tenant, &broke);
}

void core_hears_stanza(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct agent_sim *agent = parcel->what;
    struct chat_event said = { .type = CHAT_AGENT_SAID,
                               .agent = slice_of(agent->jid),
                               .resource = slice_of(agent->clients[parcel->client].resource),
                               .visitor = parcel->visitor,
                               .ordinal = parcel->ordinal,
                               .stanza = slice_of(parcel->cid),
                               .speech = parcel->speech,
                               .about = slice_of(parcel->about),
                               .text = slice_of(parcel->text) };

    if (lane_is_lost(&tenant->link.ipc, parcel) || !world->core_up)
        return;
    sim_trace(world, tenant, "%s: \"%s\" (%s, ordinal %llu)", agent->name, parcel->text,
              parcel->cid, (unsigned long long)parcel->ordinal);
    if (said.speech == SPEECH_REACTION && find_message(tenant, parcel->stanza, &said))
        said.reply_to = said.seq;
    if (!agent_is_heard(agent, tenant))
        link_handled(tenant, parcel->ordinal);
    else
        core_handle(tenant, &said);
}

void core_hears_presence(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct agent_sim *agent = parcel->what;
    struct chat_event presence = { .type = CHAT_AGENT_PRESENCE,
                                   .agent = slice_of(agent->jid),
                                   .resource = slice_of(agent->clients[parcel->client].resource),
                                   .show = parcel->show };

    if (lane_is_lost(&tenant->link.ipc, parcel) || !world->core_up ||
        !tenant->members[agent->index])
        return;
    core_handle(tenant, &presence);
}

void core_hears_receipt(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct agent_sim *agent = parcel->what;
    struct chat_event receipt = { .type = CHAT_AGENT_RECEIPT,
                                  .agent = slice_of(agent->jid),
                                  .visitor = parcel->visitor,
                                  .message = { parcel->stanza },
                                  .delivery = parcel->delivery };

    if (!lane_is_lost(&tenant->link.ipc, parcel) && world->core_up &&
        agent_is_heard(agent, tenant) && find_message(tenant, parcel->stanza, &receipt))
        core_handle(tenant, &receipt);
}

void core_hears_typing(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct agent_sim *agent = parcel->what;
    struct chat_event typing = { .type = CHAT_AGENT_TYPING,
                                 .agent = slice_of(agent->jid),
                                 .visitor = parcel->visitor,
                                 .on = parcel->on };

    if (!lane_is_lost(&tenant->link.ipc, parcel) && world->core_up && agent_is_heard(agent, tenant))
        core_handle(tenant, &typing);
}

/* --- members --- */

static unsigned elsewhere(const struct world *world, const struct agent_sim *agent,
                          const struct tenant_sim *here)
{
    unsigned count = 0;

    for (unsigned i = 0; i < world->tenant_count; i++) {
        const struct tenant_sim *tenant = &world->tenants[i];

        if (tenant != here && tenant->members[agent->index])
            count += tenant->loads[agent->index];
    }
    return count;
}

void core_tell_loads(struct world *world, const struct agent_sim *agent)
{
    if (agent->limit == 0 || world->mutant == MUTANT_FORGET_LOAD)
        return;
    for (unsigned i = 0; i < world->tenant_count && !world->dying; i++) {
        struct tenant_sim *tenant = &world->tenants[i];
        struct parcel told = { .kind = CHAT_AGENT_ELSEWHERE,
                               .seq = elsewhere(world, agent, tenant),
                               .round = agent->limit };
        struct chat_event tick = { .type = CHAT_TICK };

        if (!tenant->members[agent->index] || tenant->chat == NULL)
            continue;
        (void)snprintf(told.text, sizeof(told.text), "%s", agent->jid);
        core_later(tenant, &told);
        if (!tenant->handling)
            core_handle(tenant, &tick);
    }
}

static void set_member(struct tenant_sim *tenant, const struct agent_sim *agent)
{
    struct chat_event set = { .type = CHAT_MEMBER_SET,
                              .agent = slice_of(agent->jid),
                              .name = slice_of(agent->name),
                              .skill = slice_of(agent->skills),
                              .role = agent->supervisor ? AGENT_ROLE_SUPERVISOR : AGENT_ROLE_AGENT,
                              .away = tenant->away[agent->index] &&
                                      tenant->world->mutant != MUTANT_FORGET_AWAY,
                              .unstaffed = agent->unstaffed,
                              .limit = tenant->limit };

    tenant->unstaffed[agent->index] = agent->unstaffed;
    core_handle(tenant, &set);
    if (tenant->chat != NULL)
        core_tell_loads(tenant->world, agent);
}

/* Who is no member any more hears of nothing that they handed on. */
static void settle_handings(const struct tenant_sim *tenant, struct agent_sim *agent)
{
    for (size_t i = 0; i < agent->word_count; i++)
        agent->words[i].settled |= agent->words[i].tenant == tenant;
}

void core_set_member(struct tenant_sim *tenant, struct agent_sim *agent, bool member)
{
    struct chat_event gone = { .type = CHAT_MEMBER_GONE, .agent = slice_of(agent->jid) };

    sim_trace(tenant->world, tenant, "%s is %s member", agent->name, member ? "a" : "no longer a");
    tenant->members[agent->index] = member; /* the directory has it on disk */
    tenant->away[agent->index] &= member;
    if (member) {
        set_member(tenant, agent);
        link_probe(tenant, agent);
    } else {
        settle_handings(tenant, agent);
        core_handle(tenant, &gone);
    }
}

void core_set_staffed(struct world *world, struct agent_sim *agent, bool staffed)
{
    sim_trace(world, NULL, "%s is %sstaffed", agent->name, staffed ? "" : "not ");
    agent->unstaffed = !staffed;
    for (unsigned i = 0; i < world->tenant_count; i++) {
        if (world->tenants[i].members[agent->index])
            set_member(&world->tenants[i], agent);
    }
}

struct picking {
    struct world *world;
    struct conversation_id *ret_conversation;
    unsigned seen;
};

static int pick_one(void *context, const struct stored_conversation *row)
{
    struct picking *picking = context;

    if (sim_between(picking->world, 0, picking->seen++) == 0)
        *picking->ret_conversation = row->conversation;
    return 0;
}

bool core_some_conversation(struct tenant_sim *tenant, struct conversation_id *ret_conversation)
{
    struct picking picking = { tenant->world, ret_conversation, 0 };

    if (STORE_CALL(tenant->world->store, conversations, &tenant->name, LIST_OPEN, 0,
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, pick_one, &picking) != OK)
        abort();
    return picking.seen > 0;
}

static struct chat_rules core_rules(const struct world *world)
{
    struct chat_rules rules = world->rules;

    if (world->mutant == MUTANT_LATE_CLOSING)
        rules.hours = (struct hours){ .always = true };
    if (world->mutant == MUTANT_NO_AGEING)
        rules.priority_point_ms = 3600000;
    return rules;
}

void core_set_rules(struct world *world)
{
    struct chat_rules rules = core_rules(world);
    struct chat_event set = { .type = CHAT_RULES_SET, .rules = &rules };

    for (unsigned i = 0; i < world->tenant_count; i++)
        core_handle(&world->tenants[i], &set);
}

/* --- life and death --- */

static struct id new_id(void *context)
{
    struct tenant_sim *tenant = context;

    return sim_id(tenant->world, tenant->index);
}

struct opening {
    struct tenant_sim *tenant;
    struct conversation_id conversation;
};

static int restore_event(void *context, const struct stored_event *row)
{
    const struct opening *opening = context;
    char why[STORE_WHY_BYTES];
    struct chat_event happened = store_happened(opening->conversation, row, why);

    core_handle(opening->tenant, &happened);
    return 0;
}

static int restore_events(void *context, const struct stored_conversation *row)
{
    struct opening opening = { context, row->conversation };

    if (STORE_CALL(opening.tenant->world->store, events, &opening.tenant->name, row->conversation,
                   restore_event, &opening) != OK)
        abort();
    return 0;
}

static int restore_one(void *context, const struct stored_conversation *row)
{
    struct tenant_sim *tenant = context;
    struct chat_event restored = store_restored(row);

    core_handle(tenant, &restored);
    return 0;
}

static int restore_call(void *context, const struct stored_call *row)
{
    struct chat_event call = calls_restored(row);

    core_handle(context, &call);
    return 0;
}

static void start_tenant(struct tenant_sim *tenant)
{
    const struct chat_host host = { tenant, mutants_carry, new_id };
    struct world *world = tenant->world;
    struct chat_rules rules = core_rules(world);
    char canned[32];

    if (chat_new(&tenant->chat, "The shop", &rules, &host) != OK ||
        STORE_CALL(world->store, conversations, &tenant->name, LIST_OPEN, 0,
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, restore_one, tenant) != OK ||
        STORE_CALL(world->store, conversations, &tenant->name, LIST_OPEN, 0,
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, restore_events, tenant) != OK ||
        calls_waiting(world->store, &tenant->name, restore_call, tenant) != OK)
        abort();
    (void)snprintf(canned, sizeof(canned), "hello: ~%u hello", tenant->index);
    core_handle(tenant, &(struct chat_event){
                            .type = CHAT_CANNED_SET, .text = slice_of(canned), .on = true });
    (void)snprintf(canned, sizeof(canned), "~%u nobody is free", tenant->index);
    core_handle(tenant, &(struct chat_event){
                            .type = CHAT_UNANSWERED_SET, .text = slice_of(canned), .on = true });
    for (unsigned i = 0; i < world->agent_count && world->core_up; i++) {
        if (tenant->members[i])
            set_member(tenant, &world->agents[i]);
    }
}

void core_start(struct world *world)
{
    world->core_up = true;
    for (unsigned i = 0; i < world->tenant_count && world->core_up; i++)
        start_tenant(&world->tenants[i]);
    for (unsigned i = 0; i < world->tenant_count && world->core_up; i++)
        link_attach(&world->tenants[i]);
}

static void start_again(struct world *world, void *who, const struct parcel *parcel)
{
    (void)who;
    (void)parcel;
    sim_trace(world, NULL, "the core starts again");
    core_start(world);
}

static void forget_tenant(struct tenant_sim *tenant)
{
    struct later_sim *later, *next;
    struct greeting_sim *greeting, *next_greeting;

    tenant->chat = chat_free(tenant->chat);
    LL_FOREACH_SAFE(tenant->later, later, next)
    free(later);
    LL_FOREACH_SAFE(tenant->greetings, greeting, next_greeting)
    free(greeting);
    tenant->later = NULL;
    tenant->greetings = NULL;
    tenant->in_flight_count = 0;
    tenant->link_up = false;
    memset(tenant->loads, 0, sizeof(tenant->loads));
    lane_break(&tenant->link.ipc);
}

static void die(struct world *world)
{
    world->dying = false;
    world->core_up = false;
    world->core_epoch++;
    world->crashes++;
    world->died_ms = world->now_ms;
    world->committing = world->collecting = false;
    if (sim_chance(world, 300)) /* the commit that was under way may yet have happened */
        (void)store_memory_commit(world->store, (size_t)sim_between(world, 1, 20));
    store_memory_crash(world->store);
    for (unsigned i = 0; i < world->tenant_count; i++)
        forget_tenant(&world->tenants[i]);
    core_forget_writes(world);
    for (struct browser *browser = world->browsers;
         browser < world->browsers + world->browser_count; browser++) {
        for (unsigned i = 0; i < TABS; i++)
            tab_lost(world, &browser->tabs[i]);
    }
    sim_post(world, sim_between(world, 20, 3000), start_again, NULL, NULL);
}

void core_release(struct world *world)
{
    for (unsigned i = 0; i < world->tenant_count; i++) {
        forget_tenant(&world->tenants[i]);
        free(world->tenants[i].in_flight);
    }
    core_forget_writes(world);
}
