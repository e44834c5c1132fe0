/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/outsiders.h"

#include "tests/support/cmocka.h"

static struct outsiders outsiders;

static bool parses(const char *text)
{
    return outsiders_parse(slice_of(text), &outsiders);
}

static void people__are_known_by_name_and_by_address(void **state)
{
    const struct outsider *tuula, *mikko;

    (void)state;
    assert_true(parses("Tuula: Tuula@Sales.example callbacks fi,\n Mikko:  mikko@crm.example,"));
    assert_int_equal(outsiders.count, 2);
    tuula = outsiders_named(&outsiders, SLICE_LITERAL("tuula"));
    assert_non_null(tuula);
    assert_string_equal(tuula->jid, "tuula@sales.example");
    assert_string_equal(tuula->language, "fi");
    assert_true(tuula->callbacks && !tuula->transfers);
    mikko = outsiders_at(&outsiders, SLICE_LITERAL("mikko@crm.example"));
    assert_non_null(mikko);
    assert_true(mikko->callbacks && mikko->transfers);
    assert_null(outsiders_named(&outsiders, SLICE_LITERAL("Tuul")));
    assert_null(outsiders_at(&outsiders, SLICE_LITERAL("mikko@crm.example.evil.example")));
}

static void nothing__names_nobody(void **state)
{
    (void)state;
    assert_true(parses(""));
    assert_int_equal(outsiders.count, 0);
    assert_null(outsiders_named(&outsiders, SLICE_NONE));
}

static void what_makes_no_sense__is_refused(void **state)
{
    static const char *const texts[] = {
        "Tuula",
        "Tuula:",
        ": tuula@sales.example",
        "Tuula tuula@sales.example",
        "Tuula:tuula@sales.example",
        "Tuula: sales.example",
        "Tuula: tuula@sales.example/phone",
        "Tuula: tuula@sales.example everything",
        "Tuula: tuula@sales.example, tuula: other@sales.example",
        "Tuula: tuula@sales.example, Ulla: TUULA@sales.example",
        "t@u: tuula@sales.example",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (parses(texts[i]))
            fail_msg("\"%s\" was taken", texts[i]);
    }
}

static void more_than_there_is_room_for__is_refused(void **state)
{
    char text[OUTSIDERS_MAX * 32 + 32] = "";

    (void)state;
    for (int i = 0; i < OUTSIDERS_MAX; i++) {
        const char c = (char)('a' + i);
        const char one[] = { c,   ':', ' ', c,   '@', 'a', '.', 'e',
                             'x', 'a', 'm', 'p', 'l', 'e', ',', '\0' };

        strcat(text, one);
    }
    assert_true(parses(text));
    strcat(text, "z: z@a.example");
    assert_false(parses(text));
}

#define CASE(name) cmocka_unit_test(name)

RUN(CASE(people__are_known_by_name_and_by_address), CASE(nothing__names_nobody),
    CASE(what_makes_no_sense__is_refused), CASE(more_than_there_is_room_for__is_refused))
