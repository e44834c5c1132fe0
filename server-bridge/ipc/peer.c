/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/ipc/peer.h"

#include "server-bridge/ipc/codec.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

struct ipc_peer {
    struct ipc_peer_setup setup;
    struct event *readable, *writable;
    struct event *flush; /* what was sent this turn of the loop */
    struct evbuffer *out;
    bool write_wanted;
    const char *doomed; /* why it is given up when the loop comes round; NULL: it is not */
    uint8_t *in;        /* bytes not yet handled; messages are handled in place */
    size_t in_len, in_cap;
    bool handling; /* inside ipc_peer's own read loop */
    bool freed;    /* by a handler: the read loop lets go */
};

static void on_readable(evutil_socket_t fd, short what, void *context);
static void on_writable(evutil_socket_t fd, short what, void *context);

int ipc_peer_new(struct ipc_peer **ret_peer, const struct ipc_peer_setup *setup)
{
    AUTO(ipc_peer) peer = calloc(1, sizeof(*peer));

    if (peer == NULL)
        return RAISE(ERR_NO_MEMORY);
    peer->setup = *setup;
    peer->setup.fd = -1; /* the caller's until nothing can fail any more */
    if (evutil_make_socket_nonblocking(setup->fd) != 0)
        return RAISE(ERR_IO);
    peer->readable = event_new(setup->base, setup->fd, EV_READ | EV_PERSIST, on_readable, peer);
    peer->writable = event_new(setup->base, setup->fd, EV_WRITE, on_writable, peer);
    peer->flush = event_new(setup->base, -1, 0, on_writable, peer);
    peer->out = evbuffer_new();
    peer->in = malloc(READ_BYTES);
    peer->in_cap = READ_BYTES;
    if (peer->readable == NULL || peer->writable == NULL || peer->flush == NULL ||
        peer->out == NULL || peer->in == NULL || event_add(peer->readable, NULL) != 0)
        return RAISE(ERR_NO_MEMORY);
    peer->setup.fd = setup->fd;
    *ret_peer = peer;
    peer = NULL;
    return OK;
}

static void destroy(struct ipc_peer *peer)
{
    if (peer->readable != NULL)
        event_free(peer->readable);
    if (peer->writable != NULL)
        event_free(peer->writable);
    if (peer->flush != NULL)
        event_free(peer->flush);
    if (peer->out != NULL)
        evbuffer_free(peer->out);
    if (peer->setup.fd >= 0)
        (void)close(peer->setup.fd);
    free(peer->in);
    free(peer);
}

struct ipc_peer *ipc_peer_free(struct ipc_peer *peer)
{
    if (peer == NULL)
        return NULL;
    if (peer->handling)
        peer->freed = true;
    else
        destroy(peer);
    return NULL;
}

/* The other end is gone or not to be trusted: tell once, and be quiet from then on. */
static void give_up(struct ipc_peer *peer, const char *why)
{
    ipc_closed_fn *closed = peer->setup.closed;

    if (peer->freed || closed == NULL)
        return;
    peer->setup.closed = NULL;
    log_event(LOG_DEBUG, NULL, "ipc.closed", "why=%s", why);
    (void)event_del(peer->readable);
    (void)event_del(peer->writable);
    (void)event_del(peer->flush);
    closed(peer->setup.context);
}

/* Whoever sends may be in the middle of what `closed` would free. */
static void give_up_soon(struct ipc_peer *peer, const char *why)
{
    peer->doomed = why;
    event_active(peer->flush, EV_TIMEOUT, 0);
}

/* There is room, or the turn of the loop is over. */
static void on_writable(evutil_socket_t fd, short what, void *context)
{
    struct ipc_peer *peer = context;

    (void)fd;
    (void)what;
    if (peer->doomed != NULL) {
        give_up(peer, peer->doomed);
        return;
    }
    peer->write_wanted = false;
    if (evbuffer_write(peer->out, peer->setup.fd) < 0 && errno != EAGAIN && errno != EINTR) {
        give_up(peer, "write");
        return;
    }
    if (evbuffer_get_length(peer->out) > 0) {
        peer->write_wanted = true;
        (void)event_add(peer->writable, NULL);
    }
}

/* An event that only we make active runs after all that the loop has found this turn, and costs
 * no system call; waiting to be writable costs three, and there is nearly always room. */
static void write_soon(struct ipc_peer *peer)
{
    if (peer->write_wanted)
        return;
    peer->write_wanted = true;
    event_active(peer->flush, EV_TIMEOUT, 0);
}

