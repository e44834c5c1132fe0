/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's sessions: which tab hears what, and how a tab becomes a session.
 */
#include "tests/sim/core.h"

#include "storage/transcripts/reactions.h"

#include <stdio.h>
#include <stdlib.h>

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

void core_tell_saved(struct tenant_sim *tenant, const struct chat_effect *effect)
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

/* Sends a frame to every one of them that has the message it is about. */
static void to_tabs_with(struct tenant_sim *tenant, const struct chat_effect *effect,
                         const struct parcel *frame)
{
    struct browser *browser = core_browser(tenant->world, effect->visitor);

    for (unsigned i = 0; browser != NULL && i < TABS; i++) {
        struct tab *tab = &browser->tabs[i];

        if (is_for(tab, effect) && conversation_id_equal(tab->told_of, effect->conversation) &&
            effect->seq <= tab->told_seq)
            to_tab(tab, frame);
    }
}

void core_tell_revised(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct parcel frame = { .kind = FRAME_REVISED,
                            .conversation = effect->conversation,
                            .seq = effect->seq,
                            .on = effect->on };

    (void)slice_copy(effect->text, frame.text, sizeof(frame.text));
    to_tabs_with(tenant, effect, &frame);
}

void core_tell_reaction(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct parcel frame = { .kind = FRAME_REACTION,
                            .conversation = effect->conversation,
                            .seq = effect->seq,
                            .from = effect->from };

    (void)slice_copy(effect->name, frame.cid, sizeof(frame.cid));
    (void)slice_copy(effect->text, frame.text, sizeof(frame.text));
    to_tabs_with(tenant, effect, &frame);
}

void core_tell_words(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct browser *browser = core_browser(tenant->world, effect->visitor);

    for (unsigned i = 0; browser != NULL && i < TABS; i++) {
        if (is_for(&browser->tabs[i], effect))
            tell_message(&browser->tabs[i], effect, effect->from);
    }
}

void core_carry_frame(struct tenant_sim *tenant, const struct chat_effect *effect)
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

static void replay_revised(struct tab *tab, const struct stored_message *row)
{
    struct parcel frame = { .kind = FRAME_REVISED,
                            .conversation = tab->told_of,
                            .seq = row->seq,
                            .on = row->withdrawn_ms != 0 };

    (void)slice_copy(row->text, frame.text, sizeof(frame.text));
    if (row->edited_ms != 0 || row->withdrawn_ms != 0)
        to_tab(tab, &frame);
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

    if (row->seq <= tab->told_seq) {
        replay_revised(tab, row);
        return 0;
    }
    tab->told_seq = row->seq;
    (void)slice_copy(row->text, frame.text, sizeof(frame.text));
    if (row->from == FROM_VISITOR)
        (void)slice_copy(row->cid, frame.cid, sizeof(frame.cid));
    to_tab(tab, &frame);
    return 0;
}

static int replay_reaction(void *context, const struct stored_reaction *row)
{
    struct tab *tab = context;
    struct parcel frame = {
        .kind = FRAME_REACTION, .conversation = tab->told_of, .seq = row->seq, .from = row->from
    };

    (void)slice_copy(row->name, frame.cid, sizeof(frame.cid));
    (void)slice_copy(row->emojis, frame.text, sizeof(frame.text));
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
        if (STORE_CALL(tenant->world->store, messages, &tenant->name, current->conversation,
                       after > REVISABLE_BACK ? after - REVISABLE_BACK : 0, SIZE_MAX, replay_one,
                       tab) != OK ||
            reactions_read(tenant->world->store, &tenant->name, current->conversation,
                           replay_reaction, tab) != OK)
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
    core_start_commit(tenant->world);
}

void core_greeted(struct tenant_sim *tenant, bool stored)
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
