/* SPDX-License-Identifier: Apache-2.0
 *
 * What agents say. To the desk: commands. To a visitor's contact: words for the visitor,
 * unless the line looks like a command, which must never reach one. Their receipt leaves only
 * when the words are on disk, and each stanza is `handled` exactly once.
 */
#include "chat/state.h"

#include "base/format/text.h"
#include "tenant/agent.h"

static void handled(struct chat *chat, uint64_t ordinal)
{
    DO(chat, CHAT_DO_HANDLED, .ordinal = ordinal);
}

static void receipt(struct chat *chat, struct slice agent, struct slice resource,
                    struct visitor_id visitor, struct slice stanza)
{
    if (stanza.len > 0)
        DO(chat, CHAT_DO_RECEIPT, .agent = agent, .resource = resource, .visitor = visitor,
           .stanza = stanza);
}

void saying_handled(struct chat *chat, const struct chat_write *write)
{
    receipt(chat, write->sender, write->resource, write->visitor, write->cid);
    handled(chat, write->ordinal);
}

/* Whether this agent may speak in the conversation; else they are told why not. */
static bool may_speak(struct chat *chat, struct member *member, const struct conversation *conv)
{
    const struct member *holder = conv->state == CONVERSATION_ACTIVE ? conv->agent : conv->claiming;
    char title[NAME_BYTES];

    if (member->outsider && holder != member &&
        (conv->state != CONVERSATION_ENDED || conv->agent != member)) {
        chat_aside(chat, member, conv->visitor, LINE_NOT_YOURS, NO_ARGS);
        return false;
    }
    if (holder == NULL || holder == member || onlookers_has_joined(conv, member))
        return true;
    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, member, LINE_HELD_BY, ARGS(holder->name, title));
    return false;
}

/* "!!x" sends "!x", "!!/x" sends "/x", "!! x" sends "x". */
static struct slice unescape(struct slice text)
{
    if (!slice_starts_with(text, "!!"))
        return text;
    if (slice_starts_with(text, "!! ") && text.len > 3)
        return (struct slice){ text.data + 3, text.len - 3 };
    return slice_starts_with(text, "!!/") ? (struct slice){ text.data + 2, text.len - 2 }
                                          : (struct slice){ text.data + 1, text.len - 1 };
}

/* "!!" alone, whatever space a phone puts behind it: what was held back was meant. */
static bool means_held(struct slice text)
{
    struct slice after = text_after_blank(text);

    return slice_starts_with(after, "!!") &&
           text_after_blank((struct slice){ after.data + 2, after.len - 2 }).len == 0;
}

static void send_held(struct chat *chat, struct member *member, struct conversation *conv,
                      const struct chat_event *event)
{
    if (holding_send(chat, member, conv, event))
        return;
    receipt(chat, event->agent, event->resource, event->visitor, event->stanza);
    chat_aside(chat, member, event->visitor, LINE_NOTHING_HELD, NO_ARGS);
    handled(chat, event->ordinal);
}

/* What these words answer, if it is here. */
static uint64_t answered(const struct conversation *conv, const struct chat_event *event)
{
    bool here = conv != NULL && conversation_id_equal(conv->id, event->conversation);

    return here && event->reply_to <= conv->last_seq ? event->reply_to : 0;
}

void saying_send(struct chat *chat, struct member *member, struct conversation *conv,
                 const struct chat_event *event, struct slice text, enum message_origin origin)
{
    const struct conversation_id none = { { { 0 } } };
    bool queued = conv != NULL && conv->state == CONVERSATION_QUEUED;
    bool beside = conv != NULL && onlookers_has_joined(conv, member) && !queued;
    bool bot = member->role == AGENT_ROLE_BOT;

    if (queued)
        conversation_claim_begin(conv, member);
    if (conv != NULL)
        idle_touch(chat, conv);
    STORE(chat, .kind = WRITE_MESSAGE, .conversation = conv != NULL ? conv->id : none,
          .visitor = event->visitor, .message = chat_new_message_id(chat),
          .from = bot ? FROM_BOT : FROM_AGENT, .origin = bot ? ORIGIN_BOT : origin,
          .sender = event->agent, .name = slice_of(member->name), .cid = event->stanza,
          .text = text, .about = event->speech == SPEECH_CORRECTION ? event->about : SLICE_NONE,
          .reply_to = answered(conv, event), .agent = event->agent, .claims = queued,
          .beside = beside, .resource = event->resource, .ordinal = event->ordinal);
}

/* The visitor's conversation: the open one, or the last that ended and still lingers. */
static struct conversation *find(const struct chat *chat, struct visitor_id visitor)
{
    struct conversation *conv = conversation_of(chat, visitor), *found = NULL;

    if (conv != NULL)
        return conv->stored ? conv : NULL;
    DL_FOREACH(chat->ended, conv)
    {
        if (visitor_id_equal(conv->visitor, visitor))
            found = conv;
    }
    return found;
}

