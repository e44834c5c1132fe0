/* SPDX-License-Identifier: Apache-2.0
 *
 * Supervisors beside a conversation. Who watches gets its words from the desk, each line with the
 * conversation's short id: there nothing they type can reach the visitor, several can be watched in
 * one window, and no client says that anything was read. Who has joined stands openly beside the
 * agent, in the visitor's contact, and writes there as the agent does.
 *
 * What they see is read back from storage, in order, after `sent_seq`. A lost link moves that back
 * to `routed_seq`; the stanza ids stay the same. The round of each is its own, so whatever becomes
 * of a line to them (routed, bounced, broke the stream) is never taken for the agent's.
 *
 * Joining and leaving are events of the conversation, and hold over a restart. A watch does not:
 * the desk's status says whether it still stands.
 */
#include "chat/state.h"

#include "tenant/agent.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_SHOWN = 100 }; /* messages of before, when a watch begins */
static const unsigned round_mark = 1u << 31;

struct onlooker *onlookers_find(const struct conversation *conv, const struct member *member)
{
    struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->member == member)
            return onlooker;
    }
    return NULL;
}

bool onlookers_has_joined(const struct conversation *conv, const struct member *member)
{
    const struct onlooker *onlooker = onlookers_find(conv, member);

    return onlooker != NULL && onlooker->joined;
}

void onlookers_title(const struct conversation *conv, char *ret_title, size_t size)
{
    char id[ID_TEXT_BYTES];

    id_format(conv->id.id, id);
    (void)snprintf(ret_title, size, "#%.*s%s%s", SHORT_ID_LEN, id, conv->name[0] == '\0' ? "" : " ",
                   conv->name);
}

void onlookers_tell(struct chat *chat, const struct conversation *conv, enum line line,
                    const char *reason)
{
    const struct onlooker *onlooker;
    char title[TITLE_BYTES];

    onlookers_title(conv, title, sizeof(title));
    DL_FOREACH(conv->onlookers, onlooker)
    chat_desk(chat, onlooker->member, line,
              ARGS(title, conversation_reason(onlooker->member->language, reason)));
}

/* --- what they see --- */

static bool is_open(const struct chat *chat, const struct onlooker *onlooker)
{
    return chat->link_up && onlooker->member->assigned && !onlooker->bounced &&
           (!onlooker->joined || onlooker->introduced);
}

static void show(struct chat *chat, const struct conversation *conv, struct onlooker *onlooker,
                 bool live)
{
    const struct visitor_id desk = { { { 0 } } };
    char title[TITLE_BYTES];

    if (!is_open(chat, onlooker) || onlooker->sent_seq >= conv->last_seq)
        return;
    onlookers_title(conv, title, sizeof(title));
    DO(chat, CHAT_DO_SHOW, .agent = slice_of(onlooker->member->jid),
       .visitor = onlooker->joined ? conv->visitor : desk, .conversation = conv->id,
       .seq = onlooker->sent_seq, .last_seq = conv->last_seq, .round = onlooker->round,
       .name = slice_of(title), .on = live && onlooker->sent_seq + 1 == conv->last_seq);
    onlooker->sent_seq = conv->last_seq;
}

void onlookers_show(struct chat *chat, struct conversation *conv)
{
    struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    show(chat, conv, onlooker, true);
}

void onlookers_show_presence(struct chat *chat, const struct conversation *conv, enum show shown,
                             struct slice status)
{
    const struct onlooker *onlooker;
    char title[NAME_BYTES];

    conversation_title(conv, title, sizeof(title));
    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->joined && is_open(chat, onlooker))
            DO(chat, CHAT_DO_CONTACT_PRESENCE, .agent = slice_of(onlooker->member->jid),
               .visitor = conv->visitor, .show = shown, .text = status, .name = slice_of(title));
    }
}

void onlookers_show_typing(struct chat *chat, const struct conversation *conv, bool on)
{
    const struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->joined && is_open(chat, onlooker))
            DO(chat, CHAT_DO_CONTACT_TYPING, .agent = slice_of(onlooker->member->jid),
               .visitor = conv->visitor, .on = on);
    }
}

/* "#k4tz Anna (corrected): 29 euros" at the desk, the same without the id in the contact. */
static void tell_revised(struct chat *chat, const struct conversation *conv,
                         const struct member *to, bool in_contact, const struct member *author,
                         struct slice text)
{
    char title[TITLE_BYTES];
    AUTO_BUF words, line;

