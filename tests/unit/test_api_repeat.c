/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests that come again, and changes of what somebody else has changed meanwhile.
 */
#include "server-bridge/core/api/etag.h"
#include "server-bridge/core/api/repeat.h"
#include "storage/directory/kept_answers.h"
#include "storage/directory/tokens.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define ACME     "{\"tenant\":\"acme\",\"origins\":[\"https://acme.example\"]}"
#define BOREALIS "{\"tenant\":\"borealis\",\"origins\":[\"https://borealis.example\"]}"
#define TENANT   "/api/v1/tenants/acme"
#define KEY      "9f1c2b7e-key"

static char tag[ETAG_BYTES];

static int start(void **state)
{
    (void)state;
    double_start("manual");
    return 0;
}

static void add_acme(void)
{
    assert_int_equal(ask("POST", "/api/v1/tenants", "", ACME)->status, 201);
}

static void keep_tag(const struct heard *answer)
{
    const char *at = strstr(answer->headers, "ETag: ");

    assert_non_null(at);
    at += 6;
    assert_true(slice_copy((struct slice){ at, strcspn(at, "\r") }, tag, sizeof(tag)));
}

/* --- keys --- */

static void the_same_request__is_done_once(void **state)
{
    AUTO_MEM char *first = NULL;
    const struct heard *answer;

    (void)state;
    asked_with.repeat_key = KEY;
    first = strdup(ask("POST", "/api/v1/tenants", "", ACME)->text);
    answer = ask("POST", "/api/v1/tenants", "", ACME);
    assert_int_equal(answer->status, 201);
    assert_string_equal(answer->text, first);
    assert_non_null(strstr(answer->headers, "Idempotency-Replayed: true\r\n"));
    asked_with.repeat_key = NULL;
    assert_int_equal(ask("POST", "/api/v1/tenants", "", ACME)->status, 409);
}

static void another_request_by_the_same_key__is_refused(void **state)
{
    (void)state;
    asked_with.repeat_key = KEY;
    add_acme();
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", BOREALIS)), "key_reused");
    assert_string_equal(code_of(ask("POST", TENANT "/disable", "", "{}")), "key_reused");
}

static void what_was_refused__may_be_put_right_under_its_key(void **state)
{
    (void)state;
    asked_with.repeat_key = KEY;
    assert_int_equal(ask("POST", "/api/v1/tenants", "", "{\"tenant\":\"acme\"}")->status, 400);
    add_acme();
}

static void a_secret__is_not_kept(void **state)
{
    const struct heard *answer;
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    asked_with.repeat_key = KEY;
    answer = ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}");
    assert_true(slice_copy(slice_of(text_at(answer, "token")), token, sizeof(token)));
    answer = ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}");
    assert_int_equal(answer->status, 201);
    assert_true(json_is_null(json_object_get(answer->json, "token")));
    asked_with.repeat_key = NULL;
    answer = ask("GET", "/api/v1/tokens", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 1);
    assert_int_equal(ask_with("GET", "/api/v1/tokens", token, "")->status, 200);
}

/* Else one could hear what another was answered. */
static void a_key__is_its_senders_own(void **state)
{
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    assert_true(slice_copy(
        slice_of(text_at(ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}"), "token")),
        token, sizeof(token)));
    asked_with.repeat_key = KEY;
    add_acme();
    assert_int_equal(ask_with("POST", "/api/v1/tenants", token, ACME)->status, 409);
}

static void a_key__counts_for_a_day(void **state)
{
    (void)state;
    asked_with.repeat_key = KEY;
    add_acme();
    for (int i = 0; i < KEPT_ANSWER_MS / 1000; i++)
        (void)core_now_ms(&the_core); /* a second each, here */
    assert_int_equal(ask("POST", "/api/v1/tenants", "", ACME)->status, 409);
}

static void what_was_answered__is_not_there_for_longer(void **state)
{
    struct kept_answer answer = { .who = SLICE_LITERAL("token:a"),
                                  .status = 204,
                                  .at_ms = 1000,
                                  .key = digest_sha256(SLICE_LITERAL("a")) };
    AUTO_BUF body;

    (void)state;
    buf_init(&body, 64);
    assert_int_equal(directory_answer_keep(the_core.directory, &answer), OK);
    assert_int_equal(directory_answers_expire(the_core.directory, 1000 + KEPT_ANSWER_MS - 1), OK);
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("token:a"),
                                           &answer.key, 1001, &body, &answer),
                     OK);
    assert_int_equal(directory_answers_expire(the_core.directory, 1000 + KEPT_ANSWER_MS), OK);
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("token:a"),
                                           &answer.key, 1001, &body, &answer),
                     DIRECTORY_E_NONE);
}

