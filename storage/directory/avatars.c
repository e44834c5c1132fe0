/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/avatars.h"

#include "storage/directory/directory_rows.h"
#include "tenant/avatar.h"

int directory_avatar_set(struct directory *directory, const struct tenant_name *tenant,
                         const char *jid, struct slice bytes)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "INSERT INTO avatars (tenant, jid, id, bytes) VALUES (?1, nullif(?2, ''), ?3, ?4) ON "
        "CONFLICT (tenant, coalesce(jid, '')) DO UPDATE SET id = excluded.id, bytes = "
        "excluded.bytes");
    char id[ID_TEXT_BYTES];
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    id_format(avatar_id(bytes), id);
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(jid));
    bind_text(stmt, 3, slice_of(id));
    (void)sqlite3_bind_blob64(stmt, 4, bytes.data, bytes.len, SQLITE_STATIC);
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == DIRECTORY_E_EXISTS ? DIRECTORY_E_NONE : rc; /* the constraint is a reference */
}

int directory_avatar_remove(struct directory *directory, const struct tenant_name *tenant,
                            const char *jid)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "DELETE FROM avatars WHERE tenant = ?1 AND coalesce(jid, '') = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(jid));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int read_bytes(struct directory *directory, const char *sql,
                      const struct tenant_name *tenant, const char *key, struct buf *to)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, sql);
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(key));
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        buf_add(to, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
    return directory_found(stmt, buf_failed(to) ? SQLITE_TOOBIG : code);
}

/* tenant, jid, id, bytes */
static bool holds(sqlite3_stmt *row)
{
    struct slice bytes = { sqlite3_column_blob(row, 3), (size_t)sqlite3_column_bytes(row, 3) };
    struct filetype_facts facts;
    struct id id;
    AUTO_BUF kept, problem;

    buf_init(&kept, AVATAR_SENT_MAX_BYTES);
    buf_init(&problem, 512);
    return id_parse(column_text(row, 2), &id) == 0 && id_equal(avatar_id(bytes), id) &&
           avatar_take(bytes, &kept, &facts, &problem);
}

/* A backup may be of a time before pictures. */
static bool keeps_pictures(sqlite3 *db)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'avatars'");
    bool keeps = stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW;

    (void)sqlite3_finalize(stmt);
    return keeps;
}

void directory_avatars_check(const char *path, uint64_t *ret_count, struct buf *problems)
{
    sqlite3_stmt *rows = NULL;
    sqlite3 *db = NULL;
    int code = SQLITE_ERROR;

    *ret_count = 0;
    if (database_open(&db, path, DATABASE_READER) == OK && !keeps_pictures(db))
        code = SQLITE_DONE;
    else if (db != NULL)
        rows = database_prepare(db, "SELECT tenant, coalesce(jid, tenant), id, bytes FROM avatars "
                                    "ORDER BY tenant, jid");
    for (; rows != NULL && (code = sqlite3_step(rows)) == SQLITE_ROW; (*ret_count)++) {
        if (!holds(rows))
            buf_addf(problems, "%.*s: the picture of %.*s is damaged: put it anew\n",
                     SLICE_ARG(column_text(rows, 0)), SLICE_ARG(column_text(rows, 1)));
    }
    if (code != SQLITE_DONE)
        buf_add_text(problems, "pictures cannot be read\n");
    (void)sqlite3_finalize(rows);
    database_close(db);
}

int directory_avatar_get(struct directory *directory, const struct tenant_name *tenant,
                         const char *jid, struct buf *to)
{
    return read_bytes(directory,
                      "SELECT bytes FROM avatars WHERE tenant = ?1 AND coalesce(jid, '') = ?2",
                      tenant, jid, to);
}

int directory_avatar_find(struct directory *directory, const struct tenant_name *tenant,
                          struct id id, struct buf *to)
{
    char key[ID_TEXT_BYTES];

    id_format(id, key);
    return read_bytes(directory, "SELECT bytes FROM avatars WHERE tenant = ?1 AND id = ?2 LIMIT 1",
                      tenant, key, to);
}