    buf_init(&words, LINE_BYTES * 4);
    buf_init(&line, LINE_BYTES * 5);
    onlookers_title(conv, title, sizeof(title));
    if (!in_contact)
        buf_addf(&line, "%.*s ", SHORT_ID_LEN + 1, title);
    buf_add_slice(&words, text);
    texts_write(&line, to->language, text.len == 0 ? LINE_WITHDREW : LINE_CORRECTED,
                ARGS(author->name, text.len == 0 || buf_failed(&words) ? "" : words.data));
    if (buf_failed(&line))
        return;
    if (in_contact)
        chat_aside_text(chat, to, conv->visitor, line.data);
    else
        chat_desk_text(chat, to, line.data);
}

void onlookers_revised(struct chat *chat, const struct conversation *conv,
                       const struct member *author, struct slice text)
{
    const struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->member != author && is_open(chat, onlooker))
            tell_revised(chat, conv, onlooker->member, onlooker->joined, author, text);
    }
    if (conv->state == CONVERSATION_ACTIVE && conv->agent != author)
        tell_revised(chat, conv, conv->agent, true, author, text);
}

bool onlookers_are_behind(const struct chat *chat)
{
    for (const struct conversation *conv = chat->by_visitor; conv != NULL;
         conv = conv->hh_visitor.next) {
        const struct onlooker *onlooker;

        DL_FOREACH(conv->onlookers, onlooker)
        {
            if (is_open(chat, onlooker) && onlooker->sent_seq < conv->last_seq)
                return true;
        }
    }
    return false;
}

/* --- beginning and end --- */

static struct onlooker *get(struct chat *chat, struct conversation *conv, struct member *member)
{
    struct onlooker *onlooker = onlookers_find(conv, member);

    if (onlooker != NULL)
        return onlooker;
    onlooker = calloc(1, sizeof(*onlooker));
    if (onlooker == NULL)
        return NULL;
    onlooker->member = member;
    onlooker->round = ++chat->onlooker_rounds | round_mark;
    DL_APPEND(conv->onlookers, onlooker);
    member->watched++;
    chat_news(chat);
    return onlooker;
}

void onlookers_drop(struct chat *chat, struct conversation *conv, struct onlooker *onlooker)
{
    onlooker->member->watched--;
    DL_DELETE(conv->onlookers, onlooker);
    free(onlooker);
    chat_news(chat);
}

/* Whoever holds it hears of the watching where the tenant wants them to. */
static void tell_holder(struct chat *chat, const struct conversation *conv,
                        const struct onlooker *onlooker, enum line line)
{
    char title[NAME_BYTES];

    if (!chat->rules.tell_watched || onlooker->joined || conv->state != CONVERSATION_ACTIVE)
        return;
    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, conv->agent, line, ARGS(onlooker->member->name, title));
}

struct onlooker *onlookers_watch(struct chat *chat, struct conversation *conv,
                                 struct member *member)
{
    struct onlooker *onlooker = get(chat, conv, member);

    if (onlooker == NULL)
        return NULL;
    if (conv->last_seq > FIRST_SHOWN)
        onlooker->sent_seq = onlooker->routed_seq = conv->last_seq - FIRST_SHOWN;
    tell_holder(chat, conv, onlooker, LINE_IS_WATCHED);
    return onlooker;
}

static void audit(struct chat *chat, const struct conversation *conv, const struct member *member,
                  const char *code)
{
    DO(chat, CHAT_DO_AUDIT, .agent = slice_of(member->jid), .conversation = conv->id, .code = code);
}

void onlookers_unwatch(struct chat *chat, struct conversation *conv, struct onlooker *onlooker)
{
    tell_holder(chat, conv, onlooker, LINE_IS_NOT_WATCHED);
    audit(chat, conv, onlooker->member, "unwatch");
    onlookers_drop(chat, conv, onlooker);
}

static void ask(struct chat *chat, const struct conversation *conv, const struct member *member,
                const char *event)
{
    STORE(chat, .kind = WRITE_EVENT, .conversation = conv->id, .visitor = conv->visitor,
          .event = slice_of(event), .agent = slice_of(member->jid), .name = slice_of(member->name));
}

void onlookers_ask_join(struct chat *chat, struct conversation *conv, struct member *member)
{
    ask(chat, conv, member, "joined");
}

