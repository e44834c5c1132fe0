/* SPDX-License-Identifier: Apache-2.0
 *
 * Presence is the switch: available takes offers; away and xa take no new ones; dnd finishes
 * what it has; gone keeps its conversations for a grace time. An agent may be online with
 * several clients: the best of them counts.
 */
#include "chat/state.h"

#include "tenant/agent.h"

#include <stdlib.h>
#include <strings.h>

struct member *agents_find(const struct chat *chat, struct slice jid)
{
    struct member *member;

    HASH_FIND(hh, chat->members, jid.data, jid.len, member);
    return member;
}

static void be_gone(struct chat *chat, struct member *member)
{
    member->show = SHOW_GONE;
    member->gone_ms = chat->now_ms == 0 ? 1 : chat->now_ms;
    chat_wake(chat, member->gone_ms + chat->rules.gone_grace_ms);
}

struct member *agents_get(struct chat *chat, struct slice jid)
{
    struct member *member = agents_find(chat, jid);

    if (member != NULL)
        return member;
    member = calloc(1, sizeof(*member));
    if (member == NULL)
        return NULL;
    member->jid = slice_dup(jid);
    member->name = strdup("");
    member->skills = strdup("");
    if (member->jid == NULL || member->name == NULL || member->skills == NULL) {
        free(member->jid);
        free(member->name);
        free(member->skills);
        free(member);
        return NULL;
    }
    member->unsure = true;
    HASH_ADD_KEYPTR(hh, chat->members, member->jid, jid.len, member);
    be_gone(chat, member);
    return member;
}

bool agents_takes_offers(const struct member *member)
{
    return member->assigned && !member->outsider && member->show == SHOW_AVAILABLE &&
           !member->away && !member->unstaffed;
}

size_t chat_team(const struct chat *chat, struct chat_teammate *ret_team, size_t max)
{
    size_t count = 0;

    for (const struct member *m = chat->members; m != NULL && count < max; m = m->hh.next) {
        if (m->role != AGENT_ROLE_BOT && agents_takes_offers(m))
            ret_team[count++] = (struct chat_teammate){ m->jid, m->name };
    }
    return count;
}

bool agents_is_free(const struct chat *chat, const struct member *member)
{
    return agents_takes_offers(member) && member->load < member->limit &&
           member->wrap_until_ms <= chat->now_ms &&
           (member->overall == 0 || member->load + member->elsewhere < member->overall);
}

bool agents_has_room(const struct chat *chat, const struct member *member)
{
    unsigned here = member->load + member->offers;

    return agents_is_free(chat, member) && here < member->limit &&
           (member->overall == 0 || here + member->elsewhere < member->overall);
}

void agents_tell_loads(struct chat *chat)
{
    for (struct member *m = chat->members; m != NULL; m = m->hh.next) {
        if (m->told_load == m->load + m->offers)
            continue;
        m->told_load = m->load + m->offers;
        DO(chat, CHAT_DO_TELL_LOAD, .agent = slice_of(m->jid), .limit = m->told_load);
    }
}

void on_agent_elsewhere(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_find(chat, event->agent);

    if (member == NULL)
        return;
    chat->capped |= event->limit > 0;
    member->elsewhere = (unsigned)event->seq;
    member->overall = event->limit;
    chat_news(chat);
}

bool agents_has_skill(const struct member *member, struct slice skill)
{
    const char *at = member->skills;

    while (*at != '\0') {
        size_t len = strcspn(at, " ");

        if (len == skill.len && strncasecmp(at, skill.data, len) == 0)
            return true;
        at += len + (at[len] == ' ');
    }
    return false;
}

void agents_wrap_up(struct chat *chat, struct member *member)
{
    if (chat->rules.wrap_up_ms == 0)
        return;
    member->wrap_until_ms = chat->now_ms + chat->rules.wrap_up_ms;
    chat_wake(chat, member->wrap_until_ms);
}

bool agents_is_new_stanza(struct member *member, struct slice stanza)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (size_t i = 0; i < stanza.len; i++)
        hash = (hash ^ (unsigned char)stanza.data[i]) * 16777619u;
    for (size_t i = 0; i < DESK_STANZAS; i++) {
        if (stanza.len > 0 && member->desk_stanzas[i] == hash)
            return false;
    }
    member->desk_stanzas[member->desk_next++ % DESK_STANZAS] = hash;
    return true;
}

/* --- who may serve --- */

/* What they still hold, of before they were unassigned or we restarted. */
static void resume_all(struct chat *chat, const struct member *member)
{
    struct conversation *conv, *next;

    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        if (conv->state == CONVERSATION_ACTIVE && conv->agent == member)
            delivery_resume(chat, conv);
    }
}

void on_member_set(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_get(chat, event->agent);
    char *name = slice_dup(event->name), *skills = slice_dup(event->skill);

    if (member == NULL || name == NULL || skills == NULL) {
        free(name);
        free(skills);
        return;
    }
    free(member->name);
    free(member->skills);
    member->name = name;
    member->skills = skills;
    member->role = event->role;
    member->limit = event->limit;
    (void)language_parse(event->language, &member->language);
    member->away = event->away;
    member->unstaffed = event->unstaffed;
    if (member->outsider) { /* an agent from now on: let us see whether they are here */
        member->outsider = false;
        be_gone(chat, member);
    }
    member->assigned = true;
    member->told_status[0] = '\0';
    if (!agents_takes_offers(member))
        offers_withdraw_from(chat, member);
    if (member->role != AGENT_ROLE_SUPERVISOR)
        onlookers_drop_member(chat, member, false);
    resume_all(chat, member);
    chat_news(chat);
}

