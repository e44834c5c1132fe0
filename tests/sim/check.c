/* SPDX-License-Identifier: Apache-2.0
 *
 * What must hold. At each effect: it names nothing of another tenant. When all is quiet: what
 * people were told is compared with what is stored, and nobody is left waiting.
 */
#include "tests/sim/sim.h"

#include "storage/calls.h"

#include <stdio.h>
#include <stdlib.h>

/* --- at each effect --- */

static void check_id(const struct tenant_sim *tenant, struct id id, const char *what)
{
    if (!id_is_none(id) && id_tenant(id) != tenant->index)
        sim_violation(tenant->world, "an effect of %s names a %s of another tenant",
                      tenant->name.text, what);
}

/* Everything people say bears "~" and their tenant's number. */
static void check_text(const struct tenant_sim *tenant, struct slice text)
{
    const char *mark = text.len == 0 ? NULL : memchr(text.data, '~', text.len - 1);

    if (mark != NULL && (unsigned)(mark[1] - '0') != tenant->index)
        sim_violation(tenant->world, "an effect of %s says \"%.*s\"", tenant->name.text,
                      SLICE_ARG(text));
}

/* Who is no member hears nothing more; what is taken out of their roster, and the receipt for what
 * they said while they were one, still reaches them. */
static void check_receiver(const struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct agent_sim *agent = agents_by_jid(tenant->world, effect->agent);

    if (effect->type == CHAT_DO_SAY_DESK && slice_is(effect->agent, tenant->world->tuula.jid))
        return; /* named by the tenant */
    if (effect->type < CHAT_DO_SEND || effect->agent.len == 0 || effect->type == CHAT_DO_RECEIPT ||
        effect->type == CHAT_DO_FORGET || effect->type == CHAT_DO_AUDIT ||
        effect->type == CHAT_DO_TELL_LOAD)
        return;
    if (agent == NULL || !agent_is_heard(agent, tenant))
        sim_violation(tenant->world, "%s: %.*s, who is no member, hears of a visitor",
                      tenant->name.text, SLICE_ARG(effect->agent));
}

struct holding {
    struct slice agent;
    unsigned count;
};

static int count_held(void *context, const struct stored_conversation *row)
{
    struct holding *holding = context;

    holding->count += slice_equal(row->agent, holding->agent);
    return 0;
}

/* Nor more than they may have over all tenants. */
static void check_everywhere(struct world *world, const struct agent_sim *agent)
{
    struct holding holding = { .count = 0 };

    if (agent == NULL || agent->limit == 0)
        return;
    holding.agent = slice_of(agent->jid);
    for (unsigned i = 0; i < world->tenant_count; i++) {
        const struct tenant_sim *tenant = &world->tenants[i];

        if (tenant->members[agent->index] &&
            STORE_CALL(world->store, conversations, &tenant->name, LIST_ACTIVE, 0,
                       (struct conversation_id){ { { 0 } } }, SIZE_MAX, count_held, &holding) != OK)
            abort();
    }
    if (holding.count >= agent->limit)
        sim_violation(world, "%s is offered one more, and has %u of %u everywhere", agent->name,
                      holding.count, agent->limit);
}

struct ageing {
    struct tenant_sim *tenant;
    struct chat_conversation_view offered;
    uint64_t most_ms; /* all the points there are are worth so much of waiting */
};

/* Whoever waits so much longer that no points make up for it stands before. */
static int check_elder(void *context, const struct stored_conversation *row)
{
    const struct ageing *ageing = context;
    struct chat_conversation_view elder;

    if (!chat_view(ageing->tenant->chat, row->conversation, &elder) || elder.position == 0 ||
        elder.queued_ms + ageing->most_ms >= ageing->offered.queued_ms)
        return 0;
    if (elder.position > ageing->offered.position)
        sim_violation(ageing->tenant->world,
                      "%s: who waits since %llu stands at %u, behind %u who came at %llu",
                      ageing->tenant->name.text, (unsigned long long)elder.queued_ms,
                      elder.position, ageing->offered.position,
                      (unsigned long long)ageing->offered.queued_ms);
    return 0;
}

