/* SPDX-License-Identifier: Apache-2.0
 *
 * The port of storage, the same cases for every backend: who holds a conversation, and how far what
 * was said has come.
 */
#include "tests/support/both_stores.h"
#include "tests/support/cmocka.h"

/* --- who holds it --- */

static void a_claim__by_a_second_agent__is_refused(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_DONE);
    assert_int_equal(act(WRITE_CLAIM, conversation, ben), STORE_REFUSED);
    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_DONE); /* harmless */
    assert_string_equal(state_of(conversation), "active anna@agents.example last=1;");
    assert_string_equal(events(conversation), "queued claimed ");
}

static void an_answer__claims_in_the_same_breath(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");
    struct chat_write write = an_agents_message(conversation, anna, "s1", "hi");

    write.claims = true;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_string_equal(state_of(conversation), "active anna@agents.example last=2;");
}

static void words_of_an_agent__in_anothers_conversation__are_refused(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_DONE);
    assert_int_equal(agent_says(conversation, ben, "s1", "mine").outcome, STORE_REFUSED);
    assert_int_equal(visitor_says(conversation, "c2", "whose?").outcome, STORE_DONE);
    assert_string_equal(messages(conversation), "1 hello;2 whose?;");
}

static void words_of_who_has_joined__stand_beside_the_holders(void **state)
{
    struct conversation_id conversation = opened("hello");
    struct chat_write write =
        an_agents_message(conversation, "sanna@agents.example", "s1", "Sanna here");

    (void)state;
    assert_int_equal(act(WRITE_CLAIM, conversation, "anna@agents.example"), STORE_DONE);
    write.beside = true;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_int_equal(act(WRITE_END, conversation, "anna@agents.example"), STORE_DONE);
    write.cid = SLICE_LITERAL("s2");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_REFUSED);
}

static void what_reached_the_agent_before__does_not_count_for_whoever_has_it_now(void **state)
{
    struct conversation_id conversation = opened("hello");
    struct chat_write routed = { .kind = WRITE_DELIVERY,
                                 .conversation = conversation,
                                 .seq = 1,
                                 .delivery = DELIVERY_ROUTED,
                                 .agent = SLICE_LITERAL("anna@agents.example") };
    struct chat_write over = { .kind = WRITE_TRANSFER,
                               .conversation = conversation,
                               .sender = SLICE_LITERAL("anna@agents.example"),
                               .agent = SLICE_LITERAL("sanna@agents.example") };

    (void)state;
    assert_int_equal(act(WRITE_CLAIM, conversation, "anna@agents.example"), STORE_DONE);
    assert_int_equal(store_now(store, &acme, &over).outcome, STORE_DONE);
    assert_int_equal(store_now(store, &acme, &routed).outcome, STORE_DONE);
    assert_int_equal(routed_of(conversation), 0);
    routed.agent = over.agent;
    assert_int_equal(store_now(store, &acme, &routed).outcome, STORE_DONE);
    assert_int_equal(routed_of(conversation), 1);
}

static void released__anybody_may_claim_it(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_DONE);
    assert_int_equal(act(WRITE_RELEASE, conversation, anna), STORE_DONE);
    assert_string_equal(state_of(conversation), "queued  last=1;");
    assert_int_equal(act(WRITE_RELEASE, conversation, anna), STORE_REFUSED); /* once is enough */
    assert_int_equal(act(WRITE_CLAIM, conversation, ben), STORE_DONE);
    assert_string_equal(events(conversation), "queued claimed released claimed ");
}

static void released__by_who_had_it_before__stays_with_who_has_it(void **state)
{
    struct conversation_id conversation = opened("hello");
    struct chat_write over = { .kind = WRITE_TRANSFER,
                               .conversation = conversation,
                               .sender = slice_of(anna),
                               .agent = slice_of(ben) };

    (void)state;
    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_DONE);
    assert_int_equal(store_now(store, &acme, &over).outcome, STORE_DONE);
    assert_int_equal(act(WRITE_RELEASE, conversation, anna), STORE_REFUSED);
    assert_string_equal(events(conversation), "queued claimed transferred ");
    assert_int_equal(act(WRITE_RELEASE, conversation, ben), STORE_DONE);
}

static void released__everything_is_pending_again_for_the_next(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_DONE);
    mark(WRITE_DELIVERY, conversation, 1, DELIVERY_ROUTED, false);
    assert_string_equal(marks(conversation), "1 ");
    assert_int_equal(act(WRITE_RELEASE, conversation, anna), STORE_DONE);
    assert_string_equal(marks(conversation), "0 ");
}

static void an_end__is_the_last_word(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(act(WRITE_END, conversation, anna), STORE_DONE);
    assert_int_equal(act(WRITE_END, conversation, anna), STORE_REFUSED);
    assert_int_equal(act(WRITE_CLAIM, conversation, anna), STORE_REFUSED);
    assert_int_equal(act(WRITE_RELEASE, conversation, anna), STORE_REFUSED);
    assert_string_equal(events(conversation), "queued ended ");
    assert_string_equal(state_of(conversation), "ended  last=1;");
}

/* --- marks --- */

static void deliveries__only_grow(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");

    (void)visitor_says(conversation, "c2", "two");
    mark(WRITE_DELIVERY, conversation, 2, DELIVERY_READ, false);
    mark(WRITE_DELIVERY, conversation, 2, DELIVERY_DELIVERED, false);
    mark(WRITE_DELIVERY, conversation, 2, DELIVERY_ROUTED, false);
    assert_string_equal(marks(conversation), "3dr 3dr ");
}

static void a_single_delivery__leaves_its_neighbours(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");

    (void)visitor_says(conversation, "c2", "two");
    mark(WRITE_DELIVERY, conversation, 2, DELIVERY_UNDELIVERABLE, true);
    assert_string_equal(marks(conversation), "0 4 ");
}

static void a_delivery__up_to_a_place__is_of_the_visitors_words(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");

    (void)agent_says(conversation, anna, "s1", "two");
    (void)visitor_says(conversation, "c3", "three");
    (void)visitor_says(conversation, "c4", "four");
    mark(WRITE_DELIVERY, conversation, 3, DELIVERY_DELIVERED, false);
    assert_string_equal(marks(conversation), "2d 0 2d 0 ");
}

static void what_the_visitor_has_read__are_the_agents_words(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");

    (void)agent_says(conversation, anna, "s1", "two");
    (void)agent_says(conversation, anna, "s2", "three");
    mark(WRITE_READ, conversation, 2, DELIVERY_PENDING, false);
    assert_string_equal(marks(conversation), "0 0r 0 ");
}

RUN_ON_BOTH(CASE(a_claim__by_a_second_agent__is_refused),
            CASE(an_answer__claims_in_the_same_breath),
            CASE(words_of_an_agent__in_anothers_conversation__are_refused),
            CASE(words_of_who_has_joined__stand_beside_the_holders),
            CASE(what_reached_the_agent_before__does_not_count_for_whoever_has_it_now),
            CASE(released__anybody_may_claim_it),
            CASE(released__by_who_had_it_before__stays_with_who_has_it),
            CASE(released__everything_is_pending_again_for_the_next),
            CASE(an_end__is_the_last_word), CASE(deliveries__only_grow),
            CASE(a_single_delivery__leaves_its_neighbours),
            CASE(a_delivery__up_to_a_place__is_of_the_visitors_words),
            CASE(what_the_visitor_has_read__are_the_agents_words))
