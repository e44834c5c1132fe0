/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant gets another name: in one commit, everywhere in the directory. The audit alone keeps the
 * names of then, for it may not be altered.
 */
#include "base/buf.h"
#include "storage/directory/directory_rows.h"

/* A tenant's own name, and each that it had before, are taken: no other ever gets it. */
static int look_if_free(struct directory *directory, const struct tenant_name *from,
                        const struct tenant_name *to)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT 1 FROM tenants WHERE name = ?2 UNION ALL SELECT 1 FROM former_names "
                       "WHERE name = ?2 AND tenant <> ?1");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(from->text));
    bind_text(stmt, 2, slice_of(to->text));
    rc = directory_found(stmt, sqlite3_step(stmt));
    return rc == OK ? DIRECTORY_E_EXISTS : rc == DIRECTORY_E_NONE ? OK : rc;
}

static int note_former(struct directory *directory, const struct tenant_name *from, uint64_t at_ms)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "INSERT INTO former_names (tenant, name, since_ms, until_ms, moving) SELECT name, name, "
        "max(created_ms, coalesce((SELECT max(until_ms) FROM former_names WHERE tenant = ?1), 0)), "
        "?2, 1 FROM tenants WHERE name = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(from->text));
    bind_number(stmt, 2, at_ms);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int set_name(struct directory *directory, const struct tenant_name *from,
                    const struct tenant_name *to)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "UPDATE tenants SET name = ?2, born = CASE born WHEN '' THEN ?1 ELSE born END "
        "WHERE name = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(from->text));
    bind_text(stmt, 2, slice_of(to->text));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int follow(struct directory *directory, const char *sql, const struct tenant_name *from,
                  const struct tenant_name *to)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, sql);

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(from->text));
    bind_text(stmt, 2, slice_of(to->text));
    return directory_change(directory, stmt, OK);
}

/* Whatever names a tenant by a foreign key follows, tables of later migrations too. Those whose key
 * cascades have followed already. */
static int follow_all(struct directory *directory, const struct tenant_name *from,
                      const struct tenant_name *to)
{
    sqlite3_stmt *keys = database_prepare(
        directory->db,
        "SELECT format('UPDATE \"%w\" SET \"%w\" = ?2 WHERE \"%w\" = ?1', t.name, k.\"from\", "
        "k.\"from\") FROM sqlite_schema t, pragma_foreign_key_list(t.name) k WHERE t.type = "
        "'table' AND k.\"table\" = 'tenants' AND k.on_update <> 'CASCADE'");
    int code = SQLITE_ERROR, rc = keys == NULL ? ERR_IO : OK;

    while (rc == OK && (code = sqlite3_step(keys)) == SQLITE_ROW)
        rc = follow(directory, (const char *)sqlite3_column_text(keys, 0), from, to);
    return walk_end(keys, rc, code);
}

/* The constraints are looked at when all rows have followed. */
static int rename_in_all(struct directory *directory, const struct tenant_name *from,
                         const struct tenant_name *to, uint64_t at_ms)
{
    int rc = database_run(directory->db, "PRAGMA defer_foreign_keys = ON");

    if (rc == OK)
        rc = look_if_free(directory, from, to);
    if (rc == OK)
        rc = note_former(directory, from, at_ms);
    if (rc == OK)
        rc = set_name(directory, from, to);
    return rc == OK ? follow_all(directory, from, to) : rc;
}

int directory_tenant_rename(struct directory *directory, const struct tenant_name *from,
                            const struct tenant_name *to, uint64_t at_ms)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, rename_in_all(directory, from, to, at_ms)) : rc;
}

int directory_tenant_moved(struct directory *directory, const struct tenant_name *name)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE former_names SET moving = 0 WHERE tenant = ?1 AND moving <> 0");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(name->text));
    return directory_change(directory, stmt, OK);
}

int directory_tenant_renamed(struct directory *directory, const struct tenant_name *from,
                             uint64_t at_ms)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT 1 FROM former_names WHERE name = ?1 AND until_ms = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(from->text));
    bind_number(stmt, 2, at_ms);
    return directory_found(stmt, sqlite3_step(stmt));
}

static void add_former(struct tenant *tenant, struct buf *former, sqlite3_stmt *stmt)
{
    struct slice name = column_text(stmt, 0);

    if (column_number(stmt, 2) != 0) {
        tenant->moving.at_ms = column_number(stmt, 1);
        (void)slice_copy(name, tenant->moving.from.text, sizeof(tenant->moving.from.text));
    }
    if (slice_is(name, tenant->name.text))
        return;
    buf_addf(former, "%s%.*s", former->len > 0 ? " " : "", SLICE_ARG(name));
}

int directory_read_names(struct directory *directory, struct tenant *tenant)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT name, max(until_ms), max(moving) FROM former_names WHERE tenant = "
                       "?1 GROUP BY name ORDER BY max(until_ms)");
    int code = SQLITE_ERROR;
    AUTO_BUF former;

    buf_init(&former, 64 * 1024);
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->name.text));
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
        add_former(tenant, &former, stmt);
    tenant->former = slice_dup(buf_slice(&former));
    return walk_end(stmt, tenant->former != NULL ? OK : RAISE(ERR_NO_MEMORY), code);
}
