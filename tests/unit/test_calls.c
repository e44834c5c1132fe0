/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/calls.h"

#include "tests/support/cmocka.h"
#include "tests/support/one_chat.h"

#include <stdio.h>

static struct chat_write a_callback(const char *stanza, const char *hears)
{
    return (struct chat_write){ .kind = WRITE_EVENT,
                                .conversation = chat,
                                .visitor = the_visitor,
                                .message = { id_new() },
                                .at_ms = 2000,
                                .event = SLICE_LITERAL("callback"),
                                .agent = slice_of(anna),
                                .name = SLICE_LITERAL("Anna"),
                                .sender = slice_of(anna),
                                .cid = slice_of(stanza),
                                .detail = SLICE_LITERAL("{\"time\":\"tomorrow\"}"),
                                .hears = slice_of(hears) };
}

static enum store_outcome told(struct message_id line)
{
    const struct chat_write write = {
        .kind = WRITE_TOLD, .conversation = chat, .visitor = the_visitor, .message = line
    };

    return store_now(store, &acme, &write).outcome;
}

static char lines[1024];
static struct message_id first;

static int add(void *context, const struct stored_call *row)
{
    size_t len = strlen(lines);

    (void)context;
    if (len == 0)
        first = row->line;
    (void)snprintf(lines + len, sizeof(lines) - len, "%s%.*s: %.*s %.*s of %.*s (%.*s) by %.*s",
                   len > 0 ? " | " : "", SLICE_ARG(row->jid), SLICE_ARG(row->event),
                   SLICE_ARG(row->text), SLICE_ARG(row->visitor_name), SLICE_ARG(row->language),
                   SLICE_ARG(row->agent_name));
    assert_true(conversation_id_equal(row->conversation, chat));
    assert_true(visitor_id_equal(row->visitor, the_visitor));
    return 0;
}

static const char *waiting(void)
{
    lines[0] = '\0';
    assert_int_equal(calls_waiting(store, &acme, add, NULL), OK);
    return lines;
}

/* --- cases --- */

static void each_who_is_to_hear__waits_until_told(void **state)
{
    struct chat_write write = a_callback("s1", "tuula@sales.example mikko@crm.example");

    (void)state;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    one_chat_restart(); /* and is known afterwards */
    assert_non_null(
        strstr(waiting(), "tuula@sales.example: callback tomorrow of Maria (fi) by Anna"));
    assert_non_null(strstr(lines, "mikko@crm.example: callback tomorrow of Maria (fi) by Anna"));
    assert_int_equal(told(chat_call_line(write.message, 0)), STORE_DONE);
    assert_string_equal(waiting(), "mikko@crm.example: callback tomorrow of Maria (fi) by Anna");
    assert_true(message_id_equal(first, chat_call_line(write.message, 1)));
    assert_int_equal(told(first), STORE_DONE);
    assert_string_equal(waiting(), "");
}

static void a_visitors_request__is_told_in_their_words(void **state)
{
    struct chat_write write = a_visitors_message(chat, "c2", "Can we meet?");

    (void)state;
    write.event = SLICE_LITERAL("meeting");
    write.detail = SLICE_LITERAL("{\"time\":\"Tuesday\"}");
    write.hears = SLICE_LITERAL("tuula@sales.example");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_string_equal(waiting(), "tuula@sales.example: meeting Can we meet? of Maria (fi) by ");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_REPEAT);
    assert_string_equal(waiting(), lines);
}

static int count_one(void *context, const struct stored_event *row)
{
    *(unsigned *)context += slice_is(row->type, "callback");
    return 0;
}

static unsigned callbacks(void)
{
    unsigned count = 0;

    assert_int_equal(STORE_CALL(store, events, &acme, chat, count_one, &count), OK);
    return count;
}

/* The core died before the link knew that it had been handled. */
static void the_same_stanza_again__is_the_same_wish(void **state)
{
    struct chat_write write = a_callback("s1", "tuula@sales.example"), again;

    (void)state;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_int_equal(told(chat_call_line(write.message, 0)), STORE_DONE);
    again = a_callback("s1", "tuula@sales.example");
    assert_int_equal(store_now(store, &acme, &again).outcome, STORE_REPEAT);
    assert_int_equal(callbacks(), 1);
    assert_string_equal(waiting(), "");
    again = a_callback("s2", "");
    assert_int_equal(store_now(store, &acme, &again).outcome, STORE_DONE);
    again = a_callback("", ""); /* a form: its stanza has no id to be known by */
    assert_int_equal(store_now(store, &acme, &again).outcome, STORE_DONE);
    assert_int_equal(store_now(store, &acme, &again).outcome, STORE_DONE);
    assert_int_equal(callbacks(), 4);
}

static void who_is_erased__takes_their_wishes_along(void **state)
{
    struct chat_write write = a_callback("s1", "tuula@sales.example");

    (void)state;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    one_chat_erase();
    assert_string_equal(waiting(), "");
}

static void words_that_are_kept_no_longer__are_told_no_longer(void **state)
{
    struct chat_write write = a_callback("s1", "tuula@sales.example");

    (void)state;
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    one_chat_end();
    assert_int_equal(one_chat_fade(6000), 0); /* it ended then, and not before */
    assert_string_equal(waiting(), "tuula@sales.example: callback tomorrow of Maria (fi) by Anna");
    assert_int_equal(one_chat_fade(6001), 1);
    assert_string_equal(waiting(), "");
    assert_int_equal(told(chat_call_line(write.message, 0)), STORE_DONE); /* of nothing */
}

RUN(IN_ONE_CHAT(each_who_is_to_hear__waits_until_told),
    IN_ONE_CHAT(a_visitors_request__is_told_in_their_words),
    IN_ONE_CHAT(the_same_stanza_again__is_the_same_wish),
    IN_ONE_CHAT(who_is_erased__takes_their_wishes_along),
    IN_ONE_CHAT(words_that_are_kept_no_longer__are_told_no_longer))
