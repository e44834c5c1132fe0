/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups made while a store is written to, looked through, and spoilt in every way we know. How
 * they are put back: test_restore.c.
 */
#include "storage/backup/backup.h"

#include "storage/backup/pack.h"
#include "storage/directory/directory.h"
#include "storage/ledger.h"
#include "tests/support/backing_up.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/storing.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <unistd.h>

static char *file_of(const char *name)
{
    char *path;

    assert_true(asprintf(&path, "%s/%s", made, name) > 0);
    return path;
}

static void flip(const char *name, off_t at)
{
    AUTO_MEM char *path = file_of(name);
    AUTO_FD fd = open(path, O_RDWR);
    char byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void a_backup__holds__sealed_or_not(void **state)
{
    AUTO(backup) backup = NULL;

    (void)state;
    make(NULL);
    assert_int_equal(found(NULL), 0);
    backup = opened(NULL);
    assert_int_equal(backup->count, 5);
    assert_int_equal(backup_find(backup, PIECE_TRANSCRIPTS, &acme)->facts.messages, 20);
    assert_true(files_hold(made, "quokka"));
    assert_int_equal(folder_remove(made), OK);
    make(SECRET);
    assert_int_equal(found(SECRET), 0);
    assert_int_equal(found(NULL), 0); /* the bytes can be proved without the key */
    assert_false(files_hold(made, "quokka"));
}

static void a_folder_that_is_there__is_left_alone(void **state)
{
    struct backup *backup = NULL;
    AUTO_MEM char *inside = NULL;

    (void)state;
    make(NULL);
    assert_int_equal(backup_begin(&backup, made, NULL, NULL, &problem), BACKUP_E_REFUSED);
    assert_true(problem_says("left alone"));
    inside = file_of("manifest.json");
    assert_int_equal(access(inside, F_OK), 0);
}

static void what_an_interrupted_run_left__goes_at_the_next(void **state)
{
    AUTO(backup) backup = NULL;

    (void)state;
    assert_int_equal(backup_begin(&backup, made, NULL, NULL, &problem), OK);
    add_piece(backup, PIECE_TRANSCRIPTS, &acme);
    make(NULL);
    assert_int_equal(found(NULL), 0);
}

static void a_piece_that_is_missing_cut_or_changed__is_told_by_name(void **state)
{
    AUTO_MEM char *path = NULL;

    (void)state;
    make(SECRET);
    flip("tenants/acme/transcripts.db.sealed", 5000);
    assert_int_equal(found(NULL), 1);
    assert_true(problem_says("tenants/acme/transcripts.db.sealed: its bytes have changed"));
    flip("tenants/acme/transcripts.db.sealed", 5000);
    path = file_of("lasna.db.sealed");
    assert_int_equal(truncate(path, 1000), 0);
    assert_int_equal(found(SECRET), 1);
    assert_true(problem_says("lasna.db.sealed: 1000 bytes long"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(found(SECRET), 1);
    assert_true(problem_says("lasna.db.sealed: missing"));
}

static void a_wrong_key__and_a_changed_manifest__are_told_apart(void **state)
{
    AUTO_MEM char *path = file_of("manifest.json");
    AUTO_MEM char *command = NULL;
    struct backup *backup = NULL;

    (void)state;
    make(SECRET);
    assert_int_equal(backup_open(&backup, made, "another key, also thirty-two long", &problem),
                     BACKUP_E_REFUSED);
    assert_true(problem_says("not the one it was sealed with"));
    buf_clear(&problem);
    assert_true(asprintf(&command, "sed -i 's/\"messages\": 20/\"messages\": 19/' %s", path) > 0);
    assert_int_equal(system(command), 0);
    assert_int_equal(backup_open(&backup, made, SECRET, &problem), BACKUP_E_REFUSED);
    assert_true(problem_says("changed after it was written"));
}

/* Two backups with one key: a piece of the one is no piece of the other. */
static void a_piece_of_an_older_backup__does_not_pass_for_this_ones(void **state)
{
    AUTO_MEM char *piece = file_of("tenants/acme/transcripts.db.sealed");
    AUTO_MEM char *aside = NULL;

    (void)state;
    make(SECRET);
    assert_true(asprintf(&aside, "%s/older", dir) > 0);
    assert_int_equal(rename(piece, aside), 0);
    assert_int_equal(folder_remove(made), OK);
    make(SECRET);
    assert_int_equal(rename(aside, piece), 0);
    assert_true(found(SECRET) > 0);
    assert_true(problem_says("acme"));
}

/* Whoever holds the file can write a manifest that fits: the content itself is looked into, too. */
static void a_database_that_was_damaged_before__is_found_by_its_content(void **state)
{
    struct snapshot_facts facts;
    char copy[4096 + 16];
    AUTO_FD fd = -1;

    (void)state;
    (void)snprintf(copy, sizeof(copy), "%s/snapshot", dir);
    make(NULL);
    {
        AUTO(backup) backup = opened(NULL);

        assert_int_equal(
            backup_extract(backup, backup_find(backup, PIECE_TRANSCRIPTS, &acme), copy, &problem),
            OK);
    }
    fd = open(copy, O_WRONLY);
    assert_int_equal(pwrite(fd, "garbage garbage!", 16, 8192), 16);
    assert_int_equal(snapshot_look(PIECE_TRANSCRIPTS, copy, &facts, &problem), OK);
    assert_true(problem_says("damaged"));
}

static void a_disk_that_is_full__leaves_no_half_copy(void **state)
{
    char from[4096 + 64], copy[4096 + 16];

    (void)state;
    (void)snprintf(from, sizeof(from), "%s/tenants/acme/transcripts.db", data);
    (void)snprintf(copy, sizeof(copy), "%s/snapshot", dir);
    faulty_disk_fail(FAULTY_WRITE, 3, SQLITE_FULL, "snapshot");
    assert_int_equal(snapshot_take(from, copy, &stopped), SNAPSHOT_E_NO_SPACE);
    assert_int_equal(access(copy, F_OK), -1);
    assert_true(faulty_disk_heal());
    assert_int_equal(snapshot_take(from, copy, &stopped), OK);
}

static void a_copy_that_is_stopped__is_gone(void **state)
{
    char from[4096 + 64], copy[4096 + 16];

    (void)state;
    for (int i = 0; i < 2000; i++)
        say(&acme, "more words of acme, so that a copy of them takes its time");
    (void)snprintf(from, sizeof(from), "%s/tenants/acme/transcripts.db", data);
    (void)snprintf(copy, sizeof(copy), "%s/snapshot", dir);
    atomic_store(&stopped, true);
    assert_int_equal(snapshot_take(from, copy, &stopped), SNAPSHOT_E_STOPPED);
    assert_int_equal(access(copy, F_OK), -1);
}

static void an_archive_that_is_cut_or_holds_anything_else__is_not_taken(void **state)
{
    char from[4096 + 64], copy[4096 + 16];
    uint64_t files;
    AUTO_FD fd = -1;

    (void)state;
    send_a_file("gecko");
    (void)snprintf(from, sizeof(from), "%s/tenants/acme/files", data);
    (void)snprintf(copy, sizeof(copy), "%s/snapshot", dir);
    assert_int_equal(pack_write(from, copy, &stopped), OK);
    assert_int_equal(pack_read(copy, NULL, &files, &problem), OK);
    assert_int_equal(files, 1);
    assert_int_equal(problem.len, 0);
    fd = open(copy, O_WRONLY);
    assert_int_equal(pwrite(fd, "../../../../etc/passwd", 23, 0), 23);
    assert_int_equal(pack_read(copy, NULL, &files, &problem), OK);
    assert_int_equal(files, 0);
    assert_true(problem_says("damaged"));
    buf_clear(&problem);
    assert_int_equal(ftruncate(fd, 700), 0);
    assert_int_equal(pack_read(copy, NULL, &files, &problem), OK);
    assert_true(problem_says("damaged"));
}

static void a_stopped_home__is_looked_through__and_a_running_one_is_not(void **state)
{
    struct home_report home;
    char path[8400];

    (void)state;
    send_a_file("gecko");
    assert_int_equal(home_check(data, &home, &problem), BACKUP_E_REFUSED);
    assert_true(problem_says("an instance runs"));
    store = store_free(store);
    directory = directory_close(directory);
    buf_clear(&problem);
    assert_int_equal(home_check(data, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 2);
    assert_int_equal(ledger_add(data, &acme, the_visitor, 5), OK);
    (void)snprintf(path, sizeof(path), "%s/tenants/borealis/transcripts.db", data);
    assert_int_equal(unlink(path), 0);
    (void)snprintf(path, sizeof(path), "%s/%s", data, sent);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(home_check(data, &home, &problem), OK);
    assert_true(problem_says("acme: 1 visitors who were erased"));
    assert_true(problem_says("acme: 1 files whose bytes are missing"));
    assert_true(problem_says("borealis: its transcripts.db is missing"));
}

static int install(void **state)
{
    (void)state;
    faulty_disk_install();
    return 0;
}

RUN_WITH(install, NULL, BACKING_UP(a_backup__holds__sealed_or_not),
         BACKING_UP(a_folder_that_is_there__is_left_alone),
         BACKING_UP(what_an_interrupted_run_left__goes_at_the_next),
         BACKING_UP(a_piece_that_is_missing_cut_or_changed__is_told_by_name),
         BACKING_UP(a_wrong_key__and_a_changed_manifest__are_told_apart),
         BACKING_UP(a_piece_of_an_older_backup__does_not_pass_for_this_ones),
         BACKING_UP(a_database_that_was_damaged_before__is_found_by_its_content),
         BACKING_UP(a_disk_that_is_full__leaves_no_half_copy),
         BACKING_UP(a_copy_that_is_stopped__is_gone),
         BACKING_UP(an_archive_that_is_cut_or_holds_anything_else__is_not_taken),
         BACKING_UP(a_stopped_home__is_looked_through__and_a_running_one_is_not))
