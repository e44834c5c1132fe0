/* SPDX-License-Identifier: Apache-2.0
 *
 * What both sides of a chat do together: opening and closing, answering in kind, how chats go.
 */
#include "presence/report/report_parts.h"

static void put_both(struct buf *to, const json_t *share, const char *says, const char *what)
{
    if (!put_without(to, share, what))
        return;
    buf_add_text(to, says);
    put_share(to, share);
    buf_add_text(to, " of the chats with two sides. ");
}

static void put_completeness(struct buf *to, const json_t *language)
{
    buf_add_text(to, "<h3>Opening and closing</h3><p>");
    put_both(to, part(language, "completeness.both_greet"), "Both sides greet in ",
             "Whether both sides greet");
    put_both(to, part(language, "completeness.both_close"), "Both take leave in ",
             "Whether both take leave");
    buf_add_text(to, "</p>");
}

static void put_reciprocity(struct buf *to, const json_t *language)
{
    const json_t *list = part(language, "reciprocity"), *row;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    buf_add_text(to, "<h3>Reciprocity: does the agent answer in kind?</h3>");
    begin_table(to, "Code|#After the visitor's|#Base rate|#Difference, 95 %|#Turns|#Chats");
    json_array_foreach(list, i, row)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(row, "code"));
        if (part_is(row, "too_few")) {
            buf_add_text(to, "<td class=\"few\" colspan=\"3\">too few</td>");
        } else {
            buf_add_text(to, "<td class=\"n\">");
            put_percent(to, part_number(row, "given.share"));
            buf_add_text(to, "</td><td class=\"n\">");
            put_percent(to, part_number(row, "base_rate"));
            buf_add_text(to, "</td><td class=\"n\">");
            put_signed_interval(to, row, "reciprocity", 100, 1);
            buf_add_text(to, "</td>");
        }
        cell_number(to, part_number(row, "given.n"));
        cell_number(to, part_number(row, "chats"));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
    buf_add_text(to,
                 "<p class=\"note\">Share of the visitor's turns bearing the code whose next two "
                 "agent turns bear it, less the same over all visitor turns that the "
                 "agent answers; in percentage points, by resamples of whole chats.</p>");
}

/* --- how chats go --- */

static void put_third_cells(struct buf *to, const json_t *thirds, size_t group)
{
    const json_t *third;
    size_t i;

    json_array_foreach(thirds, i, third)
    {
        const json_t *of = json_array_get(part(third, "groups"), group);

        if (part_is(of, "withheld"))
            buf_add_text(to, "<td class=\"few n\">a person must code it</td>");
        else if (part_is(of, "too_few"))
            cell_few(to, 1);
        else
            cell_density(to, of);
    }
}

static void put_trajectory(struct buf *to, const json_t *language)
{
    const json_t *sides = part(language, "trajectory"), *side;
    size_t i;

    buf_add_text(to, "<h3>How chats go: first, second and last third</h3>");
    begin_table(to, "Group|Side|#First|#Second|#Last");
    json_array_foreach(sides, i, side)
    {
        const json_t *thirds = part(side, "thirds");
        size_t groups = json_array_size(part(json_array_get(thirds, 0), "groups"));

        for (size_t group = 0; group < groups; group++) {
            const json_t *first = json_array_get(part(json_array_get(thirds, 0), "groups"), group);

            buf_add_text(to, "<tr>");
            cell_text(to, part_text(first, "group"));
            cell_text(to, part_text(side, "side"));
            put_third_cells(to, thirds, group);
            buf_add_text(to, "</tr>");
        }
        if (groups == 0)
            buf_addf(to,
                     "<tr><td></td><td>%s</td><td class=\"few\" colspan=\"3\">too few</td></tr>",
                     part_text(side, "side"));
    }
    end_table(to);
    buf_add_text(to, "<p class=\"note\">Instances in 1,000 words, with 95 % intervals, of chats "
                     "with at least six typed "
                     "messages, cut into thirds by their number: ");
    put_number(to, part_number(json_array_get(sides, 0), "chats"));
    buf_add_text(to, " chats in which the visitor, ");
    put_number(to, part_number(json_array_get(sides, 1), "chats"));
    buf_add_text(to, " in which the agent spoke.</p>");
}

void report_sides(struct buf *to, const json_t *language)
{
    put_completeness(to, language);
    put_reciprocity(to, language);
    put_trajectory(to, language);
}
