/* SPDX-License-Identifier: Apache-2.0
 *
 * Who wants to be called back, or to meet, is told to those the tenant has named for it
 * (tenant/outsiders.h). Who is yet to be told stands in storage, from the very transaction of the
 * wish until the XMPP server has the line that tells of it: neither a link that is down nor the
 * core's death loses one, and what goes out again bears the same stanza id.
 *
 * A line that comes back, or that no stream can bear, is told to the agent who noted the wish; so
 * is one whose receiver the tenant names no longer.
 */
#include "chat/state.h"

#include "base/format/text.h"

#include <stdlib.h>

enum { REQUEST_POINTS = 300, REQUEST_BYTES = REQUEST_POINTS * 4 + 4, MARK_AGAIN_MS = 5000 };

/* A wish, as it is told. */
struct wish {
    struct conversation_id conversation;
    struct visitor_id visitor;
    struct slice kind; /* callback, meeting */
    struct slice text; /* when, or which number; or what they said */
    struct slice name, email, language, page;
    struct slice noted_by; /* what visitors call that agent; empty: the visitor asked */
};

static const struct outsider *named(const struct chat *chat, struct slice jid)
{
    const struct outsider *outsider = outsiders_at(&chat->rules.outsiders, jid);

    return outsider != NULL && outsider->callbacks ? outsider : NULL;
}

void calls_hearers(const struct chat *chat, struct slice event, struct slice who, struct buf *to)
{
    const struct outsiders *all = &chat->rules.outsiders;

    if (!slice_is(event, "callback") && !slice_is(event, "meeting"))
        return;
    for (unsigned i = 0; i < all->count; i++) {
        const struct outsider *outsider = &all->all[i];

        if (outsider->callbacks && (who.len == 0 || slice_is(who, outsider->jid)))
            buf_addf(to, "%s%s", to->len == 0 ? "" : " ", outsider->jid);
    }
}

/* --- the line --- */

static void write_line(const struct chat *chat, const struct wish *wish,
                       const struct member *to_whom, struct buf *to)
{
    bool meeting = slice_is(wish->kind, "meeting");
    char title[NAME_BYTES], noted_by[NAME_BYTES];
    AUTO_BUF words;

    buf_init(&words, REQUEST_BYTES);
    text_one_line(wish->text, REQUEST_POINTS, &words);
    conversation_title_of(wish->conversation, wish->name, title, sizeof(title));
    texts_write(to, to_whom->language, meeting ? LINE_MEETING_WANTED : LINE_CALLBACK_WANTED,
                ARGS(title, chat->title, words.data));
    if (wish->email.len > 0)
        buf_addf(to, " · %.*s", SLICE_ARG(wish->email));
    if (wish->language.len > 0)
        buf_addf(to, " · %.*s", SLICE_ARG(wish->language));
    if (wish->page.len > 0)
        buf_addf(to, " · %.*s", SLICE_ARG(wish->page));
    if (wish->noted_by.len > 0 && slice_copy(wish->noted_by, noted_by, sizeof(noted_by)))
        texts_write(to, to_whom->language, LINE_NOTED_BY, ARGS(noted_by));
}

static void drop(struct chat *chat, struct told *told)
{
    DL_DELETE(chat->told, told);
    free(told->text);
    free(told);
}

/* Whose line can come back no longer. */
static void drop_old(struct chat *chat)
{
    struct told *told, *next;

    DL_FOREACH_SAFE(chat->told, told, next)
    {
        if (told->text == NULL && chat->now_ms - told->told_ms > BOUNCE_MS)
            drop(chat, told);
    }
}

static struct told *add(struct chat *chat, const struct wish *wish, struct message_id line,
                        struct member *to, const struct member *noted_by)
{
    struct told *told = calloc(1, sizeof(*told));
    char *line_text;
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    write_line(chat, wish, to, &text);
    line_text = buf_failed(&text) ? NULL : slice_dup(buf_slice(&text));
    if (told == NULL || line_text == NULL) { /* it stands in storage: told after a restart */
        free(told);
        free(line_text);
        return NULL;
    }
    *told = (struct told){ .line = line,
                           .conversation = wish->conversation,
                           .visitor = wish->visitor,
                           .to = to,
                           .noted_by = noted_by,
                           .text = line_text };
    DL_APPEND(chat->told, told);
    return told;
}

/* --- telling it --- */

static void mark(struct chat *chat, struct told *told)
{
    told->over = true;
    told->mark_ms = 0;
    STORE(chat, .kind = WRITE_TOLD, .conversation = told->conversation, .visitor = told->visitor,
          .message = told->line);
}

/* Nobody will hear of it this way: whoever noted it has to know. */
static void give_up(struct chat *chat, struct told *told, enum line why)
{
    const struct outsider *outsider = outsiders_at(&chat->rules.outsiders, slice_of(told->to->jid));
    const char *name = outsider != NULL ? outsider->name : told->to->name;

    if (told->noted_by != NULL)
        chat_desk(chat, told->noted_by, why, ARGS(name[0] != '\0' ? name : told->to->jid));
    told->noted_by = NULL;
    if (told->text == NULL)
        drop(chat, told);
    else if (!told->over)
        mark(chat, told);
}

