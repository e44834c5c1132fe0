/* SPDX-License-Identifier: Apache-2.0
 *
 * buyers_in — buyers as the site tells of them: what they answered elsewhere, or an order whose
 * buyer is to be asked. And as we tell of them.
 */
#ifndef SERVER_BRIDGE_CORE_API_BUYERS_IN_H
#define SERVER_BRIDGE_CORE_API_BUYERS_IN_H

#include "base/format/json.h"
#include "server-bridge/core/core.h"
#include "storage/buyers.h"

/* NULL: fine; else what is wrong, for people. The texts borrow from `item`. */
const char *buyers_in_read(const json_t *item, const struct core *core, const struct tenant *tenant,
                           struct buyer *ret_buyer);
/* An order alone: id, and perhaps at (else now), value and currency, chatted. *ret_chatted:
 * BUYER_UNTOLD where it is not said. */
const char *buyers_in_order(const json_t *item, const struct core *core,
                            const struct tenant *tenant, uint64_t now_ms, struct buyer *ret_buyer,
                            int *ret_chatted);

/* All that is kept of an answer; of the order there is a hash. */
json_t *buyers_view(const struct buyer *buyer);

#endif
