/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/report/report_parts.h"

#include <string.h>

/* --- head --- */

static void put_period(struct buf *to, const json_t *document)
{
    const char *first = part_text(document, "about.first_day"),
               *last = part_text(document, "about.last_day");

    buf_add_text(to, "<p class=\"soft\">");
    if (first[0] == '\0') {
        buf_add_text(to, "No chat of a known time");
    } else {
        buf_add_text(to, "Chats opened ");
        put_text(to, first);
        buf_add_text(to, " to ");
        put_text(to, last);
    }
    if (part_text(document, "about.since_day")[0] != '\0') {
        buf_add_text(to, "; asked for from ");
        put_text(to, part_text(document, "about.since_day"));
    }
    if (part_text(document, "about.until_day")[0] != '\0') {
        buf_add_text(to, "; asked for before ");
        put_text(to, part_text(document, "about.until_day"));
    }
    buf_add_text(to, "; days of ");
    put_text(to, part_text(document, "about.zone"));
}

static void put_filters(struct buf *to, const json_t *document)
{
    static const char *const filters[] = { "stage", "language", "outcome" };

    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        const char *value = part_text(part(document, "about"), filters[i]);

        if (value[0] == '\0')
            continue;
        buf_addf(to, "; only %s ", filters[i]);
        put_text(to, value);
    }
    buf_add_text(to, ".</p>");
}

static void put_coder(struct buf *to, const json_t *document)
{
    const char *coder = part_text(document, "about.coder");

    if (coder[0] == '\0') {
        buf_add_text(to,
                     "<p class=\"warn\">Nothing is coded yet, so this report tells of times and "
                     "surveys only. <code>lasnactl presence code</code> lets the machine "
                     "code; <code>presence</code> commands take in people's codes.</p>");
        return;
    }
    buf_add_text(to, "<p class=\"warn\">Codes by <b>");
    put_text(to, coder);
    buf_add_text(to, "</b>, code book ");
    put_text(to, part_text(document, "about.book"));
    buf_add_text(
        to, ", on the template of Rourke et al. 1999 as used for instant messaging (Tang &amp; "
            "Hew 2020); they are not the codes of Koponen &amp; Rytsy 2020. ");
    if (part_is(document, "about.machine"))
        buf_add_text(to, "A machine coded: class A codes have shown agreement with reference codes "
                         "(lower bound of κ at least .70), class B are its suggestions, class H "
                         "codes need a person and are left out.");
    buf_add_text(to, "</p>");
}

static void put_tile_duration(struct buf *to, const json_t *document, const char *time,
                              const char *says)
{
    const json_t *of = part(part(document, "times"), time);

    if (part_number(of, "n") < 1 || part_is(of, "too_few"))
        return;
    buf_add_text(to, "<div><b>");
    put_duration(to, part_number(of, "median_s"));
    buf_addf(to, "</b><span>%s, median</span></div>", says);
}

void report_tiles(struct buf *to, const json_t *document)
{
    buf_add_text(to, "<div class=\"tiles\"><div><b>");
    put_number(to, part_number(document, "chats.n"));
    buf_add_text(to, "</b><span>chats, ");
    put_number(to,
               part_number(document, "messages.visitor") + part_number(document, "messages.agent"));
    buf_add_text(to, " messages of people</span></div>");
    put_tile_duration(to, document, "first_response", "first response");
    put_tile_duration(to, document, "response", "response");
    put_tile_duration(to, document, "duration", "duration of a chat");
    if (!part_is(document, "csat.too_few")) {
        buf_add_text(to, "<div><b>");
        put_number(to, part_number(document, "csat.score"));
        buf_add_text(to, "</b><span>CSAT of 100, ");
        put_percent(to, part_number(document, "csat.responded.share"));
        buf_add_text(to, " answered</span></div>");
    }
    buf_add_text(to, "</div>\n");
}

/* --- times --- */

static const struct time_row {
    const char *id, *name, *meaning;
} time_rows[] = {
    { "queue", "Queue", "entered the queue → taken by an agent" },
    { "first_response", "First response", "visitor's first message → first human reply" },
    { "response", "Response", "first message of each visitor turn → agent's next message" },
    { "duration", "Duration", "first → last message of visitor and agent" },
};
enum { TIME_ROWS = sizeof(time_rows) / sizeof(time_rows[0]) };

