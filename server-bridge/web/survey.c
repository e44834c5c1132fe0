/* SPDX-License-Identifier: Apache-2.0
 *
 * The survey of buyers, passed on: GET and POST /s/acme/<link>. The core makes the page and takes
 * the answers; here is only seen to it that nobody asks too fast, and that a link is made for pages
 * of the tenant's sites alone: /s/acme/ask.js?id=<order>.
 */
#include "server-bridge/web/web.h"

enum { FORM_MAX_BYTES = 4000, ASK_COST = 1, POST_COST = 5 };

static bool is_form(const struct http_head *head)
{
    static const char wanted[] = "application/x-www-form-urlencoded";
    const struct http_header *type = http_head_find(head, "content-type", NULL);
    size_t len = sizeof(wanted) - 1;

    return type != NULL && type->value.len >= len &&
           http_equal_nocase((struct slice){ type->value.data, len }, wanted);
}

/* The widget's part on a site's page asks; a module's request says whence it comes. */
static bool may_have_link(const struct web *web, const struct http_head *head, struct slice name)
{
    const struct web_tenant *tenant = sites_find(web, name);
    size_t count = 0;
    const struct http_header *origin = http_head_find(head, "origin", &count);

    return tenant != NULL && count == 1 && sites_allows(web, tenant, origin->value);
}

static struct http_refusal check(struct conn *conn, const struct http_head *head,
                                 struct slice tenant, struct slice link, bool posted)
{
    struct web *web = conn->web;

    if (!posted && !slice_is(head->method, "GET") && !conn->head_only)
        return (struct http_refusal){ 405, "The page is got, and its form is posted." };
    if (slice_is(link, "ask.js") && (posted || !may_have_link(web, head, tenant)))
        return (struct http_refusal){ 403, "Only the tenant's own pages ask that." };
    if (head->body_bytes > 0 && !is_form(head))
        return (struct http_refusal){ 415, "Send the form of the page." };
    if (head->body_bytes > FORM_MAX_BYTES)
        return (struct http_refusal){ 413, "That is more than the form holds." };
    if (web->core == NULL || !web->core_ready || web->draining)
        return (struct http_refusal){ 503, "Try again in a moment." };
    /* Behind a proxy the route has its price already. */
    if ((!conn->proxied && peers_is_too_fast(conn, COST_CONNECT)) ||
        sites_spend(web, tenant, PURSE_SURVEY, posted ? POST_COST : ASK_COST) > 0)
        return (struct http_refusal){ 429, "Too fast. Wait a moment." };
    return (struct http_refusal){ 0, "" };
}

static void send(struct conn *conn, struct slice body)
{
    const struct request *request = conn->request;
    struct slice path = slice_of(request->path);
    const char *slash = memchr(path.data, '/', path.len);
    size_t tenant = slash == NULL ? path.len : (size_t)(slash - path.data);

    conn->state = CONN_ANSWER;
    conn_deadline(conn, DEADLINE_ANSWER);
    IPC_SEND(conn->web->core, survey_ask, .request = request->number,
             .tenant = { path.data, tenant },
             .link = { path.data + tenant + 1, path.len - tenant - 1 },
             .query = slice_of(request->query), .languages = slice_of(request->languages),
             .posted = slice_is(slice_of(request->method), "POST"), .body = body);
}

/* `path` is "acme/<link>". */
void survey_begin(struct conn *conn, const struct http_head *head, struct slice path)
{
    const char *slash = memchr(path.data, '/', path.len);
    struct slice tenant = { path.data, slash == NULL ? 0 : (size_t)(slash - path.data) };
    struct slice link = { path.data + tenant.len + 1, path.len - tenant.len - (slash != NULL) };
    bool posted = slice_is(head->method, "POST");
    const struct http_header *languages = http_head_find(head, "accept-language", NULL);
    struct http_refusal refusal = { 404, "There is nothing here." };
    struct request *request = NULL;

    if (tenant.len > 0 && tenant.len <= 32 && path.len - tenant.len <= 256)
        refusal = check(conn, head, tenant, link, posted);
    if (refusal.status == 0)
        request = request_new(conn);
    if (request == NULL) {
        http_refuse(conn, refusal.status != 0 ? refusal.status : 503,
                    refusal.status != 0 ? refusal.text : "Try again in a moment.");
        return;
    }
    (void)slice_copy(head->method, request->method, sizeof(request->method));
    (void)slice_copy(path, request->path, sizeof(request->path));
    (void)slice_copy(head->query, request->query, sizeof(request->query));
    if (languages != NULL)
        (void)slice_copy(languages->value, request->languages, sizeof(request->languages));
    if (head->has_body)
        conn_await_body(conn, head->body_bytes, send);
    else
        send(conn, SLICE_NONE);
}
