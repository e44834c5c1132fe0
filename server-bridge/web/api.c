/* SPDX-License-Identifier: Apache-2.0
 *
 * The REST API, passed on: the core answers. A long answer comes in parts, one for each time
 * we ask, which is when the last is written out: so a slow reader slows nobody but itself.
 *
 * A browser sends its cookie by itself, whoever made it ask. So what comes with a cookie, and a
 * log-in, must come from a page of our own: Origin and Sec-Fetch-Site say so, and no page can set
 * those.
 */
#include "server-bridge/web/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>

static bool copy_bearer(const struct http_head *head, struct request *request)
{
    size_t count;
    const struct http_header *header = http_head_find(head, "authorization", &count);
    struct slice value = header == NULL ? SLICE_NONE : header->value;

    if (count > 1)
        return false;
    if (value.len > 7 && http_equal_nocase((struct slice){ value.data, 7 }, "bearer "))
        return slice_copy((struct slice){ value.data + 7, value.len - 7 }, request->bearer,
                          sizeof(request->bearer));
    return true;
}

#define COOKIE "__Host-lasna="

/* The session's token among the cookies. False: there are two, or a second header. */
static bool copy_cookie(const struct http_head *head, struct request *request)
{
    size_t count, at = 0, found = 0;
    const struct http_header *header = http_head_find(head, "cookie", &count);
    struct slice value = header == NULL ? SLICE_NONE : header->value;

    while (at < value.len) {
        const char *end = memchr(value.data + at, ';', value.len - at);
        struct slice pair = { value.data + at,
                              end == NULL ? value.len - at : (size_t)(end - value.data) - at };

        at += pair.len + 1;
        while (pair.len > 0 && pair.data[0] == ' ')
            pair = (struct slice){ pair.data + 1, pair.len - 1 };
        if (!slice_starts_with(pair, COOKIE))
            continue;
        pair = (struct slice){ pair.data + strlen(COOKIE), pair.len - strlen(COOKIE) };
        found++;
        (void)slice_copy(pair, request->cookie, sizeof(request->cookie)); /* too long: none */
    }
    return count <= 1 && found <= 1;
}

/* False: it is there twice, empty, or too long. */
static bool copy_header(const struct http_head *head, const char *name, char *to, size_t size)
{
    size_t count;
    const struct http_header *header = http_head_find(head, name, &count);

    return header == NULL ||
           (count == 1 && header->value.len > 0 && slice_copy(header->value, to, size));
}

/* What makes a request one that may be sent again, or depend on what was seen. Whoever names more
 * that they have seen than we look at is sent all of it: that is never wrong. */
static bool copy_conditions(const struct http_head *head, struct request *request)
{
    if (!copy_header(head, "if-none-match", request->if_none_match, sizeof(request->if_none_match)))
        request->if_none_match[0] = '\0';
    return copy_header(head, "idempotency-key", request->repeat_key, sizeof(request->repeat_key)) &&
           copy_header(head, "if-match", request->if_match, sizeof(request->if_match));
}

static bool is_login(const struct http_head *head)
{
    return slice_is(head->method, "POST") &&
           (slice_is(head->path, "/api/v1/session") ||
            slice_is(head->path, "/api/v1/session/invitation") ||
            slice_is(head->path, "/api/v1/session/invitation/show"));
}

/* Whether a page of our own asks, or no page at all. */
static bool is_our_page(const struct conn *conn, const struct http_head *head, bool with_cookie)
{
    const struct http_header *origin = http_head_find(head, "origin", NULL);
    const struct http_header *site = http_head_find(head, "sec-fetch-site", NULL);
    bool reads = slice_is(head->method, "GET") || slice_is(head->method, "HEAD");

    if (site != NULL && !slice_is(site->value, "same-origin") && !slice_is(site->value, "none"))
        return false;
    if (origin != NULL)
        return sites_is_own_origin(conn->web, origin->value);
    return reads || !with_cookie;
}

/* False: what a browser was made to ask is refused. */
static bool may_ask(struct conn *conn, const struct http_head *head, struct request *request)
{
    bool with_cookie = request->cookie[0] != '\0' && request->bearer[0] == '\0';

    request->guesses = request->bearer[0] != '\0' || is_login(head);
    return !(with_cookie || is_login(head)) || is_our_page(conn, head, with_cookie);
}

