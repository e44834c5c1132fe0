/* SPDX-License-Identifier: Apache-2.0 */
#include "chat/state.h"

#include "base/format/text.h"
#include "base/log.h"
#include "tenant/agent.h"

#include <assert.h>
#include <stdio.h>

const struct chat_rules chat_rules_default = {
    .mode = ROUTING_LEAST_BUSY,
    .sticky = true,
    .languages = true,
    .overflow_ms = 30000,
    .priority_point_ms = 60000,
    .hours = { .always = true },
    .guards_brands = true,
    .outsiders_offer_ms = 300000,
    .offer_ms = 20000,
    .offer_again_ms = 60000,
    .gone_grace_ms = 60000,
    .silent_end_ms = 60 * 60000,
    .idle_end_ms = 30 * 60000,
    .queued_end_ms = 12 * 3600000,
    .in_flight_max = 64,
    .park_after = 2,
};

static chat_handler *const handlers[CHAT_EVENT_TYPE_COUNT] = {
    [CHAT_RESTORED_CONVERSATION] = on_restored,
    [CHAT_RESTORED_WAIT] = on_restored_wait,
    [CHAT_RESTORED_WORDS] = on_restored_words,
    [CHAT_RESTORED_EVENT] = on_restored_event,
    [CHAT_RESTORED_CALL] = on_restored_call,
    [CHAT_MEMBER_SET] = on_member_set,
    [CHAT_MEMBER_GONE] = on_member_gone,
    [CHAT_RULES_SET] = on_rules_set,
    [CHAT_CANNED_SET] = on_canned_set,
    [CHAT_PLAYBOOK_SET] = on_playbook_set,
    [CHAT_AGENT_ELSEWHERE] = on_agent_elsewhere,
    [CHAT_UNANSWERED_SET] = on_unanswered_set,
    [CHAT_AGENT_LANGUAGE] = on_agent_language,
    [CHAT_ROOM_SET] = on_room_set,
    [CHAT_ROOM_ADMITTED] = on_room_admitted,
    [CHAT_TENANT_GONE] = on_tenant_gone,
    [CHAT_VISITOR_CAME] = on_visitor_came,
    [CHAT_VISITOR_LEFT] = on_visitor_left,
    [CHAT_VISITOR_SAID] = on_visitor_said,
    [CHAT_VISITOR_TYPING] = on_visitor_typing,
    [CHAT_VISITOR_READ] = on_visitor_read,
    [CHAT_VISITOR_PAGE] = on_visitor_page,
    [CHAT_VISITOR_STAYS] = on_visitor_stays,
    [CHAT_VISITOR_ENDED] = on_visitor_ended,
    [CHAT_VISITOR_SURVEY] = on_visitor_survey,
    [CHAT_VISITOR_EVENT] = on_visitor_event,
    [CHAT_VISITOR_REACTED] = on_visitor_reacted,
    [CHAT_VISITOR_ERASED] = on_visitor_erased,
    [CHAT_AGENT_PRESENCE] = on_agent_presence,
    [CHAT_AGENT_SAID] = on_agent_said,
    [CHAT_AGENT_TYPING] = on_agent_typing,
    [CHAT_AGENT_RECEIPT] = on_agent_receipt,
    [CHAT_OPERATOR_END] = on_operator_end,
    [CHAT_STORED] = on_stored,
    [CHAT_STORE_FAILED] = on_store_failed,
    [CHAT_INTRODUCED] = on_introduced,
    [CHAT_ROUTED] = on_routed,
    [CHAT_LINE_ROUTED] = on_line_routed,
    [CHAT_BOUNCED] = on_bounced,
    [CHAT_BROKE_STREAM] = on_broke_stream,
    [CHAT_SENT_PENDING] = on_sent_pending,
    [CHAT_SENT_HISTORY] = on_sent_history,
    [CHAT_LINK_UP] = on_link_up,
    [CHAT_LINK_DOWN] = on_link_down,
    [CHAT_TICK] = on_tick,
};

void chat_rename(struct chat *chat, const char *tenant)
{
    (void)snprintf(chat->title, sizeof(chat->title), "%s", tenant);
}

int chat_new(struct chat **ret_chat, const char *tenant, const struct chat_rules *rules,
             const struct chat_host *host)
{
    struct chat *chat = calloc(1, sizeof(*chat));

    if (chat == NULL)
        return RAISE(ERR_NO_MEMORY);
    chat_rename(chat, tenant);
    chat->rules = *rules;
    chat->host = *host;
    chat->next_ms = UINT64_MAX;
    chat->open = true; /* until the first event tells the time */
    outsiders_settle(chat);
    *ret_chat = chat;
    return OK;
}

struct chat *chat_free(struct chat *chat)
{
    if (chat == NULL)
        return NULL;
    offers_drop_all(chat);
    calls_free_all(chat);
    conversation_free_all(chat);
    canned_free_all(chat);
    unsaid_free_all(chat);
    visitors_free_all(chat);
    agents_free_all(chat);
    free(chat);
    return NULL;
}

static enum availability availability(const struct chat *chat)
{
    enum availability best = AVAILABILITY_OFFLINE;

