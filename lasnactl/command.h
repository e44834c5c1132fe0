/* SPDX-License-Identifier: Apache-2.0
 *
 * command — everything lasnactl can be told, in one table: words, options, and what is asked
 * of the API. Parsing, help, suggestions and the manual page all read it.
 *
 * Adding a command: a row. It has a route behind it; nothing it can do is missing from the
 * API. Only what no route gives (a file written, say) needs a function of its own.
 */
#ifndef LASNACTL_COMMAND_H
#define LASNACTL_COMMAND_H

#include "base/format/json.h"

#include <stdio.h>

struct args;
struct client;

enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,     /* or failed */
    EXIT_USAGE = 2,       /* the command line makes no sense */
    EXIT_PROBLEMS = 3,    /* a check found problems */
    EXIT_UNREACHABLE = 4, /* the daemon */
};

/* An option's name always means the same kind of thing, whatever the command. */
struct option {
    const char *name;  /* "--name" or "-o"; NULL ends a table */
    const char *value; /* what stands after it; NULL: nothing */
    const char *meaning;
    bool required; /* must be given */
};

/* The body of a request. NULL: it cannot be made, and why was said. */
typedef json_t *body_fn(const struct args *args);
/* For people; `document` is what the API answered (a list's items, for lists). */
typedef void print_fn(const json_t *document, FILE *to);
/* Does the whole command; returns its exit code. */
typedef int run_fn(struct client *client, const struct args *args);

struct command {
    const char *noun, *verb; /* verb NULL: the noun is the whole command */
    const char *operands;    /* "JID TENANT"; "[AREA]" may be left out */
    const struct option *options;
    const char *method;
    const char *path;       /* operands stand in braces: /tenants/{TENANT} */
    const char *query;      /* options without dashes that go along: "state since" */
    const char *if_missing; /* where to look instead when it exists; NULL: no --if-missing */
    body_fn *body;
    print_fn *print;
    run_fn *run; /* NULL: ask, print */
    const char *summary;
};

size_t command_count(void);
const struct command *command_at(size_t i);
/* NULL: no such command. */
const struct command *command_find(const char *noun, const char *verb);
bool noun_is_known(const char *noun);
bool noun_has_verbs(const char *noun);

extern const struct option global_options[];
extern const struct option if_missing_option;
/* Any option by that name, of any command; NULL: none. */
const struct option *option_find(const char *name, size_t len);
bool command_takes(const struct command *command, const struct option *option);

/* The known word nearest to a mistyped one; NULL: none is near. */
const char *nearest_noun(const char *word);
const char *nearest_verb(const char *noun, const char *word);
const char *nearest_option(const struct command *command, const char *word);

#endif
