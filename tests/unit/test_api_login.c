/* SPDX-License-Identifier: Apache-2.0
 *
 * Console users prove who they are: passwords, codes, sessions. Passwords cost little here.
 */
#include "server-bridge/core/api/access.h"
#include "storage/directory/user_sessions.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define SESSION   "/api/v1/session"
#define PASSWORD  "correct horse battery"
#define OTHER     "a staple for the horse"
#define VERA      "{\"user\":\"vera\",\"password\":\"" PASSWORD "\""
#define LOGIN     VERA ",\"bearer\":true}"
#define BY_COOKIE VERA "}"

static char token[TOKEN_TEXT_BYTES], secret[64];

static int start(void **state)
{
    (void)double_setup(state);
    double_tenant("borealis");
    assert_int_equal(
        ask("POST", "/api/v1/users", "", VERA ",\"role\":\"supervisor\",\"tenants\":[\"acme\"]}")
            ->status,
        201);
    return 0;
}

static const struct heard *post(const char *path, const char *bearer, const char *body)
{
    return ask_with("POST", path, bearer, body);
}

static void keep(char *to, size_t size, const char *text)
{
    assert_true(slice_copy(slice_of(text), to, size));
}

static void log_in(void)
{
    const struct heard *answer = post(SESSION, "", LOGIN);

    assert_int_equal(answer->status, 200);
    keep(token, sizeof(token), text_at(answer, "token"));
}

static unsigned status_by(const char *bearer)
{
    return ask_with("GET", SESSION, bearer, "")->status;
}

/* --- in and out --- */

static void a_session__may_what_its_user_may(void **state)
{
    (void)state;
    log_in();
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/conversations", token, "")->status, 200);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/borealis/conversations", token, "")->status,
                     404);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme/visitors/x/export", token, "")->status,
                     404);
    assert_int_equal(ask_with("GET", "/api/v1/users", token, "")->status, 403);
    assert_string_equal(text_at(ask_with("GET", SESSION, token, ""), "user"), "vera");
    assert_int_equal(ask_with("DELETE", SESSION, token, "")->status, 204);
    assert_int_equal(status_by(token), 401);
}

#define SET_COOKIE "Set-Cookie: __Host-lasna="

static void keep_cookie(const struct heard *answer, char value[TOKEN_TEXT_BYTES])
{
    const char *cookie = strstr(answer->headers, SET_COOKIE);

    assert_int_equal(answer->status, 200);
    assert_non_null(cookie);
    memcpy(value, cookie + strlen(SET_COOKIE), TOKEN_TEXT_LEN);
    value[TOKEN_TEXT_LEN] = '\0';
}

static void an_old_cookie__is_dead_once_its_browser_logs_in_again(void **state)
{
    char first[TOKEN_TEXT_BYTES], second[TOKEN_TEXT_BYTES];

    (void)state;
    log_in(); /* elsewhere */
    keep_cookie(post(SESSION, "", BY_COOKIE), first);
    assert_int_equal(ask_with_cookie("POST", SESSION, first, VERA ",\"code\":1}")->status, 400);
    assert_int_equal(
        ask_with_cookie("POST", SESSION, first, "{\"user\":\"vera\",\"password\":\"x\"}")->status,
        401);
    assert_int_equal(ask_with_cookie("GET", SESSION, first, "")->status, 200);
    keep_cookie(ask_with_cookie("POST", SESSION, first, BY_COOKIE), second);
    assert_int_equal(ask_with_cookie("GET", SESSION, first, "")->status, 401);
    assert_int_equal(ask_with_cookie("GET", SESSION, second, "")->status, 200);
    assert_int_equal(status_by(token), 200);
}

static void a_browser__gets_a_cookie_no_script_reads(void **state)
{
    const struct heard *answer = post(SESSION, "", BY_COOKIE);
    const char *cookie = strstr(answer->headers, SET_COOKIE);
    char value[TOKEN_TEXT_BYTES] = "";

    (void)state;
    keep_cookie(answer, value);
    assert_non_null(
        strstr(cookie, "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200\r\n"));
    assert_null(json_object_get(answer->json, "token"));
    assert_null(strstr(answer->text, value));
    assert_int_equal(ask_with_cookie("GET", SESSION, value, "")->status, 200);
    answer = ask_with_cookie("DELETE", SESSION, value, "");
    assert_int_equal(answer->status, 204);
    assert_non_null(strstr(answer->headers, "Set-Cookie: __Host-lasna=;"));
    assert_int_equal(ask_with_cookie("GET", SESSION, value, "")->status, 401);
}

