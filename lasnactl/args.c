/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/args.h"

#include <stdarg.h>
#include <string.h>

struct parsing {
    int argc, at;
    char **argv;
    struct args *args;
    struct buf *problem;
    const char *words[ARGS_OPERANDS_MAX + 2]; /* noun, verb, operands */
    size_t word_count;
};

static int wrong(struct parsing *parsing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int wrong(struct parsing *parsing, const char *format, ...)
{
    char text[256];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    buf_add_text(parsing->problem, text);
    return EXIT_USAGE;
}

static void suggest(struct parsing *parsing, const char *nearest)
{
    if (nearest != NULL)
        buf_addf(parsing->problem, " Did you mean %s?", nearest);
}

static int take_option(struct parsing *parsing, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    const struct option *option = option_find(word, len);
    struct given *given = &parsing->args->given[parsing->args->given_count];

    if (option == NULL) {
        (void)wrong(parsing, "There is no option %s.", word);
        suggest(parsing, nearest_option(NULL, word));
        return EXIT_USAGE;
    }
    if (parsing->args->given_count == ARGS_OPTIONS_MAX)
        return wrong(parsing, "Too many options.");
    if (option->value == NULL && equals != NULL)
        return wrong(parsing, "%s takes no value.", option->name);
    if (option->value != NULL && equals == NULL && parsing->at + 1 >= parsing->argc)
        return wrong(parsing, "%s needs a value: %s.", option->name, option->value);
    given->option = option;
    given->value = equals != NULL          ? equals + 1
                   : option->value == NULL ? ""
                                           : parsing->argv[++parsing->at];
    parsing->args->given_count++;
    return OK;
}

static int take_words(struct parsing *parsing)
{
    bool options = true;

    for (parsing->at = 1; parsing->at < parsing->argc; parsing->at++) {
        const char *word = parsing->argv[parsing->at];
        int rc = OK;

        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && word[0] == '-' && word[1] != '\0')
            rc = take_option(parsing, word);
        else if (parsing->word_count == sizeof(parsing->words) / sizeof(parsing->words[0]))
            rc = wrong(parsing, "Too many words: %s.", word);
        else
            parsing->words[parsing->word_count++] = word;
        if (rc != OK)
            return rc;
    }
    return OK;
}

static bool help_is_enough(const struct args *args)
{
    return args_has(args, "--help") || args_has(args, "--version") || args_has(args, "--man") ||
           args_has(args, "--completion");
}

/* Which command it is; *ret_used words name it. */
static int find_command(struct parsing *parsing, size_t *ret_used)
{
    struct args *args = parsing->args;

    if (args->noun == NULL)
        return help_is_enough(args) ? OK : wrong(parsing, "Say what to do.");
    if (!noun_is_known(args->noun)) {
        (void)wrong(parsing, "There is no command %s.", args->noun);
        suggest(parsing, nearest_noun(args->noun));
        return EXIT_USAGE;
    }
    *ret_used = noun_has_verbs(args->noun) ? 2 : 1;
    if (*ret_used == 1)
        args->verb = NULL;
    args->command = command_find(args->noun, args->verb);
    if (args->command != NULL || (args->verb == NULL && help_is_enough(args)))
        return OK;
    if (args->verb == NULL)
        return wrong(parsing, "Say what to do with %s.", args->noun);
    (void)wrong(parsing, "There is no command %s %s.", args->noun, args->verb);
    suggest(parsing, nearest_verb(args->noun, args->verb));
    return EXIT_USAGE;
}

static int check_options(struct parsing *parsing)
{
    const struct args *args = parsing->args;

    for (size_t i = 0; args->command != NULL && i < args->given_count; i++)
        if (!command_takes(args->command, args->given[i].option)) {
            (void)wrong(parsing, "%s takes no %s.",
                        args->command->verb != NULL ? args->command->verb : args->command->noun,
                        args->given[i].option->name);
            suggest(parsing, nearest_option(args->command, args->given[i].option->name));
            return EXIT_USAGE;
        }
    return OK;
}

/* "KEY=VALUE…", "[TENANT…]": this one may be repeated. */
static bool is_repeated(const char *operand)
{
    size_t len = strcspn(operand, " ]");

    return len > 3 && memcmp(operand + len - 3, "…", 3) == 0;
}

static const char *next_operand(const char *operand)
{
    operand += strcspn(operand, " ");
    return operand + strspn(operand, " ");
}

static int check_operands(struct parsing *parsing, size_t used)
{
    struct args *args = parsing->args;
    const char *operand = args->command->operands;

    for (size_t i = used; i < parsing->word_count; i++) {
        if (args->operand_count == ARGS_OPERANDS_MAX)
            return wrong(parsing, "Too many words: %s.", parsing->words[i]);
        args->operands[args->operand_count++] = parsing->words[i];
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        if (*operand == '\0')
            return wrong(parsing, "%s is one word too many.", args->operands[i]);
        if (!is_repeated(operand) || i + 1 == args->operand_count)
            operand = next_operand(operand);
    }
    if (*operand != '\0' && *operand != '[')
        return wrong(parsing, "%s is missing.", operand);
    for (const struct option *option = args->command->options; option->name != NULL; option++) {
        if (option->required && !args_has(args, option->name))
            return wrong(parsing, "%s%s%s is missing.", option->name,
                         option->value != NULL ? " " : "",
                         option->value != NULL ? option->value : "");
    }
    return OK;
}

int args_parse(int argc, char **argv, struct args *ret_args, struct buf *problem)
{
    struct parsing parsing = { .argc = argc, .argv = argv, .args = ret_args, .problem = problem };
    size_t used = 0;
    int rc;

    *ret_args = (struct args){ .command = NULL };
    rc = take_words(&parsing);
    if (parsing.word_count > 0)
        ret_args->noun = parsing.words[0];
    if (parsing.word_count > 1)
        ret_args->verb = parsing.words[1];
    if (rc == OK)
        rc = find_command(&parsing, &used);
    if (rc == OK)
        rc = check_options(&parsing);
    if (rc == OK && !help_is_enough(ret_args))
        rc = check_operands(&parsing, used);
    return rc;
}

const char *args_get(const struct args *args, const char *name)
{
    for (size_t i = args->given_count; i > 0; i--)
        if (strcmp(args->given[i - 1].option->name, name) == 0)
            return args->given[i - 1].value;
    return NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_get(args, name) != NULL;
}

const char *args_operand(const struct args *args, const char *name)
{
    const char *operand = args->command->operands;
    size_t len = strlen(name);

    for (size_t i = 0; i < args->operand_count; i++) {
        operand += *operand == '[';
        if (strncmp(operand, name, len) == 0 && strchr(" ]", operand[len]) != NULL)
            return args->operands[i];
        operand = next_operand(operand);
    }
    return NULL;
}

size_t args_repeated(const struct args *args)
{
    const char *operand = args->command->operands;
    size_t place = 0;

    for (; *operand != '\0' && !is_repeated(operand); place++)
        operand = next_operand(operand);
    return place;
}
