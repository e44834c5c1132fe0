/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/survey/survey.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

static const struct tenant acme = { .name = { "acme" }, .created_ms = 1 };
static const struct tenant borealis = { .name = { "borealis" }, .created_ms = 1 };

static int start(void **state)
{
    (void)double_setup(state);
    the_core.order_key = digest_sha256(SLICE_LITERAL("a key"));
    return 0;
}

/* --- links --- */

static void a_link__says_what_was_put_in(void **state)
{
    const struct survey_link links[] = {
        { .order = id_new(),
          .told = BUYER_BY_LINK,
          .chatted = 1,
          .at_s = 1700000000,
          .until_s = 1800000000,
          .cents = 12990,
          .currency = "EUR" },
        { .order = id_new(), .told = BUYER_BY_LINK, .chatted = 0, .cents = 0, .currency = "SEK" },
        { .order = id_new(),
          .told = BUYER_BY_WIDGET,
          .chatted = BUYER_UNTOLD,
          .at_s = 1,
          .until_s = 2,
          .cents = BUYER_UNTOLD },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        char text[SURVEY_LINK_BYTES];
        struct survey_link back = { .at_s = 0 };

        survey_link_write(&the_core, &acme, &links[i], text);
        assert_true(survey_link_read(&the_core, &acme, slice_of(text), &back));
        assert_true(id_equal(back.order, links[i].order));
        assert_int_equal(back.told, links[i].told);
        assert_int_equal(back.chatted, links[i].chatted);
        assert_int_equal(back.at_s, links[i].at_s);
        assert_int_equal(back.until_s, links[i].until_s);
        assert_int_equal(back.cents, links[i].cents);
        assert_string_equal(back.currency, links[i].currency);
    }
}

static void a_link__changed_anywhere__or_of_another_tenant__is_none(void **state)
{
    const struct survey_link link = { .order = id_new(),
                                      .told = BUYER_BY_LINK,
                                      .chatted = BUYER_UNTOLD,
                                      .at_s = 1700000000,
                                      .until_s = 1800000000,
                                      .cents = 500,
                                      .currency = "EUR" };
    const struct tenant anew = { .name = acme.name, .created_ms = 2 };
    struct survey_link back;
    char text[SURVEY_LINK_BYTES];

    (void)state;
    survey_link_write(&the_core, &acme, &link, text);
    for (size_t i = 0; i < strlen(text); i++) {
        char was = text[i];

        text[i] = was == 'a' ? 'b' : 'a';
        assert_false(survey_link_read(&the_core, &acme, slice_of(text), &back));
        text[i] = was;
        assert_false(survey_link_read(&the_core, &acme, (struct slice){ text, i }, &back));
    }
    assert_false(survey_link_read(&the_core, &borealis, slice_of(text), &back));
    assert_false(survey_link_read(&the_core, &anew, slice_of(text), &back));
    assert_true(survey_link_read(&the_core, &acme, slice_of(text), &back));
}

static struct id order_of(const struct tenant *tenant, struct slice name)
{
    struct id id;

    assert_true(survey_order(&the_core, tenant, name, &id));
    return id;
}

static void an_order__has_one_id_with_each_tenant(void **state)
{
    struct id id = order_of(&acme, SLICE_LITERAL("order 1"));

    (void)state;
    assert_true(id_equal(id, order_of(&acme, SLICE_LITERAL("order 1"))));
    assert_false(id_equal(id, order_of(&acme, SLICE_LITERAL("order 2"))));
    assert_false(id_equal(id, order_of(&borealis, SLICE_LITERAL("order 1"))));
}

static void a_tenant_that_is_renamed__knows_its_orders_and_links(void **state)
{
    struct survey_link link = { .order = order_of(&acme, SLICE_LITERAL("order 1")) }, back;
    char text[SURVEY_LINK_BYTES];
    struct tenant renamed = acme;

    (void)state;
    survey_link_write(&the_core, &acme, &link, text);
    renamed.born = acme.name;
    renamed.name = (struct tenant_name){ "acme-oy" };
    assert_true(id_equal(link.order, order_of(&renamed, SLICE_LITERAL("order 1"))));
    assert_true(survey_link_read(&the_core, &renamed, slice_of(text), &back));
}

/* Characters are what counts: an a with dots is one of them, and two bytes. */
static void what_no_order_is_called__stands_for_none(void **state)
{
    char text[2 * (SURVEY_ORDER_MAX + 1)];
    struct id id;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = "\xc3\xa4"[i % 2];
    (void)order_of(&acme, (struct slice){ text, sizeof(text) - 2 });
    assert_false(survey_order(&the_core, &acme, (struct slice){ text, sizeof(text) }, &id));
    assert_false(survey_order(&the_core, &acme, (struct slice){ text, 1 }, &id));
    assert_false(survey_order(&the_core, &acme, SLICE_NONE, &id));
}

/* --- pages --- */

