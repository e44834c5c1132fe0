/* SPDX-License-Identifier: Apache-2.0
 *
 * What paths there are: one table. Everything else is 404, odd encodings too: our own paths
 * need none, so a '%' means nothing but trouble.
 */
#include "server-bridge/web/web.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>

/* Where a request goes; `name` is what stands for '*' in the pattern. */
typedef void route_fn(struct conn *conn, const struct http_head *head, struct slice name);

static route_fn serve_health, serve_ready, serve_now, serve_loader, serve_texts, serve_frame,
    serve_hashed, serve_socket, serve_join, serve_api;

static const struct route {
    const char *before, *after; /* the path is before + name + after */
    bool any_method;
    unsigned roles; /* which of web and control serve it */
    uint32_t cost;  /* to whoever asks through a proxy of ours */
    route_fn *serve;
} routes[] = {
    { "/healthz", NULL, false, IPC_ANY_WEB, COST_REQUEST, serve_health },
    { "/readyz", NULL, false, IPC_ANY_WEB, COST_REQUEST, serve_ready },
    { "/w/", "/now.js", false, IPC_WEB, COST_REQUEST, serve_now },
    { "/w/", ".js", false, IPC_WEB, COST_REQUEST, serve_loader },
    { "/w/", "/texts", false, IPC_WEB, COST_REQUEST, serve_texts },
    { "/w/", "/frame", false, IPC_WEB, COST_REQUEST, serve_frame },
    { "/a/", "", false, IPC_WEB, COST_REQUEST, serve_hashed },
    { "/t/", "/ws", false, IPC_WEB, COST_CONNECT, serve_socket },
    { "/t/", "/poll", true, IPC_WEB, COST_REQUEST, poll_begin },
    { "/t/", "/files", true, IPC_WEB, COST_REQUEST, files_take },
    { "/f/", "", true, IPC_WEB, COST_REQUEST, files_give },
    { "/p/", "", true, IPC_WEB, COST_REQUEST, avatars_give },
    { "/s/", "", true, IPC_WEB, COST_CONNECT, survey_begin },
    { "/console/join", NULL, false, IPC_WEB, COST_REQUEST, serve_join },
    { "/api/v1/", "", true, IPC_ANY_WEB, COST_CONNECT, serve_api },
};

/* The reason of each status we answer, and the code of problem details where it is one of ours:
 * what the core refuses has its own. */
static const struct {
    unsigned status;
    const char *reason, *code;
} statuses[] = {
    { 101, "Switching Protocols", NULL },
    { 200, "OK", NULL },
    { 201, "Created", NULL },
    { 202, "Accepted", NULL },
    { 204, "No Content", NULL },
    { 206, "Partial Content", NULL },
    { 304, "Not Modified", NULL },
    { 400, "Bad Request", "bad_request" },
    { 401, "Unauthorized", "not_authenticated" },
    { 403, "Forbidden", "forbidden" },
    { 404, "Not Found", "not_found" },
    { 405, "Method Not Allowed", "method_not_allowed" },
    { 408, "Request Timeout", "too_slow" },
    { 409, "Conflict", "conflict" },
    { 410, "Gone", NULL },
    { 411, "Length Required", "length_wanted" },
    { 412, "Precondition Failed", NULL },
    { 413, "Content Too Large", "too_large" },
    { 414, "URI Too Long", "too_large" },
    { 415, "Unsupported Media Type", "bad_type" },
    { 416, "Range Not Satisfiable", NULL },
    { 422, "Unprocessable Content", NULL },
    { 426, "Upgrade Required", "upgrade_wanted" },
    { 429, "Too Many Requests", "too_fast" },
    { 431, "Request Header Fields Too Large", "too_large" },
    { 500, "Internal Server Error", "internal" },
    { 501, "Not Implemented", "not_implemented" },
    { 502, "Bad Gateway", NULL },
    { 503, "Service Unavailable", "unavailable" },
    { 504, "Gateway Timeout", "too_slow" },
    { 505, "HTTP Version Not Supported", "bad_request" },
};

