/* SPDX-License-Identifier: Apache-2.0
 *
 * People in browsers. Each window keeps what it has not seen saved and sends it again, with
 * the same cid, when its connection is back or when a tick is long in coming. What it is told
 * is checked on the spot: nothing twice, nothing out of order, nothing of somebody else.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

static void connect_tab(struct world *world, struct tab *tab);

static struct tenant_sim *tenant_of(const struct tab *tab)
{
    return tab->browser->tenant;
}

/* --- connections --- */

static void try_again(struct world *world, void *who, const struct parcel *parcel)
{
    struct tab *tab = who;

    if (parcel->epoch == tab->in.epoch && tab->open && !tab->up)
        connect_tab(world, tab);
}

static void disconnect(struct world *world, struct tab *tab, bool core_lives)
{
    struct parcel gone = { .epoch = world->core_epoch,
                           .visitor = tab->visitor,
                           .stanza = tab->session.id };

    if (!tab->up)
        return;
    if (core_lives && tab->settled)
        sim_post(world, sim_chance(world, 200) ? sim_between(world, 50, 9000) : 1,
                 core_hears_tab_gone, tab, &gone);
    tab->up = tab->welcomed = tab->settled = false;
    lane_break(&tab->in);
    lane_break(&tab->out);
}

void tab_lost(struct world *world, struct tab *tab)
{
    struct parcel again;

    if (!tab->up)
        return;
    disconnect(world, tab, world->core_up);
    again = (struct parcel){ .epoch = tab->in.epoch };
    sim_post(world, sim_between(world, 10, 4000), try_again, tab, &again);
}

static void connect_tab(struct world *world, struct tab *tab)
{
    struct browser *browser = tab->browser;
    struct parcel hello = { .kind = 0, .conversation = tab->conversation, .seq = tab->last_seq };

    lane_break(&tab->in);
    lane_break(&tab->out);
    tab->up = true;
    tab->open = true;
    tab->welcomed = tab->settled = false;
    tab->told_of = (struct conversation_id){ { { 0 } } };
    tab->told_seq = tab->live_seq = 0;
    tab->session.id = sim_id(world, tenant_of(tab)->index);
    if (browser->has_token)
        hello.visitor = browser->visitor;
    lane_post(world, &tab->in, sim_between(world, 2, 90), core_hears_hello, tab, &hello);
}

static void clear_screen(struct tab *tab)
{
    tab->conversation = (struct conversation_id){ { { 0 } } };
    tab->last_seq = tab->live_seq = 0;
    tab->ended = false;
    memset(tab->seen, 0, sizeof(tab->seen));
    memset(tab->agents, 0, sizeof(tab->agents));
    memset(tab->withdrawn, 0, sizeof(tab->withdrawn));
    tab->besides.count = 0;
}

/* A fresh page knows nothing but the token. */
static void open_tab(struct world *world, struct tab *tab)
{
    clear_screen(tab);
    connect_tab(world, tab);
}

static void close_tab(struct world *world, struct tab *tab)
{
    disconnect(world, tab, world->core_up);
    tab->open = false;
}

/* --- saying --- */

static void send_say(struct world *world, struct tab *tab, size_t index);

/* The tick is long in coming. */
static void no_tick_yet(struct world *world, void *who, const struct parcel *parcel)
{
    struct tab *tab = who;
    struct say *say = &tab->browser->says[parcel->seq];

    if (!lane_is_lost(&tab->in, parcel) && tab->welcomed && say->state != SAY_SAVED)
        send_say(world, tab, parcel->seq);
}

static void send_say(struct world *world, struct tab *tab, size_t index)
{
    struct say *say = &tab->browser->says[index];
    struct parcel frame = { .kind = TAB_SAY };
    const struct parcel wait = { .epoch = tab->in.epoch, .seq = index };

    (void)snprintf(frame.cid, sizeof(frame.cid), "%s", say->cid);
    (void)snprintf(frame.text, sizeof(frame.text), "%s", say->text);
    say->state = SAY_SENT;
    sim_trace(world, tenant_of(tab), "v%u/%u says %s", tab->browser->index, tab->index, say->cid);
    lane_post_faulty(world, &tab->in, sim_between(world, 2, 90), core_hears_tab, tab, &frame);
    sim_post(world, 10000, no_tick_yet, tab, &wait);
}

