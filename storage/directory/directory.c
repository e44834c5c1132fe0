/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/directory.h"

#include "base/log.h"
#include "storage/directory/directory_rows.h"
#include "storage/keys/secrets.h"
#include "storage/sqlite/migrations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

/* --- open and close --- */

static int take_lock(struct directory *directory, const char *dir)
{
    char path[4096];

    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        log_event(LOG_ERROR, NULL, "directory.no_folder", "path=%s error=\"%s\"", dir,
                  strerror(errno));
        return ERR_IO;
    }
    (void)snprintf(path, sizeof(path), "%s/lock", dir);
    directory->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (directory->lock < 0)
        return RAISE(ERR_IO);
    return flock(directory->lock, LOCK_EX | LOCK_NB) == 0 ? OK : DIRECTORY_E_LOCKED;
}

int directory_open(struct directory **ret_directory, const char *dir)
{
    struct directory *directory = calloc(1, sizeof(*directory));
    char path[4096];
    int rc;

    if (directory == NULL)
        return RAISE(ERR_NO_MEMORY);
    directory->lock = -1;
    (void)snprintf(path, sizeof(path), "%s/lasna.db", dir);
    rc = take_lock(directory, dir);
    if (rc == OK)
        rc = database_open(&directory->db, path, DATABASE_WRITER);
    if (rc == OK)
        rc = FOLD(database_migrate(directory->db, directory_migrations, directory_migration_count));
    if (rc != OK) {
        directory_close(directory);
        return rc;
    }
    *ret_directory = directory;
    return OK;
}

struct directory *directory_close(struct directory *directory)
{
    if (directory == NULL)
        return NULL;
    database_close(directory->db);
    instance_key_wipe(&directory->key);
    if (directory->lock >= 0)
        (void)close(directory->lock);
    free(directory);
    return NULL;
}

const char *directory_path(const struct directory *directory)
{
    return sqlite3_db_filename(directory->db, "main");
}

/* --- small helpers --- */

static int change(struct directory *directory, sqlite3_stmt *stmt, int none)
{
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);

    (void)sqlite3_finalize(stmt);
    if (code == SQLITE_CONSTRAINT)
        return DIRECTORY_E_EXISTS;
    if (code != SQLITE_DONE)
        return RAISE(ERR_IO);
    return sqlite3_changes(directory->db) > 0 ? OK : none;
}

static int change_and_join(struct directory *directory, sqlite3_stmt *stmt, int none)
{
    const struct audit_entry *entry = directory->joining;
    int rc = database_run(directory->db, "SAVEPOINT joined");

    directory->joining = NULL;
    if (rc != OK) {
        (void)sqlite3_finalize(stmt);
        return rc;
    }
    rc = change(directory, stmt, none);
    if (rc == OK)
        rc = directory_audit_add(directory, entry);
    if (rc == OK)
        rc = database_run(directory->db, "RELEASE joined");
    if (rc != OK)
        (void)sqlite3_exec(directory->db, "ROLLBACK TO joined; RELEASE joined", NULL, NULL, NULL);
    *directory->joined = rc == OK;
    return rc;
}

int directory_change(struct directory *directory, sqlite3_stmt *stmt, int none)
{
    return directory->joining != NULL ? change_and_join(directory, stmt, none)
                                      : change(directory, stmt, none);
}

void directory_audit_join(struct directory *directory, const struct audit_entry *entry,
                          bool *ret_joined)
{
    directory->joining = entry;
    directory->joined = ret_joined;
}

