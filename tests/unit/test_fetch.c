/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the role fetch goes, and where it does not: the role's own loop and libcurl, a core at
 * the other end of its socket, and name service that is played here. Nothing leaves the loopback.
 */
#include "server-bridge/fetch/fetch.h"

#include "server-bridge/ipc/peer.h"
#include "tests/support/cmocka.h"
#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>

static struct event_base *base;
static struct fetch fetch;
static struct ipc_peer *core;
static struct ipc_fetch_answer answer;
static bool answered;
static int listeners[2]; /* at 127.0.0.1 and 127.0.0.2, on one port */
static unsigned port, connections[2];
static struct event *events[2];

/* What the names of our tests lead to; "2" is 127.0.0.2, asked a second time 127.0.0.1. */
static atomic_uint asked;

static struct addrinfo *an_address(const char *text, const char *service, struct addrinfo *next)
{
    struct addrinfo *info = calloc(1, sizeof(*info) + sizeof(struct sockaddr_in));
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)(info + 1);

    assert_non_null(info);
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)strtoul(service == NULL ? "0" : service, NULL, 10));
    (void)inet_pton(AF_INET, text, &v4->sin_addr);
    *info = (struct addrinfo){ .ai_family = AF_INET,
                               .ai_socktype = SOCK_STREAM,
                               .ai_protocol = IPPROTO_TCP,
                               .ai_addrlen = sizeof(*v4),
                               .ai_addr = (struct sockaddr *)v4,
                               .ai_next = next };
    return info;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    (void)hints;
    if (strcmp(name, "private.example") == 0)
        *ret = an_address("10.0.0.1", service, an_address("169.254.169.254", service, NULL));
    else if (strcmp(name, "mixed.example") == 0)
        *ret = an_address("10.0.0.1", service, an_address("127.0.0.2", service, NULL));
    else if (strcmp(name, "rebinding.example") == 0)
        *ret =
            an_address(atomic_fetch_add(&asked, 1) == 0 ? "127.0.0.2" : "127.0.0.1", service, NULL);
    else
        return EAI_NONAME;
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    while (info != NULL) {
        struct addrinfo *next = info->ai_next;

        free(info);
        info = next;
    }
}

static void on_answer(void *context, const union ipc_message *message)
{
    (void)context;
    answer = message->fetch_answer;
    answered = true;
    (void)event_base_loopbreak(base);
}

static void on_request(void *context, const union ipc_message *message)
{
    fetch_begin(context, &message->fetch_request);
}

static void on_closed(void *context)
{
    (void)context;
}

static ipc_handler_fn *const of_core[IPC_TYPE_COUNT] = { [IPC_fetch_answer] = on_answer };
static ipc_handler_fn *const of_fetch[IPC_TYPE_COUNT] = { [IPC_fetch_request] = on_request };

/* Takes a connection, counts it and hangs up. */
static void on_connection(evutil_socket_t fd, short what, void *context)
{
    int taken = accept(fd, NULL, NULL);

    (void)what;
    assert_true(taken >= 0);
    ++*(unsigned *)context;
    (void)close(taken);
}

