/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/figures_json.h"
#include "tests/support/cmocka.h"
#include "tests/support/json_at.h"

#include <math.h>
#include <stdio.h>

#define BIT(code) PRESENCE_CODE_BIT(PRESENCE_##code)
#define SECOND    1000u

static struct figures_message said(enum message_from from, uint64_t at_s, uint32_t words,
                                   presence_codes codes)
{
    return (struct figures_message){ .from = from,
                                     .origin = from == FROM_BOT ? ORIGIN_BOT : ORIGIN_TYPED,
                                     .at_ms = at_s * SECOND,
                                     .words = words,
                                     .codes = codes,
                                     .agent = FIGURES_NOBODY };
}

static struct figures_chat chat_of(const struct figures_message *messages, size_t count)
{
    return (struct figures_chat){ .language = SLICE_LITERAL("fi"),
                                  .stage = STAGE_UNKNOWN,
                                  .opened_ms = 1,
                                  .messages = messages,
                                  .count = count,
                                  .coded = true,
                                  .csat = -1,
                                  .nps = -1,
                                  .effort = -1 };
}

static void add(struct figures *figures, const struct figures_chat *chat)
{
    assert_int_equal(figures_add(figures, chat), OK);
}

static void is_near(double is, double wanted)
{
    if (!(fabs(is - wanted) < 1e-5 * (1 + fabs(wanted))))
        fail_msg("%.10g is not %.10g", is, wanted);
}

static json_t *written(const struct figures *figures, const char *coder)
{
    const struct figures_about about = { .tenant = "acme",
                                         .title = "Acme Oy",
                                         .stage = "",
                                         .language = "",
                                         .outcome = "",
                                         .coder = coder,
                                         .book = "spc-1" };
    json_t *document = figures_json(figures, &about);

    assert_non_null(document);
    return document;
}

static double number_at(const json_t *object, const char *path)
{
    if (!json_is_number(at(object, path)))
        fail_msg("no number at %s", path);
    return json_number_value(at(object, path));
}

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

/* `count` chats: the visitor says 50 words with a greeting in two of three, the agent 25. */
static void add_many(struct figures *figures, size_t count, enum figures_stage stage)
{
    for (size_t i = 0; i < count; i++) {
        const struct figures_message messages[] = {
            said(FROM_VISITOR, 1, 50, i % 3 < 2 ? BIT(COH_GREET) | BIT(COH_VOC) : 0),
            said(FROM_AGENT, 2, 25, BIT(COH_GREET)),
        };
        struct figures_chat chat = chat_of(messages, 2);

        chat.stage = stage;
        add(figures, &chat);
    }
}

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

/* --- the document --- */

/* CSAT 5 4 3 2: 50. NPS 10 9 8 6 0: (2 − 2)/5 = 0. Effort 2 4: mean 3. Of 5 chats. */
static void surveys__are_worked_by_hand(void **state)
{
    static const int csat[] = { 5, 4, 3, 2, -1 }, nps[] = { 10, 9, 8, 6, 0 },
                     effort[] = { 2, 4, -1, -1, -1 };
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct figures_chat chat = chat_of(NULL, 0);

        chat.csat = csat[i];
        chat.nps = nps[i];
        chat.effort = effort[i];
        add(figures, &chat);
    }
    document = written(figures, "");
    is_near(json_number_value(at(document, "csat.score")), 50);
    assert_int_equal(json_integer_value(at(document, "csat.n")), 4);
    is_near(json_number_value(at(document, "csat.responded.share")), 0.8);
    is_near(json_number_value(at(document, "nps.score")), 0);
    /* Two of each of 5: p = q = 2.75/8, 1.96 × √(.6875/8) = .57457. */
    is_near(json_number_value(at(document, "nps.high")), 57.4567);
    assert_int_equal(json_integer_value(at(document, "nps.promoters")), 2);
    is_near(json_number_value(at(document, "effort.mean")), 3);
    assert_null(at(document, "functions"));
}