static void the_language__is_the_first_that_we_speak(void **state)
{
    static const struct {
        const char *tags;
        enum survey_language language;
    } cases[] = {
        { "fi-FI,fi;q=0.9,en;q=0.8", SURVEY_FI },
        { "de, sv;q=0.5", SURVEY_SV },
        { "EN", SURVEY_EN },
        { "fil, en", SURVEY_EN }, /* Filipino is not Finnish */
        { "de", SURVEY_LANGUAGES },
        { "f", SURVEY_LANGUAGES },
        { "", SURVEY_LANGUAGES },
        { "de-fi", SURVEY_LANGUAGES },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(survey_language_in(slice_of(cases[i].tags)), cases[i].language);
}

static void what_is_not_asked__is_not_taken(void **state)
{
    struct survey_page page = { .ask = "recommend solved", .chatted = BUYER_UNTOLD };
    struct buyer buyer = { .told = BUYER_BY_LINK };

    (void)state;
    assert_true(survey_page_read(
        &page, SLICE_LITERAL("chatted=0&recommend=7&trust=5&source=ad&solved=1"), &buyer));
    assert_int_equal(buyer.recommend, 7);
    assert_int_equal(buyer.trust, BUYER_UNTOLD); /* nor shown, so nobody answered it */
    assert_int_equal(buyer.source.len, 0);
    assert_int_equal(buyer.solved, BUYER_UNTOLD);
    assert_true(survey_page_read(&page, SLICE_LITERAL("chatted=1&solved=1"), &buyer));
    assert_int_equal(buyer.recommend, BUYER_UNTOLD);
    assert_int_equal(buyer.solved, 1);
    assert_false(survey_page_read(&page, SLICE_LITERAL("recommend=7"), &buyer));
    assert_false(survey_page_read(&page, SLICE_LITERAL("chatted=1&chatted=0"), &buyer));
    page.ask = "source";
    assert_true(survey_page_read(&page, SLICE_LITERAL("chatted=0&source=ad"), &buyer));
    assert_true(slice_is(buyer.source, "ad"));
}

/* The ink is what reads better: black on yellow, white on dark blue. */
static void the_page__has_the_tenants_colour_and_name_as_text(void **state)
{
    struct survey_page page = {
        .company = SLICE_LITERAL("A <b> & Co"), .color = "#ffee00", .ask = "recommend", .chatted = 0
    };
    AUTO_BUF html, headers;

    (void)state;
    buf_init(&html, 65536);
    buf_init(&headers, 1024);
    survey_page_form(&page, &html, &headers);
    assert_non_null(strstr(html.data, "A &lt;b&gt; &amp; Co"));
    assert_non_null(strstr(html.data, "background:#ffee00;color:#000"));
    assert_null(strstr(html.data, "name=\"chatted\""));
    buf_clear(&html);
    page.color = "#101060";
    survey_page_form(&page, &html, &headers);
    assert_non_null(strstr(html.data, "background:#101060;color:#fff"));
}

/* --- asking --- */

static unsigned asked(const char *text)
{
    const struct heard *answer = open_survey(text);

    assert_non_null(answer);
    assert_non_null(strstr(answer->headers, "default-src 'none'"));
    return answer->status;
}

static void a_link__holds_until_its_time(void **state)
{
    uint64_t now_s = core_now_ms(&the_core) / 1000;
    struct survey_link link = { .order = id_new(), .told = BUYER_BY_LINK, .at_s = now_s };
    const struct tenant *about = &tenants_find(&the_core, SLICE_LITERAL("acme"))->about;
    char text[SURVEY_LINK_BYTES];

    (void)state;
    link.until_s = now_s;
    survey_link_write(&the_core, about, &link, text);
    assert_int_equal(asked(text), 410);
    link.until_s = now_s + 60;
    survey_link_write(&the_core, about, &link, text);
    assert_int_not_equal(asked(text), 410);
    text[0] ^= 1;
    assert_int_equal(asked(text), 404);
}

/* "978" is the euro's number: behind an amount it would be digits of it. */
static void a_currency__that_is_no_three_letters__comes_into_no_link(void **state)
{
    static const char *const wrong[] = { "978", "'-x", "a#b", "EURO", "E\u00d6" };
    struct settings *settings = the_core.role->settings;
    char body[256];

    (void)state;
    free(settings->web_origins);
    settings->web_origins = strdup("https://chat.example");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        (void)snprintf(body, sizeof(body),
                       "{\"orders\":[{\"id\":\"1\",\"value\":12.5,\"currency\":\"%s\"}]}",
                       wrong[i]);
        assert_int_equal(
            ask("POST", "/api/v1/tenants/acme/presence/survey-links", "", body)->status, 400);
    }
    assert_true(survey_currency(SLICE_LITERAL("EUR")));
    assert_true(survey_currency(SLICE_LITERAL("eur")));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)
RUN(CASE(a_link__says_what_was_put_in),
    CASE(a_link__changed_anywhere__or_of_another_tenant__is_none),
    CASE(an_order__has_one_id_with_each_tenant),
    CASE(a_tenant_that_is_renamed__knows_its_orders_and_links),
    CASE(what_no_order_is_called__stands_for_none), CASE(the_language__is_the_first_that_we_speak),
    CASE(what_is_not_asked__is_not_taken), CASE(the_page__has_the_tenants_colour_and_name_as_text),
    CASE(a_currency__that_is_no_three_letters__comes_into_no_link),
    CASE(a_link__holds_until_its_time))
