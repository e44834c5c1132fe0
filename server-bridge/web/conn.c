/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection: bytes in, bytes out, and what it may take. Deadlines are for the whole of a
 * thing, never for the next byte: one byte every other second must not hold a connection for
 * ever. All connections of one kind have the same time, so each kind is a first-in, first-out
 * list and the clock only looks at its head.
 *
 * What is written plain goes out at the end of the loop's turn, straight into the socket: there
 * is nearly always room, and to be told so by the kernel costs three system calls a frame. Only
 * what did not go out is left to the bufferevent (EV_WRITE), as is all of TLS.
 */
#include "server-bridge/web/web.h"

#include "base/clock.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { CLOCK_MS = 250, ACCEPT_AGAIN_MS = 500 };

static uint64_t deadline_ms(const struct web *web, enum deadline deadline)
{
    switch (deadline) {
    case DEADLINE_HEAD:
    case DEADLINE_BODY:
        return 9000;
    case DEADLINE_HELLO:
        return web->role->settings->web_hello_ms;
    case DEADLINE_PART:
        return 20000;
    case DEADLINE_ANSWER:
        return 60000;
    case DEADLINE_POLL:
        return 25000;
    case DEADLINE_KEEP:
        return 15000;
    case DEADLINE_PING:
        return web->role->settings->web_ping_ms;
    case DEADLINE_PONG:
        return 20000;
    case DEADLINE_DRAIN:
    case DEADLINE_COUNT:
        break;
    }
    return 1500;
}

void conn_deadline(struct conn *conn, enum deadline deadline)
{
    struct web *web = conn->web;

    DL_DELETE(web->deadlines[conn->deadline], conn);
    conn->deadline = deadline;
    conn->due_ms = web_now_ms(web) + deadline_ms(web, deadline);
    DL_APPEND(web->deadlines[deadline], conn);
}

static bool leaves_writing_to_libevent(const struct conn *conn)
{
    return conn->tls || (bufferevent_get_enabled(conn->bev) & EV_WRITE) != 0;
}

struct evbuffer *conn_out(struct conn *conn)
{
    struct web *web = conn->web;

    if (!conn->unsent && !leaves_writing_to_libevent(conn)) {
        conn->unsent = true;
        LL_PREPEND2(web->unsent, conn, next_unsent);
        event_active(web->flush, EV_TIMEOUT, 0);
    }
    return bufferevent_get_output(conn->bev);
}

void conn_free(struct conn *conn)
{
    struct web *web = conn->web;

    DL_DELETE(web->deadlines[conn->deadline], conn);
    if (conn->unsent)
        LL_DELETE2(web->unsent, conn, next_unsent);
    if (conn->session != NULL)
        session_free(conn->session);
    if (conn->request != NULL)
        api_drop(conn->request);
    poll_conn_gone(conn);
    bufferevent_free(conn->bev);
    web->conn_count--;
    free(conn);
}

/* --- ends --- */

static void send_fin(struct conn *conn)
{
    conn->state = CONN_DRAINING;
    conn_deadline(conn, DEADLINE_DRAIN);
    if (conn->tls)
        (void)SSL_shutdown(bufferevent_openssl_get_ssl(conn->bev));
    (void)shutdown(bufferevent_getfd(conn->bev), SHUT_WR);
    (void)bufferevent_enable(conn->bev, EV_READ);
}

void conn_finish(struct conn *conn)
{
    if (conn->state == CONN_CLOSING || conn->state == CONN_DRAINING)
        return;
    conn->state = CONN_CLOSING;
    conn_deadline(conn, DEADLINE_DRAIN);
    if (evbuffer_get_length(conn_out(conn)) == 0)
        send_fin(conn);
}

void conn_answered(struct conn *conn)
{
    if (!conn->keep_alive || conn->web->draining) {
        conn_finish(conn);
        return;
    }
    conn->state = CONN_HEAD;
    conn_deadline(conn, DEADLINE_KEEP);
    (void)bufferevent_enable(conn->bev, EV_READ);
    /* The next request may be here already. */
    bufferevent_trigger(conn->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

/* --- reading --- */

void conn_await_body(struct conn *conn, uint64_t bytes, body_fn *on_body)
{
    conn->state = CONN_BODY;
    conn->body_bytes = bytes;
    conn->on_body = on_body;
    conn_deadline(conn, DEADLINE_BODY);
}

static void read_head(struct conn *conn)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    size_t have = evbuffer_get_length(in), end;
    struct http_refusal refusal = { 400, "" };
    struct http_head head;
    const char *bytes;

    if (have == 0)
        return;
    if (have > HTTP_HEAD_MAX_BYTES + 1)
        have = HTTP_HEAD_MAX_BYTES + 1;
    bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)have);
    end = http_head_end((struct slice){ bytes, have }, &refusal);
    if (end == 0) {
        if (conn->deadline == DEADLINE_KEEP)
            conn_deadline(conn, DEADLINE_HEAD);
        return;
    }
    if (end == SIZE_MAX || !http_head_parse((struct slice){ bytes, end }, &head, &refusal)) {
        http_refuse(conn, refusal.status, refusal.text);
        return;
    }
    conn->keep_alive = head.keep_alive;
    conn->head_only = slice_is(head.method, "HEAD");
    peers_forwarded(conn, &head);
    http_handle(conn, &head); /* its slices live in the buffer until here */
    (void)evbuffer_drain(in, end);
    if (conn->state == CONN_WEBSOCKET)
        websocket_readable(conn->session);
    else if (conn->state == CONN_BODY)
        http_handle_body(conn);
}