static void a_token_of_the_api__is_no_cookie(void **state)
{
    char made[TOKEN_TEXT_BYTES];

    (void)state;
    keep(made, sizeof(made),
         text_at(ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}"), "token"));
    assert_int_equal(ask_with("GET", "/api/v1/tenants", made, "")->status, 200);
    assert_int_equal(ask_with_cookie("GET", "/api/v1/tenants", made, "")->status, 401);
    assert_int_equal(ask_with("DELETE", SESSION, made, "")->status, 409);
}

static void a_session_nobody_uses__is_over(void **state)
{
    (void)state;
    log_in();
    for (int i = 0; i < USER_SESSION_IDLE_MS / 1000; i++)
        (void)core_now_ms(&the_core); /* a second each, here */
    assert_int_equal(status_by(token), 401);
}

static void a_session__is_over_in_the_evening(void **state)
{
    (void)state;
    log_in();
    for (int i = 0; i < USER_SESSION_MS / 1000; i++) {
        if (i % 3000 == 0)
            assert_int_equal(status_by(token), 200);
        (void)core_now_ms(&the_core);
    }
    assert_int_equal(status_by(token), 401);
}

/* Whose web process does not read is let go in the middle of telling it so. */
static void long_answers__break_off_with_a_web_that_is_stuck(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 50; i++)
        (void)double_conversation("acme", 3, 3900, true);
    assert_int_equal(ask("PATCH", "/api/v1/users/vera", "", "{\"role\":\"tenant-admin\"}")->status,
                     200);
    log_in();
    double_read_slowly(true);
    ask_only_with("GET", "/api/v1/tenants/acme/transcripts/export", token);
    ask_only_with("GET", "/api/v1/tenants/acme/transcripts/export", token);
    assert_non_null(the_core.calls);
    assert_non_null(the_core.calls->next);
    double_web_is_stuck();
    assert_int_equal(ask("DELETE", "/api/v1/users/vera/sessions", "", "")->status, 204);
    assert_null(the_core.calls);
}

/* --- guessing --- */

static void what_is_wrong__is_not_told(void **state)
{
    static const char *const wrong[] = {
        "{\"user\":\"nobody\",\"password\":\"" PASSWORD "\"}",
        "{\"user\":\"no user at all\",\"password\":\"" PASSWORD "\"}",
        "{\"user\":\"vera\",\"password\":\"x\"}",
    };
    AUTO_MEM char *first = NULL;

    (void)state;
    assert_int_equal(post(SESSION, "", wrong[0])->status, 401);
    first = strdup(post(SESSION, "", wrong[0])->text);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_string_equal(post(SESSION, "", wrong[i])->text, first);
    assert_int_equal(post(SESSION, "", "{\"user\":\"VERA\",\"password\":\"" PASSWORD "\"}")->status,
                     200);
}

static unsigned guess(const char *user)
{
    char body[128];

    (void)snprintf(body, sizeof(body), "{\"user\":\"%s\",\"password\":\"guess\"}", user);
    return post(SESSION, "", body)->status;
}

/* Each wrong one doubles the wait; the clock goes on by seconds here. */
static unsigned guesses_in_a_minute(const char *user)
{
    unsigned looked_at = 0;

    for (int i = 0; i < 60; i++)
        looked_at += guess(user) == 401;
    return looked_at;
}

static void wait_a_minute(void)
{
    for (int i = 0; i < 70; i++)
        (void)core_steady_ms();
}

static void guessing__becomes_slow_whether_there_is_such_a_user_or_not(void **state)
{
    unsigned vera = guesses_in_a_minute("vera");
    const struct heard *answer = post(SESSION, "", LOGIN); /* the right one waits, too */

    (void)state;
    assert_in_range(vera, 6, 14);
    assert_int_equal(answer->status, 429);
    assert_string_equal(code_of(answer), "too_many_failures");
    assert_non_null(strstr(answer->headers, "Retry-After: "));
    assert_int_equal(guesses_in_a_minute("nobody"), vera);
    wait_a_minute();
    log_in();
    assert_int_equal(guess("vera"), 401); /* and begins anew */
}

