/* SPDX-License-Identifier: Apache-2.0
 *
 * database — SQLite the one way we use it: WAL, synchronous FULL, settings read back, numbered
 * migrations. One connection writes a database (and checkpoints it); others only read.
 */
#ifndef STORAGE_DATABASE_H
#define STORAGE_DATABASE_H

#include "base/id.h"
#include "base/result.h"

#include <sqlite3.h>

/* One numbered file of SQL; its place in the list is its version. */
struct migration {
    const char *name;
    const char *sql;
};

enum database_mode { DATABASE_WRITER, DATABASE_READER };
enum { DATABASE_E_NEWER = 1 /* made by a later version of this program */ };

/* Opens (for a writer: makes) the file. ERR_IO, ERR_CORRUPT: not a database, or damaged. */
int database_open(sqlite3 **ret_db, const char *path, enum database_mode mode) MUST_CHECK;
/* Applies the migrations this database has not seen, each in a transaction of its own.
 * DATABASE_E_NEWER. */
int database_migrate(sqlite3 *db, const struct migration *migrations, size_t count) MUST_CHECK;
/* What was deleted or replaced leaves the log, too, unless somebody reads right now: nobody is
 * waited for, and a later commit writes over it. */
int database_forget_log(sqlite3 *db) MUST_CHECK;
/* A quick look at its pages: OK or ERR_CORRUPT. */
int database_check(sqlite3 *db) MUST_CHECK;
void database_close(sqlite3 *db);

int database_run(sqlite3 *db, const char *sql) MUST_CHECK;
/* Kept for many uses; sqlite3_finalize() it. NULL: logged. */
sqlite3_stmt *database_prepare(sqlite3 *db, const char *sql);

/* Binding and reading our own kinds of value. Texts and ids must live until the step. */
void bind_text(sqlite3_stmt *stmt, int at, struct slice text);
void bind_id(sqlite3_stmt *stmt, int at, struct id id);
void bind_number(sqlite3_stmt *stmt, int at, uint64_t number);
struct slice column_text(sqlite3_stmt *stmt, int at);
struct id column_id(sqlite3_stmt *stmt, int at);
uint64_t column_number(sqlite3_stmt *stmt, int at);
/* Steps a statement that gives no rows, and resets it. The result code of the step. */
int step_done(sqlite3_stmt *stmt);
/* The same, where only done or not counts. ERR_IO. */
int step_run(sqlite3_stmt *stmt) MUST_CHECK;
/* Frees a statement that was walked to its end, or until something `stopped` it: that comes first.
 * ERR_IO. */
int walk_end(sqlite3_stmt *stmt, int stopped, int step) MUST_CHECK;

#endif