static void refuse_page(struct conn *conn)
{
    conn->keep_alive = false;
    http_answer(conn, 403, "application/problem+json", "Cache-Control: no-store\r\n",
                SLICE_LITERAL("{\"type\":\"about:blank\",\"title\":\"Forbidden\",\"status\":403,"
                              "\"code\":\"foreign_page\",\"detail\":\"With a session's cookie only "
                              "the service's own pages may ask: see Origin.\"}"));
}

static bool has_json_type(const struct http_head *head)
{
    const struct http_header *type = http_head_find(head, "content-type", NULL);
    size_t len = 0;

    if (type == NULL)
        return false;
    while (len < type->value.len && type->value.data[len] != ';' && type->value.data[len] != ' ')
        len++;
    return http_equal_nocase((struct slice){ type->value.data, len }, "application/json");
}

/* Says how long to wait, in a header, too. */
static void refuse_guessing(struct conn *conn, uint64_t wait_ms)
{
    unsigned long long wait_s = (wait_ms + 999) / 1000;
    char header[64], text[200];

    (void)snprintf(header, sizeof(header), "Retry-After: %llu\r\nCache-Control: no-store\r\n",
                   wait_s);
    (void)snprintf(text, sizeof(text),
                   "{\"type\":\"about:blank\",\"title\":\"Too Many Requests\",\"status\":429,"
                   "\"code\":\"too_many_failures\",\"detail\":\"Too many wrong tokens or "
                   "passwords came from this address. Wait %llu s.\"}",
                   wait_s);
    conn->keep_alive = false;
    http_answer(conn, 429, "application/problem+json", header, slice_of(text));
}

struct request *request_new(struct conn *conn)
{
    struct request *request = calloc(1, sizeof(*request));

    if (request == NULL)
        return NULL;
    request->conn = conn;
    request->number = ++conn->web->last_request;
    conn->request = request;
    HASH_ADD(hh, conn->web->requests, number, sizeof(request->number), request);
    return request;
}

static void forget(struct request *request)
{
    HASH_DEL(request->conn->web->requests, request);
    request->conn->request = NULL;
    explicit_bzero(request->bearer, sizeof(request->bearer));
    explicit_bzero(request->cookie, sizeof(request->cookie));
    free(request);
}

bool api_begin(struct conn *conn, const struct http_head *head)
{
    struct web *web = conn->web;
    bool shows = http_head_find(head, "authorization", NULL) != NULL || is_login(head);
    uint64_t wait_ms = shows ? peers_wait_ms(web, &conn->peer) : 0;
    struct request *request;

    if (wait_ms > 0) {
        refuse_guessing(conn, wait_ms);
        return false;
    }
    if (web->core == NULL || !web->core_ready || web->draining) {
        http_refuse(conn, 503, "The core is not ready. Try again in a moment.");
        return false;
    }
    if (head->body_bytes > IPC_BODY_MAX) {
        http_refuse(conn, 413, "The body may have at most 256 KiB.");
        return false;
    }
    if (head->has_body && !has_json_type(head)) {
        http_refuse(conn, 415, "Send application/json.");
        return false;
    }
    request = request_new(conn);
    if (request == NULL || !copy_bearer(head, request) || !copy_cookie(head, request) ||
        !copy_conditions(head, request) ||
        !slice_copy(head->method, request->method, sizeof(request->method)) ||
        !slice_copy(head->path, request->path, sizeof(request->path)) ||
        !slice_copy(head->query, request->query, sizeof(request->query))) {
        if (request != NULL)
            forget(request);
        http_refuse(conn, 400, "That is no request to this API.");
        return false;
    }
    if (!may_ask(conn, head, request)) {
        forget(request);
        refuse_page(conn);
        return false;
    }
    return true;
}

void api_send(struct conn *conn, struct slice body)
{
    struct request *request = conn->request;

    conn->state = CONN_ANSWER;
    conn_deadline(conn, DEADLINE_ANSWER);
    IPC_SEND(conn->web->core, api_request, .request = request->number,
             .method = slice_of(request->method), .path = slice_of(request->path),
             .query = slice_of(request->query), .bearer = slice_of(request->bearer),
             .cookie = slice_of(request->cookie), .repeat_key = slice_of(request->repeat_key),
             .if_match = slice_of(request->if_match),
             .if_none_match = slice_of(request->if_none_match), .body = body);
}

