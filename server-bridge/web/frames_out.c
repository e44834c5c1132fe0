/* SPDX-License-Identifier: Apache-2.0
 *
 * What the core tells, made into frames of lasna.v1: one function a frame.
 */
#include "server-bridge/web/web.h"

#include "base/clock.h"

enum { FRAME_MAX_BYTES = 6 * IPC_TEXT_MAX };

static const char *const availabilities[] = { "offline", "busy", "online" };
static const char *const states[] = { "queued", "active", "ended" };
static const char *const froms[] = { "visitor", "agent", "bot", "system" };
static const char *const deliveries[] = { "pending", "routed", "delivered", "read" };

#define NAME_OF(names, number) \
    ((number) < sizeof(names) / sizeof((names)[0]) ? (names)[number] : "unknown")

static void add_text(struct buf *to, const char *key, struct slice text)
{
    buf_addf(to, ",\"%s\":", key);
    buf_add_json(to, text);
}

static void add_text_or_null(struct buf *to, const char *key, struct slice text)
{
    if (text.len == 0)
        buf_addf(to, ",\"%s\":null", key);
    else
        add_text(to, key, text);
}

static void add_number(struct buf *to, const char *key, uint64_t number)
{
    buf_addf(to, ",\"%s\":%llu", key, (unsigned long long)number);
}

static void add_number_or_null(struct buf *to, const char *key, uint64_t number)
{
    if (number == 0)
        buf_addf(to, ",\"%s\":null", key);
    else
        add_number(to, key, number);
}

static void add_id_or_null(struct buf *to, const char *key, struct id id)
{
    char text[ID_TEXT_BYTES];

    id_format(id, text);
    add_text_or_null(to, key, id_is_none(id) ? SLICE_NONE : slice_of(text));
}

static void add_time(struct buf *to, const char *key, uint64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    clock_format(wall_ms, text);
    add_text(to, key, slice_of(text));
}

/* Frames are made in one buffer that is kept: web has one thread. */
static struct buf frame;

static void begin(const char *type)
{
    frame.limit = FRAME_MAX_BYTES;
    buf_clear(&frame);
    buf_addf(&frame, "{\"type\":\"%s\"", type);
}

static void send_to(struct session *session)
{
    buf_add_text(&frame, "}");
    if (!buf_failed(&frame))
        session_send(session, buf_slice(&frame));
}

/* The session a message is for; it may have gone meanwhile. */
static struct session *for_session(void *context, struct id id)
{
    struct session *session = session_find(context, id);

    return session != NULL && session->state != SESSION_OVER ? session : NULL;
}

/* The core has written it. */
static void add_file(struct slice file)
{
    buf_add_text(&frame, ",\"file\":");
    buf_add_slice(&frame, file.len == 0 ? SLICE_LITERAL("null") : file);
}

static void on_welcome(void *context, const union ipc_message *message)
{
    const struct ipc_tell_welcome *welcome = &message->tell_welcome;
    struct session *session = for_session(context, welcome->session);

    if (session == NULL)
        return;
    begin("welcome");
    add_text(&frame, "token", welcome->token);
    add_id_or_null(&frame, "visitor", welcome->visitor);
    add_id_or_null(&frame, "conversation", welcome->conversation);
    add_text(&frame, "availability", slice_of(NAME_OF(availabilities, welcome->availability)));
    if (welcome->agent_name.len == 0) {
        buf_add_text(&frame, ",\"agent\":null");
    } else {
        buf_add_text(&frame, ",\"agent\":{\"name\":");
        buf_add_json(&frame, welcome->agent_name);
        add_text_or_null(&frame, "avatar", welcome->agent_avatar);
        buf_add_text(&frame, "}");
    }
    add_number(&frame, "last_seq", welcome->last_seq);
    buf_addf(&frame, ",\"settings\":%.*s", SLICE_ARG(welcome->settings));
    send_to(session);
    session_welcomed(session, welcome->replays);
}

static void on_page(void *context, const union ipc_message *message)
{
    struct session *session = for_session(context, message->tell_page.session);

    if (session != NULL)
        session_paged(session, message->tell_page.last);
}

static void on_refused(void *context, const union ipc_message *message)
{
    const struct ipc_tell_refused *refused = &message->tell_refused;
    struct session *session = for_session(context, refused->session);
    char code[33], text[IPC_NAME_MAX + 1];

    if (session == NULL)
        return;
    (void)slice_copy(refused->code, code, sizeof(code));
    (void)slice_copy(refused->text, text, sizeof(text));
    if (refused->guessed)
        peers_visitor_failed(session->web, &session->peer);
    session_error(session, code, text, SLICE_NONE, 0);
    session_close(session, (unsigned)refused->close_code);
}

