/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/path.h"
#include "tests/support/cmocka.h"

#define ID "aaaaaaaaaaaaaaaaaaaaaaaaae"

static struct path_values values;

static bool matches(const char *pattern, const char *path)
{
    memset(&values, 0, sizeof(values));
    return path_matches(pattern, slice_of(path), &values);
}

static void a_path__of_plain_words__is_itself_and_nothing_else(void **state)
{
    (void)state;
    assert_true(matches("/tenants", "/tenants"));
    assert_true(matches("/a/b", "/a/b"));
    assert_false(matches("/tenants", "/tenant"));
    assert_false(matches("/tenants", "/tenants/"));
    assert_false(matches("/tenants", "/tenants/acme"));
    assert_false(matches("/tenants/{tenant}", "/tenants"));
    assert_false(matches("/tenants/{tenant}", "/tenants/"));
    assert_false(matches("/tenants", "tenants"));
    assert_false(matches("/tenants", ""));
    assert_false(matches("/tenants", "//tenants"));
    assert_false(matches("/tenants", "/Tenants"));
}

static void values__stand_where_the_pattern_says(void **state)
{
    struct id id;

    (void)state;
    assert_true(matches("/tenants/{tenant}/conversations/{id}/end",
                        "/tenants/acme/conversations/" ID "/end"));
    assert_string_equal(values.tenant, "acme");
    assert_int_equal(id_parse(slice_of(ID), &id), 0);
    assert_true(id_equal(values.id, id));
    assert_true(matches("/agents/{jid}", "/agents/anna@agents.example"));
    assert_string_equal(values.jid, "anna@agents.example");
}

static void an_id__of_any_other_form__matches_nothing(void **state)
{
    static const char *const wrong[] = {
        "/x/export",
        "/x/1",
        "/x/" ID "a",
        "/x/AAAAAAAAAAAAAAAAAAAAAAAAAE",
        "/x/%61aaaaaaaaaaaaaaaaaaaaaaaae",
        "/x/aaaaaaaaaaaaaaaaaaaaaaaaaa", /* none */
    };

    (void)state;
    assert_true(matches("/x/{id}", "/x/" ID));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(matches("/x/{id}", wrong[i]));
}

static void a_segment__has_one_spelling(void **state)
{
    static const char *const odd[] = {
        "/agents/anna%2540x/", "/agents/%61nna@x", "/agents/a%2Fb", "/agents/a%2fb",
        "/agents/a%5Cb",       "/agents/a%00b",    "/agents/a%0Ab", "/agents/a%7F",
        "/agents/a%",          "/agents/a%4",      "/agents/a%zz",  "/agents/a%C3",
        "/agents/a%ED%A0%80",  "/agents/a%C0%AF",  "/agents/a/b",   "/agents/%2E%2E",
        "/agents/a\tb",        "/%61gents/a@x",    "/agents//a@x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
        assert_false(matches("/agents/{jid}", odd[i]));
    assert_true(matches("/agents/{jid}", "/agents/p%C3%A4ivi%40x"));
    assert_string_equal(values.jid, "päivi@x");
    assert_true(matches("/agents/{jid}", "/agents/a+b@x"));
    assert_string_equal(values.jid, "a+b@x");
}

static void a_segment__longer_than_any_jid__matches_nothing(void **state)
{
    char path[PATH_TEXT_MAX + 64] = "/agents/";

    (void)state;
    memset(path + 8, 'a', PATH_TEXT_MAX);
    path[8 + PATH_TEXT_MAX] = '\0';
    assert_true(matches("/agents/{jid}", path));
    path[8 + PATH_TEXT_MAX] = 'a';
    path[9 + PATH_TEXT_MAX] = '\0';
    assert_false(matches("/agents/{jid}", path));
}

static struct query query;

static int reads(const char *text)
{
    return query_read(slice_of(text), "state cursor limit", &query);
}

static void a_query__gives_each_value_by_name(void **state)
{
    (void)state;
    assert_int_equal(reads(""), 0);
    assert_null(query_get(&query, "state").data);
    assert_int_equal(reads("state=a%20b+c&limit=&cursor=%61%2F"), 0);
    assert_true(slice_is(query_get(&query, "state"), "a b c"));
    assert_int_equal(query_get(&query, "limit").len, 0);
    assert_non_null(query_get(&query, "limit").data);
    assert_true(slice_is(query_get(&query, "cursor"), "a/"));
}

static void a_query__of_unknown_doubled_or_broken_words__is_refused(void **state)
{
    (void)state;
    assert_int_equal(reads("stat=x"), QUERY_E_UNKNOWN);
    assert_int_equal(reads("states=x"), QUERY_E_UNKNOWN);
    assert_int_equal(reads("=x"), QUERY_E_UNKNOWN);
    assert_int_equal(reads("state=x&&limit=1"), QUERY_E_UNKNOWN);
    assert_int_equal(reads("state%3D=x"), QUERY_E_UNKNOWN);
    assert_int_equal(reads("cursor limit=1"), QUERY_E_UNKNOWN);
    assert_int_equal(reads("state=x&state=x"), QUERY_E_DOUBLED);
    assert_int_equal(reads("state=&state=x"), QUERY_E_DOUBLED);
    assert_int_equal(reads("state=%00"), QUERY_E_BAD);
    assert_int_equal(reads("state=%GG"), QUERY_E_BAD);
    assert_int_equal(reads("state=%FF"), QUERY_E_BAD);
}

RUN(cmocka_unit_test(a_path__of_plain_words__is_itself_and_nothing_else),
    cmocka_unit_test(values__stand_where_the_pattern_says),
    cmocka_unit_test(an_id__of_any_other_form__matches_nothing),
    cmocka_unit_test(a_segment__has_one_spelling),
    cmocka_unit_test(a_segment__longer_than_any_jid__matches_nothing),
    cmocka_unit_test(a_query__gives_each_value_by_name),
    cmocka_unit_test(a_query__of_unknown_doubled_or_broken_words__is_refused))