void api_drop(struct request *request)
{
    struct conn *conn = request->conn;

    if (conn->state == CONN_ANSWER || conn->state == CONN_FILE)
        IPC_SEND(conn->web->core, api_next, .request = request->number, .wanted = false);
    forget(request);
}

struct request *request_find(struct web *web, uint64_t number)
{
    struct request *request;

    HASH_FIND(hh, web->requests, &number, sizeof(number), request);
    return request;
}

void api_done(struct request *request)
{
    struct conn *conn = request->conn;

    forget(request);
    conn_answered(conn);
}

void api_on_answer(struct web *web, const struct ipc_api_answer *answer)
{
    struct request *request = request_find(web, answer->request);
    struct evbuffer *out;

    if (request == NULL)
        return;
    if (answer->status == 401 && request->guesses)
        peers_api_failed(web, &request->conn->peer);
    if (request->conn->state == CONN_FILE) /* the rest of it is not read */
        request->conn->keep_alive = false;
    out = conn_out(request->conn);
    if (answer->more && request->conn->head_only)
        request->conn->keep_alive = false;
    (void)evbuffer_add_printf(out,
                              "HTTP/1.1 %u %s\r\nContent-Type: %.*s\r\nCache-Control: no-store\r\n"
                              "X-Content-Type-Options: nosniff\r\n%.*s%s",
                              (unsigned)answer->status, http_reason((unsigned)answer->status),
                              SLICE_ARG(answer->content_type), SLICE_ARG(answer->headers),
                              request->conn->keep_alive ? "" : "Connection: close\r\n");
    if (!answer->more) {
        if (answer->status == 304) /* a length would be that of what is not sent */
            (void)evbuffer_add(out, "\r\n", 2);
        else
            (void)evbuffer_add_printf(out, "Content-Length: %zu\r\n\r\n", answer->body.len);
        if (!request->conn->head_only)
            (void)evbuffer_add(out, answer->body.data, answer->body.len);
        api_done(request);
        return;
    }
    (void)evbuffer_add_printf(out, "Transfer-Encoding: chunked\r\n\r\n");
    if (answer->body.len > 0)
        (void)evbuffer_add_printf(out, "%zx\r\n", answer->body.len);
    (void)evbuffer_add(out, answer->body.data, answer->body.len);
    if (answer->body.len > 0)
        (void)evbuffer_add(out, "\r\n", 2);
    request->parts = request->waiting = true;
    conn_deadline(request->conn, DEADLINE_ANSWER);
}

void api_on_part(struct web *web, const struct ipc_api_part *part)
{
    struct request *request = request_find(web, part->request);
    struct conn *conn = request == NULL ? NULL : request->conn;

    if (request == NULL)
        return;
    if (part->broken) { /* without the last chunk, so nobody takes it for whole */
        forget(request);
        conn_free(conn);
        return;
    }
    if (part->body.len > 0 && !request->whole)
        (void)evbuffer_add_printf(conn_out(conn), "%zx\r\n", part->body.len);
    (void)evbuffer_add(conn_out(conn), part->body.data, part->body.len);
    if (part->body.len > 0 && !request->whole)
        (void)evbuffer_add(conn_out(conn), "\r\n", 2);
    conn_deadline(conn, DEADLINE_ANSWER);
    if (part->more) {
        request->waiting = true;
        return;
    }
    if (!request->whole)
        (void)evbuffer_add(conn_out(conn), "0\r\n\r\n", 5);
    api_done(request);
}

void api_written(struct conn *conn)
{
    struct request *request = conn->request;

    if (request == NULL || !request->waiting)
        return;
    request->waiting = false;
    IPC_SEND(conn->web->core, api_next, .request = request->number, .wanted = true);
}

void api_core_gone(struct web *web)
{
    struct request *request, *next;

    HASH_ITER(hh, web->requests, request, next)
    {
        struct conn *conn = request->conn;
        bool parts = request->parts;

        forget(request);
        if (parts)
            conn_free(conn);
        else
            http_refuse(conn, 503, "The core has restarted. Try again in a moment.");
    }
}
