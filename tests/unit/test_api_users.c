/* SPDX-License-Identifier: Apache-2.0
 *
 * Console users are taken in, changed and shown out.
 */
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define USERS    "/api/v1/users"
#define VERA     USERS "/vera"
#define PASSWORD "correct horse battery"

static char token[TOKEN_TEXT_BYTES], invitation[TOKEN_TEXT_BYTES];

static int start(void **state)
{
    (void)double_setup(state);
    double_tenant("borealis");
    return 0;
}

static void keep_invitation(const struct heard *answer)
{
    const json_t *object = json_object_get(answer->json, "invitation");

    assert_true(slice_copy(slice_of(json_string_value(json_object_get(object, "token"))),
                           invitation, sizeof(invitation)));
    assert_int_equal(strlen(invitation), TOKEN_TEXT_LEN);
}

static unsigned take_invitation(const char *password)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"invitation\":\"%s\",\"password\":\"%s\"}", invitation,
                   password);
    return ask_with("POST", "/api/v1/session/invitation", "", body)->status;
}

static unsigned log_in(const char *user)
{
    char body[256];
    const struct heard *answer;

    (void)snprintf(body, sizeof(body),
                   "{\"user\":\"%s\",\"password\":\"" PASSWORD "\",\"bearer\":true}", user);
    answer = ask_with("POST", "/api/v1/session", "", body);
    if (answer->status == 200)
        (void)slice_copy(slice_of(text_at(answer, "token")), token, sizeof(token));
    return answer->status;
}

static const struct heard *add(const char *user, const char *rest)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"user\":\"%s\",%s}", user, rest);
    return ask("POST", USERS, "", body);
}

static void add_admin(const char *user)
{
    assert_int_equal(add(user, "\"role\":\"admin\",\"password\":\"" PASSWORD "\"")->status, 201);
}

/* --- taken in --- */

static void a_user__comes_by_invitation(void **state)
{
    const struct heard *answer =
        add("Vera", "\"role\":\"analyst\",\"tenants\":[\"borealis\",\"acme\"]");

    (void)state;
    assert_int_equal(answer->status, 201);
    assert_string_equal(text_at(answer, "user"), "vera");
    assert_string_equal(text_at(answer, "state"), "invited");
    keep_invitation(answer);
    assert_null(strstr(ask("GET", USERS, "", "")->text, invitation));
    assert_int_equal(log_in("vera"), 401);
    assert_int_equal(take_invitation("short"), 400);
    assert_int_equal(take_invitation(PASSWORD), 200);
    assert_int_equal(take_invitation(PASSWORD), 401);
    assert_int_equal(log_in("vera"), 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/transcripts", token, "")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/borealis/transcripts", token, "")->status,
                     200);
    assert_string_equal(text_at(ask("GET", VERA, "", ""), "state"), "active");
}

static const struct heard *show_invitation(void)
{
    char body[128];

    (void)snprintf(body, sizeof(body), "{\"invitation\":\"%s\"}", invitation);
    return ask_with("POST", "/api/v1/session/invitation/show", "", body);
}

static void an_invitation__says_whom_it_is_for_and_is_not_taken_by_that(void **state)
{
    const struct heard *answer;

    (void)state;
    keep_invitation(add("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\"]"));
    for (int i = 0; i < 2; i++) {
        answer = show_invitation();
        assert_int_equal(answer->status, 200);
        assert_string_equal(text_at(answer, "user"), "vera");
        assert_string_equal(text_at(answer, "role"), "analyst");
    }
    assert_int_equal(take_invitation(PASSWORD), 200);
    assert_string_equal(code_of(show_invitation()), "bad_invitation");
    assert_null(strstr(ask("GET", "/api/v1/audit", "", "")->text, "session_invitation_show"));
}

static void an_invitation__is_a_link_where_the_service_knows_its_address(void **state)
{
    struct settings *settings = the_core.role->settings;
    const json_t *made;
    char link[128];

    (void)state;
    made = json_object_get(add("vera", "\"role\":\"admin\"")->json, "invitation");
    assert_true(json_is_null(json_object_get(made, "url")));
    free(settings->web_origins);
    settings->web_origins = strdup("https://chat.example https://chat.acme.example");
    made = json_object_get(ask("POST", VERA "/reset", "", "{}")->json, "invitation");
    (void)snprintf(link, sizeof(link), "https://chat.example/console/join#%s",
                   json_string_value(json_object_get(made, "token")));
    assert_string_equal(json_string_value(json_object_get(made, "url")), link);
}

