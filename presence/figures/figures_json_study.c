/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json_parts.h"

json_t *figures_functions_json(const struct figures *figures)
{
    unsigned table[STAGE_COUNT * FUNCTION_COUNT] = { 0 };
    size_t chats[STAGE_COUNT] = { 0 };
    json_t *object = json_object(), *stages = json_array();
    struct chi2 chi2;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        chats[row->stage] += row->functions != 0;
        for (int function = 0; function < FUNCTION_COUNT; function++)
            table[row->stage * FUNCTION_COUNT + function] += row->functions >> function & 1;
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++) {
        json_t *of = json_object(), *entry;

        for (enum figures_function function = 0; function < FUNCTION_COUNT; function++)
            figure_set(
                of, figures_function_id(function),
                figure_share(table[(int)stage * FUNCTION_COUNT + (int)function], chats[stage]));
        entry = json_pack("{s:s, s:o, s:o}", "stage", figures_stage_name(stage), "chats",
                          figure_count(chats[stage]), "functions", of);
        (void)json_array_append_new(stages, entry);
    }
    /* The test asks whether stages differ: who is of no known stage tells nothing of that. */
    chi2 = stats_chi2(table, STAGE_UNKNOWN, FUNCTION_COUNT);
    figure_set(object, "stages", stages);
    figure_set(object, "df", figure_count(chi2.df));
    if (chi2.df > 0) {
        figure_set(object, "chi2", figure_number(chi2.chi2));
        figure_set(object, "p", figure_number(chi2.p));
        figure_set(object, "cramers_v", figure_number(chi2.v));
        figure_set(object, "least_expected", figure_number(chi2.least_expected));
    }
    return object;
}

json_t *figures_word_of_mouth_json(const struct figures *figures)
{
    size_t with[FIGURES_SIGNS] = { 0 }, coded = 0, referred = 0;
    double good, bad;
    json_t *object = json_object();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        coded += row->coded;
        referred += row->coded && row->referred;
        for (int sign = 0; row->coded && sign < PRESENCE_CODE_COUNT; sign++)
            with[sign] += row->side[SIDE_VISITOR].with[sign];
    }
    good = (double)with[PRESENCE_WOM_POS];
    bad = (double)with[PRESENCE_WOM_NEG];
    figure_set(object, "positive", figure_count(with[PRESENCE_WOM_POS]));
    figure_set(object, "negative", figure_count(with[PRESENCE_WOM_NEG]));
    figure_set(object, "balance",
               good + bad > 0 ? figure_number((good - bad) / (good + bad)) : json_null());
    figure_set(object, "referral", figure_share(referred, coded));
    return object;
}

json_t *figures_study_json(const struct figures *figures)
{
    enum { REL = PRESENCE_CODE_COUNT + PRESENCE_RELATIONSHIP };
    size_t chats[STAGE_COUNT] = { 0 }, with[STAGE_COUNT] = { 0 }, others, others_with;
    json_t *list = json_array(), *difference;

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        chats[row->stage] += row->coded;
        with[row->stage] += row->coded && (row->side[SIDE_VISITOR].with[REL] > 0 ||
                                           row->side[SIDE_AGENT].with[REL] > 0);
    }
    for (enum figures_stage stage = 0; stage < STAGE_COUNT; stage++) {
        json_t *entry = json_pack("{s:s, s:o}", "stage", figures_stage_name(stage), "chats",
                                  figure_share(with[stage], chats[stage]));

        (void)json_array_append_new(list, entry);
    }
    others = chats[STAGE_POTENTIAL] + chats[STAGE_NEW];
    others_with = with[STAGE_POTENTIAL] + with[STAGE_NEW];
    difference =
        figure_difference(with[STAGE_EXISTING], chats[STAGE_EXISTING], others_with, others);
    return json_pack("{s:o, s:o}", "relationship_by_stage", list, "existing_less_others",
                     difference);
}
