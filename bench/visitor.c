/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/visitor.h"

#include "base/slice.h"
#include "bench/stanza.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <unistd.h>

enum { FRAME_BYTES_MAX = 1024, ADDRESSES = 16, FIN_TEXT = 0x81, FIN_PONG = 0x8a };

/* ---- writing ----------------------------------------------------------------------------- */

/* Straight into the socket where that can be: it saves two system calls of three. */
static void put(struct visitor *visitor, const void *bytes, size_t len)
{
    ssize_t sent = 0;

    if (visitor->setup->tls == NULL &&
        evbuffer_get_length(bufferevent_get_output(visitor->bev)) == 0)
        sent = write(bufferevent_getfd(visitor->bev), bytes, len);
    if (sent < 0)
        sent = 0;
    if ((size_t)sent < len)
        (void)bufferevent_write(visitor->bev, (const char *)bytes + sent, len - (size_t)sent);
}

/* A masked frame; the mask is zero, which leaves the work of unmasking to the other end only. */
static void put_frame(struct visitor *visitor, unsigned char first, const char *text, size_t len)
{
    unsigned char frame[FRAME_BYTES_MAX + 8] = { first };
    size_t head = 2;

    if (len > FRAME_BYTES_MAX)
        return;
    if (len <= 125) {
        frame[1] = (unsigned char)(0x80 | len);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (unsigned char)(len >> 8);
        frame[3] = (unsigned char)len;
        head = 4;
    }
    memcpy(frame + head + 4, text, len);
    put(visitor, frame, head + 4 + len);
}

static void greet(struct visitor *visitor)
{
    char text[FRAME_BYTES_MAX];
    int len = snprintf(text, sizeof(text),
                       "{\"type\":\"hello\",\"site\":\"%s\",\"token\":null,\"conversation\":null,"
                       "\"after\":0,\"lang\":\"en\",\"page\":{\"url\":\"http://127.0.0.1/pricing\","
                       "\"title\":\"Pricing\",\"referrer\":\"\"},\"name\":\"Maria\"}",
                       visitor->site->key);

    put_frame(visitor, FIN_TEXT, text, (size_t)len);
}

void visitor_say(struct visitor *visitor, uint64_t due_us)
{
    char text[FRAME_BYTES_MAX];
    int len = snprintf(text, sizeof(text),
                       "{\"type\":\"say\",\"cid\":\"%" PRIu64 "\",\"text\":\"@%" PRIu64
                       " Hello, what does the Pro plan cost for ten people?\",\"reply_to\":null}",
                       due_us, due_us);

    put_frame(visitor, FIN_TEXT, text, (size_t)len);
}

/* ---- reading ----------------------------------------------------------------------------- */

static uint64_t number_after(struct slice json, const char *before)
{
    const char *at = stanza_find(json, before);

    return at == NULL ? 0 : strtoull(at + strlen(before), NULL, 10);
}

static void on_welcome(struct visitor *visitor, struct slice json)
{
    (void)json;
    if (visitor->state != VISITOR_GREETING)
        return;
    visitor->state = VISITOR_LIVE;
    visitor->setup->handlers->welcomed(visitor->setup->context, visitor);
}

static void on_saved(struct visitor *visitor, struct slice json)
{
    visitor->setup->handlers->saved(visitor->setup->context, visitor,
                                    number_after(json, "\"cid\":\""));
}

static void on_message(struct visitor *visitor, struct slice json)
{
    uint64_t said_us = number_after(json, "\"text\":\"@");

    if (said_us != 0 && stanza_find(json, "\"from\":\"agent\"") != NULL)
        visitor->setup->handlers->heard(visitor->setup->context, visitor, said_us);
}

static void on_receipt(struct visitor *visitor, struct slice json)
{
    (void)json;
    visitor->setup->handlers->received(visitor->setup->context, visitor);
}

static void on_error(struct visitor *visitor, struct slice json)
{
    (void)fprintf(stderr, "load: %.*s\n", SLICE_ARG(json));
    visitor->setup->handlers->refused(visitor->setup->context, visitor);
}

static void take_frame(struct visitor *visitor, struct slice json)
{
    static const struct {
        const char *start;
        void (*take)(struct visitor *, struct slice);
    } kinds[] = {
        { "{\"type\":\"saved\"", on_saved },     { "{\"type\":\"message\"", on_message },
        { "{\"type\":\"receipt\"", on_receipt }, { "{\"type\":\"welcome\"", on_welcome },
        { "{\"type\":\"error\"", on_error },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (slice_starts_with(json, kinds[i].start)) {
            kinds[i].take(visitor, json);
            return;
        }
    }
}