/* Stage potential: 10 for F.INFO, 20 for F.BUY; existing 30 and 40. The table of test_stats.c. */
static void functions_by_stage__have_their_chi2(void **state)
{
    static const struct {
        enum figures_stage stage;
        enum figures_function function;
        int times;
    } wanted[] = { { STAGE_POTENTIAL, FUNCTION_INFO, 10 },
                   { STAGE_POTENTIAL, FUNCTION_BUY, 20 },
                   { STAGE_EXISTING, FUNCTION_INFO, 30 },
                   { STAGE_EXISTING, FUNCTION_BUY, 40 },
                   { STAGE_UNKNOWN, FUNCTION_MEET, 99 } }; /* tells nothing of stages */
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        for (int n = 0; n < wanted[i].times; n++) {
            struct figures_chat chat = chat_of(NULL, 0);

            chat.stage = wanted[i].stage;
            chat.functions = 1u << wanted[i].function;
            add(figures, &chat);
        }
    }
    document = written(figures, "Erik");
    is_near(json_number_value(at(document, "functions.chi2")), 0.793651);
    is_near(json_number_value(at(document, "functions.cramers_v")), 0.0890871);
    assert_int_equal(json_integer_value(at(document, "functions.df")), 1);
    assert_int_equal(json_integer_value(at(document, "functions.chats")), 100);
    assert_true(json_is_false(at(document, "functions.too_few")));
    assert_true(number_at(document, "functions.low") < number_at(document, "functions.cramers_v"));
    assert_true(number_at(document, "functions.high") > number_at(document, "functions.cramers_v"));
}

/* Three potential chats for F.INFO, three existing for F.BUY: χ² = 6. Of the 20 ways to deal the
 * stages out two are as far apart: p = .1, however small the table. */
static void functions__have_a_p_of_shuffled_stages(void **state)
{
    struct figures_functions of;
    AUTO(figures) figures = figures_new();

    (void)state;
    for (int i = 0; i < 6; i++) {
        struct figures_chat chat = chat_of(NULL, 0);

        chat.stage = i < 3 ? STAGE_POTENTIAL : STAGE_EXISTING;
        chat.functions = 1u << (i < 3 ? FUNCTION_INFO : FUNCTION_BUY);
        add(figures, &chat);
    }
    assert_int_equal(figures_functions(figures, &of), OK);
    assert_int_equal(of.chats, 6);
    assert_true(of.too_few);
    is_near(of.chi2.chi2, 6);
    assert_true(fabs(of.p_shuffled - 0.1) < 0.03);
}

/* F.CHANNEL is what the platform saw, beside what a person coded; where nobody coded a function it
 * makes no coding of its own. Of three whose course was seen, two moved on. */
static void another_channel__is_an_event(void **state)
{
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct figures_chat chat = chat_of(NULL, 0);

        chat.stage = STAGE_NEW;
        chat.functions = i == 0 ? 1u << FUNCTION_INFO : 0;
        chat.watched = i < 3;
        chat.moved_on = i < 2;
        add(figures, &chat);
    }
    document = written(figures, "Erik");
    is_near(number_at(document, "another_channel.1.chats.count"), 2);
    is_near(number_at(document, "another_channel.1.chats.n"), 3);
    is_near(number_at(document, "functions.stages.1.chats"), 1);
    assert_int_equal(figures->rows[0].functions, 1u << FUNCTION_INFO | 1u << FUNCTION_CHANNEL);
}

/* Praise in 3 messages of visitors, criticism in 1: (3 − 1)/4 = .5, of too few chats for an
 * interval. Referred: 2 of 4 chats; neither what the agent says nor an English chat counts. */
