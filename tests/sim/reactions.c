/* SPDX-License-Identifier: Apache-2.0
 *
 * Emojis beside messages: people put them there, take them back, and now and then mean what is
 * not theirs to react to. In the end all who see one see what is stored, and it stands where
 * somebody put it.
 */
#include "tests/sim/sim.h"

#include "storage/transcripts/reactions.h"

#include <stdio.h>
#include <stdlib.h>

static const char *pick_emojis(struct world *world)
{
    static const char *const sets[] = { "👍", "❤️", "🎉", "👍 🎉", "" };

    return sets[sim_random(world) % (sizeof(sets) / sizeof(sets[0]))];
}

/* --- what stands beside messages, as somebody sees it --- */

static struct beside *add(struct besides *besides)
{
    if (besides->count == besides->cap) {
        besides->cap = besides->cap == 0 ? 8 : besides->cap * 2;
        besides->all = realloc(besides->all, besides->cap * sizeof(*besides->all));
        if (besides->all == NULL)
            abort();
    }
    besides->all[besides->count] = (struct beside){ .seq = 0 };
    return &besides->all[besides->count++];
}

static struct beside *find(const struct besides *besides, uint64_t seq, struct slice sender)
{
    for (size_t i = 0; i < besides->count; i++) {
        if (besides->all[i].seq == seq && slice_is(sender, besides->all[i].sender))
            return &besides->all[i];
    }
    return NULL;
}

void reactions_release(struct besides *besides)
{
    free(besides->all);
    *besides = (struct besides){ .all = NULL };
}

/* --- visitors --- */

/* Mostly to what an agent said. */
static uint64_t pick_seq(struct world *world, const struct tab *tab)
{
    uint64_t seq = sim_between(world, 0, tab->last_seq + 1);

    for (unsigned i = 0; i < 4 && (seq >= SEQ_MAX || !tab->agents[seq]); i++)
        seq = sim_between(world, 0, tab->last_seq);
    return seq;
}

void tab_reacts(struct world *world, struct tab *tab)
{
    struct parcel frame = { .kind = TAB_REACT, .seq = pick_seq(world, tab) };
    struct beside *put = add(&tab->browser->put);

    (void)snprintf(frame.text, sizeof(frame.text), "%s", pick_emojis(world));
    put->conversation = tab->conversation;
    put->seq = frame.seq;
    (void)slice_copy(slice_of(frame.text), put->emojis, sizeof(put->emojis));
    sim_trace(world, tab->browser->tenant, "v%u/%u reacts to seq %llu: \"%s\"", tab->browser->index,
              tab->index, (unsigned long long)frame.seq, frame.text);
    lane_post_faulty(world, &tab->in, sim_between(world, 2, 90), core_hears_tab, tab, &frame);
}

/* It is beside words on the screen, and beside the other side's alone. */
void tab_gets_reaction(struct world *world, struct tab *tab, const struct parcel *frame)
{
    struct beside *beside = find(&tab->besides, frame->seq, slice_of(frame->cid));

    if (!conversation_id_equal(frame->conversation, tab->conversation) || frame->seq >= SEQ_MAX ||
        !tab->seen[frame->seq])
        sim_violation(world, "v%u/%u is shown a reaction to seq %llu, which is not on the screen",
                      tab->browser->index, tab->index, (unsigned long long)frame->seq);
    else if (tab->withdrawn[frame->seq] && frame->text[0] != '\0')
        sim_violation(world, "v%u/%u is shown a reaction to seq %llu, which was withdrawn",
                      tab->browser->index, tab->index, (unsigned long long)frame->seq);
    else if (tab->agents[frame->seq] != (frame->from == FROM_VISITOR))
        sim_violation(world, "v%u/%u is shown a reaction to seq %llu by who said it",
                      tab->browser->index, tab->index, (unsigned long long)frame->seq);
    if (beside == NULL)
        beside = add(&tab->besides);
    beside->seq = frame->seq;
    (void)slice_copy(slice_of(frame->cid), beside->sender, sizeof(beside->sender));
    (void)slice_copy(slice_of(frame->text), beside->emojis, sizeof(beside->emojis));
}

/* --- agents --- */

/* A person waits until what they did has been done before they do it over. */
static bool waits(const struct agent_sim *agent, struct id target)
{
    for (size_t i = 0; i < agent->word_count; i++) {
        const struct word *word = &agent->words[i];

        if (word->speech == SPEECH_REACTION && id_equal(word->target, target) && !word->receipted &&
            !word->told)
            return true;
    }
    return false;
}

