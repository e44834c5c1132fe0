/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may ask what: made from the route table, so a new route is tested the moment it has a row.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/route.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

enum { ROLES = 9 };

/* Everyone who may ask: a role, of a tenant. */
static struct who {
    const char *role, *tenant;
    enum authority authority;
    char token[TOKEN_TEXT_BYTES];
} everyone[ROLES] = {
    { "analyst", "acme", AUTHORITY_ANALYST, "" },
    { "supervisor", "acme", AUTHORITY_SUPERVISOR, "" },
    { "tenant-admin", "acme", AUTHORITY_TENANT_ADMIN, "" },
    { "analyst", "borealis", AUTHORITY_ANALYST, "" },
    { "supervisor", "borealis", AUTHORITY_SUPERVISOR, "" },
    { "tenant-admin", "borealis", AUTHORITY_TENANT_ADMIN, "" },
    { "coder", "acme", AUTHORITY_CODER, "" },
    { "coder", "borealis", AUTHORITY_CODER, "" },
    { "admin", NULL, AUTHORITY_ADMIN, "" },
};

static void make_token(struct who *who)
{
    char body[160];
    const struct heard *answer;

    (void)snprintf(body, sizeof(body), "{\"role\":\"%s\",\"label\":\"Erik\"%s%s%s}", who->role,
                   who->tenant != NULL ? ",\"tenant\":\"" : "",
                   who->tenant != NULL ? who->tenant : "", who->tenant != NULL ? "\"" : "");
    answer = ask("POST", "/api/v1/tokens", "", body);
    assert_int_equal(answer->status, 201);
    (void)snprintf(who->token, sizeof(who->token), "%s", text_at(answer, "token"));
}

static int start(void **state)
{
    (void)double_setup(state);
    double_tenant("borealis");
    for (size_t i = 0; i < ROLES; i++)
        make_token(&everyone[i]);
    return 0;
}

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
                            : *at == '{'                    ? "nothing"
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

static bool is_of_tenant(const struct route *route)
{
    return strstr(route->path, "{tenant}") != NULL;
}

/* Only so much as lets the dispatcher decide: what it lets through fails on its body. */
static const char *body_of(const struct route *route)
{
    return route->fields == NULL ? "" : "[]";
}

static void too_little_authority__is_403_whatever_there_is(void **state)
{
    char path[256], own[ID_TEXT_BYTES];
    size_t seen = 0;

    (void)state;
    id_format(double_conversation("acme", 1, 10, true).id, own);
    for (size_t i = 0; i < route_count(); i++) {
        for (size_t w = 0; w < ROLES; w++) {
            static const char *const tenants[] = { "acme", "borealis", "nobody" };

            for (size_t t = 0; t < 3; t++) {
                const struct heard *answer;

                if (everyone[w].authority >= route_at(i)->least)
                    continue;
                concrete(route_at(i), tenants[t], own, path, sizeof(path));
                answer =
                    ask_with(route_at(i)->method, path, everyone[w].token, body_of(route_at(i)));
                if (answer->status != 403)
                    fail_msg("%s of %s: %s %s: %u", everyone[w].role, everyone[w].tenant,
                             route_at(i)->method, path, answer->status);
                seen++;
            }
        }
    }
    assert_true(seen > 100);
}

/* A foreign tenant, and one that is not there, are the same 404 to the last byte. */
static void another_tenant__is_not_there(void **state)
{
    char foreign[256], unknown[256], id[ID_TEXT_BYTES];
    size_t seen = 0;

    (void)state;
    id_format(double_conversation("acme", 1, 10, true).id, id);
    for (size_t i = 0; i < route_count(); i++) {
        if (!is_of_tenant(route_at(i)))
            continue;
        for (size_t w = 0; w < ROLES; w++) {
            AUTO_MEM char *first = NULL;
            const struct heard *answer;

            if (everyone[w].tenant == NULL || everyone[w].authority < route_at(i)->least)
                continue;
            concrete(route_at(i), strcmp(everyone[w].tenant, "acme") == 0 ? "borealis" : "acme", id,
                     foreign, sizeof(foreign));
            concrete(route_at(i), "nobody", id, unknown, sizeof(unknown));
            answer =
                ask_with(route_at(i)->method, foreign, everyone[w].token, body_of(route_at(i)));
            assert_int_equal(answer->status, 404);
            first = strdup(answer->text);
            answer =
                ask_with(route_at(i)->method, unknown, everyone[w].token, body_of(route_at(i)));
            assert_string_equal(answer->text, first);
            seen++;
        }
    }
    assert_true(seen > 40);
}

