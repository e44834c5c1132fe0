/* SPDX-License-Identifier: Apache-2.0
 *
 * Libstrophe 0.12 and what this file does about it:
 *
 * - A component connection dereferences the stream-management state that only a client
 *   connection allocates. So each connection first tries to connect as a client, with a socket
 *   callback that refuses: no packet leaves, the state is there.
 * - It runs its own select(). We ask it to look (xmpp_run_once with no time) when libevent
 *   says so, on a duplicate of its socket: it closes its own before telling us.
 * - It reads 4 KiB a round and writes what was queued on the next one: on while bytes wait.
 * - Its handshake stanzas do not show in the queue length: until connected, a short timer.
 * - Nothing may be released inside its callbacks: they only note what happened.
 * - Its socket callback carries no context: `driving` is whose turn it is.
 * - xmpp_send_raw() takes a length, yet looks for the terminator: it gets a terminated copy.
 * - A context for each connection: with many in one, sends cost thirty times as much.
 */
#include "server-bridge/xmpp/component.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret/random.h"
#include "server-bridge/xmpp/parser_guard.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum {
    CONNECT_MS = 8000,
    HANDSHAKE_TICK_MS = 20,
    RETRY_FIRST_MS = 200,
    RETRY_REFUSED_MAX_MS = 3000, /* nobody listens: asking costs nothing, and it may start */
    RETRY_MAX_MS = 30000,
    STABLE_MS = 5000, /* up this long: the next trouble is a new one */
    SEND_BYTES_MAX = 1 << 20,
    ROUNDS_MAX = 64, /* then the other events of the loop get their turn */
};

struct component {
    struct component_setup setup;
    char *domain, *host, *secret; /* owned */
    xmpp_ctx_t *ctx;              /* with conn: NULL between attempts */
    xmpp_conn_t *conn;
    int fd; /* a duplicate; -1: none */
    struct event *readable, *writable, *soon, *watchdog, *retry;
    struct buf out;
    struct prng jitter;
    unsigned retry_ms;
    uint64_t up_since_ms, heard_ms;
    bool up, was_up, ended, breach, busy, closing, retrying_slowly;
    bool owes_drained; /* something was sent since `drained` was told */
    bool sent;         /* during this round: another is needed */
    char condition[64];
};

static struct component *driving;

static void drive(struct component *component);

static void arm(struct event *event, unsigned ms)
{
    const struct timeval wait = { ms / 1000, (ms % 1000) * 1000 };

    (void)event_add(event, &wait);
}

static int refuse_socket(xmpp_conn_t *conn, void *sock)
{
    (void)conn;
    (void)sock;
    return -1;
}

/* The library made its socket: watch a duplicate. Without NODELAY each answer would wait for
 * the server's acknowledgement of the stanza before. */
static int take_socket(xmpp_conn_t *conn, void *sock)
{
    struct component *component = driving;
    int fd = *(const int *)sock, on = 1;

    (void)conn;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (component->fd >= 0)
        return -1; /* one address, one socket */
    component->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    return component->fd >= 0 ? 0 : -1;
}

/* Which stream errors cannot have been caused by a stanza. */
static bool is_blameless(xmpp_error_type_t type)
{
    switch (type) {
    case XMPP_SE_CONFLICT:
    case XMPP_SE_CONN_TIMEOUT:
    case XMPP_SE_HOST_GONE:
    case XMPP_SE_HOST_UNKNOWN:
    case XMPP_SE_NOT_AUTHORIZED:
    case XMPP_SE_REMOTE_CONN_FAILED:
    case XMPP_SE_RESOURCE_CONSTRAINT:
    case XMPP_SE_SEE_OTHER_HOST:
    case XMPP_SE_SYSTEM_SHUTDOWN:
        return true;
    default:
        return false;
    }
}

static void note_condition(struct component *component, const char *condition)
{
    if (component->condition[0] == '\0')
        (void)snprintf(component->condition, sizeof(component->condition), "%s", condition);
}

static void note_stream_error(struct component *component, const xmpp_stream_error_t *error)
{
    xmpp_stanza_t *child = error->stanza == NULL
                               ? NULL
                               : xmpp_stanza_get_child_by_ns(error->stanza, XMPP_NS_STREAMS_IETF);
    const char *name = child == NULL ? NULL : xmpp_stanza_get_name(child);

    note_condition(component, name == NULL ? "stream-error" : name);
    component->breach = component->up && !is_blameless(error->type);
}

static void on_event(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                     xmpp_stream_error_t *stream_error, void *context)
{
    struct component *component = context;

    (void)conn;
    (void)error; /* a refused connection says 0 here */
    if (event == XMPP_CONN_CONNECT) {
        component->up = true;
        return;
    }
    if (event != XMPP_CONN_DISCONNECT && event != XMPP_CONN_FAIL)
        return;
    if (stream_error != NULL)
        note_stream_error(component, stream_error);
    component->ended = true;
}

static int on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *context)
{
    struct component *component = context;

    (void)conn;
    if (component->up && !component->ended)
        component->setup.handlers->stanza(component->setup.context, stanza);
    return 1;
}