/* To what they have just read; or by mistake to what they read somewhere else. */
void agent_reacts(struct world *world, void *who, const struct parcel *said)
{
    struct agent_sim *agent = who;
    bool astray = sim_chance(world, 150);
    struct id target = astray ? agent->read_before : said->stanza;
    struct word *word;

    agent->read_before = said->stanza;
    if (!agent_is_there(agent) || waits(agent, target))
        return;
    word = agents_new_word(agent, said->what, said->visitor);
    word->speech = SPEECH_REACTION;
    word->target = target;
    (void)snprintf(word->text, sizeof(word->text), "%s", pick_emojis(world));
    agents_send_word(world, agent, word);
}

/* What stands beside their own words; beside a colleague's it is told in words alone. */
void agent_gets_reaction(struct agent_sim *agent, const struct parcel *said)
{
    struct word *word = agents_word_of(agent, slice_of(said->cid));

    if (word == NULL)
        return;
    (void)slice_copy(slice_of(said->text), word->beside, sizeof(word->beside));
}

/* --- in the end --- */

struct target {
    enum message_from from;
    uint64_t withdrawn_ms;
    struct agent_sim *sender;
    struct word *word;
    char visitors[EMOJIS_BYTES]; /* what the visitor has beside it … */
    uint64_t put_ms;             /* … since */
};

struct weighing {
    struct tenant_sim *tenant;
    const struct stored_conversation *row;
    const struct browser *browser;
    struct besides stored;
    struct target targets[SEQ_MAX];
};

static int take_target(void *context, const struct stored_message *message)
{
    struct weighing *weighing = context;
    struct target *target = &weighing->targets[message->seq % SEQ_MAX];

    target->from = message->from;
    target->withdrawn_ms = message->withdrawn_ms;
    target->sender = agents_by_jid(weighing->tenant->world, message->sender);
    target->word = target->sender == NULL ? NULL : agents_word_of(target->sender, message->cid);
    return 0;
}

static bool names(const struct weighing *weighing, const struct word *word, uint64_t seq)
{
    struct conversation_id conversation;
    uint64_t named;

    return word->speech == SPEECH_REACTION && word->tenant == weighing->tenant &&
           STORE_CALL(weighing->tenant->world->store, message_by_id, &weighing->tenant->name,
                      weighing->row->visitor, (struct message_id){ word->target }, &conversation,
                      &named) == OK &&
           named == seq && conversation_id_equal(conversation, weighing->row->conversation);
}

/* The last of this agent's to the message; NULL: they never reacted to it. */
static const struct word *last_of(const struct weighing *weighing, const struct agent_sim *agent,
                                  uint64_t seq)
{
    for (size_t i = agent == NULL ? 0 : agent->word_count; i > 0; i--) {
        if (visitor_id_equal(agent->words[i - 1].visitor, weighing->row->visitor) &&
            names(weighing, &agent->words[i - 1], seq))
            return &agent->words[i - 1];
    }
    return NULL;
}

static bool visitor_put(const struct weighing *weighing, uint64_t seq)
{
    const struct besides *put = &weighing->browser->put;

    for (size_t i = 0; i < put->count; i++) {
        if (put->all[i].seq == seq &&
            conversation_id_equal(put->all[i].conversation, weighing->row->conversation))
            return true;
    }
    return false;
}

/* Each was put there by whom it names, beside what the other side said, before that was withdrawn.
 */
static int check_event(void *context, const struct stored_event *event)
{
    struct weighing *weighing = context;
    struct world *world = weighing->tenant->world;
    const struct agent_sim *agent = agents_by_jid(world, event->agent);
    unsigned long long seq;
    char detail[LINE_BYTES];
    struct target *target;

    if (!slice_is(event->type, "reaction"))
        return 0;
    if (!slice_copy(event->detail, detail, sizeof(detail)) ||
        sscanf(detail, "{\"seq\":%llu", &seq) != 1 || seq == 0 || seq >= SEQ_MAX)
        abort();
    target = &weighing->targets[seq];
    if (agent == NULL)
        target->put_ms = event->at_ms;
    if (agent != NULL ? last_of(weighing, agent, seq) == NULL : !visitor_put(weighing, seq))
        sim_violation(world, "%s: nobody reacted to seq %llu of v%u", weighing->tenant->name.text,
                      seq, weighing->browser->index);
    if ((target->from == FROM_VISITOR) != (agent != NULL))
        sim_violation(world, "%s: a reaction to seq %llu of v%u by who said it",
                      weighing->tenant->name.text, seq, weighing->browser->index);
    if (target->withdrawn_ms != 0 && event->at_ms > target->withdrawn_ms)
        sim_violation(world, "%s: a reaction to seq %llu of v%u, which was withdrawn before",
                      weighing->tenant->name.text, seq, weighing->browser->index);
    return 0;
}

static int take_stored(void *context, const struct stored_reaction *reaction)
{
    struct weighing *weighing = context;
    struct beside *beside = add(&weighing->stored);

    beside->seq = reaction->seq;
    (void)slice_copy(reaction->name, beside->sender, sizeof(beside->sender));
    (void)slice_copy(reaction->emojis, beside->emojis, sizeof(beside->emojis));
    if (reaction->from == FROM_VISITOR)
        (void)slice_copy(reaction->emojis, weighing->targets[reaction->seq % SEQ_MAX].visitors,
                         EMOJIS_BYTES);
    return 0;
}

