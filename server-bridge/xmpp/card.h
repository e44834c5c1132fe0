/* SPDX-License-Identifier: Apache-2.0
 *
 * card — who a contact of ours is: as a vCard (XEP-0054, XEP-0292) and as an avatar (XEP-0084).
 * A visitor's card says to whom they were shown what their roster entry and status say, and to
 * every other member only whose visitor it is. The desk's says the tenant and its site.
 */
#ifndef SERVER_BRIDGE_XMPP_CARD_H
#define SERVER_BRIDGE_XMPP_CARD_H

#include "server-bridge/xmpp/inbound/inbound.h"

/* Each appends one element. */
void card_write_temp(const struct inbound *inbound, const struct arrival *arrival, struct buf *to);
void card_write_4(const struct inbound *inbound, const struct arrival *arrival, struct buf *to);
/* What the contact has published under the node that is asked for; nothing where that is nothing,
 * or not the item asked for. */
void card_write_published(const struct inbound *inbound, const struct arrival *arrival,
                          xmpp_stanza_t *pubsub, struct buf *to);

#endif
