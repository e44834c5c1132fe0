/* SPDX-License-Identifier: Apache-2.0
 *
 * counts — how much is remembered of a tenant, and how soon its visitors were answered.
 */
#ifndef STORAGE_COUNTS_H
#define STORAGE_COUNTS_H

#include "storage/store.h"

struct store_counts {
    uint64_t conversations, messages, visitors;
};

/* STORE_E_UNAVAILABLE, ERR_IO. */
int store_counts(struct store *store, const struct tenant_name *tenant,
                 struct store_counts *ret_counts) MUST_CHECK;

/* Called for each conversation opened since then that an agent took, the latest `limit` of them,
 * oldest first: when it was taken, and how long it had waited. STORE_E_UNAVAILABLE, ERR_IO. */
typedef void store_wait_fn(void *context, uint64_t taken_ms, uint64_t waited_ms);
int store_waits(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                unsigned limit, store_wait_fn *fn, void *context) MUST_CHECK;

#endif
