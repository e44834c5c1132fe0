/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/counts.h"

#include "storage/sqlite/store_sqlite.h"

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

struct waits {
    uint64_t since_ms;
    unsigned limit;
    store_wait_fn *fn;
    void *context;
};

static int walk_waits(struct reader_db *reader, void *context)
{
    const struct waits *waits = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT taken_ms, opened_ms FROM (SELECT c.opened_ms, (SELECT min(e.at_ms) "
        "FROM events e WHERE e.conversation = c.row AND e.type = 'claimed') AS taken_ms "
        "FROM conversations c WHERE c.opened_ms >= ?1 ORDER BY c.opened_ms DESC LIMIT ?2) "
        "WHERE taken_ms >= opened_ms ORDER BY taken_ms");
    int code = SQLITE_ERROR;

    if (stmt != NULL) {
        bind_number(stmt, 1, waits->since_ms);
        bind_number(stmt, 2, waits->limit);
        while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
            waits->fn(waits->context, column_number(stmt, 0),
                      column_number(stmt, 0) - column_number(stmt, 1));
    }
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

int store_waits(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                unsigned limit, store_wait_fn *fn, void *context)
{
    struct waits waits = { since_ms, limit, fn, context };

    return STORE_CALL(store, read, tenant, walk_waits, &waits);
}
