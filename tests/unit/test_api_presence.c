/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/voikko.h"
#include "storage/retention.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

static int start(void **state)
{
    (void)double_setup(state);
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
                         "{\"transcripts\":[{\"id\":\"x\",\"lang\":\"en\",\"turns\":["
                         "{\"role\":\"visitor\",\"text\":\"Hello! Can you help me?\",\"ts\":100},"
                         "{\"role\":\"agent\",\"text\":\"Thank you for waiting\",\"ts\":107}]}]}")
                         ->status,
                     200);
    return 0;
}

static json_int_t number(const struct heard *answer, const char *key)
{
    return json_integer_value(json_object_get(answer->json, key));
}

static void coding__is_done_once_and_explains_itself(void **state)
{
    const struct heard *answer;
    char path[160], id[64];

    (void)state;
    answer = ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "chats"), 1);
    assert_int_equal(number(answer, "messages"), 2);
    assert_int_equal(number(answer, "left"), 0);
    assert_true(number(answer, "codes") >= 3);
    assert_int_equal(strncmp(text_at(answer, "coder"), "machine@", 8), 0);
    answer = ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    assert_int_equal(number(answer, "chats"), 0);

    answer = ask("GET", "/api/v1/tenants/acme/transcripts", "", "");
    (void)snprintf(id, sizeof(id), "%s",
                   json_string_value(json_object_get(
                       json_array_get(json_object_get(answer->json, "items"), 0), "id")));
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/presence/explain/%s", id);
    answer = ask("GET", path, "seq=1", "");
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(text_at(answer, "text"), "COH.GREET"));
    assert_int_equal(ask("GET", path, "seq=3", "")->status, 404);
    assert_int_equal(ask("GET", path, "", "")->status, 400);
    assert_int_equal(ask("GET", path, "seq=x", "")->status, 400);
}

static void an_answer_to_the_first_message__is_seen_as_one(void **state)
{
    const struct heard *answer;
    char path[160];

    (void)state;
    assert_int_equal(
        ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
            "{\"transcripts\":[{\"id\":\"y\",\"lang\":\"en\",\"messages\":[{\"from\":\"visitor\","
            "\"text\":\"It is the blue one\",\"at\":\"2026-03-02T09:00:00Z\"},{\"from\":\"agent\","
            "\"text\":\"Noted in the order\",\"at\":\"2026-03-02T09:01:00Z\",\"reply_to\":1}]}]}")
            ->status,
        200);
    answer = ask("GET", "/api/v1/tenants/acme/transcripts", "", "");
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/presence/explain/%s",
                   json_string_value(json_object_get(
                       json_array_get(json_object_get(answer->json, "items"), 0), "id")));
    assert_non_null(strstr(text_at(ask("GET", path, "seq=2", ""), "text"), "any.reply.link"));
    assert_null(strstr(text_at(ask("GET", path, "seq=1", ""), "text"), "any.reply.link"));
}

/* Languages are never pooled: those nobody told must be told apart as well. */
static void a_chat_without_a_language__counts_for_the_one_it_is_read_in(void **state)
{
    static const char report[] = "/api/v1/tenants/acme/presence/report";
    const struct heard *answer;
    const json_t *languages;

    (void)state;
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
                         "{\"transcripts\":[{\"id\":\"y\",\"turns\":[{\"role\":\"visitor\",\"ts\":"
                         "200,\"text\":\"Moi, "
                         "onko teillä tätä vielä ja mitä se maksaa?\"}]}]}")
                         ->status,
                     200);
    (void)ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    answer = ask("GET", report, "", "");
    languages = json_object_get(answer->json, "languages");
    assert_int_equal(json_array_size(languages), 2);
    for (size_t i = 0; i < 2; i++) {
        const char *name =
            json_string_value(json_object_get(json_array_get(languages, i), "language"));

        assert_true(strcmp(name, "en") == 0 || strcmp(name, "fi") == 0);
    }
    answer = ask("GET", report, "language=fi", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "languages")), 1);
    answer = ask("GET", report, "language=fi-FI", ""); /* of chats no region counts */
    assert_int_equal(json_array_size(json_object_get(answer->json, "languages")), 1);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(answer->json, "about"), "language")),
        "fi");
}

