/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/openapi/responses.h"

#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/api/answers/answers.h"
#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/openapi/schema.h"
#include "server-bridge/core/api/repeat.h"

#include <stdio.h>

bool responses_have_etag(const struct route *route)
{
    const struct answer *answer = route->answer;

    return strcmp(route->method, "GET") == 0 && !answer->streamed &&
           (answer->shape != NULL || answer->items != NULL);
}

/* --- refusals --- */

static bool always(const struct route *route)
{
    return route != NULL;
}

static bool wants_authority(const struct route *route)
{
    return route->least > AUTHORITY_ANYONE;
}

static bool has_place(const struct route *route)
{
    return strchr(route->path, '{') != NULL;
}

/* Who may come with a cookie, or by a page. */
static bool may_be_foreign(const struct route *route)
{
    return wants_authority(route) || strcmp(route->method, "POST") == 0;
}

/* What the dispatcher and the web processes refuse, whatever the route; in order of status. */
static const struct standing {
    unsigned status;
    const char *component, *codes, *meaning;
    bool (*comes)(const struct route *route);
} standing[] = {
    { 400, "BadRequest",
      "bad_json bad_field body_not_wanted unknown_parameter doubled_parameter bad_parameter "
      "if_match_not_taken key_not_taken bad_request",
      "What was asked makes no sense; the text says what of it.", always },
    { 401, "NotAuthenticated", "not_authenticated", "No valid token or session.", wants_authority },
    { 403, "Forbidden", "forbidden second_factor_wanted foreign_page",
      "That takes more authority, a second factor, or a page of our own.", may_be_foreign },
    { 404, "NotFound", "not_found", "There is no such thing, or it is not yours to see.",
      has_place },
    { 409, "InProgress", "in_progress", "The same is being done right now.", repeat_is_taken },
    { 412, "ChangedMeanwhile", "changed_meanwhile",
      "It is not as it was when it had the tag of If-Match.", etag_guards },
    { 413, "TooLarge", "too_large", "A body may have 256 KiB.", always },
    { 415, "BadType", "bad_type", "A body is application/json.", always },
    { 422, "KeyReused", "key_reused", "That Idempotency-Key came with another request.",
      repeat_is_taken },
    { 429, "TooFast", "too_fast too_many_failures",
      "More than may be asked in a while; nothing of it was done.", always },
    { 500, "Failed", "internal", "That failed inside the service; its log says more.", always },
    { 502, NULL, "", "Somebody else whom we asked did not do it.", NULL },
    { 503, "Unavailable", "unavailable tenant_unavailable in_progress",
      "Not now; ask again in a while.", always },
};

enum { STANDING_COUNT = sizeof(standing) / sizeof(standing[0]) };

static bool has_code(const json_t *codes, struct slice code)
{
    const json_t *known;
    size_t i;

    json_array_foreach(codes, i, known)
    {
        if (slice_is(code, json_string_value(known)))
            return true;
    }
    return false;
}

/* Those of "409 last_site, 502 xmpp_refused" with that status, which are not among them yet. */
static void add_own(json_t *codes, const char *refusals, unsigned status)
{
    char wanted[8];

    (void)snprintf(wanted, sizeof(wanted), "%u ", status);
    for (const char *at = refusals; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, ",");

        if (strncmp(at, wanted, 4) == 0 && !has_code(codes, (struct slice){ at + 4, len - 4 }))
            (void)json_array_append_new(codes, json_stringn(at + 4, len - 4));
        at += len + strspn(at + len, ", ");
    }
}

static json_t *header(const char *meaning, const char *type)
{
    return json_pack("{s:s, s:{s:s}}", "description", meaning, "schema", "type", type);
}

/* Takes the codes over. */
static json_t *refusal(const struct standing *row, json_t *codes)
{
    json_t *schema = schema_ref("Problem"), *headers = json_object(), *response;

    (void)json_object_set_new(schema, "type", json_string("object"));
    (void)json_object_set_new(schema, "properties",
                              json_pack("{s:{s:s, s:o}}", "code", "type", "string", "enum", codes));
    response = json_pack("{s:s, s:{s:{s:o}}}", "description", row->meaning, "content",
                         "application/problem+json", "schema", schema);
    if (row->status == 401)
        (void)json_object_set_new(headers, "WWW-Authenticate", header("Bearer.", "string"));
    if (row->status == 429 || row->status == 503)
        (void)json_object_set_new(headers, "Retry-After",
                                  header("Seconds to wait, where they are known.", "integer"));
    if (json_object_size(headers) > 0)
        (void)json_object_set(response, "headers", headers);
    json_decref(headers);
    return response;
}

