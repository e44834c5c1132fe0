/* SPDX-License-Identifier: Apache-2.0 */
#include "base/grow.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>

static void a_list__keeps_what_it_holds__while_it_grows(void **state)
{
    size_t count = 0, cap = 0;
    uint64_t *items = NULL;

    (void)state;
    for (; count < 1000; count++) {
        assert_int_equal(GROW(items, count, &cap), OK);
        assert_true(cap > count);
        items[count] = count;
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(items[i], i);
    free(items);
}

static void what_cannot_grow__is_as_it_was(void **state)
{
    size_t cap = SIZE_MAX / 4;
    const size_t before = cap;
    char(*items)[64] = NULL;

    (void)state;
    assert_int_equal(GROW(items, cap, &cap), ERR_NO_MEMORY);
    assert_null(items);
    assert_int_equal(cap, before);
}

RUN(cmocka_unit_test(a_list__keeps_what_it_holds__while_it_grows),
    cmocka_unit_test(what_cannot_grow__is_as_it_was))
