/* SPDX-License-Identifier: Apache-2.0 */
#include "base/result.h"

#include "tests/support/cmocka.h"

#include <string.h>

static void a_failure__is_passed_on_unchanged(void **state)
{
    (void)state;
    for (int rc = ERR_BUG; rc < OK; rc++) {
        assert_int_equal(RAISE(rc), rc);
        assert_int_equal(TRACE(rc), rc);
        assert_int_equal(FOLD(rc), rc);
    }
}

static void success__stays_success(void **state)
{
    (void)state;
    assert_int_equal(TRACE(OK), OK);
    assert_int_equal(FOLD(OK), OK);
}

static void an_outcome_nobody_expects__is_a_bug_of_ours(void **state)
{
    (void)state;
    assert_int_equal(FOLD(1), ERR_BUG);
    assert_int_equal(TRACE(1), 1);
}

static void each_failure__has_a_name_of_its_own(void **state)
{
    (void)state;
    for (int rc = ERR_BUG; rc <= OK; rc++) {
        for (int other = ERR_BUG; other < rc; other++)
            assert_string_not_equal(result_name(rc), result_name(other));
        assert_string_not_equal(result_name(rc), result_name(-1000));
    }
    assert_string_equal(result_name(3), "outcome");
}

RUN(cmocka_unit_test(a_failure__is_passed_on_unchanged), cmocka_unit_test(success__stays_success),
    cmocka_unit_test(an_outcome_nobody_expects__is_a_bug_of_ours),
    cmocka_unit_test(each_failure__has_a_name_of_its_own))
