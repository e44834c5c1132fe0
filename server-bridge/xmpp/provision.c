/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/provision.h"

#include "base/clock.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/provision_steps.h"
#include "server-bridge/xmpp/stanza_write.h"
#include "server-bridge/xmpp/stream.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 10000, TICK_MS = 200, JOBS_MAX = 10000, QUEUE_BYTES_MAX = 8 << 20 };
enum { NAME_BYTES = 32 };

struct job {
    struct job *next;
    uint64_t number;      /* the core's */
    uint64_t deadline_ms; /* steady */
    const struct provision_step *steps;
    size_t step;
    char id[NAME_BYTES]; /* of the stanza on its way; "": none is */
    struct provision_wish wish;
};

struct provision {
    struct provision_setup setup;
    struct log_context log;
    char *domain, *agents_domain; /* owned */
    struct ipc_peer *core;
    struct stream *stream;
    struct job *jobs; /* owned; in the order they came */
    size_t job_count;
    uint64_t last_id;
    struct event *tick;
};

/* ---- jobs ------------------------------------------------------------------------------- */

static void job_free(struct job *job)
{
    provision_wish_release(&job->wish);
    free(job);
}

static void finish(struct provision *provision, struct job *job, bool done, const char *reason)
{
    struct job **at = &provision->jobs;

    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    provision->job_count--;
    if (!done)
        log_event(LOG_WARNING, &provision->log, "provision.failed",
                  "request=%" PRIu64 " why=\"%s\"", job->number, reason);
    IPC_SEND(provision->core, provision_done, .request = job->number, .done = done,
             .reason = slice_of(reason));
    job_free(job);
}

static struct slice target_of(const struct provision *provision, const struct job *job)
{
    switch (job->steps[job->step].target) {
    case TARGET_OWNER:
        return slice_of(job->wish.owner);
    case TARGET_ABOUT:
        return slice_of(job->wish.about);
    default:
        return slice_of(provision->agents_domain);
    }
}

/* Returns false when the job is no more. */
static bool ask(struct provision *provision, struct job *job)
{
    const struct provision_step *step = &job->steps[job->step];
    AUTO_BUF payload, xml;
    int rc;

    buf_init(&payload, 32768);
    buf_init(&xml, 65536);
    step->write(&job->wish, &payload);
    (void)snprintf(job->id, sizeof(job->id), "lasna-%" PRIu64, ++provision->last_id);
    rc = buf_failed(&payload)
             ? STANZA_E_REFUSED
             : stanza_write_request(&xml, provision->domain, step->type, target_of(provision, job),
                                    job->id, buf_slice(&payload));
    if (rc != OK) {
        finish(provision, job, false, "an address or text that cannot be sent");
        return false;
    }
    stream_put(provision->stream, OUTBOX_FLEETING, buf_slice(&xml), 0, (struct id){ { 0 } });
    return true;
}

static void ask_all(struct provision *provision)
{
    struct job *next;

    for (struct job *job = provision->jobs; job != NULL; job = next) {
        next = job->next;
        if (job->id[0] == '\0')
            (void)ask(provision, job);
    }
}

static struct job *job_new(struct provision *provision, uint64_t number,
                           const struct provision_step *steps)
{
    struct job *job = provision->job_count < JOBS_MAX ? calloc(1, sizeof(*job)) : NULL;
    struct job **end = &provision->jobs;

    if (job == NULL) {
        IPC_SEND(provision->core, provision_done, .request = number, .done = false,
                 .reason = SLICE_LITERAL("too much is being asked at once"));
        return NULL;
    }
    job->number = number;
    job->steps = steps;
    job->deadline_ms = clock_steady_ms() +
                       (provision->setup.answer_ms != 0 ? provision->setup.answer_ms : ANSWER_MS);
    while (*end != NULL)
        end = &(*end)->next;
    *end = job;
    provision->job_count++;
    return job;
}

static void begin(struct provision *provision, struct job *job)
{
    if (job->wish.about == NULL || (job->steps->target == TARGET_OWNER && job->wish.owner == NULL))
        finish(provision, job, false, "no memory");
    else if (stream_is_up(provision->stream))
        (void)ask(provision, job);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct provision *provision = context;
    uint64_t now_ms = clock_steady_ms();
    struct job *next;

    (void)fd;
    (void)what;
    for (struct job *job = provision->jobs; job != NULL; job = next) {
        next = job->next;
        if (now_ms >= job->deadline_ms)
            finish(provision, job, false,
                   stream_is_up(provision->stream) ? "the XMPP server did not answer in time"
                                                   : "the XMPP server is not there");
    }
}

/* ---- the server's answers --------------------------------------------------------------- */

static void answered(struct provision *provision, struct job *job,
                     const struct provision_reply *reply)
{
    enum provision_verdict verdict = job->steps[job->step].judge(reply);

    job->id[0] = '\0';
    if (verdict == VERDICT_NEXT && job->steps[job->step + 1].type != NULL) {
        job->step++;
        (void)ask(provision, job);
    } else {
        finish(provision, job, verdict == VERDICT_DONE,
               verdict == VERDICT_DONE && !reply->refused
                   ? ""
                   : provision_reply_reason(&job->steps[job->step], reply));
    }
}

