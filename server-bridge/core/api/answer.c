/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/answer.h"

#include "base/clock.h"
#include "server-bridge/core/api/access.h"
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/repeat.h"

#include <stdio.h>

#define TYPE_JSON    "application/json"
#define TYPE_PROBLEM "application/problem+json"

enum { RENAMING_MS = 1000 };

/* The call is answered: free it, unless somebody below us still holds it. */
static void finish(struct call *call)
{
    call->answered = true;
    if (!call->busy)
        (void)call_free(call);
}

/* Whoever asked may be gone, or sent away: call->web is NULL then. */
static void send_answer(struct call *call, unsigned status, const char *content_type,
                        const char *headers, struct slice body, bool more)
{
    answer_header(call, "%s", headers);
    if (call->web != NULL)
        IPC_SEND(call->web->ipc, api_answer, .request = call->request, .status = status,
                 .content_type = slice_of(content_type), .headers = slice_of(call->headers),
                 .body = body, .more = more);
    audit_call(call, status);
    if (!more)
        repeat_keep(call, status, body);
    if (call->route != NULL && strcmp(call->route->method, "GET") != 0)
        log_event(LOG_INFO, call->tenant != NULL ? &call->tenant->log : NULL, "api.changed",
                  "route=%s status=%u", call->route->name, status);
}

void answer_header(struct call *call, const char *format, ...)
{
    size_t len = strlen(call->headers);
    va_list list;

    va_start(list, format);
    (void)vsnprintf(call->headers + len, sizeof(call->headers) - len, format, list);
    va_end(list);
}

static int add_dump(const char *bytes, size_t len, void *context)
{
    buf_add(context, bytes, len);
    return buf_failed(context) ? -1 : 0;
}

static bool dump(const json_t *document, struct buf *to)
{
    return document != NULL && json_dump_callback(document, add_dump, to, JSON_COMPACT) == 0;
}

/* A document too long for one message goes out by itself, part by part. */
static int refill_nothing(void *context, struct buf *to, bool *last)
{
    (void)context;
    (void)to;
    *last = true;
    return OK;
}

static void begin_stream(struct call *call, const char *content_type, const char *headers)
{
    struct stream *stream = &call->stream;
    bool whole = stream->last && stream->out.len <= CALL_PART_BYTES;
    size_t len = stream->out.len < CALL_PART_BYTES ? stream->out.len : CALL_PART_BYTES;

    stream->sent = len;
    send_answer(call, 200, content_type, headers, (struct slice){ stream->out.data, len }, !whole);
    if (whole || call->web == NULL)
        finish(call);
    else
        call->answered = call->streaming = true;
}

/* True: the caller has what bears call->etag already, and is told so. */
static bool is_seen(struct call *call)
{
    answer_header(call, "ETag: %s\r\n", call->etag);
    if (call->if_none_match == NULL || !etag_is_in(slice_of(call->if_none_match), call->etag))
        return false;
    send_answer(call, 304, TYPE_JSON, "", SLICE_NONE, false);
    finish(call);
    return true;
}

static bool is_known(struct call *call, const json_t *document, struct slice text)
{
    if (call->route == NULL || strcmp(call->route->method, "GET") != 0)
        return false;
    etag_of(document, text, call->etag);
    return is_seen(call);
}

void answer_json(struct call *call, unsigned status, json_t *document)
{
    bool known;
    AUTO_BUF text;

    buf_init(&text, CALL_DOCUMENT_MAX_BYTES);
    if (!dump(document, &text)) {
        json_decref(document);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    known = status == 200 && is_known(call, document, buf_slice(&text));
    json_decref(document);
    if (known)
        return;
    if (text.len <= CALL_PART_BYTES) {
        send_answer(call, status, TYPE_JSON, "", buf_slice(&text), false);
        finish(call);
        return;
    }
    call->stream = (struct stream){ .refill = refill_nothing, .out = text, .last = true };
    buf_init(&text, 0);
    begin_stream(call, TYPE_JSON, "");
}

void answer_made(struct call *call, struct slice text, const char *etag)
{
    AUTO_BUF copy;

    buf_init(&copy, CALL_DOCUMENT_MAX_BYTES);
    memcpy(call->etag, etag, ETAG_BYTES);
    if (is_seen(call))
        return;
    buf_add_slice(&copy, text);
    if (buf_failed(&copy))
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    else
        answer_text(call, TYPE_JSON, "", &copy);
}

void answer_text(struct call *call, const char *content_type, const char *headers, struct buf *text)
{
    call->stream = (struct stream){ .refill = refill_nothing, .out = *text, .last = true };
    buf_init(text, 0);
    begin_stream(call, content_type, headers);
}

void answer_nothing(struct call *call)
{
    send_answer(call, 204, TYPE_JSON, "", SLICE_NONE, false);
    finish(call);
}

static const char *status_title(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } titles[] = {
        { 400, "Bad Request" },         { 401, "Unauthorized" },
        { 403, "Forbidden" },           { 404, "Not Found" },
        { 405, "Method Not Allowed" },  { 409, "Conflict" },
        { 412, "Precondition Failed" }, { 422, "Unprocessable Content" },
        { 429, "Too Many Requests" },   { 502, "Bad Gateway" },
        { 503, "Service Unavailable" },
    };

    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        if (titles[i].status == status)
            return titles[i].title;
    return "Internal Server Error";
}

static void send_problem(struct call *call, unsigned status, const char *code, const char *headers,
                         struct slice detail)
{
    AUTO_BUF text;

