/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/billing/billing.h"

#include "base/clock.h"
#include "storage/erase.h"
#include "storage/retention.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/transcripts/import.h"
#include "storage/verify.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>

static struct tenant_name acme;
static struct store *store;
/* --- what happens to a statement --- */

static enum billing_refusal rules(const char *month, const char *currency, const char *text)
{
    struct billing_change change = { .who = SLICE_LITERAL("operator"),
                                     .at_ms = 1,
                                     .month = slice_of(month),
                                     .zone = SLICE_LITERAL("Europe/Helsinki"),
                                     .currency = slice_of(currency) };
    AUTO_MEM char *json = strdup(text);

    for (char *at = json; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    change.text = slice_of(json);
    billing_rules_change(&change);
    bulk_now(store, &acme, &change.bulk);
    return change.refusal;
}

static const char contract[] = "[{'id':'spam','if':{'tags':['spam']},'billable':false},"
                               "{'id':'short','if':{'visitor_words_below':3},'billable':false},"
                               "{'id':'again','if':{'reopened_within_h':24},'billable':false},"
                               "{'id':'standard','price':450}]";

static struct billing_statement statement;

static struct billing_statement *read_month(const char *month)
{
    billing_statement_release(&statement);
    assert_int_equal(billing_statement_read(store, &acme, "Acme Oy", slice_of(month), &statement),
                     OK);
    return &statement;
}

static enum billing_refusal close_now(const char *month)
{
    struct billing_statement *draft = read_month(month);
    AUTO_MEM char *document = billing_closed_document(draft, 5, "operator");
    struct billing_change change = { .who = SLICE_LITERAL("operator"),
                                     .at_ms = 5,
                                     .month = slice_of(month),
                                     .text = slice_of(document),
                                     .digest = digest_sha256(slice_of(document)),
                                     .period = draft->period,
                                     .basis = draft->basis };

    billing_close_change(&change);
    bulk_now(store, &acme, &change.bulk);
    return change.refusal;
}

static enum billing_refusal contest(const char *month, uint64_t line)
{
    struct billing_change change = { .who = SLICE_LITERAL("token:x"),
                                     .at_ms = 6,
                                     .month = slice_of(month),
                                     .line = line,
                                     .text = SLICE_LITERAL("We answered it ourselves.") };

    billing_dispute_change(&change);
    bulk_now(store, &acme, &change.bulk);
    return change.refusal;
}

static enum billing_refusal decide(uint64_t number, bool accept)
{
    struct billing_change change = { .who = SLICE_LITERAL("operator"),
                                     .at_ms = 7,
                                     .number = number,
                                     .accept = accept,
                                     .text = SLICE_LITERAL("So it is.") };

    billing_decide_change(&change);
    bulk_now(store, &acme, &change.bulk);
    return change.refusal;
}

/* --- chats --- */

/* A chat of two messages, three minutes long, that ended then; says how often "word" it holds. */
static void chat(const char *id, const char *visitor, const char *ended, unsigned words,
                 const char *tags)
{
    AUTO_MEM char *line = NULL;
    AUTO_JSON json = NULL;
    struct import_item *items = calloc(1, sizeof(*items));
    struct import import;
    AUTO_BUF problem;
    uint64_t ended_ms = 0;
    char opened[CLOCK_TEXT_BYTES], answered[CLOCK_TEXT_BYTES], text[200] = "";

    assert_int_equal(clock_parse(ended, strlen(ended), &ended_ms), 0);
    clock_format(ended_ms - 180000, opened);
    clock_format(ended_ms - 150000, answered);
    for (unsigned i = 0; i < words; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "word ");
    assert_true(
        asprintf(&line,
                 "{\"id\":\"%s\",\"visitor\":\"%s\",\"opened_at\":\"%s\",\"ended_at\":\"%s\","
                 "\"tags\":[%s],\"messages\":[{\"from\":\"visitor\",\"at\":\"%s\",\"text\":"
                 "\"%s.\"},{\"from\":\"agent\",\"at\":\"%s\",\"text\":\"Yes.\"},{\"from\":"
                 "\"visitor\",\"at\":\"%s\",\"text\":\"!\"}]}",
                 id, visitor, opened, ended, tags, opened, text, answered, ended) > 0);
    json = json_loads(line, 0, NULL);
    assert_non_null(json);
    buf_init(&problem, 1024);
    assert_int_equal(transcript_read(json, &acme, &items[0].transcript, &problem), OK);
    import_init(&import, items, 1);
    bulk_now(store, &acme, &import.bulk);
    import_release(&import);
}

/* Helsinki: October 2026 is from 30 September 21:00 UTC to 31 October 22:00 UTC. */
static void october(void)
{
    chat("september", "vera", "2026-09-30T20:59:59.999Z", 9, "");
    chat("first", "vera", "2026-09-30T21:00:00Z", 9, "");
    chat("short", "ville", "2026-10-02T09:00:00Z", 2, "");
    chat("spam", "vesa", "2026-10-03T09:00:00Z", 9, "\"x\",\"spam\"");
    chat("last", "veli", "2026-10-31T21:59:59.999Z", 3, "");
    chat("november", "veera", "2026-10-31T22:00:00Z", 9, "");
}

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    assert_int_equal(store_memory_open(&store), OK);
    return STORE_CALL(store, tenant_open, &acme);
}

