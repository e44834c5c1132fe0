/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

/* The place the visitors' browsers were last told; 0: none. */
static unsigned told_place(void)
{
    const struct chat_effect *told = desk_did(CHAT_DO_TELL_QUEUE);

    return told == NULL ? 0 : told->position;
}

static void wait_for_an_agent(unsigned visitor)
{
    desk_visitor_comes(visitor, "");
    desk_visitor_says(visitor, "hello");
}

static int nobody_is_there(void **state)
{
    (void)desk_setup(state);
    desk_show("anna", SHOW_AWAY);
    return 0;
}

static void who_waits__is_told_their_place_at_once(void **state)
{
    (void)state;
    for (unsigned visitor = 1; visitor <= 3; visitor++) {
        wait_for_an_agent(visitor);
        assert_int_equal(told_place(), visitor);
    }
}

static void when_the_first_is_taken__the_others_are_told_within_a_second(void **state)
{
    (void)state;
    for (unsigned visitor = 1; visitor <= 3; visitor++)
        wait_for_an_agent(visitor);
    desk_pass_ms(5000);
    desk_forget_all();
    desk_agent_says("anna", 1, "I am here after all.");
    desk_pass_ms(1000);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_QUEUE), 2);
    assert_int_equal(told_place(), 2);
    assert_int_equal(desk_did(CHAT_DO_TELL_QUEUE)->waited_s, 6);
}

static void a_reload__keeps_the_place(void **state)
{
    (void)state;
    for (unsigned visitor = 1; visitor <= 3; visitor++)
        wait_for_an_agent(visitor);
    desk_visitor_leaves(2);
    desk_forget_all();
    desk_visitor_comes(2, "");
    assert_int_equal(told_place(), 2);
}

static void who_comes_back_from_an_agent__stands_first(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    wait_for_an_agent(2);
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("anna@agents.example") });
    desk_forget_all();
    desk_pass_ms(1000);
    desk_visitor_leaves(1);
    desk_visitor_comes(1, "");
    assert_int_equal(told_place(), 1);
    desk_visitor_leaves(2);
    desk_visitor_comes(2, "");
    assert_int_equal(told_place(), 2);
}

static void the_usual_wait__is_the_median_once_there_are_some(void **state)
{
    static const uint64_t waits_ms[] = { 9000, 1000, 3000, 90000, 2000 };
    unsigned seconds;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        assert_false(chat_usual_wait(desk.chat, &seconds));
        wait_for_an_agent(i + 1);
        desk_pass_ms(waits_ms[i]);
        desk_agent_says("anna", i + 1, "Hello!");
    }
    assert_true(chat_usual_wait(desk.chat, &seconds));
    assert_int_equal(seconds, 3);
}

static void restored(uint64_t days_ago, uint64_t waited_s)
{
    desk_handle((struct chat_event){
        .type = CHAT_RESTORED_WAIT, .at_ms = desk.now_ms - days_ago * 86400000, .seq = waited_s });
}

static void the_usual_wait__is_known_after_a_restart_and_of_the_last_days_only(void **state)
{
    unsigned seconds = 0;

    (void)state;
    desk_pass_ms(100 * (uint64_t)86400000);
    for (unsigned i = 0; i < 60; i++)
        restored(8, 9000);
    assert_false(chat_usual_wait(desk.chat, &seconds));
    for (unsigned i = 1; i <= 5; i++)
        restored(6, 10 * i);
    assert_true(chat_usual_wait(desk.chat, &seconds));
    assert_int_equal(seconds, 30);
    desk_pass_ms(2 * (uint64_t)86400000);
    desk_visitor_comes(1, "");
    assert_false(chat_usual_wait(desk.chat, &seconds));
}

