/* SPDX-License-Identifier: Apache-2.0
 *
 * What web says: a table of handlers. A session's tenant and visitor come from the session,
 * never from the message.
 */
#include "server-bridge/core/core.h"
#include "server-bridge/core/files/files.h"
#include "server-bridge/core/replay.h"
#include "server-bridge/core/survey/survey.h"

#include <stdlib.h>

/* The session a message speaks of, once it has a visitor, and all of the replay; else the
 * message is late. */
static struct session *live(struct web_peer *web, struct id id)
{
    struct session *session = sessions_find(web->core, web, id);

    return session != NULL && session->visitor != NULL && session->replay == NULL ? session : NULL;
}

static void on_hello(void *context, const union ipc_message *message)
{
    struct web_peer *web = context;

    hello_begin(web->core, web, &message->session_hello);
}

static void on_say(void *context, const union ipc_message *message)
{
    const struct ipc_session_say *say = &message->session_say;
    struct session *session = live(context, say->session);
    struct chat_event said = { .cid = say->cid,
                               .text = say->text,
                               .reply_to = say->reply_to,
                               .request = say->request,
                               .detail = say->detail };

    if (session != NULL && !quota_refuses(session, say->cid))
        sessions_said(session, &said);
}

static void on_upload(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_upload.session);

    if (session != NULL && !quota_refuses(session, message->session_upload.cid))
        uploads_ask(session, &message->session_upload);
}

static void on_file_send(void *context, const union ipc_message *message)
{
    uploads_send(context, &message->file_send);
}

static void on_file_part(void *context, const union ipc_message *message)
{
    uploads_part(context, &message->file_part);
}

static void on_file_open(void *context, const union ipc_message *message)
{
    downloads_open(context, &message->file_open);
}

static void on_avatar_open(void *context, const union ipc_message *message)
{
    avatar_give(context, &message->avatar_open);
}

static void on_typing(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_typing.session);
    struct chat_event event = { .type = CHAT_VISITOR_TYPING, .on = message->session_typing.on };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    tenants_handle(session->tenant, &event);
}

static void on_read(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_read.session);
    struct chat_event event = { .type = CHAT_VISITOR_READ, .seq = message->session_read.seq };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    tenants_handle(session->tenant, &event);
}

static void on_page(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_page.session);
    struct chat_event event = { .type = CHAT_VISITOR_PAGE };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    session->hidden = message->session_page.hidden;
    event.page = hello_path(message->session_page.url);
    event.on = sessions_are_hidden(session->visitor);
    tenants_handle(session->tenant, &event);
}

static void on_stay(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_stay.session);
    struct chat_event event = { .type = CHAT_VISITOR_STAYS };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    tenants_handle(session->tenant, &event);
}

static void on_earlier(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_earlier.session);

    if (session != NULL)
        rights_tell_earlier(session, message->session_earlier.before);
}

static void on_forget(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_forget.session);

    if (session != NULL)
        rights_forget(session);
}

static void on_mail(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_mail.session);

    if (session != NULL)
        own_copy_mail(session, message->session_mail.to);
}

static void on_end(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_end.session);
    struct chat_event event = { .type = CHAT_VISITOR_ENDED };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    event.session = session->id;
    tenants_handle(session->tenant, &event);
}

static void on_more(void *context, const union ipc_message *message)
{
    struct web_peer *web = context;
    struct session *session = sessions_find(web->core, web, message->session_more.session);

    if (session != NULL && session->replay != NULL)
        replay_next(session);
    else if (session != NULL && session->earlier != NULL)
        rights_next_earlier(session);
}

static void on_react(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_react.session);
    struct chat_event event = { .type = CHAT_VISITOR_REACTED,
                                .seq = message->session_react.seq,
                                .text = message->session_react.emojis };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    event.session = session->id;
    tenants_handle(session->tenant, &event);
}

static void on_survey(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_survey.session);
    struct chat_event event = { .type = CHAT_VISITOR_SURVEY,
                                .detail = message->session_survey.detail };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    event.session = session->id;
    /* Answers usually come after the end: of which conversation, this browser knows. */
    event.conversation = session->told_of;
    tenants_handle(session->tenant, &event);
}

static void on_event(void *context, const union ipc_message *message)
{
    struct session *session = live(context, message->session_event.session);
    struct chat_event event = { .type = CHAT_VISITOR_EVENT,
                                .name = message->session_event.name,
                                .detail = message->session_event.detail };

    if (session == NULL)
        return;
    event.visitor = session->visitor->id;
    event.session = session->id;
    event.conversation = session->told_of;
    survey_event(session, event.name, event.detail);
    tenants_handle(session->tenant, &event);
}

