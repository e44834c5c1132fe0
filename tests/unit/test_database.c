/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/sqlite/database.h"

#include "storage/sqlite/migrations.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char path[4096];
static sqlite3 *db;

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/test.db", dir);
    db = NULL;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    database_close(db);
    dir = scratch_free(dir);
    return 0;
}

static void reopen(enum database_mode mode)
{
    database_close(db);
    db = NULL;
    assert_int_equal(database_open(&db, path, mode), OK);
}

/* The one value this asks for, as text. */
static const char *value(const char *sql)
{
    static char text[256];
    sqlite3_stmt *stmt = database_prepare(db, sql);

    assert_non_null(stmt);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    (void)snprintf(text, sizeof(text), "%s", (const char *)sqlite3_column_text(stmt, 0));
    (void)sqlite3_finalize(stmt);
    return text;
}

static void a_writer__has_the_settings_durability_needs(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_string_equal(value("PRAGMA journal_mode"), "wal");
    assert_string_equal(value("PRAGMA synchronous"), "2"); /* FULL */
    assert_string_equal(value("PRAGMA foreign_keys"), "1");
    assert_string_equal(value("PRAGMA secure_delete"), "1");
    assert_string_equal(value("PRAGMA trusted_schema"), "0");
}

static void a_reader__can_neither_write_nor_checkpoint(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_run(db, "CREATE TABLE t (x)"), OK);
    reopen(DATABASE_READER);
    assert_int_equal(database_run(db, "INSERT INTO t VALUES (1)"), ERR_IO);
    assert_string_equal(value("PRAGMA wal_autocheckpoint"), "0");
}

static void a_reader__makes_no_file(void **state)
{
    (void)state;
    assert_int_equal(database_open(&db, path, DATABASE_READER), ERR_IO);
    assert_int_equal(access(path, F_OK), -1);
}

static void a_new_file__is_its_owners_alone(void **state)
{
    struct stat stat_;
    mode_t before = umask(022);
    char beside[sizeof(path) + 8];

    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_run(db, "CREATE TABLE t (x)"), OK);
    assert_int_equal(stat(path, &stat_), 0);
    assert_int_equal(stat_.st_mode & 0777, 0600);
    (void)snprintf(beside, sizeof(beside), "%s-wal", path);
    assert_int_equal(stat(beside, &stat_), 0);
    assert_int_equal(stat_.st_mode & 0777, 0600);
    assert_int_equal(umask(before), 022); /* nobody changed it, for other threads neither */
}

static void what_is_no_database__is_corrupt(void **state)
{
    FILE *file = fopen(path, "w");

    (void)state;
    assert_non_null(file);
    for (int i = 0; i < 1000; i++)
        assert_true(fputs("this is not a database ", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(database_open(&db, path, DATABASE_WRITER), ERR_CORRUPT);
}

static void a_damaged_page__is_found_by_the_check(void **state)
{
    FILE *file;

    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_run(db, "CREATE TABLE t (x); CREATE INDEX i ON t (x)"), OK);
    assert_int_equal(database_run(db, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                      "FROM n WHERE i < 2000) INSERT INTO t SELECT i FROM n"),
                     OK);
    assert_int_equal(database_check(db), OK);
    database_close(db); /* all of the log goes into the file */
    db = NULL;
    file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 3 * 4096, SEEK_SET), 0);
    for (int i = 0; i < 4096; i++)
        assert_int_equal(fputc(0x5a, file), 0x5a);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(database_open(&db, path, DATABASE_WRITER), OK);
    assert_int_equal(database_check(db), ERR_CORRUPT);
}

/* --- migrations --- */

static const struct migration steps[] = {
    { "0001", "CREATE TABLE a (x); INSERT INTO a VALUES ('one')" },
    { "0002", "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x || ' two'" },
    { "0003", "CREATE TABLE b (x); THIS IS NO SQL" },
};

static void each_migration__is_applied_once(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_migrate(db, steps, 1), OK);
    assert_string_equal(value("PRAGMA user_version"), "1");
    assert_int_equal(database_migrate(db, steps, 2), OK);
    assert_int_equal(database_migrate(db, steps, 2), OK);
    assert_string_equal(value("SELECT y FROM a"), "one two");
    assert_string_equal(value("SELECT count(*) FROM a"), "1");
    assert_string_equal(value("PRAGMA user_version"), "2");
}

