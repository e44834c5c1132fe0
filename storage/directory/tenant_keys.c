/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/tenant_keys.h"

#include "base/log.h"
#include "storage/directory/directory_rows.h"
#include "storage/keys/secrets.h"

#include <openssl/crypto.h>

/* --- the rows --- */

static int take_key(sqlite3_stmt *stmt, const struct instance_key *by, struct tenant_keys *keys)
{
    struct tenant_key *key = &keys->all[keys->count];
    int rc = OK;

    key->id = column_id(stmt, 0);
    if (by != NULL)
        rc = tenant_key_unwrap(key->id, column_text(stmt, 1), by, key);
    if (keys->count == 0)
        keys->version = column_number(stmt, 2);
    keys->count += rc == OK;
    return rc == SEALED_E_BROKEN ? DIRECTORY_E_SEALED : rc;
}

/* `by` NULL: their ids alone. */
static int read_keys(sqlite3 *db, const struct tenant_name *tenant, const struct instance_key *by,
                     struct tenant_keys *ret_keys)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT id, wrapped, version FROM tenant_keys WHERE "
                                              "tenant = ?1 ORDER BY version DESC LIMIT ?2");
    int code = SQLITE_ERROR, rc = OK;

    *ret_keys = (struct tenant_keys){ .count = 0 };
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_number(stmt, 2, TENANT_KEYS_MAX);
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = take_key(stmt, by, ret_keys);
    rc = walk_end(stmt, rc, code);
    if (rc != OK)
        tenant_keys_wipe(ret_keys);
    return rc;
}

static int add_key(struct directory *directory, const struct tenant_name *tenant,
                   const struct tenant_key *key)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO tenant_keys (tenant, version, id, wrapped, sealed_by) SELECT "
                       "?1, coalesce(max(version), 0) + 1, ?2, ?3, ?4 FROM tenant_keys WHERE "
                       "tenant = ?1");
    uint8_t wrapped[TENANT_KEY_WRAPPED_BYTES];
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    rc = tenant_key_wrap(key, &directory->key, wrapped);
    if (rc != OK) {
        (void)sqlite3_finalize(stmt);
        return rc;
    }
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_id(stmt, 2, key->id);
    (void)sqlite3_bind_blob(stmt, 3, wrapped, sizeof(wrapped), SQLITE_STATIC);
    bind_text(stmt, 4, slice_of(directory->key.mark));
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == DIRECTORY_E_EXISTS ? DIRECTORY_E_NONE : rc; /* the constraint is a reference */
}

/* A fresh one in front of those there are. */
static int put_in_front(struct directory *directory, const struct tenant_name *tenant,
                        struct tenant_keys *keys)
{
    struct tenant_key key = tenant_key_new();
    int rc = add_key(directory, tenant, &key);

    if (rc == OK) {
        if (keys->count > 0)
            keys->all[1] = keys->all[0];
        keys->all[0] = key;
        keys->count++;
        keys->version++;
    }
    OPENSSL_cleanse(&key, sizeof(key));
    return rc;
}

const struct instance_key *directory_key(const struct directory *directory)
{
    return directory->unlocked ? &directory->key : NULL;
}

int directory_keys_get(struct directory *directory, const struct tenant_name *tenant,
                       struct tenant_keys *ret_keys)
{
    int rc;

    *ret_keys = (struct tenant_keys){ .count = 0 };
    if (!directory->unlocked)
        return DIRECTORY_E_NONE;
    rc = read_keys(directory->db, tenant, &directory->key, ret_keys);
    return rc == OK && ret_keys->count == 0 ? DIRECTORY_E_NONE : rc;
}

int directory_keys_list(struct directory *directory, const struct tenant_name *tenant,
                        struct tenant_keys *ret_keys)
{
    return read_keys(directory->db, tenant, NULL, ret_keys);
}

/* --- one secret --- */

int directory_secret_read(struct directory *directory, const struct tenant_name *tenant,
                          const char *use, sqlite3_stmt *stmt, int at,
                          char ret_text[SECRET_MAX + 1])
{
    struct tenant_keys keys;
    int rc;

    ret_text[0] = '\0';
    if (sqlite3_column_type(stmt, at) != SQLITE_BLOB)
        return slice_copy(column_text(stmt, at), ret_text, SECRET_MAX + 1) ? OK : RAISE(ERR_LIMIT);
    rc = directory_keys_get(directory, tenant, &keys);
    if (rc == OK)
        rc = secret_open(&keys, use, column_text(stmt, at), ret_text);
    tenant_keys_wipe(&keys);
    return rc > 0 ? DIRECTORY_E_SEALED : rc;
}

