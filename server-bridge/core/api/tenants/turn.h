/* SPDX-License-Identifier: Apache-2.0
 *
 * turn — many tenants come in a row, added, imported or enabled, and each costs everybody: the
 * disk, the XMPP server that reads its configuration anew, a process that starts. So while visitors
 * are here each waits its turn. Who fills a server where nobody chats yet need not wait.
 */
#ifndef SERVER_BRIDGE_CORE_API_TENANTS_TURN_H
#define SERVER_BRIDGE_CORE_API_TENANTS_TURN_H

#include "server-bridge/core/api/call.h"

typedef void turn_fn(void *context);

/* Keeps the call under the tenant's name and calls `come` when its turn has come, perhaps at once;
 * `release` where it never does: too many wait (the call is answered), or the core stops. */
void turn_take(struct call *call, const char *tenant, turn_fn *come, turn_fn *release,
               void *context);

#endif
