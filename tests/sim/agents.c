/* SPDX-License-Identifier: Apache-2.0
 *
 * People in XMPP clients, some of them members of several tenants. They read offers and
 * answer some, answer visitors, end and give back, come and go. Their clients drop stanzas
 * whose id they have seen, and send again what was never receipted.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[AGENTS_MAX] = { "anna",  "bert",  "cilla", "daavid",
                                               "eeva",  "frans", "greta", "heikki",
                                               "inari", "jussi", "kaisa", "lauri" };

static const char *const skills[] = { "", "", "en", "en billing", "billing", "pool", "pool en" };

struct agent_sim *agents_by_jid(struct world *world, struct slice jid)
{
    for (unsigned i = 0; i < world->people_count; i++) {
        if (slice_is(jid, world->agents[i].jid))
            return &world->agents[i];
    }
    return NULL;
}

bool agent_is_there(const struct agent_sim *agent)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (agent->clients[i].up)
            return true;
    }
    return false;
}

bool agent_is_heard(const struct agent_sim *agent, const struct tenant_sim *tenant)
{
    return agent->outsider || tenant->members[agent->index];
}

struct word *agents_word_of(struct agent_sim *agent, struct slice stanza)
{
    for (size_t i = agent->word_count; i > 0; i--) {
        if (slice_is(stanza, agent->words[i - 1].stanza))
            return &agent->words[i - 1];
    }
    return NULL;
}

/* --- saying --- */

static void no_receipt_yet(struct world *world, void *who, const struct parcel *parcel)
{
    struct agent_sim *agent = who;
    struct word *word = &agent->words[parcel->seq];

    if (word->receipted || word->told)
        return;
    if (world->quiet && !agent_is_heard(agent, word->tenant))
        return; /* nobody hears them there any more, and nobody ever will */
    if (agent->clients[word->client].up && (world->quiet || sim_chance(world, 700))) {
        sim_trace(world, word->tenant, "%s sends %s again", agent->name, word->stanza);
        link_hears_stanza(word->tenant, agent, word);
    }
    sim_post(world, 12000, no_receipt_yet, agent, parcel);
}

struct word *agents_new_word(struct agent_sim *agent, struct tenant_sim *tenant,
                             struct visitor_id visitor)
{
    struct word *word;

    if (agent->word_count == agent->word_cap) {
        agent->word_cap = agent->word_cap == 0 ? 32 : agent->word_cap * 2;
        agent->words = realloc(agent->words, agent->word_cap * sizeof(*agent->words));
        if (agent->words == NULL)
            abort();
    }
    word = &agent->words[agent->word_count];
    *word = (struct word){ .tenant = tenant,
                           .visitor = visitor,
                           .client = agent->clients[0].up ? 0 : 1 };
    (void)snprintf(word->stanza, sizeof(word->stanza), "a%u-%zu", agent->index, agent->word_count);
    agent->word_count++;
    return word;
}

void agents_send_word(struct world *world, struct agent_sim *agent, struct word *word)
{
    struct parcel wait = { .seq = (uint64_t)(word - agent->words) };

    word->at_ms = world->now_ms;
    link_hears_stanza(word->tenant, agent, word);
    sim_post(world, 12000, no_receipt_yet, agent, &wait);
}

static bool is_for_visitor(const struct word *word, const struct tenant_sim *tenant,
                           struct visitor_id visitor)
{
    return word->tenant == tenant && visitor_id_equal(word->visitor, visitor) &&
           (!word->command || word->canned);
}

/* Changes one of the last words to this visitor, or what they were changed to; or, where there are
 * none, what never was. */
static void revise(struct world *world, struct agent_sim *agent, struct tenant_sim *tenant,
                   struct visitor_id visitor)
{
    const uint64_t back = sim_between(world, 0, 2);
    struct word *word = agents_new_word(agent, tenant, visitor);
    uint64_t passed = 0;

