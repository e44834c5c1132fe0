/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/people/password_job.h"

#include "server-bridge/core/api/body.h"

enum { COME_AGAIN_MS = 2000 };

static void forget_text(char *text)
{
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
}

static void job_free(struct password_job *job)
{
    forget_text(job->shown);
    forget_text(job->fresh);
    explicit_bzero(job, sizeof(*job));
    free(job);
}

static void forget_call(void *job)
{
    ((struct password_job *)job)->call = NULL;
}

static void run(struct work *work)
{
    struct password_job *job = (struct password_job *)work;

    if (job->shown != NULL && job->kept[0] != '\0')
        job->matches = password_matches(slice_of(job->shown), job->kept);
    else if (job->shown != NULL)
        job->matches = password_matches_nothing(slice_of(job->shown), &job->cost);
    if (job->fresh != NULL && (job->matches || job->shown == NULL))
        job->rc = password_hash(slice_of(job->fresh), &job->cost, job->hash);
}

static void done(struct work *work, bool ran)
{
    struct password_job *job = (struct password_job *)work;
    struct call *call = job->call;

    job->core->passwords_waiting--;
    if (call != NULL)
        call->release_job = NULL;
    if (call != NULL && ran && job->rc == OK)
        job->then(job, call);
    else if (call != NULL)
        answer_failed(call, ran ? job->rc : ERR_CLOSED);
    job_free(job);
}

/* Takes the job over. */
static void begin(struct call *call, struct password_job *job)
{
    struct core *core = call->core;

    if (core->passwords_waiting >= PASSWORDS_WAITING_MAX) {
        answer_later(call, 503, "too_busy", COME_AGAIN_MS, "Too many log in at this moment.");
    } else if (call_is_busy(core, "password", job->user)) {
        answer_later(call, 429, "too_many_failures", COME_AGAIN_MS,
                     "Somebody logs in by that name right now.");
    } else if (!call_keep(call, "password", job->user)) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    } else {
        core->passwords_waiting++;
        job->call = call;
        call->job = job;
        call->release_job = forget_call;
        work_submit(core, WORK_PASSWORDS, &job->work);
        return;
    }
    job_free(job);
}

static struct password_job *job_new(struct call *call, const char *name, struct slice fresh,
                                    void (*then)(struct password_job *job, struct call *call))
{
    struct password_job *job = calloc(1, sizeof(*job));

    if (job == NULL)
        return NULL;
    job->work = (struct work){ .run = run, .done = done };
    job->core = call->core;
    job->cost = call->core->password_cost;
    job->then = then;
    (void)slice_copy(slice_of(name), job->user, sizeof(job->user));
    if (fresh.len > 0)
        job->fresh = slice_dup(fresh);
    if (fresh.len == 0 || job->fresh != NULL)
        return job;
    job_free(job);
    return NULL;
}

void password_compare(struct call *call, const char *name, const struct user *user,
                      struct slice fresh, void (*then)(struct password_job *job, struct call *call))
{
    struct password_job *job = job_new(call, name, fresh, then);

    if (job != NULL)
        job->shown = slice_dup(body_text(call, "password"));
    if (job == NULL || job->shown == NULL) {
        if (job != NULL)
            job_free(job);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    if (user != NULL)
        (void)slice_copy(slice_of(user->password), job->kept, sizeof(job->kept));
    begin(call, job);
}

void password_choose(struct call *call, const char *name, struct slice fresh,
                     void (*then)(struct password_job *job, struct call *call))
{
    struct password_job *job = job_new(call, name, fresh, then);

    if (job != NULL)
        begin(call, job);
    else
        answer_failed(call, RAISE(ERR_NO_MEMORY));
}
