/* SPDX-License-Identifier: Apache-2.0
 *
 * Times, densities, reciprocity, words: every number was worked by hand.
 */
#include "tests/support/figured.h"
#include "tests/support/json_at.h"

#include <stdio.h>

/* --- times --- */

/* Visitor at 10 and 15, bot at 16, agent at 40; visitor at 50, agent at 57 and 60. First response
 * 40 − 10 = 30; responses 30 and 7; duration 60 − 10 = 50. */
static void times__of_a_chat__are_worked_by_hand(void **state)
{
    const struct figures_message messages[] = {
        said(FROM_VISITOR, 10, 1, 0), said(FROM_VISITOR, 15, 1, 0), said(FROM_BOT, 16, 1, 0),
        said(FROM_AGENT, 40, 1, 0),   said(FROM_VISITOR, 50, 1, 0), said(FROM_AGENT, 57, 1, 0),
        said(FROM_AGENT, 60, 1, 0),
    };
    struct figures_chat chat = chat_of(messages, 7);
    AUTO(figures) figures = figures_new();

    (void)state;
    chat.queued_ms = 10 * SECOND;
    chat.claimed_ms = 32 * SECOND;
    add(figures, &chat);
    assert_int_equal(figures->times[TIME_FIRST].count, 1);
    assert_int_equal(figures->times[TIME_FIRST].of[0].ms, 30 * SECOND);
    assert_int_equal(figures->times[TIME_RESPONSE].count, 2);
    assert_int_equal(figures->times[TIME_RESPONSE].of[0].ms, 30 * SECOND);
    assert_int_equal(figures->times[TIME_RESPONSE].of[1].ms, 7 * SECOND);
    assert_int_equal(figures->times[TIME_DURATION].of[0].ms, 50 * SECOND);
    assert_int_equal(figures->times[TIME_QUEUE].of[0].ms, 22 * SECOND);
}

/* The agent spoke first: the first response counts from the visitor's first word on. */
static void an_agent_who_speaks_first__has_not_responded_yet(void **state)
{
    const struct figures_message messages[] = { said(FROM_AGENT, 1, 1, 0),
                                                said(FROM_VISITOR, 5, 1, 0),
                                                said(FROM_AGENT, 9, 1, 0) };
    struct figures_chat chat = chat_of(messages, 3);
    AUTO(figures) figures = figures_new();

    (void)state;
    add(figures, &chat);
    assert_int_equal(figures->times[TIME_FIRST].count, 1);
    assert_int_equal(figures->times[TIME_FIRST].of[0].ms, 4 * SECOND);
}

static void times__unknown_or_backwards__are_left_out_and_counted(void **state)
{
    const struct figures_message backwards[] = { said(FROM_VISITOR, 50, 1, 0),
                                                 said(FROM_AGENT, 10, 1, 0) };
    const struct figures_message unknown[] = { said(FROM_VISITOR, 0, 1, 0),
                                               said(FROM_AGENT, 10, 1, 0) };
    struct figures_chat first = chat_of(backwards, 2), second = chat_of(unknown, 2);
    AUTO(figures) figures = figures_new();

    (void)state;
    add(figures, &first);
    add(figures, &second);
    for (int i = 0; i < TIME_COUNT; i++)
        assert_int_equal(figures->times[i].count, 0);
    assert_int_equal(figures->timed_backwards, 3); /* first response, response, duration */
    assert_int_equal(figures->untimed, 3);
}

static void chats__empty_or_of_one_side__are_counted_as_such(void **state)
{
    const struct figures_message alone[] = { said(FROM_VISITOR, 1, 1, 0) };
    struct figures_chat empty = chat_of(NULL, 0), one = chat_of(alone, 1);
    AUTO(figures) figures = figures_new();

    (void)state;
    add(figures, &empty);
    add(figures, &one);
    assert_int_equal(figures->empty, 1);
    assert_int_equal(figures->one_sided, 1);
    assert_int_equal(figures->count, 2);
}

/* --- densities --- */

