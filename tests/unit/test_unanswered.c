/* SPDX-License-Identifier: Apache-2.0
 *
 * When nobody takes a conversation in time: what the visitor is told, once, and who else hears.
 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

enum { TOO_LONG_MS = 60000 };

static struct chat_rules rules_that_tell(enum unanswered how)
{
    struct chat_rules rules = chat_rules_default;

    rules.unanswered_ms = TOO_LONG_MS;
    rules.unanswered = how;
    return rules;
}

static void begin_with(const struct chat_rules *rules)
{
    desk_open(rules);
    desk_member("anna", 3);
    desk_supervisor("sanna");
    desk_show("sanna", SHOW_DND);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
}

static void begin(enum unanswered how)
{
    const struct chat_rules rules = rules_that_tell(how);

    begin_with(&rules);
}

static const struct chat_write *told(void)
{
    const struct chat_write *write = desk_wrote(WRITE_MESSAGE);

    return write != NULL && write->from == FROM_SYSTEM ? write : NULL;
}

static void nobody_in_time__the_visitor_is_told_once(void **state)
{
    (void)state;
    begin(UNANSWERED_WAIT);
    desk_pass_ms(TOO_LONG_MS - 1);
    assert_null(told());
    desk_pass_ms(1);
    assert_string_equal(desk_visitor_heard(1),
                        "Vastaaminen kestää tavallista kauemmin. Paikkasi jonossa säilyy, ja "
                        "vastaamme tässä heti kun voimme.");
    assert_true(slice_is(told()->event, "unanswered")); /* in one transaction with the words */
    assert_true(slice_is(told()->detail, "{\"waited_s\":60}"));
    assert_true(slice_is(told()->name, "Acme"));
    assert_true(desk_heard_part("sanna", DESK, "Maria: nobody has taken it for 1:00."));
    assert_false(desk_heard_part("anna", DESK, "nobody has taken it"));
    desk_forget_all();
    desk_pass_ms(10 * TOO_LONG_MS);
    assert_null(told());
    desk_agent_says("anna", 1, "Here I am."); /* it kept its place, and she sees what was said */
    assert_string_equal(desk_visitor_heard(1), "Here I am.");
}

static void somebody_in_time__nothing_is_told(void **state)
{
    (void)state;
    begin(UNANSWERED_WAIT);
    desk_agent_says("anna", 1, "Hello!");
    desk_pass_ms(2 * TOO_LONG_MS);
    assert_null(told());
}

static void by_default__nothing_is_told(void **state)
{
    (void)state;
    begin_with(&chat_rules_default);
    desk_pass_ms(100 * TOO_LONG_MS);
    assert_null(told());
}

static void the_tenants_own_words__come_first(void **state)
{
    (void)state;
    begin(UNANSWERED_OFFLINE);
    desk_handle((struct chat_event){
        .type = CHAT_UNANSWERED_SET, .text = SLICE_LITERAL("We are fishing."), .on = true });
    desk_pass_ms(TOO_LONG_MS);
    assert_string_equal(desk_visitor_heard(1), "We are fishing.");
}

static void a_number_they_leave__becomes_a_call_back(void **state)
{
    static const struct {
        const char *said, *detail;
    } cases[] = { { "yes, +358 40 123 4567 after 5", "{\"number\":\"+358 40 123 4567\"}" },
                  { "soita (09) 123-4567", "{\"number\":\"(09) 123-4567\"}" },
                  { "0401234567", "{\"number\":\"0401234567\"}" },
                  { "555-1234", "{\"number\":\"555-1234\"}" },
                  { "020202 or 12345, tonight", "{\"number\":\"020202\"}" },
                  { "I live in 00100 Helsinki", NULL },
                  { "my order is 123456", NULL },
                  { "order #12345678, or AB1234567", NULL },
                  { "on 2026-03-02 14", NULL },
                  { "card 1234 5678 1234 5678", NULL },
                  { "after 16:30", NULL },
                  { "no thanks", NULL } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(UNANSWERED_CALLBACK);
        desk_visitor_says(1, cases[i].said); /* nobody asked yet */
        assert_null(desk_event("callback"));
        desk_pass_ms(TOO_LONG_MS);
        desk_visitor_says(1, cases[i].said);
        if (cases[i].detail == NULL)
            assert_null(desk_event("callback"));
        else
            assert_true(slice_is(desk_event("callback")->detail, cases[i].detail));
    }
}

