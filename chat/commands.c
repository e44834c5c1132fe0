/* SPDX-License-Identifier: Apache-2.0
 *
 * What agents tell the desk to do: one table makes the commands, their help and, where a
 * client knows them, the ad-hoc commands. The same words in every language.
 *
 * A line that starts with '!', or with '/' and anything after it, never reaches a visitor:
 * some clients swallow '/', others send it.
 */
#include "chat/state.h"

#include <stdio.h>
#include <stdlib.h>

/* Where a command was said, and by whom. */
struct call {
    struct chat *chat;
    struct member *member;
    struct conversation *conv; /* NULL: said to the desk */
    struct slice rest;         /* behind the command's own word */
};

typedef void command_fn(const struct call *call);

static void ok(const struct call *call);
static void no(const struct call *call);
static void help(const struct call *call);
static void end(const struct call *call);
static void back(const struct call *call);
static void queue(const struct call *call);
static void who(const struct call *call);

enum place { AT_DESK = 1, AT_VISITOR = 2, ANYWHERE = 3 };

static const struct command {
    const char *word;
    enum place place;
    command_fn *run;
    const char *usage, *meaning;
} commands[] = {
    { "ok", AT_DESK, ok, "ok [n]", "take the offer (the oldest, or number n)" },
    { "no", AT_DESK, no, "no [n]", "let it pass" },
    { "!help", ANYWHERE, help, "!help", "this list" },
    { "!end", AT_VISITOR, end, "!end [outcome]", "end this conversation" },
    { "!back", AT_VISITOR, back, "!back", "give it back to the queue" },
    { "!queue", ANYWHERE, queue, "!queue", "who waits" },
    { "!who", ANYWHERE, who, "!who", "which colleagues are here" },
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

bool commands_is_one(struct slice line)
{
    if (line.len == 0)
        return false;
    if (line.data[0] == '/')
        return line.len > 1 && line.data[1] != ' ';
    return line.data[0] == '!' && (line.len < 2 || line.data[1] != '!');
}

/* An answer goes back where the command came from. */
static void answer(const struct call *call, const char *text)
{
    if (call->conv != NULL)
        chat_aside(call->chat, call->member, call->conv->visitor, "%s", text);
    else
        chat_desk(call->chat, call->member, "%s", text);
}

/* --- the commands --- */

/* The number behind the word; 0 where there is none. False: something else stands there. */
static bool take_number(struct slice rest, unsigned *ret_number)
{
    unsigned number = 0;

    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] < '0' || rest.data[i] > '9' || number > 9999)
            return false;
        number = number * 10 + (unsigned)(rest.data[i] - '0');
    }
    *ret_number = number;
    return true;
}

static struct conversation *offered(const struct call *call)
{
    struct conversation *conv;
    unsigned number;
    char text[128];

    if (!take_number(call->rest, &number)) {
        answer(call, "Which one? Reply ok, or ok and the offer's number.");
        return NULL;
    }
    conv = routing_offer_of(call->chat, call->member, number);
    if (conv == NULL && number == 0)
        answer(call, "Nothing is offered to you now.");
    if (conv == NULL && number != 0) {
        (void)snprintf(text, sizeof(text), "There is no offer %u for you now.", number);
        answer(call, text);
    }
    return conv;
}

static void ok(const struct call *call)
{
    struct conversation *conv = offered(call);

    if (conv != NULL)
        routing_accept(call->chat, conv, call->member);
}

static void no(const struct call *call)
{
    struct conversation *conv = offered(call);

    if (conv != NULL)
        routing_decline(call->chat, conv, call->member);
}

static void help(const struct call *call)
{
    AUTO_BUF text;

    buf_init(&text, 900);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        buf_addf(&text, "%s%s – %s%s", i == 0 ? "" : "\n", commands[i].usage, commands[i].meaning,
                 commands[i].place == AT_DESK      ? " (here at the desk)"
                 : commands[i].place == AT_VISITOR ? " (in the visitor's chat)"
                                                   : "");
    buf_add_text(&text, "\n!!text – send a line that starts with !");
    answer(call, text.data);
}