/* 60 chats, 40 with COH.GREET and COH.VOC in 3,000 words: 13.33 each, the cohesive group 26.67;
 * 40 of 60 messages; Wilson of 40/60. The agent: 60 in 1,500 words, 40. */
static void density__is_a_ratio_of_sums(void **state)
{
    struct figures_cell cells[FIGURES_SIGNS];
    const struct figures_subset all = { 0, STAGE_ANY, 0, FIGURES_NOBODY };
    AUTO(figures) figures = figures_new();

    (void)state;
    add_many(figures, 60, STAGE_NEW);
    assert_int_equal(figures_cells(figures, &all, SIDE_VISITOR, cells), OK);
    assert_false(cells[PRESENCE_COH_GREET].too_few);
    assert_int_equal(cells[PRESENCE_COH_GREET].instances, 40);
    assert_int_equal(cells[PRESENCE_COH_GREET].words, 3000);
    is_near(cells[PRESENCE_COH_GREET].density, 13.333333);
    assert_int_equal(cells[PRESENCE_CODE_COUNT + PRESENCE_COHESIVE].instances, 80);
    assert_int_equal(cells[PRESENCE_CODE_COUNT + PRESENCE_COHESIVE].messages_with, 40);
    is_near(cells[PRESENCE_CODE_COUNT + PRESENCE_COHESIVE].density, 26.666667);
    is_near(cells[PRESENCE_COH_GREET].message_share, 2.0 / 3);
    /* None found is not none there: up to −ln .025 ÷ 3,000 words, 3.8415/63.8415 of messages. */
    is_near(cells[PRESENCE_INT_Q].density_interval.low, 0);
    is_near(cells[PRESENCE_INT_Q].density_interval.high, 1.229627);
    is_near(cells[PRESENCE_INT_Q].message_interval.high, 0.0601719);
    assert_int_equal(figures_cells(figures, &all, SIDE_AGENT, cells), OK);
    is_near(cells[PRESENCE_COH_GREET].density, 40);
    /* Every chat has the same agent: however they are drawn, the density stays. */
    is_near(cells[PRESENCE_COH_GREET].density_interval.low, 40);
    is_near(cells[PRESENCE_COH_GREET].density_interval.high, 40);
}

/* The bootstrap's width is near that of the normal approximation: p = 2/3 of 60 chats, density
 * 20 × p, ± 1.96 × 20 × √(p(1 − p)/60) = ± 2.386. */
static void density_interval__is_as_wide_as_theory_says_and_always_the_same(void **state)
{
    struct figures_cell first[FIGURES_SIGNS], second[FIGURES_SIGNS];
    const struct figures_subset all = { 0, STAGE_ANY, 0, FIGURES_NOBODY };
    AUTO(figures) figures = figures_new();
    struct interval interval;

    (void)state;
    add_many(figures, 60, STAGE_NEW);
    assert_int_equal(figures_cells(figures, &all, SIDE_VISITOR, first), OK);
    assert_int_equal(figures_cells(figures, &all, SIDE_VISITOR, second), OK);
    assert_memory_equal(first, second, sizeof(first));
    interval = first[PRESENCE_COH_GREET].density_interval;
    assert_true(fabs(interval.low - (13.3333 - 2.386)) < 0.4);
    assert_true(fabs(interval.high - (13.3333 + 2.386)) < 0.4);
}

static void cells__of_few_chats_or_words__say_so(void **state)
{
    struct figures_cell cells[FIGURES_SIGNS];
    const struct figures_subset all = { 0, STAGE_ANY, 0, FIGURES_NOBODY },
                                existing = { 0, STAGE_EXISTING, 0, FIGURES_NOBODY };
    AUTO(figures) figures = figures_new();

    (void)state;
    add_many(figures, 29, STAGE_NEW);
    assert_int_equal(figures_cells(figures, &all, SIDE_VISITOR, cells), OK);
    assert_true(cells[0].too_few); /* 29 chats, though 1,450 words */
    add_many(figures, 1, STAGE_NEW);
    assert_int_equal(figures_cells(figures, &all, SIDE_VISITOR, cells), OK);
    assert_false(cells[0].too_few);
    assert_int_equal(figures_cells(figures, &all, SIDE_AGENT, cells), OK);
    assert_true(cells[0].too_few); /* 30 chats of 750 words */
    assert_int_equal(figures_cells(figures, &existing, SIDE_VISITOR, cells), OK);
    assert_true(cells[0].too_few);
    assert_int_equal(cells[0].chats, 0);
}

