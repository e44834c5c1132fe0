/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/erase.h"

#include "storage/billing/reading.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/transcripts/search.h"

#include <stdlib.h>
#include <string.h>

/* Messages and events name their conversation; notes, codes, files and the rest follow it by
 * triggers, and a visitor's answers as a buyer the visitor. The bytes of files go when the store is
 * scrubbed. */
static const char *const erase_sql[] = {
    "DELETE FROM messages WHERE conversation IN (SELECT row FROM conversations WHERE visitor = ?1)",
    "DELETE FROM events WHERE conversation IN (SELECT row FROM conversations WHERE visitor = ?1)",
    "DELETE FROM conversations WHERE visitor = ?1",
    "DELETE FROM visitors WHERE id = ?1",
    "DELETE FROM buyers WHERE id = ?1", /* an order stands in the ledger as a visitor does */
    "DELETE FROM orders WHERE id = ?1",
};
enum { ERASE_STEPS = sizeof(erase_sql) / sizeof(erase_sql[0]) };

/* How many rows went; -1: failed. */
static int64_t step(sqlite3 *db, const char *sql, struct visitor_id visitor)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code;

    if (stmt == NULL)
        return -1;
    bind_id(stmt, 1, visitor.id);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? sqlite3_changes64(db) : -1;
}

static int forget(sqlite3 *db, struct visitor_id visitor, struct erasure *erasure)
{
    int64_t gone[ERASE_STEPS];
    int rc = billing_keep_erased(db, visitor);

    if (rc != OK)
        return rc;
    for (size_t i = 0; i < ERASE_STEPS; i++) {
        gone[i] = step(db, erase_sql[i], visitor);
        if (gone[i] < 0)
            return RAISE(ERR_IO);
    }
    erasure->messages += (uint64_t)gone[0];
    erasure->conversations += (uint64_t)gone[2];
    erasure->found += gone[2] > 0 || gone[3] > 0 || gone[4] > 0 || gone[5] > 0;
    return OK;
}

static int apply(struct writer_db *writer, struct store_bulk *bulk)
{
    struct erasure *erasure = (struct erasure *)bulk;
    int rc = OK;

    erasure->found = erasure->conversations = erasure->messages = 0;
    for (size_t i = 0; rc == OK && i < erasure->count; i++)
        rc = forget(writer->db, erasure->visitors[i], erasure);
    return rc == OK ? search_forget(writer) : rc;
}

int erasure_init(struct erasure *erasure, const struct visitor_id *visitors, size_t count)
{
    *erasure = (struct erasure){ .bulk.apply = apply, .count = count };
    erasure->visitors = malloc((count + 1) * sizeof(*visitors));
    if (erasure->visitors == NULL)
        return RAISE(ERR_NO_MEMORY);
    memcpy(erasure->visitors, visitors, count * sizeof(*visitors));
    return OK;
}

void erasure_release(struct erasure *erasure)
{
    free(erasure->visitors);
    erasure->visitors = NULL;
}
