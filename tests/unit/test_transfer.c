/* SPDX-License-Identifier: Apache-2.0
 *
 * Handing a conversation on: to a colleague, to a skill, to nobody.
 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

#define MARIA 1u
#define OUTI  2u

static int setup(void **state)
{
    (void)state;
    desk_open(&chat_rules_default);
    desk_skilled("anna", "fi", 3);
    desk_skilled("ben", "fi billing", 3);
    desk_conversation(MARIA, "anna");
    return 0;
}

static void says(const char *text, const char *answer)
{
    desk_agent_says("anna", MARIA, text);
    assert_string_equal(desk_heard("anna", MARIA), answer);
}

static void colleague__takes_it_and_the_visitor_is_told(void **state)
{
    (void)state;
    says("!to ben knows invoices", "[lasna] Offered to ben. It stays yours until they take it.");
    assert_string_equal(desk_heard("ben", DESK),
                        "Anna hands you: Maria · \"hello\" (knows invoices) · fi · "
                        "/pricing · 0:00 – reply ok or no (20 s)");
    desk_agent_says("anna", MARIA, "One moment"); /* hers until he takes it */
    assert_string_equal(desk_visitor_heard(MARIA), "One moment");
    desk_agent_says("ben", DESK, "ok");
    assert_true(slice_is(desk_wrote(WRITE_TRANSFER)->sender, "anna@agents.example"));
    assert_true(slice_is(desk_wrote(WRITE_TRANSFER)->detail,
                         "{\"from\":\"Anna\",\"why\":\"knows invoices\"}"));
    assert_string_equal(desk_heard("anna", DESK), "Ben has taken Maria from you.");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_AGENT), 2); /* Anna left, Ben joined */
    assert_true(slice_is(desk_did(CHAT_DO_TELL_AGENT)->name, "Ben"));
    assert_int_equal(desk_did_times(CHAT_DO_FORGET), 1);
    desk_agent_says("anna", MARIA, "and one more thing");
    assert_string_equal(desk_heard("anna", DESK), "Not sent: Ben has this conversation (Maria).");
    desk_agent_says("ben", MARIA, "Ben here");
    assert_string_equal(desk_visitor_heard(MARIA), "Ben here");
}

static void colleague__who_declines__leaves_it_where_it_was(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to Ben");
    desk_agent_says("ben", DESK, "no");
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Ben did not take it. It stays yours.");
    assert_int_equal(desk_did_times(CHAT_DO_TELL_AGENT), 0);
    desk_agent_says("anna", MARIA, "I am still here");
    assert_string_equal(desk_visitor_heard(MARIA), "I am still here");
}

static void colleague__who_does_not_answer_or_goes__leaves_it_where_it_was(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to ben@agents.example");
    desk_pass_ms(chat_rules_default.offer_ms);
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Ben did not take it. It stays yours.");
    desk_forget_all();
    desk_agent_says("anna", MARIA, "!to ben");
    desk_show("ben", SHOW_GONE);
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Ben did not take it. It stays yours.");
}

static void link_is_lost_and_back(void)
{
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_forget_all(); /* what was said meanwhile got nowhere */
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
}

static void offer__that_went_with_the_link__has_returned(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to ben");
    link_is_lost_and_back();
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Ben did not take it. It stays yours.");
    desk_show("ben", SHOW_AVAILABLE);
    desk_agent_says("ben", DESK, "ok");
    assert_string_equal(desk_heard("ben", DESK), "Nothing is offered to you now.");
    says("!to ben", "[lasna] Offered to ben. It stays yours until they take it.");
    desk_hold(true);
    desk_agent_says("ben", DESK, "ok");
    link_is_lost_and_back(); /* his ok was heard, and is on its way to disk */
    assert_string_equal(desk_heard("anna", MARIA), "");
    desk_answer(STORAGE_SAVES);
    desk_hold(false);
    assert_string_equal(desk_heard("anna", DESK), "Ben has taken Maria from you.");
}

static void ok__that_storage_loses_while_the_link_is_down__is_told_to_both(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to ben");
    desk_hold(true);
    desk_agent_says("ben", DESK, "ok");
    desk_handle((struct chat_event){ .type = CHAT_LINK_DOWN });
    desk_forget_all();
    desk_answer(STORAGE_FAILS);
    assert_int_equal(desk_did_times(CHAT_DO_SAY_DESK) + desk_did_times(CHAT_DO_SAY_CONTACT), 0);
    desk_handle((struct chat_event){ .type = CHAT_LINK_UP });
    assert_int_equal(desk_heard_times("ben", DESK, "Maria could not be handed to you."), 1);
    assert_int_equal(
        desk_heard_times("anna", MARIA, "[lasna] Ben did not take it. It stays yours."), 1);
    link_is_lost_and_back();
    assert_string_equal(desk_heard("ben", DESK), ""); /* once */
}

