/* SPDX-License-Identifier: Apache-2.0
 *
 * unhandled — what agents said and the core has not yet dealt with: told again, in order, to a
 * core that has restarted. Bounded; when full, the agent is told that it was not taken.
 */
#ifndef SERVER_BRIDGE_XMPP_UNHANDLED_H
#define SERVER_BRIDGE_XMPP_UNHANDLED_H

#include "base/result.h"
#include "server-bridge/ipc/messages.h"

enum { UNHANDLED_MAX = 20000, UNHANDLED_BYTES_MAX = 8 << 20 };

struct unhandled_item; /* opaque */
struct unhandled {
    struct unhandled_item *first, *last; /* owned; by rising ordinal */
    uint64_t ordinal;                    /* the last one given */
    size_t count, bytes;
};

void unhandled_release(struct unhandled *unhandled);

/* Copies the message, gives it the next ordinal and sets it there. `receipt_id`: the id a
 * receipt must name; empty: the client wants none. ERR_NO_MEMORY: full. */
int unhandled_add(struct unhandled *unhandled, struct ipc_heard_message *message,
                  struct slice receipt_id) MUST_CHECK;
void unhandled_done(struct unhandled *unhandled, uint64_t ordinal);

typedef void unhandled_each_fn(void *context, const struct ipc_heard_message *message);
void unhandled_each(const struct unhandled *unhandled, unhandled_each_fn *each, void *context);

/* False: no such message is waiting. Borrowed. */
bool unhandled_receipt_id(const struct unhandled *unhandled, struct slice agent, struct slice to,
                          struct slice stanza, struct slice *ret_receipt_id);

#endif