static void tell(struct chat *chat, struct told *told)
{
    if (named(chat, slice_of(told->to->jid)) == NULL) {
        give_up(chat, told, LINE_NOT_NAMED);
        return;
    }
    told->sent = true;
    DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(told->to->jid), .message = told->line,
       .text = slice_of(told->text), .on = true);
}

void calls_resume(struct chat *chat)
{
    struct told *told, *next;

    DL_FOREACH_SAFE(chat->told, told, next)
    {
        if (told->text != NULL && !told->sent && !told->over)
            tell(chat, told);
    }
}

void calls_link_lost(struct chat *chat)
{
    struct told *told;

    DL_FOREACH(chat->told, told)
    told->sent = false;
}

void calls_free_all(struct chat *chat)
{
    while (chat->told != NULL)
        drop(chat, chat->told);
}

/* Storage forgets it by itself. */
void on_visitor_erased(struct chat *chat, const struct chat_event *event)
{
    struct told *told, *next;

    DL_FOREACH_SAFE(chat->told, told, next)
    {
        if (visitor_id_equal(told->visitor, event->visitor))
            drop(chat, told);
    }
}

/* --- wishes --- */

/* Of somebody who is no longer known here, what the write says. */
static struct wish wish_of(const struct chat *chat, const struct chat_write *write)
{
    const struct conversation *conv = conversation_find(chat, write->conversation);
    const struct guest *guest = visitors_find(chat, write->visitor);
    struct wish wish = { .conversation = write->conversation,
                         .visitor = write->visitor,
                         .kind = write->event,
                         .text = write->text,
                         .name = write->visitor_name,
                         .email = write->email,
                         .language = write->language,
                         .noted_by = write->agent.len > 0 ? write->name : SLICE_NONE };

    if (conv != NULL) {
        wish.name = slice_of(conv->name);
        wish.email = slice_of(conv->email);
        wish.language = slice_of(conv->language);
    }
    if (guest != NULL)
        wish.page = slice_of(guest->page);
    return wish;
}

void calls_hear(struct chat *chat, const struct chat_write *write)
{
    const struct wish wish = wish_of(chat, write);
    struct slice rest = write->hears, jid;

    drop_old(chat);
    for (unsigned nth = 0; slice_next_word(&rest, &jid); nth++) {
        struct member *to = agents_get(chat, jid);
        struct told *told = to == NULL ? NULL
                                       : add(chat, &wish, chat_call_line(write->message, nth), to,
                                             agents_find(chat, write->agent));

        if (told != NULL && chat->link_up)
            tell(chat, told);
    }
}

/* Told when the link is up. */
void on_restored_call(struct chat *chat, const struct chat_event *event)
{
    const struct wish wish = { .conversation = event->conversation,
                               .visitor = event->visitor,
                               .kind = event->request,
                               .text = event->text,
                               .name = event->name,
                               .email = event->email,
                               .language = event->language,
                               .noted_by = event->about.len > 0 ? event->names : SLICE_NONE };
    struct member *to = agents_get(chat, event->agent);

    if (to != NULL)
        (void)add(chat, &wish, event->message, to,
                  event->about.len > 0 ? agents_get(chat, event->about) : NULL);
}

/* --- what became of a line --- */

static struct told *find(const struct chat *chat, struct message_id line)
{
    struct told *told;

    DL_FOREACH(chat->told, told)
    {
        if (message_id_equal(told->line, line))
            return told;
    }
    return NULL;
}

void calls_routed(struct chat *chat, struct message_id line)
{
    struct told *told = find(chat, line);

    if (told != NULL && told->text != NULL && !told->over)
        mark(chat, told);
}

bool calls_bounced(struct chat *chat, struct message_id line)
{
    struct told *told = find(chat, line);

    if (told == NULL)
        return false;
    give_up(chat, told, LINE_NOT_REACHED);
    return true;
}

void calls_broke(struct chat *chat, struct message_id line)
{
    struct told *told = find(chat, line);

    if (told != NULL && told->text != NULL && !told->over &&
        ++told->broke >= chat->rules.park_after)
        give_up(chat, told, LINE_NOT_REACHED);
}

/* --- what storage knows of it --- */

void calls_marked(struct chat *chat, const struct chat_event *event)
{
    struct told *told = find(chat, event->write->message);

    if (told == NULL)
        return;
    free(told->text);
    told->text = NULL;
    told->told_ms = chat->now_ms;
}

/* They would hear of it again after a restart; unless it is refused, for its transcript is gone. */
void calls_unmarked(struct chat *chat, const struct chat_event *event)
{
    struct told *told = find(chat, event->write->message);

    if (event->refused) {
        calls_marked(chat, event);
    } else if (told != NULL) {
        told->mark_ms = chat->now_ms + MARK_AGAIN_MS;
        chat_wake(chat, told->mark_ms);
    }
}

void calls_tick(struct chat *chat)
{
    struct told *told;

    DL_FOREACH(chat->told, told)
    {
        if (told->mark_ms == 0)
            continue;
        if (told->mark_ms <= chat->now_ms)
            mark(chat, told);
        else
            chat_wake(chat, told->mark_ms);
    }
}