/* Whoever has the conversation sees beside their own words what the visitor put there; what the
 * core had in memory when it died, nobody tells again. */
static void check_holder(const struct weighing *weighing)
{
    const struct agent_sim *holder = agents_by_jid(weighing->tenant->world, weighing->row->agent);

    if (weighing->row->state != CONVERSATION_ACTIVE || holder == NULL)
        return;
    for (uint64_t seq = 1; seq <= weighing->row->last_seq && seq < SEQ_MAX; seq++) {
        const struct target *target = &weighing->targets[seq];

        if (target->sender == holder && target->word != NULL && target->withdrawn_ms == 0 &&
            target->put_ms > weighing->tenant->world->died_ms &&
            strcmp(target->word->beside, target->visitors) != 0)
            sim_violation(weighing->tenant->world,
                          "%s: %s sees \"%s\" beside seq %llu of v%u, where \"%s\" stands",
                          weighing->tenant->name.text, holder->name, target->word->beside,
                          (unsigned long long)seq, weighing->browser->index, target->visitors);
    }
}

/* What an agent was told is received stands there, unless something came twice and late. */
static void check_agents(const struct weighing *weighing, uint64_t seq)
{
    struct world *world = weighing->tenant->world;

    for (unsigned i = 0; i < world->people_count; i++) {
        const struct agent_sim *agent = &world->agents[i];
        const struct word *last = last_of(weighing, agent, seq);
        const struct beside *beside = find(&weighing->stored, seq, slice_of(agent->name));

        if (last == NULL || !last->receipted ||
            strcmp(last->text, beside == NULL ? "" : beside->emojis) == 0)
            continue;
        sim_violation(world, "%s: %s put \"%s\" beside seq %llu of v%u, and \"%s\" stands there",
                      weighing->tenant->name.text, agent->name, last->text, (unsigned long long)seq,
                      weighing->browser->index, beside == NULL ? "" : beside->emojis);
    }
}

void reactions_check(struct tenant_sim *tenant, const struct stored_conversation *row)
{
    struct world *world = tenant->world;
    struct weighing *weighing = calloc(1, sizeof(*weighing));

    if (weighing == NULL)
        abort();
    weighing->tenant = tenant;
    weighing->row = row;
    weighing->browser = core_browser(world, row->visitor);
    if (STORE_CALL(world->store, messages, &tenant->name, row->conversation, 0, SIZE_MAX,
                   take_target, weighing) != OK ||
        STORE_CALL(world->store, events, &tenant->name, row->conversation, check_event, weighing) !=
            OK ||
        reactions_read(world->store, &tenant->name, row->conversation, take_stored, weighing) != OK)
        abort();
    check_holder(weighing);
    for (uint64_t seq = 1; seq <= row->last_seq && seq < SEQ_MAX; seq++) {
        if (weighing->targets[seq].from == FROM_VISITOR && !world->repeats)
            check_agents(weighing, seq);
    }
    reactions_release(&weighing->stored);
    free(weighing);
}

/* --- what tabs see --- */

struct viewing {
    struct tab *tab;
    size_t there; /* of those the tab shows, stored so */
};

static int check_seen(void *context, const struct stored_reaction *reaction)
{
    struct viewing *viewing = context;
    const struct tab *tab = viewing->tab;
    const struct beside *beside = find(&tab->besides, reaction->seq, reaction->name);

    if (!slice_is(reaction->emojis, beside == NULL ? "" : beside->emojis))
        sim_violation(tab->browser->tenant->world,
                      "v%u/%u sees \"%s\" beside seq %llu, where %.*s has \"%.*s\"",
                      tab->browser->index, tab->index, beside == NULL ? "" : beside->emojis,
                      (unsigned long long)reaction->seq, SLICE_ARG(reaction->name),
                      SLICE_ARG(reaction->emojis));
    viewing->there += beside != NULL && beside->emojis[0] != '\0';
    return 0;
}

void reactions_check_tab(struct tab *tab)
{
    struct tenant_sim *tenant = tab->browser->tenant;
    struct viewing viewing = { tab, 0 };
    size_t shown = 0;

    if (reactions_read(tenant->world->store, &tenant->name, tab->conversation, check_seen,
                       &viewing) != OK)
        abort();
    for (size_t i = 0; i < tab->besides.count; i++)
        shown += tab->besides.all[i].emojis[0] != '\0' &&
                 !tab->withdrawn[tab->besides.all[i].seq % SEQ_MAX];
    if (shown != viewing.there)
        sim_violation(tenant->world, "v%u/%u sees %zu reactions where %zu stand",
                      tab->browser->index, tab->index, shown, viewing.there);
}
