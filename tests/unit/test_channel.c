/* SPDX-License-Identifier: Apache-2.0 */
#include "base/auto.h"
#include "server-bridge/ipc/channel.h"
#include "tests/support/cmocka.h"

#include <fcntl.h>
#include <unistd.h>

static uint8_t buffer[CHANNEL_BUFFER_BYTES];

static void descriptor__travels_beside_its_message(void **state)
{
    AUTO_FD a = -1, b = -1, passed = -1, read_end = -1, write_end = -1;
    union ipc_message message;
    enum ipc_type type;
    int fds[2];
    char byte = 0;

    (void)state;
    assert_int_equal(channel_pair(fds), OK);
    a = fds[0];
    b = fds[1];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    read_end = fds[0];
    write_end = fds[1];
    assert_int_equal(CHANNEL_SEND(a, write_end, listener, .kind = SLICE_LITERAL("http")), OK);
    assert_int_equal(channel_receive(b, buffer, &type, &message, &passed), OK);
    assert_int_equal(type, IPC_listener);
    assert_true(slice_is(message.listener.kind, "http"));
    assert_true(passed >= 0 && passed != write_end);
    assert_int_equal(write(passed, "x", 1), 1);
    assert_int_equal(read(read_end, &byte, 1), 1);
    assert_int_equal(byte, 'x');
}

static void receive__with_nothing_there__says_empty(void **state)
{
    union ipc_message message;
    enum ipc_type type;
    int fds[2], fd = -1;

    (void)state;
    assert_int_equal(channel_pair(fds), OK);
    assert_int_equal(channel_receive(fds[0], buffer, &type, &message, &fd), CHANNEL_E_EMPTY);
    (void)close(fds[1]);
    assert_int_equal(channel_receive(fds[0], buffer, &type, &message, &fd), ERR_CLOSED);
    assert_int_equal(CHANNEL_SEND(fds[0], -1, ready, .ready = true), ERR_CLOSED);
    (void)close(fds[0]);
}

static void receive__of_other_bytes__is_corrupt(void **state)
{
    union ipc_message message;
    enum ipc_type type;
    int fds[2], fd = -1;

    (void)state;
    assert_int_equal(channel_pair(fds), OK);
    assert_int_equal(write(fds[0], "what is this", 12), 12);
    assert_int_equal(channel_receive(fds[1], buffer, &type, &message, &fd), ERR_CORRUPT);
    assert_int_equal(fd, -1);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

RUN(cmocka_unit_test(descriptor__travels_beside_its_message),
    cmocka_unit_test(receive__with_nothing_there__says_empty),
    cmocka_unit_test(receive__of_other_bytes__is_corrupt))
