/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_rows — for the directory's own files alone: its handle, and how statements end.
 */
#ifndef STORAGE_DIRECTORY_ROWS_H
#define STORAGE_DIRECTORY_ROWS_H

#include "storage/directory/directory.h"
#include "storage/keys/tenant_key.h"
#include "storage/sqlite/database.h"

/* SQL: whether an entry of the audit is the tenant's, ?1, who came at ?2: under the name it has
 * since it has that, and under each it had while it did. */
#define AUDIT_IS_OURS                                                                              \
    "(audit.tenant = ?1 AND audit.at_ms >= max(?2, coalesce((SELECT max(until_ms) FROM "           \
    "former_names WHERE tenant = ?1), 0)) OR EXISTS (SELECT 1 FROM former_names f WHERE f.tenant " \
    "= ?1 AND f.name = audit.tenant AND audit.at_ms BETWEEN f.since_ms AND f.until_ms))"
/* Its names, for an index. */
#define NAMES_OF_TENANT "(SELECT ?1 UNION SELECT name FROM former_names WHERE tenant = ?1)"

struct directory {
    sqlite3 *db;
    int lock;
    const struct audit_entry *joining; /* goes with the next change; NULL: none */
    bool *joined;                      /* set when it has */
    bool unlocked;                     /* tenant_keys.h */
    struct instance_key key;
};

/* Steps a statement that changes something, and frees it; the audit's entry that waits for a change
 * goes into the same commit. `none` when it changed nothing. */
int directory_change(struct directory *directory, sqlite3_stmt *stmt, int none) MUST_CHECK;
/* Ends a transaction: with OK all of it holds, else nothing. */
int directory_settle(struct directory *directory, int rc) MUST_CHECK;
/* directory_names.c: what it was called before, and whether it is still moving. */
int directory_read_names(struct directory *directory, struct tenant *tenant) MUST_CHECK;
/* Frees a statement that looked for one row, and was stepped once. DIRECTORY_E_NONE, ERR_IO. */
int directory_found(sqlite3_stmt *stmt, int step) MUST_CHECK;

/* tenant_keys.c: a secret in this column, opened where it is sealed. DIRECTORY_E_SEALED. */
int directory_secret_read(struct directory *directory, const struct tenant_name *tenant,
                          const char *use, sqlite3_stmt *stmt, int at,
                          char ret_text[SECRET_MAX + 1]) MUST_CHECK;
/* Sealed, where the directory is unlocked; `hold` and `text` must live until the step. */
int directory_secret_bind(struct directory *directory, const struct tenant_name *tenant,
                          const char *use, sqlite3_stmt *stmt, int at, struct slice text,
                          struct sealed_secret *hold) MUST_CHECK;
/* Within a transaction: it has a key, and what it has here is sealed. DIRECTORY_E_SEALED. */
int directory_secrets_settle(struct directory *directory,
                             const struct tenant_name *tenant) MUST_CHECK;

#endif
