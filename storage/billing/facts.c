/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/billing/reading.h"

#include "base/clock.h"
#include "base/format/text.h"
#include "storage/sqlite/store_sqlite.h"

#include <inttypes.h>

enum {
    HOUR_MS = 3600000,
    SECOND_MS = 1000,
    CHAIN_MAX = 64 /* of one visitor's are looked back at */
};

/* What was read of one conversation; the facts borrow from it. */
struct seen {
    struct id id, visitor;
    uint64_t opened_ms, ended_ms;
    json_t *tags;
    char language[16], stage[16];
    char *outcome; /* owned */
    bool faded;
    int64_t faded_words;
    struct billing_facts facts;
};

static void seen_release(struct seen *seen)
{
    json_decref(seen->tags);
    free(seen->outcome);
}

/* --- messages --- */

struct course {
    uint64_t first_ms, last_ms, asked_ms, answered_ms;
    bool bot;
};

static void note_time(struct course *course, uint64_t at_ms)
{
    if (at_ms == 0)
        return;
    if (course->first_ms == 0)
        course->first_ms = at_ms;
    course->last_ms = at_ms > course->last_ms ? at_ms : course->last_ms;
}

static void take_message(struct course *course, sqlite3_stmt *stmt, struct billing_facts *facts)
{
    enum message_from from = (enum message_from)column_number(stmt, 0);
    uint64_t at_ms = column_number(stmt, 1);

    if (from == FROM_VISITOR) {
        if (facts->visitor_messages++ == 0)
            course->asked_ms = at_ms;
        if (column_number(stmt, 3) == 0)
            facts->visitor_words += (int64_t)text_words(column_text(stmt, 2));
    } else if (from == FROM_AGENT) {
        if (facts->agent_messages++ == 0)
            course->answered_ms = at_ms;
    } else if (from == FROM_BOT) {
        course->bot = true;
    } else {
        return;
    }
    note_time(course, at_ms);
}

