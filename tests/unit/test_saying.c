/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

static void words__reach_the_visitor_and_are_receipted(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros a month", "s1");
    assert_string_equal(desk_visitor_heard(1), "29 euros a month");
    assert_true(slice_is(desk_did(CHAT_DO_TELL_MESSAGE)->name, "Anna"));
    assert_true(desk_receipted("s1"));
    assert_int_equal(desk_handled(), 1);
}

static void words_not_on_disk__are_neither_shown_nor_receipted(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk.storage = STORAGE_FAILS;
    desk_agent_sends("anna", 1, "29 euros a month", "s1");
    assert_string_equal(desk_visitor_heard(1), "");
    assert_false(desk_receipted("s1"));
    assert_int_equal(desk_handled(), 1);
    assert_true(desk_heard_part("anna", 1, "[lasna]")); /* and the agent is told */
}

static void words_for_what_another_holds__are_not_stored(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    desk_agent_sends("ben", 1, "let me", "s1");
    assert_null(desk_wrote(WRITE_MESSAGE));
    assert_false(desk_receipted("s1"));
    assert_int_equal(desk_handled(), 1);
    assert_true(desk_heard_part("ben", DESK, "Anna"));
}

static void words_for_what_has_ended__are_refused_with_a_word(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    desk_forget_all();
    desk.storage = STORAGE_REFUSES;
    desk_agent_sends("anna", 1, "and have a nice day", "s1");
    assert_string_equal(desk_visitor_heard(1), "");
    assert_false(desk_receipted("s1"));
    assert_int_equal(desk_handled(), 1);
    assert_string_not_equal(desk_heard("anna", 1), "");
}

static void words_stored_before__are_receipted_again_and_shown_once(void **state)
{
    const struct chat_write *write;
    struct chat_write again;

    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros a month", "s1");
    write = desk_wrote(WRITE_MESSAGE);
    again = *write;
    desk_forget_all();
    desk_handle((struct chat_event){ .type = CHAT_STORED,
                                     .write = &again,
                                     .conversation = again.conversation,
                                     .message = again.message,
                                     .seq = 3,
                                     .repeat = true });
    assert_true(desk_receipted("s1"));
    assert_string_equal(desk_visitor_heard(1), "");
}

static void a_reply__names_a_message_of_this_conversation_only(void **state)
{
    struct chat_event said = { .type = CHAT_AGENT_SAID,
                               .agent = SLICE_LITERAL("anna@agents.example"),
                               .visitor = { { { 1 } } },
                               .speech = SPEECH_REPLY,
                               .about = SLICE_LITERAL("m1"),
                               .stanza = SLICE_LITERAL("s1"),
                               .reply_to = 1,
                               .text = SLICE_LITERAL("yes") };

    (void)state;
    desk_conversation(1, "anna");
    desk_handle(said);
    assert_int_equal(desk_did(CHAT_DO_TELL_MESSAGE)->reply_to, 0);
    said.stanza = SLICE_LITERAL("s2");
    said.conversation = desk_wrote(WRITE_MESSAGE)->conversation;
    desk_handle(said);
    assert_int_equal(desk_did(CHAT_DO_TELL_MESSAGE)->reply_to, 1);
    assert_int_equal(desk_wrote(WRITE_MESSAGE)->reply_to, 1);
    assert_int_equal(desk_wrote(WRITE_MESSAGE)->about.len, 0);
    said.stanza = SLICE_LITERAL("s3");
    said.reply_to = 900; /* not said yet */
    desk_handle(said);
    assert_int_equal(desk_did(CHAT_DO_TELL_MESSAGE)->reply_to, 0);
}

static void what_one_does__is_words(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "/me looks it up");
    assert_string_equal(desk_visitor_heard(1), "/me looks it up");
    desk_agent_says("anna", 1, "/message x");
    assert_true(desk_heard_part("anna", 1, "Not sent: no command /message"));
}

static void an_answer__claims_what_waits(void **state)
{
    (void)state;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_agent_says("anna", 1, "Hello!");
    assert_true(desk_wrote(WRITE_MESSAGE)->claims);
    assert_true(desk_did(CHAT_DO_TELL_AGENT)->on);
    desk_agent_says("anna", 1, "What can I do for you?");
    assert_false(desk_wrote(WRITE_MESSAGE)->claims);
}

static void typing__is_shown_only_of_who_holds_it(void **state)
{
    struct chat_event typing = { .type = CHAT_AGENT_TYPING,
                                 .agent = SLICE_LITERAL("ben@agents.example"),
                                 .visitor = { { { 1 } } },
                                 .on = true };

    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    desk_handle(typing);
    assert_null(desk_did(CHAT_DO_TELL_TYPING));
    typing.agent = SLICE_LITERAL("anna@agents.example");
    desk_handle(typing);
    assert_true(desk_did(CHAT_DO_TELL_TYPING)->on);
}

static void a_bots_words__are_told_as_a_bots(void **state)
{
    (void)state;
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_SET,
                                     .agent = SLICE_LITERAL("anna@agents.example"),
                                     .name = SLICE_LITERAL("Helper"),
                                     .limit = 3,
                                     .role = 2 });
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "I am a program.");
    assert_int_equal(desk_did(CHAT_DO_TELL_MESSAGE)->from, FROM_BOT);
    assert_int_equal(desk_wrote(WRITE_MESSAGE)->origin, ORIGIN_BOT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(words__reach_the_visitor_and_are_receipted),
    CASE(words_not_on_disk__are_neither_shown_nor_receipted),
    CASE(words_for_what_another_holds__are_not_stored),
    CASE(words_for_what_has_ended__are_refused_with_a_word),
    CASE(words_stored_before__are_receipted_again_and_shown_once),
    CASE(a_reply__names_a_message_of_this_conversation_only), CASE(what_one_does__is_words),
    CASE(an_answer__claims_what_waits), CASE(typing__is_shown_only_of_who_holds_it),
    CASE(a_bots_words__are_told_as_a_bots))
