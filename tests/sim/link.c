/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's link and the XMPP server behind it. What is handed to the link while its stream
 * is down, or lost with the stream, is gone: the core sends it again when the stream is back.
 * What was heard is kept until the core has handled it.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

enum { CAREFUL_CONFIRMED = 500 };

static struct link_sim *link_of(struct tenant_sim *tenant)
{
    return &tenant->link;
}

/* --- up and down --- */

static void tell_core(struct tenant_sim *tenant, uint64_t in_ms)
{
    const struct parcel state = { .on = tenant->link.up };

    lane_post(tenant->world, &tenant->link.ipc, in_ms, core_hears_link, tenant, &state);
}

static void come_back(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;

    (void)world;
    (void)parcel;
    tenant->link.up = true;
    tell_core(tenant, 1);
}

/* A half-open stream is noticed late. */
static void lose_stream(struct tenant_sim *tenant)
{
    struct world *world = tenant->world;
    uint64_t noticed_ms = sim_chance(world, 200) ? sim_between(world, 1, 8000) : 1;
    struct link_sim *link = link_of(tenant);

    link->up = false;
    link->barrier = false;
    link->flying_count = 0;
    lane_break(&link->out);
    lane_break(&link->server);
    tell_core(tenant, noticed_ms);
    sim_post(world, noticed_ms + sim_between(world, 200, 10000), come_back, tenant, NULL);
}

void link_drop(struct tenant_sim *tenant)
{
    if (!tenant->link.up)
        return;
    sim_trace(tenant->world, tenant, "the stream to the XMPP server is lost");
    lose_stream(tenant);
}

static void forget_heard(struct link_sim *link)
{
    struct heard *heard, *next;

    DL_FOREACH_SAFE(link->heard, heard, next)
    free(heard);
    link->heard = NULL;
}

void link_crash(struct tenant_sim *tenant)
{
    if (!tenant->link.up)
        return;
    sim_trace(tenant->world, tenant, "the link is killed");
    forget_heard(&tenant->link);
    lane_break(&tenant->link.ipc);
    lose_stream(tenant);
}

/* --- to agents --- */

static void confirm(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct link_sim *link = link_of(tenant);
    const struct parcel routed = { .ordinal = link->reached };

    if (lane_is_lost(&link->out, parcel))
        return;
    link->barrier = false;
    while (link->flying_count > 0 && link->flying[0].ordinal <= link->reached) {
        link->careful -= link->careful > 0;
        link->flying_count--;
        memmove(link->flying, link->flying + 1, link->flying_count * sizeof(*link->flying));
    }
    lane_post(world, &link->ipc, 1, core_hears_routed, tenant, &routed);
}

static void report(struct tenant_sim *tenant, struct id message)
{
    const struct parcel broke = { .stanza = message };

    lane_post(tenant->world, &tenant->link.ipc, 1, core_hears_break, tenant, &broke);
}

/* The server cannot bear it: all that is in flight may be to blame, the first time. */
static void break_stream(struct tenant_sim *tenant, const struct parcel *poison)
{
    struct link_sim *link = link_of(tenant);

    sim_trace(tenant->world, tenant, "stream error");
    if (link->careful > 0) {
        report(tenant, poison->stanza);
    } else {
        for (size_t i = 0; i < link->flying_count; i++)
            report(tenant, link->flying[i].message);
    }
    link->careful = CAREFUL_CONFIRMED;
    lose_stream(tenant);
}

static void bounce(struct tenant_sim *tenant, const struct parcel *say)
{
    const struct parcel back = { .stanza = say->stanza,
                                 .visitor = say->visitor,
                                 .what = say->what };

    lane_post(tenant->world, &tenant->link.ipc, sim_between(tenant->world, 1, 40),
              core_hears_bounce, tenant, &back);
}

static void keep_for_later(struct agent_sim *agent, const struct parcel *say)
{
    if (agent->stored_count == agent->stored_cap) {
        agent->stored_cap = agent->stored_cap == 0 ? 16 : agent->stored_cap * 2;
        agent->stored = realloc(agent->stored, agent->stored_cap * sizeof(*agent->stored));
        if (agent->stored == NULL)
            abort();
    }
    agent->stored[agent->stored_count++] = *say;
}