    word->speech = sim_chance(world, 300) ? SPEECH_WITHDRAWAL : SPEECH_CORRECTION;
    if (word->speech == SPEECH_CORRECTION)
        (void)snprintf(word->text, sizeof(word->text), "~%u %s", tenant->index, word->stanza);
    (void)snprintf(word->stored, sizeof(word->stored), "%s", word->text);
    (void)snprintf(word->about, sizeof(word->about), "nothing");
    for (size_t i = agent->word_count - 1; i > 0; i--) {
        const struct word *said = &agent->words[i - 1];

        if (!is_for_visitor(said, tenant, visitor) || passed++ != back)
            continue;
        (void)snprintf(word->about, sizeof(word->about), "%s", said->stanza);
        break;
    }
    agents_send_word(world, agent, word);
}

static void say(struct world *world, struct agent_sim *agent, struct tenant_sim *tenant,
                struct visitor_id visitor, const char *text)
{
    struct word *word = agents_new_word(agent, tenant, visitor);

    word->command = visitor_id_is_none(visitor) || text[0] == '!';
    (void)snprintf(word->text, sizeof(word->text), "%s", text);
    if (text[0] == '\0') { /* words of their own */
        bool shouted = sim_chance(world, 50);

        (void)snprintf(word->text, sizeof(word->text), "%s~%u %s", shouted ? "!!" : "",
                       tenant->index, word->stanza);
        (void)snprintf(word->stored, sizeof(word->stored), "%s", word->text + (shouted ? 1 : 0));
        word->command = false;
    }
    if (strcmp(text, "!note") == 0) {
        (void)snprintf(word->text, sizeof(word->text), "!note ~%u %s", tenant->index, word->stanza);
        (void)snprintf(word->stored, sizeof(word->stored), "%s", word->text + strlen("!note "));
        word->note = true;
    }
    if (strncmp(text, "!whisper", strlen("!whisper")) == 0) {
        (void)snprintf(word->text, sizeof(word->text), "%s ~%u %s", text, tenant->index,
                       word->stanza);
        (void)snprintf(word->stored, sizeof(word->stored), "~%u %s", tenant->index, word->stanza);
        word->note = word->whisper = true;
    }
    if (strcmp(text, "!c hello") == 0) { /* see start_tenant() */
        (void)snprintf(word->stored, sizeof(word->stored), "~%u hello", tenant->index);
        word->canned = true;
    }
    agents_send_word(world, agent, word);
}

void agent_gets_receipt(struct world *world, void *who, const struct parcel *parcel)
{
    struct agent_sim *agent = who;
    struct word *word = agents_word_of(agent, slice_of(parcel->cid));

    if (word == NULL || word->tenant->index != (unsigned)parcel->kind)
        sim_violation(world, "%s gets a receipt for %s, which they never said there", agent->name,
                      parcel->cid);
    else
        word->receipted = true;
}

/* --- the desk --- */

static void decide(struct world *world, void *who, const struct parcel *offer)
{
    struct agent_sim *agent = who;
    struct tenant_sim *tenant = offer->what;
    const struct visitor_id desk = { { { 0 } } };
    const char *number = strstr(offer->text, "reply ok");
    char line[32];

    number = number == NULL ? "" : number + strlen("reply ok");
    (void)snprintf(line, sizeof(line), "%s%.*s",
                   world->quiet || sim_chance(world, 800) ? "ok" : "no",
                   number[0] == ' ' && number[1] >= '0' && number[1] <= '9'
                       ? (int)(strcspn(number + 1, " ") + 1)
                       : 0,
                   number);
    if (agent_is_there(agent))
        say(world, agent, tenant, desk, line);
}

/* "Not sent …", "Not saved …": whoever waits for a receipt knows now. */
static void is_told(struct agent_sim *agent, const struct tenant_sim *tenant,
                    struct visitor_id visitor)
{
    for (size_t i = 0; i < agent->word_count; i++) {
        struct word *word = &agent->words[i];

        if (word->tenant == tenant && !word->receipted &&
            (visitor_id_is_none(visitor) || visitor_id_equal(word->visitor, visitor)))
            word->told = true;
    }
}