    if (!chat->open)
        return AVAILABILITY_OFFLINE;
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (!agents_takes_offers(m))
            continue;
        if (agents_is_free(chat, m))
            return AVAILABILITY_ONLINE;
        best = AVAILABILITY_BUSY;
    }
    return best;
}

static void tell_availability(struct chat *chat)
{
    enum availability now = availability(chat);

    if (now == chat->availability)
        return;
    chat->availability = now;
    DO(chat, CHAT_DO_AVAILABILITY, .availability = now);
}

/* Whether the tenant is open, as the clock has it; looked at whenever that may have changed. */
static void look_at_hours(struct chat *chat)
{
    bool open;

    if (chat->now_ms < chat->hours_until_ms)
        return;
    open = hours_is_open(&chat->rules.hours, chat->now_ms, &chat->hours_until_ms);
    if (chat->hours_until_ms != UINT64_MAX)
        chat_wake(chat, chat->hours_until_ms);
    chat->opening_count =
        open ? 0 : hours_ahead(&chat->rules.hours, chat->now_ms, chat->openings, OPENINGS_MAX);
    if (open == chat->open)
        return;
    chat->open = open;
    chat->opened_ms = chat->now_ms;
    if (!open)
        offers_close(chat);
    chat_wake(chat, chat->now_ms);
    chat_news(chat);
}

void chat_handle(struct chat *chat, const struct chat_event *event)
{
    assert(event->type < CHAT_EVENT_TYPE_COUNT);
    if (event->now_ms > chat->now_ms)
        chat->now_ms = event->now_ms;
    handlers[event->type](chat, event);
    look_at_hours(chat);
    if (chat->reroute) {
        chat->reroute = false;
        routing_run(chat);
        tell_availability(chat);
    }
    if (chat->capped)
        agents_tell_loads(chat);
}

/* Everything that has come due, and then when the next thing will: one walk over all. */
void on_tick(struct chat *chat, const struct chat_event *event)
{
    (void)event;
    if (chat->now_ms < chat->next_ms)
        return;
    chat->next_ms = UINT64_MAX;
    if (chat->hours_until_ms != UINT64_MAX)
        chat_wake(chat, chat->hours_until_ms);
    agents_tick(chat);
    offers_tick(chat);
    unanswered_tick(chat);
    routing_tick(chat);
    conversation_tick(chat);
    queue_tick(chat);
    calls_tick(chat);
}

/* What stands keeps its time (an offer that was told "20 s"); all that is yet to come goes by the
 * new rules. */
void on_rules_set(struct chat *chat, const struct chat_event *event)
{
    chat->rules = *event->rules;
    queue_rank_all(chat);
    outsiders_settle(chat);
    chat->hours_until_ms = 0;
    look_at_hours(chat);
    chat->reroute = true;
    chat_wake(chat, chat->now_ms);
}

uint64_t chat_deadline(const struct chat *chat)
{
    return chat->next_ms;
}

void chat_wake(struct chat *chat, uint64_t at_ms)
{
    if (at_ms < chat->next_ms)
        chat->next_ms = at_ms;
}

void chat_news(struct chat *chat)
{
    chat->reroute = true;
    if (chat->news)
        return;
    chat->news = true;
    chat->news_ms = chat->now_ms + NEWS_MS;
    chat_wake(chat, chat->news_ms);
}

void chat_do(struct chat *chat, const struct chat_effect *effect)
{
    chat->host.carry(chat->host.context, effect);
}

struct message_id chat_new_message_id(struct chat *chat)
{
    return (struct message_id){ chat->host.new_id(chat->host.context) };
}

/* Where a text that is longer than that is cut: at the end of a line, or of a word, else of a
 * character. */
static size_t cut_at(const char *text, size_t most)
{
    static const char ends[] = { '\n', ' ' };

    for (size_t i = 0; i < sizeof(ends); i++) {
        const char *end = memrchr(text, ends[i], most + 1);

        if (end != NULL && end > text)
            return (size_t)(end - text);
    }
    return text_start((struct slice){ text, most + 1 }, most).len;
}

/* As much as one message takes. */
static struct slice next_piece(struct slice *rest)
{
    struct slice piece = *rest;
    size_t skipped;

    if (piece.len > PIECE_BYTES)
        piece.len = cut_at(piece.data, PIECE_BYTES);
    skipped = piece.len < rest->len && strchr("\n ", rest->data[piece.len]) != NULL ? 1 : 0;
    *rest = (struct slice){ rest->data + piece.len + skipped, rest->len - piece.len - skipped };
    return piece;
}

void chat_desk_text(struct chat *chat, const struct member *member, const char *text)
{
    const struct visitor_id desk = { { { 0 } } };
    struct slice rest = slice_of(text);

    while (member->assigned && rest.len > 0) {
        struct slice piece = next_piece(&rest);

        if (!chat->link_up)
            unsaid_keep(chat, member, desk, 0, piece);
        else
            DO(chat, CHAT_DO_SAY_DESK, .agent = slice_of(member->jid),
               .message = chat_new_message_id(chat), .text = piece);
    }
}

