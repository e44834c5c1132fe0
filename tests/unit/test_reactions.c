/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/reactions.h"

#include "storage/sqlite/store_sqlite.h"
#include "storage/transcripts/transcript.h"
#include "tests/support/cmocka.h"
#include "tests/support/one_chat.h"

#include <stdio.h>

/* by: NULL for the visitor. */
static enum store_outcome react(const char *by, uint64_t seq, const char *emojis)
{
    const struct chat_write write = { .kind = WRITE_REACTION,
                                      .conversation = chat,
                                      .visitor = the_visitor,
                                      .at_ms = 5000,
                                      .from = by == NULL ? FROM_VISITOR : FROM_AGENT,
                                      .agent = slice_of(by),
                                      .name = by == NULL ? SLICE_NONE : SLICE_LITERAL("Anna"),
                                      .seq = seq,
                                      .text = slice_of(emojis) };

    return store_now(store, &acme, &write).outcome;
}

static char line[1024];

static int add(void *context, const struct stored_reaction *row)
{
    size_t len = strlen(line);

    (void)context;
    assert_int_equal(row->from == FROM_VISITOR, row->agent.len == 0);
    (void)snprintf(line + len, sizeof(line) - len, "%s%d %d %.*s [%.*s]", len > 0 ? " | " : "",
                   (int)row->seq, row->from, SLICE_ARG(row->name), SLICE_ARG(row->emojis));
    return 0;
}

static const char *reactions(void)
{
    line[0] = '\0';
    assert_int_equal(reactions_read(store, &acme, chat, add, NULL), OK);
    return line;
}

/* --- cases --- */

static void each_sender_has_a_set_beside_a_message__and_a_new_one_replaces_it(void **state)
{
    (void)state;
    assert_int_equal(react(anna, 1, "👍"), STORE_DONE);
    assert_int_equal(react(NULL, 2, "😢"), STORE_DONE);
    assert_string_equal(reactions(), "1 1 Anna [👍] | 2 0  [😢]");
    assert_int_equal(react(anna, 1, "👍 ❤️"), STORE_DONE);
    assert_string_equal(reactions(), "1 1 Anna [👍 ❤️] | 2 0  [😢]");
    assert_int_equal(react(NULL, 2, ""), STORE_DONE);
    assert_string_equal(reactions(), "1 1 Anna [👍 ❤️] | 2 0  []");
}

static void the_same_set_again__is_no_event_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(react(anna, 1, ""), STORE_REPEAT);
    assert_int_equal(react(anna, 1, "👍"), STORE_DONE);
    assert_int_equal(react(anna, 1, "👍"), STORE_REPEAT);
    assert_int_equal(react(anna, 1, ""), STORE_DONE);
    assert_int_equal(react(anna, 1, ""), STORE_REPEAT);
}

/* As a link that did not hear that it was received does, when the core has died. */
static void one_that_comes_again_after_the_end__is_a_repeat__and_no_other(void **state)
{
    (void)state;
    assert_int_equal(react(anna, 1, "👍"), STORE_DONE);
    assert_int_equal(react(anna, 1, "❤️"), STORE_DONE);
    one_chat_end();
    assert_int_equal(react(anna, 1, "👍"), STORE_REPEAT);
    assert_int_equal(react(anna, 1, "❤️"), STORE_REPEAT);
    assert_int_equal(react(anna, 1, "🎉"), STORE_REFUSED);
    assert_int_equal(react("ben@agents.example", 1, "👍"), STORE_REFUSED);
    assert_string_equal(reactions(), "1 1 Anna [❤️]");
}

