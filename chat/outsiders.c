/* SPDX-License-Identifier: Apache-2.0
 *
 * People outside whom the tenant has named (tenant/outsiders.h). They are no agents: nothing is
 * routed to them, no desk shows them, presence is not asked for. An agent hands them a conversation
 * by name, it is theirs when they say ok, and while it is they may speak in that one alone. Who
 * wants to be called back, or to meet, is told to those who are to hear of it.
 *
 * What we say to them may come back, for their server cannot be reached: then whoever asked hears
 * so, and what they hold goes back to the queue.
 */
#include "chat/state.h"

#include "base/format/text.h"
#include "tenant/agent.h"

#include <stdio.h>
#include <stdlib.h>

enum { REQUEST_POINTS = 300, REQUEST_BYTES = REQUEST_POINTS * 4 + 4 };

static void settle(struct chat *chat, const struct outsider *outsider)
{
    struct member *member = agents_get(chat, slice_of(outsider->jid));
    char *name = strdup(outsider->name);

    if (member == NULL || name == NULL || (member->assigned && !member->outsider)) {
        free(name); /* an agent as well: that is what they are */
        return;
    }
    free(member->name);
    member->name = name;
    (void)language_parse(slice_of(outsider->language), &member->language);
    member->assigned = member->outsider = true;
    member->role = AGENT_ROLE_AGENT; /* whatever they were before: no supervisor, no bot */
    if (!outsider->transfers) { /* no offer and no conversation is theirs, or theirs any longer */
        agents_let_go(chat, member);
        return;
    }
    member->show = SHOW_AVAILABLE;
    member->gone_ms = 0;
}

void outsiders_settle(struct chat *chat)
{
    const struct outsiders *named = &chat->rules.outsiders;

    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (m->outsider && m->assigned && outsiders_at(named, slice_of(m->jid)) == NULL)
            agents_dismiss(chat, m);
    }
    for (unsigned i = 0; i < named->count; i++)
        settle(chat, &named->all[i]);
}

bool outsiders_may_be_handed(const struct chat *chat, const struct member *member)
{
    const struct outsider *outsider = outsiders_at(&chat->rules.outsiders, slice_of(member->jid));

    return outsider != NULL && outsider->transfers;
}

/* --- who wants to be called back, or to meet --- */

static struct told *remember(struct chat *chat, const struct member *outsider,
                             const struct chat_write *write)
{
    struct told *told = &chat->told[chat->told_next++ % TOLD_MAX];

    free(told->unsent);
    *told = (struct told){ .line = chat_new_message_id(chat),
                           .outsider = outsider,
                           .noted_by = agents_find(chat, write->agent) };
    return told;
}

static void say(struct chat *chat, const struct told *told, struct slice text)
{
    DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(told->outsider->jid), .message = told->line,
       .text = text);
}

static void write_request(const struct chat *chat, const struct conversation *conv,
                          const struct member *outsider, const struct chat_write *write,
                          struct buf *to)
{
    bool meeting = slice_is(write->event, "meeting");
    const struct guest *guest = visitors_find(chat, conv->visitor);
    char title[NAME_BYTES], noted_by[NAME_BYTES];
    AUTO_BUF words;

    buf_init(&words, REQUEST_BYTES);
    text_one_line(write->text, REQUEST_POINTS, &words);
    conversation_title(conv, title, sizeof(title));
    texts_write(to, outsider->language, meeting ? LINE_MEETING_WANTED : LINE_CALLBACK_WANTED,
                ARGS(title, chat->title, words.data));
    if (conv->email[0] != '\0')
        buf_addf(to, " · %s", conv->email);
    if (conv->language[0] != '\0')
        buf_addf(to, " · %s", conv->language);
    if (guest != NULL && guest->page[0] != '\0')
        buf_addf(to, " · %s", guest->page);
    if (write->agent.len > 0 && slice_copy(write->name, noted_by, sizeof(noted_by)))
        texts_write(to, outsider->language, LINE_NOTED_BY, ARGS(noted_by));
}

static void tell(struct chat *chat, const struct conversation *conv, const struct member *outsider,
                 const struct chat_write *write)
{
    struct told *told;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    write_request(chat, conv, outsider, write, &text);
    if (buf_failed(&text))
        return;
    told = remember(chat, outsider, write);
    if (chat->link_up)
        say(chat, told, buf_slice(&text));
    else
        told->unsent = slice_dup(buf_slice(&text));
}

void outsiders_resume(struct chat *chat)
{
    for (unsigned i = 0; i < TOLD_MAX; i++) { /* oldest first */
        struct told *told = &chat->told[(chat->told_next + i) % TOLD_MAX];

        if (told->unsent == NULL)
            continue;
        if (told->outsider->assigned && told->outsider->outsider)
            say(chat, told, slice_of(told->unsent));
        free(told->unsent);
        told->unsent = NULL;
    }
}

void outsiders_free_all(struct chat *chat)
{
    for (size_t i = 0; i < TOLD_MAX; i++) {
        free(chat->told[i].unsent);
        chat->told[i] = (struct told){ .outsider = NULL };
    }
}

void outsiders_hear(struct chat *chat, const struct conversation *conv,
                    const struct chat_write *write)
{
    const struct outsiders *named = &chat->rules.outsiders;

    if (conv == NULL || !(slice_is(write->event, "callback") || slice_is(write->event, "meeting")))
        return;
    for (unsigned i = 0; i < named->count; i++) {
        const struct outsider *outsider = &named->all[i];
        const struct member *member = agents_find(chat, slice_of(outsider->jid));

        if (member != NULL && outsider->callbacks &&
            (write->about.len == 0 || slice_is(write->about, outsider->jid)))
            tell(chat, conv, member, write);
    }
}

/* --- what came back --- */

static bool call_came_back(struct chat *chat, struct message_id line)
{
    for (size_t i = 0; i < TOLD_MAX; i++) {
        struct told *told = &chat->told[i];

        if (told->outsider == NULL || !message_id_equal(told->line, line))
            continue;
        if (told->noted_by != NULL)
            chat_desk(chat, told->noted_by, LINE_NOT_REACHED, ARGS(told->outsider->name));
        *told = (struct told){ .outsider = NULL };
        return true;
    }
    return false;
}

void outsiders_bounced(struct chat *chat, struct message_id line)
{
    struct offer *offer, *next;

    if (call_came_back(chat, line))
        return;
    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        if (offer->member->outsider && message_id_equal(offer->line, line)) {
            offers_unreached(chat, offer);
            return;
        }
    }
}
