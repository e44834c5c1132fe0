/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/record.h"

#include "base/log.h"
#include "storage/directory/directory_rows.h"
#include "storage/directory/tenant_keys.h"
#include "storage/directory/tokens.h"
#include "storage/sqlite/migrations.h"
#include "tenant/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is a tenant's; every other table is emptied, those of later versions too. */
static const char *const kept[] = { "tenants",       "sites",  "agents",  "memberships",
                                    "identity_keys", "tokens", "avatars", "former_names" };

static bool is_kept(const char *table)
{
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        if (strcmp(table, kept[i]) == 0)
            return true;
    }
    return false;
}

static int run_for(sqlite3 *db, const char *sql, const struct tenant_name *tenant)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* --- taking --- */

static int empty_others(sqlite3 *db)
{
    sqlite3_stmt *tables = database_prepare(
        db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    int code = SQLITE_ERROR, rc = tables == NULL ? ERR_IO : OK;
    char sql[256];

    while (rc == OK && (code = sqlite3_step(tables)) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(tables, 0);

        (void)snprintf(sql, sizeof(sql), "DELETE FROM \"%s\"", table);
        if (!is_kept(table))
            rc = database_run(db, sql);
    }
    (void)sqlite3_finalize(tables);
    return rc == OK && code != SQLITE_DONE ? RAISE(ERR_IO) : rc;
}

static int count_tenants(sqlite3 *db, const struct tenant_name *tenant, uint64_t *ret_count)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT count(*) FROM tenants WHERE name = ?1 AND (SELECT count(*) FROM tenants) = 1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    code = sqlite3_step(stmt);
    *ret_count = code == SQLITE_ROW ? column_number(stmt, 0) : 0;
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

/* Foreign keys take what hangs on a tenant along. */
static int trim(sqlite3 *db, const struct tenant_name *tenant)
{
    uint64_t count = 0;
    int rc = run_for(db, "DELETE FROM tenants WHERE name <> ?1", tenant);

    if (rc == OK)
        rc = count_tenants(db, tenant, &count);
    if (rc == OK && count == 0)
        return RECORD_E_NONE;
    if (rc == OK)
        rc = database_run(db, "DELETE FROM tokens WHERE tenant IS NULL;"
                              "DELETE FROM agents WHERE jid NOT IN (SELECT jid FROM memberships)");
    if (rc == OK)
        rc = empty_others(db);
    return rc == OK ? database_run(db, "VACUUM; PRAGMA journal_mode = DELETE") : rc;
}

int record_take(const char *from, const char *to, const struct tenant_name *tenant,
                const struct instance_key *key, atomic_bool *stop)
{
    sqlite3 *db = NULL;
    int rc = snapshot_take(from, to, stop);

    if (rc != OK)
        return rc;
    if (key != NULL)
        rc = directory_copy_bare(to, key);
    if (rc == OK)
        rc = database_open(&db, to, DATABASE_WRITER);
    if (rc == OK)
        rc = trim(db, tenant);
    database_close(db);
    if (rc != OK)
        (void)unlink(to);
    return rc;
}

/* --- adopting --- */

int record_ready(const char *path, const struct tenant_name *tenant)
{
    sqlite3 *db = NULL;
    uint64_t count = 0;
    int rc = database_open(&db, path, DATABASE_WRITER);

    if (rc == OK)
        rc = FOLD(database_migrate(db, directory_migrations, directory_migration_count));
    if (rc == OK)
        rc = count_tenants(db, tenant, &count);
    if (rc == OK)
        rc = database_run(db, "PRAGMA journal_mode = DELETE");
    database_close(db);
    return rc == OK && count == 0 ? RECORD_E_NONE : rc;
}

int record_drop_token(const char *path, const char *id)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt;
    int rc = database_open(&db, path, DATABASE_WRITER);

    if (rc != OK)
        return TRACE(rc);
    stmt = database_prepare(db, "DELETE FROM tokens WHERE id = ?1");
    if (stmt != NULL)
        bind_text(stmt, 1, slice_of(id));
    rc = stmt != NULL ? step_run(stmt) : ERR_IO;
    (void)sqlite3_finalize(stmt);
    if (rc == OK)
        rc = database_run(db, "PRAGMA journal_mode = DELETE");
    database_close(db);
    return rc;
}

