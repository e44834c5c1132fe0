/* SPDX-License-Identifier: Apache-2.0
 *
 * args — the command line, taken apart by the command table. Pure: no files, no output.
 *
 * Options may stand anywhere, also before the noun; "--" ends them; "--name=value" and
 * "--name value" are the same.
 */
#ifndef LASNACTL_ARGS_H
#define LASNACTL_ARGS_H

#include "base/buf.h"
#include "lasnactl/command.h"

enum { ARGS_OPERANDS_MAX = 64, ARGS_OPTIONS_MAX = 64 };

struct args {
    const struct command *command; /* NULL: help or version was asked for, or usage is wrong */
    const char *noun, *verb;       /* as typed, as far as they were */
    const char *operands[ARGS_OPERANDS_MAX];
    size_t operand_count;
    struct given {
        const struct option *option;
        const char *value;
    } given[ARGS_OPTIONS_MAX];
    size_t given_count;
};

/* All borrow from argv. EXIT_USAGE: what is wrong stands in `problem`. */
int args_parse(int argc, char **argv, struct args *ret_args, struct buf *problem);

/* The last one given wins. NULL: not given. */
const char *args_get(const struct args *args, const char *name);
bool args_has(const struct args *args, const char *name);
/* An operand by the name it has in the table: "TENANT". NULL: left out. */
const char *args_operand(const struct args *args, const char *name);
/* The place of the first of an operand that may be repeated ("KEY=VALUE…"); they go to the end. */
size_t args_repeated(const struct args *args);

#endif
