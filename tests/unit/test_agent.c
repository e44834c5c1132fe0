/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/agent.h"

#include "tests/support/cmocka.h"

static void each_role__is_known_by_its_name(void **state)
{
    (void)state;
    for (enum agent_role role = 0; role < AGENT_ROLE_COUNT; role++) {
        enum agent_role found = AGENT_ROLE_COUNT;

        assert_int_equal(agent_role_parse(slice_of(agent_role_name(role)), &found), 0);
        assert_int_equal(found, role);
    }
}

static void another_word__is_no_role(void **state)
{
    static const char *const words[] = { "", "Agent", "agents", "admin", "agent " };
    enum agent_role role = AGENT_ROLE_BOT;

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_int_equal(agent_role_parse(slice_of(words[i]), &role), 1);
    assert_int_equal(role, AGENT_ROLE_BOT); /* untouched */
}

static void a_skill__is_one_word_in_lower_case(void **state)
{
    static const char *const bad[] = { "", "two words", "tab\t",
                                       "123456789012345678901234567890123" };
    char skill[4 * SKILL_MAX + 1];

    (void)state;
    assert_int_equal(skill_normalise(slice_of("Billing"), skill, sizeof(skill)), 0);
    assert_string_equal(skill, "billing");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(skill_normalise(slice_of(bad[i]), skill, sizeof(skill)), 1);
}

RUN(cmocka_unit_test(each_role__is_known_by_its_name), cmocka_unit_test(another_word__is_no_role),
    cmocka_unit_test(a_skill__is_one_word_in_lower_case))
