/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's admin takes in, changes and shows out the console users of that tenant: nobody else's,
 * and nobody above themselves.
 */
#include "server-bridge/core/api/route.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define HERE     "/api/v1/tenants/acme/users"
#define THERE    "/api/v1/tenants/borealis/users"
#define PASSWORD "correct horse battery"

static char admin[TOKEN_TEXT_BYTES]; /* acme's */

static int start(void **state)
{
    (void)double_setup(state);
    double_tenant("borealis");
    (void)slice_copy(slice_of(text_at(ask("POST", "/api/v1/tokens", "",
                                          "{\"role\":\"tenant-admin\",\"tenant\":\"acme\"}"),
                                      "token")),
                     admin, sizeof(admin));
    return 0;
}

/* By the admin of everything. */
static void there_is(const char *user, const char *rights)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"user\":\"%s\",\"password\":\"" PASSWORD "\",%s}", user,
                   rights);
    assert_int_equal(ask("POST", "/api/v1/users", "", body)->status, 201);
}

static const struct heard *log_in(const char *user)
{
    char body[256];

    (void)snprintf(body, sizeof(body),
                   "{\"user\":\"%s\",\"password\":\"" PASSWORD "\",\"bearer\":true}", user);
    return ask_with("POST", "/api/v1/session", "", body);
}

static void an_admin_of_a_tenant__takes_in_who_sees_that_one_alone(void **state)
{
    const struct heard *answer =
        ask_with("POST", HERE, admin, "{\"user\":\"vera\",\"role\":\"supervisor\"}");
    const json_t *tenants = json_object_get(answer->json, "tenants");

    (void)state;
    assert_int_equal(answer->status, 201);
    assert_int_equal(json_array_size(tenants), 1);
    assert_string_equal(json_string_value(json_array_get(tenants, 0)), "acme");
    assert_non_null(json_object_get(json_object_get(answer->json, "invitation"), "token"));
    assert_int_equal(
        ask_with("POST", HERE, admin, "{\"user\":\"erik\",\"role\":\"tenant-admin\"}")->status,
        201);
    answer = ask_with("GET", HERE, admin, "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 2);
}

static void nobody__is_raised_above_who_raises(void **state)
{
    (void)state;
    assert_int_equal(
        ask_with("POST", HERE, admin, "{\"user\":\"vera\",\"role\":\"admin\"}")->status, 400);
    assert_int_equal(
        ask_with("POST", HERE, admin, "{\"user\":\"vera\",\"role\":\"coder\"}")->status, 400);
    assert_int_equal(ask_with("POST", HERE, admin,
                              "{\"user\":\"vera\",\"role\":\"analyst\",\"tenants\":[\"borealis\"]}")
                         ->status,
                     400);
    there_is("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\"]");
    assert_int_equal(ask_with("PATCH", HERE "/vera", admin, "{\"role\":\"admin\"}")->status, 400);
    assert_int_equal(ask_with("PATCH", HERE "/vera", admin, "{\"tenants\":[]}")->status, 400);
    assert_string_equal(text_at(ask("GET", "/api/v1/users/vera", "", ""), "role"), "analyst");
}

/* Every route of the table that names a user within a tenant: an admin, a user of another tenant
 * and one who is not there are the same. */
static void who_is_not_of_the_tenant__is_not_there(void **state)
{
    static const char *const others[] = { "root", "bea" };
    char path[128];
    size_t seen = 0;

    (void)state;
    there_is("root", "\"role\":\"admin\"");
    there_is("bea", "\"role\":\"tenant-admin\",\"tenants\":[\"borealis\"]");
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        const char *rest = strstr(route->path, "{user}");
        const char *body = route->fields == NULL ? "" : "{}";
        AUTO_MEM char *unknown = NULL;

        if (strncmp(route->path, "/tenants/{tenant}/users/", 24) != 0)
            continue;
        (void)snprintf(path, sizeof(path), HERE "/nobody%s", rest + 6);
        unknown = strdup(ask_with(route->method, path, admin, body)->text);
        assert_non_null(strstr(unknown, "There is no such user."));
        for (size_t other = 0; other < 2; other++) {
            (void)snprintf(path, sizeof(path), HERE "/%s%s", others[other], rest + 6);
            assert_string_equal(ask_with(route->method, path, admin, body)->text, unknown);
            seen++;
        }
    }
    assert_int_equal(seen, 12);
    assert_int_equal(
        json_array_size(json_object_get(ask_with("GET", HERE, admin, "")->json, "items")), 0);
    assert_int_equal(ask_with("GET", THERE, admin, "")->status, 404);
    assert_int_equal(log_in("bea")->status, 200);
}