static void listen_at(size_t i, const char *address)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int on = 1;

    (void)inet_pton(AF_INET, address, &at.sin_addr);
    listeners[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(setsockopt(listeners[i], SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
    assert_int_equal(bind(listeners[i], (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listeners[i], 16), 0);
    events[i] = event_new(base, listeners[i], EV_READ | EV_PERSIST, on_connection, &connections[i]);
    assert_int_equal(event_add(events[i], NULL), 0);
}

static struct ipc_peer *peer_of(int fd, enum ipc_role self, enum ipc_role other,
                                ipc_handler_fn *const *handlers)
{
    struct ipc_peer_setup setup = { .base = base,
                                    .fd = fd,
                                    .self = self,
                                    .other = other,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = &fetch,
                                    .queue_max_bytes = 1 << 20 };
    struct ipc_peer *peer = NULL;

    assert_int_equal(ipc_peer_new(&peer, &setup), OK);
    return peer;
}

static int start(void **state)
{
    int fds[2];

    (void)state;
    base = event_base_new();
    port = port_of_ours();
    connections[0] = connections[1] = 0;
    atomic_store(&asked, 0);
    listen_at(1, "127.0.0.2");
    listen_at(0, "127.0.0.1");
    fetch = (struct fetch){ .base = base };
    assert_int_equal(address_ranges_parse(SLICE_LITERAL("127.0.0.2/32"), &fetch.allowed), 0);
    assert_int_equal(fetch_start(&fetch, ""), OK);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    fetch.core = peer_of(fds[0], IPC_FETCH, IPC_CORE, of_fetch);
    core = peer_of(fds[1], IPC_CORE, IPC_FETCH, of_core);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    fetch_stop(&fetch);
    fetch.core = ipc_peer_free(fetch.core);
    core = ipc_peer_free(core);
    for (size_t i = 0; i < 2; i++) {
        event_free(events[i]);
        (void)close(listeners[i]);
    }
    event_base_free(base);
    return 0;
}

/* Asks for a URL, with our port in place of %u, and waits for what comes of it. */
static enum fetch_outcome outcome_of(const char *pattern)
{
    char url[256];
    const char *at = strstr(pattern, "%u");

    if (at == NULL)
        (void)snprintf(url, sizeof(url), "%s", pattern);
    else
        (void)snprintf(url, sizeof(url), "%.*s%u%s", (int)(at - pattern), pattern, port, at + 2);
    answered = false;
    IPC_SEND(core, fetch_request, .request = 1, .url = slice_of(url), .body = SLICE_LITERAL("{}"),
             .answer_max = 1000);
    while (!answered)
        assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
    assert_int_equal(answer.request, 1);
    return (enum fetch_outcome)answer.outcome;
}

static void an_address_that_is_not_public__is_not_connected_to(void **state)
{
    static const char *const all[] = {
        "https://127.0.0.1:%u/",       "https://2130706433:%u/",   "https://0x7f.1:%u/",
        "https://0177.0.0.1:%u/",      "https://[::1]:%u/",        "https://[::ffff:127.0.0.1]:%u/",
        "https://10.0.0.1/",           "https://100.64.0.1/",      "https://169.254.169.254/meta",
        "https://172.16.0.1/",         "https://192.168.1.1/",     "https://192.0.2.1/",
        "https://198.18.0.1/",         "https://203.0.113.1/",     "https://224.0.0.1/",
        "https://255.255.255.255/",    "https://0.0.0.0:%u/",      "https://[::]:%u/",
        "https://[fe80::1]/",          "https://[fc00::1]/",       "https://[ff02::1]/",
        "https://[2001:db8::1]/",      "https://[2002:7f00:1::]/", "https://[64:ff9b::7f00:1]/",
        "https://private.example:%u/",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        enum fetch_outcome outcome = outcome_of(all[i]);

        /* Odd spellings of an address are a name to who does not know them. */
        if (outcome != FETCH_REFUSED_ADDRESS && outcome != FETCH_NO_NAME)
            fail_msg("%s: %d", all[i], (int)outcome);
    }
    assert_int_equal(connections[0] + connections[1], 0);
}

static void of_several_addresses__only_a_good_one_is_connected_to(void **state)
{
    (void)state;
    assert_int_not_equal(outcome_of("https://mixed.example:%u/"), FETCH_REFUSED_ADDRESS);
    assert_int_equal(connections[1], 1);
    assert_int_equal(connections[0], 0);
}

static void a_name_that_changes_its_mind__gains_nothing(void **state)
{
    (void)state;
    assert_int_not_equal(outcome_of("https://rebinding.example:%u/"), FETCH_REFUSED_ADDRESS);
    assert_int_equal(atomic_load(&asked), 1); /* looked up once, and that address was taken */
    assert_int_equal(connections[1], 1);
    for (int i = 0; i < 3; i++)
        (void)outcome_of("https://rebinding.example:%u/");
    assert_int_equal(connections[0], 0);
}

static void nothing_but_https__is_asked(void **state)
{
    static const char *const all[] = { "http://127.0.0.2:%u/",
                                       "ftp://127.0.0.2:%u/",
                                       "file:///etc/passwd",
                                       "gopher://127.0.0.2:%u/x",
                                       "smtp://127.0.0.2:%u/",
                                       "dict://127.0.0.2:%u/x",
                                       "telnet://127.0.0.2:%u/",
                                       "https://user@127.0.0.2:%u/",
                                       "https://",
                                       "nonsense" };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        enum fetch_outcome outcome = outcome_of(all[i]);

        if (outcome != FETCH_REFUSED_URL)
            fail_msg("%s: %d", all[i], (int)outcome);
    }
    assert_int_equal(connections[0] + connections[1], 0);
}

static void what_goes_wrong__is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(outcome_of("https://nowhere.example/"), FETCH_NO_NAME);
    event_free(events[1]);
    (void)close(listeners[1]);
    assert_int_equal(outcome_of("https://127.0.0.2:%u/"), FETCH_NO_CONNECTION);
    listen_at(1, "127.0.0.2");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(an_address_that_is_not_public__is_not_connected_to),
    CASE(of_several_addresses__only_a_good_one_is_connected_to),
    CASE(a_name_that_changes_its_mind__gains_nothing), CASE(nothing_but_https__is_asked),
    CASE(what_goes_wrong__is_told_apart))