static void transfer__that_makes_no_sense__is_told_why(void **state)
{
    (void)state;
    says("!to", "[lasna] Like this: !to AGENT|SKILL [why] – hand it to a colleague, or to the "
                "queue of a skill");
    says("!to anna", "[lasna] You have it already.");
    says("!to nobody", "[lasna] There is no agent and no skill nobody here. !who lists agents.");
    says("!to borealis",
         "[lasna] There is no agent and no skill borealis here. !who lists agents.");
    desk_show("ben", SHOW_DND);
    says("!to ben", "[lasna] ben takes no offers now. It stays yours.");
    says("!to billing", "[lasna] Nobody else with billing is here now. It stays yours.");
    desk_show("ben", SHOW_AVAILABLE);
    says("!to ben", "[lasna] Offered to ben. It stays yours until they take it.");
    says("!to ben", "[lasna] It is being handed on already.");
    desk_agent_says("anna", MARIA, "!end");
    says("!to ben", "[lasna] This conversation has ended.");
    assert_null(desk_wrote(WRITE_TRANSFER));
}

static void colleague__who_is_full__is_not_asked(void **state)
{
    (void)state;
    desk_skilled("ben", "fi", 1);
    desk_conversation(OUTI, "ben");
    says("!to ben", "[lasna] ben has no room now. It stays yours.");
}

static void offer__of_a_conversation_that_ends_meanwhile__is_taken_back(void **state)
{
    (void)state;
    desk_agent_says("anna", MARIA, "!to ben");
    desk_agent_says("anna", MARIA, "!end");
    assert_string_equal(desk_heard("ben", DESK),
                        "It is over: the visitor has left, or it was ended.");
    desk_agent_says("ben", DESK, "ok");
    assert_string_equal(desk_heard("ben", DESK), "Nothing is offered to you now.");
}

static void transfer__that_storage_refuses__gives_everybody_their_room_back(void **state)
{
    (void)state;
    desk_skilled("ben", "fi", 1);
    desk_agent_says("anna", MARIA, "!to ben");
    desk.storage = STORAGE_FAILS;
    desk_agent_says("ben", DESK, "ok");
    desk.storage = STORAGE_SAVES;
    assert_string_equal(desk_heard("ben", DESK), "Maria could not be handed to you.");
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Ben did not take it. It stays yours.");
    desk_agent_says("anna", MARIA, "!to ben");
    desk_agent_says("ben", DESK, "ok");
    assert_string_equal(desk_heard("anna", DESK), "Ben has taken Maria from you.");
}

static void persona_of_several_words__is_named_whole_or_by_the_first(void **state)
{
    static const struct {
        const char *said, *to, *why;
    } lines[] = { { "!to Kalle / Acme", "Kalle / Acme", "" },
                  { "!to kalle / acme knows saunas", "kalle / acme", " (knows saunas)" },
                  { "!to kalle knows saunas", "kalle", " (knows saunas)" },
                  { "!to carl knows", "carl", " (knows)" } };
    char text[160];

    (void)state;
    desk_persona("carl", "Kalle / Acme");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        (void)snprintf(text, sizeof(text),
                       "[lasna] Offered to %s. It stays yours until they take it.", lines[i].to);
        says(lines[i].said, text);
        (void)snprintf(text, sizeof(text), "Anna hands you: Maria · \"hello\"%s · fi ·",
                       lines[i].why);
        assert_true(desk_heard_part("carl", DESK, text));
        desk_agent_says("carl", DESK, "no");
    }
    desk_persona("dora", "Kalle B / Acme"); /* now the first word says too little */
    says("!to kalle", "[lasna] There is no agent and no skill kalle here. !who lists agents.");
    says("!to Kalle B / Acme",
         "[lasna] Offered to Kalle B / Acme. It stays yours until they take it.");
}

static void reason__is_for_whoever_takes_it_and_nobody_after_them(void **state)
{
    (void)state;
    says("!to billing invoice 42", "[lasna] On its way to billing.");
    assert_true(desk_heard_part("ben", DESK, "Maria · \"hello\" (invoice 42) · fi"));
    desk_agent_says("ben", DESK, "ok");
    desk_agent_says("ben", MARIA, "!back");
    desk_pass_ms(chat_rules_default.offer_again_ms);
    assert_true(desk_heard_part("anna", DESK, "Maria · \"hello\" · fi"));
    desk_agent_says("anna", DESK, "ok");
    desk_show("ben", SHOW_DND);
    says("!to ben he knows her", "[lasna] ben takes no offers now. It stays yours.");
    desk_show("ben", SHOW_AVAILABLE);
    desk_agent_says("anna", MARIA, "!back");
    assert_true(desk_heard_part("ben", DESK, "Maria · \"hello\" · fi"));
}

