/* SPDX-License-Identifier: Apache-2.0
 *
 * task — a call that is answered by work off the loop (core/work.h): the handler fills it in,
 * `run` computes on the thread with a reader of its own, `answer` tells the caller on the loop,
 * if there still is one.
 */
#ifndef SERVER_BRIDGE_CORE_API_TASK_H
#define SERVER_BRIDGE_CORE_API_TASK_H

#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/work.h"

struct task {
    struct work work;
    struct core *core;  /* on the loop only */
    struct call *call;  /* NULL: gone */
    struct store *view; /* what `run` may read */
    struct tenant_name tenant;
    int rc; /* what `run` returned */
    int (*run)(struct task *task);
    /* Answers call; called with OK from `run` alone, all else is told by task itself, with
     * `what` for STORE_E_NONE ("coder"). */
    void (*answer)(struct task *task, struct call *call);
    const char *what;
    void (*release)(struct task *task); /* frees it */
};

/* Takes the task over: keeps the call under `kind` and sets the work going. A second one of the
 * same kind for the same tenant is refused where `alone`. */
void task_begin(struct call *call, struct task *task, enum work_line line, const char *kind,
                bool alone);

#endif
