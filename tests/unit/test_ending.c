/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/desk_double.h"

#include <stdio.h>

static void open_with(enum end_needs needs, const char *outcomes)
{
    struct chat_rules rules = chat_rules_default;

    rules.end_needs = needs;
    (void)snprintf(rules.outcomes, sizeof(rules.outcomes), "%s", outcomes);
    desk_open(&rules);
    desk_member("anna", 3);
    desk_conversation(1, "anna");
}

static void an_end__asks_for_nothing__unless_the_tenant_does(void **state)
{
    (void)state;
    desk_conversation(1, "anna");
    desk_agent_says("anna", 1, "!end");
    assert_non_null(desk_wrote(WRITE_END));
}

static void an_end__waits_for_tags(void **state)
{
    (void)state;
    open_with(END_NEEDS_TAGS, "");
    desk_agent_says("anna", 1, "!end solved");
    assert_null(desk_wrote(WRITE_END));
    assert_string_equal(desk_heard("anna", 1),
                        "[lasna] Not ended: tags are missing. !tag WORD adds one.");
    desk_agent_says("anna", 1, "!tag billing");
    desk_agent_says("anna", 1, "!end");
    assert_non_null(desk_wrote(WRITE_END));
}

static void an_end__waits_for_an_outcome_of_the_list(void **state)
{
    (void)state;
    open_with(END_NEEDS_OUTCOME, "solved, no answer ,Sold");
    desk_agent_says("anna", 1, "!end");
    assert_string_equal(desk_heard("anna", 1),
                        "[lasna] Not ended: the outcome is missing. !end OUTCOME tells it. One of: "
                        "solved, no answer ,Sold.");
    desk_agent_says("anna", 1, "!end solve");
    assert_string_equal(desk_heard("anna", 1),
                        "[lasna] Not ended: solve is no outcome here. One of: "
                        "solved, no answer ,Sold.");
    assert_null(desk_wrote(WRITE_END));
    desk_agent_says("anna", 1, "!end No Answer");
    assert_true(slice_is(desk_wrote(WRITE_END)->text, "no answer"));
}

/* What is torn the link would not send, and the agent would hear nothing. */
static void an_outcome__that_is_long__is_told_in_whole_characters(void **state)
{
    static const struct {
        const char *said, *told;
    } cases[] = {
        { "!end äääääääääääääääääääääääö",
          "[lasna] Not ended: ääääääääääääääääääää is no outcome here. One of: solved." },
        { "!end säääääääääääääääääääääääö",
          "[lasna] Not ended: säääääääääääääääääää is no outcome here. One of: solved." }
    };

    (void)state;
    open_with(END_NEEDS_OUTCOME, "solved");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        desk_agent_says("anna", 1, cases[i].said);
        assert_string_equal(desk_heard("anna", 1), cases[i].told);
    }
}

static void an_end__waits_for_both(void **state)
{
    (void)state;
    open_with(END_NEEDS_BOTH, "");
    desk_agent_says("anna", 1, "!end");
    assert_string_equal(desk_heard("anna", 1),
                        "[lasna] Not ended: tags and the outcome are missing. !tag WORD, then !end "
                        "OUTCOME.");
    desk_agent_says("anna", 1, "!tag billing");
    desk_agent_says("anna", 1, "!end");
    assert_true(desk_heard_part("anna", 1, "Not ended: the outcome is missing."));
    desk_agent_says("anna", 1, "!end anything at all");
    assert_true(slice_is(desk_wrote(WRITE_END)->text, "anything at all"));
}

static void an_outcome_of_the_list__may_be_left_out__where_none_is_needed(void **state)
{
    (void)state;
    open_with(END_NEEDS_NOTHING, "solved");
    desk_agent_says("anna", 1, "!end");
    assert_non_null(desk_wrote(WRITE_END));
}

static void whoever_else_ends_it__is_not_asked(void **state)
{
    (void)state;
    open_with(END_NEEDS_BOTH, "solved");
    desk_handle((struct chat_event){ .type = CHAT_VISITOR_ENDED, .visitor = { { { 1 } } } });
    assert_non_null(desk_wrote(WRITE_END));
    desk_bot("bot");
    desk_forget_all();
    desk_conversation(2, "bot");
    desk_agent_says("bot", 2, "!end");
    assert_non_null(desk_wrote(WRITE_END));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, desk_setup, desk_teardown)

RUN(CASE(an_end__asks_for_nothing__unless_the_tenant_does), CASE(an_end__waits_for_tags),
    CASE(an_end__waits_for_an_outcome_of_the_list),
    CASE(an_outcome__that_is_long__is_told_in_whole_characters), CASE(an_end__waits_for_both),
    CASE(an_outcome_of_the_list__may_be_left_out__where_none_is_needed),
    CASE(whoever_else_ends_it__is_not_asked))