/* In one's own tenant, an id of another's is one that is not there. */
static void an_id_of_another_tenant__is_not_there(void **state)
{
    char path[256], foreign[ID_TEXT_BYTES], unknown[ID_TEXT_BYTES];
    size_t seen = 0;

    (void)state;
    id_format(double_conversation("borealis", 2, 10, false).id, foreign);
    id_format(id_new(), unknown);
    for (size_t i = 0; i < route_count(); i++) {
        if (!is_of_tenant(route_at(i)) || strstr(route_at(i)->path, "{id}") == NULL)
            continue;
        for (size_t w = 0; w < ROLES; w++) {
            const char *body = route_at(i)->fields == NULL ? "" : "{}";
            AUTO_MEM char *first = NULL;

            if (everyone[w].authority < route_at(i)->least ||
                (everyone[w].tenant != NULL && strcmp(everyone[w].tenant, "acme") != 0))
                continue;
            concrete(route_at(i), "acme", unknown, path, sizeof(path));
            first = strdup(ask_with(route_at(i)->method, path, everyone[w].token, body)->text);
            concrete(route_at(i), "acme", foreign, path, sizeof(path));
            assert_string_equal(ask_with(route_at(i)->method, path, everyone[w].token, body)->text,
                                first);
            seen++;
        }
    }
    assert_true(seen > 6);
}

/* What is one's own is reached: else the tests above would hold for a service that is down. */
static void ones_own__is_let_through(void **state)
{
    char path[256], id[ID_TEXT_BYTES];
    size_t seen = 0;

    (void)state;
    id_format(double_conversation("acme", 1, 10, true).id, id);
    for (size_t i = 0; i < route_count(); i++) {
        if (strcmp(route_at(i)->method, "GET") != 0 || !is_of_tenant(route_at(i)))
            continue;
        for (size_t w = 0; w < ROLES; w++) {
            const struct heard *answer;

            if (everyone[w].authority < route_at(i)->least ||
                (everyone[w].tenant != NULL && strcmp(everyone[w].tenant, "acme") != 0))
                continue;
            concrete(route_at(i), "acme", id, path, sizeof(path));
            answer = ask_with("GET", path, everyone[w].token, "");
            if (answer->status == 401 || answer->status == 403 ||
                (answer->status == 404 && strstr(answer->text, "such tenant") != NULL))
                fail_msg("%s: %s: %u", everyone[w].role, path, answer->status);
            seen++;
        }
    }
    assert_true(seen > 20);
}

/* --- tokens --- */

static void a_token__is_shown_once_and_kept_as_a_hash(void **state)
{
    const struct heard *answer = ask("GET", "/api/v1/tokens", "", "");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), ROLES);
    for (size_t i = 0; i < ROLES; i++)
        assert_null(strstr(answer->text, everyone[i].token));
    assert_null(strstr(ask("GET", "/api/v1/audit", "", "")->text, everyone[0].token));
}

static void token_id(size_t place, char id[ID_TEXT_BYTES])
{
    const json_t *item =
        json_array_get(json_object_get(ask("GET", "/api/v1/tokens", "", "")->json, "items"), place);

    (void)snprintf(id, ID_TEXT_BYTES, "%s", json_string_value(json_object_get(item, "id")));
}

