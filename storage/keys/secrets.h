/* SPDX-License-Identifier: Apache-2.0
 *
 * secrets — where a tenant's secrets stand in our databases, and what is done to all of them at
 * once. Sealed they are BLOBs, plain they are TEXT: plain is what a home of before had, and what a
 * backup holds, which has a seal of its own. Each of these works within the caller's transaction;
 * `tenant` is NULL where the database is one tenant's.
 */
#ifndef STORAGE_SECRETS_H
#define STORAGE_SECRETS_H

#include "base/buf.h"
#include "storage/keys/tenant_key.h"
#include "storage/sqlite/database.h"
#include "tenant/tenant.h"

#define SECRET_COMPONENT "component"
#define SECRET_IDENTITY  "identity:" /* and the key's kid */
#define SECRET_WEBHOOK   "webhook:"  /* and the hook's id, in hex */

enum { SECRET_USE_BYTES = 96 };

enum secrets_home {
    SECRETS_OF_DIRECTORY, /* of one tenant in it */
    SECRETS_OF_STORE,     /* a tenant's own database */
};

/* Seals what is plain, or under the key before, by the first key. SEALED_E_BROKEN: some of it does
 * not open, and stays as it was. */
int secrets_seal(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                 const struct tenant_keys *keys) MUST_CHECK;
/* Whether secrets_seal() had anything to do. */
int secrets_are_stale(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                      const struct tenant_keys *keys, bool *ret_stale) MUST_CHECK;
/* The other way: for a copy that is to be opened elsewhere. SEALED_E_BROKEN: as above. */
int secrets_bare(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                 const struct tenant_keys *keys) MUST_CHECK;
/* A line in `problems` for each that does not open. Where the keys' ids alone are known (`opened`
 * false): for each that names none of them. */
int secrets_check(sqlite3 *db, enum secrets_home home, const struct tenant_name *tenant,
                  const struct tenant_keys *keys, bool opened, struct buf *problems) MUST_CHECK;

#endif
