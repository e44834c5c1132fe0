/* SPDX-License-Identifier: Apache-2.0
 *
 * What chat/ wants stored lives here as a copy until the store has answered: the rules get
 * it back whole, with the texts they had long let go of.
 */
#include "server-bridge/core/files/files.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/eventfd.h>

enum { COLLECT_AT_ONCE = 256 };

/* The texts stand behind the struct in the same allocation. */
struct kept_write {
    struct chat_write write;
    char bytes[];
};

static struct kept_write *keep(const struct chat_write *write)
{
    struct kept_write *kept = malloc(sizeof(*kept) + chat_write_bytes(write));

    if (kept != NULL)
        chat_write_copy(&kept->write, write, kept->bytes);
    return kept;
}

/* Told later, as a real refusal would be: chat_handle() is busy when this is found out. */
struct failure {
    struct core *core;
    struct tenant_name tenant; /* found again: it may be gone by then */
    struct kept_write *kept;
};

static void fail(struct live_tenant *tenant, const struct chat_write *write, bool refused)
{
    struct chat_event failed = { .type = CHAT_STORE_FAILED, .write = write, .refused = refused };

    tenants_handle(tenant, &failed);
}

static void on_failure(evutil_socket_t fd, short what, void *context)
{
    struct failure *failure = context;
    struct live_tenant *tenant = tenants_find(failure->core, slice_of(failure->tenant.text));

    (void)fd;
    (void)what;
    if (tenant != NULL) {
        fail(tenant, &failure->kept->write, false);
        uploads_written(tenant, &failure->kept->write, STORE_FAILED);
    }
    free(failure->kept);
    free(failure);
}

static void fail_soon(struct live_tenant *tenant, struct kept_write *kept)
{
    struct failure *failure = malloc(sizeof(*failure));
    const struct timeval at_once = { 0 };

    if (failure != NULL) {
        *failure = (struct failure){ tenant->core, tenant->about.name, kept };
        if (event_base_once(tenant->core->role->base, -1, EV_TIMEOUT, on_failure, failure,
                            &at_once) == 0)
            return;
    }
    /* No memory to say so: the sender hears nothing and asks again. */
    uploads_written(tenant, &kept->write, STORE_FAILED);
    free(failure);
    free(kept);
}

void answers_submit(struct live_tenant *tenant, const struct chat_write *write)
{
    struct core *core = tenant->core;
    struct kept_write *kept = keep(write);

    if (kept == NULL) {
        log_event(LOG_ERROR, &tenant->log, "core.no_memory", "");
        return;
    }
    uploads_writing(tenant, write);
    if (STORE_CALL(core->store, submit, &tenant->about.name, &kept->write) == OK)
        core->writes_waiting++;
    else
        fail_soon(tenant, kept);
}

static void handle_write(struct live_tenant *tenant, const struct store_answer *answer)
{
    struct chat_event stored = { .type = CHAT_STORED,
                                 .write = answer->write,
                                 .conversation = answer->conversation,
                                 .seq = answer->seq,
                                 .message = answer->message,
                                 .at_ms = answer->at_ms,
                                 .repeat = answer->outcome == STORE_REPEAT };

    if (answer->outcome == STORE_DONE)
        hooks_written(tenant, answer->write);
    if (answer->outcome == STORE_DONE || answer->outcome == STORE_REPEAT)
        tenants_handle(tenant, &stored);
    else
        fail(tenant, answer->write, answer->outcome == STORE_REFUSED);
}

static void handle(struct core *core, const struct store_answer *answer)
{
    struct live_tenant *tenant = tenants_find(core, slice_of(answer->tenant.text));

    if (answer->bulk != NULL) {
        answer->bulk->done(answer->bulk, answer->outcome);
        return;
    }
    if (answer->write == NULL) {
        if (tenant != NULL)
            hello_stored(tenant, answer->outcome == STORE_DONE);
        return;
    }
    core->writes_waiting--;
    if (tenant != NULL && tenant->chat != NULL)
        handle_write(tenant, answer);
    if (tenant != NULL)
        uploads_written(tenant, answer->write, answer->outcome);
    free((void *)(uintptr_t)answer->write); /* the write is the first thing in what we kept */
}

void answers_collect(struct core *core)
{
    struct store_answer answers[COLLECT_AT_ONCE];
    size_t count;

    do {
        count = core->store->ops->collect(core->store, answers, COLLECT_AT_ONCE);
        for (size_t i = 0; i < count; i++)
            handle(core, &answers[i]);
    } while (count == COLLECT_AT_ONCE); /* whatever comes meanwhile tells so itself */
}

static void on_answers(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    answers_collect(context);
}

int answers_start(struct core *core)
{
    int fd = core->store->ops->answer_fd(core->store);

    core->answers = event_new(core->role->base, fd, EV_READ | EV_PERSIST, on_answers, core);
    if (core->answers == NULL || event_add(core->answers, NULL) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

void answers_stop(struct core *core)
{
    if (core->answers != NULL)
        event_free(core->answers);
    core->answers = NULL;
}
