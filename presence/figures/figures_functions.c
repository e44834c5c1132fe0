/* SPDX-License-Identifier: Apache-2.0
 *
 * What chats were for, by stage. A chat may have several functions, so what χ² counts is not
 * independent; shuffling the stages over whole chats asks how often chance alone makes them differ
 * as much (Fisher's randomisation test; Good 2005, Permutation, Parametric and Bootstrap Tests, ch.
 * 1).
 */
#include "presence/figures/figures.h"

#include "base/secret/random.h"

enum { STAGES = STAGE_UNKNOWN }; /* who is of no known stage tells nothing of stages */

/* The chats that count: each with its stage and its functions. */
struct mentions {
    uint8_t *stages;     /* owned */
    uint32_t *functions; /* owned */
    size_t count;
};

static struct chi2 compare(const struct mentions *mentions)
{
    unsigned table[STAGES * FUNCTION_COUNT] = { 0 };

    for (size_t i = 0; i < mentions->count; i++)
        for (int function = 0; function < FUNCTION_COUNT; function++)
            table[mentions->stages[i] * FUNCTION_COUNT + function] +=
                mentions->functions[i] >> function & 1;
    return stats_chi2(table, STAGES, FUNCTION_COUNT);
}

static void shuffle(uint8_t *stages, size_t count, struct prng *prng)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)prng_below(prng, i);
        uint8_t stage = stages[i - 1];

        stages[i - 1] = stages[j];
        stages[j] = stage;
    }
}

/* How often it comes out as far apart, or further; what was found is one of the orders. */
static double shuffled_p(struct mentions *mentions, double found)
{
    struct prng prng = prng_seeded(resample_seed);
    size_t as_far = 1;

    for (int round = 0; round < RESAMPLE_DRAWS; round++) {
        shuffle(mentions->stages, mentions->count, &prng);
        as_far += compare(mentions).chi2 >= found * (1 - 1e-9);
    }
    return (double)as_far / (RESAMPLE_DRAWS + 1);
}

int figures_functions(const struct figures *figures, struct figures_functions *ret_functions)
{
    AUTO_MEM uint8_t *stages = calloc(figures->count + 1, sizeof(*stages));
    AUTO_MEM uint32_t *functions = calloc(figures->count + 1, sizeof(*functions));
    struct mentions mentions = { stages, functions, 0 };

    if (stages == NULL || functions == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (row->functions == 0 || row->stage >= STAGES)
            continue;
        stages[mentions.count] = row->stage;
        functions[mentions.count++] = row->functions;
    }
    *ret_functions = (struct figures_functions){ .chats = mentions.count,
                                                 .too_few = mentions.count < FIGURES_FEW_CHATS,
                                                 .chi2 = compare(&mentions) };
    if (ret_functions->chi2.df == 0)
        return OK;
    ret_functions->v_interval = stats_v_interval(&ret_functions->chi2);
    ret_functions->p_shuffled = shuffled_p(&mentions, ret_functions->chi2.chi2);
    return OK;
}
