/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/rules.h"

#include "tests/support/cmocka.h"

#include <stdio.h>

static unsigned wrong(const char *lines)
{
    return rules_check(slice_of(lines));
}

static void rules__of_every_kind__make_sense(void **state)
{
    (void)state;
    assert_int_equal(wrong(""), 0);
    assert_int_equal(wrong("page=/pricing* after=30s: Questions about prices?"), 0);
    assert_int_equal(wrong("page=*: A: B: C"), 0);
    assert_int_equal(wrong("after=2min: Hi\n\nscroll=50  cart=100 visit=2 times=3: Hi again\n"), 0);
}

static void a_rule__that_makes_no_sense__is_named_by_its_line(void **state)
{
    static const char *const lines[] = {
        "Hello!",          ": no condition", "page=/a:no space",    "page=/a: ",    "page=: x",
        "page=a: x",       "after=: x",      "after=10h: x",        "after=-1: x",  "scroll=50%: x",
        "cart=1234567: x", "colour=red: x",  "page=/a when=now: x", "after=1 s: x",
    };
    char all[128];

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        (void)snprintf(all, sizeof(all), "after=1: fine\n%s\nafter=2: fine", lines[i]);
        assert_int_equal(wrong(all), 2);
    }
}

static void twenty__are_enough(void **state)
{
    char all[21 * 16 + 1] = "";

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        (void)strcat(all, "after=1: hi\n");
    assert_int_equal(wrong(all), 0);
    (void)strcat(all, "after=1: hi");
    assert_int_equal(wrong(all), 21);
}

RUN(cmocka_unit_test(rules__of_every_kind__make_sense),
    cmocka_unit_test(a_rule__that_makes_no_sense__is_named_by_its_line),
    cmocka_unit_test(twenty__are_enough))