static bool holds(const struct parcel *line, const char *part)
{
    return strstr(line->text, part) != NULL;
}

/* What comes of a handing on: to the visitor's contact, or by the desk, which does not say whose.
 */
static void hears_of_handing(struct agent_sim *agent, const struct tenant_sim *tenant,
                             const struct parcel *line)
{
    bool desk = visitor_id_is_none(line->visitor), begins = holds(line, "Offered to ");
    bool ends =
        desk ? holds(line, "has taken ") || holds(line, " in the queue") || holds(line, ": ended")
             : holds(line, "did not take it") || holds(line, "cannot be reached now");

    for (size_t i = agent->word_count; i > 0; i--) {
        struct word *word = &agent->words[i - 1];

        if (word->tenant != tenant || strncmp(word->text, "!to ", 4) != 0 ||
            (!desk && !visitor_id_equal(word->visitor, line->visitor)))
            continue;
        word->settled |= ends;
        if (!begins)
            continue;
        word->handed = true;
        return;
    }
}

static void gets_line(struct world *world, struct agent_sim *agent, struct tenant_sim *tenant,
                      const struct parcel *line)
{
    struct parcel offer = *line;

    static const char *const refusals[] = { "Not sent",
                                            "Not saved",
                                            "Not changed",
                                            "Not withdrawn",
                                            "Your reaction was not sent",
                                            "This conversation is not yours" };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (strstr(line->text, refusals[i]) != NULL)
            is_told(agent, tenant, line->visitor);
    }
    hears_of_handing(agent, tenant, line);
    offer.what = tenant;
    if (strstr(line->text, "reply ok") != NULL && (world->quiet || sim_chance(world, 850)))
        sim_post(world, sim_between(world, 300, world->quiet ? 2000 : 15000), decide, agent,
                 &offer);
}

/* --- a visitor's words --- */

static struct grip *grip_of(struct agent_sim *agent, struct conversation_id conversation)
{
    struct grip *grip;

    HASH_FIND(hh, agent->grips, &conversation, sizeof(conversation), grip);
    if (grip != NULL)
        return grip;
    grip = calloc(1, sizeof(*grip));
    if (grip == NULL)
        abort();
    grip->conversation = conversation;
    HASH_ADD(hh, agent->grips, conversation, sizeof(grip->conversation), grip);
    return grip;
}

static void answer(struct world *world, void *who, const struct parcel *said)
{
    static const char *const commands[] = { "!end solved",
                                            "!back",
                                            "!queue",
                                            "!help",
                                            "!nonsense",
                                            "!who",
                                            "!note",
                                            "!note",
                                            "!tag a -b c",
                                            "!stage new",
                                            "!info",
                                            "!away",
                                            "!here",
                                            "!callback 9",
                                            "!callback 12:00 @tuula",
                                            "!note",
                                            "!history",
                                            "!end",
                                            "!tag -a",
                                            "!to anna done with it",
                                            "!to bert",
                                            "!to cilla",
                                            "!to billing",
                                            "!to en why",
                                            "!to nobody",
                                            "!to mikko",
                                            "!to mikko he knows",
                                            "!to mikko",
                                            "!why",
                                            "!c",
                                            "!c hello",
                                            "!c hello",
                                            "!c 9" };
    struct agent_sim *agent = who;
    struct tenant_sim *tenant = said->what;
    uint64_t what = sim_between(world, 0, 99);

    if (!agent_is_there(agent))
        return;
    if (what < 12 && !world->quiet)
        say(world, agent, tenant, said->visitor,
            commands[sim_random(world) % (sizeof(commands) / sizeof(commands[0]))]);
    else if (what < 20)
        link_hears_typing(tenant, agent, said->visitor);
    else if (what < 32)
        revise(world, agent, tenant, said->visitor);
    else
        say(world, agent, tenant, said->visitor, "");
}