    buf_init(&text, 16 * 1024);
    buf_addf(&text, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,\"code\":\"%s\"",
             status_title(status), status, code);
    buf_add_text(&text, ",\"detail\":");
    buf_add_json(&text, detail);
    buf_add_text(&text, "}");
    send_answer(call, status, TYPE_PROBLEM, headers, buf_slice(&text), false);
    finish(call);
}

void answer_problem(struct call *call, unsigned status, const char *code, const char *format, ...)
{
    char detail[1024];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(detail, sizeof(detail), format, list);
    va_end(list);
    send_problem(call, status, code, "", slice_of(detail));
}

void answer_not_found(struct call *call, const char *what)
{
    answer_problem(call, 404, "not_found", "There is no such %s.", what);
}

void answer_not_allowed(struct call *call, const char *allowed)
{
    char header[ROUTE_METHODS_BYTES + 16];

    (void)snprintf(header, sizeof(header), "Allow: %s\r\n", allowed);
    send_problem(call, 405, "method_not_allowed", header,
                 SLICE_LITERAL("Nothing by that method here; see Allow."));
}

void answer_not_authenticated(struct call *call)
{
    send_problem(call, 401, "not_authenticated", "WWW-Authenticate: Bearer\r\n",
                 SLICE_LITERAL("A valid token is needed: Authorization: Bearer …"));
}

void answer_tenant_unavailable(struct call *call)
{
    answer_problem(call, 503, "tenant_unavailable",
                   "The tenant's database cannot be read now. `lasnactl check store` says more.");
}

void answer_later(struct call *call, unsigned status, const char *code, uint64_t wait_ms,
                  const char *why)
{
    unsigned long long wait_s = (wait_ms + 999) / 1000;

    answer_header(call, "Retry-After: %llu\r\n", wait_s);
    answer_problem(call, status, code, "%s Wait %llu s.", why, wait_s);
}

void answer_renaming(struct call *call)
{
    answer_later(call, 503, "in_progress", RENAMING_MS, "The tenant is being renamed.");
}

void answer_failed(struct call *call, int rc)
{
    if (rc == STORE_E_UNAVAILABLE) {
        answer_tenant_unavailable(call);
        return;
    }
    log_event(LOG_ERROR, call->tenant != NULL ? &call->tenant->log : NULL, "api.failed",
              "route=%s error=%s", call->route != NULL ? call->route->name : "none",
              rc < 0 ? result_name(rc) : "unexpected");
    answer_problem(call, 500, "internal", "That failed inside the service (%s); its log says more.",
                   rc < 0 ? result_name(rc) : "unexpected");
}

void answer_stream(struct call *call, const char *content_type, stream_fn *refill, void *context,
                   void (*release)(void *context))
{
    answer_stream_with(call, content_type, "", refill, context, release);
}

void answer_stream_with(struct call *call, const char *content_type, const char *headers,
                        stream_fn *refill, void *context, void (*release)(void *context))
{
    struct stream *stream = &call->stream;
    int rc;

    *stream = (struct stream){ .refill = refill, .context = context, .release = release };
    buf_init(&stream->out, CALL_DOCUMENT_MAX_BYTES);
    rc = refill(context, &stream->out, &stream->last);
    if (rc == OK && buf_failed(&stream->out))
        rc = RAISE(ERR_LIMIT);
    if (rc == STORE_E_NONE)
        answer_not_found(call, "conversation");
    else if (rc != OK)
        answer_failed(call, rc);
    else
        begin_stream(call, content_type, headers);
}

static int refill(struct stream *stream)
{
    if (stream->sent < stream->out.len || stream->last)
        return OK;
    buf_clear(&stream->out);
    stream->sent = 0;
    int rc = stream->refill(stream->context, &stream->out, &stream->last);

    return rc == OK && buf_failed(&stream->out) ? RAISE(ERR_LIMIT) : rc;
}

void answer_stream_next(struct call *call)
{
    struct stream *stream = &call->stream;
    int rc = access_still_holds(call) ? refill(stream) : ERR_CLOSED;
    size_t left = stream->out.len - stream->sent;
    size_t len = left < CALL_PART_BYTES ? left : CALL_PART_BYTES;
    bool done = rc != OK || (stream->last && len == left);

    if (rc != OK)
        log_event(LOG_ERROR, NULL, "api.stream_broken", "route=%s error=%s", call->route->name,
                  rc < 0 ? result_name(rc) : "unavailable");
    call->busy = true;
    IPC_SEND(call->web->ipc, api_part, .request = call->request,
             .body = { stream->out.data == NULL ? "" : stream->out.data + stream->sent,
                       rc == OK ? len : 0 },
             .more = !done, .broken = rc != OK);
    call->busy = false;
    stream->sent += len;
    if (done || call->web == NULL)
        (void)call_free(call);
}

json_t *json_text_or_null(struct slice text)
{
    return text.len == 0 ? json_null() : json_stringn(text.data, text.len);
}

json_t *json_time_or_null(uint64_t wall_ms)
{
    char text[CLOCK_TEXT_BYTES];

    if (wall_ms == 0)
        return json_null();
    clock_format(wall_ms, text);
    return json_string(text);
}

json_t *json_id(struct id id)
{
    char text[ID_TEXT_BYTES];

    if (id_is_none(id))
        return json_null();
    id_format(id, text);
    return json_string(text);
}

json_t *json_words(const char *words)
{
    json_t *list = json_array();

    while (words != NULL && *words != '\0') {
        size_t len = strcspn(words, " ");

        if (len > 0)
            (void)json_array_append_new(list, json_stringn(words, len));
        words += len + (words[len] != '\0');
    }
    return list;
}