int directory_secret_bind(struct directory *directory, const struct tenant_name *tenant,
                          const char *use, sqlite3_stmt *stmt, int at, struct slice text,
                          struct sealed_secret *hold)
{
    struct tenant_keys keys;
    int rc;

    if (!directory->unlocked || text.len == 0) {
        bind_text(stmt, at, text);
        return OK;
    }
    rc = directory_keys_get(directory, tenant, &keys);
    if (rc == OK)
        rc = secret_seal(&keys, use, text, hold);
    tenant_keys_wipe(&keys);
    if (rc == OK)
        (void)sqlite3_bind_blob(stmt, at, hold->bytes, (int)hold->len, SQLITE_STATIC);
    return rc;
}

/* --- all of a tenant's --- */

/* A copy without a key of ours has no sealed secret that would open. */
int directory_secrets_settle(struct directory *directory, const struct tenant_name *tenant)
{
    struct tenant_keys keys;
    int rc;

    if (!directory->unlocked)
        return OK;
    rc = read_keys(directory->db, tenant, &directory->key, &keys);
    if (rc == OK && keys.count == 0)
        rc = put_in_front(directory, tenant, &keys);
    if (rc == OK)
        rc = secrets_seal(directory->db, SECRETS_OF_DIRECTORY, tenant, &keys);
    tenant_keys_wipe(&keys);
    return rc == SEALED_E_BROKEN ? DIRECTORY_E_SEALED : rc;
}

int directory_keys_check(struct directory *directory, const struct tenant_name *tenant,
                         struct buf *problems)
{
    const struct instance_key *by = directory_key(directory);
    struct tenant_keys keys;
    size_t before = problems->len;
    int rc = read_keys(directory->db, tenant, by, &keys);

    if (rc == DIRECTORY_E_SEALED) {
        buf_add_text(problems, "its key does not open with the instance's\n");
        rc = read_keys(directory->db, tenant, NULL, &keys);
        by = NULL;
    }
    if (rc == OK)
        rc =
            secrets_check(directory->db, SECRETS_OF_DIRECTORY, tenant, &keys, by != NULL, problems);
    tenant_keys_wipe(&keys);
    return rc == OK && problems->len > before ? DIRECTORY_E_SEALED : rc;
}

static int renew(struct directory *directory, const struct tenant_name *tenant)
{
    struct tenant_keys keys;
    int rc = directory_keys_get(directory, tenant, &keys);

    if (rc == OK && keys.count > 1)
        rc = DIRECTORY_E_EXISTS;
    if (rc == OK)
        rc = put_in_front(directory, tenant, &keys);
    if (rc == OK)
        rc = secrets_seal(directory->db, SECRETS_OF_DIRECTORY, tenant, &keys);
    tenant_keys_wipe(&keys);
    return rc == SEALED_E_BROKEN ? DIRECTORY_E_SEALED : rc;
}

int directory_keys_renew(struct directory *directory, const struct tenant_name *tenant)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, renew(directory, tenant)) : rc;
}

int directory_keys_settled(struct directory *directory, const struct tenant_name *tenant,
                           uint64_t version)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "DELETE FROM tenant_keys WHERE tenant = ?1 AND version < ?2");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_number(stmt, 2, version);
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc == OK ? database_forget_log(directory->db) : rc;
}

/* --- all tenants --- */

typedef int name_fn(void *context, const struct tenant_name *tenant);

static int each_tenant(sqlite3 *db, name_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT name FROM tenants ORDER BY name");
    int code = SQLITE_ERROR, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct tenant_name name;

        (void)slice_copy(column_text(stmt, 0), name.text, sizeof(name.text));
        rc = fn(context, &name);
    }
    return walk_end(stmt, rc, code);
}

/* How many keys there are that `mark` did not seal. */
static int count_others(struct directory *directory, const char *mark, uint64_t *ret_count)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "SELECT count(*) FROM tenant_keys WHERE sealed_by <> ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(mark));
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *ret_count = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

int directory_is_sealed(struct directory *directory, bool *ret_sealed)
{
    uint64_t count = 0;
    int rc = count_others(directory, "", &count);

    if (rc == OK)
        *ret_sealed = count > 0;
    return rc;
}

