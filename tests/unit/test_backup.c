/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups made while a store is written to, looked through, spoilt in every way we know, and put
 * back: also where somebody was erased meanwhile.
 */
#include "storage/backup/restore.h"

#include "storage/backup/pack.h"
#include "storage/directory/directory.h"
#include "storage/directory/tokens.h"
#include "storage/directory/users.h"
#include "storage/ledger.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>

#define SECRET "0123456789abcdef0123456789abcdef"

static char *dir;
static char data[4096], made[4096], other[4096]; /* in dir: an instance, a backup, another home */
static struct directory *directory;
static struct store *store;
static struct tenant_name acme, borealis;
static struct buf problem;
static atomic_bool stopped;

static void say(const struct tenant_name *tenant, const char *text)
{
    static unsigned said;
    AUTO_MEM char *cid = NULL;
    struct chat_write write;

    assert_true(asprintf(&cid, "%u", ++said) > 0);
    write = a_visitors_message((struct conversation_id){ id_new() }, cid, text);
    write.opens = true;
    assert_int_equal(store_now(store, tenant, &write).outcome, STORE_DONE);
}

static void add_tenant(const struct tenant_name *name)
{
    char domain[64];
    struct tenant tenant = { .name = *name, .title = "", .languages = "en", .secret = "s" };

    (void)snprintf(domain, sizeof(domain), "%s.chat.localhost", name->text);
    tenant.domain = domain;
    assert_int_equal(directory_tenant_add(directory, &tenant), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, name), OK);
}

static int start(void **state)
{
    char tenants[4096 + 16];

    (void)state;
    acme = tenant_called("acme");
    borealis = tenant_called("borealis");
    dir = scratch_new();
    (void)snprintf(data, sizeof(data), "%s/data", dir);
    (void)snprintf(made, sizeof(made), "%s/backup", dir);
    (void)snprintf(other, sizeof(other), "%s/other", dir);
    (void)snprintf(tenants, sizeof(tenants), "%s/tenants", data);
    buf_init(&problem, 8192);
    atomic_store(&stopped, false);
    assert_int_equal(directory_open(&directory, data), OK);
    assert_int_equal(store_sqlite_open(&store, tenants, 1), OK);
    add_tenant(&acme);
    add_tenant(&borealis);
    for (int i = 0; i < 20; i++)
        say(&acme, "quokka words of acme");
    say(&borealis, "wombat words of borealis");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    store = store_free(store);
    directory = directory_close(directory);
    buf_release(&problem);
    dir = scratch_free(dir);
    return 0;
}

/* --- making one, as lasnactl does with what the daemon gives it --- */

static void copy_into(FILE *to, const char *path)
{
    FILE *from = fopen(path, "r");
    char bytes[4096];
    size_t len;

    assert_non_null(from);
    while ((len = fread(bytes, 1, sizeof(bytes), from)) > 0)
        assert_int_equal(fwrite(bytes, 1, len, to), len);
    (void)fclose(from);
}

