/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/coder.h"

#include "tests/support/cmocka.h"

#include <stdio.h>
#include <string.h>

enum { MAX_INSTANCES = 64 };

/* Everything a conversation got. */
struct coded {
    struct presence_instance at[MAX_INSTANCES];
    size_t count;
    struct presence_outcome outcome;
};

static struct presence_rules *rules;

static int load(void **state)
{
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 1 << 20);
    if (presence_rules_load(&rules, RULES_FOLDER, &problems) != OK)
        (void)fprintf(stderr, "%s", problems.data);
    return rules == NULL;
}

static int unload(void **state)
{
    (void)state;
    rules = presence_rules_free(rules);
    return 0;
}

static void note(void *context, const struct presence_instance *instance)
{
    struct coded *result = context;

    assert_true(result->count < MAX_INSTANCES);
    result->at[result->count++] = *instance;
}

static struct coded code(const struct presence_message *messages, size_t count)
{
    AUTO(presence_coder) coder = NULL;
    struct presence_conversation conversation = { .messages = messages, .count = count };
    struct coded result = { .count = 0 };

    assert_int_equal(presence_coder_new(&coder, rules), OK);
    assert_int_equal(presence_code(coder, &conversation, note, &result, &result.outcome), OK);
    return result;
}

static struct presence_message visitor_says(struct slice text)
{
    return (struct presence_message){ .role = PRESENCE_VISITOR, .text = text };
}

static struct coded code_one(struct slice text)
{
    const struct presence_message message = visitor_says(text);

    return code(&message, 1);
}

/* The instance of that code, which must be there. */
static struct presence_instance of(const struct coded *result, enum presence_code wanted)
{
    for (size_t i = 0; i < result->count; i++) {
        if (result->at[i].code == wanted)
            return result->at[i];
    }
    fail_msg("no %s", presence_code_row(wanted)->id);
    return result->at[0];
}

static void examples__in_the_rule_files__all_hold(void **state)
{
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 1 << 20);
    if (presence_rules_check(rules, &problems) != 0)
        fail_msg("%s", problems.data);
}

static void code__tells_message_rule_and_span(void **state)
{
    const struct presence_message messages[] = {
        visitor_says(SLICE_LITERAL("Hi there")),
        visitor_says(SLICE_LITERAL("The key does not work :(")),
    };
    struct coded result = code(messages, 2);
    struct presence_instance icon = of(&result, PRESENCE_AFF_ICON);

    (void)state;
    assert_int_equal(icon.message, 1);
    assert_int_equal(icon.from, 22);
    assert_int_equal(icon.to, 24);
    assert_string_equal(icon.rule, "any.icon");
    assert_string_equal(result.outcome.language, "en");
    assert_int_equal(of(&result, PRESENCE_COH_GREET).message, 0);
}

static void spans__count_code_points_of_the_original_not_of_nfc(void **state)
{
    /* "Hyvää" with its dots as combining marks: 7 code points for 5 letters. */
    struct coded result =
        code_one(SLICE_LITERAL("Hyva\xcc\x88"
                               "a\xcc\x88 p\xc3\xa4iv\xc3\xa4\xc3\xa4 \xf0\x9f\x98\x8a"));
    struct presence_instance greet = of(&result, PRESENCE_COH_GREET);
    struct presence_instance icon = of(&result, PRESENCE_AFF_ICON);

    (void)state;
    assert_int_equal(greet.from, 0);
    assert_int_equal(greet.to, 14);
    assert_int_equal(icon.from, 15);
    assert_int_equal(icon.to, 16);
}

static void emoji__joined_of_several__is_one_icon(void **state)
{
    /* a family of three and a skin-toned thumb: 5 and 2 code points */
    struct coded family = code_one(SLICE_LITERAL("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9"
                                                 "\xe2\x80\x8d\xf0\x9f\x91\xa7"));
    struct coded thumb = code_one(SLICE_LITERAL("\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd ok"));

    (void)state;
    assert_int_equal(of(&family, PRESENCE_AFF_ICON).to, 5);
    assert_int_equal(of(&thumb, PRESENCE_AFF_ICON).to, 2);
}

static void canned_bot_system_and_files__are_left_out(void **state)
{
    struct presence_message messages[] = {
        visitor_says(SLICE_LITERAL("Hello")), visitor_says(SLICE_LITERAL("Hello")),
        visitor_says(SLICE_LITERAL("Hello")), visitor_says(SLICE_LITERAL("Hello.pdf")),
        visitor_says(SLICE_LITERAL("Hello")),
    };
    struct coded result;

    (void)state;
    messages[0].origin = PRESENCE_CANNED;
    messages[1].role = PRESENCE_BOT;
    messages[1].origin = PRESENCE_BY_BOT;
    messages[2].role = PRESENCE_SYSTEM;
    messages[3].origin = PRESENCE_WITH_FILE;
    result = code(messages, 5);
    assert_int_equal(result.count, 1);
    assert_int_equal(result.at[0].message, 4);
    assert_int_equal(result.outcome.coded, 1);
    assert_int_equal(result.outcome.left_out, 4);
}