static void gets_word(struct world *world, struct agent_sim *agent, struct tenant_sim *tenant,
                      const struct parcel *said)
{
    struct grip *grip = grip_of(agent, said->conversation);
    struct parcel copy = *said;

    if (said->seq >= SEQ_MAX)
        return;
    if (said->seq < grip->last_seq && !grip->disturbed && !world->bounces)
        sim_violation(world, "%s %s sees seq %llu after %llu", tenant->name.text, agent->name,
                      (unsigned long long)said->seq, (unsigned long long)grip->last_seq);
    if (said->seq > grip->last_seq)
        grip->last_seq = said->seq;
    grip->seen[said->seq] = true;
    link_hears_receipt(tenant, agent, said, DELIVERY_DELIVERED);
    if (sim_chance(world, 400))
        link_hears_receipt(tenant, agent, said, DELIVERY_READ);
    copy.what = tenant;
    if (sim_chance(world, 120))
        sim_post(world, sim_between(world, 500, 20000), agent_reacts, agent, &copy);
    if (sim_chance(world, 500))
        sim_post(world, sim_between(world, 500, 20000), answer, agent, &copy);
}

/* --- a supervisor's view --- */

/* Whoever watches, or has joined, is shown all in order. */
static void gets_shown(struct world *world, struct agent_sim *agent, struct tenant_sim *tenant,
                       const struct parcel *said)
{
    struct showing *showing;
    struct parcel copy = *said;

    HASH_FIND(hh, agent->showings, &said->conversation, sizeof(said->conversation), showing);
    if (showing == NULL) {
        showing = calloc(1, sizeof(*showing));
        if (showing == NULL)
            abort();
        showing->conversation = said->conversation;
        HASH_ADD(hh, agent->showings, conversation, sizeof(showing->conversation), showing);
    }
    if (showing->round == said->round && showing->shown_by == said->shown_by &&
        said->seq != showing->last_seq + 1 && !world->bounces && !world->poisonous)
        sim_violation(world, "%s %s is shown seq %llu after %llu", tenant->name.text, agent->name,
                      (unsigned long long)said->seq, (unsigned long long)showing->last_seq);
    showing->round = said->round;
    showing->shown_by = said->shown_by;
    showing->last_seq = said->seq;
    if (visitor_id_is_none(said->visitor))
        return;
    link_hears_receipt(tenant, agent, said, DELIVERY_READ); /* some clients send it unasked */
    copy.what = tenant;
    if (said->from == FROM_VISITOR && sim_chance(world, 300))
        sim_post(world, sim_between(world, 500, 20000), answer, agent, &copy);
}

/* Now and then a supervisor looks at something. */
static void supervise(struct world *world, void *who, const struct parcel *parcel)
{
    static const char *const commands[] = { "!watch",   "!watch",   "!watch",    "!unwatch",
                                            "!whisper", "!whisper", "!join",     "!join",
                                            "!join",    "!unwatch", "!takeover", "!whisper" };
    const struct visitor_id desk = { { { 0 } } };
    struct agent_sim *agent = who;
    struct tenant_sim *tenant = &world->tenants[sim_random(world) % world->tenant_count];
    struct conversation_id conversation;
    char id[ID_TEXT_BYTES], line[ID_TEXT_BYTES + 16];

    (void)parcel;
    if (world->quiet)
        return;
    if (agent_is_there(agent) && tenant->members[agent->index] &&
        core_some_conversation(tenant, &conversation)) {
        id_format(conversation.id, id);
        (void)snprintf(line, sizeof(line), "%s #%s",
                       commands[sim_random(world) % (sizeof(commands) / sizeof(commands[0]))], id);
        say(world, agent, tenant, desk, line);
    }
    sim_post(world, sim_between(world, 500, 5000), supervise, agent, NULL);
}

static bool is_new(struct agent_sim *agent, struct id id)
{
    struct seen_stanza *seen;

    HASH_FIND(hh, agent->seen, &id, sizeof(id), seen);
    if (seen != NULL)
        return false;
    seen = calloc(1, sizeof(*seen));
    if (seen == NULL)
        abort();
    seen->id = id;
    HASH_ADD(hh, agent->seen, id, sizeof(seen->id), seen);
    return true;
}

