/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_xmpp — the component side of an XMPP server, as far as tests need one: it opens streams,
 * shakes hands, keeps what it was sent, and says word for word what a test wants said.
 */
#ifndef TESTS_SUPPORT_FAKE_XMPP_H
#define TESTS_SUPPORT_FAKE_XMPP_H

#include "base/buf.h"

#include <event2/event.h>

struct fake_xmpp_manner {
    bool refuses;          /* every secret is wrong */
    bool mute;             /* takes the connection and says nothing */
    bool deaf;             /* shakes hands, then answers nothing, not even barriers */
    const char *breaks_at; /* NULL, or a text that ends the stream when it comes */
};

struct fake_xmpp {
    struct event_base *base; /* borrowed */
    unsigned short port;
    struct fake_xmpp_manner manner; /* may be changed at any time */
    struct evconnlistener *listener;
    struct bufferevent *connection; /* the last one; NULL: none */
    bool shook_hands;
    unsigned accepted;     /* connections so far */
    struct buf received;   /* on all of them */
    struct buf unanswered; /* what may still turn into a barrier */
};

/* A free port the first time, the same one again after fake_xmpp_stop. */
void fake_xmpp_start(struct fake_xmpp *fake, struct event_base *base);
/* Like kill -9: listener and connections vanish. */
void fake_xmpp_stop(struct fake_xmpp *fake);
void fake_xmpp_release(struct fake_xmpp *fake);
void fake_xmpp_say(struct fake_xmpp *fake, const char *bytes, size_t len);
bool fake_xmpp_has(const struct fake_xmpp *fake, const char *text);

/* Runs the loop until the condition holds; false: it does not after deadline_ms. */
typedef bool condition_fn(void *context);
bool wait_until(struct event_base *base, condition_fn *holds, void *context, unsigned deadline_ms);
/* Runs the loop as long as something is ready. */
void settle(struct event_base *base, unsigned ms);

#endif