static void word_of_mouth__is_the_visitors_and_of_one_language(void **state)
{
    static const presence_codes codes[] = { BIT(WOM_POS) | BIT(WOM_SRC), BIT(WOM_POS),
                                            BIT(WOM_POS) | BIT(REL_REFER), BIT(WOM_NEG) };
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        const struct figures_message messages[] = {
            said(FROM_VISITOR, 1, 5, codes[i % 4]),
            said(FROM_AGENT, 2, 5, BIT(WOM_NEG) | BIT(REL_REFER) | BIT(WOM_SRC)),
        };
        struct figures_chat chat = chat_of(messages, 2);

        if (i == 4)
            chat.language = SLICE_LITERAL("en");
        add(figures, &chat);
    }
    document = written(figures, "Erik");
    is_near(number_at(document, "languages.0.word_of_mouth.balance.balance"), 0.5);
    assert_true(json_is_null(at(document, "languages.0.word_of_mouth.balance.low")));
    assert_true(json_is_null(at(document, "languages.0.word_of_mouth.balance.high")));
    is_near(number_at(document, "languages.0.word_of_mouth.balance.chats"), 4);
    assert_true(json_is_true(at(document, "languages.0.word_of_mouth.balance.too_few")));
    is_near(number_at(document, "languages.0.word_of_mouth.referral.count"), 2);
    is_near(number_at(document, "languages.0.word_of_mouth.referral.n"), 4);
    is_near(number_at(document, "languages.1.word_of_mouth.referral.n"), 1);
}

static struct interval balance_of(size_t praising, size_t criticising, size_t messages_each)
{
    struct figures_message messages[3];
    struct interval found;
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    for (size_t i = 0; i < praising + criticising; i++) {
        struct figures_chat chat = chat_of(messages, messages_each);

        for (size_t j = 0; j < messages_each; j++)
            messages[j] = said(FROM_VISITOR, j + 1, 5, i < praising ? BIT(WOM_POS) : BIT(WOM_NEG));
        add(figures, &chat);
    }
    document = written(figures, "Erik");
    found.low = number_at(document, "languages.0.word_of_mouth.balance.low");
    found.high = number_at(document, "languages.0.word_of_mouth.balance.high");
    return found;
}

/* Who praises three times over is no more sure a sign than who does once. Where all 30 chats
 * praise, Wilson's low end is 30/(30 + 3.84146) = .886486, and 2 × that − 1 of it. */
static void word_of_mouth__is_as_sure_as_its_chats_are_many(void **state)
{
    struct interval once = balance_of(24, 16, 1), thrice = balance_of(24, 16, 3);

    (void)state;
    assert_true(once.low > -0.2 && once.low < 0 && once.high > 0.4 && once.high < 0.6);
    is_near(thrice.low, once.low);
    is_near(thrice.high, once.high);
    is_near(balance_of(30, 0, 3).low, 0.772972);
    is_near(balance_of(30, 0, 3).high, 1);
    is_near(balance_of(0, 30, 3).high, -0.772972);
}

/* The visitor tends the relationship in 1 of 1 existing and 0 of 3 new chats; the agent in all 3
 * new ones, and said nothing in the other. */
static void the_studys_check__keeps_the_sides_apart(void **state)
{
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct figures_message messages[] = {
            said(FROM_VISITOR, 1, 5, i == 3 ? BIT(REL_MAINT) : 0),
            said(FROM_AGENT, 2, 5, BIT(REL_HIST)),
        };
        struct figures_chat chat = chat_of(messages, i == 3 ? 1 : 2);

        chat.stage = i == 3 ? STAGE_EXISTING : STAGE_NEW;
        add(figures, &chat);
    }
    document = written(figures, "Erik");
#define STUDY "languages.0.study_check.sides."
    is_near(number_at(document, STUDY "0.relationship_by_stage.2.chats.count"), 1);
    is_near(number_at(document, STUDY "0.relationship_by_stage.2.chats.n"), 1);
    is_near(number_at(document, STUDY "0.relationship_by_stage.1.chats.count"), 0);
    is_near(number_at(document, STUDY "0.relationship_by_stage.1.chats.n"), 3);
    is_near(number_at(document, STUDY "1.relationship_by_stage.1.chats.count"), 3);
    is_near(number_at(document, STUDY "1.relationship_by_stage.2.chats.n"), 0);
#undef STUDY
}

/* --- what the machine may not code alone --- */

static const struct figures_about of_the_machine = { .tenant = "a",
                                                     .title = "A",
                                                     .stage = "",
                                                     .language = "",
                                                     .outcome = "",
                                                     .coder = "machine@1",
                                                     .book = "spc-1",
                                                     .machine = true,
                                                     .by_agent = true };

