/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/own_texts.h"

#include "base/format/text.h"
#include "tenant/page_texts.h"
#include "tests/support/cmocka.h"

/* What is kept, or after "!" what is said against it. */
static const char *put(const char *given)
{
    static char text[4096];
    AUTO_BUF right;
    AUTO_BUF problem;

    buf_init(&right, 4096);
    buf_init(&problem, 4096);
    if (own_texts_put_right(slice_of(given), &right, &problem) == 0)
        (void)snprintf(text, sizeof(text), "%s", right.data);
    else
        (void)snprintf(text, sizeof(text), "!%s", problem.data);
    return text;
}

static void the_chats_words__are_known_by_one_name_each(void **state)
{
    AUTO_JSON english = own_texts_english();

    (void)state;
    assert_non_null(english);
    assert_string_equal(json_string_value(json_object_get(english, "write")), "Write a message");
    assert_string_equal(json_string_value(json_object_get(english, "states.saved")), "Sent");
    /* what the browser fetches later has no other name for that */
    assert_string_equal(json_string_value(json_object_get(english, "asked.name")), "Your name");
    assert_string_equal(json_string_value(json_object_get(english, "end")), "End the chat");
    assert_string_equal(json_string_value(json_object_get(english, "unread")), "{} unread");
    assert_null(json_object_get(english, "more.begin"));
    assert_null(json_object_get(english, "states"));
}

static void own_words__are_kept_in_one_spelling(void **state)
{
    (void)state;
    assert_string_equal(put("{}"), "{}");
    assert_string_equal(
        put(" { \"write\" : \" Kirjoita\\tmeille \" ,\n\"states.saved\":\"Meni\" } "),
        "{\"write\":\"Kirjoita meille\",\"states.saved\":\"Meni\"}");
    assert_string_equal(put("{\"queue\":\"{}. jonossa\"}"), "{\"queue\":\"{}. jonossa\"}");
    assert_string_equal(put("{\"write\":\"<img src=x onerror=alert(1)>\"}"),
                        "{\"write\":\"<img src=x onerror=alert(1)>\"}"); /* text is text */
}

/* A long one is cut between characters: what is told is text still. */
static void a_name_of_any_length__is_told_as_text(void **state)
{
    char given[512] = "{\"a";

    (void)state;
    for (unsigned i = 0; i < 100; i++)
        (void)strcat(given, "ä");
    (void)strcat(given, "\":\"x\"}");
    assert_non_null(strstr(put(given), "ä…\" is none of the chat's texts"));
    assert_int_equal(text_check(slice_of(put(given)), NULL), TEXT_FINE);
}

static void what_cannot_be__is_told_by_its_name(void **state)
{
    static const char *const rows[][2] = {
        { "", "must be a JSON object" },
        { "[]", "must be a JSON object" },
        { "\"write\"", "must be a JSON object" },
        { "{\"write\":\"a\",\"write\":\"b\"}", "each name once" },
        { "{\"wirte\":\"Kirjoita\"}", "!\"wirte\" is none of the chat's texts" },
        { "{\"states\":\"x\"}", "\"states\" is none of" },
        { "{\"more.begin\":\"x\"}", "\"more.begin\" is none of" },
        { "{\"write\":3}", "\"write\" must be a text of 1 to 400 characters" },
        { "{\"write\":null}", "\"write\" must be a text" },
        { "{\"write\":\"\"}", "\"write\" must be a text" },
        { "{\"write\":\" \\u200b\"}", "\"write\" must be a text" },
        { "{\"write\":\"\\u0007\"}", "\"write\" must be a text" },
        { "{\"queue\":\"You wait\"}", "\"queue\" must hold {} once" },
        { "{\"queue\":\"{} of {}\"}", "\"queue\" must hold {} once" },
        { "{\"write\":\"Hi {}\"}", "\"write\" has nothing that is filled in for {}" },
        { "{\"emojiNames\":\"smile, grin\"}", "\"emojiNames\" must name all of them" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(put(rows[i][0])[0], '!');
        assert_non_null(strstr(put(rows[i][0]), rows[i][1]));
    }
}

/* { "name": "ää…" }, of so many characters. */
static const char *of_length(const char *name, unsigned points)
{
    static char given[2 * (OWN_TEXT_MAX_POINTS + 1) + 32];
    size_t len = (size_t)snprintf(given, sizeof(given), "{\"%s\":\"", name);

    for (unsigned i = 0; i < points; i++)
        len += (size_t)snprintf(given + len, sizeof(given) - len, "ä");
    (void)snprintf(given + len, sizeof(given) - len, "\"}");
    return given;
}

/* At its longest, and a character more; as characters, not as bytes. What each page of a site
 * loads is shorter. */
static void a_text__has_a_longest(void **state)
{
    const char *longest = of_length("write", OWN_TEXT_MAX_POINTS);

    (void)state;
    assert_string_equal(put(longest), longest);
    assert_non_null(strstr(put(of_length("write", OWN_TEXT_MAX_POINTS + 1)), "1 to 400 char"));
    longest = of_length("openChat", PAGE_TEXT_MAX_POINTS);
    assert_string_equal(put(longest), longest);
    assert_non_null(strstr(put(of_length("openChat", PAGE_TEXT_MAX_POINTS + 1)), "1 to 150 char"));
}

RUN(cmocka_unit_test(the_chats_words__are_known_by_one_name_each),
    cmocka_unit_test(own_words__are_kept_in_one_spelling),
    cmocka_unit_test(a_name_of_any_length__is_told_as_text),
    cmocka_unit_test(what_cannot_be__is_told_by_its_name), cmocka_unit_test(a_text__has_a_longest))
