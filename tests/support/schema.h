/* SPDX-License-Identifier: Apache-2.0
 *
 * schema — holds what the REST API answers against what its OpenAPI document says of it, more
 * strictly than clients should: a member that the document does not know is a fault, too.
 *
 * As much of JSON Schema as the document uses; a keyword beyond that is a fault as well.
 */
#ifndef TESTS_SUPPORT_SCHEMA_H
#define TESTS_SUPPORT_SCHEMA_H

#include "base/buf.h"
#include "base/format/json.h"

struct route;

/* One answer. `json` is its body where that is JSON. */
struct answered {
    const struct route *route;
    unsigned status;
    const char *type, *headers;
    const json_t *json;
};

/* False: the document says otherwise; `problem` tells where and what. */
bool schema_allows(const json_t *document, const struct answered *answered, struct buf *problem);
/* The same of one value and a schema. */
bool schema_holds(const json_t *document, const json_t *schema, const json_t *value,
                  struct buf *problem);

#endif