static void who_sees_other_tenants_too__is_seen_and_left_alone(void **state)
{
    const struct heard *answer;

    (void)state;
    there_is("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\",\"borealis\"]");
    answer = ask_with("GET", HERE "/vera", admin, "");
    assert_true(json_is_false(json_object_get(answer->json, "changeable")));
    assert_null(strstr(answer->text, "borealis"));
    assert_string_equal(code_of(ask_with("PATCH", HERE "/vera", admin, "{\"disabled\":true}")),
                        "shared_user");
    assert_string_equal(code_of(ask_with("POST", HERE "/vera/reset", admin, "{}")), "shared_user");
    assert_string_equal(code_of(ask_with("DELETE", HERE "/vera", admin, "")), "shared_user");
    assert_string_equal(code_of(ask_with("DELETE", HERE "/vera/sessions", admin, "")),
                        "shared_user");
    assert_int_equal(log_in("vera")->status, 200);
    there_is("bo", "\"role\":\"tenant-admin\",\"tenants\":[\"acme\",\"borealis\"]");
    answer = log_in("bo"); /* who sees both may */
    (void)slice_copy(slice_of(text_at(answer, "token")), admin, sizeof(admin));
    assert_int_equal(ask_with("PATCH", HERE "/vera", admin, "{\"role\":\"supervisor\"}")->status,
                     200);
    assert_string_equal(text_at(ask("GET", "/api/v1/users/vera", "", ""), "role"), "supervisor");
    assert_non_null(strstr(ask("GET", "/api/v1/users/vera", "", "")->text, "borealis"));
}

static const struct heard *take(const char *invitation)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"invitation\":\"%s\",\"password\":\"" PASSWORD "\"}",
                   invitation);
    return ask_with("POST", "/api/v1/session/invitation", "", body);
}

/* Invited by acme's admin, who has the link, too. */
static void invited(char ret_invitation[TOKEN_TEXT_BYTES])
{
    const struct heard *answer =
        ask_with("POST", HERE, admin, "{\"user\":\"vera\",\"role\":\"analyst\"}");
    const json_t *invitation = json_object_get(answer->json, "invitation");

    assert_true(slice_copy(slice_of(json_string_value(json_object_get(invitation, "token"))),
                           ret_invitation, TOKEN_TEXT_BYTES));
}

static bool ends_by(const char *path, const char *body)
{
    const struct heard *answer = ask("PATCH", path, "", body);

    assert_int_equal(answer->status, 200);
    return json_is_true(json_object_get(answer->json, "invitation_ended"));
}

/* Else whoever made it takes it, and sees what they were never to see. */
static void an_invitation__lets_nobody_in_to_more_than_it_was_made_for(void **state)
{
    static const char *const more[] = { "{\"tenants\":[\"acme\",\"borealis\"]}",
                                        "{\"tenants\":[\"borealis\"]}", "{\"role\":\"supervisor\"}",
                                        "{\"role\":\"admin\"}" };
    char invitation[TOKEN_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        invited(invitation);
        assert_true(ends_by("/api/v1/users/vera", more[i]));
        assert_string_equal(code_of(take(invitation)), "bad_invitation");
        assert_true(json_is_null(
            json_object_get(ask("GET", "/api/v1/users/vera", "", "")->json, "invited_until")));
        assert_false(ends_by("/api/v1/users/vera", "{\"disabled\":true}")); /* there is none */
        assert_int_equal(ask("DELETE", "/api/v1/users/vera", "", "")->status, 204);
    }
    assert_non_null(strstr(ask("GET", "/api/v1/audit", "", "")->text,
                           "tenants=\\\"acme borealis\\\" disabled=0 invitation=ended"));
}

