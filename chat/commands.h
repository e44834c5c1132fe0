/* SPDX-License-Identifier: Apache-2.0
 *
 * commands — what agents tell the desk to do. One table makes the commands, their help and the
 * ad-hoc commands of clients that know them. The same words in every language.
 *
 * A row's function lives in commands_desk.c where it is about the desk or the agent, and in
 * commands_visitor.c where it is about one conversation.
 */
#ifndef CHAT_COMMANDS_H
#define CHAT_COMMANDS_H

#include "chat/state.h"
#include "chat/texts.h"

enum place { AT_DESK = 1, AT_VISITOR = 2, ANYWHERE = 3 };

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
/* Takes the next word off *rest; false: there is none. */
bool commands_next_word(struct slice *rest, struct slice *ret_word);
/* Words are compared without regard to capitals: phones write one at the start of a line. */
bool commands_is_word(struct slice word, const char *wanted);

command_fn command_ok, command_no, command_help, command_queue, command_who, command_here,
    command_away, command_lang, command_info, command_history, command_note, command_back,
    command_end, command_to, command_why, command_tag, command_stage, command_callback;

#endif
