/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds of every route: who may ask, what is not there, what is wrong with a body or a query;
 * and what the service tells of itself.
 */
#include "server-bridge/core/api/route.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

static int start(void **state)
{
    (void)state;
    double_start("manual");
    return 0;
}

/* --- the dispatcher --- */

/* A path of the route with something in each place. */
static void concrete(const struct route *route, const char *tenant, const char *id, char *path,
                     size_t size)
{
    const char *at = route->path;
    size_t len = (size_t)snprintf(path, size, "%s", API_PREFIX);

    while (*at != '\0' && len < size) {
        const char *value = strncmp(at, "{tenant}", 8) == 0 ? tenant
                            : strncmp(at, "{id}", 4) == 0   ? id
                            : strncmp(at, "{jid}", 5) == 0  ? "nobody@agents.localhost"
                                                            : NULL;

        if (value != NULL) {
            len += (size_t)snprintf(path + len, size - len, "%s", value);
            at = strchr(at, '}') + 1;
        } else {
            path[len++] = *at++;
            path[len] = '\0';
        }
    }
}

static void every_route__without_a_valid_token__is_401(void **state)
{
    char path[256];
    struct id id = id_new();
    char id_text[ID_TEXT_BYTES];

    (void)state;
    id_format(id, id_text);
    for (size_t i = 0; i < route_count(); i++) {
        const struct heard *answer;

        concrete(route_at(i), "acme", id_text, path, sizeof(path));
        for (int with_token = 0; with_token < 2; with_token++) {
            answer = ask_as_web(route_at(i)->method, path,
                                with_token ? "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" : "");
            if (route_at(i)->least == AUTHORITY_ANYONE) {
                /* a log-in is let through, and lacks its members */
                assert_int_equal(answer->status, route_at(i)->fields == NULL ? 200 : 400);
                continue;
            }
            assert_int_equal(answer->status, 401);
            assert_string_equal(code_of(answer), "not_authenticated");
            assert_string_equal(answer->headers, "WWW-Authenticate: Bearer\r\n");
        }
    }
}

static void every_route__of_an_unknown_tenant__is_the_same_404(void **state)
{
    char path[256], id_text[ID_TEXT_BYTES];
    size_t seen = 0;

    (void)state;
    id_format(id_new(), id_text);
    for (size_t i = 0; i < route_count(); i++) {
        const struct heard *answer;

        if (strstr(route_at(i)->path, "{tenant}") == NULL)
            continue;
        concrete(route_at(i), "nobody", id_text, path, sizeof(path));
        answer = ask(route_at(i)->method, path, "", "");
        assert_int_equal(answer->status, 404);
        assert_string_equal(code_of(answer), "not_found");
        assert_string_equal(answer->type, "application/problem+json");
        seen++;
    }
    assert_true(seen >= 8);
}

static void every_route__with_a_foreign_id__answers_like_an_unknown_one(void **state)
{
    char path[256], foreign[ID_TEXT_BYTES], unknown[ID_TEXT_BYTES];
    struct conversation_id conversation;
    size_t seen = 0;

    (void)state;
    double_tenant("acme");
    double_tenant("borealis");
    conversation = double_conversation("borealis", 2, 10, false);
    (void)double_file("borealis", conversation, "12 euros");
    id_format(double_hook("borealis", conversation), foreign);
    memcpy(tenants_find(&the_core, SLICE_LITERAL("borealis"))->about.sites[0].id, foreign,
           sizeof(foreign));
    id_format(id_new(), unknown);
    for (size_t i = 0; i < route_count(); i++) {
        AUTO_MEM char *first = NULL;

        if (strstr(route_at(i)->path, "{id}") == NULL ||
            strstr(route_at(i)->path, "{tenant}") == NULL)
            continue;
        concrete(route_at(i), "acme", unknown, path, sizeof(path));
        first = strdup(ask(route_at(i)->method, path, "", "")->text);
        concrete(route_at(i), "acme", foreign, path, sizeof(path));
        assert_string_equal(ask(route_at(i)->method, path, "", "")->text, first);
        if (strstr(first, "\"not_found\"") == NULL)
            fail_msg("%s: %s", path, first);
        concrete(route_at(i), "borealis", foreign, path, sizeof(path));
        assert_int_not_equal(ask(route_at(i)->method, path, "", "")->status, 404);
        seen++;
    }
    assert_true(seen >= 3);
}

static void a_method_that_is_not_there__is_405_and_names_those_that_are(void **state)
{
    const struct heard *answer;

    (void)state;
    answer = ask("PATCH", "/api/v1/tenants", "", "");
    assert_int_equal(answer->status, 405);
    assert_string_equal(answer->headers, "Allow: GET, POST\r\n");
    assert_string_equal(code_of(answer), "method_not_allowed");
}

static void a_place_that_is_not_there__is_404(void **state)
{
    static const char *const nowhere[] = { "/",
                                           "/api",
                                           "/api/v1",
                                           "/api/v1/",
                                           "/api/v1/tenant",
                                           "/api/v2/tenants",
                                           "/api/v1/../",
                                           "/api/v1/tenants/%61cme" };

    (void)state;
    for (size_t i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++)
        assert_int_equal(ask("GET", nowhere[i], "", "")->status, 404);
}