static bool holds(const struct call *call)
{
    if (call->conv != NULL && call->conv->state == CONVERSATION_ACTIVE &&
        call->conv->agent == call->member)
        return true;
    answer(call, "This conversation is not yours.");
    return false;
}

static void end(const struct call *call)
{
    if (holds(call))
        conversation_ask_end(call->chat, call->conv, "agent", call->rest);
}

static void back(const struct call *call)
{
    if (!holds(call))
        return;
    routing_pass(call->chat, call->conv, call->member);
    conversation_ask_release(call->chat, call->conv, "back");
}

static void queue(const struct call *call)
{
    char title[NAME_BYTES], wait[24];
    const struct conversation *conv;
    unsigned position = 0;
    AUTO_BUF text;

    buf_init(&text, 900);
    DL_FOREACH(call->chat->queue, conv)
    {
        if (++position > 10)
            continue;
        conversation_title(conv, title, sizeof(title));
        chat_format_wait(call->chat->now_ms - conv->queued_ms, wait, sizeof(wait));
        buf_addf(&text, "%s%u. %s · %s", position == 1 ? "" : "\n", position, title, wait);
    }
    if (position > 10)
        buf_addf(&text, "\nand %u more", position - 10);
    answer(call, position == 0 ? "Nobody waits." : text.data);
}

static void who(const struct call *call)
{
    static const char *const shows[] = { "gone", "busy", "away", "away", "available" };
    AUTO_BUF text;

    buf_init(&text, 900);
    for (const struct member *m = call->chat->members; m != NULL; m = m->hh.next) {
        if (m->assigned && m->show != SHOW_GONE)
            buf_addf(&text, "%s%s · %s · %u/%u", text.len == 0 ? "" : "\n", m->name, shows[m->show],
                     m->load, m->limit);
    }
    answer(call, text.len == 0 ? "Nobody is here." : text.data);
}

/* --- finding it --- */

static struct slice trim(struct slice text)
{
    while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\n'))
        text = (struct slice){ text.data + 1, text.len - 1 };
    while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\n'))
        text.len--;
    return text;
}

/* Phones write capitals at the start of a line. */
static bool is_word(struct slice word, const char *wanted)
{
    if (word.len != strlen(wanted))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];

        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != wanted[i])
            return false;
    }
    return true;
}

static const struct command *find(struct slice word, enum place place)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if ((commands[i].place & place) != 0 && is_word(word, commands[i].word))
            return &commands[i];
    }
    return NULL;
}

static void unknown(const struct call *call, struct slice word)
{
    struct slice bare = word;
    char text[256];

    while (bare.len > 0 && (bare.data[0] == '!' || bare.data[0] == '/'))
        bare = (struct slice){ bare.data + 1, bare.len - 1 };
    if (bare.len > 40)
        bare.len = 40;
    if (call->conv == NULL)
        (void)snprintf(text, sizeof(text), "There is no command %.*s. !help lists them.",
                       SLICE_ARG(word.len > 40 ? bare : word));
    else if (word.len > 0 && word.data[0] == '/')
        (void)snprintf(text, sizeof(text),
                       "Not sent: no command /%.*s. !help lists them; !!/%.*s sends it as text.",
                       SLICE_ARG(bare), SLICE_ARG(bare));
    else
        (void)snprintf(text, sizeof(text),
                       "Not sent: no command !%.*s. !help lists them; !!%.*s sends it as text.",
                       SLICE_ARG(bare), SLICE_ARG(bare));
    answer(call, text);
}

void commands_run(struct chat *chat, struct member *member, struct conversation *conv,
                  struct slice line)
{
    struct call call = { .chat = chat, .member = member, .conv = conv };
    struct slice word = trim(line);
    const struct command *command;

    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] == ' ' || word.data[i] == '\n') {
            call.rest = trim((struct slice){ word.data + i, word.len - i });
            word.len = i;
            break;
        }
    }
    command = find(word, conv == NULL ? AT_DESK : AT_VISITOR);
    if (command != NULL)
        command->run(&call);
    else
        unknown(&call, word);
}