static void say_something(struct world *world, struct tab *tab)
{
    struct browser *browser = tab->browser;
    struct say *say;

    if (browser->say_count == browser->say_cap) {
        browser->say_cap = browser->say_cap == 0 ? 16 : browser->say_cap * 2;
        browser->says = realloc(browser->says, browser->say_cap * sizeof(*browser->says));
        if (browser->says == NULL)
            abort();
    }
    say = &browser->says[browser->say_count];
    *say = (struct say){ .tab = tab->index, .order = (unsigned)browser->say_count };
    (void)snprintf(say->cid, sizeof(say->cid), "v%u-%zu", browser->index, browser->say_count);
    (void)snprintf(say->text, sizeof(say->text), "~%u %s%s", browser->tenant->index, say->cid,
                   sim_chance(world, world->weather.poison) ? " poison" : "");
    browser->say_count++;
    if (tab->welcomed)
        send_say(world, tab, browser->say_count - 1);
}

static void send_unsaved(struct world *world, struct tab *tab)
{
    for (size_t i = 0; i < tab->browser->say_count; i++) {
        const struct say *say = &tab->browser->says[i];

        if (say->tab == tab->index && say->state != SAY_SAVED)
            send_say(world, tab, i);
    }
}

static void send_unsaved_later(struct world *world, void *who, const struct parcel *parcel)
{
    struct tab *tab = who;

    if (!lane_is_lost(&tab->in, parcel) && tab->welcomed)
        send_unsaved(world, tab);
}

/* Not saved: the person presses "try again". */
static void press_again(struct world *world, void *who, const struct parcel *parcel)
{
    no_tick_yet(world, who, parcel);
}

/* --- being told --- */

static void show_conversation(struct tab *tab, struct conversation_id conversation)
{
    if (conversation_id_equal(tab->conversation, conversation))
        return;
    clear_screen(tab);
    tab->conversation = conversation;
}

/* False: it was there before. */
static bool show_seq(struct world *world, struct tab *tab, uint64_t seq)
{
    bool before;

    if (seq == 0 || seq >= SEQ_MAX) {
        sim_violation(world, "v%u is shown seq %llu", tab->browser->index, (unsigned long long)seq);
        return true;
    }
    before = tab->seen[seq];
    tab->seen[seq] = true;
    if (seq > tab->last_seq)
        tab->last_seq = seq;
    return !before;
}

static void saved(struct world *world, struct tab *tab, const struct parcel *frame)
{
    struct browser *browser = NULL;
    struct say *say = visitors_say_of(world, slice_of(frame->cid), &browser);

    if (say == NULL || browser != tab->browser) {
        sim_violation(world, "v%u gets a tick for \"%s\", which is not theirs", tab->browser->index,
                      frame->cid);
        return;
    }
    if (say->state == SAY_SAVED &&
        (say->seq != frame->seq || !conversation_id_equal(say->conversation, frame->conversation)))
        sim_violation(world, "%s %s: saved as seq %llu, and again as %llu%s",
                      tenant_of(tab)->name.text, say->cid, (unsigned long long)say->seq,
                      (unsigned long long)frame->seq,
                      say->seq == frame->seq ? " of another conversation" : "");
    say->state = SAY_SAVED;
    say->seq = frame->seq;
    say->conversation = frame->conversation;
}

static void gets_saved(struct world *world, struct tab *tab, const struct parcel *frame)
{
    saved(world, tab, frame);
    if (conversation_id_equal(frame->conversation, tab->conversation))
        (void)show_seq(world, tab, frame->seq);
}

static void check_text(struct world *world, struct tab *tab, const struct parcel *frame)
{
    char mark[16];

    (void)snprintf(mark, sizeof(mark), "~%u ", tenant_of(tab)->index);
    if (frame->text[0] != '\0' && strstr(frame->text, mark) == NULL) /* or it was withdrawn */
        sim_violation(world, "v%u of %s is shown \"%s\"", tab->browser->index,
                      tenant_of(tab)->name.text, frame->text);
}

static void look(struct tab *tab, const struct parcel *frame)
{
    if (frame->seq >= SEQ_MAX)
        return;
    tab->looks[frame->seq] = sim_hash(slice_of(frame->text));
    tab->withdrawn[frame->seq] = frame->text[0] == '\0';
}

