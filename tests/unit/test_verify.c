/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/verify.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <sqlite3.h>
#include <stdio.h>

static char *dir;
static struct store *store;
static struct tenant_name acme;

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    acme = tenant_called("acme");
    assert_int_equal(store_sqlite_open(&store, dir, 1), OK);
    return STORE_CALL(store, tenant_open, &acme);
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    scratch_free(dir);
    return 0;
}

/* Past all that keeps it in order. */
static void meddle(const char *sql)
{
    char path[600];
    sqlite3 *db = NULL;

    (void)snprintf(path, sizeof(path), "%s/acme/transcripts.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void finds(const char *wanted)
{
    struct verify_report report;

    assert_int_equal(verify_store(store, &acme, &report), OK);
    if (report.problems.len == 0)
        assert_string_equal("", wanted);
    else
        assert_string_equal(report.problems.data, wanted);
    buf_release(&report.problems);
}

static void rows_that_belong_to_nothing__are_found(void **state)
{
    static const struct {
        const char *sql, *problem;
    } cases[] = {
        { "INSERT INTO files (id, visitor, conversation, seq, at_ms, type, bytes, width, height, "
          "sha256) VALUES (zeroblob(16), zeroblob(16), 7, 1, 1, 'image/png', 1, 1, 1, "
          "zeroblob(32)); ",
          "1 files of no message\n" },
        { "DELETE FROM files; INSERT INTO codings (coder, conversation, last_seq, at_ms) VALUES "
          "(1, 7, 1, 1)",
          "1 codings of no conversation\n" },
        { "DELETE FROM codings; INSERT INTO codes (conversation, coder, seq, code, first, last, "
          "rule) VALUES (7, 1, 1, 'INT.Q', 0, 0, '')",
          "1 codes of no coding\n" },
        { "DELETE FROM codes; INSERT INTO orders (id, visitor, at_ms) VALUES (zeroblob(16), "
          "zeroblob(16), 1)",
          "1 orders of no visitor\n" },
        { "DELETE FROM orders; INSERT INTO notices (hook, id, event, conversation, ref, at_ms, "
          "since_ms) VALUES (9, zeroblob(16), 1, 7, 1, 1, 1)",
          "1 notices of no conversation\n1 notices to no webhook\n" },
    };

    (void)state;
    finds("");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        meddle(cases[i].sql);
        finds(cases[i].problem);
    }
}

static void values_that_mean_nothing__are_found(void **state)
{
    static const struct {
        const char *sql, *problem;
    } cases[] = {
        { "INSERT INTO buyers (id, told, subject, at_ms, faded_ms, chatted, bought, cents, "
          "currency, recommend, trust, again, satisfied, effort, source, solved, anyway) VALUES "
          "(zeroblob(16), 99, '', 1, 0, 0, 0, 0, '', 0, 0, 0, 0, 0, '', 0, 0)",
          "1 buyers who answered in no known way\n" },
        { "DELETE FROM buyers; INSERT INTO billing_disputes (month, line, conversation, amount, "
          "reason, made_ms, made_by, state) VALUES ('2026-10', 1, zeroblob(16), -1, '', 1, '', 3)",
          "1 disputes in no known state\n1 disputes about no possible price\n" },
        { "DELETE FROM billing_disputes; INSERT INTO billing_erased VALUES (zeroblob(16), 1, "
          "'{\"conversation\":\"a\",\"amount\":4}')",
          "1 kept lines that are none\n" },
        { "UPDATE billing_erased SET line = '{\"conversation\":\"a\",\"rule\":\"r\",\"amount\":4}'",
          "" },
        { "UPDATE billing_erased SET line = 'no JSON'", "1 kept lines that are none\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        meddle(cases[i].sql);
        finds(cases[i].problem);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(rows_that_belong_to_nothing__are_found), CASE(values_that_mean_nothing__are_found))
