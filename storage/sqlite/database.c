/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/sqlite/database.h"

#include "base/log.h"
#include "storage/sqlite/gather.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000, FORGETTING_MS = 50 };

/* What must hold, and is read back: SQLite answers a pragma it cannot follow with silence. */
static const struct pragma {
    const char *set, *ask, *answer;
    bool writer_only;
} pragmas[] = {
    { "PRAGMA journal_mode = WAL", "PRAGMA journal_mode", "wal", true },
    { "PRAGMA synchronous = FULL", "PRAGMA synchronous", "2", false },
    { "PRAGMA foreign_keys = ON", "PRAGMA foreign_keys", "1", false },
    { "PRAGMA trusted_schema = OFF", "PRAGMA trusted_schema", "0", false },
    { "PRAGMA secure_delete = ON", "PRAGMA secure_delete", "1", true },
};

static int failed(sqlite3 *db, const char *what)
{
    int code = db == NULL ? SQLITE_NOMEM : sqlite3_errcode(db);

    log_event(LOG_ERROR, NULL, "database.failed", "what=\"%s\" error=\"%s\"", what,
              sqlite3_errstr(code));
    return RAISE(code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ERR_CORRUPT : ERR_IO);
}

int database_run(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : failed(db, "run");
}

static int check_pragma(sqlite3 *db, const struct pragma *pragma)
{
    sqlite3_stmt *stmt = NULL;
    bool holds;

    if (sqlite3_prepare_v2(db, pragma->ask, -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW) {
        (void)sqlite3_finalize(stmt);
        return failed(db, pragma->ask);
    }
    holds = strcmp((const char *)sqlite3_column_text(stmt, 0), pragma->answer) == 0;
    (void)sqlite3_finalize(stmt);
    if (!holds)
        log_event(LOG_ERROR, NULL, "database.refused_setting", "setting=\"%s\"", pragma->set);
    return holds ? OK : RAISE(ERR_IO);
}

static int set_up(sqlite3 *db, enum database_mode mode)
{
    int rc = OK;

    (void)sqlite3_extended_result_codes(db, 0);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    for (size_t i = 0; rc == OK && i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
        if (pragmas[i].writer_only && mode != DATABASE_WRITER)
            continue;
        rc = database_run(db, pragmas[i].set);
        if (rc == OK)
            rc = check_pragma(db, &pragmas[i]);
    }
    if (rc == OK && mode == DATABASE_READER)
        rc = database_run(db, "PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0");
    if (rc == OK && mode == DATABASE_WRITER)
        rc = database_run(db, "PRAGMA wal_autocheckpoint = 2000; PRAGMA cache_size = -4096");
    return rc;
}

/* Counting its own memory would have all threads meet at one lock for each piece of it. */
static void stop_counting_memory(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Its owner's alone, and what SQLite puts beside it gets the same mode. Not by umask(): that is
 * every thread's. A file that is there is left alone: closing it would end its locks. */
static int make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd);
    if (fd >= 0 || errno == EEXIST)
        return OK;
    log_event(LOG_ERROR, NULL, "database.unwritable", "path=%s error=\"%s\"", path,
              strerror(errno));
    return RAISE(ERR_IO);
}

int database_open(sqlite3 **ret_db, const char *path, enum database_mode mode)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    sqlite3 *db = NULL;
    int rc = mode == DATABASE_WRITER ? make_file(path) : OK;

    (void)pthread_once(&once, stop_counting_memory);
    if (rc == OK && sqlite3_open_v2(path, &db, flags,
                                    mode == DATABASE_WRITER ? gather_vfs() : NULL) != SQLITE_OK)
        rc = failed(db, "open");
    if (rc == OK)
        rc = set_up(db, mode);
    if (rc != OK) {
        database_close(db);
        return rc;
    }
    *ret_db = db;
    return OK;
}

void database_close(sqlite3 *db)
{
    (void)sqlite3_close_v2(db);
}

static int read_version(sqlite3 *db, size_t *ret_version)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW) {
        (void)sqlite3_finalize(stmt);
        return failed(db, "version");
    }
    *ret_version = (size_t)sqlite3_column_int(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return OK;
}

