/* SPDX-License-Identifier: Apache-2.0
 *
 * The port of storage, the same cases for every backend: what store.h promises, whoever keeps it.
 */
#include "storage/counts.h"
#include "tests/support/both_stores.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- messages --- */

static void the_first_message__opens_its_conversation(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_string_equal(messages(conversation), "1 hello;");
    assert_string_equal(state_of(conversation), "queued  last=1;");
    assert_string_equal(events(conversation), "queued ");
}

static void messages__take_places_without_gaps_in_the_order_of_commits(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");

    assert_int_equal(visitor_says(conversation, "c2", "two").seq, 2);
    assert_int_equal(agent_says(conversation, anna, "s1", "three").seq, 3);
    assert_int_equal(visitor_says(conversation, "c2", "two").seq, 2); /* takes no place */
    assert_int_equal(visitor_says(conversation, "c3", "four").seq, 4);
    assert_string_equal(messages(conversation), "1 one;2 two;3 three;4 four;");
}

static void the_same_cid__again__is_the_old_message(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");
    struct chat_write again = a_visitors_message(conversation, "c1", "hello");
    struct store_answer answer;

    again.opens = true; /* the browser cannot know that it was stored */
    again.at_ms = 9999;
    answer = store_now(store, &acme, &again);
    assert_int_equal(answer.outcome, STORE_REPEAT);
    assert_int_equal(answer.seq, 1);
    assert_int_equal(answer.at_ms, 1000);
    assert_false(message_id_equal(answer.message, again.message));
    assert_string_equal(messages(conversation), "1 hello;");
    assert_string_equal(events(conversation), "queued ");
}

static void what_a_message_asks_for__stands_among_the_events_once(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");
    struct chat_write asks = a_visitors_message(conversation, "c2", "Please call me back");

    asks.event = SLICE_LITERAL("callback");
    asks.detail = SLICE_LITERAL("{\"number\":\"+358 40 1234567\",\"time\":\"\"}");
    assert_int_equal(store_now(store, &acme, &asks).outcome, STORE_DONE);
    assert_int_equal(store_now(store, &acme, &asks).outcome, STORE_REPEAT);
    assert_string_equal(events(conversation), "queued callback ");
}

static void add_wait(void *context, uint64_t taken_ms, uint64_t waited_ms)
{
    size_t len = strlen(line);

    (void)context;
    (void)snprintf(line + len, sizeof(line) - len, "%llu after %llu ", (unsigned long long)taken_ms,
                   (unsigned long long)waited_ms);
}

static const char *waits(uint64_t since_ms, unsigned limit)
{
    line[0] = '\0';
    assert_int_equal(store_waits(store, &acme, since_ms, limit, add_wait, NULL), OK);
    return line;
}

static void how_long_they_waited__is_known_of_those_an_agent_took(void **state)
{
    (void)state;
    struct conversation_id taken = opened("take me");

    assert_string_equal(waits(0, 10), "");
    assert_int_equal(act(WRITE_CLAIM, taken, anna), STORE_DONE);
    assert_int_equal(act(WRITE_RELEASE, taken, anna), STORE_DONE);
    assert_int_equal(act(WRITE_CLAIM, taken, ben), STORE_DONE);
    assert_string_equal(waits(0, 10), "5000 after 4000 ");
    assert_string_equal(waits(1001, 10), "");
}

static void the_same_cid__in_a_later_conversation__is_known_again(void **state)
{
    (void)state;
    struct conversation_id first = opened("hello");
    struct chat_write again =
        a_visitors_message((struct conversation_id){ id_new() }, "c1", "hello");
    struct store_answer answer;

    assert_int_equal(act(WRITE_END, first, anna), STORE_DONE);
    again.opens = true;
    answer = store_now(store, &acme, &again);
    assert_int_equal(answer.outcome, STORE_REPEAT);
    assert_true(conversation_id_equal(answer.conversation, first));
    assert_int_equal(
        STORE_CALL(store, conversation_get, &acme, again.conversation, add_conversation, NULL),
        STORE_E_NONE);
}

static void the_same_cid__of_somebody_else__is_another_message(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(agent_says(conversation, anna, "c1", "hello").outcome, STORE_DONE);
    assert_string_equal(messages(conversation), "1 hello;2 hello;");
}

static void a_message__for_a_conversation_nobody_opened__is_refused(void **state)
{
    (void)state;
    assert_int_equal(visitor_says((struct conversation_id){ id_new() }, "c1", "hello").outcome,
                     STORE_REFUSED);
}