static int stop(void **state)
{
    (void)state;
    billing_statement_release(&statement);
    store = store_free(store);
    return 0;
}

/* "again standard short": the rules that decided, line by line. */
static void rules_are(const char *month, const char *wanted)
{
    const json_t *line;
    char text[600] = "";
    size_t i;

    json_array_foreach(json_object_get(read_month(month)->document, "lines"), i, line)
    {
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? " " : "",
                       json_string_value(json_object_get(line, "rule")));
        assert_int_equal(json_integer_value(json_object_get(line, "line")), i + 1);
    }
    assert_string_equal(text, wanted);
}

static long long total(const char *name)
{
    return (long long)json_integer_value(
        json_object_get(json_object_get(statement.document, "totals"), name));
}

static char *bytes_of(const char *month)
{
    return json_dumps(read_month(month)->document, JSON_COMPACT);
}

/* --- cases --- */

/* "september" was still going on when "first" began, so "first" does not go on from it. */
static void a_month__has_the_chats_that_ended_in_it_there(void **state)
{
    const json_t *line;

    (void)state;
    october();
    assert_int_equal(rules("2026-09", "EUR", contract), BILLING_DONE);
    rules_are("2026-09", "standard");
    rules_are("2026-10", "standard short spam standard");
    assert_int_equal(total("conversations"), 4);
    assert_int_equal(total("billable"), 2);
    assert_int_equal(total("amount"), 900);
    assert_int_equal(total("due"), 900);
    line = json_array_get(json_object_get(statement.document, "lines"), 1);
    assert_int_equal(json_integer_value(json_object_get(line, "visitor_messages")), 2);
    assert_int_equal(json_integer_value(json_object_get(line, "visitor_words")), 2);
    assert_int_equal(json_integer_value(json_object_get(line, "answered_s")), 30);
    assert_int_equal(json_integer_value(json_object_get(line, "duration_s")), 180);
    assert_string_equal(json_string_value(json_object_get(line, "reason")),
                        "words of the visitor: 2, below 3");
}

/* Vera comes back 23 h 57 min after a chat ended, and 23 h 57 min after that: one bill. A day and
 * three minutes later it is another. Ville's first is spam: his second is his first that counts. */
static void who_comes_back_in_time__is_billed_once(void **state)
{
    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    chat("a", "vera", "2026-10-05T10:00:00Z", 9, "");
    chat("b", "vera", "2026-10-06T10:00:00Z", 9, "");
    chat("c", "vera", "2026-10-07T10:00:00Z", 9, "");
    chat("d", "vera", "2026-10-08T10:03:00Z", 9, "");
    chat("e", "ville", "2026-10-09T10:00:00Z", 9, "\"spam\"");
    chat("f", "ville", "2026-10-09T11:00:00Z", 9, "");
    chat("g", "ville", "2026-10-09T12:00:00Z", 9, "");
    rules_are("2026-10", "standard again again standard spam standard again");
}

/* Each is judged by those before it; were they asked anew each time, this would never end. */
static void a_visitor_with_many_short_chats__takes_no_time(void **state)
{
    char id[16], ended[CLOCK_TEXT_BYTES];
    uint64_t at_ms = 0;

    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    assert_int_equal(clock_parse("2026-10-05T10:00:00Z", 20, &at_ms), 0);
    for (unsigned i = 0; i < 60; i++) {
        (void)snprintf(id, sizeof(id), "chat %u", i);
        clock_format(at_ms + i * 300000u, ended);
        chat(id, "vera", ended, 1, "");
    }
    assert_int_equal(json_array_size(json_object_get(read_month("2026-10")->document, "lines")),
                     60);
    assert_int_equal(total("billable"), 0);
}

