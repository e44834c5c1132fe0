/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures of personas: GET /p/acme/<what it is known by>. The core has them; here is only said how
 * long a browser may keep one, which is for good: another picture has another address.
 */
#include "server-bridge/web/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>

void avatars_give(struct conn *conn, const struct http_head *head, struct slice path)
{
    const struct web *web = conn->web;
    const char *slash = memchr(path.data, '/', path.len);
    size_t len = slash == NULL ? 0 : (size_t)(slash - path.data);
    struct slice tenant = { path.data, len };
    struct slice key = { path.data + len + 1, slash == NULL ? 0 : path.len - len - 1 };
    struct request *request;

    if (!slice_is(head->method, "GET") && !conn->head_only) {
        http_refuse(conn, 405, "Only GET and HEAD are answered here.");
        return;
    }
    if (sites_find(web, tenant) == NULL || key.len != ID_TEXT_LEN) {
        http_refuse(conn, 404, "There is nothing here.");
        return;
    }
    /* Behind a proxy each request has its price already; and the core reads a picture each time. */
    if (!conn->proxied && peers_is_too_fast(conn, COST_REQUEST)) {
        http_refuse(conn, 429, "Too fast. Wait a moment.");
        return;
    }
    request = web->core == NULL || !web->core_ready || web->draining ? NULL : request_new(conn);
    if (request == NULL) {
        http_refuse(conn, 503, "Try again in a moment.");
        return;
    }
    conn->state = CONN_ANSWER;
    conn_deadline(conn, DEADLINE_ANSWER);
    IPC_SEND(web->core, avatar_open, .request = request->number, .tenant = tenant, .key = key);
}

void avatars_on_found(struct web *web, const struct ipc_avatar_found *found)
{
    struct request *request = request_find(web, found->request);
    struct conn *conn = request == NULL ? NULL : request->conn;

    if (conn == NULL)
        return;
    (void)evbuffer_add_printf(
        conn_out(conn),
        "HTTP/1.1 200 OK\r\nContent-Type: %.*s\r\nContent-Length: %zu\r\n"
        "Cache-Control: public, max-age=31536000, immutable\r\n" HTTP_OF_A_STRANGER "%s%s\r\n",
        SLICE_ARG(found->type), found->body.len,
        conn->tls ? "Strict-Transport-Security: max-age=31536000\r\n" : "",
        conn->keep_alive ? "" : "Connection: close\r\n");
    if (!conn->head_only)
        (void)evbuffer_add(conn_out(conn), found->body.data, found->body.len);
    api_done(request);
}
