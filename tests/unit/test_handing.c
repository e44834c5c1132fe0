/* SPDX-License-Identifier: Apache-2.0
 *
 * People outside whom the tenant has named: conversations handed to them, call-backs they hear of.
 * Tuula (tuula@agents.example here, for the double makes addresses so) is one; nobody assigned her.
 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include "base/auto.h"
#include "chat/texts.h"

#include <stdio.h>

#define MARIA 1u
#define OUTI  2u

static struct chat_rules rules_naming(const char *people)
{
    struct chat_rules rules = chat_rules_default;

    assert_true(outsiders_parse(slice_of(people), &rules.outsiders));
    return rules;
}

static int setup(void **state)
{
    const struct chat_rules rules = rules_naming("Tuula: tuula@agents.example, "
                                                 "Mikko: mikko@agents.example callbacks");

    (void)state;
    desk_open(&rules);
    desk_skilled("anna", "fi", 3);
    desk_conversation(MARIA, "anna");
    desk_forget_all();
    return 0;
}

static void says(const char *name, unsigned contact, const char *text, const char *answer)
{
    desk_agent_says(name, contact, text);
    assert_string_equal(desk_heard(name, contact), answer);
}

static void hand_over(void)
{
    desk_agent_says("anna", MARIA, "!to tuula wants a demo");
    desk_agent_says("tuula", DESK, "ok");
    assert_true(slice_is(desk_wrote(WRITE_TRANSFER)->agent, "tuula@agents.example"));
}

static void person__who_is_named__takes_it_and_the_visitor_is_told(void **state)
{
    (void)state;
    says("anna", MARIA, "!to Tuula wants a demo",
         "[lasna] Offered to Tuula. It stays yours until they take it.");
    assert_string_equal(desk_heard("tuula", DESK),
                        "Anna (Acme) hands you: Maria · \"hello\" (wants a demo) · fi · /pricing · "
                        "0:00 – reply ok or no (300 s)");
    desk_agent_says("tuula", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Tuula has taken Maria from you.");
    assert_true(slice_is(desk_did(CHAT_DO_TELL_AGENT)->name, "Tuula"));
    assert_true(desk_heard_part("tuula", MARIA, "[lasna] Maria · Acme · fi · /pricing"));
    assert_true(
        desk_heard_part("tuula", MARIA, "[lasna] What you write here goes to the visitor."));
    desk_agent_says("tuula", MARIA, "Tuula here");
    assert_string_equal(desk_visitor_heard(MARIA), "Tuula here");
    desk_visitor_says(MARIA, "How nice");
    assert_true(slice_is(desk_did(CHAT_DO_SEND)->agent, "tuula@agents.example"));
    desk_agent_says("tuula", MARIA, "!end won");
    assert_true(slice_is(desk_wrote(WRITE_END)->text, "won"));
}

static void person__who_lets_it_pass__leaves_it_where_it_was(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to tuula@agents.example");
    desk_pass_ms(chat_rules_default.outsiders_offer_ms - 1);
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] Offered to tuula@agents.example. It stays yours until they take "
                        "it.");
    desk_pass_ms(1);
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] Tuula did not take it. It stays yours.");
    says("tuula", DESK, "ok", "Nothing is offered to you now.");
    assert_null(desk_wrote(WRITE_TRANSFER));
}

static void person__has_no_desk_and_no_other_conversation(void **state)
{
    (void)state;
    desk_visitor_comes(OUTI, "");
    desk_show("anna", SHOW_DND);
    desk_visitor_says(OUTI, "I wait");
    assert_false(desk_heard_part("tuula", DESK, "I wait")); /* nothing is routed to them */
    says("tuula", DESK, "!queue", "There is no command !queue. !help lists them.");
    says("tuula", DESK, "!who", "There is no command !who. !help lists them.");
    says("tuula", DESK, "!info", "There is no command !info. !help lists them.");
    says("tuula", OUTI, "I take this one", "[lasna] This conversation is not yours.");
    says("tuula", MARIA, "and this", "[lasna] This conversation is not yours.");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_MESSAGE), 0);
    hand_over();
    says("tuula", MARIA, "!history",
         "[lasna] Not sent: no command !history. !help lists them; !!history sends it as text.");
    says("tuula", MARIA, "!to anna",
         "[lasna] Not sent: no command !to. !help lists them; !!to sends it as text.");
    desk_agent_says("tuula", MARIA, "!help");
    assert_true(desk_heard_part("tuula", MARIA, "!back – "));
    assert_false(desk_heard_part("tuula", MARIA, "!callback – "));
    desk_show("anna", SHOW_GONE);
    assert_int_equal(desk.availability, AVAILABILITY_OFFLINE); /* they staff no desk */
    says("anna", DESK, "!who", "Nobody is here.");
}