static size_t place_of(unsigned status)
{
    size_t i = 0;

    while (i < sizeof(statuses) / sizeof(statuses[0]) && statuses[i].status != status)
        i++;
    return i;
}

const char *http_reason(unsigned status)
{
    size_t i = place_of(status);

    return i < sizeof(statuses) / sizeof(statuses[0]) ? statuses[i].reason : "Status";
}

static const char *refusal_code(unsigned status)
{
    size_t i = place_of(status);
    bool is_known = i < sizeof(statuses) / sizeof(statuses[0]) && statuses[i].code != NULL;

    return is_known ? statuses[i].code : "refused";
}

static void write_head(struct conn *conn, unsigned status, const char *type, const char *headers,
                       size_t body_bytes)
{
    (void)evbuffer_add_printf(conn_out(conn), "HTTP/1.1 %u %s\r\n", status, http_reason(status));
    if (type != NULL)
        (void)evbuffer_add_printf(conn_out(conn), "Content-Type: %s\r\n", type);
    (void)evbuffer_add_printf(conn_out(conn),
                              "Content-Length: %zu\r\nX-Content-Type-Options: nosniff\r\n"
                              "Referrer-Policy: no-referrer\r\n%s%s%s\r\n",
                              body_bytes,
                              conn->tls ? "Strict-Transport-Security: max-age=31536000\r\n" : "",
                              conn->keep_alive ? "" : "Connection: close\r\n", headers);
}

void http_answer(struct conn *conn, unsigned status, const char *type, const char *headers,
                 struct slice body)
{
    write_head(conn, status, type, headers, body.len);
    if (!conn->head_only)
        (void)evbuffer_add(conn_out(conn), body.data, body.len);
    conn_answered(conn);
}

void http_refuse(struct conn *conn, unsigned status, const char *text)
{
    AUTO_BUF body;

    buf_init(&body, 4096);
    if (conn->state == CONN_CLOSING || conn->state == CONN_DRAINING)
        return;
    buf_addf(&body,
             "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"code\":\"%s\",\"detail\":",
             http_reason(status), status, refusal_code(status));
    buf_add_json(&body, slice_of(text));
    buf_add_text(&body, "}");
    conn->keep_alive = false;
    write_head(conn, status, "application/problem+json",
               "Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\n",
               body.len);
    if (!conn->head_only)
        (void)evbuffer_add(conn_out(conn), body.data, body.len);
    conn_finish(conn);
}

/* --- finding the route --- */

static bool matches(const struct route *route, struct slice path, struct slice *ret_name)
{
    size_t before = strlen(route->before), after;

    if (route->after == NULL) {
        *ret_name = SLICE_NONE;
        return slice_is(path, route->before);
    }
    after = strlen(route->after);
    if (!slice_starts_with(path, route->before) || path.len <= before + after ||
        memcmp(path.data + path.len - after, route->after, after) != 0)
        return false;
    *ret_name = (struct slice){ path.data + before, path.len - before - after };
    return route->any_method || memchr(ret_name->data, '/', ret_name->len) == NULL;
}

static const struct route *find_route(const struct conn *conn, struct slice path,
                                      struct slice *ret_name)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if ((routes[i].roles & conn->web->role->self) != 0 && matches(&routes[i], path, ret_name))
            return &routes[i];
    }
    return NULL;
}

void http_handle(struct conn *conn, const struct http_head *head)
{
    bool reads = slice_is(head->method, "GET") || conn->head_only;
    struct slice name = SLICE_NONE;
    const struct route *route = find_route(conn, head->path, &name);

    if (conn->proxied && peers_is_too_fast(conn, route != NULL ? route->cost : COST_REQUEST))
        http_refuse(conn, 429, "Too fast. Wait a moment.");
    else if (route == NULL)
        http_refuse(conn, 404, "There is nothing here.");
    else if (!route->any_method && !reads)
        http_refuse(conn, 405, "Only GET and HEAD are answered here.");
    else
        route->serve(conn, head, name);
}

/* --- what is served --- */

