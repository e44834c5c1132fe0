/* SPDX-License-Identifier: Apache-2.0
 *
 * openapi — the API as an OpenAPI 3.1 document, made from the route table and what each route
 * answers (answers/): what is not in the tables is not in the document, and the other way round.
 */
#ifndef SERVER_BRIDGE_CORE_API_OPENAPI_OPENAPI_H
#define SERVER_BRIDGE_CORE_API_OPENAPI_OPENAPI_H

#include "base/format/json.h"

struct core;

json_t *openapi_document(void); /* NULL: out of memory */
/* What handle_openapi_show() keeps: it is the same each time, anybody may ask for it, and making
 * it takes the core longer than a message may wait. */
void openapi_free(struct core *core);

#endif