void agent_gets(struct world *world, void *who, const struct parcel *said)
{
    struct agent_sim *agent = who;
    struct tenant_sim *tenant = &world->tenants[said->kind];

    if (!is_new(agent, said->stanza))
        return;
    sim_trace(world, tenant, "%s reads \"%s\"", agent->name, said->text);
    if (said->reaction)
        agent_gets_reaction(agent, said);
    else if (said->shown)
        gets_shown(world, agent, tenant, said);
    else if (conversation_id_is_none(said->conversation))
        gets_line(world, agent, tenant, said);
    else
        gets_word(world, agent, tenant, said);
}

void tuula_gets(struct world *world, void *who, const struct parcel *said)
{
    struct tenant_sim *tenant = &world->tenants[said->kind];

    if (!is_new(who, said->stanza))
        return;
    sim_trace(world, tenant, "tuula reads \"%s\"", said->text);
    tenant->calls_heard++;
}

/* --- coming and going --- */

static void tell_presence(struct world *world, struct agent_sim *agent, unsigned client)
{
    sim_trace(world, NULL, "%s/%s: %s", agent->name, agent->clients[client].resource,
              agent->clients[client].up ? "there" : "gone");
    for (unsigned i = 0; i < world->tenant_count; i++)
        link_hears_presence(&world->tenants[i], agent, client);
}

static void come(struct world *world, struct agent_sim *agent, unsigned client)
{
    agent->clients[client].up = true;
    agent->clients[client].show = world->quiet || sim_chance(world, 800)
                                      ? SHOW_AVAILABLE
                                      : (enum show)sim_between(world, SHOW_DND, SHOW_AWAY);
    tell_presence(world, agent, client);
    for (size_t i = 0; i < agent->stored_count; i++)
        sim_post(world, 0, agent_gets, agent, &agent->stored[i]);
    agent->stored_count = 0;
}

/* They want no offers somewhere for a while, or want them again. */
static void rest(struct world *world, struct agent_sim *agent)
{
    struct tenant_sim *tenant = &world->tenants[sim_random(world) % world->tenant_count];
    const struct visitor_id desk = { { { 0 } } };

    if (tenant->members[agent->index])
        say(world, agent, tenant, desk, sim_chance(world, 500) ? "!away" : "!here");
}

static void fidget(struct world *world, void *who, const struct parcel *parcel)
{
    struct agent_sim *agent = who;
    unsigned client = (unsigned)sim_between(world, 0, CLIENTS - 1);

    (void)parcel;
    if (world->quiet)
        return;
    if (sim_chance(world, world->weather.restless * 3)) {
        if (agent->clients[client].up) {
            agent->clients[client].up = false;
            tell_presence(world, agent, client);
        } else {
            come(world, agent, client);
        }
    } else if (!agent_is_there(agent) && sim_chance(world, 300)) {
        come(world, agent, 0);
    } else if (agent_is_there(agent) && sim_chance(world, 60)) {
        rest(world, agent);
    }
    sim_post(world, sim_between(world, 2000, 15000), fidget, agent, NULL);
}

/* See make_rules(). No presence of his is known: he may be away when he is handed something. */
static void start_mikko(struct world *world, struct agent_sim *mikko)
{
    mikko->index = world->agent_count;
    mikko->outsider = true;
    (void)snprintf(mikko->name, sizeof(mikko->name), "Mikko");
    (void)snprintf(mikko->jid, sizeof(mikko->jid), "mikko@crm.example");
    for (unsigned c = 0; c < CLIENTS; c++)
        (void)snprintf(mikko->clients[c].resource, sizeof(mikko->clients[c].resource), "client%u",
                       c);
    mikko->clients[0].up = sim_chance(world, 700);
    sim_post(world, sim_between(world, 100, 15000), fidget, mikko, NULL);
}

