/* SPDX-License-Identifier: Apache-2.0
 *
 * search_index — lets a tenant's search index catch up with its messages: read and folded off the
 * loop, written by the tenant's writer, stretch by stretch until nothing is left. One run at a time
 * for a tenant; who asks meanwhile waits for a look at what is new that begins after. Behind that
 * comes what is stale (storage/transcripts/search.h), for which nobody waits.
 */
#ifndef SERVER_BRIDGE_CORE_API_SEARCH_INDEX_H
#define SERVER_BRIDGE_CORE_API_SEARCH_INDEX_H

#include "server-bridge/core/core.h"

/* Told once the index has all that was answered before; not OK: it has not. */
struct index_waiter {
    struct index_waiter *next;
    void (*ready)(struct index_waiter *waiter, int rc);
};

/* `waiter` NULL: nobody waits. It must live until told. */
void index_catch_up(struct core *core, const struct tenant_name *tenant,
                    struct index_waiter *waiter);

#endif
