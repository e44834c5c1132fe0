/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

/* Anna, and Ben who may hold as many. */
static int two_agents(void **state)
{
    (void)desk_setup(state);
    desk_member("ben", 3);
    return 0;
}

static void visitor_waits(unsigned visitor)
{
    desk_visitor_comes(visitor, "");
    desk_visitor_says(visitor, "hello");
}

/* Whether this agent's desk was offered something since the last desk_forget_all(). */
static bool was_offered(const char *agent)
{
    return desk_heard_part(agent, DESK, "reply ok");
}

static void an_offer__goes_to_the_one_with_the_least_to_do(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    visitor_waits(2);
    assert_true(was_offered("ben"));
    assert_false(was_offered("anna"));
}

static void an_offer__tells_who_and_what_in_one_line(void **state)
{
    (void)state;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "Hei,\npaljonko Pro maksaa?");
    assert_string_equal(
        desk_heard("anna", DESK),
        "Maria · \"Hei, paljonko Pro maksaa?\" · fi · /pricing · 0:00 – reply ok or "
        "no (20 s)");
}

static void ok__takes_it(void **state)
{
    (void)state;
    visitor_waits(1);
    desk_agent_says("anna", DESK, "ok");
    assert_non_null(desk_wrote(WRITE_CLAIM));
    assert_true(slice_is(desk_wrote(WRITE_CLAIM)->agent, "anna@agents.example"));
    assert_true(desk_did(CHAT_DO_TELL_AGENT)->on);
    assert_true(slice_is(desk_did(CHAT_DO_TELL_AGENT)->name, "Anna"));
}

static void no__passes_it_on_and_it_does_not_come_back_soon(void **state)
{
    (void)state;
    visitor_waits(1);
    desk_forget_all();
    desk_agent_says("anna", DESK, "no");
    assert_true(was_offered("ben"));
    assert_non_null(desk_event("declined"));
    desk_forget_all();
    desk_agent_says("ben", DESK, "no");
    desk_pass_ms(59000);
    assert_false(was_offered("anna"));
    desk_pass_ms(2000);
    assert_true(was_offered("anna"));
}

static void an_offer_nobody_answers__goes_to_the_next(void **state)
{
    (void)state;
    visitor_waits(1);
    desk_forget_all();
    desk_pass_ms(19999);
    assert_false(was_offered("ben"));
    desk_pass_ms(2);
    assert_true(was_offered("ben"));
    assert_non_null(desk_event("missed"));
    assert_true(desk_heard_part("anna", DESK, "somebody else"));
}

static void alone__one_is_asked_again_after_a_while(void **state)
{
    (void)state;
    desk_show("ben", SHOW_GONE);
    visitor_waits(1);
    desk_forget_all();
    desk_pass_ms(79000); /* 20 s to answer, 60 s of peace */
    assert_false(was_offered("anna"));
    desk_pass_ms(2000);
    assert_true(was_offered("anna"));
}

static void at_the_limit__there_are_no_more_offers(void **state)
{
    (void)state;
    desk_show("ben", SHOW_GONE);
    for (unsigned visitor = 1; visitor <= 3; visitor++)
        desk_conversation(visitor, "anna");
    assert_int_equal(desk.availability, AVAILABILITY_BUSY);
    visitor_waits(4);
    assert_false(was_offered("anna"));
    desk_agent_says("anna", 1, "!end");
    assert_true(was_offered("anna")); /* room again */
}

static void several_offers__have_numbers_and_plain_ok_takes_the_oldest(void **state)
{
    (void)state;
    desk_show("ben", SHOW_GONE);
    for (unsigned visitor = 1; visitor <= 3; visitor++) {
        visitor_waits(visitor);
        desk_pass_ms(100);
    }
    assert_true(desk_heard_part("anna", DESK, "reply ok 2 or no 2"));
    desk_agent_says("anna", DESK, "ok 2");
    assert_int_equal(desk_wrote(WRITE_CLAIM)->visitor.id.bytes[0], 2);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(desk_wrote(WRITE_CLAIM)->visitor.id.bytes[0], 1);
}

static void an_answer_to_the_visitor__takes_it_and_the_other_is_told(void **state)
{
    (void)state;
    visitor_waits(1); /* offered to Anna */
    desk_forget_all();
    desk_agent_says("ben", 1, "Hello from Ben");
    assert_string_equal(desk_visitor_heard(1), "Hello from Ben");
    assert_true(desk_heard_part("anna", DESK, "Ben"));
    desk_forget_all();
    desk_agent_says("anna", 1, "Hello from Anna");
    assert_string_equal(desk_visitor_heard(1), "");
    assert_true(desk_heard_part("anna", DESK, "Ben"));
}

static void with_nobody_here__it_waits_for_the_first_who_comes(void **state)
{
    (void)state;
    desk_show("anna", SHOW_GONE);
    desk_show("ben", SHOW_DND);
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    visitor_waits(1);
    desk_forget_all();
    desk_show("ben", SHOW_AVAILABLE);
    assert_true(was_offered("ben"));
    assert_int_equal(desk.availability, AVAILABILITY_ONLINE);
}

static void without_the_link__nobody_is_asked_and_then_at_once(void **state)
{
    (void)state;
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    visitor_waits(1);
    assert_false(was_offered("anna"));
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    desk_show("anna", SHOW_AVAILABLE);
    assert_true(was_offered("anna"));
}

static void an_offer__whose_visitor_ended_it__is_taken_back(void **state)
{
    (void)state;
    visitor_waits(1);
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ENDED, .visitor = { { { 1 } } } });
    desk_forget_all();
    desk_agent_says("anna", DESK, "ok");
    assert_null(desk_wrote(WRITE_CLAIM));
    assert_string_not_equal(desk_heard("anna", DESK), "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, two_agents, desk_teardown)

RUN(CASE(an_offer__goes_to_the_one_with_the_least_to_do),
    CASE(an_offer__tells_who_and_what_in_one_line), CASE(ok__takes_it),
    CASE(no__passes_it_on_and_it_does_not_come_back_soon),
    CASE(an_offer_nobody_answers__goes_to_the_next), CASE(alone__one_is_asked_again_after_a_while),
    CASE(at_the_limit__there_are_no_more_offers),
    CASE(several_offers__have_numbers_and_plain_ok_takes_the_oldest),
    CASE(an_answer_to_the_visitor__takes_it_and_the_other_is_told),
    CASE(with_nobody_here__it_waits_for_the_first_who_comes),
    CASE(without_the_link__nobody_is_asked_and_then_at_once),
    CASE(an_offer__whose_visitor_ended_it__is_taken_back))
