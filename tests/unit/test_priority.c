/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/priority.h"

#include "tests/support/cmocka.h"

static struct priority priority;

static bool parses(const char *text)
{
    return priority_parse(slice_of(text), &priority);
}

static unsigned points(const char *stage, const char *language, const char *skill)
{
    return priority_points(&priority, slice_of(stage), slice_of(language), slice_of(skill));
}

static void points__of_stage_language_and_skill__add_up(void **state)
{
    (void)state;
    assert_true(parses("existing:2  new:1 fi:4 billing:9 "));
    assert_int_equal(points("unknown", "en", ""), 0);
    assert_int_equal(points("existing", "sv", ""), 2);
    assert_int_equal(points("existing", "fi-FI", ""), 6);
    assert_int_equal(points("New", "FI", "Billing"), 14);
    assert_int_equal(points("news", "f", "bill"), 0);
}

static void a_word__that_is_two_things_at_once__counts_once(void **state)
{
    (void)state;
    assert_true(parses("fi:3"));
    assert_int_equal(points("unknown", "fi", "fi"), 3);
}

static void nothing__makes_all_alike(void **state)
{
    (void)state;
    assert_true(parses(""));
    assert_int_equal(points("existing", "fi", "billing"), 0);
}

static void what_makes_no_sense__is_refused(void **state)
{
    static const char *const texts[] = {
        "existing",
        "existing:",
        ":2",
        "existing:0",
        "existing:10",
        "existing:-1",
        "fi:1,en:1",
        "fi:x",
        "fi:1 FI:2",
        "a:1 b",
        "fi: 1",
        "a-skill-longer-than-any-skill-may-be-1:1",
        "a:1 b:1 c:1 d:1 e:1 f:1 g:1 h:1 i:1 j:1 k:1 l:1 m:1 n:1 o:1 p:1 q:1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(parses(texts[i]));
}

RUN(cmocka_unit_test(points__of_stage_language_and_skill__add_up),
    cmocka_unit_test(a_word__that_is_two_things_at_once__counts_once),
    cmocka_unit_test(nothing__makes_all_alike), cmocka_unit_test(what_makes_no_sense__is_refused))