void chat_desk(struct chat *chat, const struct member *member, enum line line,
               const char *const *args)
{
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    texts_write(&text, member->language, line, args);
    if (!buf_failed(&text))
        chat_desk_text(chat, member, text.data);
}

static void aside(struct chat *chat, const struct member *member, struct visitor_id visitor,
                  uint64_t at_ms, const char *text)
{
    struct slice rest = slice_of(text);
    AUTO_BUF line;

    buf_init(&line, LINE_BYTES);
    while (member->assigned && rest.len > 0) {
        struct slice piece = next_piece(&rest);

        buf_clear(&line);
        buf_addf(&line, "[lasna] %.*s", SLICE_ARG(piece));
        if (buf_failed(&line))
            return;
        if (!chat->link_up)
            unsaid_keep(chat, member, visitor, at_ms, buf_slice(&line));
        else
            DO(chat, CHAT_DO_SAY_CONTACT, .agent = slice_of(member->jid), .visitor = visitor,
               .message = chat_new_message_id(chat), .text = buf_slice(&line), .at_ms = at_ms);
    }
}

void chat_aside_text(struct chat *chat, const struct member *member, struct visitor_id visitor,
                     const char *text)
{
    aside(chat, member, visitor, 0, text);
}

void chat_head_text(struct chat *chat, const struct member *member, const struct conversation *conv,
                    const char *text)
{
    aside(chat, member, conv->visitor, conv->opened_ms - 1000, text);
}

void chat_aside(struct chat *chat, const struct member *member, struct visitor_id visitor,
                enum line line, const char *const *args)
{
    AUTO_BUF text;

    buf_init(&text, LINE_BYTES);
    texts_write(&text, member->language, line, args);
    if (!buf_failed(&text))
        chat_aside_text(chat, member, visitor, text.data);
}

void chat_format_wait(uint64_t ms, char *ret_text, size_t size)
{
    unsigned long long s = ms / 1000;

    if (s < 3600)
        (void)snprintf(ret_text, size, "%llu:%02llu", s / 60, s % 60);
    else
        (void)snprintf(ret_text, size, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
}

/* --- questions --- */

enum availability chat_availability(const struct chat *chat)
{
    return availability(chat);
}

bool chat_has_conversation(const struct chat *chat, struct visitor_id visitor,
                           struct conversation_id *ret_conversation)
{
    const struct conversation *conv = conversation_of(chat, visitor);

    if (conv == NULL)
        return false;
    *ret_conversation = conv->id;
    return true;
}

bool chat_view(const struct chat *chat, struct conversation_id id,
               struct chat_conversation_view *ret_view)
{
    const struct conversation *conv = conversation_find(chat, id);

    if (conv == NULL || conv->state == CONVERSATION_ENDED)
        return false;
    *ret_view = (struct chat_conversation_view){
        .conversation = conv->id,
        .visitor = conv->visitor,
        .state = conv->state,
        .agent = conv->state == CONVERSATION_ACTIVE ? conv->agent->jid : "",
        .persona = conv->state == CONVERSATION_ACTIVE ? conv->agent->name : "",
        .last_seq = conv->last_seq,
        .opened_ms = conv->opened_ms,
        .position = conv->queued ? queue_position(chat, conv) : 0,
        .queued_ms = conv->queued_ms,
        .returned = conv->returned,
    };
    return true;
}

size_t chat_openings(const struct chat *chat, struct open_time *ret_openings, size_t max)
{
    size_t count = chat->opening_count < max ? chat->opening_count : max;

    memcpy(ret_openings, chat->openings, count * sizeof(*ret_openings));
    return count;
}

const char *chat_language(const struct chat *chat, struct slice agent)
{
    const struct member *member = agents_find(chat, agent);

    return language_code(member == NULL ? LANGUAGE_EN : member->language);
}

bool chat_leaves_waiting(const struct chat *chat)
{
    return routing_leaves_waiting(chat);
}

bool chat_passes_over(const struct chat *chat, struct conversation_id id, struct slice agent)
{
    const struct conversation *conv = conversation_find(chat, id);
    const struct member *member = agents_find(chat, agent);

    return conv != NULL && member != NULL && routing_passes_over(chat, conv, member);
}

bool chat_leaves_unshown(const struct chat *chat)
{
    return onlookers_are_behind(chat);
}

bool chat_explain(const struct chat *chat, struct conversation_id id, struct buf *to)
{
    const struct conversation *conv = conversation_find(chat, id);

    if (conv == NULL || conv->state == CONVERSATION_ENDED || !conv->stored)
        return false;
    routing_explain(chat, conv, LANGUAGE_EN, to);
    return true;
}

void chat_counts(const struct chat *chat, struct chat_counts *ret_counts)
{
    struct chat_counts counts = { .open = chat->open,
                                  .queued = chat->queue_length,
                                  .active = chat->active,
                                  .visitors = HASH_COUNT(chat->guests) };

    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        counts.agents_present += m->assigned && !m->outsider && m->show != SHOW_GONE;
        counts.agents_available += agents_takes_offers(m);
        counts.people_available += m->role != AGENT_ROLE_BOT && agents_takes_offers(m);
    }
    *ret_counts = counts;
}
