/* SPDX-License-Identifier: Apache-2.0
 *
 * budget — what may be asked of the API in a while. Each route has its cost in the table; each
 * token and each user has a budget it is spent from, and so has each tenant, for all its users and
 * tokens together: neither a script that runs wild nor many of them take the core from the others.
 * The operator, at the control socket, has no limit; strangers have theirs in web, by address.
 */
#ifndef SERVER_BRIDGE_CORE_API_BUDGET_H
#define SERVER_BRIDGE_CORE_API_BUDGET_H

#include "server-bridge/core/api/call.h"

/* Of a token or a user: so much at once, and so much a second on and on. A tenant's stands in its
 * settings (quota.api), a second's worth; ten of them at once. */
enum { BUDGET_BURST = 600, BUDGET_PER_SECOND = 60, BUDGET_TENANT_SECONDS = 10 };

/* Spends the route's cost. False: there is not so much left now, and the call is answered. */
bool budget_spend_callers(struct call *call);
bool budget_spend_tenants(struct call *call);
void budget_free(struct core *core);

#endif
