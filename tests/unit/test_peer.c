/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/ipc/codec.h"
#include "server-bridge/ipc/peer.h"
#include "tests/support/cmocka.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A core at one end and a web at the other, on one loop. */
struct pair {
    struct event_base *base;
    struct ipc_peer *core, *web;
    int fds[2];
    unsigned heard, closed;
    char text[64];
    bool free_in_handler;
};

static void on_say(void *context, const union ipc_message *message)
{
    struct pair *pair = context;

    pair->heard++;
    (void)slice_copy(message->session_say.text, pair->text, sizeof(pair->text));
    if (pair->free_in_handler)
        pair->core = ipc_peer_free(pair->core);
}

static void on_closed(void *context)
{
    struct pair *pair = context;

    pair->closed++;
}

static ipc_handler_fn *const core_handlers[IPC_TYPE_COUNT] = { [IPC_session_say] = on_say };
static ipc_handler_fn *const web_handlers[IPC_TYPE_COUNT] = { NULL };

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    struct ipc_peer_setup core = { .self = IPC_CORE,
                                   .other = IPC_WEB,
                                   .handlers = core_handlers,
                                   .closed = on_closed,
                                   .context = pair,
                                   .queue_max_bytes = 1 << 20 };
    struct ipc_peer_setup web = core;

    pair->base = event_base_new();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair->fds), 0);
    core.base = web.base = pair->base;
    core.fd = pair->fds[0];
    web.fd = pair->fds[1];
    web.self = IPC_WEB;
    web.other = IPC_CORE;
    web.handlers = web_handlers;
    assert_int_equal(ipc_peer_new(&pair->core, &core), OK);
    assert_int_equal(ipc_peer_new(&pair->web, &web), OK);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    ipc_peer_free(pair->core);
    ipc_peer_free(pair->web);
    event_base_free(pair->base);
    free(pair);
    return 0;
}

/* Runs the loop until nothing is left to do at once. */
static void settle(struct pair *pair)
{
    for (int i = 0; i < 50; i++)
        (void)event_base_loop(pair->base, EVLOOP_NONBLOCK);
}

static void send__arrives_whole_and_in_order(void **state)
{
    struct pair *pair = *state;

    for (int i = 0; i < 1000; i++)
        IPC_SEND(pair->web, session_say, .text = SLICE_LITERAL("one"));
    IPC_SEND(pair->web, session_say, .text = SLICE_LITERAL("last"));
    settle(pair);
    assert_int_equal(pair->heard, 1001);
    assert_string_equal(pair->text, "last");
    assert_int_equal(pair->closed, 0);
}

static void send_later__leaves_with_the_next_message__in_order(void **state)
{
    struct pair *pair = *state;

    IPC_SEND_LATER(pair->web, session_say, .cid = SLICE_LITERAL("1"),
                   .text = SLICE_LITERAL("first"));
    (void)event_base_loop(pair->base, EVLOOP_NONBLOCK);
    assert_int_equal(pair->heard, 0);
    IPC_SEND(pair->web, session_say, .cid = SLICE_LITERAL("2"), .text = SLICE_LITERAL("second"));
    settle(pair);
    assert_int_equal(pair->heard, 2);
    assert_string_equal(pair->text, "second");
}

static void send_later__alone__leaves_by_itself(void **state)
{
    struct pair *pair = *state;

    IPC_SEND_LATER(pair->web, session_say, .cid = SLICE_LITERAL("1"),
                   .text = SLICE_LITERAL("alone"));
    while (pair->heard == 0 && event_base_loop(pair->base, EVLOOP_ONCE) == 0)
        continue;
    assert_string_equal(pair->text, "alone");
}

static void send__of_what_this_role_may_not_say__closes_the_peer(void **state)
{
    struct pair *pair = *state;

    IPC_SEND(pair->web, tell_typing, .on = true);
    settle(pair);
    assert_int_equal(pair->heard, 0);
    assert_true(pair->closed >= 1);
}

static void bytes_that_are_no_message__close_the_peer(void **state)
{
    struct pair *pair = *state;

    assert_int_equal(write(pair->fds[1], "GET / HTTP/1.1\r\n\r\n", 18), 18);
    settle(pair);
    assert_int_equal(pair->closed, 1);
}

static void message_in_two_halves__is_handled_once_whole(void **state)
{
    struct pair *pair = *state;
    const struct ipc_session_say say = { .text = SLICE_LITERAL("halves") };
    uint8_t bytes[256];
    size_t len = ipc_size(IPC_session_say, &say);

    ipc_encode(IPC_session_say, &say, bytes);
    assert_int_equal(write(pair->fds[1], bytes, len / 2), len / 2);
    settle(pair);
    assert_int_equal(pair->heard, 0);
    assert_int_equal(write(pair->fds[1], bytes + len / 2, len - len / 2), len - len / 2);
    settle(pair);
    assert_int_equal(pair->heard, 1);
    assert_string_equal(pair->text, "halves");
}

static void other_end_gone__is_told_once(void **state)
{
    struct pair *pair = *state;

    pair->web = ipc_peer_free(pair->web);
    settle(pair);
    IPC_SEND(pair->core, tell_typing, .on = true);
    settle(pair);
    assert_int_equal(pair->closed, 1);
}

static void queue_over_its_bound__gives_the_peer_up(void **state)
{
    struct pair *pair = *state;
    static char text[IPC_TEXT_MAX];

    memset(text, 'x', sizeof(text));
    for (int i = 0; i < 100; i++) /* 1.6 MB into a bound of 1 MiB, before the loop runs */
        IPC_SEND(pair->web, session_say, .text = { text, sizeof(text) });
    assert_int_equal(pair->closed, 0); /* not under the hands of whoever sends */
    assert_true(ipc_peer_queued(pair->web) <= 1 << 20);
    settle(pair);
    assert_int_equal(pair->closed, 1);
    assert_int_equal(pair->heard, 0);
}

static void free__inside_its_own_handler__is_safe(void **state)
{
    struct pair *pair = *state;

    pair->free_in_handler = true;
    IPC_SEND(pair->web, session_say, .text = SLICE_LITERAL("one"));
    IPC_SEND(pair->web, session_say, .text = SLICE_LITERAL("two"));
    settle(pair);
    assert_int_equal(pair->heard, 1);
    assert_null(pair->core);
}

static void pause__holds_messages_back_until_lifted(void **state)
{
    struct pair *pair = *state;

    ipc_peer_pause(pair->core, true);
    IPC_SEND(pair->web, session_say, .text = SLICE_LITERAL("one"));
    settle(pair);
    assert_int_equal(pair->heard, 0);
    ipc_peer_pause(pair->core, false);
    settle(pair);
    assert_int_equal(pair->heard, 1);
}

static void send__to_nobody__is_dropped(void **state)
{
    (void)state;
    IPC_SEND(NULL, session_say, .text = SLICE_LITERAL("one"));
    assert_int_equal(ipc_peer_queued(NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
RUN(CASE(send__arrives_whole_and_in_order),
    CASE(send_later__leaves_with_the_next_message__in_order),
    CASE(send_later__alone__leaves_by_itself),
    CASE(send__of_what_this_role_may_not_say__closes_the_peer),
    CASE(bytes_that_are_no_message__close_the_peer),
    CASE(message_in_two_halves__is_handled_once_whole), CASE(other_end_gone__is_told_once),
    CASE(queue_over_its_bound__gives_the_peer_up), CASE(free__inside_its_own_handler__is_safe),
    CASE(pause__holds_messages_back_until_lifted), CASE(send__to_nobody__is_dropped))
