/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/stream.h"

#include "base/clock.h"
#include "server-bridge/xmpp/stanza_write.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
    OUTBOX_BYTES_MAX = 16 << 20,
    TAKE_BYTES_MAX = 64 << 10,
    BARRIER_MS = 15000,
    TICK_MS = 1000,
    BARRIER_EVERY_MS = 100, /* the server routes a barrier at the price of a message */
    NUDGE_MS = 200,
    NUDGE_BYTES = 1024,
    IDLE_BARRIER_MS = 60000, /* so that a connection only half open is noticed when idle too */
    CAREFUL_CONFIRMED = 500, /* messages sent one by one after a breach of the stream */
};

struct stream {
    struct stream_setup setup;
    char *domain; /* owned */
    struct component *component;
    struct outbox *outbox;
    struct event *flush, *tick, *later, *nudge;
    uint64_t barrier;       /* number of the outstanding one; 0: none */
    uint64_t barrier_mark;  /* of the outbox */
    uint64_t barrier_at_ms; /* steady; when the last one was sent */
    uint64_t barriers_sent;
    unsigned careful; /* messages still to be sent one at a time; 0: as they come */
    bool crowded;
};

static void wake(struct stream *stream)
{
    event_active(stream->flush, EV_TIMEOUT, 0);
}

static void update_crowded(struct stream *stream)
{
    bool crowded = outbox_is_crowded(stream->outbox);

    if (crowded == stream->crowded)
        return;
    stream->crowded = crowded;
    stream->setup.handlers->crowded(stream->setup.context, crowded);
}

void stream_put(struct stream *stream, enum outbox_kind kind, struct slice stanza_xml,
                uint64_t ordinal, struct id stanza)
{
    if (kind != OUTBOX_KEPT && !component_is_up(stream->component))
        return;
    if (outbox_put(stream->outbox, kind, stanza_xml, ordinal, stanza) != OK) {
        log_event(LOG_ERROR, stream->setup.log, "link.outbox_full", "");
        return;
    }
    update_crowded(stream);
    wake(stream);
}

static void send_barrier(struct stream *stream)
{
    static const struct timeval nudge = { 0, NUDGE_MS * 1000 };
    AUTO_BUF xml;

    buf_init(&xml, 8192);
    if (stanza_write_barrier(&xml, stream->domain, stream->barriers_sent + 1) != OK)
        return;
    stream->barrier = ++stream->barriers_sent;
    stream->barrier_mark = outbox_mark(stream->outbox);
    stream->barrier_at_ms = clock_steady_ms();
    component_send(stream->component, buf_slice(&xml));
    (void)event_add(stream->nudge, &nudge);
}

void stream_barrier(struct stream *stream, uint64_t number)
{
    uint64_t ordinal;

    if (stream->barrier == 0 || number != stream->barrier)
        return;
    stream->barrier = 0;
    (void)event_del(stream->nudge);
    ordinal = outbox_confirm(stream->outbox, stream->barrier_mark);
    if (ordinal != 0) {
        stream->careful -= stream->careful > 0;
        stream->setup.handlers->routed(stream->setup.context, ordinal);
    }
    update_crowded(stream);
    wake(stream);
}

/* The server's own parser may wait for more bytes before it looks at the last ones (expat since
 * 2.6, see parser_guard.h), and there are none to come. White space is no stanza, but bytes. */
static void on_nudge(evutil_socket_t fd, short what, void *context)
{
    struct stream *stream = context;
    char blank[NUDGE_BYTES];

    (void)fd;
    (void)what;
    if (stream->barrier == 0 || !component_is_drained(stream->component))
        return;
    (void)memset(blank, ' ', sizeof(blank));
    component_send(stream->component, (struct slice){ blank, sizeof(blank) });
}

/* At once when it hurries (the outbox fills, or messages go one by one), else not too often. */
static void send_barrier_in_time(struct stream *stream)
{
    uint64_t since_ms = clock_steady_ms() - stream->barrier_at_ms;
    struct timeval wait = { 0 };

    if (stream->careful > 0 || stream->crowded || since_ms >= BARRIER_EVERY_MS) {
        send_barrier(stream);
        return;
    }
    wait.tv_usec = (suseconds_t)(BARRIER_EVERY_MS - since_ms) * 1000;
    if (event_pending(stream->later, EV_TIMEOUT, NULL) == 0)
        (void)event_add(stream->later, &wait);
}

/* One barrier at a time: while it travels the next messages gather behind it. */
static void flush(struct stream *stream)
{
    if (!component_is_up(stream->component) || !component_is_drained(stream->component))
        return;
    component_send(stream->component, outbox_take(stream->outbox, stream->careful > 0));
    if (stream->barrier == 0 && outbox_is_unconfirmed(stream->outbox))
        send_barrier_in_time(stream);
}

