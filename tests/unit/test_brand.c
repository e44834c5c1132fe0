/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/brand.h"
#include "tests/support/cmocka.h"

static struct brands *brands;

static int start(void **state)
{
    (void)state;
    assert_int_equal(brands_new(&brands), OK);
    assert_int_equal(brands_add_name(brands, "acme", "Acme Oy"), OK);
    assert_int_equal(brands_add_name(brands, "borealis", "Borealis Ab"), OK);
    assert_int_equal(
        brands_add_origin(brands, "borealis", slice_of("https://www.kauppa.example:443")), OK);
    assert_int_equal(brands_add_name(brands, "cumulus", "Pilvi & Kuu Oyj"), OK);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    brands = brands_free(brands);
    return 0;
}

static const char *named(const char *text)
{
    const char *name = brands_named(brands, "acme", slice_of(text));

    return name == NULL ? "" : name;
}

static void a_name__is_found_as_words__in_any_case(void **state)
{
    (void)state;
    assert_string_equal(named("Welcome to Borealis!"), "Borealis");
    assert_string_equal(named("BOREALIS-laskutus"), "Borealis");
    assert_string_equal(named("see (borealis)"), "Borealis");
    assert_string_equal(named("meill\xc3\xa4 PILVI & KUU maksaa"), "Pilvi & Kuu");
    assert_string_equal(named("pilvi, kuu"), "Pilvi & Kuu");
    assert_string_equal(named("Borealistic"), "");
    assert_string_equal(named("aurora borealism"), "");
    assert_string_equal(named("pilvi on kuu"), "");
    assert_string_equal(named("Acme Oy"), "");
    assert_string_equal(named(""), "");
}

static void a_host__is_found_in_addresses_of_all_kinds(void **state)
{
    (void)state;
    assert_string_equal(named("https://kauppa.example/a?b=c"), "Borealis");
    assert_string_equal(named("write to help@kauppa.example."), "Borealis");
    assert_string_equal(named("kauppa"), "");
}

static void a_host_without_a_name__says_nothing(void **state)
{
    (void)state;
    assert_int_equal(brands_add_origin(brands, "borealis", slice_of("http://127.0.0.1:8080")), OK);
    assert_int_equal(brands_add_origin(brands, "borealis", slice_of("http://localhost")), OK);
    assert_int_equal(brands_add_origin(brands, "borealis", slice_of("nonsense")), OK);
    assert_string_equal(named("127.0.0.1 localhost nonsense"), "");
}

static void a_name_that_is_a_common_word__says_nothing(void **state)
{
    (void)state;
    assert_int_equal(brands_add_name(brands, "if", "If Oy"), OK);
    assert_int_equal(brands_add_name(brands, "none", "!"), OK);
    assert_string_equal(named("if you wish!"), "");
}

static void our_own_brand__is_nobody_elses(void **state)
{
    (void)state;
    assert_int_equal(brands_add_name(brands, "acme", "Borealis Energy"), OK);
    assert_string_equal(named("Borealis Energy is what we are"), "");
    assert_string_equal(named("Borealis Energy, not Borealis"), "Borealis");
    assert_int_equal(brands_add_name(brands, "acme", "Borealis"), OK);
    assert_string_equal(named("Borealis"), "");
}

static void ready_made_words__are_found_by_their_long_stretches(void **state)
{
    const char *lines = "greet: Hi {visitor}, thank you for asking us about the weather!\\nBye\n"
                        "nonsense\nshort: Have a nice day\n: and this one has no name at all";

    (void)state;
    assert_int_equal(brands_add_canned(brands, "borealis", lines), OK);
    assert_string_equal(named("Thank you for asking us about the weather. Rain."), "Borealis");
    assert_string_equal(named("Have a nice day"), "");
    assert_string_equal(named("thank you for asking us"), "");
    assert_int_equal(brands_add_canned(brands, "acme", lines), OK); /* both say so */
    assert_string_equal(named("Thank you for asking us about the weather. Rain."), "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_name__is_found_as_words__in_any_case), CASE(a_host__is_found_in_addresses_of_all_kinds),
    CASE(a_host_without_a_name__says_nothing), CASE(a_name_that_is_a_common_word__says_nothing),
    CASE(our_own_brand__is_nobody_elses), CASE(ready_made_words__are_found_by_their_long_stretches))