static void gets_revised(struct world *world, struct tab *tab, const struct parcel *frame)
{
    check_text(world, tab, frame);
    if (frame->on != (frame->text[0] == '\0') || frame->seq >= SEQ_MAX ||
        !conversation_id_equal(frame->conversation, tab->conversation) || !tab->seen[frame->seq])
        sim_violation(world, "v%u is told of a change of seq %llu, which is not on the screen",
                      tab->browser->index, (unsigned long long)frame->seq);
    look(tab, frame);
}

static void gets_message(struct world *world, struct tab *tab, const struct parcel *frame)
{
    check_text(world, tab, frame);
    if (!conversation_id_equal(frame->conversation, tab->conversation)) {
        sim_violation(world, "v%u is shown seq %llu of a conversation it was not told of",
                      tab->browser->index, (unsigned long long)frame->seq);
        return;
    }
    if (frame->seq <= tab->live_seq)
        sim_violation(world, "v%u is shown seq %llu after %llu", tab->browser->index,
                      (unsigned long long)frame->seq, (unsigned long long)tab->live_seq);
    tab->live_seq = frame->seq;
    look(tab, frame);
    if (frame->seq < SEQ_MAX)
        tab->agents[frame->seq] = frame->from == FROM_AGENT || frame->from == FROM_BOT;
    if (!show_seq(world, tab, frame->seq) && frame->cid[0] == '\0')
        sim_violation(world, "v%u is shown seq %llu twice", tab->browser->index,
                      (unsigned long long)frame->seq);
    if (frame->cid[0] != '\0')
        saved(world, tab, frame);
}

static void gets_welcome(struct world *world, struct tab *tab, const struct parcel *frame)
{
    struct parcel now = { .epoch = tab->in.epoch };

    tab->browser->visitor = frame->visitor;
    tab->browser->has_token = true;
    tab->welcomed = true;
    if (!conversation_id_is_none(frame->conversation))
        show_conversation(tab, frame->conversation);
    if (sim_chance(world, 500))
        send_unsaved(world, tab);
    else
        sim_post(world, 400, send_unsaved_later, tab, &now);
}

static void gets_error(struct world *world, struct tab *tab, const struct parcel *frame)
{
    struct browser *browser = NULL;
    struct say *say = visitors_say_of(world, slice_of(frame->cid), &browser);
    struct parcel again = { .epoch = tab->in.epoch };

    if (strcmp(frame->text, "undeliverable") == 0) {
        for (size_t i = 0; i < tab->browser->say_count; i++) {
            say = &tab->browser->says[i];
            if (say->state == SAY_SAVED && say->seq == frame->seq)
                say->undeliverable = true;
        }
        return;
    }
    if (say == NULL || browser != tab->browser)
        return;
    again.seq = (uint64_t)(say - browser->says);
    sim_post(world, sim_between(world, 500, 5000), press_again, tab, &again);
}

void tab_gets(struct world *world, void *who, const struct parcel *frame)
{
    struct tab *tab = who;

    if (lane_is_lost(&tab->out, frame))
        return;
    switch (frame->kind) {
    case FRAME_WELCOME:
        gets_welcome(world, tab, frame);
        break;
    case FRAME_TRY_LATER:
        tab_lost(world, tab);
        break;
    case FRAME_CONVERSATION:
        show_conversation(tab, frame->conversation);
        break;
    case FRAME_SAVED:
        gets_saved(world, tab, frame);
        break;
    case FRAME_MESSAGE:
        gets_message(world, tab, frame);
        break;
    case FRAME_REVISED:
        gets_revised(world, tab, frame);
        break;
    case FRAME_REACTION:
        tab_gets_reaction(world, tab, frame);
        break;
    case FRAME_ENDED:
        tab->ended = true;
        break;
    case FRAME_ERROR:
        gets_error(world, tab, frame);
        break;
    default:
        break;
    }
}

/* --- what people do --- */

static void do_small_things(struct world *world, struct tab *tab)
{
    struct parcel frame = { .kind = (int)sim_between(world, TAB_TYPING, TAB_STAY),
                            .seq = tab->last_seq,
                            .on = true };

    if (tab->last_seq > 0 && sim_chance(world, 300))
        tab_reacts(world, tab);
    else
        lane_post_faulty(world, &tab->in, sim_between(world, 2, 90), core_hears_tab, tab, &frame);
}

