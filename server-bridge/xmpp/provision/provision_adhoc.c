/* SPDX-License-Identifier: Apache-2.0
 *
 * Prosody's way: a component that may say ad-hoc commands and set rosters, a stanza a step.
 */
#include "server-bridge/xmpp/provision/provision_way.h"

#include "server-bridge/xmpp/stanza_write.h"
#include "server-bridge/xmpp/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct adhoc {
    struct provision_way base;
    char *domain, *agents_domain; /* owned */
    struct stream *stream;
    uint64_t last_id;
};

static const struct provision_step *const steps_of[PROVISION_KIND_COUNT] = {
    [PROVISION_HOST_UP] = provision_host_up,
    [PROVISION_HOST_DOWN] = provision_host_down,
    [PROVISION_USER_ADD] = provision_user_add,
    [PROVISION_USER_DELETE] = provision_user_delete,
    [PROVISION_ROSTER_ADD] = provision_roster_add,
    [PROVISION_ROSTER_REMOVE] = provision_roster_remove,
    [PROVISION_ROOM_DOWN] = provision_room_down,
};

static const struct provision_step *step_of(const struct provision_job *job)
{
    return &steps_of[job->kind][job->step];
}

static struct slice target_of(const struct adhoc *adhoc, const struct provision_job *job)
{
    switch (step_of(job)->target) {
    case TARGET_OWNER:
        return slice_of(job->wish.owner);
    case TARGET_ABOUT:
        return slice_of(job->wish.about);
    default:
        return slice_of(adhoc->agents_domain);
    }
}

static bool adhoc_is_up(const struct provision_way *way)
{
    return stream_is_up(((const struct adhoc *)way)->stream);
}

static void adhoc_ask(struct provision_way *way, struct provision_job *job)
{
    struct adhoc *adhoc = (struct adhoc *)way;
    const struct provision_step *step = step_of(job);
    AUTO_BUF payload, xml;
    int rc;

    buf_init(&payload, 32768);
    buf_init(&xml, 65536);
    step->write(&job->wish, &payload);
    (void)snprintf(job->id, sizeof(job->id), "lasna-%" PRIu64, ++adhoc->last_id);
    rc = buf_failed(&payload)
             ? STANZA_E_REFUSED
             : stanza_write_request(&xml, adhoc->domain, "", step->type, target_of(adhoc, job),
                                    job->id, buf_slice(&payload));
    if (rc != OK)
        provision_finish(way->provision, job, false, "an address or text that cannot be sent");
    else
        stream_put(adhoc->stream, OUTBOX_FLEETING, buf_slice(&xml), 0, (struct id){ { 0 } });
}

static void answered(struct adhoc *adhoc, struct provision_job *job,
                     const struct provision_reply *reply)
{
    const struct provision_step *step = step_of(job);
    enum provision_verdict verdict = step->judge(reply);

    job->id[0] = '\0';
    if (verdict == VERDICT_NEXT && step[1].type != NULL) {
        job->step++;
        adhoc_ask(&adhoc->base, job);
    } else {
        provision_finish(
            adhoc->base.provision, job, verdict == VERDICT_DONE,
            verdict == VERDICT_DONE && !reply->refused ? "" : provision_reply_reason(step, reply));
    }
}

static void on_stanza(void *context, xmpp_stanza_t *stanza)
{
    struct adhoc *adhoc = context;
    const char *name = xmpp_stanza_get_name(stanza), *id = xmpp_stanza_get_id(stanza),
               *from = xmpp_stanza_get_from(stanza);
    struct provision_job *job = provision_jobs(adhoc->base.provision);
    struct provision_reply reply;

    if (strcmp(name, "iq") != 0 || id == NULL || from == NULL)
        return;
    if (strcmp(from, adhoc->domain) == 0 && strncmp(id, "barrier-", 8) == 0) {
        stream_barrier(adhoc->stream, strtoull(id + 8, NULL, 10));
        return;
    }
    if (!provision_reply_read(stanza, &reply))
        return; /* nobody asks us anything */
    while (job != NULL && strcmp(job->id, id) != 0)
        job = job->next;
    /* Ids can be guessed: only whom we asked can answer. */
    if (job != NULL && slice_is(target_of(adhoc, job), from))
        answered(adhoc, job, &reply);
}

static void on_up(void *context)
{
    struct adhoc *adhoc = context;

    log_event(LOG_INFO, adhoc->base.log, "link.up", "domain=%s", adhoc->domain);
    provision_came_up(adhoc->base.provision);
}

static void on_down(void *context, const struct component_end *end)
{
    struct adhoc *adhoc = context;

    log_event(end->was_up ? LOG_WARNING : LOG_DEBUG, adhoc->base.log, "link.down",
              "domain=%s reason=%s", adhoc->domain, end->condition);
    provision_went_down(adhoc->base.provision, end->condition);
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
    struct adhoc *adhoc = context;

    provision_crowded(adhoc->base.provision, crowded);
}

static bool adhoc_close(struct provision_way *way)
{
    stream_close(((struct adhoc *)way)->stream);
    return false;
}

static void adhoc_free(struct provision_way *way)
{
    struct adhoc *adhoc = (struct adhoc *)way;

    stream_free(adhoc->stream);
    free(adhoc->domain);
    free(adhoc->agents_domain);
    free(adhoc);
}

static int connect_stream(struct adhoc *adhoc, const struct ipc_link_start *start)
{
    static const struct stream_handlers handlers = { .up = on_up,
                                                     .down = on_down,
                                                     .stanza = on_stanza,
                                                     .routed = on_routed,
                                                     .broke = on_broke,
                                                     .crowded = on_crowded };
    struct stream_setup setup = { .base = provision_base(adhoc->base.provision),
                                  .port = (unsigned short)start->port,
                                  .handlers = &handlers,
                                  .context = adhoc,
                                  .log = adhoc->base.log };
    AUTO_MEM char *host = slice_dup(start->host), *secret = slice_dup(start->secret);
    int rc;

    adhoc->domain = slice_dup(start->domain);
    adhoc->agents_domain = slice_dup(start->agents_domain);
    if (host == NULL || adhoc->domain == NULL || adhoc->agents_domain == NULL || secret == NULL)
        return RAISE(ERR_NO_MEMORY);
    setup.host = host;
    setup.domain = adhoc->domain;
    setup.secret = secret;
    rc = stream_new(&adhoc->stream, &setup);
    explicit_bzero(secret, strlen(secret));
    return TRACE(rc);
}

int provision_adhoc_new(struct provision_way **ret_way, struct provision *provision,
                        const struct ipc_link_start *start)
{
    static const struct provision_way_ops ops = {
        .is_up = adhoc_is_up, .ask = adhoc_ask, .close = adhoc_close, .free = adhoc_free
    };
    struct adhoc *adhoc = calloc(1, sizeof(*adhoc));
    int rc;

    if (adhoc == NULL)
        return RAISE(ERR_NO_MEMORY);
    adhoc->base = (struct provision_way){ &ops, provision, provision_log(provision) };
    rc = connect_stream(adhoc, start);
    if (rc != OK) {
        adhoc_free(&adhoc->base);
        return rc;
    }
    *ret_way = &adhoc->base;
    return OK;
}