static void ones_own_words__what_is_not_there__withdrawn_or_another_agents__take_none(void **state)
{
    const struct chat_write withdrawal = { .kind = WRITE_WITHDRAW,
                                           .conversation = chat,
                                           .visitor = the_visitor,
                                           .at_ms = 5000,
                                           .sender = slice_of(anna),
                                           .agent = slice_of(anna),
                                           .cid = SLICE_LITERAL("s2"),
                                           .about = SLICE_LITERAL("s1") };

    (void)state;
    assert_int_equal(react(NULL, 1, "👍"), STORE_REFUSED);
    assert_int_equal(react(anna, 2, "👍"), STORE_REFUSED);
    assert_int_equal(react(anna, 3, "👍"), STORE_REFUSED);
    assert_int_equal(react(ben, 1, "👍"), STORE_REFUSED);
    assert_int_equal(react(NULL, 2, "😢"), STORE_DONE);
    assert_int_equal(store_now(store, &acme, &withdrawal).outcome, STORE_DONE);
    assert_int_equal(react(NULL, 2, "👍"), STORE_REFUSED);
    one_chat_end();
    assert_int_equal(react(anna, 1, "👍"), STORE_REFUSED);
    assert_string_equal(reactions(), "");
}

static void whoever_plays_with_them__comes_to_an_end(void **state)
{
    (void)state;
    for (unsigned i = 0; i < REACTIONS_MAX; i++)
        assert_int_equal(react(NULL, 2, i % 2 == 0 ? "👍" : "👎"), STORE_DONE);
    assert_int_equal(react(NULL, 2, "❤️"), STORE_REFUSED);
    assert_string_equal(reactions(), "2 0  [👎]");
}

static void the_transcript__tells_them_as_events(void **state)
{
    AUTO_BUF json;

    (void)state;
    buf_init(&json, 65536);
    assert_int_equal(react(anna, 1, "👍 ❤️"), STORE_DONE);
    assert_int_equal(react(NULL, 2, "😢"), STORE_DONE);
    assert_int_equal(transcript_write(store, &acme, chat, &json), OK);
    assert_non_null(strstr(json.data, "\"type\":\"reaction\",\"agent\":\"Anna\",\"seq\":1,"
                                      "\"from\":\"agent\",\"emojis\":[\"👍\",\"❤️\"]}"));
    assert_non_null(strstr(json.data, "\"seq\":2,\"from\":\"visitor\",\"emojis\":[\"😢\"]}"));
}

static void retention__takes_them(void **state)
{
    AUTO_BUF json;

    (void)state;
    buf_init(&json, 65536);
    assert_int_equal(react(anna, 1, "👍"), STORE_DONE);
    one_chat_end();
    assert_int_equal(one_chat_fade(7000), 1);
    assert_string_equal(reactions(), "");
    assert_int_equal(transcript_write(store, &acme, chat, &json), OK);
    assert_null(strstr(json.data, "👍"));
}

static int count_events(struct reader_db *reader, void *context)
{
    sqlite3_stmt *stmt =
        database_prepare(reader->db, "SELECT count(*) FROM events WHERE type = 'reaction'");

    assert_non_null(stmt);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    *(uint64_t *)context = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return OK;
}

static uint64_t kept(void)
{
    uint64_t count = 0;

    assert_int_equal(STORE_CALL(store, read, &acme, count_events, &count), OK);
    return count;
}

static void erasure__takes_them(void **state)
{
    (void)state;
    assert_int_equal(react(anna, 1, "👍"), STORE_DONE);
    one_chat_end();
    assert_int_equal(kept(), 1);
    one_chat_erase();
    assert_string_equal(reactions(), "");
    assert_int_equal(kept(), 0);
}

RUN(IN_ONE_CHAT(each_sender_has_a_set_beside_a_message__and_a_new_one_replaces_it),
    IN_ONE_CHAT(the_same_set_again__is_no_event_of_its_own),
    IN_ONE_CHAT(ones_own_words__what_is_not_there__withdrawn_or_another_agents__take_none),
    IN_ONE_CHAT(one_that_comes_again_after_the_end__is_a_repeat__and_no_other),
    IN_ONE_CHAT(whoever_plays_with_them__comes_to_an_end),
    IN_ONE_CHAT(the_transcript__tells_them_as_events), IN_ONE_CHAT(retention__takes_them),
    IN_ONE_CHAT(erasure__takes_them))
