/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

/* To message `seq` of what visitor 1 has begun. */
static void agent_reacts(const char *name, unsigned visitor, uint64_t seq, const char *emojis)
{
    desk_agent_reacts(name, visitor, 1, seq, emojis, "s9");
}

static const char refusal[] =
    "[lasna] Your reaction was not sent: it is to nothing that the visitor "
    "said in this conversation.";

static void an_agents__reaches_the_visitor_once_it_is_on_disk(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_hold(true);
    agent_reacts("anna", 1, 1, "👍 ❤️");
    assert_null(desk_did(CHAT_DO_TELL_REACTION));
    assert_int_equal(desk_handled(), 0);
    desk_hold(false);
    assert_int_equal(desk_wrote(WRITE_REACTION)->seq, 1);
    assert_true(slice_is(desk_did(CHAT_DO_TELL_REACTION)->text, "👍 ❤️"));
    assert_int_equal(desk_did(CHAT_DO_TELL_REACTION)->from, FROM_AGENT);
    assert_true(desk_did(CHAT_DO_TELL_REACTION)->agent.len > 0);
    assert_true(desk_receipted("s9"));
    assert_int_equal(desk_handled(), 1);
    assert_null(desk_did(CHAT_DO_TELL_MESSAGE));
}

static void an_agents__to_nothing_here__is_told_and_goes_nowhere(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    agent_reacts("anna", 1, 0, "👍");
    assert_int_equal(desk_heard_times("anna", 1, refusal), 1);
    agent_reacts("anna", 2, 1, "👍"); /* another visitor's contact */
    assert_string_equal(desk_heard("anna", 2), refusal);
    assert_null(desk_wrote(WRITE_REACTION));
    desk.storage = STORAGE_REFUSES; /* what is not there, and whose it is, storage knows */
    agent_reacts("anna", 1, 99, "👍");
    assert_int_equal(desk_heard_times("anna", 1, refusal), 2);
    agent_reacts("ben", 1, 1, "👍");
    assert_string_equal(desk_heard("ben", 1), refusal);
    assert_null(desk_did(CHAT_DO_TELL_REACTION));
    assert_int_equal(desk_handled(), 4);
}

static void an_agents__that_comes_again_after_the_end__is_received(void **state)
{
    struct chat_event again = { .type = CHAT_AGENT_SAID,
                                .agent = SLICE_LITERAL("anna@agents.example"),
                                .ordinal = 1,
                                .stanza = SLICE_LITERAL("s9"),
                                .speech = SPEECH_REACTION,
                                .reply_to = 1,
                                .text = SLICE_LITERAL("👍") };

    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    again.conversation = desk_wrote(WRITE_END)->conversation;
    again.visitor = desk_wrote(WRITE_END)->visitor;
    desk_forget_all();
    desk.storage = STORAGE_REPEATS;
    desk_handle(again);
    assert_true(desk_receipted("s9"));
    assert_string_equal(desk_heard("anna", 1), "");
    assert_null(desk_did(CHAT_DO_TELL_REACTION));
    assert_int_equal(desk_handled(), 1);
}

static void an_agents__that_storage_refuses_or_loses__is_told(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk.storage = STORAGE_REFUSES;
    agent_reacts("anna", 1, 1, "👍");
    assert_string_equal(desk_heard("anna", 1), refusal);
    desk.storage = STORAGE_FAILS;
    agent_reacts("anna", 1, 1, "👍");
    assert_string_equal(desk_heard("anna", 1), "[lasna] Not saved, please send it again.");
    assert_false(desk_receipted("s9"));
    assert_int_equal(desk_handled(), 2);
}

static void an_agents__at_the_desk__is_done_with(void **state)
{
    (void)state;
    desk_agent_reacts("anna", DESK, 1, 0, "👍", "s9");
    assert_int_equal(desk_handled(), 1);
    assert_string_equal(desk_heard("anna", DESK), "");
}