/* Codes by base forms may differ from those by stems: they have another name, and never mix. */
static void voikko__is_in_the_coders_name(void **state)
{
    struct voikko *voikko = NULL;
    bool installed = voikko_open(&voikko) == OK;
    const struct heard *answer;

    (void)state;
    (void)voikko_free(voikko);
    answer = ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    assert_int_equal(strstr(text_at(answer, "coder"), "+voikko") != NULL, installed);
    machine_stop(&the_core);
    the_core.role->settings->presence_voikko = false;
    answer = ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    assert_null(strstr(text_at(answer, "coder"), "+voikko"));
    assert_int_equal(number(answer, "chats"), installed);
}

static void without_rules__the_machine_says_so(void **state)
{
    const struct heard *answer;

    (void)state;
    free(the_core.role->settings->presence_rules);
    the_core.role->settings->presence_rules = strdup("/nowhere");
    answer = ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    assert_int_equal(answer->status, 503);
    assert_string_equal(code_of(answer), "no_rules");
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/presence/report", "", "")->status, 200);
}

#define CODED(coder, codes)                                                                     \
    "{\"coder\":\"" coder "\",\"transcripts\":[{\"id\":\"x\",\"turns\":[{\"codes\":" codes "}," \
    "{\"codes\":[]}],\"functions\":[\"F.INFO\"]}]}"

static void a_persons_codes__are_taken_by_the_id_of_the_import(void **state)
{
    const struct heard *answer;

    (void)state;
    answer = ask("POST", "/api/v1/tenants/acme/presence/codes", "",
                 CODED("Erik", "[\"INT.Q\",{\"code\":\"COH.GREET\",\"first\":0,\"last\":5}]"));
    assert_int_equal(answer->status, 200);
    assert_int_equal(number(answer, "imported"), 1);
    answer = ask("GET", "/api/v1/tenants/acme/presence/coders", "", "");
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(answer->json, "items"), 0), "coder")),
                        "Erik");
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "coder=Erik", "");
    assert_non_null(strstr(answer->text, "\"F.INFO\":{\"count\":1,\"n\":1"));
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/presence/report", "coder=Bo", "")->status,
                     404);
}

static void on_faded(struct store_bulk *bulk, enum store_outcome outcome)
{
    (void)bulk;
    assert_int_equal(outcome, STORE_DONE);
}

/* The chat keeps its codes: it is counted as coded, and no word of it is. */
static void words_that_have_faded__are_told_of_in_the_report(void **state)
{
    const struct tenant_name acme = { "acme" };
    const struct heard *answer;
    struct store_answer stored;
    struct fading fading;

    (void)state;
    (void)ask("POST", "/api/v1/tenants/acme/presence/codes", "", CODED("Erik", "[\"INT.Q\"]"));
    fading_init(&fading, UINT32_MAX, 5);
    fading.bulk.done = on_faded;
    assert_int_equal(STORE_CALL(the_core.store, bulk, &acme, &fading.bulk), OK);
    assert_int_equal(STORE_CALL(the_core.store, collect, &stored, 1), 1);
    stored.bulk->done(stored.bulk, stored.outcome);
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "coder=Erik", "");
    assert_non_null(strstr(answer->text, "\"coded\":1,\"faded\":1"));
    assert_non_null(strstr(answer->text, "\"chats\":1,\"faded\":1,\"words\":0,\"messages\":0"));
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "coder=Erik&format=html", "");
    assert_non_null(strstr(answer->text, "0 words in 0 chats, 1 more whose words are kept no"));
}