static json_t *standing_ref(const struct standing *row)
{
    char ref[96];

    (void)snprintf(ref, sizeof(ref), "#/components/responses/%s", row->component);
    return json_pack("{s:s}", "$ref", ref);
}

static void add_refusals(const struct route *route, json_t *responses)
{
    for (size_t i = 0; i < STANDING_COUNT; i++) {
        const struct standing *row = &standing[i];
        bool comes = row->comes != NULL && row->comes(route);
        json_t *codes = comes ? json_words(row->codes) : json_array();
        size_t common = json_array_size(codes);
        char status[8];

        (void)snprintf(status, sizeof(status), "%u", row->status);
        add_own(codes, route->answer->refusals, row->status);
        if (json_array_size(codes) > common)
            (void)json_object_set_new(responses, status, refusal(row, json_incref(codes)));
        else if (comes)
            (void)json_object_set_new(responses, status, standing_ref(row));
        json_decref(codes);
    }
    (void)json_object_set_new(responses, "default",
                              json_pack("{s:s, s:{s:{s:o}}}", "description",
                                        "Refused: problem details with a stable code.", "content",
                                        "application/problem+json", "schema",
                                        schema_ref("Problem")));
}

json_t *responses_all(void)
{
    json_t *responses = json_object();

    for (size_t i = 0; i < STANDING_COUNT; i++)
        if (standing[i].component != NULL)
            (void)json_object_set_new(responses, standing[i].component,
                                      refusal(&standing[i], json_words(standing[i].codes)));
    return responses;
}

json_t *responses_problem(void)
{
    static const struct member members[] = {
        TEXT("type", ALWAYS, "about:blank."),
        TEXT("title", ALWAYS, "The status in words."),
        COUNT("status", ALWAYS, "The status."),
        TEXT("code", ALWAYS, "Stable; switch on this one."),
        TEXT("detail", ALWAYS, "For people; may change."),
        NO_MORE,
    };
    static const struct shape problem = { "Problem", NULL, members, false };
    json_t *schemas = json_object(), *schema;

    schema_define(schemas, &problem);
    schema = json_incref(json_object_get(schemas, problem.name));
    json_decref(schemas);
    return schema;
}

/* --- what was done --- */

static const char *meaning_of(unsigned status)
{
    switch (status) {
    case 201:
        return "Added.";
    case 202:
        return "Begun; it goes on by itself.";
    case 204:
        return "Done; there is nothing to say.";
    default:
        return "Done.";
    }
}

/* A text's schema says so; bytes have none. */
static void add_types(json_t *content, const struct answer *answer)
{
    for (const char *at = answer->types; at != NULL && *at != '\0';) {
        struct slice type = { at, strcspn(at, ",") };
        bool is_text = slice_starts_with(type, "text/") || slice_is(type, "application/jsonl") ||
                       slice_is(type, "application/x-ndjson") ||
                       slice_is(type, "application/openmetrics-text");
        json_t *media =
            is_text ? json_pack("{s:{s:s}}", "schema", "type", "string") : json_object();

        (void)json_object_setn_new(content, type.data, type.len, media);
        at += type.len + strspn(at + type.len, ", ");
    }
}

static json_t *content_of(const struct answer *answer)
{
    json_t *content = json_object(), *schema = NULL;

    if (answer->items != NULL)
        schema = schema_of_page(answer->items);
    else if (answer->shape != NULL)
        schema = schema_ref(answer->shape->name);
    if (schema != NULL)
        (void)json_object_set_new(content, "application/json",
                                  json_pack("{s:o}", "schema", schema));
    add_types(content, answer);
    return content;
}

static json_t *done(const struct route *route)
{
    const struct answer *answer = route->answer;
    json_t *done = json_pack("{s:s}", "description", meaning_of(answer->status));
    json_t *headers = json_object();

    if (answer->status != 204)
        (void)json_object_set_new(done, "content", content_of(answer));
    if (responses_have_etag(route))
        (void)json_object_set_new(headers, "ETag",
                                  header("For If-None-Match, and If-Match of a change.", "string"));
    if (repeat_is_taken(route))
        (void)json_object_set_new(headers, "Idempotency-Replayed",
                                  header("true: it was done before, by the same key.", "string"));
    if (json_object_size(headers) > 0)
        (void)json_object_set(done, "headers", headers);
    json_decref(headers);
    return done;
}

json_t *responses_of(const struct route *route)
{
    json_t *responses = json_object();
    char status[8];

    (void)snprintf(status, sizeof(status), "%u", route->answer->status);
    (void)json_object_set_new(responses, status, done(route));
    if (responses_have_etag(route))
        (void)json_object_set_new(
            responses, "304",
            json_pack("{s:s}", "description", "It is what If-None-Match says was seen."));
    add_refusals(route, responses);
    return responses;
}