static int attach(sqlite3 *db, const char *path)
{
    sqlite3_stmt *stmt = database_prepare(db, "ATTACH ?1 AS record");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(path));
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* Each counts what must not be there. Rows are copied by the places of their columns, after a look
 * at some by name: so both must be what ours are, and nothing may run while they are read. */
static const char *const strange_sql[] = {
    "SELECT count(*) FROM record.sqlite_schema theirs WHERE sql LIKE 'create virtual%' OR type NOT "
    "IN ('table', 'index') AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema ours WHERE ours.sql = "
    "theirs.sql)",
    "SELECT count(*) FROM main.sqlite_schema t, pragma_table_xinfo(t.name, 'main') ours WHERE "
    "t.name IN ('tenants', 'sites', 'agents', 'memberships', 'identity_keys', 'tokens', 'avatars', "
    "'former_names') AND NOT "
    "EXISTS (SELECT 1 FROM pragma_table_xinfo(t.name, 'record') theirs WHERE theirs.cid = ours.cid "
    "AND theirs.name = ours.name AND theirs.hidden = 0)",
};

static bool answers(sqlite3 *db, const char *sql, uint64_t wanted)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    bool so = stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW && column_number(stmt, 0) == wanted;

    (void)sqlite3_finalize(stmt);
    return so;
}

static int look(sqlite3 *db)
{
    bool ours = answers(db, "PRAGMA record.user_version", directory_migration_count);

    for (size_t i = 0; ours && i < sizeof(strange_sql) / sizeof(strange_sql[0]); i++)
        ours = answers(db, strange_sql[i], 0);
    return ours ? OK : RECORD_E_NONE;
}

/* What its settings say, those of its sites among them. */
static int look_at_settings(sqlite3 *db, const struct tenant_name *tenant, struct buf *problem)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT settings FROM record.tenants WHERE name = ?1 UNION ALL SELECT settings FROM "
            "record.sites WHERE tenant = ?1");
    int code = SQLITE_ERROR, rc = stmt == NULL ? ERR_IO : OK;

    if (rc == OK)
        bind_text(stmt, 1, slice_of(tenant->text));
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = settings_layer_look(column_text(stmt, 0), problem) == 0 ? OK : RECORD_E_REFUSED;
    (void)sqlite3_finalize(stmt);
    return rc == OK && code != SQLITE_DONE ? RAISE(ERR_IO) : rc;
}

static int enter_tenant(struct directory *directory, const struct tenant_name *tenant,
                        const char *domain)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO main.tenants SELECT * FROM record.tenants WHERE name = ?1");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    rc = directory_change(directory, stmt, RECORD_E_NONE);
    if (rc != OK)
        return rc == DIRECTORY_E_EXISTS ? RECORD_E_EXISTS : rc;
    stmt = database_prepare(
        directory->db,
        "UPDATE main.tenants SET domain = ?2, state = ?3, born = '' WHERE name = ?1");
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(domain));
    bind_number(stmt, 3, TENANT_DISABLED);
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == DIRECTORY_E_EXISTS ? RECORD_E_EXISTS : rc;
}

/* Of that tenant alone, whatever else stands in the file: another server made it, and a row of a
 * tenant that lives here, a token without one or of a role above its own would open our doors. */
