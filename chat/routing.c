/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is offered what. A waiting conversation is offered to one agent at a time: the
 * available one with the fewest conversations and offers. Who declines, or lets the time run
 * out, is not asked again for a while: offering again at once made phones ring in loops.
 */
#include "chat/state.h"

#include <stdio.h>

static bool has_passed(const struct chat *chat, const struct conversation *conv,
                       const struct member *member)
{
    for (size_t i = 0; i < PASSES_MAX; i++) {
        if (conv->passes[i].member == member && conv->passes[i].until_ms > chat->now_ms)
            return true;
    }
    return false;
}

void routing_pass(struct chat *chat, struct conversation *conv, struct member *member)
{
    struct pass *oldest = &conv->passes[0];

    for (size_t i = 0; i < PASSES_MAX; i++) {
        if (conv->passes[i].member == member) {
            oldest = &conv->passes[i];
            break;
        }
        if (conv->passes[i].until_ms < oldest->until_ms)
            oldest = &conv->passes[i];
    }
    *oldest = (struct pass){ member, chat->now_ms + chat->rules.offer_again_ms };
    chat_wake(chat, oldest->until_ms);
}

/* The one with the least to do; among equals the one who was assigned first. */
static struct member *choose(const struct chat *chat, const struct conversation *conv)
{
    struct member *best = NULL;

    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (!agents_has_room(m) || has_passed(chat, conv, m))
            continue;
        if (best == NULL || m->load + m->offers < best->load + best->offers)
            best = m;
    }
    return best;
}

static bool anybody_has_room(const struct chat *chat)
{
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (agents_has_room(m))
            return true;
    }
    return false;
}

/* --- the offer --- */

struct conversation *routing_offer_of(const struct chat *chat, const struct member *member,
                                      unsigned number)
{
    struct conversation *conv, *oldest = NULL;

    DL_FOREACH(chat->queue, conv)
    {
        if (conv->offered != member || (number != 0 && conv->offer_number != number))
            continue;
        if (oldest == NULL || conv->offer_until_ms < oldest->offer_until_ms)
            oldest = conv;
    }
    return oldest;
}

static unsigned free_number(const struct chat *chat, const struct member *member)
{
    unsigned number = 1;

    while (routing_offer_of(chat, member, number) != NULL)
        number++;
    return number;
}

/* `Maria · "Hei, paljonko Pro maksaa?" · fi · /pricing · 0:12 – reply ok or no (20 s)` */
static void write_offer(const struct chat *chat, const struct conversation *conv, bool numbered,
                        struct buf *to)
{
    const struct guest *guest = visitors_find(chat, conv->visitor);
    const char *page = guest == NULL ? "" : guest->page;
    char title[NAME_BYTES], wait[24], number[16] = "", seconds[24], about[1024];

    conversation_title(conv, title, sizeof(title));
    chat_format_wait(chat->now_ms - conv->queued_ms, wait, sizeof(wait));
    if (numbered)
        (void)snprintf(number, sizeof(number), " %u", conv->offer_number);
    (void)snprintf(seconds, sizeof(seconds), "%llu",
                   (unsigned long long)chat->rules.offer_ms / 1000);
    (void)snprintf(about, sizeof(about), "%s · \"%s\"%s%s%s%s · %s", title, conv->preview,
                   conv->language[0] == '\0' ? "" : " · ", conv->language,
                   page[0] == '\0' ? "" : " · ", page, wait);
    texts_write(to, conv->offered->language, LINE_OFFER, ARGS(about, number, seconds));
}

static void offer(struct chat *chat, struct conversation *conv, struct member *member)
{
    AUTO_BUF line;

    buf_init(&line, 2048);
    conv->offer_number = free_number(chat, member);
    conv->offered = member;
    conv->offer = chat_new_message_id(chat);
    conv->offer_until_ms = chat->now_ms + chat->rules.offer_ms;
    member->offers++;
    chat_wake(chat, conv->offer_until_ms);
    write_offer(chat, conv, member->offers > 1, &line);
    DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(member->jid), .message = conv->offer,
       .text = buf_slice(&line));
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = SLICE_LITERAL("offered"), .agent = slice_of(member->jid),
          .name = slice_of(member->name));
}

void routing_run(struct chat *chat)
{
    struct conversation *conv;

    if (!chat->link_up || !anybody_has_room(chat))
        return;
    DL_FOREACH(chat->queue, conv)
    {
        struct member *member;

        if (conv->offered != NULL || conv->claiming != NULL || conv->ending)
            continue;
        member = choose(chat, conv);
        if (member != NULL)
            offer(chat, conv, member);
    }
}

void routing_withdraw(struct chat *chat, struct conversation *conv)
{
    if (conv->offered == NULL)
        return;
    conv->offered->offers--;
    conv->offered = NULL;
    chat->reroute = true;
}

void routing_withdraw_saying(struct chat *chat, struct conversation *conv, enum line line,
                             const char *const *args)
{
    struct member *member = conv->offered;
    AUTO_BUF text;

    buf_init(&text, 1024);
    routing_withdraw(chat, conv);
    if (member == NULL || !member->assigned)
        return;
    texts_write(&text, member->language, line, args);
    DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(member->jid), .message = chat_new_message_id(chat),
       .replaces = conv->offer, .text = buf_slice(&text));
}

void routing_accept(struct chat *chat, struct conversation *conv, struct member *member)
{
    routing_withdraw(chat, conv);
    conversation_claim_begin(conv, member);
    STORE(chat, .kind = WRITE_CLAIM, .conversation = conv->id, .visitor = conv->visitor,
          .agent = slice_of(member->jid), .name = slice_of(member->name));
}

void routing_decline(struct chat *chat, struct conversation *conv, struct member *member)
{
    routing_withdraw(chat, conv);
    routing_pass(chat, conv, member);
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = SLICE_LITERAL("declined"), .agent = slice_of(member->jid),
          .name = slice_of(member->name));
}

static void time_out(struct chat *chat, struct conversation *conv)
{
    struct member *member = conv->offered;

    routing_withdraw_saying(chat, conv, LINE_OFFERED_ELSEWHERE, NO_ARGS);
    routing_pass(chat, conv, member);
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = SLICE_LITERAL("missed"), .agent = slice_of(member->jid),
          .name = slice_of(member->name));
}

/* Offers whose time is up, and agents who may be asked again. */
void routing_tick(struct chat *chat)
{
    struct conversation *conv;

    DL_FOREACH(chat->queue, conv)
    {
        if (conv->offered != NULL && conv->offer_until_ms <= chat->now_ms)
            time_out(chat, conv);
        else if (conv->offered != NULL)
            chat_wake(chat, conv->offer_until_ms);
        for (size_t i = 0; i < PASSES_MAX; i++) {
            if (conv->passes[i].until_ms > chat->now_ms)
                chat_wake(chat, conv->passes[i].until_ms);
        }
    }
    chat->reroute = true;
}