static void end(struct world *world, struct tab *tab)
{
    struct parcel frame = { .kind = TAB_END };

    sim_trace(world, tenant_of(tab), "v%u ends", tab->browser->index);
    lane_post(world, &tab->in, 1, core_hears_tab, tab, &frame);
    frame.kind = TAB_SURVEY;
    lane_post(world, &tab->in, 1, core_hears_tab, tab, &frame);
    if (sim_chance(world, 300))
        say_something(world, tab); /* and yet another word */
}

static void leave(struct world *world, struct browser *browser)
{
    for (unsigned i = 0; i < TABS; i++)
        close_tab(world, &browser->tabs[i]);
    browser->gone = sim_chance(world, 400);
}

static void do_something(struct world *world, struct browser *browser)
{
    struct tab *tab = &browser->tabs[browser->has_token && sim_chance(world, 150) ? 1 : 0];
    uint64_t what = sim_between(world, 0, 99);

    if (!tab->open) {
        open_tab(world, tab);
        return;
    }
    if (sim_chance(world, world->weather.tab_drop))
        tab_lost(world, tab);
    if (what < 50) {
        for (uint64_t i = sim_between(world, 1, 3); i > 0; i--)
            say_something(world, tab);
    } else if (what < 80) {
        do_small_things(world, tab);
    } else if (what < 85) {
        end(world, tab);
    } else if (what < 90) {
        close_tab(world, tab);
        open_tab(world, tab);
    } else if (what < 94) {
        leave(world, browser);
    }
}

static void act(struct world *world, void *who, const struct parcel *parcel)
{
    struct browser *browser = who;

    (void)parcel;
    if (world->quiet || browser->gone)
        return;
    do_something(world, browser);
    sim_post(world, sim_between(world, 500, 40000), act, browser, NULL);
}

void visitors_start(struct world *world)
{
    /* Mostly a handful; now and then a crowd. */
    uint64_t most = sim_chance(world, 15) ? 250 : 16;

    world->browser_count = (unsigned)sim_between(world, 2, most);
    world->browsers = calloc(world->browser_count, sizeof(*world->browsers));
    if (world->browsers == NULL)
        abort();
    for (unsigned i = 0; i < world->browser_count; i++) {
        struct browser *browser = &world->browsers[i];

        browser->index = i;
        browser->tenant = &world->tenants[sim_random(world) % world->tenant_count];
        if (sim_chance(world, 500))
            (void)snprintf(browser->name, sizeof(browser->name), "Visitor %u", i);
        for (unsigned t = 0; t < TABS; t++) {
            browser->tabs[t].browser = browser;
            browser->tabs[t].index = t;
        }
        sim_post(world, sim_between(world, 0, 60000), act, browser, NULL);
    }
}

/* Whoever has something unsent comes back to it; of those who left, some return. */
void visitors_quiet(struct world *world)
{
    for (unsigned i = 0; i < world->browser_count; i++) {
        struct browser *browser = &world->browsers[i];

        for (unsigned t = 0; t < TABS; t++) {
            struct tab *tab = &browser->tabs[t];
            bool owes = false;

            for (size_t s = 0; s < browser->say_count; s++)
                owes |= browser->says[s].tab == t && browser->says[s].state != SAY_SAVED;
            if (!tab->open && (owes || (browser->has_token && sim_chance(world, 300))))
                open_tab(world, tab);
        }
    }
}

struct say *visitors_say_of(struct world *world, struct slice cid, struct browser **ret_browser)
{
    char text[CID_BYTES];
    unsigned visitor, number;

    if (!slice_copy(cid, text, sizeof(text)) || sscanf(text, "v%u-%u", &visitor, &number) != 2 ||
        visitor >= world->browser_count || number >= world->browsers[visitor].say_count)
        return NULL;
    *ret_browser = &world->browsers[visitor];
    return &(*ret_browser)->says[number];
}

void visitors_release(struct world *world)
{
    struct known_visitor *known, *next;

    HASH_ITER(hh, world->visitors, known, next)
    {
        HASH_DEL(world->visitors, known);
        free(known);
    }
    for (unsigned i = 0; i < world->browser_count; i++) {
        struct browser *browser = &world->browsers[i];

        free(browser->says);
        reactions_release(&browser->put);
        for (unsigned t = 0; t < TABS; t++)
            reactions_release(&browser->tabs[t].besides);
    }
    free(world->browsers);
}
