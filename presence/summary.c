/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/summary.h"

#include "base/clock.h"
#include "presence/figures/figures_json_parts.h"
#include "presence/figures/gather.h"

#include <stdlib.h>

enum { PAGE = 256 };

/* What gather() does not look at. */
struct walking {
    const struct summary_about *about;
    size_t by_day[SUMMARY_DAYS_MAX];
    json_t *outcomes, *topics; /* owned; each a name with its count */
    uint64_t before_ms;
    struct conversation_id before;
    size_t page;
    bool past;
};

/* --- counting --- */

static void raise_by_one(json_t *counts, const char *name)
{
    json_int_t before = json_integer_value(json_object_get(counts, name));

    (void)json_object_set_new(counts, name, json_integer(before + 1));
}

/* Each tag of a chat once. */
static void count_topics(json_t *topics, struct slice text)
{
    AUTO_JSON tags = NULL;
    AUTO_JSON seen = json_object();
    const json_t *tag;
    size_t i;

    if (text.len == 0 || json_read(text, &tags) != OK)
        return;
    json_array_foreach(tags, i, tag)
    {
        const char *name = json_string_value(tag);

        if (name == NULL || json_object_get(seen, name) != NULL)
            continue;
        (void)json_object_set_new(seen, name, json_true());
        raise_by_one(topics, name);
    }
}

static int take(void *context, const struct stored_conversation *row)
{
    struct walking *walking = context;
    size_t day;
    AUTO_MEM char *outcome = NULL;

    if (row->opened_ms < walking->about->from_ms) {
        walking->past = true;
        return 1;
    }
    walking->page++;
    walking->before_ms = row->opened_ms;
    walking->before = row->conversation;
    day = walking->about->day_of(walking->about->context, row->opened_ms);
    if (day < walking->about->days)
        walking->by_day[day]++;
    outcome = slice_dup(row->outcome);
    if (outcome == NULL)
        return RAISE(ERR_NO_MEMORY);
    raise_by_one(walking->outcomes, outcome);
    count_topics(walking->topics, row->tags);
    return 0;
}

static int walk(struct store *store, const struct tenant_name *tenant, struct walking *walking)
{
    int rc = OK;

    walking->before_ms = walking->about->to_ms;
    do {
        walking->page = 0;
        rc = STORE_CALL(store, conversations, tenant, LIST_ALL, walking->before_ms, walking->before,
                        PAGE, take, walking);
        if (rc == 1 && walking->past)
            rc = OK;
    } while (rc == OK && walking->page == PAGE && !walking->past);
    return rc;
}

/* --- as JSON --- */

static int by_count(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    json_int_t x_count = json_integer_value(json_object_get(x, "chats")),
               y_count = json_integer_value(json_object_get(y, "chats"));

    if (x_count != y_count)
        return x_count < y_count ? 1 : -1;
    return strcmp(json_string_value(json_object_get(x, "name")),
                  json_string_value(json_object_get(y, "name")));
}

/* The most frequent first, then by name. */
static json_t *counted(json_t *counts)
{
    size_t count = 0;
    AUTO_MEM json_t **rows = calloc(json_object_size(counts) + 1, sizeof(json_t *));
    json_t *list = json_array(), *value;
    const char *name;

    if (rows == NULL)
        return list;
    json_object_foreach(counts, name, value)
    {
        rows[count++] = json_pack("{s:s, s:O}", "name", name, "chats", value);
    }
    qsort((void *)rows, count, sizeof(*rows), by_count);
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, rows[i]);
    return list;
}

static json_t *days_json(const struct walking *walking)
{
    json_t *list = json_array();

    for (size_t i = 0; i < walking->about->days; i++)
        (void)json_array_append_new(list,
                                    json_pack("{s:s, s:o}", "day", walking->about->day_names[i],
                                              "chats", figure_count(walking->by_day[i])));
    return list;
}

/* Of those in which the visitor said something. */
static json_t *answered_json(const struct figures *figures)
{
    size_t answered = 0;

    for (size_t i = 0; i < figures->count; i++)
        answered += figures->rows[i].first_ms != UINT64_MAX;
    return figure_share(answered, figures->count - figures->empty);
}

static json_t *document_of(const struct figures *figures, struct walking *walking)
{
    static const char *const members[] = { "chats", "messages", "times", "csat",
                                           "nps",   "effort",   "desk" };
    const struct summary_about *about = walking->about;
    const struct figures_about as_figures = { .tenant = about->tenant,
                                              .title = about->title,
                                              .stage = "",
                                              .language = "",
                                              .outcome = "",
                                              .coder = "",
                                              .book = "" };
    AUTO_JSON all = figures_json(figures, &as_figures);
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    json_t *document;

    if (all == NULL)
        return NULL;
    clock_format(about->from_ms, from);
    clock_format(about->to_ms, to);
    document = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "format",
                         "lasna-report-1", "tenant", about->tenant, "title", about->title, "period",
                         about->period, "zone", about->zone, "from", from, "to", to, "answered",
                         answered_json(figures), "by_day", days_json(walking), "outcomes",
                         counted(walking->outcomes), "topics", counted(walking->topics));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *member = json_object_get(all, members[i]);

        if (member != NULL)
            (void)json_object_set(document, members[i], member);
    }
    return document;
}

int summary_read(struct store *store, const struct tenant_name *tenant,
                 const struct summary_about *about, json_t **ret_document)
{
    const struct gather_wish wish = { .since_ms = about->from_ms,
                                      .until_ms = about->to_ms,
                                      .stage = STAGE_ANY,
                                      .language = "",
                                      .outcome = "",
                                      .coder = "",
                                      .book = "",
                                      .hour_of = about->hour_of,
                                      .zone = about->context };
    struct walking walking = { .about = about, .outcomes = json_object(), .topics = json_object() };
    AUTO(figures) figures = figures_new();
    int rc = figures == NULL ? RAISE(ERR_NO_MEMORY) : walk(store, tenant, &walking);

    if (rc == OK)
        rc = gather(store, tenant, &wish, figures);
    if (rc == OK) {
        *ret_document = document_of(figures, &walking);
        rc = *ret_document != NULL ? OK : RAISE(ERR_NO_MEMORY);
    }
    json_decref(walking.outcomes);
    json_decref(walking.topics);
    return rc;
}