int directory_found(sqlite3_stmt *stmt, int step)
{
    (void)sqlite3_finalize(stmt);
    if (step == SQLITE_DONE)
        return DIRECTORY_E_NONE;
    return step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

static char *owned(sqlite3_stmt *stmt, int at)
{
    return slice_dup(column_text(stmt, at));
}

/* The component's; "" where it does not open, which directory_keys_check() tells of. */
static char *owned_secret(struct directory *directory, const struct tenant_name *tenant,
                          sqlite3_stmt *stmt, int at)
{
    char text[SECRET_MAX + 1];
    int rc = directory_secret_read(directory, tenant, SECRET_COMPONENT, stmt, at, text);
    char *copy = strdup(rc == OK ? text : "");

    explicit_bzero(text, sizeof(text));
    return copy;
}

/* --- tenants --- */

static int add_sites(struct directory *directory, const struct tenant *tenant)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < tenant->site_count; i++) {
        sqlite3_stmt *stmt = database_prepare(
            directory->db,
            "INSERT INTO sites (tenant, place, id, key, origins, settings) VALUES (?1, ?2, ?3, ?4, "
            "?5, ?6)");

        if (stmt == NULL)
            return ERR_IO;
        bind_text(stmt, 1, slice_of(tenant->name.text));
        bind_number(stmt, 2, i);
        bind_text(stmt, 3, slice_of(tenant->sites[i].id));
        bind_text(stmt, 4, slice_of(tenant->sites[i].key));
        bind_text(stmt, 5, slice_of(tenant->sites[i].origins));
        bind_text(stmt, 6,
                  slice_of(tenant->sites[i].settings == NULL ? "{}" : tenant->sites[i].settings));
        rc = directory_change(directory, stmt, ERR_BUG);
    }
    return rc;
}

static int add_tenant(struct directory *directory, const struct tenant *tenant)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO tenants (name, title, domain, languages, secret, state, "
                       "created_ms, settings) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->name.text));
    bind_text(stmt, 2, slice_of(tenant->title));
    bind_text(stmt, 3, slice_of(tenant->domain));
    bind_text(stmt, 4, slice_of(tenant->languages));
    bind_text(stmt, 5, slice_of(tenant->secret));
    bind_number(stmt, 6, tenant->state);
    bind_number(stmt, 7, tenant->created_ms);
    bind_text(stmt, 8, slice_of(tenant->settings == NULL ? "{}" : tenant->settings));
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == OK ? add_sites(directory, tenant) : rc;
}

int directory_settle(struct directory *directory, int rc)
{
    if (rc == OK)
        rc = database_run(directory->db, "COMMIT");
    if (rc != OK)
        (void)sqlite3_exec(directory->db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int directory_tenant_add(struct directory *directory, const struct tenant *tenant)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    if (rc != OK)
        return rc;
    rc = add_tenant(directory, tenant);
    if (rc == OK)
        rc = directory_secrets_settle(directory, &tenant->name);
    return directory_settle(directory, rc);
}

int directory_tenant_remove(struct directory *directory, const struct tenant_name *name)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, "DELETE FROM tenants WHERE name = ?1");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(name->text));
    rc = directory_change(directory, stmt, DIRECTORY_E_NONE);
    return rc == OK ? database_forget_log(directory->db) : rc;
}

int directory_tenant_settings(struct directory *directory, const struct tenant_name *name,
                              const char *settings)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "UPDATE tenants SET settings = ?2 WHERE name = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(name->text));
    bind_text(stmt, 2, slice_of(settings));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int describe_site(struct directory *directory, const struct tenant_name *tenant,
                         const struct site *site)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE sites SET origins = ?3 WHERE tenant = ?1 AND id = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(site->id));
    bind_text(stmt, 3, slice_of(site->origins));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int describe(struct directory *directory, const struct tenant *tenant)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE tenants SET title = ?2, languages = ?3 WHERE name = ?1");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->name.text));
    bind_text(stmt, 2, slice_of(tenant->title));
    bind_text(stmt, 3, slice_of(tenant->languages));
    rc = directory_change(directory, stmt, DIRECTORY_E_NONE);
    for (size_t i = 0; rc == OK && i < tenant->site_count; i++)
        rc = describe_site(directory, &tenant->name, &tenant->sites[i]);
    return rc;
}

int directory_tenant_describe(struct directory *directory, const struct tenant *tenant)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, describe(directory, tenant)) : rc;
}

int directory_tenant_state(struct directory *directory, const struct tenant_name *name,
                           enum tenant_state state)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "UPDATE tenants SET state = ?2 WHERE name = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(name->text));
    bind_number(stmt, 2, state);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_site_add(struct directory *directory, const struct tenant_name *tenant,
                       const struct site *site)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO sites (tenant, place, id, key, origins, settings) SELECT ?1, "
                       "coalesce(max(place) + 1, 0), ?2, ?3, ?4, ?5 FROM sites WHERE tenant = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(site->id));
    bind_text(stmt, 3, slice_of(site->key));
    bind_text(stmt, 4, slice_of(site->origins));
    bind_text(stmt, 5, slice_of(site->settings));
    return directory_change(directory, stmt, ERR_BUG);
}

