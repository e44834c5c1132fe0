/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures.h"

#include "base/grow.h"

#define FUNCTION_ID(constant, id, meaning)      id,
#define FUNCTION_MEANING(constant, id, meaning) meaning,
static const char *const function_ids[] = { FIGURES_FUNCTIONS(FUNCTION_ID) };
static const char *const function_meanings[] = { FIGURES_FUNCTIONS(FUNCTION_MEANING) };

const char *figures_function_id(enum figures_function function)
{
    return function_ids[function];
}

const char *figures_function_meaning(enum figures_function function)
{
    return function_meanings[function];
}

const char *figures_stage_name(enum figures_stage stage)
{
    static const char *const names[] = { "potential", "new", "existing", "unknown", "all" };

    return names[stage];
}

/* --- keeping --- */

struct figures *figures_new(void)
{
    return calloc(1, sizeof(struct figures));
}

struct figures *figures_free(struct figures *figures)
{
    if (figures == NULL)
        return NULL;
    for (int i = 0; i < TIME_COUNT; i++)
        free(figures->times[i].of);
    for (size_t i = 0; i < figures->agent_count; i++) {
        free(figures->agents[i].key);
        free(figures->agents[i].name);
    }
    free(figures->agents);
    free(figures->stays);
    free(figures->answers);
    for (int i = 0; i < CURRENCIES_MAX; i++)
        free(figures->orders[i].of);
    free(figures->windows);
    free(figures->rows);
    free(figures);
    return NULL;
}

uint16_t figures_agent(struct figures *figures, struct slice key, struct slice name)
{
    size_t count = figures->agent_count;
    struct figures_person *grown, person;

    for (size_t i = 0; i < count; i++)
        if (slice_is(key, figures->agents[i].key))
            return (uint16_t)i;
    if (key.len == 0 || count == FIGURES_AGENTS)
        return FIGURES_NOBODY;
    person = (struct figures_person){ .key = slice_dup(key),
                                      .name = slice_dup(name.len > 0 ? name : key) };
    grown = realloc(figures->agents, (count + 1) * sizeof(*grown));
    if (grown != NULL)
        figures->agents = grown;
    if (grown == NULL || person.key == NULL || person.name == NULL) {
        free(person.key);
        free(person.name);
        return FIGURES_NOBODY;
    }
    grown[figures->agent_count++] = person;
    return (uint16_t)count;
}

/* A wait whose end lies before its beginning is no wait: the clocks of that chat disagree. */
static int add_wait(struct figures *figures, enum figures_time time, uint64_t from_ms,
                    uint64_t to_ms)
{
    if (from_ms == 0 || to_ms == 0) {
        figures->untimed++;
        return OK;
    }
    if (to_ms < from_ms) {
        figures->timed_backwards++;
        return OK;
    }
    return figures_wait_add(&figures->times[time], figures->count, to_ms - from_ms);
}

/* The languages that come first have a place of their own; those after the seventh share one. */
static uint8_t language_of(struct figures *figures, struct slice tag)
{
    char name[LANGUAGE_BYTES] = "";
    size_t len = 0, i = 0;

    while (len < tag.len && len < LANGUAGE_BYTES - 1 && tag.data[len] != '-') {
        name[len] = tag.data[len];
        len++;
    }
    name[len] = '\0';
    if (figures->language_count == FIGURES_LANGUAGES - 1)
        memcpy(figures->languages[FIGURES_LANGUAGES - 1], "other", sizeof("other"));
    while (i < figures->language_count && strcmp(figures->languages[i], name) != 0)
        i++;
    if (i == FIGURES_LANGUAGES)
        return FIGURES_LANGUAGES - 1;
    if (i == figures->language_count) {
        figures->language_count++;
        if (i < FIGURES_LANGUAGES - 1)
            memcpy(figures->languages[i], name, sizeof(name));
    }
    return (uint8_t)i;
}

/* --- times --- */

static int add_times(struct figures *figures, const struct figures_chat *chat)
{
    const struct figures_message *first = NULL, *turn = NULL, *opening = NULL, *last = NULL;
    bool answered = false;
    int rc = OK;

    for (size_t i = 0; rc == OK && i < chat->count; i++) {
        const struct figures_message *message = &chat->messages[i];

        if (message->from != FROM_VISITOR && message->from != FROM_AGENT)
            continue;
        opening = opening == NULL ? message : opening;
        last = message;
        if (message->from == FROM_VISITOR) {
            first = first == NULL ? message : first;
            turn = turn == NULL ? message : turn;
            continue;
        }
        if (first != NULL && !answered)
            rc = add_wait(figures, TIME_FIRST, first->at_ms, message->at_ms);
        answered = answered || first != NULL;
        if (rc == OK && turn != NULL)
            rc = add_wait(figures, TIME_RESPONSE, turn->at_ms, message->at_ms);
        turn = NULL;
    }
    if (rc == OK && last != opening)
        rc = add_wait(figures, TIME_DURATION, opening->at_ms, last->at_ms);
    if (rc == OK && chat->queued_ms > 0 && chat->claimed_ms > 0)
        rc = add_wait(figures, TIME_QUEUE, chat->queued_ms, chat->claimed_ms);
    return rc;
}

