/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/state.h"

#include "base/format/text.h"

#include <stdio.h>
#include <stdlib.h>

struct guest *visitors_find(const struct chat *chat, struct visitor_id visitor)
{
    struct guest *guest;

    HASH_FIND(hh, chat->guests, &visitor, sizeof(visitor), guest);
    return guest;
}

void visitors_free_all(struct chat *chat)
{
    struct guest *guest, *next;

    HASH_ITER(hh, chat->guests, guest, next)
    {
        HASH_DEL(chat->guests, guest);
        free(guest);
    }
}

void visitors_write_visit(const struct guest *guest, enum language language, struct buf *to)
{
    char visits[24];

    if (guest == NULL || guest->visits < 2)
        return;
    (void)snprintf(visits, sizeof(visits), "%llu", (unsigned long long)guest->visits);
    texts_write(to, language, LINE_VISIT, ARGS(visits));
}

static enum show show_of(const struct chat *chat, const struct guest *guest)
{
    if (guest == NULL)
        return SHOW_GONE;
    if (!guest->hidden)
        return SHOW_AVAILABLE;
    return chat->now_ms - guest->hidden_ms < ELSEWHERE_MS ? SHOW_AWAY : SHOW_XA;
}

void visitors_show(struct chat *chat, const struct conversation *conv)
{
    const struct guest *guest = visitors_find(chat, conv->visitor);
    char title[NAME_BYTES];
    AUTO_BUF status;

    buf_init(&status, NAME_BYTES + 64);
    conversation_title(conv, title, sizeof(title));
    if (guest != NULL) {
        buf_addf(&status, "%s%s%s", guest->page,
                 guest->page[0] != '\0' && conv->language[0] != '\0' ? " · " : "", conv->language);
        visitors_write_visit(guest, conv->agent == NULL ? LANGUAGE_EN : conv->agent->language,
                             &status);
    }
    onlookers_show_presence(chat, conv, show_of(chat, guest), buf_slice(&status));
    if (conv->agent != NULL && delivery_is_open(chat, conv))
        DO(chat, CHAT_DO_CONTACT_PRESENCE, .agent = slice_of(conv->agent->jid),
           .visitor = conv->visitor, .show = show_of(chat, guest), .text = buf_slice(&status),
           .name = slice_of(title));
}

void visitors_look(struct chat *chat, const struct conversation *conv)
{
    struct guest *guest = visitors_find(chat, conv->visitor);

    if (guest == NULL || !guest->hidden || guest->told_idle)
        return;
    if (guest->hidden_ms + ELSEWHERE_MS > chat->now_ms) {
        chat_wake(chat, guest->hidden_ms + ELSEWHERE_MS);
        return;
    }
    guest->told_idle = true;
    visitors_show(chat, conv);
}

static void hide(struct chat *chat, struct guest *guest, bool hidden)
{
    if (hidden == guest->hidden)
        return;
    guest->hidden = hidden;
    guest->hidden_ms = chat->now_ms;
    guest->told_idle = false;
    if (hidden)
        chat_wake(chat, chat->now_ms + ELSEWHERE_MS);
}

void visitors_had(struct chat *chat, const struct conversation *conv)
{
    struct guest *guest = visitors_find(chat, conv->visitor);

    if (guest == NULL)
        return;
    guest->visits++;
    if (conv->agent != NULL)
        (void)snprintf(guest->familiar, sizeof(guest->familiar), "%s", conv->agent->jid);
}

/* --- coming and going --- */

static struct guest *guest_get(struct chat *chat, struct visitor_id visitor)
{
    struct guest *guest = visitors_find(chat, visitor);

    if (guest != NULL)
        return guest;
    guest = calloc(1, sizeof(*guest));
    if (guest == NULL)
        return NULL;
    guest->id = visitor;
    guest->visits = 1;
    HASH_ADD(hh, chat->guests, id, sizeof(guest->id), guest);
    return guest;
}

void on_visitor_came(struct chat *chat, const struct chat_event *event)
{
    struct guest *guest = guest_get(chat, event->visitor);
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (guest == NULL)
        return;
    guest->sessions++;
    hide(chat, guest, event->on);
    if (event->seq + 1 > guest->visits)
        guest->visits = event->seq + 1;
    if (event->name.len > 0)
        (void)slice_copy(event->name, guest->name, sizeof(guest->name));
    if (event->language.len > 0)
        (void)slice_copy(event->language, guest->language, sizeof(guest->language));
    (void)slice_copy(event->page, guest->page, sizeof(guest->page));
    if (event->agent.len > 0)
        (void)slice_copy(event->agent, guest->familiar, sizeof(guest->familiar));
    if (conv == NULL)
        return;
    idle_touch(chat, conv);
    if (conv->queued)
        queue_tell(chat, conv, queue_position(chat, conv), event->session);
    visitors_show(chat, conv);
}