static void on_fd(evutil_socket_t fd, short what, void *context)
{
    struct component *component = context;

    (void)fd;
    if ((what & EV_READ) != 0)
        component->heard_ms = clock_steady_ms();
    drive(component);
}

static void on_watchdog(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    component_drop(context, "timeout");
}

static struct event *free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
    return NULL;
}

/* Outside every callback of the library. */
static void let_go(struct component *component)
{
    component->readable = free_event(component->readable);
    component->writable = free_event(component->writable);
    (void)event_del(component->soon);
    (void)event_del(component->watchdog);
    if (component->conn != NULL)
        (void)xmpp_conn_release(component->conn);
    component->conn = NULL;
    if (component->ctx != NULL)
        xmpp_ctx_free(component->ctx);
    component->ctx = NULL;
    if (component->fd >= 0)
        (void)close(component->fd);
    component->fd = -1;
}

/* The stream-management state gets allocated: see the top of this file. */
static int prepare(struct component *component)
{
    component->ctx = xmpp_ctx_new(NULL, NULL); /* no logger: it would log whole stanzas */
    component->conn = component->ctx == NULL ? NULL : xmpp_conn_new(component->ctx);
    if (component->conn == NULL)
        return RAISE(ERR_NO_MEMORY);
    xmpp_conn_set_jid(component->conn, component->domain);
    xmpp_conn_set_pass(component->conn, component->secret);
    if (xmpp_conn_set_flags(component->conn, XMPP_CONN_FLAG_DISABLE_TLS) != XMPP_EOK)
        return RAISE(ERR_BUG);
    xmpp_conn_set_sockopt_callback(component->conn, refuse_socket);
    if (xmpp_connect_client(component->conn, "127.0.0.1", 1, on_event, component) == XMPP_EOK)
        return RAISE(ERR_BUG); /* it was not to succeed: the library changed */
    component->ended = false;
    xmpp_conn_set_sockopt_callback(component->conn, take_socket);
    xmpp_handler_add(component->conn, on_stanza, NULL, NULL, NULL, component);
    return OK;
}

static int watch(struct component *component)
{
    struct event_base *base = component->setup.base;

    component->readable = event_new(base, component->fd, EV_READ | EV_PERSIST, on_fd, component);
    component->writable = event_new(base, component->fd, EV_WRITE, on_fd, component);
    if (component->readable == NULL || component->writable == NULL ||
        event_add(component->readable, NULL) != 0)
        return RAISE(ERR_NO_MEMORY);
    arm(component->watchdog,
        component->setup.connect_ms != 0 ? component->setup.connect_ms : CONNECT_MS);
    arm(component->soon, HANDSHAKE_TICK_MS);
    return OK;
}

static int start(struct component *component)
{
    int rc = prepare(component);

    if (rc != OK)
        return TRACE(rc);
    driving = component;
    rc = xmpp_connect_component(component->conn, component->host, component->setup.port, on_event,
                                component);
    driving = NULL;
    if (rc != XMPP_EOK || component->fd < 0)
        return RAISE(ERR_IO);
    return TRACE(watch(component));
}

static unsigned next_pause_ms(struct component *component)
{
    unsigned most = component->retrying_slowly ? RETRY_MAX_MS : RETRY_REFUSED_MAX_MS;
    unsigned pause = component->retry_ms < most ? component->retry_ms : most;

    component->retry_ms = pause * 2;
    /* Many links lose one server at once: they must not come back at once. */
    return pause - pause / 4 + (unsigned)prng_below(&component->jitter, pause / 2 + 1);
}

static void finish(struct component *component)
{
    struct component_end end = { .is_breach = component->breach, .was_up = component->was_up };
    char condition[sizeof(component->condition)];

    note_condition(component, component->was_up ? "closed" : "refused");
    (void)snprintf(condition, sizeof(condition), "%s", component->condition);
    end.condition = condition;
    if (component->was_up && clock_steady_ms() - component->up_since_ms >= STABLE_MS)
        component->retry_ms = RETRY_FIRST_MS;
    component->retrying_slowly = !component->was_up && strcmp(condition, "refused") != 0;
    let_go(component);
    component->up = component->was_up = component->ended = component->breach = false;
    component->owes_drained = false;
    component->condition[0] = '\0';
    if (!component->closing)
        arm(component->retry, next_pause_ms(component));
    component->setup.handlers->down(component->setup.context, &end);
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
    struct component *component = context;
    int rc;

    (void)fd;
    (void)what;
    rc = start(component);
    if (rc != OK) {
        log_event(LOG_DEBUG, component->setup.log, "component.start_failed", "rc=%s",
                  result_name(rc));
        finish(component);
    }
}

static int waiting_bytes(const struct component *component)
{
    int bytes = 0;

    return component->fd >= 0 && ioctl(component->fd, FIONREAD, &bytes) == 0 ? bytes : 0;
}