static void serve_health(struct conn *conn, const struct http_head *head, struct slice name)
{
    (void)head;
    (void)name;
    http_answer(conn, 200, "text/plain; charset=utf-8", "Cache-Control: no-store\r\n",
                SLICE_LITERAL("alive\n"));
}

static void serve_ready(struct conn *conn, const struct http_head *head, struct slice name)
{
    (void)head;
    (void)name;
    if (conn->web->core_ready && !conn->web->draining)
        http_answer(conn, 200, "text/plain; charset=utf-8", "Cache-Control: no-store\r\n",
                    SLICE_LITERAL("ready\n"));
    else
        http_answer(conn, 503, "text/plain; charset=utf-8",
                    "Cache-Control: no-store\r\nRetry-After: 1\r\n", SLICE_LITERAL("not ready\n"));
}

static struct slice header_value(const struct http_head *head, const char *name)
{
    const struct http_header *header = http_head_find(head, name, NULL);

    return header == NULL ? SLICE_NONE : header->value;
}

static void serve_asset(struct conn *conn, const struct http_head *head, const struct asset *asset,
                        const char *headers)
{
    static const char *const codings[ENCODING_COUNT] = { "", "Content-Encoding: gzip\r\n",
                                                         "Content-Encoding: br\r\n" };
    enum encoding encoding = asset_choose(asset, header_value(head, "accept-encoding"));
    AUTO_BUF all;

    buf_init(&all, 16384);
    buf_addf(&all, "ETag: %s\r\nVary: Accept-Encoding\r\n%s", asset->etag, headers);
    if (http_token_in(header_value(head, "if-none-match"), asset->etag)) {
        http_answer(conn, 304, NULL, all.data, SLICE_NONE);
        return;
    }
    buf_add_text(&all, codings[encoding]);
    http_answer(conn, 200, asset->type, all.data, asset->body[encoding]);
}

/* The value of a key in the query; keys and values of ours need no decoding. */
static struct slice query_value(struct slice query, const char *key)
{
    size_t len = strlen(key), at = 0;

    while (at < query.len) {
        const char *end = memchr(query.data + at, '&', query.len - at);
        struct slice part = { query.data + at,
                              end == NULL ? query.len - at : (size_t)(end - query.data) - at };

        if (part.len > len && slice_starts_with(part, key) && part.data[len] == '=')
            return (struct slice){ part.data + len + 1, part.len - len - 1 };
        at += part.len + 1;
    }
    return SLICE_NONE;
}

static struct web_site *site_of(struct conn *conn, const struct http_head *head,
                                struct slice tenant_name, const char *key)
{
    struct web_tenant *tenant = sites_find(conn->web, tenant_name);
    struct slice wanted = query_value(head->query, key);

    if (tenant == NULL)
        return NULL;
    return wanted.len == 0 ? tenant->sites : sites_by_key(tenant, wanted);
}

static void serve_loader(struct conn *conn, const struct http_head *head, struct slice name)
{
    const struct web_site *site = site_of(conn, head, name, "site");

    if (site == NULL || site->loader == NULL) {
        http_refuse(conn, 404, "There is no such widget.");
        return;
    }
    serve_asset(conn, head, site->loader,
                "Cache-Control: public, max-age=300\r\nAccess-Control-Allow-Origin: *\r\n"
                "Cross-Origin-Resource-Policy: cross-origin\r\n");
}

/* The tenant's own words, for its frame alone. */
static void serve_texts(struct conn *conn, const struct http_head *head, struct slice name)
{
    const struct web_site *site = site_of(conn, head, name, "site");

    if (site == NULL || site->texts == NULL)
        http_refuse(conn, 404, "There are no texts of its own here.");
    else
        serve_asset(conn, head, site->texts, "Cache-Control: no-cache\r\n");
}

/* Whether somebody is there, for a page that is about to greet: a module, so that a site's policy
 * needs no more than it allows us already. It knows no visitor. */
