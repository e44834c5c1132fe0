/* SPDX-License-Identifier: Apache-2.0
 *
 * One tenant put back from a backup into an instance that goes on, or taken in from another one's:
 * a stranger, who brings nothing that is not theirs.
 */
#include "storage/backup/restore.h"

#include "storage/directory/directory.h"
#include "storage/ledger.h"
#include "tests/support/backing_up.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void put(const char *name, const char *text)
{
    char path[8400];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/tenants/acme/%s", other, name);
    file = fopen(path, "w");
    assert_non_null(file);
    (void)fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static bool is_there(const char *name)
{
    char path[8400];

    (void)snprintf(path, sizeof(path), "%s/%s", other, name);
    return access(path, F_OK) == 0;
}

/* The folder goes over as a whole: no log of the old database meets the new one. Files that the
 * backup holds replace those there are; where it holds none, those stay. */
static void a_tenants_folder__is_replaced_in_one_step(void **state)
{
    struct restore_report report;

    (void)state;
    send_a_file("gecko");
    make(SECRET);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    for (int round = 0; round < 2; round++) {
        struct restore_wish wish = { .data = other, .now_ms = 1764000001000 };
        AUTO(backup) backup = NULL;

        put("transcripts.db-wal", "a log of the old one");
        put("files/later", "iguana");
        without_files = round == 1;
        if (without_files) {
            (void)snprintf(made, sizeof(made), "%s/without", dir);
            make(SECRET);
        }
        backup = opened(SECRET);
        wish.backup = backup;
        assert_int_equal(restore_tenant(&wish, &acme, NULL, NULL, &report, &problem), OK);
        assert_false(is_there("tenants/acme/transcripts.db-wal"));
        assert_true(is_there(sent));
        assert_int_equal(is_there("tenants/acme/files/later"), without_files);
        assert_false(is_there("restoring"));
    }
    without_files = false;
}

static void one_tenant__is_found_under_the_name_it_had_in_the_backup(void **state)
{
    const struct tenant_name acme_oy = tenant_called("acme-oy");
    AUTO(backup) backup = NULL;
    struct restore_report report;
    struct restore_wish wish = { .data = data, .now_ms = 1 };
    char path[4096 + 64];

    (void)state;
    make(NULL);
    backup = opened(NULL);
    wish.backup = backup;
    say(&acme, "gecko words of later");
    STORE_CALL(store, tenant_close, &acme);
    assert_int_equal(directory_tenant_rename(directory, &acme, &acme_oy, 1764000000001), OK);
    assert_int_equal(ledger_add_renaming(data, &acme, &acme_oy, 1764000000001), OK);
    for (int i = 0; i < 2; i++) /* a kill in between: it is moved already */
        assert_int_equal(STORE_CALL(store, tenant_move, &acme, &acme_oy), OK);
    assert_int_equal(restore_tenant(&wish, &acme_oy, is_closed, NULL, &report, &problem), OK);
    assert_false(files_hold(data, "gecko"));
    assert_true(files_hold(data, "quokka"));
    assert_false(has_folder(data, "acme"));
    assert_int_equal(restore_tenant(&wish, &acme, is_closed, NULL, &report, &problem),
                     BACKUP_E_REFUSED);
    assert_true(problem_says("acme was renamed after this was made: --tenant acme-oy"));
    (void)snprintf(path, sizeof(path), "%s/tenants/acme", data);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(STORE_CALL(store, tenant_move, &acme, &acme_oy), STORE_E_EXISTS);
}

static bool never_closed(void *context, const struct tenant_name *tenant, struct buf *why)
{
    (void)tenant;
    buf_add_text(why, "it is being served");
    (*(int *)context)++;
    return false;
}

static void one_tenant__is_put_back_where_its_database_is_closed__and_only_there(void **state)
{
    AUTO(backup) backup = NULL;
    struct restore_report report;
    struct restore_wish wish = { .data = data, .now_ms = 1 };
    int asked = 0;

    (void)state;
    make(NULL);
    backup = opened(NULL);
    wish.backup = backup;
    say(&acme, "gecko words of later");
    assert_int_equal(restore_tenant(&wish, &acme, never_closed, &asked, &report, &problem),
                     BACKUP_E_REFUSED);
    assert_int_equal(asked, 1);
    assert_true(files_hold(data, "gecko"));
    buf_clear(&problem);
    STORE_CALL(store, tenant_close, &acme);
    assert_int_equal(restore_tenant(&wish, &acme, is_closed, NULL, &report, &problem), OK);
    assert_int_equal(report.messages, 20);
    assert_false(files_hold(data, "gecko"));
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    say(&acme, "and on it goes");
}

static struct slice told_elsewhere; /* the ledger of the server a stranger comes from */

/* As a backup of acme alone, sums and all, from somebody who means no good. */
static int take_in(const char *sql)
{
    AUTO(backup) backup = NULL;
    struct restore_report report;
    struct restore_wish wish = { .data = other, .now_ms = 1 };

    buf_clear(&problem);
    forgery = sql;
    assert_int_equal(backup_begin(&backup, made, &acme, NULL, &problem), OK);
    add_piece(backup, PIECE_TRANSCRIPTS, &acme);
    forgery = NULL;
    assert_int_equal(backup_finish(backup, MADE_MS, &problem), OK);
    backup = backup_free(backup);
    backup = opened(NULL);
    wish.backup = backup;
    wish.erasures = told_elsewhere;
    return restore_stranger(&wish, &acme, &report, &problem);
}

static void a_stranger__brings_no_trigger_and_no_value_of_its_own(void **state)
{
    static const struct {
        const char *sql, *problem;
    } cases[] = {
        { "CREATE TRIGGER mine AFTER INSERT ON messages BEGIN DELETE FROM events; END",
          "none of ours" },
        { "DROP TRIGGER buyers_gone; CREATE TRIGGER buyers_gone AFTER DELETE ON visitors BEGIN "
          "SELECT 1; END",
          "none of ours" },
        { "CREATE VIEW mine AS SELECT 1", "none of ours" },
        { "UPDATE messages SET sender_kind = 99", "no known kind of sender" },
        { "SELECT 1", "no backup of acme alone" }, /* all that is missing then is the record */
    };
    char command[4096 + 16];

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", made);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(take_in(cases[i].sql), BACKUP_E_REFUSED);
        assert_true(problem_says(cases[i].problem));
        assert_int_equal(system(command), 0);
    }
}