void onlookers_ask_leave(struct chat *chat, struct conversation *conv, struct member *member)
{
    ask(chat, conv, member, "left");
}

static struct onlooker *join(struct chat *chat, struct conversation *conv, struct member *member)
{
    struct onlooker *onlooker = get(chat, conv, member);

    if (onlooker == NULL)
        return NULL;
    onlooker->joined = true;
    onlooker->introduced = false;
    onlooker->sent_seq = onlooker->routed_seq = 0;
    onlooker->round = ++chat->onlooker_rounds | round_mark;
    return onlooker;
}

static void introduce(struct chat *chat, const struct conversation *conv,
                      const struct onlooker *onlooker)
{
    char title[NAME_BYTES];

    conversation_title(conv, title, sizeof(title));
    if (chat->link_up && onlooker->member->assigned)
        DO(chat, CHAT_DO_INTRODUCE, .agent = slice_of(onlooker->member->jid),
           .visitor = conv->visitor, .name = slice_of(title));
}

void onlookers_joined(struct chat *chat, struct conversation *conv, struct member *member)
{
    const struct onlooker *onlooker;
    char title[NAME_BYTES];

    if (conv->state == CONVERSATION_ENDED || !member->assigned ||
        member->role != AGENT_ROLE_SUPERVISOR || onlookers_has_joined(conv, member) ||
        (conv->state == CONVERSATION_ACTIVE && conv->agent == member))
        return;
    onlooker = join(chat, conv, member);
    if (onlooker == NULL)
        return;
    DO(chat, CHAT_DO_TELL_AGENT, .visitor = conv->visitor, .on = true,
       .agent = slice_of(member->jid), .name = slice_of(member->name));
    conversation_title(conv, title, sizeof(title));
    if (conv->state == CONVERSATION_ACTIVE)
        chat_desk(chat, conv->agent, LINE_HAS_JOINED, ARGS(member->name, title));
    introduce(chat, conv, onlooker);
}

static void leave(struct chat *chat, struct conversation *conv, struct onlooker *onlooker)
{
    const struct member *member = onlooker->member;
    char title[NAME_BYTES];

    conversation_title(conv, title, sizeof(title));
    DO(chat, CHAT_DO_FORGET, .agent = slice_of(member->jid), .visitor = conv->visitor);
    DO(chat, CHAT_DO_TELL_AGENT, .visitor = conv->visitor, .on = false,
       .agent = slice_of(member->jid), .name = slice_of(member->name));
    if (conv->state == CONVERSATION_ACTIVE)
        chat_desk(chat, conv->agent, LINE_HAS_LEFT, ARGS(member->name, title));
    onlookers_drop(chat, conv, onlooker);
}

void onlookers_left(struct chat *chat, struct conversation *conv, struct member *member)
{
    struct onlooker *onlooker = onlookers_find(conv, member);
    char title[TITLE_BYTES];

    if (onlooker == NULL || !onlooker->joined || conv->state == CONVERSATION_ENDED)
        return;
    onlookers_title(conv, title, sizeof(title));
    leave(chat, conv, onlooker);
    chat_desk(chat, member, LINE_WATCH_ENDS, ARGS(title));
}

void onlookers_restore(struct chat *chat, struct conversation *conv, struct member *member)
{
    (void)join(chat, conv, member);
}

/* Their place beside it is the holder's now: the contact stays, and is introduced anew. */
void onlookers_became_holder(struct chat *chat, struct conversation *conv,
                             const struct member *member)
{
    struct onlooker *onlooker = onlookers_find(conv, member);

    if (onlooker != NULL)
        onlookers_drop(chat, conv, onlooker);
    onlookers_tell(chat, conv, LINE_HAS_IT_NOW, member->name);
    DL_FOREACH(conv->onlookers, onlooker)
    tell_holder(chat, conv, onlooker, LINE_IS_WATCHED);
}

void onlookers_drop_member(struct chat *chat, struct member *member, bool watches_only)
{
    struct conversation *conv, *next;

    if (member->watched == 0)
        return;
    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        struct onlooker *onlooker = onlookers_find(conv, member);

        if (onlooker == NULL)
            continue;
        if (!onlooker->joined) {
            onlookers_unwatch(chat, conv, onlooker);
        } else if (!watches_only) {
            ask(chat, conv, member, "left");
            leave(chat, conv, onlooker);
        }
    }
}

