/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is offered what, in the order of the queue. While the tenant is open, each who waits is
 * offered to whoever fits best and has room: to one agent at a time, or to all at once where the
 * tenant likes that better.
 *
 * How well an agent fits is a number of steps away from the best: two for a skill asked for and
 * not there, one for not speaking the visitor's language, one for being of the pool. At first
 * only the best of those who are here are asked; after each overflow_ms of waiting, those one
 * step further, too. So nobody waits for a skill that nobody brings.
 *
 * A bot comes before everybody else, and only while nobody has had the conversation.
 *
 * Who declines, or lets the time run out, is not asked again for a while, and each time for twice
 * as long: offering again at once made phones ring in loops.
 */
#include "chat/state.h"

#include "tenant/agent.h"

#include <stdio.h>

enum { STEPS_MAX = 4, STEPS_SKILL = 2, STEPS_LANGUAGE = 1, STEPS_POOL = 1 };
enum { DOUBLINGS_MAX = 2 };

static uint64_t passed_until_ms(const struct chat *chat, const struct conversation *conv,
                                const struct member *member)
{
    for (size_t i = 0; i < PASSES_MAX; i++) {
        if (conv->passes[i].member == member && conv->passes[i].until_ms > chat->now_ms)
            return conv->passes[i].until_ms;
    }
    return 0;
}

/* The member's, or a new one in place of the oldest. */
static struct pass *pass_of(struct conversation *conv, struct member *member)
{
    struct pass *oldest = &conv->passes[0];

    for (size_t i = 0; i < PASSES_MAX; i++) {
        if (conv->passes[i].member == member)
            return &conv->passes[i];
        if (conv->passes[i].until_ms < oldest->until_ms)
            oldest = &conv->passes[i];
    }
    *oldest = (struct pass){ .member = member };
    return oldest;
}

static void pass_for(struct chat *chat, struct pass *pass, uint64_t ms)
{
    pass->until_ms = chat->now_ms + ms;
    chat_wake(chat, pass->until_ms);
}

void routing_pass(struct chat *chat, struct conversation *conv, struct member *member)
{
    struct pass *pass = pass_of(conv, member);

    pass_for(chat, pass, chat->rules.offer_again_ms << pass->times);
    if (pass->times < DOUBLINGS_MAX)
        pass->times++;
}

void routing_ask_again(struct chat *chat, const struct member *member)
{
    struct conversation *conv;

    DL_FOREACH(chat->queue, conv)
    {
        for (size_t i = 0; i < PASSES_MAX; i++) {
            if (conv->passes[i].member == member)
                conv->passes[i] = (struct pass){ .member = NULL };
        }
    }
    chat->reroute = true;
}

void routing_pause(struct chat *chat, struct member *member)
{
    struct offer *offer;

    DL_FOREACH(chat->offers, offer)
    {
        if (offer->member == member)
            pass_for(chat, pass_of(offer->conv, member), PAUSE_MS);
    }
}

/* --- how well somebody fits --- */

/* Bots are asked before people are, and not again about what they have given back. */
static bool is_bot(const struct member *member)
{
    return member->role == AGENT_ROLE_BOT;
}

static unsigned steps_away(const struct chat *chat, const struct conversation *conv,
                           const struct member *member)
{
    struct slice language = { conv->language, strcspn(conv->language, "-") };
    unsigned steps = 0;

    if (conv->skill[0] != '\0' && !agents_has_skill(member, slice_of(conv->skill)))
        steps += STEPS_SKILL;
    if (chat->rules.languages && language.len > 0 && !agents_has_skill(member, language))
        steps += STEPS_LANGUAGE;
    if (agents_has_skill(member, SLICE_LITERAL("pool")))
        steps += STEPS_POOL;
    return steps;
}

/* So far away may they be who are asked now. */
static unsigned steps_allowed(const struct chat *chat, const struct conversation *conv)
{
    uint64_t waited = (chat->now_ms - conv->queued_ms) / chat->rules.overflow_ms;
    unsigned best = STEPS_MAX;

    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        unsigned steps = steps_away(chat, conv, m);

        if (agents_takes_offers(m) && steps < best)
            best = steps;
    }
    return waited > best ? (unsigned)(waited < STEPS_MAX ? waited : STEPS_MAX) : best;
}

