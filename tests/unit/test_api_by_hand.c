/* SPDX-License-Identifier: Apache-2.0
 *
 * Coding by hand from the draw to what was settled on, over the API.
 */
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define ACME "/api/v1/tenants/acme"

static char token[TOKEN_TEXT_BYTES];

static const struct heard *post(const char *path, const char *body)
{
    return ask("POST", path, "", body);
}

/* Four chats in English: two whose visitor was sent by a friend, which the rules know, two plain.
 */
static void import_chats(void)
{
    char body[4096] = "{\"transcripts\":[";

    for (int i = 0; i < 4; i++) {
        size_t len = strlen(body);

        (void)snprintf(body + len, sizeof(body) - len,
                       "%s{\"id\":\"chat %d\",\"lang\":\"en\",\"turns\":[{\"role\":\"visitor\","
                       "\"text\":\"%s\",\"ts\":%d},{\"role\":\"agent\",\"text\":\"Hello there\","
                       "\"ts\":%d}]}",
                       i > 0 ? "," : "", i,
                       i < 2 ? "A friend recommended you to me" : "Does it support SSO?",
                       1000 + i * 100, 1007 + i * 100);
    }
    (void)strcat(body, "]}");
    assert_int_equal(post(ACME "/transcripts/import", body)->status, 200);
}

static int start(void **state)
{
    (void)double_setup(state);
    import_chats();
    return 0;
}

static json_int_t number(const struct heard *answer, const char *key)
{
    return json_integer_value(json_object_get(answer->json, key));
}

static void draw(void)
{
    assert_int_equal(post(ACME "/presence/code", "")->status, 200);
    assert_int_equal(
        post(ACME "/presence/samples", "{\"sample\":\"spring\",\"chats\":3,\"with_percent\":67}")
            ->status,
        201);
}

static void deal(void)
{
    const struct heard *answer;

    draw();
    answer =
        post(ACME "/presence/assignments", "{\"sample\":\"spring\",\"coders\":[\"Erik\",\"Bo\"]}");
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "chats"), 3);
}

/* 67 of a hundred of 3 are 2: both that bear WOM.SRC; of the two others one, which stands for 2. */
static void a_sample__is_drawn_once_and_tells_its_strata(void **state)
{
    const struct heard *answer;
    const json_t *strata;

    (void)state;
    answer = post(ACME "/presence/samples", "{\"sample\":\"spring\"}");
    assert_int_equal(answer->status, 409);
    assert_string_equal(code_of(answer), "not_coded");
    draw();
    answer = post(ACME "/presence/samples", "{\"sample\":\"spring\"}");
    assert_int_equal(answer->status, 409);
    assert_string_equal(code_of(answer), "sample_exists");
    answer = post(ACME "/presence/samples",
                  "{\"sample\":\"again\",\"chats\":3,\"with_percent\":67,\"codes\":[\"WOM.SRC\"]}");
    assert_int_equal(answer->status, 201);
    strata = json_object_get(answer->json, "strata");
    assert_int_equal(json_array_size(strata), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(strata, 0), "stratum")),
                        "en unknown with");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(strata, 0), "drawn")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(strata, 1), "chats")), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(strata, 1), "drawn")), 1);
    assert_int_equal(
        post(ACME "/presence/samples", "{\"sample\":\"x\",\"codes\":[\"INT.WHAT\"]}")->status, 400);
}

static void dealing__takes_two_to_eight_people_each_once(void **state)
{
    static const char *const wrong[] = {
        "[]",
        "[\"Erik\"]",
        "[\"Erik\",\"Erik\"]",
        "[\"Erik\",\"machine@1\"]",
        "[\"Erik\",\"adjudicated\"]",
        "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]"
    };
    char body[160];

    (void)state;
    draw();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(body, sizeof(body), "{\"sample\":\"spring\",\"coders\":%s}", wrong[i]);
        assert_int_equal(post(ACME "/presence/assignments", body)->status, 400);
    }
    assert_int_equal(
        post(ACME "/presence/assignments", "{\"sample\":\"no\",\"coders\":[\"a\",\"b\"]}")->status,
        404);
}

