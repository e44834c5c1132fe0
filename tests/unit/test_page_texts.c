/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/page_texts.h"

#include "tests/support/cmocka.h"

/* What the loader of a site is told, of a tenant whose layer this is. */
static const char *told(const char *languages, const char *tenant)
{
    static char text[4096];
    const char *const layers[LAYER_COUNT] = { [LAYER_TENANT] = tenant };
    AUTO(tenant_settings) settings = NULL;
    AUTO_BUF all;

    buf_init(&all, sizeof(text) - 1);
    assert_int_equal(tenant_settings_new(&settings, layers), OK);
    page_texts_add(settings, languages, &all);
    assert_true(slice_copy(buf_slice(&all), text, sizeof(text)));
    return text;
}

static void each_language_of_the_tenant__has_the_names_of_the_button(void **state)
{
    (void)state;
    assert_string_equal(told("fi en", NULL),
                        "{\"fi\":[\"Keskustele kanssamme\",\"Sulje keskustelu\",\"{} lukematta\"],"
                        "\"en\":[\"Chat with us\",\"Close the chat\",\"{} unread\"]}");
    assert_non_null(strstr(told("ar", NULL), "إغلاق الدردشة")); /* whatever has a file */
}

static void what_we_do_not_speak__is_english_until_the_tenant_says_it(void **state)
{
    (void)state;
    assert_string_equal(told("de", NULL),
                        "{\"de\":[\"Chat with us\",\"Close the chat\",\"{} unread\"]}");
    assert_string_equal(told("", NULL),
                        "{\"en\":[\"Chat with us\",\"Close the chat\",\"{} unread\"]}");
    assert_string_equal(told("de", "{\"widget.texts:de\":\"{\\\"openChat\\\":\\\"Frag uns\\\"}\"}"),
                        "{\"de\":[\"Frag uns\",\"Close the chat\",\"{} unread\"]}");
}

/* As in an opened chat: what is said for all counts where a language says nothing. */
static void own_words__stand_in_place_of_ours(void **state)
{
    const char *own = "{\"widget.texts\":\"{\\\"openChat\\\":\\\"Ask \\\\\\\"us\\\\\\\"\\\"}\","
                      "\"widget.texts:fi\":\"{\\\"unread\\\":\\\"{} uutta\\\"}\"}";

    (void)state;
    assert_string_equal(told("fi sv", own),
                        "{\"fi\":[\"Keskustele kanssamme\",\"Sulje keskustelu\",\"{} uutta\"],"
                        "\"sv\":[\"Ask \\\"us\\\"\",\"Stäng chatten\",\"{} olästa\"]}");
}

/* Each byte stands in the script that every page of the site loads. */
static void who_greets_or_asks_buyers__is_told_more(void **state)
{
    (void)state;
    assert_string_equal(
        told("fi", "{\"widget.proactive:fi\":\"after=1s: Hei\"}"),
        "{\"fi\":[\"Keskustele kanssamme\",\"Sulje keskustelu\",\"{} lukematta\",\"Sulje\"]}");
    assert_string_equal(
        told("fi", "{\"widget.buyers\":\"yes\"}"),
        "{\"fi\":[\"Keskustele kanssamme\",\"Sulje keskustelu\",\"{} lukematta\",\"Sulje\","
        "\"Kiitos tilauksesta. Millaista meiltä oli ostaa?\"]}");
    assert_null(strstr(told("fi", "{\"widget.proactive\":\"\"}"), "\"Sulje\""));
}

RUN(cmocka_unit_test(each_language_of_the_tenant__has_the_names_of_the_button),
    cmocka_unit_test(what_we_do_not_speak__is_english_until_the_tenant_says_it),
    cmocka_unit_test(own_words__stand_in_place_of_ours),
    cmocka_unit_test(who_greets_or_asks_buyers__is_told_more))
