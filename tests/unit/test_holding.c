/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

static const char *const told = "[lasna] Not sent: this names Borealis. !! sends it";

static void words_that_name_another_company__wait_until_they_were_meant(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_names("anna", 1, "Borealis can do that", "Borealis", "s1");
    assert_null(desk_wrote(WRITE_MESSAGE));
    assert_string_equal(desk_heard("anna", 1), told);
    assert_false(desk_receipted("s1"));
    assert_int_equal(desk_handled(), 1);
    desk_agent_sends("anna", 1, "!!", "s2");
    assert_string_equal(desk_visitor_heard(1), "Borealis can do that");
    assert_true(desk_receipted("s2"));
    assert_int_equal(desk_handled(), 2);
}

static void words_that_are_meant_at_once__go_out(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_names("anna", 1, "!! Borealis can do that", "Borealis", "s1");
    assert_string_equal(desk_visitor_heard(1), "Borealis can do that");
    desk_agent_names("anna", 1, "!!Borealis!", "Borealis", "s2");
    assert_string_equal(desk_visitor_heard(1), "!Borealis!");
}

static void it_was_meant__counts_once__and_for_the_last_that_waits(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_names("anna", 1, "Borealis can do that", "Borealis", "s1");
    desk_agent_names("anna", 1, "or rather Borealis Ab", "Borealis", "s2");
    desk_agent_sends("anna", 1, "!!", "s3");
    assert_string_equal(desk_visitor_heard(1), "or rather Borealis Ab");
    desk_agent_sends("anna", 1, "!!", "s4");
    assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 1);
    assert_true(desk_heard_part("anna", 1, "Nothing is held back here"));
    desk_agent_sends("anna", 1, "!!", "s3"); /* the same stanza again: storage knows it */
    assert_int_equal(desk_wrote_times(WRITE_MESSAGE), 2);
    assert_true(slice_is(desk_wrote(WRITE_MESSAGE)->cid, "s3"));
}

static void a_correction_that_names_another_company__waits_as_a_correction(void **state)
{
    struct chat_event said = { .type = CHAT_AGENT_SAID,
                               .agent = SLICE_LITERAL("anna@agents.example"),
                               .visitor = { { { 1 } } },
                               .speech = SPEECH_CORRECTION,
                               .about = SLICE_LITERAL("s1"),
                               .stanza = SLICE_LITERAL("s2"),
                               .names = SLICE_LITERAL("Borealis"),
                               .text = SLICE_LITERAL("Borealis") };

    (void)state;
    desk_conversation(1, "anna");
    desk_handle(said);
    assert_null(desk_wrote(WRITE_EDIT));
    assert_string_equal(desk_heard("anna", 1), told);
    desk_agent_sends("anna", 1, "!!", "s3");
    assert_true(slice_is(desk_wrote(WRITE_EDIT)->about, "s1"));
    assert_true(slice_is(desk_wrote(WRITE_EDIT)->text, "Borealis"));
}

static void a_line_below__that_looks_like_a_command__waits_too(void **state)
{
    static const struct {
        const char *text, *start;
    } wrong[] = { { "Hello\n!note she is rude", "!note" },
                  { "Hello\n\n  /end", "/end" },
                  { "Hello\n\xc2\xa0!End solved", "!End" } };
    static const char *const fine[] = { "Hello!\nYes!", "1\n/ 2", "One\n/me nods", "a/b\n//" };
    char line[128];

    (void)state;
    desk_conversation(1, "anna");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        desk_agent_says("anna", 1, wrong[i].text);
        assert_null(desk_wrote(WRITE_MESSAGE));
        (void)snprintf(line, sizeof(line),
                       "[lasna] Not sent: a line of it starts with %s, like a command. !! sends it",
                       wrong[i].start);
        assert_string_equal(desk_heard("anna", 1), line);
    }
    desk_agent_says("anna", 1, "!! "); /* as a phone writes it */
    assert_string_equal(desk_visitor_heard(1), wrong[2].text);
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        desk_agent_says("anna", 1, fine[i]);
        assert_string_equal(desk_visitor_heard(1), fine[i]);
    }
}

/* What is torn the link would not send: their words would wait, and they would not know. */
static void a_long_word__is_told_in_whole_characters(void **state)
{
    static const char *const starts[] = { "/a", "/ab" };
    char said[256];
    size_t len;

    (void)state;
    desk_conversation(1, "anna");
    for (size_t i = 0; i < 2; i++) {
        len = (size_t)snprintf(said, sizeof(said), "Hello\n%s", starts[i]);
        while (len + 3 < sizeof(said))
            len += (size_t)snprintf(said + len, sizeof(said) - len, "ä");
        desk_forget_all();
        desk_agent_says("anna", 1, said);
        assert_true(desk_heard_part("anna", 1, "ä, like a command."));
    }
}

static void another_agent__sends_nothing_of_theirs(void **state)
{
    (void)state;
    desk_member("ben", 3);
    desk_conversation(1, "anna");
    desk_agent_names("anna", 1, "Borealis can do that", "Borealis", "s1");
    desk_agent_sends("ben", 1, "!!", "s2");
    assert_null(desk_wrote(WRITE_MESSAGE));
    assert_true(desk_heard_part("ben", 1, "Nothing is held back here"));
}

static void commands_and_bots__are_not_held_back(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_names("anna", 1, "!note asked for Borealis", "Borealis", "s1");
    assert_non_null(desk_wrote(WRITE_NOTE));
    desk_bot("bot");
    desk_conversation(2, "bot");
    desk_agent_names("bot", 2, "Borealis", "Borealis", "s2");
    assert_string_equal(desk_visitor_heard(2), "Borealis");
}

static void where_the_tenant_says_so__nothing_is_held_back(void **state)
{
    struct chat_rules rules = chat_rules_default;

    (void)state;
    rules.guards_brands = false;
    desk_open(&rules);
    desk_member("anna", 3);
    desk_conversation(1, "anna");
    desk_agent_names("anna", 1, "Borealis", "Borealis", "s1");
    assert_string_equal(desk_visitor_heard(1), "Borealis");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(words_that_name_another_company__wait_until_they_were_meant),
    CASE(words_that_are_meant_at_once__go_out),
    CASE(it_was_meant__counts_once__and_for_the_last_that_waits),
    CASE(a_correction_that_names_another_company__waits_as_a_correction),
    CASE(a_line_below__that_looks_like_a_command__waits_too),
    CASE(a_long_word__is_told_in_whole_characters), CASE(another_agent__sends_nothing_of_theirs),
    CASE(commands_and_bots__are_not_held_back),
    CASE(where_the_tenant_says_so__nothing_is_held_back))