/* Codes the next chat of this coder; the code stands in its first message. False: none is left. */
static bool code_next(const char *coder, const char *code)
{
    char query[64], body[512];
    const struct heard *answer;

    (void)snprintf(query, sizeof(query), "coder=%s", coder);
    answer = ask("GET", ACME "/presence/next", query, "");
    assert_int_equal(answer->status, 200);
    if (json_is_null(json_object_get(answer->json, "id")))
        return false;
    (void)snprintf(
        body, sizeof(body),
        "{\"coder\":\"%s\",\"transcripts\":[{\"id\":\"%s\",\"messages\":[{\"codes\":[%s]}"
        ",{\"codes\":[\"COH.GREET\"]}],\"functions\":[\"F.INFO\"]}]}",
        coder, text_at(answer, "id"), code);
    answer = post(ACME "/presence/coded", body);
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "imported"), 1);
    answer = post(ACME "/presence/coded", body); /* once */
    assert_int_equal(number(answer, "imported"), 0);
    return true;
}

static void a_sheet__holds_the_words_and_nobodys_codes(void **state)
{
    const struct heard *answer;
    const json_t *message;

    (void)state;
    deal();
    while (code_next("Bo", "\"INT.Q\""))
        continue;
    answer = ask("GET", ACME "/presence/next", "coder=Erik&sample=spring", "");
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "dealt"), 3);
    assert_int_equal(number(answer, "left"), 3);
    message = json_array_get(json_object_get(answer->json, "messages"), 0);
    assert_true(json_string_length(json_object_get(message, "text")) > 0);
    assert_int_equal(json_array_size(json_object_get(message, "codes")), 0);
    assert_null(strstr(answer->text, "WOM."));
    assert_null(strstr(answer->text, "INT.Q"));
    assert_null(strstr(answer->text, "stage"));
    assert_null(strstr(answer->text, "with"));
    assert_int_equal(ask("GET", ACME "/presence/next", "coder=Erik&sample=no", "")->status, 404);
    assert_int_equal(ask("GET", ACME "/presence/next", "coder=machine", "")->status, 400);
}

static void a_coders_token__opens_nothing_but_the_coders_chats(void **state)
{
    static const char *const closed[] = { ACME "/transcripts",     ACME "/presence/coders",
                                          ACME "/presence/report", ACME "/presence/samples",
                                          ACME "/presence/codes",  ACME "/transcripts/search" };
    const struct heard *answer;

    (void)state;
    deal();
    answer = post("/api/v1/tokens", "{\"role\":\"coder\",\"tenant\":\"acme\",\"label\":\"Erik\"}");
    assert_int_equal(answer->status, 201);
    (void)snprintf(token, sizeof(token), "%s", text_at(answer, "token"));
    answer = ask_with("GET", ACME "/presence/next", token, NULL);
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "coder"), "Erik");
    assert_int_equal(number(answer, "left"), 3);
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        assert_int_equal(ask_with("GET", closed[i], token, NULL)->status, 403);
    assert_int_equal(
        ask_with("POST", ACME "/presence/coded", token, "{\"coder\":\"Bo\",\"transcripts\":[]}")
            ->status,
        403);
    assert_int_equal(post("/api/v1/tokens", "{\"role\":\"coder\",\"tenant\":\"acme\"}")->status,
                     400);
    assert_int_equal(
        post("/api/v1/tokens", "{\"role\":\"coder\",\"tenant\":\"acme\",\"label\":\"machine@1\"}")
            ->status,
        400);
}

static void what_is_dealt_to_others__is_refused(void **state)
{
    const struct heard *answer;

    (void)state;
    deal();
    answer = post(ACME "/presence/coded", "{\"coder\":\"Cy\",\"transcripts\":[{\"id\":\"chat 0\","
                                          "\"messages\":[{},{}]}]}");
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "imported"), 0);
    assert_int_equal(json_array_size(json_object_get(answer->json, "refused")), 1);
}

/* What is submitted is final: also against what stands beside it. */
static void a_chat_sent_twice__counts_once(void **state)
{
    const struct heard *answer;
    char body[512], id[64];

    (void)state;
    deal();
    answer = ask("GET", ACME "/presence/next", "coder=Erik", "");
    (void)snprintf(id, sizeof(id), "%s", text_at(answer, "id"));
    (void)snprintf(body, sizeof(body),
                   "{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"%s\",\"messages\":[{\"codes\":"
                   "[\"INT.Q\"]},{}]},{\"id\":\"%s\",\"messages\":[{},{}]}]}",
                   id, id);
    answer = post(ACME "/presence/coded", body);
    assert_int_equal(number(answer, "imported"), 1);
    assert_int_equal(json_array_size(json_object_get(answer->json, "refused")), 1);
    answer = ask("GET", ACME "/presence/codes", "coder=Erik", "");
    assert_non_null(strstr(answer->text, "INT.Q"));
}