static const char *const rest_sql[] = {
    "INSERT INTO main.sites SELECT * FROM record.sites WHERE tenant = ?1",
    "INSERT OR IGNORE INTO main.agents SELECT * FROM record.agents WHERE jid IN (SELECT jid FROM "
    "record.memberships WHERE tenant = ?1)",
    "INSERT INTO main.memberships SELECT theirs.* FROM record.memberships theirs JOIN main.agents "
    "ours USING (jid) WHERE theirs.tenant = ?1 AND NOT ours.revoked AND theirs.role >= 0 AND "
    "theirs.role < ?2",
    "INSERT INTO main.avatars SELECT theirs.* FROM record.avatars theirs LEFT JOIN "
    "main.memberships "
    "ours USING (tenant, jid) WHERE theirs.tenant = ?1 AND (theirs.jid IS NULL OR ours.jid IS NOT "
    "NULL) AND typeof(bytes) = 'blob' AND length(bytes) <= 65536", /* AVATAR_MAX_BYTES */
    "INSERT INTO main.identity_keys SELECT * FROM record.identity_keys WHERE tenant = ?1",
    "INSERT INTO main.tokens SELECT * FROM record.tokens WHERE tenant = ?1 AND role >= 0 AND role "
    "< ?3 AND role <> ?4",
};

static int enter(sqlite3 *db, const char *sql, const struct tenant_name *tenant)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code, count = sqlite3_bind_parameter_count(stmt);

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    if (count >= 2)
        bind_number(stmt, 2, AGENT_ROLE_COUNT);
    if (count >= 4) {
        bind_number(stmt, 3, ROLE_NAME_COUNT);
        bind_number(stmt, 4, ROLE_ADMIN);
    }
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    if (code == SQLITE_DONE)
        return OK;
    return code == SQLITE_CONSTRAINT ? RECORD_E_EXISTS : RAISE(ERR_IO);
}

/* Its times were another audit's: here none counts. */
static int enter_name(sqlite3 *db, const struct tenant_name *tenant, const struct tenant_name *name)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "INSERT OR IGNORE INTO main.former_names SELECT ?1, ?2, 1, 0, 0 WHERE NOT EXISTS "
            "(SELECT 1 FROM main.tenants WHERE name = ?2 AND name <> ?1) AND NOT EXISTS (SELECT 1 "
            "FROM main.former_names WHERE name = ?2 AND tenant <> ?1)");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(name->text));
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* What it was called there, as far as a tenant may be called so, and nobody is or was here. */
static int enter_names(sqlite3 *db, const struct tenant_name *tenant)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT DISTINCT name FROM record.former_names WHERE tenant = ?1 ORDER BY name");
    int code = SQLITE_ERROR, rc = stmt == NULL ? ERR_IO : OK;
    size_t count = 0;

    if (rc == OK)
        bind_text(stmt, 1, slice_of(tenant->text));
    while (rc == OK && count < TENANT_FORMER_MAX && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct tenant_name name;

        if (tenant_name_parse(column_text(stmt, 0), &name) != 0)
            continue;
        rc = enter_name(db, tenant, &name);
        count++;
    }
    (void)sqlite3_finalize(stmt);
    return rc == OK && count < TENANT_FORMER_MAX && code != SQLITE_DONE ? RAISE(ERR_IO) : rc;
}

static int enter_rest(sqlite3 *db, const struct tenant_name *tenant)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < sizeof(rest_sql) / sizeof(rest_sql[0]); i++)
        rc = enter(db, rest_sql[i], tenant);
    return rc == OK ? enter_names(db, tenant) : rc;
}

static int adopt(struct directory *directory, const struct tenant_name *tenant, const char *domain)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    if (rc != OK)
        return rc;
    rc = enter_tenant(directory, tenant, domain);
    if (rc == OK)
        rc = enter_rest(directory->db, tenant);
    if (rc == OK)
        rc = directory_secrets_settle(directory, tenant);
    return directory_settle(directory, rc == DIRECTORY_E_SEALED ? RECORD_E_NONE : rc);
}

int record_adopt(struct directory *directory, const char *path, const struct tenant_name *tenant,
                 const char *domain, struct buf *problem)
{
    int rc;

    if (access(path, R_OK) != 0) /* or it would be made */
        return RECORD_E_NONE;
    rc = attach(directory->db, path);
    if (rc != OK)
        return rc;
    rc = look(directory->db);
    if (rc == OK)
        rc = look_at_settings(directory->db, tenant, problem);
    if (rc == OK)
        rc = adopt(directory, tenant, domain);
    (void)sqlite3_exec(directory->db, "DETACH record", NULL, NULL, NULL);
    return rc;
}
