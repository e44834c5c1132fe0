/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

static const struct visitor_id maria = { { { 1 } } };

static struct conversation_id open_one(void)
{
    struct conversation_id id;

    assert_true(chat_has_conversation(desk.chat, maria, &id));
    return id;
}

static struct chat_conversation_view view_of(struct conversation_id id)
{
    struct chat_conversation_view view;

    assert_true(chat_view(desk.chat, id, &view));
    return view;
}

static void restored(enum conversation_state state, const char *agent, uint64_t delivered_seq)
{
    desk_handle((struct chat_event){ .type = CHAT_RESTORED_CONVERSATION,
                                     .conversation = { { { 7 } } },
                                     .visitor = maria,
                                     .state = state,
                                     .agent = slice_of(agent),
                                     .name = SLICE_LITERAL("Maria"),
                                     .seq = 5,
                                     .delivery_seq = delivered_seq,
                                     .at_ms = 1000 });
}

static void from_queue_to_agent_to_end__everyone_is_told(void **state)
{
    struct conversation_id id;

    (void)state;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    id = open_one();
    assert_int_equal(view_of(id).state, CONVERSATION_QUEUED);
    assert_int_equal(view_of(id).position, 1);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(view_of(id).state, CONVERSATION_ACTIVE);
    assert_string_equal(view_of(id).persona, "Anna");
    assert_int_equal(view_of(id).position, 0);
    assert_int_equal(desk_did(CHAT_DO_TELL_CONVERSATION)->state, CONVERSATION_ACTIVE);
    desk_agent_says("anna", 1, "!end solved");
    assert_int_equal(desk_did(CHAT_DO_TELL_CONVERSATION)->state, CONVERSATION_ENDED);
    assert_true(slice_is(desk_did(CHAT_DO_TELL_ENDED)->reason, "agent"));
    assert_true(slice_is(desk_wrote(WRITE_END)->text, "solved"));
}

static void a_move__that_is_not_on_disk__has_not_happened(void **state)
{
    struct conversation_id id;

    (void)state;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    id = open_one();
    desk_forget_all();
    desk.storage = STORAGE_FAILS;
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(view_of(id).state, CONVERSATION_QUEUED);
    assert_null(desk_did(CHAT_DO_TELL_AGENT));
    desk_handle((struct chat_event){ .type = CHAT_OPERATOR_END, .conversation = id });
    assert_int_equal(view_of(id).state, CONVERSATION_QUEUED);
    assert_null(desk_did(CHAT_DO_TELL_ENDED));
    desk.storage = STORAGE_SAVES;
    desk_handle((struct chat_event){ .type = CHAT_OPERATOR_END, .conversation = id });
    assert_true(slice_is(desk_did(CHAT_DO_TELL_ENDED)->reason, "operator"));
}

static void ending_twice__ends_once(void **state)
{
    const struct chat_event end = { .type = CHAT_VISITOR_ENDED, .visitor = maria };

    (void)state;
    desk_conversation(1, "anna");
    desk_handle(end);
    desk_handle(end);
    assert_int_equal(desk_wrote_times(WRITE_END), 1);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_ENDED), 1);
    assert_true(desk_heard_part("anna", DESK, "Maria"));
}

static void the_contact__leaves_the_roster_a_while_after_the_end(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_GONE);
    desk_pass_ms(599000);
    assert_null(desk_did(CHAT_DO_FORGET));
    desk_pass_ms(2000);
    assert_int_equal(desk_did_times(CHAT_DO_FORGET), 1);
}

static void the_contact__stays_when_the_visitor_is_with_the_same_agent_again(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    desk_visitor_says(1, "one more question");
    desk_agent_says("anna", 1, "yes?");
    desk_pass_ms(700000);
    assert_null(desk_did(CHAT_DO_FORGET));
}

static void restored_in_the_queue__it_is_offered(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    restored(CONVERSATION_QUEUED, "", 0);
    desk_member("anna", 3);
    assert_true(desk_heard_part("anna", DESK, "reply ok"));
}

static void restored_with_its_agent__the_rest_is_sent_when_they_are_back(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    restored(CONVERSATION_ACTIVE, "anna@agents.example", 3);
    desk_member("anna", 3);
    assert_int_equal(desk_did(CHAT_DO_SEND_PENDING)->seq, 3);
    assert_int_equal(view_of((struct conversation_id){ { { 7 } } }).state, CONVERSATION_ACTIVE);
    desk_visitor_comes(1, "Maria");
    desk_agent_says("anna", 1, "I am back");
    assert_string_equal(desk_visitor_heard(1), "I am back");
}

static void what_cannot_be_read__is_sent_in_a_moment_and_nothing_overtakes_it(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk.unreadable = true;
    desk_member("anna", 3);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_PENDING), 1);
    desk_visitor_says(1, "is anybody there?");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_PENDING), 1);
    assert_int_equal(desk_did_times(CHAT_DO_SEND), 0);
    desk_pass_ms(5000);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_PENDING), 2); /* in vain again */
    desk.unreadable = false;
    desk_pass_ms(5000);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_PENDING), 3);
    desk_visitor_says(1, "ah");
    assert_int_equal(desk_did_times(CHAT_DO_SEND), 1);
}

static void restored_with_an_agent_who_never_comes__it_goes_to_another(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    restored(CONVERSATION_ACTIVE, "anna@agents.example", 3);
    desk_member("ben", 3);
    desk_pass_ms(61000);
    assert_true(desk_heard_part("ben", DESK, "reply ok"));
}

static void what_has_ended_before__is_not_restored(void **state)
{
    struct chat_conversation_view view;

    (void)state;
    restored(CONVERSATION_ENDED, "", 0);
    assert_false(chat_view(desk.chat, (struct conversation_id){ { { 7 } } }, &view));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(from_queue_to_agent_to_end__everyone_is_told),
    CASE(a_move__that_is_not_on_disk__has_not_happened), CASE(ending_twice__ends_once),
    CASE(the_contact__leaves_the_roster_a_while_after_the_end),
    CASE(the_contact__stays_when_the_visitor_is_with_the_same_agent_again),
    CASE(restored_in_the_queue__it_is_offered),
    CASE(restored_with_its_agent__the_rest_is_sent_when_they_are_back),
    CASE(what_cannot_be_read__is_sent_in_a_moment_and_nothing_overtakes_it),
    CASE(restored_with_an_agent_who_never_comes__it_goes_to_another),
    CASE(what_has_ended_before__is_not_restored))
