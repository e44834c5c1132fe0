/* SPDX-License-Identifier: Apache-2.0
 *
 * The part of the report that rests on codes: a chapter a language, then what spans languages.
 */
#include "presence/report/report_parts.h"

#include "presence/codebook.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MARKS_MAX = 128, LABEL_BYTES = 48 };

/* Which of a side's signs are shown in one picture. */
typedef bool wanted_fn(const json_t *sign);

static bool is_group(const json_t *sign)
{
    return json_object_get(sign, "group") != NULL;
}

static bool is_shown_group(const json_t *sign)
{
    return is_group(sign) && !part_is(sign, "withheld");
}

static bool is_shown_code(const json_t *sign)
{
    return json_object_get(sign, "code") != NULL && !part_is(sign, "withheld") &&
           part_number(sign, "instances") > 0;
}

static const char *name_of(const json_t *sign)
{
    return is_group(sign) ? part_text(sign, "group") : part_text(sign, "code");
}

static const json_t *side_of(const json_t *subset, size_t side)
{
    return json_array_get(part(subset, "sides"), side);
}

static struct svg_mark mark_of(const json_t *subset, size_t side, size_t sign, const char *label)
{
    const json_t *of = json_array_get(part(side_of(subset, side), "signs"), sign);

    return (struct svg_mark){ .label = label,
                              .series = side == 0 ? "visitor" : "agent",
                              .value = part_number(of, "density"),
                              .low = part_number(of, "low"),
                              .high = part_number(of, "high"),
                              .missing = part_is(of, "too_few") || part_is(of, "withheld") };
}

/* "INT.AGR, suggested": a class B code of the machine's is marked wherever it is drawn. */
static const char *label_of(const json_t *sign, char label[LABEL_BYTES])
{
    (void)snprintf(label, LABEL_BYTES, "%s%s", name_of(sign),
                   strcmp(part_text(sign, "class"), "B") == 0 ? ", suggested" : "");
    return label;
}

/* Visitor and agent below each other for every sign that either shows. */
static void put_picture(struct buf *to, const json_t *subset, wanted_fn *wanted, const char *title)
{
    const json_t *visitor = part(side_of(subset, 0), "signs");
    const json_t *agent = part(side_of(subset, 1), "signs");
    struct svg_mark marks[MARKS_MAX];
    char labels[MARKS_MAX / 2][LABEL_BYTES];
    size_t count = 0;
    bool any = false;

    for (size_t i = 0; i < json_array_size(visitor) && count + 2 <= MARKS_MAX; i++) {
        const json_t *one = json_array_get(visitor, i), *other = json_array_get(agent, i);

        if (!wanted(one) && !wanted(other))
            continue;
        marks[count] = mark_of(subset, 0, i, label_of(one, labels[count / 2]));
        marks[count + 1] = mark_of(subset, 1, i, "");
        any = any || !marks[count].missing || !marks[count + 1].missing;
        count += 2;
    }
    if (!any) {
        buf_addf(to, "<p>%s to draw.</p>", count == 0 ? "Nothing" : "Too few");
        return;
    }
    put_legend(to);
    svg_intervals(to, title, "instances in 1,000 words, with 95 % intervals", marks, count);
}

/* --- the table of codes --- */

static void put_message_cell(struct buf *to, const json_t *sign)
{
    buf_add_text(to, "<td class=\"n\">");
    put_percent(to, part_number(sign, "message_share"));
    buf_addf(to, "<br><span class=\"i\">%.1f–%.1f</span></td>",
             100 * part_number(sign, "message_low"), 100 * part_number(sign, "message_high"));
}

static void put_sign_cells(struct buf *to, const json_t *sign)
{
    if (part_is(sign, "too_few")) {
        cell_few(to, 2);
    } else {
        cell_density(to, sign);
        put_message_cell(to, sign);
    }
    put_share_cell(to, part(sign, "chats"));
}

/* "900 words in 40 chats, 10 more whose words are kept no longer" */
static void put_extent(struct buf *to, const json_t *side)
{
    double faded = part_number(side, "faded");

    put_number(to, part_number(side, "words"));
    buf_add_text(to, " words in ");
    put_number(to, part_number(side, "chats") - faded);
    buf_add_text(to, " chats");
    if (faded > 0) {
        buf_add_text(to, ", ");
        put_number(to, faded);
        buf_add_text(to, " more whose words are kept no longer");
    }
}

