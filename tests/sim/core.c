/* SPDX-License-Identifier: Apache-2.0
 *
 * What server-bridge/core does with the rules, in the same order and with the same habits,
 * over parcels instead of sockets. When the core dies, the effects that were still to come
 * are not carried out, and all it had in memory is gone.
 */
#include "tests/sim/sim.h"

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
    chat_handle(tenant->chat, event);
    drain_later(tenant, event->now_ms);
    /* What has come due this very moment may wait for its tick. */
    if (!world->dying && chat_deadline(tenant->chat) > world->now_ms &&
        chat_leaves_waiting(tenant->chat))
        sim_violation(world, "%s: somebody waits though an agent has room", tenant->name.text);
    if (world->dying)
        die(world);
}

static void later(struct tenant_sim *tenant, const struct parcel *parcel)
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

/* --- sessions --- */

struct browser *core_browser(const struct world *world, struct visitor_id visitor)
{
    struct known_visitor *known;

    HASH_FIND(hh, world->visitors, &visitor, sizeof(visitor), known);
    return known == NULL ? NULL : known->browser;
}

static bool is_for(const struct tab *tab, const struct chat_effect *effect)
{
    return tab->settled && visitor_id_equal(tab->visitor, effect->visitor) &&
           (session_id_is_none(effect->session) || session_id_equal(effect->session, tab->session));
}

static void to_tab(struct tab *tab, const struct parcel *frame)
{
    struct world *world = tab->browser->tenant->world;

    lane_post(world, &tab->out, sim_between(world, 1, 60), tab_gets, tab, frame);
}

/* Sends a frame to every session an effect is for. */
static void to_tabs(struct tenant_sim *tenant, const struct chat_effect *effect,
                    const struct parcel *frame)
{
    struct browser *browser = core_browser(tenant->world, effect->visitor);

    for (unsigned i = 0; browser != NULL && i < TABS; i++) {
        if (is_for(&browser->tabs[i], effect))
            to_tab(&browser->tabs[i], frame);
    }
}

/* Whether this browser has not seen that message yet; from now on it has. */
static bool is_news(struct tab *tab, struct conversation_id conversation, uint64_t seq)
{
    if (!conversation_id_equal(tab->told_of, conversation)) {
        tab->told_of = conversation;
        tab->told_seq = 0;
    }
    if (seq <= tab->told_seq)
        return false;
    tab->told_seq = seq;
    return true;
}

static void tell_message(struct tab *tab, const struct chat_effect *effect, enum message_from from)
{
    struct parcel frame = { .kind = FRAME_MESSAGE,
                            .conversation = effect->conversation,
                            .seq = effect->seq,
                            .from = from,
                            .at_ms = effect->at_ms };

    (void)slice_copy(effect->text, frame.text, sizeof(frame.text));
    if (from == FROM_VISITOR)
        (void)slice_copy(effect->cid, frame.cid, sizeof(frame.cid));
    if (is_news(tab, effect->conversation, effect->seq))
        to_tab(tab, &frame);
}

static void tell_saved(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct browser *browser = core_browser(tenant->world, effect->visitor);
    struct parcel frame = { .kind = FRAME_SAVED,
                            .conversation = effect->conversation,
                            .seq = effect->seq,
                            .at_ms = effect->at_ms };

    (void)slice_copy(effect->cid, frame.cid, sizeof(frame.cid));
    for (unsigned i = 0; browser != NULL && i < TABS; i++) {
        struct tab *tab = &browser->tabs[i];

        if (!tab->settled || !visitor_id_equal(tab->visitor, effect->visitor))
            continue;
        if (!session_id_equal(tab->session, effect->session)) {
            if (!effect->on)
                tell_message(tab, effect, FROM_VISITOR);
            continue;
        }
        if (!effect->on)
            (void)is_news(tab, effect->conversation, effect->seq);
        to_tab(tab, &frame);
    }
}

static void tell_agents_words(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct browser *browser = core_browser(tenant->world, effect->visitor);

    for (unsigned i = 0; browser != NULL && i < TABS; i++) {
        if (is_for(&browser->tabs[i], effect))
            tell_message(&browser->tabs[i], effect, effect->from);
    }
}

