/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/route.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define OF_ACME   "/api/v1/tenants/acme/settings"
#define OF_SERVER "/api/v1/settings"

static int start(void **state)
{
    (void)double_setup(state);
    double_tenant("borealis");
    return 0;
}

/* "value (layer)" of a setting in the last answer. */
static const char *counts(const struct heard *answer, const char *key)
{
    static char text[160];
    const json_t *item;
    size_t i;

    assert_int_equal(answer->status, 200);
    json_array_foreach(json_object_get(answer->json, "items"), i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "key")), key) != 0)
            continue;
        (void)snprintf(text, sizeof(text), "%s (%s)",
                       json_string_value(json_object_get(item, "value")),
                       json_string_value(json_object_get(item, "from")));
        return text;
    }
    return "none";
}

static void change(const char *path, const char *body, unsigned status)
{
    const struct heard *answer = ask("PATCH", path, "", body);

    if (answer->status != status)
        fail_msg("%s: %u %s", body, answer->status, answer->text);
}

static void a_tenant_that_says_nothing__has_what_is_built_in(void **state)
{
    (void)state;
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "routing.offer_ms"),
                        "20000 (built-in)");
    assert_string_equal(counts(ask("GET", OF_SERVER, "", ""), "widget.color"),
                        "#1f6feb (built-in)");
}

static void a_change__counts_at_once_for_rules_and_web(void **state)
{
    (void)state;
    change(OF_ACME, "{\"values\":{\"routing.offer_ms\":\"30s\",\"widget.color\":\"#AA0000\"}}",
           200);
    assert_int_equal(rules_told.offer_ms, 30000);
    assert_string_equal(core_told, "web acme");
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "routing.offer_ms"), "30000 (tenant)");
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "widget.color"), "#aa0000 (tenant)");
    assert_string_equal(
        counts(ask("GET", "/api/v1/tenants/borealis/settings", "", ""), "widget.color"),
        "#1f6feb (built-in)");
}

static void the_server__speaks_for_those_who_say_nothing(void **state)
{
    (void)state;
    change(OF_ACME, "{\"values\":{\"routing.offer_ms\":\"30s\"}}", 200);
    change(OF_SERVER, "{\"values\":{\"routing.offer_ms\":\"40s\",\"widget.color\":\"#00aa00\"}}",
           200);
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "routing.offer_ms"), "30000 (tenant)");
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "widget.color"), "#00aa00 (server)");
    change(OF_ACME, "{\"values\":{\"routing.offer_ms\":null}}", 200);
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "routing.offer_ms"), "40000 (server)");
    assert_int_equal(rules_told.offer_ms, 40000);
}

static void people_outside__are_no_desks_of_this_service(void **state)
{
    static const char *const ours[] = { "desk@acme.chat.localhost", "desk@borealis.chat.localhost",
                                        "desk@later.chat.localhost" };
    char body[160];

    (void)state;
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        (void)snprintf(body, sizeof(body), "{\"values\":{\"desk.contacts\":\"Tuula: %s\"}}",
                       ours[i]);
        change(OF_ACME, body, 400);
        change(OF_SERVER, body, 400);
    }
    change(OF_ACME, "{\"values\":{\"desk.contacts\":\"Tuula: tuula@sales.example\"}}", 200);
    assert_int_equal(rules_told.outsiders.count, 1);
}

static void a_site__may_differ_and_only_its_own(void **state)
{
    struct site *site = &tenants_find(&the_core, SLICE_LITERAL("acme"))->about.sites[0];
    char body[256], query[64], foreign[ID_TEXT_BYTES];

    (void)state;
    (void)snprintf(body, sizeof(body),
                   "{\"site\":\"%s\",\"values\":{\"widget.color\":\"#0000aa\"}}", site->id);
    change(OF_ACME, body, 200);
    (void)snprintf(query, sizeof(query), "site=%s", site->id);
    assert_string_equal(counts(ask("GET", OF_ACME, query, ""), "widget.color"), "#0000aa (site)");
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "widget.color"), "#1f6feb (built-in)");
    (void)snprintf(body, sizeof(body),
                   "{\"site\":\"%s\",\"values\":{\"routing.offer_ms\":\"30s\"}}", site->id);
    change(OF_ACME, body, 400);
    (void)strcpy(foreign, tenants_find(&the_core, SLICE_LITERAL("borealis"))->about.sites[0].id);
    (void)snprintf(body, sizeof(body), "{\"site\":\"%s\",\"values\":{}}", foreign);
    change(OF_ACME, body, 404);
    (void)snprintf(query, sizeof(query), "site=%s", foreign);
    assert_int_equal(ask("GET", OF_ACME, query, "")->status, 404);
}

