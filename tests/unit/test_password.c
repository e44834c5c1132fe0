/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/password.h"

#include "tests/support/cmocka.h"

static const struct password_cost cheap = { 4, 8, 1 };

static void a_password__matches_its_own_hash_alone(void **state)
{
    char hash[PASSWORD_HASH_BYTES];

    (void)state;
    assert_int_equal(password_hash(SLICE_LITERAL("correct horse"), &cheap, hash), OK);
    assert_null(strstr(hash, "correct"));
    assert_true(password_matches(SLICE_LITERAL("correct horse"), hash));
    assert_false(password_matches(SLICE_LITERAL("correct horsf"), hash));
    assert_false(password_matches(SLICE_LITERAL(""), hash));
}

static void the_same_password__has_another_hash_each_time(void **state)
{
    char one[PASSWORD_HASH_BYTES], other[PASSWORD_HASH_BYTES];

    (void)state;
    assert_int_equal(password_hash(SLICE_LITERAL("correct horse"), &cheap, one), OK);
    assert_int_equal(password_hash(SLICE_LITERAL("correct horse"), &cheap, other), OK);
    assert_string_not_equal(one, other);
}

/* By Node.js: the salt is "0123456789abcdef", N 16, r 8, p 1. */
static const char elsewhere[] = "scrypt$4$8$1$gaytemzugu3doobzmfrggzdfmy$"
                                "nec2wboszgw3df5mhqubrofgz7bo2qko4x4xiz734sy5pvt76nda";

static void a_hash_made_elsewhere__is_believed(void **state)
{
    (void)state;
    assert_true(password_matches(SLICE_LITERAL("pleaseletmein"), elsewhere));
    assert_false(password_matches(SLICE_LITERAL("Pleaseletmein"), elsewhere));
}

static void the_costs_stand_beside_the_hash(void **state)
{
    char hash[PASSWORD_HASH_BYTES];

    (void)state;
    assert_int_equal(password_hash(SLICE_LITERAL("x"), &(struct password_cost){ 5, 4, 2 }, hash),
                     OK);
    assert_memory_equal(hash, "scrypt$5$4$2$", 13);
    assert_true(password_matches(SLICE_LITERAL("x"), hash));
    assert_true(password_cost_now.log_n >= 17 && password_cost_now.r >= 8);
}

static void what_is_no_hash__matches_nothing(void **state)
{
    static const char *const wrong[] = {
        "",
        "scrypt",
        "scrypt$99$8$1$a$b",
        "scrypt$ 4$8$1$gaytemzugu3doobzmfrggzdfmy$"
        "nec2wboszgw3df5mhqubrofgz7bo2qko4x4xiz734sy5pvt76nda",
        "scrypt$+4$8$1$gaytemzugu3doobzmfrggzdfmy$"
        "nec2wboszgw3df5mhqubrofgz7bo2qko4x4xiz734sy5pvt76nda",
        "scrypt$00004$8$1$gaytemzugu3doobzmfrggzdfmy$"
        "nec2wboszgw3df5mhqubrofgz7bo2qko4x4xiz734sy5pvt76nda",
        "scrypt$4$8$1$gaytemzugu3doobzmfrggzdfmy$"
        "nec2wboszgw3df5mhqubrofgz7bo2qko4x4xiz734sy5pvt76nda$",
        "scrypt$4$8$1$aaaaaaaaaaaaaaaaaaaaaaaaaa$",
        "scrypt$4$8$1$aaaaaaaaaaaaaaaaaaaaaaaaaa$"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
        "scrypt$0$0$0$aaaaaaaaaaaaaaaaaaaaaaaaaa$"
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(password_matches(SLICE_LITERAL("x"), wrong[i]));
        assert_false(password_matches(SLICE_LITERAL("pleaseletmein"), wrong[i]));
    }
}

RUN(cmocka_unit_test(a_password__matches_its_own_hash_alone),
    cmocka_unit_test(the_same_password__has_another_hash_each_time),
    cmocka_unit_test(a_hash_made_elsewhere__is_believed),
    cmocka_unit_test(the_costs_stand_beside_the_hash),
    cmocka_unit_test(what_is_no_hash__matches_nothing))
