/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

static void a_correction__reaches_the_visitor_once_it_is_on_disk(void **state)
{
    const struct chat_effect *told;

    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros a year", "s1");
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "29 euros a month", "s2");
    assert_true(slice_is(desk_wrote(WRITE_EDIT)->about, "s1"));
    told = desk_did(CHAT_DO_TELL_REVISED);
    assert_non_null(told);
    assert_true(slice_is(told->text, "29 euros a month"));
    assert_false(told->on);
    assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 1);
    assert_true(desk_receipted("s2"));
    assert_int_equal(desk_handled(), 2);
}

static void a_withdrawal__reaches_the_visitor_without_a_word(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_revises("anna", 1, SPEECH_WITHDRAWAL, "s1", "", "s2");
    assert_true(desk_did(CHAT_DO_TELL_REVISED)->on);
    assert_int_equal(desk_did(CHAT_DO_TELL_REVISED)->text.len, 0);
    assert_null(desk_did(CHAT_DO_TELL_MESSAGE));
    assert_true(desk_receipted("s2"));
}

static void a_correction_not_on_disk__is_neither_shown_nor_receipted(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk.storage = STORAGE_FAILS;
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "29 euros", "s2");
    assert_null(desk_did(CHAT_DO_TELL_REVISED));
    assert_false(desk_receipted("s2"));
    assert_int_equal(desk_handled(), 1);
    assert_string_equal(desk_heard("anna", 1), "[lasna] Not saved, please send it again.");
}

static void a_correction_of_nothing__goes_out_as_a_message__and_the_agent_is_told(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_hold(true);
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "gone", "29 euros", "s2");
    desk_answer(STORAGE_REFUSES);
    assert_false(desk_receipted("s2"));
    desk_hold(false);
    assert_string_equal(desk_visitor_heard(1), "29 euros");
    assert_true(desk_heard_part("anna", 1, "this went out as a new message"));
    assert_true(desk_receipted("s2"));
    assert_int_equal(desk_handled(), 1);
}

static void a_withdrawal_of_nothing__is_told(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk.storage = STORAGE_REFUSES;
    desk_agent_revises("anna", 1, SPEECH_WITHDRAWAL, "gone", "", "s2");
    assert_true(desk_heard_part("anna", 1, "Not withdrawn: the visitor has no such message"));
    assert_int_equal(desk_handled(), 1);
}

static void a_correction_in_what_is_not_theirs__is_told__and_goes_nowhere(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    desk.storage = STORAGE_REFUSES;
    desk_agent_revises("ben", 1, SPEECH_CORRECTION, "s1", "29 euros", "s2");
    assert_string_equal(desk_heard("ben", 1),
                        "[lasna] Not changed: this conversation is not yours any more.");
    assert_null(desk_wrote(WRITE_MESSAGE));
    assert_int_equal(desk_handled(), 1);
}

static void a_correction_to_a_command__never_reaches_the_visitor(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "!nonsense", "s2");
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "/me", "s3");
    assert_null(desk_wrote(WRITE_EDIT));
    assert_null(desk_did(CHAT_DO_TELL_REVISED));
    assert_true(desk_heard_part("anna", 1, "Not sent: no command !nonsense"));
    assert_int_equal(desk_handled(), 2);
}

static void a_correction_that_is_escaped__is_sent_as_it_is_meant(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "!!wow", "s2");
    assert_true(slice_is(desk_did(CHAT_DO_TELL_REVISED)->text, "!wow"));
}

static void a_withdrawal_at_the_desk__is_done_with(void **state)
{
    (void)state;
    desk_agent_revises("anna", DESK, SPEECH_WITHDRAWAL, "s1", "", "s2");
    assert_int_equal(desk_handled(), 1);
    assert_string_equal(desk_heard("anna", DESK), "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(a_correction__reaches_the_visitor_once_it_is_on_disk),
    CASE(a_withdrawal__reaches_the_visitor_without_a_word),
    CASE(a_correction_not_on_disk__is_neither_shown_nor_receipted),
    CASE(a_correction_of_nothing__goes_out_as_a_message__and_the_agent_is_told),
    CASE(a_withdrawal_of_nothing__is_told),
    CASE(a_correction_in_what_is_not_theirs__is_told__and_goes_nowhere),
    CASE(a_correction_to_a_command__never_reaches_the_visitor),
    CASE(a_correction_that_is_escaped__is_sent_as_it_is_meant),
    CASE(a_withdrawal_at_the_desk__is_done_with))