static void a_visitors__reaches_the_agent_as_it_is_and_in_words(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_visitor_reacts(1, 2, "😢");
    assert_true(slice_is(desk_did(CHAT_DO_TELL_REACTION)->text, "😢"));
    assert_int_equal(desk_did(CHAT_DO_TELL_REACTION)->from, FROM_VISITOR);
    assert_int_equal(desk_did(CHAT_DO_SEND_REACTION)->seq, 2);
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->name, "😢"));
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->text, "[lasna] Maria reacted: 😢"));
    desk_visitor_reacts(1, 2, "");
    assert_int_equal(desk_did(CHAT_DO_SEND_REACTION)->name.len, 0);
    assert_true(
        slice_is(desk_did(CHAT_DO_SEND_REACTION)->text, "[lasna] Maria took a reaction back."));
}

static void a_visitors__to_nothing_here__is_refused(void **state)
{
    (void)state;
    desk_visitor_reacts(1, 1, "👍");
    assert_string_equal(desk_did(CHAT_DO_TELL_ERROR)->code, "no_reaction");
    desk_conversation(1, "anna");
    desk_visitor_reacts(1, 99, "👍");
    desk_visitor_reacts(1, 0, "👍");
    desk_visitor_reacts(1, 1, "yes");
    assert_null(desk_wrote(WRITE_REACTION));
    assert_int_equal(desk_did_times(CHAT_DO_TELL_ERROR), 3);
    desk.storage = STORAGE_REFUSES;
    desk_visitor_reacts(1, 1, "👍");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_ERROR), 4);
    assert_null(desk_did(CHAT_DO_SEND_REACTION));
}

static void a_visitors__while_the_link_is_down__is_sent_once_it_is_up(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_agent_sends("anna", 1, "of every size", "s2");
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_visitor_reacts(1, 3, "🎉");
    desk_visitor_reacts(1, 2, "👍");
    desk_visitor_reacts(1, 2, "😢");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_REACTION), 3);
    assert_null(desk_did(CHAT_DO_SEND_REACTION));
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2); /* the last to each message */
    assert_int_equal(desk_did(CHAT_DO_SEND_REACTION)->seq, 2);
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->name, "😢"));
}

static void link_falls(void)
{
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
}

/* What becomes of the line that tells of the last one. */
static void line_is(enum chat_event_type what)
{
    desk_handle((struct chat_event){ .type = what,
                                     .agent = SLICE_LITERAL("anna@agents.example"),
                                     .message = desk_did(CHAT_DO_SEND_REACTION)->message });
}

static void a_visitors__in_flight_when_the_link_falls__is_sent_again_as_it_was(void **state)
{
    struct message_id line;

    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_visitor_reacts(1, 2, "👍");
    assert_true(desk_did(CHAT_DO_SEND_REACTION)->on);
    line = desk_did(CHAT_DO_SEND_REACTION)->message;
    link_falls();
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2);
    assert_true(message_id_equal(desk_did(CHAT_DO_SEND_REACTION)->message, line));
    line_is(CHAT_LINE_ROUTED);
    link_falls();
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2); /* it is there */
}

static void a_visitors__followed_by_a_newer_one__is_never_sent_again(void **state)
{
    struct chat_event routed = { .type = CHAT_LINE_ROUTED };

    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_visitor_reacts(1, 2, "👍");
    routed.message = desk_did(CHAT_DO_SEND_REACTION)->message;
    desk_visitor_reacts(1, 2, "😢");
    desk_handle(routed); /* the older one: it says nothing of the newer */
    link_falls();
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 3);
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->name, "😢"));
}

static void a_visitors__that_comes_back__is_sent_again_when_the_agent_is_there(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_show("anna", SHOW_GONE);
    desk_visitor_reacts(1, 2, "👍");
    line_is(CHAT_LINE_ROUTED);
    line_is(CHAT_BOUNCED);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 1);
    desk_show("anna", SHOW_AVAILABLE);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2);
    line_is(CHAT_LINE_ROUTED);
    desk_show("anna", SHOW_GONE);
    desk_show("anna", SHOW_AVAILABLE);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2);
}

