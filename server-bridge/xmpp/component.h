/* SPDX-License-Identifier: Apache-2.0
 *
 * component — one XEP-0114 connection by libstrophe on a libevent loop, kept up for ever:
 * connects, watches, reconnects with growing pauses. What it carries is others' business.
 *
 * The ways round libstrophe's traits (docs/adr/) are told at the top of component.c.
 */
#ifndef SERVER_BRIDGE_XMPP_COMPONENT_H
#define SERVER_BRIDGE_XMPP_COMPONENT_H

#include "base/auto.h"
#include "base/log.h"
#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>
#include <strophe.h>

struct event_base;
struct component;

/* Why a connection ended. A breach is a stream error that something we sent may have caused;
 * others (conflict, shutdown, wrong secret, network) are not about any stanza. */
struct component_end {
    const char *condition; /* "policy-violation", "refused", "timeout" …; static or borrowed */
    bool is_breach;
    bool was_up;
};

/* All may send; none may free the component. */
struct component_handlers {
    void (*up)(void *context);
    /* Told for each attempt that failed too. What was sent and not answered is unknown. */
    void (*down)(void *context, const struct component_end *end);
    void (*stanza)(void *context, xmpp_stanza_t *stanza);
    /* The library has written everything it was given: time for more. */
    void (*drained)(void *context);
};

struct component_setup {
    struct event_base *base;
    const char *domain, *host; /* copied; host is numeric: looking up names would block */
    unsigned short port;
    const char *secret; /* copied */
    const struct component_handlers *handlers;
    void *context;
    const struct log_context *log;
    unsigned connect_ms; /* how long a handshake may take; 0: 8 s */
};

/* Starts to connect at once. */
int component_new(struct component **ret_component, const struct component_setup *setup) MUST_CHECK;
struct component *component_free(struct component *component);
DEFINE_AUTO(component)

bool component_is_up(const struct component *component);
/* Whole stanzas only, up only, and only while component_is_drained(): the library's own queue
 * has no bound. They leave when the loop comes round. */
void component_send(struct component *component, struct slice stanzas);
bool component_is_drained(const struct component *component);
/* Steady time at which something last came from the server. */
uint64_t component_heard_ms(const struct component *component);
/* Gives this connection up and makes a new one: it answers no more. */
void component_drop(struct component *component, const char *condition);
/* Says goodbye and stays down; `down` tells when it is done. */
void component_close(struct component *component);

#endif
