/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/tokens.h"

#include "storage/directory/directory_rows.h"

int directory_token_add(struct directory *directory, const struct access_token *token,
                        const struct digest *hash)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO tokens (id, hash, role, tenant, label, created_ms, expires_ms) "
                       "VALUES (?1, ?2, ?3, nullif(?4, ''), ?5, ?6, ?7)");
    char hex[DIGEST_HEX_BYTES];

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(hash, hex);
    bind_text(stmt, 1, slice_of(token->id));
    bind_text(stmt, 2, slice_of(hex));
    bind_number(stmt, 3, token->role);
    bind_text(stmt, 4, slice_of(token->tenant.text));
    bind_text(stmt, 5, token->label);
    bind_number(stmt, 6, token->created_ms);
    bind_number(stmt, 7, token->expires_ms);
    return directory_change(directory, stmt, ERR_BUG);
}

static int each(sqlite3_stmt *stmt, directory_token_fn *fn, void *context, size_t *ret_count)
{
    int code = SQLITE_ERROR, stopped = 0;

    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct access_token token = { .role = (enum role_name)column_number(stmt, 1),
                                      .label = column_text(stmt, 3),
                                      .created_ms = column_number(stmt, 4),
                                      .expires_ms = column_number(stmt, 5),
                                      .used_ms = column_number(stmt, 6) };

        (void)slice_copy(column_text(stmt, 0), token.id, sizeof(token.id));
        (void)slice_copy(column_text(stmt, 2), token.tenant.text, sizeof(token.tenant.text));
        (*ret_count)++;
        stopped = fn(context, &token);
    }
    return walk_end(stmt, stopped, code);
}

/* By a hash of 256 random bits: how long the search took tells nothing of the token. */
int directory_token_find(struct directory *directory, const struct digest *hash,
                         directory_token_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT id, role, coalesce(tenant, ''), label, created_ms, expires_ms, "
                       "used_ms FROM tokens WHERE hash = ?1");
    char hex[DIGEST_HEX_BYTES];
    size_t count = 0;
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(hash, hex);
    bind_text(stmt, 1, slice_of(hex));
    rc = each(stmt, fn, context, &count);
    return rc == OK && count == 0 ? DIRECTORY_E_NONE : rc;
}

int directory_token_used(struct directory *directory, const char *id, uint64_t at_ms)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "UPDATE tokens SET used_ms = ?2 WHERE id = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(id));
    bind_number(stmt, 2, at_ms);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_token_remove(struct directory *directory, const char *id)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, "DELETE FROM tokens WHERE id = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(id));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_tokens(struct directory *directory, directory_token_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT id, role, coalesce(tenant, ''), label, created_ms, expires_ms, "
                       "used_ms FROM tokens ORDER BY id");
    size_t count = 0;

    return stmt == NULL ? ERR_IO : each(stmt, fn, context, &count);
}
