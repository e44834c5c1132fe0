/* SPDX-License-Identifier: Apache-2.0
 *
 * child — one process of the instance, as the supervisor sees it: started, alive, waiting to
 * be started again. A role that keeps dying is started later and later, but never more than
 * 5 s: a start is cheap, and without it everyone waits.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_CHILD_H
#define SERVER_BRIDGE_SUPERVISOR_CHILD_H

#include "base/auto.h"
#include "base/result.h"
#include "server-bridge/ipc/messages.h"
#include "tenant/tenant.h"

#include <sys/types.h>

enum { CHILD_BACKOFF_FIRST_MS = 100, CHILD_BACKOFF_MAX_MS = 5000, CHILD_STEADY_MS = 10000 };

struct child {
    struct child *next;
    enum ipc_role role;
    char tenant[TENANT_NAME_MAX + 1]; /* of a link; "" otherwise */
    unsigned index;                   /* of several web processes */
    pid_t pid;                        /* 0: not running */
    int channel;                      /* -1: not running */
    bool ready;
    bool draining;        /* told to finish */
    unsigned unanswered;  /* pulse.h */
    bool wanted;          /* false: leave it dead, and forget it */
    uint64_t started_ms;  /* steady */
    uint64_t start_at_ms; /* steady: when to start it again */
    uint64_t backoff_ms;
    unsigned restarts;
};

/* ERR_NO_MEMORY */
int child_new(struct child **ret_child, enum ipc_role role, const char *tenant,
              unsigned index) MUST_CHECK;
struct child *child_free(struct child *child);
DEFINE_AUTO(child)

/* Starts this very program in that role. ERR_IO. */
int child_start(struct child *child, uint64_t now_ms) MUST_CHECK;
/* It has died: closes its channel and decides when it is started again. */
void child_died(struct child *child, uint64_t now_ms);
/* "web/0", "core", "link@acme" */
void child_name(const struct child *child, char *ret_name, size_t size);

#endif