static void run_rounds(struct component *component)
{
    unsigned rounds = 0;

    do {
        component->sent = false;
        xmpp_run_once(component->ctx, 0);
        if (!component->was_up && !component->ended)
            xmpp_run_once(component->ctx, 0); /* its answer in the handshake */
        if (component->up && !component->was_up && !component->ended) {
            component->was_up = true;
            component->up_since_ms = component->heard_ms = clock_steady_ms();
            (void)event_del(component->watchdog);
            component->setup.handlers->up(component->setup.context);
        }
        if (component->up && component->owes_drained && component_is_drained(component)) {
            component->owes_drained = false;
            component->setup.handlers->drained(component->setup.context);
        }
    } while (!component->ended && ++rounds < ROUNDS_MAX &&
             (component->sent || waiting_bytes(component) > 0));
}

/* Lets the library read and write, and settles what it reported. Never re-entered: what a
 * handler sends leaves in the rounds after. */
static void drive(struct component *component)
{
    if (component->busy || component->conn == NULL)
        return;
    component->busy = true;
    driving = component;
    run_rounds(component);
    driving = NULL;
    component->busy = false;
    if (component->ended) {
        finish(component);
        return;
    }
    if (!component->up)
        arm(component->soon, HANDSHAKE_TICK_MS);
    else if (waiting_bytes(component) > 0)
        event_active(component->soon, EV_TIMEOUT, 0);
    if (component->up && !component_is_drained(component))
        (void)event_add(component->writable, NULL);
}

int component_new(struct component **ret_component, const struct component_setup *setup)
{
    AUTO(component) component = calloc(1, sizeof(*component));
    uint64_t seed;

    if (component == NULL)
        return RAISE(ERR_NO_MEMORY);
    xmpp_initialize();
    (void)signal(SIGPIPE, SIG_IGN); /* the library sends without MSG_NOSIGNAL */
    random_bytes(&seed, sizeof(seed));
    component->jitter = prng_seeded(seed);
    component->setup = *setup;
    component->fd = -1;
    buf_init(&component->out, SEND_BYTES_MAX);
    component->retry_ms = RETRY_FIRST_MS;
    component->domain = strdup(setup->domain);
    component->host = strdup(setup->host);
    component->secret = strdup(setup->secret);
    component->soon = event_new(setup->base, -1, 0, on_fd, component);
    component->watchdog = event_new(setup->base, -1, 0, on_watchdog, component);
    component->retry = event_new(setup->base, -1, 0, on_retry, component);
    if (component->domain == NULL || component->host == NULL || component->secret == NULL ||
        component->soon == NULL || component->watchdog == NULL || component->retry == NULL)
        return RAISE(ERR_NO_MEMORY);
    arm(component->retry, 0);
    *ret_component = component;
    component = NULL;
    return OK;
}

/* Ends the socket, so that the library closes its own of the pair. */
static void hang_up(struct component *component)
{
    if (component->conn == NULL || component->fd < 0)
        return;
    (void)shutdown(component->fd, SHUT_RDWR);
    driving = component;
    for (int i = 0; i < 4 && !component->ended; i++)
        xmpp_run_once(component->ctx, 0);
    driving = NULL;
}

struct component *component_free(struct component *component)
{
    if (component == NULL)
        return NULL;
    component->up = false; /* no handler is called any more */
    if (component->soon != NULL && component->watchdog != NULL) {
        hang_up(component);
        let_go(component);
    }
    free_event(component->soon);
    free_event(component->watchdog);
    free_event(component->retry);
    if (component->secret != NULL)
        explicit_bzero(component->secret, strlen(component->secret));
    buf_release(&component->out);
    free(component->secret);
    free(component->domain);
    free(component->host);
    free(component);
    return NULL;
}

bool component_is_up(const struct component *component)
{
    return component != NULL && component->was_up && !component->ended;
}

void component_send(struct component *component, struct slice stanzas)
{
    if (!component_is_up(component) || stanzas.len == 0)
        return;
    buf_clear(&component->out);
    buf_add_slice(&component->out, stanzas);
    if (buf_failed(&component->out)) {
        component_drop(component, "no-memory"); /* half a stream is worse than none */
        return;
    }
    xmpp_send_raw(component->conn, component->out.data, component->out.len);
    component->owes_drained = true;
    component->sent = true;
    if (!component->busy)
        event_active(component->soon, EV_TIMEOUT, 0);
}

bool component_is_drained(const struct component *component)
{
    return component->conn == NULL || xmpp_conn_send_queue_len(component->conn) <= 0;
}

uint64_t component_heard_ms(const struct component *component)
{
    return component->heard_ms;
}

void component_drop(struct component *component, const char *condition)
{
    if (component->conn == NULL)
        return;
    note_condition(component, condition);
    if (component->busy) { /* the library notices in one of the rounds to come */
        (void)shutdown(component->fd, SHUT_RDWR);
        component->sent = true;
        return;
    }
    hang_up(component);
    component->ended = true;
    finish(component);
}

void component_close(struct component *component)
{
    component->closing = true;
    (void)event_del(component->retry);
    if (component->conn == NULL)
        return;
    if (component_is_up(component)) {
        arm(component->watchdog, 1000);
        xmpp_disconnect(component->conn);
        event_active(component->soon, EV_TIMEOUT, 0);
    } else {
        component_drop(component, "closing");
    }
}
