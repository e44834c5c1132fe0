/* SPDX-License-Identifier: Apache-2.0
 *
 * The team room, as the rules see it: agents are invited, and what concerns all of them is
 * announced, where the tenant wants it. No visitor's words are: who it is, and how long it took.
 */
#include "chat/commands.h"

void on_room_set(struct chat *chat, const struct chat_event *event)
{
    (void)slice_copy(event->text, chat->room, sizeof(chat->room));
    chat->room_language = LANGUAGE_EN;
    (void)language_parse(event->language, &chat->room_language);
}

static void invite(struct chat *chat, const struct member *member)
{
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    texts_write(&text, member->language, LINE_TEAM_ROOM, ARGS(chat->title, chat->room));
    if (member->assigned && !buf_failed(&text))
        DO(chat, CHAT_DO_INVITE, .agent = slice_of(member->jid),
           .message = chat_new_message_id(chat), .text = buf_slice(&text),
           .name = slice_of(chat->room));
}

void on_room_admitted(struct chat *chat, const struct chat_event *event)
{
    const struct member *member = agents_find(chat, event->agent);

    if (member != NULL && chat->room[0] != '\0')
        invite(chat, member);
}

void command_room(const struct call *call)
{
    if (call->chat->room[0] != '\0')
        invite(call->chat, call->member);
    else
        commands_answer(call, LINE_NO_TEAM_ROOM, NO_ARGS);
}

/* --- announcing --- */

static void announce(struct chat *chat, const struct conversation *conv, enum line line)
{
    char title[TITLE_BYTES], wait[24];
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    if (chat->room[0] == '\0' || !chat->rules.room_announces)
        return;
    onlookers_title(conv, title, sizeof(title));
    chat_format_wait(chat->now_ms - conv->opened_ms, wait, sizeof(wait));
    texts_write(&text, chat->room_language, line, ARGS(title, wait));
    if (!buf_failed(&text))
        DO(chat, CHAT_DO_ANNOUNCE, .message = chat_new_message_id(chat), .text = buf_slice(&text));
}

void room_waits(struct chat *chat, const struct conversation *conv)
{
    announce(chat, conv, LINE_NOBODY_TAKES);
}

void room_ended(struct chat *chat, const struct conversation *conv)
{
    if (conv->agent == NULL)
        announce(chat, conv, LINE_ROOM_MISSED);
}

void room_stored(struct chat *chat, const struct chat_event *stored)
{
    const struct conversation *conv = conversation_find(chat, stored->write->conversation);

    if (conv == NULL || stored->repeat)
        return;
    if (slice_is(stored->write->event, "callback"))
        announce(chat, conv, LINE_ROOM_CALLBACK);
    else if (slice_is(stored->write->event, "meeting"))
        announce(chat, conv, LINE_ROOM_MEETING);
}