/* Erik and Bo agree on one chat and differ on two; a third person settles those. */
static void disputes__are_settled_one_by_one(void **state)
{
    const struct heard *answer;
    const json_t *next, *message;
    char body[512];

    (void)state;
    deal();
    for (int i = 0; i < 3; i++) {
        assert_true(code_next("Erik", "\"INT.Q\""));
        assert_true(code_next("Bo", i == 0 ? "\"INT.Q\"" : "\"WOM.SRC\""));
    }
    answer = post(ACME "/presence/adjudicate", "{\"sample\":\"spring\"}");
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "settled"), 1);
    assert_int_equal(number(answer, "open"), 2);
    next = json_object_get(answer->json, "next");
    message = json_array_get(json_object_get(next, "messages"), 0);
    assert_int_equal(json_array_size(json_object_get(message, "disputed")), 2);
    message = json_array_get(json_object_get(next, "messages"), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(message, "codes"), 0)),
                        "COH.GREET");
    assert_string_equal(json_string_value(json_array_get(json_object_get(next, "functions"), 0)),
                        "F.INFO");
    (void)snprintf(body, sizeof(body),
                   "{\"coder\":\"adjudicated\",\"transcripts\":[{\"id\":\"%s\",\"messages\":["
                   "{\"codes\":[\"WOM.SRC\"]},{\"codes\":[\"COH.GREET\"]}]}]}",
                   json_string_value(json_object_get(next, "id")));
    assert_int_equal(number(post(ACME "/presence/coded", body), "imported"), 1);
    answer = post(ACME "/presence/adjudicate", "{\"sample\":\"spring\"}");
    assert_int_equal(number(answer, "settled"), 0);
    assert_int_equal(number(answer, "open"), 1);
    answer = ask("GET", ACME "/presence/samples", "", "");
    next = json_array_get(json_object_get(answer->json, "items"), 0);
    assert_int_equal(json_integer_value(json_object_get(next, "both_done")), 3);
    assert_int_equal(json_integer_value(json_object_get(next, "settled")), 2);
    assert_int_equal(json_array_size(json_object_get(next, "coders")), 2);
}

static double recall_of(const struct heard *answer, const char *code)
{
    const json_t *rows = json_object_get(answer->json, "rows"), *row;
    size_t i;

    assert_int_equal(answer->status, 200);
    json_array_foreach(rows, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "code")), code) == 0 &&
            strcmp(json_string_value(json_object_get(row, "role")), "both") == 0)
            return json_number_value(json_object_get(json_object_get(row, "recall"), "value"));
    }
    fail_msg("no row for %s", code);
    return 0;
}

/* Erik marks WOM.SRC in all three first messages, the machine in the two drawn with it (weight 1
 * each) and not in the one drawn without (weight 2): recall (1 + 1) ÷ (1 + 1 + 2) = ½, not 2/3. */
static void the_machines_recall__counts_what_the_rules_missed(void **state)
{
    char machine[64], body[200];

    (void)state;
    deal();
    while (code_next("Erik", "\"WOM.SRC\""))
        assert_true(code_next("Bo", "\"WOM.SRC\""));
    (void)snprintf(machine, sizeof(machine), "%s",
                   text_at(post(ACME "/presence/code", ""), "coder"));
    (void)snprintf(body, sizeof(body),
                   "{\"sample\":\"spring\",\"first\":\"Erik\",\"second\":\"%s\"}", machine);
    assert_true(recall_of(post(ACME "/presence/agreement", body), "WOM.SRC") == 0.5);
    (void)snprintf(body, sizeof(body), "{\"first\":\"Erik\",\"second\":\"%s\"}", machine);
    assert_true(recall_of(post(ACME "/presence/agreement", body), "WOM.SRC") == 0.6667);
    assert_true(recall_of(post(ACME "/presence/agreement", "{\"sample\":\"spring\"}"), "WOM.SRC") ==
                1);
}

/* Of three chats Bo codes two. Whichever they are, each stratum that has one stands for all its
 * chats: two messages each of the two with the code, two of the two without. */