static void put_time_cells(struct buf *to, const json_t *of, const char *value, const char *low,
                           const char *high)
{
    buf_add_text(to, "<td class=\"n\">");
    put_duration(to, part_number(of, value));
    buf_add_text(to, "</td><td class=\"n i\">");
    put_duration(to, part_number(of, low));
    buf_add_text(to, " – ");
    put_duration(to, part_number(of, high));
    buf_add_text(to, "</td>");
}

static void put_time_row(struct buf *to, const json_t *document, const struct time_row *row)
{
    buf_addf(to, "<tr><td>%s<br><span class=\"i\">%s</span></td>", row->name, row->meaning);
    put_waits(to, part(part(document, "times"), row->id));
    buf_add_text(to, "</tr>");
}

void put_waits(struct buf *to, const json_t *of)
{
    if (part_number(of, "n") < 1) {
        buf_add_text(to, "<td class=\"few\" colspan=\"4\">none</td>");
    } else if (part_is(of, "too_few")) {
        buf_add_text(to, "<td class=\"few\" colspan=\"4\">too few</td>");
    } else {
        put_time_cells(to, of, "median_s", "median_low_s", "median_high_s");
        put_time_cells(to, of, "p90_s", "p90_low_s", "p90_high_s");
    }
    cell_number(to, part_number(of, "n"));
    cell_number(to, part_number(of, "chats"));
}

static void put_time_picture(struct buf *to, const json_t *document)
{
    struct svg_mark marks[4];
    size_t count = 0;

    for (size_t i = 1; i < 3; i++) {
        const json_t *of = part(part(document, "times"), time_rows[i].id);
        bool missing = part_is(of, "too_few");

        marks[count++] = (struct svg_mark){ i == 1 ? "First response, median" : "Response, median",
                                            "one",
                                            part_number(of, "median_s"),
                                            part_number(of, "median_low_s"),
                                            part_number(of, "median_high_s"),
                                            missing };
        marks[count++] =
            (struct svg_mark){ "nine in ten within",          "one",
                               part_number(of, "p90_s"),      part_number(of, "p90_low_s"),
                               part_number(of, "p90_high_s"), missing };
    }
    svg_intervals(to, "How long visitors wait for an answer", "seconds, with 95 % intervals", marks,
                  count);
}

void report_times(struct buf *to, const json_t *document)
{
    buf_add_text(to, "<h2>Times and waits</h2>");
    if (part_number(document, "times.first_response.n") >= 1)
        put_time_picture(to, document);
    begin_table(to, "Time|#Median|#95 % interval|#90th percentile|#95 % interval|#n|#Chats");
    for (size_t i = 0; i < TIME_ROWS; i++)
        put_time_row(to, document, &time_rows[i]);
    end_table(to);
    buf_add_text(to, "<p class=\"note\">Left out: ");
    put_number(to, part_number(document, "times.left_out_no_time"));
    buf_add_text(to, " waits with an unknown end, ");
    put_number(to, part_number(document, "times.left_out_backwards"));
    buf_add_text(to,
                 " that end before they begin. A mean is not shown: a few very long waits would "
                 "rule it.</p>\n");
}

/* --- chats and messages --- */

static void put_counts(struct buf *to, const char *title, const json_t *counts)
{
    const char *name;
    json_t *value;

    buf_addf(to, "<tr><td>%s</td><td>", title);
    json_object_foreach((json_t *)(uintptr_t)counts, name, value)
    {
        if (json_integer_value(value) == 0)
            continue;
        put_text(to, name);
        buf_add_text(to, " ");
        put_number(to, json_number_value(value));
        buf_add_text(to, " &nbsp; ");
    }
    buf_add_text(to, "</td></tr>");
}

static void put_row(struct buf *to, const char *title, double value)
{
    buf_addf(to, "<tr><td>%s</td><td>", title);
    put_number(to, value);
    buf_add_text(to, "</td></tr>");
}

static void put_words_row(struct buf *to, const json_t *words)
{
    buf_add_text(to, "<tr>");
    cell_text(to, part_text(words, "language"));
    cell_number(to, part_number(words, "visitor"));
    cell_number(to, part_number(words, "agent"));
    if (part_is(words, "too_few")) {
        buf_add_text(to, "<td class=\"few\" colspan=\"2\">too few</td>");
    } else {
        cell_number(to, part_number(words, "agent_per_visitor"));
        cell_interval(to, words);
    }
    cell_number(to, part_number(words, "chats"));
    buf_add_text(to, "</tr>");
}