static void after_the_end__only_what_was_stored_before_is_known(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");

    assert_int_equal(act(WRITE_END, conversation, anna), STORE_DONE);
    assert_int_equal(visitor_says(conversation, "c2", "too late").outcome, STORE_REFUSED);
    assert_int_equal(visitor_says(conversation, "c1", "hello").outcome, STORE_REPEAT);
    assert_string_equal(messages(conversation), "1 hello;");
}

static int add_reply(void *context, const struct stored_message *message)
{
    ((uint64_t *)context)[message->seq - 1] = message->reply_to;
    return 0;
}

static void a_reply__to_what_is_not_there_yet__is_a_plain_message(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");
    struct chat_write write = a_visitors_message(conversation, "c2", "re");
    uint64_t replies[3] = { 0 };

    write.reply_to = 7;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    write = a_visitors_message(conversation, "c3", "re");
    write.reply_to = 1;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_int_equal(STORE_CALL(store, messages, &acme, conversation, 0, 9, add_reply, replies),
                     OK);
    assert_int_equal(replies[1], 0);
    assert_int_equal(replies[2], 1);
}

static void any_text__comes_back_byte_for_byte(void **state)
{
    (void)state;
    static const char text[] = "'; DROP TABLE messages; -- \xf0\x9f\x98\x80 %s \"\\ \xc3\xa4";
    struct conversation_id conversation = opened(text);
    char expected[sizeof(text) + 8];

    (void)snprintf(expected, sizeof(expected), "1 %s;", text);
    assert_string_equal(messages(conversation), expected);
}

static void messages__are_read_from_a_place_on_and_so_many(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");

    (void)visitor_says(conversation, "c2", "two");
    (void)visitor_says(conversation, "c3", "three");
    assert_string_equal(messages_after(conversation, 1, 100, add_message), "2 two;3 three;");
    assert_string_equal(messages_after(conversation, 0, 2, add_message), "1 one;2 two;");
    assert_string_equal(messages_after(conversation, 3, 100, add_message), "");
}

static int stop_at_once(void *context, const struct stored_message *message)
{
    (void)message;
    (*(int *)context)++;
    return 17;
}

static void a_walk__ends_when_its_callback_says_so(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("one");
    int calls = 0;

    (void)visitor_says(conversation, "c2", "two");
    assert_int_equal(STORE_CALL(store, messages, &acme, conversation, 0, 100, stop_at_once, &calls),
                     17);
    assert_int_equal(calls, 1);
}

static void a_message__is_found_by_its_id(void **state)
{
    (void)state;
    struct chat_write write =
        a_visitors_message((struct conversation_id){ id_new() }, "c1", "hello");
    struct conversation_id found;
    uint64_t seq;

    write.opens = true;
    (void)store_now(store, &acme, &write);
    assert_int_equal(
        STORE_CALL(store, message_by_id, &acme, the_visitor, write.message, &found, &seq), OK);
    assert_true(conversation_id_equal(found, write.conversation));
    assert_int_equal(seq, 1);
    assert_int_equal(STORE_CALL(store, message_by_id, &acme, the_visitor,
                                (struct message_id){ id_new() }, &found, &seq),
                     STORE_E_NONE);
    assert_int_equal(STORE_CALL(store, message_by_id, &acme, (struct visitor_id){ id_new() },
                                write.message, &found, &seq),
                     STORE_E_NONE);
}

/* --- visitors --- */

static void a_visitor__is_found_by_the_digest_of_the_token_alone(void **state)
{
    (void)state;
    const struct digest token = digest_sha256(SLICE_LITERAL("token")),
                        other = digest_sha256(SLICE_LITERAL("tokem"));
    struct stored_visitor visitor = { .visitor = (struct visitor_id){ id_new() },
                                      .token = token,
                                      .name = SLICE_LITERAL("Maria"),
                                      .language = SLICE_LITERAL("fi") };
    struct store_answer answer;
    struct visitor_id found;

    assert_int_equal(STORE_CALL(store, visitor_new, &acme, &visitor), OK);
    answer = next_answer(store);
    assert_null(answer.write);
    assert_int_equal(answer.outcome, STORE_DONE);
    assert_int_equal(STORE_CALL(store, visitor_by_token, &acme, &token, &found), OK);
    assert_true(visitor_id_equal(found, visitor.visitor));
    assert_int_equal(STORE_CALL(store, visitor_by_token, &acme, &other, &found), STORE_E_NONE);
    assert_int_equal(STORE_CALL(store, visitor_by_token, &borealis, &token, &found), STORE_E_NONE);
}

