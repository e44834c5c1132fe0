/* SPDX-License-Identifier: Apache-2.0
 *
 * How much an agent had in hand when a visitor spoke, and how long the answer took. An agent is in
 * the midst of a chat from the first message written there to the last: so it can be told of any
 * transcript, wherever it came from. Who has offered, taken or left what is not asked.
 */
#include "presence/figures/figures.h"

#include "base/grow.h"

/* --- what a chat adds --- */

static int add_stay(struct figures *figures, const struct figures_stay *stay)
{
    if (GROW(figures->stays, figures->stay_count, &figures->stay_cap) != OK)
        return ERR_NO_MEMORY;
    figures->stays[figures->stay_count++] = *stay;
    return OK;
}

static int add_answer(struct figures *figures, const struct figures_answer *answer)
{
    if (GROW(figures->answers, figures->answer_count, &figures->answer_cap) != OK)
        return ERR_NO_MEMORY;
    figures->answers[figures->answer_count++] = *answer;
    return OK;
}

/* The stays of this chat stand at the end of the list, from `first` on. */
static struct figures_stay *stay_of(const struct figures *figures, size_t first, uint16_t agent)
{
    for (size_t i = first; i < figures->stay_count; i++)
        if (figures->stays[i].agent == agent)
            return &figures->stays[i];
    return NULL;
}

static int note_stay(struct figures *figures, size_t first, const struct figures_message *message)
{
    struct figures_stay *stay = stay_of(figures, first, message->agent);
    const struct figures_stay begun = { message->at_ms, message->at_ms, message->agent };

    if (message->agent == FIGURES_NOBODY || message->at_ms == 0)
        return OK;
    if (stay == NULL)
        return add_stay(figures, &begun);
    stay->from_ms = message->at_ms < stay->from_ms ? message->at_ms : stay->from_ms;
    stay->to_ms = message->at_ms > stay->to_ms ? message->at_ms : stay->to_ms;
    return OK;
}

/* What is known of a chat while it is gone through. */
struct course {
    size_t first_stay; /* of this chat, in figures->stays */
    size_t agents;     /* changes of who answers */
    bool asks, answered, canned;
    uint64_t asked_ms; /* when the visitor's turn began */
};

static int note_answer(struct figures *figures, struct figures_row *row, struct course *course,
                       const struct figures_message *message)
{
    const struct figures_answer answer = {
        .chat = (uint32_t)(row - figures->rows),
        .asked_ms = course->asked_ms,
        .wait_ms = message->at_ms - course->asked_ms,
        .agent = message->agent,
        .spoke = stay_of(figures, course->first_stay, message->agent) != NULL,
        .canned = message->origin == ORIGIN_CANNED,
    };
    bool first = !course->answered;

    course->answered = true;
    if (course->asked_ms == 0 || message->at_ms < course->asked_ms)
        return OK;
    if (first)
        row->first_ms = answer.wait_ms;
    return add_answer(figures, &answer);
}

static int note_agent(struct figures *figures, struct figures_row *row, struct course *course,
                      const struct figures_message *message)
{
    int rc = OK;

    course->agents += course->agents == 0 || row->agent != message->agent;
    row->agent = message->agent;
    if (message->agent < figures->agent_count)
        figures->agents[message->agent].asked = true;
    course->canned |= message->origin == ORIGIN_CANNED;
    if (course->asks)
        rc = note_answer(figures, row, course, message);
    course->asks = false;
    return rc == OK ? note_stay(figures, course->first_stay, message) : rc;
}

static void note_survey(struct figures *figures, const struct figures_chat *chat, bool canned)
{
    if (chat->csat < 1 || chat->csat > 5)
        return;
    figures->csat_canned[canned].rated++;
    figures->csat_canned[canned].good += chat->csat >= 4;
}

int figures_note_agents(struct figures *figures, struct figures_row *row,
                        const struct figures_chat *chat)
{
    struct course course = { .first_stay = figures->stay_count };
    int rc = OK;

    row->agent = FIGURES_NOBODY;
    row->first_ms = UINT64_MAX;
    for (size_t i = 0; rc == OK && i < chat->count; i++) {
        const struct figures_message *message = &chat->messages[i];

        if (message->from == FROM_AGENT)
            rc = note_agent(figures, row, &course, message);
        if (message->from != FROM_VISITOR || course.asks)
            continue;
        course.asks = true;
        course.asked_ms = message->at_ms;
    }
    row->agent = course.agents == 1 ? row->agent : FIGURES_NOBODY;
    note_survey(figures, chat, course.canned);
    return rc;
}