static void put_words(struct buf *to, const json_t *list)
{
    const json_t *words;
    size_t i;

    begin_table(to, "Language|#Visitors' words|#Agents' words|#Agents' to one of the "
                    "visitor's|#95 %|#Chats");
    json_array_foreach(list, i, words) put_words_row(to, words);
    end_table(to);
    buf_add_text(to, "<p class=\"note\">Words are counted in typed messages.</p>\n");
}

static void put_chats(struct buf *to, const json_t *document)
{
    buf_add_text(to, "<h2>What was read</h2>");
    begin_table(to, "What|How many");
    put_row(to, "Chats", part_number(document, "chats.n"));
    put_row(to, "of them coded", part_number(document, "chats.coded"));
    put_row(to, "of one side only", part_number(document, "chats.one_sided"));
    put_row(to, "without a message", part_number(document, "chats.empty"));
    put_counts(to, "By stage of the relationship", part(document, "chats.by_stage"));
    put_counts(to, "By language", part(document, "chats.by_language"));
    put_row(to, "Visitors' messages", part_number(document, "messages.visitor"));
    put_row(to, "Agents' messages", part_number(document, "messages.agent"));
    buf_add_text(to, "<tr><td>Canned, of agents' messages</td><td>");
    put_share(to, part(document, "messages.canned"));
    buf_add_text(to, "</td></tr>");
    end_table(to);
    buf_add_text(to, "<p class=\"note\">The stage comes from the tenant's customer register, never "
                     "from the text.</p>\n");
    put_words(to, part(document, "messages.words"));
}

/* --- surveys --- */

static void put_survey_row(struct buf *to, const json_t *of, const char *name, const char *value,
                           double scale)
{
    buf_addf(to, "<tr><td>%s</td>", name);
    if (part_is(of, "too_few")) {
        buf_add_text(to, "<td class=\"few\" colspan=\"2\">too few</td>");
    } else {
        cell_number(to, part_number(of, value));
        buf_add_text(to, "<td class=\"n i\">");
        put_number(to, scale * part_number(of, "low"));
        buf_add_text(to, " – ");
        put_number(to, scale * part_number(of, "high"));
        buf_add_text(to, "</td>");
    }
    cell_number(to, part_number(of, "n"));
    put_share_cell(to, part(of, "responded"));
    buf_add_text(to, "</tr>");
}

void report_surveys(struct buf *to, const json_t *document)
{
    buf_add_text(to, "<h2>Surveys after the chat</h2>");
    if (part_number(document, "csat.n") + part_number(document, "nps.n") +
            part_number(document, "effort.n") <
        1) {
        buf_add_text(to, "<p>Nobody was asked, or nobody answered.</p>");
        return;
    }
    begin_table(to, "Question|#Score|#95 % interval|#n|#Answered");
    put_survey_row(to, part(document, "csat"), "Satisfied (CSAT, 4 or 5 of 5, per cent)", "score",
                   100);
    put_survey_row(to, part(document, "nps"), "Would recommend (NPS, −100 to 100)", "score", 1);
    put_survey_row(to, part(document, "effort"), "Effort (mean of 1 to 7)", "mean", 1);
    end_table(to);
    buf_add_text(to,
                 "<p class=\"note\">Who answers is not who chats: read the scores beside the share "
                 "that answered.</p>\n");
}

/* --- the page --- */

static void put_method(struct buf *to)
{
    buf_add_text(
        to,
        "<h2>How to read this</h2><p>Medians and 90th percentiles are waits that somebody had: the "
        "value that more than half, or nine tenths, of all do not exceed. Their intervals come "
        "from "
        "order statistics, those of shares from Wilson's formula, those of densities from 1,000 "
        "resamples of whole chats with a fixed seed. A density is 1,000 × instances ÷ words, a "
        "ratio "
        "of sums over chats. Languages are never pooled, nor visitor and agent. Fewer than 30 "
        "chats or "
        "1,000 words are “too few”.</p><p>Nobody was assigned to anything at random: differences "
        "between stages, months or sides are differences, not effects. The manual "
        "(docs/presence.md) gives every formula with its source.</p>");
}

void report_html(const json_t *document, struct buf *to)
{
    page_begin(to, "Social presence in the chats of ", part_text(document, "about.title"));
    put_period(to, document);
    put_filters(to, document);
    report_tiles(to, document);
    put_coder(to, document);
    report_times(to, document);
    report_surveys(to, document);
    report_staffing(to, document);
    report_desk(to, document);
    report_effect(to, document);
    report_channel(to, document);
    report_presence(to, document);
    put_chats(to, document);
    put_method(to);
    page_end(to);
}
