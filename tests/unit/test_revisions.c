/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/revisions.h"

#include "base/format/json.h"
#include "storage/transcripts/import.h"
#include "storage/transcripts/transcript.h"
#include "tests/support/cmocka.h"
#include "tests/support/one_chat.h"

#include <stdio.h>

static struct store_answer say(const char *stanza, const char *text)
{
    struct chat_write write = an_agents_message(chat, anna, stanza, text);

    write.claims = true;
    return store_now(store, &acme, &write);
}

static struct store_answer change(enum chat_write_kind kind, const char *by, const char *stanza,
                                  const char *about, const char *text)
{
    const struct chat_write write = { .kind = kind,
                                      .conversation = chat,
                                      .visitor = the_visitor,
                                      .at_ms = 5000,
                                      .sender = slice_of(by),
                                      .agent = slice_of(by),
                                      .cid = slice_of(stanza),
                                      .about = slice_of(about),
                                      .text = slice_of(text) };

    return store_now(store, &acme, &write);
}

static struct store_answer edit(const char *stanza, const char *about, const char *text)
{
    return change(WRITE_EDIT, anna, stanza, about, text);
}

static struct store_answer withdraw(const char *stanza, const char *about)
{
    return change(WRITE_WITHDRAW, anna, stanza, about, "");
}

/* --- what is read back --- */

static char line[1024];

static int add_message(void *context, const struct stored_message *row)
{
    size_t len = strlen(line);

    (void)context;
    (void)snprintf(line + len, sizeof(line) - len, "%s%.*s%s%s", len > 0 ? " | " : "",
                   SLICE_ARG(row->text), row->edited_ms != 0 ? " (edited)" : "",
                   row->withdrawn_ms != 0 ? " (withdrawn)" : "");
    return 0;
}

static const char *messages(void)
{
    line[0] = '\0';
    assert_int_equal(STORE_CALL(store, messages, &acme, chat, 0, SIZE_MAX, add_message, NULL), OK);
    return line;
}

static int add_earlier(void *context, const struct stored_revision *row)
{
    size_t len = strlen(line);

    (void)context;
    (void)snprintf(line + len, sizeof(line) - len, "%s%d %.*s", len > 0 ? " | " : "", (int)row->seq,
                   SLICE_ARG(row->text));
    return 0;
}

static const char *earlier(void)
{
    line[0] = '\0';
    assert_int_equal(revisions_read(store, &acme, chat, add_earlier, NULL), OK);
    return line;
}

/* --- cases --- */

static void a_correction__is_what_the_message_says__and_the_words_before_are_kept(void **state)
{
    struct store_answer answer;

    (void)state;
    answer = edit("s2", "s1", "29 euros a month");
    assert_int_equal(answer.outcome, STORE_DONE);
    assert_int_equal(answer.seq, 2);
    assert_string_equal(messages(), "how much is it? | 29 euros a month (edited)");
    assert_string_equal(earlier(), "2 29 euros a year");
}

static void a_correction__names_the_message_or_an_earlier_correction(void **state)
{
    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    assert_int_equal(edit("s3", "s2", "three").outcome, STORE_DONE);
    assert_int_equal(edit("s4", "s1", "four").outcome, STORE_DONE);
    assert_string_equal(messages(), "how much is it? | four (edited)");
    assert_string_equal(earlier(), "2 29 euros a year | 2 two | 2 three");
}

static void the_same_stanza_again__changes_nothing_more(void **state)
{
    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    assert_int_equal(edit("s3", "s1", "three").outcome, STORE_DONE);
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_REPEAT);
    assert_string_equal(messages(), "how much is it? | three (edited)");
}

static void the_same_stanza_again__after_the_end__is_known_too(void **state)
{
    struct store_answer answer;

    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    one_chat_end();
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_REPEAT);
    chat = (struct conversation_id){ { { 0 } } }; /* nobody remembers which it was */
    answer = edit("s2", "s1", "two");
    assert_int_equal(answer.outcome, STORE_REPEAT);
    assert_int_equal(answer.seq, 2);
    assert_int_equal(edit("s2", "s1", "other words").outcome, STORE_REFUSED);
}

static void what_is_withdrawn__has_no_text__and_cannot_be_corrected(void **state)
{
    (void)state;
    assert_int_equal(withdraw("s2", "s1").outcome, STORE_DONE);
    assert_string_equal(messages(), "how much is it? |  (withdrawn)");
    assert_string_equal(earlier(), "2 29 euros a year");
    assert_int_equal(withdraw("s3", "s1").outcome, STORE_REPEAT);
    assert_int_equal(edit("s4", "s1", "after all").outcome, STORE_REFUSED);
}

static void words_of_others__of_the_ended__and_of_nobody__stay(void **state)
{
    (void)state;
    assert_int_equal(change(WRITE_EDIT, ben, "s2", "s1", "x").outcome, STORE_REFUSED);
    assert_int_equal(edit("s2", "c1", "x").outcome, STORE_REFUSED); /* the visitor's */
    assert_int_equal(edit("s3", "nothing", "x").outcome, STORE_REFUSED);
    one_chat_end();
    assert_int_equal(edit("s4", "s1", "x").outcome, STORE_REFUSED);
    assert_int_equal(withdraw("s5", "s1").outcome, STORE_REFUSED);
    assert_string_equal(messages(), "how much is it? | 29 euros a year");
}

static void words_too_far_back__stay(void **state)
{
    char stanza[16];

    (void)state;
    for (unsigned i = 0; i < REVISABLE_BACK - 1; i++) {
        (void)snprintf(stanza, sizeof(stanza), "m%u", i);
        assert_int_equal(say(stanza, "more").outcome, STORE_DONE);
    }
    assert_int_equal(edit("e1", "s1", "just in time").outcome, STORE_DONE);
    assert_int_equal(say("last", "more").outcome, STORE_DONE);
    assert_int_equal(edit("e2", "s1", "too late").outcome, STORE_REFUSED);
}