static void expect_new(const struct heard *answer, unsigned status)
{
    assert_int_equal(answer->status, status);
    assert_null(strstr(answer->headers, "Idempotency-Replayed"));
}

static void a_tenant_made_again__hears_nothing_old(void **state)
{
    (void)state;
    asked_with.repeat_key = KEY;
    add_acme();
    asked_with.repeat_key = "another-key";
    assert_int_equal(ask("POST", TENANT "/disable", "", "{}")->status, 200);
    asked_with.repeat_key = NULL;
    assert_int_equal(ask("DELETE", TENANT, "", "")->status, 200);
    asked_with.repeat_key = KEY;
    expect_new(ask("POST", "/api/v1/tenants", "", ACME), 201);
    asked_with.repeat_key = "another-key";
    expect_new(ask("POST", TENANT "/disable", "", "{}"), 200);
}

#define PASSWORD "correct horse battery"
#define VERA     "{\"user\":\"Vera\",\"role\":\"admin\",\"password\":\"" PASSWORD "\"}"
#define LOGIN    "{\"user\":\"vera\",\"password\":\"" PASSWORD "\",\"bearer\":true}"

static void keep_session(char token[TOKEN_TEXT_BYTES])
{
    const struct heard *answer = ask_with("POST", "/api/v1/session", "", LOGIN);

    assert_int_equal(answer->status, 200);
    assert_true(slice_copy(slice_of(text_at(answer, "token")), token, TOKEN_TEXT_BYTES));
}

/* Neither what was answered to them, nor what was answered about them. */
static void a_user_made_again__hears_nothing_old(void **state)
{
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    assert_int_equal(ask("POST", "/api/v1/users", "",
                         "{\"user\":\"erik\",\"role\":\"admin\","
                         "\"password\":\"" PASSWORD "\"}")
                         ->status,
                     201);
    asked_with.repeat_key = KEY;
    assert_int_equal(ask("POST", "/api/v1/users", "", VERA)->status, 201);
    asked_with.repeat_key = NULL;
    keep_session(token);
    asked_with.repeat_key = KEY;
    expect_new(ask_with("POST", "/api/v1/tokens", token, "{\"role\":\"admin\"}"), 201);
    asked_with.repeat_key = NULL;
    assert_int_equal(ask("DELETE", "/api/v1/users/vera", "", "")->status, 204);
    asked_with.repeat_key = KEY;
    expect_new(ask("POST", "/api/v1/users", "", VERA), 201);
    asked_with.repeat_key = NULL;
    keep_session(token);
    asked_with.repeat_key = KEY;
    expect_new(ask_with("POST", "/api/v1/tokens", token, "{\"role\":\"admin\"}"), 201);
}

static void a_tokens_answers__go_with_it(void **state)
{
    struct access_token token = { .id = "a", .role = ROLE_ADMIN };
    struct kept_answer answer = { .who = SLICE_LITERAL("token:a"), .status = 204, .at_ms = 1000 };
    AUTO_BUF body;

    (void)state;
    buf_init(&body, 64);
    assert_int_equal(directory_token_add(the_core.directory, &token, &answer.key), OK);
    assert_int_equal(directory_answer_keep(the_core.directory, &answer), OK);
    assert_int_equal(directory_token_remove(the_core.directory, "a"), OK);
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("token:a"),
                                           &answer.key, 1001, &body, &answer),
                     DIRECTORY_E_NONE);
}

static void about_whom_is_not_there__nothing_is_kept(void **state)
{
    struct kept_answer answer = { .who = SLICE_LITERAL("operator"),
                                  .tenant = SLICE_LITERAL("acme"),
                                  .status = 204,
                                  .at_ms = 1000 };
    AUTO_BUF body;

    (void)state;
    buf_init(&body, 64);
    assert_int_equal(directory_answer_keep(the_core.directory, &answer), OK);
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("operator"),
                                           &answer.key, 1001, &body, &answer),
                     DIRECTORY_E_NONE);
}

