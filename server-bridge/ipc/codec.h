/* SPDX-License-Identifier: Apache-2.0
 *
 * codec — messages to bytes and back, driven by the table in messages.h.
 *
 * On the wire: length of what follows (u32), version (u8), a zero (u8), number (u16), then
 * the fields in order; little-endian. Texts carry a u32 length. Nothing is optional.
 */
#ifndef SERVER_BRIDGE_IPC_CODEC_H
#define SERVER_BRIDGE_IPC_CODEC_H

#include "base/result.h"
#include "server-bridge/ipc/messages.h"

enum { IPC_HEADER_BYTES = 8 };

const char *ipc_type_name(enum ipc_type type);
bool ipc_may_pass(enum ipc_type type, enum ipc_role from, enum ipc_role to);

/* Bytes the whole message takes, header included; 0: a text is longer than its bound. */
size_t ipc_size(enum ipc_type type, const void *message);
/* Writes exactly ipc_size() bytes. `message` is the struct ipc_<type>. */
void ipc_encode(enum ipc_type type, const void *message, uint8_t *to);

/* How long the message at the start of these bytes is, once the header is there. ERR_CORRUPT:
 * no message of ours can start so. 0 in *ret_bytes: not enough bytes yet to tell. */
int ipc_peek(const uint8_t *bytes, size_t len, size_t *ret_bytes) MUST_CHECK;
/* Takes one whole message apart; texts borrow from `bytes`. ERR_CORRUPT: unknown number or
 * version, a text over its bound, too few or too many bytes, a flag that is neither 0 nor 1. */
int ipc_decode(const uint8_t *bytes, size_t len, enum ipc_type *ret_type,
               union ipc_message *ret_message) MUST_CHECK;

#endif
