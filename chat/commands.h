/* SPDX-License-Identifier: Apache-2.0
 *
 * commands — what agents tell the desk to do. One list (command_list.h) makes the commands, their
 * help and the ad-hoc commands of clients that know them. The same words in every language.
 *
 * A row's function lives in commands_desk.c where it is about the desk or the agent, in
 * commands_visitor.c where it is about one conversation, and in commands_supervisor.c where only
 * supervisors have it.
 */
#ifndef CHAT_COMMANDS_H
#define CHAT_COMMANDS_H

#include "chat/command_list.h"
#include "chat/state.h"
#include "chat/texts.h"

/* Where a command was said, and by whom. */
struct call {
    struct chat *chat;
    struct member *member;
    struct conversation *conv; /* NULL: said to the desk, or the conversation is forgotten */
    struct slice rest;         /* behind the command's own word */
    const struct command *command;
    const struct chat_event *said;
};

typedef void command_fn(const struct call *call);

struct command {
    const char *word;
    enum place place;
    command_fn *run;
    const char *usage;
    enum line meaning;
    bool keeps_words; /* what it holds is stored: received only when it is, and then handled */
    bool supervisors; /* theirs alone */
};

extern const struct command commands[];
extern const size_t command_count;

/* An answer goes back where the command came from. */
void commands_answer(const struct call *call, enum line line, const char *const *args);
void commands_answer_text(const struct call *call, const char *text);
/* "Like this: !note TEXT – …" */
void commands_answer_usage(const struct call *call);
/* A command that keeps words, and had none to keep: received and handled all the same. */
void commands_done(const struct call *call);
/* Whether this member has it here. */
bool commands_is_for(const struct command *command, const struct member *member, enum place place);
/* Takes the next word off *rest; false: there is none. */
bool commands_next_word(struct slice *rest, struct slice *ret_word);
/* Words are compared without regard to capitals: phones write one at the start of a line. */
bool commands_is_word(struct slice word, const char *wanted);

/* ending.c: whether the agent may end it now, with which outcome; else they are told what is
 * missing. */
bool ending_may(const struct call *call, struct slice *ret_outcome);

#define COMMAND(name, ...) command_fn command_##name;
COMMAND_LIST(COMMAND)
SUPERVISOR_COMMAND_LIST(COMMAND)
#undef COMMAND

#endif