/* --- writes: kept until they are answered --- */

struct kept_sim {
    struct chat_write write; /* first: answers point to it */
    struct kept_sim *next, *prev;
    struct tenant_sim *tenant;
    char bytes[];
};

enum { WRITE_TEXTS = 11 };

static void list_texts(struct chat_write *write, struct slice *texts[WRITE_TEXTS])
{
    struct slice *const all[] = { &write->sender, &write->name,     &write->cid,
                                  &write->text,   &write->language, &write->visitor_name,
                                  &write->agent,  &write->reason,   &write->event,
                                  &write->detail, &write->resource };

    memcpy(texts, all, sizeof(all));
}

static struct kept_sim *keep(struct tenant_sim *tenant, const struct chat_write *write)
{
    struct slice *texts[WRITE_TEXTS];
    struct chat_write copy = *write;
    struct kept_sim *kept;
    size_t bytes = 0, at = 0;

    list_texts(&copy, texts);
    for (size_t i = 0; i < WRITE_TEXTS; i++)
        bytes += texts[i]->len;
    kept = malloc(sizeof(*kept) + bytes);
    if (kept == NULL)
        abort();
    kept->write = *write;
    kept->tenant = tenant;
    list_texts(&kept->write, texts);
    for (size_t i = 0; i < WRITE_TEXTS; i++) {
        if (texts[i]->len > 0)
            memcpy(kept->bytes + at, texts[i]->data, texts[i]->len);
        texts[i]->data = kept->bytes + at;
        at += texts[i]->len;
    }
    DL_APPEND(tenant->world->kept, kept);
    return kept;
}

static void unkeep(struct world *world, struct kept_sim *kept)
{
    DL_DELETE(world->kept, kept);
    free(kept);
}

static void answered(struct world *world, const struct store_answer *answer);

static void collect(struct world *world, void *who, const struct parcel *parcel)
{
    size_t most = (size_t)sim_between(world, 1, 40);
    struct store_answer answer;

    (void)who;
    if (parcel->epoch != world->core_epoch)
        return;
    world->collecting = false;
    for (size_t i = 0; i < most; i++) {
        if (STORE_CALL(world->store, collect, &answer, 1) == 0)
            return;
        answered(world, &answer);
        if (parcel->epoch != world->core_epoch)
            return;
    }
    world->collecting = true;
    sim_post(world, 1, collect, NULL, parcel);
}

static uint64_t disk_ms(struct world *world)
{
    return sim_chance(world, world->weather.slow) ? sim_between(world, 500, 20000)
                                                  : sim_between(world, 1, 12);
}

static void start_commit(struct world *world);

static void commit(struct world *world, void *who, const struct parcel *parcel)
{
    struct parcel now = { .epoch = world->core_epoch };
    size_t done, most = sim_chance(world, 700) ? SIZE_MAX : (size_t)sim_between(world, 1, 5);

    (void)who;
    if (parcel->epoch != world->core_epoch)
        return;
    world->committing = false;
    if (sim_chance(world, world->weather.commit_fail)) {
        sim_trace(world, NULL, "the commit fails");
        (void)store_memory_fail(world->store, most);
    } else {
        done = store_memory_commit(world->store, most);
        sim_trace(world, NULL, "%zu committed", done);
        if (done == most)
            start_commit(world);
    }
    if (!world->collecting) {
        world->collecting = true;
        sim_post(world,
                 sim_chance(world, world->weather.late_answer) ? sim_between(world, 100, 5000) : 0,
                 collect, NULL, &now);
    }
}

/* One commit at a time; what gathers meanwhile goes into the next. */
static void start_commit(struct world *world)
{
    struct parcel now = { .epoch = world->core_epoch };

    if (world->committing)
        return;
    world->committing = true;
    sim_post(world, disk_ms(world), commit, NULL, &now);
}

static void submit_failed(struct world *world, void *who, const struct parcel *parcel)
{
    struct kept_sim *kept = who;
    struct chat_event failed = { .type = CHAT_STORE_FAILED };

    if (parcel->epoch != world->core_epoch)
        return;
    failed.write = &kept->write;
    core_handle(kept->tenant, &failed);
    if (parcel->epoch == world->core_epoch)
        unkeep(world, kept);
}

