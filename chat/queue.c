/* SPDX-License-Identifier: Apache-2.0
 *
 * The place is the conversation's, not the browser's: a reload keeps it. Those who wait are
 * told their place at once, and then when it has changed, at most once a second.
 */
#include "chat/state.h"

#include <stdio.h>

static void added(struct chat *chat, struct conversation *conv)
{
    conv->queued = true;
    conv->told_position = 0;
    if (conv->queued_ms == 0)
        conv->queued_ms = chat->now_ms;
    chat->queue_length++;
    chat_news(chat);
}

void queue_append(struct chat *chat, struct conversation *conv)
{
    conv->queued_ms = chat->now_ms;
    DL_APPEND(chat->queue, conv);
    added(chat, conv);
}

void queue_push_front(struct chat *chat, struct conversation *conv)
{
    DL_PREPEND(chat->queue, conv);
    added(chat, conv);
}

static int by_opening(const struct conversation *a, const struct conversation *b)
{
    return a->opened_ms < b->opened_ms ? -1 : a->opened_ms > b->opened_ms;
}

void queue_insert(struct chat *chat, struct conversation *conv)
{
    DL_INSERT_INORDER(chat->queue, conv, by_opening);
    added(chat, conv);
}

void queue_remove(struct chat *chat, struct conversation *conv)
{
    if (!conv->queued)
        return;
    DL_DELETE(chat->queue, conv);
    conv->queued = false;
    conv->queued_ms = 0;
    chat->queue_length--;
    chat_news(chat);
}

unsigned queue_position(const struct chat *chat, const struct conversation *conv)
{
    unsigned position = 1;

    for (const struct conversation *at = chat->queue; at != NULL && at != conv; at = at->next)
        position++;
    return position;
}

void queue_tell(struct chat *chat, struct conversation *conv, unsigned position,
                struct session_id session)
{
    conv->told_position = position;
    DO(chat, CHAT_DO_TELL_QUEUE, .visitor = conv->visitor, .session = session, .position = position,
       .waited_s = (unsigned)((chat->now_ms - conv->queued_ms) / 1000));
}

/* "2 waiting · longest 0:42 · you 3/5 · 4 agents" */
static void tell_desk(struct chat *chat, struct member *member, unsigned agents)
{
    char longest[64] = "", status[NAME_BYTES];

    if (chat->queue != NULL) {
        char wait[24];

        chat_format_wait(chat->now_ms - chat->queue->queued_ms, wait, sizeof(wait));
        (void)snprintf(longest, sizeof(longest), " · longest %s", wait);
    }
    (void)snprintf(status, sizeof(status), "%u waiting%s · you %u/%u · %u agent%s",
                   chat->queue_length, longest, member->load, member->limit, agents,
                   agents == 1 ? "" : "s");
    if (strcmp(status, member->told_status) == 0)
        return;
    (void)snprintf(member->told_status, sizeof(member->told_status), "%s", status);
    DO(chat, CHAT_DO_DESK_PRESENCE, .agent = slice_of(member->jid), .show = SHOW_AVAILABLE,
       .text = slice_of(status));
}

void queue_tick(struct chat *chat)
{
    const struct session_id all = { { { 0 } } };
    struct conversation *conv;
    struct member *member;
    struct chat_counts counts;
    unsigned position = 0;

    if (!chat->news)
        return;
    if (chat->now_ms < chat->news_ms) {
        chat_wake(chat, chat->news_ms);
        return;
    }
    chat->news = false;
    DL_FOREACH(chat->queue, conv)
    {
        if (conv->told_position != ++position)
            queue_tell(chat, conv, position, all);
    }
    chat_counts(chat, &counts);
    for (member = chat->members; member != NULL; member = member->hh.next) {
        if (member->assigned && member->show != SHOW_GONE && chat->link_up)
            tell_desk(chat, member, counts.agents_available);
    }
}
