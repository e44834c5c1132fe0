/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/pseudonym.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pseudonyms known(void)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };

    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("Anna Ääri")), OK);
    return pseudonyms;
}

/* The text with the letters of each mark left out, which leaves what was taken for what. */
static void becomes_by(const struct pseudonyms *pseudonyms, const char *text, const char *wanted)
{
    struct replaced replaced = { 0 };
    char *to;

    assert_int_equal(pseudonyms_replace(pseudonyms, slice_of(text), &replaced), OK);
    to = replaced.text.data;
    for (const char *at = to; *at != '\0';) {
        if (strncmp(at, "[", 1) == 0 && strchr(at, ']') != NULL && strchr(at, ']')[-9] == ' ') {
            while (*at != ' ')
                *to++ = *at++;
            at = strchr(at, ']');
        }
        *to++ = *at++;
    }
    *to = '\0';
    assert_string_equal(replaced.text.data, wanted);
    replaced_release(&replaced);
}

static void becomes(const char *text, const char *wanted)
{
    struct pseudonyms pseudonyms = known();

    becomes_by(&pseudonyms, text, wanted);
    pseudonyms_release(&pseudonyms);
}

static void what_tells_who_it_is__is_replaced(void **state)
{
    (void)state;
    becomes("Hi Anna, I'm anna.aari@mail.example.", "Hi [name], I'm [email].");
    becomes("<ANNA@Mail.Example> mailto:a+b@c.example", "<[email]> mailto:[email]");
    becomes("Annalle ja ÄÄRI:lle, annalle", "[name] ja [name]:lle, [name]");
    becomes("@kallekko: joo, @Anna", "@[name]: joo, @[name]");
}

static void web_addresses__are_found_without_a_scheme_too(void **state)
{
    (void)state;
    becomes("see https://shop.example/o?id=7, ok", "see [url], ok");
    becomes("HTTPS://Shop.example/o (ftp://x.example/y)", "[url] ([url])");
    becomes("www.shop.example, shop.fi. my-shop.co.uk/o/7!", "[url], [url]. [url]!");
    becomes("joo.se toimii, ok.kiitos, v1.2/3 ja/tai", "joo.se toimii, ok.kiitos, v1.2/3 ja/tai");
}

static void numbers_and_codes__of_five_digits__are_found_however_written(void **state)
{
    (void)state;
    becomes("soita 040 123 4567 tai +358-40-1234567!", "soita [number] tai [number]!");
    becomes("order 12345, +358 (0)40 1234567", "order [number], [number]");
    becomes("040.123.4567; 040\xc2\xa0"
            "123\xe2\x80\x91"
            "4567",
            "[number]; [number]");
    becomes("\xd9\xa0\xd9\xa4\xd9\xa0\xd9\xa1\xd9\xa2 soi", "[number] soi"); /* Arabic digits */
    becomes("131052-308T, 010203A123B, 131052+308T", "[number], [number], [number]");
    becomes("FI21 1234 5600 0007 85 kiitos, FI2112345600000785", "[number] kiitos, [number]");
    becomes("GB29 NWBK 6016 1331 9268 19 ok", "[number] ok");
    becomes("ACME12345 ORD-99812 puh0401234567", "[number] [number] [number]");
    becomes("s. 13.10.1952, 192.168.10.25", "s. [number], [number]");
}

static void what_does_not__stays(void **state)
{
    static const char *const stays[] = {
        "",
        "Hannah said annatte",
        "at 14:30, 129.90 €, klo 14.30-16.30",
        "a @ b, c@d",
        "12 34 x, covid19, 4K-TV",
        "👋🏽 moikka",
        "e-mail, 3-2-1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++)
        becomes(stays[i], stays[i]);
}

/* Consonants of Finnish names change when they are bent, and names in -nen and -s change ends. */
static void names__are_found_in_all_their_forms(void **state)
{
    static const char *const forms[][2] = {
        { "Matti", "Matin Matille Mattia Matillekin matilta" },
        { "Virtanen", "Virtasen Virtaselle Virtasta Virtasten" },
        { "Pekka", "Pekan Pekalle Pekkaa" },
        { "Lahti", "Lahden Lahdelle Lahtea" },
        { "Mäki", "Mäen Mäelle Mäkeä" },
        { "Järvi", "Järven Järvellä" },
        { "Markus", "Markuksen Markukselle Markusta" },
        { "Tuomas", "Tuomaan Tuomaalle" },
        { "Ranta", "Rannan Rannalle Rantaa" },
        { "Heikki", "Heikin Heikille heikille" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
        struct replaced replaced = { 0 };
        struct slice left, mark, word;

        assert_int_equal(pseudonyms_add(&pseudonyms, slice_of(forms[i][0])), OK);
        assert_int_equal(pseudonyms_replace(&pseudonyms, slice_of(forms[i][0]), &replaced), OK);
        mark = (struct slice){ strdup(replaced.text.data), replaced.text.len };
        assert_int_equal(mark.len, strlen("[name 12345678]"));
        for (left = slice_of(forms[i][1]); slice_next_word(&left, &word);) {
            assert_int_equal(pseudonyms_replace(&pseudonyms, word, &replaced), OK);
            assert_true(slice_equal(buf_slice(&replaced.text), mark)); /* one mark for all */
        }
        free((char *)(uintptr_t)mark.data);
        replaced_release(&replaced);
        pseudonyms_release(&pseudonyms);
    }
}

static void what_somebody_does__is_no_name(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };

    (void)state;
    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("Anna / Support Team")), OK);
    becomes_by(&pseudonyms, "Anna of the support team", "[name] of the support team");
    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("Ida")), OK);
    becomes_by(&pseudonyms, "Ida, Idan, Idahossa", "[name], [name], Idahossa");
    pseudonyms_release(&pseudonyms);
}