static void person__gives_it_back__to_the_queue(void **state)
{
    (void)state;
    hand_over();
    desk_agent_says("tuula", MARIA, "!back");
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "back"));
    assert_true(slice_is(desk_did(CHAT_DO_CONTACT_PRESENCE)->agent, "tuula@agents.example"));
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_GONE); /* nor where they are */
    assert_true(desk_heard_part("anna", DESK, "Maria · \"hello\""));       /* and not them again */
    says("tuula", MARIA, "still me?", "[lasna] This conversation is not yours.");
}

static void person__whose_presence_we_cannot_see__keeps_it(void **state)
{
    (void)state;
    hand_over();
    desk_show("tuula", SHOW_GONE);
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    desk_pass_ms(2 * chat_rules_default.gone_grace_ms);
    assert_null(desk_wrote(WRITE_RELEASE));
    desk_agent_says("tuula", MARIA, "here all the time");
    assert_string_equal(desk_visitor_heard(MARIA), "here all the time");
}

static void person__who_cannot_be_reached__leaves_it_where_it_was(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to tuula");
    desk_comes_back("tuula");
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] Tuula cannot be reached now: what we wrote came back. It stays "
                        "yours.");
    says("anna", MARIA, "!to Tuula",
         "[lasna] Offered to Tuula. It stays yours until they take it.");
}

/* What was last sent of the conversation comes back, and was sent to this one. */
static void comes_back_from(const char *jid)
{
    desk_handle((struct chat_event){ .type = CHAT_BOUNCED,
                                     .agent = slice_of(jid),
                                     .conversation = desk_did(CHAT_DO_SEND)->conversation,
                                     .seq = desk_did(CHAT_DO_SEND)->seq });
}

static void words__that_come_back_from_outside__bring_it_to_the_queue(void **state)
{
    (void)state;
    hand_over();
    desk_visitor_says(MARIA, "are you there?");
    comes_back_from("tuula@agents.example");
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "gone"));
    assert_null(desk_wrote(WRITE_DELIVERY)); /* it is not lost: the next one gets it */
    assert_true(desk_heard_part("anna", DESK, "Maria · \"hello\""));
}

static void words__that_come_back_while_storage_fails__go_out_again_in_a_moment(void **state)
{
    (void)state;
    hand_over();
    desk_visitor_says(MARIA, "are you there?");
    desk.storage = STORAGE_FAILS;
    comes_back_from("tuula@agents.example");
    desk.storage = STORAGE_SAVES;
    assert_int_equal(desk_did_times(CHAT_DO_SEND_PENDING), 1); /* what was said before */
    desk_pass_ms(5000);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_PENDING), 2);
    comes_back_from("tuula@agents.example"); /* and is asked for once more */
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 2);
    assert_true(desk_heard_part("anna", DESK, "Maria · \"hello\""));
}

static void reaction__that_comes_back_while_storage_fails__goes_out_again_in_a_moment(void **state)
{
    struct chat_event bounced = { .type = CHAT_BOUNCED,
                                  .agent = SLICE_LITERAL("tuula@agents.example") };

    (void)state;
    hand_over();
    desk_agent_says("tuula", MARIA, "29 euros");
    desk_visitor_reacts(MARIA, desk_did(CHAT_DO_TELL_MESSAGE)->seq, "👍");
    bounced.message = desk_did(CHAT_DO_SEND_REACTION)->message;
    desk.storage = STORAGE_FAILS;
    desk_handle(bounced);
    desk.storage = STORAGE_SAVES;
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 1);
    desk_pass_ms(5000);
    assert_int_equal(desk_did_times(CHAT_DO_SEND_REACTION), 2);
    desk_handle(bounced); /* and is asked for once more */
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 2);
    assert_true(desk_heard_part("anna", DESK, "Maria · \"hello\""));
}

