/* SPDX-License-Identifier: Apache-2.0
 *
 * Visitors' words on their way to the agent. A conversation is delivered in order, so two
 * watermarks tell all: up to `sent_seq` handed to the link (the last of them `handed_seq`, the
 * rest the agent's own), up to `routed_seq` known to have reached the XMPP server. A lost link
 * moves the first back to the second; the same stanza ids go out again, and clients drop what
 * they have. Whatever starts all over (another agent, a bounce) starts a new round.
 *
 * A message goes out fresh, as it comes from storage, when nothing is behind it; else it
 * waits its turn and is read back from storage in order.
 */
#include "chat/state.h"

void delivery_reset(struct conversation *conv)
{
    conv->sent_seq = conv->handed_seq = conv->routed_seq = conv->marked_seq = 0;
    conv->catching_up = conv->bounced = false;
    conv->reread_ms = 0;
    conv->round++;
    reacting_again(conv);
}

bool delivery_is_open(const struct chat *chat, const struct conversation *conv)
{
    return chat->link_up && conv->state == CONVERSATION_ACTIVE && conv->introduced &&
           conv->agent->assigned;
}

static bool has_room(const struct chat *chat, const struct conversation *conv)
{
    /* The agent's own words count among the seqs between, but nobody will say they are routed. */
    return conv->handed_seq <= conv->routed_seq ||
           conv->sent_seq - conv->routed_seq < chat->rules.in_flight_max;
}

void delivery_catch_up(struct chat *chat, struct conversation *conv)
{
    if (!delivery_is_open(chat, conv) || conv->catching_up || !has_room(chat, conv) ||
        conv->sent_seq >= conv->last_seq)
        return;
    conv->catching_up = true;
    DO(chat, CHAT_DO_SEND_PENDING, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor,
       .conversation = conv->id, .seq = conv->sent_seq, .round = conv->round,
       .limit = chat->rules.in_flight_max);
}

void delivery_fresh(struct chat *chat, struct conversation *conv, const struct chat_write *write,
                    uint64_t seq)
{
    if (seq <= conv->sent_seq || !delivery_is_open(chat, conv) || conv->catching_up)
        return;
    if (conv->sent_seq + 1 < seq || !has_room(chat, conv)) {
        delivery_catch_up(chat, conv);
        return;
    }
    conv->sent_seq = conv->handed_seq = seq;
    DO(chat, CHAT_DO_SEND, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor,
       .conversation = conv->id, .seq = seq, .round = conv->round, .message = write->message,
       .text = write->text, .reply_to = write->reply_to < seq ? write->reply_to : 0,
       .file = chat_write_file(write));
}

void delivery_own(struct conversation *conv, uint64_t seq)
{
    if (seq == conv->sent_seq + 1 && !conv->catching_up)
        conv->sent_seq = seq;
}

void on_sent_pending(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);

    if (conv == NULL || !conv->catching_up || conv->reread_ms != 0)
        return;
    conv->catching_up = event->refused;
    if (event->seq > conv->sent_seq)
        conv->sent_seq = event->seq;
    if (event->delivery_seq > conv->handed_seq)
        conv->handed_seq = event->delivery_seq;
    if (event->refused) { /* nothing overtakes the rest meanwhile */
        conv->reread_ms = chat->now_ms + REREAD_MS;
        chat_wake(chat, conv->reread_ms);
    } else if (event->more) {
        delivery_catch_up(chat, conv);
    }
}

void delivery_look(struct chat *chat, struct conversation *conv)
{
    if (conv->reread_ms == 0)
        return;
    if (conv->reread_ms > chat->now_ms) {
        chat_wake(chat, conv->reread_ms);
        return;
    }
    conv->reread_ms = 0;
    conv->catching_up = false;
    delivery_catch_up(chat, conv);
    reacting_resume(chat, conv);
}

/* One mark at a time is on its way to disk; what gathers meanwhile goes in the next. While the
 * agent is away it may yet bounce, and after a restart nobody would know: then there is no mark. */
