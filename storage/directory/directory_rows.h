/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_rows — for the directory's own files alone: its handle, and how statements end.
 */
#ifndef STORAGE_DIRECTORY_ROWS_H
#define STORAGE_DIRECTORY_ROWS_H

#include "storage/directory/directory.h"
#include "storage/sqlite/database.h"

struct directory {
    sqlite3 *db;
    int lock;
    const struct audit_entry *joining; /* goes with the next change; NULL: none */
    bool *joined;                      /* set when it has */
};

/* Steps a statement that changes something, and frees it; the audit's entry that waits for a change
 * goes into the same commit. `none` when it changed nothing. */
int directory_change(struct directory *directory, sqlite3_stmt *stmt, int none) MUST_CHECK;
/* Ends a transaction: with OK all of it holds, else nothing. */
int directory_settle(struct directory *directory, int rc) MUST_CHECK;
/* Frees a statement that looked for one row, and was stepped once. DIRECTORY_E_NONE, ERR_IO. */
int directory_found(sqlite3_stmt *stmt, int step) MUST_CHECK;

#endif
