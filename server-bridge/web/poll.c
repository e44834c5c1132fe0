/* SPDX-License-Identifier: Apache-2.0
 *
 * The same session where a WebSocket cannot pass: frames up as lines of a POST, frames down as
 * the answer to a POST that waits for them.
 *
 *     POST /t/acme/poll    hello            → 200 {"poll":"<id>"}
 *     the same, with Lasna-Poll: <id>:
 *         lines of frames                   → 204, at once
 *         nothing                           → 200 {"frames":[…],"close":null|code}, when there is
 *                                             something, or after 25 s
 *
 * What a broken request may have lost is not asked for again here: the browser says hello anew,
 * as it does after any lost connection, and its token, `after` and cids do the rest.
 */
#include "server-bridge/web/web.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    POLL_OUT_MAX = 256 * 1024, /* frames nobody fetches */
    POLL_GONE_MS = 35000,      /* no request so long: the browser is gone */
};

static void answer_json(struct conn *conn, struct slice body)
{
    http_answer(conn, 200, "application/json", "Cache-Control: no-store\r\n", body);
}

/* Answers the request that waits with whatever there is, and be it nothing. */
void poll_answer(struct poll *poll)
{
    struct conn *conn = poll->waiting;
    AUTO_BUF body;

    buf_init(&body, POLL_OUT_MAX + 64);
    if (conn == NULL)
        return;
    buf_add_text(&body, "{\"frames\":[");
    buf_add_slice(&body, buf_slice(&poll->out));
    if (poll->close_code == 0)
        buf_add_text(&body, "],\"close\":null}");
    else
        buf_addf(&body, "],\"close\":%u}", poll->close_code);
    buf_clear(&poll->out);
    poll->told = poll->close_code != 0;
    poll->heard_ms = web_now_ms(conn->web);
    poll->waiting = NULL;
    conn->waits_for = NULL;
    answer_json(conn, buf_slice(&body));
    session_written(poll->session);
}

void poll_send(struct session *session, struct slice json)
{
    struct poll *poll = session->poll;

    if (poll->close_code != 0)
        return;
    if (poll->out.len > 0)
        buf_add_text(&poll->out, ",");
    buf_add_slice(&poll->out, json);
    if (buf_failed(&poll->out)) { /* fetches nothing, and resumes with `after` when it does */
        buf_clear(&poll->out);
        poll_close(session, 1008);
    }
}

void poll_close(struct session *session, unsigned code)
{
    if (session->poll->close_code == 0)
        session->poll->close_code = code;
    session->state = SESSION_OVER;
}

/* --- coming and going --- */

static struct session *begin(struct conn *conn, const struct web_tenant *tenant,
                             struct slice origin)
{
    struct poll *poll = calloc(1, sizeof(*poll));
    struct session *session = poll == NULL ? NULL : session_new(conn, tenant, origin);

    if (session == NULL) {
        free(poll);
        return NULL;
    }
    session->conn = NULL;
    session->poll = poll;
    poll->session = session;
    poll->heard_ms = web_now_ms(conn->web);
    buf_init(&poll->out, POLL_OUT_MAX);
    DL_APPEND(conn->web->polls, poll);
    conn->web->poll_count++;
    return session;
}

void poll_release(struct session *session)
{
    struct poll *poll = session->poll;

    if (poll == NULL)
        return;
    session->poll = NULL;
    if (poll->waiting != NULL)
        poll_answer(poll);
    DL_DELETE(session->web->polls, poll);
    session->web->poll_count--;
    buf_release(&poll->out);
    free(poll);
}

void poll_conn_gone(struct conn *conn)
{
    if (conn->waits_for != NULL)
        conn->waits_for->waiting = NULL;
    conn->waits_for = NULL;
}

static bool is_over(const struct web *web, const struct poll *poll)
{
    uint64_t silent_ms = web->now_ms - poll->heard_ms;

    if (poll->waiting != NULL)
        return false;
    if (poll->session->state == SESSION_GREETING)
        return silent_ms > web->role->settings->web_hello_ms;
    return poll->told || silent_ms > POLL_GONE_MS;
}

void polls_tick(struct web *web)
{
    struct poll *poll, *next;

    DL_FOREACH_SAFE(web->polls, poll, next)
    {
        if (poll->waiting != NULL && (poll->out.len > 0 || poll->close_code != 0))
            poll_answer(poll);
        if (is_over(web, poll))
            session_free(poll->session);
    }
}