static void giving_it_away__that_is_not_saved__is_told(void **state)
{
    (void)state;
    desk.storage = STORAGE_FAILS;
    desk_agent_says("anna", MARIA, "!to billing invoice 42");
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Not saved, please send it again.");
    desk_forget_all();
    desk_agent_says("anna", MARIA, "!back");
    assert_string_equal(desk_heard("anna", MARIA), "[lasna] Not saved, please send it again.");
    desk.storage = STORAGE_SAVES;
    desk_agent_says("anna", MARIA, "still with you");
    assert_true(slice_is(desk_did(CHAT_DO_TELL_MESSAGE)->text, "still with you"));
}

static void skill__brings_it_to_the_front_of_the_queue_for_who_has_it(void **state)
{
    (void)state;
    desk_skilled("carl", "fi", 3);
    says("!to billing invoice 42", "[lasna] On its way to billing.");
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->text, "billing"));
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->detail,
                         "{\"reason\":\"transferred\",\"to\":\"billing\",\"why\":\"invoice 42\"}"));
    assert_true(desk_heard_part("ben", DESK, "Maria · \"hello\" (invoice 42) · fi"));
    assert_false(desk_heard_part("carl", DESK, "Maria"));
    desk_agent_says("ben", DESK, "no");
    assert_false(desk_heard_part("carl", DESK, "Maria"));
    desk_show("anna", SHOW_AWAY);
    desk_show("ben", SHOW_AWAY);
    desk_pass_ms(2 * chat_rules_default.overflow_ms); /* nobody waits for ever */
    assert_true(desk_heard_part("carl", DESK, "Maria"));
}

static void agent__gone_for_longer_than_the_grace__loses_it_to_the_front_of_the_queue(void **state)
{
    (void)state;
    desk_visitor_comes(OUTI, "");
    desk_show("ben", SHOW_AWAY);
    desk_show("anna", SHOW_AWAY);
    desk_visitor_says(OUTI, "I wait already");
    desk_show("anna", SHOW_GONE);
    desk_pass_ms(chat_rules_default.gone_grace_ms - 1);
    assert_null(desk_wrote(WRITE_RELEASE));
    desk_pass_ms(1);
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "gone"));
    assert_false(desk_did(CHAT_DO_TELL_AGENT)->on);
    desk_agent_says("ben", DESK, "!queue");
    assert_true(desk_heard_part("ben", DESK, "1. Maria · 0:00"));
}

static void reason__of_handing_to_a_skill__is_read_after_a_restart_too(void **state)
{
    const struct conversation_id id = { { { 9 } } };
    struct chat_event released = { .type = CHAT_RESTORED_EVENT,
                                   .conversation = id,
                                   .name = SLICE_LITERAL("released"),
                                   .text = SLICE_LITERAL("disputes an invoice") };

    (void)state;
    desk_show("anna", SHOW_AWAY); /* as everybody is when we start */
    desk_show("ben", SHOW_AWAY);
    desk_handle((struct chat_event){ .type = CHAT_RESTORED_CONVERSATION,
                                     .conversation = id,
                                     .visitor = { { { OUTI } } },
                                     .state = CONVERSATION_QUEUED,
                                     .seq = 1,
                                     .at_ms = desk.now_ms,
                                     .skill = SLICE_LITERAL("billing") });
    desk_handle(released);
    desk_show("ben", SHOW_AVAILABLE);
    desk_pass_ms(1000);
    assert_true(desk_heard_part("ben", DESK, "(disputes an invoice)"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, desk_teardown)

RUN(CASE(colleague__takes_it_and_the_visitor_is_told),
    CASE(colleague__who_declines__leaves_it_where_it_was),
    CASE(colleague__who_does_not_answer_or_goes__leaves_it_where_it_was),
    CASE(offer__that_went_with_the_link__has_returned),
    CASE(ok__that_storage_loses_while_the_link_is_down__is_told_to_both),
    CASE(transfer__that_makes_no_sense__is_told_why), CASE(colleague__who_is_full__is_not_asked),
    CASE(offer__of_a_conversation_that_ends_meanwhile__is_taken_back),
    CASE(transfer__that_storage_refuses__gives_everybody_their_room_back),
    CASE(persona_of_several_words__is_named_whole_or_by_the_first),
    CASE(reason__is_for_whoever_takes_it_and_nobody_after_them),
    CASE(reason__of_handing_to_a_skill__is_read_after_a_restart_too),
    CASE(giving_it_away__that_is_not_saved__is_told),
    CASE(skill__brings_it_to_the_front_of_the_queue_for_who_has_it),
    CASE(agent__gone_for_longer_than_the_grace__loses_it_to_the_front_of_the_queue))
