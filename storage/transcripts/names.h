/* SPDX-License-Identifier: Apache-2.0
 *
 * names — by which names a tenant's agents have been seen in its chats: those of the transcripts,
 * for agents come and go, and imported chats bring their own.
 */
#ifndef STORAGE_NAMES_H
#define STORAGE_NAMES_H

#include "storage/store.h"

typedef int names_fn(void *context, struct slice name);
/* Each once, in order. STORE_E_UNAVAILABLE, or what fn stopped with. */
int names_of_agents(struct store *store, const struct tenant_name *tenant, names_fn *fn,
                    void *context);

#endif
