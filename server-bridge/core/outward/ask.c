/* SPDX-License-Identifier: Apache-2.0
 *
 * The core's end of the role fetch. Whatever becomes of that process, who asked gets an answer.
 */
#include "server-bridge/core/outward/outward.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    FETCH_QUEUE_MAX_BYTES = 64 * 1024 * 1024,
    PATIENCE_S = 20 /* fetch has limits of its own */
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

static uint64_t asking_new(struct core *core, asked_fn *done, void *context)
{
    struct outward *outward = core->outward;
    const struct timeval limit = { .tv_sec = outward->fetch != NULL ? PATIENCE_S : 0 };
    struct asking *asking = calloc(1, sizeof(*asking));

    /* Whoever asks counts on an answer, and could do nothing without memory either. */
    if (asking != NULL)
        asking->limit = evtimer_new(core->role->base, on_limit, asking);
    if (asking == NULL || asking->limit == NULL || event_add(asking->limit, &limit) != 0) {
        log_event(LOG_ERROR, NULL, "core.no_memory", "");
        abort();
    }
    asking->outward = outward;
    asking->number = ++outward->last_number;
    asking->done = done;
    asking->context = context;
    DL_APPEND(outward->askings, asking);
    return asking->number;
}

void ask_outside(struct core *core, const struct ipc_fetch_request *request, asked_fn *done,
                 void *context)
{
    struct ipc_fetch_request numbered = *request;

    numbered.request = asking_new(core, done, context);
    ipc_peer_send(core->outward->fetch, IPC_fetch_request, &numbered);
}

bool mail_is_on(const struct core *core)
{
    return core->role->settings->mail_url[0] != '\0';
}

void ask_mail(struct core *core, const char *to, struct slice text, asked_fn *done, void *context)
{
    const struct settings *settings = core->role->settings;
    const char *password = core->outward->mail_password;

    IPC_SEND(core->outward->fetch, fetch_mail, .request = asking_new(core, done, context),
             .url = slice_of(settings->mail_url),
             .tls = strcmp(settings->mail_tls, "required") == 0,
             .user = slice_of(settings->mail_user), .password = slice_of(password),
             .from = slice_of(settings->mail_from), .to = slice_of(to), .text = text);
}

/* One line. Without it mails are refused by the mail server, which each notice then says. */
static char *read_password(const char *path)
{
    char line[IPC_NAME_MAX + 2] = "", *copy;
    FILE *file = fopen(path, "re");

    if (file == NULL || fgets(line, sizeof(line), file) == NULL)
        log_event(LOG_ERROR, NULL, "mail.no_password",
                  "path=%s remedy=\"[mail] password_file must hold one line\"", path);
    if (file != NULL)
        (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    copy = strdup(line);
    explicit_bzero(line, sizeof(line));
    return copy;
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
    if (core->role->settings->mail_password_file[0] != '\0')
        core->outward->mail_password = read_password(core->role->settings->mail_password_file);
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
    if (outward->mail_password != NULL)
        explicit_bzero(outward->mail_password, strlen(outward->mail_password));
    free(outward->mail_password);
    free(outward);
    core->outward = NULL;
}