/* What it means stands below it; a group says which of its codes it misses. */
static void put_name_cell(struct buf *to, const json_t *sign)
{
    const json_t *missing;
    enum presence_code code;
    size_t i;

    if (!is_group(sign) && presence_code_find(slice_of(name_of(sign)), &code) == 0) {
        cell_named(to, name_of(sign), presence_code_row(code)->meaning);
        return;
    }
    buf_addf(to, "<td>%s", name_of(sign));
    json_array_foreach(part(sign, "without"), i, missing) buf_addf(
        to, "%s%s", i > 0 ? ", " : "<br><span class=\"i\">without ", json_string_value(missing));
    buf_add_text(to, i > 0 ? "</span></td>" : "</td>");
}

static void put_sign_row(struct buf *to, const json_t *subset, size_t sign)
{
    const json_t *visitor = json_array_get(part(side_of(subset, 0), "signs"), sign);
    const json_t *agent = json_array_get(part(side_of(subset, 1), "signs"), sign);

    buf_add_text(to, is_group(visitor) ? "<tr class=\"g\">" : "<tr>");
    put_name_cell(to, visitor);
    cell_text(to, part_text(visitor, "class"));
    if (part_is(visitor, "withheld")) {
        buf_add_text(to, "<td class=\"few\" colspan=\"6\">a person must code it</td>");
    } else {
        put_sign_cells(to, visitor);
        put_sign_cells(to, agent);
    }
    buf_add_text(to, "</tr>");
}

static void put_table(struct buf *to, const json_t *subset)
{
    size_t count = json_array_size(part(side_of(subset, 0), "signs"));

    begin_table(to, "Code|Class|#Visitor|#Messages|#Chats|#Agent|#Messages|#Chats");
    for (size_t i = 0; i < count; i++)
        put_sign_row(to, subset, i);
    end_table(to);
    buf_add_text(
        to,
        "<p class=\"note\">A message bears a code when it does what stands below the code. "
        "Instances in 1,000 words; messages and chats with at least one, in per cent; below each "
        "its 95 % interval. Visitor: ");
    put_extent(to, side_of(subset, 0));
    buf_add_text(to, "; agent: ");
    put_extent(to, side_of(subset, 1));
    buf_add_text(to, ".</p>");
}

/* --- stages and months --- */

static void put_stage_cell(struct buf *to, const json_t *sign)
{
    if (part_is(sign, "withheld"))
        buf_add_text(to, "<td class=\"few\">–</td>");
    else if (part_is(sign, "too_few"))
        cell_few(to, 1);
    else
        cell_density(to, sign);
}

static void put_stage_row(struct buf *to, const json_t *stages, size_t side, size_t sign)
{
    const json_t *first =
        json_array_get(part(side_of(json_array_get(stages, 0), side), "signs"), sign);

    if (part_is(first, "withheld"))
        return;
    buf_add_text(to, is_group(first) ? "<tr class=\"g\">" : "<tr>");
    put_name_cell(to, first);
    for (size_t i = 1; i < json_array_size(stages); i++)
        put_stage_cell(
            to, json_array_get(part(side_of(json_array_get(stages, i), side), "signs"), sign));
    buf_add_text(to, "</tr>");
}

/* What the pictures show, and each code; a column a stage. */
static void put_stage_table(struct buf *to, const json_t *stages, size_t side)
{
    size_t signs = json_array_size(part(side_of(json_array_get(stages, 0), side), "signs"));
    AUTO_BUF titles;

    buf_init(&titles, 256);
    buf_add_text(&titles, side == 0 ? "Visitor" : "Agent");
    for (size_t i = 1; i < json_array_size(stages); i++)
        buf_addf(&titles, "|#%s", part_text(json_array_get(stages, i), "stage"));
    begin_table(to, titles.data);
    for (size_t sign = 0; sign < signs; sign++)
        put_stage_row(to, stages, side, sign);
    end_table(to);
    buf_add_text(to, "<p class=\"note\">Instances in 1,000 words.");
    for (size_t i = 1; i < json_array_size(stages); i++) {
        buf_addf(to, " %s: ", part_text(json_array_get(stages, i), "stage"));
        put_extent(to, side_of(json_array_get(stages, i), side));
        buf_add_text(to, ".");
    }
    buf_add_text(to, "</p>");
}

static void put_stages(struct buf *to, const json_t *language)
{
    const json_t *stages = part(language, "stages"), *stage;
    size_t i;

    if (json_array_size(stages) < 3) /* all, and but one stage: nothing to compare */
        return;
    json_array_foreach(stages, i, stage)
    {
        char title[96];

        if (i == 0)
            continue;
        (void)snprintf(title, sizeof(title), "Groups of codes, stage %s",
                       part_text(stage, "stage"));
        buf_addf(to, "<h3>Stage: %s (", part_text(stage, "stage"));
        put_number(to, part_number(stage, "coded"));
        buf_add_text(to, " coded chats)</h3>");
        put_picture(to, stage, is_shown_group, title);
    }
    buf_add_text(to, "<h3>Codes by stage</h3>");
    for (size_t side = 0; side < 2; side++)
        put_stage_table(to, stages, side);
}

