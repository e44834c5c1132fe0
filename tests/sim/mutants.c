/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules broken on purpose, so that it is known what the simulator sees. Whatever rules do
 * shows in their effects alone, so each mutant bends the effects on their way to the core;
 * the rules themselves stay as they are.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

const char *const mutant_names[MUTANT_COUNT] = {
    [MUTANT_NONE] = "none",
    [MUTANT_ACK_EARLY] = "ack_early",
    [MUTANT_DOUBLE_REPEAT] = "double_repeat",
    [MUTANT_WRONG_TENANT] = "wrong_tenant",
    [MUTANT_RECEIPT_EARLY] = "receipt_early",
    [MUTANT_LOSE_OFFER] = "lose_offer",
    [MUTANT_LOSE_SEND] = "lose_send",
    [MUTANT_SWAP_SENDS] = "swap_sends",
    [MUTANT_FORGET_TICK] = "forget_tick", /* see core_deadline() */
    [MUTANT_ONE_AGENT] = "one_agent",
    [MUTANT_LATE_CLOSING] = "late_closing", /* see core_rules() */
    [MUTANT_LOSE_SHOWN] = "lose_shown",
    [MUTANT_LOOK_READS] = "look_reads",
    [MUTANT_LOSE_EDIT] = "lose_edit",
    [MUTANT_FORGET_LOAD] = "forget_load", /* see core_tell_loads() */
    [MUTANT_FORGET_AWAY] = "forget_away", /* see set_member() */
    [MUTANT_LOSE_CALL] = "lose_call",
    [MUTANT_NO_AGEING] = "no_ageing", /* see core_rules() */
    [MUTANT_LOSE_RETURN] = "lose_return",
    [MUTANT_FORGET_MIKKO] = "forget_mikko",
    [MUTANT_LOSE_REACTION] = "lose_reaction",
    [MUTANT_UNTOLD_AGENT] = "untold_agent",
    [MUTANT_STRAY_REACTION] = "stray_reaction",
    [MUTANT_LATE_REACTION] = "late_reaction",
    [MUTANT_DROP_REACTION] = "drop_reaction",
};

struct cid_seen {
    UT_hash_handle hh;
    char cid[CID_BYTES];
};

typedef void mutant_fn(struct tenant_sim *tenant, const struct chat_effect *effect);

static bool stores_word(const struct chat_effect *effect, enum message_from from)
{
    return effect->type == CHAT_DO_STORE && effect->write.kind == WRITE_MESSAGE &&
           effect->write.from == from;
}

static void ack_early(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct chat_write *write = &effect->write;
    struct chat_effect saved = { .type = CHAT_DO_TELL_SAVED };
    struct chat_conversation_view view = { .last_seq = 0 };

    core_carry(tenant, effect);
    if (!stores_word(effect, FROM_VISITOR))
        return;
    (void)chat_view(tenant->chat, write->conversation, &view);
    saved.visitor = write->visitor;
    saved.session = write->session;
    saved.conversation = write->conversation;
    saved.cid = write->cid;
    saved.seq = view.last_seq + 1;
    core_carry(tenant, &saved);
}

static bool is_repeat(struct world *world, struct slice cid)
{
    char text[CID_BYTES];
    struct cid_seen *seen;

    (void)slice_copy(cid, text, sizeof(text));
    HASH_FIND_STR(world->cids, text, seen);
    if (seen != NULL)
        return true;
    seen = calloc(1, sizeof(*seen));
    if (seen == NULL)
        abort();
    memcpy(seen->cid, text, sizeof(text));
    HASH_ADD_STR(world->cids, cid, seen);
    return false;
}

/* A repeat goes to the store under another name, and comes back under its own. */
static void double_repeat(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct chat_effect bent = *effect;
    char cid[CID_BYTES];

    if (stores_word(effect, FROM_VISITOR) && is_repeat(tenant->world, effect->write.cid)) {
        (void)snprintf(cid, sizeof(cid), "%.*s'", SLICE_ARG(effect->write.cid));
        bent.write.cid = slice_of(cid);
    }
    if (effect->type == CHAT_DO_TELL_SAVED && bent.cid.len > 0 &&
        bent.cid.data[bent.cid.len - 1] == '\'')
        bent.cid.len--;
    core_carry(tenant, &bent);
}

static void wrong_tenant(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct world *world = tenant->world;

    if (!visitor_id_is_none(effect->visitor) && sim_chance(world, 5))
        tenant = &world->tenants[(tenant->index + 1) % world->tenant_count];
    core_carry(tenant, effect);
}

static void receipt_early(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct chat_effect receipt = { .type = CHAT_DO_RECEIPT,
                                         .agent = effect->write.sender,
                                         .resource = effect->write.resource,
                                         .visitor = effect->write.visitor,
                                         .stanza = effect->write.cid };

    core_carry(tenant, effect);
    if (stores_word(effect, FROM_AGENT))
        core_carry(tenant, &receipt);
}

static void lose_offer(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    bool is_offer = effect->type == CHAT_DO_SAY_DESK && effect->text.len > 0 &&
                    memmem(effect->text.data, effect->text.len, "reply ok", 8) != NULL;

    if (!is_offer || tenant->index != 0)
        core_carry(tenant, effect);
}

static void lose_call(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_SAY_DESK || !effect->on)
        core_carry(tenant, effect);
}

static void lose_send(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_SEND || !sim_chance(tenant->world, 50))
        core_carry(tenant, effect);
}

static void lose_edit(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_TELL_REVISED)
        core_carry(tenant, effect);
}