int directory_site_remove(struct directory *directory, const struct tenant_name *tenant,
                          const char *site)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "DELETE FROM sites WHERE tenant = ?1 AND id = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(site));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_site_set(struct directory *directory, const struct tenant_name *tenant,
                       const char *site, const char *settings)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE sites SET settings = ?3 WHERE tenant = ?1 AND id = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(site));
    bind_text(stmt, 3, slice_of(settings));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int read_sites(struct directory *directory, struct tenant *tenant)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "SELECT id, key, origins, settings FROM sites WHERE tenant = ?1 ORDER BY place");
    int code = SQLITE_ERROR;

    tenant->sites = calloc(TENANT_SITES_MAX, sizeof(*tenant->sites));
    if (stmt == NULL || tenant->sites == NULL) {
        (void)sqlite3_finalize(stmt);
        return RAISE(ERR_NO_MEMORY);
    }
    bind_text(stmt, 1, slice_of(tenant->name.text));
    while (tenant->site_count < TENANT_SITES_MAX && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct site *site = &tenant->sites[tenant->site_count++];

        (void)slice_copy(column_text(stmt, 0), site->id, sizeof(site->id));
        (void)slice_copy(column_text(stmt, 1), site->key, sizeof(site->key));
        site->origins = owned(stmt, 2);
        site->settings = owned(stmt, 3);
    }
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE || code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

int directory_tenants(struct directory *directory, directory_tenant_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT name, title, domain, languages, secret, state, created_ms, "
                       "settings, (SELECT id FROM avatars WHERE tenant = name AND jid IS NULL), "
                       "born FROM tenants ORDER BY name");
    int code = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct tenant tenant = { .title = owned(stmt, 1),
                                 .domain = owned(stmt, 2),
                                 .languages = owned(stmt, 3),
                                 .state = (enum tenant_state)column_number(stmt, 5),
                                 .created_ms = column_number(stmt, 6),
                                 .settings = owned(stmt, 7) };

        (void)slice_copy(column_text(stmt, 0), tenant.name.text, sizeof(tenant.name.text));
        (void)slice_copy(column_text(stmt, 9), tenant.born.text, sizeof(tenant.born.text));
        tenant.secret = owned_secret(directory, &tenant.name, stmt, 4);
        (void)id_parse(column_text(stmt, 8), &tenant.avatar);
        stopped = read_sites(directory, &tenant);
        if (stopped == 0)
            stopped = directory_read_names(directory, &tenant);
        if (stopped == 0)
            stopped = fn(context, &tenant);
        tenant_release(&tenant);
    }
    return walk_end(stmt, stopped, code);
}

/* --- agents --- */

int directory_agent_add(struct directory *directory, const struct agent *agent)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "INSERT INTO agents (jid, name, created_ms, revoked) VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
        "(jid) DO UPDATE SET name = excluded.name, revoked = 0, unstaffed = 0, limit_ = 0 WHERE "
        "revoked = 1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(agent->jid));
    bind_text(stmt, 2, slice_of(agent->name));
    bind_number(stmt, 3, agent->created_ms);
    bind_number(stmt, 4, agent->revoked);
    return directory_change(directory, stmt, DIRECTORY_E_EXISTS);
}

static int mark_revoked(struct directory *directory, const char *jid)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "UPDATE agents SET revoked = 1 WHERE jid = ?1");
    sqlite3_stmt *members =
        database_prepare(directory->db, "DELETE FROM memberships WHERE jid = ?1");
    int rc;

    if (stmt == NULL || members == NULL) {
        (void)sqlite3_finalize(stmt);
        (void)sqlite3_finalize(members);
        return ERR_IO;
    }
    bind_text(stmt, 1, slice_of(jid));
    bind_text(members, 1, slice_of(jid));
    rc = directory_change(directory, stmt, DIRECTORY_E_NONE);
    if (rc != OK) {
        (void)sqlite3_finalize(members);
        return rc;
    }
    return directory_change(directory, members, OK);
}

/* In one: made an agent again, nobody may find a membership of before. */
int directory_agent_revoke(struct directory *directory, const char *jid)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, mark_revoked(directory, jid)) : rc;
}