/* Offers go by the places in the queue, and these by points and by waiting. */
static void check_order(struct tenant_sim *tenant, const struct chat_write *write)
{
    const struct chat_rules *rules = &tenant->world->rules;
    struct ageing ageing = { .tenant = tenant };

    if (chat_passes_over(tenant->chat, write->conversation, write->agent))
        sim_violation(tenant->world, "%s: an offer to %.*s passes over who stands before",
                      tenant->name.text, SLICE_ARG(write->agent));
    if (!chat_view(tenant->chat, write->conversation, &ageing.offered) ||
        ageing.offered.position == 0 || ageing.offered.returned)
        return;
    for (unsigned i = 0; i < rules->priority.count; i++)
        ageing.most_ms += rules->priority.words[i].points * rules->priority_point_ms;
    if (STORE_CALL(tenant->world->store, conversations, &tenant->name, LIST_QUEUED, 0,
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, check_elder, &ageing) != OK)
        abort();
}

/* Nobody is offered more than they may have (as it is on disk), nor anything while it is closed. */
static void check_offer(struct tenant_sim *tenant, const struct chat_write *write)
{
    struct world *world = tenant->world;
    struct holding holding = { .agent = write->agent };
    const struct agent_sim *agent = agents_by_jid(world, write->agent);
    struct chat_conversation_view view;
    uint64_t until_ms;

    if (STORE_CALL(world->store, conversations, &tenant->name, LIST_ACTIVE, 0,
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, count_held, &holding) != OK)
        abort();
    if (agent != NULL && (tenant->away[agent->index] || tenant->unstaffed[agent->index]))
        sim_violation(world, "%s: %s, who is away, is offered something", tenant->name.text,
                      agent->name);
    if (holding.count >= tenant->limit && (agent == NULL || !agent->outsider))
        sim_violation(world, "%s: %.*s is offered one more, and has %u of %u", tenant->name.text,
                      SLICE_ARG(write->agent), holding.count, tenant->limit);
    check_everywhere(world, agent);
    check_order(tenant, write);
    if (chat_view(tenant->chat, write->conversation, &view) && view.state == CONVERSATION_ACTIVE)
        return; /* handed on: that may be at any time */
    if (!hours_is_open(&world->rules.hours, world->now_ms, &until_ms))
        sim_violation(world, "%s: %.*s is offered something while it is closed", tenant->name.text,
                      SLICE_ARG(write->agent));
}

void check_effect(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type == CHAT_DO_STORE && slice_is(effect->write.event, "offered") &&
        effect->write.text.len == 0)
        check_offer(tenant, &effect->write);
    check_id(tenant, effect->visitor.id, "visitor");
    check_id(tenant, effect->conversation.id, "conversation");
    check_id(tenant, effect->session.id, "session");
    check_id(tenant, effect->message.id, "message");
    check_id(tenant, effect->write.visitor.id, "visitor");
    check_id(tenant, effect->write.conversation.id, "conversation");
    check_id(tenant, effect->write.site.id, "site");
    check_text(tenant, effect->text);
    check_text(tenant, effect->write.text);
    check_receiver(tenant, effect);
}

/* --- in the end: what is stored --- */

/* What a message stopped saying, and by which stanza. */
struct change {
    uint64_t seq;
    char cid[CID_BYTES], text[TEXT_BYTES];
};

struct review {
    struct tenant_sim *tenant;
    struct change *changes; /* of the row, by seq */
    size_t change_count;
    struct stored_conversation *rows; /* with their texts cut off, but for the agent */
    size_t count, cap;
    const struct stored_conversation *row;
    const struct agent_sim *holder;
    uint64_t expected_seq;
    unsigned told;  /* that nobody takes it */
    unsigned calls; /* to be called back */
};

