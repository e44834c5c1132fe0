/* SPDX-License-Identifier: Apache-2.0
 *
 * A visitor's browser, as web sees it: says hello, waits for the welcome, talks. Its tenant is
 * the one of the path it came by; what it says later never changes that.
 */
#include "server-bridge/web/web.h"

#include <event2/buffer.h>
#include <stdlib.h>

enum { HASTY_MAX = 200 };

/* A tenant that was closed and opened again begins at none. */
static void count(const struct session *session, int more)
{
    struct web_tenant *tenant = sites_find(session->web, slice_of(session->tenant));

    if (tenant != NULL && (more > 0 || tenant->sessions > 0))
        tenant->sessions += (uint64_t)(int64_t)more;
}

struct session *session_new(struct conn *conn, const struct web_tenant *tenant, struct slice origin)
{
    static const struct ratelimit_rule rule = { .burst = 30, .per_second = 5 };
    struct session *session = calloc(1, sizeof(*session));

    if (session == NULL)
        return NULL;
    session->id.id = id_new();
    session->web = conn->web;
    session->conn = conn;
    session->peer = conn->peer;
    session->state = SESSION_GREETING;
    session->origin = slice_dup(origin);
    memcpy(session->tenant, tenant->name, sizeof(session->tenant));
    ratelimit_init(&session->limit, &rule, conn->web->now_ms);
    count(session, 1);
    HASH_ADD(hh, conn->web->sessions, id, sizeof(session->id), session);
    return session;
}

static void drop_held(struct session *session)
{
    while (session->held != NULL) {
        struct held_frame *frame = session->held;

        session->held = frame->next;
        free(frame);
    }
    session->held_count = 0;
    session->held_bytes = 0;
}

void session_free(struct session *session)
{
    struct web *web = session->web;

    IPC_SEND(web->core, session_gone, .session = session->id.id);
    count(session, -1);
    HASH_DEL(web->sessions, session);
    if (session->conn != NULL)
        session->conn->session = NULL;
    websocket_release(session);
    poll_release(session);
    drop_held(session);
    free(session->origin);
    free(session);
}

struct session *session_find(struct web *web, struct id id)
{
    struct session *session;

    HASH_FIND(hh, web->sessions, &id, sizeof(id), session);
    return session;
}

/* --- by whatever carries it --- */

void session_send(struct session *session, struct slice json)
{
    if (session->poll != NULL)
        poll_send(session, json);
    else
        websocket_send(session, json);
}

void session_close(struct session *session, unsigned code)
{
    if (session->poll != NULL)
        poll_close(session, code);
    else
        websocket_close(session, code);
}

/* Between hello and welcome, and while what was said before comes, what is said is kept, not
 * refused: browsers need not wait. */
static void hold(struct session *session, struct slice json)
{
    struct held_frame *frame;

    if (session->held_count >= HELD_FRAMES_MAX || json.len > HELD_BYTES_MAX - session->held_bytes) {
        frames_too_fast(session, json, 1000);
        return;
    }
    frame = malloc(sizeof(*frame) + json.len);
    if (frame == NULL)
        return;
    frame->len = json.len;
    memcpy(frame->bytes, json.data, json.len);
    session->held_count++;
    session->held_bytes += (uint32_t)json.len;
    LL_APPEND(session->held, frame);
}

void session_message(struct session *session, struct slice json)
{
    if (session->state == SESSION_WAITING || session->replaying)
        hold(session, json);
    else
        frames_in(session, json);
}

static void handle_held(struct session *session)
{
    struct held_frame *held = session->held;

    session->held = NULL;
    session->held_count = 0;
    session->held_bytes = 0;
    while (held != NULL) {
        struct held_frame *frame = held;

        held = frame->next;
        if (session->state == SESSION_LIVE)
            frames_in(session, (struct slice){ frame->bytes, frame->len });
        free(frame);
    }
}

void session_welcomed(struct session *session, bool replays)
{
    session->state = SESSION_LIVE;
    session->replaying = replays;
    free(session->origin);
    session->origin = NULL;
    if (session->conn != NULL)
        conn_deadline(session->conn, DEADLINE_PING);
    if (!replays)
        handle_held(session);
}

static bool is_written(const struct session *session)
{
    if (session->poll != NULL)
        return session->poll->out.len == 0;
    return session->conn != NULL && evbuffer_get_length(conn_out(session->conn)) == 0;
}

void session_written(struct session *session)
{
    if (!session->wants_page || !is_written(session))
        return;
    session->wants_page = false;
    IPC_SEND(session->web->core, session_more, .session = session->id.id);
}

void session_paged(struct session *session, bool last)
{
    session->wants_page = !last;
    if (session->poll != NULL && session->poll->out.len > 0)
        poll_answer(session->poll); /* who waits gets the page now, not at the next tick */
    session_written(session);
    if (!last)
        return;
    session->replaying = false;
    handle_held(session);
}

void session_error(struct session *session, const char *code, const char *text, struct slice cid,
                   uint64_t retry_after_ms)
{
    AUTO_BUF frame;

    buf_init(&frame, 4096);
    buf_addf(&frame, "{\"type\":\"error\",\"code\":\"%s\",\"text\":", code);
    buf_add_json(&frame, slice_of(text));
    buf_add_text(&frame, ",\"cid\":");
    if (cid.len == 0)
        buf_add_text(&frame, "null");
    else
        buf_add_json(&frame, cid);
    if (retry_after_ms == 0)
        buf_add_text(&frame, ",\"retry_after_ms\":null}");
    else
        buf_addf(&frame, ",\"retry_after_ms\":%llu}", (unsigned long long)retry_after_ms);
    session_send(session, buf_slice(&frame));
    if (strcmp(code, "too_fast") != 0)
        session->hasty = 0;
    else if (++session->hasty > HASTY_MAX)
        session_close(session, 1008);
}

void session_bad_frame(struct session *session, const char *text)
{
    session_error(session, "bad_frame", text, SLICE_NONE, 0);
    if (++session->bad_frames >= BAD_FRAMES_MAX)
        session_close(session, 1008);
}

void session_binary(struct session *session)
{
    session_bad_frame(session, "Frames are JSON in text frames, not binary.");
}

void session_close_all(struct web *web, unsigned code)
{
    struct session *session, *next;

    HASH_ITER(hh, web->sessions, session, next)
    session_close(session, code);
}
