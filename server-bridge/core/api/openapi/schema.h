/* SPDX-License-Identifier: Apache-2.0
 *
 * schema — what routes take and what they answer, as JSON Schema (2020-12, as OpenAPI 3.1 has it).
 *
 * An answer's schema lets pass what it does not know: members may be added, and whoever reads it
 * is to pass over them. Tests do not.
 */
#ifndef SERVER_BRIDGE_CORE_API_OPENAPI_SCHEMA_H
#define SERVER_BRIDGE_CORE_API_OPENAPI_SCHEMA_H

#include "server-bridge/core/api/answers/shape.h"
#include "server-bridge/core/api/route.h"

/* The object a body is, of these fields. */
json_t *schema_of_body(const struct field *fields);
json_t *schema_of_member(const struct member *member);
/* A reference to a component. */
json_t *schema_ref(const char *component);
/* A page of them: items, next. */
json_t *schema_of_page(const struct shape *items);
/* Puts the shape, and those it is made of, among the components. */
void schema_define(json_t *schemas, const struct shape *shape);

#endif