/* What somebody else did to a copy, past all that keeps it in order. */
static void forge(const char *copy, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static const char *forgery; /* done to the next piece; NULL: none */

static void add_piece(struct backup *backup, enum piece_kind kind, const struct tenant_name *tenant)
{
    char from[4096 + 64], copy[4096 + 16];
    struct snapshot_facts facts;
    struct piece_file *file;

    (void)snprintf(from, sizeof(from), "%s/%s%s%s", data, tenant != NULL ? "tenants/" : "",
                   tenant != NULL ? tenant->text : "lasna.db",
                   tenant != NULL ? "/transcripts.db" : "");
    (void)snprintf(copy, sizeof(copy), "%s/snapshot", dir);
    assert_int_equal(snapshot_take(from, copy, &stopped), OK);
    assert_int_equal(snapshot_look(kind, copy, &facts, &problem), OK);
    assert_int_equal(problem.len, 0);
    if (forgery != NULL) {
        forge(copy, forgery);
        assert_int_equal(snapshot_measure(copy, &facts.bytes, &facts.sha256), OK);
    }
    assert_int_equal(piece_begin(&file, backup, kind, tenant, &problem), OK);
    copy_into(piece_stream(file), copy);
    assert_int_equal(piece_end(file, &facts, &problem), OK);
    (void)unlink(copy);
}

/* As they lie there: a file of a message, and one that is still coming in. */
static char sent[4096 + 128];

static void send_a_file(const char *words)
{
    struct chat_write write =
        a_visitors_message((struct conversation_id){ id_new() }, "with a file", words);
    char folder[4096 + 64], id[ID_TEXT_BYTES];
    FILE *file;

    (void)snprintf(folder, sizeof(folder), "%s/tenants/acme/files", data);
    (void)mkdir(folder, 0700);
    write.opens = true;
    write.file =
        (struct chat_file){ .id = { id_new() }, .type = FILETYPE_TEXT, .bytes = strlen(words) };
    id_format(write.file.id.id, id);
    (void)snprintf(sent, sizeof(sent), "tenants/acme/files/%s", id);
    (void)snprintf(folder + strlen(folder), sizeof(folder) - strlen(folder), "/%s", id);
    file = fopen(folder, "w");
    assert_non_null(file);
    (void)fputs(words, file);
    (void)fclose(file);
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    (void)strcat(folder, ".part");
    file = fopen(folder, "w");
    assert_non_null(file);
    (void)fclose(file);
}

static void add_files(struct backup *backup)
{
    char from[4096 + 64], copy[4096 + 16];
    struct snapshot_facts facts;
    struct piece_file *file;

    (void)snprintf(from, sizeof(from), "%s/tenants/acme/files", data);
    (void)snprintf(copy, sizeof(copy), "%s/snapshot", dir);
    assert_int_equal(pack_write(from, copy, &stopped), OK);
    assert_int_equal(snapshot_look(PIECE_FILES, copy, &facts, &problem), OK);
    assert_int_equal(piece_begin(&file, backup, PIECE_FILES, &acme, &problem), OK);
    copy_into(piece_stream(file), copy);
    assert_int_equal(piece_end(file, &facts, &problem), OK);
    (void)unlink(copy);
}

static void add_ledger(struct backup *backup)
{
    struct piece_file *file;
    AUTO_BUF text;

    buf_init(&text, 4096);
    assert_int_equal(ledger_copy(data, NULL, &text), OK);
    assert_int_equal(piece_begin(&file, backup, PIECE_ERASURES, NULL, &problem), OK);
    if (text.len > 0)
        (void)fwrite(text.data, 1, text.len, piece_stream(file));
    assert_int_equal(piece_end(file, NULL, &problem), OK);
}

#define MADE_MS 1764000000000 /* every backup of these tests */

static bool without_files; /* an older backup, or one of a tenant that took none */

static void make(const char *secret)
{
    AUTO(backup) backup = NULL;

    assert_int_equal(backup_begin(&backup, made, NULL, secret, &problem), OK);
    add_piece(backup, PIECE_TRANSCRIPTS, &acme);
    if (!without_files)
        add_files(backup);
    say(&acme, "said meanwhile");
    add_piece(backup, PIECE_TRANSCRIPTS, &borealis);
    add_piece(backup, PIECE_DIRECTORY, NULL);
    add_ledger(backup);
    assert_int_equal(access(made, F_OK), -1); /* it has its name only when it is whole */
    assert_int_equal(backup_finish(backup, MADE_MS, &problem), OK);
}

static struct backup *opened(const char *secret)
{
    struct backup *backup = NULL;

    buf_clear(&problem);
    assert_int_equal(backup_open(&backup, made, secret, &problem), OK);
    return backup;
}

/* How many things do not hold; what they are is in `problem`. */
static size_t found(const char *secret)
{
    AUTO(backup) backup = opened(secret);

    return backup_check(backup, &problem);
}

static bool problem_says(const char *words)
{
    return problem.len > 0 && strstr(problem.data, words) != NULL;
}

static bool files_hold(const char *where, const char *word)
{
    AUTO_MEM char *command = NULL;

    assert_true(asprintf(&command, "grep -rqa %s %s", word, where) > 0);
    return system(command) == 0;
}

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

/* --- cases --- */

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

static int restore_to(const char *where, struct slice erasures, struct restore_report *report)
{
    AUTO(backup) backup = opened(SECRET);
    const struct restore_wish wish = {
        .backup = backup, .data = where, .erasures = erasures, .now_ms = 1764000001000
    };

    return restore_all(&wish, report, &problem);
}

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

static void what_is_put_back__is_what_there_was(void **state)
{
    struct restore_report report;
    char path[8400];
    struct home_report home;

    (void)state;
    send_a_file("gecko");
    make(SECRET);
    assert_false(files_hold(made, "gecko"));
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    assert_int_equal(report.tenants, 2);
    (void)snprintf(path, sizeof(path), "%s/%s", other, sent);
    assert_int_equal(access(path, F_OK), 0);
    assert_true(files_hold(path, "gecko"));
    (void)strcat(path, ".part");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(report.messages, 22);
    buf_clear(&problem);
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.messages, 22);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), BACKUP_E_REFUSED);
    assert_true(problem_says("holds an instance"));
}

