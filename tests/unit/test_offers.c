/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is offered what, and what becomes of an offer.
 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

#define MARIA 1u
#define OUTI  2u
#define LEENA 3u

static struct chat_rules rules;

static int setup(void **state)
{
    (void)state;
    rules = chat_rules_default;
    rules.languages = false; /* but where it is the point */
    desk_open(&rules);
    return 0;
}

/* Again, with the rules as they are now, and the agents who are named. */
static void open_with(const char *first, const char *second)
{
    desk_open(&rules);
    desk_skilled(first, "", 2);
    desk_skilled(second, "", 2);
}

static void comes_and_says(unsigned visitor, const char *text)
{
    desk_visitor_comes(visitor, visitor == MARIA ? "Maria" : "");
    desk_visitor_says(visitor, text);
}

static bool is_offered(const char *agent, const char *text)
{
    char part[128];

    (void)snprintf(part, sizeof(part), "\"%s\"", text);
    return desk_heard_part(agent, DESK, part);
}

/* --- one at a time --- */

static void offer__goes_to_the_one_with_least_to_do(void **state)
{
    (void)state;
    open_with("anna", "ben");
    desk_conversation(MARIA, "anna");
    comes_and_says(OUTI, "second");
    assert_true(is_offered("ben", "second"));
    assert_false(is_offered("anna", "second"));
}

static void round_robin__asks_each_in_turn_whatever_they_have(void **state)
{
    (void)state;
    rules.mode = ROUTING_ROUND_ROBIN;
    open_with("anna", "ben");
    comes_and_says(MARIA, "one");
    desk_agent_says("anna", DESK, "ok");
    comes_and_says(OUTI, "two");
    desk_agent_says("ben", DESK, "ok");
    desk_agent_says("ben", OUTI, "!end"); /* has less to do than Anna now */
    comes_and_says(LEENA, "three");
    assert_true(is_offered("anna", "one") && is_offered("ben", "two") &&
                is_offered("anna", "three"));
    assert_false(is_offered("ben", "three"));
}

static void limit__of_an_agent__is_never_passed_by_offers(void **state)
{
    (void)state;
    desk_skilled("anna", "", 1);
    comes_and_says(MARIA, "one");
    comes_and_says(OUTI, "two");
    assert_true(is_offered("anna", "one"));
    assert_false(is_offered("anna", "two"));
    desk_agent_says("anna", DESK, "ok");
    assert_false(is_offered("anna", "two"));
    assert_int_equal(desk.availability, AVAILABILITY_BUSY);
    desk_agent_says("anna", MARIA, "!end");
    assert_true(is_offered("anna", "two"));
}

static void decline__does_not_ring_the_same_agent_in_a_loop(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    comes_and_says(MARIA, "hello");
    desk_agent_says("anna", DESK, "no");
    desk_pass_ms(rules.offer_again_ms - 1);
    assert_int_equal(desk_wrote_times(WRITE_EVENT), 2); /* offered, declined */
    desk_pass_ms(2);
    assert_int_equal(desk_wrote_times(WRITE_EVENT), 3); /* offered again, once */
}

/* After each time twice as long, four times at most. */
static void decline__again_and_again__is_asked_ever_more_seldom(void **state)
{
    static const unsigned waits[] = { 1, 2, 4, 4 };

    (void)state;
    desk_skilled("anna", "", 3);
    comes_and_says(MARIA, "hello");
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
        desk_agent_says("anna", DESK, "no");
        desk_forget_all();
        desk_pass_ms(waits[i] * rules.offer_again_ms - 1);
        assert_false(is_offered("anna", "hello"));
        desk_pass_ms(2);
        assert_true(is_offered("anna", "hello"));
    }
}

static void here__has_what_they_let_pass_asked_again_at_once(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    comes_and_says(MARIA, "hello");
    desk_agent_says("anna", DESK, "no");
    desk_forget_all();
    desk_agent_says("anna", DESK, "!here");
    assert_true(is_offered("anna", "hello"));
}

