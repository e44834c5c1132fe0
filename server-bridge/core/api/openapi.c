/* SPDX-License-Identifier: Apache-2.0
 *
 * openapi — the API as an OpenAPI 3.1 document, made from the route table: what is not in
 * the table is not in the document, and the other way round.
 */
#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/repeat.h"

#include <stdio.h>

static json_t *parameter(const char *name, size_t len, const char *in)
{
    return json_pack("{s:s%, s:s, s:b, s:{s:s}}", "name", name, len, "in", in, "required",
                     strcmp(in, "path") == 0, "schema", "type", "string");
}

static json_t *parameters(const struct route *route)
{
    json_t *list = json_array();

    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{'))
        (void)json_array_append_new(list, parameter(at + 1, strcspn(at + 1, "}"), "path"));
    if (repeat_is_taken(route))
        (void)json_array_append_new(list, parameter("Idempotency-Key", 15, "header"));
    if (etag_guards(route))
        (void)json_array_append_new(list, parameter("If-Match", 8, "header"));
    if (strcmp(route->method, "GET") == 0)
        (void)json_array_append_new(list, parameter("If-None-Match", 13, "header"));
    for (const char *at = route->query; *at != '\0';) {
        size_t len = strcspn(at, " ");

        (void)json_array_append_new(list, parameter(at, len, "query"));
        at += len + (at[len] != '\0');
    }
    return list;
}

static json_t *field_schema(const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
        return json_pack("{s:s, s:i, s:s}", "type", "string", "maxLength", (int)field->max,
                         "description", field->meaning);
    case FIELD_TEXTS:
        return json_pack("{s:s, s:{s:s, s:i}, s:s}", "type", "array", "items", "type", "string",
                         "maxLength", (int)field->max, "description", field->meaning);
    case FIELD_NUMBER:
        return json_pack("{s:s, s:i, s:i, s:s}", "type", "integer", "minimum", 0, "maximum",
                         (int)field->max, "description", field->meaning);
    case FIELD_OBJECTS:
        return json_pack("{s:s, s:{s:s}, s:i, s:s}", "type", "array", "items", "type", "object",
                         "maxItems", (int)field->max, "description", field->meaning);
    case FIELD_FLAG:
        return json_pack("{s:s, s:s}", "type", "boolean", "description", field->meaning);
    case FIELD_MAP:
        return json_pack("{s:s, s:{s:[s, s], s:i}, s:s}", "type", "object", "additionalProperties",
                         "type", "string", "null", "maxLength", (int)field->max, "description",
                         field->meaning);
    }
    return NULL;
}

static json_t *body_schema(const struct field *fields)
{
    json_t *properties = json_object(), *required = json_array();

    for (const struct field *field = fields; field->name != NULL; field++) {
        (void)json_object_set_new(properties, field->name, field_schema(field));
        if (field->required)
            (void)json_array_append_new(required, json_string(field->name));
    }
    return json_pack("{s:b, s:{s:{s:{s:s, s:b, s:o, s:o}}}}", "required",
                     json_array_size(required) > 0, "content", "application/json", "schema", "type",
                     "object", "additionalProperties", 0, "properties", properties, "required",
                     required);
}

static json_t *refusal(const char *description)
{
    return json_pack("{s:s, s:{s:{s:{s:s}}}}", "description", description, "content",
                     "application/problem+json", "schema", "$ref", "#/components/schemas/problem");
}

/* A list that pages is known by the cursor it takes. */
static json_t *done(const struct route *route)
{
    json_t *done = json_pack("{s:s}", "description", "Done.");

    if (words_have(route->query, SLICE_LITERAL("cursor")))
        (void)json_object_set_new(done, "content",
                                  json_pack("{s:{s:{s:s}}}", "application/json", "schema", "$ref",
                                            "#/components/schemas/page"));
    return done;
}

static json_t *responses(const struct route *route)
{
    json_t *responses = json_pack("{s:o, s:o}", "2XX", done(route), "default",
                                  refusal("Refused: problem details with a stable code."));
    json_t *too_fast = refusal("More than may be asked in a while; nothing of it was done.");

    (void)json_object_set_new(too_fast, "headers",
                              json_pack("{s:{s:s, s:{s:s}}}", "Retry-After", "description",
                                        "Seconds to wait.", "schema", "type", "integer"));
    (void)json_object_set_new(responses, "429", too_fast);
    if (etag_guards(route))
        (void)json_object_set_new(responses, "412",
                                  refusal("It is not as it was when it had the tag of If-Match."));
    return responses;
}

static json_t *operation(const struct route *route)
{
    json_t *operation = json_pack("{s:s, s:s, s:o, s:o, s:s, s:i}", "operationId", route->name,
                                  "summary", route->summary, "parameters", parameters(route),
                                  "responses", responses(route), "x-least-authority",
                                  authority_name(route->least), "x-rate-cost", (int)route->cost);

    if (route->fields != NULL)
        (void)json_object_set_new(operation, "requestBody", body_schema(route->fields));
    if (route->least == AUTHORITY_ANYONE)
        (void)json_object_set_new(operation, "security", json_array());
    return operation;
}

static json_t *paths(void)
{
    static const char *const verbs[][2] = { { "GET", "get" },
                                            { "POST", "post" },
                                            { "PUT", "put" },
                                            { "PATCH", "patch" },
                                            { "DELETE", "delete" } };
    json_t *paths = json_object();

    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        json_t *path = json_object_get(paths, route->path);

        if (path == NULL) {
            path = json_object();
            (void)json_object_set_new(paths, route->path, path);
        }
        for (size_t v = 0; v < sizeof(verbs) / sizeof(verbs[0]); v++)
            if (strcmp(route->method, verbs[v][0]) == 0)
                (void)json_object_set_new(path, verbs[v][1], operation(route));
    }
    return paths;
}

/* What lists answer: the items of one page, and where the next begins. */
static json_t *page_schema(void)
{
    return json_pack("{s:s, s:[s, s], s:{s:{s:s, s:{s:s}}, s:{s:[s, s], s:s}}}", "type", "object",
                     "required", "items", "next", "properties", "items", "type", "array", "items",
                     "type", "object", "next", "type", "string", "null", "description",
                     "The cursor of the next page; null: this was the last.");
}

static json_t *components(void)
{
    json_t *components =
        json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}, s:{s:{s:s, s:{s:{s:s}, s:{s:s}, "
                  "s:{s:s}, s:{s:s, s:s}, s:{s:s}}}}}",
                  "securitySchemes", "token", "type", "http", "scheme", "bearer", "session", "type",
                  "apiKey", "in", "cookie", "name", "__Host-lasna", "schemas", "problem", "type",
                  "object", "properties", "type", "type", "string", "title", "type", "string",
                  "status", "type", "integer", "code", "type", "string", "description",
                  "Stable; switch on this one.", "detail", "type", "string");

    (void)json_object_set_new(json_object_get(components, "schemas"), "page", page_schema());
    return components;
}

void handle_openapi_show(struct call *call)
{
    answer_json(call, 200,
                json_pack("{s:s, s:{s:s, s:s}, s:[{s:s}], s:[{s:[]}, {s:[]}], s:o, s:o}", "openapi",
                          "3.1.0", "info", "title", "Läsnä", "version", LASNA_VERSION, "servers",
                          "url", API_PREFIX, "security", "token", "session", "paths", paths(),
                          "components", components()));
}