static void check_said(struct review *review, const struct stored_message *message)
{
    struct world *world = review->tenant->world;
    struct browser *browser = NULL;
    struct say *say = visitors_say_of(world, message->cid, &browser);

    if (say == NULL || browser->tenant != review->tenant || !slice_is(message->text, say->text)) {
        sim_violation(world, "%s holds \"%.*s\", which nobody there said",
                      review->tenant->name.text, SLICE_ARG(message->text));
        return;
    }
    if (core_browser(world, review->row->visitor) != browser)
        sim_violation(world, "%s is stored with another visitor", say->cid);
    if (++say->found > 1)
        sim_violation(world, "%s %s is stored twice", review->tenant->name.text, say->cid);
    if (say->state == SAY_SAVED &&
        (say->seq != message->seq ||
         !conversation_id_equal(say->conversation, review->row->conversation)))
        sim_violation(world, "%s %s was saved as seq %llu and is stored as %llu",
                      review->tenant->name.text, say->cid, (unsigned long long)say->seq,
                      (unsigned long long)message->seq);
}

static bool was_said_here(const struct review *review, const struct word *word)
{
    return word != NULL && (!word->command || word->canned) && word->tenant == review->tenant &&
           visitor_id_equal(word->visitor, review->row->visitor);
}

/* From the first words, through each change, to what the message says now. */
static const struct word *check_changes(const struct review *review, struct agent_sim *agent,
                                        const struct word *word, uint64_t seq)
{
    struct world *world = review->tenant->world;

    for (size_t i = 0; i < review->change_count; i++) {
        const struct change *change = &review->changes[i];
        struct word *changer = agents_word_of(agent, slice_of(change->cid));

        if (change->seq != seq)
            continue;
        if (strcmp(change->text, word->stored) != 0 || !was_said_here(review, changer) ||
            changer->speech == SPEECH_WORDS || ++changer->found > 1) {
            sim_violation(world, "%s: %s changed \"%s\" as nobody asked for",
                          review->tenant->name.text, change->cid, change->text);
            return NULL;
        }
        word = changer;
    }
    return word;
}

static void check_answered(struct review *review, const struct stored_message *message)
{
    struct world *world = review->tenant->world;
    struct agent_sim *agent = agents_by_jid(world, message->sender);
    struct word *word = agent == NULL ? NULL : agents_word_of(agent, message->cid);
    const struct word *now;

    if (!was_said_here(review, word) || word->speech == SPEECH_WITHDRAWAL) {
        sim_violation(world, "%s holds \"%.*s\", which no agent said to that visitor",
                      review->tenant->name.text, SLICE_ARG(message->text));
        return;
    }
    if (++word->found > 1)
        sim_violation(world, "%s %s of %s is stored twice", review->tenant->name.text, word->stanza,
                      agent->name);
    now = check_changes(review, agent, word, message->seq);
    if (now != NULL && (!slice_is(message->text, now->stored) ||
                        (message->withdrawn_ms != 0) != (now->speech == SPEECH_WITHDRAWAL)))
        sim_violation(world, "%s: \"%.*s\" should say \"%s\" by now", review->tenant->name.text,
                      SLICE_ARG(message->text), now->stored);
}

static bool is_seen(const struct world *world, struct conversation_id conversation, uint64_t seq)
{
    for (unsigned i = 0; i < world->people_count; i++) {
        struct grip *grip;

        HASH_FIND(hh, world->agents[i].grips, &conversation, sizeof(conversation), grip);
        if (grip != NULL && seq < SEQ_MAX && grip->seen[seq])
            return true;
    }
    return false;
}

static void check_delivered(struct review *review, const struct stored_message *message)
{
    struct world *world = review->tenant->world;
    bool excused = world->poisonous || world->bounces;
    struct grip *grip;

    if (message->delivery == DELIVERY_UNDELIVERABLE) {
        if (!excused)
            sim_violation(world, "%s: seq %llu was given up for no reason",
                          review->tenant->name.text, (unsigned long long)message->seq);
        return;
    }
    if (message->delivery >= DELIVERY_DELIVERED && !excused &&
        !is_seen(world, review->row->conversation, message->seq))
        sim_violation(world, "%s: seq %llu is marked as delivered, and no agent has it",
                      review->tenant->name.text, (unsigned long long)message->seq);
    if (review->row->state != CONVERSATION_ACTIVE || review->holder == NULL)
        return;
    HASH_FIND(hh, review->holder->grips, &review->row->conversation,
              sizeof(review->row->conversation), grip);
    if (grip == NULL || message->seq >= SEQ_MAX || !grip->seen[message->seq])
        sim_violation(world, "%s: \"%.*s\" (seq %llu) never reached %s", review->tenant->name.text,
                      SLICE_ARG(message->text), (unsigned long long)message->seq,
                      review->holder->name);
}