/* Erased after the backup was made; the ledger outlived the machine. */
static void whoever_was_erased_since__is_in_no_file_of_what_is_put_back(void **state)
{
    struct restore_report report;
    AUTO_BUF newer;

    (void)state;
    buf_init(&newer, 4096);
    send_a_file("gecko");
    make(SECRET);
    assert_int_equal(ledger_add(data, &acme, the_visitor, 5), OK);
    assert_int_equal(ledger_copy(data, NULL, &newer), OK);
    assert_int_equal(restore_to(other, buf_slice(&newer), &report), OK);
    assert_int_equal(report.erased, 1);
    assert_false(files_hold(other, "quokka"));
    assert_false(files_hold(other, "gecko")); /* what they sent goes with what they said */
    assert_true(files_hold(other, "wombat")); /* the same id at another tenant is another person */
    assert_true(files_hold(other, "acme"));   /* the ledger is there, for the next time */
}

static void a_ledger_left_in_the_folder__counts_too(void **state)
{
    struct restore_report report;

    (void)state;
    make(SECRET);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(ledger_add(other, &acme, the_visitor, 5), OK);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    assert_int_equal(report.erased, 1);
    assert_false(files_hold(other, "quokka"));
}

static bool is_closed(void *context, const struct tenant_name *tenant, struct buf *why)
{
    (void)context;
    (void)tenant;
    (void)why;
    return true;
}

/* Certified as deleted: no backup undoes that. */
static void a_tenant_that_was_removed_since__does_not_come_back(void **state)
{
    AUTO(backup) backup = NULL;
    struct restore_report report;
    struct restore_wish wish = { .data = data, .now_ms = 1 };
    struct home_report home;
    AUTO_BUF newer;

    (void)state;
    buf_init(&newer, 4096);
    make(SECRET);
    buf_add_text(&newer, "acme - 1764000000001\nborealis - 1763999999999\nacme nonsense 5\n");
    assert_int_equal(restore_to(other, buf_slice(&newer), &report), OK);
    assert_int_equal(report.removed, 1);
    assert_int_equal(report.tenants, 1); /* borealis was removed before, and is another since */
    assert_false(files_hold(other, "quokka"));
    assert_true(files_hold(other, "wombat"));
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 1);
    assert_int_equal(ledger_add_tenant(data, &acme, 1764000000001), OK);
    backup = opened(SECRET);
    wish.backup = backup;
    assert_int_equal(restore_tenant(&wish, &acme, is_closed, NULL, &report, &problem),
                     BACKUP_E_REFUSED);
    assert_true(problem_says("for good"));
}

static bool has_folder(const char *where, const char *tenant)
{
    char path[4096 + 64];

    (void)snprintf(path, sizeof(path), "%s/tenants/%s", where, tenant);
    return access(path, F_OK) == 0;
}

