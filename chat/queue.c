/* SPDX-License-Identifier: Apache-2.0
 *
 * The place is the conversation's, not the browser's: a reload keeps it. Those who wait are
 * told their place at once, and then when it has changed, at most once a second.
 *
 * Each stands as if it had come so much earlier as its points of priority are worth. All wait
 * equally fast, so who stands before whom does not change by waiting, and nobody is passed by
 * those who come later than that. First stand those whom an agent has let go, among themselves
 * by the same rule.
 */
#include "chat/state.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t head_start_ms(const struct chat *chat, const struct conversation *conv)
{
    return conv->points * chat->rules.priority_point_ms;
}

static bool stands_before(const struct chat *chat, const struct conversation *a,
                          const struct conversation *b)
{
    if (a->returned != b->returned)
        return a->returned;
    return a->queued_ms + head_start_ms(chat, b) < b->queued_ms + head_start_ms(chat, a);
}

/* Behind everyone who does not stand behind it: from the end, where it mostly is. */
static void insert(struct chat *chat, struct conversation *conv)
{
    struct conversation *at = chat->queue == NULL ? NULL : chat->queue->prev;

    conv->points = priority_points(&chat->rules.priority, slice_of(conv->stage),
                                   slice_of(conv->language), slice_of(conv->skill));
    while (at != NULL && stands_before(chat, conv, at))
        at = at == chat->queue ? NULL : at->prev;
    DL_APPEND_ELEM(chat->queue, at, conv);
}

static void added(struct chat *chat, struct conversation *conv)
{
    conv->queued = true;
    conv->told_position = 0;
    if (conv->queued_ms == 0)
        conv->queued_ms = chat->now_ms;
    chat->queue_length++;
    routing_wake(chat, conv);
    unanswered_wake(chat, conv);
    chat_news(chat);
}

void queue_append(struct chat *chat, struct conversation *conv)
{
    conv->queued_ms = chat->now_ms;
    insert(chat, conv);
    added(chat, conv);
}

void queue_return(struct chat *chat, struct conversation *conv)
{
    conv->returned = true;
    queue_append(chat, conv);
}

void queue_insert(struct chat *chat, struct conversation *conv)
{
    insert(chat, conv);
    added(chat, conv);
}

void queue_rank(struct chat *chat, struct conversation *conv)
{
    if (!conv->queued)
        return;
    DL_DELETE(chat->queue, conv);
    insert(chat, conv);
    chat_news(chat);
}

void queue_rank_all(struct chat *chat)
{
    struct conversation *before = chat->queue, *conv, *next;

    chat->queue = NULL;
    DL_FOREACH_SAFE(before, conv, next)
    {
        DL_DELETE(before, conv);
        insert(chat, conv);
    }
    chat_news(chat);
}

void queue_remove(struct chat *chat, struct conversation *conv)
{
    if (!conv->queued)
        return;
    DL_DELETE(chat->queue, conv);
    conv->queued = conv->returned = false;
    conv->queued_ms = 0;
    chat->queue_length--;
    chat_news(chat);
}

/* --- how long it usually takes --- */

enum { DAY_MS = 86400000 };

static void remember(struct chat *chat, uint64_t taken_ms, uint64_t waited_s)
{
    chat->waits[chat->wait_count++ % CHAT_WAITS_KEPT] =
        (struct wait){ taken_ms, waited_s > UINT32_MAX ? UINT32_MAX : (unsigned)waited_s };
}

void queue_served(struct chat *chat, const struct conversation *conv)
{
    if (conv->queued)
        remember(chat, chat->now_ms, (chat->now_ms - conv->queued_ms) / 1000);
}

void on_restored_wait(struct chat *chat, const struct chat_event *event)
{
    remember(chat, event->at_ms, event->seq);
}

static int by_length(const void *a, const void *b)
{
    unsigned first = *(const unsigned *)a, second = *(const unsigned *)b;

    return first < second ? -1 : first > second;
}

bool chat_usual_wait(const struct chat *chat, unsigned *ret_seconds)
{
    size_t kept = chat->wait_count < CHAT_WAITS_KEPT ? chat->wait_count : CHAT_WAITS_KEPT;
    unsigned sorted[CHAT_WAITS_KEPT] = { 0 };
    size_t count = 0;

    for (size_t i = 0; i < kept; i++) {
        if (chat->waits[i].taken_ms + CHAT_WAITS_DAYS * (uint64_t)DAY_MS > chat->now_ms)
            sorted[count++] = chat->waits[i].s;
    }
    if (count < WAITS_MIN)
        return false;
    qsort(sorted, count, sizeof(*sorted), by_length);
    *ret_seconds = sorted[count / 2];
    return true;
}

/* --- places --- */