static void no_key_is_taken_where_nothing_is_done_once(void **state)
{
    (void)state;
    add_acme();
    asked_with.repeat_key = KEY;
    assert_string_equal(code_of(ask("GET", TENANT, "", "")), "key_not_taken");
    assert_string_equal(code_of(ask("DELETE", TENANT, "", "")), "key_not_taken");
    assert_string_equal(
        code_of(ask("POST", "/api/v1/session", "", "{\"user\":\"a\",\"password\":\"b\"}")),
        "key_not_taken");
    assert_string_equal(
        code_of(ask("POST", TENANT "/presence/adjudicate", "", "{\"sample\":\"autumn\"}")),
        "key_not_taken");
    assert_string_equal(code_of(ask("POST", TENANT "/presence/survey-links", "",
                                    "{\"orders\":[{\"id\":\"A-1\"}]}")),
                        "key_not_taken");
}

/* What was done once is told once, whoever asks again. */
static void what_is_answered_again__is_not_told_to_the_audit_again(void **state)
{
    const json_t *items;

    (void)state;
    asked_with.repeat_key = KEY;
    add_acme();
    add_acme();
    asked_with.repeat_key = NULL;
    items = json_object_get(ask("GET", "/api/v1/audit", "", "")->json, "items");
    assert_int_equal(json_array_size(items), 1);
}

/* Whose answer was lost was not too slow. */
static void a_repeated_change__does_not_stumble_over_itself(void **state)
{
    const struct heard *answer;

    (void)state;
    add_acme();
    keep_tag(ask("GET", TENANT, "", ""));
    asked_with.repeat_key = KEY;
    asked_with.if_match = tag;
    assert_int_equal(ask("POST", TENANT "/disable", "", "{}")->status, 200);
    answer = ask("POST", TENANT "/disable", "", "{}");
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(answer->headers, "Idempotency-Replayed: true\r\n"));
    asked_with.repeat_key = "another-key";
    assert_int_equal(ask("POST", TENANT "/disable", "", "{}")->status, 412);
}

/* The body of that one is known but for the password. */
static void what_is_kept__does_not_help_to_guess_a_password(void **state)
{
    struct kept_answer first = { .status = 0 }, second = first;
    AUTO_BUF body;
    struct digest key = digest_sha256(SLICE_LITERAL("a"));

    (void)state;
    buf_init(&body, KEPT_ANSWER_MAX_BYTES);
    asked_with.repeat_key = "a";
    add_acme();
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("operator"), &key,
                                           core_now_ms(&the_core), &body, &first),
                     OK);
    asked_with.repeat_key = NULL;
    assert_int_equal(ask("DELETE", TENANT, "", "")->status, 200);
    asked_with.repeat_key = "b";
    add_acme();
    key = digest_sha256(SLICE_LITERAL("b"));
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("operator"), &key,
                                           core_now_ms(&the_core), &body, &second),
                     OK);
    assert_false(digest_equal(&first.request, &second.request));
}

static void only_so_many_answers__are_kept(void **state)
{
    struct kept_answer answer = { .who = SLICE_LITERAL("token:a"), .status = 204 };
    AUTO_BUF body;
    char text[16];

    (void)state;
    buf_init(&body, 64);
    for (unsigned i = 0; i <= KEPT_ANSWERS_MAX; i++) {
        (void)snprintf(text, sizeof(text), "%u", i);
        answer.key = digest_sha256(slice_of(text));
        answer.at_ms = 1000 + i;
        assert_int_equal(directory_answer_keep(the_core.directory, &answer), OK);
    }
    answer.key = digest_sha256(SLICE_LITERAL("0"));
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("token:a"),
                                           &answer.key, 2000, &body, &answer),
                     DIRECTORY_E_NONE);
    answer.key = digest_sha256(SLICE_LITERAL("1"));
    assert_int_equal(directory_answer_find(the_core.directory, SLICE_LITERAL("token:a"),
                                           &answer.key, 2000, &body, &answer),
                     OK);
}

/* --- tags --- */