static void codes__that_fit_nothing__are_refused_one_by_one(void **state)
{
    static const char *const wrong[] = {
        CODED("Erik", "[\"INT.WHAT\"]"),
        CODED("Erik", "[{\"code\":\"INT.Q\",\"first\":5,\"last\":2}]"),
        "{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"x\",\"turns\":[]}]}", /* too short */
        "{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"y\",\"turns\":[{},{}]}]}",
        "{\"coder\":\"Erik\",\"transcripts\":[{\"turns\":[{},{}]}]}",
        CODED("Erik", "\"INT.Q\""), /* what is no list is not none */
        CODED("Erik", "{\"INT.Q\":true}"),
        "{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"x\",\"turns\":[1,2]}]}",
        ("{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"x\",\"turns\":[{},{}],"
         "\"functions\":\"F.INFO\"}]}"),
        ("{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"x\",\"turns\":[{\"seq\":2},"
         "{\"seq\":1}]}]}"),
        CODED("Erik", "[{\"code\":\"INT.Q\",\"first\":7,\"last\":24}]"), /* of 23 points */
        ("{\"coder\":\"Erik\",\"transcripts\":[{\"id\":\"x\",\"turns\":[{},{}],"
         "\"functions\":[\"F.WHAT\"]}]}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct heard *answer =
            ask("POST", "/api/v1/tenants/acme/presence/codes", "", wrong[i]);

        assert_int_equal(answer->status, 200);
        assert_int_equal(number(answer, "imported"), 0);
        assert_int_equal(json_array_size(json_object_get(answer->json, "refused")), 1);
    }
    assert_int_equal(
        ask("POST", "/api/v1/tenants/acme/presence/codes", "", CODED("machine@1", "[]"))->status,
        400);
    assert_int_equal(number(ask("POST", "/api/v1/tenants/acme/presence/codes", "",
                                CODED("Erik", "[{\"code\":\"INT.Q\",\"first\":7,\"last\":23}]")),
                            "imported"),
                     1);
}

/* Of three messages the last was withdrawn: two are left to agree on. */
static void agreement__leaves_out_what_was_withdrawn(void **state)
{
    static const char *const coders[] = { "Erik", "Anna" };
    const struct heard *answer;
    char body[300];

    (void)state;
    answer = ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
                 "{\"transcripts\":[{\"id\":\"w\",\"lang\":\"en\",\"turns\":[{\"role\":\"visitor\","
                 "\"text\":\"Hello\",\"ts\":100},{\"role\":\"agent\",\"text\":\"Hi\",\"ts\":107},"
                 "{\"role\":\"agent\",\"text\":\"\",\"ts\":108,\"withdrawn_at\":"
                 "\"2026-03-02T09:14:05Z\"}]}]}");
    assert_int_equal(number(answer, "imported"), 1);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"coder\":\"%s\",\"transcripts\":[{\"id\":\"w\",\"turns\":[{},{},{}]}]}",
                       coders[i]);
        answer = ask("POST", "/api/v1/tenants/acme/presence/codes", "", body);
        assert_int_equal(number(answer, "imported"), 1);
    }
    answer = ask("POST", "/api/v1/tenants/acme/presence/agreement", "",
                 "{\"first\":\"Erik\",\"second\":\"Anna\"}");
    assert_non_null(strstr(answer->text, "\"role\":\"both\",\"messages\":2,"));
    assert_null(strstr(answer->text, "\"messages\":3,"));
}

static void agreement__of_two_people__is_measured(void **state)
{
    const struct heard *answer;
    const json_t *rows, *row;
    size_t i, seen = 0;

    (void)state;
    (void)ask("POST", "/api/v1/tenants/acme/presence/codes", "", CODED("Erik", "[\"INT.Q\"]"));
    (void)ask("POST", "/api/v1/tenants/acme/presence/codes", "",
              CODED("Anna", "[\"INT.Q\",\"COH.GREET\"]"));
    answer = ask("POST", "/api/v1/tenants/acme/presence/agreement", "",
                 "{\"first\":\"Erik\",\"second\":\"Anna\"}");
    assert_int_equal(answer->status, 200);
    rows = json_object_get(answer->json, "rows");
    json_array_foreach(rows, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "role")), "both") != 0)
            continue;
        if (strcmp(json_string_value(json_object_get(row, "code")), "COH.GREET") == 0) {
            assert_true(json_number_value(json_object_get(row, "percent")) == 50);
            seen++;
        }
        if (strcmp(json_string_value(json_object_get(row, "code")), "INT.Q") == 0) {
            assert_true(json_number_value(json_object_get(row, "percent")) == 100);
            seen++;
        }
    }
    assert_int_equal(seen, 2);
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/presence/agreement", "",
                         "{\"first\":\"Erik\",\"second\":\"Bo\"}")
                         ->status,
                     404);
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/presence/agreement", "", "{}")->status, 400);
}

static void the_machine__is_measured_against_a_reference_sent_along(void **state)
{
    const struct heard *answer;

    (void)state;
    answer = ask("POST", "/api/v1/tenants/acme/presence/agreement", "",
                 "{\"reference\":\"{\\\"lang\\\":\\\"en\\\",\\\"turns\\\":[{\\\"role\\\":"
                 "\\\"visitor\\\",\\\"text\\\":\\\"Hello!\\\",\\\"codes\\\":[\\\"COH.GREET\\\"]}]}"
                 "\\n\"}");
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "first"), "reference");
    assert_true(json_array_size(json_object_get(answer->json, "rows")) > 0);
    assert_true(json_is_null(json_object_get(answer->json, "classes")));
}

