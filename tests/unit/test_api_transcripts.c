/* SPDX-License-Identifier: Apache-2.0
 *
 * Conversations and transcripts: listed, ended, read however long they are, exported to who reads
 * slowly or leaves, and imported.
 */
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

static void conversations__page_newest_first_and_by_state(void **state)
{
    char query[96] = "limit=3";
    unsigned seen = 0;

    (void)state;
    for (unsigned i = 0; i < 7; i++)
        (void)double_conversation("acme", 1, 10, i % 2 == 0);
    while (seen < 100) {
        const struct heard *answer = ask("GET", "/api/v1/tenants/acme/conversations", query, "");
        const json_t *item;
        size_t i;

        assert_int_equal(answer->status, 200);
        json_array_foreach(json_object_get(answer->json, "items"), i, item)
        {
            (void)item;
            seen++;
        }
        if (strcmp(text_at(answer, "next"), "(none)") == 0)
            break;
        (void)snprintf(query, sizeof(query), "limit=3&cursor=%s", text_at(answer, "next"));
    }
    assert_int_equal(seen, 7);
    assert_int_equal(
        json_array_size(json_object_get(
            ask("GET", "/api/v1/tenants/acme/conversations", "state=ended", "")->json, "items")),
        4);
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/conversations", "state=x", "")->status, 400);
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/conversations", "cursor=x", "")->status, 400);
}

static void ending_a_conversation__answers_when_it_has_ended(void **state)
{
    char path[160], id[ID_TEXT_BYTES];
    const struct heard *answer;

    (void)state;
    open_conversation = double_conversation("acme", 1, 10, false);
    id_format(open_conversation.id, id);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/conversations/%s", id);
    assert_string_equal(text_at(ask("GET", path, "", ""), "state"), "active");
    (void)strcat(path, "/end");
    answer = ask("POST", path, "", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "state"), "ended");
    assert_string_equal(code_of(ask("POST", path, "", "")), "conversation_ended");
}

static void a_transcript__comes_whole_however_long(void **state)
{
    char path[160], id[ID_TEXT_BYTES];
    const struct heard *answer;

    (void)state;
    id_format(double_conversation("acme", 300, 4000, true).id, id);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/transcripts/%s", id);
    answer = ask("GET", path, "", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->type, "application/json");
    assert_true(answer->parts > 8);
    assert_int_equal(json_array_size(json_object_get(answer->json, "messages")), 300);
    assert_null(the_core.calls);
}

static void an_import__tells_what_was_taken_known_and_refused(void **state)
{
    const char *body = "{\"transcripts\":[{\"id\":\"1\",\"turns\":[{\"role\":\"visitor\","
                       "\"text\":\"hi\"}]},{\"id\":\"2\"},{\"id\":\"1\",\"turns\":[]}]}";
    const struct heard *answer;

    (void)state;
    answer = ask("POST", "/api/v1/tenants/acme/transcripts/import", "", body);
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->text,
                        "{\"imported\":1,\"known\":0,\"messages\":1,\"refused\":[{\"item\":1,"
                        "\"why\":\"\\\"messages\\\" must be a list of at most 100000.\"},"
                        "{\"item\":2,\"why\":\"Another conversation with this id is there "
                        "already.\"}]}");
    answer = ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
                 "{\"transcripts\":[{\"id\":\"1\",\"turns\":[{\"role\":\"visitor\","
                 "\"text\":\"hi\"}]}]}");
    assert_int_equal(json_integer_value(json_object_get(answer->json, "known")), 1);
    answer = ask("POST", "/api/v1/tenants/acme/transcripts/import", "", "{\"transcripts\":[7]}");
    assert_int_equal(answer->status, 400);
    assert_string_equal(code_of(answer), "bad_field");
}

static size_t lines_of(const struct heard *answer)
{
    size_t lines = 0;

    for (const char *at = answer->text; (at = strchr(at, '\n')) != NULL; at++)
        lines++;
    return lines;
}

static void an_export__has_a_line_for_each_conversation(void **state)
{
    const struct heard *answer;

    (void)state;
    double_tenant("borealis");
    for (unsigned i = 0; i < 50; i++)
        (void)double_conversation("acme", 3, 2000, i < 20);
    (void)double_conversation("borealis", 1, 10, true);
    answer = ask("GET", "/api/v1/tenants/acme/transcripts/export", "format=jsonl", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->type, "application/jsonl");
    assert_true(answer->parts > 2);
    assert_int_equal(lines_of(answer), 50);
    assert_null(strstr(answer->text, "borealis"));
    answer = ask("GET", "/api/v1/tenants/acme/transcripts/export", "state=ended", "");
    assert_int_equal(lines_of(answer), 20);
    answer = ask("GET", "/api/v1/tenants/borealis/transcripts/export", "until=2001-01-01", "");
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, 0);
    answer = ask("GET", "/api/v1/tenants/acme/transcripts/export", "format=xml", "");
    assert_int_equal(answer->status, 400);
    assert_null(the_core.calls);
}

static void an_export__waits_for_its_reader_and_ends_with_them(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 50; i++)
        (void)double_conversation("acme", 3, 3900, true);
    double_read_slowly(true);
    ask_only("GET", "/api/v1/tenants/acme/transcripts/export", "", "");
    double_hears_a_part();
    assert_true(double_hears_nothing());
    assert_non_null(the_core.calls);
    double_next(true);
    assert_non_null(the_core.calls);
    double_next(false);
    assert_true(double_is_idle());
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, double_setup, double_teardown)

RUN(CASE(conversations__page_newest_first_and_by_state),
    CASE(ending_a_conversation__answers_when_it_has_ended),
    CASE(a_transcript__comes_whole_however_long),
    CASE(an_import__tells_what_was_taken_known_and_refused),
    CASE(an_export__has_a_line_for_each_conversation),
    CASE(an_export__waits_for_its_reader_and_ends_with_them))
