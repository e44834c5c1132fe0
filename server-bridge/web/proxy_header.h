/* SPDX-License-Identifier: Apache-2.0
 *
 * proxy_header — the PROXY protocol, v1 and v2, without I/O: whom a proxy brings, said before the
 * first byte of the connection it passes on. The words are HAProxy's (proxy-protocol.txt).
 *
 * As strict as the specification lets a receiver be: only TCP over IPv4 and IPv6 is taken, whatever
 * else is no header of ours.
 */
#ifndef SERVER_BRIDGE_WEB_PROXY_HEADER_H
#define SERVER_BRIDGE_WEB_PROXY_HEADER_H

#include "base/slice.h"

#include <sys/socket.h>

enum { PROXY_V1_MAX_BYTES = 107, PROXY_HEADER_MAX_BYTES = 2048 };

enum proxy_verdict {
    PROXY_MORE, /* all bytes so far belong to the header; it goes on */
    PROXY_DONE,
    PROXY_BAD, /* these bytes begin no header */
};

struct proxy_header {
    size_t bytes; /* of the header; what follows is the connection's */
    bool own;     /* the proxy speaks for itself (v2 LOCAL): a look whether we live */
    struct sockaddr_storage client; /* family 0: the proxy does not know (v1 UNKNOWN, v2 UNSPEC) */
};

/* Bytes may be longer than the header. *ret_header counts with PROXY_DONE alone. */
enum proxy_verdict proxy_header_parse(struct slice bytes, struct proxy_header *ret_header);

#endif
