/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/help.h"

#include "base/format/roff.h"

#include <string.h>

static const char *const exit_meanings[] = {
    [EXIT_DONE] = "done",
    [EXIT_REFUSED] = "refused or failed",
    [EXIT_USAGE] = "the command line makes no sense",
    [EXIT_PROBLEMS] = "a check found problems",
    [EXIT_UNREACHABLE] = "the daemon cannot be reached",
};

static void print_exits(FILE *to)
{
    (void)fputs("\nExit status:\n", to);
    for (size_t i = 0; i < sizeof(exit_meanings) / sizeof(exit_meanings[0]); i++)
        (void)fprintf(to, "  %zu  %s\n", i, exit_meanings[i]);
}

static void print_option(const struct option *option, FILE *to)
{
    char left[64];

    (void)snprintf(left, sizeof(left), "%s%s%s", option->name, option->value != NULL ? " " : "",
                   option->value != NULL ? option->value : "");
    (void)fprintf(to, "  %-22s %s\n", left, option->meaning);
}

static void print_options(const struct option *options, FILE *to)
{
    for (; options->name != NULL; options++)
        print_option(options, to);
}

static void print_usage(const struct command *command, FILE *to)
{
    (void)fprintf(to, "lasnactl %s%s%s%s%s", command->noun, command->verb != NULL ? " " : "",
                  command->verb != NULL ? command->verb : "",
                  command->operands[0] != '\0' ? " " : "", command->operands);
}

static void help_command(const struct command *command, FILE *to)
{
    (void)fputs("Usage: ", to);
    print_usage(command, to);
    (void)fprintf(to, " [OPTION…]\n\n%s\n\nOptions:\n", command->summary);
    print_options(command->options, to);
    if (command->if_missing != NULL)
        print_option(&if_missing_option, to);
    print_options(global_options, to);
    print_exits(to);
}

static void help_many(const char *noun, FILE *to)
{
    (void)fputs("Usage: lasnactl NOUN [VERB] [OPERAND…] [OPTION…]\n\n"
                "Runs a Läsnä instance, over its control socket.\n\nCommands:\n",
                to);
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);

        if (noun != NULL && strcmp(noun, command->noun) != 0)
            continue;
        (void)fputs("  ", to);
        print_usage(command, to);
        (void)fprintf(to, "\n      %s\n", command->summary);
    }
    (void)fputs("\nOptions everywhere:\n", to);
    print_options(global_options, to);
    (void)fputs("\n`lasnactl NOUN VERB --help` tells a command's own options.\n", to);
    print_exits(to);
}

void help_print(const struct args *args, FILE *to)
{
    if (args->command != NULL)
        help_command(args->command, to);
    else
        help_many(args->noun, to);
}

static void man_text(const char *text, FILE *to)
{
    for (; *text != '\0'; text++) {
        const char *instead = roff_of(*text);

        if (instead != NULL)
            (void)fputs(instead, to);
        else
            (void)fputc(*text, to);
    }
}

static void man_options(const struct option *options, FILE *to)
{
    for (; options->name != NULL; options++) {
        (void)fputs(".TP\n\\fB", to);
        man_text(options->name, to);
        (void)fprintf(to, "\\fR%s\\fI%s\\fR\n", options->value != NULL ? " " : "",
                      options->value != NULL ? options->value : "");
        man_text(options->meaning, to);
        (void)fputc('\n', to);
    }
}

static void man_commands(FILE *to)
{
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);

        (void)fputs(".SS \"", to);
        print_usage(command, to);
        (void)fputs("\"\n", to);
        man_text(command->summary, to);
        (void)fputc('\n', to);
        man_options(command->options, to);
        if (command->if_missing != NULL)
            man_options((const struct option[]){ if_missing_option, { .name = NULL } }, to);
    }
}

void help_man(FILE *to)
{
    (void)fputs(".\\\" Made from the command table by `lasnactl \\-\\-man`: do not edit.\n"
                ".TH LASNACTL 1 \"\" \"Läsnä " LASNA_VERSION "\" \"Läsnä\"\n"
                ".SH NAME\nlasnactl \\- run a Läsnä live chat instance\n"
                ".SH SYNOPSIS\n\\fBlasnactl\\fR \\fINOUN\\fR [\\fIVERB\\fR] [\\fIOPERAND\\fR ...] "
                "[\\fIOPTION\\fR ...]\n.SH DESCRIPTION\n"
                "Speaks the REST API over the instance's control socket: whoever may open that "
                "socket is its operator. Options may stand anywhere.\n.SH COMMANDS\n",
                to);
    man_commands(to);
    (void)fputs(".SH OPTIONS\nEvery command takes these.\n", to);
    man_options(global_options, to);
    (void)fputs(".SH EXIT STATUS\n", to);
    for (size_t i = 0; i < sizeof(exit_meanings) / sizeof(exit_meanings[0]); i++)
        (void)fprintf(to, ".TP\n%zu\n%s\n", i, exit_meanings[i]);
    (void)fputs(".SH ENVIRONMENT\n.TP\n\\fBLASNA_HOME\\fR\nThe instance's folder.\n"
                ".SH FILES\n.TP\n\\fIHOME/instance.json\\fR\nNames the control socket; without it "
                "that is \\fIHOME/run/control.sock\\fR.\n",
                to);
}
