/* SPDX-License-Identifier: Apache-2.0
 *
 * tls_look — what a certificate is good for, until when, and what browsers will think of it.
 *
 * What is told is what is served: names and dates are read from the context itself, and protocols
 * and suites come from handshakes with it, in memory.
 */
#ifndef SERVER_BRIDGE_WEB_TLS_LOOK_H
#define SERVER_BRIDGE_WEB_TLS_LOOK_H

#include "base/buf.h"

struct ssl_ctx_st;

enum { TLS_NAMES_MAX_BYTES = 8192 };

struct tls_look {
    struct buf names;    /* lower case, separated by spaces: "chat.example *.chat.example" */
    unsigned chain;      /* certificates that are sent */
    uint64_t begins_ms;  /* when all of them hold */
    uint64_t expires_ms; /* when the first of them does */
    char negotiated[256];
    char warning[256]; /* what browsers may not like; or empty */
};

/* False: a handshake with it does not come about at all. tls_look_release() either way. */
bool tls_look(struct ssl_ctx_st *context, uint64_t now_ms, struct tls_look *ret_look);
void tls_look_release(struct tls_look *look);

#endif
