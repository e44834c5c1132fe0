/* SPDX-License-Identifier: Apache-2.0
 *
 * Emojis beside a message. Each reaction is all that its sender puts there from then on. The
 * visitor sees it when it is on disk; agents do, too, in words as well: few clients show such a
 * thing. Whoever cannot be told now, or takes it only later, is told then of the last to each
 * message.
 */
#include "chat/state.h"

#include "base/format/emoji.h"
#include "tenant/agent.h"

#include <stdlib.h>

/* There are no more of them than storage takes of one conversation. */
struct untold {
    struct untold *prev, *next;
    uint64_t seq;
    char emojis[EMOJI_SET_BYTES + 1];
};

/* It names a message that is here, and whoever reacts may speak here. */
static bool fits(const struct conversation *conv, const struct member *member,
                 const struct chat_event *said)
{
    return conv != NULL && conv->state == CONVERSATION_ACTIVE &&
           (conv->agent == member || onlookers_has_joined(conv, member)) &&
           conversation_id_equal(conv->id, said->conversation) && said->reply_to > 0 &&
           said->reply_to <= conv->last_seq;
}

void reacting_ask(struct chat *chat, struct conversation *conv, const struct member *member,
                  const struct chat_event *said)
{
    if (!fits(conv, member, said) || !emoji_is_set(said->text)) {
        DO(chat, CHAT_DO_HANDLED, .ordinal = said->ordinal);
        chat_aside(chat, member, said->visitor, LINE_NOT_REACTED, NO_ARGS);
        return;
    }
    idle_touch(chat, conv);
    STORE(chat, .kind = WRITE_REACTION, .conversation = conv->id, .visitor = conv->visitor,
          .from = member->role == AGENT_ROLE_BOT ? FROM_BOT : FROM_AGENT, .seq = said->reply_to,
          .sender = said->agent, .agent = said->agent, .name = slice_of(member->name),
          .cid = said->stanza, .text = said->text, .beside = onlookers_has_joined(conv, member),
          .resource = said->resource, .ordinal = said->ordinal);
}

void on_visitor_reacted(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (conv == NULL || !conv->stored || event->seq == 0 || event->seq > conv->last_seq ||
        !emoji_is_set(event->text)) {
        DO(chat, CHAT_DO_TELL_ERROR, .visitor = event->visitor, .session = event->session,
           .code = "no_reaction", .text = SLICE_LITERAL("This takes no reaction."));
        return;
    }
    idle_touch(chat, conv);
    STORE(chat, .kind = WRITE_REACTION, .conversation = conv->id, .visitor = conv->visitor,
          .from = FROM_VISITOR, .seq = event->seq, .sender = SLICE_LITERAL("visitor"),
          .text = event->text, .session = event->session);
}

static void send(struct chat *chat, const struct conversation *conv, const struct member *to,
                 uint64_t seq, const char *emojis)
{
    char title[NAME_BYTES];
    AUTO_BUF line;

    buf_init(&line, LINE_BYTES);
    conversation_title(conv, title, sizeof(title));
    buf_add_text(&line, "[lasna] ");
    texts_write(&line, to->language, *emojis != '\0' ? LINE_REACTED : LINE_REACTED_NOT,
                ARGS(title, emojis));
    if (!buf_failed(&line))
        DO(chat, CHAT_DO_SEND_REACTION, .agent = slice_of(to->jid), .visitor = conv->visitor,
           .conversation = conv->id, .seq = seq, .message = chat_new_message_id(chat),
           .text = buf_slice(&line), .name = slice_of(emojis));
}

static void drop(struct conversation *conv, struct untold *untold)
{
    DL_DELETE(conv->untold, untold);
    free(untold);
}

/* In place of an earlier one to the same message. */
static void keep(struct conversation *conv, uint64_t seq, const char *emojis)
{
    struct untold *untold;

    DL_SEARCH_SCALAR(conv->untold, untold, seq, seq);
    if (untold == NULL) {
        untold = calloc(1, sizeof(*untold));
        if (untold == NULL)
            return;
        untold->seq = seq;
        DL_APPEND(conv->untold, untold);
    }
    (void)slice_copy(slice_of(emojis), untold->emojis, sizeof(untold->emojis));
}

void reacting_resume(struct chat *chat, struct conversation *conv)
{
    struct untold *untold, *next;

    if (!delivery_is_open(chat, conv))
        return;
    DL_FOREACH_SAFE(conv->untold, untold, next)
    {
        send(chat, conv, conv->agent, untold->seq, untold->emojis);
        drop(conv, untold);
    }
}

void reacting_drop(struct conversation *conv)
{
    while (conv->untold != NULL)
        drop(conv, conv->untold);
}

/* Of the visitor, to whoever has them as a contact. */
static void tell_agents(struct chat *chat, struct conversation *conv,
                        const struct chat_write *write)
{
    const struct onlooker *onlooker;
    char emojis[EMOJI_SET_BYTES + 1];

    (void)slice_copy(write->text, emojis, sizeof(emojis));
    if (delivery_is_open(chat, conv))
        send(chat, conv, conv->agent, write->seq, emojis);
    else if (conv->state != CONVERSATION_ENDED)
        keep(conv, write->seq, emojis);
    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->joined && onlooker->introduced && chat->link_up)
            send(chat, conv, onlooker->member, write->seq, emojis);
    }
}

void reacting_stored(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    struct conversation *conv = conversation_find(chat, write->conversation);

    if (!event->repeat)
        DO(chat, CHAT_DO_TELL_REACTION, .visitor = write->visitor,
           .conversation = write->conversation, .seq = write->seq, .from = write->from,
           .agent = write->agent, .name = write->name, .text = write->text);
    if (write->from != FROM_VISITOR)
        saying_handled(chat, write);
    else if (!event->repeat && conv != NULL)
        tell_agents(chat, conv, write);
}

void reacting_failed(struct chat *chat, const struct chat_event *event)
{
    const struct chat_write *write = event->write;
    const struct member *member = agents_find(chat, write->agent);

    if (write->from == FROM_VISITOR) {
        DO(chat, CHAT_DO_TELL_ERROR, .visitor = write->visitor, .session = write->session,
           .code = event->refused ? "no_reaction" : "not_saved",
           .text = event->refused ? SLICE_LITERAL("This takes no reaction.")
                                  : SLICE_LITERAL("Not saved. Please try again."));
        return;
    }
    DO(chat, CHAT_DO_HANDLED, .ordinal = write->ordinal);
    if (member != NULL)
        chat_aside(chat, member, write->visitor, event->refused ? LINE_NOT_REACTED : LINE_NOT_SAVED,
                   NO_ARGS);
}