int figures_add_unasked(struct figures *figures, const struct figures_message *messages,
                        size_t count)
{
    size_t first = figures->stay_count;
    int rc = OK;

    for (size_t i = 0; rc == OK && i < count; i++)
        if (messages[i].from == FROM_AGENT)
            rc = note_stay(figures, first, &messages[i]);
    return rc;
}

/* --- what it comes to --- */

static int by_agent_and_from(const void *a, const void *b)
{
    const struct figures_stay *x = a, *y = b;

    if (x->agent != y->agent)
        return x->agent < y->agent ? -1 : 1;
    return (x->from_ms > y->from_ms) - (x->from_ms < y->from_ms);
}

static int by_agent_and_to(const void *a, const void *b)
{
    const struct figures_stay *x = a, *y = b;

    if (x->agent != y->agent)
        return x->agent < y->agent ? -1 : 1;
    return (x->to_ms > y->to_ms) - (x->to_ms < y->to_ms);
}

/* How many of the agent's stays begin at or before then (or end before then). */
static size_t begun(const struct figures_stay *stays, size_t count, uint16_t agent, uint64_t at_ms,
                    bool ended)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct figures_stay *stay = &stays[middle];
        bool before = stay->agent != agent ? stay->agent < agent
                      : ended              ? stay->to_ms < at_ms
                                           : stay->from_ms <= at_ms;

        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    return low;
}

/* 1 for the chat itself; if the agent had spoken in it before, it is among those open, too. */
static size_t load_of(const struct figures_stay *by_from, const struct figures_stay *by_to,
                      size_t count, const struct figures_answer *answer)
{
    size_t open = begun(by_from, count, answer->agent, answer->asked_ms, false) -
                  begun(by_to, count, answer->agent, answer->asked_ms, true);

    return open + 1 - (answer->spoke && open > 0);
}

int figures_loads(const struct figures *figures, struct figures_waits ret_loads[FIGURES_LOADS])
{
    size_t count = figures->stay_count, bytes = (count + 1) * sizeof(*figures->stays);
    AUTO_MEM struct figures_stay *by_from = malloc(bytes), *by_to = malloc(bytes);
    int rc = by_from == NULL || by_to == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    memset(ret_loads, 0, FIGURES_LOADS * sizeof(*ret_loads));
    if (rc == OK && count > 0) {
        memcpy(by_from, figures->stays, count * sizeof(*by_from));
        memcpy(by_to, figures->stays, count * sizeof(*by_to));
        qsort(by_from, count, sizeof(*by_from), by_agent_and_from);
        qsort(by_to, count, sizeof(*by_to), by_agent_and_to);
    }
    for (size_t i = 0; rc == OK && i < figures->answer_count; i++) {
        const struct figures_answer *answer = &figures->answers[i];
        size_t load;

        if (answer->agent == FIGURES_NOBODY)
            continue;
        load = load_of(by_from, by_to, count, answer);
        rc = figures_wait_add(&ret_loads[load < FIGURES_LOADS ? load - 1 : FIGURES_LOADS - 1],
                              answer->chat, answer->wait_ms);
    }
    return rc;
}

int figures_by_origin(const struct figures *figures, struct figures_waits ret_waits[2])
{
    int rc = OK;

    memset(ret_waits, 0, 2 * sizeof(*ret_waits));
    for (size_t i = 0; rc == OK && i < figures->answer_count; i++)
        rc = figures_wait_add(&ret_waits[figures->answers[i].canned], figures->answers[i].chat,
                              figures->answers[i].wait_ms);
    return rc;
}

int figures_of_agent(const struct figures *figures, uint16_t agent, struct figures_waits *ret_waits)
{
    int rc = OK;

    *ret_waits = (struct figures_waits){ 0 };
    for (size_t i = 0; rc == OK && i < figures->answer_count; i++) {
        const struct figures_answer *answer = &figures->answers[i];

        if (figures->rows[answer->chat].agent == agent)
            rc = figures_wait_add(ret_waits, answer->chat, answer->wait_ms);
    }
    return rc;
}