/* They chose it at another tenant's desk. */
void on_agent_language(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_find(chat, event->agent);

    if (member == NULL || !language_parse(event->language, &member->language))
        return;
    member->told_status[0] = '\0';
    chat_news(chat);
}

static void release_all(struct chat *chat, const struct member *member, const char *reason)
{
    struct conversation *conv, *next;

    HASH_ITER(hh_visitor, chat->by_visitor, conv, next)
    {
        if (conv->state == CONVERSATION_ACTIVE && conv->agent == member && !conv->ending)
            conversation_ask_release(chat, conv, reason);
    }
}

static void forget_resources(struct member *member)
{
    for (size_t i = 0; i < RESOURCES_MAX; i++) {
        free(member->resources[i].name);
        member->resources[i] = (struct resource){ .name = NULL };
    }
}

void agents_let_go(struct chat *chat, struct member *member)
{
    offers_withdraw_from(chat, member);
    be_gone(chat, member); /* asked again after the grace if storage cannot now */
    release_all(chat, member, "unassigned");
    chat_news(chat);
}

/* The entry stays, without rights: conversations that end later still point to it. */
void agents_dismiss(struct chat *chat, struct member *member)
{
    onlookers_drop_member(chat, member, false);
    member->assigned = member->outsider = false;
    forget_resources(member);
    agents_let_go(chat, member);
}

void on_member_gone(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_find(chat, event->agent);

    if (member == NULL)
        return;
    agents_dismiss(chat, member);
    outsiders_settle(chat); /* no agent any more, and perhaps named all the same */
}

void agents_set_away(struct chat *chat, struct member *member, bool away)
{
    if (member->away != away)
        DO(chat, CHAT_DO_KEEP_AWAY, .agent = slice_of(member->jid), .on = away);
    member->away = away;
    member->wrap_until_ms = 0;
    if (away)
        offers_withdraw_from(chat, member);
    chat_news(chat);
}

/* --- presence --- */

static void set_resource(struct member *member, struct slice name, enum show show)
{
    struct resource *free_place = NULL;

    for (size_t i = 0; i < RESOURCES_MAX; i++) {
        struct resource *resource = &member->resources[i];

        if (resource->name == NULL) {
            free_place = resource;
        } else if (slice_is(name, resource->name)) {
            resource->show = show;
            if (show == SHOW_GONE) {
                free(resource->name);
                resource->name = NULL;
            }
            return;
        }
    }
    if (show != SHOW_GONE && free_place != NULL) {
        free_place->name = slice_dup(name);
        free_place->show = show;
    }
}

static enum show best_show(const struct member *member)
{
    enum show best = SHOW_GONE;

    for (size_t i = 0; i < RESOURCES_MAX; i++) {
        if (member->resources[i].name != NULL && member->resources[i].show > best)
            best = member->resources[i].show;
    }
    return best;
}

static void show_changed(struct chat *chat, struct member *member, enum show before)
{
    if (member->show == SHOW_GONE)
        be_gone(chat, member);
    else
        member->gone_ms = 0;
    if (member->show != SHOW_AVAILABLE) {
        routing_pause(chat, member);
        offers_withdraw_from(chat, member);
    }
    if (before == SHOW_GONE) { /* just come: tell them how things stand */
        member->told_status[0] = '\0';
        if (!member->unsure) /* they logged in anew */
            agents_set_away(chat, member, false);
        delivery_agent_back(chat, member);
    }
    chat_news(chat);
}

void on_agent_presence(struct chat *chat, const struct chat_event *event)
{
    struct member *member = agents_find(chat, event->agent);
    enum show before;

    if (member == NULL || !member->assigned || member->outsider)
        return;
    before = member->show;
    if (event->resource.len == 0 && event->show == SHOW_GONE)
        forget_resources(member); /* the server speaks for all clients */
    else
        set_resource(member, event->resource, event->show);
    member->show = best_show(member);
    if (member->show != before)
        show_changed(chat, member, before);
    member->unsure = false;
    if (member->show == SHOW_GONE) /* nobody is there to see it */
        onlookers_drop_member(chat, member, true);
}

/* Nobody can be asked while the link is down; they have the grace time to be seen again. */
void agents_link_lost(struct chat *chat)
{
    for (struct member *member = chat->members; member != NULL; member = member->hh.next) {
        enum show before = member->show;

        if (member->outsider)
            continue;
        forget_resources(member);
        member->show = SHOW_GONE;
        member->unsure |= before != SHOW_GONE;
        if (before != SHOW_GONE)
            show_changed(chat, member, before);
    }
}

/* While the link is down nobody could have come back, so nobody's grace runs out. */
void agents_tick(struct chat *chat)
{
    for (struct member *member = chat->members; member != NULL; member = member->hh.next) {
        uint64_t due_ms = member->gone_ms + chat->rules.gone_grace_ms;

        if (member->gone_ms == 0 || (member->load == 0 && member->watched == 0))
            continue;
        if (due_ms > chat->now_ms) {
            chat_wake(chat, due_ms);
            continue;
        }
        if (!chat->link_up) {
            chat_wake(chat, chat->now_ms + chat->rules.gone_grace_ms);
            continue;
        }
        member->gone_ms = chat->now_ms; /* asked once; asked again if storage could not */
        chat_wake(chat, member->gone_ms + chat->rules.gone_grace_ms);
        onlookers_drop_member(chat, member, true); /* not back since the link was lost */
        release_all(chat, member, "gone");
    }
}

void agents_free_all(struct chat *chat)
{
    struct member *member, *next;

    HASH_ITER(hh, chat->members, member, next)
    {
        HASH_DEL(chat->members, member);
        forget_resources(member);
        free(member->jid);
        free(member->name);
        free(member->skills);
        free(member);
    }
}
