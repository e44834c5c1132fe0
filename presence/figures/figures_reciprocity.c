/* SPDX-License-Identifier: Apache-2.0
 *
 * What both sides do together: whether the agent answers a code in kind, and how many words the
 * agent has to each of the visitor's.
 */
#include "presence/figures/figures.h"

#include "base/grow.h"
#include "base/secret/random.h"

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

/* A chat in which the visitor had a turn that asks for an answer, and its windows. */
struct asked {
    uint32_t turns;
    const struct figures_window *windows;
    size_t count;
};

/* Of so many chats, all codes at once. */
struct asked_sums {
    uint64_t turns;
    struct {
        uint64_t hit, given, given_hit;
    } of[PRESENCE_CODE_COUNT];
};

/* Those of the language. Windows stand in the order of their chats, and those of a chat together.
 */
static size_t asked_of(const struct figures *figures, size_t language, struct asked *asked)
{
    size_t count = 0, at = 0;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];
        size_t from = at;

        while (at < figures->window_count && figures->windows[at].chat == i)
            at++;
        if (row->language == language && row->turns > 0)
            asked[count++] = (struct asked){ row->turns, figures->windows + from, at - from };
    }
    return count;
}

static void add_asked(struct asked_sums *sums, const struct asked *asked)
{
    sums->turns += asked->turns;
    for (size_t i = 0; i < asked->count; i++) {
        const struct figures_window *window = &asked->windows[i];

        sums->of[window->code].hit += window->hit;
        sums->of[window->code].given += window->given;
        sums->of[window->code].given_hit += window->given_hit;
    }
}

static double reciprocity_of(const struct asked_sums *sums, enum presence_code code)
{
    double given = (double)sums->of[code].given, given_hit = (double)sums->of[code].given_hit;

    return given > 0 ? given_hit / given - (double)sums->of[code].hit / (double)sums->turns
                     : (double)NAN;
}

static void count_asked(const struct asked *asked, size_t count,
                        struct figures_reciprocity ret_of[PRESENCE_CODE_COUNT])
{
    struct asked_sums sums = { 0 };
    size_t chats[PRESENCE_CODE_COUNT] = { 0 };

    for (size_t i = 0; i < count; i++) {
        add_asked(&sums, &asked[i]);
        for (size_t j = 0; j < asked[i].count; j++)
            chats[asked[i].windows[j].code] += asked[i].windows[j].given > 0;
    }
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        ret_of[code] = (struct figures_reciprocity){
            .too_few = chats[code]<FIGURES_FEW_CHATS, .chats = chats[code], .turns = sums.turns,
                                   .hit = sums.of[code].hit, .given = sums.of[code].given,
                                   .given_hit = sums.of[code].given_hit, .base = count> 0
                           ? (double)sums.of[code].hit / (double)sums.turns
                           : (double)NAN,
            .value = reciprocity_of(&sums, code),
            .interval = { NAN, NAN },
        };
}

/* One resample serves all codes at once, as in figures_cells.c. */
static int resample_asked(const struct asked *asked, size_t count,
                          struct figures_reciprocity of[PRESENCE_CODE_COUNT])
{
    AUTO_MEM double *draws = calloc((size_t)PRESENCE_CODE_COUNT * RESAMPLE_DRAWS, sizeof(double));
    struct prng prng = prng_seeded(resample_seed);

    if (draws == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t round = 0; round < RESAMPLE_DRAWS; round++) {
        struct asked_sums sums = { 0 };

        for (size_t i = 0; i < count; i++)
            add_asked(&sums, &asked[prng_below(&prng, count)]);
        for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
            draws[(size_t)code * RESAMPLE_DRAWS + round] = reciprocity_of(&sums, code);
    }
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        if (!of[code].too_few)
            of[code].interval = resample_defined(draws + (size_t)code * RESAMPLE_DRAWS);
    return OK;
}

int figures_reciprocity(const struct figures *figures, size_t language,
                        struct figures_reciprocity ret_of[PRESENCE_CODE_COUNT])
{
    AUTO_MEM struct asked *asked = calloc(figures->count + 1, sizeof(*asked));
    bool any = false;
    size_t count;

    if (asked == NULL)
        return RAISE(ERR_NO_MEMORY);
    count = asked_of(figures, language, asked);
    count_asked(asked, count, ret_of);
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        any |= !ret_of[code].too_few;
    return any ? resample_asked(asked, count, ret_of) : OK;
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