static void what_was_seen__is_not_sent_again(void **state)
{
    static const char *const paths[] = {
        TENANT,           "/api/v1/tenants", TENANT "/settings",    "/api/v1/settings",
        "/api/v1/agents", "/api/v1/users",   TENANT "/transcripts", TENANT "/agents"
    };

    (void)state;
    add_acme();
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct heard *answer;
        char list[128];

        asked_with.if_none_match = NULL;
        keep_tag(ask("GET", paths[i], "", ""));
        (void)snprintf(list, sizeof(list), "\"another\", W/%s", tag);
        asked_with.if_none_match = list;
        answer = ask("GET", paths[i], "", "");
        assert_int_equal(answer->status, 304);
        assert_int_equal(answer->len, 0);
        assert_non_null(strstr(answer->headers, tag));
        asked_with.if_none_match = "\"another\"";
        assert_int_equal(ask("GET", paths[i], "", "")->status, 200);
        asked_with.if_none_match = NULL;
    }
}

static unsigned change_if(const char *if_match, const char *color)
{
    char body[96];
    unsigned status;

    (void)snprintf(body, sizeof(body), "{\"values\":{\"widget.color\":\"%s\"}}", color);
    asked_with.if_match = if_match;
    status = ask("PATCH", TENANT "/settings", "", body)->status;
    asked_with.if_match = NULL;
    return status;
}

static void a_change__is_not_lost_to_a_slower_one(void **state)
{
    (void)state;
    add_acme();
    keep_tag(ask("GET", TENANT "/settings", "", ""));
    assert_int_equal(change_if(tag, "#111111"), 200);
    assert_int_equal(change_if(tag, "#222222"), 412);
    assert_non_null(strstr(ask("GET", TENANT "/settings", "", "")->text, "#111111"));
    keep_tag(ask("GET", TENANT "/settings", "", ""));
    assert_int_equal(change_if(tag, "#222222"), 200);
    assert_int_equal(change_if("*", "#333333"), 200);
    assert_int_equal(change_if(NULL, "#444444"), 200);
}

/* Who waits at a tenant changes all the time, and is nobody's change. */
static void what_happens__is_no_change(void **state)
{
    (void)state;
    add_acme();
    keep_tag(ask("GET", TENANT, "", ""));
    tenants_find(&the_core, SLICE_LITERAL("acme"))->link_up ^= true;
    asked_with.if_none_match = tag;
    assert_int_equal(ask("GET", TENANT, "", "")->status, 200); /* but it is news */
    asked_with.if_match = tag;
    assert_int_equal(ask("PATCH", TENANT, "", "{\"name\":\"Acme Oy\"}")->status, 200);
    assert_int_equal(ask("PATCH", TENANT, "", "{\"name\":\"Acme Ab\"}")->status, 412);
}

static void a_tag_that_can_match_nothing__is_refused(void **state)
{
    (void)state;
    asked_with.if_match = "\"x\"";
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", ACME)), "if_match_not_taken");
    asked_with.if_match = "no tag at all";
    assert_string_equal(code_of(ask("PATCH", "/api/v1/settings", "", "{\"values\":{}}")),
                        "changed_meanwhile");
}

/* Each name in the table of what is guarded is a route's. */
static void every_route_that_is_guarded__is_shown_by_another(void **state)
{
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < route_count(); i++)
        seen += etag_guards(route_at(i));
    assert_int_equal(seen, 27);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(the_same_request__is_done_once), CASE(another_request_by_the_same_key__is_refused),
    CASE(what_was_refused__may_be_put_right_under_its_key), CASE(a_secret__is_not_kept),
    CASE(a_key__is_its_senders_own), CASE(a_key__counts_for_a_day),
    CASE(what_was_answered__is_not_there_for_longer), CASE(a_tenant_made_again__hears_nothing_old),
    CASE(a_user_made_again__hears_nothing_old), CASE(a_tokens_answers__go_with_it),
    CASE(about_whom_is_not_there__nothing_is_kept),
    CASE(no_key_is_taken_where_nothing_is_done_once), CASE(only_so_many_answers__are_kept),
    CASE(what_is_answered_again__is_not_told_to_the_audit_again),
    CASE(a_repeated_change__does_not_stumble_over_itself),
    CASE(what_is_kept__does_not_help_to_guess_a_password), CASE(what_was_seen__is_not_sent_again),
    CASE(a_change__is_not_lost_to_a_slower_one), CASE(what_happens__is_no_change),
    CASE(a_tag_that_can_match_nothing__is_refused),
    CASE(every_route_that_is_guarded__is_shown_by_another))
