/* SPDX-License-Identifier: Apache-2.0
 *
 * An offer: one conversation held out to one agent, with a number and an end. Several may stand
 * at once, of one conversation to several agents and of several conversations to one. The first
 * answer that is on disk wins; the lines of the others are corrected, and whoever answers late
 * is told who was faster.
 */
#include "chat/state.h"

#include <stdio.h>
#include <stdlib.h>

struct offer *offers_find(const struct chat *chat, const struct conversation *conv,
                          const struct member *member)
{
    struct offer *offer;

    DL_FOREACH(chat->offers, offer)
    {
        if (offer->conv == conv && offer->member == member)
            return offer;
    }
    return NULL;
}

struct offer *offers_of(const struct chat *chat, const struct member *member, unsigned number)
{
    struct offer *offer;

    DL_FOREACH(chat->offers, offer)
    {
        if (offer->member == member && (number == 0 || offer->number == number))
            return offer;
    }
    return NULL;
}

static unsigned free_number(const struct chat *chat, const struct member *member)
{
    unsigned number = 1;

    while (offers_of(chat, member, number) != NULL)
        number++;
    return number;
}

/* --- its line --- */

/* Somebody outside is told of which company it is. */
static void write_giver(const struct chat *chat, const struct offer *offer, struct buf *to)
{
    const struct member *giver = offer->conv->agent;
    char name[2 * NAME_BYTES + 8];

    if (offer->member->outsider)
        (void)snprintf(name, sizeof(name), "%s (%s)", giver->name, chat->title);
    else
        (void)snprintf(name, sizeof(name), "%s", giver->name);
    texts_write(to, offer->member->language, LINE_HANDS_YOU, ARGS(name));
}

/* `Anna hands you: Maria · "Hei, paljonko Pro maksaa?" (wants two) · fi · /pricing · 0:12` */
static void write_about(const struct chat *chat, const struct offer *offer, struct buf *to)
{
    const struct conversation *conv = offer->conv;
    const struct guest *guest = visitors_find(chat, conv->visitor);
    char title[NAME_BYTES], wait[24];

    conversation_title(conv, title, sizeof(title));
    chat_format_wait(chat->now_ms - (conv->queued ? conv->queued_ms : conv->opened_ms), wait,
                     sizeof(wait));
    if (conv->heir == offer->member)
        write_giver(chat, offer, to);
    buf_addf(to, "%s · \"%s\"", title, conv->preview);
    if (conv->why[0] != '\0')
        buf_addf(to, " (%s)", conv->why);
    if (conv->language[0] != '\0')
        buf_addf(to, " · %s", conv->language);
    if (guest != NULL && guest->page[0] != '\0')
        buf_addf(to, " · %s", guest->page);
    buf_addf(to, " · %s", wait);
}

/* `Maria · "Hei, paljonko Pro maksaa?" · fi · /pricing · 0:12 – reply ok or no (20 s)` */
static void write_line(const struct chat *chat, const struct offer *offer, struct buf *to)
{
    char number[16] = "", seconds[24];
    AUTO_BUF about;

    buf_init(&about, 2048);
    write_about(chat, offer, &about);
    if (offer->member->offers > 1)
        (void)snprintf(number, sizeof(number), " %u", offer->number);
    (void)snprintf(seconds, sizeof(seconds), "%llu",
                   (unsigned long long)(offer->until_ms - chat->now_ms) / 1000);
    texts_write(to, offer->member->language, LINE_OFFER, ARGS(about.data, number, seconds));
}

void offers_make(struct chat *chat, struct conversation *conv, struct member *member)
{
    struct offer *offer = calloc(1, sizeof(*offer));
    AUTO_BUF line;

    buf_init(&line, 3000);
    if (offer == NULL)
        return; /* the next tick tries again */
    offer->conv = conv;
    offer->member = member;
    offer->number = free_number(chat, member);
    offer->line = chat_new_message_id(chat);
    offer->until_ms =
        chat->now_ms + (member->outsider ? chat->rules.outsiders_offer_ms : chat->rules.offer_ms);
    DL_APPEND(chat->offers, offer);
    conv->offers++;
    member->offers++;
    member->turn = ++chat->turns;
    chat_wake(chat, offer->until_ms);
    write_line(chat, offer, &line);
    DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(member->jid), .message = offer->line,
       .text = buf_slice(&line));
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = SLICE_LITERAL("offered"), .agent = slice_of(member->jid),
          .name = slice_of(member->name));
}