/* A browser that is refused while it sends reads the answer only once all of it has left. */
static uint64_t drain_limit(const struct conn *conn)
{
    uint64_t rest = conn->body_bytes < DRAIN_FILE_BYTES ? conn->body_bytes : DRAIN_FILE_BYTES;

    return DRAIN_MAX_BYTES + rest;
}

static void drop_input(struct conn *conn)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);

    conn->drained_bytes += (uint32_t)evbuffer_get_length(in);
    (void)evbuffer_drain(in, evbuffer_get_length(in));
    if (conn->drained_bytes > drain_limit(conn))
        conn_free(conn);
}

static void on_read(struct bufferevent *bev, void *context)
{
    struct conn *conn = context;

    (void)bev;
    switch (conn->state) {
    case CONN_HEAD:
        read_head(conn);
        break;
    case CONN_BODY:
        http_handle_body(conn);
        break;
    case CONN_FILE:
        files_readable(conn);
        break;
    case CONN_ANSWER: /* pipelined: waits its turn */
        (void)bufferevent_disable(conn->bev, EV_READ);
        break;
    case CONN_WEBSOCKET:
        websocket_readable(conn->session);
        break;
    case CONN_CLOSING:
    case CONN_DRAINING:
        drop_input(conn);
        break;
    }
}

