/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about the desk and the agent: offers, who is here, who waits, how we speak.
 */
#include "chat/commands.h"

#include <stdio.h>

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

/* Somebody else was faster; said once. */
static bool was_late(const struct call *call)
{
    struct member *member = call->member;

    if (member->missed_to == NULL)
        return false;
    commands_answer(call, LINE_TOO_LATE, ARGS(member->missed_to->name, member->missed));
    member->missed_to = NULL;
    return true;
}

static struct offer *offered(const struct call *call)
{
    struct offer *offer;
    unsigned number;
    char text[16];

    if (!take_number(call->rest, &number)) {
        commands_answer(call, LINE_WHICH_OFFER, NO_ARGS);
        return NULL;
    }
    offer = offers_of(call->chat, call->member, number);
    (void)snprintf(text, sizeof(text), "%u", number);
    if (offer == NULL && !was_late(call))
        commands_answer(call, number == 0 ? LINE_NO_OFFER : LINE_NO_SUCH_OFFER, ARGS(text));
    return offer;
}

void command_ok(const struct call *call)
{
    struct offer *offer = offered(call);

    if (offer != NULL)
        offers_accept(call->chat, offer);
}

void command_no(const struct call *call)
{
    struct offer *offer = offered(call);

    if (offer != NULL)
        offers_decline(call->chat, offer);
}

/* What can be said where it was asked. */
void command_help(const struct call *call)
{
    enum place place = visitor_id_is_none(call->said->visitor) ? AT_DESK : AT_VISITOR;
    enum language language = call->member->language;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES - 64);
    for (size_t i = 0; i < command_count; i++) {
        if ((commands[i].place & place) != 0 && commands_is_for(&commands[i], call->member, place))
            buf_addf(&text, "%s%s – %s", text.len == 0 ? "" : "\n", commands[i].usage,
                     texts_get(language, commands[i].meaning));
    }
    if (place == AT_VISITOR)
        buf_addf(&text, "\n!!TEXT – %s", texts_get(language, LINE_HELP_SHOUT));
    commands_answer_text(call, text.data);
}

void command_queue(const struct call *call)
{
    char title[NAME_BYTES], wait[24], number[16];
    const struct conversation *conv;
    unsigned position = 0;
    AUTO_BUF text;

    buf_init(&text, 4000);
    DL_FOREACH(call->chat->queue, conv)
    {
        if (++position > 10)
            continue;
        conversation_title(conv, title, sizeof(title));
        chat_format_wait(call->chat->now_ms - conv->queued_ms, wait, sizeof(wait));
        buf_addf(&text, "%s%u. %s · %s", position == 1 ? "" : "\n", position, title, wait);
        (void)snprintf(number, sizeof(number), "%u", conv->points);
        if (conv->points > 0)
            texts_write(&text, call->member->language, LINE_QUEUE_PRIORITY, ARGS(number));
    }
    if (position == 0) {
        commands_answer(call, LINE_NOBODY_WAITS, NO_ARGS);
        return;
    }
    (void)snprintf(number, sizeof(number), "%u", position > 10 ? position - 10 : 0);
    if (position > 10) {
        buf_add_text(&text, "\n");
        texts_write(&text, call->member->language, LINE_AND_MORE, ARGS(number));
    }
    commands_answer_text(call, text.data);
}

static enum line show_line(const struct member *member)
{
    static const enum line lines[] = { LINE_SHOW_GONE, LINE_SHOW_BUSY, LINE_SHOW_AWAY,
                                       LINE_SHOW_AWAY, LINE_SHOW_AVAILABLE };

    bool declines = member->away || member->unstaffed;

    return member->show == SHOW_AVAILABLE && declines ? LINE_SHOW_NO_OFFERS : lines[member->show];
}

void command_who(const struct call *call)
{
    AUTO_BUF text;

    buf_init(&text, 4000);
    for (const struct member *m = call->chat->members; m != NULL; m = m->hh.next) {
        if (m->assigned && !m->outsider && m->show != SHOW_GONE)
            buf_addf(&text, "%s%s · %s · %u/%u", text.len == 0 ? "" : "\n", m->name,
                     texts_get(call->member->language, show_line(m)), m->load, m->limit);
    }
    if (text.len == 0)
        commands_answer(call, LINE_NOBODY_HERE, NO_ARGS);
    else
        commands_answer_text(call, text.data);
}

void command_here(const struct call *call)
{
    agents_set_away(call->chat, call->member, false);
    routing_ask_again(call->chat, call->member);
    commands_answer(call, call->member->unstaffed ? LINE_UNSTAFFED : LINE_HERE, NO_ARGS);
}

void command_away(const struct call *call)
{
    agents_set_away(call->chat, call->member, true);
    commands_answer(call, LINE_AWAY, NO_ARGS);
}

/* Kept in the directory, so that it holds at every desk and after a restart. */
void command_lang(const struct call *call)
{
    enum language language;

    if (!language_parse(call->rest, &language)) {
        commands_answer_usage(call);
        return;
    }
    call->member->language = language;
    call->member->told_status[0] = '\0';
    chat_news(call->chat);
    DO(call->chat, CHAT_DO_KEEP_LANGUAGE, .agent = slice_of(call->member->jid),
       .text = slice_of(language_code(language)));
    commands_answer(call, LINE_LANGUAGE_IS, NO_ARGS);
}

/* For everyone who waits, or the one at this place in the queue. */
static void explain_queue(const struct call *call, unsigned wanted)
{
    const struct conversation *conv;
    char title[NAME_BYTES];
    unsigned place = 0;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES - 64);
    DL_FOREACH(call->chat->queue, conv)
    {
        if (++place != wanted && wanted != 0)
            continue;
        conversation_title(conv, title, sizeof(title));
        buf_addf(&text, "%s%u. %s: ", text.len == 0 ? "" : "\n", place, title);
        routing_explain(call->chat, conv, call->member->language, &text);
        if (wanted == 0 && place == 3)
            break;
    }
    if (text.len == 0)
        commands_answer(call, LINE_NOBODY_WAITS, NO_ARGS);
    else
        commands_answer_text(call, text.data);
}

void command_why(const struct call *call)
{
    AUTO_BUF text;
    unsigned place;

    buf_init(&text, LINE_BYTES - 64);
    if (visitor_id_is_none(call->said->visitor)) {
        if (take_number(call->rest, &place))
            explain_queue(call, place);
        else
            commands_answer_usage(call);
        return;
    }
    if (call->conv != NULL)
        routing_explain(call->chat, call->conv, call->member->language, &text);
    if (text.len == 0)
        commands_answer(call, LINE_NOT_YOURS, NO_ARGS);
    else
        commands_answer_text(call, text.data);
}
