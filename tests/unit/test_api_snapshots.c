/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/ledger.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#define OF_SNAPSHOTS "/api/v1/snapshots"

static char path[128];

/* Asked for; `path` leads there. */
static void make(const char *body)
{
    const struct heard *answer = ask("POST", OF_SNAPSHOTS, "", body);

    assert_int_equal(answer->status, 202);
    assert_string_equal(text_at(answer, "state"), "copying");
    (void)snprintf(path, sizeof(path), OF_SNAPSHOTS "/%s", text_at(answer, "id"));
}

static const struct heard *made(void)
{
    const struct heard *answer = ask("GET", path, "", NULL);

    while (strcmp(text_at(answer, "state"), "copying") == 0)
        answer = ask("GET", path, "", NULL);
    return answer;
}

static const struct heard *content(void)
{
    char where[160];

    (void)snprintf(where, sizeof(where), "%s/content", path);
    return ask("GET", where, "", NULL);
}

static void a_copy__has_the_size_and_digest_that_are_told__and_is_gone_once_read(void **state)
{
    const struct heard *answer;
    char told[DIGEST_HEX_BYTES], hex[DIGEST_HEX_BYTES];
    struct digest digest;
    json_int_t bytes;

    (void)state;
    make("{}");
    answer = made();
    assert_string_equal(text_at(answer, "state"), "ready");
    assert_string_equal(text_at(answer, "kind"), "directory");
    bytes = json_integer_value(json_object_get(answer->json, "copied_bytes"));
    (void)slice_copy(slice_of(text_at(answer, "sha256")), told, sizeof(told));
    answer = content();
    assert_int_equal(answer->status, 200);
    assert_int_equal(answer->len, bytes);
    digest = digest_sha256((struct slice){ answer->text, answer->len });
    digest_hex(&digest, hex);
    assert_string_equal(hex, told);
    assert_int_equal(ask("GET", path, "", NULL)->status, 404);
}

static void a_copy__may_be_dropped__and_what_is_not_there_is_not_found(void **state)
{
    (void)state;
    make("{}");
    assert_int_equal(ask("DELETE", path, "", NULL)->status, 204);
    assert_int_equal(ask("GET", path, "", NULL)->status, 404);
    assert_int_equal(content()->status, 404);
    assert_int_equal(ask("DELETE", path, "", NULL)->status, 404);
    assert_int_equal(ask("POST", OF_SNAPSHOTS, "", "{\"tenant\":\"nobody\"}")->status, 404);
}

static void copies_nobody_fetches__make_room_for_new_ones(void **state)
{
    char first[128];

    (void)state;
    make("{}");
    (void)made();
    memcpy(first, path, sizeof(first));
    for (int i = 0; i < 4; i++) {
        make("{}");
        (void)made();
    }
    assert_int_equal(ask("GET", first, "", NULL)->status, 404);
    assert_int_equal(content()->status, 200);
}

/* The store played here keeps its tenants in memory: there is no file to copy. */
static void a_database_that_is_away__is_told__and_no_file_is_left(void **state)
{
    const struct heard *answer;

    (void)state;
    make("{\"tenant\":\"acme\"}");
    answer = made();
    assert_string_equal(text_at(answer, "state"), "failed");
    assert_true(strlen(text_at(answer, "problem")) > 0);
    assert_string_equal(code_of(content()), "not_ready");
}

static void a_tenant__is_copied_by_a_name_it_had_too(void **state)
{
    (void)state;
    assert_int_equal(ask("POST", "/api/v1/tenants/acme/rename", "", "{\"to\":\"acme-oy\"}")->status,
                     200);
    make("{\"tenant\":\"acme\"}");
    assert_string_equal(text_at(made(), "tenant"), "acme-oy");
    assert_non_null(strstr(ask("GET", "/api/v1/audit", "limit=1", "")->text,
                           "\"action\":\"snapshot_make\",\"tenant\":\"acme-oy\""));
}

static void the_ledger__is_given_whole__or_one_tenants_part(void **state)
{
    AUTO_MEM char *data =
        settings_path(the_core.role->settings, the_core.role->settings->storage_dir);
    const struct tenant_name acme = { "acme" }, borealis = { "borealis" };

    (void)state;
    assert_int_equal(ask("GET", "/api/v1/erasures", "", NULL)->len, 0);
    assert_int_equal(ledger_add(data, &acme, (struct visitor_id){ id_new() }, 1), OK);
    assert_int_equal(ledger_add(data, &borealis, (struct visitor_id){ id_new() }, 2), OK);
    assert_non_null(strstr(ask("GET", "/api/v1/erasures", "", NULL)->text, "borealis "));
    assert_null(strstr(ask("GET", "/api/v1/erasures", "tenant=acme", NULL)->text, "borealis "));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, double_setup, double_teardown)

RUN(CASE(a_copy__has_the_size_and_digest_that_are_told__and_is_gone_once_read),
    CASE(a_copy__may_be_dropped__and_what_is_not_there_is_not_found),
    CASE(copies_nobody_fetches__make_room_for_new_ones),
    CASE(a_database_that_is_away__is_told__and_no_file_is_left),
    CASE(a_tenant__is_copied_by_a_name_it_had_too),
    CASE(the_ledger__is_given_whole__or_one_tenants_part))