static void the_latest_conversation__is_the_one_opened_last(void **state)
{
    (void)state;
    struct chat_write first = a_visitors_message((struct conversation_id){ id_new() }, "c1", "one"),
                      second =
                          a_visitors_message((struct conversation_id){ id_new() }, "c2", "two");

    first.opens = second.opens = true;
    second.at_ms = 2000;
    (void)store_now(store, &acme, &first);
    (void)store_now(store, &acme, &second);
    (void)visitor_says(first.conversation, "c3", "three");
    line[0] = '\0';
    assert_int_equal(
        STORE_CALL(store, conversation_latest, &acme, the_visitor, add_conversation, NULL), OK);
    assert_string_equal(line, "queued  last=1;");
    assert_int_equal(STORE_CALL(store, conversation_latest, &acme, (struct visitor_id){ id_new() },
                                add_conversation, NULL),
                     STORE_E_NONE);
}

/* --- lists --- */

static struct {
    struct conversation_id id;
    uint64_t at_ms;
} last_listed;

static int keep_listed(void *context, const struct stored_conversation *conversation)
{
    (void)context;
    add("%llu ", (unsigned long long)conversation->opened_ms);
    last_listed.id = conversation->conversation;
    last_listed.at_ms = conversation->opened_ms;
    return 0;
}

static const char *list(enum conversation_filter filter, uint64_t before_ms,
                        struct conversation_id before, size_t limit)
{
    line[0] = '\0';
    assert_int_equal(STORE_CALL(store, conversations, &acme, filter, before_ms, before, limit,
                                keep_listed, NULL),
                     OK);
    return line;
}

static void lists__go_newest_first_page_by_page(void **state)
{
    (void)state;
    const struct conversation_id none = { { { 0 } } };

    for (uint64_t i = 1; i <= 5; i++) {
        struct chat_write write =
            a_visitors_message((struct conversation_id){ id_new() }, "c", "hello");

        write.cid = (struct slice){ &"12345"[i - 1], 1 };
        write.opens = true;
        write.at_ms = 100 * (i == 3 ? 2 : i); /* two opened in the same moment */
        assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    }
    assert_string_equal(list(LIST_ALL, 0, none, 3), "500 400 200 ");
    assert_string_equal(list(LIST_ALL, last_listed.at_ms, last_listed.id, 3), "200 100 ");
}

static void lists__show_the_state_asked_for(void **state)
{
    (void)state;
    const struct conversation_id none = { { { 0 } } };
    struct conversation_id ended = opened("one");
    struct chat_write active =
                          a_visitors_message((struct conversation_id){ id_new() }, "c2", "two"),
                      queued =
                          a_visitors_message((struct conversation_id){ id_new() }, "c3", "three");

    active.opens = queued.opens = true;
    active.at_ms = 2000;
    queued.at_ms = 3000;
    (void)store_now(store, &acme, &active);
    (void)store_now(store, &acme, &queued);
    assert_int_equal(act(WRITE_END, ended, anna), STORE_DONE);
    assert_int_equal(act(WRITE_CLAIM, active.conversation, anna), STORE_DONE);
    assert_string_equal(list(LIST_ALL, 0, none, 9), "3000 2000 1000 ");
    assert_string_equal(list(LIST_OPEN, 0, none, 9), "3000 2000 ");
    assert_string_equal(list(LIST_QUEUED, 0, none, 9), "3000 ");
    assert_string_equal(list(LIST_ACTIVE, 0, none, 9), "2000 ");
    assert_string_equal(list(LIST_ENDED, 0, none, 9), "1000 ");
}

/* --- tenants --- */

static void another_tenants_ids__are_unknown(void **state)
{
    (void)state;
    struct conversation_id conversation = opened("hello");
    struct chat_write write = a_visitors_message(conversation, "c2", "from next door");
    struct conversation_id found;
    uint64_t seq;

    assert_int_equal(
        STORE_CALL(store, conversation_get, &borealis, conversation, add_conversation, NULL),
        STORE_E_NONE);
    assert_int_equal(
        STORE_CALL(store, message_by_id, &borealis, the_visitor, write.message, &found, &seq),
        STORE_E_NONE);
    line[0] = '\0';
    assert_int_equal(STORE_CALL(store, messages, &borealis, conversation, 0, 9, add_message, NULL),
                     OK);
    assert_string_equal(line, "");
    assert_int_equal(store_now(store, &borealis, &write).outcome, STORE_REFUSED);
    assert_string_equal(messages(conversation), "1 hello;");
}

