/* SPDX-License-Identifier: Apache-2.0
 *
 * A summary as others than programs read it: rows of a table, or a page to read and print.
 */
#include "presence/summary.h"

#include "base/format/csv.h"
#include "presence/report/report_parts.h"

/* --- CSV: a row a figure --- */

static void add_row(struct buf *to, const char *section, const char *item, const char *measure)
{
    buf_addf(to, "%s,", section);
    csv_text(to, item);
    buf_addf(to, ",%s,", measure);
}

static void add_count(struct buf *to, const char *section, const char *item, const json_t *value)
{
    add_row(to, section, item, "chats");
    buf_addf(to, "%lld,\r\n", (long long)json_integer_value(value));
}

/* A figure beside its n, or the words that there are too few. */
static void add_figure(struct buf *to, const char *section, const char *item, const char *measure,
                       const json_t *of)
{
    add_row(to, section, item, measure);
    if (part_number(of, "n") < 1)
        buf_add_text(to, "none");
    else if (part_is(of, "too_few"))
        buf_add_text(to, "too few");
    else
        buf_addf(to, "%.6g", part_number(of, measure));
    buf_addf(to, ",%.0f\r\n", part_number(of, "n"));
}

static void add_named(struct buf *to, const char *section, const json_t *list, const char *key)
{
    const json_t *row;
    size_t i;

    json_array_foreach(list, i, row)
        add_count(to, section, part_text(row, key), json_object_get(row, "chats"));
}

static void add_counts(struct buf *to, const char *section, const json_t *counts)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)counts, name, value)
        add_count(to, section, name, value);
}

void summary_csv(const json_t *document, struct buf *to)
{
    static const char *const times[] = { "queue", "first_response", "response", "duration" };

    buf_add_text(to, "section,item,measure,value,n\r\n");
    add_count(to, "volume", "all", part(document, "chats.n"));
    add_figure(to, "volume", "answered", "share", part(document, "answered"));
    add_named(to, "day", part(document, "by_day"), "day");
    add_counts(to, "language", part(document, "chats.by_language"));
    add_counts(to, "stage", part(document, "chats.by_stage"));
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        add_figure(to, "time", times[i], "median_s", part(part(document, "times"), times[i]));
        add_figure(to, "time", times[i], "p90_s", part(part(document, "times"), times[i]));
    }
    add_named(to, "outcome", part(document, "outcomes"), "name");
    add_named(to, "topic", part(document, "topics"), "name");
    add_figure(to, "survey", "csat", "score", part(document, "csat"));
    add_figure(to, "survey", "nps", "score", part(document, "nps"));
    add_figure(to, "survey", "effort", "mean", part(document, "effort"));
}

/* --- the page --- */

static void put_head(struct buf *to, const json_t *document)
{
    page_begin(to, "Chats with visitors of ", part_text(document, "title"));
    buf_add_text(to, "<p class=\"soft\">");
    put_text(to, part_text(document, "period"));
    buf_add_text(to, ", days of ");
    put_text(to, part_text(document, "zone"));
    buf_add_text(to, ". Chats that were opened in it.</p>");
}

static void put_day_picture(struct buf *to, const json_t *days)
{
    const char *names[SUMMARY_DAYS_MAX];
    double values[SUMMARY_DAYS_MAX];
    const struct svg_line line = { "chats", "one", values, NULL, NULL };
    const json_t *day;
    size_t i, count = 0;

    json_array_foreach(days, i, day)
    {
        if (count == SUMMARY_DAYS_MAX)
            break;
        names[count] = part_text(day, "day") + 5; /* without the year */
        values[count++] = part_number(day, "chats");
    }
    svg_lines(to, "Chats a day", "chats", names, count, &line, 1);
}

static void put_volumes(struct buf *to, const json_t *document)
{
    const json_t *day;
    size_t i;

    buf_add_text(to, "<h2>How many</h2>");
    put_day_picture(to, part(document, "by_day"));
    buf_add_text(to, "<p>Answered by a person, of those in which the visitor said something: ");
    put_share(to, part(document, "answered"));
    buf_add_text(to, ".</p>");
    begin_table(to, "Day|#Chats");
    json_array_foreach(part(document, "by_day"), i, day)
    {
        buf_add_text(to, "<tr>");
        cell_text(to, part_text(day, "day"));
        cell_number(to, part_number(day, "chats"));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
}

static void put_named(struct buf *to, const char *title, const char *head, const json_t *list,
                      const char *unnamed)
{
    const json_t *row;
    size_t i;

    buf_addf(to, "<h2>%s</h2>", title);
    if (json_array_size(list) == 0) {
        buf_add_text(to, "<p>None.</p>");
        return;
    }
    begin_table(to, head);
    json_array_foreach(list, i, row)
    {
        const char *name = part_text(row, "name");

        buf_add_text(to, "<tr>");
        cell_text(to, name[0] != '\0' ? name : unnamed);
        cell_number(to, part_number(row, "chats"));
        buf_add_text(to, "</tr>");
    }
    end_table(to);
}

void summary_html(const json_t *document, struct buf *to)
{
    put_head(to, document);
    report_tiles(to, document);
    put_volumes(to, document);
    report_times(to, document);
    put_named(to, "What came of them", "Outcome|#Chats", part(document, "outcomes"), "not told");
    put_named(to, "What they were about", "Topic|#Chats", part(document, "topics"), "");
    buf_add_text(to, "<p class=\"note\">Topics are the tags that agents gave; a chat may have "
                     "several, or none.</p>");
    report_surveys(to, document);
    report_staffing(to, document);
    buf_add_text(to, "<p class=\"note\">Fewer than 30 chats are “too few” for a share, a median or "
                     "a score. No agent is told apart. The manual (docs/reports.md) gives every "
                     "formula.</p>");
    page_end(to);
}