static void text__that_is_not_utf8__is_refused_and_the_rest_coded(void **state)
{
    const struct presence_message messages[] = {
        visitor_says(SLICE_LITERAL("Hello \xff\xfe")),
        visitor_says(SLICE_LITERAL("Hello \xc3\xa4")),
    };
    struct coded result = code(messages, 2);

    (void)state;
    assert_int_equal(result.outcome.refused, 1);
    assert_int_equal(result.outcome.coded, 1);
    assert_int_equal(result.count, 1);
}

static void text__of_a_hundred_thousand_characters__is_coded_to_its_end(void **state)
{
    enum { FILLER = 100000 };
    AUTO_BUF text;
    struct coded result;

    (void)state;
    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < FILLER / 5; i++)
        buf_add_text(&text, "word ");
    buf_add_text(&text, ":-)");
    result = code_one(buf_slice(&text));
    assert_int_equal(of(&result, PRESENCE_AFF_ICON).from, FILLER);
    assert_int_equal(of(&result, PRESENCE_AFF_ICON).to, FILLER + 3);
}

static void words__of_the_other_way_of_writing__keep_their_place(void **state)
{
    /* Hebrew, with a mark that turns the writing round: 6 code points before the face */
    struct coded result =
        code_one(SLICE_LITERAL("\xe2\x80\xae\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x98\x8a"));

    (void)state;
    assert_int_equal(of(&result, PRESENCE_AFF_ICON).from, 6);
}

static void name__addressed_is_a_vocative_and_ones_own_is_not(void **state)
{
    const struct slice name = SLICE_LITERAL("Dana");
    struct presence_message messages[] = {
        visitor_says(SLICE_LITERAL("Hello, can you check my order")),
        { .role = PRESENCE_AGENT, .text = SLICE_LITERAL("Hello, Dana here."), .name = name },
        visitor_says(SLICE_LITERAL("thanks dana, that is kind")),
    };
    struct coded result = code(messages, 3);

    (void)state;
    assert_int_equal(of(&result, PRESENCE_COH_VOC).message, 2);
    assert_int_equal(of(&result, PRESENCE_COH_VOC).from, 7);
    assert_int_equal(of(&result, PRESENCE_COH_VOC).to, 11);
}

static void reply__pointed_at_by_the_platform__is_a_reply(void **state)
{
    struct presence_message messages[] = {
        visitor_says(SLICE_LITERAL("The key does not work")),
        { .role = PRESENCE_AGENT, .text = SLICE_LITERAL("It is the old one"), .reply_to = 1 },
    };
    struct coded result = code(messages, 2);

    (void)state;
    assert_int_equal(of(&result, PRESENCE_INT_REPLY).message, 1);
}

static void voikko__where_it_is_installed__knows_a_question_by_its_clitic(void **state)
{
    const struct presence_message messages[] = {
        visitor_says(SLICE_LITERAL("muuttuuko se nyt vai ei")),
        visitor_says(SLICE_LITERAL("tuo on se kesko")),
    };
    AUTO(presence_coder) coder = NULL;
    struct presence_conversation conversation = { .messages = messages, .count = 2 };
    struct coded result = { .count = 0 };

    (void)state;
    assert_int_equal(presence_coder_new(&coder, rules), OK);
    if (presence_coder_use_voikko(coder) == PRESENCE_E_NO_VOIKKO) {
        print_message("skipped: libvoikko1 or voikko-fi is not installed\n");
        skip();
    }
    assert_int_equal(presence_code(coder, &conversation, note, &result, &result.outcome), OK);
    assert_int_equal(of(&result, PRESENCE_INT_Q).message, 0);
    assert_int_equal(result.count, 1);
}

static void quotes_urls_and_code__bear_nothing(void **state)
{
    (void)state;
    assert_int_equal(code_one(SLICE_LITERAL("it says \"Hello, how are you?\"")).count, 0);
    assert_int_equal(code_one(SLICE_LITERAL("> Hello, how are you?\nthe above")).count, 0);
    assert_int_equal(code_one(SLICE_LITERAL("see https://shop.example/?q=hello")).count, 0);
    assert_int_equal(code_one(SLICE_LITERAL("I ran `hello?` and ```\nwhat?\n```")).count, 0);
}

static void language__is_found_by_the_words_and_else_as_declared(void **state)
{
    struct presence_message message = visitor_says(SLICE_LITERAL("se on nyt ihan hyvä"));
    AUTO(presence_coder) coder = NULL;
    struct presence_conversation conversation = { &message, 1, SLICE_LITERAL("en"), NULL, 0 };
    struct coded result = { .count = 0 };

    (void)state;
    assert_int_equal(presence_coder_new(&coder, rules), OK);
    assert_int_equal(presence_code(coder, &conversation, note, &result, &result.outcome), OK);
    assert_string_equal(result.outcome.language, "fi");
    message.text = SLICE_LITERAL("4711");
    assert_int_equal(presence_code(coder, &conversation, note, &result, &result.outcome), OK);
    assert_string_equal(result.outcome.language, "en");
    conversation.language = SLICE_NONE;
    assert_int_equal(presence_code(coder, &conversation, note, &result, &result.outcome), OK);
    assert_string_equal(result.outcome.language, "");
}