/* Erased under the name it has now; the backup knows the one before. */
static void a_tenant_that_was_renamed_since__bears_its_new_name__and_erasures_hold(void **state)
{
    struct restore_report report;
    struct home_report home;
    char id[ID_TEXT_BYTES];
    AUTO_BUF newer;

    (void)state;
    buf_init(&newer, 4096);
    send_a_file("gecko");
    make(SECRET);
    id_format(the_visitor.id, id);
    buf_addf(&newer, "acme > acme-oy 1764000000001\nacme-oy > acme-group 1764000000002\n");
    buf_addf(&newer, "acme-group %s 1764000000003\nborealis > x 1763999999999\n", id);
    assert_int_equal(restore_to(other, buf_slice(&newer), &report), OK);
    assert_int_equal(report.renamed, 1); /* borealis was renamed before, and is another since */
    assert_int_equal(report.erased, 1);
    assert_int_equal(report.tenants, 2);
    assert_true(has_folder(other, "acme-group"));
    assert_false(has_folder(other, "acme"));
    assert_false(files_hold(other, "quokka"));
    assert_false(files_hold(other, "gecko"));
    assert_true(files_hold(other, "wombat"));
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 2);
}

/* Between the time the backup bears and the copy of its directory: that knows of it already. */
static void one_that_was_renamed_and_back_while_the_backup_was_made__is_put_back(void **state)
{
    const struct tenant_name acme_oy = tenant_called("acme-oy");
    struct restore_report report;

    (void)state;
    assert_int_equal(directory_tenant_rename(directory, &acme, &acme_oy, 1764000000001), OK);
    assert_int_equal(directory_tenant_rename(directory, &acme_oy, &acme, 1764000000002), OK);
    make(SECRET);
    assert_int_equal(restore_to(other,
                                SLICE_LITERAL("acme > acme-oy 1764000000001\n"
                                              "acme-oy > acme 1764000000002\n"
                                              "acme > acme-group 1764000000003\n"),
                                &report),
                     OK);
    assert_int_equal(report.renamed, 1);
    assert_int_equal(report.tenants, 2);
    assert_true(has_folder(other, "acme-group"));
}

static void one_that_was_renamed_and_then_removed__does_not_come_back(void **state)
{
    struct restore_report report;

    (void)state;
    make(SECRET);
    assert_int_equal(
        restore_to(other, SLICE_LITERAL("acme > acme-oy 1764000000001\nacme-oy - 1764000000002\n"),
                   &report),
        OK);
    assert_int_equal(report.removed, 1);
    assert_int_equal(report.tenants, 1);
    assert_false(files_hold(other, "quokka"));
}

/* borealis went, and what was free of its names then acme got. */
static void a_name_that_was_anothers__takes_nothing_of_what_became_of_that(void **state)
{
    struct restore_report report;
    struct home_report home;

    (void)state;
    make(SECRET);
    assert_int_equal(restore_to(other,
                                SLICE_LITERAL("borealis > cumulus 1764000000001\n"
                                              "cumulus - 1764000000002\n"
                                              "acme > borealis 1764000000003\n"),
                                &report),
                     OK);
    assert_int_equal(report.removed, 1);
    assert_int_equal(report.renamed, 1);
    assert_true(has_folder(other, "borealis"));
    assert_true(files_hold(other, "quokka"));
    assert_false(files_hold(other, "wombat"));
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.conversations, 20);
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

static int count_open(void *context, const struct agent *agent)
{
    *(unsigned *)context += !agent->revoked;
    return 0;
}

static int count_user(void *context, const struct user *user)
{
    *(unsigned *)context += !user->disabled;
    return 0;
}

static int count_token(void *context, const struct access_token *token)
{
    (void)token;
    (*(unsigned *)context)++;
    return 0;
}

static void have_access(void)
{
    char jid[] = "anna@agents.example", second[] = "bo@agents.example", name[] = "A", none[] = "";
    const struct agent agents[] = { { .jid = jid, .name = name }, { .jid = second, .name = name } };
    struct user user = { .name = "vera", .role = ROLE_ADMIN, .tenants = none, .password = "x" };
    struct access_token token = { .id = "aaaaaaaaaaaaaaaaaaaaaaaaaa", .role = ROLE_ADMIN };

    for (size_t i = 0; i < 2; i++)
        assert_int_equal(directory_agent_add(directory, &agents[i]), OK);
    assert_int_equal(directory_user_add(directory, &user, NULL), OK);
    assert_int_equal(directory_token_add(directory, &token, &(struct digest){ .bytes = { 7 } }),
                     OK);
}