/* Its borealis is not ours, and neither is who is called acme-oy here. */
static void another_servers_ledger__tells_of_the_stranger_alone(void **state)
{
    const char *const ledgers[] = {
        "borealis - 1764000000001\nborealis > x 1764000000002\nacme > acme-oy 1764000000001\n"
        "acme-oy aaaaaaaaaaaaaaaaaaaaaaaaaa 1764000000002\n",
        "acme > acme-oy 1764000000001\nacme-oy - 1764000000002\n",
    };
    const char *const problems[] = { "no backup of acme alone", "acme was removed after this" };
    AUTO_MEM struct visitor_id *erased = NULL;
    struct ledger_line fate;
    char command[4096 + 16];
    size_t count = 0;

    (void)state;
    (void)snprintf(command, sizeof(command), "rm -rf %s", made);
    for (size_t i = 0; i < sizeof(ledgers) / sizeof(ledgers[0]); i++) {
        told_elsewhere = slice_of(ledgers[i]);
        assert_int_equal(take_in("SELECT 1"), BACKUP_E_REFUSED);
        assert_true(problem_says(problems[i]));
        assert_int_equal(system(command), 0);
    }
    told_elsewhere = SLICE_NONE;
    assert_int_equal(ledger_fate(other, &borealis, 0, &fate), OK);
    assert_int_equal(fate.at_ms, 0);
    assert_int_equal(ledger_fate(other, &acme, 0, &fate), OK);
    assert_int_equal(fate.at_ms, 0);
    assert_int_equal(ledger_read(other, &acme, &erased, &count), OK);
    assert_int_equal(count, 1); /* under whichever of its names */
}

static void a_tenant_nobody_knows__is_not_put_back(void **state)
{
    AUTO(backup) backup = NULL;
    struct restore_report report;
    struct restore_wish wish = { .data = other, .now_ms = 1 };
    struct directory *empty = NULL;

    (void)state;
    make(NULL);
    backup = opened(NULL);
    wish.backup = backup;
    assert_int_equal(restore_tenant(&wish, &acme, is_closed, NULL, &report, &problem),
                     BACKUP_E_REFUSED);
    assert_true(problem_says("holds no instance"));
    buf_clear(&problem);
    assert_int_equal(directory_open(&empty, other), OK);
    (void)directory_close(empty);
    assert_int_equal(restore_tenant(&wish, &acme, is_closed, NULL, &report, &problem),
                     BACKUP_E_REFUSED);
    assert_true(problem_says("no tenant acme is known"));
}

RUN(BACKING_UP(a_tenants_folder__is_replaced_in_one_step),
    BACKING_UP(one_tenant__is_found_under_the_name_it_had_in_the_backup),
    BACKING_UP(one_tenant__is_put_back_where_its_database_is_closed__and_only_there),
    BACKING_UP(a_stranger__brings_no_trigger_and_no_value_of_its_own),
    BACKING_UP(another_servers_ledger__tells_of_the_stranger_alone),
    BACKING_UP(a_tenant_nobody_knows__is_not_put_back))
