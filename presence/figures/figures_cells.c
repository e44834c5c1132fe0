/* SPDX-License-Identifier: Apache-2.0
 *
 * Densities and shares. A chat is the unit that is resampled, whole: its messages lean on each
 * other. One resample serves all codes of a side at once, so that a year of chats is a matter of
 * seconds.
 */
#include "presence/figures/figures.h"

#include "base/secret/random.h"

struct sums {
    uint64_t words, messages;
    uint64_t with[FIGURES_SIGNS];
};

static bool is_in(const struct figures_row *row, const struct figures_subset *subset)
{
    return row->coded && row->language == subset->language &&
           (subset->stage == STAGE_ANY || row->stage == subset->stage) &&
           (subset->month == 0 || row->month == subset->month) &&
           (subset->agent == FIGURES_NOBODY || row->agent == subset->agent);
}

size_t figures_subset_count(const struct figures *figures, const struct figures_subset *subset)
{
    size_t count = 0;

    for (size_t i = 0; i < figures->count; i++)
        count += is_in(&figures->rows[i], subset);
    return count;
}

static void add(struct sums *sums, const struct figures_counts *counts)
{
    sums->words += counts->words;
    sums->messages += counts->messages;
    for (int i = 0; i < FIGURES_SIGNS; i++)
        sums->with[i] += counts->with[i];
}

/* A group's instances: those of its codes. */
static uint64_t instances_of(const struct sums *sums, int sign)
{
    uint64_t instances = 0;

    if (sign < PRESENCE_CODE_COUNT)
        return sums->with[sign];
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        if ((int)presence_code_row(code)->group == sign - PRESENCE_CODE_COUNT)
            instances += sums->with[code];
    return instances;
}

static double density_of(const struct sums *sums, int sign)
{
    return sums->words == 0 ? 0 : 1000.0 * (double)instances_of(sums, sign) / (double)sums->words;
}

static double message_share_of(const struct sums *sums, int sign)
{
    return sums->messages == 0 ? 0 : (double)sums->with[sign] / (double)sums->messages;
}

/* The rows of the subset in which this side said anything: first those whose words are kept. */
struct sample {
    const struct figures_counts **counts; /* owned */
    size_t worded, count;
};

static void take_rows(const struct figures *figures, const struct figures_subset *subset,
                      enum figures_side side, bool faded, struct sample *sample)
{
    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (is_in(row, subset) && row->faded == faded && row->side[side].messages > 0)
            sample->counts[sample->count++] = &row->side[side];
    }
}

static int take_sample(const struct figures *figures, const struct figures_subset *subset,
                       enum figures_side side, struct sample *ret_sample)
{
    ret_sample->counts = calloc(figures->count + 1, sizeof(*ret_sample->counts));
    ret_sample->count = 0;
    if (ret_sample->counts == NULL)
        return RAISE(ERR_NO_MEMORY);
    take_rows(figures, subset, side, false, ret_sample);
    ret_sample->worded = ret_sample->count;
    take_rows(figures, subset, side, true, ret_sample);
    return OK;
}

/* Draws of chats of which none bears a code, or every message does, are all alike: an interval of
 * no width would say that it is certain. */
static void widen(struct figures_cell *cell)
{
    if (cell->instances == 0)
        cell->density_interval.high = 1000 * stats_none_of(cell->words);
    if (cell->messages_with == 0 || cell->messages_with == cell->messages)
        cell->message_interval = stats_wilson(cell->messages_with, cell->messages);
}

static int resample(const struct sample *sample, struct figures_cell cells[FIGURES_SIGNS])
{
    AUTO_MEM double *densities = calloc((size_t)FIGURES_SIGNS * RESAMPLE_DRAWS, sizeof(double));
    AUTO_MEM double *shares = calloc((size_t)FIGURES_SIGNS * RESAMPLE_DRAWS, sizeof(double));
    struct prng prng = prng_seeded(resample_seed);

    if (densities == NULL || shares == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t round = 0; round < RESAMPLE_DRAWS; round++) {
        struct sums sums = { 0 };

        for (size_t i = 0; i < sample->worded; i++)
            add(&sums, sample->counts[prng_below(&prng, sample->worded)]);
        for (int sign = 0; sign < FIGURES_SIGNS; sign++) {
            densities[(size_t)sign * RESAMPLE_DRAWS + round] = density_of(&sums, sign);
            shares[(size_t)sign * RESAMPLE_DRAWS + round] = message_share_of(&sums, sign);
        }
    }
    for (int sign = 0; sign < FIGURES_SIGNS; sign++) {
        size_t at = (size_t)sign * RESAMPLE_DRAWS;

        cells[sign].density_interval = resample_percentiles(densities + at);
        cells[sign].message_interval = resample_percentiles(shares + at);
        widen(&cells[sign]);
    }
    return OK;
}

static void count(const struct sample *sample, struct figures_cell cells[FIGURES_SIGNS])
{
    struct sums sums = { 0 };

    for (size_t i = 0; i < sample->worded; i++)
        add(&sums, sample->counts[i]);
    for (int sign = 0; sign < FIGURES_SIGNS; sign++) {
        struct figures_cell *cell = &cells[sign];

        *cell = (struct figures_cell){ .chats = sample->count,
                                       .worded = sample->worded,
                                       .instances = instances_of(&sums, sign),
                                       .messages = sums.messages,
                                       .messages_with = sums.with[sign],
                                       .words = sums.words,
                                       .density = density_of(&sums, sign),
                                       .message_share = message_share_of(&sums, sign) };
        cell->too_few = cell->worded < FIGURES_FEW_CHATS || cell->words < FIGURES_FEW_WORDS;
        for (size_t i = 0; i < sample->count; i++)
            cell->chats_with += sample->counts[i]->with[sign] > 0;
    }
}

int figures_cells(const struct figures *figures, const struct figures_subset *subset,
                  enum figures_side side, struct figures_cell ret_cells[FIGURES_SIGNS])
{
    struct sample sample;
    int rc = take_sample(figures, subset, side, &sample);

    if (rc == OK)
        count(&sample, ret_cells);
    if (rc == OK && !ret_cells[0].too_few)
        rc = resample(&sample, ret_cells);
    free(sample.counts);
    return rc;
}