/* The version moves in the same transaction: a kill leaves the old or the new, nothing between. */
static int apply(sqlite3 *db, const struct migration *migrations, size_t from, size_t to)
{
    char mark[64];
    int rc = database_run(db, "BEGIN IMMEDIATE");

    for (size_t i = from; rc == OK && i < to; i++) {
        rc = database_run(db, migrations[i].sql);
        if (rc != OK)
            log_event(LOG_ERROR, NULL, "database.migration_failed", "migration=%s",
                      migrations[i].name);
    }
    (void)snprintf(mark, sizeof(mark), "PRAGMA user_version = %zu", to);
    if (rc == OK)
        rc = database_run(db, mark);
    if (rc == OK)
        rc = database_run(db, "COMMIT");
    if (rc != OK)
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

/* A new database is made by one commit, for each waits for the disk: a new tenant's is made while
 * others chat. One that holds something goes a step at a time. */
int database_migrate(sqlite3 *db, const struct migration *migrations, size_t count)
{
    size_t version = 0;
    int rc = read_version(db, &version);

    if (rc == OK && version > count) {
        log_event(LOG_ERROR, NULL, "database.newer",
                  "version=%zu known=%zu remedy=\"made by a later version: upgrade lasnad\"",
                  version, count);
        return DATABASE_E_NEWER;
    }
    while (rc == OK && version < count) {
        size_t to = version == 0 ? count : version + 1;

        rc = apply(db, migrations, version, to);
        version = to;
    }
    return rc;
}

int database_forget_log(sqlite3 *db)
{
    int code;

    (void)sqlite3_busy_timeout(db, FORGETTING_MS); /* a backup reads for minutes */
    code = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)sqlite3_busy_timeout(db, BUSY_MS);
    return code == SQLITE_OK || code == SQLITE_BUSY ? OK : failed(db, "forget");
}

int database_check(sqlite3 *db)
{
    static const struct pragma quick = { "", "PRAGMA quick_check(1)", "ok", false };

    return check_pragma(db, &quick) == OK ? OK : RAISE(ERR_CORRUPT);
}

sqlite3_stmt *database_prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        (void)failed(db, sqlite3_errmsg(db));
    return stmt;
}

void bind_text(sqlite3_stmt *stmt, int at, struct slice text)
{
    (void)sqlite3_bind_text(stmt, at, text.data == NULL ? "" : text.data, (int)text.len,
                            SQLITE_STATIC);
}

/* Copied: ids often stand in temporaries. */
void bind_id(sqlite3_stmt *stmt, int at, struct id id)
{
    (void)sqlite3_bind_blob(stmt, at, id.bytes, ID_BYTES, SQLITE_TRANSIENT);
}

void bind_number(sqlite3_stmt *stmt, int at, uint64_t number)
{
    (void)sqlite3_bind_int64(stmt, at, (sqlite3_int64)number);
}

struct slice column_text(sqlite3_stmt *stmt, int at)
{
    const char *text = (const char *)sqlite3_column_text(stmt, at);

    return (struct slice){ text == NULL ? "" : text, (size_t)sqlite3_column_bytes(stmt, at) };
}

struct id column_id(sqlite3_stmt *stmt, int at)
{
    struct id id = { { 0 } };
    const void *bytes = sqlite3_column_blob(stmt, at);

    if (bytes != NULL && sqlite3_column_bytes(stmt, at) == ID_BYTES)
        memcpy(id.bytes, bytes, ID_BYTES);
    return id;
}

uint64_t column_number(sqlite3_stmt *stmt, int at)
{
    return (uint64_t)sqlite3_column_int64(stmt, at);
}

int walk_end(sqlite3_stmt *stmt, int stopped, int step)
{
    (void)sqlite3_finalize(stmt);
    if (stopped != 0)
        return stopped;
    return step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

int step_done(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);

    (void)sqlite3_reset(stmt);
    return rc;
}

int step_run(sqlite3_stmt *stmt)
{
    return step_done(stmt) == SQLITE_DONE ? OK : RAISE(ERR_IO);
}