static void write_later(struct ipc_peer *peer)
{
    static const struct timeval later = { .tv_usec = IPC_LATER_MS * 1000 };

    if (!peer->write_wanted && event_pending(peer->flush, EV_TIMEOUT, NULL) == 0)
        (void)event_add(peer->flush, &later);
}

/* False: there is nothing to write now. */
static bool put(struct ipc_peer *peer, enum ipc_type type, const void *message)
{
    struct evbuffer_iovec space;
    size_t size;

    if (peer == NULL || peer->freed || peer->doomed != NULL || peer->setup.closed == NULL)
        return false;
    size = ipc_size(type, message);
    if (size == 0) {
        log_event(LOG_ERROR, NULL, "ipc.too_long", "type=%s", ipc_type_name(type));
        return false;
    }
    if (evbuffer_get_length(peer->out) + size > peer->setup.queue_max_bytes) {
        give_up_soon(peer, "stuck");
        return false;
    }
    if (evbuffer_reserve_space(peer->out, (ev_ssize_t)size, &space, 1) != 1) {
        give_up_soon(peer, "no-memory");
        return false;
    }
    ipc_encode(type, message, space.iov_base);
    space.iov_len = size;
    (void)evbuffer_commit_space(peer->out, &space, 1);
    return true;
}

void ipc_peer_send(struct ipc_peer *peer, enum ipc_type type, const void *message)
{
    if (put(peer, type, message))
        write_soon(peer);
}

void ipc_peer_send_later(struct ipc_peer *peer, enum ipc_type type, const void *message)
{
    if (put(peer, type, message))
        write_later(peer);
}

static bool handle_one(struct ipc_peer *peer, const uint8_t *bytes, size_t len)
{
    union ipc_message message;
    enum ipc_type type;

    if (ipc_decode(bytes, len, &type, &message) != OK) {
        log_event(LOG_ERROR, NULL, "ipc.breach", "what=corrupt");
        return false;
    }
    if (!ipc_may_pass(type, peer->setup.other, peer->setup.self) ||
        peer->setup.handlers[type] == NULL) {
        log_event(LOG_ERROR, NULL, "ipc.breach", "what=not-allowed type=%s", ipc_type_name(type));
        return false;
    }
    peer->setup.handlers[type](peer->setup.context, &message);
    return true;
}

/* Handles every whole message at the front of `in`. False: the peer broke the rules. */
static bool handle_all(struct ipc_peer *peer)
{
    size_t at = 0, bytes = 0;
    bool fine = true;

    while (fine && !peer->freed && peer->doomed == NULL && peer->setup.closed != NULL) {
        fine = ipc_peek(peer->in + at, peer->in_len - at, &bytes) == OK;
        if (!fine || bytes == 0 || bytes > peer->in_len - at)
            break;
        fine = handle_one(peer, peer->in + at, bytes);
        at += bytes;
        bytes = 0;
    }
    memmove(peer->in, peer->in + at, peer->in_len - at);
    peer->in_len -= at;
    if (fine && bytes > peer->in_cap) { /* a message larger than the buffer: bounded by ipc_peek */
        uint8_t *in = realloc(peer->in, bytes);

        if (in == NULL)
            return false;
        peer->in = in;
        peer->in_cap = bytes;
    }
    return fine;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct ipc_peer *peer = context;
    ssize_t got = read(fd, peer->in + peer->in_len, peer->in_cap - peer->in_len);

    (void)what;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        give_up(peer, "end");
        return;
    }
    peer->in_len += (size_t)got;
    peer->handling = true;
    if (!handle_all(peer))
        give_up(peer, "breach");
    peer->handling = false;
    if (peer->freed)
        destroy(peer);
}

void ipc_peer_pause(struct ipc_peer *peer, bool paused)
{
    if (peer == NULL || peer->setup.closed == NULL)
        return;
    if (paused)
        (void)event_del(peer->readable);
    else
        (void)event_add(peer->readable, NULL);
}

size_t ipc_peer_queued(const struct ipc_peer *peer)
{
    return peer == NULL ? 0 : evbuffer_get_length(peer->out);
}

bool ipc_peer_flush(struct ipc_peer *peer)
{
    if (peer != NULL && peer->setup.closed != NULL && evbuffer_get_length(peer->out) > 0)
        (void)evbuffer_write(peer->out, peer->setup.fd);
    return ipc_peer_queued(peer) == 0;
}