static void words__that_come_back_late__say_nothing_of_who_has_it_now(void **state)
{
    (void)state;
    hand_over();
    desk_visitor_says(MARIA, "are you there?");
    comes_back_from("anna@agents.example");
    assert_null(desk_wrote(WRITE_RELEASE));
    desk_agent_says("tuula", MARIA, "!back");
    desk_agent_says("anna", DESK, "ok");
    desk_forget_all();
    desk_visitor_says(MARIA, "and now?");
    comes_back_from("tuula@agents.example");
    assert_null(desk_wrote(WRITE_RELEASE));
    assert_null(desk_wrote(WRITE_DELIVERY)); /* Anna has it: nothing is set aside */
    comes_back_from("anna@agents.example");
    assert_int_equal(desk_wrote(WRITE_DELIVERY)->delivery, DELIVERY_UNDELIVERABLE);
}

static void person__nobody_names_any_more__loses_it(void **state)
{
    const struct chat_rules none = rules_naming("");

    (void)state;
    hand_over();
    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &none });
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "unassigned"));
    desk_forget_all();
    desk_agent_says("tuula", MARIA, "hello?");
    assert_string_equal(desk_heard("tuula", MARIA), ""); /* a stranger hears nothing */
    assert_int_equal(desk_did_times(CHAT_DO_TELL_MESSAGE), 0);
}

static void let_tuula_only_call_back(void)
{
    const struct chat_rules rules = rules_naming("Tuula: tuula@agents.example callbacks");

    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &rules });
}

static void person__who_shall_only_call_back__loses_what_is_offered(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to tuula");
    let_tuula_only_call_back();
    assert_string_equal(desk_heard("anna", MARIA),
                        "[lasna] Tuula did not take it. It stays yours.");
    assert_string_equal(desk_heard("tuula", DESK), "Offered to somebody else.");
    says("tuula", DESK, "ok", "Nothing is offered to you now.");
    says("anna", MARIA, "!callback tomorrow @tuula",
         "[lasna] Call back: tomorrow. It stands in the transcript.");
    assert_true(desk_heard_part("tuula", DESK, "asks to be called back: tomorrow"));
}

static void person__who_shall_only_call_back__loses_what_they_have(void **state)
{
    (void)state;
    hand_over();
    desk.storage = STORAGE_FAILS;
    let_tuula_only_call_back();
    desk.storage = STORAGE_SAVES;
    desk_forget_all();
    desk_pass_ms(chat_rules_default.gone_grace_ms); /* asked again */
    assert_int_equal(desk_wrote_times(WRITE_RELEASE), 1);
    says("tuula", MARIA, "still here", "[lasna] This conversation is not yours.");
    assert_true(desk_heard_part("anna", DESK, "Maria · \"hello\""));
}

static void person__who_shall_only_call_back__has_nothing_by_an_ok_of_before(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to tuula");
    desk_hold(true);
    desk_agent_says("tuula", DESK, "ok");
    let_tuula_only_call_back();
    desk_answer(STORAGE_SAVES);
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "unassigned"));
    desk_hold(false);
}

static void person__who_becomes_an_agent__is_one(void **state)
{
    (void)state;
    desk_member("tuula", 3);
    says("tuula", DESK, "!queue", "Nobody waits.");
    desk_show("tuula", SHOW_GONE);
    says("anna", MARIA, "!to tuula", "[lasna] tuula takes no offers now. It stays yours.");
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("tuula@agents.example") });
    says("anna", MARIA, "!to tuula",
         "[lasna] Offered to tuula. It stays yours until they take it.");
}

