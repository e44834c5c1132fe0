/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/completion.h"

#include "lasnactl/command.h"

#include <string.h>

static void print_names(const struct option *options, FILE *to)
{
    for (; options->name != NULL; options++)
        (void)fprintf(to, " %s", options->name);
}

/* Whether an earlier row has said this noun already: the rows of a noun need not stand together. */
static bool is_said(size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(command_at(i)->noun, command_at(row)->noun) == 0)
            return true;
    return false;
}

static void print_nouns(FILE *to)
{
    (void)fputs("    '') words='", to);
    for (size_t i = 0; i < command_count(); i++)
        if (!is_said(i))
            (void)fprintf(to, " %s", command_at(i)->noun);
    (void)fputs("' ;;\n", to);
}

static void print_verbs(FILE *to)
{
    for (size_t i = 0; i < command_count(); i++) {
        const char *noun = command_at(i)->noun;

        if (is_said(i) || !noun_has_verbs(noun))
            continue;
        (void)fprintf(to, "    '%s') words='", noun);
        for (size_t j = i; j < command_count(); j++)
            if (strcmp(command_at(j)->noun, noun) == 0)
                (void)fprintf(to, " %s", command_at(j)->verb);
        (void)fputs("' ;;\n", to);
    }
}

static void print_options(FILE *to)
{
    for (size_t i = 0; i < command_count(); i++) {
        const struct command *command = command_at(i);

        (void)fprintf(to, "    '%s%s%s'*) options='", command->noun,
                      command->verb != NULL ? " " : "", command->verb != NULL ? command->verb : "");
        print_names(command->options, to);
        if (command->if_missing != NULL)
            (void)fprintf(to, " %s", if_missing_option.name);
        (void)fputs("' ;;\n", to);
    }
}

static void print_valued(const struct option *options, FILE *to)
{
    for (; options->name != NULL; options++)
        if (options->value != NULL)
            (void)fprintf(to, " | %s", options->name);
}

/* The options that take the next word, as a pattern; the first of them is there to begin with. */
static void print_all_valued(FILE *to)
{
    (void)fprintf(to, "        %s", global_options[0].name);
    for (size_t i = 0; i < command_count(); i++)
        print_valued(command_at(i)->options, to);
    (void)fputs(") ;;\n", to);
}

void completion_print(FILE *to)
{
    (void)fputs("# Made from the command table by `lasnactl --completion`: do not edit.\n"
                "_lasnactl() {\n"
                "    local cur=${COMP_WORDS[COMP_CWORD]} last='' word words='' options=''\n"
                "    local -a said=()\n"
                "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                "        case $last in\n",
                to);
    print_all_valued(to);
    (void)fputs("        *) [[ $word == -* ]] || said+=(\"$word\") ;;\n"
                "        esac\n"
                "        last=$word\n"
                "    done\n"
                "    case \"${said[*]:0:2}\" in\n",
                to);
    print_nouns(to);
    print_verbs(to);
    (void)fputs("    esac\n    case \"${said[*]:0:2}\" in\n", to);
    print_options(to);
    (void)fputs("    esac\n    [[ $cur == -* ]] && words=\"$options", to);
    print_names(global_options, to);
    (void)fputs("\"\n"
                "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                "}\n"
                "complete -o default -F _lasnactl lasnactl\n",
                to);
}