static void a_revoked_token__is_worth_nothing_at_the_next_request(void **state)
{
    char path[128], id[ID_TEXT_BYTES];
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < ROLES; i++) {
        token_id(0, id);
        (void)snprintf(path, sizeof(path), "/api/v1/tokens/%s", id);
        assert_int_equal(ask("DELETE", path, "", "")->status, 204);
        assert_int_equal(ask("DELETE", path, "", "")->status, 404);
    }
    for (size_t i = 0; i < ROLES; i++)
        refused += ask_with("GET", "/api/v1/tenants/acme", everyone[i].token, "")->status == 401;
    assert_int_equal(refused, ROLES);
}

static void a_token_whose_time_is_over__is_worth_nothing(void **state)
{
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    (void)snprintf(
        token, sizeof(token), "%s",
        text_at(ask("POST", "/api/v1/tokens", "", "{\"role\":\"admin\",\"expires\":\"9s\"}"),
                "token"));
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme", token, "")->status, 200);
    for (int i = 0; i < 9; i++)
        (void)core_now_ms(&the_core); /* a second each, here */
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme", token, "")->status, 401);
}

static void a_token__must_say_whose_it_is(void **state)
{
    static const char *const wrong[] = {
        "{}",
        "{\"role\":\"operator\"}",
        "{\"role\":\"analyst\"}",
        "{\"role\":\"tenant-admin\"}",
        "{\"role\":\"admin\",\"tenant\":\"acme\"}",
        "{\"role\":\"admin\",\"expires\":\"400d\"}",
        "{\"role\":\"admin\",\"expires\":\"0\"}",
        "{\"role\":\"admin\",\"expires\":\"soon\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(ask("POST", "/api/v1/tokens", "", wrong[i])->status, 400);
    assert_int_equal(
        ask("POST", "/api/v1/tokens", "", "{\"role\":\"analyst\",\"tenant\":\"nobody\"}")->status,
        404);
}

static void the_audit__tells_by_whose_token(void **state)
{
    const struct heard *answer;

    (void)state;
    assert_int_equal(ask_with("PATCH", "/api/v1/tenants/acme/settings", everyone[2].token,
                              "{\"values\":{\"widget.color\":\"#111111\"}}")
                         ->status,
                     200);
    answer = ask("GET", "/api/v1/tenants/acme/audit", "limit=1", "");
    assert_non_null(strstr(answer->text, "\"who\":\"token:"));
}

static const json_t *of_whom(const json_t *list, const char *who)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        if (strcmp(json_string_value(json_object_get(item, "who")), who) == 0)
            return item;
    }
    return NULL;
}

static void the_access_record__tells_who_could_and_who_did(void **state)
{
    struct id conversation = double_conversation("acme", 2, 10, true).id;
    char path[128], id[ID_TEXT_BYTES];
    const struct heard *answer;
    const json_t *did;

    (void)state;
    id_format(conversation, id);
    (void)snprintf(path, sizeof(path), "/api/v1/tenants/acme/transcripts/%s", id);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ask("GET", path, "", "")->status, 200);
    answer = ask_with("GET", "/api/v1/tenants/acme/access", everyone[2].token, "");
    assert_int_equal(answer->status, 200);
    assert_int_equal(json_array_size(json_object_get(answer->json, "could")), 5); /* everyone's */
    assert_null(strstr(answer->text, "borealis"));
    did = of_whom(json_object_get(answer->json, "did"), "operator");
    assert_non_null(did);
    assert_string_equal(json_string_value(json_object_get(did, "what")), "transcript_show");
    assert_int_equal(json_integer_value(json_object_get(did, "times")), 2);
    assert_int_equal(json_integer_value(json_object_get(did, "things")), 1);
    assert_int_equal(ask("GET", "/api/v1/tenants/acme/access", "since=yesterday", "")->status, 400);
}

static void whatever_reads_words__has_its_place_in_the_access_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);
        bool reads = strcmp(route->method, "GET") == 0 && audit_tells(route);

        if (reads && audit_reads(slice_of(route->name)) == NULL)
            fail_msg("%s reads: give it a row in audit.c", route->name);
    }
    assert_null(audit_reads(SLICE_LITERAL("tenant_settings_change")));
}

