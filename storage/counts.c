/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/counts.h"

#include "storage/store_sqlite.h"

static int count(struct reader_db *reader, void *context)
{
    struct store_counts *counts = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT (SELECT count(*) FROM conversations), (SELECT count(*) FROM messages), "
                    "(SELECT count(*) FROM visitors)");
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);

    if (code == SQLITE_ROW)
        *counts = (struct store_counts){ column_number(stmt, 0), column_number(stmt, 1),
                                         column_number(stmt, 2) };
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

int store_counts(struct store *store, const struct tenant_name *tenant,
                 struct store_counts *ret_counts)
{
    return STORE_CALL(store, read, tenant, count, ret_counts);
}