static void a_clock_that_is_set_back__keeps_nobody_out(void **state)
{
    (void)state;
    (void)guesses_in_a_minute("vera");
    assert_int_equal(guess("vera"), 429);
    double_clock_back(86400000);
    wait_a_minute();
    log_in();
}

/* One that was begun by a clock that was wrong would hold longer than any. */
static void a_session_of_a_day_to_come__is_none(void **state)
{
    (void)state;
    log_in();
    double_clock_back(60000);
    assert_int_equal(status_by(token), 200);
    double_clock_back(86400000);
    assert_int_equal(status_by(token), 401);
    log_in();
    assert_int_equal(status_by(token), 200);
}

static void only_so_many__wait_to_be_compared(void **state)
{
    (void)state;
    the_core.passwords_waiting = 8;
    assert_string_equal(code_of(post(SESSION, "", LOGIN)), "too_busy");
    the_core.passwords_waiting = 0;
    log_in();
}

/* --- passwords --- */

static unsigned times_in_audit(const char *action)
{
    const json_t *items = json_object_get(ask("GET", "/api/v1/audit", "", "")->json, "items");
    const json_t *item;
    unsigned times = 0;
    size_t i;

    json_array_foreach(items, i, item) times +=
        strcmp(json_string_value(json_object_get(item, "action")), action) == 0;
    return times;
}

static void another_password__ends_all_sessions_and_begins_one(void **state)
{
    const struct heard *answer;
    char elsewhere[TOKEN_TEXT_BYTES];

    (void)state;
    log_in();
    memcpy(elsewhere, token, sizeof(token));
    log_in();
    answer = post(SESSION "/password", token, VERA ",\"new\":\"" OTHER "\"}");
    assert_int_equal(answer->status, 400); /* user is not asked */
    answer = post(SESSION "/password", token, "{\"password\":\"x\",\"new\":\"" OTHER "\"}");
    assert_string_equal(code_of(answer), "wrong_password");
    answer = post(SESSION "/password", token,
                  "{\"password\":\"" PASSWORD "\",\"new\":\"vera vera vera\"}");
    assert_string_equal(code_of(answer), "bad_password");
    answer =
        post(SESSION "/password", token, "{\"password\":\"" PASSWORD "\",\"new\":\"" OTHER "\"}");
    assert_int_equal(answer->status, 200);
    assert_int_equal(status_by(token), 401);
    assert_int_equal(status_by(elsewhere), 401);
    assert_int_equal(times_in_audit("session_password"), 1);
    answer = post(SESSION, "", LOGIN);
    assert_int_equal(answer->status, 401);
    answer = post(SESSION, "", "{\"user\":\"vera\",\"bearer\":true,\"password\":\"" OTHER "\"}");
    assert_int_equal(answer->status, 200);
}

/* --- the second factor --- */

static const char *code_now(void)
{
    static char text[16];
    uint8_t bytes[TOTP_SECRET_BYTES];

    assert_true(base32_decode(slice_of(secret), bytes, sizeof(bytes)));
    (void)snprintf(text, sizeof(text), "%06u",
                   totp_code((struct slice){ (const char *)bytes, sizeof(bytes) },
                             core_clock_ms() / TOTP_STEP_MS, TOTP_DIGITS));
    return text;
}

static const struct heard *post_code(const char *path, const char *begin, const char *code)
{
    char body[256];

    (void)snprintf(body, sizeof(body), "%s\"code\":\"%s\"}", begin, code);
    return post(path, strcmp(path, SESSION) == 0 ? "" : token, body);
}

static void next_step(void)
{
    for (int i = 0; i < 31; i++)
        (void)core_now_ms(&the_core);
}

