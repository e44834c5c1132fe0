/* SPDX-License-Identifier: Apache-2.0
 *
 * Visitors' files, passed through: web opens none, and holds no more of one than a part.
 *
 *     POST /t/acme/files, Lasna-Upload: <ticket>, perhaps Lasna-From: <byte>     in
 *     GET  /f/acme/<key>/<name>                                                  out
 *
 * In: a part goes to the core each time it asks for one, and nothing is read meanwhile; so a fast
 * browser waits for a slow disk, and each part has a time in which it must have come. Out: the head
 * makes the bytes harmless wherever they are opened, and the core sends a part as the last has
 * left. What an address leads to never changes, so its key is its ETag, too: a download goes on
 * where it broke off.
 */
#include "server-bridge/web/range.h"
#include "server-bridge/web/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

enum { PART_MIN_BYTES = 16 * 1024, PART_MAX_BYTES = 128 * 1024, FILE_KEY_MAX = 64 };

static struct slice value_of(const struct http_head *head, const char *name, size_t *ret_count)
{
    const struct http_header *header = http_head_find(head, name, ret_count);

    return header == NULL ? SLICE_NONE : header->value;
}

/* --- in --- */

static bool read_number(struct slice digits, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (digits.len > 12)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(digits.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

/* Only the widget's own frame sends files, as only it polls. */
static struct http_refusal check(const struct web *web, const struct http_head *head,
                                 struct slice tenant, struct ipc_file_send *ret_send)
{
    size_t origins, tickets, froms;
    struct slice origin = value_of(head, "origin", &origins);
    struct slice from = value_of(head, "lasna-from", &froms);

    ret_send->tenant = tenant;
    ret_send->ticket = value_of(head, "lasna-upload", &tickets);
    ret_send->bytes = head->body_bytes;
    if (!slice_is(head->method, "POST"))
        return (struct http_refusal){ 405, "Files are posted." };
    if (origins != 1 || !sites_is_own_origin(web, origin))
        return (struct http_refusal){ 403, "Only the widget's own frame sends files." };
    if (sites_find(web, tenant) == NULL)
        return (struct http_refusal){ 404, "There is no such tenant." };
    if (tickets != 1 || ret_send->ticket.len > 64)
        return (struct http_refusal){ 403, "Ask for a ticket first, with an upload frame." };
    if (froms > 1 || !read_number(from, &ret_send->from))
        return (struct http_refusal){ 400, "Lasna-From is the number of a byte." };
    if (!head->has_body)
        return (struct http_refusal){ 411, "Tell how long it is: Content-Length." };
    if (web->core == NULL || !web->core_ready || web->draining)
        return (struct http_refusal){ 503, "Try again in a moment." };
    return (struct http_refusal){ 0, "" };
}

void files_take(struct conn *conn, const struct http_head *head, struct slice tenant)
{
    struct ipc_file_send send = { .from = 0 };
    struct http_refusal refusal = check(conn->web, head, tenant, &send);
    struct request *request = refusal.status != 0 ? NULL : request_new(conn);

    if (request == NULL) {
        http_refuse(conn, refusal.status != 0 ? refusal.status : 503,
                    refusal.status != 0 ? refusal.text : "Try again in a moment.");
        return;
    }
    send.request = request->number;
    conn->state = CONN_FILE;
    conn->body_bytes = head->body_bytes;
    conn_deadline(conn, DEADLINE_PART);
    ipc_peer_send(conn->web->core, IPC_file_send, &send);
}

/* What has come goes on, once it is worth a message and the core is ready for it. */
void files_readable(struct conn *conn)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    size_t have = evbuffer_get_length(in), part;
    struct request *request = conn->request;

    if (!request->waiting) {
        if (have >= PART_MAX_BYTES)
            (void)bufferevent_disable(conn->bev, EV_READ);
        return;
    }
    if (have < conn->body_bytes && have < PART_MIN_BYTES)
        return;
    part = have < PART_MAX_BYTES ? have : PART_MAX_BYTES;
    if (part > conn->body_bytes)
        part = (size_t)conn->body_bytes;
    request->waiting = false;
    conn->body_bytes -= part;
    if (conn->body_bytes == 0)
        conn->state = CONN_ANSWER;
    conn_deadline(conn, conn->body_bytes == 0 ? DEADLINE_ANSWER : DEADLINE_PART);
    IPC_SEND(conn->web->core, file_part, .request = request->number,
             .body = { (const char *)evbuffer_pullup(in, (ev_ssize_t)part), part });
    (void)evbuffer_drain(in, part);
}

void files_on_go(struct web *web, const struct ipc_file_go *go)
{
    struct request *request = request_find(web, go->request);

    if (request == NULL || request->conn->state != CONN_FILE)
        return;
    request->waiting = true;
    (void)bufferevent_enable(request->conn->bev, EV_READ);
    files_readable(request->conn);
}

/* --- out --- */

/* "acme/<key>/<name>" */
static bool split(struct slice path, struct ipc_file_open *ret_open)
{
    const char *first = memchr(path.data, '/', path.len);
    size_t len = first == NULL ? 0 : (size_t)(first - path.data);
    struct slice rest = { path.data + len + 1, first == NULL ? 0 : path.len - len - 1 };
    const char *second = rest.len == 0 ? NULL : memchr(rest.data, '/', rest.len);

    if (second == NULL)
        return false;
    ret_open->tenant = (struct slice){ path.data, len };
    ret_open->key = (struct slice){ rest.data, (size_t)(second - rest.data) };
    ret_open->name = (struct slice){ second + 1, rest.len - ret_open->key.len - 1 };
    return ret_open->tenant.len <= 32 && ret_open->key.len <= FILE_KEY_MAX &&
           ret_open->name.len <= IPC_NAME_MAX;
}

/* Of all there is, what the browser has no need of: the whole, or more than a part. Only a GET can
 * ask for a part, and only of what it began with. */
static void read_wishes(const struct conn *conn, const struct http_head *head,
                        struct ipc_file_open *open)
{
    struct slice since = value_of(head, "if-range", NULL);
    struct byte_range range = range_parse(value_of(head, "range", NULL));
    char etag[sizeof("\"\"") + FILE_KEY_MAX];

    (void)snprintf(etag, sizeof(etag), "\"%.*s\"", SLICE_ARG(open->key));
    open->known = http_token_in(value_of(head, "if-none-match", NULL), etag);
    if (conn->head_only || (since.len > 0 && !slice_is(since, etag)))
        return;
    open->ranged = range.any;
    open->from_end = range.from_end;
    open->first = range.first;
    open->last = range.last;
}

void files_give(struct conn *conn, const struct http_head *head, struct slice path)
{
    struct web *web = conn->web;
    struct ipc_file_open open = { .request = 0 };
    struct request *request;

    if (!slice_is(head->method, "GET") && !conn->head_only) {
        http_refuse(conn, 405, "Only GET and HEAD are answered here.");
        return;
    }
    if (!split(path, &open)) {
        http_refuse(conn, 404, "There is nothing here.");
        return;
    }
    request = web->core == NULL || !web->core_ready || web->draining ? NULL : request_new(conn);
    if (request == NULL) {
        http_refuse(conn, 503, "Try again in a moment.");
        return;
    }
    request->whole = true;
    open.request = request->number;
    read_wishes(conn, head, &open);
    conn->state = CONN_ANSWER;
    conn_deadline(conn, DEADLINE_ANSWER);
    ipc_peer_send(web->core, IPC_file_open, &open);
}

static unsigned status_of(const struct ipc_file_found *found)
{
    if (found->known)
        return 304;
    if (!found->ranged)
        return 200;
    return found->length > 0 ? 206 : 416;
}

/* What comes of it, or how much there is of what lies beyond; a 304 tells no length of what is not
 * sent. */
static void tell_length(struct evbuffer *out, unsigned status, const struct ipc_file_found *found)
{
    unsigned long long first = found->first, length = found->length, bytes = found->bytes;

    if (status == 206)
        (void)evbuffer_add_printf(out, "Content-Range: bytes %llu-%llu/%llu\r\n", first,
                                  first + length - 1, bytes);
    else if (status == 416)
        (void)evbuffer_add_printf(out, "Content-Range: bytes */%llu\r\n", bytes);
    if (status != 304)
        (void)evbuffer_add_printf(out, "Content-Length: %llu\r\n", length);
}

void files_on_found(struct web *web, const struct ipc_file_found *found)
{
    struct request *request = request_find(web, found->request);
    struct conn *conn = request == NULL ? NULL : request->conn;
    unsigned status = status_of(found);

    if (conn == NULL)
        return;
    (void)evbuffer_add_printf(conn_out(conn), "HTTP/1.1 %u %s\r\n", status, http_reason(status));
    tell_length(conn_out(conn), status, found);
    (void)evbuffer_add_printf(
        conn_out(conn),
        "Content-Type: %.*s%s\r\nContent-Disposition: %s; filename=\"%.*s\"\r\n"
        "ETag: \"%.*s\"\r\nAccept-Ranges: bytes\r\n"
        "Cache-Control: private, max-age=600\r\n" HTTP_OF_A_STRANGER "%s%s\r\n",
        SLICE_ARG(found->type), slice_is(found->type, "text/plain") ? "; charset=utf-8" : "",
        found->shown ? "inline" : "attachment", SLICE_ARG(found->name), SLICE_ARG(found->key),
        conn->tls ? "Strict-Transport-Security: max-age=31536000\r\n" : "",
        conn->keep_alive ? "" : "Connection: close\r\n");
    if (status == 304 || status == 416) {
        api_done(request);
        return;
    }
    if (conn->head_only) {
        api_drop(request);
        conn_answered(conn);
        return;
    }
    request->parts = request->waiting = true;
    conn_deadline(conn, DEADLINE_ANSWER);
}
