/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

static void shows(const char *resource, enum show show)
{
    desk_handle((struct chat_event){ .type = CHAT_AGENT_PRESENCE,
                                     .agent = SLICE_LITERAL("anna@agents.example"),
                                     .resource = slice_of(resource),
                                     .show = show });
}

static bool is_offered(unsigned visitor)
{
    desk_forget_all();
    desk_visitor_comes(visitor, "");
    desk_visitor_says(visitor, "hello");
    return desk_heard_part("anna", DESK, "reply ok");
}

static void only_who_is_available__is_offered_something(void **state)
{
    static const struct {
        enum show show;
        bool offered;
    } cases[] = { { SHOW_DND, false },
                  { SHOW_XA, false },
                  { SHOW_AWAY, false },
                  { SHOW_GONE, false },
                  { SHOW_AVAILABLE, true } };

    for (unsigned i = 0; i < 5; i++) {
        (void)desk_setup(state);
        desk_show("anna", cases[i].show);
        assert_int_equal(is_offered(1), cases[i].offered);
    }
}

static void with_several_clients__the_best_of_them_counts(void **state)
{
    (void)state;
    shows("phone", SHOW_AWAY);
    assert_true(is_offered(1)); /* the laptop is available */
    shows("laptop", SHOW_GONE);
    assert_false(is_offered(2));
    shows("phone", SHOW_AVAILABLE);
    assert_true(is_offered(3));
}

static void the_server_speaking_for_all_clients__means_gone(void **state)
{
    (void)state;
    shows("phone", SHOW_AVAILABLE);
    shows("", SHOW_GONE);
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    assert_false(is_offered(1));
}

static void gone__they_keep_what_they_have_for_the_grace(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_show("anna", SHOW_GONE);
    desk_pass_ms(59000);
    assert_null(desk_wrote(WRITE_RELEASE));
    desk_show("anna", SHOW_AWAY); /* back, if not for more */
    desk_pass_ms(600000);
    assert_null(desk_wrote(WRITE_RELEASE));
}

static void gone_for_longer__it_goes_back_and_to_a_colleague(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_member("ben", 3);
    desk_show("anna", SHOW_GONE);
    desk_pass_ms(61000);
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 1);
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "gone"));
    assert_true(desk_heard_part("ben", DESK, "reply ok"));
    assert_false(desk_did(CHAT_DO_TELL_AGENT)->on);
}

static void when_storage_cannot__the_release_is_tried_again(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_show("anna", SHOW_GONE);
    desk.storage = STORAGE_FAILS;
    desk_pass_ms(61000);
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 1);
    desk.storage = STORAGE_SAVES;
    desk_pass_ms(61000);
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 2);
    assert_non_null(desk_did(CHAT_DO_FORGET));
}

static void while_the_link_is_down__nobodys_grace_runs_out(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_pass_ms(600000);
    assert_null(desk_wrote(WRITE_RELEASE));
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    desk_pass_ms(30000);
    desk_show("anna", SHOW_AVAILABLE);
    desk_pass_ms(600000);
    assert_null(desk_wrote(WRITE_RELEASE));
}

static void unassigned__they_hold_nothing_and_say_nothing(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("anna@agents.example") });
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "unassigned"));
    desk_forget_all();
    desk_agent_sends("anna", 1, "one more thing", "late");
    assert_string_equal(desk_visitor_heard(1), "");
    assert_false(desk_receipted("late"));
    assert_int_equal(desk_handled(), 1); /* the link may forget it all the same */
    desk_show("anna", SHOW_AVAILABLE);
    assert_false(is_offered(2));
}

static void presence__that_flaps__rings_once_a_moment(void **state)
{
    (void)state;
    desk_visitor_says(1, "hello");
    desk_forget_all();
    for (unsigned i = 0; i < 200; i++) { /* twenty times a second, for ten seconds */
        desk_show("anna", i % 2 == 0 ? SHOW_AWAY : SHOW_AVAILABLE);
        desk_pass_ms(50);
    }
    assert_in_range(desk_did_times(CHAT_DO_SAY_DESK), 2, 6); /* an offer and its end, each time */
    desk_pass_ms(5000);
    assert_true(desk_heard_part("anna", DESK, "reply ok"));
    desk_agent_says("anna", DESK, "ok");
    assert_non_null(desk_wrote(WRITE_CLAIM));
}

static void the_desks_status__follows_what_there_is_to_do(void **state)
{
    (void)state;
    desk_show("anna", SHOW_AWAY);
    desk_visitor_comes(1, "");
    desk_visitor_says(1, "hello");
    desk_pass_ms(2000);
    assert_true(slice_is(desk_did(CHAT_DO_DESK_PRESENCE)->text,
                         "1 waiting · longest 0:01 · you 0/3 · 0 agents"));
    desk_agent_says("anna", 1, "Hello!");
    desk_pass_ms(2000);
    assert_true(slice_is(desk_did(CHAT_DO_DESK_PRESENCE)->text, "0 waiting · you 1/3 · 0 agents"));
    desk_forget_all();
    desk_pass_ms(60000);
    assert_null(desk_did(CHAT_DO_DESK_PRESENCE)); /* nothing new, nothing said */
}