static void supervisor__who_is_one_no_more__hears_nothing_of_the_queue(void **state)
{
    struct chat_rules rules = rules_naming("Tuula: tuula@agents.example");

    (void)state;
    rules.unanswered_ms = 60000;
    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &rules });
    desk_supervisor("tuula");
    desk_handle((struct chat_event){ .type = CHAT_MEMBER_GONE,
                                     .agent = SLICE_LITERAL("tuula@agents.example") });
    desk_supervisor("seija");
    desk_show("anna", SHOW_GONE);
    desk_show("seija", SHOW_DND);
    desk_visitor_comes(OUTI, "Outi");
    desk_visitor_says(OUTI, "hello?");
    desk_forget_all();
    desk_pass_ms(rules.unanswered_ms);
    assert_true(desk_heard_part("seija", DESK, "nobody has taken it"));
    assert_string_equal(desk_heard("tuula", DESK), "");
}

static void transfer__to_who_is_not_named_for_it__goes_nowhere(void **state)
{
    (void)state;
    says("anna", MARIA, "!to mikko",
         "[lasna] There is no agent and no skill mikko here. !who lists agents.");
    says("anna", MARIA, "!to mallory@elsewhere.example",
         "[lasna] There is no agent and no skill mallory@elsewhere.example here. !who lists "
         "agents.");
    assert_int_equal(desk_did_times(CHAT_DO_SAY_DESK), 0);
}

/* --- call-backs --- */

static void callback__is_told_to_all_who_call_back(void **state)
{
    (void)state;
    says("anna", MARIA, "!callback +358 40 123 4567",
         "[lasna] Call back: +358 40 123 4567. It stands in the transcript.");
    assert_string_equal(desk_heard("tuula", DESK),
                        "Maria · Acme asks to be called back: +358 40 123 4567 · fi · /pricing · "
                        "noted by Anna");
    assert_string_equal(desk_heard("mikko", DESK), desk_heard("tuula", DESK));
    assert_true(slice_is(desk_event("callback")->detail, "{\"number\":\"+358 40 123 4567\"}"));
}

static void callback__by_somebody_in_particular__is_told_to_them_alone(void **state)
{
    (void)state;
    says("anna", MARIA, "!callback tomorrow at 10 @mikko",
         "[lasna] Call back: tomorrow at 10. It stands in the transcript.");
    assert_true(desk_heard_part("mikko", DESK, "asks to be called back: tomorrow at 10"));
    assert_string_equal(desk_heard("tuula", DESK), "");
    assert_true(slice_is(desk_event("callback")->detail,
                         "{\"time\":\"tomorrow at 10\",\"for\":\"Mikko\"}"));
    says("anna", MARIA, "!callback tomorrow @ville", "[lasna] There are: @Tuula, @Mikko.");
    assert_true(
        desk_heard_part("anna", MARIA, "Not noted: there is no @ville here who calls back."));
    assert_int_equal(desk_wrote_times(WRITE_EVENT), 1);
}

static void request__of_a_visitor__is_told_with_their_words(void **state)
{
    (void)state;
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_SAID,
                                     .visitor = { { { MARIA } } },
                                     .name = SLICE_LITERAL("Maria"),
                                     .cid = SLICE_LITERAL("request"),
                                     .text = SLICE_LITERAL("Can we meet?\nTuesday, say"),
                                     .request = SLICE_LITERAL("meeting"),
                                     .detail = SLICE_LITERAL("{\"time\":\"Tuesday\"}") });
    assert_string_equal(desk_heard("tuula", DESK),
                        "Maria · Acme asks for a meeting: Can we meet? Tuesday, say · fi · "
                        "/pricing");
}

static void link_up(void)
{
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
}

static void link_down(void)
{
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
}

static void request__while_the_link_is_down__is_told_when_it_is_up(void **state)
{
    const struct chat_rules fewer = rules_naming("Tuula: tuula@agents.example");
    const char *words = "Maria · Acme asks for a meeting: Tuesday · fi · /pricing";

    (void)state;
    link_down();
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_SAID,
                                     .visitor = { { { MARIA } } },
                                     .name = SLICE_LITERAL("Maria"),
                                     .cid = SLICE_LITERAL("request"),
                                     .text = SLICE_LITERAL("Tuesday"),
                                     .request = SLICE_LITERAL("meeting"),
                                     .detail = SLICE_LITERAL("{}") });
    assert_string_equal(desk_heard("tuula", DESK), "");
    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &fewer });
    link_up();
    assert_int_equal(desk_heard_times("tuula", DESK, words), 1);
    assert_string_equal(desk_heard("mikko", DESK), ""); /* nobody names him any more */
    assert_int_equal(desk_wrote_times(WRITE_TOLD), 1);  /* so nobody is to tell him later */
}

