/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/xmpp_client.h"

#include "base/buf.h"
#include "base/clock.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strophe.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEARD_MAX = 1 << 20 };

struct xmpp_client {
    struct xmpp_client_setup setup;
    xmpp_ctx_t *ctx;
    xmpp_conn_t *conn;
    bool connected;
    char **heard; /* owned */
    size_t count, cap;
};

static void on_event(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                     xmpp_stream_error_t *stream_error, void *context)
{
    struct xmpp_client *client = context;

    (void)conn;
    (void)error;
    (void)stream_error;
    client->connected = event == XMPP_CONN_CONNECT;
}

static int on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *context)
{
    struct xmpp_client *client = context;
    char *text;
    size_t len;

    (void)conn;
    if (client->count == client->cap) {
        client->cap = client->cap == 0 ? 64 : client->cap * 2;
        assert(client->cap <= HEARD_MAX);
        client->heard = realloc(client->heard, client->cap * sizeof(*client->heard));
        assert(client->heard != NULL);
    }
    assert(xmpp_stanza_to_text(stanza, &text, &len) == XMPP_EOK);
    client->heard[client->count++] = strdup(text);
    xmpp_free(client->ctx, text);
    return 1;
}

void xmpp_client_run(struct xmpp_client *client)
{
    xmpp_run_once(client->ctx, 0);
    xmpp_run_once(client->ctx, 0);
    if (client->setup.pump != NULL)
        client->setup.pump(client->setup.context);
}

bool xmpp_client_is_connected(const struct xmpp_client *client)
{
    return client->connected;
}

static bool log_in(struct xmpp_client *client, uint64_t until_ms)
{
    while (!client->connected && clock_steady_ms() < until_ms) {
        xmpp_client_run(client);
        (void)usleep(1000);
    }
    if (!client->connected)
        return false;
    xmpp_client_send(client, "<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
                             "<presence/>");
    return XMPP_AWAIT(client, (unsigned)(until_ms - clock_steady_ms()), "id=\"roster\"") != NULL;
}

/* Otherwise each stanza waits for the acknowledgement of the one before. */
static int without_delay(xmpp_conn_t *conn, void *sock)
{
    int on = 1;

    (void)conn;
    return setsockopt(*(const int *)sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct xmpp_client *xmpp_client_new(const struct xmpp_client_setup *setup, unsigned deadline_ms)
{
    struct xmpp_client *client = calloc(1, sizeof(*client));

    assert(client != NULL);
    xmpp_initialize();
    client->setup = *setup;
    client->ctx = xmpp_ctx_new(NULL, NULL);
    client->conn = xmpp_conn_new(client->ctx);
    xmpp_conn_set_jid(client->conn, setup->jid);
    xmpp_conn_set_pass(client->conn, setup->password);
    (void)xmpp_conn_set_flags(client->conn, XMPP_CONN_FLAG_DISABLE_TLS | XMPP_CONN_FLAG_DISABLE_SM);
    xmpp_conn_set_sockopt_callback(client->conn, without_delay);
    xmpp_handler_add(client->conn, on_stanza, NULL, NULL, NULL, client);
    if (xmpp_connect_client(client->conn, setup->host, setup->port, on_event, client) != XMPP_EOK ||
        !log_in(client, clock_steady_ms() + deadline_ms))
        return xmpp_client_free(client);
    return client;
}

struct xmpp_client *xmpp_client_free(struct xmpp_client *client)
{
    if (client == NULL)
        return NULL;
    if (client->connected) {
        xmpp_disconnect(client->conn);
        for (int i = 0; i < 100 && client->connected; i++) {
            xmpp_client_run(client);
            (void)usleep(2000);
        }
    }
    (void)xmpp_conn_release(client->conn);
    xmpp_ctx_free(client->ctx);
    xmpp_client_forget(client);
    free(client->heard);
    free(client);
    return NULL;
}

void xmpp_client_send(struct xmpp_client *client, const char *xml)
{
    xmpp_send_raw(client->conn, xml, strlen(xml));
    xmpp_client_run(client); /* it leaves now, whatever the test waits for next */
}

void xmpp_client_say(struct xmpp_client *client, const char *to, const char *id, const char *text)
{
    AUTO_BUF xml;

    buf_init(&xml, 1 << 20);
    buf_addf(&xml, "<message type='chat' to='%s' id='%s'><body>", to, id);
    buf_add_xml(&xml, slice_of(text));
    buf_add_text(&xml, "</body><request xmlns='urn:xmpp:receipts'/></message>");
    assert(!buf_failed(&xml));
    xmpp_client_send(client, xml.data);
}

static bool holds_all(const char *text, const char *const parts[])
{
    for (; *parts != NULL; parts++) {
        if (strstr(text, *parts) == NULL)
            return false;
    }
    return true;
}

const char *xmpp_client_await(struct xmpp_client *client, unsigned deadline_ms,
                              const char *const parts[])
{
    uint64_t until_ms = clock_steady_ms() + deadline_ms;
    size_t i = 0;

    for (;;) {
        for (; i < client->count; i++) {
            if (holds_all(client->heard[i], parts))
                return client->heard[i];
        }
        if (clock_steady_ms() >= until_ms)
            return NULL;
        xmpp_client_run(client);
        if (i == client->count)
            (void)usleep(1000);
    }
}

const char *xmpp_client_heard(const struct xmpp_client *client, size_t i)
{
    return i < client->count ? client->heard[i] : NULL;
}

void xmpp_client_forget(struct xmpp_client *client)
{
    for (size_t i = 0; i < client->count; i++)
        free(client->heard[i]);
    client->count = 0;
}