static enum fit fit_within(const struct chat *chat, const struct conversation *conv,
                           const struct member *member, unsigned steps)
{
    if (!member->assigned || member->outsider || member->show == SHOW_GONE)
        return FIT_GONE;
    if (member->unstaffed)
        return FIT_UNSTAFFED;
    if (member->show != SHOW_AVAILABLE || member->away)
        return FIT_AWAY;
    if (offers_find(chat, conv, member) != NULL)
        return FIT_OFFERED;
    if (passed_until_ms(chat, conv, member) > 0)
        return FIT_PASSED;
    if (is_bot(member) && conv->agent != NULL)
        return FIT_PEOPLE;
    if (steps_away(chat, conv, member) > steps)
        return FIT_LATER;
    if (member->wrap_until_ms > chat->now_ms)
        return FIT_WRAPPING_UP;
    if (agents_has_room(chat, member))
        return FIT_YES;
    return member->load + member->offers < member->limit ? FIT_FULL_ELSEWHERE : FIT_FULL;
}

enum fit routing_fit(const struct chat *chat, const struct conversation *conv,
                     const struct member *member)
{
    return fit_within(chat, conv, member, steps_allowed(chat, conv));
}

/* --- who it is --- */

/* Whoever the visitor had last knows them. */
static struct member *familiar(const struct chat *chat, const struct conversation *conv,
                               unsigned steps)
{
    struct member *member = chat->rules.sticky ? agents_find(chat, slice_of(conv->familiar)) : NULL;

    return member != NULL && fit_within(chat, conv, member, steps) == FIT_YES ? member : NULL;
}

static bool is_better(const struct chat *chat, const struct member *a, const struct member *b)
{
    if (is_bot(a) != is_bot(b))
        return is_bot(a);
    if (chat->rules.mode == ROUTING_ROUND_ROBIN)
        return a->turn < b->turn;
    return a->load + a->offers < b->load + b->offers;
}

/* Among equals the one who was assigned first. */
static struct member *choose(const struct chat *chat, const struct conversation *conv)
{
    unsigned steps = steps_allowed(chat, conv);
    struct member *best = familiar(chat, conv, steps);

    if (best != NULL)
        return best;
    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (agents_has_room(chat, m) && fit_within(chat, conv, m, steps) == FIT_YES &&
            (best == NULL || is_better(chat, m, best)))
            best = m;
    }
    return best;
}

static bool anybody_has_room(const struct chat *chat)
{
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (agents_has_room(chat, m))
            return true;
    }
    return false;
}

static void offer_to_all(struct chat *chat, struct conversation *conv)
{
    unsigned steps = steps_allowed(chat, conv);
    struct member *first = choose(chat, conv);

    if (first != NULL && is_bot(first)) {
        offers_make(chat, conv, first);
        return;
    }
    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (agents_has_room(chat, m) && fit_within(chat, conv, m, steps) == FIT_YES)
            offers_make(chat, conv, m);
    }
}

bool routing_leaves_waiting(const struct chat *chat)
{
    const struct conversation *conv;

    if (!chat->link_up || !chat->open)
        return false;
    DL_FOREACH(chat->queue, conv)
    {
        if (conv->claiming == NULL && !conv->ending && conv->offers == 0 &&
            choose(chat, conv) != NULL)
            return true;
    }
    return false;
}

bool routing_passes_over(const struct chat *chat, const struct conversation *conv,
                         const struct member *member)
{
    const struct conversation *at;

    if (!conv->queued)
        return false;
    for (at = chat->queue; at != conv; at = at->next) {
        enum fit fit = routing_fit(chat, at, member);

        /* Full, perhaps by this very offer. */
        if (at->claiming == NULL && !at->ending && at->offers == 0 &&
            (fit == FIT_YES || fit == FIT_FULL || fit == FIT_FULL_ELSEWHERE))
            return true;
    }
    return false;
}

void routing_run(struct chat *chat)
{
    struct conversation *conv;

    if (!chat->link_up || !chat->open || !anybody_has_room(chat))
        return;
    DL_FOREACH(chat->queue, conv)
    {
        struct member *member;

        if (conv->claiming != NULL || conv->ending)
            continue;
        if (chat->rules.mode == ROUTING_OFFER_TO_ALL) {
            offer_to_all(chat, conv);
            continue;
        }
        member = conv->offers > 0 ? NULL : choose(chat, conv);
        if (member != NULL)
            offers_make(chat, conv, member);
    }
}

