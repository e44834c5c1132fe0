/* SPDX-License-Identifier: Apache-2.0
 *
 * Tenants and agents, as they come and are shown, with an XMPP server that is provisioned by hand
 * and with one that we provision: it may be slow, refuse, or be answered after who asked has gone.
 */
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

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
    assert_true(json_is_null(json_object_get(answer->json, "warning"))); /* there is a persona */
    answer = ask("GET", "/api/v1/tenants/acme/agents", "", "");
    assert_non_null(strstr(answer->text, "\"skills\":[\"fi\",\"billing\"]"));
    assert_non_null(strstr(answer->text, "\"limit\":5"));
    ask_only("POST", "/api/v1/tenants/acme/agents", "", "{\"jid\":\"anna@agents.localhost\"}");
    assert_true(provision_answers(true, ""));
    assert_string_equal(text_at(heard(), "warning"),
                        "Visitors of acme see the name \"Anna\": give a "
                        "persona where they should see another.");
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

#define MANUAL(name)    cmocka_unit_test_setup_teardown(name, start_manual, double_teardown)
#define AUTOMATIC(name) cmocka_unit_test_setup_teardown(name, start_automatic, double_teardown)

RUN(MANUAL(a_tenant__is_added_once__and_shown_without_its_secret),
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
    MANUAL(assigning__nobody_or_nonsense__is_refused))
