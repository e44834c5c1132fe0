/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/outward/outward.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define PLACE "/api/v1/tenants/acme/webhooks"
#define ENDED \
    "{\"url\":\"https://hooks.acme.example/in\",\"events\":[\"conversation.ended\",\"message\"]}"

static char secret[64], id[ID_TEXT_BYTES];

static int start(void **state)
{
    (void)double_setup(state);
    outside_is_quick = false;
    return 0;
}

static void add(const char *body)
{
    const struct heard *answer = ask("POST", PLACE, "", body);

    assert_int_equal(answer->status, 201);
    (void)snprintf(secret, sizeof(secret), "%s", text_at(answer, "secret"));
    (void)snprintf(id, sizeof(id), "%s", text_at(answer, "id"));
}

static void refused(const char *body, unsigned status, const char *code)
{
    const struct heard *answer = ask("POST", PLACE, "", body);

    assert_int_equal(answer->status, status);
    assert_string_equal(code_of(answer), code);
}

static const json_t *item(const char *path, size_t i)
{
    const struct heard *answer = ask("GET", path, "", "");

    assert_int_equal(answer->status, 200);
    return json_array_get(json_object_get(answer->json, "items"), i);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "(none)" : text;
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

/* Something ended, and the core heard that it is stored. */
static void a_chat(unsigned messages)
{
    struct live_tenant *acme = tenants_find(&the_core, SLICE_LITERAL("acme"));

    (void)double_conversation("acme", messages, 10, true);
    hooks_written(acme, &(struct chat_write){ .kind = WRITE_END });
    double_turn();
}

static bool is_asked(const char *type)
{
    AUTO_JSON body = json_loads(outside_body, 0, NULL);

    return strcmp(text_of(body, "type"), type) == 0;
}

static void outside_says(enum fetch_outcome outcome, unsigned status)
{
    assert_true(outside_answers(outcome, status));
    double_turn();
}

static void the_secret__is_shown_once(void **state)
{
    const struct heard *answer;

    (void)state;
    add(ENDED);
    assert_true(slice_starts_with(slice_of(secret), "whsec_"));
    answer = ask("GET", PLACE, "", "");
    assert_null(strstr(answer->text, secret + 6));
    assert_non_null(strstr(answer->text, "\"events\":[\"conversation.ended\",\"message\"]"));
    assert_string_equal(text_of(item(PLACE, 0), "state"), "fine");
    assert_false(json_is_true(json_object_get(item(PLACE, 0), "texts")));
}

static const struct heard *rotate(const char *body)
{
    char path[128];

    (void)snprintf(path, sizeof(path), PLACE "/%s/rotate", id);
    return ask("POST", path, "", body);
}

static unsigned signatures(void)
{
    unsigned count = 0;

    for (const char *at = outside_headers; (at = strstr(at, " v1,")) != NULL; at++)
        count++;
    return count;
}

static void another_secret__signs_beside_the_old_one_for_a_while(void **state)
{
    const struct heard *answer;

    (void)state;
    add(ENDED);
    answer = rotate("{\"overlap\":\"1h\"}");
    assert_int_equal(answer->status, 200);
    assert_true(slice_starts_with(slice_of(text_at(answer, "secret")), "whsec_"));
    assert_string_not_equal(text_at(answer, "secret"), secret);
    a_chat(1);
    assert_int_equal(signatures(), 2);
    for (int i = 0; i < 3600; i++)
        (void)core_now_ms(&the_core); /* a second each, here */
    outside_says(FETCH_DONE, 200);
    assert_int_equal(signatures(), 1);
    outside_says(FETCH_DONE, 200);
}

static void a_secret_others_know__counts_no_more(void **state)
{
    (void)state;
    add(ENDED);
    assert_int_equal(rotate("{\"overlap\":\"0\"}")->status, 200);
    assert_int_equal(rotate("{\"overlap\":\"8d\"}")->status, 400);
    a_chat(1);
    assert_int_equal(signatures(), 1);
    outside_says(FETCH_DONE, 200);
    outside_says(FETCH_DONE, 200);
}

static void what_cannot_be_told__is_refused(void **state)
{
    (void)state;
    refused("{\"url\":\"http://acme.example/\",\"events\":[\"message\"]}", 400, "bad_field");
    refused("{\"url\":\"https://u@acme.example/\",\"events\":[\"message\"]}", 400, "bad_field");
    refused("{\"url\":\"https://acme.example/\",\"events\":[]}", 400, "bad_field");
    refused("{\"url\":\"https://acme.example/\",\"events\":[\"all\"]}", 400, "bad_field");
    refused("{\"url\":\"https://acme.example/\"}", 400, "bad_field");
    refused("{\"url\":\"https://acme.example/\",\"events\":[\"message\"],\"secret\":\"x\"}", 400,
            "bad_field");
    add(ENDED);
    refused(ENDED, 409, "webhook_exists");
}

static void a_tenant__has_few(void **state)
{
    char body[128];

    (void)state;
    for (int i = 0; i <= HOOKS_MAX; i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"url\":\"https://acme.example/%d\",\"events\":[\"message\"]}", i);
        if (i < HOOKS_MAX)
            add(body);
        else
            refused(body, 409, "too_many");
    }
}