/* --- codes --- */

bool figures_counts_message(const struct figures_message *message)
{
    return message->origin == ORIGIN_TYPED && !message->wordless &&
           (message->from == FROM_VISITOR || message->from == FROM_AGENT);
}

static void add_message(struct figures_row *row, const struct figures_message *message)
{
    enum figures_side side = message->from == FROM_VISITOR ? SIDE_VISITOR : SIDE_AGENT;
    struct figures_counts *to = &row->side[side];
    bool groups[PRESENCE_GROUP_COUNT] = { false };

    to->words += message->words;
    to->messages++;
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
        if ((message->codes & PRESENCE_CODE_BIT(code)) == 0)
            continue;
        to->with[code]++;
        groups[presence_code_row(code)->group] = true;
    }
    for (int group = 0; group < PRESENCE_GROUP_COUNT; group++)
        to->with[PRESENCE_CODE_COUNT + group] =
            (uint16_t)(to->with[PRESENCE_CODE_COUNT + group] + groups[group]);
}

/* --- one chat --- */

static void add_survey(struct figures *figures, const struct figures_chat *chat)
{
    if (chat->csat >= 1 && chat->csat <= 5) {
        figures->survey.rated++;
        figures->survey.good += chat->csat >= 4;
    }
    if (chat->nps >= 0 && chat->nps <= 10) {
        figures->survey.nps_rated++;
        figures->survey.promoters += chat->nps >= 9;
        figures->survey.detractors += chat->nps <= 6;
    }
    if (chat->effort >= 1 && chat->effort <= 7) {
        figures->survey.effort_rated++;
        figures->survey.effort_sum += chat->effort;
        figures->survey.effort_squares += (double)chat->effort * chat->effort;
    }
}

/* What is paid in a currency that finds no place is bought all the same. */
static int add_order(struct figures *figures, const struct figures_chat *chat)
{
    size_t place;

    figures->bought += chat->bought;
    if (!chat->bought || chat->cents == 0)
        return OK;
    place = currency_place(&figures->currencies, slice_of(chat->currency));
    return place < CURRENCIES_MAX
               ? figures_wait_add(&figures->orders[place], figures->count, chat->cents)
               : OK;
}

static void add_sides(struct figures *figures, const struct figures_chat *chat)
{
    size_t sides[FROM_COUNT] = { 0 };

    for (size_t i = 0; i < chat->count; i++) {
        sides[chat->messages[i].from]++;
        figures->messages[chat->messages[i].from]++;
        figures->canned +=
            chat->messages[i].from == FROM_AGENT && chat->messages[i].origin == ORIGIN_CANNED;
    }
    if (sides[FROM_VISITOR] + sides[FROM_AGENT] == 0)
        figures->empty++;
    else if (sides[FROM_VISITOR] == 0 || sides[FROM_AGENT] == 0)
        figures->one_sided++;
    if (chat->opened_ms > 0 && (figures->first_ms == 0 || chat->opened_ms < figures->first_ms))
        figures->first_ms = chat->opened_ms;
    if (chat->opened_ms > figures->last_ms)
        figures->last_ms = chat->opened_ms;
}

/* That it moved on is an event, which needs nobody's judgement; but it makes nobody's coding. */
static uint32_t functions_of(const struct figures_chat *chat)
{
    return chat->functions | (chat->functions != 0 && chat->moved_on ? 1u << FUNCTION_CHANNEL : 0);
}

int figures_add(struct figures *figures, const struct figures_chat *chat)
{
    struct figures_row *row;
    int rc = GROW(figures->rows, figures->count, &figures->cap);

    if (rc == OK)
        rc = add_times(figures, chat);
    if (rc == OK)
        rc = add_order(figures, chat);
    if (rc != OK)
        return rc;
    row = &figures->rows[figures->count++];
    *row = (struct figures_row){ .language = language_of(figures, chat->language),
                                 .stage = (uint8_t)chat->stage,
                                 .coded = chat->coded,
                                 .faded = chat->faded,
                                 .watched = chat->watched,
                                 .moved_on = chat->moved_on,
                                 .functions = functions_of(chat),
                                 .month = chat->month };
    for (size_t i = 0; i < chat->count; i++)
        if (figures_counts_message(&chat->messages[i]))
            add_message(row, &chat->messages[i]);
    figures_note_thirds(row, chat);
    rc = figures_note_agents(figures, row, chat);
    if (rc != OK)
        return rc;
    add_survey(figures, chat);
    add_sides(figures, chat);
    return chat->coded ? figures_note_reciprocity(figures, row, chat) : OK;
}