static void whoever_has_the_skill__is_asked_first_from_then_on(void **state)
{
    struct chat_rules rules = rules_that_tell(UNANSWERED_WAIT);

    (void)state;
    (void)snprintf(rules.unanswered_skill, sizeof(rules.unanswered_skill), "rescue");
    rules.offer_again_ms = 1000;
    rules.overflow_ms = 3600000;
    rules.languages = false;
    desk_open(&rules);
    desk_member("anna", 3);
    desk_skilled("ben", "rescue", 3);
    desk_visitor_comes(1, "Maria");
    desk_visitor_says(1, "hello");
    desk_pass_ms(TOO_LONG_MS);
    assert_true(slice_is(desk_wrote(WRITE_RELEASE)->reason, "unanswered"));
    desk_pass_ms(rules.offer_ms); /* whoever had the offer lets it pass */
    desk_forget_all();
    desk_pass_ms(2 * rules.offer_ms);
    assert_true(desk_heard_part("ben", DESK, "reply ok"));
    assert_false(desk_heard_part("anna", DESK, "reply ok"));
}

static void while_it_is_closed__nobody_is_told_and_it_counts_from_the_opening(void **state)
{
    struct chat_rules rules = rules_that_tell(UNANSWERED_WAIT);

    (void)state;
    assert_int_equal(
        hours_parse(SLICE_LITERAL("mon-sun 1-24"), SLICE_LITERAL("UTC"), SLICE_NONE, &rules.hours),
        0);
    begin_with(&rules); /* at 0:16:40 */
    desk_pass_ms(43 * 60000);
    assert_null(told());
    desk_pass_ms(20000 + TOO_LONG_MS - 1);
    assert_null(told());
    desk_pass_ms(1);
    assert_non_null(told());
}

static void when_storage_cannot__it_is_told_later(void **state)
{
    (void)state;
    begin(UNANSWERED_WAIT);
    desk.storage = STORAGE_FAILS;
    desk_pass_ms(TOO_LONG_MS);
    assert_string_equal(desk_visitor_heard(1), "");
    desk.storage = STORAGE_SAVES;
    desk_pass_ms(10000);
    assert_string_not_equal(desk_visitor_heard(1), "");
}

static void told_before_a_restart__is_not_told_again(void **state)
{
    const struct chat_rules rules = rules_that_tell(UNANSWERED_WAIT);
    const struct conversation_id id = { { { 9 } } };

    (void)state;
    desk_open(&rules);
    desk_handle((struct chat_event){ .type = CHAT_RESTORED_CONVERSATION,
                                     .conversation = id,
                                     .visitor = { { { 1 } } },
                                     .state = CONVERSATION_QUEUED,
                                     .seq = 2,
                                     .at_ms = desk.now_ms - TOO_LONG_MS });
    desk_handle((struct chat_event){
        .type = CHAT_RESTORED_EVENT, .conversation = id, .name = SLICE_LITERAL("unanswered") });
    desk_pass_ms(TOO_LONG_MS);
    assert_null(told());
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(nobody_in_time__the_visitor_is_told_once), CASE(somebody_in_time__nothing_is_told),
    CASE(by_default__nothing_is_told), CASE(the_tenants_own_words__come_first),
    CASE(a_number_they_leave__becomes_a_call_back),
    CASE(whoever_has_the_skill__is_asked_first_from_then_on),
    CASE(while_it_is_closed__nobody_is_told_and_it_counts_from_the_opening),
    CASE(when_storage_cannot__it_is_told_later), CASE(told_before_a_restart__is_not_told_again))