static void what_happens__is_told_signed_and_in_order(void **state)
{
    (void)state;
    add(ENDED);
    a_chat(2);
    assert_string_equal(outside_asked, "https://hooks.acme.example/in");
    assert_non_null(strstr(outside_headers, "webhook-signature: v1,"));
    assert_true(is_asked("message"));
    assert_non_null(strstr(outside_body, "\"seq\":1"));
    outside_says(FETCH_DONE, 200);
    assert_non_null(strstr(outside_body, "\"seq\":2"));
    outside_says(FETCH_DONE, 204);
    assert_true(is_asked("conversation.ended"));
    outside_says(FETCH_DONE, 299);
    assert_false(outside_answers(FETCH_DONE, 200));
    assert_int_equal(number_of(item(PLACE, 0), "waiting"), 0);
}

static void what_is_not_taken__waits_and_holds_the_rest(void **state)
{
    static const struct {
        enum fetch_outcome outcome;
        unsigned status;
        const char *problem;
    } answers[] = { { FETCH_DONE, 500, "it answered 500" },
                    { FETCH_DONE, 302, "it answered 302: redirects are not followed" },
                    { FETCH_DONE, 404, "it answered 404" },
                    { FETCH_TIMEOUT, 0, "it did not answer in time" } };

    (void)state;
    add(ENDED);
    a_chat(1);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        char body[4096];

        (void)snprintf(body, sizeof(body), "%s", outside_body);
        outside_says(answers[i].outcome, answers[i].status);
        assert_string_equal(outside_asked, "");
        assert_string_equal(text_of(item(PLACE, 0), "state"), "failing");
        assert_string_equal(text_of(item(PLACE, 0), "problem"), answers[i].problem);
        assert_string_not_equal(text_of(item(PLACE, 0), "next_try_at"), "(none)");
        assert_int_equal(number_of(item(PLACE, 0), "waiting"), 2);
        assert_int_equal(ask("POST", PLACE "/retry", "", "{}")->status, 200);
        double_turn();
        assert_string_equal(outside_body, body); /* the very same again */
    }
    outside_says(FETCH_DONE, 200);
    assert_true(is_asked("conversation.ended"));
    assert_string_equal(text_of(item(PLACE, 0), "state"), "fine");
}

static void our_own_absence__is_not_held_against_it(void **state)
{
    (void)state;
    add(ENDED);
    a_chat(1);
    outside_says(FETCH_LOST, 0);
    assert_string_equal(text_of(item(PLACE, 0), "state"), "fine");
    assert_int_equal(number_of(item(PLACE, 0), "waiting"), 2);
}

