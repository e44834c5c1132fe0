/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json_parts.h"

#include <stdio.h>

/* --- what a person must code --- */

presence_codes figures_withheld(const struct figures_about *about, const char *language)
{
    presence_codes codes = 0;

    for (enum presence_code code = 0; about->machine && code < PRESENCE_CODE_COUNT; code++) {
        char class =
            about->class_of != NULL ? about->class_of(about->context, language, code) : '-';

        if (class != 'A' && class != 'B')
            codes |= PRESENCE_CODE_BIT(code);
    }
    return codes;
}

bool figure_without(json_t *object, presence_codes needed, presence_codes withheld)
{
    presence_codes missing = needed & withheld;
    json_t *list;

    if (missing == needed) {
        figure_set(object, "withheld", json_true());
        return false;
    }
    if (missing == 0)
        return true;
    list = json_array();
    for (enum presence_code code = 0; code < PRESENCE_CODE_COUNT; code++)
        if ((missing & PRESENCE_CODE_BIT(code)) != 0)
            (void)json_array_append_new(list, json_string(presence_code_row(code)->id));
    figure_set(object, "without", list);
    return true;
}

/* --- signs: codes and groups --- */

static json_t *named_json(int sign, const char *language, const struct figures_about *about)
{
    bool is_code = sign < PRESENCE_CODE_COUNT;
    enum presence_code code = (enum presence_code)(is_code ? sign : 0);
    enum presence_group group = (enum presence_group)(sign - PRESENCE_CODE_COUNT);
    char class[2] = "";
    json_t *object = json_pack("{s:s}", is_code ? "code" : "group",
                               is_code ? presence_code_row(code)->id : presence_group_name(group));

    if (is_code && about->class_of != NULL)
        class[0] = about->class_of(about->context, language, code);
    if (class[0] != '\0')
        figure_set(object, "class", json_string(class));
    return object;
}

static presence_codes codes_of(int sign)
{
    return sign < PRESENCE_CODE_COUNT
               ? PRESENCE_CODE_BIT(sign)
               : presence_group_codes((enum presence_group)(sign - PRESENCE_CODE_COUNT));
}

static json_t *sign_json(const struct figures_cell *cell, int sign, const char *language,
                         const struct figures_about *about)
{
    json_t *object = named_json(sign, language, about);

    if (!figure_without(object, codes_of(sign), figures_withheld(about, language)))
        return object;
    figure_set(object, "instances", figure_count(cell->instances));
    figure_set(object, "chats", figure_share(cell->chats_with, cell->chats));
    figure_set(object, "too_few", json_boolean(cell->too_few));
    if (cell->too_few)
        return object;
    figure_set(object, "density", figure_number(cell->density));
    figure_interval(object, "low", "high", cell->density_interval, 1);
    figure_set(object, "messages_with", figure_count(cell->messages_with));
    figure_set(object, "message_share", figure_number(cell->message_share));
    figure_interval(object, "message_low", "message_high", cell->message_interval, 1);
    return object;
}

static json_t *side_json(const struct figures *figures, const struct figures_subset *subset,
                         enum figures_side side, const struct figures_about *about, bool codes)
{
    AUTO_MEM struct figures_cell *cells = calloc(FIGURES_SIGNS, sizeof(*cells));
    json_t *object, *signs = json_array();

    if (cells == NULL || figures_cells(figures, subset, side, cells) != OK) {
        json_decref(signs);
        return NULL;
    }
    for (int sign = codes ? 0 : PRESENCE_CODE_COUNT; sign < FIGURES_SIGNS; sign++)
        (void)json_array_append_new(
            signs, sign_json(&cells[sign], sign, figures->languages[subset->language], about));
    object = json_pack("{s:s, s:o, s:o, s:I, s:o}", "side", figure_sides[side], "chats",
                       figure_count(cells[0].chats), "faded",
                       figure_count(cells[0].chats - cells[0].worded), "words",
                       (json_int_t)cells[0].words, "messages", figure_count(cells[0].messages));
    figure_set(object, "too_few", json_boolean(cells[0].too_few));
    figure_set(object, "signs", signs);
    return object;
}

static json_t *subset_json(const struct figures *figures, const struct figures_subset *subset,
                           const struct figures_about *about, bool codes)
{
    json_t *object = json_object(), *sides = json_array();
    char month[32];

    if (subset->month > 0) {
        (void)snprintf(month, sizeof(month), "%04u-%02u", subset->month / 12,
                       subset->month % 12 + 1);
        figure_set(object, "month", json_string(month));
    } else {
        figure_set(object, "stage", json_string(figures_stage_name(subset->stage)));
    }
    figure_set(object, "coded", figure_count(figures_subset_count(figures, subset)));
    for (enum figures_side side = 0; side < SIDE_COUNT; side++)
        (void)json_array_append_new(sides, side_json(figures, subset, side, about, codes));
    figure_set(object, "sides", sides);
    return object;
}

/* Every month between the first and the last that has a coded chat. */
static json_t *months_json(const struct figures *figures, size_t language,
                           const struct figures_about *about)
{
    uint32_t first = UINT32_MAX, last = 0;
    json_t *months = json_array();

    for (size_t i = 0; i < figures->count; i++) {
        const struct figures_row *row = &figures->rows[i];

        if (!row->coded || row->language != language || row->month == 0)
            continue;
        first = row->month < first ? row->month : first;
        last = row->month > last ? row->month : last;
    }
    for (uint32_t month = first; month <= last && first != UINT32_MAX; month++) {
        struct figures_subset subset = { language, STAGE_ANY, month, FIGURES_NOBODY };

        if (figures_subset_count(figures, &subset) > 0)
            (void)json_array_append_new(months, subset_json(figures, &subset, about, false));
    }
    return months;
}

json_t *figures_language_json(const struct figures *figures, size_t language,
                              const struct figures_about *about)
{
    json_t *object = json_pack("{s:s}", "language", figures_language_name(figures, language));
    presence_codes withheld = figures_withheld(about, figures->languages[language]);
    json_t *stages = json_array();

    for (int i = 0; i <= STAGE_COUNT; i++) {
        struct figures_subset subset = { language, i == 0 ? STAGE_ANY : (enum figures_stage)(i - 1),
                                         0, FIGURES_NOBODY };

        if (i == 0 || figures_subset_count(figures, &subset) > 0)
            (void)json_array_append_new(stages, subset_json(figures, &subset, about, true));
    }
    figure_set(object, "stages", stages);
    figure_set(object, "months", months_json(figures, language, about));
    figure_set(object, "completeness", figures_completeness_json(figures, language, withheld));
    figure_set(object, "trajectory", figures_trajectory_json(figures, language, withheld));
    figure_set(object, "reciprocity", figures_reciprocity_json(figures, language));
    figure_set(object, "word_of_mouth", figures_word_of_mouth_json(figures, language, withheld));
    figure_set(object, "study_check", figures_study_json(figures, language, withheld));
    return object;
}