/* The server has it, and looks where the agent is. */
static void reaches_server(struct world *world, void *who, const struct parcel *say)
{
    struct tenant_sim *tenant = who;
    struct link_sim *link = link_of(tenant);
    struct agent_sim *agent = say->what;
    const struct parcel barrier = { .epoch = link->out.epoch };
    bool is_word = !conversation_id_is_none(say->conversation);
    bool comes_again = is_word || say->reaction;

    if (lane_is_lost(&link->out, say)) {
        agent->lost |= !comes_again;
        return;
    }
    if (is_word && strstr(say->text, "poison") != NULL) {
        break_stream(tenant, say);
        return;
    }
    link->reached = say->ordinal;
    if (!link->barrier) {
        link->barrier = true;
        sim_post(world, sim_between(world, 5, 400), confirm, tenant, &barrier);
    }
    if (agent == &world->tuula) {
        struct parcel copy = *say;

        copy.kind = (int)tenant->index;
        sim_post(world, 0, tuula_gets, agent, &copy);
    } else if (agent_is_there(agent)) {
        struct parcel copy = *say;

        copy.kind = (int)tenant->index;
        sim_post(world, 0, agent_gets, agent, &copy);
    } else if ((comes_again || agent->outsider) && world->bounces) {
        agent->lost |= !comes_again;
        bounce(tenant, say);
    } else if (comes_again || agent->outsider) {
        struct parcel copy = *say;

        copy.kind = (int)tenant->index;
        keep_for_later(agent, &copy);
    } else {
        agent->lost = true;
    }
}

void link_say(struct tenant_sim *tenant, struct agent_sim *agent, const struct parcel *say)
{
    struct link_sim *link = link_of(tenant);
    struct parcel parcel = *say;

    if (!link->up) {
        agent->lost |= conversation_id_is_none(say->conversation) && !say->reaction;
        return;
    }
    parcel.what = agent;
    if (!conversation_id_is_none(say->conversation)) {
        if (link->flying_count == link->flying_cap) {
            link->flying_cap = link->flying_cap == 0 ? 32 : link->flying_cap * 2;
            link->flying = realloc(link->flying, link->flying_cap * sizeof(*link->flying));
            if (link->flying == NULL)
                abort();
        }
        link->flying[link->flying_count++] = (struct flying){ .ordinal = say->ordinal,
                                                              .conversation = say->conversation,
                                                              .message = say->stanza,
                                                              .seq = say->seq,
                                                              .round = say->round };
    }
    lane_post(tenant->world, &link->out, sim_between(tenant->world, 1, 80), reaches_server, tenant,
              &parcel);
}

void link_receipt(struct tenant_sim *tenant, struct agent_sim *agent, struct slice stanza)
{
    struct parcel receipt = { .kind = (int)tenant->index };

    if (!tenant->link.up)
        return;
    (void)slice_copy(stanza, receipt.cid, sizeof(receipt.cid));
    sim_post(tenant->world, sim_between(tenant->world, 1, 80), agent_gets_receipt, agent, &receipt);
}

/* --- from agents --- */

static void pass_on(struct tenant_sim *tenant, struct heard *heard)
{
    struct parcel parcel = { .ordinal = heard->ordinal,
                             .visitor = heard->visitor,
                             .client = heard->client,
                             .what = heard->agent,
                             .speech = heard->speech,
                             .stanza = heard->target };

    (void)snprintf(parcel.cid, sizeof(parcel.cid), "%s", heard->stanza);
    (void)snprintf(parcel.about, sizeof(parcel.about), "%s", heard->about);
    (void)snprintf(parcel.text, sizeof(parcel.text), "%s", heard->text);
    lane_post(tenant->world, &tenant->link.ipc, 1, core_hears_stanza, tenant, &parcel);
}

static void hears_stanza(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;
    struct link_sim *link = link_of(tenant);
    struct heard *heard;

    (void)world;
    if (lane_is_lost(&link->server, parcel) || !link->up)
        return;
    heard = calloc(1, sizeof(*heard));
    if (heard == NULL)
        abort();
    heard->ordinal = ++link->ordinal;
    heard->agent = parcel->what;
    heard->client = parcel->client;
    heard->visitor = parcel->visitor;
    heard->speech = parcel->speech;
    heard->target = parcel->stanza;
    (void)snprintf(heard->about, sizeof(heard->about), "%s", parcel->about);
    (void)snprintf(heard->stanza, sizeof(heard->stanza), "%s", parcel->cid);
    (void)slice_copy(slice_of(parcel->text), heard->text, sizeof(heard->text));
    DL_APPEND(link->heard, heard);
    pass_on(tenant, heard);
}

