/* SPDX-License-Identifier: Apache-2.0
 *
 * responses — what may come back of a route, as OpenAPI tells it: what it answers (answers/), the
 * refusals that are its own, and those that any route of its kind has.
 */
#ifndef SERVER_BRIDGE_CORE_API_OPENAPI_RESPONSES_H
#define SERVER_BRIDGE_CORE_API_OPENAPI_RESPONSES_H

#include "server-bridge/core/api/route.h"

json_t *responses_of(const struct route *route);
/* Those refusals of any route, as components; and the form of each refusal. */
json_t *responses_all(void);
json_t *responses_problem(void);
/* Its document has a tag, by which what was seen is not sent again. */
bool responses_have_etag(const struct route *route);

#endif