/* 30 chats of 50 words with a greeting in 20, and 15 of the same kind, 10 of them greeted, whose
 * words have faded. Density 1000 × 20 ÷ 1,500 = 13.33, not 1000 × 30 ÷ 1,500 = 20; messages 20 of
 * 30; but chats 30 of 45. Thirds: 30 chats, none of those faded. */
static void faded_words__leave_densities_and_stay_in_shares(void **state)
{
    struct figures_cell cells[FIGURES_SIGNS];
    struct figures_third_cell thirds[FIGURES_THIRDS][PRESENCE_GROUP_COUNT];
    const struct figures_subset all = { 0, STAGE_ANY, 0, FIGURES_NOBODY };
    AUTO(figures) figures = figures_new();
    json_t *document;

    (void)state;
    for (int i = 0; i < 45; i++) {
        bool faded = i % 3 == 2;
        presence_codes codes = i / 3 % 3 < 2 ? BIT(COH_GREET) : 0;
        const struct figures_message messages[] = {
            said(FROM_VISITOR, 1, faded ? 0 : 50, codes), said(FROM_AGENT, 2, faded ? 0 : 9, 0),
            said(FROM_AGENT, 3, faded ? 0 : 9, 0),        said(FROM_AGENT, 4, faded ? 0 : 9, 0),
            said(FROM_AGENT, 5, faded ? 0 : 9, 0),        said(FROM_AGENT, 6, faded ? 0 : 9, 0),
        };
        struct figures_chat chat = chat_of(messages, 6);

        chat.faded = faded;
        add(figures, &chat);
    }
    assert_int_equal(figures_cells(figures, &all, SIDE_VISITOR, cells), OK);
    assert_int_equal(cells[PRESENCE_COH_GREET].worded, 30);
    assert_int_equal(cells[PRESENCE_COH_GREET].words, 1500);
    is_near(cells[PRESENCE_COH_GREET].density, 13.333333);
    assert_int_equal(cells[PRESENCE_COH_GREET].messages_with, 20);
    assert_int_equal(cells[PRESENCE_COH_GREET].messages, 30);
    assert_int_equal(cells[PRESENCE_COH_GREET].chats_with, 30);
    assert_int_equal(cells[PRESENCE_COH_GREET].chats, 45);
    assert_true(cells[PRESENCE_COH_GREET].density_interval.high < 20);
    assert_int_equal(figures_thirds(figures, 0, SIDE_VISITOR, thirds), OK);
    assert_int_equal(thirds[0][0].chats, 30);
    document = written(figures, "machine");
    assert_int_equal(json_integer_value(at(document, "chats.faded")), 15);
    json_decref(document);
}

static void only_typed_messages__count_in_densities(void **state)
{
    struct figures_message messages[] = { said(FROM_AGENT, 1, 10, BIT(COH_GREET)),
                                          said(FROM_BOT, 2, 10, BIT(COH_GREET)),
                                          said(FROM_AGENT, 3, 10, BIT(COH_GREET)) };
    struct figures_chat chat = chat_of(messages, 3);
    AUTO(figures) figures = figures_new();

    (void)state;
    messages[2].origin = ORIGIN_CANNED;
    add(figures, &chat);
    assert_int_equal(figures->rows[0].side[SIDE_AGENT].words, 10);
    assert_int_equal(figures->rows[0].side[SIDE_AGENT].with[PRESENCE_COH_GREET], 1);
    assert_int_equal(figures->canned, 1);
    assert_int_equal(figures->messages[FROM_AGENT], 2);
}

