/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/export/pseudonym.h"
#include "tests/support/cmocka.h"

#include <string.h>

static struct pseudonyms known(void)
{
    struct pseudonyms pseudonyms = { .key = SLICE_LITERAL("a key for tests") };

    assert_int_equal(pseudonyms_add(&pseudonyms, SLICE_LITERAL("Anna Ääri")), OK);
    return pseudonyms;
}

/* The text with each mark's letters made dots, which leaves what was taken for what. */
static void becomes(const char *text, const char *wanted)
{
    struct pseudonyms pseudonyms = known();
    struct replaced replaced = { 0 };

    assert_int_equal(pseudonyms_replace(&pseudonyms, slice_of(text), &replaced), OK);
    for (char *at = replaced.text.data; (at = strchr(at, '[')) != NULL; at++) {
        char *end = strchr(at, ']');

        if (end != NULL && end - at > 5 && end[-5] == ' ')
            memset(end - 4, '.', 4);
    }
    assert_string_equal(replaced.text.data, wanted);
    replaced_release(&replaced);
    pseudonyms_release(&pseudonyms);
}

static void what_tells_who_it_is__is_replaced(void **state)
{
    (void)state;
    becomes("Hi Anna, I'm anna.aari@mail.example.", "Hi [name ....], I'm [email ....].");
    becomes("soita 040 123 4567 tai +358-40-1234567!", "soita [number ....] tai [number ....]!");
    becomes("see https://shop.example/o?id=7, ok", "see [url ....], ok");
    becomes("Annalle ja ÄÄRI:lle", "[name ....] ja [name ....]:lle");
    becomes("order 12345", "order [number ....]");
}

static void what_does_not__stays(void **state)
{
    static const char *const stays[] = {
        "", "Hannah said annatte", "at 14:30, 129.90 €", "a @ b, c@d", "12 34 x", "👋🏽 moikka"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(stays) / sizeof(stays[0]); i++)
        becomes(stays[i], stays[i]);
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
    assert_memory_equal(replaced.text.data, replaced.text.data + 13, 11);
    pseudonym_of(&pseudonyms, "V", SLICE_LITERAL("Anna"), &first);
    pseudonyms.key = SLICE_LITERAL("another");
    pseudonym_of(&pseudonyms, "V", SLICE_LITERAL("Anna"), &second);
    assert_string_not_equal(first.data, second.data);
    assert_int_equal(first.len, 10);
    replaced_release(&replaced);
    pseudonyms_release(&pseudonyms);
}

/* "ä Anna thanks": Anna is 2–6 and becomes "[name ....]", 2–13; thanks goes from 7–13 to 14–20. */
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
    assert_int_equal(replaced_place(&replaced, 6, true), 13);
    assert_int_equal(replaced_place(&replaced, 4, false), 2);
    assert_int_equal(replaced_place(&replaced, 4, true), 13);
    assert_int_equal(replaced_place(&replaced, 7, false), 14);
    assert_int_equal(replaced_place(&replaced, 13, true), 20);
    replaced_release(&replaced);
    pseudonyms_release(&pseudonyms);
}

RUN(cmocka_unit_test(what_tells_who_it_is__is_replaced), cmocka_unit_test(what_does_not__stays),
    cmocka_unit_test(the_same_thing__has_the_same_mark_and_another_key_another),
    cmocka_unit_test(spans__move_with_their_words))