static void a_body__that_is_wrong__is_400_and_says_how(void **state)
{
    static const struct {
        const char *body, *code, *tells;
    } wrong[] = {
        { "{", "bad_json", "line 1" },
        { "[]", "bad_json", "object" },
        { "{\"tenant\":\"a\",\"tenant\":\"b\"}", "bad_json", "uplicate" },
        { "{} {}", "bad_json", "end of file" },
        { "", "bad_field", "\"tenant\" is missing" },
        { "{\"tenant\":7,\"origins\":[]}", "bad_field", "\"tenant\" must be a text" },
        { "{\"tenant\":\"a\",\"origins\":\"x\"}", "bad_field", "list of texts" },
        { "{\"tenant\":\"a\",\"origins\":[1]}", "bad_field", "list of texts" },
        { "{\"tenant\":\"a\",\"origins\":[]}", "bad_field", "1 to 16" },
        { "{\"tenant\":\"a\",\"origins\":[\"acme.example\"]}", "bad_field", "cannot hold" },
        { "{\"tenant\":\"a\",\"origins\":[\"https://a.example/x\"]}", "bad_field", "cannot hold" },
        { "{\"tenant\":\"A B\",\"origins\":[\"https://a.example\"]}", "bad_field", "a-z" },
        { "{\"tenant\":\"control\",\"origins\":[\"https://a.example\"]}", "bad_field", "we keep" },
        { "{\"tenant\":\"a\",\"name\":\" \",\"origins\":[\"https://a.example\"]}", "bad_field",
          "not blank" },
        { "{\"tenant\":\"a\",\"languages\":[\"f\"],\"origins\":[\"https://a.example\"]}",
          "bad_field", "cannot hold" },
        { "{\"tenant\":\"a\",\"secret\":\"abc\\\"abcabcabcabcabc\",\"origins\":[\"https://"
          "a.example\"]}",
          "bad_field", "A-Z" },
        { "{\"tenant\":\"a\",\"origins\":[\"https://a.example\"],\"x\":1}", "bad_field",
          "Unknown member" },
        { "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", "bad_json", "deep" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct heard *answer = ask("POST", "/api/v1/tenants", "", wrong[i].body);

        assert_int_equal(answer->status, 400);
        assert_string_equal(code_of(answer), wrong[i].code);
        if (strstr(text_at(answer, "detail"), wrong[i].tells) == NULL)
            fail_msg("%s: %s", wrong[i].body, text_at(answer, "detail"));
    }
    assert_string_equal(code_of(ask("GET", "/api/v1/tenants", "", "{}")), "body_not_wanted");
    assert_null(the_core.tenants);
}

static void a_query__that_is_wrong__is_400(void **state)
{
    static const char *const wrong[] = { "x=1",      "limit=0",
                                         "limit=-1", "limit=501",
                                         "limit=1a", "limit=99999999999999999999",
                                         "limit=",   "limit=1&limit=1" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(ask("GET", "/api/v1/tenants", wrong[i], "")->status, 400);
}

/* --- about itself --- */

static void metrics__are_openmetrics_text_and_name_nobody(void **state)
{
    const struct heard *answer;

    (void)state;
    double_tenant("acme");
    answer = ask("GET", "/api/v1/metrics", "", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_non_null(strstr(answer->text, "# TYPE lasna_link_up gauge\n"));
    assert_non_null(strstr(answer->text, "\nlasna_tenants 1\n"));
    assert_non_null(strstr(answer->text, "\nlasna_conversations_queued{tenant=\"acme\"} 2\n"));
    assert_string_equal(answer->text + answer->len - 6, "# EOF\n");
    assert_null(strchr(answer->text, '@'));
}

static void status_check_and_routes__answer(void **state)
{
    const struct heard *answer;

    (void)state;
    double_tenant("acme");
    answer = ask("GET", "/api/v1/status", "", "");
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_integer_value(json_object_get(answer->json, "queued")), 2);
    answer = ask("GET", "/api/v1/check", "", "");
    assert_false(json_is_true(json_object_get(answer->json, "ok"))); /* no link is up */
    answer = ask("GET", "/api/v1/check", "area=store", "");
    assert_true(json_is_true(json_object_get(answer->json, "ok")));
    assert_int_equal(ask("GET", "/api/v1/check", "area=moon", "")->status, 400);
    answer = ask("GET", "/api/v1/routes", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), route_count());
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(every_route__without_a_valid_token__is_401),
    CASE(every_route__of_an_unknown_tenant__is_the_same_404),
    CASE(every_route__with_a_foreign_id__answers_like_an_unknown_one),
    CASE(a_method_that_is_not_there__is_405_and_names_those_that_are),
    CASE(a_place_that_is_not_there__is_404), CASE(a_body__that_is_wrong__is_400_and_says_how),
    CASE(a_query__that_is_wrong__is_400), CASE(metrics__are_openmetrics_text_and_name_nobody),
    CASE(status_check_and_routes__answer))
