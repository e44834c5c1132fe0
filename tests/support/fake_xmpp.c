/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake_xmpp.h"

#include "base/clock.h"
#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <assert.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <string.h>

enum { RECEIVED_MAX = 64 << 20 };

static const char opening[] = "<?xml version='1.0'?><stream:stream "
                              "xmlns:stream='http://etherx.jabber.org/streams' "
                              "xmlns='jabber:component:accept' id='abc' from='fake'>";
static const char stream_error[] =
    "<stream:error><%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    "</stream:stream>";

static void hang_up(struct fake_xmpp *fake)
{
    if (fake->connection != NULL)
        bufferevent_free(fake->connection);
    fake->connection = NULL;
    fake->shook_hands = false;
}

static void end_stream(struct fake_xmpp *fake, const char *condition)
{
    char text[256];

    (void)snprintf(text, sizeof(text), stream_error, condition);
    /* Past the buffer, which would be freed with the connection. */
    (void)send(bufferevent_getfd(fake->connection), text, strlen(text), MSG_NOSIGNAL);
    hang_up(fake);
}

/* Barriers go round: what came is what goes back. */
static void return_barriers(struct fake_xmpp *fake)
{
    static const char begin[] = "<iq type='get'", end[] = "</iq>";
    char *text = fake->unanswered.data, *at = text, *found;
    size_t rest;

    while ((found = strstr(at, begin)) != NULL) {
        char *behind = strstr(found, end);

        at = found;
        if (behind == NULL)
            break;
        at = behind + sizeof(end) - 1;
        fake_xmpp_say(fake, found, (size_t)(at - found));
    }
    /* A barrier may be cut anywhere: its beginning stays for the next read. */
    rest = fake->unanswered.len - (size_t)(at - text);
    if (found == NULL && rest >= sizeof(begin)) {
        at += rest - sizeof(begin) + 1;
        rest = sizeof(begin) - 1;
    }
    memmove(text, at, rest + 1);
    fake->unanswered.len = rest;
}

static void on_read(struct bufferevent *connection, void *context)
{
    struct fake_xmpp *fake = context;
    struct evbuffer *in = bufferevent_get_input(connection);
    size_t len = evbuffer_get_length(in), before = fake->received.len;
    const char *news;

    buf_add(&fake->received, evbuffer_pullup(in, -1), len);
    (void)evbuffer_drain(in, len);
    assert(!buf_failed(&fake->received));
    news = fake->received.data + before;
    if (fake->manner.mute)
        return;
    if (strstr(news, "<stream:stream") != NULL)
        fake_xmpp_say(fake, opening, sizeof(opening) - 1);
    if (strstr(news, "<handshake") != NULL) {
        if (fake->manner.refuses) {
            end_stream(fake, "not-authorized");
            return;
        }
        fake_xmpp_say(fake, "<handshake/>", 12);
        fake->shook_hands = true;
    }
    if (fake->manner.breaks_at != NULL && strstr(news, fake->manner.breaks_at) != NULL) {
        end_stream(fake, "policy-violation");
        return;
    }
    buf_add_text(&fake->unanswered, news);
    if (!fake->manner.deaf)
        return_barriers(fake);
}

static void on_event(struct bufferevent *connection, short what, void *context)
{
    struct fake_xmpp *fake = context;

    (void)what;
    if (connection == fake->connection)
        hang_up(fake);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                      int len, void *context)
{
    struct fake_xmpp *fake = context;
    int on = 1;

    (void)listener;
    (void)from;
    (void)len;
    hang_up(fake);
    fake->accepted++;
    buf_clear(&fake->unanswered);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    fake->connection = bufferevent_socket_new(fake->base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(fake->connection, on_read, NULL, on_event, fake);
    (void)bufferevent_enable(fake->connection, EV_READ | EV_WRITE);
}

void fake_xmpp_start(struct fake_xmpp *fake, struct event_base *base)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };

    if (fake->port == 0)
        fake->port = port_of_ours();
    address.sin_port = htons(fake->port);
    fake->base = base;
    if (fake->received.limit == 0) {
        buf_init(&fake->received, RECEIVED_MAX);
        buf_init(&fake->unanswered, RECEIVED_MAX);
    }
    fake->listener =
        evconnlistener_new_bind(base, on_accept, fake, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE,
                                16, (struct sockaddr *)&address, sizeof(address));
    assert(fake->listener != NULL);
}

void fake_xmpp_stop(struct fake_xmpp *fake)
{
    hang_up(fake);
    if (fake->listener != NULL)
        evconnlistener_free(fake->listener);
    fake->listener = NULL;
}

void fake_xmpp_release(struct fake_xmpp *fake)
{
    fake_xmpp_stop(fake);
    buf_release(&fake->received);
    buf_release(&fake->unanswered);
}

void fake_xmpp_say(struct fake_xmpp *fake, const char *bytes, size_t len)
{
    assert(fake->connection != NULL);
    (void)bufferevent_write(fake->connection, bytes, len);
}

bool fake_xmpp_has(const struct fake_xmpp *fake, const char *text)
{
    return fake->received.data != NULL && strstr(fake->received.data, text) != NULL;
}

bool wait_until(struct event_base *base, condition_fn *holds, void *context, unsigned deadline_ms)
{
    uint64_t until_ms = clock_steady_ms() + deadline_ms;

    while (!holds(context)) {
        uint64_t now_ms = clock_steady_ms();
        struct timeval rest;

        if (now_ms >= until_ms)
            return false;
        rest = (struct timeval){ 0, 20000 };
        (void)event_base_loopexit(base, &rest);
        (void)event_base_loop(base, EVLOOP_ONCE);
    }
    return true;
}

static bool never(void *context)
{
    (void)context;
    return false;
}

void settle(struct event_base *base, unsigned ms)
{
    enum { TURNS = 20 };

    (void)wait_until(base, never, NULL, ms);
    for (int i = 0; i < TURNS; i++) /* though others had the machine for all that time */
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
}