static void time_out__corrects_the_line_and_goes_to_the_next(void **state)
{
    (void)state;
    open_with("anna", "ben");
    comes_and_says(MARIA, "hello");
    assert_false(is_offered("ben", "hello"));
    desk_pass_ms(rules.offer_ms);
    assert_true(is_offered("ben", "hello"));
    assert_string_equal(desk_heard("anna", DESK), "Offered to somebody else.");
    assert_non_null(desk_event("missed"));
    desk_agent_says("anna", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Nothing is offered to you now.");
}

static void several__pending_at_once__are_told_apart_by_number(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    comes_and_says(MARIA, "one");
    comes_and_says(OUTI, "two");
    comes_and_says(LEENA, "three");
    assert_true(
        desk_heard_part("anna", DESK, "\"two\" · fi · /pricing · 0:00 – reply ok 2 or no 2"));
    desk_agent_says("anna", DESK, "ok 2");
    assert_int_equal(desk_wrote(WRITE_CLAIM)->visitor.id.bytes[0], OUTI);
    desk_agent_says("anna", DESK, "OK");
    assert_int_equal(desk_wrote(WRITE_CLAIM)->visitor.id.bytes[0], MARIA); /* the oldest */
    desk_agent_says("anna", DESK, "no 3");
    assert_non_null(desk_event("declined"));
    desk_agent_says("anna", DESK, "ok 3");
    assert_string_equal(desk_heard("anna", DESK), "There is no offer 3 for you now.");
}

static void resources__of_one_agent__are_one_agent(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    desk_handle((struct chat_event){ .type = CHAT_AGENT_PRESENCE,
                                     .agent = SLICE_LITERAL("anna@agents.example"),
                                     .resource = SLICE_LITERAL("phone"),
                                     .show = SHOW_AVAILABLE });
    comes_and_says(MARIA, "hello");
    assert_int_equal(desk_did_times(CHAT_DO_SAY_DESK), 1);
    desk_show("anna", SHOW_GONE); /* the laptop; the phone stays */
    assert_int_equal(desk.availability, AVAILABILITY_ONLINE);
    desk_agent_says("anna", DESK, "ok");
    assert_int_equal(desk_wrote_times(WRITE_CLAIM), 1);
}

/* --- to all at once --- */

static void all__are_offered_it_and_the_first_to_answer_has_it(void **state)
{
    (void)state;
    rules.mode = ROUTING_OFFER_TO_ALL;
    open_with("anna", "ben");
    comes_and_says(MARIA, "hello");
    assert_true(is_offered("anna", "hello") && is_offered("ben", "hello"));
    desk_agent_says("ben", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Taken by Ben");
    desk_agent_says("anna", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Too late: Ben has taken Maria.");
    desk_agent_says("anna", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Nothing is offered to you now.");
    assert_int_equal(desk_wrote_times(WRITE_CLAIM), 1);
}

static void all__who_answer_in_the_same_instant__get_one_winner(void **state)
{
    (void)state;
    rules.mode = ROUTING_OFFER_TO_ALL;
    open_with("anna", "ben");
    comes_and_says(MARIA, "hello");
    desk_hold(true);
    desk_agent_says("anna", DESK, "ok");
    desk_agent_says("ben", DESK, "ok");
    assert_int_equal(desk_wrote_times(WRITE_CLAIM), 2);
    desk_answer(STORAGE_SAVES);   /* Anna's */
    desk_answer(STORAGE_REFUSES); /* Ben's: she has it */
    desk_hold(false);
    assert_string_equal(desk_heard("ben", DESK), "Too late: Anna has taken Maria.");
    /* Nobody's room was lost over it. */
    comes_and_says(OUTI, "two");
    comes_and_says(LEENA, "three");
    assert_true(is_offered("ben", "two") && is_offered("ben", "three"));
    assert_true(is_offered("anna", "two"));
    assert_false(is_offered("anna", "three"));
}

/* What "!who" says of this agent: "1/2". */
static bool has_in_hand(const char *agent, const char *load)
{
    char part[64];

    (void)snprintf(part, sizeof(part), "%c%s · available · %s", agent[0] - 'a' + 'A', agent + 1,
                   load);
    desk_agent_says(agent, DESK, "!who");
    return strstr(desk_heard(agent, DESK), part) != NULL;
}

static void all__who_answer_in_the_same_instant__have_room_for_it_until_it_is_decided(void **state)
{
    (void)state;
    rules.mode = ROUTING_OFFER_TO_ALL;
    open_with("anna", "ben");
    desk_conversation(MARIA, "ben");
    comes_and_says(OUTI, "two");
    comes_and_says(LEENA, "three");
    assert_true(is_offered("anna", "three"));
    assert_false(is_offered("ben", "three")); /* Maria, and the offer of Outi */
    desk_hold(true);
    desk_agent_says("anna", DESK, "ok");
    desk_agent_says("ben", DESK, "ok");
    assert_false(is_offered("ben", "three")); /* Outi may still be his … */
    desk_answer(STORAGE_FAILS);               /* Anna's */
    desk_answer(STORAGE_SAVES);               /* … and is */
    desk_hold(false);
    assert_false(is_offered("ben", "three"));
    assert_true(has_in_hand("ben", "2/2"));
    assert_true(has_in_hand("anna", "0/2"));
}

static void words__that_take_it__count_as_one_when_they_are_on_disk(void **state)
{
    (void)state;
    open_with("anna", "ben");
    comes_and_says(MARIA, "hello");
    desk_hold(true);
    desk_agent_says("ben", MARIA, "hello");
    desk_agent_says("ben", MARIA, "how can I help?");
    desk_hold(false);
    assert_true(has_in_hand("ben", "1/2"));
    desk_agent_says("ben", MARIA, "!end");
    assert_true(has_in_hand("ben", "0/2"));
}

static void all__of_whom_one_declines__leaves_the_others_offers(void **state)
{
    (void)state;
    rules.mode = ROUTING_OFFER_TO_ALL;
    open_with("anna", "ben");
    comes_and_says(MARIA, "hello");
    desk_agent_says("anna", DESK, "no");
    desk_agent_says("ben", DESK, "ok");
    assert_int_equal(desk_wrote_times(WRITE_CLAIM), 1);
}

/* --- who fits --- */

static void language__of_the_visitor__is_asked_for_first(void **state)
{
    (void)state;
    rules.languages = true;
    desk_open(&rules);
    desk_skilled("ben", "en", 3);
    desk_skilled("anna", "sv FI", 3);
    comes_and_says(MARIA, "moi");
    assert_true(is_offered("anna", "moi"));
    assert_false(is_offered("ben", "moi"));
    desk_agent_says("anna", DESK, "no");
    assert_false(is_offered("ben", "moi"));
    desk_pass_ms(rules.overflow_ms);
    assert_true(is_offered("ben", "moi"));
}

static void language__nobody_here_speaks__keeps_nobody_waiting(void **state)
{
    (void)state;
    rules.languages = true;
    desk_open(&rules);
    desk_skilled("ben", "en", 3);
    desk_skilled("anna", "fi", 3);
    desk_show("anna", SHOW_AWAY);
    comes_and_says(MARIA, "moi");
    assert_true(is_offered("ben", "moi"));
}

static void pool__is_asked_when_the_own_staff_has_not_answered(void **state)
{
    (void)state;
    desk_skilled("paula", "pool", 3);
    desk_skilled("anna", "", 1);
    desk_conversation(OUTI, "anna"); /* own staff is here, and busy */
    comes_and_says(MARIA, "hello");
    assert_false(is_offered("paula", "hello"));
    desk_pass_ms(rules.overflow_ms - 1);
    assert_false(is_offered("paula", "hello"));
    desk_pass_ms(1);
    assert_true(is_offered("paula", "hello"));
}

static void familiar_agent__is_asked_first(void **state)
{
    (void)state;
    open_with("anna", "ben");
    desk_conversation(MARIA, "ben");
    desk_agent_says("ben", MARIA, "!end");
    desk_visitor_says(MARIA, "me again");
    assert_true(is_offered("ben", "me again"));
    desk_agent_says("ben", DESK, "no");
    assert_true(is_offered("anna", "me again"));
}

static void familiar_agent__of_an_earlier_day__is_known_from_storage(void **state)
{
    (void)state;
    open_with("anna", "ben");
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_CAME,
                                     .visitor = { { { MARIA } } },
                                     .session = { { { 0, MARIA } } },
                                     .agent = SLICE_LITERAL("ben@agents.example") });
    desk_visitor_says(MARIA, "me again");
    assert_true(is_offered("ben", "me again"));
}

static void wrap_up__gives_a_breath_after_the_end(void **state)
{
    (void)state;
    rules.wrap_up_ms = 30000;
    desk_open(&rules);
    desk_skilled("anna", "", 3);
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", MARIA, "!end");
    comes_and_says(OUTI, "next");
    assert_false(is_offered("anna", "next"));
    assert_int_equal(desk.availability, AVAILABILITY_BUSY);
    desk_pass_ms(30000);
    assert_true(is_offered("anna", "next"));
}

static void here__ends_the_wrap_up_early(void **state)
{
    (void)state;
    rules.wrap_up_ms = 30000;
    desk_open(&rules);
    desk_skilled("anna", "", 3);
    desk_conversation(MARIA, "anna");
    desk_agent_says("anna", MARIA, "!end");
    comes_and_says(OUTI, "next");
    desk_agent_says("anna", DESK, "!here");
    assert_true(is_offered("anna", "next"));
}

/* --- bots --- */

static void bot__is_asked_before_people_and_its_words_are_marked(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    desk_bot("faq");
    comes_and_says(MARIA, "hello");
    assert_true(is_offered("faq", "hello"));
    assert_false(is_offered("anna", "hello"));
    desk_agent_says("faq", DESK, "ok");
    desk_agent_says("faq", MARIA, "I am a bot");
    assert_int_equal(desk_wrote(WRITE_MESSAGE)->from, FROM_BOT);
    assert_int_equal(desk_wrote(WRITE_MESSAGE)->origin, ORIGIN_BOT);
}

static void bot__that_gives_it_back__is_not_asked_again(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    desk_bot("faq");
    comes_and_says(MARIA, "hello");
    desk_agent_says("faq", DESK, "ok");
    desk_agent_says("faq", MARIA, "!back");
    assert_true(is_offered("anna", "hello"));
    desk_agent_says("anna", DESK, "no");
    desk_forget_all();
    desk_pass_ms(3 * rules.offer_again_ms);
    assert_true(is_offered("anna", "hello"));
    assert_false(is_offered("faq", "hello"));
    desk_agent_says("anna", DESK, "!why 1");
    assert_true(desk_heard_part("anna", DESK, "Helper: is a bot: it is for people now"));
}

/* --- hours --- */

/* The double's clock starts 16:40 minutes into 1970, a Thursday. */
static void set_week(const char *week)
{
    assert_int_equal(hours_parse(slice_of(week), SLICE_LITERAL("UTC"), SLICE_NONE, &rules.hours),
                     0);
    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &rules });
}

