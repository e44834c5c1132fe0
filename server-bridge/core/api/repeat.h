/* SPDX-License-Identifier: Apache-2.0
 *
 * repeat — a request that is sent again because its answer was lost, in one place for all routes. A
 * POST with an Idempotency-Key is done once: within a day the same key with the same request
 * gives the same answer, with another request 422. Only what was done is kept (2xx): what was
 * refused may be put right and sent under the same key.
 *
 * Secrets are shown once. A repeated answer has null in their place.
 */
#ifndef SERVER_BRIDGE_CORE_API_REPEAT_H
#define SERVER_BRIDGE_CORE_API_REPEAT_H

#include "server-bridge/core/api/call.h"

/* Whether a route takes the key. */
bool repeat_is_taken(const struct route *route);
/* Whether the request is to be done. False: it is answered, by what was answered before. */
bool repeat_is_first(struct call *call, const struct ipc_api_request *request);
/* This is what was answered. */
void repeat_keep(struct call *call, unsigned status, struct slice body);

#endif
