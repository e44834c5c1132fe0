/* SPDX-License-Identifier: Apache-2.0
 *
 * The effects of the rules, carried out: to tabs, to storage, to the XMPP server.
 */
#include "tests/sim/core.h"

#include <stdio.h>
#include <stdlib.h>

/* --- in flight to the XMPP server --- */

static void remember(struct tenant_sim *tenant, const struct parcel *say)
{
    if (tenant->in_flight_count == tenant->in_flight_cap) {
        tenant->in_flight_cap = tenant->in_flight_cap == 0 ? 32 : tenant->in_flight_cap * 2;
        tenant->in_flight =
            realloc(tenant->in_flight, tenant->in_flight_cap * sizeof(*tenant->in_flight));
        if (tenant->in_flight == NULL)
            abort();
    }
    tenant->in_flight[tenant->in_flight_count++] =
        (struct flying){ .ordinal = say->ordinal,
                         .conversation = say->conversation,
                         .message = say->stanza,
                         .seq = say->seq,
                         .round = say->round,
                         .awaited = say->awaited };
}

static void say(struct tenant_sim *tenant, struct slice to, struct parcel *parcel)
{
    struct agent_sim *agent = agents_by_jid(tenant->world, to);

    parcel->ordinal = ++tenant->said_ordinal;
    remember(tenant, parcel);
    if (agent == NULL && slice_is(to, tenant->world->tuula.jid))
        agent = &tenant->world->tuula;
    if (agent != NULL)
        link_say(tenant, agent, parcel);
}

static void send_fresh(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct parcel parcel = { .conversation = effect->conversation,
                             .round = effect->round,
                             .visitor = effect->visitor,
                             .seq = effect->seq,
                             .stanza = effect->message.id };

    (void)slice_copy(effect->text, parcel.text, sizeof(parcel.text));
    say(tenant, effect->agent, &parcel);
}

struct pending_walk {
    struct tenant_sim *tenant;
    const struct chat_effect *effect;
    struct parcel sent[64];
    unsigned count;
    uint64_t last_seq;
    bool more;
};

static int take_pending(void *context, const struct stored_message *row)
{
    struct pending_walk *walk = context;
    struct parcel *parcel = &walk->sent[walk->count];

    if (walk->count >= walk->effect->limit || walk->count >= 64) {
        walk->more = true;
        return 1;
    }
    walk->last_seq = row->seq;
    if (row->from != FROM_VISITOR || row->delivery == DELIVERY_UNDELIVERABLE)
        return 0;
    *parcel = (struct parcel){ .conversation = walk->effect->conversation,
                               .round = walk->effect->round,
                               .visitor = walk->effect->visitor,
                               .seq = row->seq,
                               .stanza = row->message.id };
    (void)slice_copy(row->text, parcel->text, sizeof(parcel->text));
    walk->count++;
    return 0;
}

static void send_pending(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct pending_walk walk = { .tenant = tenant, .effect = effect, .last_seq = effect->seq };
    struct parcel sent = { .kind = CHAT_SENT_PENDING,
                           .conversation = effect->conversation,
                           .visitor = effect->visitor };

    if (STORE_CALL(tenant->world->store, messages, &tenant->name, effect->conversation, effect->seq,
                   SIZE_MAX, take_pending, &walk) < 0)
        abort();
    for (unsigned i = 0; i < walk.count; i++)
        say(tenant, effect->agent, &walk.sent[i]);
    sent.seq = walk.last_seq;
    sent.ordinal = walk.count > 0 ? walk.sent[walk.count - 1].seq : 0;
    sent.on = walk.more;
    (void)slice_copy(effect->agent, sent.text, sizeof(sent.text));
    core_later(tenant, &sent);
}

struct answered {
    const struct chat_effect *effect;
    char stanza[CID_BYTES];
};

/* The message as its agent knows it; a colleague's by nothing. */
static int find_own(void *context, const struct stored_message *row)
{
    struct answered *answered = context;

    if (row->seq == answered->effect->seq && slice_equal(row->sender, answered->effect->agent))
        (void)slice_copy(row->cid, answered->stanza, sizeof(answered->stanza));
    return 1;
}

