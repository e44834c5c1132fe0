/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/provision/provision.h"

#include "base/clock.h"
#include "server-bridge/xmpp/provision/provision_way.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

enum { ANSWER_MS = 10000, TICK_MS = 200, JOBS_MAX = 10000, QUEUE_BYTES_MAX = 8 << 20 };
struct provision {
    struct provision_setup setup;
    struct log_context log;
    struct ipc_peer *core;
    struct provision_way *way;  /* owned; NULL: not started yet */
    struct provision_job *jobs; /* owned; in the order they came */
    size_t job_count;
    struct event *tick;
};

/* ---- jobs ------------------------------------------------------------------------------- */

static bool is_up(const struct provision *provision)
{
    return provision->way != NULL && provision->way->ops->is_up(provision->way);
}

static void job_free(struct provision *provision, struct provision_job *job)
{
    if (provision->way != NULL && provision->way->ops->drop != NULL)
        provision->way->ops->drop(provision->way, job);
    provision_wish_release(&job->wish);
    free(job);
}

void provision_finish(struct provision *provision, struct provision_job *job, bool done,
                      const char *reason)
{
    struct provision_job **at = &provision->jobs;

    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    provision->job_count--;
    if (!done)
        log_event(LOG_WARNING, &provision->log, "provision.failed",
                  "request=%" PRIu64 " why=\"%s\"", job->number, reason);
    IPC_SEND(provision->core, provision_done, .request = job->number, .done = done,
             .reason = slice_of(reason));
    job_free(provision, job);
}

static struct provision_job *job_new(struct provision *provision, uint64_t number,
                                     enum provision_kind kind)
{
    struct provision_job *job = provision->job_count < JOBS_MAX ? calloc(1, sizeof(*job)) : NULL;
    struct provision_job **end = &provision->jobs;

    if (job == NULL) {
        IPC_SEND(provision->core, provision_done, .request = number, .done = false,
                 .reason = SLICE_LITERAL("too much is being asked at once"));
        return NULL;
    }
    job->number = number;
    job->kind = kind;
    job->deadline_ms = clock_steady_ms() +
                       (provision->setup.answer_ms != 0 ? provision->setup.answer_ms : ANSWER_MS);
    while (*end != NULL)
        end = &(*end)->next;
    *end = job;
    provision->job_count++;
    return job;
}

static bool is_whole(const struct provision_job *job)
{
    bool of_roster = job->kind == PROVISION_ROSTER_ADD || job->kind == PROVISION_ROSTER_REMOVE;

    return job->wish.about != NULL && (!of_roster || job->wish.owner != NULL);
}

static void begin(struct provision *provision, struct provision_job *job)
{
    if (!is_whole(job))
        provision_finish(provision, job, false, "no memory");
    else if (is_up(provision))
        provision->way->ops->ask(provision->way, job);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct provision *provision = context;
    uint64_t now_ms = clock_steady_ms();
    struct provision_job *next;

    (void)fd;
    (void)what;
    for (struct provision_job *job = provision->jobs; job != NULL; job = next) {
        next = job->next;
        if (now_ms >= job->deadline_ms)
            provision_finish(provision, job, false,
                             is_up(provision) ? "the XMPP server did not answer in time"
                                              : "the XMPP server is not there");
    }
}

/* ---- what a way tells ------------------------------------------------------------------- */

struct event_base *provision_base(const struct provision *provision)
{
    return provision->setup.base;
}

const struct log_context *provision_log(const struct provision *provision)
{
    return &provision->log;
}

struct provision_job *provision_jobs(const struct provision *provision)
{
    return provision->jobs;
}

void provision_came_up(struct provision *provision)
{
    struct provision_job *next;

    IPC_SEND(provision->core, link_state, .up = true);
    for (struct provision_job *job = provision->jobs; job != NULL && is_up(provision); job = next) {
        next = job->next;
        if (job->id[0] == '\0')
            provision->way->ops->ask(provision->way, job);
    }
}

void provision_went_down(struct provision *provision, const char *reason)
{
    for (struct provision_job *job = provision->jobs; job != NULL; job = job->next) {
        job->id[0] = '\0';
        job->step = 0;
    }
    IPC_SEND(provision->core, link_state, .up = false, .reason = slice_of(reason));
    if (provision->setup.down != NULL)
        provision->setup.down(provision->setup.context);
}

void provision_crowded(struct provision *provision, bool crowded)
{
    ipc_peer_pause(provision->core, crowded);
}

/* ---- what the core asks ----------------------------------------------------------------- */

static void on_host(void *context, const union ipc_message *message)
{
    const struct ipc_provision_host *host = &message->provision_host;
    struct provision *provision = context;
    struct provision_job *job =
        job_new(provision, host->request, host->active ? PROVISION_HOST_UP : PROVISION_HOST_DOWN);

    if (job == NULL)
        return;
    job->wish.about = slice_dup(host->domain);
    job->wish.present = host->active;
    begin(provision, job);
}

