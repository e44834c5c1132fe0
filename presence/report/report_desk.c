/* SPDX-License-Identifier: Apache-2.0
 *
 * What agents' work looks like. Agents stand in order of name, and only where the tenant wishes so.
 */
#include "presence/report/report_parts.h"

static const char waits_head[] =
    "|#Median|#95 % interval|#90th percentile|#95 % interval|#n|#Chats";

static void begin_waits(struct buf *to, const char *first)
{
    AUTO_BUF titles;

    buf_init(&titles, 256);
    buf_addf(&titles, "%s%s", first, waits_head);
    begin_table(to, titles.data);
}

static void put_wait_row(struct buf *to, const char *name, const json_t *waits)
{
    buf_add_text(to, "<tr>");
    cell_text(to, name);
    put_waits(to, waits);
    buf_add_text(to, "</tr>");
}

static void put_load(struct buf *to, const json_t *document)
{
    const json_t *list = part(document, "load"), *row;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    buf_add_text(to, "<h2>Chats in hand and the wait for an answer</h2>");
    begin_waits(to, "Chats the agent had");
    json_array_foreach(list, i, row)
    {
        buf_addf(to, "<tr><td>%.0f%s</td>", part_number(row, "chats"),
                 part_is(row, "and_more") ? " and more" : "");
        put_waits(to, part(row, "response"));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
    buf_add_text(to, "<p class=\"note\">When a visitor’s turn began: that chat, and every other in "
                     "which the agent who answered was between the first message and the last. "
                     "Busy hours differ in more than this; the difference is no effect.</p>\n");
}

static void put_canned(struct buf *to, const json_t *document)
{
    const json_t *canned = part(document, "canned");

    if (part_number(canned, "response_canned.n") < 1)
        return;
    buf_add_text(to, "<h2>Canned replies</h2>");
    begin_waits(to, "Answer");
    put_wait_row(to, "typed", part(canned, "response_typed"));
    put_wait_row(to, "canned", part(canned, "response_canned"));
    end_table(to);
    buf_add_text(to, "<p>Satisfied (4 or 5 of 5) after chats without a canned reply: ");
    put_share(to, part(canned, "csat_without"));
    buf_add_text(to, "; with one: ");
    put_share(to, part(canned, "csat_with"));
    buf_add_text(to, "; difference: ");
    put_difference(to, part(canned, "csat_with_less_without"));
    buf_add_text(to, ".</p><p class=\"note\">Agents choose when to use one: what is asked then "
                     "differs, and so may the visitors.</p>\n");
}

/* --- each agent --- */

static void put_median_cell(struct buf *to, const json_t *waits)
{
    if (part_is(waits, "too_few")) {
        cell_few(to, 1);
        return;
    }
    buf_add_text(to, "<td class=\"n\">");
    put_duration(to, part_number(waits, "median_s"));
    buf_add_text(to, "<br><span class=\"i\">");
    put_duration(to, part_number(waits, "median_low_s"));
    buf_add_text(to, " – ");
    put_duration(to, part_number(waits, "median_high_s"));
    buf_add_text(to, "; n = ");
    put_number(to, part_number(waits, "n"));
    buf_add_text(to, "</span></td>");
}

static void put_density(struct buf *to, const json_t *of)
{
    put_number(to, part_number(of, "density"));
    buf_add_text(to, " <span class=\"i\">(");
    put_number(to, part_number(of, "low"));
    buf_add_text(to, "–");
    put_number(to, part_number(of, "high"));
    buf_add_text(to, ")</span>");
}

static void put_agent(struct buf *to, const json_t *agent)
{
    const json_t *languages = part(agent, "languages"), *language, *group;
    size_t i, j;

    buf_add_text(to, "<tr>");
    cell_text(to, part_text(agent, "agent"));
    cell_number(to, part_number(agent, "chats"));
    if (part_is(agent, "too_few")) {
        buf_add_text(to, "<td class=\"few\" colspan=\"3\">too few</td></tr>");
        return;
    }
    put_median_cell(to, part(agent, "first_response"));
    put_median_cell(to, part(agent, "response"));
    buf_add_text(to, "<td>");
    json_array_foreach(languages, i, language)
    {
        put_text(to, language_name(part_text(language, "language")));
        buf_add_text(to, ": ");
        if (json_array_size(part(language, "groups")) == 0)
            buf_add_text(to, "too few");
        json_array_foreach(part(language, "groups"), j, group)
        {
            buf_addf(to, "%s%s ", j > 0 ? ", " : "", part_text(group, "group"));
            if (part_is(group, "withheld"))
                buf_add_text(to, "–");
            else
                put_density(to, group);
        }
        buf_add_text(to, "<br>");
    }
    buf_add_text(to, "</td></tr>");
}

static void put_agents(struct buf *to, const json_t *document)
{
    const json_t *list = part(document, "agents"), *agent;
    size_t i;

    if (json_array_size(list) == 0)
        return;
    buf_add_text(to, "<h2>Agents, in order of name</h2>");
    begin_table(to, "Agent|#Chats alone|#First response|#Response|Instances in 1,000 words");
    json_array_foreach(list, i, agent) put_agent(to, agent);
    end_table(to);
    buf_add_text(to,
                 "<p class=\"note\">Medians; chats that the agent alone answered. Who gets which "
                 "chats is no matter of chance, so these figures rank nobody. They are shown "
                 "because the tenant switched them on (figures.by_agent).</p>\n");
}

void report_desk(struct buf *to, const json_t *document)
{
    put_load(to, document);
    put_canned(to, document);
    put_agents(to, document);
}