static void a_wrong_change__changes_nothing_and_says_why(void **state)
{
    static const struct {
        const char *body, *code, *tells;
    } wrong[] = {
        { "{\"values\":{\"routing.offer_ms\":\"1\"}}", "bad_setting", "5000 to 3600000 ms" },
        { "{\"values\":{\"widget.color\":\"#010101\",\"x\":\"1\"}}", "bad_setting", "no setting" },
        { "{\"values\":{\"widget.color\":1}}", "bad_field", "object of texts" },
        { "{\"values\":[]}", "bad_field", "object of texts" },
        { "{}", "bad_field", "\"values\" is missing" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct heard *answer = ask("PATCH", OF_ACME, "", wrong[i].body);

        assert_int_equal(answer->status, 400);
        assert_string_equal(code_of(answer), wrong[i].code);
        if (strstr(text_at(answer, "detail"), wrong[i].tells) == NULL)
            fail_msg("%s: %s", wrong[i].body, text_at(answer, "detail"));
    }
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "widget.color"), "#1f6feb (built-in)");
}

static void texts_of_a_language__are_found_however_it_is_written(void **state)
{
    static const char texts[] = "/api/v1/tenants/acme/texts";
    const struct heard *answer;

    (void)state;
    change(OF_ACME, "{\"values\":{\"widget.texts:fi\":\"{\\\"write\\\":\\\"Kysy\\\"}\"}}", 200);
    assert_non_null(strstr(ask("GET", texts, "language=FI", "")->text, "\"Kysy\""));
    assert_null(strstr(ask("GET", texts, "language=sv", "")->text, "\"Kysy\""));
    answer = ask("GET", texts, "language=xx-y", "");
    assert_int_equal(answer->status, 400);
    assert_string_equal(code_of(answer), "bad_parameter");
}

/* A tenant's own admin sees what is granted, and cannot grant more. */
static void quotas__are_set_by_an_admin_alone(void **state)
{
    static const char *const more =
        "{\"values\":{\"widget.color\":\"#010101\",\"quota.messages\":\"99\"}}";
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    (void)snprintf(token, sizeof(token), "%s",
                   text_at(ask("POST", "/api/v1/tokens", "",
                               "{\"role\":\"tenant-admin\",\"tenant\":\"acme\"}"),
                           "token"));
    assert_int_equal(ask_with("PATCH", OF_ACME, token, more)->status, 403);
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "widget.color"), "#1f6feb (built-in)");
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "quota.messages"), "500 (built-in)");
    change(OF_ACME, more, 200);
    assert_string_equal(counts(ask("GET", OF_ACME, "", ""), "quota.messages"), "99 (tenant)");
    assert_int_equal(tenants_find(&the_core, SLICE_LITERAL("acme"))->quota.messages, 99);
}

static const char *entry(const struct heard *answer, size_t i, const char *key)
{
    const json_t *item = json_array_get(json_object_get(answer->json, "items"), i);
    const char *text = json_string_value(json_object_get(item, key));

    return text != NULL ? text : "";
}

