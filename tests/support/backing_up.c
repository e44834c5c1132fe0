/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/backing_up.h"

#include "storage/backup/pack.h"
#include "storage/directory/directory.h"
#include "storage/ledger.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

char *dir;
char data[4096], made[4096], other[4096];
struct directory *directory;
struct store *store;
struct tenant_name acme, borealis;
struct buf problem;
atomic_bool stopped;
const char *forgery;
bool without_files;
char sent[4096 + 128];

void say(const struct tenant_name *tenant, const char *text)
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

int backing_up_begin(void **state)
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

int backing_up_end(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    store = store_free(store);
    directory = directory_close(directory);
    buf_release(&problem);
    dir = scratch_free(dir);
    return 0;
}

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

void add_piece(struct backup *backup, enum piece_kind kind, const struct tenant_name *tenant)
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

void send_a_file(const char *words)
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

void make(const char *secret)
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

struct backup *opened(const char *secret)
{
    struct backup *backup = NULL;

    buf_clear(&problem);
    assert_int_equal(backup_open(&backup, made, secret, &problem), OK);
    return backup;
}

size_t found(const char *secret)
{
    AUTO(backup) backup = opened(secret);

    return backup_check(backup, &problem);
}

bool problem_says(const char *words)
{
    return problem.len > 0 && strstr(problem.data, words) != NULL;
}

bool files_hold(const char *where, const char *word)
{
    AUTO_MEM char *command = NULL;

    assert_true(asprintf(&command, "grep -rqa %s %s", word, where) > 0);
    return system(command) == 0;
}

int restore_to(const char *where, struct slice erasures, struct restore_report *report)
{
    AUTO(backup) backup = opened(SECRET);
    const struct restore_wish wish = {
        .backup = backup, .data = where, .erasures = erasures, .now_ms = 1764000001000
    };

    return restore_all(&wish, report, &problem);
}

bool is_closed(void *context, const struct tenant_name *tenant, struct buf *why)
{
    (void)context;
    (void)tenant;
    (void)why;
    return true;
}

bool has_folder(const char *where, const char *tenant)
{
    char path[4096 + 64];

    (void)snprintf(path, sizeof(path), "%s/tenants/%s", where, tenant);
    return access(path, F_OK) == 0;
}
