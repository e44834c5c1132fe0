/* SPDX-License-Identifier: Apache-2.0
 *
 * What is changed by If-Match is changed only as it was seen, and lists that grow come in pages.
 */
#include "storage/store.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define ACME  "/api/v1/tenants/acme"
#define ANNA  ACME "/agents/anna@agents.localhost"
#define RULES ACME "/billing/rules"

static char tag[128];

static void keep_tag(const char *path)
{
    const struct heard *answer = ask("GET", path, "", "");
    const char *header = strstr(answer->headers, "ETag: ");

    assert_int_equal(answer->status, 200);
    assert_non_null(header);
    assert_true(
        slice_copy((struct slice){ header + 6, strcspn(header + 6, "\r") }, tag, sizeof(tag)));
}

static const struct heard *ask_if(const char *if_match, const char *method, const char *path,
                                  const char *body)
{
    const struct heard *answer;

    asked_with.if_match = if_match;
    answer = ask(method, path, "", body);
    asked_with.if_match = NULL;
    return answer;
}

static void is_told_to_look_again(const struct heard *answer)
{
    assert_int_equal(answer->status, 412);
    assert_string_equal(code_of(answer), "changed_meanwhile");
    assert_non_null(strstr(answer->text, "Look again"));
}

#define AS(limit) "{\"jid\":\"anna@agents.localhost\",\"limit\":" limit "}"

static void a_member__is_changed_as_it_was_seen(void **state)
{
    char before[sizeof(tag)];

    (void)state;
    (void)ask("POST", "/api/v1/agents", "",
              "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\"}");
    assert_int_equal(ask("GET", ANNA, "", "")->status, 404);
    is_told_to_look_again(ask_if("*", "POST", ACME "/agents", AS("4"))); /* there is none yet */
    assert_int_equal(ask("POST", ACME "/agents", "", AS("4"))->status, 200);
    keep_tag(ANNA);
    memcpy(before, tag, sizeof(tag));
    assert_int_equal(ask_if(before, "POST", ACME "/agents", AS("5"))->status, 200);
    is_told_to_look_again(ask_if(before, "POST", ACME "/agents", AS("6")));
    is_told_to_look_again(ask_if(before, "DELETE", ANNA, ""));
    assert_int_equal(json_integer_value(json_object_get(ask("GET", ANNA, "", "")->json, "limit")),
                     5);
    keep_tag(ANNA);
    assert_int_equal(ask_if(tag, "DELETE", ANNA, "")->status, 204);
}

static void a_site__is_taken_away_as_it_was_seen(void **state)
{
    char path[128], id[ID_TEXT_BYTES], change[160];

    (void)state;
    (void)slice_copy(
        slice_of(text_at(
            ask("POST", ACME "/sites", "", "{\"origins\":[\"https://shop.acme.example\"]}"), "id")),
        id, sizeof(id));
    (void)snprintf(path, sizeof(path), ACME "/sites/%s", id);
    (void)snprintf(change, sizeof(change),
                   "{\"site\":\"%s\",\"origins\":[\"https://new.acme.example\"]}", id);
    keep_tag(path);
    assert_int_equal(ask("PATCH", ACME, "", change)->status, 200);
    is_told_to_look_again(ask_if(tag, "DELETE", path, ""));
    keep_tag(path);
    assert_int_equal(ask_if(tag, "DELETE", path, "")->status, 204);
    assert_int_equal(ask("GET", path, "", "")->status, 404);
}

static void a_webhook__is_taken_away_as_it_was_seen(void **state)
{
    char path[128];
    const struct heard *answer =
        ask("POST", ACME "/webhooks", "",
            "{\"url\":\"https://hooks.acme.example/in\",\"events\":[\"message\"]}");

    (void)state;
    assert_int_equal(answer->status, 201);
    (void)snprintf(path, sizeof(path), ACME "/webhooks/%s", text_at(answer, "id"));
    keep_tag(path);
    is_told_to_look_again(ask_if("\"aaaaaaaaaaaaaaaa\"", "DELETE", path, ""));
    assert_int_equal(ask_if(tag, "DELETE", path, "")->status, 204);
    is_told_to_look_again(ask_if(tag, "DELETE", path, ""));
    assert_int_equal(ask("GET", path, "", "")->status, 404);
}

#define RULES_FROM(month) \
    "{\"from\":\"" month "\",\"rules\":[{\"id\":\"all\",\"billable\":true,\"text\":\"All.\"}]}"

static void rules_of_billing__are_added_to_those_that_were_seen(void **state)
{
    (void)state;
    keep_tag(RULES);
    assert_int_equal(ask_if(tag, "POST", RULES, RULES_FROM("2026-10"))->status, 201);
    is_told_to_look_again(ask_if(tag, "POST", RULES, RULES_FROM("2026-11")));
    keep_tag(RULES);
    assert_int_equal(ask_if(tag, "POST", RULES, RULES_FROM("2026-11"))->status, 201);
}

static void a_change_that_is_not_stored_yet__counts_as_one(void **state)
{
    char admin[TOKEN_TEXT_BYTES];
    const struct heard *answer;

    (void)state;
    (void)slice_copy(
        slice_of(text_at(ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\"}"), "token")),
        admin, sizeof(admin));
    keep_tag(RULES);
    store_memory_hold(the_core.store, true);
    asked_with.if_match = tag;
    ask_only("POST", RULES, "", RULES_FROM("2026-10"));
    answer = ask_with("POST", RULES, admin, RULES_FROM("2026-11"));
    asked_with.if_match = NULL;
    assert_non_null(answer);
    is_told_to_look_again(answer);
    store_memory_hold(the_core.store, false);
}

static void a_list_that_grows__comes_in_pages(void **state)
{
    static const char *const months[] = { RULES_FROM("2026-09"), RULES_FROM("2026-10"),
                                          RULES_FROM("2026-11") };
    char query[64];
    const struct heard *answer;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ask("POST", RULES, "", months[i])->status, 201);
    answer = ask("GET", RULES, "limit=2", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 2);
    (void)snprintf(query, sizeof(query), "limit=2&cursor=%s", text_at(answer, "next"));
    answer = ask("GET", RULES, query, "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 1);
    assert_non_null(strstr(answer->text, "\"from\":\"2026-09\""));
    assert_true(json_is_null(json_object_get(answer->json, "next")));
    assert_int_equal(ask("GET", RULES, "limit=3", "")->status, 200);
    assert_true(json_is_null(json_object_get(ask("GET", RULES, "limit=3", "")->json, "next")));
    assert_string_equal(code_of(ask("GET", RULES, "cursor=77", "")), "bad_parameter");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, double_setup, double_teardown)

RUN(CASE(a_member__is_changed_as_it_was_seen), CASE(a_site__is_taken_away_as_it_was_seen),
    CASE(a_webhook__is_taken_away_as_it_was_seen),
    CASE(rules_of_billing__are_added_to_those_that_were_seen),
    CASE(a_change_that_is_not_stored_yet__counts_as_one), CASE(a_list_that_grows__comes_in_pages))
