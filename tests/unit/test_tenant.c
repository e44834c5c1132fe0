/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/tenant.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>

static void a_name__is_also_a_dns_label_and_a_folder(void **state)
{
    static const struct {
        const char *text;
        int rc;
    } cases[] = {
        { "acme", 0 },
        { "a", 0 },
        { "9lives", 0 },
        { "acme-oy", 0 },
        { "abcdefghijklmnopqrstuvwxyz012345", 0 },  /* 32 */
        { "abcdefghijklmnopqrstuvwxyz0123456", 1 }, /* 33 */
        { "", 1 },
        { "Acme", 1 },
        { "-acme", 1 },
        { "acme-", 1 },
        { "ac me", 1 },
        { "acme.oy", 1 },
        { "../acme", 1 },
        { "acme/..", 1 },
        { "\xc3\xa4\x63me", 1 },
        /* names that stand for something else */
        { "control", 1 },
        { "desk", 1 },
        { "admin", 1 },
        { "www", 1 },
        { "api", 1 },
    };
    struct tenant_name name = { "untouched" };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (tenant_name_parse(slice_of(cases[i].text), &name) != cases[i].rc)
            fail_msg("\"%s\"", cases[i].text);
        if (cases[i].rc == 0)
            assert_string_equal(name.text, cases[i].text);
    }
    assert_string_equal(name.text, "abcdefghijklmnopqrstuvwxyz012345"); /* the last that was one */
}

static void a_name__with_a_zero_in_it__is_none(void **state)
{
    struct tenant_name name;

    (void)state;
    assert_int_equal(tenant_name_parse((struct slice){ "ac\0me", 5 }, &name), 1);
}

static void a_language__is_a_tag_in_lower_case(void **state)
{
    static const char *const bad[] = {
        "",        "f",         "fi-",      "-fi",          "f-i",
        "1fi",     "f i",       "xx-y",     "abcd",         "fi--fi",
        "en-gbr",  "zh-yue",    "en-gb-us", "de-1996-1996", "x-fi",
        "fi-u-nu", "ninechars", "fi-abc",   "fi-ninechars", "en-gb-and-much-more"
    };
    static const char *const good[] = { "fi",      "fil",     "zh-hant",  "zh-hant-tw",
                                        "es-419",  "de-1996", "sl-rozaj", "en-gb-oxendict",
                                        "az-latn", "tlh" };
    char language[TENANT_LANGUAGE_MAX + 1];

    (void)state;
    assert_int_equal(language_normalise(slice_of("en-GB"), language, sizeof(language)), 0);
    assert_string_equal(language, "en-gb");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (language_normalise(slice_of(bad[i]), language, sizeof(language)) != 1)
            fail_msg("\"%s\" is taken for a language", bad[i]);
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (language_normalise(slice_of(good[i]), language, sizeof(language)) != 0)
            fail_msg("\"%s\" is a language", good[i]);
}

static void an_origin__has_one_form(void **state)
{
    static const struct {
        const char *text, *origin;
    } cases[] = {
        { "https://acme.example", "https://acme.example" },
        { "https://ACME.Example", "https://acme.example" },
        { "https://acme.example:443", "https://acme.example" },
        { "http://acme.example:80", "http://acme.example" },
        { "http://acme.example:443", "http://acme.example:443" },
        { "http://localhost:21080", "http://localhost:21080" },
        { "http://[::1]", "http://[::1]" },
        { "http://[::1]:8080", "http://[::1]:8080" },
        { "https://xn--4ca.example", "https://xn--4ca.example" },
    };
    char origin[128];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(origin_normalise(slice_of(cases[i].text), origin, sizeof(origin)), 0);
        assert_string_equal(origin, cases[i].origin);
    }
}

static void what_is_more_or_less_than_an_origin__is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "null",
        "*",
        "acme.example",
        "ftp://acme.example",
        "HTTPS://acme.example/",
        "https://acme.example/",
        "https://acme.example/shop",
        "https://acme.example?x",
        "https://acme.example#x",
        "https://user@acme.example",
        "https://",
        "https://:443",
        "https://acme.example:",
        "https://acme.example:0",
        "https://acme.example:65536",
        "https://acme.example:4x3",
        "https://acme.example:443:443",
        "https://*.acme.example",
        "https://acme.example evil.example",
        "https://[::1",
        "https://::1",
        "https://[]",
        "https://\xc3\xa4.example",
    };
    char origin[128];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (origin_normalise(slice_of(texts[i]), origin, sizeof(origin)) != 1)
            fail_msg("\"%s\" became \"%s\"", texts[i], origin);
    }
}

static void an_origin__too_long_for_its_place__is_none(void **state)
{
    char origin[16];

    (void)state;
    assert_int_equal(origin_normalise(SLICE_LITERAL("http://a.example"), origin, 16), 1);
    assert_int_equal(origin_normalise(SLICE_LITERAL("http://a.exampl"), origin, 16), 0);
}

static void a_list__holds_whole_origins_only(void **state)
{
    static const char list[] = "https://acme.example http://localhost:8080";

    (void)state;
    assert_true(origin_list_has(list, SLICE_LITERAL("https://acme.example")));
    assert_true(origin_list_has(list, SLICE_LITERAL("http://localhost:8080")));
    assert_false(origin_list_has(list, SLICE_LITERAL("https://acme.exampl")));
    assert_false(origin_list_has(list, SLICE_LITERAL("https://acme.example.evil.example")));
    assert_false(origin_list_has(list, SLICE_LITERAL("http://localhost")));
    assert_false(origin_list_has(list, SLICE_LITERAL(list)));
    assert_false(origin_list_has(list, SLICE_NONE));
    assert_false(origin_list_has("", SLICE_LITERAL("https://acme.example")));
}

static void released__nothing_is_left_but_the_name(void **state)
{
    struct tenant tenant = { .name = { "acme" }, .site_count = 1 };

    (void)state;
    tenant.title = strdup("Acme Oy");
    tenant.secret = strdup("secret");
    tenant.sites = calloc(1, sizeof(*tenant.sites));
    assert_non_null(tenant.sites);
    tenant.sites[0].origins = strdup("https://acme.example");
    tenant_release(&tenant);
    assert_string_equal(tenant.name.text, "acme");
    assert_null(tenant.secret);
    assert_null(tenant.sites);
    tenant_release(&tenant); /* harmless */
}

RUN(cmocka_unit_test(a_name__is_also_a_dns_label_and_a_folder),
    cmocka_unit_test(a_name__with_a_zero_in_it__is_none),
    cmocka_unit_test(a_language__is_a_tag_in_lower_case), cmocka_unit_test(an_origin__has_one_form),
    cmocka_unit_test(what_is_more_or_less_than_an_origin__is_none),
    cmocka_unit_test(an_origin__too_long_for_its_place__is_none),
    cmocka_unit_test(a_list__holds_whole_origins_only),
    cmocka_unit_test(released__nothing_is_left_but_the_name))
