/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

static const struct visitor_id maria = { { { 1 } } };

/* The code of the last error the visitor was told; "" for none. */
static const char *error_code(void)
{
    const struct chat_effect *error = desk_did(CHAT_DO_TELL_ERROR);

    return error == NULL ? "" : error->code;
}

static bool has_conversation(void)
{
    struct conversation_id id;

    return chat_has_conversation(desk.chat, maria, &id);
}

static void the_first_words__open_a_conversation_once_they_are_stored(void **state)
{
    const struct chat_write *write;

    (void)state;
    desk_visitor_comes(1, "Maria");
    assert_false(has_conversation());
    desk_visitor_says(1, "hello");
    write = desk_wrote(WRITE_MESSAGE);
    assert_true(write->opens);
    assert_int_equal(desk_did(CHAT_DO_TELL_SAVED)->seq, 1);
    assert_int_equal(desk_did(CHAT_DO_TELL_CONVERSATION)->state, CONVERSATION_QUEUED);
    assert_true(has_conversation());
    desk_visitor_says(1, "anybody?");
    assert_false(desk_wrote(WRITE_MESSAGE)->opens);
    assert_int_equal(desk_did(CHAT_DO_TELL_SAVED)->seq, 2);
}

static void what_storage_cannot_keep__shows_no_tick_and_opens_nothing(void **state)
{
    (void)state;
    desk.storage = STORAGE_FAILS;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    assert_string_equal(error_code(), "not_saved");
    assert_null(desk_did(CHAT_DO_TELL_SAVED));
    assert_null(desk_did(CHAT_DO_TELL_CONVERSATION));
    assert_string_equal(desk_heard("anna", DESK), "");
}

static void a_later_try__opens_it_after_all(void **state)
{
    (void)state;
    desk.storage = STORAGE_FAILS;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk.storage = STORAGE_SAVES;
    desk_visitor_says(1, "hello");
    assert_true(desk_wrote(WRITE_MESSAGE)->opens);
    assert_non_null(desk_did(CHAT_DO_TELL_SAVED));
    assert_true(desk_heard_part("anna", DESK, "reply ok"));
}

static void words__go_to_the_agent_who_holds_it(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_visitor_says(1, "and the price?");
    assert_string_equal(desk_heard("anna", 1), "and the price?");
}

static void a_visitor_with_two_tabs__is_here_until_both_are_closed(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_visitor_comes(1, "Maria");
    desk_visitor_leaves(1);
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AVAILABLE);
    desk_visitor_leaves(1);
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_GONE);
}

static void the_contact__shows_the_page_and_the_language(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_handle((struct chat_event){
        .type = CHAT_VISITOR_PAGE, .visitor = maria, .page = SLICE_LITERAL("/checkout") });
    assert_true(slice_is(desk_did(CHAT_DO_CONTACT_PRESENCE)->text, "/checkout · fi"));
}

static void a_tab_that_is_hidden__is_shown_as_away_and_for_long_as_elsewhere(void **state)
{
    struct chat_event page = {
        .type = CHAT_VISITOR_PAGE, .visitor = maria, .page = SLICE_LITERAL("/pricing"), .on = true
    };

    (void)state;
    desk_conversation(1, "anna");
    desk_handle(page);
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AWAY);
    desk_pass_ms(10 * 60000 - 1);
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AWAY);
    desk_pass_ms(1);
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_XA);
    assert_int_equal(desk_did_times(CHAT_DO_CONTACT_PRESENCE), 2); /* each is told once */
    page.on = false;
    desk_handle(page);
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AVAILABLE);
    page.on = true;
    desk_handle(page);
    desk_visitor_comes(1, "Maria"); /* another tab, and that one is seen */
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AVAILABLE);
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_LEFT, .visitor = maria, .on = true });
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AWAY);
    desk_visitor_leaves(1);
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_CAME, .visitor = maria, .on = true });
    assert_int_equal(desk_did(CHAT_DO_CONTACT_PRESENCE)->show, SHOW_AWAY); /* it is back, unseen */
}

