/* SPDX-License-Identifier: Apache-2.0
 *
 * What only supervisors tell the desk: to let them watch, to whisper to the agent, to join or take
 * over. At the desk a conversation is called by its short id; in a contact they have joined it
 * needs no name. Each look, and each step in, goes to the audit.
 */
#include "chat/commands.h"

#include "base/format/text.h"

#include <stdio.h>
#include <strings.h>

enum { LISTED_MAX = 20 };

/* --- which one --- */

/* "#k4tz", or as much more of the id as they like. NULL: none, or several. */
static struct conversation *by_id(const struct chat *chat, struct slice word)
{
    struct conversation *found = NULL;
    char id[ID_TEXT_BYTES];

    if (word.len > 0 && word.data[0] == '#')
        word = (struct slice){ word.data + 1, word.len - 1 };
    if (word.len < SHORT_ID_LEN || word.len > ID_TEXT_LEN)
        return NULL;
    for (struct conversation *conv = chat->by_visitor; conv != NULL; conv = conv->hh_visitor.next) {
        id_format(conv->id.id, id);
        if (!conv->stored || strncasecmp(word.data, id, word.len) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = conv;
    }
    return found;
}

/* The conversation the command is about, with its name taken off *rest. NULL: there is none, and
 * they were told so. */
static struct conversation *wanted(const struct call *call, struct slice *rest)
{
    struct conversation *conv = call->conv;
    struct slice word;
    char text[48];

    if (!visitor_id_is_none(call->said->visitor)) {
        if (conv != NULL && conv->stored && conv->state != CONVERSATION_ENDED)
            return conv;
        commands_answer(call, LINE_NOT_YOURS, NO_ARGS);
        return NULL;
    }
    if (!commands_next_word(rest, &word)) {
        commands_answer_usage(call);
        return NULL;
    }
    conv = by_id(call->chat, word);
    (void)slice_copy(text_start(word, 40), text, sizeof(text));
    if (conv == NULL)
        commands_answer(call, LINE_NO_SUCH_CONVERSATION, ARGS(text));
    return conv;
}

static bool is_holder(const struct call *call, const struct conversation *conv)
{
    return conv->state == CONVERSATION_ACTIVE && conv->agent == call->member;
}

static void audit(const struct call *call, const struct conversation *conv, const char *code)
{
    DO(call->chat, CHAT_DO_AUDIT, .agent = slice_of(call->member->jid), .conversation = conv->id,
       .code = code);
}

/* "#k4tz" of "#k4tz Maria" */
static const char *short_id(const char *title, char id[SHORT_ID_LEN + 2])
{
    (void)snprintf(id, SHORT_ID_LEN + 2, "%.*s", SHORT_ID_LEN + 1, title);
    return id;
}

/* --- watching --- */

/* "Anna has it." or "waits for 0:42" */
static void write_holder(const struct call *call, const struct conversation *conv, struct buf *to)
{
    enum language language = call->member->language;
    char wait[24];

    chat_format_wait(call->chat->now_ms - conv->queued_ms, wait, sizeof(wait));
    if (conv->state == CONVERSATION_ACTIVE)
        buf_add_text(to, conv->agent->name);
    else
        texts_write(to, language, LINE_WHY_WAITS, ARGS(wait));
}

/* `#k4tz Maria · Anna · 3:12 · "Hei, paljonko Pro maksaa?"` */
static void list_open(const struct call *call)
{
    const struct chat *chat = call->chat;
    char title[TITLE_BYTES], open[24], more[16];
    unsigned count = 0;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES * 4);
    for (const struct conversation *conv = chat->by_visitor; conv != NULL;
         conv = conv->hh_visitor.next) {
        if (!conv->stored || ++count > LISTED_MAX)
            continue;
        onlookers_title(conv, title, sizeof(title));
        chat_format_wait(chat->now_ms - conv->opened_ms, open, sizeof(open));
        buf_addf(&text, "%s%s · ", count == 1 ? "" : "\n", title);
        write_holder(call, conv, &text);
        buf_addf(&text, " · %s · \"%s\"", open, conv->preview);
    }
    if (count == 0) {
        commands_answer(call, LINE_NONE_OPEN, NO_ARGS);
        return;
    }
    (void)snprintf(more, sizeof(more), "%u", count > LISTED_MAX ? count - LISTED_MAX : 0);
    if (count > LISTED_MAX) {
        buf_add_text(&text, "\n");
        texts_write(&text, call->member->language, LINE_AND_MORE, ARGS(more));
    }
    commands_answer_text(call, text.data);
}

static void answer_watching(const struct call *call, const struct conversation *conv)
{
    char title[TITLE_BYTES], id[SHORT_ID_LEN + 2];
    AUTO_BUF holder;

    buf_init(&holder, 512);
    write_holder(call, conv, &holder);
    onlookers_title(conv, title, sizeof(title));
    commands_answer(call, LINE_WATCH_BEGINS, ARGS(title, holder.data, short_id(title, id)));
}

