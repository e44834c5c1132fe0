/* SPDX-License-Identifier: Apache-2.0
 *
 * The team room as the rules see it: who is invited, and what is announced there.
 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#define ROOM "team-1@rooms.example"

static void room_is(const char *address, const char *language)
{
    desk_handle((struct chat_event){
        .type = CHAT_ROOM_SET, .text = slice_of(address), .language = slice_of(language) });
}

static void begin_with(enum unanswered how, bool announces)
{
    struct chat_rules rules = chat_rules_default;

    rules.unanswered_ms = 60000;
    rules.unanswered = how;
    rules.room_announces = announces;
    desk_open(&rules);
    desk_member("anna", 3);
    room_is(ROOM, "fi");
}

static void assert_announced(const char *text)
{
    const struct chat_effect *said = desk_did(CHAT_DO_ANNOUNCE);

    assert_non_null(said);
    assert_non_null(strstr(said->text.data, text));
}

static void agent__is_invited__when_let_in__and_when_they_ask(void **state)
{
    const struct chat_effect *invited;

    (void)state;
    begin_with(UNANSWERED_WAIT, false);
    desk_handle((struct chat_event){ .type = CHAT_ROOM_ADMITTED,
                                     .agent = SLICE_LITERAL("anna@agents.example") });
    desk_handle((struct chat_event){ .type = CHAT_ROOM_ADMITTED,
                                     .agent = SLICE_LITERAL("nobody@agents.example") });
    assert_int_equal(desk_did_times(CHAT_DO_INVITE), 1);
    desk_agent_says("anna", DESK, "!room");
    assert_int_equal(desk_did_times(CHAT_DO_INVITE), 2);
    invited = desk_did(CHAT_DO_INVITE);
    assert_string_equal(invited->agent.data, "anna@agents.example");
    assert_string_equal(invited->name.data, ROOM);
    assert_string_equal(invited->text.data, "The team room of Acme: xmpp:" ROOM "?join");
}

static void room__that_is_not_open__invites_nobody_and_hears_nothing(void **state)
{
    (void)state;
    begin_with(UNANSWERED_WAIT, true);
    room_is("", "");
    desk_agent_says("anna", DESK, "!room");
    assert_string_equal(desk_heard("anna", DESK), "There is no team room here now.");
    desk_handle((struct chat_event){ .type = CHAT_ROOM_ADMITTED,
                                     .agent = SLICE_LITERAL("anna@agents.example") });
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_pass_ms(70000);
    assert_null(desk_did(CHAT_DO_INVITE));
    assert_null(desk_did(CHAT_DO_ANNOUNCE));
}

static void waiting_in_vain__and_leaving__are_announced_in_the_tenants_language(void **state)
{
    (void)state;
    begin_with(UNANSWERED_WAIT, true);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "my secret");
    assert_null(desk_did(CHAT_DO_ANNOUNCE));
    desk_pass_ms(60000);
    assert_int_equal(desk_did_times(CHAT_DO_ANNOUNCE), 1);
    assert_announced(" Maria: kukaan ei ole ottanut sitä, odotus 1:00.");
    assert_null(strstr(desk_did(CHAT_DO_ANNOUNCE)->text.data, "secret"));
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ENDED,
                                     .visitor = desk_did(CHAT_DO_TELL_MESSAGE)->visitor });
    assert_int_equal(desk_did_times(CHAT_DO_ANNOUNCE), 2);
    assert_announced(" Maria lähti; kukaan ei ehtinyt vastata, odotus 1:00.");
}

static void conversation__that_was_answered__ends_unannounced(void **state)
{
    (void)state;
    begin_with(UNANSWERED_WAIT, true);
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    assert_non_null(desk_wrote(WRITE_END));
    assert_null(desk_did(CHAT_DO_ANNOUNCE));
}

static void callback__is_announced_without_its_number__whoever_noted_it(void **state)
{
    (void)state;
    begin_with(UNANSWERED_CALLBACK, true);
    room_is(ROOM, "sv");
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!callback +358 40 123 4567");
    assert_announced(" Maria vill bli uppringd.");
    desk_forget_all();
    desk_agent_says("anna", 1, "!note call back soon");
    assert_null(desk_did(CHAT_DO_ANNOUNCE));
}

static void tenant__that_wants_quiet__hears_nothing(void **state)
{
    (void)state;
    begin_with(UNANSWERED_WAIT, false);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_pass_ms(70000);
    assert_true(slice_is(desk_wrote(WRITE_MESSAGE)->event, "unanswered"));
    assert_null(desk_did(CHAT_DO_ANNOUNCE));
}

#define AT_A_DESK(test) cmocka_unit_test_setup_teardown(test, desk_setup, desk_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_A_DESK(agent__is_invited__when_let_in__and_when_they_ask),
        AT_A_DESK(room__that_is_not_open__invites_nobody_and_hears_nothing),
        AT_A_DESK(waiting_in_vain__and_leaving__are_announced_in_the_tenants_language),
        AT_A_DESK(conversation__that_was_answered__ends_unannounced),
        AT_A_DESK(callback__is_announced_without_its_number__whoever_noted_it),
        AT_A_DESK(tenant__that_wants_quiet__hears_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
