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

/* E.164 ends at 15 digits. With its + or 0 in front a number may be shorter; without, six digits or
 * fewer are a postal code, an order, a time. */
enum { NUMBER_DIGITS = 7, NUMBER_DIGITS_PREFIXED = 6, NUMBER_DIGITS_MOST = 15, RETRY_MS = 10000 };

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

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "2026-03-02": a day, whatever else follows. */
static bool is_day(struct slice text)
{
    static const char form[] = "dddd-dd-dd";

    if (text.len < sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        if (form[i] == 'd' ? !is_digit(text.data[i]) : text.data[i] != form[i])
            return false;
    return true;
}

/* `run` begins and ends with digits, or begins with + or (; `before` stands in front of it. */
static bool is_number(struct slice run, char before)
{
    bool prefixed = run.data[0] == '+' || run.data[0] == '(' || run.data[0] == '0';
    size_t digits = 0;

    for (size_t i = 0; i < run.len; i++)
        digits += is_digit(run.data[i]);
    /* "#1234567" and "A1234567" are names of other things. */
    if (before == '#' || (before >= 'A' && before <= 'Z') || (before >= 'a' && before <= 'z'))
        return false;
    return digits >= (prefixed ? NUMBER_DIGITS_PREFIXED : NUMBER_DIGITS) &&
           digits <= NUMBER_DIGITS_MOST && !is_day(run);
}

/* The run of digits, and of what people put between them, that begins at `at`. */
static struct slice run_at(struct slice text, size_t at)
{
    static const char between[] = { '-', '(', ')', '/', ' ' };
    size_t end = at + 1;

    for (size_t i = at; i < text.len; i++) {
        if (is_digit(text.data[i]))
            end = i + 1;
        else if (i > at && memchr(between, text.data[i], sizeof(between)) == NULL)
            break;
    }
    return (struct slice){ text.data + at, end - at };
}

/* "Call +358 40 123 4567 please" → "+358 40 123 4567", the longest there is; empty: none. */
static struct slice find_number(struct slice text)
{
    struct slice found = SLICE_NONE;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        struct slice run;

        if (!is_digit(c) &&
            !((c == '+' || c == '(') && i + 1 < text.len && is_digit(text.data[i + 1])))
            continue;
        run = run_at(text, i);
        if (run.len > found.len && is_number(run, i > 0 ? text.data[i - 1] : ' '))
            found = run;
        i += run.len - 1;
    }
    return found;
}

void unanswered_heard(struct chat *chat, struct conversation *conv, struct slice text)
{
    const struct slice event = SLICE_LITERAL("callback");
    struct slice number = find_number(text);
    AUTO_BUF detail;
    AUTO_BUF hears;

    buf_init(&detail, 256);
    buf_init(&hears, HEARS_BYTES);
    if (!conv->unanswered || chat->rules.unanswered != UNANSWERED_CALLBACK || number.len == 0 ||
        number.len > 64 || conv->state != CONVERSATION_QUEUED)
        return;
    buf_add_text(&detail, "{\"number\":");
    buf_add_json(&detail, number);
    buf_add_text(&detail, "}");
    calls_hearers(chat, event, SLICE_NONE, &hears);
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .message = chat_new_message_id(chat), .event = event, .text = number,
          .detail = buf_slice(&detail), .hears = buf_slice(&hears));
}
