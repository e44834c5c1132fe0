/* SPDX-License-Identifier: Apache-2.0
 *
 * buyers — answers of buyers to a survey, those who chatted and those who did not: what the effect
 * study rests on. Without words and without names; a person known to the site by a subject is
 * forgotten with the visitor of that subject.
 */
#ifndef STORAGE_BUYERS_H
#define STORAGE_BUYERS_H

#include "storage/store.h"

enum { BUYER_UNTOLD = -1 };

struct buyer {
    struct slice id, subject, currency;
    uint64_t at_ms;
    bool chatted;
    int bought, solved;                     /* 0, 1 or BUYER_UNTOLD */
    int recommend, trust, again, satisfied; /* or BUYER_UNTOLD */
    int64_t cents;                          /* of the order; or BUYER_UNTOLD */
};

struct buyers_bulk {
    struct store_bulk bulk; /* .apply by buyers_bulk_init(), .done by the caller */
    struct buyer *buyers;   /* owned; their texts are not */
    size_t count;
    size_t added; /* set when stored: the others replaced what was told before */
};
void buyers_bulk_init(struct buyers_bulk *bulk);

typedef int buyer_fn(void *context, const struct buyer *buyer);
/* Those of [since, until), in order of id; 0: no bound. */
int buyers_read(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                uint64_t until_ms, buyer_fn *fn, void *context);

#endif
