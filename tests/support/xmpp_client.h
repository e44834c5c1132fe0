/* SPDX-License-Identifier: Apache-2.0
 *
 * xmpp_client — an agent's XMPP client for tests: a real c2s connection by libstrophe that
 * says what it is told, word for word, and keeps every stanza it hears as text.
 */
#ifndef TESTS_SUPPORT_XMPP_CLIENT_H
#define TESTS_SUPPORT_XMPP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct xmpp_client;

/* What else must run while a client waits (a loop of the test's own); NULL: nothing. */
typedef void xmpp_client_pump_fn(void *context);

struct xmpp_client_setup {
    const char *jid; /* with a resource */
    const char *password;
    const char *host; /* numeric */
    unsigned short port;
    xmpp_client_pump_fn *pump;
    void *context;
};

/* Connects and logs in, fetches the roster (so that pushes
 * come), sends available presence. NULL when that took longer than deadline_ms. */
struct xmpp_client *xmpp_client_new(const struct xmpp_client_setup *setup, unsigned deadline_ms);
struct xmpp_client *xmpp_client_free(struct xmpp_client *client);

/* Any stanzas, as XML. */
void xmpp_client_send(struct xmpp_client *client, const char *xml);
/* A chat message with an id of its own that asks for a receipt; the text is escaped. */
void xmpp_client_say(struct xmpp_client *client, const char *to, const char *id, const char *text);

/* Runs until a stanza holds all the parts (NULL-terminated); returns its text, borrowed until
 * xmpp_client_forget, or NULL after deadline_ms. Attributes are written in no fixed order. */
const char *xmpp_client_await(struct xmpp_client *client, unsigned deadline_ms,
                              const char *const parts[]);
#define XMPP_AWAIT(client, ms, ...) \
    xmpp_client_await((client), (ms), (const char *const[]){ __VA_ARGS__, NULL })
/* What was heard so far, one by one; NULL past the end. */
const char *xmpp_client_heard(const struct xmpp_client *client, size_t i);
void xmpp_client_forget(struct xmpp_client *client);
/* Lets it read and write without waiting. */
void xmpp_client_run(struct xmpp_client *client);
bool xmpp_client_is_connected(const struct xmpp_client *client);

#endif
