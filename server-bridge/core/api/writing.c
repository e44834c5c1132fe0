/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/writing.h"

struct writing {
    struct call *call; /* NULL: gone */
    void *job;
    const struct writing_way *way;
};

static void end(struct writing *writing)
{
    if (writing->call != NULL)
        writing->call->release_job = NULL;
    writing->way->release(writing->job);
    free(writing);
}

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct writing *writing = bulk->context;
    struct call *call = writing->call;

    if (outcome == STORE_DONE && writing->way->stored != NULL)
        writing->way->stored(writing->job);
    writing->call = NULL;
    if (call != NULL)
        call->release_job = NULL; /* the answer ends the call */
    if (call != NULL && outcome == STORE_DONE)
        writing->way->answer(call, writing->job);
    else if (call != NULL)
        answer_problem(call, 503, "not_saved", "%s", writing->way->failed);
    end(writing);
}

/* The call is over before the writer is: on_stored() finds nobody to tell. */
static void forget_call(void *job)
{
    ((struct writing *)job)->call = NULL;
}

static int begin(struct call *call, const struct tenant_name *tenant, struct store_bulk *bulk,
                 struct writing *writing)
{
    if (!call->kept && !call_keep(call, "writing", NULL))
        return RAISE(ERR_NO_MEMORY);
    call->job = writing;
    call->release_job = forget_call;
    bulk->done = on_stored;
    bulk->context = writing;
    return STORE_CALL(call->core->store, bulk, tenant, bulk);
}

void writing_begin(struct call *call, const struct tenant_name *tenant, struct store_bulk *bulk,
                   void *job, const struct writing_way *way)
{
    struct writing *writing = malloc(sizeof(*writing));
    int rc;

    if (writing == NULL) {
        way->release(job);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    *writing = (struct writing){ .call = call, .job = job, .way = way };
    rc = begin(call, tenant, bulk, writing);
    if (rc == OK)
        return;
    end(writing);
    answer_failed(call, rc);
}