static void on_flush(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    flush(context);
}

static void on_drained(void *context)
{
    flush(context);
}

/* A server that holds the connection but answers nothing is as good as gone. */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct stream *stream = context;
    uint64_t now_ms = clock_steady_ms(), silent_since_ms;
    uint64_t limit_ms = stream->setup.barrier_ms != 0 ? stream->setup.barrier_ms : BARRIER_MS;

    (void)fd;
    (void)what;
    if (!component_is_up(stream->component))
        return;
    silent_since_ms = component_heard_ms(stream->component);
    if (silent_since_ms < stream->barrier_at_ms)
        silent_since_ms = stream->barrier_at_ms;
    if (stream->barrier != 0 && now_ms - silent_since_ms >= limit_ms)
        component_drop(stream->component, "half-open");
    else if (stream->barrier == 0 && now_ms - stream->barrier_at_ms >= IDLE_BARRIER_MS)
        send_barrier(stream);
}

static void on_up(void *context)
{
    struct stream *stream = context;

    stream->barrier_at_ms = clock_steady_ms();
    stream->setup.handlers->up(stream->setup.context);
    wake(stream);
}

/* Who sends the messages counts how often each was there when a stream broke, and gives it up
 * after some times. So that only the guilty one is counted again, they go one by one. */
static void on_down(void *context, const struct component_end *end)
{
    struct stream *stream = context;

    if (end->is_breach) {
        outbox_each_in_flight(stream->outbox, stream->setup.handlers->broke, stream->setup.context);
        stream->careful = CAREFUL_CONFIRMED;
    }
    outbox_restart(stream->outbox);
    stream->barrier = 0;
    update_crowded(stream);
    stream->setup.handlers->down(stream->setup.context, end);
}

static void on_stanza(void *context, xmpp_stanza_t *stanza)
{
    struct stream *stream = context;

    stream->setup.handlers->stanza(stream->setup.context, stanza);
}

static int connect_component(struct stream *stream)
{
    static const struct component_handlers handlers = {
        .up = on_up, .down = on_down, .stanza = on_stanza, .drained = on_drained
    };
    const struct component_setup setup = { .base = stream->setup.base,
                                           .domain = stream->setup.domain,
                                           .host = stream->setup.host,
                                           .port = stream->setup.port,
                                           .secret = stream->setup.secret,
                                           .handlers = &handlers,
                                           .context = stream,
                                           .log = stream->setup.log };

    return TRACE(component_new(&stream->component, &setup));
}

int stream_new(struct stream **ret_stream, const struct stream_setup *setup)
{
    static const struct outbox_limits limits = { OUTBOX_BYTES_MAX, TAKE_BYTES_MAX };
    static const struct timeval tick = { TICK_MS / 1000, 0 };
    struct stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return RAISE(ERR_NO_MEMORY);
    stream->setup = *setup;
    stream->domain = strdup(setup->domain);
    stream->flush = event_new(setup->base, -1, 0, on_flush, stream);
    stream->later = event_new(setup->base, -1, 0, on_flush, stream);
    stream->nudge = event_new(setup->base, -1, 0, on_nudge, stream);
    stream->tick = event_new(setup->base, -1, EV_PERSIST, on_tick, stream);
    if (stream->domain == NULL || stream->flush == NULL || stream->later == NULL ||
        stream->nudge == NULL || stream->tick == NULL || event_add(stream->tick, &tick) != 0 ||
        outbox_new(&stream->outbox, &limits) != OK || connect_component(stream) != OK) {
        stream_free(stream);
        return RAISE(ERR_NO_MEMORY);
    }
    stream->setup.domain = stream->domain;
    stream->setup.host = stream->setup.secret = NULL; /* the component has its copies */
    *ret_stream = stream;
    return OK;
}

struct stream *stream_free(struct stream *stream)
{
    if (stream == NULL)
        return NULL;
    component_free(stream->component);
    outbox_free(stream->outbox);
    if (stream->flush != NULL)
        event_free(stream->flush);
    if (stream->later != NULL)
        event_free(stream->later);
    if (stream->nudge != NULL)
        event_free(stream->nudge);
    if (stream->tick != NULL)
        event_free(stream->tick);
    free(stream->domain);
    free(stream);
    return NULL;
}

bool stream_is_up(const struct stream *stream)
{
    return stream != NULL && component_is_up(stream->component);
}

void stream_forget(struct stream *stream)
{
    if (stream == NULL)
        return;
    outbox_restart(stream->outbox);
    update_crowded(stream);
    wake(stream);
}

void stream_close(struct stream *stream)
{
    component_close(stream->component);
}