static void on_conversation(void *context, const union ipc_message *message)
{
    const struct ipc_tell_conversation *told = &message->tell_conversation;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin("conversation");
    add_id_or_null(&frame, "conversation", told->conversation);
    add_text(&frame, "state", slice_of(NAME_OF(states, told->state)));
    send_to(session);
}

static void on_saved(void *context, const union ipc_message *message)
{
    const struct ipc_tell_saved *saved = &message->tell_saved;
    struct session *session = for_session(context, saved->session);

    if (session == NULL)
        return;
    begin("saved");
    add_text(&frame, "cid", saved->cid);
    add_number(&frame, "seq", saved->seq);
    add_time(&frame, "at", saved->at_ms);
    add_file(saved->file);
    send_to(session);
}

static void on_message(void *context, const union ipc_message *message)
{
    const struct ipc_tell_message *told = &message->tell_message;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin(told->earlier ? "earlier" : "message");
    add_number(&frame, "seq", told->seq);
    add_text(&frame, "from", slice_of(NAME_OF(froms, told->from)));
    add_text_or_null(&frame, "name", told->name);
    add_text_or_null(&frame, "avatar", told->avatar);
    add_text(&frame, "text", told->text);
    add_time(&frame, "at", told->at_ms);
    add_number_or_null(&frame, "reply_to", told->reply_to);
    add_text_or_null(&frame, "cid", told->cid);
    add_file(told->file);
    if (told->edited)
        buf_add_text(&frame, ",\"edited\":true");
    if (told->withdrawn)
        buf_add_text(&frame, ",\"withdrawn\":true");
    send_to(session);
}

static void on_revised(void *context, const union ipc_message *message)
{
    const struct ipc_tell_revised *told = &message->tell_revised;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin(told->withdrawn ? "withdrawn" : "edited");
    add_number(&frame, "seq", told->seq);
    if (!told->withdrawn) {
        add_text(&frame, "text", told->text);
        add_file(told->file);
    }
    add_time(&frame, "at", told->at_ms);
    send_to(session);
}

static void on_reaction(void *context, const union ipc_message *message)
{
    const struct ipc_tell_reaction *told = &message->tell_reaction;
    struct session *session = for_session(context, told->session);
    struct slice rest = told->emojis;

    if (session == NULL)
        return;
    begin("reaction");
    add_number(&frame, "seq", told->seq);
    add_text(&frame, "from", slice_of(NAME_OF(froms, told->from)));
    add_id_or_null(&frame, "by", told->by);
    add_text_or_null(&frame, "name", told->name);
    buf_add_text(&frame, ",\"emojis\":[");
    for (const char *between = ""; rest.len > 0; between = ",") {
        buf_add_text(&frame, between);
        buf_add_json(&frame, emoji_next(&rest));
    }
    buf_add_text(&frame, "]");
    send_to(session);
}

static void on_receipt(void *context, const union ipc_message *message)
{
    const struct ipc_tell_receipt *told = &message->tell_receipt;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin("receipt");
    add_number(&frame, "seq", told->seq);
    add_text(&frame, "state", slice_of(NAME_OF(deliveries, told->delivery)));
    send_to(session);
}

static void on_typing(void *context, const union ipc_message *message)
{
    struct session *session = for_session(context, message->tell_typing.session);

    if (session == NULL)
        return;
    begin("typing");
    buf_addf(&frame, ",\"on\":%s", message->tell_typing.on ? "true" : "false");
    send_to(session);
}

static void on_queue(void *context, const union ipc_message *message)
{
    struct session *session = for_session(context, message->tell_queue.session);

    if (session == NULL)
        return;
    begin("queue");
    add_number(&frame, "position", message->tell_queue.position);
    add_number(&frame, "waited_s", message->tell_queue.waited_s);
    send_to(session);
}

static void on_agent(void *context, const union ipc_message *message)
{
    const struct ipc_tell_agent *told = &message->tell_agent;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin("agent");
    add_text(&frame, "state", slice_of(told->joined ? "joined" : "left"));
    add_text(&frame, "name", told->name);
    add_text_or_null(&frame, "avatar", told->avatar);
    send_to(session);
}

static void on_earlier_end(void *context, const union ipc_message *message)
{
    const struct ipc_tell_earlier_end *told = &message->tell_earlier_end;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin("earlier_end");
    add_id_or_null(&frame, "conversation", told->conversation);
    add_time(&frame, "opened_at", told->opened_ms);
    buf_addf(&frame, ",\"more\":%s", told->more ? "true" : "false");
    send_to(session);
}

static void on_idle(void *context, const union ipc_message *message)
{
    struct session *session = for_session(context, message->tell_idle.session);

    if (session == NULL)
        return;
    begin("idle");
    add_number_or_null(&frame, "ends_in_s", message->tell_idle.left_s);
    send_to(session);
}