void on_visitor_left(struct chat *chat, const struct chat_event *event)
{
    struct guest *guest = visitors_find(chat, event->visitor);
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (guest == NULL)
        return;
    if (--guest->sessions > 0) {
        hide(chat, guest, event->on);
        if (conv != NULL)
            visitors_show(chat, conv);
        return;
    }
    HASH_DEL(chat->guests, guest);
    free(guest);
    if (conv == NULL)
        return;
    idle_touch(chat, conv);
    chat_wake(chat, chat->now_ms + chat->rules.idle_end_ms);
    visitors_show(chat, conv);
}

void on_visitor_page(struct chat *chat, const struct chat_event *event)
{
    struct guest *guest = visitors_find(chat, event->visitor);
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (guest == NULL)
        return;
    (void)slice_copy(event->page, guest->page, sizeof(guest->page));
    hide(chat, guest, event->on);
    if (conv == NULL)
        return;
    visitors_show(chat, conv);
}

/* --- saying --- */

void visitors_say(struct chat *chat, const struct chat_event *said)
{
    struct conversation *conv = conversation_of(chat, said->visitor);
    const struct guest *guest = visitors_find(chat, said->visitor);
    struct slice request = said->request;
    struct conversation_id id = { { { 0 } } };
    AUTO_BUF hears;

    buf_init(&hears, HEARS_BYTES);
    if (conv == NULL) {
        id.id = chat->host.new_id(chat->host.context);
        conv = conversation_open(chat, id, said->visitor, said->name, said->language);
        if (conv != NULL)
            conversation_know(conv, said);
    }
    if (conv != NULL && guest != NULL && !conv->stored)
        (void)snprintf(conv->familiar, sizeof(conv->familiar), "%s", guest->familiar);
    if (conv == NULL) {
        DO(chat, CHAT_DO_TELL_ERROR, .visitor = said->visitor, .session = said->session,
           .code = "not_saved", .cid = said->cid,
           .text = SLICE_LITERAL("Not saved. Please try again."));
        return;
    }
    idle_touch(chat, conv);
    conv->openings += !conv->stored;
    /* Who writes first while nobody is there has filled in a form. */
    if (conv->openings == 1 && !conv->stored && request.len == 0 &&
        chat_availability(chat) == AVAILABILITY_OFFLINE)
        request = SLICE_LITERAL("offline_form");
    calls_hearers(chat, request, SLICE_NONE, &hears);
    /* Until its opening is known to be on disk, every message brings it along. */
    STORE(chat, .kind = WRITE_MESSAGE, .conversation = conv->id, .visitor = conv->visitor,
          .message = chat_new_message_id(chat), .from = FROM_VISITOR, .origin = ORIGIN_TYPED,
          .sender = SLICE_LITERAL("visitor"), .name = said->name, .cid = said->cid,
          .text = said->text, .reply_to = said->reply_to,
          .file = said->file != NULL ? *said->file : (struct chat_file){ .bytes = 0 },
          .opens = !conv->stored, .site = said->site, .language = said->language,
          .visitor_name = said->name, .verified = said->verified, .email = said->email,
          .stage = said->stage, .attributes = said->attributes, .session = said->session,
          .event = request, .detail = said->detail, .hears = buf_slice(&hears));
}

void on_visitor_said(struct chat *chat, const struct chat_event *event)
{
    visitors_say(chat, event);
}

static void preview(struct conversation *conv, struct slice text)
{
    AUTO_BUF line;

    buf_init(&line, PREVIEW_BYTES - 1);
    text_one_line(text, PREVIEW_POINTS, &line);
    (void)slice_copy(buf_slice(&line), conv->preview, sizeof(conv->preview));
}

void on_restored_words(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);

    if (conv != NULL)
        preview(conv, event->text);
}

/* The first words are on disk: now there is a conversation. */
static void opened(struct chat *chat, struct conversation *conv, const struct chat_write *write)
{
    conv->stored = true;
    preview(conv, write->text);
    DO(chat, CHAT_DO_TELL_CONVERSATION, .visitor = conv->visitor, .conversation = conv->id,
       .state = CONVERSATION_QUEUED);
    queue_append(chat, conv);
}

