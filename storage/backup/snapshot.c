/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/snapshot.h"

#include "base/log.h"
#include "storage/backup/pack.h"
#include "storage/directory/avatars.h"
#include "storage/directory/directory_rows.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

enum { STEPS_BETWEEN_LOOKS = 20000 };

static int on_progress(void *stop)
{
    return atomic_load((atomic_bool *)stop);
}

static int outcome_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_DONE:
        return OK;
    case SQLITE_INTERRUPT:
        return SNAPSHOT_E_STOPPED;
    case SQLITE_FULL:
        return SNAPSHOT_E_NO_SPACE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return SNAPSHOT_E_UNREADABLE;
    default:
        return RAISE(ERR_IO);
    }
}

/* A reader that may write elsewhere. It leaves the log to the writer even if it closes last. */
static int open_source(sqlite3 **ret_db, const char *from, atomic_bool *stop)
{
    int rc = database_open(ret_db, from, DATABASE_READER);

    if (rc != OK)
        return rc == ERR_CORRUPT ? SNAPSHOT_E_UNREADABLE : rc;
    (void)sqlite3_db_config(*ret_db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_progress_handler(*ret_db, STEPS_BETWEEN_LOOKS, on_progress, stop);
    return database_run(*ret_db, "PRAGMA query_only = OFF");
}

static int copy(sqlite3 *db, const char *to)
{
    sqlite3_stmt *stmt = database_prepare(db, "VACUUM INTO ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(to));
    code = sqlite3_step(stmt);
    if (code != SQLITE_DONE && code != SQLITE_INTERRUPT)
        log_event(LOG_ERROR, NULL, "snapshot.failed", "error=\"%s\"", sqlite3_errmsg(db));
    (void)sqlite3_finalize(stmt);
    return outcome_of(code);
}

int snapshot_take(const char *from, const char *to, atomic_bool *stop)
{
    AUTO_FD made = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    sqlite3 *db = NULL;
    int rc;

    if (made < 0)
        return errno == ENOSPC ? SNAPSHOT_E_NO_SPACE : RAISE(ERR_IO);
    rc = open_source(&db, from, stop);
    if (rc == OK)
        rc = copy(db, to);
    database_close(db);
    if (rc != OK)
        (void)unlink(to);
    return rc;
}

int snapshot_measure(const char *path, uint64_t *ret_bytes, struct digest *ret_sha256)
{
    struct digester *digester = digester_new();
    FILE *file = fopen(path, "re");
    char bytes[32 * 1024];
    size_t len;
    int rc = file == NULL || digester == NULL ? RAISE(ERR_IO) : OK;

    *ret_bytes = 0;
    while (rc == OK && (len = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        digester_add(digester, bytes, len);
        *ret_bytes += len;
    }
    if (rc == OK && ferror(file))
        rc = RAISE(ERR_IO);
    if (file != NULL)
        (void)fclose(file);
    *ret_sha256 = digester_end(digester);
    return rc;
}

/* --- looking --- */

static uint64_t schema_of(sqlite3 *db)
{
    sqlite3_stmt *stmt = database_prepare(db, "PRAGMA user_version");
    uint64_t version = 0;

    if (stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW)
        version = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return version;
}

static void look_at_schema(sqlite3 *db, uint64_t known, struct snapshot_facts *facts,
                           struct buf *problems)
{
    facts->schema = schema_of(db);
    if (facts->schema == 0)
        buf_add_text(problems, "damaged: it was never made ready\n");
    else if (facts->schema > known)
        buf_addf(problems, "made by a later version: schema %" PRIu64 ", known are %" PRIu64 "\n",
                 facts->schema, known);
}

struct looking {
    struct snapshot_facts *facts;
    struct buf *problems;
};

static int look_at_transcripts(struct reader_db *reader, void *context)
{
    const struct looking *looking = context;

    look_at_schema(reader->db, store_migration_count, looking->facts, looking->problems);
    return OK;
}

static int look_transcripts(const char *path, struct snapshot_facts *facts, struct buf *problems)
{
    static const struct tenant_name own = { "" };
    struct verify_report report;
    struct store *view = NULL;

    if (store_view_open(&view, path) != OK) {
        buf_add_text(problems, "damaged: it cannot be opened\n");
        return OK;
    }
    if (verify_store(view, &own, &report) != OK)
        buf_add_text(&report.problems, "damaged: it cannot be read\n");
    buf_add_slice(problems, buf_slice(&report.problems));
    facts->conversations = report.conversations;
    facts->messages = report.messages;
    buf_release(&report.problems);
    if (problems->len == 0)
        (void)STORE_CALL(view, read, &own, look_at_transcripts,
                         &(struct looking){ facts, problems });
    view->ops->close(view);
    return OK;
}

static int look_directory(const char *path, struct snapshot_facts *facts, struct buf *problems)
{
    struct directory directory = { .lock = -1 };
    uint64_t entry = 0, pictures;

    if (database_open(&directory.db, path, DATABASE_READER) != OK) {
        buf_add_text(problems, "damaged: it cannot be opened\n");
        return OK;
    }
    verify_pages(directory.db, problems);
    look_at_schema(directory.db, directory_migration_count, facts, problems);
    if (problems->len == 0 && directory_audit_check(&directory, &entry) != OK)
        buf_addf(problems, "the audit's chain is broken at entry %" PRIu64 "\n", entry);
    database_close(directory.db);
    if (problems->len == 0)
        directory_avatars_check(path, &pictures, problems);
    return OK;
}

int snapshot_look(enum piece_kind kind, const char *path, struct snapshot_facts *ret_facts,
                  struct buf *problems)
{
    int rc;

    *ret_facts = (struct snapshot_facts){ 0 };
    rc = snapshot_measure(path, &ret_facts->bytes, &ret_facts->sha256);
    if (rc == OK && kind == PIECE_TRANSCRIPTS)
        rc = look_transcripts(path, ret_facts, problems);
    else if (rc == OK && kind == PIECE_FILES)
        rc = pack_read(path, NULL, &ret_facts->files, problems);
    else if (rc == OK && (kind == PIECE_DIRECTORY || kind == PIECE_RECORD))
        rc = look_directory(path, ret_facts, problems);
    return rc;
}