static void a_visitors__that_came_back__is_told_to_them_when_they_take_it_again(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_show("anna", SHOW_GONE);
    desk_visitor_reacts(1, 2, "👍");
    line_is(CHAT_BOUNCED);
    desk_pass_ms(desk.rules.gone_grace_ms); /* it goes back to the queue */
    desk_show("anna", SHOW_AVAILABLE);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 1);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2);
}

static void a_visitors__that_breaks_each_stream__is_given_up(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_visitor_reacts(1, 2, "👍");
    for (unsigned i = 0; i < desk.rules.park_after; i++) {
        line_is(CHAT_BROKE_STREAM);
        link_falls();
    }
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), desk.rules.park_after);
}

static void a_visitors__of_before__are_told_to_who_has_it_next(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_agent_sends("anna", 1, "of every size", "s2");
    desk_visitor_reacts(1, 2, "👍");
    desk_visitor_reacts(1, 3, "🎉");
    desk_visitor_reacts(1, 3, "");
    desk_forget_all();
    desk_agent_says("anna", 1, "!to ben");
    desk_agent_says("ben", DESK, "ok");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2);
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->agent, "ben@agents.example"));
    desk_forget_all();
    desk_visitor_reacts(1, 2, "");
    desk_agent_says("ben", 1, "!to anna"); /* who had seen the thumb */
    desk_agent_says("anna", DESK, "ok");
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->agent, "anna@agents.example"));
    assert_int_equal(desk_did(CHAT_DO_SEND_REACTION)->name.len, 0);
}

/* The core died meanwhile: it knows of none, but storage took the end of one. */
static void a_visitors__of_before_the_cores_death__is_told_as_taken_back(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_visitor_reacts(1, 2, "");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 1);
    assert_int_equal(desk_did(CHAT_DO_SEND_REACTION)->name.len, 0);
}

static void a_visitors__to_what_was_withdrawn__is_told_to_nobody_any_more(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_agent_sends("anna", 1, "of every size", "s2");
    desk_visitor_reacts(1, 3, "👍");
    desk_visitor_reacts(1, 4, "🎉");
    desk_agent_revises("anna", 1, SPEECH_WITHDRAWAL, "s2", "", "s3");
    desk_forget_all();
    desk_agent_says("anna", 1, "!to ben");
    desk_agent_says("ben", DESK, "ok");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 1);
    assert_int_equal(desk_did(CHAT_DO_SEND_REACTION)->seq, 3);
}

static void a_visitors__while_nobody_has_it__is_told_to_who_takes_it(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "s1");
    desk_agent_says("anna", 1, "!back");
    desk_visitor_reacts(1, 2, "👍");
    assert_null(desk_did(CHAT_DO_SEND_REACTION));
    desk_pass_ms(desk.rules.offer_again_ms);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 1);
    assert_true(slice_is(desk_did(CHAT_DO_SEND_REACTION)->name, "👍"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(an_agents__reaches_the_visitor_once_it_is_on_disk),
    CASE(an_agents__to_nothing_here__is_told_and_goes_nowhere),
    CASE(an_agents__that_storage_refuses_or_loses__is_told),
    CASE(an_agents__at_the_desk__is_done_with),
    CASE(a_visitors__reaches_the_agent_as_it_is_and_in_words),
    CASE(a_visitors__to_nothing_here__is_refused),
    CASE(a_visitors__while_the_link_is_down__is_sent_once_it_is_up),
    CASE(a_visitors__while_nobody_has_it__is_told_to_who_takes_it),
    CASE(an_agents__that_comes_again_after_the_end__is_received),
    CASE(a_visitors__in_flight_when_the_link_falls__is_sent_again_as_it_was),
    CASE(a_visitors__followed_by_a_newer_one__is_never_sent_again),
    CASE(a_visitors__that_comes_back__is_sent_again_when_the_agent_is_there),
    CASE(a_visitors__that_came_back__is_told_to_them_when_they_take_it_again),
    CASE(a_visitors__that_breaks_each_stream__is_given_up),
    CASE(a_visitors__of_before__are_told_to_who_has_it_next),
    CASE(a_visitors__to_what_was_withdrawn__is_told_to_nobody_any_more),
    CASE(a_visitors__of_before_the_cores_death__is_told_as_taken_back))
