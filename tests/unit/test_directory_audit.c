/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "storage/directory/directory.h"
#include "tests/support/cmocka.h"

#include <sqlite3.h>
#include <stdio.h>

static char folder[64];
static struct directory *directory;

static int start(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/lasna-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return directory_open(&directory, folder);
}

static int stop(void **state)
{
    char command[96];

    (void)state;
    directory = directory_close(directory);
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static void add(const char *tenant, const char *detail)
{
    const struct audit_entry entry = { .at_ms = 1700000000000,
                                       .who = SLICE_LITERAL("operator"),
                                       .action = SLICE_LITERAL("tenant_set"),
                                       .tenant = slice_of(tenant),
                                       .detail = slice_of(detail) };

    assert_int_equal(directory_audit_add(directory, &entry), OK);
}

static int note(void *context, const struct audit_entry *entry)
{
    buf_addf(context, "%u:%.*s:%.*s ", (unsigned)entry->number, SLICE_ARG(entry->tenant),
             SLICE_ARG(entry->detail));
    return 0;
}

static void assert_listed(const char *tenant, uint64_t before, size_t limit, const char *expected)
{
    AUTO_BUF text;

    buf_init(&text, 4096);
    buf_add_text(&text, "");
    assert_int_equal(directory_audit(directory, slice_of(tenant), 0, before, limit, note, &text),
                     OK);
    assert_string_equal(text.len == 0 ? "" : text.data, expected);
}

static void add_at(const char *tenant, uint64_t at_ms, const char *detail)
{
    const struct audit_entry entry = { .at_ms = at_ms,
                                       .tenant = slice_of(tenant),
                                       .detail = slice_of(detail) };

    assert_int_equal(directory_audit_add(directory, &entry), OK);
}

/* A name may have been another's before, and may be the tenant's own again. */
static void a_tenant_that_was_renamed__is_told_of_its_own_time_under_each_name(void **state)
{
    const struct tenant_name acme = { "acme" }, acme_oy = { "acme-oy" };
    char title[] = "Acme", empty[] = "", domain[] = "acme.chat.example";
    const struct tenant about = { .name = acme,
                                  .title = title,
                                  .domain = domain,
                                  .languages = empty,
                                  .secret = empty,
                                  .created_ms = 10 };

    (void)state;
    add_at("acme", 5, "an_earlier_acme");
    assert_int_equal(directory_tenant_add(directory, &about), OK);
    add_at("acme", 11, "own");
    add_at("acme-oy", 12, "an_earlier_acme-oy");
    assert_int_equal(directory_tenant_rename(directory, &acme, &acme_oy, 20), OK);
    add_at("acme-oy", 21, "own");
    assert_listed("acme-oy", 0, 9, "4:acme-oy:own 2:acme:own ");
    assert_int_equal(directory_tenant_rename(directory, &acme_oy, &acme, 30), OK);
    add_at("acme", 31, "own");
    assert_listed("acme", 0, 9, "5:acme:own 4:acme-oy:own 2:acme:own ");
}

/* Somebody with the file and a tool, who knows nothing of chains. */
static void tamper(const char *sql)
{
    char path[96];
    sqlite3 *db;

    (void)snprintf(path, sizeof(path), "%s/lasna.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void entries__come_newest_first__of_all_or_of_one_tenant(void **state)
{
    (void)state;
    assert_listed("", 0, 10, "");
    add("acme", "a");
    add("borealis", "b");
    add("acme", "c");
    assert_listed("", 0, 10, "3:acme:c 2:borealis:b 1:acme:a ");
    assert_listed("", 0, 2, "3:acme:c 2:borealis:b ");
    assert_listed("", 2, 2, "1:acme:a ");
    assert_listed("acme", 0, 10, "3:acme:c 1:acme:a ");
    assert_listed("cumulus", 0, 10, "");
}

static void a_whole_chain__is_found_whole(void **state)
{
    uint64_t count = 7;

    (void)state;
    assert_int_equal(directory_audit_check(directory, &count), OK);
    assert_int_equal(count, 0);
    for (int i = 0; i < 5; i++)
        add("acme", "x");
    assert_int_equal(directory_audit_check(directory, &count), OK);
    assert_int_equal(count, 5);
}

static void an_entry_altered_taken_or_slipped_in__breaks_the_chain_there(void **state)
{
    static const struct {
        const char *sql;
        uint64_t broken;
    } rows[] = {
        { "UPDATE audit SET who = 'nobody' WHERE number = 3", 3 },
        { "UPDATE audit SET at_ms = at_ms + 1 WHERE number = 2", 2 },
        { "UPDATE audit SET detail = '' WHERE number = 5", 5 },
        { "UPDATE audit SET action = 'tenant_se', tenant = 'tacme' WHERE number = 4", 4 },
        { "DELETE FROM audit WHERE number = 1", 1 },
        { "DELETE FROM audit WHERE number = 4", 4 },
        { "INSERT INTO audit SELECT 6, at_ms, who, action, tenant, detail, hash FROM audit WHERE "
          "number = 5",
          6 },
        { "UPDATE audit SET hash = (SELECT hash FROM audit WHERE number = 1) WHERE number = 2", 2 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t broken = 0;

        for (int n = 0; n < 5; n++)
            add("acme", "x");
        tamper(rows[i].sql);
        assert_int_equal(directory_audit_check(directory, &broken), ERR_CORRUPT);
        assert_int_equal(broken, rows[i].broken);
        assert_int_equal(stop(state), 0);
        assert_int_equal(start(state), 0);
    }
}

RUN(cmocka_unit_test_setup_teardown(entries__come_newest_first__of_all_or_of_one_tenant, start,
                                    stop),
    cmocka_unit_test_setup_teardown(
        a_tenant_that_was_renamed__is_told_of_its_own_time_under_each_name, start, stop),
    cmocka_unit_test_setup_teardown(a_whole_chain__is_found_whole, start, stop),
    cmocka_unit_test_setup_teardown(an_entry_altered_taken_or_slipped_in__breaks_the_chain_there,
                                    start, stop))