static void what_one_left_half_done__stands_for_the_rest(void **state)
{
    const struct heard *answer;
    const json_t *strata, *stratum;
    json_int_t compared = 0, drawn = 0;
    double stands_for = 0, counted = 0;
    const json_t *counts;
    const char *key;
    json_t *value;
    size_t i;

    (void)state;
    deal();
    for (int chat = 0; chat < 3; chat++)
        assert_true(code_next("Erik", "\"WOM.SRC\""));
    for (int chat = 0; chat < 2; chat++)
        assert_true(code_next("Bo", "\"WOM.SRC\""));
    answer = post(ACME "/presence/agreement", "{\"sample\":\"spring\"}");
    assert_int_equal(answer->status, 200);
    strata = json_object_get(answer->json, "strata");
    json_array_foreach(strata, i, stratum)
    {
        drawn += json_integer_value(json_object_get(stratum, "drawn"));
        compared += json_integer_value(json_object_get(stratum, "compared"));
        stands_for += json_integer_value(json_object_get(stratum, "compared")) > 0 ? 4 : 0;
    }
    assert_int_equal(drawn, 3);
    assert_int_equal(compared, 2);
    counts = json_object_get(json_array_get(json_object_get(answer->json, "rows"), 0), "counts");
    json_object_foreach((json_t *)(uintptr_t)counts, key, value) counted +=
        json_number_value(value);
    assert_true(counted == stands_for);
}

/* Dealt anew, what Erik has done stays his, and nobody reads a chat twice. */
static void dealing_again__leaves_what_is_done(void **state)
{
    const struct heard *answer;

    (void)state;
    deal();
    assert_true(code_next("Erik", "\"INT.Q\""));
    answer =
        post(ACME "/presence/assignments", "{\"sample\":\"spring\",\"coders\":[\"Bo\",\"Cy\"]}");
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "codings_kept"), 1);
    assert_false(code_next("Erik", "\"INT.Q\""));
    for (int i = 0; code_next("Bo", "\"INT.Q\""); i++)
        assert_true(i < 3);
    while (code_next("Cy", "\"INT.Q\""))
        continue;
    answer = post(ACME "/presence/adjudicate", "{\"sample\":\"spring\"}");
    assert_int_equal(number(answer, "settled"), 3);
}

static void codes__go_out_and_come_in_again(void **state)
{
    const struct heard *answer;
    AUTO_MEM char *lines = NULL, *body = NULL;
    char *at, *end;

    (void)state;
    deal();
    while (code_next("Erik", "{\"code\":\"INT.Q\",\"first\":0,\"last\":4}"))
        continue;
    lines = strdup(ask("GET", ACME "/presence/codes", "coder=Erik", "")->text);
    for (at = lines; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        free(body);
        assert_true(asprintf(&body, "{\"coder\":\"Anna\",\"transcripts\":[%.*s]}", (int)(end - at),
                             at) > 0);
        answer = post(ACME "/presence/codes", body);
        assert_int_equal(number(answer, "imported"), 1);
    }
    assert_string_equal(ask("GET", ACME "/presence/codes", "coder=Anna", "")->text, lines);
    assert_int_equal(ask("GET", ACME "/presence/codes", "coder=Dee", "")->status, 404);
    assert_int_equal(ask("GET", ACME "/presence/codes", "coder=Erik&book=spc-0", "")->status, 404);
    answer = post(ACME "/presence/codes", "{\"coder\":\"Anna\",\"transcripts\":[{\"id\":\"chat 0\","
                                          "\"book\":\"spc-0\",\"messages\":[{},{}]}]}");
    assert_int_equal(number(answer, "imported"), 0);
}

static void reading_a_chat__stands_in_the_audit(void **state)
{
    const struct heard *answer;

    (void)state;
    deal();
    (void)ask("GET", ACME "/presence/next", "coder=Erik", "");
    answer = ask("GET", ACME "/audit", "", "");
    assert_non_null(strstr(answer->text, "presence_next"));
    assert_non_null(strstr(answer->text, "coder=Erik id="));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)
RUN(CASE(a_sample__is_drawn_once_and_tells_its_strata),
    CASE(dealing__takes_two_to_eight_people_each_once),
    CASE(a_sheet__holds_the_words_and_nobodys_codes),
    CASE(a_coders_token__opens_nothing_but_the_coders_chats),
    CASE(what_is_dealt_to_others__is_refused), CASE(a_chat_sent_twice__counts_once),
    CASE(disputes__are_settled_one_by_one), CASE(the_machines_recall__counts_what_the_rules_missed),
    CASE(what_one_left_half_done__stands_for_the_rest), CASE(dealing_again__leaves_what_is_done),
    CASE(codes__go_out_and_come_in_again), CASE(reading_a_chat__stands_in_the_audit))