static void submit(struct tenant_sim *tenant, const struct chat_write *write)
{
    struct world *world = tenant->world;
    struct kept_sim *kept = keep(tenant, write);
    struct parcel now = { .epoch = world->core_epoch };

    if (sim_chance(world, world->weather.submit_fail)) {
        sim_trace(world, tenant, "a write is not taken");
        sim_post(world, 0, submit_failed, kept, &now);
        return;
    }
    if (STORE_CALL(world->store, submit, &tenant->name, &kept->write) != OK)
        abort();
    start_commit(world);
}

static void greeted(struct tenant_sim *tenant, bool stored);

static const char *const outcomes[] = { "done", "repeat", "refused", "failed" };
static const char *const kinds[] = { "message", "claim",  "release", "transfer", "end",  "delivery",
                                     "event",   "survey", "read",    "note",     "tags", "stage" };

static void answered(struct world *world, const struct store_answer *answer)
{
    struct kept_sim *kept = (struct kept_sim *)(uintptr_t)answer->write;
    uint64_t epoch = world->core_epoch;
    struct chat_event event = { .write = answer->write,
                                .conversation = answer->conversation,
                                .seq = answer->seq,
                                .message = answer->message,
                                .at_ms = answer->at_ms,
                                .repeat = answer->outcome == STORE_REPEAT,
                                .refused = answer->outcome == STORE_REFUSED };

    if (kept == NULL) {
        for (unsigned i = 0; i < world->tenant_count; i++) {
            if (tenant_name_equal(&world->tenants[i].name, &answer->tenant))
                greeted(&world->tenants[i], answer->outcome == STORE_DONE);
        }
        return;
    }
    event.type = answer->outcome == STORE_DONE || answer->outcome == STORE_REPEAT
                     ? CHAT_STORED
                     : CHAT_STORE_FAILED;
    sim_trace(world, kept->tenant, "store: %s %.*s%s%.*s %s seq %llu", kinds[kept->write.kind],
              SLICE_ARG(kept->write.cid), kept->write.agent.len > 0 ? " by " : "",
              SLICE_ARG(kept->write.agent), outcomes[answer->outcome],
              (unsigned long long)answer->seq);
    core_handle(kept->tenant, &event);
    if (epoch == world->core_epoch)
        unkeep(world, kept);
}

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
        (struct flying){ say->ordinal, say->conversation, say->stanza, say->seq, say->round };
}

static void say(struct tenant_sim *tenant, struct slice to, struct parcel *parcel)
{
    struct agent_sim *agent = agents_by_jid(tenant->world, to);

    parcel->ordinal = ++tenant->said_ordinal;
    remember(tenant, parcel);
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
    later(tenant, &sent);
}

/* The desk's lines, and our own rare words in a contact: nobody waits for them. */
static void say_aside(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct parcel parcel = { .visitor = effect->visitor, .stanza = effect->message.id };
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
        [CHAT_DO_TELL_CONVERSATION] = "conversation",
        [CHAT_DO_TELL_RECEIPT] = "told receipt",
        [CHAT_DO_TELL_ERROR] = "error",
        [CHAT_DO_TELL_ENDED] = "ended",
        [CHAT_DO_SEND] = "send",
        [CHAT_DO_SEND_PENDING] = "send pending",
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
              effect->type == CHAT_DO_STORE ? kinds[effect->write.kind]
                                            : (effect->code == NULL ? "" : effect->code),
              SLICE_ARG(effect->text));
}

