/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/hooks.h"

#include "storage/sqlite/store_sqlite.h"

struct reading {
    stored_hook_fn *fn;
    void *context;
};

static int read_all(struct reader_db *reader, void *context)
{
    const struct reading *reading = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT row, id, url, events, texts, secret, created_ms, old_secret, old_until_ms, (SELECT "
        "count(*) FROM notices "
        "WHERE hook = hooks.row AND dead_ms = 0), (SELECT count(*) FROM notices WHERE hook = "
        "hooks.row AND dead_ms > 0) FROM hooks ORDER BY row");
    int code = SQLITE_ERROR, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct stored_hook hook = { .row = column_number(stmt, 0),
                                          .hook = { column_id(stmt, 1) },
                                          .url = column_text(stmt, 2),
                                          .events = (unsigned)column_number(stmt, 3),
                                          .texts = column_number(stmt, 4) != 0,
                                          .secret = column_text(stmt, 5),
                                          .created_ms = column_number(stmt, 6),
                                          .old_secret = column_text(stmt, 7),
                                          .old_until_ms = column_number(stmt, 8),
                                          .waiting = column_number(stmt, 9),
                                          .dead = column_number(stmt, 10) };

        rc = reading->fn(reading->context, &hook);
    }
    return walk_end(stmt, rc, code);
}

int hooks_read(struct store *store, const struct tenant_name *tenant, stored_hook_fn *fn,
               void *context)
{
    struct reading reading = { fn, context };

    return STORE_CALL(store, read, tenant, read_all, &reading);
}

static int add(struct writer_db *writer, struct store_bulk *bulk)
{
    struct stored_hook *hook = &((struct hook_change *)bulk)->hook;
    sqlite3_stmt *stmt = database_prepare(
        writer->db, "INSERT INTO hooks (id, url, events, texts, secret, created_ms) "
                    "SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE (SELECT count(*) FROM hooks) < ?7 "
                    "AND NOT EXISTS (SELECT 1 FROM hooks WHERE url = ?2)");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, hook->hook.id);
    bind_text(stmt, 2, hook->url);
    bind_number(stmt, 3, hook->events);
    bind_number(stmt, 4, hook->texts);
    bind_text(stmt, 5, hook->secret);
    bind_number(stmt, 6, hook->created_ms);
    bind_number(stmt, 7, HOOKS_MAX);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    hook->row =
        sqlite3_changes(writer->db) > 0 ? (uint64_t)sqlite3_last_insert_rowid(writer->db) : 0;
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int rotate(struct writer_db *writer, struct store_bulk *bulk)
{
    const struct stored_hook *hook = &((struct hook_change *)bulk)->hook;
    sqlite3_stmt *stmt =
        database_prepare(writer->db, "UPDATE hooks SET old_secret = secret, old_until_ms = ?3, "
                                     "secret = ?2 WHERE row = ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, hook->row);
    bind_text(stmt, 2, hook->secret);
    bind_number(stmt, 3, hook->old_until_ms);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int take_away(struct writer_db *writer, struct store_bulk *bulk)
{
    const struct stored_hook *hook = &((struct hook_change *)bulk)->hook;
    sqlite3_stmt *stmt = database_prepare(writer->db, "DELETE FROM hooks WHERE row = ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, hook->row);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

void hook_adding(struct hook_change *change, const struct stored_hook *hook)
{
    *change = (struct hook_change){ .bulk.apply = add, .hook = *hook };
}

void hook_rotating(struct hook_change *change, uint64_t row, struct slice secret,
                   uint64_t old_until_ms)
{
    *change = (struct hook_change){
        .bulk.apply = rotate, .hook = { .row = row, .secret = secret, .old_until_ms = old_until_ms }
    };
}

void hook_removing(struct hook_change *change, uint64_t row)
{
    *change = (struct hook_change){ .bulk.apply = take_away, .hook.row = row };
}
