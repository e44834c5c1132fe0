/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/counts.h"
#include "storage/erase.h"
#include "storage/ledger.h"
#include "storage/notices.h"
#include "storage/retention.h"
#include "storage/visitor.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <sqlite3.h>
#include <stdio.h>

static char folder[64];
static struct store *store;
static const struct tenant_name acme = { "acme" };
static struct conversation_id last;

static int start(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/lasna-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(store_sqlite_open(&store, folder, 1), OK);
    return STORE_CALL(store, tenant_open, &acme);
}

static int stop(void **state)
{
    char command[96];

    (void)state;
    store = store_free(store);
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

/* A conversation of one message. */
static void say(struct visitor_id visitor, const char *text)
{
    static unsigned said;
    AUTO_MEM char *cid = NULL;
    struct chat_write write = { .kind = WRITE_MESSAGE,
                                .conversation = { id_new() },
                                .visitor = visitor,
                                .message = { id_new() },
                                .site = { id_new() },
                                .at_ms = 1700000000000,
                                .sender = SLICE_LITERAL("visitor"),
                                .visitor_name = SLICE_LITERAL("Vera"),
                                .text = slice_of(text),
                                .opens = true };

    assert_true(asprintf(&cid, "%u", ++said) > 0);
    write.cid = slice_of(cid);
    last = write.conversation;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
}

/* Ends what say() began last. */
static void end(uint64_t at_ms)
{
    const struct chat_write write = {
        .kind = WRITE_END, .conversation = last, .at_ms = at_ms, .reason = SLICE_LITERAL("visitor")
    };

    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
}

static struct erasure erase(struct visitor_id visitor)
{
    struct erasure erasure;

    assert_int_equal(erasure_init(&erasure, &visitor, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    erasure_release(&erasure);
    return erasure;
}

static bool files_hold(const char *word)
{
    char command[160];

    (void)snprintf(command, sizeof(command), "grep -rqa %s %s", word, folder);
    return system(command) == 0;
}

static void an_erased_visitor__is_in_no_file__and_others_stay(void **state)
{
    struct visitor_id vera = { id_new() }, wim = { id_new() };
    struct visitor_record record;
    struct erasure gone;

    (void)state;
    say(vera, "quokkaone");
    say(vera, "quokkatwo");
    say(wim, "wombatone");
    assert_true(files_hold("quokkaone"));
    gone = erase(vera);
    assert_int_equal(gone.found, 1);
    assert_int_equal(gone.conversations, 2);
    assert_int_equal(gone.messages, 2);
    assert_int_equal(STORE_CALL(store, scrub, &acme), OK);
    assert_false(files_hold("quokkaone"));
    assert_false(files_hold("quokkatwo"));
    assert_true(files_hold("wombatone"));
    assert_int_equal(visitor_read(store, &acme, vera, &record), STORE_E_NONE);
    assert_int_equal(visitor_read(store, &acme, wim, &record), OK);
    assert_int_equal(record.count, 1);
    visitor_record_release(&record);
    assert_int_equal(erase(vera).found, 0);
}

static void a_log_somebody_reads__is_emptied_when_they_have_done(void **state)
{
    struct visitor_id vera = { id_new() };
    struct store *view;

    (void)state;
    say(vera, "quokkaone");
    assert_int_equal(STORE_CALL(store, view, &acme, &view), OK);
    (void)erase(vera);
    assert_int_equal(STORE_CALL(store, scrub, &acme), OK); /* it reads nothing just now */
    store_view_close(store, view);
    assert_false(files_hold("quokkaone"));
}

static void the_ledger__gives_each_tenant_its_own__and_skips_a_line_cut_short(void **state)
{
    const struct tenant_name acm = { "acm" };
    struct visitor_id first = { id_new() }, second = { id_new() }, third = { id_new() }, *visitors;
    char path[96];
    size_t count;
    FILE *file;

    (void)state;
    assert_int_equal(ledger_read(folder, &acme, &visitors, &count), OK);
    assert_int_equal(count, 0);
    assert_int_equal(ledger_add(folder, &acme, first, 1), OK);
    assert_int_equal(ledger_add(folder, &acm, second, 2), OK);
    assert_int_equal(ledger_add(folder, &acme, second, 3), OK);
    (void)snprintf(path, sizeof(path), "%s/erasures", folder);
    file = fopen(path, "a");
    assert_non_null(file);
    (void)fputs("acme abcdefgh", file);
    (void)fclose(file);
    assert_int_equal(ledger_read(folder, &acme, &visitors, &count), OK);
    assert_int_equal(count, 2);
    assert_true(visitor_id_equal(visitors[0], first));
    assert_true(visitor_id_equal(visitors[1], second));
    free(visitors);
    assert_int_equal(ledger_add(folder, &acme, third, 4), OK); /* after the line cut short */
    assert_int_equal(ledger_read(folder, &acme, &visitors, &count), OK);
    assert_int_equal(count, 3);
    assert_true(visitor_id_equal(visitors[2], third));
    free(visitors);
}

static void a_ledger_that_has_no_room__is_not_taken_for_whole(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 16);
    assert_int_equal(ledger_add(folder, &acme, (struct visitor_id){ id_new() }, 1), OK);
    assert_int_equal(ledger_copy(folder, NULL, &text), ERR_LIMIT);
}

static void words_that_are_kept_no_longer__go__and_counts_stay(void **state)
{
    struct visitor_id vera = { id_new() };
    struct fading fading;
    struct store_counts counts;
    struct mail_order copy;

    (void)state;
    say(vera, "quokkaone");
    mail_ordering(&copy, last, 1700000000500);
    (void)snprintf(copy.address, sizeof(copy.address), "v@gecko.example");
    bulk_now(store, &acme, &copy.bulk);
    assert_int_equal(copy.verdict, MAIL_ORDERED);
    end(1700000001000);
    for (int round = 0; round < 2; round++) {
        fading_init(&fading, round == 0 ? 1700000001000 : 1700000001001, 1800000000000);
        bulk_now(store, &acme, &fading.bulk);
        assert_int_equal(fading.conversations, round); /* not a moment too early */
        assert_int_equal(STORE_CALL(store, scrub, &acme), OK);
        assert_int_equal(files_hold("quokkaone"), round == 0);
        assert_int_equal(files_hold("Vera"), round == 0);
        assert_int_equal(files_hold("gecko.example"), round == 0);
    }
    assert_int_equal(store_counts(store, &acme, &counts), OK);
    assert_int_equal(counts.messages, 1);
    assert_int_equal(counts.conversations, 1);
    fading_init(&fading, 1700000001001, 1800000000000);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.conversations, 0); /* once is enough */
}

static void meddle(const char *sql)
{
    char path[128];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/acme/transcripts.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static uint64_t faded_before(uint64_t before_ms)
{
    struct fading fading;

    fading_init(&fading, before_ms, 1800000000000);
    bulk_now(store, &acme, &fading.bulk);
    return fading.conversations;
}

/* Some transcripts from elsewhere know no time: they are kept from when they came. */
static void what_tells_no_time__goes_by_its_import(void **state)
{
    (void)state;
    say((struct visitor_id){ id_new() }, "quokkatwo");
    end(1700000001000);
    meddle("UPDATE conversations SET ended_ms = 0, opened_ms = 0; INSERT INTO imported "
           "(conversation, source, digest, at_ms) SELECT row, 'x', zeroblob(32), 9000 FROM "
           "conversations");
    assert_int_equal(faded_before(9000), 0);
    assert_int_equal(faded_before(9001), 1);
    assert_int_equal(faded_before(9001), 0);
    say((struct visitor_id){ id_new() }, "quokkathree");
    end(1700000001000);
    meddle("UPDATE conversations SET ended_ms = 0 WHERE faded_ms = 0");
    assert_int_equal(faded_before(1700000000000), 0); /* opened then */
    assert_int_equal(faded_before(1700000000001), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(an_erased_visitor__is_in_no_file__and_others_stay),
    CASE(a_log_somebody_reads__is_emptied_when_they_have_done),
    CASE(words_that_are_kept_no_longer__go__and_counts_stay),
    CASE(what_tells_no_time__goes_by_its_import),
    CASE(the_ledger__gives_each_tenant_its_own__and_skips_a_line_cut_short),
    CASE(a_ledger_that_has_no_room__is_not_taken_for_whole))