static void the_same_rows__give_the_same_bytes(void **state)
{
    AUTO_MEM char *once = NULL, *again = NULL;

    (void)state;
    october();
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    once = bytes_of("2026-10");
    again = bytes_of("2026-10");
    assert_string_equal(once, again);
}

static void forget(const char *visitor)
{
    struct erasure erasure;
    struct transcript transcript;
    AUTO_JSON json = json_pack("{s:s, s:s, s:[]}", "id", "x", "visitor", visitor, "messages");
    AUTO_BUF problem;

    buf_init(&problem, 1024);
    assert_int_equal(transcript_read(json, &acme, &transcript, &problem), OK);
    assert_int_equal(erasure_init(&erasure, &transcript.about.visitor, 1), OK);
    transcript_release(&transcript);
    bulk_now(store, &acme, &erasure.bulk);
    assert_true(erasure.conversations > 0);
    erasure_release(&erasure);
}

static void what_is_closed__stays_to_the_byte(void **state)
{
    AUTO_MEM char *closed = NULL, *later = NULL;
    struct digest digest;

    (void)state;
    october();
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    assert_int_equal(close_now("2026-10"), BILLING_DONE);
    closed = slice_dup(buf_slice(&read_month("2026-10")->bytes));
    assert_true(statement.closed);
    digest = digest_sha256(slice_of(closed));
    assert_true(digest_equal(&digest, &statement.digest));
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_MONTH_CLOSED);
    assert_int_equal(rules("2026-11", "SEK", contract), BILLING_OTHER_CURRENCY);
    assert_int_equal(rules("2026-11", "EUR", "[{'id':'all','price':1}]"), BILLING_DONE);
    forget("vera");
    chat("late", "vanja", "2026-10-20T10:00:00Z", 9, "");
    later = slice_dup(buf_slice(&read_month("2026-10")->bytes));
    assert_string_equal(closed, later);
    rules_are("2026-11", "all");
}

static void months__are_closed_one_after_the_other(void **state)
{
    (void)state;
    october();
    assert_int_equal(rules("2026-09", "EUR", contract), BILLING_DONE);
    assert_int_equal(close_now("2026-10"), BILLING_DONE);
    assert_int_equal(close_now("2026-09"), BILLING_NOT_NEXT);
    assert_int_equal(close_now("2026-12"), BILLING_NOT_NEXT);
    assert_int_equal(close_now("2026-11"), BILLING_DONE);
    assert_string_equal(read_month("2026-12")->basis.next, "2026-12");
}

/* The draft was read before somebody changed the rules. */
static void a_draft_that_is_another_by_now__is_not_closed(void **state)
{
    struct billing_change change = { .month = SLICE_LITERAL("2026-10"),
                                     .text = SLICE_LITERAL("{}") };

    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    change.basis = read_month("2026-10")->basis;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    billing_close_change(&change);
    bulk_now(store, &acme, &change.bulk);
    assert_int_equal(change.refusal, BILLING_CHANGED);
    assert_false(read_month("2026-10")->closed);
}

/* Closes October by a draft that was read before. */
static enum billing_refusal close_by(const struct billing_statement *draft)
{
    AUTO_MEM char *document = billing_closed_document(draft, 5, "operator");
    struct billing_change change = { .month = SLICE_LITERAL("2026-10"),
                                     .text = slice_of(document),
                                     .digest = digest_sha256(slice_of(document)),
                                     .period = draft->period,
                                     .basis = draft->basis };

    billing_close_change(&change);
    bulk_now(store, &acme, &change.bulk);
    return change.refusal;
}

static int tag(struct reader_db *reader, void *context)
{
    char sql[160];

    (void)snprintf(sql, sizeof(sql),
                   "UPDATE conversations SET tags = '[\"spam\"]' WHERE ended_ms = %llu",
                   (unsigned long long)*(const uint64_t *)context);
    return database_run(reader->db, sql);
}

static void tag_what_ended(const char *ended)
{
    uint64_t ended_ms = 0;

    assert_int_equal(clock_parse(ended, strlen(ended), &ended_ms), 0);
    assert_int_equal(STORE_CALL(store, read, &acme, tag, &ended_ms), OK);
}