static void a_file__is_a_turn_without_words(void **state)
{
    struct figures_message messages[] = { said(FROM_VISITOR, 1, 1, 0),
                                          said(FROM_VISITOR, 2, 5, BIT(COH_GREET)),
                                          said(FROM_AGENT, 9, 10, 0) };
    struct figures_chat chat = chat_of(messages, 3);
    AUTO(figures) figures = figures_new();

    (void)state;
    messages[1].wordless = true;
    add(figures, &chat);
    assert_int_equal(figures->rows[0].side[SIDE_VISITOR].words, 1);
    assert_int_equal(figures->rows[0].side[SIDE_VISITOR].messages, 1);
    assert_int_equal(figures->rows[0].side[SIDE_VISITOR].with[PRESENCE_COH_GREET], 0);
    assert_int_equal(figures->messages[FROM_VISITOR], 2);
}

static void languages__are_never_pooled(void **state)
{
    static const char *const tags[] = {
        "fi", "fi-FI", "en", "", "sv", "a1", "a2", "a3", "a4", "a5"
    };
    AUTO(figures) figures = figures_new();

    (void)state;
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        struct figures_chat chat = chat_of(NULL, 0);

        chat.language = slice_of(tags[i]);
        add(figures, &chat);
    }
    assert_int_equal(figures->rows[0].language, figures->rows[1].language);
    assert_int_not_equal(figures->rows[0].language, figures->rows[2].language);
    assert_int_equal(figures->language_count, FIGURES_LANGUAGES);
    assert_int_equal(figures->rows[8].language, figures->rows[9].language);
    assert_string_equal(figures->languages[FIGURES_LANGUAGES - 1], "other");
}

/* --- reciprocity --- */

/* V(thanks) A(thanks) V A V(thanks) A V A(thanks): windows of the visitor's four turns hold the
 * agent's next two; hits: A1 yes; A2,A3 no; A3,A4 yes; A4 yes. Base 3/4; given 2 of 2. */
static void reciprocity__looks_at_the_next_two_turns(void **state)
{
    const presence_codes thanks = BIT(INT_THANK);
    const struct figures_message messages[] = {
        said(FROM_VISITOR, 1, 1, thanks), said(FROM_AGENT, 2, 1, thanks),
        said(FROM_VISITOR, 3, 1, 0),      said(FROM_AGENT, 4, 1, 0),
        said(FROM_VISITOR, 5, 1, thanks), said(FROM_AGENT, 6, 1, 0),
        said(FROM_VISITOR, 7, 1, 0),      said(FROM_AGENT, 8, 1, thanks),
    };
    struct figures_chat chat = chat_of(messages, 8);
    struct figures_reciprocity of[PRESENCE_CODE_COUNT];
    const struct figures_reciprocity *thank = &of[PRESENCE_INT_THANK];
    AUTO(figures) figures = figures_new();

    (void)state;
    add(figures, &chat);
    assert_int_equal(figures_reciprocity(figures, 0, of), OK);
    assert_int_equal(thank->turns, 4);
    assert_int_equal(thank->hit, 3);
    assert_int_equal(thank->given, 2);
    assert_int_equal(thank->given_hit, 2);
    is_near(thank->base, 0.75);
    is_near(thank->value, 0.25);
}

/* 40 chats of three turns of the visitor that the agent answers, and the third is thanked for and
 * with thanks: the second hears it within two, too, so 1 − 2/3. A last turn that nobody answers is
 * left out; another language is another matter; 29 such chats are too few, though with 87 turns. */
