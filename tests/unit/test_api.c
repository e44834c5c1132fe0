/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/openapi/responses.h"
#include "server-bridge/core/api/route.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"
#include "tests/support/schema.h"

#include <stdio.h>

#define ACME "{\"tenant\":\"acme\",\"name\":\"Acme Oy\",\"origins\":[\"https://acme.example\"]}"
#define ANNA "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\"}"

static int start_manual(void **state)
{
    (void)state;
    double_start("manual");
    return 0;
}

static int start_automatic(void **state)
{
    (void)state;
    double_start("prosody");
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

static void an_import__tells_what_was_taken_known_and_refused(void **state)
{
    const char *body = "{\"transcripts\":[{\"id\":\"1\",\"turns\":[{\"role\":\"visitor\","
                       "\"text\":\"hi\"}]},{\"id\":\"2\"},{\"id\":\"1\",\"turns\":[]}]}";
    const struct heard *answer;

    (void)state;
    double_tenant("acme");
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

/* --- tenants --- */

static void a_tenant__is_added_once__and_shown_without_its_secret(void **state)
{
    const struct heard *answer = ask("POST", "/api/v1/tenants", "", ACME);
    const json_t *site;

    (void)state;
    assert_int_equal(answer->status, 201);
    assert_string_equal(text_at(answer, "domain"), "acme.chat.localhost");
    assert_string_equal(text_at(answer, "desk"), "desk@acme.chat.localhost");
    assert_non_null(strstr(text_at(answer, "snippet"), "/w/acme.js\"></script>"));
    site = json_array_get(json_object_get(answer->json, "sites"), 0);
    assert_int_equal(strlen(json_string_value(json_object_get(site, "key"))), ID_TEXT_LEN);
    assert_string_equal(json_string_value(json_array_get(json_object_get(site, "origins"), 0)),
                        "https://acme.example");
    assert_string_equal(core_told, "add acme");
    assert_null(strstr(answer->text, the_core.tenants->about.secret));
    answer = ask("POST", "/api/v1/tenants", "", ACME);
    assert_int_equal(answer->status, 409);
    assert_string_equal(code_of(answer), "tenant_exists");
    answer = ask("GET", "/api/v1/tenants/acme", "", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "name"), "Acme Oy");
    assert_null(strstr(answer->text, the_core.tenants->about.secret));
}

static void a_tenant__goes_live_when_the_server_has_its_host(void **state)
{
    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(double_hears_nothing());
    assert_string_equal(provision_asked, "host acme.chat.localhost on");
    assert_null(the_core.tenants);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
    assert_non_null(the_core.tenants);
}

static void a_tenant_being_added__cannot_be_added_again_meanwhile(void **state)
{
    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants", "", ACME)), "in_progress");
}

static void a_tenant_the_server_refuses__leaves_nothing_behind(void **state)
{
    const struct heard *answer;

    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(false, "no such module"));
    assert_string_equal(provision_asked, "host acme.chat.localhost off");
    assert_true(double_hears_nothing()); /* not before all is undone */
    assert_true(provision_answers(true, ""));
    answer = heard();
    assert_int_equal(answer->status, 502);
    assert_string_equal(code_of(answer), "xmpp_refused");
    assert_null(the_core.tenants);
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
}

static void a_tenant_that_cannot_go_live__is_undone_step_by_step(void **state)
{
    (void)state;
    tenants_add_fails_with = ERR_IO;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(true, ""));
    double_turn();
    assert_string_equal(core_told, "remove acme");
    assert_string_equal(provision_asked, "host acme.chat.localhost off");
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 500);
    tenants_add_fails_with = OK;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
}

static void a_tenant__is_added_though_who_asked_has_gone(void **state)
{
    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    double_web_dies();
    assert_true(provision_answers(true, ""));
    double_turn();
    assert_non_null(the_core.tenants);
    assert_null(the_core.calls);
}