/* COH.GREET of both roles. */
static const json_t *greetings(const struct heard *answer)
{
    return json_array_get(json_object_get(answer->json, "rows"), 0);
}

#define GREETING(codes)                                                                   \
    "{\\\"lang\\\":\\\"en\\\",\\\"turns\\\":[{\\\"role\\\":\\\"visitor\\\",\\\"text\\\":" \
    "\\\"Hello!\\\","                                                                     \
    "\\\"codes\\\":[" codes "]}]}\\n"

static void a_reference_too_long_for_one_request__comes_in_stretches(void **state)
{
    static const char references[] = "/api/v1/tenants/acme/presence/references";
    static const char agreement[] = "/api/v1/tenants/acme/presence/agreement";
    const struct heard *answer;
    const json_t *row, *counts;
    char id[64], body[512];

    (void)state;
    answer = ask("POST", references, "", "{\"lines\":\"" GREETING("\\\"COH.GREET\\\"") "\"}");
    assert_int_equal(answer->status, 200);
    (void)snprintf(id, sizeof(id), "%s", text_at(answer, "reference"));
    (void)snprintf(body, sizeof(body), "{\"reference\":\"%s\",\"lines\":\"%s\"}", id, GREETING(""));
    answer = ask("POST", references, "", body);
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "reference"), id);

    (void)snprintf(body, sizeof(body), "{\"reference_id\":\"%s\",\"classes\":true}", id);
    answer = ask("POST", agreement, "", body);
    assert_int_equal(answer->status, 200);
    row = greetings(answer);
    counts = json_object_get(row, "counts");
    assert_int_equal(json_integer_value(json_object_get(row, "messages")), 2);
    assert_int_equal(json_integer_value(json_object_get(counts, "both")), 1);
    assert_int_equal(json_integer_value(json_object_get(counts, "second_only")), 1);
    assert_true(json_is_object(json_object_get(row, "folds")));
    assert_non_null(strstr(text_at(answer, "classes"), "en\tCOH.GREET\t"));

    assert_int_equal(ask("POST", agreement, "", body)->status, 404); /* it is spent */
    (void)snprintf(body, sizeof(body), "{\"reference\":\"%s\",\"lines\":\"x\"}", id);
    assert_int_equal(ask("POST", references, "", body)->status, 404);
    answer = ask("POST", agreement, "", "{\"reference\":\"x\\n\"}");
    assert_string_equal(text_at(answer, "problems_told"), "line 1: it is no JSON document.\n");
}

/* The id of one that is begun there. */
static void begin_reference(const char *tenant, char id[64])
{
    char path[96];

    (void)snprintf(path, sizeof(path), "/api/v1/tenants/%s/presence/references", tenant);
    (void)snprintf(id, 64, "%s", text_at(ask("POST", path, "", "{\"lines\":\"x\"}"), "reference"));
    assert_int_equal(strlen(id), 26);
}

/* What more of it is answered with. */
static unsigned add_to_reference(const char *tenant, const char *id)
{
    char path[96], body[128];

    (void)snprintf(path, sizeof(path), "/api/v1/tenants/%s/presence/references", tenant);
    (void)snprintf(body, sizeof(body), "{\"reference\":\"%s\",\"lines\":\"x\"}", id);
    return ask("POST", path, "", body)->status;
}

static void references_of_one_tenant__take_no_other_tenants_place(void **state)
{
    char acme[2][64], borealis[10][64];

    (void)state;
    double_tenant("borealis");
    begin_reference("acme", acme[0]);
    begin_reference("acme", acme[1]);
    for (size_t i = 0; i < 10; i++)
        begin_reference("borealis", borealis[i]);
    assert_int_equal(add_to_reference("acme", acme[0]), 200);
    assert_int_equal(add_to_reference("acme", acme[1]), 200);
    assert_int_equal(add_to_reference("borealis", borealis[7]), 404);
    assert_int_equal(add_to_reference("borealis", borealis[8]), 200);
    assert_int_equal(add_to_reference("borealis", acme[0]), 404);
}