static void while_it_is_closed__the_next_opening_is_known(void **state)
{
    struct chat_rules rules = chat_rules_default;
    struct open_time next[2];

    (void)state;
    assert_int_equal(chat_openings(desk.chat, next, 2), 0);
    assert_int_equal(
        hours_parse(SLICE_LITERAL("mon-sun 9-17"), SLICE_LITERAL("UTC"), SLICE_NONE, &rules.hours),
        0);
    desk_open(&rules);
    for (unsigned hours = 0; hours < 24; hours++) {
        uint64_t at_ms = desk.now_ms % 86400000;
        bool open = at_ms >= 9 * 3600000 && at_ms < 17 * 3600000;

        assert_int_equal(chat_openings(desk.chat, next, 2), open ? 0 : 2);
        if (!open) {
            assert_true(next[0].from_ms > desk.now_ms);
            assert_int_equal(next[0].from_ms % 86400000, 9 * 3600000);
            assert_int_equal(next[1].from_ms - next[0].from_ms, 86400000);
        }
        desk_pass_ms(3600000);
    }
}

static void what_was_restored__waits_in_the_order_it_came(void **state)
{
    struct chat_conversation_view view;

    (void)state;
    desk_open(&chat_rules_default);
    for (unsigned i = 0; i < 3; i++) {
        static const uint64_t opened_ms[] = { 300, 100, 200 };
        static const unsigned place[] = { 3, 1, 2 };
        struct chat_event event = { .type = CHAT_RESTORED_CONVERSATION,
                                    .state = CONVERSATION_QUEUED,
                                    .at_ms = opened_ms[i],
                                    .seq = 1 };

        event.conversation.id.bytes[0] = event.visitor.id.bytes[0] = (uint8_t)place[i];
        desk_handle(event);
    }
    for (unsigned place = 1; place <= 3; place++) {
        struct conversation_id id = { { { (uint8_t)place } } };

        assert_true(chat_view(desk.chat, id, &view));
        assert_int_equal(view.position, place);
    }
}

/* --- priority --- */

static void count(const char *words)
{
    struct chat_rules rules = desk.rules;

    assert_true(priority_parse(slice_of(words), &rules.priority));
    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &rules });
}

static void waits_as(unsigned visitor, const char *stage)
{
    struct chat_event said = { .type = CHAT_VISITOR_SAID,
                               .stage = slice_of(stage),
                               .text = SLICE_LITERAL("hello") };
    char cid[] = { 's', (char)('0' + visitor), '\0' };

    desk_visitor_comes(visitor, "");
    said.visitor.id.bytes[0] = (uint8_t)visitor;
    said.session.id.bytes[1] = (uint8_t)visitor;
    said.cid = slice_of(cid);
    desk_handle(said);
}

/* What its browser is told when it comes anew. */
static unsigned place_of(unsigned visitor)
{
    desk_visitor_leaves(visitor);
    desk_visitor_comes(visitor, "");
    return told_place();
}

static void a_point__counts_like_so_much_of_waiting(void **state)
{
    (void)state;
    count("existing:2");
    waits_as(1, "new");
    desk_pass_ms(60000);
    waits_as(2, "new");
    desk_pass_ms(60000);
    waits_as(3, "existing"); /* as long as the first, who was before */
    assert_int_equal(told_place(), 2);
    waits_as(4, "new");
    assert_int_equal(told_place(), 4);
    assert_int_equal(place_of(1), 1);
    assert_int_equal(place_of(2), 3);
    desk_pass_ms(1);
    waits_as(5, "existing");
    assert_int_equal(told_place(), 3);
    assert_int_equal(place_of(4), 5);
}

static void those_who_are_passed__are_told_their_place_within_a_second(void **state)
{
    (void)state;
    count("existing:1");
    waits_as(1, "new");
    desk_pass_ms(2000);
    desk_forget_all();
    waits_as(2, "existing");
    assert_int_equal(told_place(), 1);
    desk_pass_ms(1000);
    assert_int_equal(told_place(), 2);
    assert_int_equal(desk_did(CHAT_DO_TELL_QUEUE)->visitor.id.bytes[0], 1);
}

static void who_counts_for_more__is_offered_first(void **state)
{
    (void)state;
    count("existing:1");
    waits_as(1, "new");
    waits_as(2, "existing");
    desk_member("anna", 1);
    assert_int_equal(desk_event("offered")->visitor.id.bytes[0], 2);
}

static void a_setting__that_changes__counts_for_those_who_wait(void **state)
{
    (void)state;
    waits_as(1, "new");
    desk_pass_ms(1000);
    waits_as(2, "existing");
    assert_int_equal(place_of(2), 2);
    count("existing:1");
    assert_int_equal(place_of(2), 1);
    count("");
    assert_int_equal(place_of(2), 2);
}

