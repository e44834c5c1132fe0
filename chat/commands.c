/* SPDX-License-Identifier: Apache-2.0
 *
 * A line that starts with '!', or with '/' and anything after it but "/me ", never reaches a
 * visitor: some clients swallow '/', others send it.
 */
#include "chat/commands.h"

#include "base/format/text.h"
#include "tenant/agent.h"

#include <stdio.h>

const struct command commands[] = {
#define COMMAND(name, word, place, usage, meaning, keeps_words) \
    { word, place, command_##name, usage, LINE_##meaning, keeps_words, false },
    COMMAND_LIST(COMMAND)
#undef COMMAND
#define COMMAND(name, word, place, usage, meaning, keeps_words) \
    { word, place, command_##name, usage, LINE_##meaning, keeps_words, true },
        SUPERVISOR_COMMAND_LIST(COMMAND)
#undef COMMAND
};
const size_t command_count = sizeof(commands) / sizeof(commands[0]);

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

bool commands_is_one(struct slice line)
{
    line = text_after_blank(line);
    if (line.len == 0)
        return false;
    if (slice_starts_with(line, "/me ")) /* what one does, not a command (XEP-0245) */
        return false;
    if (line.data[0] == '/')
        return line.len > 1 && line.data[1] != ' ';
    return line.data[0] == '!' && (line.len < 2 || line.data[1] != '!');
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool begins_like_one(struct slice line)
{
    return line.len > 1 && (line.data[0] == '!' || line.data[0] == '/') &&
           is_letter(line.data[1]) && !slice_starts_with(line, "/me ");
}

bool commands_stand_in(struct slice text, struct slice *ret_word)
{
    const char *end;

    while (text.len > 0 && (end = memchr(text.data, '\n', text.len)) != NULL) {
        size_t past = (size_t)(end - text.data) + 1;

        text = text_after_blank((struct slice){ text.data + past, text.len - past });
        if (begins_like_one(text))
            return commands_next_word(&text, ret_word);
    }
    return false;
}

/* --- answering --- */

void commands_answer_text(const struct call *call, const char *text)
{
    if (visitor_id_is_none(call->said->visitor))
        chat_desk_text(call->chat, call->member, text);
    else
        chat_aside_text(call->chat, call->member, call->said->visitor, text);
}

void commands_answer(const struct call *call, enum line line, const char *const *args)
{
    AUTO_BUF text;

    buf_init(&text, 1024);
    texts_write(&text, call->member->language, line, args);
    commands_answer_text(call, buf_failed(&text) ? "" : text.data);
}

void commands_answer_usage(const struct call *call)
{
    commands_answer(
        call, LINE_USAGE,
        ARGS(call->command->usage, texts_get(call->member->language, call->command->meaning)));
}

static void receipt(const struct call *call)
{
    const struct chat_event *said = call->said;

    if (said->stanza.len > 0)
        DO(call->chat, CHAT_DO_RECEIPT, .agent = said->agent, .resource = said->resource,
           .visitor = said->visitor, .stanza = said->stanza);
}

void commands_done(const struct call *call)
{
    receipt(call);
    DO(call->chat, CHAT_DO_HANDLED, .ordinal = call->said->ordinal);
}

/* --- the words of a line --- */

static struct slice trim(struct slice text)
{
    while (text.len > 0 && is_space(text.data[0]))
        text = (struct slice){ text.data + 1, text.len - 1 };
    while (text.len > 0 && is_space(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool commands_next_word(struct slice *rest, struct slice *ret_word)
{
    struct slice text = trim(*rest);
    size_t len = 0;

    while (len < text.len && !is_space(text.data[len]))
        len++;
    *ret_word = (struct slice){ text.data, len };
    *rest = trim((struct slice){ text.data + len, text.len - len });
    return len > 0;
}

bool commands_is_word(struct slice word, const char *wanted)
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

/* --- finding and running it --- */

/* Somebody outside answers an offer, and sees to what they hold: no desk, no colleagues, nothing
 * the visitor said before. */
static bool is_for_outsiders(const struct command *command, enum place place)
{
    static const struct {
        command_fn *run;
        enum place place;
    } theirs[] = {
        { command_ok, AT_DESK },      { command_no, AT_DESK },      { command_help, ANYWHERE },
        { command_info, AT_VISITOR }, { command_note, AT_VISITOR }, { command_tag, AT_VISITOR },
        { command_back, AT_VISITOR }, { command_end, AT_VISITOR },
    };

    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++) {
        if (theirs[i].run == command->run)
            return (theirs[i].place & place) != 0;
    }
    return false;
}

bool commands_is_for(const struct command *command, const struct member *member, enum place place)
{
    if (member->outsider)
        return is_for_outsiders(command, place);
    return !command->supervisors || member->role == AGENT_ROLE_SUPERVISOR;
}

static const struct command *find(struct slice word, const struct member *member, enum place place)
{
    for (size_t i = 0; i < command_count; i++) {
        if (commands_is_word(word, commands[i].word) &&
            commands_is_for(&commands[i], member, place))
            return &commands[i];
    }
    return NULL;
}

/* "ok" in a visitor's chat is a word for the visitor, and never comes here. */
static void unknown(const struct call *call, struct slice word)
{
    bool slash = word.len > 0 && word.data[0] == '/', bang = word.len > 0 && word.data[0] == '!';
    struct slice bare = word;
    char shown[48], sent[48];

    while (bare.len > 0 && (bare.data[0] == '!' || bare.data[0] == '/'))
        bare = (struct slice){ bare.data + 1, bare.len - 1 };
    bare = text_start(bare, 40);
    (void)snprintf(shown, sizeof(shown), "%s%.*s", slash ? "/" : (bang ? "!" : ""),
                   SLICE_ARG(bare));
    (void)snprintf(sent, sizeof(sent), "%s%.*s", slash ? "/" : "", SLICE_ARG(bare));
    if (visitor_id_is_none(call->said->visitor))
        commands_answer(call, LINE_NO_COMMAND, ARGS(shown));
    else
        commands_answer(call, LINE_NO_COMMAND_NOT_SENT, ARGS(shown, sent));
}

static void run(const struct call *call, struct slice word)
{
    const struct command *command = call->command;
    bool at_desk = visitor_id_is_none(call->said->visitor);

    if (command != NULL && (command->place & (at_desk ? AT_DESK : AT_VISITOR)) != 0)
        command->run(call);
    else if (command != NULL && at_desk)
        commands_answer(call, LINE_ONLY_AT_VISITOR, ARGS(command->word));
    else
        unknown(call, word);
}

void commands_run(struct chat *chat, struct member *member, struct conversation *conv,
                  const struct chat_event *said)
{
    struct call call = { .chat = chat, .member = member, .conv = conv, .said = said };
    enum place here = visitor_id_is_none(said->visitor) ? AT_DESK : AT_VISITOR;
    struct slice word;

    call.rest = text_after_blank(said->text);
    (void)commands_next_word(&call.rest, &word);
    call.command = find(word, member, here);
    if (call.command != NULL && call.command->keeps_words && (call.command->place & here) != 0) {
        call.command->run(&call);
        return;
    }
    receipt(&call);
    if (agents_is_new_stanza(member, said->stanza)) /* done once, however often it comes */
        run(&call, word);
    DO(chat, CHAT_DO_HANDLED, .ordinal = said->ordinal);
}
