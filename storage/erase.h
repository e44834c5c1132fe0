/* SPDX-License-Identifier: Apache-2.0
 *
 * erase — visitors forgotten: all they said, all that was said to them, noted of them, coded of
 * it, what they answered as buyers. And a buyer forgotten by the id of the order (buyers.h), who
 * may never have been a visitor: ids of both are 128 bits that no two things share. The rows go in
 * one piece; what is left of them in the log goes with STORE_CALL(scrub).
 *
 * Whom that happened to stands in the ledger (ledger.h), first: it is done again at each start.
 */
#ifndef STORAGE_ERASE_H
#define STORAGE_ERASE_H

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

#endif