static void references__are_forgotten_with_their_tenant(void **state)
{
    static const struct tenant_name acme_name = { "acme" };
    char acme[64], borealis[64];

    (void)state;
    double_tenant("borealis");
    begin_reference("acme", acme);
    begin_reference("borealis", borealis);
    references_forget(&the_core, &acme_name);
    assert_int_equal(add_to_reference("acme", acme), 404);
    assert_int_equal(add_to_reference("borealis", borealis), 200);
}

static void the_code_book__names_every_code_once(void **state)
{
    const struct heard *answer = ask("GET", "/api/v1/tenants/acme/presence/codebook", "", "");

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_array_size(json_object_get(answer->json, "codes")), 26);
    assert_int_equal(json_array_size(json_object_get(answer->json, "functions")), 10);
}

#define BUYER(rest) \
    "{\"buyers\":[{\"id\":\"a\",\"at\":\"2026-03-02T09:14:05Z\",\"chatted\":true" rest "}]}"

static void buyers_answers__are_taken_one_by_one(void **state)
{
    static const char *const wrong[] = {
        BUYER(",\"recommend\":11"),
        BUYER(",\"trust\":0"),
        BUYER(",\"satisfied\":\"5\""),
        BUYER(",\"value\":3"),
        BUYER(",\"bought\":1"),
        BUYER(",\"value\":-1,\"currency\":\"EUR\""),
        "{\"buyers\":[{\"id\":\"a\",\"chatted\":true}]}",
        "{\"buyers\":[{\"at\":\"2026-03-02T09:14:05Z\",\"chatted\":true}]}",
        "{\"buyers\":[{\"id\":\"a\",\"at\":\"2026-03-02T09:14:05Z\"}]}",
    };
    const struct heard *answer;

    (void)state;
    assert_null(json_object_get(ask("GET", "/api/v1/tenants/acme/presence/report", "", "")->json,
                                "effect"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        answer = ask("POST", "/api/v1/tenants/acme/presence/buyers", "", wrong[i]);
        assert_int_equal(answer->status, 200);
        assert_int_equal(number(answer, "imported"), 0);
        assert_int_equal(json_array_size(json_object_get(answer->json, "refused")), 1);
    }
    answer = ask("POST", "/api/v1/tenants/acme/presence/buyers", "",
                 BUYER(",\"recommend\":10,\"bought\":true,\"value\":129.9,\"currency\":\"EUR\""));
    assert_int_equal(number(answer, "imported"), 1);
    answer = ask("POST", "/api/v1/tenants/acme/presence/buyers", "", BUYER(",\"recommend\":9"));
    assert_int_equal(number(answer, "known"), 1);
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "", "");
    assert_non_null(
        strstr(answer->text, "\"question\":\"recommend\",\"chatted\":{\"count\":1,\"n\":1"));
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "format=html", "");
    assert_non_null(strstr(answer->text, "Nobody was assigned to chat at random"));
}

static void a_purchase_the_site_told_of__is_counted(void **state)
{
    const struct heard *answer;

    (void)state;
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
                         "{\"transcripts\":[{\"id\":\"bought\",\"turns\":[{\"role\":\"visitor\","
                         "\"text\":\"I take it\",\"ts\":100}],\"events\":[{\"at\":"
                         "\"2026-03-02T09:14:05Z\",\"type\":\"site_purchase\",\"value\":129.9,"
                         "\"currency\":\"EUR\"}]}]}")
                         ->status,
                     200);
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "", "");
    assert_non_null(strstr(answer->text, "\"purchases\":{\"chats\":{\"count\":1,\"n\":2"));
}

/* 22:30 of 28 February in UTC is March in Helsinki, and so is the date that is asked for. */
static void months_and_dates__are_those_of_the_tenant(void **state)
{
    static const char of_march[] = "\"months\":[{\"month\":\"2026-03\",\"coded\":1";
    const struct heard *answer;

    (void)state;
    (void)ask("POST", "/api/v1/tenants/acme/transcripts/import", "",
              "{\"transcripts\":[{\"id\":\"late\",\"lang\":\"en\",\"turns\":[{\"role\":"
              "\"visitor\",\"text\":\"Hello!\",\"ts\":\"2026-02-28T22:30:00Z\"}]}]}");
    (void)ask("POST", "/api/v1/tenants/acme/presence/code", "", "");
    assert_int_equal(ask("PATCH", "/api/v1/tenants/acme/settings", "",
                         "{\"values\":{\"hours.zone\":\"Europe/Helsinki\"}}")
                         ->status,
                     200);
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "since=2026-03-01", "");
    assert_non_null(strstr(answer->text, "\"since\":\"2026-02-28T22:00:00.000Z\""));
    assert_non_null(strstr(answer->text, "\"since_day\":\"2026-03-01\""));
    assert_non_null(strstr(answer->text, "\"first_day\":\"2026-03-01\""));
    assert_non_null(strstr(answer->text, of_march));
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "since=2026-03-01&format=html", "");
    assert_non_null(strstr(answer->text, "Chats opened 2026-03-01 to 2026-03-01; asked for from "
                                         "2026-03-01; days of Europe/Helsinki."));
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "since=2026-03-01T00:00:00Z", "");
    assert_non_null(strstr(answer->text, "\"chats\":{\"n\":0"));
}