/* --- its end --- */

void offers_drop(struct chat *chat, struct offer *offer)
{
    offer->conv->offers--;
    offer->member->offers--;
    DL_DELETE(chat->offers, offer);
    free(offer);
    chat->reroute = true;
}

/* Its line is corrected; clients that cannot correct show the new one below. */
static void drop_saying(struct chat *chat, struct offer *offer, enum line line,
                        const char *const *args)
{
    struct member *member = offer->member;
    AUTO_BUF text;

    buf_init(&text, 1024);
    texts_write(&text, member->language, line, args);
    if (member->assigned && member->show != SHOW_GONE)
        DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(member->jid),
           .message = chat_new_message_id(chat), .replaces = offer->line, .text = buf_slice(&text));
    offers_drop(chat, offer);
}

void offers_withdraw(struct chat *chat, struct conversation *conv, enum line line,
                     const char *const *args)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        if (offer->conv == conv)
            drop_saying(chat, offer, line, args);
    }
}

/* Whoever is late hears of it when they answer. */
static void remember_taken(const struct conversation *conv, const struct member *by,
                           struct member *late)
{
    conversation_title(conv, late->missed, sizeof(late->missed));
    late->missed_to = by;
}

void offers_taken(struct chat *chat, struct conversation *conv, const struct member *by)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        if (offer->conv != conv)
            continue;
        if (offer->member == by) {
            offers_drop(chat, offer);
            continue;
        }
        remember_taken(conv, by, offer->member);
        drop_saying(chat, offer, LINE_TAKEN_BY, ARGS(by->name));
    }
}

void offers_withdraw_from(struct chat *chat, const struct member *member)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        struct conversation *conv = offer->conv;

        if (offer->member != member)
            continue;
        drop_saying(chat, offer, LINE_OFFERED_ELSEWHERE, NO_ARGS);
        if (conv->heir == member)
            transfer_returned(chat, conv);
    }
}

void offers_close(struct chat *chat)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        if (offer->conv->heir == NULL) /* what is open may still be handed on */
            drop_saying(chat, offer, LINE_CLOSED, NO_ARGS);
    }
}

void offers_drop_all(struct chat *chat)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    offers_drop(chat, offer);
}

/* --- its answer --- */

static void note_event(struct chat *chat, const struct conversation *conv,
                       const struct member *member, const char *event)
{
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = slice_of(event), .agent = slice_of(member->jid), .name = slice_of(member->name));
}

void offers_accept(struct chat *chat, struct offer *offer)
{
    struct conversation *conv = offer->conv;
    struct member *member = offer->member;

    offers_drop(chat, offer);
    if (conv->state == CONVERSATION_ACTIVE) {
        transfer_accepted(chat, conv, member);
        return;
    }
    conversation_claim_begin(conv, member);
    STORE(chat, .kind = WRITE_CLAIM, .conversation = conv->id, .visitor = conv->visitor,
          .agent = slice_of(member->jid), .name = slice_of(member->name));
}

void offers_decline(struct chat *chat, struct offer *offer)
{
    struct conversation *conv = offer->conv;
    struct member *member = offer->member;

    offers_drop(chat, offer);
    routing_pass(chat, conv, member);
    note_event(chat, conv, member, "declined");
    if (conv->heir == member)
        transfer_returned(chat, conv);
}

static void time_out(struct chat *chat, struct offer *offer)
{
    struct conversation *conv = offer->conv;
    struct member *member = offer->member;

    drop_saying(chat, offer, LINE_OFFERED_ELSEWHERE, NO_ARGS);
    routing_pass(chat, conv, member);
    note_event(chat, conv, member, "missed");
    if (conv->heir == member)
        transfer_returned(chat, conv);
}

/* The line never got there. */
void offers_unreached(struct chat *chat, struct offer *offer)
{
    struct conversation *conv = offer->conv;

    note_event(chat, conv, offer->member, "missed");
    if (conv->heir == offer->member)
        transfer_unreached(chat, conv);
    offers_drop(chat, offer);
}

void offers_tick(struct chat *chat)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        if (offer->until_ms <= chat->now_ms)
            time_out(chat, offer);
        else
            chat_wake(chat, offer->until_ms);
    }
}