static void a_list__pages_by_cursor_to_its_end(void **state)
{
    char query[64] = "limit=2";
    char seen[128] = "";

    (void)state;
    double_tenant("cumulus");
    double_tenant("acme");
    double_tenant("borealis");
    for (int page = 0; page < 2; page++) {
        const struct heard *answer = ask("GET", "/api/v1/tenants", query, "");
        const json_t *item;
        size_t i;

        json_array_foreach(json_object_get(answer->json, "items"), i, item)
        {
            (void)strcat(seen, json_string_value(json_object_get(item, "tenant")));
            (void)strcat(seen, " ");
        }
        (void)snprintf(query, sizeof(query), "limit=2&cursor=%s", text_at(answer, "next"));
    }
    assert_string_equal(seen, "acme borealis cumulus ");
    assert_string_equal(query, "limit=2&cursor=(none)");
}

/* --- agents --- */

static void an_agent__with_a_password__gets_an_account_first(void **state)
{
    static const char body[] =
        "{\"jid\":\"Anna@Agents.localhost\",\"name\":\"Anna\",\"password\":\"secret\"}";

    (void)state;
    ask_only("POST", "/api/v1/agents", "", body);
    assert_string_equal(provision_asked, "account anna@agents.localhost secret");
    assert_int_equal(ask("GET", "/api/v1/agents/anna@agents.localhost", "", "")->status, 404);
    ask_only("POST", "/api/v1/agents", "", body);
    assert_string_equal(code_of(heard()), "in_progress");
}

static void an_agent__is_known_when_the_account_is_made(void **state)
{
    static const char body[] =
        "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\",\"password\":\"secret\"}";
    const struct heard *answer;

    (void)state;
    ask_only("POST", "/api/v1/agents", "", body);
    assert_true(provision_answers(true, ""));
    answer = heard();
    assert_int_equal(answer->status, 201);
    assert_string_equal(text_at(answer, "account"), "made");
    assert_null(strstr(answer->text, "secret"));
    assert_string_equal(code_of(ask("POST", "/api/v1/agents", "", body)), "agent_exists");
}

static void an_agent__whose_account_is_refused__stays_unknown(void **state)
{
    (void)state;
    ask_only("POST", "/api/v1/agents", "",
             "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\",\"password\":\"secret\"}");
    assert_true(provision_answers(false, "conflict"));
    assert_string_equal(code_of(heard()), "xmpp_refused");
    assert_int_equal(ask("GET", "/api/v1/agents/anna@agents.localhost", "", "")->status, 404);
}

static void an_agent_elsewhere__gets_no_account_from_us(void **state)
{
    const struct heard *answer =
        ask("POST", "/api/v1/agents", "",
            "{\"jid\":\"anna@elsewhere.example\",\"name\":\"Anna\",\"password\":\"secret\"}");

    (void)state;
    assert_int_equal(answer->status, 201);
    assert_string_equal(text_at(answer, "account"), "manual");
    assert_string_equal(provision_asked, "");
}

static void an_assigned_agent__is_a_member_and_gets_the_desk(void **state)
{
    const struct heard *answer;

    (void)state;
    ask_only("POST", "/api/v1/tenants", "", ACME);
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 201);
    assert_int_equal(ask("POST", "/api/v1/agents", "", ANNA)->status, 201);
    ask_only(
        "POST", "/api/v1/tenants/acme/agents", "",
        "{\"jid\":\"anna@agents.localhost\",\"limit\":5,\"skills\":[\"FI\",\"fi\",\"billing\"],"
        "\"role\":\"supervisor\",\"persona\":\"Anna / Acme\"}");
    assert_string_equal(core_told, "member acme anna@agents.localhost as Anna");
    assert_string_equal(provision_asked,
                        "roster anna@agents.localhost desk@acme.chat.localhost Acme Oy desk in");
    assert_true(provision_answers(true, ""));
    answer = heard();
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "roster"), "changed");
    answer = ask("GET", "/api/v1/tenants/acme/agents", "", "");
    assert_non_null(strstr(answer->text, "\"skills\":[\"fi\",\"billing\"]"));
    assert_non_null(strstr(answer->text, "\"limit\":5"));
    ask_only("DELETE", "/api/v1/tenants/acme/agents/anna@agents.localhost", "", "");
    assert_true(provision_answers(true, ""));
    assert_int_equal(heard()->status, 204);
    assert_int_equal(the_core.tenants->member_count, 0);
    answer = ask("DELETE", "/api/v1/tenants/acme/agents/anna@agents.localhost", "", "");
    assert_int_equal(answer->status, 404);
}

