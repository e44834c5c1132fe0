/* SPDX-License-Identifier: Apache-2.0
 *
 * staffing — how a tenant's desk was staffed, hour by hour. Sums over all agents: whose they are is
 * not kept, so there is nobody to erase.
 */
#ifndef STORAGE_STAFFING_H
#define STORAGE_STAFFING_H

#include "chat/chat.h"
#include "storage/store.h"

struct staffing_hour {
    uint64_t hour; /* since 1970, UTC */
    uint64_t seen_s, open_s, staffed_s, agent_s, held_s,
        queued_s; /* 0013_staffing.sql tells each */
};

/* The desk was like this for so long. */
void staffing_see(struct staffing_hour *hour, const struct chat_counts *counts, unsigned seconds);

/* Adds to what is known of that hour. */
struct staffing_bulk {
    struct store_bulk bulk; /* .apply by staffing_bulk_init(), .done by the caller */
    struct staffing_hour hour;
};
void staffing_bulk_init(struct staffing_bulk *bulk, const struct staffing_hour *hour);

typedef int staffing_fn(void *context, const struct staffing_hour *hour);
/* Hours that begin in [since, until), in order; 0: no bound. */
int staffing_read(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                  uint64_t until_ms, staffing_fn *fn, void *context);

#endif
