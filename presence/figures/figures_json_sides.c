/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json_parts.h"

/* --- opening and closing --- */

/* Chats of two sides in which each of them bears the code. */
static json_t *both_json(const struct figures *figures, size_t language, enum presence_code code,
                         presence_codes withheld)
{
    size_t chats = 0, both = 0;
    json_t *object = json_object();

    if (!figure_without(object, PRESENCE_CODE_BIT(code), withheld))
        return object;
    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];
        const struct figures_counts *visitor = &row->side[SIDE_VISITOR];
        const struct figures_counts *agent = &row->side[SIDE_AGENT];

        if (!row->coded || row->language != language || visitor->messages == 0 ||
            agent->messages == 0)
            continue;
        chats++;
        both += visitor->with[code] > 0 && agent->with[code] > 0;
    }
    figure_set_share(object, both, chats);
    return object;
}

json_t *figures_completeness_json(const struct figures *figures, size_t language,
                                  presence_codes withheld)
{
    return json_pack("{s:o, s:o}", "both_greet",
                     both_json(figures, language, PRESENCE_COH_GREET, withheld), "both_close",
                     both_json(figures, language, PRESENCE_COH_CLOSE, withheld));
}

/* --- reciprocity --- */

static json_t *reciprocal_json(const struct figures_reciprocity *of, enum presence_code code)
{
    json_t *object = json_pack("{s:s, s:o, s:o}", "code", presence_code_row(code)->id, "chats",
                               figure_count(of->chats), "turns", figure_count(of->turns));
    json_t *given =
        json_pack("{s:o, s:o}", "count", figure_count(of->given_hit), "n", figure_count(of->given));

    figure_set(object, "too_few", json_boolean(of->too_few));
    figure_set(given, "share", figure_number((double)of->given_hit / (double)of->given));
    figure_set(object, "given", given);
    figure_set(object, "base_rate", figure_number(of->base));
    if (of->too_few)
        return object;
    figure_set(object, "reciprocity", figure_number(of->value));
    figure_interval(object, "low", "high", of->interval, 1);
    return object;
}

/* Codes that the visitor used at all. */
json_t *figures_reciprocity_json(const struct figures *figures, size_t language)
{
    struct figures_reciprocity of[PRESENCE_CODE_COUNT];
    json_t *list = json_array();

    if (figures_reciprocity(figures, language, of) != OK) {
        json_decref(list);
        return NULL;
    }
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        if (of[code].given > 0)
            (void)json_array_append_new(list, reciprocal_json(&of[code], code));
    return list;
}

/* --- trajectory --- */

static json_t *third_json(const struct figures_third_cell *cell, enum presence_group group,
                          presence_codes withheld)
{
    json_t *object = json_pack("{s:s}", "group", presence_group_name(group));

    if (!figure_without(object, presence_group_codes(group), withheld))
        return object;
    figure_set(object, "instances", figure_count(cell->instances));
    figure_set(object, "too_few", json_boolean(cell->too_few));
    if (cell->too_few)
        return object;
    figure_set(object, "density", figure_number(cell->density));
    figure_interval(object, "low", "high", cell->interval, 1);
    return object;
}

static json_t *side_trajectory_json(const struct figures *figures, size_t language,
                                    enum figures_side side, presence_codes withheld)
{
    struct figures_third_cell cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT];
    json_t *object = json_pack("{s:s}", "side", figure_sides[side]), *thirds = json_array();
    bool any = false;

    if (figures_thirds(figures, language, side, cells) != OK) {
        json_decref(object);
        json_decref(thirds);
        return NULL;
    }
    for (int third = 0; third < FIGURES_THIRDS; third++)
        any |= !cells[third][0].too_few;
    for (int third = 0; third < FIGURES_THIRDS && any; third++) {
        json_t *groups = json_array();

        for (int group = 0; group < PRESENCE_GROUP_COUNT; group++)
            (void)json_array_append_new(
                groups, third_json(&cells[third][group], (enum presence_group)group, withheld));
        (void)json_array_append_new(thirds,
                                    json_pack("{s:i, s:I, s:o}", "third", third + 1, "words",
                                              (json_int_t)cells[third][0].words, "groups", groups));
    }
    figure_set(object, "chats", figure_count(cells[0][0].chats));
    figure_set(object, "too_few", json_boolean(!any));
    figure_set(object, "thirds", thirds);
    return object;
}

json_t *figures_trajectory_json(const struct figures *figures, size_t language,
                                presence_codes withheld)
{
    json_t *list = json_array();

    for (enum figures_side side = 0; side < SIDE_COUNT; side++)
        (void)json_array_append_new(list, side_trajectory_json(figures, language, side, withheld));
    return list;
}
