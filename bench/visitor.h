/* SPDX-License-Identifier: Apache-2.0
 *
 * visitor — one WebSocket that speaks lasna.v1, as cheaply as it can be done: what the load
 * generator takes of the machine is not there for what it measures.
 *
 * The cid of what it says, and the start of its text, is the time the word was due, so ticks
 * and stanzas are timed from the intention, without anything being remembered.
 */
#ifndef BENCH_VISITOR_H
#define BENCH_VISITOR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct bufferevent;
struct event_base;
struct ssl_ctx_st;
struct visitor;

struct site {
    const char *tenant, *key;
};

/* What happens to visitors, told to whoever drives them. */
struct visitor_handlers {
    void (*welcomed)(void *context, struct visitor *visitor);
    void (*saved)(void *context, struct visitor *visitor, uint64_t due_us);
    void (*heard)(void *context, struct visitor *visitor, uint64_t said_us);
    void (*received)(void *context, struct visitor *visitor); /* a receipt frame */
    void (*refused)(void *context, struct visitor *visitor);  /* an error frame */
    void (*gone)(void *context, struct visitor *visitor);
};

struct visitor_setup {
    struct event_base *base;
    struct ssl_ctx_st *tls; /* NULL: plain */
    unsigned short port;
    const struct visitor_handlers *handlers;
    void *context;
};

enum visitor_state { VISITOR_NONE, VISITOR_UPGRADING, VISITOR_GREETING, VISITOR_LIVE };

struct visitor {
    const struct visitor_setup *setup;
    const struct site *site;
    struct bufferevent *bev;
    enum visitor_state state;
};

/* `number` picks the loopback address it comes from: one has ports for 28,000 only. */
void visitor_open(struct visitor *visitor, const struct visitor_setup *setup,
                  const struct site *site, unsigned number);
void visitor_say(struct visitor *visitor, uint64_t due_us);
void visitor_close(struct visitor *visitor);

#endif