/* What a browser's slow reading had held up. */
static void go_on(struct conn *conn)
{
    if (conn->state == CONN_WEBSOCKET && conn->session != NULL)
        session_written(conn->session);
    if (conn->paused) {
        conn->paused = false;
        (void)bufferevent_enable(conn->bev, EV_READ);
        bufferevent_trigger(conn->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
    }
}

/* Everything is written. */
static void on_written(struct bufferevent *bev, void *context)
{
    struct conn *conn = context;

    if (!conn->tls)
        (void)bufferevent_disable(bev, EV_WRITE);
    if (conn->state == CONN_CLOSING) {
        send_fin(conn);
    } else if (conn->state == CONN_ANSWER) {
        api_written(conn);
    } else {
        go_on(conn);
    }
}

static void write_now(struct conn *conn)
{
    struct evbuffer *out = bufferevent_get_output(conn->bev);
    int wrote;

    if (evbuffer_get_length(out) == 0)
        return;
    (void)evbuffer_unfreeze(out, 1); /* as the bufferevent itself does */
    wrote = evbuffer_write(out, bufferevent_getfd(conn->bev));
    (void)evbuffer_freeze(out, 1);
    if (wrote > 0 && evbuffer_get_length(out) == 0)
        on_written(conn->bev, conn);
    else
        (void)bufferevent_enable(conn->bev, EV_WRITE); /* waits for room, or finds the error */
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
    struct web *web = context;

    (void)fd;
    (void)what;
    while (web->unsent != NULL) {
        struct conn *conn = web->unsent;

        LL_DELETE2(web->unsent, conn, next_unsent);
        conn->unsent = false;
        if (!leaves_writing_to_libevent(conn))
            write_now(conn);
    }
}

static void on_event(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
        conn_free(context);
}

/* --- the clock --- */

static void expire(struct conn *conn)
{
    switch (conn->deadline) {
    case DEADLINE_PING:
        websocket_ping(conn->session);
        conn_deadline(conn, DEADLINE_PONG);
        break;
    case DEADLINE_HELLO:
        websocket_close(conn->session, 4001);
        break;
    case DEADLINE_ANSWER:
        http_refuse(conn, 504, "The answer took too long.");
        break;
    case DEADLINE_POLL:
        poll_answer(conn->waits_for);
        break;
    case DEADLINE_HEAD:
        if (evbuffer_get_length(bufferevent_get_input(conn->bev)) > 0) {
            http_refuse(conn, 408, "The request came too slowly.");
            break;
        }
        conn_free(conn);
        break;
    case DEADLINE_BODY:
    case DEADLINE_PART:
        if (conn->request != NULL)
            api_drop(conn->request);
        http_refuse(conn, 408, "The request came too slowly.");
        break;
    case DEADLINE_KEEP:
    case DEADLINE_PONG:
    case DEADLINE_DRAIN:
    case DEADLINE_COUNT:
        conn_free(conn);
        break;
    }
}

static void on_clock(evutil_socket_t fd, short what, void *context)
{
    struct web *web = context;
    uint64_t now_ms = web_now_ms(web);

    (void)fd;
    (void)what;
    for (enum deadline d = 0; d < DEADLINE_COUNT; d++) {
        while (web->deadlines[d] != NULL && web->deadlines[d]->due_ms <= now_ms)
            expire(web->deadlines[d]);
    }
    polls_tick(web);
}

int conn_start(struct web *web)
{
    const struct timeval every = { .tv_usec = CLOCK_MS * 1000 };

    web->flush = event_new(web->role->base, -1, 0, on_flush, web);
    web->clock = event_new(web->role->base, -1, EV_PERSIST, on_clock, web);
    if (web->flush == NULL || web->clock == NULL || event_add(web->clock, &every) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

/* --- accepting --- */

static struct bufferevent *make_bufferevent(struct web *web, int fd, bool tls)
{
    SSL *ssl;

    if (!tls)
        return bufferevent_socket_new(web->role->base, fd, BEV_OPT_CLOSE_ON_FREE);
    ssl = web->tls == NULL ? NULL : SSL_new(web->tls);
    if (ssl == NULL)
        return NULL; /* never plain text on this port */
    return bufferevent_openssl_socket_new(web->role->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

void conn_begin(struct web *web, int fd, const struct sockaddr *address, bool forwards, bool tls)
{
    struct conn *conn = calloc(1, sizeof(*conn));
    int on = 1;

    (void)web_now_ms(web);
    if (conn == NULL || web->conn_count >= web->role->settings->web_max_sessions) {
        (void)close(fd);
        free(conn);
        return;
    }
    conn->web = web;
    conn->tls = tls;
    peers_take(conn, address);
    conn->proxied = conn->proxied && forwards;
    if ((!conn->proxied && peers_is_too_fast(conn, COST_CONNECT)) ||
        (conn->bev = make_bufferevent(web, fd, tls)) == NULL) {
        (void)close(fd);
        free(conn);
        return;
    }
    if (conn->peer.len != 0)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    web->conn_count++;
    conn->deadline = DEADLINE_HEAD;
    conn->due_ms = web->now_ms + deadline_ms(web, DEADLINE_HEAD);
    DL_APPEND(web->deadlines[DEADLINE_HEAD], conn);
    bufferevent_setcb(conn->bev, on_read, on_written, on_event, conn);
    (void)bufferevent_enable(conn->bev, EV_READ);
    if (!tls)
        (void)bufferevent_disable(conn->bev, EV_WRITE);
}

static void accept_one(struct web *web, int fd, const struct sockaddr *address, int len, bool tls)
{
    if (web->conn_count >= web->role->settings->web_max_sessions)
        (void)close(fd);
    else if (!arrivals_await(web, fd, address, (size_t)len, tls))
        conn_begin(web, fd, address, true, tls);
}

static void on_plain(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                     int len, void *context)
{
    (void)listener;
    accept_one(context, fd, address, len, false);
}

static void on_tls(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                   int len, void *context)
{
    (void)listener;
    accept_one(context, fd, address, len, true);
}

static void on_accept_again(evutil_socket_t fd, short what, void *context)
{
    struct web *web = context;

    (void)fd;
    (void)what;
    for (size_t i = 0; i < web->listener_count; i++)
        (void)evconnlistener_enable(web->listeners[i]);
}

/* Out of descriptors: spinning on accept() would only make it worse. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    const struct timeval later = { .tv_usec = ACCEPT_AGAIN_MS * 1000 };
    struct web *web = context;

    log_event(LOG_WARNING, NULL, "web.accept_failed", "error=\"%s\"", strerror(errno));
    (void)evconnlistener_disable(listener);
    (void)event_add(web->accept_again, &later);
}

void conn_listen(struct web *web, int fd, bool tls)
{
    struct evconnlistener *listener;

    if (web->accept_again == NULL)
        web->accept_again = event_new(web->role->base, -1, 0, on_accept_again, web);
    listener = web->listener_count == LISTENERS_MAX
                   ? NULL
                   : evconnlistener_new(web->role->base, tls ? on_tls : on_plain, web,
                                        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (listener == NULL) {
        log_event(LOG_ERROR, NULL, "web.no_listener", "");
        (void)close(fd);
        return;
    }
    evconnlistener_set_error_cb(listener, on_accept_error);
    web->listeners[web->listener_count++] = listener;
}

void conn_stop_listening(struct web *web)
{
    for (size_t i = 0; i < web->listener_count; i++)
        evconnlistener_free(web->listeners[i]);
    web->listener_count = 0;
    if (web->accept_again != NULL)
        event_free(web->accept_again);
    web->accept_again = NULL;
}

void conn_free_all(struct web *web)
{
    for (enum deadline d = 0; d < DEADLINE_COUNT; d++) {
        while (web->deadlines[d] != NULL)
            conn_free(web->deadlines[d]);
    }
    while (web->polls != NULL)
        session_free(web->polls->session);
    arrivals_free_all(web);
    peers_free_all(web);
    if (web->clock != NULL)
        event_free(web->clock);
    if (web->flush != NULL)
        event_free(web->flush);
    web->clock = web->flush = NULL;
}
