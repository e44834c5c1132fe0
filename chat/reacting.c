/* SPDX-License-Identifier: Apache-2.0
 *
 * Emojis beside a message. Each reaction is all that its sender puts there from then on. The
 * visitor sees it when it is on disk; agents do, too, in words as well: few clients show such a
 * thing.
 *
 * Of the visitor's the last to each message is kept as long as the conversation is open, and with
 * it whether whoever holds it was told: they are once the XMPP server has the line. What was on its
 * way when the link fell goes out again under the same stanza id, what came back when they are
 * there again, and all of it to whoever takes the conversation next. A later one takes the place of
 * an earlier one, so none is ever told after the one that followed it.
 */
#include "chat/state.h"

#include "base/format/emoji.h"
#include "tenant/agent.h"

#include <stdlib.h>

/* There are no more of them than storage takes of one conversation. */
struct reaction {
    struct reaction *prev, *next;
    uint64_t seq;
    char emojis[EMOJI_SET_BYTES + 1];
    const struct member *to; /* who was told last, of this one or an earlier; NULL: nobody yet */
    bool forgotten;          /* one stood here before the core died: who knows who was told of it */
    struct message_id line;  /* the stanza's, however often it is sent to them */
    bool sent;               /* to them: on its way, on the link of now, or there */
    bool routed;             /* the XMPP server has it, or it is given up */
    bool bounced;            /* it came back: again when they are */
    unsigned broke;          /* so many streams */
};

/* It names a message of the visitor's in whose contact it was said. */
static bool names_theirs(const struct chat *chat, const struct chat_event *said)
{
    const struct conversation *conv = conversation_find(chat, said->conversation);

    return !conversation_id_is_none(said->conversation) && said->reply_to > 0 &&
           (conv == NULL || visitor_id_equal(conv->visitor, said->visitor));
}

/* Whether it may stand there storage says, of a conversation that has ended or is somebody else's,
 * too: what came before the core died, and stands there already, is received. */
void reacting_ask(struct chat *chat, struct conversation *conv, const struct member *member,
                  const struct chat_event *said)
{
    bool here = conv != NULL && conversation_id_equal(conv->id, said->conversation);

    if (!names_theirs(chat, said) || !emoji_is_set(said->text)) {
        DO(chat, CHAT_DO_HANDLED, .ordinal = said->ordinal);
        chat_aside(chat, member, said->visitor, LINE_NOT_REACTED, NO_ARGS);
        return;
    }
    if (here && conv->state == CONVERSATION_ACTIVE && conv->agent == member)
        idle_touch(chat, conv);
    STORE(chat, .kind = WRITE_REACTION, .conversation = said->conversation,
          .visitor = said->visitor, .from = member->role == AGENT_ROLE_BOT ? FROM_BOT : FROM_AGENT,
          .seq = said->reply_to, .sender = said->agent, .agent = said->agent,
          .name = slice_of(member->name), .cid = said->stanza, .text = said->text,
          .beside = here && onlookers_has_joined(conv, member), .resource = said->resource,
          .ordinal = said->ordinal);
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
                 const struct reaction *reaction, struct message_id line_id, bool awaited)
{
    const char *emojis = reaction->emojis;
    char title[NAME_BYTES];
    AUTO_BUF line;

    buf_init(&line, LINE_BYTES);
    conversation_title(conv, title, sizeof(title));
    buf_add_text(&line, "[lasna] ");
    texts_write(&line, to->language, *emojis != '\0' ? LINE_REACTED : LINE_REACTED_NOT,
                ARGS(title, emojis));
    if (!buf_failed(&line))
        DO(chat, CHAT_DO_SEND_REACTION, .agent = slice_of(to->jid), .visitor = conv->visitor,
           .conversation = conv->id, .seq = reaction->seq, .message = line_id,
           .text = buf_slice(&line), .name = slice_of(emojis), .on = awaited);
}

/* Whoever never saw one need not hear that it was taken back. */
static bool is_due(const struct conversation *conv, const struct reaction *reaction)
{
    if (reaction->to != conv->agent)
        return reaction->to != NULL || reaction->forgotten || reaction->emojis[0] != '\0';
    return !reaction->sent && !reaction->bounced;
}

static void tell(struct chat *chat, const struct conversation *conv, struct reaction *reaction)
{
    if (reaction->to != conv->agent) {
        reaction->to = conv->agent;
        reaction->line = chat_new_message_id(chat);
        reaction->routed = reaction->bounced = false;
        reaction->broke = 0;
    }
    reaction->sent = true;
    send(chat, conv, conv->agent, reaction, reaction->line, true);
}