static void put_month_cells(struct buf *to, const json_t *side, size_t group)
{
    const json_t *sign = json_array_get(part(side, "signs"), group);

    if (part_is(sign, "too_few"))
        cell_few(to, 1);
    else
        cell_density(to, sign);
    cell_number(to, part_number(side, "chats"));
}

static void put_month_table(struct buf *to, const json_t *months, size_t group)
{
    const json_t *month;
    size_t i;

    begin_table(to, "Month|#Visitor|#Chats|#Agent|#Chats");
    json_array_foreach(months, i, month)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(month, "month"));
        put_month_cells(to, side_of(month, 0), group);
        put_month_cells(to, side_of(month, 1), group);
        buf_add_text(to, "</tr>");
    }
    end_table(to);
}

static void put_month_lines(struct buf *to, const char *group, const char *const *months,
                            size_t count, const struct svg_line lines[2])
{
    bool any = false, found = false;
    char title[64];

    for (size_t i = 0; i < 2 * count; i++) {
        any = any || !isnan(lines[i % 2].values[i / 2]);
        found = found || lines[i % 2].values[i / 2] > 0;
    }
    (void)snprintf(title, sizeof(title), "By month: %s", group);
    buf_addf(to, "<h3>%s</h3>", title);
    if (!found) {
        buf_addf(to, "<p>%s.</p>", any ? "None found in any month" : "Too few in every month");
        return;
    }
    put_legend(to);
    svg_lines(to, title, "instances in 1,000 words, with 95 % intervals; gaps: too few", months,
              count, lines, 2);
}

static void put_month_picture(struct buf *to, const json_t *months, size_t group)
{
    size_t count = json_array_size(months);
    const char **names = calloc(count + 1, sizeof(*names));
    double *values = calloc(6 * count + 1, sizeof(*values)); /* with low and high, of both sides */
    struct svg_line lines[2] = { { .label = "visitor", .series = "visitor" },
                                 { .label = "agent", .series = "agent" } };
    const char *title = "";

    for (size_t i = 0; names != NULL && values != NULL && i < count; i++) {
        const json_t *month = json_array_get(months, i);

        names[i] = part_text(month, "month");
        for (size_t side = 0; side < 2; side++) {
            const json_t *sign = json_array_get(part(side_of(month, side), "signs"), group);

            title = part_text(sign, "group");
            values[side * count + i] =
                json_is_number(part(sign, "density")) ? part_number(sign, "density") : (double)NAN;
            values[(2 + side) * count + i] = part_number(sign, "low");
            values[(4 + side) * count + i] = part_number(sign, "high");
        }
    }
    for (size_t side = 0; values != NULL && side < 2; side++) {
        lines[side].values = values + side * count;
        lines[side].low = values + (2 + side) * count;
        lines[side].high = values + (4 + side) * count;
    }
    if (names != NULL && values != NULL) {
        put_month_lines(to, title, names, count, lines);
        put_month_table(to, months, group);
    }
    free(names);
    free(values);
}

static void put_months(struct buf *to, const json_t *language)
{
    const json_t *months = part(language, "months");
    size_t groups = json_array_size(part(side_of(json_array_get(months, 0), 0), "signs"));

    for (size_t group = 0; json_array_size(months) > 1 && group < groups; group++) {
        const json_t *signs = part(side_of(json_array_get(months, 0), 0), "signs");

        if (!part_is(json_array_get(signs, group), "withheld"))
            put_month_picture(to, months, group);
    }
}

static void put_language(struct buf *to, const json_t *language)
{
    const json_t *all = json_array_get(part(language, "stages"), 0);

    if (part_number(all, "coded") < 1)
        return;
    buf_add_text(to, "<h2>Social presence, language: ");
    put_text(to, language_name(part_text(language, "language")));
    buf_add_text(to, "</h2><h3>Groups of codes</h3>");
    put_picture(to, all, is_shown_group, "Density of the groups of codes");
    buf_add_text(to, "<h3>Codes</h3>");
    put_picture(to, all, is_shown_code, "Density of each code");
    put_table(to, all);
    report_sides(to, language);
    put_stages(to, language);
    put_months(to, language);
    report_language_study(to, language);
}

void report_presence(struct buf *to, const json_t *document)
{
    const json_t *languages = part(document, "languages"), *language;
    size_t i;

    if (part_number(document, "chats.coded") < 1)
        return;
    json_array_foreach(languages, i, language) put_language(to, language);
    report_functions(to, document);
}
