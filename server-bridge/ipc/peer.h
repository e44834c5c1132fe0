/* SPDX-License-Identifier: Apache-2.0
 *
 * peer — a stream of messages to another role, on a libevent loop.
 *
 * What is sent gathers until the loop comes round and leaves in one write; what arrives is
 * handled in the order it came. A peer that breaks the rules (a message it may not send, bytes
 * that are none) is closed: the supervisor starts it anew.
 */
#ifndef SERVER_BRIDGE_IPC_PEER_H
#define SERVER_BRIDGE_IPC_PEER_H

#include "base/auto.h"
#include "base/log.h"
#include "base/result.h"
#include "server-bridge/ipc/messages.h"

struct event_base;
struct ipc_peer;

enum { IPC_LATER_MS = 50 };

/* Handlers by message; a message without one is a breach. They may send, and may close any
 * peer, this one too. */
typedef void ipc_handler_fn(void *context, const union ipc_message *message);
typedef void ipc_closed_fn(void *context);

struct ipc_peer_setup {
    struct event_base *base;
    int fd;                          /* taken over: closed with the peer */
    enum ipc_role self;              /* who we are */
    enum ipc_role other;             /* who is at the other end */
    ipc_handler_fn *const *handlers; /* [IPC_TYPE_COUNT]; borrowed, lives on */
    ipc_closed_fn *closed;           /* once, when the other end is gone; not after ipc_peer_free */
    void *context;
    size_t queue_max_bytes; /* unsent bytes at which the peer is given up as stuck */
};

int ipc_peer_new(struct ipc_peer **ret_peer, const struct ipc_peer_setup *setup) MUST_CHECK;
/* Safe inside its own handlers. What is not yet sent is dropped. NULL is fine. */
struct ipc_peer *ipc_peer_free(struct ipc_peer *peer);
DEFINE_AUTO(ipc_peer)

/* Queues a message; it never blocks. Nothing to check: a peer that cannot take it is closed
 * and `closed` tells, once the loop comes round. peer may be NULL (gone): the message is dropped.
 */
void ipc_peer_send(struct ipc_peer *peer, enum ipc_type type, const void *message);
#define IPC_SEND(peer, name, ...) \
    ipc_peer_send((peer), IPC_##name, &(struct ipc_##name){ __VA_ARGS__ })
/* For what nobody waits for: leaves with the next message that somebody does wait for, or after
 * IPC_LATER_MS, so that it wakes nobody up by itself. Order holds. */
void ipc_peer_send_later(struct ipc_peer *peer, enum ipc_type type, const void *message);
#define IPC_SEND_LATER(peer, name, ...) \
    ipc_peer_send_later((peer), IPC_##name, &(struct ipc_##name){ __VA_ARGS__ })

/* Stops and goes on reading: back pressure. */
void ipc_peer_pause(struct ipc_peer *peer, bool paused);
/* Unsent bytes. */
size_t ipc_peer_queued(const struct ipc_peer *peer);
/* Writes as much as goes out without waiting; for clean ends. True when all is out. */
bool ipc_peer_flush(struct ipc_peer *peer);

#endif