static void what_is_refused_for_good__is_given_up_and_may_be_tried_again(void **state)
{
    char dead[ID_TEXT_BYTES], body[64];

    (void)state;
    add(ENDED);
    a_chat(1);
    outside_says(FETCH_DONE, 422);
    assert_true(is_asked("conversation.ended"));
    outside_says(FETCH_DONE, 200);
    assert_int_equal(number_of(item(PLACE, 0), "dead"), 1);
    assert_string_equal(text_of(item(PLACE "/dead", 0), "event"), "message");
    assert_string_equal(text_of(item(PLACE "/dead", 0), "problem"), "it answered 422");
    assert_string_equal(text_of(item(PLACE "/dead", 0), "webhook"), id);
    (void)snprintf(dead, sizeof(dead), "%s", text_of(item(PLACE "/dead", 0), "id"));
    (void)snprintf(body, sizeof(body), "{\"notice\":\"%s\"}", id);
    assert_int_equal(ask("POST", PLACE "/retry", "", body)->status, 404);
    assert_int_equal(ask("POST", PLACE "/retry", "", "{\"notice\":\"x\"}")->status, 404);
    (void)snprintf(body, sizeof(body), "{\"notice\":\"%s\"}", dead);
    assert_int_equal(number_of(ask("POST", PLACE "/retry", "", body)->json, "retried"), 1);
    double_turn();
    assert_non_null(strstr(outside_body, dead)); /* under the id it had */
    outside_says(FETCH_DONE, 200);
    assert_null(item(PLACE "/dead", 0));
}

static void a_notice_older_than_a_day__is_given_up(void **state)
{
    (void)state;
    add(ENDED);
    a_chat(1);
    for (int s = 0; s < 24 * 3600; s++) /* each time it is asked, the double's clock goes on */
        (void)core_now_ms(&the_core);
    outside_says(FETCH_DONE, 503);
    assert_int_equal(number_of(item(PLACE, 0), "dead"), 1);
}

static void a_trial__says_what_came_of_it(void **state)
{
    char path[128];
    const struct heard *answer;

    (void)state;
    add(ENDED);
    (void)snprintf(path, sizeof(path), PLACE "/%s/test", id);
    ask_only("POST", path, "", "{}");
    assert_true(is_asked("test"));
    outside_says(FETCH_DONE, 200);
    answer = heard();
    assert_true(json_is_true(json_object_get(answer->json, "delivered")));
    assert_int_equal(number_of(answer->json, "problems"), 0);
    ask_only("POST", path, "", "{}");
    outside_says(FETCH_TIMEOUT, 0);
    answer = heard();
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "problem"), "it did not answer in time");
    assert_int_equal(number_of(answer->json, "problems"), 1);
}

static void one_that_is_taken_away__is_told_nothing_more(void **state)
{
    char path[128];

    (void)state;
    add(ENDED);
    a_chat(2);
    (void)snprintf(path, sizeof(path), PLACE "/%s", id);
    assert_int_equal(ask("DELETE", path, "", "")->status, 204);
    outside_says(FETCH_DONE, 200);
    assert_string_equal(outside_asked, "");
    assert_null(item(PLACE, 0));
    assert_int_equal(ask("DELETE", path, "", "")->status, 404);
}

static void a_tenant_that_stops__is_told_later(void **state)
{
    struct live_tenant *acme = tenants_find(&the_core, SLICE_LITERAL("acme"));

    (void)state;
    add(ENDED);
    a_chat(1);
    tenants_shut(acme, NULL, NULL);
    outside_says(FETCH_DONE, 200); /* nobody is left to note it: it is told once more */
    assert_string_equal(outside_asked, "");
    /* What is stored in memory went with it; the hook itself, too. */
    assert_int_equal(tenants_resume(acme), OK);
    assert_true(acme->hooks->row == 0 && acme->hooks->next == NULL); /* copies by mail */
}

/* --- mail --- */

static void set_up_mail(void)
{
    struct settings *settings = the_core.role->settings;

    free(settings->mail_url);
    settings->mail_url = strdup("smtp://mail.example");
    free(settings->mail_from);
    settings->mail_from = strdup("chat@chat.example");
}