void reacting_resume(struct chat *chat, struct conversation *conv)
{
    struct reaction *reaction;

    if (!delivery_is_open(chat, conv))
        return;
    DL_FOREACH(conv->reactions, reaction)
    {
        if (is_due(conv, reaction))
            tell(chat, conv, reaction);
    }
}

void reacting_drop(struct conversation *conv)
{
    struct reaction *reaction, *next;

    DL_FOREACH_SAFE(conv->reactions, reaction, next)
    free(reaction);
    conv->reactions = NULL;
}

void reacting_withdrawn(struct conversation *conv, uint64_t seq)
{
    struct reaction *reaction;

    DL_SEARCH_SCALAR(conv->reactions, reaction, seq, seq);
    if (reaction == NULL)
        return;
    DL_DELETE(conv->reactions, reaction);
    free(reaction);
}

/* In place of an earlier one to the same message; what becomes of the line of that concerns nobody
 * any more. NULL when memory is out. */
static struct reaction *keep(struct chat *chat, struct conversation *conv,
                             const struct chat_write *write)
{
    struct reaction *reaction;

    DL_SEARCH_SCALAR(conv->reactions, reaction, seq, write->seq);
    if (reaction == NULL) {
        reaction = calloc(1, sizeof(*reaction));
        if (reaction == NULL)
            return NULL;
        reaction->seq = write->seq;
        reaction->forgotten = write->text.len == 0; /* what is taken back was there */
        DL_APPEND(conv->reactions, reaction);
    }
    (void)slice_copy(write->text, reaction->emojis, sizeof(reaction->emojis));
    reaction->line = chat_new_message_id(chat);
    reaction->sent = reaction->routed = reaction->bounced = false;
    reaction->broke = 0;
    return reaction;
}

/* Of the visitor, to whoever has them as a contact. */
static void tell_agents(struct chat *chat, struct conversation *conv,
                        const struct chat_write *write)
{
    const struct reaction *reaction =
        conv->state == CONVERSATION_ENDED ? NULL : keep(chat, conv, write);
    const struct onlooker *onlooker;

    if (reaction == NULL)
        return;
    reacting_resume(chat, conv);
    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->joined && onlooker->introduced && chat->link_up)
            send(chat, conv, onlooker->member, reaction, chat_new_message_id(chat), false);
    }
}

/* --- what became of a line --- */

void reacting_link_lost(struct conversation *conv)
{
    struct reaction *reaction;

    DL_FOREACH(conv->reactions, reaction)
    reaction->sent = reaction->routed;
}

void reacting_again(struct conversation *conv)
{
    struct reaction *reaction;

    DL_FOREACH(conv->reactions, reaction)
    reaction->bounced = false;
}

void reacting_agent_back(struct chat *chat, struct conversation *conv)
{
    reacting_again(conv);
    reacting_resume(chat, conv);
}

static struct reaction *find(const struct chat *chat, struct message_id line,
                             struct conversation **ret_conv)
{
    struct conversation *conv, *next;

    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        struct reaction *reaction;

        DL_FOREACH(conv->reactions, reaction)
        {
            if (reaction->sent && message_id_equal(reaction->line, line)) {
                *ret_conv = conv;
                return reaction;
            }
        }
    }
    return NULL;
}

void reacting_routed(const struct chat *chat, struct message_id line)
{
    struct conversation *conv;
    struct reaction *reaction = find(chat, line, &conv);

    if (reaction != NULL)
        reaction->routed = true;
}

/* With words behind it, it may be them the server cannot bear: it is sent as often as they are. */
void reacting_broke(const struct chat *chat, struct message_id line)
{
    struct conversation *conv;
    struct reaction *reaction = find(chat, line, &conv);

    if (reaction != NULL && ++reaction->broke >= chat->rules.park_after)
        reaction->routed = true;
}

/* Where it is the first to tell, of somebody outside, that they are gone, so be it. */
bool reacting_bounced(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv;
    struct reaction *reaction = find(chat, event->message, &conv);

    if (reaction == NULL || !slice_is(event->agent, reaction->to->jid))
        return false;
    reaction->sent = reaction->routed = false;
    reaction->bounced = true;
    if (conv->state == CONVERSATION_ACTIVE && conv->agent == reaction->to &&
        reaction->to->outsider) {
        conv->bounced = true; /* as words do: where it is not released, all goes out again */
        conversation_ask_release(chat, conv, "gone");
    }
    return true;
}

/* --- storage --- */

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
