/* SPDX-License-Identifier: Apache-2.0
 *
 * Agents' presence: what became of offers, and the desk by hour of the day. Nobody is told apart.
 */
#include "presence/report/report_parts.h"

#include <math.h>
#include <stdio.h>

static void put_offer_row(struct buf *to, const json_t *offers, const char *id, const char *meaning)
{
    buf_addf(to, "<tr><td>%s<br><span class=\"i\">%s</span></td>", id, meaning);
    cell_number(to, part_number(part(offers, id), "count"));
    put_share_cells(to, part(offers, id));
    buf_add_text(to, "</tr>");
}

static void put_offers(struct buf *to, const json_t *offers)
{
    if (part_number(offers, "offered") < 1)
        return;
    buf_add_text(to, "<h3>Offers to agents</h3>");
    begin_table(to, "Offer|#How many|#Share|#95 %|#Offers");
    put_offer_row(to, offers, "taken", "the agent had the chat next");
    put_offer_row(to, offers, "declined", "the agent said no");
    put_offer_row(to, offers, "missed", "its time ran out");
    put_offer_row(to, offers, "withdrawn", "another was faster, or the visitor left");
    end_table(to);
}

/* --- by hour of the day --- */

enum { HOURS = 24 };

static double value_of(const json_t *hour, const char *key)
{
    return json_is_number(part(hour, key)) ? part_number(hour, key) : (double)NAN;
}

static void put_hours_picture(struct buf *to, const json_t *hours)
{
    static const char *const names[HOURS] = { "0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",
                                              "8",  "9",  "10", "11", "12", "13", "14", "15",
                                              "16", "17", "18", "19", "20", "21", "22", "23" };
    double agents[HOURS], held[HOURS];
    const struct svg_line lines[2] = { { "agents there", "agent", agents, NULL, NULL },
                                       { "chats in hand", "visitor", held, NULL, NULL } };

    for (size_t i = 0; i < HOURS; i++) {
        agents[i] = value_of(json_array_get(hours, i), "agents");
        held[i] = value_of(json_array_get(hours, i), "held");
    }
    svg_lines(to, "Agents who took offers and chats in hand, by hour of the day",
              "on average, at any moment of the hour; gaps: closed, or nobody looked", names, HOURS,
              lines, 2);
}

static void put_hour(struct buf *to, const json_t *hour)
{
    buf_addf(to, "<tr><td>%02.0f–%02.0f</td>", part_number(hour, "hour"),
             part_number(hour, "hour") + 1);
    cell_number(to, part_number(hour, "chats"));
    cell_number(to, part_number(hour, "open_min"));
    cell_number(to, part_number(hour, "staffed_min"));
    cell_number(to, part_number(hour, "unstaffed_min"));
    cell_number(to, part_number(hour, "agents"));
    cell_number(to, part_number(hour, "held"));
    cell_number(to, part_number(hour, "queued"));
    buf_add_text(to, "</tr>");
}

static void put_hours(struct buf *to, const json_t *desk)
{
    const json_t *hours = part(desk, "hours"), *hour;
    size_t i;

    buf_add_text(to, "<h3>By hour of the day</h3>");
    put_hours_picture(to, hours);
    begin_table(to, "Hour|#Chats opened|#Minutes open|#staffed|#unstaffed|#Agents|#Chats in "
                    "hand|#waiting");
    json_array_foreach(hours, i, hour)
    {
        if (part_number(hour, "seen_min") > 0 || part_number(hour, "chats") > 0)
            put_hour(to, hour);
    }
    end_table(to);
    buf_add_text(to,
                 "<p class=\"note\">In the tenant’s own time. Staffed: at least one person took "
                 "offers. Agents, chats in hand and waiting: on average at any moment. These "
                 "are counts of what was seen every ten seconds, no sample: they have no "
                 "intervals. Filters by stage, language or outcome count for chats alone.</p>");
}

void report_staffing(struct buf *to, const json_t *document)
{
    const json_t *desk = part(document, "desk");

    if (!json_is_object(desk))
        return;
    buf_add_text(to, "<h2>Agents’ presence</h2>");
    if (part_number(desk, "seen_min") > 0) {
        buf_add_text(to, "<p>Of ");
        put_number(to, part_number(desk, "open_min"));
        buf_add_text(to, " minutes open and seen, ");
        put_number(to, part_number(desk, "staffed_min"));
        buf_add_text(to, " were staffed and ");
        put_number(to, part_number(desk, "unstaffed_min"));
        buf_add_text(to, " were not.");
        if (json_is_number(part(desk, "held_per_agent"))) {
            buf_add_text(to, " An agent who took offers had ");
            put_number(to, part_number(desk, "held_per_agent"));
            buf_add_text(to, " chats in hand on average.");
        }
        buf_add_text(to, "</p>");
        put_hours(to, desk);
    }
    put_offers(to, part(desk, "offers"));
}
