/* SPDX-License-Identifier: Apache-2.0
 *
 * adhoc — the desk's commands for clients that know XEP-0050: listed, a form where a command
 * takes words, one step each. What is filled in becomes the line an agent would have typed, so it
 * goes the same way and is answered in the same chat; the client is told to look there.
 */
#ifndef SERVER_BRIDGE_XMPP_ADHOC_H
#define SERVER_BRIDGE_XMPP_ADHOC_H

#include "server-bridge/xmpp/inbound/inbound.h"

#define ADHOC_NS "http://jabber.org/protocol/commands"

/* Items of the commands that can be said to this contact. */
void adhoc_write_items(struct inbound *inbound, const struct arrival *arrival, struct buf *to);
/* Whether this node is one of them; its identity is then told by adhoc_write_info(). */
bool adhoc_has_node(const struct inbound *inbound, const struct arrival *arrival,
                    struct slice node);
void adhoc_write_info(struct slice node, struct buf *to);
/* An iq with a <command/>: answered here, one way or another. */
void adhoc_handle(struct inbound *inbound, const struct arrival *arrival, xmpp_stanza_t *command);

#endif