/* The whole frame at the front: what it takes, or 0 while it is not all there. */
static size_t frame_at(const unsigned char *bytes, size_t len, struct slice *ret_payload)
{
    size_t head = 2, payload;

    if (len < head)
        return 0;
    payload = bytes[1] & 0x7f;
    if (payload == 126) {
        head = 4;
        payload = len < head ? len : (size_t)bytes[2] << 8 | bytes[3];
    }
    if (len < head + payload)
        return 0;
    *ret_payload = (struct slice){ (const char *)bytes + head, payload };
    return head + payload;
}

static size_t take_frames(struct visitor *visitor, const unsigned char *bytes, size_t len)
{
    size_t done = 0, taken;
    struct slice payload;

    while (visitor->bev != NULL && (taken = frame_at(bytes + done, len - done, &payload)) > 0) {
        unsigned opcode = bytes[done] & 0x0f;

        done += taken;
        if (opcode == 1)
            take_frame(visitor, payload);
        else if (opcode == 9)
            put_frame(visitor, FIN_PONG, payload.data, payload.len);
    }
    return done;
}

/* The answer to our handshake; what follows it stays in the buffer. */
static bool take_upgrade(struct visitor *visitor, struct evbuffer *in)
{
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    const char *status;

    if (end.pos < 0)
        return false;
    status = (const char *)evbuffer_pullup(in, end.pos);
    if (memcmp(status, "HTTP/1.1 101", 12) != 0) {
        (void)fprintf(stderr, "load: refused with %.32s\n", status);
        visitor_close(visitor);
        return false;
    }
    (void)evbuffer_drain(in, (size_t)end.pos + 4);
    visitor->state = VISITOR_GREETING;
    greet(visitor);
    return true;
}

static void on_read(struct bufferevent *bev, void *context)
{
    struct evbuffer *in = bufferevent_get_input(bev);
    struct visitor *visitor = context;
    size_t len, done;

    if (visitor->state == VISITOR_UPGRADING && !take_upgrade(visitor, in))
        return;
    len = evbuffer_get_length(in);
    done = len == 0 ? 0 : take_frames(visitor, evbuffer_pullup(in, -1), len);
    if (visitor->bev != NULL)
        (void)evbuffer_drain(in, done);
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
        visitor_close(context);
}

/* ---- coming and going -------------------------------------------------------------------- */

static int connect_from(unsigned short port, unsigned number)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct sockaddr_in from = { .sin_family = AF_INET,
                                .sin_addr = { htonl(INADDR_LOOPBACK + number % ADDRESSES) } };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
        connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0 ||
        evutil_make_socket_nonblocking(fd) != 0) {
        (void)fprintf(stderr, "load: cannot connect: %s\n", strerror(errno));
        (void)close(fd);
        return -1;
    }
    return fd;
}

static struct bufferevent *stream_on(const struct visitor_setup *setup, int fd)
{
    SSL *ssl;

    if (setup->tls == NULL)
        return bufferevent_socket_new(setup->base, fd, BEV_OPT_CLOSE_ON_FREE);
    ssl = SSL_new(setup->tls);
    return ssl == NULL
               ? NULL
               : bufferevent_openssl_socket_new(setup->base, fd, ssl, BUFFEREVENT_SSL_CONNECTING,
                                                BEV_OPT_CLOSE_ON_FREE);
}

static void ask_upgrade(struct visitor *visitor)
{
    (void)evbuffer_add_printf(bufferevent_get_output(visitor->bev),
                              "GET /t/%s/ws HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                              "Origin: http://127.0.0.1:%u\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: lasna.v1\r\n\r\n",
                              visitor->site->tenant, visitor->setup->port, visitor->setup->port);
}

void visitor_open(struct visitor *visitor, const struct visitor_setup *setup,
                  const struct site *site, unsigned number)
{
    int fd = connect_from(setup->port, number);

    *visitor = (struct visitor){ .setup = setup, .site = site };
    visitor->bev = fd < 0 ? NULL : stream_on(setup, fd);
    if (visitor->bev == NULL) {
        setup->handlers->gone(setup->context, visitor);
        return;
    }
    visitor->state = VISITOR_UPGRADING;
    bufferevent_setcb(visitor->bev, on_read, NULL, on_event, visitor);
    (void)bufferevent_enable(visitor->bev, EV_READ | EV_WRITE);
    ask_upgrade(visitor);
}

void visitor_close(struct visitor *visitor)
{
    if (visitor->bev == NULL)
        return;
    bufferevent_free(visitor->bev);
    visitor->bev = NULL;
    visitor->state = VISITOR_NONE;
    visitor->setup->handlers->gone(visitor->setup->context, visitor);
}