static unsigned orders(const char *to)
{
    char path[128], body[128], conversation[ID_TEXT_BYTES];

    id_format(double_conversation("acme", 1, 10, false).id, conversation);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/conversations/%s/mail", conversation);
    (void)snprintf(body, sizeof(body), "{\"to\":\"%s\"}", to);
    return ask("POST", path, "", body)->status;
}

static void a_copy__goes_to_its_address(void **state)
{
    (void)state;
    assert_int_equal(orders("vera@buyer.example"), 409);
    set_up_mail();
    assert_int_equal(orders("vera@buyer"), 400);
    assert_int_equal(orders("vera@buyer.example"), 202);
    double_turn();
    assert_string_equal(outside_asked, "mailto:vera@buyer.example");
    assert_non_null(strstr(outside_body, "\r\nTo: <vera@buyer.example>\r\n"));
    assert_non_null(strstr(outside_body, "You: xxxxxxxxxx"));
    outside_says(FETCH_DONE, 250);
    assert_string_equal(outside_asked, "");
}

static void an_address_that_cannot_now__lets_others_go_first(void **state)
{
    (void)state;
    set_up_mail();
    assert_int_equal(orders("full@buyer.example"), 202);
    assert_int_equal(orders("vera@buyer.example"), 202);
    double_turn();
    assert_string_equal(outside_asked, "mailto:full@buyer.example");
    outside_says(FETCH_DONE, 452);
    assert_string_equal(outside_asked, "mailto:vera@buyer.example");
    outside_says(FETCH_DONE, 550);
    assert_string_equal(outside_asked, ""); /* after a pause, once more */
    assert_int_equal(ask("POST", PLACE "/retry", "", "{\"notice\":\"\"}")->status, 200);
    double_turn();
    assert_string_equal(outside_asked, "mailto:vera@buyer.example");
    outside_says(FETCH_DONE, 550);
    assert_string_equal(outside_asked, "mailto:full@buyer.example");
    outside_says(FETCH_DONE, 250);
    assert_string_equal(text_of(item(PLACE "/dead", 0), "event"), "transcript");
}

static void an_address_of_the_tenant__is_told_of_what_mails_can_tell(void **state)
{
    const char *sales = "{\"url\":\"mailto:sales@acme.example\",\"events\":"
                        "[\"conversation.ended\"],\"texts\":true}";

    (void)state;
    refused(sales, 409, "mail_off");
    set_up_mail();
    refused("{\"url\":\"mailto:sales@acme.example\",\"events\":[\"message\"]}", 400, "bad_field");
    refused("{\"url\":\"mailto:sales\",\"events\":[\"callback\"]}", 400, "bad_field");
    assert_null(json_object_get(ask("POST", PLACE, "", sales)->json, "secret"));
    assert_string_equal(text_of(item(PLACE, 0), "url"), "mailto:sales@acme.example");
    a_chat(2);
    assert_string_equal(outside_asked, "mailto:sales@acme.example");
    assert_non_null(strstr(outside_body, "Visitor: xxxxxxxxxx"));
    outside_says(FETCH_DONE, 250);
    assert_int_equal(ask("DELETE", PLACE "/aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "")->status, 404);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(the_secret__is_shown_once), CASE(another_secret__signs_beside_the_old_one_for_a_while),
    CASE(a_secret_others_know__counts_no_more), CASE(what_cannot_be_told__is_refused),
    CASE(a_tenant__has_few), CASE(what_happens__is_told_signed_and_in_order),
    CASE(what_is_not_taken__waits_and_holds_the_rest),
    CASE(our_own_absence__is_not_held_against_it),
    CASE(what_is_refused_for_good__is_given_up_and_may_be_tried_again),
    CASE(a_notice_older_than_a_day__is_given_up), CASE(a_trial__says_what_came_of_it),
    CASE(one_that_is_taken_away__is_told_nothing_more), CASE(a_tenant_that_stops__is_told_later),
    CASE(a_copy__goes_to_its_address), CASE(an_address_that_cannot_now__lets_others_go_first),
    CASE(an_address_of_the_tenant__is_told_of_what_mails_can_tell))