/* That nobody takes it is said once, and only where the tenant wants it. */
static void check_told(struct review *review, const struct stored_message *message)
{
    struct world *world = review->tenant->world;

    if (world->rules.unanswered_ms == 0 || ++review->told > 1)
        sim_violation(world, "%s: \"%.*s\" is told %u times", review->tenant->name.text,
                      SLICE_ARG(message->text), review->told);
}

static int check_message(void *context, const struct stored_message *message)
{
    struct review *review = context;

    review->tenant->world->messages++;
    if (message->seq != ++review->expected_seq)
        sim_violation(review->tenant->world, "%s: seq %llu where %llu should be",
                      review->tenant->name.text, (unsigned long long)message->seq,
                      (unsigned long long)review->expected_seq);
    if (message->from == FROM_SYSTEM) {
        check_told(review, message);
    } else if (message->from == FROM_VISITOR) {
        check_said(review, message);
        check_delivered(review, message);
    } else {
        check_answered(review, message);
    }
    return 0;
}

static int take_change(void *context, const struct stored_revision *row)
{
    struct review *review = context;
    struct change *change;

    review->changes =
        realloc(review->changes, (review->change_count + 1) * sizeof(*review->changes));
    if (review->changes == NULL)
        abort();
    change = &review->changes[review->change_count++];
    change->seq = row->seq;
    (void)slice_copy(row->cid, change->cid, sizeof(change->cid));
    (void)slice_copy(row->text, change->text, sizeof(change->text));
    return 0;
}

/* A note is kept once, by who said it, where they said it; and is no message. */
static int check_note(void *context, const struct stored_note *note)
{
    struct review *review = context;
    struct world *world = review->tenant->world;
    struct agent_sim *agent = agents_by_jid(world, note->agent);

    for (size_t i = 0; agent != NULL && i < agent->word_count; i++) {
        struct word *word = &agent->words[i];

        if (!word->note || !slice_is(note->text, word->stored))
            continue;
        if (word->tenant != review->tenant ||
            (!word->whisper && !visitor_id_equal(word->visitor, review->row->visitor)) ||
            ++word->found > 1)
            sim_violation(world, "%s: the note \"%.*s\" stands where it should not",
                          review->tenant->name.text, SLICE_ARG(note->text));
        return 0;
    }
    sim_violation(world, "%s: nobody wrote the note \"%.*s\"", review->tenant->name.text,
                  SLICE_ARG(note->text));
    return 0;
}

static int take_row(void *context, const struct stored_conversation *row)
{
    struct review *review = context;

    if (review->count == review->cap) {
        review->cap = review->cap == 0 ? 64 : review->cap * 2;
        review->rows = realloc(review->rows, review->cap * sizeof(*review->rows));
        if (review->rows == NULL)
            abort();
    }
    review->rows[review->count] = *row;
    review->rows[review->count++].agent.data = slice_dup(row->agent);
    return 0;
}

/* The rules and the store must agree, or a restart would change the world. */
static void check_view(struct review *review)
{
    struct world *world = review->tenant->world;
    const struct stored_conversation *row = review->row;
    struct chat_conversation_view view;
    bool open = chat_view(review->tenant->chat, row->conversation, &view);

    if (row->state == CONVERSATION_QUEUED)
        sim_violation(world, "%s v%u still waits in the queue", review->tenant->name.text,
                      core_browser(world, row->visitor)->index);
    if (open != (row->state != CONVERSATION_ENDED)) {
        sim_violation(world, "%s v%u: the conversation is %s for the rules, %s in the store",
                      review->tenant->name.text, core_browser(world, row->visitor)->index,
                      open ? "open" : "over", open ? "over" : "open");
        return;
    }
    if (open && (view.state != row->state || view.last_seq != row->last_seq ||
                 !slice_is(row->agent, view.agent)))
        sim_violation(world, "%s v%u: the rules and the store disagree about the conversation",
                      review->tenant->name.text, core_browser(world, row->visitor)->index);
    if (open && (review->holder == NULL || !agent_is_heard(review->holder, review->tenant)))
        sim_violation(world, "%s v%u: held by somebody who is no member", review->tenant->name.text,
                      core_browser(world, row->visitor)->index);
}

