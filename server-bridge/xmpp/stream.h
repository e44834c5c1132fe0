/* SPDX-License-Identifier: Apache-2.0
 *
 * stream — a component connection one can rely on: a bounded outbox before it, barriers that
 * tell what arrived, and a way to find out which message the server cannot bear.
 */
#ifndef SERVER_BRIDGE_XMPP_STREAM_H
#define SERVER_BRIDGE_XMPP_STREAM_H

#include "server-bridge/xmpp/component.h"
#include "server-bridge/xmpp/outbox.h"

struct stream;

struct stream_handlers {
    void (*up)(void *context);
    /* After `broke` for each message that was in flight at a breach. Messages not routed are
     * forgotten, as is all else but what was to be kept. */
    void (*down)(void *context, const struct component_end *end);
    void (*stanza)(void *context, xmpp_stanza_t *stanza);
    void (*routed)(void *context, uint64_t ordinal); /* everything up to there */
    void (*broke)(void *context, struct id stanza);
    void (*crowded)(void *context, bool crowded); /* stop giving, go on giving */
};

struct stream_setup {
    struct event_base *base;
    const char *domain, *host, *secret; /* copied */
    unsigned short port;
    const struct stream_handlers *handlers;
    void *context;
    const struct log_context *log;
    unsigned barrier_ms; /* a server silent this long behind a barrier is gone; 0: 15 s */
};

int stream_new(struct stream **ret_stream, const struct stream_setup *setup) MUST_CHECK;
struct stream *stream_free(struct stream *stream);

bool stream_is_up(const struct stream *stream);
/* While down only OUTBOX_KEPT is taken: messages come again, the rest is stale by then. */
void stream_put(struct stream *stream, enum outbox_kind kind, struct slice stanza_xml,
                uint64_t ordinal, struct id stanza);
/* A barrier came back: a stanza from our own domain to its resource "barrier". */
void stream_barrier(struct stream *stream, uint64_t number);
/* Whoever wanted the messages is gone, and will ask again under new ordinals. */
void stream_forget(struct stream *stream);
/* Says goodbye; `down` follows unless it was down already. */
void stream_close(struct stream *stream);

#endif