static void visit__is_counted_from_the_second_on(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    desk_visitor_says(1, "me again");
    desk_agent_says("anna", 1, "Welcome back");
    assert_true(slice_is(desk_did(CHAT_DO_CONTACT_PRESENCE)->text, "/pricing · fi · visit 2"));
    assert_true(desk_heard_part("anna", 1, "[lasna] Maria · Acme · fi · /pricing · visit 2"));
    desk_handle((struct chat_event){
        .type = CHAT_VISITOR_CAME, .visitor = maria, .page = SLICE_LITERAL("/pricing"), .seq = 6 });
    assert_true(slice_is(desk_did(CHAT_DO_CONTACT_PRESENCE)->text, "/pricing · fi · visit 7"));
}

static void typing__is_shown_to_who_holds_it_and_to_nobody_else(void **state)
{
    const struct chat_event typing = { .type = CHAT_VISITOR_TYPING, .visitor = maria, .on = true };

    (void)state;
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_handle(typing);
    assert_null(desk_did(CHAT_DO_CONTACT_TYPING));
    desk_agent_says("anna", 1, "Hello!");
    desk_handle(typing);
    assert_true(desk_did(CHAT_DO_CONTACT_TYPING)->on);
}

static void what_the_visitor_has_read__is_marked_once_for_the_agent(void **state)
{
    struct chat_event read = { .type = CHAT_VISITOR_READ, .visitor = maria, .seq = 2 };

    (void)state;
    desk_conversation(1, "anna");
    desk_agent_sends("anna", 1, "29 euros", "price"); /* the third message */
    desk_handle(read);
    assert_null(desk_did(CHAT_DO_CONTACT_READ)); /* that was an earlier one */
    read.seq = 3;
    desk_handle(read);
    desk_handle(read);
    assert_int_equal(desk_did_times(CHAT_DO_CONTACT_READ), 1);
    assert_true(slice_is(desk_did(CHAT_DO_CONTACT_READ)->stanza, "price"));
    read.seq = 4; /* is not there yet */
    desk_forget_all();
    desk_handle(read);
    assert_null(desk_wrote(WRITE_READ));
}

static void words_after_the_end__open_another_conversation(void **state)
{
    struct conversation_id first, second;

    (void)state;
    desk_conversation(1, "anna");
    assert_true(chat_has_conversation(desk.chat, maria, &first));
    desk_agent_says("anna", 1, "!end");
    assert_false(has_conversation());
    desk_visitor_says(1, "one more question");
    assert_true(chat_has_conversation(desk.chat, maria, &second));
    assert_false(conversation_id_equal(first, second));
    assert_true(desk_wrote(WRITE_MESSAGE)->opens);
}

static void left_alone__it_ends_by_itself(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_visitor_leaves(1);
    desk_pass_ms(30 * 60000 - 1000);
    assert_null(desk_wrote(WRITE_END));
    desk_pass_ms(2000);
    assert_true(slice_is(desk_wrote(WRITE_END)->reason, "timeout"));
}

static void in_the_queue__it_waits_for_half_a_day(void **state)
{
    (void)state;
    desk_show("anna", SHOW_GONE);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_visitor_leaves(1);
    desk_pass_ms(12 * 3600000 - 1000);
    assert_null(desk_wrote(WRITE_END));
    desk_pass_ms(2000);
    assert_non_null(desk_wrote(WRITE_END));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(the_first_words__open_a_conversation_once_they_are_stored),
    CASE(what_storage_cannot_keep__shows_no_tick_and_opens_nothing),
    CASE(a_later_try__opens_it_after_all), CASE(words__go_to_the_agent_who_holds_it),
    CASE(a_visitor_with_two_tabs__is_here_until_both_are_closed),
    CASE(the_contact__shows_the_page_and_the_language),
    CASE(a_tab_that_is_hidden__is_shown_as_away_and_for_long_as_elsewhere),
    CASE(visit__is_counted_from_the_second_on),
    CASE(typing__is_shown_to_who_holds_it_and_to_nobody_else),
    CASE(what_the_visitor_has_read__is_marked_once_for_the_agent),
    CASE(words_after_the_end__open_another_conversation), CASE(left_alone__it_ends_by_itself),
    CASE(in_the_queue__it_waits_for_half_a_day))
