/* SPDX-License-Identifier: Apache-2.0
 *
 * What storage says: each kind of write has what happens when it is on disk, and when it
 * could not be.
 */
#include "chat/state.h"

static void ignored(struct chat *chat, const struct chat_event *event)
{
    (void)chat;
    (void)event;
}

static void message_stored(struct chat *chat, const struct chat_event *event)
{
    if (event->write->from == FROM_VISITOR)
        visitors_said(chat, event);
    else if (event->write->from == FROM_SYSTEM)
        unanswered_said(chat, event);
    else
        saying_said(chat, event);
}

static void message_failed(struct chat *chat, const struct chat_event *event)
{
    if (event->write->from == FROM_VISITOR)
        visitors_unsaid(chat, event);
    else if (event->write->from == FROM_SYSTEM)
        unanswered_unsaid(chat, event);
    else
        saying_unsaid(chat, event);
}

static void claim_stored(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);
    struct member *member = agents_find(chat, event->write->agent);

    if (member == NULL)
        return;
    if (conv != NULL && conv->state == CONVERSATION_QUEUED)
        conversation_activate(chat, conv, member);
    conversation_claim_settled(chat, conv, member);
}

static void claim_failed(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);
    struct member *member = agents_find(chat, event->write->agent);
    char title[NAME_BYTES];

    if (member == NULL)
        return;
    conversation_claim_settled(chat, conv, member);
    if (conv == NULL)
        return;
    conversation_title(conv, title, sizeof(title));
    if (conv->state == CONVERSATION_ACTIVE && conv->agent != member)
        chat_desk(chat, member, LINE_TOO_LATE, ARGS(conv->agent->name, title));
    else
        chat_desk(chat, member, LINE_NOT_GIVEN, ARGS(title));
}

static void release_stored(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);
    char reason[64];

    (void)slice_copy(event->write->reason, reason, sizeof(reason));
    if (conv != NULL) {
        (void)slice_copy(event->write->text, conv->skill, sizeof(conv->skill));
        queue_rank(chat, conv);
    }
    if (conv != NULL && conv->state == CONVERSATION_ACTIVE)
        conversation_requeue(chat, conv, reason);
    chat->reroute = true;
}

/* Who gave it back, or handed it to a skill, still has it. Whatever else lets go asks again. */
static void release_failed(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);
    const struct member *member = agents_find(chat, event->write->agent);
    bool asked =
        slice_is(event->write->reason, "back") || slice_is(event->write->reason, "transferred");

    if (conv == NULL || conv->state != CONVERSATION_ACTIVE || conv->agent != member)
        return;
    if (conv->bounced && member->outsider)
        delivery_again_later(chat, conv); /* nobody else asks whether they are gone */
    if (!asked)
        return;
    conv->why[0] = '\0';
    chat_aside(chat, member, conv->visitor, LINE_NOT_SAVED, NO_ARGS);
}

static void end_stored(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);

    if (conv != NULL && conv->state != CONVERSATION_ENDED)
        conversation_end(chat, conv, event->write->reason);
}

/* Refused: it never was. Failed: it may be asked for again. */
static void end_failed(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);

    if (conv == NULL || conv->state == CONVERSATION_ENDED)
        return;
    conv->ending = false;
    chat->reroute = true;
    if (conv->state == CONVERSATION_ACTIVE && slice_is(event->write->reason, "agent"))
        chat_desk(chat, conv->agent, LINE_NOT_ENDED, NO_ARGS);
}

/* The visitor is told only now: a browser that says hello meanwhile reads the mark, or hears this,
 * and never neither. */
static void delivery_answered(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    struct conversation *conv = conversation_find(chat, write->conversation);

    if (conv != NULL && write->delivery == DELIVERY_ROUTED)
        delivery_marked(chat, conv);
    else if (write->delivery == DELIVERY_DELIVERED || write->delivery == DELIVERY_READ)
        DO(chat, CHAT_DO_TELL_RECEIPT, .visitor = write->visitor,
           .conversation = write->conversation, .seq = write->seq, .delivery = write->delivery);
}

/* One that could not be set aside is still to be delivered. */
static void delivery_failed(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->write->conversation);

    if (event->write->delivery != DELIVERY_UNDELIVERABLE)
        delivery_answered(chat, event);
    else if (conv != NULL && !event->refused)
        delivery_again(chat, conv);
}

static const struct {
    chat_handler *stored, *failed;
} answers[] = {
    [WRITE_MESSAGE] = { message_stored, message_failed },
    [WRITE_CLAIM] = { claim_stored, claim_failed },
    [WRITE_RELEASE] = { release_stored, release_failed },
    [WRITE_TRANSFER] = { transfer_stored, transfer_failed },
    [WRITE_END] = { end_stored, end_failed },
    [WRITE_DELIVERY] = { delivery_answered, delivery_failed },
    [WRITE_EVENT] = { commands_stored, commands_failed },
    [WRITE_SURVEY] = { ignored, ignored },
    [WRITE_READ] = { ignored, ignored },
    [WRITE_NOTE] = { commands_stored, commands_failed },
    [WRITE_TAGS] = { commands_stored, commands_failed },
    [WRITE_STAGE] = { commands_stored, commands_failed },
    [WRITE_EDIT] = { revising_stored, revising_failed },
    [WRITE_WITHDRAW] = { revising_stored, revising_failed },
    [WRITE_TOLD] = { calls_marked, calls_unmarked },
    [WRITE_REACTION] = { reacting_stored, reacting_failed },
};

void on_stored(struct chat *chat, const struct chat_event *event)
{
    answers[event->write->kind].stored(chat, event);
    room_stored(chat, event);
}

void on_store_failed(struct chat *chat, const struct chat_event *event)
{
    answers[event->write->kind].failed(chat, event);
}
