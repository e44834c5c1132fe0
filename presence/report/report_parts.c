/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/report/report_parts.h"

#include <math.h>
#include <stdio.h>

const json_t *part(const json_t *object, const char *path)
{
    while (object != NULL && *path != '\0') {
        char name[48];
        size_t len = strcspn(path, ".");

        (void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
        object = json_object_get(object, name);
        path += len + (path[len] == '.');
    }
    return object;
}

double part_number(const json_t *object, const char *path)
{
    return json_number_value(part(object, path));
}

const char *part_text(const json_t *object, const char *path)
{
    const char *text = json_string_value(part(object, path));

    return text != NULL ? text : "";
}

bool part_is(const json_t *object, const char *path)
{
    return json_is_true(part(object, path));
}

void put_text(struct buf *to, const char *text)
{
    buf_add_xml(to, slice_of(text));
}

void put_number(struct buf *to, double value)
{
    svg_number(to, value);
}

void put_percent(struct buf *to, double share)
{
    double percent = 100 * share;

    buf_addf(to, percent > 0 && percent < 9.95 ? "%.1f" : "%.0f", percent);
    buf_add_text(to, " %");
}

static void put_range(struct buf *to, const json_t *share)
{
    buf_addf(to, "%.1f–%.1f", 100 * part_number(share, "low"), 100 * part_number(share, "high"));
}

void put_share(struct buf *to, const json_t *share)
{
    if (part_is(share, "too_few")) {
        buf_add_text(to, "too few (n = ");
        put_number(to, part_number(share, "n"));
        buf_add_text(to, ")");
        return;
    }
    put_percent(to, part_number(share, "share"));
    buf_add_text(to, " (");
    put_range(to, share);
    buf_add_text(to, "; n = ");
    put_number(to, part_number(share, "n"));
    buf_add_text(to, ")");
}

void put_share_cell(struct buf *to, const json_t *share)
{
    if (part_is(share, "too_few")) {
        buf_add_text(to, "<td class=\"few n\">too few<br><span class=\"i\">n = ");
    } else {
        buf_add_text(to, "<td class=\"n\">");
        put_percent(to, part_number(share, "share"));
        buf_add_text(to, "<br><span class=\"i\">");
        put_range(to, share);
        buf_add_text(to, "; n = ");
    }
    put_number(to, part_number(share, "n"));
    buf_add_text(to, "</span></td>");
}

void put_share_cells(struct buf *to, const json_t *share)
{
    if (part_is(share, "too_few")) {
        cell_few(to, 2);
    } else {
        buf_add_text(to, "<td class=\"n\">");
        put_percent(to, part_number(share, "share"));
        buf_add_text(to, "</td><td class=\"n i\">");
        put_range(to, share);
        buf_add_text(to, "</td>");
    }
    cell_number(to, part_number(share, "n"));
}

void put_signed_interval(struct buf *to, const json_t *of, const char *value, double scale,
                         int digits)
{
    svg_signed(to, scale * part_number(of, value), digits);
    buf_add_text(to, " (");
    svg_signed(to, scale * part_number(of, "low"), digits);
    buf_add_text(to, " to ");
    svg_signed(to, scale * part_number(of, "high"), digits);
    buf_add_text(to, ")");
}

void put_difference(struct buf *to, const json_t *difference)
{
    if (!json_is_object(difference)) {
        buf_add_text(to, "too few to compare");
        return;
    }
    put_signed_interval(to, difference, "difference", 100, 1);
    buf_add_text(to, " percentage points");
}

void put_difference_cell(struct buf *to, const json_t *difference)
{
    if (!json_is_object(difference)) {
        buf_add_text(to, "<td class=\"few\">too few to compare</td>");
        return;
    }
    buf_add_text(to, "<td class=\"n\">");
    put_signed_interval(to, difference, "difference", 100, 1);
    buf_add_text(to, "</td>");
}

bool put_without(struct buf *to, const json_t *figure, const char *what)
{
    const json_t *codes = part(figure, "without"), *code;
    size_t i;

    if (part_is(figure, "withheld")) {
        buf_addf(to, "%s a person must code. ", what);
        return false;
    }
    json_array_foreach(codes, i, code)
        buf_addf(to, "%s%s", i > 0 ? ", " : "Without ", json_string_value(code));
    if (i > 0)
        buf_add_text(to, ", which a person must code. ");
    return true;
}

void put_duration(struct buf *to, double seconds)
{
    unsigned long long whole = (unsigned long long)(seconds + 0.5);

    if (seconds < 10 && seconds != floor(seconds))
        buf_addf(to, "%.1f s", seconds);
    else if (whole < 120)
        buf_addf(to, "%llu s", whole);
    else if (whole < 7200)
        buf_addf(to, "%llu min %02llu s", whole / 60, whole % 60);
    else
        buf_addf(to, "%llu h %02llu min", whole / 3600, whole / 60 % 60);
}

void begin_table(struct buf *to, const char *titles)
{
    buf_add_text(to, "<div class=\"wide\" tabindex=\"0\"><table><thead><tr>");
    while (*titles != '\0') {
        size_t len = strcspn(titles, "|");
        bool is_number = titles[0] == '#';

        buf_add_text(to, is_number ? "<th class=\"n\">" : "<th>");
        buf_add_xml(to, (struct slice){ titles + is_number, len - is_number });
        buf_add_text(to, "</th>");
        titles += len + (titles[len] == '|');
    }
    buf_add_text(to, "</tr></thead><tbody>");
}

void end_table(struct buf *to)
{
    buf_add_text(to, "</tbody></table></div>\n");
}

void cell_number(struct buf *to, double value)
{
    buf_add_text(to, "<td class=\"n\">");
    put_number(to, value);
    buf_add_text(to, "</td>");
}

void cell_few(struct buf *to, int columns)
{
    buf_addf(to, "<td class=\"few%s\" colspan=\"%d\">too few</td>", columns == 1 ? " n" : "",
             columns);
}

void cell_density(struct buf *to, const json_t *of)
{
    buf_add_text(to, "<td class=\"n\">");
    put_number(to, part_number(of, "density"));
    buf_add_text(to, "<br><span class=\"i\">");
    put_number(to, part_number(of, "low"));
    buf_add_text(to, "–");
    put_number(to, part_number(of, "high"));
    buf_add_text(to, "</span></td>");
}

void cell_interval(struct buf *to, const json_t *of)
{
    buf_add_text(to, "<td class=\"n i\">");
    put_number(to, part_number(of, "low"));
    buf_add_text(to, " – ");
    put_number(to, part_number(of, "high"));
    buf_add_text(to, "</td>");
}

void cell_text(struct buf *to, const char *text)
{
    buf_add_text(to, "<td>");
    put_text(to, text);
    buf_add_text(to, "</td>");
}

void cell_named(struct buf *to, const char *name, const char *meaning)
{
    buf_add_text(to, "<td>");
    put_text(to, name);
    buf_add_text(to, "<br><span class=\"i\">");
    put_text(to, meaning);
    buf_add_text(to, "</span></td>");
}

const char *language_name(const char *tag)
{
    static const char *const names[][2] = { { "en", "English" },
                                            { "fi", "Finnish" },
                                            { "sv", "Swedish" } };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(tag, names[i][0]) == 0)
            return names[i][1];
    return tag;
}

void put_legend(struct buf *to)
{
    buf_add_text(to,
                 "<p class=\"legend\"><svg width=\"12\" height=\"12\" aria-hidden=\"true\"><circle "
                 "cx=\"6\" cy=\"6\" r=\"5\" class=\"m visitor\"/></svg> visitor <svg width=\"12\" "
                 "height=\"12\" aria-hidden=\"true\"><rect x=\"1.5\" y=\"1.5\" width=\"9\" "
                 "height=\"9\" class=\"m agent\"/></svg> agent</p>");
}
