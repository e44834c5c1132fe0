/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

/* Maria's conversation with Anna, watched by Maria's browser, may be silent for so long. */
static void open_with(uint64_t silent_end_ms)
{
    struct chat_rules rules = chat_rules_default;

    rules.silent_end_ms = silent_end_ms;
    desk_open(&rules);
    desk_member("anna", 3);
    desk_conversation(1, "anna");
    desk_forget_all();
}

static void maria(enum chat_event_type type)
{
    desk_handle((struct chat_event){ .type = type, .visitor = { { { 1 } } }, .on = true });
}

/* Seconds left as last told; 0: taken back, or never told. */
static unsigned told_left_s(void)
{
    const struct chat_effect *told = desk_did(CHAT_DO_TELL_IDLE);

    return told == NULL ? 0 : told->left_s;
}

static bool is_over(void)
{
    return desk_did(CHAT_DO_TELL_ENDED) != NULL;
}

static void a_silent_conversation__closes_two_minutes_after_its_warning(void **state)
{
    (void)state;
    open_with(HOUR);
    desk_pass_ms(HOUR - 2 * MINUTE - 1);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 0);
    desk_pass_ms(1);
    assert_int_equal(told_left_s(), 120);
    desk_pass_ms(2 * MINUTE - 1);
    assert_false(is_over());
    desk_pass_ms(1);
    assert_true(is_over());
    assert_true(slice_is(desk_did(CHAT_DO_TELL_ENDED)->reason, "timeout"));
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 1);
}

static void who_stays__may_stay_as_often_as_they_like(void **state)
{
    (void)state;
    open_with(HOUR);
    for (unsigned n = 1; n <= 20; n++) {
        desk_pass_ms(HOUR - MINUTE);
        assert_int_equal(told_left_s(), 120);
        maria(CHAT_VISITOR_STAYS);
        assert_int_equal(told_left_s(), 0);
        assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 2 * n);
    }
    assert_false(is_over());
    desk_pass_ms(HOUR);
    assert_true(is_over());
}

static void whatever_anybody_does__takes_the_warning_back(void **state)
{
    (void)state;
    open_with(HOUR);
    desk_pass_ms(HOUR - MINUTE);
    desk_visitor_says(1, "still here");
    assert_int_equal(told_left_s(), 0);
    desk_pass_ms(HOUR - MINUTE);
    desk_agent_says("anna", 1, "so am I");
    assert_int_equal(told_left_s(), 0);
    desk_pass_ms(HOUR - MINUTE);
    maria(CHAT_VISITOR_TYPING);
    assert_int_equal(told_left_s(), 0);
    desk_pass_ms(HOUR - MINUTE);
    desk_visitor_comes(1, "Maria"); /* another tab */
    assert_int_equal(told_left_s(), 0);
    desk_pass_ms(HOUR - MINUTE);
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "so was I", "s2");
    assert_int_equal(told_left_s(), 0);
    desk_pass_ms(HOUR - 3 * MINUTE);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 10);
    assert_false(is_over());
}

static void words_that_come_when_it_is_over__take_no_warning_back(void **state)
{
    (void)state;
    open_with(HOUR);
    desk_pass_ms(HOUR);
    assert_true(is_over());
    desk.storage = STORAGE_REFUSES;
    desk_agent_says("anna", 1, "one more thing");
    desk_agent_revises("anna", 1, SPEECH_CORRECTION, "s1", "one more", "s2");
    assert_int_equal(told_left_s(), 120);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 1);
}

static void however_short_it_is_set__twenty_seconds_remain(void **state)
{
    (void)state;
    open_with(1);
    desk_pass_ms(20000);
    assert_int_equal(told_left_s(), 20);
    desk_pass_ms(19999);
    assert_false(is_over());
    desk_pass_ms(1);
    assert_true(is_over());
}

static void set_to_never__it_stays_open_as_long_as_somebody_watches(void **state)
{
    (void)state;
    open_with(0);
    desk_pass_ms(48 * (uint64_t)HOUR);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 0);
    assert_false(is_over());
}

static void who_waits_in_the_queue__is_not_sent_away(void **state)
{
    struct chat_rules rules = chat_rules_default;

    (void)state;
    desk_open(&rules);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_pass_ms(5 * (uint64_t)HOUR);
    desk_member("anna", 3);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 0); /* the wait was ours, not theirs */
    desk_pass_ms(HOUR - 3 * MINUTE);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 0);
    assert_false(is_over());
}

static void who_closes_the_page__is_waited_for_as_before(void **state)
{
    (void)state;
    open_with(HOUR);
    desk_pass_ms(HOUR - MINUTE);
    desk_visitor_leaves(1);
    assert_int_equal(told_left_s(), 0);
    desk_pass_ms(30 * MINUTE - 1);
    assert_false(is_over());
    desk_pass_ms(1);
    assert_true(is_over());
}

static void a_stay__that_nobody_asked_for__is_harmless(void **state)
{
    (void)state;
    maria(CHAT_VISITOR_STAYS); /* nobody of that name */
    open_with(HOUR);
    maria(CHAT_VISITOR_STAYS);
    assert_int_equal(desk_did_times(CHAT_DO_TELL_IDLE), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(a_silent_conversation__closes_two_minutes_after_its_warning),
    CASE(who_stays__may_stay_as_often_as_they_like),
    CASE(whatever_anybody_does__takes_the_warning_back),
    CASE(words_that_come_when_it_is_over__take_no_warning_back),
    CASE(however_short_it_is_set__twenty_seconds_remain),
    CASE(set_to_never__it_stays_open_as_long_as_somebody_watches),
    CASE(who_waits_in_the_queue__is_not_sent_away),
    CASE(who_closes_the_page__is_waited_for_as_before),
    CASE(a_stay__that_nobody_asked_for__is_harmless))