static void assert_read_in(const char *language, const char *text, const char *declared)
{
    const struct presence_message message = visitor_says(slice_of(text));
    struct presence_conversation conversation = { &message, 1, slice_of(declared), NULL, 0 };
    struct coded result = { .count = 0 };
    AUTO(presence_coder) coder = NULL;

    assert_int_equal(presence_coder_new(&coder, rules), OK);
    assert_int_equal(presence_code(coder, &conversation, note, &result, &result.outcome), OK);
    assert_string_equal(result.outcome.language, language);
}

/* "was" and "in" are German words as well; "on", "ei" and "ja" Estonian ones. */
static void language__is_not_that_of_a_neighbour_with_whom_it_shares_words(void **state)
{
    static const char german[] = "Hallo, ich brauche Hilfe. Was ist in der Rechnung falsch?";
    static const char estonian[] =
        "Tere, kas te saate mind aidata? Minu arve on vale ja ma ei saa oma kontole sisse logida";

    (void)state;
    assert_read_in("", german, "");
    assert_read_in("", german, "de");
    assert_read_in("fi", german, "fi"); /* we are told no better */
    assert_read_in("", estonian, "et");
    assert_read_in("en", "What is the price of this, please?", "de");
    assert_read_in("en", "What is the price of this, please?", "fi");
    assert_read_in("en", "thanks", "");
}

static void explain__names_the_rule_and_why_it_counts(void **state)
{
    const struct presence_message message = visitor_says(SLICE_LITERAL("Hello, which plan?"));
    AUTO(presence_coder) coder = NULL;
    struct presence_conversation conversation = { .messages = &message, .count = 1 };
    AUTO_BUF told;

    (void)state;
    buf_init(&told, 1 << 16);
    assert_int_equal(presence_coder_new(&coder, rules), OK);
    assert_int_equal(presence_explain(coder, &conversation, 0, &told), OK);
    assert_non_null(strstr(told.data, "COH.GREET en.greet.word 0-5 "));
    assert_non_null(strstr(told.data, ": counts\n"));
    assert_non_null(strstr(told.data, "language: en\n"));
}

/* Judging each of very many matches would take the square of their number. */
static void explain__of_very_many_matches__tells_the_first(void **state)
{
    enum { TIMES = 4000 };
    AUTO_MEM char *text = malloc(TIMES * 7 + 1);
    AUTO(presence_coder) coder = NULL;
    struct presence_message message;
    struct presence_conversation conversation;
    size_t told = 0;
    AUTO_BUF to;

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + i * 7, "thanks ", 8);
    message = (struct presence_message){ .text = slice_of(text), .reply_to = PRESENCE_NO_REPLY };
    conversation = (struct presence_conversation){ .messages = &message, .count = 1 };
    buf_init(&to, 1 << 20);
    assert_int_equal(presence_coder_new(&coder, rules), OK);
    assert_int_equal(presence_explain(coder, &conversation, 0, &to), OK);
    for (const char *at = to.data; (at = strstr(at, "  INT.THANK en.thank ")) != NULL; at++)
        told++;
    assert_int_equal(told, 20);
    assert_non_null(strstr(to.data, "  INT.THANK en.thank: and more\n"));
}

RUN_WITH(load, unload, cmocka_unit_test(examples__in_the_rule_files__all_hold),
         cmocka_unit_test(code__tells_message_rule_and_span),
         cmocka_unit_test(spans__count_code_points_of_the_original_not_of_nfc),
         cmocka_unit_test(emoji__joined_of_several__is_one_icon),
         cmocka_unit_test(canned_bot_system_and_files__are_left_out),
         cmocka_unit_test(text__that_is_not_utf8__is_refused_and_the_rest_coded),
         cmocka_unit_test(text__of_a_hundred_thousand_characters__is_coded_to_its_end),
         cmocka_unit_test(words__of_the_other_way_of_writing__keep_their_place),
         cmocka_unit_test(name__addressed_is_a_vocative_and_ones_own_is_not),
         cmocka_unit_test(reply__pointed_at_by_the_platform__is_a_reply),
         cmocka_unit_test(voikko__where_it_is_installed__knows_a_question_by_its_clitic),
         cmocka_unit_test(quotes_urls_and_code__bear_nothing),
         cmocka_unit_test(language__is_found_by_the_words_and_else_as_declared),
         cmocka_unit_test(language__is_not_that_of_a_neighbour_with_whom_it_shares_words),
         cmocka_unit_test(explain__names_the_rule_and_why_it_counts),
         cmocka_unit_test(explain__of_very_many_matches__tells_the_first))