static void a_removed_tenant__takes_its_tokens_with_it(void **state)
{
    (void)state;
    assert_int_equal(ask("DELETE", "/api/v1/tenants/acme", "", "")->status, 200);
    double_tenant("acme");
    assert_int_equal(ask_with("GET", "/api/v1/tenants/acme", everyone[2].token, "")->status, 401);
    assert_int_equal(ask_with("GET", "/api/v1/tenants/borealis", everyone[5].token, "")->status,
                     200);
}

/* --- agents --- */

static void a_revoked_agent__serves_nobody_and_is_added_anew(void **state)
{
    const struct heard *answer;

    (void)state;
    assert_int_equal(
        ask("POST", "/api/v1/agents", "", "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\"}")
            ->status,
        201);
    assert_int_equal(
        ask("POST", "/api/v1/tenants/acme/agents", "", "{\"jid\":\"anna@agents.localhost\"}")
            ->status,
        200);
    answer = ask("POST", "/api/v1/agents/anna@agents.localhost/revoke", "", "{}");
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "account"), "manual");
    answer = ask("GET", "/api/v1/tenants/acme/agents", "", "");
    assert_int_equal(json_array_size(json_object_get(answer->json, "items")), 0);
    assert_string_equal(code_of(ask("POST", "/api/v1/tenants/acme/agents", "",
                                    "{\"jid\":\"anna@agents.localhost\"}")),
                        "agent_revoked");
    assert_int_equal(ask("POST", "/api/v1/agents/nobody@agents.localhost/revoke", "", "{}")->status,
                     404);
}

static void a_ghost__is_marked_until_it_is_staffed_again(void **state)
{
    const char *anna = "/api/v1/agents/anna@agents.localhost";

    (void)state;
    assert_int_equal(
        ask("POST", "/api/v1/agents", "", "{\"jid\":\"anna@agents.localhost\",\"name\":\"Anna\"}")
            ->status,
        201);
    assert_int_equal(ask("POST", "/api/v1/agents/anna@agents.localhost/unstaff", "", "{}")->status,
                     200);
    assert_true(json_is_false(json_object_get(ask("GET", anna, "", "")->json, "staffed")));
    assert_int_equal(ask("POST", "/api/v1/agents/anna@agents.localhost/staff", "", "{}")->status,
                     200);
    assert_true(json_is_true(json_object_get(ask("GET", anna, "", "")->json, "staffed")));
    assert_int_equal(
        ask("POST", "/api/v1/agents/anna@agents.localhost/limit", "", "{\"limit\":4}")->status,
        200);
    assert_int_equal(json_integer_value(json_object_get(ask("GET", anna, "", "")->json, "limit")),
                     4);
    assert_int_equal(
        ask("POST", "/api/v1/agents/anna@agents.localhost/limit", "", "{\"limit\":-1}")->status,
        400);
    assert_int_equal(
        ask("POST", "/api/v1/agents/nobody@agents.localhost/limit", "", "{\"limit\":4}")->status,
        404);
    assert_int_equal(
        ask("POST", "/api/v1/agents/nobody@agents.localhost/unstaff", "", "{}")->status, 404);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(too_little_authority__is_403_whatever_there_is), CASE(another_tenant__is_not_there),
    CASE(an_id_of_another_tenant__is_not_there), CASE(ones_own__is_let_through),
    CASE(a_token__is_shown_once_and_kept_as_a_hash),
    CASE(a_revoked_token__is_worth_nothing_at_the_next_request),
    CASE(a_token_whose_time_is_over__is_worth_nothing), CASE(a_token__must_say_whose_it_is),
    CASE(the_audit__tells_by_whose_token), CASE(the_access_record__tells_who_could_and_who_did),
    CASE(whatever_reads_words__has_its_place_in_the_access_record),
    CASE(a_removed_tenant__takes_its_tokens_with_it),
    CASE(a_revoked_agent__serves_nobody_and_is_added_anew),
    CASE(a_ghost__is_marked_until_it_is_staffed_again))
