/* SPDX-License-Identifier: Apache-2.0
 *
 * channel — between the supervisor and a role: one datagram a message on a SEQPACKET socket,
 * with a descriptor beside it where the message speaks of one. Rare and small, so plain
 * calls without a loop.
 */
#ifndef SERVER_BRIDGE_IPC_CHANNEL_H
#define SERVER_BRIDGE_IPC_CHANNEL_H

#include "base/result.h"
#include "server-bridge/ipc/messages.h"

enum { CHANNEL_E_EMPTY = 1 };
/* The supervisor's end and the role's end; both close-on-exec. */
int channel_pair(int ret_fds[2]) MUST_CHECK;

/* `pass_fd` is not closed; -1: none. ERR_CLOSED, ERR_IO (also when the socket is full: the
 * other end has stopped reading). */
int channel_send(int fd, enum ipc_type type, const void *message, int pass_fd) MUST_CHECK;
#define CHANNEL_SEND(fd, pass_fd, name, ...) \
    channel_send((fd), IPC_##name, &(struct ipc_##name){ __VA_ARGS__ }, (pass_fd))

/* Texts borrow from `buffer`. The caller owns *ret_fd (-1: none came). CHANNEL_E_EMPTY:
 * nothing there now. ERR_CLOSED; ERR_CORRUPT. */
enum { CHANNEL_BUFFER_BYTES = 128 * 1024 };
int channel_receive(int fd, uint8_t buffer[CHANNEL_BUFFER_BYTES], enum ipc_type *ret_type,
                    union ipc_message *ret_message, int *ret_fd) MUST_CHECK;

#endif