static void on_mailed(void *context, const union ipc_message *message)
{
    struct session *session = for_session(context, message->tell_mailed.session);

    if (session == NULL)
        return;
    begin("mailed");
    send_to(session);
}

static void on_ended(void *context, const union ipc_message *message)
{
    struct session *session = for_session(context, message->tell_ended.session);

    if (session == NULL)
        return;
    begin("ended");
    add_text(&frame, "reason", message->tell_ended.reason);
    send_to(session);
}

static void on_error(void *context, const union ipc_message *message)
{
    const struct ipc_tell_error *told = &message->tell_error;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin("error");
    add_text(&frame, "code", told->code);
    add_text(&frame, "text", told->text);
    add_text_or_null(&frame, "cid", told->cid);
    add_number_or_null(&frame, "retry_after_ms", told->retry_after_ms);
    send_to(session);
}

static void on_upload(void *context, const union ipc_message *message)
{
    const struct ipc_tell_upload *told = &message->tell_upload;
    struct session *session = for_session(context, told->session);

    if (session == NULL)
        return;
    begin("upload");
    add_text(&frame, "cid", told->cid);
    add_text(&frame, "ticket", told->ticket);
    add_number(&frame, "have", told->have);
    send_to(session);
}

static void on_file_go(void *context, const union ipc_message *message)
{
    files_on_go(context, &message->file_go);
}

static void on_file_found(void *context, const union ipc_message *message)
{
    files_on_found(context, &message->file_found);
}

static void on_avatar_found(void *context, const union ipc_message *message)
{
    avatars_on_found(context, &message->avatar_found);
}

static void on_availability(void *context, const union ipc_message *message)
{
    struct web *web = context;
    struct web_tenant *tenant = sites_find(web, message->tell_availability.tenant);
    struct slice open = message->tell_availability.open;
    struct session *session, *next;

    if (tenant == NULL)
        return;
    tenant->availability = (unsigned)message->tell_availability.availability;
    if (open.len == 0)
        open = SLICE_LITERAL("null");
    HASH_ITER(hh, web->sessions, session, next)
    {
        if (session->state != SESSION_LIVE || strcmp(session->tenant, tenant->name) != 0)
            continue;
        begin("availability");
        add_text(&frame, "availability", slice_of(NAME_OF(availabilities, tenant->availability)));
        buf_addf(&frame, ",\"open\":%.*s", SLICE_ARG(open));
        send_to(session);
    }
}

static void on_tenant_open(void *context, const union ipc_message *message)
{
    sites_open(context, &message->tenant_open);
}

static void on_tenant_site(void *context, const union ipc_message *message)
{
    sites_add(context, &message->tenant_site);
}

static void on_tenant_told(void *context, const union ipc_message *message)
{
    sites_told(context, message->tenant_told.tenant);
}

static void on_tenant_close(void *context, const union ipc_message *message)
{
    sites_close(context, message->tenant_close.tenant);
}

static void on_core_ready(void *context, const union ipc_message *message)
{
    struct web *web = context;

    web->core_ready = message->core_ready.ready;
}

static void on_api_answer(void *context, const union ipc_message *message)
{
    api_on_answer(context, &message->api_answer);
}

static void on_api_part(void *context, const union ipc_message *message)
{
    api_on_part(context, &message->api_part);
}

ipc_handler_fn *const frames_out_handlers[IPC_TYPE_COUNT] = {
    [IPC_tell_welcome] = on_welcome,    [IPC_tell_refused] = on_refused,
    [IPC_tell_page] = on_page,          [IPC_tell_conversation] = on_conversation,
    [IPC_tell_saved] = on_saved,        [IPC_tell_message] = on_message,
    [IPC_tell_reaction] = on_reaction,  [IPC_tell_revised] = on_revised,
    [IPC_tell_receipt] = on_receipt,    [IPC_tell_typing] = on_typing,
    [IPC_tell_queue] = on_queue,        [IPC_tell_agent] = on_agent,
    [IPC_tell_idle] = on_idle,          [IPC_tell_earlier_end] = on_earlier_end,
    [IPC_tell_mailed] = on_mailed,      [IPC_tell_ended] = on_ended,
    [IPC_tell_error] = on_error,        [IPC_tell_availability] = on_availability,
    [IPC_tell_upload] = on_upload,      [IPC_file_go] = on_file_go,
    [IPC_file_found] = on_file_found,   [IPC_avatar_found] = on_avatar_found,
    [IPC_tenant_open] = on_tenant_open, [IPC_tenant_site] = on_tenant_site,
    [IPC_tenant_told] = on_tenant_told, [IPC_tenant_close] = on_tenant_close,
    [IPC_core_ready] = on_core_ready,   [IPC_api_answer] = on_api_answer,
    [IPC_api_part] = on_api_part,
};