static void hours__open_and_close_by_themselves(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    set_week("thu 1-2");
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    comes_and_says(MARIA, "early");
    assert_false(is_offered("anna", "early"));
    desk_pass_ms(3600000 - desk.now_ms);
    assert_true(is_offered("anna", "early"));
    assert_int_equal(desk_did(CHAT_DO_AVAILABILITY)->availability, AVAILABILITY_ONLINE);
    desk_agent_says("anna", DESK, "ok");
    comes_and_says(OUTI, "late");
    desk_pass_ms(7200000 - desk.now_ms);
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE);
    desk_agent_says("anna", MARIA, "still here"); /* what is open goes on */
    assert_string_equal(desk_visitor_heard(MARIA), "still here");
}

static void offer__that_stands_when_it_closes__is_taken_back(void **state)
{
    (void)state;
    desk_skilled("anna", "", 3);
    comes_and_says(MARIA, "hello");
    assert_true(is_offered("anna", "hello"));
    set_week("fri 1-2");
    assert_string_equal(desk_heard("anna", DESK), "Closed now: it waits until the opening hours.");
    desk_agent_says("anna", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Nothing is offered to you now.");
}

/* --- why --- */

static void why__tells_of_each_agent_what_keeps_them_from_it(void **state)
{
    (void)state;
    desk_skilled("anna", "", 1);
    desk_skilled("ben", "", 3);
    desk_skilled("carl", "", 3);
    desk_conversation(OUTI, "anna");
    desk_show("carl", SHOW_AWAY);
    comes_and_says(MARIA, "hello");
    desk_agent_says("anna", DESK, "!why 1");
    assert_string_equal(desk_heard("anna", DESK), "1. Maria: waits for 0:00\n"
                                                  "Anna: has no room (1/1)\n"
                                                  "Ben: is offered it now (0/3)\n"
                                                  "Carl: takes no offers");
    desk_agent_says("ben", DESK, "no");
    desk_agent_says("anna", DESK, "!why");
    assert_true(desk_heard_part("anna", DESK, "Ben: let it pass; asked again in 60 s"));
    desk_agent_says("anna", DESK, "!why 2");
    assert_string_equal(desk_heard("anna", DESK), "Nobody waits.");
    desk_agent_says("anna", OUTI, "!why");
    assert_string_equal(desk_heard("anna", OUTI), "[lasna] Anna has it.");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

RUN(CASE(offer__goes_to_the_one_with_least_to_do),
    CASE(round_robin__asks_each_in_turn_whatever_they_have),
    CASE(limit__of_an_agent__is_never_passed_by_offers),
    CASE(decline__does_not_ring_the_same_agent_in_a_loop),
    CASE(decline__again_and_again__is_asked_ever_more_seldom),
    CASE(here__has_what_they_let_pass_asked_again_at_once),
    CASE(time_out__corrects_the_line_and_goes_to_the_next),
    CASE(several__pending_at_once__are_told_apart_by_number),
    CASE(resources__of_one_agent__are_one_agent),
    CASE(all__are_offered_it_and_the_first_to_answer_has_it),
    CASE(all__who_answer_in_the_same_instant__get_one_winner),
    CASE(all__who_answer_in_the_same_instant__have_room_for_it_until_it_is_decided),
    CASE(words__that_take_it__count_as_one_when_they_are_on_disk),
    CASE(all__of_whom_one_declines__leaves_the_others_offers),
    CASE(language__of_the_visitor__is_asked_for_first),
    CASE(language__nobody_here_speaks__keeps_nobody_waiting),
    CASE(pool__is_asked_when_the_own_staff_has_not_answered), CASE(familiar_agent__is_asked_first),
    CASE(familiar_agent__of_an_earlier_day__is_known_from_storage),
    CASE(wrap_up__gives_a_breath_after_the_end), CASE(here__ends_the_wrap_up_early),
    CASE(bot__is_asked_before_people_and_its_words_are_marked),
    CASE(bot__that_gives_it_back__is_not_asked_again), CASE(hours__open_and_close_by_themselves),
    CASE(offer__that_stands_when_it_closes__is_taken_back),
    CASE(why__tells_of_each_agent_what_keeps_them_from_it))