static void a_migration_that_fails__leaves_the_version_before(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_migrate(db, steps, 1), OK);
    assert_int_equal(database_migrate(db, steps, 3), ERR_IO);
    assert_string_equal(value("PRAGMA user_version"), "2");
    assert_string_equal(value("SELECT count(*) FROM sqlite_schema WHERE name = 'b'"), "0");
}

static void a_new_database__is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_migrate(db, steps, 3), ERR_IO);
    assert_string_equal(value("PRAGMA user_version"), "0");
    assert_string_equal(value("SELECT count(*) FROM sqlite_schema"), "0");
}

static void a_newer_schema__is_refused_and_left_alone(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_migrate(db, steps, 2), OK);
    assert_int_equal(database_migrate(db, steps, 1), DATABASE_E_NEWER);
    assert_string_equal(value("PRAGMA user_version"), "2");
}

/* 0009 moves what conversations knew of their last message to the messages themselves. */
static void a_store_of_before_0009__keeps_what_was_not_in_its_search_index(void **state)
{
    (void)state;
    reopen(DATABASE_WRITER);
    assert_int_equal(database_migrate(db, store_migrations, 8), OK);
    assert_int_equal(
        database_run(db,
                     "INSERT INTO conversations (row, id, visitor, site, state, opened_ms, "
                     "changed_ms, last_seq, indexed_seq) VALUES (1, 'a', 'v', 's', 2, 1, 1, 3, "
                     "3), (2, 'b', 'v', 's', 1, 1, 1, 3, 2), (3, 'c', 'v', 's', 0, 1, 1, 0, 0)"),
        OK);
    assert_int_equal(database_migrate(db, store_migrations, store_migration_count), OK);
    assert_string_equal(value("SELECT group_concat(row || ':' || unindexed) FROM conversations"),
                        "1:0,2:1,3:0");
    assert_int_equal(database_check(db), OK);
}

/* Whether the database is as its version says: all that this migration makes, or nothing. */
static void assert_whole(void)
{
    unsigned version = (unsigned)atoi(value("PRAGMA user_version"));
    const char *tables = value("SELECT count(*) FROM sqlite_schema WHERE name = 'messages'");

    assert_string_equal(tables, version > 0 ? "1" : "0");
    assert_int_equal(database_check(db), OK);
}

static void whichever_write_of_the_migrations_fails__it_is_old_or_new(void **state)
{
    unsigned nth = 1;
    int rc = ERR_IO;

    (void)state;
    for (; rc != OK; nth++) {
        reopen(DATABASE_WRITER);
        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_FULL, dir);
        rc = database_migrate(db, store_migrations, store_migration_count);
        if (rc == OK)
            break;
        assert_int_equal(rc, ERR_IO);
        assert_true(faulty_disk_heal());
        reopen(DATABASE_WRITER);
        assert_whole();
    }
    (void)faulty_disk_heal();
    assert_true(nth > 3);
    assert_whole();
}

static void whenever_the_power_goes_in_a_migration__it_is_old_or_new(void **state)
{
    char *after = scratch_new();
    size_t done;

    (void)state;
    faulty_disk_record(dir);
    reopen(DATABASE_WRITER);
    assert_int_equal(database_migrate(db, store_migrations, store_migration_count), OK);
    done = faulty_disk_done();
    assert_true(done > 10);
    database_close(db);
    db = NULL;
    for (size_t cut = 0; cut <= done; cut++) {
        (void)snprintf(path, sizeof(path), "%s/test.db", after);
        faulty_disk_cut(cut, cut + 1, after);
        reopen(DATABASE_WRITER);
        assert_whole();
        assert_int_equal(database_migrate(db, store_migrations, store_migration_count), OK);
        database_close(db);
        db = NULL;
    }
    scratch_free(after);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_writer__has_the_settings_durability_needs),
        CASE(a_reader__can_neither_write_nor_checkpoint),
        CASE(a_reader__makes_no_file),
        CASE(a_new_file__is_its_owners_alone),
        CASE(what_is_no_database__is_corrupt),
        CASE(a_damaged_page__is_found_by_the_check),
        CASE(each_migration__is_applied_once),
        CASE(a_migration_that_fails__leaves_the_version_before),
        CASE(a_new_database__is_made_whole_or_not_at_all),
        CASE(a_newer_schema__is_refused_and_left_alone),
        CASE(a_store_of_before_0009__keeps_what_was_not_in_its_search_index),
        CASE(whichever_write_of_the_migrations_fails__it_is_old_or_new),
        CASE(whenever_the_power_goes_in_a_migration__it_is_old_or_new),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