static void serve_now(struct conn *conn, const struct http_head *head, struct slice name)
{
    static const char *const modules[] = { "export default 'offline';", "export default 'busy';",
                                           "export default 'online';" };
    const struct web_tenant *tenant = sites_find(conn->web, name);

    (void)head;
    if (tenant == NULL || tenant->availability >= sizeof(modules) / sizeof(modules[0])) {
        http_refuse(conn, 404, "There is no such widget.");
        return;
    }
    http_answer(conn, 200, "text/javascript; charset=utf-8",
                "Cache-Control: no-store\r\nAccess-Control-Allow-Origin: *\r\n"
                "Cross-Origin-Resource-Policy: cross-origin\r\n",
                slice_of(modules[tenant->availability]));
}

/* "https://a https://b" → the same origins with ws: and wss: */
static void add_socket_origins(struct buf *to, const char *origins)
{
    for (const char *at = origins; *at != '\0';) {
        size_t len = strcspn(at, " ");

        if (len > 4)
            buf_addf(to, " ws%.*s", (int)(len - 4), at + 4);
        at += len + (at[len] == ' ' ? 1 : 0);
    }
}

static void serve_frame(struct conn *conn, const struct http_head *head, struct slice name)
{
    const struct web_site *site = site_of(conn, head, name, "site");
    AUTO_BUF headers;

    buf_init(&headers, 12288);
    if (site == NULL || conn->web->assets.frame == NULL) {
        http_refuse(conn, 404, "There is no such widget.");
        return;
    }
    buf_add_text(&headers, "Cache-Control: no-cache\r\n"
                           "Content-Security-Policy: default-src 'none'; script-src 'self'; "
                           "style-src 'self'; img-src 'self' data:; connect-src 'self'");
    add_socket_origins(&headers, conn->web->own_origins);
    buf_addf(&headers,
             "; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
             "frame-ancestors 'self' %s\r\nCross-Origin-Resource-Policy: cross-origin\r\n",
             site->origins);
    if (buf_failed(&headers))
        http_refuse(conn, 500, "This site has too many origins.");
    else
        serve_asset(conn, head, conn->web->assets.frame, headers.data);
}

static void serve_hashed(struct conn *conn, const struct http_head *head, struct slice name)
{
    const struct asset *asset = assets_find(&conn->web->assets, name);

    if (asset == NULL)
        http_refuse(conn, 404, "There is no such file.");
    else
        serve_asset(conn, head, asset,
                    "Cache-Control: public, max-age=31536000, immutable\r\n"
                    "Access-Control-Allow-Origin: *\r\n");
}

static void serve_socket(struct conn *conn, const struct http_head *head, struct slice name)
{
    if (conn->head_only)
        http_refuse(conn, 405, "Only GET is answered here.");
    else
        websocket_upgrade(conn, head, name);
}

/* The page that takes an invitation (console/). What opens it stands behind the # of its address,
 * which never comes here. */
static void serve_join(struct conn *conn, const struct http_head *head, struct slice name)
{
    (void)name;
    if (conn->web->assets.join == NULL)
        http_refuse(conn, 404, "There is nothing here.");
    else
        serve_asset(conn, head, conn->web->assets.join,
                    "Cache-Control: no-cache\r\nX-Robots-Tag: noindex\r\n"
                    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src "
                    "'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
                    "frame-ancestors 'none'; require-trusted-types-for 'script'\r\n"
                    "Cross-Origin-Opener-Policy: same-origin\r\n");
}

static void serve_api(struct conn *conn, const struct http_head *head, struct slice name)
{
    (void)name;
    if (!api_begin(conn, head))
        return;
    if (head->has_body)
        conn_await_body(conn, head->body_bytes, api_send);
    else
        api_send(conn, SLICE_NONE);
}

void http_handle_body(struct conn *conn)
{
    struct evbuffer *in = bufferevent_get_input(conn->bev);
    size_t wanted = (size_t)conn->body_bytes;
    const char *bytes;

    if (evbuffer_get_length(in) < wanted)
        return;
    bytes = (const char *)evbuffer_pullup(in, (ev_ssize_t)wanted);
    conn->on_body(conn, (struct slice){ bytes, wanted });
    (void)evbuffer_drain(in, wanted);
}
