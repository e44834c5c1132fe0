/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/hooks.h"

#include "storage/keys/secrets.h"
#include "storage/sqlite/store_sqlite.h"

#include <openssl/crypto.h>
#include <stdio.h>

/* What its secrets are sealed for: both, so that one can become the other. */
static void use_of(struct hook_id hook, char use[SECRET_USE_BYTES])
{
    size_t at = (size_t)snprintf(use, SECRET_USE_BYTES, SECRET_WEBHOOK);

    for (size_t i = 0; i < ID_BYTES; i++)
        at += (size_t)snprintf(use + at, SECRET_USE_BYTES - at, "%02x", hook.id.bytes[i]);
}

struct reading {
    const struct tenant_keys *keys;
    stored_hook_fn *fn;
    void *context;
};

static struct slice open_at(sqlite3_stmt *stmt, int at, const struct reading *reading,
                            const char *use, char text[SECRET_MAX + 1])
{
    if (sqlite3_column_type(stmt, at) != SQLITE_BLOB)
        return column_text(stmt, at);
    if (reading->keys == NULL || secret_open(reading->keys, use, column_text(stmt, at), text) != OK)
        return slice_of("");
    return slice_of(text);
}

static int give(const struct reading *reading, sqlite3_stmt *stmt)
{
    char use[SECRET_USE_BYTES], secret[SECRET_MAX + 1] = "", old_secret[SECRET_MAX + 1] = "";
    struct stored_hook hook = { .row = column_number(stmt, 0),
                                .hook = { column_id(stmt, 1) },
                                .url = column_text(stmt, 2),
                                .events = (unsigned)column_number(stmt, 3),
                                .texts = column_number(stmt, 4) != 0,
                                .created_ms = column_number(stmt, 6),
                                .old_until_ms = column_number(stmt, 8),
                                .waiting = column_number(stmt, 9),
                                .dead = column_number(stmt, 10) };
    int rc;

    use_of(hook.hook, use);
    hook.secret = open_at(stmt, 5, reading, use, secret);
    hook.old_secret = open_at(stmt, 7, reading, use, old_secret);
    rc = reading->fn(reading->context, &hook);
    OPENSSL_cleanse(secret, sizeof(secret));
    OPENSSL_cleanse(old_secret, sizeof(old_secret));
    return rc;
}

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
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = give(reading, stmt);
    return walk_end(stmt, rc, code);
}

int hooks_read(struct store *store, const struct tenant_name *tenant,
               const struct tenant_keys *keys, stored_hook_fn *fn, void *context)
{
    struct reading reading = { keys, fn, context };

    return STORE_CALL(store, read, tenant, read_all, &reading);
}

static void bind_sealed(sqlite3_stmt *stmt, int at, const struct sealed_secret *sealed)
{
    (void)sqlite3_bind_blob(stmt, at, sealed->bytes, (int)sealed->len, SQLITE_STATIC);
}

static int add(struct writer_db *writer, struct store_bulk *bulk)
{
    struct hook_change *change = (struct hook_change *)bulk;
    struct stored_hook *hook = &change->hook;
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
    bind_sealed(stmt, 5, &change->sealed);
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
    const struct hook_change *change = (struct hook_change *)bulk;
    const struct stored_hook *hook = &change->hook;
    sqlite3_stmt *stmt = database_prepare(
        writer->db, "UPDATE hooks SET old_secret = iif(?3 > 0, secret, ''), old_until_ms = ?3, "
                    "secret = ?2 WHERE row = ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, hook->row);
    bind_sealed(stmt, 2, &change->sealed);
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

static int sealed_for(struct hook_change *change, const struct tenant_keys *keys)
{
    char use[SECRET_USE_BYTES];

    use_of(change->hook.hook, use);
    return secret_seal(keys, use, change->hook.secret, &change->sealed);
}

int hook_adding(struct hook_change *change, const struct stored_hook *hook,
                const struct tenant_keys *keys)
{
    *change = (struct hook_change){ .bulk.apply = add, .hook = *hook };
    return sealed_for(change, keys);
}

int hook_rotating(struct hook_change *change, const struct stored_hook *hook,
                  const struct tenant_keys *keys)
{
    *change = (struct hook_change){ .bulk.apply = rotate, .hook = *hook };
    return sealed_for(change, keys);
}

void hook_removing(struct hook_change *change, uint64_t row)
{
    *change = (struct hook_change){ .bulk.apply = take_away, .hook.row = row };
}

/* --- all of them at once --- */

/* One that does not open stays as it is: it tells of itself when it is read. */
static int seal_all(struct writer_db *writer, struct store_bulk *bulk)
{
    const struct hooks_sealing *sealing = (struct hooks_sealing *)bulk;
    int rc = secrets_seal(writer->db, SECRETS_OF_STORE, NULL, &sealing->keys);

    return rc == SEALED_E_BROKEN ? OK : rc;
}

void hooks_sealing_init(struct hooks_sealing *sealing, const struct tenant_keys *keys)
{
    *sealing = (struct hooks_sealing){ .bulk.apply = seal_all, .keys = *keys };
}

struct asking {
    const struct tenant_keys *keys;
    bool stale;
    bool opened;
    struct buf *problems;
};

static int ask_if_stale(struct reader_db *reader, void *context)
{
    struct asking *asking = context;

    return secrets_are_stale(reader->db, SECRETS_OF_STORE, NULL, asking->keys, &asking->stale);
}

int hooks_are_stale(struct store *store, const struct tenant_name *tenant,
                    const struct tenant_keys *keys, bool *ret_stale)
{
    struct asking asking = { .keys = keys };
    int rc = STORE_CALL(store, read, tenant, ask_if_stale, &asking);

    if (rc == OK)
        *ret_stale = asking.stale;
    return rc;
}

static int truncate_log(struct reader_db *reader, void *context)
{
    (void)context;
    return database_forget_log(reader->db);
}

int hooks_forget_log(struct store *store, const struct tenant_name *tenant)
{
    return STORE_CALL(store, read, tenant, truncate_log, NULL);
}

/* --- beside the store --- */

int hooks_copy_bare(const char *path, const struct tenant_keys *keys)
{
    sqlite3 *db = NULL;
    int rc = database_open(&db, path, DATABASE_WRITER);

    if (rc == OK)
        rc = database_run(db, "BEGIN IMMEDIATE");
    if (rc == OK)
        rc = secrets_bare(db, SECRETS_OF_STORE, NULL, keys);
    if (rc >= OK)
        rc = database_run(db, "COMMIT; PRAGMA journal_mode = DELETE");
    database_close(db);
    return rc;
}

static int check_all(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;

    return secrets_check(reader->db, SECRETS_OF_STORE, NULL, asking->keys, asking->opened,
                         asking->problems);
}

int hooks_check(struct store *store, const struct tenant_name *tenant,
                const struct tenant_keys *keys, bool opened, struct buf *problems)
{
    struct asking asking = { .keys = keys, .opened = opened, .problems = problems };

    return STORE_CALL(store, read, tenant, check_all, &asking);
}
