/* SPDX-License-Identifier: Apache-2.0
 *
 * erase — visitors forgotten: all they said, all that was said to them, noted of them, coded of
 * it, what they answered as buyers. And a buyer forgotten by the id of the order (buyers.h), who
 * may never have been a visitor: ids of both are 128 bits that no two things share. The rows go in
 * one piece; what is left of them in the log goes with STORE_CALL(scrub).
 *
 * The ledger is a file of its own, beside the databases and outside every backup that is put
 * back: an erasure is written there first, and done again at each start. So a kill, or an old
 * copy of a database, brings nobody back. A tenant that was removed stands in it, too, for backups.
 * It holds tenants' names, random ids and times, nothing else.
 */
#ifndef STORAGE_ERASE_H
#define STORAGE_ERASE_H

#include "base/buf.h"
#include "storage/store.h"

struct erasure {
    struct store_bulk bulk;      /* .apply is set by erasure_init(), .done by the caller */
    struct visitor_id *visitors; /* or orders */
    size_t count;
    uint64_t found, conversations, messages; /* what went */
};

/* ERR_NO_MEMORY. erasure_release() frees the copy of the list. */
int erasure_init(struct erasure *erasure, const struct visitor_id *visitors,
                 size_t count) MUST_CHECK;
void erasure_release(struct erasure *erasure);

/* `dir` is the data folder. On disk when it returns. */
int ledger_add(const char *dir, const struct tenant_name *tenant, struct visitor_id visitor,
               uint64_t at_ms) MUST_CHECK;
/* The visitors of this tenant that stand in it; the caller frees *ret_visitors. */
int ledger_read(const char *dir, const struct tenant_name *tenant, struct visitor_id **ret_visitors,
                size_t *ret_count) MUST_CHECK;

/* The whole tenant is gone. On disk when it returns. */
int ledger_add_tenant(const char *dir, const struct tenant_name *tenant, uint64_t at_ms) MUST_CHECK;
/* When a tenant of this name was removed last; 0: never. */
int ledger_tenant_gone(const char *dir, const struct tenant_name *tenant,
                       uint64_t *ret_at_ms) MUST_CHECK;
/* Appends the ledger as it stands: the lines of one tenant, or all (empty). ERR_LIMIT: not all of
 * it has room. */
int ledger_copy(const char *dir, struct slice tenant, struct buf *to) MUST_CHECK;

#endif