/* One that does not open is not the others' trouble. */
static int settle_one(void *context, const struct tenant_name *tenant)
{
    int rc = directory_secrets_settle(context, tenant);

    if (rc != DIRECTORY_E_SEALED)
        return rc;
    log_event(LOG_ERROR, NULL, "tenant.sealed", "tenant=%s remedy=\"lasnactl verify tells what\"",
              tenant->text);
    return OK;
}

int directory_unlock(struct directory *directory, const struct instance_key *key)
{
    uint64_t others = 0;
    int rc = count_others(directory, key->mark, &others);

    if (rc == OK && others > 0)
        return DIRECTORY_E_WRONG_KEY;
    if (rc == OK)
        rc = database_run(directory->db, "BEGIN IMMEDIATE");
    if (rc != OK)
        return rc;
    directory->key = *key;
    directory->unlocked = true;
    rc = directory_settle(directory, each_tenant(directory->db, settle_one, directory));
    if (rc == OK)
        rc = database_forget_log(directory->db);
    directory->unlocked = rc == OK;
    if (rc != OK)
        instance_key_wipe(&directory->key);
    return rc;
}

int directory_is_sealed_by(struct directory *directory, const struct instance_key *key,
                           bool *ret_sealed)
{
    uint64_t others = 0;
    int rc = count_others(directory, key->mark, &others);

    if (rc == OK)
        *ret_sealed = others == 0;
    return rc;
}

/* --- another instance's key --- */

struct rewrapping {
    struct directory *directory;
    const struct instance_key *by;
};

static int put_wrapped(const struct rewrapping *rewrapping, const struct tenant_key *key)
{
    sqlite3_stmt *stmt =
        database_prepare(rewrapping->directory->db,
                         "UPDATE tenant_keys SET wrapped = ?2, sealed_by = ?3 WHERE id = ?1");
    uint8_t wrapped[TENANT_KEY_WRAPPED_BYTES];
    int rc = stmt == NULL ? ERR_IO : tenant_key_wrap(key, rewrapping->by, wrapped);

    if (rc == OK) {
        bind_id(stmt, 1, key->id);
        (void)sqlite3_bind_blob(stmt, 2, wrapped, sizeof(wrapped), SQLITE_STATIC);
        bind_text(stmt, 3, slice_of(rewrapping->by->mark));
        rc = step_run(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

static int rewrap_one(void *context, const struct tenant_name *tenant)
{
    const struct rewrapping *rewrapping = context;
    struct tenant_keys keys;
    int rc = read_keys(rewrapping->directory->db, tenant, &rewrapping->directory->key, &keys);

    for (size_t i = 0; rc == OK && i < keys.count; i++)
        rc = put_wrapped(rewrapping, &keys.all[i]);
    tenant_keys_wipe(&keys);
    return rc;
}

int directory_rekey(struct directory *directory, const struct instance_key *key)
{
    struct rewrapping rewrapping = { directory, key };
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    if (rc == OK)
        rc = directory_settle(directory, each_tenant(directory->db, rewrap_one, &rewrapping));
    if (rc != OK)
        return rc;
    directory->key = *key;
    return database_forget_log(directory->db);
}

/* --- copies --- */

struct baring {
    sqlite3 *db;
    const struct instance_key *by;
};

static int bare_one(void *context, const struct tenant_name *tenant)
{
    const struct baring *baring = context;
    struct tenant_keys keys;
    int rc = read_keys(baring->db, tenant, baring->by, &keys);

    if (rc == OK)
        rc = secrets_bare(baring->db, SECRETS_OF_DIRECTORY, tenant, &keys);
    tenant_keys_wipe(&keys);
    if (rc > 0)
        log_event(LOG_ERROR, NULL, "backup.secret_sealed",
                  "tenant=%s remedy=\"lasnactl verify tells what\"", tenant->text);
    return rc > 0 ? OK : rc;
}

int directory_copy_bare(const char *path, const struct instance_key *key)
{
    struct baring baring = { .by = key };
    int rc = database_open(&baring.db, path, DATABASE_WRITER);

    if (rc == OK)
        rc = database_run(baring.db, "BEGIN IMMEDIATE");
    if (rc == OK)
        rc = each_tenant(baring.db, bare_one, &baring);
    if (rc == OK)
        rc = database_run(baring.db,
                          "DELETE FROM tenant_keys; COMMIT; PRAGMA journal_mode = DELETE");
    database_close(baring.db);
    return rc;
}
