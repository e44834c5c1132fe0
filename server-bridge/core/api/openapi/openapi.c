/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/openapi/openapi.h"

#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/api/answers/answers.h"
#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/openapi/parameters.h"
#include "server-bridge/core/api/openapi/responses.h"
#include "server-bridge/core/api/openapi/schema.h"

#define TENANTS "/tenants/{tenant}/"

/* The room it stands in: "/tenants/{tenant}/sites/{id}" in sites, "/users/{user}" in users. */
static json_t *tag(const struct route *route)
{
    const char *at = route->path + 1;

    if (strncmp(route->path, TENANTS, strlen(TENANTS)) == 0)
        at = route->path + strlen(TENANTS);
    return json_stringn(at, strcspn(at, "/."));
}

static json_t *request_body(const struct route *route)
{
    json_t *schema = schema_of_body(route->fields);
    bool required = json_array_size(json_object_get(schema, "required")) > 0;

    return json_pack("{s:b, s:{s:{s:o}}}", "required", required, "content", "application/json",
                     "schema", schema);
}

static json_t *operation(const struct route *route)
{
    json_t *operation =
        json_pack("{s:s, s:[o], s:s, s:o, s:o, s:s, s:i}", "operationId", route->name, "tags",
                  tag(route), "summary", route->summary, "parameters", parameters_of(route),
                  "responses", responses_of(route), "x-least-authority",
                  authority_name(route->least), "x-rate-cost", (int)route->cost);

    if (route->fields != NULL)
        (void)json_object_set_new(operation, "requestBody", request_body(route));
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

static json_t *schemas(void)
{
    json_t *schemas = json_pack("{s:o}", "Problem", responses_problem());

    for (size_t i = 0; i < route_count(); i++) {
        const struct answer *answer = route_at(i)->answer;

        if (answer->shape != NULL)
            schema_define(schemas, answer->shape);
        if (answer->items != NULL)
            schema_define(schemas, answer->items);
    }
    return schemas;
}

static json_t *components(void)
{
    return json_pack("{s:{s:{s:s, s:s}, s:{s:s, s:s, s:s}}, s:o, s:o}", "securitySchemes", "token",
                     "type", "http", "scheme", "bearer", "session", "type", "apiKey", "in",
                     "cookie", "name", "__Host-lasna", "schemas", schemas(), "responses",
                     responses_all());
}

json_t *openapi_document(void)
{
    return json_pack("{s:s, s:{s:s, s:s, s:{s:s, s:s}}, s:[{s:s}], s:[{s:[]}, {s:[]}], s:o, s:o}",
                     "openapi", "3.1.0", "info", "title", "Läsnä", "version", LASNA_VERSION,
                     "license", "name", "Apache License 2.0", "identifier", "Apache-2.0", "servers",
                     "url", API_PREFIX, "security", "token", "session", "paths", paths(),
                     "components", components());
}

/* --- made once --- */

struct described {
    char *text; /* owned */
    char etag[ETAG_BYTES];
};

void openapi_free(struct core *core)
{
    if (core->described != NULL)
        free(core->described->text);
    free(core->described);
    core->described = NULL;
}

/* False: out of memory. */
static bool describe(struct core *core)
{
    AUTO_JSON document = openapi_document();
    struct described *described = calloc(1, sizeof(*described));

    if (described != NULL)
        described->text = json_dumps(document, JSON_COMPACT);
    if (described == NULL || described->text == NULL) {
        free(described);
        return false;
    }
    etag_of(document, slice_of(described->text), described->etag);
    core->described = described;
    return true;
}

void handle_openapi_show(struct call *call)
{
    struct core *core = call->core;

    if (core->described != NULL || describe(core))
        answer_made(call, slice_of(core->described->text), core->described->etag);
    else
        answer_failed(call, RAISE(ERR_NO_MEMORY));
}