static void mark(struct chat *chat, struct conversation *conv)
{
    if (conv->state != CONVERSATION_ACTIVE || conv->agent->show == SHOW_GONE || conv->bounced)
        return;
    if (conv->marking || conv->routed_seq <= conv->marked_seq)
        return;
    conv->marking = true;
    conv->marked_seq = conv->routed_seq;
    STORE(chat, .kind = WRITE_DELIVERY, .conversation = conv->id, .visitor = conv->visitor,
          .seq = conv->routed_seq, .delivery = DELIVERY_ROUTED,
          .agent = slice_of(conv->agent->jid));
}

void on_routed(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);

    if (conv != NULL && onlookers_is_theirs(event)) {
        onlookers_routed(conv, event);
        return;
    }
    if (conv == NULL || event->round != conv->round || event->seq <= conv->routed_seq)
        return;
    conv->routed_seq = event->seq;
    if (conv->sent_seq < conv->routed_seq)
        conv->sent_seq = conv->routed_seq;
    mark(chat, conv);
    delivery_catch_up(chat, conv);
}

void delivery_marked(struct chat *chat, struct conversation *conv)
{
    conv->marking = false;
    mark(chat, conv);
}

/* --- the link --- */

void on_link_down(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv, *next;

    (void)event;
    chat->link_up = false;
    offers_drop_all(chat);
    agents_link_lost(chat);
    calls_link_lost(chat);
    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        conv->sent_seq = conv->handed_seq = conv->routed_seq;
        conv->catching_up = false;
        conv->reread_ms = 0;
        onlookers_link_lost(conv);
        reacting_link_lost(conv);
    }
}

void delivery_resume(struct chat *chat, struct conversation *conv)
{
    char title[NAME_BYTES];

    if (conv->state != CONVERSATION_ACTIVE || !conv->agent->assigned || !chat->link_up)
        return;
    if (conv->introduced) {
        visitors_show(chat, conv);
        delivery_catch_up(chat, conv);
        reacting_resume(chat, conv);
        return;
    }
    conversation_title(conv, title, sizeof(title));
    DO(chat, CHAT_DO_INTRODUCE, .agent = slice_of(conv->agent->jid), .visitor = conv->visitor,
       .name = slice_of(title));
}

void on_link_up(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv, *next;

    (void)event;
    chat->link_up = true;
    for (struct member *member = chat->members; member != NULL; member = member->hh.next) {
        member->told_status[0] = '\0';
        if (member->gone_ms == 0)
            continue;
        member->gone_ms = chat->now_ms; /* from now on they can be seen to come back */
        chat_wake(chat, member->gone_ms + chat->rules.gone_grace_ms);
    }
    chat_news(chat);
    unsaid_resume(chat);
    calls_resume(chat);
    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        delivery_resume(chat, conv);
        transfer_resume(chat, conv);
        onlookers_resume(chat, conv);
    }
}

void on_line_routed(struct chat *chat, const struct chat_event *event)
{
    calls_routed(chat, event->message);
    reacting_routed(chat, event->message);
}

/* The contact is there: one line of context, then the visitor's words so far. */
void on_introduced(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_of(chat, event->visitor);
    const struct guest *guest = visitors_find(chat, event->visitor);
    const struct member *member = agents_find(chat, event->agent);
    char title[NAME_BYTES];
    AUTO_BUF line;

    buf_init(&line, NAME_BYTES * 4);
    if (conv != NULL && member != NULL)
        onlookers_introduced(chat, conv, member);
    if (conv == NULL || conv->state != CONVERSATION_ACTIVE || conv->introduced ||
        !slice_is(event->agent, conv->agent->jid))
        return;
    conv->introduced = true;
    if (!delivery_is_open(chat, conv))
        return;
    visitors_show(chat, conv);
    conversation_title(conv, title, sizeof(title));
    buf_addf(&line, "%s · %s%s%s%s%s", title, chat->title, conv->language[0] == '\0' ? "" : " · ",
             conv->language, guest == NULL || guest->page[0] == '\0' ? "" : " · ",
             guest == NULL ? "" : guest->page);
    visitors_write_visit(guest, conv->agent->language, &line);
    chat_head_text(chat, conv->agent, conv, line.data);
    if (conv->agent->outsider)
        chat_aside(chat, conv->agent, conv->visitor, LINE_YOURS_NOW, NO_ARGS);
    delivery_catch_up(chat, conv);
    reacting_resume(chat, conv);
}

/* --- what became of it --- */