/* Transferred to somebody, passed on to a skill, called back: those three of four went on. What
 * another system tells of a chat, or the site, is not how it went: there are four all the same. */
static void what_went_on_in_another_channel__is_counted(void **state)
{
    static const char *const events[] = { "{\"type\":\"transferred\"",
                                          "{\"type\":\"released\",\"reason\":\"transferred\"",
                                          "{\"type\":\"callback\",\"number\":\"555\"",
                                          "{\"type\":\"released\",\"reason\":\"back\"",
                                          "{\"type\":\"flow_step\"",
                                          "{\"type\":\"site_visit\"" };
    const struct heard *answer;
    char body[400];

    (void)state;
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"transcripts\":[{\"id\":\"moved %zu\",\"stage\":\"new\",\"turns\":[{"
                       "\"role\":\"visitor\",\"text\":\"Hi\",\"ts\":100}],\"events\":[%s,\"at\":"
                       "\"2026-03-02T09:14:05Z\"}]}]}",
                       i, events[i]);
        assert_int_equal(
            number(ask("POST", "/api/v1/tenants/acme/transcripts/import", "", body), "imported"),
            1);
    }
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "", "");
    assert_non_null(strstr(answer->text, "{\"stage\":\"new\",\"chats\":{\"count\":3,\"n\":4,"));
    answer = ask("GET", "/api/v1/tenants/acme/presence/report", "format=html", "");
    assert_non_null(strstr(answer->text, "Going on in another channel"));
}

static void a_search__waits_for_its_index_and_marks_the_words(void **state)
{
    const struct heard *answer =
        ask("GET", "/api/v1/tenants/acme/transcripts/search", "q=helping&from=visitor", "");
    const json_t *items = json_object_get(answer->json, "items");

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_array_size(items), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "snippet")),
                        "Hello! Can you [help] me?");
    answer = ask("GET", "/api/v1/tenants/acme/transcripts/search", "q=%22%20OR%201%3D1", "");
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 0);
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/transcripts/search", "", "")->status, 400);
    assert_int_equal(
        ask("GET", "/api/v1/tenants/acme/transcripts/search", "q=x&from=bot", "")->status, 400);
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/transcripts/search",
                         "q=1+2+3+4+5+6+7+8+9+10+11+12+13+14+15+16+17", "")
                         ->status,
                     400);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)
RUN(CASE(coding__is_done_once_and_explains_itself),
    CASE(an_answer_to_the_first_message__is_seen_as_one),
    CASE(a_chat_without_a_language__counts_for_the_one_it_is_read_in),
    CASE(without_rules__the_machine_says_so), CASE(voikko__is_in_the_coders_name),
    CASE(a_persons_codes__are_taken_by_the_id_of_the_import),
    CASE(words_that_have_faded__are_told_of_in_the_report),
    CASE(codes__that_fit_nothing__are_refused_one_by_one),
    CASE(agreement__of_two_people__is_measured), CASE(agreement__leaves_out_what_was_withdrawn),
    CASE(the_machine__is_measured_against_a_reference_sent_along),
    CASE(a_reference_too_long_for_one_request__comes_in_stretches),
    CASE(references_of_one_tenant__take_no_other_tenants_place),
    CASE(references__are_forgotten_with_their_tenant), CASE(the_code_book__names_every_code_once),
    CASE(buyers_answers__are_taken_one_by_one), CASE(a_purchase_the_site_told_of__is_counted),
    CASE(months_and_dates__are_those_of_the_tenant),
    CASE(what_went_on_in_another_channel__is_counted),
    CASE(a_search__waits_for_its_index_and_marks_the_words))
