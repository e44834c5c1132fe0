/* SPDX-License-Identifier: Apache-2.0
 *
 * codes_in — a conversation as a person has coded it, taken in: an id, messages (or turns) each
 * with its `codes`, and `functions`. What the code book does not know is refused.
 */
#ifndef SERVER_BRIDGE_CORE_API_CODES_IN_H
#define SERVER_BRIDGE_CORE_API_CODES_IN_H

#include "base/format/json.h"
#include "storage/codes.h"

/* The code book's own text of a code or function, which lives for ever; empty: it has none such. */
struct slice code_name(struct slice id);

/* NULL: fine; else what is wrong, for people. The codes borrow from `item`; coding->codes is the
 * caller's to free either way. */
const char *codes_in_read(const json_t *item, const struct tenant_name *tenant,
                          struct coding *coding);

#endif