static void assigning__nobody_or_nonsense__is_refused(void **state)
{
    static const struct {
        const char *body;
        unsigned status;
    } wrong[] = {
        { "{\"jid\":\"nobody@agents.localhost\"}", 404 },
        { "{\"jid\":\"anna\"}", 400 },
        { "{\"jid\":\"anna@agents.localhost/x\"}", 400 },
        { "{\"jid\":\"anna@agents.localhost\",\"role\":\"boss\"}", 400 },
        { "{\"jid\":\"anna@agents.localhost\",\"limit\":0}", 400 },
        { "{\"jid\":\"anna@agents.localhost\",\"limit\":101}", 400 },
        { "{\"jid\":\"anna@agents.localhost\",\"limit\":\"3\"}", 400 },
        { "{\"jid\":\"anna@agents.localhost\",\"skills\":[\"a b\"]}", 400 },
    };

    (void)state;
    double_tenant("acme");
    assert_int_equal(ask("POST", "/api/v1/agents", "", ANNA)->status, 201);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(ask("POST", "/api/v1/tenants/acme/agents", "", wrong[i].body)->status,
                         wrong[i].status);
    assert_int_equal(the_core.tenants->member_count, 0);
}

/* --- conversations and transcripts --- */

static void conversations__page_newest_first_and_by_state(void **state)
{
    char query[96] = "limit=3";
    unsigned seen = 0;

    (void)state;
    double_tenant("acme");
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
    double_tenant("acme");
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
    double_tenant("acme");
    id_format(double_conversation("acme", 300, 4000, true).id, id);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/transcripts/%s", id);
    answer = ask("GET", path, "", "");
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->type, "application/json");
    assert_true(answer->parts > 8);
    assert_int_equal(json_array_size(json_object_get(answer->json, "messages")), 300);
    assert_null(the_core.calls);
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
    double_tenant("acme");
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
    double_tenant("acme");
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

/* --- about itself --- */