/* Greetings and shared history are the machine's to code; nothing else is. */
static char class_of(const void *context, const char *language, enum presence_code code)
{
    (void)context;
    (void)language;
    return code == PRESENCE_COH_GREET || code == PRESENCE_REL_HIST ? 'B' : 'H';
}

static void is_withheld(const json_t *document, const char *path)
{
    if (!json_is_true(at(at(document, path), "withheld")) || at(at(document, path), "n") != NULL ||
        at(at(document, path), "density") != NULL)
        fail_msg("%s is not withheld", path);
}

static void a_machines_code__without_its_class__is_withheld(void **state)
{
    struct figures_about about = of_the_machine;
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;
    const json_t *signs;

    (void)state;
    about.class_of = class_of;
    add_many(figures, 40, STAGE_NEW);
    document = figures_json(figures, &about);
    signs = at(document, "languages.0.stages.0.sides.0.signs");
    assert_string_equal(json_string_value(at(signs, "0.class")), "B");
    assert_true(json_is_number(at(signs, "0.density")));
    assert_string_equal(json_string_value(at(signs, "2.code")), "COH.VOC");
    is_withheld(signs, "2");
}

/* What rests on such codes is not 0, it is not known; what misses some of them says which. */
static void what_rests_on_withheld_codes__is_withheld_too(void **state)
{
    struct figures_about about = of_the_machine;
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    about.class_of = class_of;
    add_many(figures, 40, STAGE_NEW);
    document = figures_json(figures, &about);
#define COHESIVE    "languages.0.stages.0.sides.0.signs.26"
#define INTERACTIVE "languages.0.stages.0.sides.0.signs.27"
    assert_string_equal(json_string_value(at(document, COHESIVE ".group")), "cohesive");
    assert_int_equal(json_array_size(at(document, COHESIVE ".without")), 4);
    assert_string_equal(json_string_value(at(document, COHESIVE ".without.0")), "COH.CLOSE");
    assert_true(json_is_number(at(document, COHESIVE ".density")));
    is_withheld(document, INTERACTIVE);
#undef COHESIVE
#undef INTERACTIVE
    assert_true(json_is_number(at(document, "languages.0.completeness.both_greet.share")));
    is_withheld(document, "languages.0.completeness.both_close");
    is_withheld(document, "languages.0.word_of_mouth.balance");
    is_withheld(document, "languages.0.word_of_mouth.referral");
    assert_string_equal(json_string_value(at(document, "languages.0.study_check.without.0")),
                        "REL.MAINT");
    assert_non_null(at(document, "languages.0.study_check.sides.1"));
}

/* Codes by rules that are gone have no class at all: nothing of them may be shown. */
static void codes_of_rules_that_are_gone__show_nothing(void **state)
{
    AUTO(figures) figures = figures_new();
    AUTO_JSON document = NULL;

    (void)state;
    add_many(figures, 40, STAGE_NEW);
    document = figures_json(figures, &of_the_machine);
    for (int sign = 0; sign < FIGURES_SIGNS; sign++) {
        char path[64];

        (void)snprintf(path, sizeof(path), "languages.0.stages.0.sides.0.signs.%d", sign);
        is_withheld(document, path);
    }
    is_withheld(document, "languages.0.completeness.both_greet");
    is_withheld(document, "languages.0.study_check");
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
    cmocka_unit_test(words__of_the_agent_to_the_visitors__have_their_interval),
    cmocka_unit_test(surveys__are_worked_by_hand),
    cmocka_unit_test(functions_by_stage__have_their_chi2),
    cmocka_unit_test(functions__have_a_p_of_shuffled_stages),
    cmocka_unit_test(another_channel__is_an_event),
    cmocka_unit_test(word_of_mouth__is_the_visitors_and_of_one_language),
    cmocka_unit_test(word_of_mouth__is_as_sure_as_its_chats_are_many),
    cmocka_unit_test(the_studys_check__keeps_the_sides_apart),
    cmocka_unit_test(a_machines_code__without_its_class__is_withheld),
    cmocka_unit_test(what_rests_on_withheld_codes__is_withheld_too),
    cmocka_unit_test(codes_of_rules_that_are_gone__show_nothing))