static int count_call(void *context, const struct stored_event *event)
{
    ((struct review *)context)->calls += slice_is(event->type, "callback");
    return 0;
}

/* Whoever handed this on, and has it all the same, was told why; what the core had in memory when
 * it died, nobody tells again. */
static void check_handing(const struct review *review)
{
    const struct agent_sim *holder = review->holder;

    if (review->row->state != CONVERSATION_ACTIVE || holder == NULL || holder->lost)
        return;
    for (size_t i = 0; i < holder->word_count; i++) {
        const struct word *word = &holder->words[i];

        if (word->handed && !word->settled && word->tenant == review->tenant &&
            word->at_ms > review->tenant->world->died_ms &&
            visitor_id_equal(word->visitor, review->row->visitor) &&
            word->at_ms >= review->row->opened_ms)
            sim_violation(review->tenant->world, "%s: %s never hears what came of \"%s\" (%s)",
                          review->tenant->name.text, holder->name, word->text, word->stanza);
    }
}

static void check_row(struct review *review, const struct stored_conversation *row)
{
    struct world *world = review->tenant->world;

    review->row = row;
    review->expected_seq = 0;
    review->told = 0;
    review->holder = agents_by_jid(world, row->agent);
    check_id(review->tenant, row->conversation.id, "conversation");
    check_id(review->tenant, row->visitor.id, "visitor");
    review->change_count = 0;
    if (revisions_read(world->store, &review->tenant->name, row->conversation, take_change,
                       review) != OK)
        abort();
    if (STORE_CALL(world->store, messages, &review->tenant->name, row->conversation, 0, SIZE_MAX,
                   check_message, review) != OK ||
        STORE_CALL(world->store, notes, &review->tenant->name, row->conversation, check_note,
                   review) != OK ||
        STORE_CALL(world->store, events, &review->tenant->name, row->conversation, count_call,
                   review) != OK)
        abort();
    if (review->expected_seq != row->last_seq || row->last_seq == 0)
        sim_violation(world, "%s: a conversation of %llu messages says %llu",
                      review->tenant->name.text, (unsigned long long)review->expected_seq,
                      (unsigned long long)row->last_seq);
    reactions_check(review->tenant, row);
    check_handing(review);
    check_view(review);
}

/* --- in the end: what people see --- */

static const struct stored_conversation *latest_of(const struct review *review,
                                                   struct visitor_id visitor)
{
    const struct stored_conversation *latest = NULL;

    for (size_t i = 0; i < review->count; i++) {
        const struct stored_conversation *row = &review->rows[i];

        if (!visitor_id_equal(row->visitor, visitor))
            continue;
        if (latest == NULL || row->opened_ms > latest->opened_ms ||
            (row->opened_ms == latest->opened_ms && row->state < latest->state))
            latest = row;
    }
    return latest;
}

struct looking {
    struct world *world;
    const struct tab *tab;
};

/* An agent's message says on the screen what it says in the store. */
static int check_look(void *context, const struct stored_message *message)
{
    const struct looking *looking = context;
    const struct tab *tab = looking->tab;

    if (message->from != FROM_VISITOR && message->seq < SEQ_MAX && tab->seen[message->seq] &&
        tab->looks[message->seq] != sim_hash(message->text))
        sim_violation(looking->world, "v%u/%u does not see that seq %llu says \"%.*s\" now",
                      tab->browser->index, tab->index, (unsigned long long)message->seq,
                      SLICE_ARG(message->text));
    return 0;
}

