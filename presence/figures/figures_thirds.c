/* SPDX-License-Identifier: Apache-2.0
 *
 * How a chat goes: its typed messages, of both sides together, are cut into thirds by their number,
 * and each third has its densities. Short chats have no course.
 */
#include "presence/figures/figures.h"

#include "base/secret/random.h"

static void add_message(struct figures_third *third, const struct figures_message *message)
{
    third->words += message->words;
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        if ((message->codes & PRESENCE_CODE_BIT(code)) != 0)
            third->instances[presence_code_row(code)->group]++;
}

void figures_note_thirds(struct figures_row *row, const struct figures_chat *chat)
{
    size_t all = 0, place = 0;

    for (size_t i = 0; i < chat->count; i++)
        all += figures_counts_message(&chat->messages[i]);
    row->has_thirds = all >= FIGURES_THIRDS_LEAST && !chat->faded;
    for (size_t i = 0; row->has_thirds && i < chat->count; i++) {
        const struct figures_message *message = &chat->messages[i];
        enum figures_side side = message->from == FROM_VISITOR ? SIDE_VISITOR : SIDE_AGENT;

        if (figures_counts_message(message))
            add_message(&row->thirds[side][FIGURES_THIRDS * place++ / all], message);
    }
}

/* --- densities --- */

enum { CELLS = FIGURES_THIRDS * PRESENCE_GROUP_COUNT };

struct sums {
    uint64_t words[FIGURES_THIRDS], instances[FIGURES_THIRDS][PRESENCE_GROUP_COUNT];
};

static void add(struct sums *sums, const struct figures_third thirds[FIGURES_THIRDS])
{
    for (int third = 0; third < FIGURES_THIRDS; third++) {
        sums->words[third] += thirds[third].words;
        for (int group = 0; group < PRESENCE_GROUP_COUNT; group++)
            sums->instances[third][group] += thirds[third].instances[group];
    }
}

static double density(const struct sums *sums, int third, int group)
{
    double words = (double)sums->words[third];

    return words > 0 ? 1000 * (double)sums->instances[third][group] / words : 0;
}

static int resample(const struct figures_third *const *sample, size_t count,
                    struct figures_third_cell cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT])
{
    AUTO_MEM double *draws = calloc((size_t)CELLS * RESAMPLE_DRAWS, sizeof(*draws));
    struct prng prng = prng_seeded(resample_seed);

    if (draws == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t round = 0; round < RESAMPLE_DRAWS; round++) {
        struct sums sums = { 0 };

        for (size_t i = 0; i < count; i++)
            add(&sums, sample[prng_below(&prng, count)]);
        for (int cell = 0; cell < CELLS; cell++)
            draws[(size_t)cell * RESAMPLE_DRAWS + round] =
                density(&sums, cell / PRESENCE_GROUP_COUNT, cell % PRESENCE_GROUP_COUNT);
    }
    for (int cell = 0; cell < CELLS; cell++)
        cells[cell / PRESENCE_GROUP_COUNT][cell % PRESENCE_GROUP_COUNT].interval =
            resample_percentiles(draws + (size_t)cell * RESAMPLE_DRAWS);
    for (int third = 0; third < FIGURES_THIRDS; third++)
        for (int group = 0; group < PRESENCE_GROUP_COUNT; group++)
            if (cells[third][group].instances == 0 && cells[third][group].words > 0)
                cells[third][group].interval.high = 1000 * stats_none_of(cells[third][group].words);
    return OK;
}

static bool fill(const struct sums *sums, size_t chats,
                 struct figures_third_cell cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT])
{
    bool any = false;

    for (int third = 0; third < FIGURES_THIRDS; third++) {
        bool enough = chats >= FIGURES_FEW_CHATS && sums->words[third] >= FIGURES_FEW_WORDS;

        any |= enough;
        for (int group = 0; group < PRESENCE_GROUP_COUNT; group++)
            cells[third][group] =
                (struct figures_third_cell){ .too_few = !enough,
                                             .chats = chats,
                                             .instances = sums->instances[third][group],
                                             .words = sums->words[third],
                                             .density = density(sums, third, group) };
    }
    return any;
}

int figures_thirds(const struct figures *figures, size_t language, enum figures_side side,
                   struct figures_third_cell ret_cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT])
{
    AUTO_MEM const struct figures_third **sample = calloc(figures->count + 1, sizeof(*sample));
    struct sums sums = { 0 };
    size_t count = 0;

    if (sample == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (!row->coded || !row->has_thirds || row->language != language ||
            row->side[side].messages == 0)
            continue;
        sample[count++] = row->thirds[side];
        add(&sums, row->thirds[side]);
    }
    return fill(&sums, count, ret_cells) ? resample(sample, count, ret_cells) : OK;
}
