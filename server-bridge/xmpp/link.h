/* SPDX-License-Identifier: Apache-2.0
 *
 * link — the role that holds one tenant's connection to the XMPP server.
 *
 *     core ◀─ ipc ─▶ link ──▶ stream (outbox, barriers) ──▶ component ◀─▶ XMPP server
 *                     ▲──── inbound ◀────────────────────────┘
 *
 * What the core says counts as routed once a barrier behind it came back from the server. What
 * agents say goes to the core, and is kept until the core has handled it. If the connection
 * ends, the core is told and sends its messages again.
 */
#ifndef SERVER_BRIDGE_XMPP_LINK_H
#define SERVER_BRIDGE_XMPP_LINK_H

#include "base/auto.h"
#include "base/result.h"

#include <stdbool.h>

struct event_base;
struct link;

struct link_setup {
    struct event_base *base;
    const char *tenant;          /* for the log */
    unsigned barrier_ms;         /* as in stream.h */
    void (*down)(void *context); /* the connection ended; NULL: nobody asks */
    void *context;
};

int link_new(struct link **ret_link, const struct link_setup *setup) MUST_CHECK;
struct link *link_free(struct link *link);
DEFINE_AUTO(link)
/* A socket to the core, in place of an earlier one; taken over. */
void link_attach(struct link *link, int fd);
/* Says goodbye to the server. True: nothing to wait for; else `down` follows. */
bool link_close(struct link *link);

#endif