void on_agent_receipt(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);

    if (conv == NULL || conv->agent == NULL || !slice_is(event->agent, conv->agent->jid) ||
        !visitor_id_equal(conv->visitor, event->visitor) || event->seq == 0)
        return;
    STORE(chat, .kind = WRITE_DELIVERY, .conversation = conv->id, .visitor = conv->visitor,
          .seq = event->seq, .delivery = event->delivery,
          .single = event->delivery != DELIVERY_READ);
}

static unsigned suspect(struct conversation *conv, uint64_t seq)
{
    struct suspect *place = &conv->suspects[0];

    for (size_t i = 0; i < SUSPECTS_MAX; i++) {
        if (conv->suspects[i].seq == seq) {
            place = &conv->suspects[i];
            break;
        }
        if (conv->suspects[i].times < place->times)
            place = &conv->suspects[i];
    }
    if (place->seq != seq)
        *place = (struct suspect){ .seq = seq };
    return ++place->times;
}

static void set_aside(struct chat *chat, const struct conversation *conv, uint64_t seq)
{
    STORE(chat, .kind = WRITE_DELIVERY, .conversation = conv->id, .visitor = conv->visitor,
          .seq = seq, .delivery = DELIVERY_UNDELIVERABLE, .single = true);
}

/* The agent is told by the desk, the visitor at their message. */
static void tell_parked(struct chat *chat, const struct conversation *conv, uint64_t seq)
{
    char title[NAME_BYTES];

    DO(chat, CHAT_DO_TELL_ERROR, .visitor = conv->visitor, .code = "undeliverable", .seq = seq,
       .text = SLICE_LITERAL("A message could not be passed on. Please say it differently."));
    if (conv->agent == NULL)
        return;
    conversation_title(conv, title, sizeof(title));
    chat_desk(chat, conv->agent, LINE_PARKED, ARGS(title));
}

void on_broke_stream(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);
    unsigned times;

    if (conv == NULL) {
        calls_broke(chat, event->message);
        reacting_broke(chat, event->message);
        return;
    }
    if (onlookers_is_theirs(event)) {
        onlookers_broke(chat, conv, event);
        return;
    }
    times = suspect(conv, event->seq);
    if (times < chat->rules.park_after)
        return;
    /* Again and again until it is on disk: one that could not be set aside breaks every stream. */
    set_aside(chat, conv, event->seq);
    if (times == chat->rules.park_after)
        tell_parked(chat, conv, event->seq);
}

/* A bounce while the agent is away says nothing of the message: it goes out again when they
 * come back, or to whoever takes the conversation next. One from who had it before says nothing of
 * who has it now. */
void on_bounced(struct chat *chat, const struct chat_event *event)
{
    struct conversation *conv = conversation_find(chat, event->conversation);

    if (conv != NULL && onlookers_is_theirs(event)) {
        onlookers_bounced(conv, event);
        return;
    }
    if (conv == NULL) {
        if (!calls_bounced(chat, event->message) && !reacting_bounced(chat, event))
            outsiders_bounced(chat, event->message);
        return;
    }
    if (conv->state != CONVERSATION_ACTIVE || !slice_is(event->agent, conv->agent->jid))
        return;
    if (conv->agent->outsider) { /* their presence is not known: this is how they are gone */
        conv->bounced = true;
        conversation_ask_release(chat, conv, "gone");
        return;
    }
    if (conv->agent->show == SHOW_GONE) {
        conv->bounced = true;
        return;
    }
    set_aside(chat, conv, event->seq);
    tell_parked(chat, conv, event->seq);
}

void delivery_again(struct chat *chat, struct conversation *conv)
{
    delivery_reset(conv);
    delivery_catch_up(chat, conv);
}

void delivery_again_later(struct chat *chat, struct conversation *conv)
{
    delivery_reset(conv);
    conv->catching_up = true;
    conv->reread_ms = chat->now_ms + REREAD_MS;
    chat_wake(chat, conv->reread_ms);
}

void delivery_agent_back(struct chat *chat, const struct member *member)
{
    struct conversation *conv, *next;

    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        onlookers_back(chat, conv, member);
        if (conv->state != CONVERSATION_ACTIVE || conv->agent != member)
            continue;
        if (conv->bounced)
            delivery_again(chat, conv);
        reacting_agent_back(chat, conv);
        mark(chat, conv);
    }
}