static void openapi__has_every_route_and_nothing_else(void **state)
{
    const struct heard *answer = ask("GET", "/api/v1/openapi.json", "", "");
    const json_t *paths = json_object_get(answer->json, "paths"), *path;
    const char *name;
    size_t operations = 0;

    (void)state;
    assert_string_equal(text_at(answer, "openapi"), "3.1.0");
    json_object_foreach((json_t *)(uintptr_t)paths, name, path) operations +=
        json_object_size(path);
    assert_int_equal(operations, route_count());
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static bool declares(const json_t *operation, const char *in, struct slice name)
{
    const json_t *parameter;
    size_t i;

    json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
    {
        if (strcmp(json_string_value(json_object_get(parameter, "in")), in) == 0 &&
            slice_is(name, json_string_value(json_object_get(parameter, "name"))))
            return true;
    }
    return false;
}

/* It is long, and anybody may ask for it. */
static void openapi__is_made_once__and_not_sent_to_who_has_it(void **state)
{
    AUTO_MEM char *first = NULL;
    char tag[64] = "";
    const struct heard *answer = ask("GET", "/api/v1/openapi.json", "", "");
    const struct described *made = the_core.described;

    (void)state;
    assert_non_null(made);
    assert_int_equal(sscanf(answer->headers, "ETag: %63s", tag), 1);
    first = strdup(answer->text);
    assert_string_equal(ask("GET", "/api/v1/openapi.json", "", "")->text, first);
    assert_ptr_equal(the_core.described, made);
    asked_with.if_none_match = tag;
    answer = ask("GET", "/api/v1/openapi.json", "", "");
    assert_int_equal(answer->status, 304);
    assert_int_equal(answer->len, 0);
}

/* What a reader of the document relies on: names that are one operation's, every place of a path
 * told of, a meaning for whatever may be asked, and a list's form where a cursor is taken. */
static void openapi__is_one_that_tools_can_read(void **state)
{
    AUTO_JSON document = json_incref(ask("GET", "/api/v1/openapi.json", "", "")->json);
    AUTO_JSON seen = json_object();
    const char *name, *verb;
    json_t *path, *operation, *parameter;
    size_t i;

    (void)state;
    json_object_foreach(json_object_get(document, "paths"), name, path)
    {
        json_object_foreach(path, verb, operation)
        {
            const char *id = json_string_value(json_object_get(operation, "operationId"));

            assert_null(json_object_get(seen, id));
            (void)json_object_set_new(seen, id, json_true());
            for (const char *at = strchr(name, '{'); at != NULL; at = strchr(at + 1, '{'))
                assert_true(
                    declares(operation, "path", (struct slice){ at + 1, strcspn(at + 1, "}") }));
            json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
            {
                if (json_object_get(parameter, "description") == NULL)
                    fail_msg("%s: nobody told what \"%s\" means (openapi/parameters.c)", id,
                             text_of(parameter, "name"));
            }
            assert_true(json_integer_value(json_object_get(operation, "x-rate-cost")) > 0);
            assert_non_null(json_object_get(json_object_get(operation, "responses"), "429"));
        }
    }
}

static void assert_each_once(const char *id, const char *status, const json_t *codes)
{
    AUTO_JSON seen = json_object();
    const json_t *code;
    size_t i;

    json_array_foreach(codes, i, code)
    {
        if (json_object_get(seen, json_string_value(code)) != NULL)
            fail_msg("%s: %s is told twice of %s", id, json_string_value(code), status);
        (void)json_object_set_new(seen, json_string_value(code), json_true());
    }
}

/* What a route refuses itself is often what any of its kind may, too. */
static void openapi__tells_each_code_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        AUTO_JSON responses = responses_of(route_at(i));
        const char *status;
        json_t *response;

        json_object_foreach(responses, status, response)
        {
            const json_t *content = json_object_get(response, "content"),
                         *problem = json_object_get(content, "application/problem+json"),
                         *members =
                             json_object_get(json_object_get(problem, "schema"), "properties");

            assert_each_once(route_at(i)->name, status,
                             json_object_get(json_object_get(members, "code"), "enum"));
        }
    }
}

/* --- what is answered is what was told: core_double.c sees to it, in whatever test asks --- */

static const json_t *schema_named(const json_t *document, const char *name)
{
    const json_t *components = json_object_get(document, "components");

    return json_object_get(json_object_get(components, "schemas"), name);
}

static bool site_holds(const json_t *site, const char *tells)
{
    const json_t *document = ask("GET", "/api/v1/openapi.json", "", "")->json;
    bool holds;
    AUTO_BUF problem;

    buf_init(&problem, 256);
    holds = schema_holds(document, schema_named(document, "Site"), site, &problem);
    buf_add(&problem, "", 1);
    assert_string_equal(problem.data, tells);
    return holds;
}

static void an_answer__with_more_or_less_than_was_told__is_found(void **state)
{
    AUTO_JSON site = NULL;

    (void)state;
    double_tenant("acme");
    site = json_incref(json_array_get(
        json_object_get(ask("GET", "/api/v1/tenants/acme/sites", "", "")->json, "items"), 0));
    assert_true(site_holds(site, ""));
    (void)json_object_set_new(site, "colour", json_string("red"));
    assert_false(site_holds(site, ".colour is a member nobody told of"));
    (void)json_object_del(site, "colour");
    (void)json_object_set_new(site, "id", json_string("1"));
    assert_false(site_holds(site, ".id does not fit ^[a-z2-7]{26}$"));
    (void)json_object_del(site, "id");
    assert_false(site_holds(site, " lacks id"));
}

