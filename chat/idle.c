/* SPDX-License-Identifier: Apache-2.0
 *
 * When nobody says anything any more. Whoever has closed the page is not waited for long. While
 * a browser watches, a silent conversation ends, too, so that agents have room for others; but
 * the visitor is warned in time, and one act keeps it open, as often as they like (WCAG 2.2.1).
 * Who waits in the queue waits for us: they are never sent away while they watch.
 */
#include "chat/state.h"

enum { WARN_MS = 120000, SILENT_MIN_MS = 40000 };

/* How long a watched conversation may be silent; UINT64_MAX: for ever. */
static uint64_t silent_ms(const struct chat *chat)
{
    uint64_t ms = chat->rules.silent_end_ms;

    if (ms == 0)
        return UINT64_MAX;
    return ms < SILENT_MIN_MS ? SILENT_MIN_MS : ms;
}

/* Of which so much after the warning: 20 seconds at least. */
static uint64_t warn_ms(const struct chat *chat)
{
    uint64_t half_ms = silent_ms(chat) / 2;

    return half_ms < WARN_MS ? half_ms : WARN_MS;
}

static void wake(struct chat *chat, const struct conversation *conv)
{
    if (conv->state == CONVERSATION_ACTIVE && silent_ms(chat) != UINT64_MAX)
        chat_wake(chat, conv->touched_ms + silent_ms(chat) - warn_ms(chat));
}

void idle_touch(struct chat *chat, struct conversation *conv)
{
    conv->touched_ms = chat->now_ms;
    if (conv->closes_ms != 0)
        DO(chat, CHAT_DO_TELL_IDLE, .visitor = conv->visitor, .left_s = 0);
    conv->closes_ms = 0;
    wake(chat, conv);
}

static void warn(struct chat *chat, struct conversation *conv)
{
    conv->closes_ms = chat->now_ms + warn_ms(chat);
    chat_wake(chat, conv->closes_ms);
    DO(chat, CHAT_DO_TELL_IDLE, .visitor = conv->visitor,
       .left_s = (unsigned)(warn_ms(chat) / 1000));
}

static void look_at_watched(struct chat *chat, struct conversation *conv)
{
    uint64_t silent_since_ms = chat->now_ms - conv->touched_ms;

    if (conv->state != CONVERSATION_ACTIVE || silent_ms(chat) == UINT64_MAX)
        return;
    if (conv->closes_ms == 0 && silent_since_ms < silent_ms(chat) - warn_ms(chat))
        wake(chat, conv);
    else if (conv->closes_ms == 0)
        warn(chat, conv);
    else if (conv->closes_ms > chat->now_ms)
        chat_wake(chat, conv->closes_ms);
    else
        conversation_ask_end(chat, conv, "timeout", SLICE_NONE);
}

static void look_at_left(struct chat *chat, struct conversation *conv)
{
    uint64_t due_ms =
        conv->touched_ms +
        (conv->state == CONVERSATION_QUEUED ? chat->rules.queued_end_ms : chat->rules.idle_end_ms);

    if (due_ms > chat->now_ms)
        chat_wake(chat, due_ms);
    else
        conversation_ask_end(chat, conv, "timeout", SLICE_NONE);
}

void idle_look(struct chat *chat, struct conversation *conv)
{
    if (conv->ending || !conv->stored)
        return;
    if (visitors_find(chat, conv->visitor) != NULL)
        look_at_watched(chat, conv);
    else
        look_at_left(chat, conv);
}

void on_visitor_stays(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (conv != NULL)
        idle_touch(chat, conv);
}