/* --- requests --- */

static void take_lines(struct session *session, struct slice body)
{
    while (body.len > 0 && session->state != SESSION_OVER) {
        const char *end = memchr(body.data, '\n', body.len);
        size_t len = end == NULL ? body.len : (size_t)(end - body.data);

        if (len > 0)
            session_message(session, (struct slice){ body.data, len });
        body.data += len + (end != NULL);
        body.len -= len + (end != NULL);
    }
}

static void wait_for_frames(struct conn *conn, struct poll *poll)
{
    poll_answer(poll); /* one waits at a time: the one before was perhaps given up */
    conn->state = CONN_ANSWER;
    conn->waits_for = poll;
    poll->waiting = conn;
    conn_deadline(conn, DEADLINE_POLL);
    if (poll->out.len > 0) /* it came meanwhile */
        poll_answer(poll);
}

static void tell_id(struct conn *conn, const struct session *session)
{
    char id[ID_TEXT_BYTES], body[ID_TEXT_BYTES + 16];

    id_format(session->id.id, id);
    (void)snprintf(body, sizeof(body), "{\"poll\":\"%s\"}", id);
    answer_json(conn, slice_of(body));
}

static void on_body(struct conn *conn, struct slice body)
{
    struct session *session = session_find(conn->web, conn->polled);

    if (session == NULL || session->poll == NULL) {
        http_refuse(conn, 404, "This session is over. Say hello anew.");
        return;
    }
    session->poll->heard_ms = web_now_ms(conn->web);
    take_lines(session, body);
    if (conn->first)
        tell_id(conn, session);
    else if (body.len > 0)
        http_answer(conn, 204, NULL, "Cache-Control: no-store\r\n", SLICE_NONE);
    else
        wait_for_frames(conn, session->poll);
}

static struct slice value_of(const struct http_head *head, const char *name, size_t *ret_count)
{
    const struct http_header *header = http_head_find(head, name, ret_count);

    return header == NULL ? SLICE_NONE : header->value;
}

/* Only the widget's own frame polls: a page of the tenant has no need to. */
static struct http_refusal check(const struct web *web, const struct http_head *head,
                                 const struct web_tenant *tenant)
{
    size_t origins, ids;
    struct slice origin = value_of(head, "origin", &origins);

    (void)value_of(head, "lasna-poll", &ids);
    if (!slice_is(head->method, "POST") || ids > 1)
        return (struct http_refusal){ 405, "Frames are posted." };
    if (origins != 1 || !sites_is_own_origin(web, origin))
        return (struct http_refusal){ 403, "Only the widget's own frame polls." };
    if (tenant == NULL)
        return (struct http_refusal){ 404, "There is no such tenant." };
    if (head->body_bytes > WS_MESSAGE_MAX_BYTES)
        return (struct http_refusal){ 413, "At most 64 KiB of frames at once." };
    if (!web->core_ready || web->draining ||
        web->poll_count >= web->role->settings->web_max_sessions)
        return (struct http_refusal){ 503, "Try again in a moment." };
    return (struct http_refusal){ 0, "" };
}

/* The session a request is for, by its header, or a new one. */
static bool find_session(struct conn *conn, const struct http_head *head,
                         const struct web_tenant *tenant)
{
    struct slice id = value_of(head, "lasna-poll", NULL);
    struct session *session;

    conn->first = id.len == 0;
    if (!conn->first)
        return id_parse(id, &conn->polled) == 0;
    if (peers_is_too_fast(conn, COST_CONNECT) || !sites_has_room(conn->web, tenant))
        return false;
    session = begin(conn, tenant, value_of(head, "origin", NULL));
    if (session != NULL)
        conn->polled = session->id.id;
    return session != NULL;
}

void poll_begin(struct conn *conn, const struct http_head *head, struct slice name)
{
    const struct web_tenant *tenant = sites_find(conn->web, name);
    struct http_refusal refusal = check(conn->web, head, tenant);

    if (refusal.status == 0 && !find_session(conn, head, tenant))
        refusal = (struct http_refusal){ 429, "Try again in a moment." };
    if (refusal.status != 0) {
        http_refuse(conn, refusal.status, refusal.text);
        return;
    }
    if (head->has_body)
        conn_await_body(conn, head->body_bytes, on_body);
    else
        on_body(conn, SLICE_NONE);
}
