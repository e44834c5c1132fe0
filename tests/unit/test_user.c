/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/user.h"

#include "tests/support/cmocka.h"

static void a_name__has_one_spelling(void **state)
{
    char name[USER_NAME_MAX + 1];

    (void)state;
    assert_int_equal(user_name_parse(SLICE_LITERAL("Vera.Virtanen@Acme.example"), name), 0);
    assert_string_equal(name, "vera.virtanen@acme.example");
    assert_int_equal(user_name_parse(SLICE_LITERAL("vera"), name), 0);
}

static void what_is_no_name__is_refused(void **state)
{
    static const struct slice wrong[] = { { "", 0 },      { ".vera", 5 },  { "ve ra", 5 },
                                          { "ve/ra", 5 }, { "ve\0ra", 5 }, { "vér", 4 },
                                          { "@x", 2 } };
    char name[USER_NAME_MAX + 1], longer[USER_NAME_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(user_name_parse(wrong[i], name), 1);
    memset(longer, 'a', sizeof(longer));
    assert_int_equal(user_name_parse((struct slice){ longer, USER_NAME_MAX }, name), 0);
    assert_int_equal(user_name_parse((struct slice){ longer, USER_NAME_MAX + 1 }, name), 1);
}

static void a_password__is_long_and_not_obvious(void **state)
{
    static const char *const fine[] = { "correct horse battery", "räksmörgås på bordet",
                                        "tr0ub4dor&3xyz", "the password of my boat" };
    static const char *const wrong[] = { "",
                                         "short",
                                         "elevenchars",
                                         "aaaaaaaaaaaaaaaa",
                                         "121212121212121212",
                                         "vera is my name",
                                         "I am VERA since 1990",
                                         "password2026!",
                                         "Salasana123456",
                                         "qwertyuiop12" };

    (void)state;
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
        assert_null(password_objection(slice_of(fine[i]), "vera"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_non_null(password_objection(slice_of(wrong[i]), "vera"));
}

static void a_password_without_end__is_refused(void **state)
{
    char text[PASSWORD_POINTS_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i % 26);
    assert_null(password_objection((struct slice){ text, PASSWORD_POINTS_MAX }, "vera"));
    assert_non_null(password_objection((struct slice){ text, sizeof(text) }, "vera"));
}

RUN(cmocka_unit_test(a_name__has_one_spelling), cmocka_unit_test(what_is_no_name__is_refused),
    cmocka_unit_test(a_password__is_long_and_not_obvious),
    cmocka_unit_test(a_password_without_end__is_refused))