void command_watch(const struct call *call)
{
    struct slice rest = call->rest;
    struct conversation *conv;
    char title[TITLE_BYTES];

    if (rest.len == 0) {
        list_open(call);
        return;
    }
    conv = wanted(call, &rest);
    if (conv == NULL)
        return;
    onlookers_title(conv, title, sizeof(title));
    if (is_holder(call, conv)) {
        commands_answer(call, LINE_TO_YOURSELF, NO_ARGS);
    } else if (onlookers_has_joined(conv, call->member)) {
        commands_answer(call, LINE_JOINED_ALREADY, ARGS(title));
    } else if (onlookers_find(conv, call->member) != NULL) {
        answer_watching(call, conv);
    } else {
        audit(call, conv, "watch");
        answer_watching(call, conv);
        if (onlookers_watch(call->chat, conv, call->member) != NULL)
            onlookers_resume(call->chat, conv);
    }
}

void command_unwatch(const struct call *call)
{
    struct slice rest = call->rest;
    struct conversation *conv = wanted(call, &rest);
    struct onlooker *onlooker;
    char title[TITLE_BYTES];

    if (conv == NULL)
        return;
    onlookers_title(conv, title, sizeof(title));
    onlooker = onlookers_find(conv, call->member);
    if (onlooker == NULL) {
        commands_answer(call, LINE_NOT_WATCHED, ARGS(title));
    } else if (onlooker->joined) {
        audit(call, conv, "leave");
        onlookers_ask_leave(call->chat, conv, call->member); /* they hear when it is stored */
    } else {
        onlookers_unwatch(call->chat, conv, onlooker);
        commands_answer(call, LINE_WATCH_ENDS, ARGS(title));
    }
}

/* --- stepping in --- */

/* Kept as a note: the agent hears it when it is on disk. */
void command_whisper(const struct call *call)
{
    const struct chat_event *said = call->said;
    struct slice rest = call->rest;
    struct conversation *conv = wanted(call, &rest);
    char title[TITLE_BYTES], id[SHORT_ID_LEN + 2];

    if (conv != NULL && rest.len > 0 && conv->state == CONVERSATION_ACTIVE &&
        !is_holder(call, conv)) {
        audit(call, conv, "whisper");
        STORE(call->chat, .kind = WRITE_NOTE, .conversation = conv->id, .visitor = said->visitor,
              .agent = said->agent, .sender = said->agent, .name = slice_of(call->member->name),
              .cid = said->stanza, .text = rest, .reason = SLICE_LITERAL("whisper"),
              .resource = said->resource, .ordinal = said->ordinal);
        return;
    }
    if (conv != NULL && rest.len == 0) {
        commands_answer_usage(call);
    } else if (conv != NULL && is_holder(call, conv)) {
        commands_answer(call, LINE_TO_YOURSELF, NO_ARGS);
    } else if (conv != NULL) {
        onlookers_title(conv, title, sizeof(title));
        commands_answer(call, LINE_NOBODY_HAS_IT, ARGS(title, short_id(title, id)));
    }
    commands_done(call);
}

void commands_whispered(struct chat *chat, const struct chat_write *write)
{
    const struct conversation *conv = conversation_find(chat, write->conversation);
    const struct member *member = agents_find(chat, write->agent);
    char title[NAME_BYTES];
    AUTO_BUF words, line;

    buf_init(&words, LINE_BYTES * 4);
    buf_init(&line, LINE_BYTES * 5);
    saying_handled(chat, write);
    if (conv == NULL || member == NULL)
        return;
    if (conv->state != CONVERSATION_ACTIVE) {
        chat_desk(chat, member, LINE_NOT_WHISPERED, NO_ARGS);
        return;
    }
    conversation_title(conv, title, sizeof(title));
    buf_add_slice(&words, write->text);
    texts_write(&line, conv->agent->language, LINE_WHISPER,
                ARGS(member->name, title, buf_failed(&words) ? "…" : words.data));
    if (!buf_failed(&line))
        chat_desk_text(chat, conv->agent, line.data);
    chat_desk(chat, member, LINE_WHISPERED, ARGS(conv->agent->name));
}

void command_join(const struct call *call)
{
    struct slice rest = call->rest;
    struct conversation *conv = wanted(call, &rest);
    char title[TITLE_BYTES], id[SHORT_ID_LEN + 2];

    if (conv == NULL)
        return;
    onlookers_title(conv, title, sizeof(title));
    if (is_holder(call, conv)) {
        commands_answer(call, LINE_TO_YOURSELF, NO_ARGS);
    } else if (onlookers_has_joined(conv, call->member)) {
        commands_answer(call, LINE_JOINED_ALREADY, ARGS(title));
    } else if (conv->state != CONVERSATION_ACTIVE) {
        commands_answer(call, LINE_NOBODY_HAS_IT, ARGS(title, short_id(title, id)));
    } else {
        audit(call, conv, "join");
        onlookers_ask_join(call->chat, conv, call->member);
    }
}

void command_takeover(const struct call *call)
{
    struct slice rest = call->rest;
    struct conversation *conv = wanted(call, &rest);

    if (conv == NULL)
        return;
    if (is_holder(call, conv)) {
        commands_answer(call, LINE_TO_YOURSELF, NO_ARGS);
    } else if (conv->heir != NULL || conv->claiming != NULL) {
        commands_answer(call, LINE_TRANSFER_PENDING, NO_ARGS);
    } else if (conv->ending) {
        commands_answer(call, LINE_IS_OVER, NO_ARGS);
    } else {
        audit(call, conv, "takeover");
        transfer_take_over(call->chat, conv, call->member);
    }
}
