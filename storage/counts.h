/* SPDX-License-Identifier: Apache-2.0
 *
 * counts — how much is remembered of a tenant.
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

#endif