static void what_changed__stands_in_the_audit_with_who_did_it(void **state)
{
    const struct heard *answer;

    (void)state;
    change(OF_ACME, "{\"values\":{\"routing.offer_ms\":\"30s\"}}", 200);
    change(OF_ACME, "{\"values\":{\"routing.offer_ms\":\"0\"}}", 400);
    change(OF_SERVER, "{\"values\":{\"widget.color\":null}}", 200);
    answer = ask("GET", "/api/v1/audit", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 4);
    assert_string_equal(entry(answer, 0, "action"), "settings_change");
    assert_string_equal(entry(answer, 0, "detail"), "widget.color=(above)");
    assert_string_equal(entry(answer, 1, "action"), "tenant_settings_change");
    assert_string_equal(entry(answer, 1, "who"), "operator");
    assert_string_equal(entry(answer, 1, "tenant"), "acme");
    assert_string_equal(entry(answer, 1, "detail"), "routing.offer_ms=30s");
    assert_string_equal(entry(answer, 3, "action"), "tenant_add");
    assert_string_equal(entry(answer, 3, "tenant"), "acme");
    answer = ask("GET", "/api/v1/tenants/borealis/audit", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 1);
    answer = ask("GET", "/api/v1/audit", "limit=3", "");
    assert_string_equal(text_at(answer, "next"), "2");
    answer = ask("GET", "/api/v1/audit", "limit=3&cursor=2", "");
    assert_string_equal(entry(answer, 0, "action"), "tenant_add");
    assert_int_equal(ask("GET", "/api/v1/audit", "cursor=x", "")->status, 400);
}

static void reading_a_transcript__stands_in_the_audit_too(void **state)
{
    char path[128], id[ID_TEXT_BYTES];
    const struct heard *answer;

    (void)state;
    id_format(double_conversation("acme", 1, 10, true).id, id);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/transcripts/%s", id);
    assert_int_equal(ask("GET", path, "", "")->status, 200);
    answer = ask("GET", "/api/v1/tenants/acme/audit", "limit=1", "");
    assert_string_equal(entry(answer, 0, "action"), "transcript_show");
    assert_non_null(strstr(entry(answer, 0, "detail"), id));
}

static void tenant_show__tells_the_settings_and_where_from(void **state)
{
    const struct heard *answer;
    const json_t *setting;

    (void)state;
    change(OF_ACME, "{\"values\":{\"widget.color\":\"#123456\"}}", 200);
    answer = ask("GET", "/api/v1/tenants/acme", "", "");
    setting = json_object_get(json_object_get(answer->json, "settings"), "widget.color");
    assert_string_equal(json_string_value(json_object_get(setting, "value")), "#123456");
    assert_string_equal(json_string_value(json_object_get(setting, "from")), "tenant");
}

static void a_change__says_what_it_changed(void **state)
{
    const struct heard *answer = ask("PATCH", "/api/v1/tenants/acme/settings", "",
                                     "{\"values\":{\"widget.color\":\"#123456\"}}");
    size_t i, changed = 0;
    json_t *item;

    (void)state;
    assert_int_equal(answer->status, 200);
    json_array_foreach(json_object_get(answer->json, "items"), i, item)
    {
        if (json_object_get(item, "changed") == NULL)
            continue;
        assert_string_equal(json_string_value(json_object_get(item, "key")), "widget.color");
        changed++;
    }
    assert_int_equal(changed, 1);
    assert_null(strstr(ask("GET", "/api/v1/tenants/acme/settings", "", "")->text, "\"changed\""));
}

static void what_lasna_conf_says__is_told(void **state)
{
    const struct heard *answer = ask("GET", "/api/v1/settings/instance", "", "");

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_non_null(strstr(answer->text, "{\"key\":\"xmpp.port\",\"value\":\"5347\""));
    assert_non_null(strstr(answer->text, "\"key\":\"log.format\""));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(a_tenant_that_says_nothing__has_what_is_built_in),
    CASE(a_change__counts_at_once_for_rules_and_web),
    CASE(the_server__speaks_for_those_who_say_nothing),
    CASE(people_outside__are_no_desks_of_this_service), CASE(a_site__may_differ_and_only_its_own),
    CASE(a_wrong_change__changes_nothing_and_says_why), CASE(quotas__are_set_by_an_admin_alone),
    CASE(texts_of_a_language__are_found_however_it_is_written),
    CASE(what_changed__stands_in_the_audit_with_who_did_it),
    CASE(reading_a_transcript__stands_in_the_audit_too),
    CASE(tenant_show__tells_the_settings_and_where_from), CASE(a_change__says_what_it_changed),
    CASE(what_lasna_conf_says__is_told))