static void callback__that_is_not_known_to_have_arrived__is_told_again_as_the_same(void **state)
{
    struct message_id line;

    (void)state;
    desk_agent_says("anna", MARIA, "!callback tomorrow @tuula");
    line = desk_did(CHAT_DO_SAY_DESK)->message;
    link_down();
    desk_forget_all();
    link_up();
    assert_true(desk_heard_part("tuula", DESK, "asks to be called back: tomorrow"));
    assert_true(message_id_equal(desk_did(CHAT_DO_SAY_DESK)->message, line));
    assert_null(desk_wrote(WRITE_TOLD));
    desk_arrives("tuula");
    assert_true(message_id_equal(desk_wrote(WRITE_TOLD)->message, line));
    link_down();
    desk_forget_all();
    link_up();
    assert_string_equal(desk_heard("tuula", DESK), "");
}

/* What storage gives after a restart. */
static void restored(const char *name, unsigned line)
{
    AUTO_MEM char *jid = NULL;

    assert_true(asprintf(&jid, "%s@agents.example", name) > 0);
    desk_handle((struct chat_event){ .type = CHAT_RESTORED_CALL,
                                     .message = { { { 0x80, 0, (uint8_t)line } } },
                                     .agent = slice_of(jid),
                                     .request = SLICE_LITERAL("callback"),
                                     .text = SLICE_LITERAL("tomorrow"),
                                     .about = SLICE_LITERAL("anna@agents.example"),
                                     .names = SLICE_LITERAL("Anna"),
                                     .name = SLICE_LITERAL("Maria"),
                                     .language = SLICE_LITERAL("fi") });
}

static void callback__that_was_stored_and_not_told__is_told_after_a_restart(void **state)
{
    (void)state;
    link_down();
    restored("tuula", 7);
    assert_string_equal(desk_heard("tuula", DESK), "");
    link_up();
    assert_string_equal(desk_heard("tuula", DESK),
                        "Maria · Acme asks to be called back: tomorrow · fi · noted by Anna");
    assert_int_equal(desk_did(CHAT_DO_SAY_DESK)->message.id.bytes[2], 7);
    desk_comes_back("tuula");
    assert_true(desk_heard_part("anna", DESK, "Tuula could not be told of the call-back"));
    assert_int_equal(desk_wrote(WRITE_TOLD)->message.id.bytes[2], 7);
}

static void callbacks__however_many__are_all_told_when_the_link_is_up(void **state)
{
    (void)state;
    link_down();
    for (unsigned i = 0; i < 200; i++)
        desk_agent_says("anna", MARIA, "!callback 12:00 @tuula");
    link_up();
    assert_int_equal(desk_heard_times("tuula", DESK,
                                      "Maria · Acme asks to be called back: 12:00 · fi · /pricing "
                                      "· noted by Anna"),
                     200);
}

static void callback__to_whom_nobody_names_any_more__is_told_to_who_noted_it(void **state)
{
    const struct chat_rules none = rules_naming("");

    (void)state;
    link_down();
    desk_agent_says("anna", MARIA, "!callback tomorrow @tuula");
    desk_handle((struct chat_event){ .type = CHAT_RULES_SET, .rules = &none });
    link_up();
    assert_string_equal(desk_heard("tuula", DESK), "");
    assert_int_equal(desk_heard_times("anna", DESK,
                                      "Tuula is named for no call-backs here any more, and was "
                                      "not told of yours. It stands in the transcript."),
                     1);
    assert_int_equal(desk_wrote_times(WRITE_TOLD), 1);
}

static void callback__that_no_stream_can_bear__is_given_up_and_told(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!callback tomorrow @tuula");
    for (unsigned i = 0; i < chat_rules_default.park_after; i++) {
        assert_false(desk_heard_part("anna", DESK, "could not be told"));
        desk_breaks_stream("tuula");
        link_down();
        link_up();
    }
    assert_true(desk_heard_part("anna", DESK, "Tuula could not be told of the call-back"));
    assert_int_equal(desk_wrote_times(WRITE_TOLD), 1);
    desk_forget_all();
    link_down();
    link_up();
    assert_string_equal(desk_heard("tuula", DESK), "");
}