unsigned queue_position(const struct chat *chat, const struct conversation *conv)
{
    unsigned position = 1;

    for (const struct conversation *at = chat->queue; at != NULL && at != conv; at = at->next)
        position++;
    return position;
}

void queue_tell(struct chat *chat, struct conversation *conv, unsigned position,
                struct session_id session)
{
    conv->told_position = position;
    DO(chat, CHAT_DO_TELL_QUEUE, .visitor = conv->visitor, .session = session, .position = position,
       .waited_s = (unsigned)((chat->now_ms - conv->queued_ms) / 1000));
}

/* Since when whoever waits longest does: not always the first in the queue. */
static uint64_t longest_since_ms(const struct chat *chat)
{
    const struct conversation *conv;
    uint64_t since_ms = chat->now_ms;

    DL_FOREACH(chat->queue, conv)
    {
        if (conv->queued_ms < since_ms)
            since_ms = conv->queued_ms;
    }
    return since_ms;
}

/* What is the same for every member. */
struct situation {
    unsigned agents;
    uint64_t longest_ms;
};

/* "2 waiting · longest 0:42 · you 3/5 · 4 agents" */
static void write_status(const struct chat *chat, const struct member *member,
                         const struct situation *now, struct buf *to)
{
    char waiting[16], load[16], limit[16], here[16], watched[16], wait[24];

    (void)snprintf(waiting, sizeof(waiting), "%u", chat->queue_length);
    (void)snprintf(load, sizeof(load), "%u", member->load);
    (void)snprintf(limit, sizeof(limit), "%u", member->limit);
    (void)snprintf(here, sizeof(here), "%u", now->agents);
    texts_write(to, member->language, LINE_STATUS_WAITING, ARGS(waiting));
    if (chat->queue != NULL) {
        chat_format_wait(now->longest_ms, wait, sizeof(wait));
        texts_write(to, member->language, LINE_STATUS_LONGEST, ARGS(wait));
    }
    texts_write(to, member->language, LINE_STATUS_YOU, ARGS(load, limit));
    texts_write(to, member->language, now->agents == 1 ? LINE_STATUS_ONE_AGENT : LINE_STATUS_AGENTS,
                ARGS(here));
    (void)snprintf(watched, sizeof(watched), "%u", member->watched);
    if (member->watched > 0)
        texts_write(to, member->language, LINE_STATUS_WATCHED, ARGS(watched));
    if (member->unstaffed)
        texts_write(to, member->language, LINE_STATUS_UNSTAFFED, NO_ARGS);
    else if (member->away)
        texts_write(to, member->language, LINE_STATUS_AWAY, NO_ARGS);
}

static void tell_desk(struct chat *chat, struct member *member, const struct situation *now)
{
    AUTO_BUF status;

    buf_init(&status, NAME_BYTES - 1);
    write_status(chat, member, now, &status);
    if (buf_failed(&status) || strcmp(status.data, member->told_status) == 0)
        return;
    (void)snprintf(member->told_status, sizeof(member->told_status), "%s", status.data);
    DO(chat, CHAT_DO_DESK_PRESENCE, .agent = slice_of(member->jid), .show = SHOW_AVAILABLE,
       .text = buf_slice(&status));
}

/* Who waits waits on, though nothing else changes. */
static void age_later(struct chat *chat, uint64_t longest_ms)
{
    uint64_t step_ms = longest_ms < AGE_MIN_MS ? AGE_MIN_MS : longest_ms;

    chat->aged_ms = chat->now_ms + (step_ms > AGE_MAX_MS ? AGE_MAX_MS : step_ms);
}

static bool is_due(struct chat *chat)
{
    uint64_t due_ms = chat->news ? chat->news_ms : chat->aged_ms;

    if (!chat->news && chat->queue == NULL)
        return false;
    if (due_ms > chat->now_ms)
        chat_wake(chat, due_ms);
    return due_ms <= chat->now_ms;
}

void queue_tick(struct chat *chat)
{
    const struct session_id all = { { { 0 } } };
    struct conversation *conv;
    struct member *member;
    struct chat_counts counts;
    struct situation now;
    unsigned position = 0;

    if (!is_due(chat))
        return;
    chat->news = false;
    DL_FOREACH(chat->queue, conv)
    {
        if (conv->told_position != ++position)
            queue_tell(chat, conv, position, all);
    }
    chat_counts(chat, &counts);
    now = (struct situation){ counts.agents_available, chat->now_ms - longest_since_ms(chat) };
    age_later(chat, now.longest_ms);
    if (chat->queue != NULL)
        chat_wake(chat, chat->aged_ms);
    for (member = chat->members; member != NULL; member = member->hh.next) {
        if (member->assigned && !member->outsider && member->show != SHOW_GONE && chat->link_up)
            tell_desk(chat, member, &now);
    }
}