void link_hears_stanza(struct tenant_sim *tenant, struct agent_sim *agent, const struct word *word)
{
    struct parcel parcel = { .visitor = word->visitor,
                             .client = word->client,
                             .what = agent,
                             .speech = word->speech,
                             .stanza = word->target };

    if (!tenant->link.up)
        return; /* the server says so, and the client tries again later */
    (void)snprintf(parcel.about, sizeof(parcel.about), "%s", word->about);
    (void)snprintf(parcel.cid, sizeof(parcel.cid), "%s", word->stanza);
    (void)snprintf(parcel.text, sizeof(parcel.text), "%s", word->text);
    lane_post_faulty(tenant->world, &tenant->link.server, sim_between(tenant->world, 1, 80),
                     hears_stanza, tenant, &parcel);
}

/* Presence, receipts, typing: passed on as they come, lost with either end. */
static void hears_presence(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;

    if (!lane_is_lost(&tenant->link.server, parcel))
        lane_post(world, &tenant->link.ipc, 1, core_hears_presence, tenant, parcel);
}

static void hears_receipt(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;

    if (!lane_is_lost(&tenant->link.server, parcel))
        lane_post(world, &tenant->link.ipc, 1, core_hears_receipt, tenant, parcel);
}

static void hears_typing(struct world *world, void *who, const struct parcel *parcel)
{
    struct tenant_sim *tenant = who;

    if (!lane_is_lost(&tenant->link.server, parcel))
        lane_post(world, &tenant->link.ipc, 1, core_hears_typing, tenant, parcel);
}

void link_hears_presence(struct tenant_sim *tenant, struct agent_sim *agent, unsigned client)
{
    const struct parcel presence = { .what = agent,
                                     .client = client,
                                     .show = agent->clients[client].up ? agent->clients[client].show
                                                                       : SHOW_GONE };

    if (tenant->link.up)
        lane_post(tenant->world, &tenant->link.server, sim_between(tenant->world, 1, 80),
                  hears_presence, tenant, &presence);
}

void link_hears_receipt(struct tenant_sim *tenant, struct agent_sim *agent,
                        const struct parcel *said, enum delivery delivery)
{
    const struct parcel receipt = {
        .what = agent, .visitor = said->visitor, .stanza = said->stanza, .delivery = delivery
    };

    if (tenant->link.up)
        lane_post_faulty(tenant->world, &tenant->link.server, sim_between(tenant->world, 1, 80),
                         hears_receipt, tenant, &receipt);
}

void link_hears_typing(struct tenant_sim *tenant, struct agent_sim *agent,
                       struct visitor_id visitor)
{
    const struct parcel typing = { .what = agent, .visitor = visitor, .on = true };

    if (tenant->link.up)
        lane_post(tenant->world, &tenant->link.server, sim_between(tenant->world, 1, 80),
                  hears_typing, tenant, &typing);
}

void link_probe(struct tenant_sim *tenant, struct agent_sim *agent)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (agent->clients[i].up)
            link_hears_presence(tenant, agent, i);
    }
}

/* --- the core's end --- */

void link_handled(struct tenant_sim *tenant, uint64_t ordinal)
{
    struct link_sim *link = link_of(tenant);
    struct heard *heard, *next;

    DL_FOREACH_SAFE(link->heard, heard, next)
    {
        if (heard->ordinal != ordinal)
            continue;
        DL_DELETE(link->heard, heard);
        free(heard);
        return;
    }
}

void link_attach(struct tenant_sim *tenant)
{
    struct link_sim *link = link_of(tenant);
    struct heard *heard;

    /* The core is new, so whatever was handed over and not sent is the old one's. */
    link->flying_count = 0;
    link->barrier = false;
    lane_break(&link->out);
    link->reached = 0;
    tell_core(tenant, sim_between(tenant->world, 1, 500));
    DL_FOREACH(link->heard, heard)
    pass_on(tenant, heard);
}

void link_release(struct link_sim *link)
{
    forget_heard(link);
    free(link->flying);
}
