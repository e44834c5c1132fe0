/* SPDX-License-Identifier: Apache-2.0
 *
 * The OpenAPI document: it has every route, tools can read it, and what is answered is what it
 * tells. In whatever test asks, core_double.c sees to the last.
 */
#include "server-bridge/core/api/openapi/responses.h"
#include "server-bridge/core/api/route.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"
#include "tests/support/schema.h"

#include <stdio.h>

static void openapi__has_every_route_and_nothing_else(void **state)
{
    const struct heard *answer = ask("GET", "/api/v1/openapi.json", "", "");
    const json_t *paths = json_object_get(answer->json, "paths"), *path;
    const char *name;
    size_t operations = 0;

    (void)state;
    assert_string_equal(text_at(answer, "openapi"), "3.1.0");
    json_object_foreach((json_t *)(uintptr_t)paths, name, path) operations +=
        json_object_size(path);
    assert_int_equal(operations, route_count());
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool declares(const json_t *operation, const char *in, struct slice name)
{
    const json_t *parameter;
    size_t i;

    json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
    {
        if (strcmp(json_string_value(json_object_get(parameter, "in")), in) == 0 &&
            slice_is(name, json_string_value(json_object_get(parameter, "name"))))
            return true;
    }
    return false;
}

/* It is long, and anybody may ask for it. */
static void openapi__is_made_once__and_not_sent_to_who_has_it(void **state)
{
    AUTO_MEM char *first = NULL;
    char tag[64] = "";
    const struct heard *answer = ask("GET", "/api/v1/openapi.json", "", "");
    const struct described *made = the_core.described;

    (void)state;
    assert_non_null(made);
    assert_int_equal(sscanf(answer->headers, "ETag: %63s", tag), 1);
    first = strdup(answer->text);
    assert_string_equal(ask("GET", "/api/v1/openapi.json", "", "")->text, first);
    assert_ptr_equal(the_core.described, made);
    asked_with.if_none_match = tag;
    answer = ask("GET", "/api/v1/openapi.json", "", "");
    assert_int_equal(answer->status, 304);
    assert_int_equal(answer->len, 0);
}

/* What a reader of the document relies on: names that are one operation's, every place of a path
 * told of, a meaning for whatever may be asked, and a list's form where a cursor is taken. */
static void openapi__is_one_that_tools_can_read(void **state)
{
    AUTO_JSON document = json_incref(ask("GET", "/api/v1/openapi.json", "", "")->json);
    AUTO_JSON seen = json_object();
    const char *name, *verb;
    json_t *path, *operation, *parameter;
    size_t i;

    (void)state;
    json_object_foreach(json_object_get(document, "paths"), name, path)
    {
        json_object_foreach(path, verb, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));

            assert_null(json_object_get(seen, id));
            (void)json_object_set_new(seen, id, json_true());
            for (const char *at = strchr(name, '{'); at != NULL; at = strchr(at + 1, '{'))
                assert_true(
                    declares(operation, "path", (struct slice){ at + 1, strcspn(at + 1, "}") }));
            json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
            {
                if (json_object_get(parameter, "description") == NULL)
                    fail_msg("%s: nobody told what \"%s\" means (openapi/parameters.c)", id,
                             text_of(parameter, "name"));
            }
            assert_true(json_integer_value(json_object_get(operation, "x-rate-cost")) > 0);
            assert_non_null(json_object_get(json_object_get(operation, "responses"), "429"));
        }
    }
}

static void assert_each_once(const char *id, const char *status, const json_t *codes)
{
    AUTO_JSON seen = json_object();
    const json_t *code;
    size_t i;

    json_array_foreach(codes, i, code)
    {
        if (json_object_get(seen, json_string_value(code)) != NULL)
            fail_msg("%s: %s is told twice of %s", id, json_string_value(code), status);
        (void)json_object_set_new(seen, json_string_value(code), json_true());
    }
}

/* What a route refuses itself is often what any of its kind may, too. */
static void openapi__tells_each_code_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        AUTO_JSON responses = responses_of(route_at(i));
        const char *status;
        json_t *response;

        json_object_foreach(responses, status, response)
        {
            const json_t *content = json_object_get(response, "content"),
                         *problem = json_object_get(content, "application/problem+json"),
                         *members =
                             json_object_get(json_object_get(problem, "schema"), "properties");

            assert_each_once(route_at(i)->name, status,
                             json_object_get(json_object_get(members, "code"), "enum"));
        }
    }
}

static const json_t *schema_named(const json_t *document, const char *name)
{
    const json_t *components = json_object_get(document, "components");

    return json_object_get(json_object_get(components, "schemas"), name);
}

static bool site_holds(const json_t *site, const char *tells)
{
    const json_t *document = ask("GET", "/api/v1/openapi.json", "", "")->json;
    bool holds;
    AUTO_BUF problem;

    buf_init(&problem, 256);
    holds = schema_holds(document, schema_named(document, "Site"), site, &problem);
    buf_add(&problem, "", 1);
    assert_string_equal(problem.data, tells);
    return holds;
}

static void an_answer__with_more_or_less_than_was_told__is_found(void **state)
{
    AUTO_JSON site = NULL;

    (void)state;
    site = json_incref(json_array_get(
        json_object_get(ask("GET", "/api/v1/tenants/acme/sites", "", "")->json, "items"), 0));
    assert_true(site_holds(site, ""));
    (void)json_object_set_new(site, "colour", json_string("red"));
    assert_false(site_holds(site, ".colour is a member nobody told of"));
    (void)json_object_del(site, "colour");
    (void)json_object_set_new(site, "id", json_string("1"));
    assert_false(site_holds(site, ".id does not fit ^[a-z2-7]{26}$"));
    (void)json_object_del(site, "id");
    assert_false(site_holds(site, " lacks id"));
}

static void a_status__that_a_route_may_not_have__is_found(void **state)
{
    const json_t *document = ask("GET", "/api/v1/openapi.json", "", "")->json;
    struct path_values values;
    char allowed[ROUTE_METHODS_BYTES];
    struct answered answered = { .type = "application/json", .headers = "" };
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 256);
    answered.route = route_find(SLICE_LITERAL("DELETE"), SLICE_LITERAL("/tenants/acme/avatar"),
                                &values, allowed);
    assert_non_null(answered.route);
    answered.status = 204;
    assert_true(schema_allows(document, &answered, &problem));
    answered.status = 201;
    assert_false(schema_allows(document, &answered, &problem));
    answered.status = 412;
    assert_false(schema_allows(document, &answered, &problem)); /* no problem details */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, double_setup, double_teardown)

RUN(CASE(openapi__has_every_route_and_nothing_else),
    CASE(openapi__is_made_once__and_not_sent_to_who_has_it),
    CASE(openapi__is_one_that_tools_can_read), CASE(openapi__tells_each_code_once),
    CASE(an_answer__with_more_or_less_than_was_told__is_found),
    CASE(a_status__that_a_route_may_not_have__is_found))