/* Where people go by nicks, digits are part of their names. */
static void names_with_digits__are_found_whole(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };

    (void)state;
    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("V047 Sini88")), OK);
    becomes_by(&pseudonyms, "V047: moi sini88, Sini88:lle ja Sini88lle",
               "[name]: moi [name], [name]:lle ja [name]");
    becomes_by(&pseudonyms, "V048, sini8, 88 ja 047", "V048, sini8, 88 ja 047");
    pseudonyms_release(&pseudonyms);
}

/* Of a name with an underscore the whole is hidden, and its parts where they stand alone. */
static void names_with_underscores__are_found_whole(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };

    (void)state;
    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("sini_88, Olavi_von_K. Mika99")),
                     OK);
    becomes_by(&pseudonyms, "sini_88: moi Sini_88, sini_88:lle, _sini_88_ ja Sini_88lle",
               "[name]: moi [name], [name]:lle, _[name]_ ja [name]");
    becomes_by(&pseudonyms, "olavi_von_k, Olavi", "[name], [name]");
    becomes_by(&pseudonyms, "Mika99_x Sini_77", "[name]_x [name]_77");
    becomes_by(&pseudonyms, "order_88 88_", "order_88 88_");
    pseudonyms_release(&pseudonyms);
}

/* 200 letters of two bytes each, of which no trace takes all. */
static void an_endless_address__ends_between_letters(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };
    char letters[401] = "", text[420], wanted[420];

    (void)state;
    for (size_t i = 0; i < 400; i += 2)
        (void)memcpy(letters + i, "\xc3\xa4", 3);
    (void)snprintf(text, sizeof(text), "a@b.x%s", letters);
    (void)snprintf(wanted, sizeof(wanted), "[email]%s", letters + 316);
    becomes_by(&pseudonyms, text, wanted);
    (void)snprintf(text, sizeof(text), "@n%s", letters);
    (void)snprintf(wanted, sizeof(wanted), "@[name]%s", letters + 318);
    becomes_by(&pseudonyms, text, wanted);
}

static void agents__stay_known_from_chat_to_chat(void **state)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };

    (void)state;
    assert_int_equal(pseudonyms_add_lasting(&pseudonyms, SLICE_LITERAL("Anna")), OK);
    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("Maria")), OK);
    becomes_by(&pseudonyms, "Anna ja Maria", "[name] ja [name]");
    pseudonyms_clear(&pseudonyms);
    becomes_by(&pseudonyms, "Anna ja Maria", "[name] ja Maria");
    pseudonyms_release(&pseudonyms);
}

static void the_same_thing__has_the_same_mark_and_another_key_another(void **state)
{
    struct pseudonyms pseudonyms = known();
    struct replaced replaced = { 0 };
    AUTO_BUF first;
    AUTO_BUF second;

    (void)state;
    buf_init(&first, 100);
    buf_init(&second, 100);
    assert_int_equal(pseudonyms_replace(&pseudonyms, SLICE_LITERAL("anna, ANNA"), &replaced), OK);
    assert_memory_equal(replaced.text.data, replaced.text.data + 17, 15);
    assert_int_equal(
        pseudonyms_replace(&pseudonyms, SLICE_LITERAL("040 123456, 040-123 456"), &replaced), OK);
    assert_memory_equal(replaced.text.data, replaced.text.data + 19, 17);
    pseudonym_of(&pseudonyms, "V", SLICE_LITERAL("Anna"), &first);
    pseudonyms.key = SLICE_LITERAL("another");
    pseudonym_of(&pseudonyms, "V", SLICE_LITERAL("Anna"), &second);
    assert_string_not_equal(first.data, second.data);
    assert_int_equal(first.len, 10);
    replaced_release(&replaced);
    pseudonyms_release(&pseudonyms);
}

/* "ä Anna thanks": Anna is 2–6 and becomes "[name 12345678]", 2–17; thanks goes from 7–13 to
 * 18–24. */
static void spans__move_with_their_words(void **state)
{
    struct pseudonyms pseudonyms = known();
    struct replaced replaced = { 0 };

    (void)state;
    assert_int_equal(pseudonyms_replace(&pseudonyms, SLICE_LITERAL("ä Anna thanks"), &replaced),
                     OK);
    assert_int_equal(replaced_place(&replaced, 0, false), 0);
    assert_int_equal(replaced_place(&replaced, 1, true), 1);
    assert_int_equal(replaced_place(&replaced, 2, false), 2);
    assert_int_equal(replaced_place(&replaced, 6, true), 17);
    assert_int_equal(replaced_place(&replaced, 4, false), 2);
    assert_int_equal(replaced_place(&replaced, 4, true), 17);
    assert_int_equal(replaced_place(&replaced, 7, false), 18);
    assert_int_equal(replaced_place(&replaced, 13, true), 24);
    replaced_release(&replaced);
    pseudonyms_release(&pseudonyms);
}

RUN(cmocka_unit_test(what_tells_who_it_is__is_replaced),
    cmocka_unit_test(web_addresses__are_found_without_a_scheme_too),
    cmocka_unit_test(numbers_and_codes__of_five_digits__are_found_however_written),
    cmocka_unit_test(names__are_found_in_all_their_forms),
    cmocka_unit_test(what_somebody_does__is_no_name),
    cmocka_unit_test(names_with_digits__are_found_whole),
    cmocka_unit_test(names_with_underscores__are_found_whole),
    cmocka_unit_test(an_endless_address__ends_between_letters),
    cmocka_unit_test(agents__stay_known_from_chat_to_chat), cmocka_unit_test(what_does_not__stays),
    cmocka_unit_test(the_same_thing__has_the_same_mark_and_another_key_another),
    cmocka_unit_test(spans__move_with_their_words))
