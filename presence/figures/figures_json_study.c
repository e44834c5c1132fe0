/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json_parts.h"

#include <math.h>

/* --- what chats were for --- */

static json_t *stage_functions_json(const struct figures *figures, enum figures_stage stage)
{
    size_t chats = 0, with[FUNCTION_COUNT] = { 0 };
    json_t *of = json_object();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (row->stage != stage || row->functions == 0)
            continue;
        chats++;
        for (int function = 0; function < FUNCTION_COUNT; function++)
            with[function] += row->functions >> function & 1;
    }
    for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
        figure_set(of, figures_function_id(function), figure_share(with[function], chats));
    return json_pack("{s:s, s:o, s:o}", "stage", figures_stage_name(stage), "chats",
                     figure_count(chats), "functions", of);
}

static void set_comparison(json_t *object, const struct figures_functions *of)
{
    figure_set(object, "chats", figure_count(of->chats));
    figure_set(object, "too_few", json_boolean(of->too_few));
    figure_set(object, "df", figure_count(of->chi2.df));
    if (of->chi2.df == 0)
        return;
    figure_set(object, "chi2", figure_number(of->chi2.chi2));
    figure_set(object, "p", figure_number(of->chi2.p));
    figure_set(object, "p_shuffled", figure_number(of->p_shuffled));
    figure_set(object, "cramers_v", figure_number(of->chi2.v));
    figure_interval(object, "low", "high", of->v_interval, 1);
    figure_set(object, "least_expected", figure_number(of->chi2.least_expected));
}

json_t *figures_functions_json(const struct figures *figures)
{
    json_t *object = json_object(), *stages = json_array();
    struct figures_functions of;

    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++)
        (void)json_array_append_new(stages, stage_functions_json(figures, stage));
    figure_set(object, "stages", stages);
    if (figures_functions(figures, &of) == OK)
        set_comparison(object, &of);
    return object;
}

/* What the platform saw itself, whoever coded: a share of the chats whose course it saw. */
json_t *figures_channel_json(const struct figures *figures)
{
    json_t *list = json_array();

    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++) {
        size_t chats = 0, moved_on = 0;

        for (size_t i = 0; i < figures->count; i++) {
            const struct figures_row *row = &figures->rows[i];

            chats += row->stage == stage && row->watched;
            moved_on += row->stage == stage && row->watched && row->moved_on;
        }
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:o}", "stage", figures_stage_name(stage),
                                              "chats", figure_share(moved_on, chats)));
    }
    return list;
}

/* --- word of mouth --- */

static bool is_coded(const struct figures_row *row, size_t language)
{
    return row->coded && row->language == language;
}

enum { GOOD, BAD };

/* Of signals, how many more are good than bad. */
static double balance_of(const double sums[RESAMPLE_SUMS])
{
    double signals = sums[GOOD] + sums[BAD];

    return signals > 0 ? (sums[GOOD] - sums[BAD]) / signals : (double)NAN;
}

/* Where chats only praise, or only criticise, all draws are alike; then it is twice the share of
 * chats that praise, less one. */
static int balance_interval(const struct resample_row *rows, size_t chats,
                            const double sums[RESAMPLE_SUMS], struct interval *ret_interval)
{
    struct interval share;

    if (sums[GOOD] > 0 && sums[BAD] > 0)
        return resample_interval(rows, chats, balance_of, ret_interval);
    share = stats_wilson(sums[GOOD] > 0 ? chats : 0, chats);
    *ret_interval = (struct interval){ 2 * share.low - 1, 2 * share.high - 1 };
    return OK;
}

/* The chats that bear a signal. */
static size_t signals_of(const struct figures *figures, size_t language, struct resample_row *rows,
                         double sums[RESAMPLE_SUMS])
{
    size_t chats = 0;

    for (size_t i = 0; i < figures->count; i++) {
        const uint16_t *with = figures->rows[i].side[SIDE_VISITOR].with;

        if (!is_coded(&figures->rows[i], language) ||
            with[PRESENCE_WOM_POS] + with[PRESENCE_WOM_NEG] == 0)
            continue;
        sums[GOOD] += with[PRESENCE_WOM_POS];
        sums[BAD] += with[PRESENCE_WOM_NEG];
        rows[chats++] = (struct resample_row){
            { [GOOD] = with[PRESENCE_WOM_POS], [BAD] = with[PRESENCE_WOM_NEG] }
        };
    }
    return chats;
}

