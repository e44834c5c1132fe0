/* SPDX-License-Identifier: Apache-2.0
 *
 * What of the visitor's words goes out fresh, and what waits its turn. That nothing is lost or
 * doubled on the way is the simulator's business (tests/sim).
 */
#include "tests/support/cmocka.h"

#include "chat/state.h"

struct fixture {
    struct chat chat;
    struct member anna;
    struct conversation conv;
    enum chat_effect_type last;
};

static void record(void *context, const struct chat_effect *effect)
{
    ((struct fixture *)context)->last = effect->type;
}

/* Anna serves a visitor whose first word (seq 1) has been routed. */
static struct fixture *set_the_scene(struct fixture *f)
{
    static char jid[] = "anna@agents.localhost";

    *f = (struct fixture){ .last = CHAT_EFFECT_TYPE_COUNT };
    f->chat.link_up = true;
    f->chat.rules = chat_rules_default;
    f->chat.host = (struct chat_host){ .context = f, .carry = record };
    f->anna.jid = jid;
    f->anna.assigned = true;
    f->conv.state = CONVERSATION_ACTIVE;
    f->conv.introduced = true;
    f->conv.agent = &f->anna;
    f->conv.sent_seq = f->conv.handed_seq = f->conv.routed_seq = f->conv.last_seq = 1;
    return f;
}

static void visitor_said(struct fixture *f, uint64_t seq)
{
    const struct chat_write write = { .text = SLICE_LITERAL("Hello?") };

    f->conv.last_seq = seq;
    delivery_fresh(&f->chat, &f->conv, &write, seq);
}

static void agent_said(struct fixture *f, uint64_t seq)
{
    f->conv.last_seq = seq;
    delivery_own(&f->conv, seq);
}

static void a_word__after_the_agents_own__goes_out_fresh(void **state)
{
    struct fixture fixture, *f = set_the_scene(&fixture);

    (void)state;
    agent_said(f, 2);
    agent_said(f, 3);
    visitor_said(f, 4);
    assert_int_equal(f->last, CHAT_DO_SEND);
    assert_int_equal(f->conv.sent_seq, 4);
}

static void a_word__behind_one_not_sent_yet__waits_its_turn(void **state)
{
    struct fixture fixture, *f = set_the_scene(&fixture);

    (void)state;
    f->conv.last_seq = 2; /* the visitor's, stored while the link was down */
    agent_said(f, 3);
    visitor_said(f, 4);
    assert_int_equal(f->last, CHAT_DO_SEND_PENDING);
}

static void the_agents_own_word__while_catching_up__is_passed_by_that(void **state)
{
    struct fixture fixture, *f = set_the_scene(&fixture);

    (void)state;
    f->conv.catching_up = true;
    agent_said(f, 2);
    assert_int_equal(f->conv.sent_seq, 1);
}

RUN(cmocka_unit_test(a_word__after_the_agents_own__goes_out_fresh),
    cmocka_unit_test(a_word__behind_one_not_sent_yet__waits_its_turn),
    cmocka_unit_test(the_agents_own_word__while_catching_up__is_passed_by_that))