static int read_messages_of(struct billing_reading *reading, uint64_t row, struct seen *seen)
{
    struct billing_facts *facts = &seen->facts;
    struct course course = { 0 };
    int code;

    bind_number(reading->messages, 1, row);
    while ((code = sqlite3_step(reading->messages)) == SQLITE_ROW)
        take_message(&course, reading->messages, facts);
    (void)sqlite3_reset(reading->messages);
    facts->answered_s = course.asked_ms > 0 && course.answered_ms > course.asked_ms
                            ? (int64_t)((course.answered_ms - course.asked_ms) / SECOND_MS)
                            : (facts->agent_messages > 0 ? 0 : BILLING_NEVER);
    facts->duration_s = (int64_t)((course.last_ms - course.first_ms) / SECOND_MS);
    facts->bot_only = course.bot && facts->agent_messages == 0;
    if (seen->faded)
        facts->visitor_words = seen->faded_words < 0 ? BILLING_NEVER : seen->faded_words;
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

/* --- the head --- */

static int take_head(sqlite3_stmt *stmt, struct seen *seen)
{
    struct slice language = column_text(stmt, 4), tags = column_text(stmt, 7);
    const char *hyphen = language.len > 0 ? memchr(language.data, '-', language.len) : NULL;

    seen->id = column_id(stmt, 0);
    seen->visitor = column_id(stmt, 1);
    seen->opened_ms = column_number(stmt, 2);
    seen->ended_ms = column_number(stmt, 3);
    if (hyphen != NULL)
        language.len = (size_t)(hyphen - language.data);
    (void)slice_copy(language, seen->language, sizeof(seen->language));
    (void)slice_copy(column_text(stmt, 5), seen->stage, sizeof(seen->stage));
    seen->outcome = slice_dup(column_text(stmt, 6));
    seen->faded = column_number(stmt, 8) > 0;
    seen->faded_words = sqlite3_column_int64(stmt, 9);
    seen->facts.imported = column_number(stmt, 10) > 0;
    if (tags.len > 0 && json_read(tags, &seen->tags) != OK)
        seen->tags = NULL;
    return seen->outcome != NULL ? OK : RAISE(ERR_NO_MEMORY);
}

static int read_seen(struct billing_reading *reading, uint64_t row, struct seen *seen)
{
    int code, rc = STORE_E_NONE;

    *seen = (struct seen){ .facts = { .again_ms = BILLING_NEVER } };
    bind_number(reading->head, 1, row);
    code = sqlite3_step(reading->head);
    if (code == SQLITE_ROW)
        rc = take_head(reading->head, seen);
    (void)sqlite3_reset(reading->head);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return RAISE(ERR_IO);
    if (rc == OK)
        rc = read_messages_of(reading, row, seen);
    seen->facts.tags = seen->tags;
    seen->facts.outcome = slice_of(seen->outcome);
    seen->facts.language = slice_of(seen->language);
    seen->facts.stage = slice_of(seen->stage);
    return rc;
}

/* --- the conversations before --- */

/* One of the visitor's before, and whether a later one may go on from it. */
struct link {
    uint64_t row, opened_ms, ended_ms;
    bool counts;
};

/* Newest first, up to the first one that is too long ago for the one after it. */
static int read_links(struct billing_reading *reading, const struct seen *seen,
                      struct link links[CHAIN_MAX], size_t *ret_count)
{
    uint64_t window_ms = (uint64_t)reading->rules->again_h * HOUR_MS, after_ms = seen->opened_ms;
    int code = SQLITE_DONE;

    *ret_count = 0;
    bind_id(reading->before, 1, seen->visitor);
    bind_number(reading->before, 2, seen->opened_ms);
    while (*ret_count < CHAIN_MAX && (code = sqlite3_step(reading->before)) == SQLITE_ROW) {
        const struct link link = { .row = column_number(reading->before, 0),
                                   .opened_ms = column_number(reading->before, 1),
                                   .ended_ms = column_number(reading->before, 2) };

        if (link.ended_ms + window_ms <= after_ms)
            break;
        links[(*ret_count)++] = link;
        after_ms = link.opened_ms;
    }
    (void)sqlite3_reset(reading->before);
    return code == SQLITE_DONE || code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

/* Since the last end of one that counted. */
static int64_t since(const struct link *links, size_t count, uint64_t opened_ms)
{
    int64_t least = BILLING_NEVER;

    for (size_t i = 0; i < count; i++) {
        int64_t since_ms = (int64_t)opened_ms - (int64_t)links[i].ended_ms;

        if (links[i].counts && since_ms >= 0 && since_ms < least)
            least = since_ms;
    }
    return least;
}

/* It counts where it was billed, or went on from one that was. */
static bool counts(const struct billing_rule *rule)
{
    return rule->billable || json_object_get(rule->ifs, "reopened_within_h") != NULL;
}

/* The oldest first, for each is judged by those before it. */
static int judge_links(struct billing_reading *reading, struct link *links, size_t count)
{
    int rc = OK;

    for (size_t i = count; rc == OK && i-- > 0;) {
        struct seen seen = { .tags = NULL };

        rc = read_seen(reading, links[i].row, &seen);
        if (rc == OK) {
            seen.facts.again_ms = since(&links[i + 1], count - i - 1, links[i].opened_ms);
            links[i].counts = counts(billing_decide(reading->rules, &seen.facts));
        }
        seen_release(&seen);
    }
    return rc;
}

static int judge(struct billing_reading *reading, uint64_t row, struct seen *seen,
                 const struct billing_rule **ret_rule)
{
    struct link links[CHAIN_MAX];
    size_t count = 0;
    int rc = read_seen(reading, row, seen);

    if (rc == OK && reading->rules->again_h > 0)
        rc = read_links(reading, seen, links, &count);
    if (rc == OK)
        rc = judge_links(reading, links, count);
    if (rc != OK)
        return rc;
    seen->facts.again_ms = since(links, count, seen->opened_ms);
    *ret_rule = billing_decide(reading->rules, &seen->facts);
    return OK;
}

/* --- a line --- */

static json_t *number_or_null(int64_t number)
{
    return number == BILLING_NEVER ? json_null() : json_integer(number);
}

static json_t *line_of(const struct billing_reading *reading, const struct seen *seen,
                       const struct billing_rule *rule)
{
    const struct billing_facts *facts = &seen->facts;
    char id[ID_TEXT_BYTES], opened[CLOCK_TEXT_BYTES], ended[CLOCK_TEXT_BYTES];
    AUTO_BUF reason;

    id_format(seen->id, id);
    clock_format(seen->opened_ms, opened);
    clock_format(seen->ended_ms, ended);
    buf_init(&reason, 16 * 1024);
    billing_reason(rule, facts, &reason);
    return json_pack("{s:s, s:s, s:s, s:I, s:o, s:I, s:o, s:I, s:s, s:s%, s:b, s:o}",
                     "conversation", id, "opened_at", opened, "ended_at", ended, "visitor_messages",
                     (json_int_t)facts->visitor_messages, "visitor_words",
                     number_or_null(facts->visitor_words), "agent_messages",
                     (json_int_t)facts->agent_messages, "answered_s",
                     number_or_null(facts->answered_s), "duration_s", (json_int_t)facts->duration_s,
                     "rule", rule->id, "reason", reason.len > 0 ? reason.data : "", reason.len,
                     "billable", rule->billable, "amount",
                     reading->currency[0] != '\0' ? json_integer(rule->price) : json_null());
}

int billing_line(struct billing_reading *reading, uint64_t row, json_t **ret_line)
{
    const struct billing_rule *rule = NULL;
    struct seen seen = { .tags = NULL };
    int rc = judge(reading, row, &seen, &rule);

    if (rc == OK) {
        *ret_line = line_of(reading, &seen, rule);
        rc = *ret_line != NULL ? OK : RAISE(ERR_NO_MEMORY);
    }
    seen_release(&seen);
    return rc;
}
