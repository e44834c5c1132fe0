/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/names.h"

#include "storage/sqlite/store_sqlite.h"

struct asking {
    names_fn *fn;
    void *context;
};

static int read_names(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt =
        database_prepare(reader->db, "SELECT name FROM messages WHERE sender_kind = ?1 AND name <> "
                                     "'' UNION SELECT name FROM events WHERE name <> '' "
                                     "UNION SELECT name FROM notes WHERE name <> '' ORDER BY 1");
    int step = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, FROM_AGENT);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
        stopped = asking->fn(asking->context, column_text(stmt, 0));
    (void)sqlite3_finalize(stmt);
    if (stopped != 0)
        return stopped;
    return step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

int names_of_agents(struct store *store, const struct tenant_name *tenant, names_fn *fn,
                    void *context)
{
    struct asking asking = { .fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_names, &asking);
}