void agents_start(struct world *world)
{
    world->agent_count = (unsigned)sim_between(world, 2, sim_chance(world, 100) ? AGENTS_MAX : 5);
    for (unsigned i = 0; i < world->agent_count; i++) {
        struct agent_sim *agent = &world->agents[i];

        agent->index = i;
        (void)snprintf(agent->name, sizeof(agent->name), "%s", names[i]);
        (void)snprintf(agent->jid, sizeof(agent->jid), "%s@agents.example", names[i]);
        agent->skills = skills[sim_random(world) % (sizeof(skills) / sizeof(skills[0]))];
        for (unsigned c = 0; c < CLIENTS; c++)
            (void)snprintf(agent->clients[c].resource, sizeof(agent->clients[c].resource),
                           "client%u", c);
        agent->supervisor = sim_chance(world, 400);
        agent->limit = sim_chance(world, 400) ? (unsigned)sim_between(world, 1, 4) : 0;
        if (agent->supervisor)
            sim_post(world, sim_between(world, 500, 5000), supervise, agent, NULL);
        agent->clients[0].up = sim_chance(world, 700);
        agent->clients[0].show = SHOW_AVAILABLE;
        for (unsigned t = 0; t < world->tenant_count; t++)
            world->tenants[t].members[i] = sim_chance(world, 600);
        sim_post(world, sim_between(world, 100, 15000), fidget, agent, NULL);
    }
    for (unsigned t = 0; t < world->tenant_count; t++)
        world->tenants[t].members[t % world->agent_count] = true;
    world->people_count = world->agent_count;
    start_mikko(world, &world->agents[world->people_count++]);
}

/* Whoever said !away takes offers again, and means it: no client sends it again later. */
static void take_offers(struct world *world, void *who, const struct parcel *where)
{
    const struct visitor_id desk = { { { 0 } } };
    struct tenant_sim *tenant = where->what;
    struct agent_sim *agent = who;

    for (size_t i = 0; i < agent->word_count; i++) {
        if (strcmp(agent->words[i].text, "!away") == 0)
            agent->words[i].told = true;
    }
    if (tenant->away[agent->index]) /* else nobody hears it, and what they let pass comes in time */
        say(world, agent, tenant, desk, "!here");
}

/* Everyone comes to work, everywhere, and has room for all. */
void agents_quiet(struct world *world)
{
    for (unsigned i = 0; i < world->people_count; i++) {
        struct agent_sim *agent = &world->agents[i];

        agent->unstaffed = false; /* told below */
        agent->limit = agent->limit > 0 ? 1000 : 0;
        for (unsigned c = 0; c < CLIENTS; c++) {
            if (agent->clients[c].up && agent->clients[c].show == SHOW_AVAILABLE)
                continue;
            come(world, agent, c);
        }
    }
    for (unsigned t = 0; t < world->tenant_count; t++) {
        struct tenant_sim *tenant = &world->tenants[t];
        const struct parcel where = { .what = tenant };

        tenant->limit = 1000;
        tenant->members[t % world->agent_count] = true;
        for (unsigned i = 0; i < world->agent_count; i++) {
            if (tenant->members[i])
                core_set_member(tenant, &world->agents[i], true);
            if (!tenant->members[i])
                continue;
            sim_post(world, 0, take_offers, &world->agents[i], &where);
            sim_post(world, 60000, take_offers, &world->agents[i], &where); /* it was on its way */
        }
    }
}

static void forget_seen(struct agent_sim *agent)
{
    struct seen_stanza *seen, *next;

    HASH_ITER(hh, agent->seen, seen, next)
    {
        HASH_DEL(agent->seen, seen);
        free(seen);
    }
}

void agents_release(struct world *world)
{
    forget_seen(&world->tuula);
    for (unsigned i = 0; i < world->people_count; i++) {
        struct agent_sim *agent = &world->agents[i];
        struct grip *grip, *next_grip;
        struct showing *showing, *next_showing;

        HASH_ITER(hh, agent->showings, showing, next_showing)
        {
            HASH_DEL(agent->showings, showing);
            free(showing);
        }
        forget_seen(agent);
        HASH_ITER(hh, agent->grips, grip, next_grip)
        {
            HASH_DEL(agent->grips, grip);
            free(grip);
        }
        free(agent->words);
        free(agent->stored);
    }
}