static void carry_frame(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct parcel frame = { .kind = FRAME_OTHER,
                            .conversation = effect->conversation,
                            .seq = effect->seq,
                            .state = effect->state,
                            .delivery = effect->delivery,
                            .on = effect->on };

    (void)slice_copy(effect->cid, frame.cid, sizeof(frame.cid));
    if (effect->type == CHAT_DO_TELL_CONVERSATION)
        frame.kind = FRAME_CONVERSATION;
    else if (effect->type == CHAT_DO_TELL_ENDED)
        frame.kind = FRAME_ENDED;
    else if (effect->type == CHAT_DO_TELL_RECEIPT)
        frame.kind = FRAME_RECEIPT;
    else if (effect->type == CHAT_DO_TELL_ERROR)
        frame.kind = FRAME_ERROR;
    if (effect->code != NULL)
        (void)snprintf(frame.text, sizeof(frame.text), "%s", effect->code);
    to_tabs(tenant, effect, &frame);
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

static void store_effect(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    submit(tenant, &effect->write);
}

typedef void carrier(struct tenant_sim *tenant, const struct chat_effect *effect);
/* What is not here changes nothing that must hold. */
static carrier *const carriers[CHAT_EFFECT_TYPE_COUNT] = {
    [CHAT_DO_STORE] = store_effect,
    [CHAT_DO_TELL_SAVED] = tell_saved,
    [CHAT_DO_TELL_MESSAGE] = tell_agents_words,
    [CHAT_DO_TELL_CONVERSATION] = carry_frame,
    [CHAT_DO_TELL_RECEIPT] = carry_frame,
    [CHAT_DO_TELL_QUEUE] = carry_frame,
    [CHAT_DO_TELL_AGENT] = carry_frame,
    [CHAT_DO_TELL_ENDED] = carry_frame,
    [CHAT_DO_TELL_ERROR] = carry_frame,
    [CHAT_DO_SEND] = send_fresh,
    [CHAT_DO_SEND_PENDING] = send_pending,
    [CHAT_DO_SAY_DESK] = say_aside,
    [CHAT_DO_SAY_CONTACT] = say_aside,
    [CHAT_DO_RECEIPT] = receipt,
    [CHAT_DO_HANDLED] = handled,
    [CHAT_DO_INTRODUCE] = introduce,
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

/* --- hello --- */

struct current {
    bool any;
    struct conversation_id conversation;
    enum conversation_state state;
    uint64_t last_seq;
};

static int take_current(void *context, const struct stored_conversation *row)
{
    *(struct current *)context =
        (struct current){ true, row->conversation, row->state, row->last_seq };
    return 0;
}

static int replay_one(void *context, const struct stored_message *row)
{
    struct tab *tab = context;
    struct parcel frame = { .kind = FRAME_MESSAGE,
                            .conversation = tab->told_of,
                            .seq = row->seq,
                            .from = row->from,
                            .at_ms = row->at_ms,
                            .on = true };

    tab->told_seq = row->seq;
    (void)slice_copy(row->text, frame.text, sizeof(frame.text));
    if (row->from == FROM_VISITOR)
        (void)slice_copy(row->cid, frame.cid, sizeof(frame.cid));
    to_tab(tab, &frame);
    return 0;
}

static void welcome(struct tab *tab, struct visitor_id visitor, const struct current *current,
                    uint64_t after)
{
    struct tenant_sim *tenant = tab->browser->tenant;
    struct parcel frame = { .kind = FRAME_WELCOME,
                            .visitor = visitor,
                            .conversation = current->conversation,
                            .seq = current->last_seq };
    struct parcel state = { .kind = FRAME_CONVERSATION,
                            .conversation = current->conversation,
                            .state = current->state };
    struct chat_event came = { .type = CHAT_VISITOR_CAME,
                               .visitor = visitor,
                               .session = tab->session,
                               .name = slice_of(tab->browser->name),
                               .language = SLICE_LITERAL("en"),
                               .page = SLICE_LITERAL("/pricing") };

    tab->settled = true;
    tab->visitor = visitor;
    to_tab(tab, &frame);
    if (current->any) {
        tab->told_of = current->conversation;
        tab->told_seq = after;
        if (STORE_CALL(tenant->world->store, messages, &tenant->name, current->conversation, after,
                       SIZE_MAX, replay_one, tab) != OK)
            abort();
        to_tab(tab, &state);
        state.kind = FRAME_ENDED;
        if (current->state == CONVERSATION_ENDED)
            to_tab(tab, &state);
    }
    core_handle(tenant, &came);
}

static struct digest token_of(struct visitor_id visitor)
{
    return digest_sha256((struct slice){ (const char *)visitor.id.bytes, ID_BYTES });
}

static void know(struct world *world, struct visitor_id visitor, struct browser *browser)
{
    struct known_visitor *known = calloc(1, sizeof(*known));

    if (known == NULL)
        abort();
    known->id = visitor;
    known->browser = browser;
    HASH_ADD(hh, world->visitors, id, sizeof(known->id), known);
}

static void hello_new(struct tab *tab)
{
    struct tenant_sim *tenant = tab->browser->tenant;
    struct greeting_sim *greeting = calloc(1, sizeof(*greeting));
    struct stored_visitor visitor = { .site = tenant->site, .created_ms = tenant->world->now_ms };

    if (greeting == NULL)
        abort();
    visitor.visitor.id = sim_id(tenant->world, tenant->index);
    visitor.token = token_of(visitor.visitor);
    know(tenant->world, visitor.visitor, tab->browser);
    greeting->tab = tab;
    greeting->session = tab->session;
    greeting->visitor = visitor.visitor;
    LL_APPEND(tenant->greetings, greeting);
    if (STORE_CALL(tenant->world->store, visitor_new, &tenant->name, &visitor) != OK)
        abort();
    start_commit(tenant->world);
}

static void greeted(struct tenant_sim *tenant, bool stored)
{
    struct greeting_sim *greeting = tenant->greetings;
    const struct current none = { .any = false };
    const struct parcel no = { .kind = FRAME_TRY_LATER };
    struct tab *tab = greeting->tab;
    bool here = session_id_equal(tab->session, greeting->session) && tab->up;
    struct visitor_id visitor = greeting->visitor;

    LL_DELETE(tenant->greetings, greeting);
    free(greeting);
    if (here && stored)
        welcome(tab, visitor, &none, 0);
    else if (here)
        to_tab(tab, &no);
}

void core_hears_hello(struct world *world, void *who, const struct parcel *parcel)
{
    struct tab *tab = who;
    struct tenant_sim *tenant = tab->browser->tenant;
    struct current current = { .any = false };
    struct digest token = token_of(parcel->visitor);
    const struct parcel no = { .kind = FRAME_TRY_LATER };
    struct visitor_id visitor;
    uint64_t after;

    if (lane_is_lost(&tab->in, parcel))
        return;
    if (!world->core_up) {
        to_tab(tab, &no);
        return;
    }
    if (visitor_id_is_none(parcel->visitor)) {
        hello_new(tab);
        return;
    }
    if (STORE_CALL(world->store, visitor_by_token, &tenant->name, &token, &visitor) != OK) {
        sim_violation(world, "%s v%u: the token it was given opens nothing", tenant->name.text,
                      tab->browser->index);
        return;
    }
    if (STORE_CALL(world->store, conversation_latest, &tenant->name, visitor, take_current,
                   &current) < 0)
        abort();
    after = conversation_id_equal(parcel->conversation, current.conversation) ? parcel->seq : 0;
    welcome(tab, visitor, &current, after > current.last_seq ? current.last_seq : after);
}

/* --- what tabs say --- */

void core_hears_tab(struct world *world, void *who, const struct parcel *parcel)
{
    static const enum chat_event_type types[] = {
        [TAB_SAY] = CHAT_VISITOR_SAID,  [TAB_TYPING] = CHAT_VISITOR_TYPING,
        [TAB_READ] = CHAT_VISITOR_READ, [TAB_PAGE] = CHAT_VISITOR_PAGE,
        [TAB_END] = CHAT_VISITOR_ENDED, [TAB_SURVEY] = CHAT_VISITOR_SURVEY,
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
        if (!conversation_id_is_none(routed.conversation))
            core_handle(tenant, &event);
        if (world->core_epoch != epoch)
            return;
    }
}

/* Finds the message a stanza id speaks of: among those in flight, or else in the store. */
static bool find_message(struct tenant_sim *tenant, struct id stanza, struct chat_event *event)
{
    for (size_t i = 0; i < tenant->in_flight_count; i++) {
        const struct flying *flying = &tenant->in_flight[i];

        if (id_equal(flying->message, stanza)) {
            event->conversation = flying->conversation;
            event->seq = flying->seq;
            return !conversation_id_is_none(flying->conversation);
        }
    }
    return STORE_CALL(tenant->world->store, message_by_id, &tenant->name,
                      (struct message_id){ stanza }, &event->conversation, &event->seq) == OK;
}

void core_hears_bounce(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct chat_event bounced = { .type = CHAT_BOUNCED };

    if (!lane_is_lost(&tenant->link.ipc, parcel) && world->core_up &&
        find_message(tenant, parcel->stanza, &bounced))
        core_handle(tenant, &bounced);
}

void core_hears_break(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct chat_event broke = { .type = CHAT_BROKE_STREAM };

    if (!lane_is_lost(&tenant->link.ipc, parcel) && world->core_up &&
        find_message(tenant, parcel->stanza, &broke))
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
                               .text = slice_of(parcel->text) };

    if (lane_is_lost(&tenant->link.ipc, parcel) || !world->core_up)
        return;
    sim_trace(world, tenant, "%s: \"%s\" (%s, ordinal %llu)", agent->name, parcel->text,
              parcel->cid, (unsigned long long)parcel->ordinal);
    if (!tenant->members[agent->index])
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
        tenant->members[agent->index] && find_message(tenant, parcel->stanza, &receipt))
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

    if (!lane_is_lost(&tenant->link.ipc, parcel) && world->core_up && tenant->members[agent->index])
        core_handle(tenant, &typing);
}