void onlookers_ended(struct chat *chat, struct conversation *conv)
{
    struct onlooker *onlooker, *next;

    DL_FOREACH_SAFE(conv->onlookers, onlooker, next)
    {
        if (!onlooker->joined)
            onlookers_drop(chat, conv, onlooker);
        else if (onlooker->member->assigned)
            DO(chat, CHAT_DO_CONTACT_PRESENCE, .agent = slice_of(onlooker->member->jid),
               .visitor = conv->visitor, .show = SHOW_GONE);
    }
}

void onlookers_forget(struct chat *chat, struct conversation *conv)
{
    while (conv->onlookers != NULL) {
        if (conv->onlookers->joined)
            DO(chat, CHAT_DO_FORGET, .agent = slice_of(conv->onlookers->member->jid),
               .visitor = conv->visitor);
        onlookers_drop(chat, conv, conv->onlookers);
    }
}

void onlookers_free(struct conversation *conv)
{
    struct onlooker *onlooker, *next;

    DL_FOREACH_SAFE(conv->onlookers, onlooker, next)
    free(onlooker);
    conv->onlookers = NULL;
}

/* --- the link --- */

/* The contact is there: one line of context, then all that was said so far. */
void onlookers_introduced(struct chat *chat, struct conversation *conv, const struct member *member)
{
    struct onlooker *onlooker = onlookers_find(conv, member);
    char title[NAME_BYTES];
    AUTO_BUF line;

    buf_init(&line, LINE_BYTES);
    if (onlooker == NULL || !onlooker->joined || onlooker->introduced)
        return;
    onlooker->introduced = true;
    if (!is_open(chat, onlooker))
        return;
    visitors_show(chat, conv);
    conversation_title(conv, title, sizeof(title));
    texts_write(
        &line, member->language, LINE_JOINED,
        ARGS(title, chat->title, conv->state == CONVERSATION_ACTIVE ? conv->agent->name : "–"));
    if (!buf_failed(&line))
        chat_head_text(chat, member, conv, line.data);
    show(chat, conv, onlooker, false);
}

void onlookers_link_lost(struct conversation *conv)
{
    struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    onlooker->sent_seq = onlooker->routed_seq;
}

void onlookers_resume(struct chat *chat, struct conversation *conv)
{
    struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->joined && !onlooker->introduced)
            introduce(chat, conv, onlooker);
        else
            show(chat, conv, onlooker, false);
    }
}

bool onlookers_is_theirs(const struct chat_event *event)
{
    return (event->round & round_mark) != 0;
}

/* NULL: an earlier round's. */
static struct onlooker *whose(const struct conversation *conv, const struct chat_event *event)
{
    struct onlooker *onlooker;

    DL_FOREACH(conv->onlookers, onlooker)
    {
        if (onlooker->round == event->round)
            return onlooker;
    }
    return NULL;
}

void onlookers_routed(struct conversation *conv, const struct chat_event *event)
{
    struct onlooker *onlooker = whose(conv, event);

    if (onlooker != NULL && !onlooker->bounced && event->seq > onlooker->routed_seq)
        onlooker->routed_seq = event->seq;
}

/* One that breaks the stream again and again is not shown any more. */
void onlookers_broke(const struct chat *chat, struct conversation *conv,
                     const struct chat_event *event)
{
    struct onlooker *onlooker = whose(conv, event);

    if (onlooker == NULL)
        return;
    onlooker->suspected = onlooker->suspect_seq == event->seq ? onlooker->suspected + 1 : 1;
    onlooker->suspect_seq = event->seq;
    if (onlooker->suspected >= chat->rules.park_after)
        onlookers_routed(conv, event);
}

/* While they are away it says nothing of the line: it is shown again when they come back. */
void onlookers_bounced(struct conversation *conv, const struct chat_event *event)
{
    struct onlooker *onlooker = whose(conv, event);

    if (onlooker == NULL || onlooker->member->show != SHOW_GONE)
        return;
    onlooker->bounced = true;
    if (event->seq <= onlooker->sent_seq)
        onlooker->sent_seq = onlooker->routed_seq = event->seq - 1;
}

void onlookers_back(struct chat *chat, struct conversation *conv, const struct member *member)
{
    struct onlooker *onlooker = onlookers_find(conv, member);

    if (onlooker == NULL || !onlooker->bounced)
        return;
    onlooker->bounced = false;
    show(chat, conv, onlooker, false);
}