static void an_invitation__holds_three_days(void **state)
{
    (void)state;
    keep_invitation(add("vera", "\"role\":\"admin\""));
    for (int i = 0; i < 72 * 3600; i++)
        (void)core_now_ms(&the_core); /* a second each, here */
    assert_int_equal(take_invitation(PASSWORD), 401);
}

/* Else it would hold for as long as time stands still. */
static void an_invitation__holds_no_longer_after_the_clock_was_set_back(void **state)
{
    (void)state;
    double_clock_back(120 * (uint64_t)3600000);
    keep_invitation(add("vera", "\"role\":\"admin\""));
    assert_int_equal(show_invitation()->status, 200);
    for (int i = 0; i < 72 * 3600; i++)
        (void)core_clock_ms();
    assert_int_equal(take_invitation(PASSWORD), 401);
}

static void what_makes_no_user__is_refused(void **state)
{
    static const struct {
        const char *user, *rest;
        unsigned status;
    } wrong[] = {
        { "", "\"role\":\"admin\"", 400 },
        { "../vera", "\"role\":\"admin\"", 400 },
        { "vera", "\"role\":\"operator\"", 400 },
        { "vera", "\"role\":\"coder\",\"tenants\":[\"acme\"]", 400 },
        { "vera", "\"role\":\"analyst\"", 400 },
        { "vera", "\"role\":\"admin\",\"tenants\":[\"acme\"]", 400 },
        { "vera", "\"role\":\"analyst\",\"tenants\":[\"nobody\"]", 404 },
        { "vera", "\"role\":\"admin\",\"password\":\"vera\"", 400 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(add(wrong[i].user, wrong[i].rest)->status, wrong[i].status);
    assert_int_equal(ask("GET", VERA, "", "")->status, 404);
    add_admin("vera");
    assert_string_equal(code_of(add("vera", "\"role\":\"admin\"")), "user_exists");
}

/* --- changed --- */

static void a_change__counts_at_once(void **state)
{
    (void)state;
    add_admin("erik");
    assert_int_equal(add("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\"],\"password\":"
                                 "\"" PASSWORD "\"")
                         ->status,
                     201);
    assert_int_equal(log_in("vera"), 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/conversations", token, "")->status, 403);
    assert_int_equal(ask("PATCH", VERA, "", "{\"role\":\"supervisor\"}")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/conversations", token, "")->status, 200);
    assert_int_equal(ask("PATCH", VERA, "", "{\"tenants\":[\"borealis\"]}")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/conversations", token, "")->status, 404);
    assert_int_equal(ask("PATCH", VERA, "", "{\"disabled\":true}")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/session", token, "")->status, 401);
    assert_int_equal(log_in("vera"), 401);
    assert_int_equal(ask("PATCH", VERA, "", "{\"disabled\":false}")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/session", token, "")->status, 401);
    assert_int_equal(log_in("vera"), 200);
}

static void a_removed_tenant__is_nobodys(void **state)
{
    (void)state;
    assert_int_equal(add("vera", "\"role\":\"analyst\",\"tenants\":[\"acme\"],\"password\":"
                                 "\"" PASSWORD "\"")
                         ->status,
                     201);
    assert_int_equal(ask("DELETE", "/api/v1/tenants/acme", "", "")->status, 200);
    assert_int_equal(log_in("vera"), 200);
    assert_int_equal(ask("PATCH", VERA, "", "{\"role\":\"supervisor\"}")->status, 400);
    assert_int_equal(ask("PATCH", VERA, "", "{\"disabled\":true}")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/session", token, "")->status, 401);
    assert_int_equal(ask("PATCH", VERA, "", "{\"disabled\":false}")->status, 200);
    assert_int_equal(log_in("vera"), 200);
    double_tenant("acme");
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/transcripts", token, "")->status, 404);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/borealis/transcripts", token, "")->status,
                     404);
}

/* --- shown out --- */

static void sessions__end_all_at_once(void **state)
{
    char other[TOKEN_TEXT_BYTES];
    const struct heard *answer;

    (void)state;
    add_admin("vera");
    assert_int_equal(log_in("vera"), 200);
    memcpy(other, token, sizeof(token));
    assert_int_equal(log_in("vera"), 200);
    answer = ask("GET", VERA "/sessions", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 2);
    assert_null(strstr(answer->text, token));
    assert_int_equal(ask("DELETE", VERA "/sessions", "", "")->status, 204);
    assert_int_equal(ask_with("GET", "/api/v1/session", token, "")->status, 401);
    assert_int_equal(ask_with("GET", "/api/v1/session", other, "")->status, 401);
    answer = ask("GET", VERA "/sessions", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 0);
    assert_int_equal(log_in("vera"), 200);
    assert_int_equal(ask("DELETE", USERS "/nobody/sessions", "", "")->status, 404);
}

static void a_reset__ends_the_password_and_what_it_opened(void **state)
{
    (void)state;
    add_admin("vera");
    assert_int_equal(log_in("vera"), 200);
    keep_invitation(ask("POST", VERA "/reset", "", "{}"));
    assert_int_equal(ask_with("GET", "/api/v1/session", token, "")->status, 401);
    assert_int_equal(log_in("vera"), 401);
    assert_int_equal(take_invitation(PASSWORD), 200);
    assert_int_equal(log_in("vera"), 200);
}

static void the_last_admin__stays(void **state)
{
    (void)state;
    add_admin("vera");
    assert_string_equal(code_of(ask("DELETE", VERA, "", "")), "last_admin");
    assert_string_equal(code_of(ask("PATCH", VERA, "", "{\"disabled\":true}")), "last_admin");
    assert_string_equal(
        code_of(ask("PATCH", VERA, "", "{\"role\":\"analyst\",\"tenants\":[\"acme\"]}")),
        "last_admin");
    keep_invitation(add("erik", "\"role\":\"admin\"")); /* who cannot log in yet */
    assert_string_equal(code_of(ask("DELETE", VERA, "", "")), "last_admin");
    assert_int_equal(take_invitation(PASSWORD), 200);
    assert_int_equal(ask("DELETE", VERA, "", "")->status, 204);
    assert_int_equal(ask("DELETE", VERA, "", "")->status, 404);
    assert_int_equal(log_in("vera"), 401);
}

/* --- the audit --- */

static void the_audit__tells_who_came_and_what_they_did(void **state)
{
    AUTO_MEM char *audit = NULL;

    (void)state;
    add_admin("vera");
    assert_int_equal(log_in("vera"), 200);
    assert_int_equal(ask_with("PATCH", "/api/v1/tenants/acme/settings", token,
                              "{\"values\":{\"widget.color\":\"#111111\"}}")
                         ->status,
                     200);
    audit = strdup(ask("GET", "/api/v1/audit", "", "")->text);
    assert_non_null(strstr(audit, "\"action\":\"user_add\""));
    assert_non_null(strstr(audit, "\"who\":\"user:vera\",\"action\":\"session_begin\""));
    assert_non_null(strstr(audit, "\"who\":\"user:vera\",\"action\":\"tenant_settings_change\""));
    assert_null(strstr(audit, token));
    assert_null(strstr(audit, "horse"));
    assert_null(strstr(audit, "scrypt"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(a_user__comes_by_invitation),
    CASE(an_invitation__says_whom_it_is_for_and_is_not_taken_by_that),
    CASE(an_invitation__is_a_link_where_the_service_knows_its_address),
    CASE(an_invitation__holds_three_days),
    CASE(an_invitation__holds_no_longer_after_the_clock_was_set_back),
    CASE(what_makes_no_user__is_refused), CASE(a_change__counts_at_once),
    CASE(a_removed_tenant__is_nobodys), CASE(sessions__end_all_at_once),
    CASE(a_reset__ends_the_password_and_what_it_opened), CASE(the_last_admin__stays),
    CASE(the_audit__tells_who_came_and_what_they_did))
