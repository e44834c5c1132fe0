/* SPDX-License-Identifier: Apache-2.0
 *
 * parameters — what stands in a route's path, query and headers, as OpenAPI tells it. Those of
 * the query have their meaning here, in one table.
 */
#ifndef SERVER_BRIDGE_CORE_API_OPENAPI_PARAMETERS_H
#define SERVER_BRIDGE_CORE_API_OPENAPI_PARAMETERS_H

#include "server-bridge/core/api/route.h"

json_t *parameters_of(const struct route *route);

#endif