static void on_account(void *context, const union ipc_message *message)
{
    const struct ipc_provision_account *account = &message->provision_account;
    struct provision *provision = context;
    struct provision_job *job =
        job_new(provision, account->request,
                account->password.len > 0 ? PROVISION_USER_ADD : PROVISION_USER_DELETE);

    if (job == NULL)
        return;
    job->wish.about = slice_dup(account->jid);
    job->wish.name = slice_dup(account->password);
    begin(provision, job);
}

static void on_roster(void *context, const union ipc_message *message)
{
    const struct ipc_provision_roster *item = &message->provision_roster;
    struct provision *provision = context;
    struct provision_job *job = job_new(
        provision, item->request, item->present ? PROVISION_ROSTER_ADD : PROVISION_ROSTER_REMOVE);

    if (job == NULL)
        return;
    job->wish.owner = slice_dup(item->owner);
    job->wish.about = slice_dup(item->contact);
    job->wish.name = slice_dup(item->name);
    job->wish.group = slice_dup(item->group);
    job->wish.present = item->present;
    begin(provision, job);
}

static void on_room(void *context, const union ipc_message *message)
{
    const struct ipc_provision_room *room = &message->provision_room;
    struct provision *provision = context;
    struct provision_job *job = job_new(provision, room->request, PROVISION_ROOM_DOWN);

    if (job == NULL)
        return;
    job->wish.about = slice_dup(room->address);
    begin(provision, job);
}

static struct provision_way *way_free(struct provision_way *way)
{
    if (way != NULL)
        way->ops->free(way);
    return NULL;
}

static void on_start(void *context, const union ipc_message *message)
{
    const struct ipc_link_start *start = &message->link_start;
    struct provision *provision = context;
    int rc;

    provision->way = way_free(provision->way);
    rc = start->rest.len > 0 ? provision_rest_new(&provision->way, provision, start)
                             : provision_adhoc_new(&provision->way, provision, start);
    if (rc != OK)
        log_event(LOG_ERROR, &provision->log, "link.start_failed", "rc=%s", result_name(rc));
}

static ipc_handler_fn *const core_handlers[IPC_TYPE_COUNT] = {
    [IPC_link_start] = on_start,          [IPC_provision_host] = on_host,
    [IPC_provision_account] = on_account, [IPC_provision_roster] = on_roster,
    [IPC_provision_room] = on_room,
};

static void forget_jobs(struct provision *provision)
{
    while (provision->jobs != NULL) {
        struct provision_job *job = provision->jobs;

        provision->jobs = job->next;
        job_free(provision, job);
    }
    provision->job_count = 0;
}

static void on_core_gone(void *context)
{
    struct provision *provision = context;

    provision->core = ipc_peer_free(provision->core);
}

void provision_attach(struct provision *provision, int fd)
{
    const struct ipc_peer_setup setup = { .base = provision->setup.base,
                                          .fd = fd,
                                          .self = IPC_PROVISION,
                                          .other = IPC_CORE,
                                          .handlers = core_handlers,
                                          .closed = on_core_gone,
                                          .context = provision,
                                          .queue_max_bytes = QUEUE_BYTES_MAX };

    provision->core = ipc_peer_free(provision->core);
    forget_jobs(provision); /* a core that came anew asks again, under its own numbers */
    if (ipc_peer_new(&provision->core, &setup) != OK) {
        log_event(LOG_ERROR, &provision->log, "link.no_memory", "");
        (void)close(fd);
    }
}

int provision_new(struct provision **ret_provision, const struct provision_setup *setup)
{
    static const struct timeval tick = { 0, TICK_MS * 1000 };
    struct provision *provision = calloc(1, sizeof(*provision));

    if (provision == NULL)
        return RAISE(ERR_NO_MEMORY);
    provision->setup = *setup;
    log_context_init(&provision->log, NULL, "link", "control");
    provision->tick = event_new(setup->base, -1, EV_PERSIST, on_tick, provision);
    if (provision->tick == NULL || event_add(provision->tick, &tick) != 0) {
        provision_free(provision);
        return RAISE(ERR_NO_MEMORY);
    }
    *ret_provision = provision;
    return OK;
}

struct provision *provision_free(struct provision *provision)
{
    if (provision == NULL)
        return NULL;
    ipc_peer_free(provision->core);
    forget_jobs(provision);
    provision->way = way_free(provision->way);
    if (provision->tick != NULL)
        event_free(provision->tick);
    free(provision);
    return NULL;
}

bool provision_close(struct provision *provision)
{
    return !is_up(provision) || provision->way->ops->close(provision->way);
}
