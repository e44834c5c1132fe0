/* SPDX-License-Identifier: Apache-2.0
 *
 * jail — what a role that meets strangers can no longer do once it has started. Whoever takes it
 * over can do no more. Refused calls fail with EPERM, so a library that only tried goes on.
 */
#ifndef SERVER_BRIDGE_JAIL_H
#define SERVER_BRIDGE_JAIL_H

#include "base/result.h"

enum jail {
    JAIL_SEALED,  /* web: no file, no new socket, no other program, no thread */
    JAIL_OUTWARD, /* fetch: it connects, and reads what resolving names takes; nothing else of ours:
                     no file of the instance, no UNIX socket, no port of its own, no program */
};

/* From here on, for this process and its threads. `reads`: one more file or folder that
 * JAIL_OUTWARD may read; NULL: none. ERR_IO. */
int jail_enter(enum jail jail, const char *reads) MUST_CHECK;

#endif