/* --- members --- */

static void set_member(struct tenant_sim *tenant, const struct agent_sim *agent)
{
    struct chat_event set = { .type = CHAT_MEMBER_SET,
                              .agent = slice_of(agent->jid),
                              .name = slice_of(agent->name),
                              .skill = slice_of(agent->skills),
                              .limit = tenant->limit };

    core_handle(tenant, &set);
}

void core_set_member(struct tenant_sim *tenant, struct agent_sim *agent, bool member)
{
    struct chat_event gone = { .type = CHAT_MEMBER_GONE, .agent = slice_of(agent->jid) };

    sim_trace(tenant->world, tenant, "%s is %s member", agent->name, member ? "a" : "no longer a");
    tenant->members[agent->index] = member; /* the directory has it on disk */
    if (member) {
        set_member(tenant, agent);
        link_probe(tenant, agent);
    } else {
        core_handle(tenant, &gone);
    }
}

static struct chat_rules core_rules(const struct world *world)
{
    struct chat_rules rules = world->rules;

    if (world->mutant == MUTANT_LATE_CLOSING)
        rules.hours = (struct hours){ .always = true };
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

static int restore_one(void *context, const struct stored_conversation *row)
{
    struct tenant_sim *tenant = context;
    struct chat_event restored = { .type = CHAT_RESTORED_CONVERSATION,
                                   .conversation = row->conversation,
                                   .visitor = row->visitor,
                                   .state = row->state,
                                   .agent = row->agent,
                                   .seq = row->last_seq,
                                   .at_ms = row->opened_ms,
                                   .name = row->visitor_name,
                                   .language = row->language,
                                   .delivery_seq = row->routed_seq,
                                   .tags = row->tags,
                                   .stage = row->stage,
                                   .skill = row->skill };

    core_handle(tenant, &restored);
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
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, restore_one, tenant) != OK)
        abort();
    for (unsigned i = 0; i < world->agent_count && world->core_up; i++) {
        if (tenant->members[i])
            set_member(tenant, &world->agents[i]);
    }
    (void)snprintf(canned, sizeof(canned), "hello: ~%u hello", tenant->index);
    core_handle(tenant, &(struct chat_event){
                            .type = CHAT_CANNED_SET, .text = slice_of(canned), .on = true });
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
    lane_break(&tenant->link.ipc);
}

static void forget_kept(struct world *world)
{
    while (world->kept != NULL)
        unkeep(world, world->kept);
}

static void die(struct world *world)
{
    world->dying = false;
    world->core_up = false;
    world->core_epoch++;
    world->crashes++;
    world->committing = world->collecting = false;
    if (sim_chance(world, 300)) /* the commit that was under way may yet have happened */
        (void)store_memory_commit(world->store, (size_t)sim_between(world, 1, 20));
    store_memory_crash(world->store);
    for (unsigned i = 0; i < world->tenant_count; i++)
        forget_tenant(&world->tenants[i]);
    forget_kept(world);
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
    forget_kept(world);
}