/* A command once said is done: there is nothing to withdraw, or to react to. */
static void say_at_desk(struct chat *chat, struct member *member, const struct chat_event *event)
{
    if (event->speech == SPEECH_WITHDRAWAL || event->speech == SPEECH_REACTION)
        handled(chat, event->ordinal);
    else
        commands_run(chat, member, NULL, event);
}

void on_agent_said(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_find(chat, event->agent);
    struct conversation *conv;

    if (member == NULL || !member->assigned) {
        handled(chat, event->ordinal);
        return;
    }
    if (visitor_id_is_none(event->visitor)) {
        say_at_desk(chat, member, event);
        return;
    }
    conv = find(chat, event->visitor);
    if (event->speech == SPEECH_WITHDRAWAL) {
        revising_ask(chat, conv, event, SLICE_NONE);
    } else if (event->speech == SPEECH_REACTION) {
        reacting_ask(chat, conv, member, event);
    } else if (commands_is_one(event->text)) {
        commands_run(chat, member, conv, event);
    } else if (means_held(event->text)) {
        send_held(chat, member, conv, event);
    } else if (event->speech != SPEECH_CORRECTION && conv != NULL &&
               !may_speak(chat, member, conv)) {
        handled(chat, event->ordinal);
    } else if (holding_is_wanted(chat, member, conv, event)) {
        holding_back(chat, member, conv, event);
    } else if (event->speech == SPEECH_CORRECTION) {
        revising_ask(chat, conv, event, unescape(event->text));
    } else {
        /* To one that has ended or is not even known any more, too: what was stored before is
         * receipted again, whatever else is refused. */
        saying_send(chat, member, conv, event, unescape(event->text), ORIGIN_TYPED);
    }
}

static void tell_sent(struct chat *chat, const struct member *member,
                      const struct chat_write *write)
{
    AUTO_BUF line;

    buf_init(&line, LINE_BYTES * 4);
    buf_addf(&line, "→ %.*s", SLICE_ARG(write->text));
    if (!buf_failed(&line))
        chat_aside_text(chat, member, write->visitor, line.data);
}

static void said_by_holder(struct conversation *conv, const struct chat_event *stored)
{
    conv->agent_seq = stored->seq;
    delivery_own(conv, stored->seq);
    (void)slice_copy(stored->write->cid, conv->agent_stanza, sizeof(conv->agent_stanza));
}

void saying_said(struct chat *chat, const struct chat_event *stored)
{
    const struct chat_write *write = stored->write;
    struct conversation *conv = conversation_find(chat, write->conversation);
    struct member *member = agents_find(chat, write->agent);

    if (conv != NULL && member != NULL && write->claims && conv->state == CONVERSATION_QUEUED &&
        !stored->repeat)
        conversation_activate(chat, conv, member);
    if (member != NULL && write->claims)
        conversation_claim_settled(chat, conv, member);
    if (conv != NULL && !stored->repeat) {
        if (stored->seq > conv->last_seq)
            conv->last_seq = stored->seq;
        if (!write->beside)
            said_by_holder(conv, stored);
        DO(chat, CHAT_DO_TELL_MESSAGE, .visitor = write->visitor,
           .conversation = write->conversation, .seq = stored->seq, .from = write->from,
           .agent = write->sender, .name = write->name, .text = write->text, .at_ms = write->at_ms,
           .reply_to = write->reply_to);
    }
    if (conv != NULL && !stored->repeat && write->beside)
        delivery_catch_up(chat, conv); /* the agent sees it, too */
    if (conv != NULL)
        onlookers_show(chat, conv);
    if (member != NULL && !stored->repeat && write->about.len > 0)
        chat_aside(chat, member, write->visitor, LINE_SENT_AS_NEW, NO_ARGS);
    /* Their own client shows what they typed, which was the reply's name. */
    if (conv != NULL && member != NULL && !stored->repeat && write->origin == ORIGIN_CANNED)
        tell_sent(chat, member, write);
    saying_handled(chat, write);
}

void saying_unsaid(struct chat *chat, const struct chat_event *failed)
{
    const struct chat_write *write = failed->write;
    struct conversation *conv = conversation_find(chat, write->conversation);
    struct member *member = agents_find(chat, write->agent);

    handled(chat, write->ordinal);
    if (member == NULL)
        return;
    if (write->claims)
        conversation_claim_settled(chat, conv, member);
    if (!failed->refused)
        chat_aside(chat, member, write->visitor, LINE_NOT_SAVED, NO_ARGS);
    else if (conv != NULL && conv->state != CONVERSATION_ENDED && conv->agent != NULL &&
             conv->agent != member)
        chat_aside(chat, member, write->visitor, LINE_HELD_BY_HERE, ARGS(conv->agent->name));
    else
        chat_aside(chat, member, write->visitor, LINE_ENDED_BEFORE, NO_ARGS);
}

void on_agent_typing(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);
    const struct member *member = agents_find(chat, event->agent);

    if (conv != NULL && conv->state == CONVERSATION_ACTIVE && member != NULL &&
        (member == conv->agent || onlookers_has_joined(conv, member)))
        DO(chat, CHAT_DO_TELL_TYPING, .visitor = conv->visitor, .on = event->on);
}
