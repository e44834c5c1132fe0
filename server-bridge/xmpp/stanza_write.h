/* SPDX-License-Identifier: Apache-2.0
 *
 * stanza_write — the stanzas we send, as XML text. The only place that makes any.
 *
 * Everything from outside goes through text_check before it is escaped: one character XML
 * does not know, and the server ends the stream of the whole tenant. `from` is made of our
 * domain and a localpart of our own making only: a wrong one ends the stream too.
 */
#ifndef SERVER_BRIDGE_XMPP_STANZA_WRITE_H
#define SERVER_BRIDGE_XMPP_STANZA_WRITE_H

#include "base/buf.h"
#include "server-bridge/ipc/messages.h"

/* The resource presence comes from, always the same; messages come from the bare JID. */
#define STANZA_RESOURCE  "lasna"
/* What the desk is called in its team room. */
#define STANZA_NICK      "desk"
/* The node of our entity capabilities (XEP-0115). */
#define STANZA_CAPS_NODE "https://lasna.example"

enum { STANZA_E_REFUSED = 1 }; /* text or address that must not go out; nothing was written */

/* Appends one stanza, or nothing. Presence: show as in
 * chat/; caps_ver is the hash of what the contact can do, photo that of its picture; "" for none.
 */
int stanza_write_say(struct buf *to, const char *domain, const struct ipc_link_say *say) MUST_CHECK;
/* Into the room `say->invites` (XEP-0249), beside the line that says so: a message of its own and
 * of type normal, for Gajim takes no other as an invitation, and Profanity shows no words beside
 * one.
 */
int stanza_write_invitation(struct buf *to, const char *domain,
                            const struct ipc_link_say *say) MUST_CHECK;
int stanza_write_chat_state(struct buf *to, const char *domain,
                            const struct ipc_link_chat_state *state) MUST_CHECK;
int stanza_write_presence(struct buf *to, const char *domain,
                          const struct ipc_link_presence *presence, const char *caps_ver,
                          const char *photo) MUST_CHECK;
int stanza_write_receipt(struct buf *to, const char *domain,
                         const struct ipc_link_receipt *receipt) MUST_CHECK;
int stanza_write_probe(struct buf *to, const char *domain,
                       const struct ipc_link_probe *probe) MUST_CHECK;
/* subscribed: from the bare JID, as the answer to a member's wish. */
int stanza_write_subscribed(struct buf *to, const char *domain, struct slice local,
                            struct slice member) MUST_CHECK;
/* One line of our own to a member. */
int stanza_write_notice(struct buf *to, const char *domain, struct slice local, struct slice member,
                        struct slice text) MUST_CHECK;
/* A stanza to ourselves: when it comes back, everything before it has arrived. */
int stanza_write_barrier(struct buf *to, const char *domain, uint64_t number) MUST_CHECK;

/* An error in answer to a stanza. `name`: message, presence or iq; id may be empty. */
struct stanza_answer {
    const char *name;
    struct slice from, to, id; /* as we write them: from is the `to` of what is answered */
};
int stanza_write_error(struct buf *to, const struct stanza_answer *answer, const char *type,
                       const char *condition, const char *text) MUST_CHECK;
/* `payload`: XML of our own making, "" for none. */
int stanza_write_result(struct buf *to, const struct stanza_answer *answer,
                        struct slice payload) MUST_CHECK;
/* A request, answered under its id: from this contact's full JID, or from our bare domain ("").
 * `type`: get or set. */
int stanza_write_request(struct buf *to, const char *domain, const char *local, const char *type,
                         struct slice target, const char *id, struct slice payload) MUST_CHECK;
/* The desk comes into a room by that nick, and speaks there. */
int stanza_write_join(struct buf *to, const char *domain, struct slice room,
                      const char *nick) MUST_CHECK;
int stanza_write_groupchat(struct buf *to, const char *domain, struct slice room, struct id stanza,
                           struct slice text) MUST_CHECK;

#endif