static void on_stanza(void *context, xmpp_stanza_t *stanza)
{
    struct provision *provision = context;
    const char *name = xmpp_stanza_get_name(stanza), *id = xmpp_stanza_get_id(stanza),
               *from = xmpp_stanza_get_from(stanza);
    struct provision_reply reply;
    struct job *job = provision->jobs;

    if (strcmp(name, "iq") != 0 || id == NULL || from == NULL)
        return;
    if (strcmp(from, provision->domain) == 0 && strncmp(id, "barrier-", 8) == 0) {
        stream_barrier(provision->stream, strtoull(id + 8, NULL, 10));
        return;
    }
    if (!provision_reply_read(stanza, &reply))
        return; /* nobody asks us anything */
    while (job != NULL && strcmp(job->id, id) != 0)
        job = job->next;
    /* Ids can be guessed: only whom we asked can answer. */
    if (job != NULL && slice_is(target_of(provision, job), from))
        answered(provision, job, &reply);
}

static void on_up(void *context)
{
    struct provision *provision = context;

    log_event(LOG_INFO, &provision->log, "link.up", "domain=%s", provision->domain);
    ask_all(provision);
    IPC_SEND(provision->core, link_state, .up = true);
}

/* What was on its way is asked again from its beginning: twice does no harm. */
static void on_down(void *context, const struct component_end *end)
{
    struct provision *provision = context;

    log_event(end->was_up ? LOG_WARNING : LOG_DEBUG, &provision->log, "link.down",
              "domain=%s reason=%s", provision->domain, end->condition);
    for (struct job *job = provision->jobs; job != NULL; job = job->next) {
        job->id[0] = '\0';
        job->step = 0;
    }
    IPC_SEND(provision->core, link_state, .up = false, .reason = slice_of(end->condition));
    if (provision->setup.down != NULL)
        provision->setup.down(provision->setup.context);
}

static void on_routed(void *context, uint64_t ordinal)
{
    (void)context;
    (void)ordinal;
}

static void on_broke(void *context, struct id stanza)
{
    (void)context;
    (void)stanza;
}

static void on_crowded(void *context, bool crowded)
{
    struct provision *provision = context;

    ipc_peer_pause(provision->core, crowded);
}

static const struct stream_handlers stream_handlers = { .up = on_up,
                                                        .down = on_down,
                                                        .stanza = on_stanza,
                                                        .routed = on_routed,
                                                        .broke = on_broke,
                                                        .crowded = on_crowded };

/* ---- what the core asks ----------------------------------------------------------------- */

static void on_host(void *context, const union ipc_message *message)
{
    const struct ipc_provision_host *host = &message->provision_host;
    struct provision *provision = context;
    struct job *job =
        job_new(provision, host->request, host->active ? provision_host_up : provision_host_down);

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
    struct job *job =
        job_new(provision, account->request,
                account->password.len > 0 ? provision_user_add : provision_user_delete);

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
    struct job *job = job_new(provision, item->request,
                              item->present ? provision_roster_add : provision_roster_remove);

    if (job == NULL)
        return;
    job->wish.owner = slice_dup(item->owner);
    job->wish.about = slice_dup(item->contact);
    job->wish.name = slice_dup(item->name);
    job->wish.group = slice_dup(item->group);
    job->wish.present = item->present;
    begin(provision, job);
}

static int start(struct provision *provision, const struct ipc_link_start *message)
{
    struct stream_setup setup = { .base = provision->setup.base,
                                  .port = (unsigned short)message->port,
                                  .handlers = &stream_handlers,
                                  .context = provision,
                                  .log = &provision->log };
    AUTO_MEM char *host = slice_dup(message->host), *secret = slice_dup(message->secret);
    int rc;

    provision->stream = stream_free(provision->stream);
    free(provision->domain);
    free(provision->agents_domain);
    provision->domain = slice_dup(message->domain);
    provision->agents_domain = slice_dup(message->agents_domain);
    if (host == NULL || provision->domain == NULL || provision->agents_domain == NULL ||
        secret == NULL)
        return RAISE(ERR_NO_MEMORY);
    setup.host = host;
    setup.domain = provision->domain;
    setup.secret = secret;
    rc = stream_new(&provision->stream, &setup);
    explicit_bzero(secret, strlen(secret));
    return TRACE(rc);
}

static void on_start(void *context, const union ipc_message *message)
{
    struct provision *provision = context;
    int rc = start(provision, &message->link_start);

    if (rc != OK)
        log_event(LOG_ERROR, &provision->log, "link.start_failed", "rc=%s", result_name(rc));
}

static ipc_handler_fn *const core_handlers[IPC_TYPE_COUNT] = {
    [IPC_link_start] = on_start,
    [IPC_provision_host] = on_host,
    [IPC_provision_account] = on_account,
    [IPC_provision_roster] = on_roster,
};

static void forget_jobs(struct provision *provision)
{
    while (provision->jobs != NULL) {
        struct job *job = provision->jobs;

        provision->jobs = job->next;
        job_free(job);
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
    stream_free(provision->stream);
    ipc_peer_free(provision->core);
    forget_jobs(provision);
    if (provision->tick != NULL)
        event_free(provision->tick);
    free(provision->domain);
    free(provision->agents_domain);
    free(provision);
    return NULL;
}

bool provision_close(struct provision *provision)
{
    if (!stream_is_up(provision->stream))
        return true;
    stream_close(provision->stream);
    return false;
}