/* --- who takes no offers --- */

static void away__until_they_log_in_anew__not_until_we_look_again(void **state)
{
    (void)state;
    desk_agent_says("anna", DESK, "!away");
    assert_true(desk_did(CHAT_DO_KEEP_AWAY)->on);
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    desk_show("anna", SHOW_AVAILABLE); /* was there all the time */
    assert_false(is_offered(1));
    assert_int_equal(desk_did_times(CHAT_DO_KEEP_AWAY), 0);
    desk_show("anna", SHOW_GONE);
    desk_show("anna", SHOW_AVAILABLE);
    assert_false(desk_did(CHAT_DO_KEEP_AWAY)->on);
    assert_true(is_offered(2));
}

static void away__before_a_restart__is_away_after_it(void **state)
{
    struct chat_event anna = { .type = CHAT_MEMBER_SET,
                               .agent = SLICE_LITERAL("anna@agents.example"),
                               .name = SLICE_LITERAL("Anna"),
                               .limit = 3,
                               .away = true };

    (void)state;
    desk_open(&chat_rules_default);
    desk_handle(anna);
    desk_show("anna", SHOW_AVAILABLE);
    assert_false(is_offered(1));
    desk_agent_says("anna", DESK, "!here");
    assert_true(is_offered(2));
}

static void ghost__is_offered_nothing_and_keeps_what_it_has(void **state)
{
    struct chat_event anna = { .type = CHAT_MEMBER_SET,
                               .agent = SLICE_LITERAL("anna@agents.example"),
                               .name = SLICE_LITERAL("Anna"),
                               .limit = 3,
                               .unstaffed = true };

    (void)state;
    desk_conversation(1, "anna");
    assert_true(is_offered(2));
    desk_handle(anna);
    assert_string_equal(desk_heard("anna", DESK), "Offered to somebody else.");
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    desk_agent_says("anna", 1, "still mine");
    assert_string_equal(desk_visitor_heard(1), "still mine");
    desk_agent_says("anna", DESK, "!here");
    assert_string_equal(desk_heard("anna", DESK), "An admin has marked you as not there: no offers "
                                                  "until they take that back.");
    desk_agent_says("anna", DESK, "!why");
    assert_true(desk_heard_part("anna", DESK, "\nAnna: is marked as not there"));
    desk_show("anna", SHOW_GONE);
    desk_show("anna", SHOW_AVAILABLE); /* logging in does not change it */
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    anna.unstaffed = false;
    desk_handle(anna);
    assert_true(is_offered(3));
}

static void with_a_limit_over_all_tenants__what_is_elsewhere_counts(void **state)
{
    struct chat_event elsewhere = { .type = CHAT_AGENT_ELSEWHERE,
                                    .agent = SLICE_LITERAL("anna@agents.example"),
                                    .seq = 1,
                                    .limit = 2 };

    (void)state;
    desk_handle(elsewhere);
    assert_true(is_offered(1)); /* one elsewhere, one here */
    assert_int_equal(desk_did(CHAT_DO_TELL_LOAD)->limit, 1);
    assert_false(is_offered(2));
    desk_agent_says("anna", DESK, "!why 2");
    assert_true(desk_heard_part("anna", DESK, "\nAnna: has enough at other desks"));
    desk_agent_says("anna", DESK, "no");
    desk_handle((struct chat_event){ .type = CHAT_TICK });
    elsewhere.seq = 2;
    desk_handle(elsewhere);
    assert_int_equal(desk.availability, AVAILABILITY_BUSY);
    assert_false(is_offered(3));
    elsewhere.seq = 0; /* they were ended there: here is room at once */
    desk_handle(elsewhere);
    assert_true(desk_heard_part("anna", DESK, "reply ok"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(with_a_limit_over_all_tenants__what_is_elsewhere_counts),
    CASE(away__until_they_log_in_anew__not_until_we_look_again),
    CASE(away__before_a_restart__is_away_after_it),
    CASE(ghost__is_offered_nothing_and_keeps_what_it_has),
    CASE(only_who_is_available__is_offered_something),
    CASE(with_several_clients__the_best_of_them_counts),
    CASE(the_server_speaking_for_all_clients__means_gone),
    CASE(gone__they_keep_what_they_have_for_the_grace),
    CASE(gone_for_longer__it_goes_back_and_to_a_colleague),
    CASE(when_storage_cannot__the_release_is_tried_again),
    CASE(while_the_link_is_down__nobodys_grace_runs_out),
    CASE(unassigned__they_hold_nothing_and_say_nothing),
    CASE(presence__that_flaps__rings_once_a_moment),
    CASE(the_desks_status__follows_what_there_is_to_do))