static void a_correction_of_nothing__that_became_a_message__changes_nothing_later(void **state)
{
    struct chat_write write = an_agents_message(chat, anna, "s3", "29 euros");

    (void)state;
    write.about = SLICE_LITERAL("s2");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    assert_int_equal(say("s2", "28 euros").outcome, STORE_DONE); /* it was only late */
    assert_int_equal(edit("s3", "s2", "29 euros").outcome, STORE_REPEAT);
    assert_string_equal(messages(), "how much is it? | 29 euros a year | 29 euros | 28 euros");
}

static void a_correction__that_found_its_message_meanwhile__becomes_no_message(void **state)
{
    struct chat_write write = an_agents_message(chat, anna, "s2", "two");

    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    write.about = SLICE_LITERAL("s1");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_REPEAT);
    assert_string_equal(messages(), "how much is it? | two (edited)");
}

static void words_sent_again_after_their_correction__are_known_again(void **state)
{
    struct chat_write write;

    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    one_chat_end();
    write = an_agents_message((struct conversation_id){ id_new() }, anna, "s1", "29 euros a year");
    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_REPEAT);
}

/* --- the transcript --- */

static char *transcript(void)
{
    AUTO_BUF text;

    buf_init(&text, 65536);
    assert_int_equal(transcript_write(store, &acme, chat, &text), OK);
    return slice_dup(buf_slice(&text));
}

static void the_transcript__tells_what_was_changed__and_what_it_said_before(void **state)
{
    AUTO_MEM char *text = NULL;

    (void)state;
    assert_int_equal(say("t1", "and free of charge").seq, 3);
    assert_int_equal(edit("s2", "s1", "29 euros a month").outcome, STORE_DONE);
    assert_int_equal(withdraw("t2", "t1").outcome, STORE_DONE);
    text = transcript();
    assert_non_null(strstr(text, "\"text\":\"29 euros a month\""));
    assert_non_null(strstr(text,
                           "\"edited_at\":\"1970-01-01T00:00:05.000Z\",\"earlier\":[{\"text\":"
                           "\"29 euros a year\",\"until\":\"1970-01-01T00:00:05.000Z\"}]"));
    assert_non_null(strstr(text, "\"withdrawn_at\":\"1970-01-01T00:00:05.000Z\",\"earlier\":[{"
                                 "\"text\":\"and free of charge\""));
    assert_null(strstr(strstr(text, "\"seq\":3"), "\"edited_at\""));
}

static void import(const char *text)
{
    struct import_item *items = calloc(1, sizeof(*items));
    struct import import;
    json_t *json = NULL;
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    assert_int_equal(json_read(slice_of(text), &json), OK);
    assert_int_equal(transcript_read(json, &acme, &items->transcript, &problem), OK);
    import_init(&import, items, 1);
    bulk_now(store, &acme, &import.bulk);
    import_release(&import);
    json_decref(json);
}

static void a_transcript_with_changes__imported_elsewhere__is_the_same(void **state)
{
    AUTO_MEM char *before = NULL;
    AUTO_MEM char *after = NULL;

    (void)state;
    assert_int_equal(say("t1", "and free of charge").seq, 3);
    assert_int_equal(edit("s2", "s1", "29 euros a month").outcome, STORE_DONE);
    assert_int_equal(withdraw("t2", "t1").outcome, STORE_DONE);
    one_chat_end();
    before = transcript();
    acme = tenant_called("acme2"); /* sealed off from the first: the same ids are free there */
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    import(before);
    after = transcript();
    assert_string_equal(strstr(after, "\"messages\""), strstr(before, "\"messages\""));
}

/* --- what goes --- */

static void erasure__takes_the_earlier_words_too(void **state)
{
    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    one_chat_erase();
    assert_string_equal(earlier(), "");
}

static void retention__takes_the_earlier_words_too(void **state)
{
    (void)state;
    assert_int_equal(edit("s2", "s1", "two").outcome, STORE_DONE);
    one_chat_end();
    assert_int_equal(one_chat_fade(7000), 1);
    assert_string_equal(messages(), " (edited)");
    assert_string_equal(earlier(), "");
}

RUN(IN_ONE_CHAT(a_correction__is_what_the_message_says__and_the_words_before_are_kept),
    IN_ONE_CHAT(a_correction__names_the_message_or_an_earlier_correction),
    IN_ONE_CHAT(the_same_stanza_again__changes_nothing_more),
    IN_ONE_CHAT(the_same_stanza_again__after_the_end__is_known_too),
    IN_ONE_CHAT(what_is_withdrawn__has_no_text__and_cannot_be_corrected),
    IN_ONE_CHAT(words_of_others__of_the_ended__and_of_nobody__stay),
    IN_ONE_CHAT(words_too_far_back__stay),
    IN_ONE_CHAT(a_correction_of_nothing__that_became_a_message__changes_nothing_later),
    IN_ONE_CHAT(a_correction__that_found_its_message_meanwhile__becomes_no_message),
    IN_ONE_CHAT(words_sent_again_after_their_correction__are_known_again),
    IN_ONE_CHAT(the_transcript__tells_what_was_changed__and_what_it_said_before),
    IN_ONE_CHAT(a_transcript_with_changes__imported_elsewhere__is_the_same),
    IN_ONE_CHAT(erasure__takes_the_earlier_words_too),
    IN_ONE_CHAT(retention__takes_the_earlier_words_too))
