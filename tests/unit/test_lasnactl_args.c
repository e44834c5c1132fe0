/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "tests/support/cmocka.h"

#include "base/auto.h"

#include <stdio.h>

static struct args args;
static char said[4096];

/* Parses a line of words; what is wrong stays in `said`. */
static int parse(const char *line)
{
    static char words[1024];
    char *argv[32] = { (char *)(uintptr_t) "lasnactl" };
    char *rest;
    int argc = 1;
    AUTO_BUF problem;
    int rc;

    (void)snprintf(words, sizeof(words), "%s", line);
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    buf_init(&problem, sizeof(said) - 1);
    rc = args_parse(argc, argv, &args, &problem);
    (void)slice_copy(buf_slice(&problem), said, sizeof(said));
    return rc;
}

static void options__stand_anywhere(void **state)
{
    static const char *const same[] = {
        "--home /h --json tenant add acme --name Acme --origin https://a.example",
        "tenant --home /h add --name Acme acme --origin https://a.example --json",
        "tenant add acme --origin=https://a.example --name=Acme --home=/h --json",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        assert_int_equal(parse(same[i]), OK);
        assert_string_equal(args.command->noun, "tenant");
        assert_string_equal(args.command->verb, "add");
        assert_string_equal(args_operand(&args, "TENANT"), "acme");
        assert_string_equal(args_get(&args, "--name"), "Acme");
        assert_string_equal(args_get(&args, "--origin"), "https://a.example");
        assert_string_equal(args_get(&args, "--home"), "/h");
        assert_true(args_has(&args, "--json"));
    }
}

static void a_wrong_line__is_usage__and_tells_what_was_meant(void **state)
{
    static const struct {
        const char *line, *tells;
    } wrong[] = {
        { "", "Say what to do" },
        { "tenant", "Say what to do with tenant" },
        { "tennant list", "Did you mean tenant?" },
        { "tenant lst", "Did you mean list?" },
        { "tenant list --jso", "Did you mean --json?" },
        { "tenant show", "TENANT is missing" },
        { "agent assign anna@agents.example", "TENANT is missing" },
        { "tenant show acme borealis", "one word too many" },
        { "tenant list --origin https://a.example", "list takes no --origin" },
        { "tenant add acme --name", "--name needs a value" },
        { "tenant list --json=1", "--json takes no value" },
        { "agent assign a@b.example acme --if-missing", "takes no --if-missing" },
        { "zzzzzzzz", "There is no command" },
        { "tenant show -- --json -- x", "too many" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse(wrong[i].line), EXIT_USAGE);
        if (strstr(said, wrong[i].tells) == NULL)
            fail_msg("'%s' said: %s", wrong[i].line, said);
    }
}

static void a_repeated_option__keeps_all_and_the_last_wins(void **state)
{
    (void)state;
    assert_int_equal(parse("tenant add acme --origin a --origin b"), OK);
    assert_int_equal(args.given_count, 2);
    assert_string_equal(args_get(&args, "--origin"), "b");
}

static void after_two_dashes__a_word_is_no_option(void **state)
{
    (void)state;
    assert_int_equal(parse("tenant show -- --json"), OK);
    assert_string_equal(args_operand(&args, "TENANT"), "--json");
    assert_false(args_has(&args, "--json"));
}

static void help__is_for_everything_and_asks_for_no_operands(void **state)
{
    (void)state;
    assert_int_equal(parse("--help"), OK);
    assert_null(args.command);
    assert_int_equal(parse("tenant --help"), OK);
    for (size_t i = 0; i < command_count(); i++) {
        char line[64];

        (void)snprintf(line, sizeof(line), "%s %s --help", command_at(i)->noun,
                       command_at(i)->verb != NULL ? command_at(i)->verb : "");
        assert_int_equal(parse(line), OK);
        assert_ptr_equal(args.command, command_at(i));
    }
}

static void an_operand_that_may_be_left_out__may(void **state)
{
    (void)state;
    assert_int_equal(parse("check"), OK);
    assert_null(args_operand(&args, "AREA"));
    assert_int_equal(parse("check store"), OK);
    assert_string_equal(args_operand(&args, "AREA"), "store");
}

/* The same option with a value here and without one there could not stand before its verb. */
static void an_option__means_the_same_kind_of_thing_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < command_count(); i++)
        for (const struct option *option = command_at(i)->options; option->name != NULL; option++) {
            const struct option *first = option_find(option->name, strlen(option->name));

            assert_int_equal(first->value == NULL, option->value == NULL);
        }
}

static void path_is(const char *expected)
{
    AUTO_BUF path;

    buf_init(&path, 4096);
    path_fill(args.command->path, &args, &path);
    path_query(args.command->query, &args, &path);
    assert_string_equal(path.data, expected);
}

static void a_path__holds_operands_in_the_one_spelling_there_is(void **state)
{
    (void)state;
    assert_int_equal(parse("agent unassign päivi/x@agents.example acme"), OK);
    path_is("/tenants/acme/agents/p%C3%A4ivi%2Fx@agents.example");
    assert_int_equal(parse("tenant show ../x?y"), OK);
    path_is("/tenants/..%2Fx%3Fy");
    assert_int_equal(parse("check"), OK);
    path_is("/check");
    assert_int_equal(parse("check a&b"), OK);
    path_is("/check?area=a%26b");
    assert_int_equal(
        parse("transcript export acme --state ended --since 2026-03-02T09:14:05+02:00"), OK);
    path_is("/tenants/acme/transcripts/export?state=ended&since=2026-03-02T09%3A14%3A05%2B02%3A00");
}

RUN(cmocka_unit_test(options__stand_anywhere),
    cmocka_unit_test(a_wrong_line__is_usage__and_tells_what_was_meant),
    cmocka_unit_test(a_repeated_option__keeps_all_and_the_last_wins),
    cmocka_unit_test(after_two_dashes__a_word_is_no_option),
    cmocka_unit_test(help__is_for_everything_and_asks_for_no_operands),
    cmocka_unit_test(an_operand_that_may_be_left_out__may),
    cmocka_unit_test(an_option__means_the_same_kind_of_thing_everywhere),
    cmocka_unit_test(a_path__holds_operands_in_the_one_spelling_there_is))