static void who_comes_back_from_an_agent__stands_before_all_points(void **state)
{
    (void)state;
    count("existing:9");
    desk_show("anna", SHOW_AVAILABLE);
    desk_conversation(1, "anna");
    desk_show("anna", SHOW_AWAY);
    waits_as(2, "existing");
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("anna@agents.example") });
    assert_int_equal(place_of(1), 1);
    count("existing:8");
    assert_int_equal(place_of(1), 1);
    assert_int_equal(place_of(2), 2);
}

static void queue_and_why__tell_of_it(void **state)
{
    (void)state;
    count("existing:2 fi:1");
    waits_as(1, "existing");
    waits_as(2, "new");
    desk_agent_says("anna", DESK, "!queue");
    assert_non_null(strstr(desk_heard("anna", DESK), " · 0:00 · priority 2\n2. #"));
    desk_agent_says("anna", DESK, "!why 1");
    assert_non_null(
        strstr(desk_heard("anna", DESK), "waits for 0:00, priority 2 (counts as 2:00 longer)\n"));
    desk_pass_ms(5000);
    assert_true(desk_did(CHAT_DO_DESK_PRESENCE) != NULL);
    desk_agent_says("anna", DESK, "!why 2");
    assert_null(strstr(desk_heard("anna", DESK), "priority"));
}

static void the_longest_wait__is_that_of_whoever_waits_longest(void **state)
{
    (void)state;
    count("existing:9");
    waits_as(1, "new");
    desk_pass_ms(65000);
    waits_as(2, "existing");
    desk_pass_ms(1000);
    assert_non_null(strstr(desk_did(CHAT_DO_DESK_PRESENCE)->text.data, "longest 1:0"));
}

static void the_longest_wait__is_told_anew_as_it_grows(void **state)
{
    static const struct {
        uint64_t pass_ms;
        const char *longest;
    } told[] = {
        { 1000, "0:01" }, { 15000, "0:16" }, { 16000, "0:32" }, { 32000, "1:04" }, { 60000, "2:04" }
    };

    (void)state;
    desk_pass_ms(5000);
    waits_as(1, "new");
    for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
        desk_forget_all();
        desk_pass_ms(told[i].pass_ms - 1);
        assert_null(desk_did(CHAT_DO_DESK_PRESENCE));
        desk_pass_ms(1);
        assert_non_null(strstr(desk_did(CHAT_DO_DESK_PRESENCE)->text.data, told[i].longest));
    }
}

static void those_who_come_back__stand_in_the_order_they_came_back(void **state)
{
    (void)state;
    desk_member("anna", 3);
    desk_conversation(1, "anna");
    desk_conversation(2, "anna");
    desk_agent_says("anna", 2, "!back");
    desk_agent_says("anna", 1, "!back");
    desk_show("anna", SHOW_AWAY);
    assert_int_equal(place_of(2), 1);
    assert_int_equal(place_of(1), 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, nobody_is_there, desk_teardown)

RUN(CASE(who_waits__is_told_their_place_at_once),
    CASE(when_the_first_is_taken__the_others_are_told_within_a_second),
    CASE(a_reload__keeps_the_place), CASE(who_comes_back_from_an_agent__stands_first),
    CASE(the_usual_wait__is_the_median_once_there_are_some),
    CASE(while_it_is_closed__the_next_opening_is_known),
    CASE(the_usual_wait__is_known_after_a_restart_and_of_the_last_days_only),
    CASE(what_was_restored__waits_in_the_order_it_came),
    CASE(a_point__counts_like_so_much_of_waiting),
    CASE(those_who_are_passed__are_told_their_place_within_a_second),
    CASE(who_counts_for_more__is_offered_first),
    CASE(a_setting__that_changes__counts_for_those_who_wait),
    CASE(who_comes_back_from_an_agent__stands_before_all_points), CASE(queue_and_why__tell_of_it),
    CASE(those_who_come_back__stand_in_the_order_they_came_back),
    CASE(the_longest_wait__is_that_of_whoever_waits_longest),
    CASE(the_longest_wait__is_told_anew_as_it_grows))
