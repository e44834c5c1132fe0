/* SPDX-License-Identifier: Apache-2.0
 *
 * When nobody takes a conversation in time. The visitor is told once, in words of the tenant's or
 * ours: that it takes longer, or to leave an address, or a number to call. It is said like any
 * words, so it stands in the transcript, with the event in the same transaction; the conversation
 * keeps its place. Supervisors who are here hear of it, and whoever has the skill for such cases is
 * asked first from then on.
 *
 * The message's cid is the conversation's id: said again after a crash, it is known again.
 */
#include "chat/state.h"

#include "tenant/agent.h"

#include <stdio.h>

enum { NUMBER_DIGITS = 5, RETRY_MS = 10000 };

static const enum line lines[] = {
    [UNANSWERED_WAIT] = LINE_UNANSWERED_WAIT,
    [UNANSWERED_OFFLINE] = LINE_UNANSWERED_OFFLINE,
    [UNANSWERED_CALLBACK] = LINE_UNANSWERED_CALLBACK,
};

/* Waiting counts from when it could have been answered: not while it was closed. */
static uint64_t due_ms(const struct chat *chat, const struct conversation *conv)
{
    uint64_t since_ms = conv->queued_ms > chat->opened_ms ? conv->queued_ms : chat->opened_ms;

    return since_ms + chat->rules.unanswered_ms;
}

static bool is_to_be_told(const struct chat *chat, const struct conversation *conv)
{
    return chat->rules.unanswered_ms > 0 && chat->open && !conv->unanswered && !conv->ending &&
           conv->claiming == NULL;
}

void unanswered_wake(struct chat *chat, const struct conversation *conv)
{
    if (is_to_be_told(chat, conv))
        chat_wake(chat,
                  due_ms(chat, conv) > chat->now_ms ? due_ms(chat, conv) : chat->now_ms + RETRY_MS);
}

static void write_words(const struct chat *chat, const struct conversation *conv, struct buf *to)
{
    const char *own = canned_unanswered(chat, conv);
    enum language language = LANGUAGE_EN;

    (void)language_parse(slice_of(conv->language), &language);
    if (own[0] != '\0')
        buf_add_text(to, own);
    else
        texts_write(to, language, lines[chat->rules.unanswered], NO_ARGS);
}

static void tell(struct chat *chat, struct conversation *conv)
{
    char cid[ID_TEXT_BYTES], detail[64];
    AUTO_BUF words;

    buf_init(&words, LINE_BYTES);
    write_words(chat, conv, &words);
    if (buf_failed(&words))
        return;
    conv->unanswered = true;
    id_format(conv->id.id, cid);
    (void)snprintf(detail, sizeof(detail), "{\"waited_s\":%llu}",
                   (unsigned long long)(chat->now_ms - conv->queued_ms) / 1000);
    STORE(chat, .kind = WRITE_MESSAGE, .conversation = conv->id, .visitor = conv->visitor,
          .message = chat_new_message_id(chat), .from = FROM_SYSTEM, .origin = ORIGIN_SYSTEM,
          .sender = SLICE_LITERAL("system"), .name = slice_of(chat->title), .cid = slice_of(cid),
          .text = buf_slice(&words), .beside = true, .event = SLICE_LITERAL("unanswered"),
          .detail = slice_of(detail));
    if (chat->rules.unanswered_skill[0] != '\0')
        STORE(chat, .kind = WRITE_RELEASE, .conversation = conv->id, .visitor = conv->visitor,
              .reason = SLICE_LITERAL("unanswered"),
              .text = slice_of(chat->rules.unanswered_skill));
}

void unanswered_tick(struct chat *chat)
{
    struct conversation *conv;

    DL_FOREACH(chat->queue, conv)
    {
        if (is_to_be_told(chat, conv) && due_ms(chat, conv) <= chat->now_ms)
            tell(chat, conv);
        unanswered_wake(chat, conv);
    }
}

/* --- what storage says --- */

static void tell_supervisors(struct chat *chat, const struct conversation *conv)
{
    char title[TITLE_BYTES], wait[24];

    onlookers_title(conv, title, sizeof(title));
    chat_format_wait(chat->now_ms - conv->queued_ms, wait, sizeof(wait));
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (m->assigned && m->role == AGENT_ROLE_SUPERVISOR && m->show != SHOW_GONE)
            chat_desk(chat, m, LINE_NOBODY_TAKES, ARGS(title, wait));
    }
}

void unanswered_said(struct chat *chat, const struct chat_event *stored)
{
    const struct chat_write *write = stored->write;
    struct conversation *conv = conversation_find(chat, write->conversation);

    if (conv == NULL || stored->repeat)
        return;
    if (stored->seq > conv->last_seq)
        conv->last_seq = stored->seq;
    DO(chat, CHAT_DO_TELL_MESSAGE, .visitor = write->visitor, .conversation = write->conversation,
       .seq = stored->seq, .from = FROM_SYSTEM, .name = write->name, .text = write->text,
       .at_ms = write->at_ms);
    delivery_catch_up(chat, conv); /* of whoever has taken it meanwhile */
    onlookers_show(chat, conv);
    if (!conv->queued)
        return;
    tell_supervisors(chat, conv);
    room_waits(chat, conv);
}

void unanswered_unsaid(struct chat *chat, const struct chat_event *failed)
{
    struct conversation *conv = conversation_find(chat, failed->write->conversation);

    if (conv == NULL || failed->refused)
        return;
    conv->unanswered = false;
    chat_wake(chat, chat->now_ms + RETRY_MS);
}

/* --- the number they leave --- */

/* "Call +358 40 123 4567 please" → "+358 40 123 4567"; empty: none. */
static struct slice find_number(struct slice text)
{
    static const char between[] = { '-', '(', ')', '/', ' ' };
    struct slice found = SLICE_NONE;
    size_t start = 0, digits = 0, last = 0;

    for (size_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.data[i] : '.';

        if (c >= '0' && c <= '9') {
            start = digits++ > 0
                        ? start
                        : i - (i > 0 && (text.data[i - 1] == '+' || text.data[i - 1] == '('));
            last = i;
        } else if (digits > 0 && memchr(between, c, sizeof(between)) == NULL) {
            if (digits >= NUMBER_DIGITS && last + 1 - start > found.len)
                found = (struct slice){ text.data + start, last + 1 - start };
            digits = 0;
        }
    }
    return found;
}

void unanswered_heard(struct chat *chat, struct conversation *conv, struct slice text)
{
    struct slice number = find_number(text);
    AUTO_BUF detail;

    buf_init(&detail, 256);
    if (!conv->unanswered || chat->rules.unanswered != UNANSWERED_CALLBACK || number.len == 0 ||
        number.len > 64 || conv->state != CONVERSATION_QUEUED)
        return;
    buf_add_text(&detail, "{\"number\":");
    buf_add_json(&detail, number);
    buf_add_text(&detail, "}");
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = SLICE_LITERAL("callback"), .text = number, .detail = buf_slice(&detail));
}