/* While it was made an agent tagged a chat of it, a chat came in, a visitor was erased. */
static void a_month_that_changed_meanwhile__is_not_closed(void **state)
{
    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    october();
    (void)read_month("2026-10");
    tag_what_ended("2026-10-02T09:00:00Z");
    assert_int_equal(close_by(&statement), BILLING_CHANGED);
    (void)read_month("2026-10");
    chat("late", "vanja", "2026-10-20T10:00:00Z", 9, "");
    assert_int_equal(close_by(&statement), BILLING_CHANGED);
    (void)read_month("2026-10");
    forget("vanja");
    assert_int_equal(close_by(&statement), BILLING_CHANGED);
    (void)read_month("2026-10");
    assert_int_equal(close_by(&statement), BILLING_DONE);
}

static void what_changed_in_another_month__holds_nothing_up(void **state)
{
    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    october();
    (void)read_month("2026-10");
    tag_what_ended("2026-10-31T22:00:00Z");
    assert_int_equal(close_by(&statement), BILLING_DONE);
    assert_int_equal(close_now("2026-11"), BILLING_DONE);
}

/* October: lines 1 and 4 cost 450 each. One is taken back in November, where one of 450 stands. */
static void an_accepted_dispute__is_a_credit_of_the_next_month(void **state)
{
    AUTO_MEM char *closed = NULL;

    (void)state;
    october();
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    assert_int_equal(contest("2026-10", 1), BILLING_NO_LINE);
    assert_int_equal(close_now("2026-10"), BILLING_DONE);
    closed = slice_dup(buf_slice(&read_month("2026-10")->bytes));
    assert_int_equal(contest("2026-10", 0), BILLING_NO_LINE);
    assert_int_equal(contest("2026-10", 5), BILLING_NO_LINE);
    assert_int_equal(contest("2026-10", 2), BILLING_NOT_BILLED);
    assert_int_equal(contest("2026-10", 1), BILLING_DONE);
    assert_int_equal(contest("2026-10", 1), BILLING_DISPUTED);
    assert_int_equal(contest("2026-10", 4), BILLING_DONE);
    (void)read_month("2026-11");
    assert_int_equal(total("due"), 450);
    assert_int_equal(decide(3, true), BILLING_NO_DISPUTE);
    assert_int_equal(decide(1, true), BILLING_DONE);
    assert_int_equal(decide(1, false), BILLING_DECIDED);
    assert_int_equal(decide(2, false), BILLING_DONE);
    (void)read_month("2026-11");
    assert_int_equal(total("amount"), 450);
    assert_int_equal(total("credit"), -450);
    assert_int_equal(total("due"), 0);
    assert_int_equal(total("due_conversations"), 0);
    assert_int_equal(close_now("2026-11"), BILLING_DONE);
    (void)read_month("2026-12");
    assert_int_equal(total("credits"), 0);
    assert_string_equal(buf_slice(&read_month("2026-10")->bytes).data, closed);
}

/* Vera is erased, veli's words fade: both lines stay as they were, without a way to a transcript.
 */
static void chats_without_their_words__keep_their_lines(void **state)
{
    struct fading fading;
    const json_t *lines;

    (void)state;
    october();
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    forget("vera");
    forget("vesa");
    fading_init(&fading, UINT64_MAX / 2, 9);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.conversations, 3);
    rules_are("2026-10", "standard short spam standard");
    lines = json_object_get(statement.document, "lines");
    assert_true(json_is_null(json_object_get(json_array_get(lines, 0), "transcript")));
    assert_true(json_is_string(json_object_get(json_array_get(lines, 3), "transcript")));
    assert_int_equal(json_integer_value(json_object_get(json_array_get(lines, 3), "visitor_words")),
                     3);
}

static int tamper(struct reader_db *reader, void *context)
{
    (void)context;
    assert_int_equal(database_run(reader->db, "DROP TRIGGER billing_statements_stay"), OK);
    return database_run(reader->db, "UPDATE billing_statements SET document = document || ' '");
}

static int touch(struct reader_db *reader, void *context)
{
    (void)context;
    assert_int_not_equal(database_run(reader->db, "UPDATE billing_statements SET closed_ms = 1"),
                         OK);
    assert_int_not_equal(database_run(reader->db, "DELETE FROM billing_statements"), OK);
    assert_int_not_equal(database_run(reader->db, "UPDATE billing_rules SET month = '2020-01'"),
                         OK);
    return OK;
}