static void check_tab(const struct review *review, struct tab *tab)
{
    struct world *world = review->tenant->world;
    const struct stored_conversation *row = latest_of(review, tab->browser->visitor);

    if (!tab->open)
        return;
    if (!tab->welcomed) {
        sim_violation(world, "v%u is not let in", tab->browser->index);
        return;
    }
    if (row == NULL)
        return;
    if (!conversation_id_equal(row->conversation, tab->conversation)) {
        sim_violation(world, "v%u/%u sees another conversation than the latest",
                      tab->browser->index, tab->index);
        return;
    }
    for (uint64_t seq = 1; seq <= row->last_seq && seq < SEQ_MAX; seq++) {
        if (!tab->seen[seq])
            sim_violation(world, "v%u/%u never sees seq %llu of %llu", tab->browser->index,
                          tab->index, (unsigned long long)seq, (unsigned long long)row->last_seq);
    }
    if (STORE_CALL(world->store, messages, &review->tenant->name, row->conversation, 0, SIZE_MAX,
                   check_look, &(struct looking){ world, tab }) != OK)
        abort();
    reactions_check_tab(tab);
    if (tab->ended != (row->state == CONVERSATION_ENDED))
        sim_violation(world, "v%u/%u is%s told that it has ended", tab->browser->index, tab->index,
                      tab->ended ? "" : " not");
}

static void check_browser(const struct review *review, struct browser *browser)
{
    struct world *world = review->tenant->world;

    for (size_t i = 0; i < browser->say_count; i++) {
        const struct say *say = &browser->says[i];

        if (say->state == SAY_SAVED && say->found == 0)
            sim_violation(world, "%s %s was saved, and is lost", review->tenant->name.text,
                          say->cid);
        if (say->state != SAY_SAVED)
            sim_violation(world, "%s %s waits for its tick", review->tenant->name.text, say->cid);
    }
    for (unsigned i = 0; i < TABS; i++)
        check_tab(review, &browser->tabs[i]);
}

static void check_agent(struct world *world, struct agent_sim *agent)
{
    for (size_t i = 0; i < agent->word_count; i++) {
        const struct word *word = &agent->words[i];

        /* What was withdrawn already is withdrawn again by nobody. */
        if (word->receipted && !word->command && word->speech != SPEECH_WITHDRAWAL &&
            word->speech != SPEECH_REACTION && word->found == 0)
            sim_violation(world, "%s of %s was receipted, and is lost", word->stanza, agent->name);
        if (!word->receipted && !word->told && agent_is_heard(agent, word->tenant))
            sim_violation(world, "%s of %s waits for its receipt", word->stanza, agent->name);
    }
}

static int check_call(void *context, const struct stored_call *call)
{
    const struct tenant_sim *tenant = context;

    sim_violation(tenant->world, "%s: %.*s is still to be told of a call-back", tenant->name.text,
                  SLICE_ARG(call->jid));
    return 0;
}

/* Of each wish to be called back, who does that hears once. */
static void check_calls(const struct review *review)
{
    struct tenant_sim *tenant = review->tenant;

    if (calls_waiting(tenant->world->store, &tenant->name, check_call, tenant) != OK)
        abort();
    if (tenant->calls_heard != review->calls)
        sim_violation(tenant->world, "%s: of %u call-backs %u were told", tenant->name.text,
                      review->calls, tenant->calls_heard);
}

static void check_tenant(struct tenant_sim *tenant)
{
    struct world *world = tenant->world;
    struct review review = { .tenant = tenant };

    if (STORE_CALL(world->store, conversations, &tenant->name, LIST_ALL, 0,
                   (struct conversation_id){ { { 0 } } }, SIZE_MAX, take_row, &review) != OK)
        abort();
    for (size_t i = 0; i < review.count; i++)
        check_row(&review, &review.rows[i]);
    for (unsigned i = 0; i < world->browser_count; i++) {
        if (world->browsers[i].tenant == tenant)
            check_browser(&review, &world->browsers[i]);
    }
    check_calls(&review);
    if (tenant->link.heard != NULL)
        sim_violation(world, "%s: the link was never told that %s is handled", tenant->name.text,
                      tenant->link.heard->stanza);
    for (size_t i = 0; i < review.count; i++)
        free((void *)(uintptr_t)review.rows[i].agent.data);
    free(review.rows);
    free(review.changes);
}

void check_end(struct world *world)
{
    if (!world->core_up) {
        sim_violation(world, "the core does not come back");
        return;
    }
    for (unsigned i = 0; i < world->tenant_count; i++)
        check_tenant(&world->tenants[i]);
    for (unsigned i = 0; i < world->people_count; i++)
        check_agent(world, &world->agents[i]);
}