static void reciprocity__is_too_little_by_chats_not_by_turns(void **state)
{
    const presence_codes thanks = BIT(INT_THANK);
    const struct figures_message messages[] = {
        said(FROM_VISITOR, 1, 1, 0),    said(FROM_AGENT, 2, 1, 0),
        said(FROM_VISITOR, 3, 1, 0),    said(FROM_AGENT, 4, 1, 0),
        said(FROM_AGENT, 5, 1, 0),      said(FROM_VISITOR, 6, 1, thanks),
        said(FROM_AGENT, 7, 1, thanks), said(FROM_VISITOR, 8, 1, thanks),
    };
    struct figures_chat chat = chat_of(messages, 8), english = chat_of(messages, 8);
    struct figures_reciprocity of[PRESENCE_CODE_COUNT];
    const struct figures_reciprocity *thank = &of[PRESENCE_INT_THANK];
    AUTO(figures) figures = figures_new();

    (void)state;
    english.language = SLICE_LITERAL("en");
    for (int i = 0; i < 29; i++)
        add(figures, &chat);
    add(figures, &english);
    assert_int_equal(figures_reciprocity(figures, 0, of), OK);
    assert_int_equal(thank->turns, 87);
    assert_int_equal(thank->chats, 29);
    assert_true(thank->too_few);
    assert_true(isnan(thank->interval.low));
    for (int i = 0; i < 11; i++)
        add(figures, &chat);
    assert_int_equal(figures_reciprocity(figures, 0, of), OK);
    assert_false(thank->too_few);
    assert_int_equal(thank->given, 40);
    is_near(thank->base, 2.0 / 3);
    is_near(thank->value, 1.0 / 3);
    is_near(thank->interval.low, 1.0 / 3); /* chats are alike: so is every draw */
    assert_int_equal(of[PRESENCE_INT_APOL].given, 0);
    assert_true(isnan(of[PRESENCE_INT_APOL].value));
}

/* Thanks: 20 of 52 turns given, 30 of all 120; apologies: 6 of 45, and 18. Each has the interval
 * that draws of its own would give it from the same seed; a code that is not there has none. */
static void reciprocity__of_a_code__does_not_lean_on_the_other_codes(void **state)
{
    struct figures_reciprocity of[PRESENCE_CODE_COUNT];
    AUTO(figures) figures = figures_new();

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        const struct figures_message messages[] = {
            said(FROM_VISITOR, 1, 1,
                 (i % 3 != 0 ? BIT(INT_THANK) : 0) | (i % 4 != 0 ? BIT(INT_APOL) : 0)),
            said(FROM_AGENT, 2, 1, i % 2 == 0 ? BIT(INT_THANK) : 0),
            said(FROM_VISITOR, 3, 1, i % 5 == 0 ? BIT(INT_THANK) : 0),
            said(FROM_AGENT, 4, 1, i % 7 == 0 ? BIT(INT_APOL) : 0),
        };
        struct figures_chat chat = chat_of(messages, 4);

        add(figures, &chat);
    }
    assert_int_equal(figures_reciprocity(figures, 0, of), OK);
    is_near(of[PRESENCE_INT_THANK].value, 20.0 / 52 - 30.0 / 120);
    is_near(of[PRESENCE_INT_THANK].interval.low, 0.0493589744);
    is_near(of[PRESENCE_INT_THANK].interval.high, 0.231060606);
    is_near(of[PRESENCE_INT_APOL].value, 6.0 / 45 - 18.0 / 120);
    is_near(of[PRESENCE_INT_APOL].interval.low, -0.0768292683);
    is_near(of[PRESENCE_INT_APOL].interval.high, 0.0391472868);
    assert_true(isnan(of[PRESENCE_INT_Q].interval.low));
}

/* --- opening and closing --- */

/* Of four chats one has one side alone. In one of the other three both greet, in two the visitor
 * does; both close in none, though one agent does: 1 of 3, 0 of 3. */
static void completeness__takes_both_sides(void **state)
{
    static const struct {
        presence_codes visitor, agent;
        size_t count;
    } chats[] = { { BIT(COH_GREET), BIT(COH_GREET), 2 },
                  { BIT(COH_GREET), BIT(COH_CLOSE), 2 },
                  { 0, 0, 2 },
                  { BIT(COH_GREET) | BIT(COH_CLOSE), 0, 1 } };
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct figures_message messages[] = { said(FROM_VISITOR, 1, 5, chats[i].visitor),
                                                    said(FROM_AGENT, 2, 5, chats[i].agent) };
        struct figures_chat chat = chat_of(messages, chats[i].count);

        add(figures, &chat);
    }
    document = written(figures, "Erik");
    is_near(number_at(document, "languages.0.completeness.both_greet.count"), 1);
    is_near(number_at(document, "languages.0.completeness.both_greet.n"), 3);
    is_near(number_at(document, "languages.0.completeness.both_close.count"), 0);
    is_near(number_at(document, "languages.0.completeness.both_close.n"), 3);
}