static void send_reaction(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct answered answered = { .effect = effect };
    struct parcel parcel = { .visitor = effect->visitor,
                             .stanza = effect->message.id,
                             .awaited = effect->on,
                             .reaction = true };

    if (STORE_CALL(tenant->world->store, messages, &tenant->name, effect->conversation,
                   effect->seq - 1, 1, find_own, &answered) < 0)
        abort();
    (void)snprintf(parcel.cid, sizeof(parcel.cid), "%s", answered.stanza);
    (void)slice_copy(effect->name, parcel.text, sizeof(parcel.text));
    say(tenant, effect->agent, &parcel);
}

/* --- to supervisors --- */

struct showing_walk {
    struct tenant_sim *tenant;
    const struct chat_effect *effect;
};

static int show_one(void *context, const struct stored_message *row)
{
    const struct showing_walk *walk = context;
    const struct chat_effect *effect = walk->effect;
    struct parcel parcel = { .conversation = effect->conversation,
                             .round = effect->round,
                             .visitor = effect->visitor,
                             .seq = row->seq,
                             .from = row->from,
                             .stanza = row->message.id,
                             .shown = true,
                             .shown_by = walk->tenant->world->core_epoch };

    if (row->seq > effect->last_seq)
        return 1;
    parcel.stanza.bytes[ID_BYTES - 1] ^= visitor_id_is_none(effect->visitor) ? 2 : 4;
    (void)slice_copy(row->text, parcel.text, sizeof(parcel.text));
    say(walk->tenant, effect->agent, &parcel);
    return 0;
}

static void show(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct showing_walk walk = { tenant, effect };

    if (STORE_CALL(tenant->world->store, messages, &tenant->name, effect->conversation, effect->seq,
                   SIZE_MAX, show_one, &walk) < 0)
        abort();
}

/* The desk's lines, and our own rare words in a contact: nobody waits for them. */
static void say_aside(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct parcel parcel = { .visitor = effect->visitor,
                             .stanza = effect->message.id,
                             .awaited = effect->on };
    size_t len = effect->text.len < LINE_BYTES ? effect->text.len : LINE_BYTES - 1;

    /* An offer's end is what an agent answers to. */
    memcpy(parcel.text, effect->text.data + (effect->text.len - len), len);
    if (effect->replaces.id.bytes[0] != 0)
        return;
    say(tenant, effect->agent, &parcel);
}

/* --- rosters --- */

static void introduced(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct chat_event event = { .type = CHAT_INTRODUCED,
                                .visitor = parcel->visitor,
                                .agent = slice_of(parcel->text) };

    if (parcel->epoch == world->core_epoch)
        core_handle(tenant, &event);
}

static void introduce(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct world *world = tenant->world;
    struct parcel parcel = { .epoch = world->core_epoch, .visitor = effect->visitor };

    (void)slice_copy(effect->agent, parcel.text, sizeof(parcel.text));
    sim_post(world, sim_between(world, 2, world->quiet ? 50 : 3000), introduced, tenant, &parcel);
}

/* --- effects --- */

