/* SPDX-License-Identifier: Apache-2.0
 *
 * What agents change of what they said: corrections and withdrawals. Each names a stanza of theirs;
 * storage knows whether it is a message of this agent in this conversation, still open and theirs.
 * Received when it is on disk. A correction of anything else is words all the same: they go out as
 * a message of their own, and the agent is told.
 */
#include "chat/state.h"

void revising_ask(struct chat *chat, struct conversation *conv, const struct chat_event *said,
                  struct slice text)
{
    const struct member *member = agents_find(chat, said->agent);
    const struct conversation_id none = { { { 0 } } };
    bool beside = conv != NULL && member != NULL && onlookers_has_joined(conv, member);

    if (conv != NULL)
        idle_touch(chat, conv);
    STORE(chat, .kind = said->speech == SPEECH_WITHDRAWAL ? WRITE_WITHDRAW : WRITE_EDIT,
          .conversation = conv != NULL ? conv->id : none, .visitor = said->visitor,
          .sender = said->agent, .cid = said->stanza, .about = said->about, .text = text,
          .agent = said->agent, .beside = beside, .resource = said->resource,
          .ordinal = said->ordinal);
}

void revising_stored(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    struct conversation *conv = conversation_find(chat, write->conversation);
    const struct member *author = agents_find(chat, write->sender);

    if (!event->repeat && conv != NULL && author != NULL)
        onlookers_revised(chat, conv, author,
                          write->kind == WRITE_WITHDRAW ? SLICE_NONE : write->text);
    if (!event->repeat && conv != NULL && write->kind == WRITE_WITHDRAW)
        reacting_withdrawn(conv, event->seq);
    if (!event->repeat)
        DO(chat, CHAT_DO_TELL_REVISED, .visitor = write->visitor,
           .conversation = write->conversation, .seq = event->seq, .text = write->text,
           .at_ms = write->at_ms, .on = write->kind == WRITE_WITHDRAW);
    saying_handled(chat, write);
}

/* Whether it is open and theirs, or they have joined whoever has it. */
static bool speaks(const struct conversation *conv, const struct member *member)
{
    return conv != NULL && member != NULL && conv->state == CONVERSATION_ACTIVE &&
           (conv->agent == member || onlookers_has_joined(conv, member));
}

static enum line why_not(const struct chat_event *failed, bool may_speak)
{
    if (!failed->refused)
        return LINE_NOT_SAVED;
    return may_speak ? LINE_NOT_WITHDRAWN : LINE_NOT_CHANGED;
}

static void send_as_new(struct chat *chat, struct member *member, struct conversation *conv,
                        const struct chat_write *write)
{
    const struct chat_event said = { .visitor = write->visitor,
                                     .agent = write->agent,
                                     .resource = write->resource,
                                     .ordinal = write->ordinal,
                                     .stanza = write->cid,
                                     .speech = SPEECH_CORRECTION,
                                     .about = write->about };

    saying_send(chat, member, conv, &said, write->text, ORIGIN_TYPED);
}

void revising_failed(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    struct conversation *conv = conversation_find(chat, write->conversation);
    struct member *member = agents_find(chat, write->agent);

    if (event->refused && write->kind == WRITE_EDIT && speaks(conv, member)) {
        send_as_new(chat, member, conv, write);
        return;
    }
    DO(chat, CHAT_DO_HANDLED, .ordinal = write->ordinal);
    if (member != NULL)
        chat_aside(chat, member, write->visitor, why_not(event, speaks(conv, member)), NO_ARGS);
}