int directory_agent_rename(struct directory *directory, const char *jid, const char *name)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE agents SET name = ?2 WHERE jid = ?1 AND revoked = 0");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(jid));
    bind_text(stmt, 2, slice_of(name));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_agent_speaks(struct directory *directory, const char *jid, const char *language)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "UPDATE agents SET language = ?2 WHERE jid = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(jid));
    bind_text(stmt, 2, slice_of(language));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_agent_limit(struct directory *directory, const char *jid, unsigned limit)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE agents SET limit_ = ?2 WHERE jid = ?1 AND revoked = 0");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(jid));
    bind_number(stmt, 2, limit);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_agent_staffed(struct directory *directory, const char *jid, bool staffed)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE agents SET unstaffed = ?2 WHERE jid = ?1 AND revoked = 0");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(jid));
    bind_number(stmt, 2, !staffed);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_agents(struct directory *directory, directory_agent_fn *fn, void *context)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "SELECT jid, name, created_ms, revoked, language, "
                                        "unstaffed, limit_ FROM agents ORDER BY jid");
    int code = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct agent agent = { .jid = owned(stmt, 0),
                               .name = owned(stmt, 1),
                               .created_ms = column_number(stmt, 2),
                               .revoked = column_number(stmt, 3) != 0,
                               .unstaffed = column_number(stmt, 5) != 0,
                               .limit = (unsigned)column_number(stmt, 6) };

        (void)slice_copy(column_text(stmt, 4), agent.language, sizeof(agent.language));
        stopped = fn(context, &agent);
        agent_release(&agent);
    }
    return walk_end(stmt, stopped, code);
}

/* --- memberships --- */

int directory_member_set(struct directory *directory, const struct membership *membership)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "INSERT INTO memberships (tenant, jid, role, limit_, persona, skills, signature) VALUES "
        "(?1, "
        "?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (tenant, jid) DO UPDATE SET role = excluded.role, "
        "limit_ = excluded.limit_, persona = excluded.persona, skills = excluded.skills, signature "
        "= excluded.signature");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(membership->tenant.text));
    bind_text(stmt, 2, slice_of(membership->jid));
    bind_number(stmt, 3, membership->role);
    bind_number(stmt, 4, membership->limit);
    bind_text(stmt, 5, slice_of(membership->persona));
    bind_text(stmt, 6, slice_of(membership->skills));
    bind_text(stmt, 7, slice_of(membership->signature));
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == DIRECTORY_E_EXISTS ? DIRECTORY_E_NONE : rc; /* the constraint is a reference */
}

int directory_member_away(struct directory *directory, const struct tenant_name *tenant,
                          const char *jid, bool away)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE memberships SET away = ?3 WHERE tenant = ?1 AND jid = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(jid));
    bind_number(stmt, 3, away);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_member_remove(struct directory *directory, const struct tenant_name *tenant,
                            const char *jid)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "DELETE FROM memberships WHERE tenant = ?1 AND jid = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(jid));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_members(struct directory *directory, directory_member_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "SELECT m.tenant, m.jid, role, limit_, persona, skills, away, id, "
        "signature FROM memberships m LEFT JOIN avatars a ON a.tenant = m.tenant AND "
        "coalesce(a.jid, '') = m.jid ORDER BY m.tenant, m.jid");
    int code = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct membership membership = { .jid = owned(stmt, 1),
                                         .role = (enum agent_role)column_number(stmt, 2),
                                         .limit = (unsigned)column_number(stmt, 3),
                                         .persona = owned(stmt, 4),
                                         .skills = owned(stmt, 5),
                                         .signature = owned(stmt, 8),
                                         .away = column_number(stmt, 6) != 0 };

        (void)slice_copy(column_text(stmt, 0), membership.tenant.text,
                         sizeof(membership.tenant.text));
        (void)id_parse(column_text(stmt, 7), &membership.avatar);
        stopped = fn(context, &membership);
        membership_release(&membership);
    }
    return walk_end(stmt, stopped, code);
}

/* --- notes --- */

int directory_note_get(struct directory *directory, const char *key, char *ret_value, size_t size)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, "SELECT value FROM notes WHERE key = ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(key));
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW && !slice_copy(column_text(stmt, 0), ret_value, size))
        code = SQLITE_TOOBIG;
    return directory_found(stmt, code);
}

int directory_note_set(struct directory *directory, const char *key, const char *value)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO notes (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE "
                       "SET value = excluded.value");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(key));
    bind_text(stmt, 2, slice_of(value));
    return directory_change(directory, stmt, ERR_BUG);
}
