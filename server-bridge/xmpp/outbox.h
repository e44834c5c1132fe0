/* SPDX-License-Identifier: Apache-2.0
 *
 * outbox — what is on its way to the XMPP server, in order, bounded.
 *
 *     put ──▶ waiting ──outbox_take──▶ in flight ──outbox_confirm──▶ gone
 *
 * The library's own queue tells nobody what it wrote, and loses it all on a reconnect; so
 * what counts as delivered is decided here, by barriers: a stanza to ourselves that comes back
 * behind all that was written before it. Bytes stay until then. Pure: no socket, no clock.
 */
#ifndef SERVER_BRIDGE_XMPP_OUTBOX_H
#define SERVER_BRIDGE_XMPP_OUTBOX_H

#include "base/buf.h"
#include "base/id.h"
#include "base/result.h"

struct outbox;

enum outbox_kind {
    OUTBOX_FLEETING, /* worth nothing after a reconnect: typing, presence, answers */
    OUTBOX_KEPT,     /* sent again after a reconnect: receipts */
    OUTBOX_SAY,      /* a message: the core sends it again, under a new ordinal */
};

struct outbox_limits {
    size_t bytes_max; /* waiting and in flight */
    size_t take_max;  /* bytes one outbox_take joins */
};

int outbox_new(struct outbox **ret_outbox, const struct outbox_limits *limits) MUST_CHECK;
struct outbox *outbox_free(struct outbox *outbox);

/* ERR_NO_MEMORY: full; nothing was taken. ordinal and stanza only for OUTBOX_SAY. */
int outbox_put(struct outbox *outbox, enum outbox_kind kind, struct slice stanza_xml,
               uint64_t ordinal, struct id stanza) MUST_CHECK;
/* Whether the writer of stanzas had better pause: more than half of it is full. */
bool outbox_is_crowded(const struct outbox *outbox);

/* Joins the next stanzas, whole ones; they are in flight now. `one_say`: no more than one
 * message, to find out which one the server cannot bear. Borrowed until the next call; empty
 * when nothing waits. */
struct slice outbox_take(struct outbox *outbox, bool one_say);
bool outbox_has_waiting(const struct outbox *outbox);
/* A mark in the stream behind all that was taken so far; give it to outbox_confirm. */
uint64_t outbox_mark(const struct outbox *outbox);
/* Whether something in flight waits for a barrier. */
bool outbox_is_unconfirmed(const struct outbox *outbox);
/* Everything before the mark arrived. Returns the highest ordinal among it; 0: none. */
uint64_t outbox_confirm(struct outbox *outbox, uint64_t mark);

/* Tells of each message in flight, in order. */
typedef void outbox_each_fn(void *context, struct id stanza);
void outbox_each_in_flight(const struct outbox *outbox, outbox_each_fn *each, void *context);

/* The connection or the core is gone: messages are forgotten, what is kept waits again. */
void outbox_restart(struct outbox *outbox);

#endif