/* The last admin, too: who puts a backup back is the operator. */
static void who_was_shut_out_since__does_not_get_in_by_a_backup(void **state)
{
    struct restore_report report;
    struct directory *there = NULL;
    unsigned agents = 0, users = 0, tokens = 0;

    (void)state;
    have_access();
    make(SECRET);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(
        ledger_add_access(other, LEDGER_AGENT, "anna@agents.example", true, MADE_MS + 1), OK);
    assert_int_equal(ledger_add_access(other, LEDGER_AGENT, "bo@agents.example", true, MADE_MS - 1),
                     OK); /* and let in again before the backup */
    assert_int_equal(ledger_add_access(other, LEDGER_USER, "vera", true, MADE_MS + 1), OK);
    assert_int_equal(
        ledger_add_access(other, LEDGER_TOKEN, "aaaaaaaaaaaaaaaaaaaaaaaaaa", true, MADE_MS + 1),
        OK);
    assert_int_equal(restore_to(other, SLICE_NONE, &report), OK);
    assert_int_equal(report.shut_out, 3);
    assert_int_equal(directory_open(&there, other), OK);
    assert_int_equal(directory_agents(there, count_open, &agents), OK);
    assert_int_equal(directory_users(there, count_user, &users), OK);
    assert_int_equal(directory_tokens(there, count_token, &tokens), OK);
    assert_int_equal(agents, 1);
    assert_int_equal(users, 0);
    assert_int_equal(tokens, 0);
    (void)directory_close(there);
}

/* Its pieces were copied before it left the directory, which was copied last. */
static void a_tenant_that_went_while_the_backup_was_made__hides_no_other(void **state)
{
    struct restore_report report;
    struct home_report home;

    (void)state;
    assert_int_equal(directory_tenant_remove(directory, &acme), OK);
    make(SECRET);
    assert_int_equal(restore_to(other,
                                SLICE_LITERAL("acme - 1764000000001\nborealis - 1764000000001\n"),
                                &report),
                     OK);
    assert_int_equal(report.tenants, 0);
    assert_int_equal(home_check(other, &home, &problem), OK);
    assert_int_equal(problem.len, 0);
    assert_int_equal(home.tenants, 0);
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN_WITH(install, NULL, CASE(a_backup__holds__sealed_or_not),
         CASE(a_folder_that_is_there__is_left_alone),
         CASE(what_an_interrupted_run_left__goes_at_the_next),
         CASE(a_piece_that_is_missing_cut_or_changed__is_told_by_name),
         CASE(a_wrong_key__and_a_changed_manifest__are_told_apart),
         CASE(a_piece_of_an_older_backup__does_not_pass_for_this_ones),
         CASE(a_database_that_was_damaged_before__is_found_by_its_content),
         CASE(a_disk_that_is_full__leaves_no_half_copy), CASE(a_copy_that_is_stopped__is_gone),
         CASE(an_archive_that_is_cut_or_holds_anything_else__is_not_taken),
         CASE(a_tenants_folder__is_replaced_in_one_step), CASE(what_is_put_back__is_what_there_was),
         CASE(whoever_was_erased_since__is_in_no_file_of_what_is_put_back),
         CASE(a_ledger_left_in_the_folder__counts_too),
         CASE(a_tenant_that_was_removed_since__does_not_come_back),
         CASE(a_tenant_that_was_renamed_since__bears_its_new_name__and_erasures_hold),
         CASE(one_that_was_renamed_and_back_while_the_backup_was_made__is_put_back),
         CASE(one_that_was_renamed_and_then_removed__does_not_come_back),
         CASE(a_name_that_was_anothers__takes_nothing_of_what_became_of_that),
         CASE(one_tenant__is_found_under_the_name_it_had_in_the_backup),
         CASE(who_was_shut_out_since__does_not_get_in_by_a_backup),
         CASE(a_tenant_that_went_while_the_backup_was_made__hides_no_other),
         CASE(one_tenant__is_put_back_where_its_database_is_closed__and_only_there),
         CASE(a_stranger__brings_no_trigger_and_no_value_of_its_own),
         CASE(another_servers_ledger__tells_of_the_stranger_alone),
         CASE(a_tenant_nobody_knows__is_not_put_back),
         CASE(a_stopped_home__is_looked_through__and_a_running_one_is_not))