void visitors_said(struct chat *chat, const struct chat_event *stored)
{
    const struct session_id all = { { { 0 } } };
    const struct chat_write *write = stored->write;
    struct conversation *conv = conversation_find(chat, write->conversation);
    bool elsewhere =
        stored->repeat && !conversation_id_equal(stored->conversation, write->conversation);
    bool opens = conv != NULL && !conv->stored && !elsewhere;

    if (opens)
        opened(chat, conv, write);
    if (conv != NULL && !stored->repeat && stored->seq > conv->last_seq)
        conv->last_seq = stored->seq;
    DO(chat, CHAT_DO_TELL_SAVED, .visitor = write->visitor, .session = write->session,
       .conversation = elsewhere ? stored->conversation : write->conversation, .cid = write->cid,
       .seq = stored->seq, .at_ms = stored->repeat ? stored->at_ms : write->at_ms,
       .on = stored->repeat, .text = write->text, .reply_to = write->reply_to,
       .file = chat_write_file(write));
    if (conv != NULL && write->opens)
        conversation_opening_settled(chat, conv);
    if (!stored->repeat)
        calls_hear(chat, write);
    if (conv == NULL || elsewhere || conv->state == CONVERSATION_ENDED)
        return;
    if (opens)
        queue_tell(chat, conv, queue_position(chat, conv), all);
    if (!stored->repeat)
        delivery_fresh(chat, conv, write, stored->seq);
    onlookers_show(chat, conv);
    if (stored->repeat)
        return;
    unanswered_heard(chat, conv, write->text);
}

/* Refused because it has ended: the words open a new conversation instead. */
void visitors_unsaid(struct chat *chat, const struct chat_event *failed)
{
    const struct chat_write *write = failed->write;
    struct conversation *conv = conversation_of(chat, write->visitor);
    const struct chat_event again = { .type = CHAT_VISITOR_SAID,
                                      .visitor = write->visitor,
                                      .session = write->session,
                                      .site = write->site,
                                      .name = write->name,
                                      .language = write->language,
                                      .verified = write->verified,
                                      .email = write->email,
                                      .stage = write->stage,
                                      .attributes = write->attributes,
                                      .request = write->event,
                                      .detail = write->detail,
                                      .cid = write->cid,
                                      .text = write->text,
                                      .file = chat_write_file(write) };
    bool same = conv != NULL && conversation_id_equal(conv->id, write->conversation);

    if (same && write->opens) {
        conv->doubtful |= !failed->refused;
        conversation_opening_settled(chat, conv);
    }
    if (failed->refused && !same) {
        visitors_say(chat, &again);
        return;
    }
    DO(chat, CHAT_DO_TELL_ERROR, .visitor = write->visitor, .session = write->session,
       .code = "not_saved", .cid = write->cid,
       .text = SLICE_LITERAL("Not saved. Please try again."));
}

/* --- the rest of what visitors do --- */

void on_visitor_typing(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (conv == NULL)
        return;
    if (event->on)
        idle_touch(chat, conv);
    onlookers_show_typing(chat, conv, event->on);
    if (delivery_is_open(chat, conv))
        DO(chat, CHAT_DO_CONTACT_TYPING, .agent = slice_of(conv->agent->jid),
           .visitor = conv->visitor, .on = event->on);
}

void on_visitor_read(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (conv == NULL || !conv->stored || event->seq == 0 || event->seq > conv->last_seq)
        return;
    STORE(chat, .kind = WRITE_READ, .conversation = conv->id, .visitor = conv->visitor,
          .seq = event->seq);
    if (!delivery_is_open(chat, conv) || conv->agent_seq == 0 || event->seq < conv->agent_seq)
        return;
    DO(chat, CHAT_DO_CONTACT_READ, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor,
       .stanza = slice_of(conv->agent_stanza));
    conv->agent_seq = 0; /* marked once is enough */
}

void on_visitor_ended(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);

    if (conv != NULL)
        conversation_ask_end(chat, conv, "visitor", SLICE_NONE);
}

void on_visitor_survey(struct chat *chat, const struct chat_event *event)
{
    if (!conversation_id_is_none(event->conversation))
        STORE(chat, .kind = WRITE_SURVEY, .conversation = event->conversation,
              .visitor = event->visitor, .detail = event->detail);
}

void on_visitor_event(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);
    struct conversation_id id = conv != NULL ? conv->id : event->conversation;

    if (!conversation_id_is_none(id))
        STORE(chat, .kind = WRITE_EVENT, .conversation = id, .visitor = event->visitor,
              .event = event->name, .detail = event->detail);
}
