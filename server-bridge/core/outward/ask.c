/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's end of the role fetch. Whatever becomes of that process, who asked gets an answer.
 */
#include "server-bridge/core/outward/outward.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
    FETCH_QUEUE_MAX_BYTES = 64 * 1024 * 1024,
    PATIENCE_S = 15 /* fetch has limits of its own */
};

struct asking {
    struct asking *next, *prev;
    struct outward *outward;
    uint64_t number;
    asked_fn *done;
    void *context;
    struct event *limit;
};

const char *fetch_outcome_text(enum fetch_outcome outcome)
{
    static const char *const texts[FETCH_OUTCOME_COUNT] = {
        [FETCH_DONE] = "it answered",
        [FETCH_REFUSED_URL] = "only https, and no user in the URL",
        [FETCH_REFUSED_ADDRESS] = "its address is no public one",
        [FETCH_NO_NAME] = "its host name leads nowhere",
        [FETCH_NO_CONNECTION] = "it takes no connections",
        [FETCH_NOT_TRUSTED] = "its certificate does not hold",
        [FETCH_TIMEOUT] = "it did not answer in time",
        [FETCH_TOO_LONG] = "its answer is too long",
        [FETCH_BUSY] = "too much is going on here",
        [FETCH_LOST] = "the role fetch is away",
        [FETCH_FAILED] = "the connection broke",
    };

    return outcome < FETCH_OUTCOME_COUNT ? texts[outcome] : texts[FETCH_FAILED];
}

static void finish(struct asking *asking, const struct ipc_fetch_answer *answer)
{
    DL_DELETE(asking->outward->askings, asking);
    if (asking->limit != NULL)
        event_free(asking->limit);
    asking->done(asking->context, answer);
    free(asking);
}

/* An answer of our own making: nothing came. */
static void on_limit(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    finish(context, &(struct ipc_fetch_answer){ .outcome = FETCH_LOST });
}

void ask_outside(struct core *core, const struct ipc_fetch_request *request, asked_fn *done,
                 void *context)
{
    struct outward *outward = core->outward;
    const struct timeval limit = { .tv_sec = outward->fetch != NULL ? PATIENCE_S : 0 };
    struct asking *asking = calloc(1, sizeof(*asking));
    struct ipc_fetch_request numbered = *request;

    /* Whoever asks counts on an answer, and could do nothing without memory either. */
    if (asking != NULL)
        asking->limit = evtimer_new(core->role->base, on_limit, asking);
    if (asking == NULL || asking->limit == NULL || event_add(asking->limit, &limit) != 0) {
        log_event(LOG_ERROR, NULL, "core.no_memory", "");
        abort();
    }
    asking->outward = outward;
    asking->number = numbered.request = ++outward->last_number;
    asking->done = done;
    asking->context = context;
    DL_APPEND(outward->askings, asking);
    ipc_peer_send(outward->fetch, IPC_fetch_request, &numbered);
}

/* --- the role --- */

static void on_answer(void *context, const union ipc_message *message)
{
    struct outward *outward = context;
    struct asking *asking;

    DL_FOREACH(outward->askings, asking)
    {
        if (asking->number != message->fetch_answer.request)
            continue;
        finish(asking, &message->fetch_answer);
        return;
    }
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = { [IPC_fetch_answer] = on_answer };

/* What was on its way may have arrived or not: nobody knows. Told when the loop comes round. */
static void on_closed(void *context)
{
    const struct timeval soon = { 0 };
    struct outward *outward = context;
    struct asking *asking;

    outward->fetch = ipc_peer_free(outward->fetch);
    DL_FOREACH(outward->askings, asking)
    (void)event_add(asking->limit, &soon);
}

void outward_attach(struct core *core, int fd)
{
    struct ipc_peer_setup setup = { .base = core->role->base,
                                    .fd = fd,
                                    .self = IPC_CORE,
                                    .other = IPC_FETCH,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = core->outward,
                                    .queue_max_bytes = FETCH_QUEUE_MAX_BYTES };

    on_closed(core->outward);
    if (ipc_peer_new(&core->outward->fetch, &setup) != OK) {
        log_event(LOG_ERROR, NULL, "core.no_memory", "");
        (void)close(fd);
        return;
    }
    log_event(LOG_INFO, NULL, "outward.up", "");
}

int outward_start(struct core *core)
{
    core->outward = calloc(1, sizeof(*core->outward));
    if (core->outward == NULL)
        return RAISE(ERR_NO_MEMORY);
    core->outward->core = core;
    return hooks_start(core);
}

void outward_stop(struct core *core)
{
    struct outward *outward = core->outward;

    if (outward == NULL)
        return;
    outward->fetch = ipc_peer_free(outward->fetch);
    while (outward->askings != NULL)
        on_limit(-1, 0, outward->askings);
    hooks_stop(core);
    free(outward);
    core->outward = NULL;
}