/* --- time --- */

/* When the next step further counts, or somebody who let it pass may be asked again. */
void routing_wake(struct chat *chat, const struct conversation *conv)
{
    uint64_t waited = (chat->now_ms - conv->queued_ms) / chat->rules.overflow_ms;

    for (size_t i = 0; i < PASSES_MAX; i++) {
        if (conv->passes[i].until_ms > chat->now_ms)
            chat_wake(chat, conv->passes[i].until_ms);
    }
    if (waited < STEPS_MAX)
        chat_wake(chat, conv->queued_ms + (waited + 1) * chat->rules.overflow_ms);
}

/* Agents who may be asked again, and those a step further away. */
void routing_tick(struct chat *chat)
{
    struct conversation *conv;

    DL_FOREACH(chat->queue, conv)
    routing_wake(chat, conv);
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (m->wrap_until_ms > chat->now_ms)
            chat_wake(chat, m->wrap_until_ms);
    }
    chat->reroute = true;
}

/* --- why --- */

static const enum line fit_lines[] = {
    [FIT_YES] = LINE_FIT_YES,
    [FIT_OFFERED] = LINE_FIT_OFFERED,
    [FIT_PASSED] = LINE_FIT_PASSED,
    [FIT_LATER] = LINE_FIT_LATER,
    [FIT_FULL_ELSEWHERE] = LINE_FIT_FULL_ELSEWHERE,
    [FIT_FULL] = LINE_FIT_FULL,
    [FIT_WRAPPING_UP] = LINE_FIT_WRAPPING_UP,
    [FIT_PEOPLE] = LINE_FIT_PEOPLE,
    [FIT_AWAY] = LINE_FIT_AWAY,
    [FIT_GONE] = LINE_FIT_GONE,
    [FIT_UNSTAFFED] = LINE_FIT_UNSTAFFED,
};

static void explain_wait(const struct chat *chat, const struct conversation *conv,
                         enum language language, struct buf *to)
{
    char wait[24], points[16];

    chat_format_wait(chat->now_ms - conv->queued_ms, wait, sizeof(wait));
    texts_write(to, language, LINE_WHY_WAITS, ARGS(wait));
    (void)snprintf(points, sizeof(points), "%u", conv->points);
    chat_format_wait(conv->points * chat->rules.priority_point_ms, wait, sizeof(wait));
    if (conv->points > 0)
        texts_write(to, language, LINE_WHY_PRIORITY, ARGS(points, wait));
    if (conv->returned)
        texts_write(to, language, LINE_WHY_RETURNED, NO_ARGS);
    if (conv->skill[0] != '\0')
        texts_write(to, language, LINE_WHY_SKILL, ARGS(conv->skill));
    if (!chat->link_up)
        texts_write(to, language, LINE_WHY_LINK_DOWN, NO_ARGS);
    if (!chat->open)
        texts_write(to, language, LINE_WHY_CLOSED, NO_ARGS);
}

void routing_explain(const struct chat *chat, const struct conversation *conv,
                     enum language language, struct buf *to)
{
    char load[32], seconds[24];

    if (conv->state == CONVERSATION_ACTIVE) {
        texts_write(to, language, LINE_WHY_HELD, ARGS(conv->agent->name));
        return;
    }
    if (!conv->queued)
        return;
    explain_wait(chat, conv, language, to);
    for (const struct member *m = chat->members; m != NULL; m = m->hh.next) {
        uint64_t until_ms = passed_until_ms(chat, conv, m);

        if (!m->assigned || m->outsider)
            continue;
        (void)snprintf(load, sizeof(load), "%u/%u", m->load, m->limit);
        (void)snprintf(seconds, sizeof(seconds), "%llu",
                       (unsigned long long)(until_ms > chat->now_ms
                                                ? (until_ms - chat->now_ms + 999) / 1000
                                                : 0));
        buf_addf(to, "\n%s: ", m->name);
        texts_write(to, language, fit_lines[routing_fit(chat, conv, m)], ARGS(load, seconds));
    }
}