static void an_invitation__holds_where_rights_do_not_grow(void **state)
{
    static const char *const not_more[] = { "{\"disabled\":true}", "{\"disabled\":false}",
                                            "{\"role\":\"analyst\"}", "{\"tenants\":[\"acme\"]}" };
    char invitation[TOKEN_TEXT_BYTES];

    (void)state;
    invited(invitation);
    for (size_t i = 0; i < sizeof(not_more) / sizeof(not_more[0]); i++)
        assert_false(ends_by("/api/v1/users/vera", not_more[i]));
    assert_int_equal(take(invitation)->status, 200);
    assert_int_equal(log_in("vera")->status, 200);
}

static void a_tenant__has_as_many_as_it_is_granted(void **state)
{
    const struct heard *answer;

    (void)state;
    there_is("bea", "\"role\":\"analyst\",\"tenants\":[\"borealis\"]");
    assert_int_equal(
        ask("PATCH", "/api/v1/tenants/acme/settings", "", "{\"values\":{\"quota.users\":\"2\"}}")
            ->status,
        200);
    there_is("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\",\"borealis\"]");
    assert_int_equal(
        ask_with("POST", HERE, admin, "{\"user\":\"erik\",\"role\":\"analyst\"}")->status, 201);
    answer = ask_with("POST", HERE, admin, "{\"user\":\"one-more\",\"role\":\"analyst\"}");
    assert_string_equal(code_of(answer), "too_many");
    assert_non_null(strstr(answer->text, "acme has the 2 console users it is granted"));
    assert_string_equal(
        code_of(ask("PATCH", "/api/v1/users/bea", "", "{\"tenants\":[\"acme\",\"borealis\"]}")),
        "too_many");
    assert_int_equal(ask_with("PATCH", HERE "/erik", admin, "{\"role\":\"supervisor\"}")->status,
                     200); /* who is there stays, and may be changed */
    assert_int_equal(ask_with("DELETE", HERE "/erik", admin, "")->status, 204);
    assert_int_equal(
        ask_with("POST", HERE, admin, "{\"user\":\"one-more\",\"role\":\"analyst\"}")->status, 201);
}

static void the_audit_of_a_tenant__tells_of_no_other(void **state)
{
    static const char audit[] = "/api/v1/tenants/acme/audit";
    const struct heard *answer;

    (void)state;
    there_is("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\",\"borealis\"]");
    assert_int_equal(ask("PATCH", HERE "/vera", "", "{\"role\":\"supervisor\"}")->status, 200);
    answer = ask_with("GET", audit, admin, "");
    assert_non_null(strstr(answer->text, "\"user=vera role=supervisor disabled=0\""));
    assert_null(strstr(answer->text, "borealis"));
    assert_non_null(strstr(ask("GET", audit, "", "")->text, "acme borealis"));
}

static void what_is_ended_there__is_ended_at_once(void **state)
{
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    there_is("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\"]");
    (void)slice_copy(slice_of(text_at(log_in("vera"), "token")), token, sizeof(token));
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme", token, "")->status, 200);
    assert_int_equal(ask_with("GET", HERE, token, "")->status, 403); /* an analyst */
    assert_int_equal(ask_with("POST", HERE "/vera/reset", admin, "{}")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme", token, "")->status, 401);
    assert_int_equal(log_in("vera")->status, 401);
    assert_int_equal(ask_with("DELETE", HERE "/vera", admin, "")->status, 204);
    assert_int_equal(ask_with("GET", HERE "/vera", admin, "")->status, 404);
    assert_non_null(strstr(ask_with("GET", "/api/v1/tenants/acme/audit", admin, "")->text,
                           "\"action\":\"tenant_user_remove\""));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(an_admin_of_a_tenant__takes_in_who_sees_that_one_alone),
    CASE(nobody__is_raised_above_who_raises), CASE(who_is_not_of_the_tenant__is_not_there),
    CASE(who_sees_other_tenants_too__is_seen_and_left_alone),
    CASE(an_invitation__lets_nobody_in_to_more_than_it_was_made_for),
    CASE(an_invitation__holds_where_rights_do_not_grow),
    CASE(a_tenant__has_as_many_as_it_is_granted), CASE(the_audit_of_a_tenant__tells_of_no_other),
    CASE(what_is_ended_there__is_ended_at_once))