/* Returns a code for recovery. */
static const char *turn_on(void)
{
    static char code[32];
    const struct heard *answer;

    log_in();
    answer = post(SESSION "/totp", token, "{\"password\":\"" PASSWORD "\"}");
    assert_int_equal(answer->status, 200);
    keep(secret, sizeof(secret), text_at(answer, "secret"));
    assert_non_null(strstr(text_at(answer, "uri"), "otpauth://totp/L%C3%A4sn%C3%A4:vera?secret="));
    assert_string_equal(code_of(post_code(SESSION "/totp/prove", "{", "123")), "wrong_code");
    answer = post_code(SESSION "/totp/prove", "{", code_now());
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_array_size(json_object_get(answer->json, "recovery_codes")), 10);
    keep(code, sizeof(code),
         json_string_value(json_array_get(json_object_get(answer->json, "recovery_codes"), 0)));
    next_step();
    return code;
}

static void a_code__is_asked_for_and_counts_once(void **state)
{
    char code[16];

    (void)state;
    (void)turn_on();
    assert_string_equal(code_of(post(SESSION, "", LOGIN)), "code_wanted");
    keep(code, sizeof(code), code_now());
    assert_int_equal(post_code(SESSION, VERA ",", code)->status, 200);
    assert_int_equal(post_code(SESSION, VERA ",", code)->status, 401);
    next_step();
    assert_int_equal(post_code(SESSION, VERA ",", code_now())->status, 200);
    assert_string_equal(code_of(post(SESSION "/totp", token, "{\"password\":\"" PASSWORD "\"}")),
                        "second_factor_exists");
}

/* Whoever has the password alone may have begun one; the proof is not theirs. */
/* Else the app would be of no use until the day the clock was wrong about. */
static void a_code__counts_after_the_clock_was_set_back(void **state)
{
    char code[16];

    (void)state;
    (void)turn_on();
    double_clock_back(86400000);
    keep(code, sizeof(code), code_now());
    assert_int_equal(post_code(SESSION, VERA ",", code)->status, 200);
    assert_int_equal(post_code(SESSION, VERA ",", code)->status, 401);
}

static void a_session_that_showed_no_code__ends_with_the_proof(void **state)
{
    char elsewhere[TOKEN_TEXT_BYTES];

    (void)state;
    log_in();
    memcpy(elsewhere, token, sizeof(token));
    (void)turn_on();
    assert_int_equal(status_by(token), 200);
    assert_int_equal(status_by(elsewhere), 401);
}

static void a_code_for_recovery__counts_once(void **state)
{
    const char *code = turn_on();

    (void)state;
    assert_int_equal(post_code(SESSION, VERA ",", code)->status, 200);
    assert_int_equal(post_code(SESSION, VERA ",", code)->status, 401);
    assert_int_equal(json_integer_value(json_object_get(
                         ask("GET", "/api/v1/users/vera", "", "")->json, "recovery_codes")),
                     9);
}

static void a_second_factor__is_taken_away_by_a_code_or_by_an_admin(void **state)
{
    (void)state;
    (void)turn_on();
    assert_string_equal(code_of(post_code(SESSION "/totp/remove", "{", "000000")), "wrong_code");
    assert_int_equal(post_code(SESSION "/totp/remove", "{", code_now())->status, 204);
    next_step();
    (void)turn_on();
    assert_int_equal(
        ask("POST", "/api/v1/users/vera/reset", "", "{\"second_factor\":true}")->status, 200);
    assert_true(json_is_false(
        json_object_get(ask("GET", "/api/v1/users/vera", "", "")->json, "second_factor")));
    assert_non_null(
        strstr(ask("GET", "/api/v1/audit", "", "")->text, "user=vera second_factor=removed"));
}

/* --- where it must be had --- */

static void want_factor_of(const char *place, const char *whom)
{
    char body[96];

    (void)snprintf(body, sizeof(body), "{\"values\":{\"users.second_factor\":\"%s\"}}", whom);
    assert_int_equal(ask("PATCH", place, "", body)->status, 200);
}

static bool is_wanted(void)
{
    const struct heard *answer = ask_with("GET", "/api/v1/tenants/acme", token, "");

    assert_int_equal(answer->status, answer->status == 200 ? 200 : 403);
    if (answer->status != 200)
        assert_string_equal(code_of(answer), "second_factor_wanted");
    return answer->status != 200;
}