static void trace_effect(const struct tenant_sim *tenant, const struct chat_effect *effect)
{
    static const char *const effect_names[CHAT_EFFECT_TYPE_COUNT] = {
        [CHAT_DO_STORE] = "store",
        [CHAT_DO_TELL_SAVED] = "saved",
        [CHAT_DO_TELL_MESSAGE] = "message",
        [CHAT_DO_TELL_REVISED] = "revised",
        [CHAT_DO_TELL_REACTION] = "reaction",
        [CHAT_DO_TELL_CONVERSATION] = "conversation",
        [CHAT_DO_TELL_RECEIPT] = "told receipt",
        [CHAT_DO_TELL_ERROR] = "error",
        [CHAT_DO_TELL_ENDED] = "ended",
        [CHAT_DO_SEND] = "send",
        [CHAT_DO_SEND_PENDING] = "send pending",
        [CHAT_DO_SEND_REACTION] = "send reaction",
        [CHAT_DO_SHOW] = "show",
        [CHAT_DO_SAY_DESK] = "desk says",
        [CHAT_DO_SAY_CONTACT] = "contact says",
        [CHAT_DO_RECEIPT] = "receipt",
        [CHAT_DO_HANDLED] = "handled",
        [CHAT_DO_INTRODUCE] = "introduce",
    };
    const struct browser *browser = core_browser(tenant->world, effect->visitor);

    if (!tenant->world->tracing || effect_names[effect->type] == NULL)
        return;
    sim_trace(tenant->world, tenant, "  -> %s v%d seq %llu cid %.*s stanza %.*s agent %.*s %s%.*s",
              effect_names[effect->type], browser == NULL ? -1 : (int)browser->index,
              (unsigned long long)effect->seq, SLICE_ARG(effect->cid), SLICE_ARG(effect->stanza),
              SLICE_ARG(effect->agent),
              effect->type == CHAT_DO_STORE ? core_write_kinds[effect->write.kind]
                                            : (effect->code == NULL ? "" : effect->code),
              SLICE_ARG(effect->text));
}

static void receipt(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct agent_sim *agent = agents_by_jid(tenant->world, effect->agent);

    if (agent != NULL)
        link_receipt(tenant, agent, effect->stanza);
}

static void handled(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    link_handled(tenant, effect->ordinal);
}

static void keep_away(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct agent_sim *agent = agents_by_jid(tenant->world, effect->agent);

    if (agent != NULL && tenant->members[agent->index])
        tenant->away[agent->index] = effect->on;
}

static void tell_load(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct agent_sim *agent = agents_by_jid(tenant->world, effect->agent);

    if (agent == NULL)
        return;
    tenant->loads[agent->index] = effect->limit;
    core_tell_loads(tenant->world, agent);
}

static void store_effect(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    core_submit(tenant, &effect->write);
}

typedef void carrier(struct tenant_sim *tenant, const struct chat_effect *effect);
/* What is not here changes nothing that must hold. */
static carrier *const carriers[CHAT_EFFECT_TYPE_COUNT] = {
    [CHAT_DO_STORE] = store_effect,
    [CHAT_DO_TELL_SAVED] = core_tell_saved,
    [CHAT_DO_TELL_MESSAGE] = core_tell_words,
    [CHAT_DO_TELL_REVISED] = core_tell_revised,
    [CHAT_DO_TELL_REACTION] = core_tell_reaction,
    [CHAT_DO_TELL_CONVERSATION] = core_carry_frame,
    [CHAT_DO_TELL_RECEIPT] = core_carry_frame,
    [CHAT_DO_TELL_QUEUE] = core_carry_frame,
    [CHAT_DO_TELL_AGENT] = core_carry_frame,
    [CHAT_DO_TELL_ENDED] = core_carry_frame,
    [CHAT_DO_TELL_ERROR] = core_carry_frame,
    [CHAT_DO_SEND] = send_fresh,
    [CHAT_DO_SEND_PENDING] = send_pending,
    [CHAT_DO_SEND_REACTION] = send_reaction,
    [CHAT_DO_SHOW] = show,
    [CHAT_DO_SAY_DESK] = say_aside,
    [CHAT_DO_SAY_CONTACT] = say_aside,
    [CHAT_DO_RECEIPT] = receipt,
    [CHAT_DO_HANDLED] = handled,
    [CHAT_DO_INTRODUCE] = introduce,
    [CHAT_DO_KEEP_AWAY] = keep_away,
    [CHAT_DO_TELL_LOAD] = tell_load,
};

void core_carry(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct world *world = tenant->world;

    if (world->dying)
        return; /* the process is gone: this effect never happens */
    if (world->weather.crash > 0 && sim_random(world) % 100000 < world->weather.crash) {
        sim_trace(world, NULL, "the core is killed");
        world->dying = true;
        return;
    }
    trace_effect(tenant, effect);
    check_effect(tenant, effect);
    if (carriers[effect->type] != NULL)
        carriers[effect->type](tenant, effect);
}
