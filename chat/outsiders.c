/* SPDX-License-Identifier: Apache-2.0
 *
 * People outside whom the tenant has named (tenant/outsiders.h). They are no agents: nothing is
 * routed to them, no desk shows them, presence is not asked for. An agent hands them a conversation
 * by name, it is theirs when they say ok, and while it is they may speak in that one alone. What
 * they hear of who wants to be called back is calls.c.
 *
 * What we say to them may come back, for their server cannot be reached: then whoever asked hears
 * so, and what they hold goes back to the queue.
 */
#include "chat/state.h"

#include "tenant/agent.h"

#include <stdlib.h>

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

void outsiders_bounced(struct chat *chat, struct message_id line)
{
    struct offer *offer, *next;

    DL_FOREACH_SAFE(chat->offers, offer, next)
    {
        if (offer->member->outsider && message_id_equal(offer->line, line)) {
            offers_unreached(chat, offer);
            return;
        }
    }
}
