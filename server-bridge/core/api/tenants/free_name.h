/* SPDX-License-Identifier: Apache-2.0
 *
 * free_name — whether a tenant may get a name: nobody has it, and no other ever had it. A former
 * name stays with who bore it: snippets, signatures and addresses of then lead there.
 */
#ifndef SERVER_BRIDGE_CORE_API_TENANTS_FREE_NAME_H
#define SERVER_BRIDGE_CORE_API_TENANTS_FREE_NAME_H

#include "server-bridge/core/api/call.h"

/* True: the call's tenant, or a new one, may get it. Else the call is answered. */
bool name_is_free(struct call *call, const struct tenant_name *name);

#endif