/* Something fitting in each place. */
static void fill_path(const char *pattern, char *path, size_t size)
{
    size_t len = (size_t)snprintf(path, size, API_PREFIX);
    char id[ID_TEXT_BYTES];

    id_format(id_new(), id);
    while (*pattern != '\0') {
        bool is_place = *pattern == '{';
        size_t width = is_place ? strcspn(pattern, "}") + 1 : strcspn(pattern, "{");

        if (is_place)
            len += (size_t)snprintf(path + len, size - len, "%s",
                                    strncmp(pattern, "{id}", 4) == 0    ? id
                                    : strncmp(pattern, "{jid}", 5) == 0 ? "a@agents.localhost"
                                                                        : "acme");
        else
            len += (size_t)snprintf(path + len, size - len, "%.*s", (int)width, pattern);
        pattern += width;
    }
}

/* Every route of the table, from the moment the setting says so, for sessions that are open. */
static void who_must_have_a_second_factor__can_only_set_it_up(void **state)
{
    size_t refused = 0;

    (void)state;
    assert_int_equal(ask("PATCH", "/api/v1/users/vera", "", "{\"role\":\"tenant-admin\"}")->status,
                     200);
    log_in();
    assert_false(is_wanted());
    want_factor_of("/api/v1/settings", "admins");
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        char path[256];

        if (access_is_open_to_unproven(route) || route->least > AUTHORITY_TENANT_ADMIN)
            continue;
        fill_path(route->path, path, sizeof(path));
        assert_string_equal(code_of(ask_with(route->method, path, token, "")),
                            "second_factor_wanted");
        refused++;
    }
    assert_true(refused > 30);
    log_in();
    assert_true(json_is_true(
        json_object_get(ask_with("GET", SESSION, token, "")->json, "second_factor_wanted")));
    (void)turn_on();
    assert_false(is_wanted());
    assert_int_equal(post_code(SESSION "/totp/remove", "{", code_now())->status, 204);
    assert_true(is_wanted());
}

static void of_server_and_tenants__the_strictest_counts(void **state)
{
    static const char acme[] = "/api/v1/tenants/acme/settings";
    static const struct {
        const char *server, *acme;
        bool wanted; /* of a supervisor */
    } cases[] = {
        { "none", "none", false }, { "admins", "admins", false }, { "none", "all", true },
        { "all", "none", true },   { "all", "admins", true },     { "admins", "none", false },
    };

    (void)state;
    log_in();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        want_factor_of("/api/v1/settings", cases[i].server);
        want_factor_of(acme, cases[i].acme);
        assert_int_equal(is_wanted(), cases[i].wanted);
    }
    want_factor_of("/api/v1/settings", "none");
    want_factor_of("/api/v1/tenants/borealis/settings", "all");
    assert_false(is_wanted());
    assert_int_equal(
        ask("PATCH", "/api/v1/users/vera", "", "{\"tenants\":[\"acme\",\"borealis\"]}")->status,
        200);
    assert_true(is_wanted());
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(a_session__may_what_its_user_may),
    CASE(an_old_cookie__is_dead_once_its_browser_logs_in_again),
    CASE(a_browser__gets_a_cookie_no_script_reads), CASE(a_token_of_the_api__is_no_cookie),
    CASE(a_session_nobody_uses__is_over), CASE(a_session__is_over_in_the_evening),
    CASE(long_answers__break_off_with_a_web_that_is_stuck), CASE(what_is_wrong__is_not_told),
    CASE(guessing__becomes_slow_whether_there_is_such_a_user_or_not),
    CASE(a_clock_that_is_set_back__keeps_nobody_out), CASE(a_session_of_a_day_to_come__is_none),
    CASE(only_so_many__wait_to_be_compared),
    CASE(another_password__ends_all_sessions_and_begins_one),
    CASE(a_code__is_asked_for_and_counts_once), CASE(a_code__counts_after_the_clock_was_set_back),
    CASE(a_session_that_showed_no_code__ends_with_the_proof),
    CASE(a_code_for_recovery__counts_once),
    CASE(a_second_factor__is_taken_away_by_a_code_or_by_an_admin),
    CASE(who_must_have_a_second_factor__can_only_set_it_up),
    CASE(of_server_and_tenants__the_strictest_counts))
