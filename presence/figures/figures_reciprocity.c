/* SPDX-License-Identifier: Apache-2.0
 *
 * What both sides do together: whether the agent answers a code in kind, and how many words the
 * agent has to each of the visitor's.
 */
#include "presence/figures/figures.h"

#include "base/grow.h"

#include <math.h>

/* A turn: what one side says in a row. */
struct turn {
    bool agent;
    presence_codes codes;
};

static size_t turns_of(const struct figures_chat *chat, struct turn *turns)
{
    size_t count = 0;

    for (size_t i = 0; i < chat->count; i++) {
        const struct figures_message *message = &chat->messages[i];
        bool agent = message->from == FROM_AGENT;

        if (!figures_counts_message(message))
            continue;
        if (count == 0 || turns[count - 1].agent != agent)
            turns[count++] = (struct turn){ agent, 0 };
        turns[count - 1].codes |= message->codes;
    }
    return count;
}

static void add_window(struct figures_window windows[PRESENCE_CODE_COUNT], presence_codes said,
                       presence_codes heard)
{
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
        bool given = (said & PRESENCE_CODE_BIT(code)) != 0;
        bool hit = (heard & PRESENCE_CODE_BIT(code)) != 0;

        windows[code].hit = (uint16_t)(windows[code].hit + hit);
        windows[code].given = (uint16_t)(windows[code].given + given);
        windows[code].given_hit = (uint16_t)(windows[code].given_hit + (given && hit));
    }
}

static int keep(struct figures *figures, struct figures_window windows[PRESENCE_CODE_COUNT],
                uint32_t chat)
{
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++) {
        if (windows[code].hit == 0 && windows[code].given == 0)
            continue;
        if (GROW(figures->windows, figures->window_count, &figures->window_cap) != OK)
            return ERR_NO_MEMORY;
        windows[code].chat = chat;
        windows[code].code = (uint8_t)code;
        figures->windows[figures->window_count++] = windows[code];
    }
    return OK;
}

/* Turns alternate, so the agent's next two stand one and three places on. */
int figures_note_reciprocity(struct figures *figures, struct figures_row *row,
                             const struct figures_chat *chat)
{
    AUTO_MEM struct turn *turns = calloc(chat->count + 1, sizeof(*turns));
    struct figures_window windows[PRESENCE_CODE_COUNT] = { { .hit = 0 } };
    size_t count;

    if (turns == NULL)
        return RAISE(ERR_NO_MEMORY);
    count = turns_of(chat, turns);
    for (size_t i = 0; i + 1 < count; i++) {
        if (turns[i].agent)
            continue;
        row->turns++;
        add_window(windows, turns[i].codes,
                   turns[i + 1].codes | (i + 3 < count ? turns[i + 3].codes : 0));
    }
    return keep(figures, windows, (uint32_t)(row - figures->rows));
}

/* --- what it comes to --- */

enum { TURNS, HIT, GIVEN, GIVEN_HIT };

static double reciprocity_of(const double sums[RESAMPLE_SUMS])
{
    return sums[GIVEN] > 0 ? sums[GIVEN_HIT] / sums[GIVEN] - sums[HIT] / sums[TURNS] : (double)NAN;
}

/* A row a chat of the language in which the visitor had a turn that asks for an answer; `place`
 * tells which, by the chat. */
static size_t rows_of(const struct figures *figures, size_t language, struct resample_row *rows,
                      size_t *place)
{
    size_t count = 0;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        place[i] = SIZE_MAX;
        if (row->language != language || row->turns == 0)
            continue;
        place[i] = count;
        rows[count++] = (struct resample_row){ { [TURNS] = row->turns } };
    }
    return count;
}

static void fill(const struct figures *figures, enum presence_code code, const size_t *place,
                 struct resample_row *rows)
{
    for (size_t i = 0; i < figures->window_count; i++) {
        const struct figures_window *window = &figures->windows[i];

        if (window->code != code || place[window->chat] == SIZE_MAX)
            continue;
        rows[place[window->chat]].sums[HIT] = window->hit;
        rows[place[window->chat]].sums[GIVEN] = window->given;
        rows[place[window->chat]].sums[GIVEN_HIT] = window->given_hit;
    }
}

int figures_reciprocity(const struct figures *figures, size_t language, enum presence_code code,
                        struct figures_reciprocity *ret_reciprocity)
{
    AUTO_MEM struct resample_row *rows = calloc(figures->count + 1, sizeof(*rows));
    AUTO_MEM size_t *place = calloc(figures->count + 1, sizeof(*place));
    struct figures_reciprocity found = { .base = NAN, .value = NAN, .interval = { NAN, NAN } };
    double sums[RESAMPLE_SUMS] = { 0 };
    size_t count;
    int rc = OK;

    if (rows == NULL || place == NULL)
        return RAISE(ERR_NO_MEMORY);
    count = rows_of(figures, language, rows, place);
    fill(figures, code, place, rows);
    for (size_t i = 0; i < count; i++) {
        found.chats += rows[i].sums[GIVEN] > 0;
        for (int sum = 0; sum < RESAMPLE_SUMS; sum++)
            sums[sum] += rows[i].sums[sum];
    }
    found.turns = (size_t)sums[TURNS];
    found.hit = (size_t)sums[HIT];
    found.given = (size_t)sums[GIVEN];
    found.given_hit = (size_t)sums[GIVEN_HIT];
    found.too_few = found.chats < FIGURES_FEW_CHATS;
    if (count > 0)
        found.base = sums[HIT] / sums[TURNS];
    found.value = reciprocity_of(sums);
    if (!found.too_few)
        rc = resample_interval(rows, count, reciprocity_of, &found.interval);
    if (rc == OK)
        *ret_reciprocity = found;
    return rc;
}

/* --- words --- */

static double ratio_of(const double sums[RESAMPLE_SUMS])
{
    return sums[SIDE_VISITOR] > 0 ? sums[SIDE_AGENT] / sums[SIDE_VISITOR] : (double)NAN;
}

int figures_words(const struct figures *figures, size_t language, struct figures_words *ret_words)
{
    AUTO_MEM struct resample_row *rows = calloc(figures->count + 1, sizeof(*rows));
    struct figures_words found = { .interval = { NAN, NAN } };
    double sums[RESAMPLE_SUMS] = { 0 };
    int rc = OK;

    if (rows == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];
        uint32_t visitor = row->side[SIDE_VISITOR].words, agent = row->side[SIDE_AGENT].words;

        if (row->faded || row->language != language || visitor + agent == 0)
            continue;
        rows[found.chats++] =
            (struct resample_row){ { [SIDE_VISITOR] = visitor, [SIDE_AGENT] = agent } };
        found.words[SIDE_VISITOR] += visitor;
        found.words[SIDE_AGENT] += agent;
    }
    sums[SIDE_VISITOR] = (double)found.words[SIDE_VISITOR];
    sums[SIDE_AGENT] = (double)found.words[SIDE_AGENT];
    found.ratio = ratio_of(sums);
    found.too_few = found.chats < FIGURES_FEW_CHATS ||
                    found.words[SIDE_VISITOR] + found.words[SIDE_AGENT] < FIGURES_FEW_WORDS;
    if (!found.too_few)
        rc = resample_interval(rows, found.chats, ratio_of, &found.interval);
    if (rc == OK)
        *ret_words = found;
    return rc;
}