/* --- purchases --- */

/* 31 of 40 chats bought, for 1 to 31 euros, in any order: the median is 16. One in dollars is too
 * few of them, and is bought all the same. */
static void orders__have_the_median_of_each_currency(void **state)
{
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct figures_chat chat = chat_of(NULL, 0);

        chat.bought = i < 32;
        chat.cents = i < 31 ? (uint64_t)(i * 7 % 31 + 1) * 100 : 9900;
        (void)snprintf(chat.currency, sizeof(chat.currency), "%s", i < 31 ? "eur" : "USD");
        add(figures, &chat);
    }
    document = written(figures, "");
    is_near(number_at(document, "purchases.chats.count"), 32);
    is_near(number_at(document, "purchases.chats.n"), 40);
    is_near(number_at(document, "purchases.orders.0.n"), 31);
    is_near(number_at(document, "purchases.orders.0.median_value"), 16);
    assert_true(json_is_true(at(document, "purchases.orders.1.too_few")));
    assert_null(at(document, "purchases.orders.1.median_value"));
}

/* --- words --- */

/* 20 chats of 30 words to 60 and 20 of 60 to 30, and one that has faded: 1,800 to 1,800. The
 * ratio's interval, by theory, is e^(±1.96 × s), s = √Σ(agent − visitor)² ÷ 1,800 = √(40 × 900) ÷
 * 1,800 = .1054: .813 to 1.230. */
static void words__of_the_agent_to_the_visitors__have_their_interval(void **state)
{
    struct figures_words words;
    AUTO(figures) figures = figures_new();

    (void)state;
    for (int i = 0; i < 41; i++) {
        const struct figures_message messages[] = { said(FROM_VISITOR, 1, i % 2 ? 30 : 60, 0),
                                                    said(FROM_AGENT, 2, i % 2 ? 60 : 30, 0) };
        struct figures_chat chat = chat_of(messages, 2);

        chat.coded = false;
        chat.faded = i == 40;
        add(figures, &chat);
    }
    assert_int_equal(figures_words(figures, 0, &words), OK);
    assert_false(words.too_few);
    assert_int_equal(words.chats, 40);
    assert_int_equal(words.words[SIDE_VISITOR], 1800);
    is_near(words.ratio, 1);
    assert_true(fabs(words.interval.low - 0.813) < 0.03);
    assert_true(fabs(words.interval.high - 1.230) < 0.04);
}

RUN(cmocka_unit_test(times__of_a_chat__are_worked_by_hand),
    cmocka_unit_test(an_agent_who_speaks_first__has_not_responded_yet),
    cmocka_unit_test(times__unknown_or_backwards__are_left_out_and_counted),
    cmocka_unit_test(chats__empty_or_of_one_side__are_counted_as_such),
    cmocka_unit_test(density__is_a_ratio_of_sums),
    cmocka_unit_test(density_interval__is_as_wide_as_theory_says_and_always_the_same),
    cmocka_unit_test(cells__of_few_chats_or_words__say_so),
    cmocka_unit_test(faded_words__leave_densities_and_stay_in_shares),
    cmocka_unit_test(only_typed_messages__count_in_densities),
    cmocka_unit_test(a_file__is_a_turn_without_words),
    cmocka_unit_test(languages__are_never_pooled),
    cmocka_unit_test(reciprocity__looks_at_the_next_two_turns),
    cmocka_unit_test(reciprocity__is_too_little_by_chats_not_by_turns),
    cmocka_unit_test(reciprocity__of_a_code__does_not_lean_on_the_other_codes),
    cmocka_unit_test(completeness__takes_both_sides),
    cmocka_unit_test(orders__have_the_median_of_each_currency),
    cmocka_unit_test(words__of_the_agent_to_the_visitors__have_their_interval))