static void on_survey_ask(void *context, const union ipc_message *message)
{
    survey_ask(context, &message->survey_ask);
}

static void on_gone(void *context, const union ipc_message *message)
{
    struct web_peer *web = context;
    struct session *session = sessions_find(web->core, web, message->session_gone.session);

    if (session != NULL)
        sessions_end(web->core, session);
}

static void on_api_request(void *context, const union ipc_message *message)
{
    api_handle(context, &message->api_request);
}

static void on_api_next(void *context, const union ipc_message *message)
{
    const struct ipc_api_next *next = &message->api_next;

    if (!uploads_next(context, next) && !downloads_next(context, next))
        api_next(context, next);
}

/* All of them serve the same. */
static void on_certificate_seen(void *context, const union ipc_message *message)
{
    struct web_peer *web = context;

    if (web->index == 0)
        certificates_seen(web->core, &message->certificate_seen);
}

static ipc_handler_fn *const handlers[IPC_TYPE_COUNT] = {
    [IPC_session_hello] = on_hello,     [IPC_session_say] = on_say,
    [IPC_session_typing] = on_typing,   [IPC_session_read] = on_read,
    [IPC_session_page] = on_page,       [IPC_session_end] = on_end,
    [IPC_session_survey] = on_survey,   [IPC_session_event] = on_event,
    [IPC_session_gone] = on_gone,       [IPC_session_stay] = on_stay,
    [IPC_session_earlier] = on_earlier, [IPC_session_forget] = on_forget,
    [IPC_api_request] = on_api_request, [IPC_api_next] = on_api_next,
    [IPC_session_upload] = on_upload,   [IPC_file_send] = on_file_send,
    [IPC_session_mail] = on_mail,       [IPC_file_part] = on_file_part,
    [IPC_file_open] = on_file_open,     [IPC_certificate_seen] = on_certificate_seen,
    [IPC_survey_ask] = on_survey_ask,   [IPC_avatar_open] = on_avatar_open,
    [IPC_session_react] = on_react,     [IPC_session_more] = on_more,
};

static void drop(struct web_peer *web)
{
    api_forget_web(web->core, web);
    uploads_forget_web(web->core, web);
    downloads_forget_web(web->core, web);
    survey_forget_web(web->core, web);
    sessions_end_of_web(web->core, web);
    DL_DELETE(web->core->webs, web);
    ipc_peer_free(web->ipc);
    free(web);
}

static void on_closed(void *context)
{
    struct web_peer *web = context;

    log_event(LOG_INFO, NULL, "core.web_gone", "index=%u", web->index);
    drop(web);
}

static void tell_all(struct web_peer *web)
{
    struct live_tenant *tenant, *next;

    HASH_ITER(hh, web->core->tenants, tenant, next)
    {
        AUTO_BUF open;

        hello_openings(tenant, &open);
        tenants_tell_web(web, tenant);
        if (tenant->chat != NULL && web->role == IPC_WEB)
            IPC_SEND(web->ipc, tell_availability, .tenant = slice_of(tenant->about.name.text),
                     .open = buf_slice(&open), .availability = chat_availability(tenant->chat));
    }
    IPC_SEND(web->ipc, core_ready, .ready = true);
}

void web_side_attach(struct core *core, int fd, enum ipc_role role, unsigned index)
{
    struct web_peer *web = calloc(1, sizeof(*web));
    struct ipc_peer_setup setup = { .base = core->role->base,
                                    .fd = fd,
                                    .self = IPC_CORE,
                                    .other = role,
                                    .handlers = handlers,
                                    .closed = on_closed,
                                    .context = web,
                                    .queue_max_bytes = CORE_QUEUE_MAX_BYTES };

    if (web == NULL || ipc_peer_new(&web->ipc, &setup) != OK) {
        log_event(LOG_ERROR, NULL, "core.no_memory", "");
        (void)close(fd);
        free(web);
        return;
    }
    web->core = core;
    web->role = role;
    web->index = index;
    DL_APPEND(core->webs, web);
    tell_all(web);
}

void web_side_stop(struct core *core)
{
    while (core->webs != NULL) {
        (void)ipc_peer_flush(core->webs->ipc);
        drop(core->webs);
    }
}
