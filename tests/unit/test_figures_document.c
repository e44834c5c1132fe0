/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in the document of figures beside times and densities, worked by hand: surveys,
 * functions, word of mouth, the study's check, and what of the machine's is withheld.
 */
#include "tests/support/figured.h"
#include "tests/support/json_at.h"

#include <stdio.h>

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

RUN(cmocka_unit_test(surveys__are_worked_by_hand),
    cmocka_unit_test(functions_by_stage__have_their_chi2),
    cmocka_unit_test(functions__have_a_p_of_shuffled_stages),
    cmocka_unit_test(another_channel__is_an_event),
    cmocka_unit_test(word_of_mouth__is_the_visitors_and_of_one_language),
    cmocka_unit_test(word_of_mouth__is_as_sure_as_its_chats_are_many),
    cmocka_unit_test(the_studys_check__keeps_the_sides_apart),
    cmocka_unit_test(a_machines_code__without_its_class__is_withheld),
    cmocka_unit_test(what_rests_on_withheld_codes__is_withheld_too),
    cmocka_unit_test(codes_of_rules_that_are_gone__show_nothing))
