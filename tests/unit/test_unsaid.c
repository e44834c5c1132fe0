/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

static void link_is(bool up)
{
    desk_handle((struct chat_event){ .type = up ? CHAT_LINK_UP : CHAT_LINK_DOWN });
}

/* Whether the desk told them so once. */
static bool hears_once(const char *name, const char *line)
{
    return desk_heard_times(name, DESK, line) == 1;
}

static void maria_ends(void)
{
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ENDED, .visitor = { { { 1 } } } });
}

static void an_end__while_the_link_is_down__is_told_when_it_is_up(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    link_is(false);
    maria_ends();
    assert_string_equal(desk_heard("anna", DESK), "");
    link_is(true);
    assert_true(hears_once("anna", "Maria: ended (visitor)."));
    link_is(false);
    link_is(true);
    assert_true(hears_once("anna", "Maria: ended (visitor)."));
}

static void
words__that_were_not_saved_meanwhile__are_told_in_the_contact_with_their_time(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_hold(true);
    desk_agent_sends("anna", 1, "29 euros", "s1");
    link_is(false);
    desk_answer(STORAGE_FAILS);
    assert_int_equal(desk_heard_times("anna", 1, "[lasna] Not saved, please send it again."), 0);
    desk_hold(false);
    link_is(true);
    assert_int_equal(desk_heard_times("anna", 1, "[lasna] Not saved, please send it again."), 1);
    assert_true(desk_did(CHAT_DO_SAY_CONTACT)->at_ms > 0);
}

static void who_may_serve_no_longer__is_told_nothing(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    link_is(false);
    maria_ends();
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("anna@agents.example") });
    desk_forget_all();
    link_is(true);
    assert_int_equal(desk_did_times(CHAT_DO_SAY_DESK), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(an_end__while_the_link_is_down__is_told_when_it_is_up),
    CASE(words__that_were_not_saved_meanwhile__are_told_in_the_contact_with_their_time),
    CASE(who_may_serve_no_longer__is_told_nothing))