static void who_changes_what_is_closed__is_found_out(void **state)
{
    struct verify_report report;

    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    assert_int_equal(close_now("2026-10"), BILLING_DONE);
    assert_int_equal(STORE_CALL(store, read, &acme, touch, NULL), OK);
    assert_int_equal(verify_store(store, &acme, &report), OK);
    assert_int_equal(report.problems.len, 0);
    buf_release(&report.problems);
    assert_int_equal(STORE_CALL(store, read, &acme, tamper, NULL), OK);
    assert_int_equal(verify_store(store, &acme, &report), OK);
    assert_string_equal(report.problems.data,
                        "the closed statement of 2026-10 is not what its digest says\n");
    buf_release(&report.problems);
}

/* With another digest beside it, a document alone would pass. */
static int forge(struct reader_db *reader, void *context)
{
    sqlite3_stmt *stmt;
    struct digest digest = digest_sha256(SLICE_LITERAL("{}"));

    (void)context;
    assert_int_equal(database_run(reader->db, "DROP TRIGGER billing_statements_stay"), OK);
    stmt = database_prepare(reader->db, "UPDATE billing_statements SET document = '{}', digest = "
                                        "?1 WHERE month = '2026-10'");
    assert_non_null(stmt);
    assert_int_equal(sqlite3_bind_blob(stmt, 1, digest.bytes, DIGEST_BYTES, SQLITE_STATIC),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
    return sqlite3_finalize(stmt) == SQLITE_OK ? OK : ERR_IO;
}

static int take_out(struct reader_db *reader, void *context)
{
    (void)context;
    assert_int_equal(database_run(reader->db, "DROP TRIGGER billing_statements_are_kept"), OK);
    return database_run(reader->db, "DELETE FROM billing_statements WHERE month = '2026-10'");
}

static void what_is_closed__follows_what_was_closed_before(void **state)
{
    static int (*const ways[])(struct reader_db * reader, void *context) = { forge, take_out };
    struct verify_report report;

    (void)state;
    assert_int_equal(rules("2026-10", "EUR", contract), BILLING_DONE);
    assert_int_equal(close_now("2026-10"), BILLING_DONE);
    assert_int_equal(close_now("2026-11"), BILLING_DONE);
    assert_int_equal(verify_store(store, &acme, &report), OK);
    assert_int_equal(report.problems.len, 0);
    buf_release(&report.problems);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        assert_int_equal(STORE_CALL(store, read, &acme, ways[i], NULL), OK);
        assert_int_equal(verify_store(store, &acme, &report), OK);
        assert_string_equal(report.problems.data,
                            "the closed statement of 2026-11 does not follow the one before it\n");
        buf_release(&report.problems);
    }
}

static void months_without_rules__have_no_statement(void **state)
{
    (void)state;
    assert_int_equal(rules("2026-10", "", "[{'id':'all'}]"), BILLING_DONE);
    assert_int_equal(billing_statement_read(store, &acme, "", SLICE_LITERAL("2026-09"), &statement),
                     BILLING_E_NO_RULES);
    billing_statement_release(&statement);
    assert_int_equal(
        billing_statement_read(store, &acme, "", SLICE_LITERAL("2026-W41"), &statement),
        BILLING_E_NO_MONTH);
    october();
    rules_are("2026-10", "all all all all");
    assert_int_equal(total("due_conversations"), 4);
    assert_true(
        json_is_null(json_object_get(json_object_get(statement.document, "totals"), "due")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(a_month__has_the_chats_that_ended_in_it_there),
    CASE(who_comes_back_in_time__is_billed_once),
    CASE(a_visitor_with_many_short_chats__takes_no_time), CASE(the_same_rows__give_the_same_bytes),
    CASE(what_is_closed__stays_to_the_byte), CASE(months__are_closed_one_after_the_other),
    CASE(a_draft_that_is_another_by_now__is_not_closed),
    CASE(a_month_that_changed_meanwhile__is_not_closed),
    CASE(what_changed_in_another_month__holds_nothing_up),
    CASE(an_accepted_dispute__is_a_credit_of_the_next_month),
    CASE(chats_without_their_words__keep_their_lines),
    CASE(who_changes_what_is_closed__is_found_out),
    CASE(what_is_closed__follows_what_was_closed_before),
    CASE(months_without_rules__have_no_statement))