static void a_tenant__that_is_not_open__is_unavailable(void **state)
{
    (void)state;
    const struct tenant_name cumulus = tenant_called("cumulus");
    struct chat_write write =
        a_visitors_message((struct conversation_id){ id_new() }, "c1", "hello");

    assert_int_equal(STORE_CALL(store, submit, &cumulus, &write), STORE_E_UNAVAILABLE);
    assert_int_equal(
        STORE_CALL(store, conversation_get, &cumulus, write.conversation, add_conversation, NULL),
        STORE_E_UNAVAILABLE);
}

static void closing_a_tenant__waits_for_its_writes(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct conversation_id conversation = opened("one");
    struct chat_write *writes = calloc(COUNT, sizeof(*writes));
    char cids[COUNT][8];

    assert_non_null(writes);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(cids[i], sizeof(cids[i]), "x%d", i);
        writes[i] = a_visitors_message(conversation, cids[i], "more");
        assert_int_equal(STORE_CALL(store, submit, &acme, &writes[i]), OK);
    }
    STORE_CALL(store, tenant_close, &acme);
    for (int i = 0; i < COUNT; i++) {
        struct store_answer answer = next_answer(store);

        assert_ptr_equal(answer.write, &writes[i]); /* in order, and of the tenant that is gone */
        assert_int_equal(answer.seq, 2 + i);
        assert_string_equal(answer.tenant.text, "acme");
    }
    free(writes);
}

/* --- other work --- */

static struct bulk {
    struct store_bulk base;
    const char *sql;
    enum store_outcome outcome;
} bulk;

static int apply_bulk(struct writer_db *writer, struct store_bulk *base)
{
    (void)writer;
    return ((struct bulk *)base)->sql == NULL ? ERR_IO : OK;
}

static void bulk_done(struct store_bulk *base, enum store_outcome outcome)
{
    ((struct bulk *)base)->outcome = outcome;
}

static void other_work__is_answered_with_itself(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        enum store_outcome outcome;
    } cases[] = { { "", STORE_DONE }, { NULL, STORE_FAILED } };

    for (size_t i = 0; i < 2; i++) {
        struct store_answer answer;

        bulk =
            (struct bulk){ { .apply = apply_bulk, .done = bulk_done }, cases[i].sql, STORE_REPEAT };
        assert_int_equal(STORE_CALL(store, bulk, &acme, &bulk.base), OK);
        answer = next_answer(store);
        assert_ptr_equal(answer.bulk, &bulk.base);
        answer.bulk->done(answer.bulk, answer.outcome);
        assert_int_equal(bulk.outcome, cases[i].outcome);
    }
    assert_string_equal(messages(opened("and life goes on")), "1 and life goes on;");
}

RUN_ON_BOTH(CASE(the_first_message__opens_its_conversation),
            CASE(messages__take_places_without_gaps_in_the_order_of_commits),
            CASE(the_same_cid__again__is_the_old_message),
            CASE(what_a_message_asks_for__stands_among_the_events_once),
            CASE(the_same_cid__in_a_later_conversation__is_known_again),
            CASE(the_same_cid__of_somebody_else__is_another_message),
            CASE(a_message__for_a_conversation_nobody_opened__is_refused),
            CASE(after_the_end__only_what_was_stored_before_is_known),
            CASE(a_reply__to_what_is_not_there_yet__is_a_plain_message),
            CASE(any_text__comes_back_byte_for_byte),
            CASE(messages__are_read_from_a_place_on_and_so_many),
            CASE(a_walk__ends_when_its_callback_says_so), CASE(a_message__is_found_by_its_id),
            CASE(a_visitor__is_found_by_the_digest_of_the_token_alone),
            CASE(the_latest_conversation__is_the_one_opened_last),
            CASE(lists__go_newest_first_page_by_page), CASE(lists__show_the_state_asked_for),
            CASE(another_tenants_ids__are_unknown),
            CASE(a_tenant__that_is_not_open__is_unavailable),
            CASE(closing_a_tenant__waits_for_its_writes), CASE(other_work__is_answered_with_itself),
            CASE(how_long_they_waited__is_known_of_those_an_agent_took))
