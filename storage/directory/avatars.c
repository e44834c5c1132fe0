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
