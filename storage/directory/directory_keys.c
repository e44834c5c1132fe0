/* SPDX-License-Identifier: Apache-2.0
 *
 * What tenants' sites sign their visitors' identities with.
 */
#include "storage/directory/directory_rows.h"
#include "storage/keys/secrets.h"

#include <openssl/crypto.h>
#include <stdio.h>

static void use_of(const char *kid, char use[SECRET_USE_BYTES])
{
    (void)snprintf(use, SECRET_USE_BYTES, SECRET_IDENTITY "%s", kid);
}

static int take_key(struct directory *directory, const struct tenant_name *tenant,
                    sqlite3_stmt *stmt, struct identity_key *ret_key)
{
    char use[SECRET_USE_BYTES], secret[SECRET_MAX + 1];
    int rc;

    (void)slice_copy(column_text(stmt, 0), ret_key->kid, sizeof(ret_key->kid));
    ret_key->required = column_number(stmt, 2) != 0;
    ret_key->created_ms = column_number(stmt, 3);
    use_of(ret_key->kid, use);
    rc = directory_secret_read(directory, tenant, use, stmt, 1, secret);
    if (rc == OK)
        (void)slice_copy(slice_of(secret), ret_key->secret, sizeof(ret_key->secret));
    OPENSSL_cleanse(secret, sizeof(secret));
    return rc;
}

int directory_identity_key_get(struct directory *directory, const struct tenant_name *tenant,
                               struct identity_key *ret_key)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "SELECT kid, secret, required, created_ms FROM identity_keys WHERE tenant = ?1");
    int code, rc = OK;

    *ret_key = (struct identity_key){ .kid = "" };
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant->text));
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        rc = take_key(directory, tenant, stmt, ret_key);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? rc : RAISE(ERR_IO);
}

int directory_identity_key_set(struct directory *directory, const struct tenant_name *tenant,
                               const struct identity_key *key)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "INSERT INTO identity_keys (tenant, kid, secret, required, created_ms) VALUES (?1, ?2, ?3, "
        "?4, ?5) ON CONFLICT (tenant) DO UPDATE SET kid = excluded.kid, secret = excluded.secret, "
        "required = excluded.required, created_ms = excluded.created_ms");
    struct sealed_secret sealed;
    char use[SECRET_USE_BYTES];
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    use_of(key->kid, use);
    rc = directory_secret_bind(directory, tenant, use, stmt, 3, slice_of(key->secret), &sealed);
    if (rc != OK) {
        (void)sqlite3_finalize(stmt);
        return rc;
    }
    bind_text(stmt, 1, slice_of(tenant->text));
    bind_text(stmt, 2, slice_of(key->kid));
    bind_number(stmt, 4, key->required);
    bind_number(stmt, 5, key->created_ms);
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == DIRECTORY_E_EXISTS ? DIRECTORY_E_NONE : rc; /* the constraint is a reference */
}