static json_t *balance_json(const struct figures *figures, size_t language, presence_codes withheld)
{
    const presence_codes needed =
        PRESENCE_CODE_BIT(PRESENCE_WOM_POS) | PRESENCE_CODE_BIT(PRESENCE_WOM_NEG);
    AUTO_MEM struct resample_row *rows = calloc(figures->count + 1, sizeof(*rows));
    struct interval interval = { NAN, NAN };
    double sums[RESAMPLE_SUMS] = { 0 };
    json_t *object = json_object();
    size_t chats;

    if (!figure_without(object, needed, (needed & withheld) != 0 ? needed : 0))
        return object;
    chats = rows == NULL ? 0 : signals_of(figures, language, rows, sums);
    if (rows == NULL ||
        (chats >= FIGURES_FEW_CHATS && balance_interval(rows, chats, sums, &interval) != OK)) {
        json_decref(object);
        return NULL;
    }
    figure_set(object, "positive", figure_count((size_t)sums[GOOD]));
    figure_set(object, "negative", figure_count((size_t)sums[BAD]));
    figure_set(object, "chats", figure_count(chats));
    figure_set(object, "too_few", json_boolean(chats < FIGURES_FEW_CHATS));
    if (chats == 0)
        return object;
    figure_set(object, "balance", figure_number(balance_of(sums)));
    figure_interval(object, "low", "high", interval, 1);
    return object;
}

static json_t *referral_json(const struct figures *figures, size_t language,
                             presence_codes withheld)
{
    const presence_codes needed =
        PRESENCE_CODE_BIT(PRESENCE_WOM_SRC) | PRESENCE_CODE_BIT(PRESENCE_REL_REFER);
    size_t chats = 0, referred = 0;
    json_t *object = json_object();

    if (!figure_without(object, needed, withheld))
        return object;
    for (size_t i = 0; i < figures->count; i++) {
        const uint16_t *with = figures->rows[i].side[SIDE_VISITOR].with;

        if (!is_coded(&figures->rows[i], language))
            continue;
        chats++;
        referred += with[PRESENCE_WOM_SRC] + with[PRESENCE_REL_REFER] > 0;
    }
    figure_set_share(object, referred, chats);
    return object;
}

json_t *figures_word_of_mouth_json(const struct figures *figures, size_t language,
                                   presence_codes withheld)
{
    return json_pack("{s:o, s:o}", "balance", balance_json(figures, language, withheld), "referral",
                     referral_json(figures, language, withheld));
}

/* --- the study's check --- */

/* Chats in which this side bears a code of relationship, of those in which it said anything. */
static json_t *side_study_json(const struct figures *figures, size_t language,
                               enum figures_side side)
{
    enum { REL = PRESENCE_CODE_COUNT + PRESENCE_RELATIONSHIP };
    size_t chats[STAGE_COUNT] = { 0 }, with[STAGE_COUNT] = { 0 };
    json_t *list = json_array();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (!is_coded(row, language) || row->side[side].messages == 0)
            continue;
        chats[row->stage]++;
        with[row->stage] += row->side[side].with[REL] > 0;
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++)
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:o}", "stage", figures_stage_name(stage),
                                              "chats", figure_share(with[stage], chats[stage])));
    return json_pack("{s:s, s:o, s:o}", "side", figure_sides[side], "relationship_by_stage", list,
                     "existing_less_others",
                     figure_difference(with[STAGE_EXISTING], chats[STAGE_EXISTING],
                                       with[STAGE_POTENTIAL] + with[STAGE_NEW],
                                       chats[STAGE_POTENTIAL] + chats[STAGE_NEW]));
}

json_t *figures_study_json(const struct figures *figures, size_t language, presence_codes withheld)
{
    json_t *object = json_object(), *sides;

    if (!figure_without(object, presence_group_codes(PRESENCE_RELATIONSHIP), withheld))
        return object;
    sides = json_array();
    for (enum figures_side side = 0; side < SIDE_COUNT; side++)
        (void)json_array_append_new(sides, side_study_json(figures, language, side));
    figure_set(object, "sides", sides);
    return object;
}