static void callback__of_a_visitor_who_is_forgotten__is_told_no_more(void **state)
{
    (void)state;
    link_down();
    desk_agent_says("anna", MARIA, "!callback tomorrow");
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ERASED, .visitor = { { { MARIA } } } });
    link_up();
    assert_string_equal(desk_heard("tuula", DESK), "");
    assert_string_equal(desk_heard("mikko", DESK), "");
}

static void callback__that_comes_back__is_told_to_who_noted_it(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!callback tomorrow @tuula");
    desk_comes_back("tuula");
    desk_comes_back("tuula"); /* told once */
    assert_int_equal(desk_heard_times("anna", DESK,
                                      "Tuula could not be told of the call-back: what we wrote "
                                      "came back. It stands in the transcript."),
                     1);
}

/* Nobody keeps for ever what storage has let go meanwhile: it may come back for a while, no more.
 */
static void callback__whose_transcript_is_gone__is_forgotten_as_any_other(void **state)
{
    struct message_id line;

    (void)state;
    desk_agent_says("anna", MARIA, "!callback tomorrow @tuula");
    line = desk_did(CHAT_DO_SAY_DESK)->message;
    desk.storage = STORAGE_REFUSES;
    desk_arrives("tuula");
    desk.storage = STORAGE_SAVES;
    desk_pass_ms(3600001);
    desk_conversation(2, "anna");
    desk_agent_says("anna", 2, "!callback tomorrow @mikko");
    desk_handle((struct chat_event){ .type = CHAT_BOUNCED, .message = line });
    assert_false(desk_heard_part("anna", DESK, "Tuula could not be told of the call-back"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

RUN(CASE(person__who_is_named__takes_it_and_the_visitor_is_told),
    CASE(person__who_lets_it_pass__leaves_it_where_it_was),
    CASE(person__has_no_desk_and_no_other_conversation), CASE(person__gives_it_back__to_the_queue),
    CASE(person__whose_presence_we_cannot_see__keeps_it),
    CASE(person__who_cannot_be_reached__leaves_it_where_it_was),
    CASE(words__that_come_back_from_outside__bring_it_to_the_queue),
    CASE(words__that_come_back_while_storage_fails__go_out_again_in_a_moment),
    CASE(reaction__that_comes_back_while_storage_fails__goes_out_again_in_a_moment),
    CASE(words__that_come_back_late__say_nothing_of_who_has_it_now),
    CASE(person__nobody_names_any_more__loses_it),
    CASE(person__who_shall_only_call_back__loses_what_is_offered),
    CASE(person__who_shall_only_call_back__loses_what_they_have),
    CASE(person__who_shall_only_call_back__has_nothing_by_an_ok_of_before),
    CASE(person__who_becomes_an_agent__is_one),
    CASE(supervisor__who_is_one_no_more__hears_nothing_of_the_queue),
    CASE(transfer__to_who_is_not_named_for_it__goes_nowhere),
    CASE(callback__is_told_to_all_who_call_back),
    CASE(callback__by_somebody_in_particular__is_told_to_them_alone),
    CASE(request__of_a_visitor__is_told_with_their_words),
    CASE(request__while_the_link_is_down__is_told_when_it_is_up),
    CASE(callback__that_is_not_known_to_have_arrived__is_told_again_as_the_same),
    CASE(callback__that_was_stored_and_not_told__is_told_after_a_restart),
    CASE(callbacks__however_many__are_all_told_when_the_link_is_up),
    CASE(callback__to_whom_nobody_names_any_more__is_told_to_who_noted_it),
    CASE(callback__that_no_stream_can_bear__is_given_up_and_told),
    CASE(callback__of_a_visitor_who_is_forgotten__is_told_no_more),
    CASE(callback__whose_transcript_is_gone__is_forgotten_as_any_other),
    CASE(callback__that_comes_back__is_told_to_who_noted_it))
