/* SPDX-License-Identifier: Apache-2.0
 *
 * listen — opens the ports. The supervisor keeps them for as long as it lives, so that a web
 * process that died leaves no visitor refused: its successor finds them in the backlog.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_LISTEN_H
#define SERVER_BRIDGE_SUPERVISOR_LISTEN_H

#include "base/result.h"

#include <stdbool.h>

/* `address` is host:port with a numeric host ("127.0.0.1:80", "[::]:443", ":80" for all).
 * With `shared`, several sockets may listen on it and the kernel spreads the visitors.
 * ERR_CONFIG: not an address, in use or not allowed; it was logged with the remedy. */
int listen_tcp(const char *address, bool shared, int *ret_fd) MUST_CHECK;
/* A UNIX socket only its owner can connect to (0600). One left by a dead process is replaced;
 * one that answers is not. ERR_CONFIG as above. */
int listen_unix(const char *path, int *ret_fd) MUST_CHECK;

#endif