static void a_status__that_a_route_may_not_have__is_found(void **state)
{
    const json_t *document = ask("GET", "/api/v1/openapi.json", "", "")->json;
    struct path_values values;
    char allowed[ROUTE_METHODS_BYTES];
    struct answered answered = { .type = "application/json", .headers = "" };
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 256);
    answered.route = route_find(SLICE_LITERAL("DELETE"), SLICE_LITERAL("/tenants/acme/avatar"),
                                &values, allowed);
    assert_non_null(answered.route);
    answered.status = 204;
    assert_true(schema_allows(document, &answered, &problem));
    answered.status = 201;
    assert_false(schema_allows(document, &answered, &problem));
    answered.status = 412;
    assert_false(schema_allows(document, &answered, &problem)); /* no problem details */
}

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

#define MANUAL(name)    cmocka_unit_test_setup_teardown(name, start_manual, double_teardown)
#define AUTOMATIC(name) cmocka_unit_test_setup_teardown(name, start_automatic, double_teardown)

RUN(MANUAL(every_route__without_a_valid_token__is_401),
    MANUAL(every_route__of_an_unknown_tenant__is_the_same_404),
    MANUAL(every_route__with_a_foreign_id__answers_like_an_unknown_one),
    MANUAL(a_method_that_is_not_there__is_405_and_names_those_that_are),
    MANUAL(a_place_that_is_not_there__is_404), MANUAL(a_body__that_is_wrong__is_400_and_says_how),
    MANUAL(a_query__that_is_wrong__is_400),
    MANUAL(a_tenant__is_added_once__and_shown_without_its_secret),
    AUTOMATIC(a_tenant__goes_live_when_the_server_has_its_host),
    AUTOMATIC(a_tenant_being_added__cannot_be_added_again_meanwhile),
    AUTOMATIC(a_tenant_the_server_refuses__leaves_nothing_behind),
    AUTOMATIC(a_tenant_that_cannot_go_live__is_undone_step_by_step),
    AUTOMATIC(a_tenant__is_added_though_who_asked_has_gone),
    MANUAL(a_list__pages_by_cursor_to_its_end),
    AUTOMATIC(an_agent__with_a_password__gets_an_account_first),
    AUTOMATIC(an_agent__is_known_when_the_account_is_made),
    AUTOMATIC(an_agent__whose_account_is_refused__stays_unknown),
    AUTOMATIC(an_agent_elsewhere__gets_no_account_from_us),
    AUTOMATIC(an_assigned_agent__is_a_member_and_gets_the_desk),
    MANUAL(assigning__nobody_or_nonsense__is_refused),
    MANUAL(conversations__page_newest_first_and_by_state),
    MANUAL(ending_a_conversation__answers_when_it_has_ended),
    MANUAL(a_transcript__comes_whole_however_long),
    MANUAL(an_import__tells_what_was_taken_known_and_refused),
    MANUAL(an_export__has_a_line_for_each_conversation),
    MANUAL(an_export__waits_for_its_reader_and_ends_with_them),
    MANUAL(openapi__has_every_route_and_nothing_else),
    MANUAL(openapi__is_made_once__and_not_sent_to_who_has_it),
    MANUAL(openapi__is_one_that_tools_can_read), MANUAL(openapi__tells_each_code_once),
    MANUAL(an_answer__with_more_or_less_than_was_told__is_found),
    MANUAL(a_status__that_a_route_may_not_have__is_found),
    MANUAL(metrics__are_openmetrics_text_and_name_nobody), MANUAL(status_check_and_routes__answer))
