/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include "tests/support/cmocka.h"

#include <stdlib.h>

static void equal__compares_bytes_and_lengths_and_none_is_empty(void **state)
{
    (void)state;
    assert_true(slice_equal(SLICE_LITERAL("abc"), slice_of("abc")));
    assert_false(slice_equal(SLICE_LITERAL("abc"), SLICE_LITERAL("abd")));
    assert_false(slice_equal(SLICE_LITERAL("abc"), SLICE_LITERAL("ab")));
    assert_true(slice_equal(SLICE_NONE, SLICE_LITERAL("")));
    assert_true(slice_equal(slice_of(NULL), SLICE_NONE));
    assert_false(slice_equal(SLICE_LITERAL("a\0b"), SLICE_LITERAL("a\0c")));
    assert_true(slice_is(SLICE_LITERAL("queued"), "queued"));
    assert_false(slice_is(SLICE_LITERAL("queued\0"), "queued"));
}

static void starts_with__never_looks_past_the_end(void **state)
{
    const struct slice cut = { "</script", 1 };

    (void)state;
    assert_true(slice_starts_with(SLICE_LITERAL("</script"), "</"));
    assert_true(slice_starts_with(SLICE_LITERAL("x"), ""));
    assert_false(slice_starts_with(cut, "</"));
    assert_false(slice_starts_with(SLICE_NONE, "a"));
}

static void copy__of_what_does_not_fit__leaves_an_empty_text(void **state)
{
    char to[4] = "old";

    (void)state;
    assert_true(slice_copy(SLICE_LITERAL("abc"), to, sizeof(to)));
    assert_string_equal(to, "abc");
    assert_false(slice_copy(SLICE_LITERAL("abcd"), to, sizeof(to)));
    assert_string_equal(to, "");
    assert_true(slice_copy(SLICE_NONE, to, sizeof(to)));
    assert_string_equal(to, "");
}

static void dup__keeps_every_byte_zeros_too(void **state)
{
    static const char bytes[] = "a\0b\0c";
    char *copy = slice_dup(SLICE_LITERAL(bytes));
    char *none = slice_dup(SLICE_NONE);

    (void)state;
    assert_memory_equal(copy, bytes, sizeof(bytes)); /* and a terminator */
    assert_string_equal(none, "");
    free(copy);
    free(none);
}

static void hex_digit__of_either_case_has_its_value__and_nothing_else_has_one(void **state)
{
    (void)state;
    assert_int_equal(hex_digit('0'), 0);
    assert_int_equal(hex_digit('9'), 9);
    assert_int_equal(hex_digit('a'), 10);
    assert_int_equal(hex_digit('F'), 15);
    for (const char *c = "/:@G`g %"; *c != '\0'; c++)
        assert_int_equal(hex_digit(*c), -1);
    assert_int_equal(hex_digit('\0'), -1);
}

RUN(cmocka_unit_test(equal__compares_bytes_and_lengths_and_none_is_empty),
    cmocka_unit_test(starts_with__never_looks_past_the_end),
    cmocka_unit_test(copy__of_what_does_not_fit__leaves_an_empty_text),
    cmocka_unit_test(dup__keeps_every_byte_zeros_too),
    cmocka_unit_test(hex_digit__of_either_case_has_its_value__and_nothing_else_has_one))
