/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/task.h"

static void task_free(struct task *task)
{
    store_view_close(task->core->store, task->view);
    task->release(task);
}

static void forget_call(void *job)
{
    ((struct task *)job)->call = NULL;
}

static void run(struct work *work)
{
    struct task *task = (struct task *)work;

    task->rc = task->run(task);
}

static void done(struct work *work, bool ran)
{
    struct task *task = (struct task *)work;
    struct call *call = task->call;

    if (call != NULL)
        call->release_job = NULL;
    if (call != NULL && ran && task->rc == OK)
        task->answer(task, call);
    else if (call != NULL && ran && task->rc == STORE_E_NONE)
        answer_not_found(call, task->what);
    else if (call != NULL)
        answer_failed(call, ran ? task->rc : ERR_CLOSED);
    task_free(task);
}

void task_begin(struct call *call, struct task *task, enum work_line line, const char *kind,
                bool alone)
{
    int rc;

    task->core = call->core;
    task->tenant = call->tenant->about.name;
    task->work = (struct work){ .run = run, .done = done };
    if (alone && call_is_busy(call->core, kind, task->tenant.text)) {
        answer_problem(call, 409, "in_progress", "The same is being done right now.");
        task_free(task);
        return;
    }
    rc = STORE_CALL(call->core->store, view, &task->tenant, &task->view);
    if (rc == OK && !call_keep(call, kind, task->tenant.text))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc != OK) {
        answer_failed(call, rc);
        task_free(task);
        return;
    }
    task->call = call;
    call->job = task;
    call->release_job = forget_call;
    work_submit(call->core, line, &task->work);
}