/* Each first of two waits for the second, and goes behind it. */
static void swap_sends(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct world *world = tenant->world;
    struct parcel *held = world->swapped;
    struct chat_effect first = *effect;

    if (effect->type != CHAT_DO_SEND) {
        core_carry(tenant, effect);
        return;
    }
    if (held == NULL) {
        held = world->swapped = calloc(1, sizeof(*held));
        if (held == NULL)
            abort();
    }
    if (held->seq == 0) {
        held->conversation = effect->conversation;
        held->seq = effect->seq;
        held->stanza = effect->message.id;
        (void)slice_copy(effect->text, held->text, sizeof(held->text));
        return;
    }
    core_carry(tenant, effect);
    if (!conversation_id_equal(held->conversation, effect->conversation))
        return;
    first.seq = held->seq;
    first.message.id = held->stanza;
    first.text = slice_of(held->text);
    held->seq = 0;
    core_carry(tenant, &first);
}

static void one_agent(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct agent_sim *agent = &tenant->world->agents[0];
    struct chat_effect bent = *effect;

    if (effect->type == CHAT_DO_STORE && slice_is(effect->write.event, "offered") &&
        tenant->members[agent->index])
        bent.write.agent = slice_of(agent->jid);
    core_carry(tenant, &bent);
}

static void lose_shown(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_SHOW || !sim_chance(tenant->world, 200))
        core_carry(tenant, effect);
}

static void look_reads(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct chat_effect read = { .type = CHAT_DO_STORE };

    core_carry(tenant, effect);
    if (effect->type != CHAT_DO_SHOW)
        return;
    read.write.kind = WRITE_DELIVERY;
    read.write.conversation = effect->conversation;
    read.write.seq = effect->last_seq;
    read.write.delivery = DELIVERY_READ;
    core_carry(tenant, &read);
}

static void lose_return(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_SAY_CONTACT || effect->text.len == 0 ||
        memmem(effect->text.data, effect->text.len, "It stays yours.", 15) == NULL)
        core_carry(tenant, effect);
}

static void forget_mikko(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct agent_sim *agent = agents_by_jid(tenant->world, effect->agent);

    if (effect->type != CHAT_DO_SEND || agent == NULL || !agent->outsider)
        core_carry(tenant, effect);
}

static void lose_reaction(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_TELL_REACTION)
        core_carry(tenant, effect);
}

static void untold_agent(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    if (effect->type != CHAT_DO_SEND_REACTION)
        core_carry(tenant, effect);
}

static bool stores_reaction(const struct chat_effect *effect)
{
    return effect->type == CHAT_DO_STORE && effect->write.kind == WRITE_REACTION;
}

static void stray_reaction(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct chat_effect bent = *effect;

    if (stores_reaction(effect))
        bent.write.seq++;
    core_carry(tenant, &bent);
}

static void late_reaction(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    const struct chat_effect late = { .type = CHAT_DO_TELL_REACTION,
                                      .visitor = effect->visitor,
                                      .conversation = effect->conversation,
                                      .seq = effect->seq,
                                      .text = SLICE_LITERAL("👍") };

    core_carry(tenant, effect);
    if (effect->type == CHAT_DO_TELL_REVISED && effect->on)
        core_carry(tenant, &late);
}

/* An agent's is taken back on its way to disk, and received as if it were not. */
static void drop_reaction(struct tenant_sim *tenant, const struct chat_effect *effect)
{
    struct chat_effect bent = *effect;

    if (stores_reaction(effect) && effect->write.from != FROM_VISITOR)
        bent.write.text = SLICE_NONE;
    core_carry(tenant, &bent);
}

static mutant_fn *const mutants[MUTANT_COUNT] = {
    [MUTANT_NONE] = core_carry,
    [MUTANT_ACK_EARLY] = ack_early,
    [MUTANT_DOUBLE_REPEAT] = double_repeat,
    [MUTANT_WRONG_TENANT] = wrong_tenant,
    [MUTANT_RECEIPT_EARLY] = receipt_early,
    [MUTANT_LOSE_OFFER] = lose_offer,
    [MUTANT_LOSE_SEND] = lose_send,
    [MUTANT_SWAP_SENDS] = swap_sends,
    [MUTANT_FORGET_TICK] = core_carry,
    [MUTANT_ONE_AGENT] = one_agent,
    [MUTANT_LATE_CLOSING] = core_carry,
    [MUTANT_LOSE_SHOWN] = lose_shown,
    [MUTANT_LOOK_READS] = look_reads,
    [MUTANT_LOSE_EDIT] = lose_edit,
    [MUTANT_FORGET_LOAD] = core_carry,
    [MUTANT_FORGET_AWAY] = core_carry,
    [MUTANT_LOSE_CALL] = lose_call,
    [MUTANT_NO_AGEING] = core_carry,
    [MUTANT_LOSE_RETURN] = lose_return,
    [MUTANT_FORGET_MIKKO] = forget_mikko,
    [MUTANT_LOSE_REACTION] = lose_reaction,
    [MUTANT_UNTOLD_AGENT] = untold_agent,
    [MUTANT_STRAY_REACTION] = stray_reaction,
    [MUTANT_LATE_REACTION] = late_reaction,
    [MUTANT_DROP_REACTION] = drop_reaction,
};

void mutants_carry(void *context, const struct chat_effect *effect)
{
    struct tenant_sim *tenant = context;

    mutants[tenant->world->mutant](tenant, effect);
}

void mutants_release(struct world *world)
{
    struct cid_seen *seen, *next;

    HASH_ITER(hh, world->cids, seen, next)
    {
        HASH_DEL(world->cids, seen);
        free(seen);
    }
    free(world->swapped);
}
