/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "storage/codes.h"
#include "storage/retention.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>

static struct tenant_name acme;
static struct store *store;
static struct conversation_id chat;

static void say(const char *cid, bool opens)
{
    const struct chat_write write = { .kind = WRITE_MESSAGE,
                                      .opens = opens,
                                      .conversation = chat,
                                      .message = { id_new() },
                                      .sender = SLICE_LITERAL("visitor"),
                                      .cid = slice_of(cid),
                                      .text = SLICE_LITERAL("moikka"),
                                      .at_ms = 1 };

    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
}

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    assert_int_equal(store_memory_open(&store), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    chat.id = id_new();
    say("1", true);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    return 0;
}

/* Codes the chat, as it was at last_seq, with these codes for its first message; true: stored. */
static bool code_by(const char *coder, const char *book, uint64_t last_seq, const char *first,
                    const char *second)
{
    const char *const ids[] = { first, second };
    struct codes_bulk bulk;
    bool known;

    assert_int_equal(codes_bulk_init(&bulk, slice_of(coder), book, 7), OK);
    bulk.codings = calloc(1, sizeof(*bulk.codings));
    bulk.count = 1;
    bulk.codings[0] = (struct coding){ .conversation = chat, .last_seq = last_seq };
    for (size_t i = 0; i < 2 && ids[i] != NULL; i++) {
        const struct stored_code one = {
            .seq = 1, .code = slice_of(ids[i]), .rule = SLICE_LITERAL("r"), .first = 1, .last = 4
        };

        assert_int_equal(coding_add(&bulk.codings[0], &one), OK);
    }
    bulk_now(store, &acme, &bulk.bulk);
    known = bulk.codings[0].fate == CODING_STORED;
    codes_bulk_release(&bulk);
    return known;
}

static bool code(const char *coder, uint64_t last_seq, const char *first, const char *second)
{
    return code_by(coder, "spc-1", last_seq, first, second);
}

static int list(void *context, const struct stored_code *row)
{
    buf_addf(context, "%llu %.*s %u-%u %.*s;", (unsigned long long)row->seq, SLICE_ARG(row->code),
             row->first, row->last, SLICE_ARG(row->rule));
    return 0;
}

static int codes_are(const char *coder, const char *wanted)
{
    const struct coder_key key = { slice_of(coder), SLICE_LITERAL("spc-1") };
    AUTO_BUF text;
    int rc;

    buf_init(&text, 4096);
    buf_add_text(&text, "");
    rc = codes_read(store, &acme, &key, chat, list, &text);
    assert_string_equal(text.data, wanted);
    return rc;
}

static uint64_t left_for(const char *coder)
{
    const struct coder_key key = { slice_of(coder), SLICE_LITERAL("spc-1") };
    struct conversation_id ids[4];
    size_t count;
    uint64_t left = 99;

    assert_int_equal(codes_uncoded(store, &acme, &key, 4, ids, &count, &left), OK);
    assert_int_equal(left, count);
    return left;
}

static void what_is_left__is_counted_beyond_what_is_listed(void **state)
{
    const struct coder_key key = { SLICE_LITERAL("Erik"), SLICE_LITERAL("spc-1") };
    struct conversation_id id;
    size_t count = 9;
    uint64_t left = 9;

    (void)state;
    assert_int_equal(codes_uncoded(store, &acme, &key, 0, &id, &count, &left), OK);
    assert_int_equal(count, 0);
    assert_int_equal(left, 1);
}

static void codes__of_two_coders__stand_apart(void **state)
{
    (void)state;
    assert_true(code("machine@1", 1, "INT.Q", "COH.GREET"));
    assert_true(code("Erik", 1, "INT.THANK", NULL));
    assert_int_equal(codes_are("machine@1", "1 COH.GREET 1-4 r;1 INT.Q 1-4 r;"), OK);
    assert_int_equal(codes_are("Erik", "1 INT.THANK 1-4 r;"), OK);
    assert_int_equal(codes_are("nobody", ""), STORE_E_NONE);
}

static void coding_again__replaces_what_the_coder_said(void **state)
{
    (void)state;
    assert_true(code("Erik", 1, "INT.Q", "COH.GREET"));
    assert_true(code("Erik", 1, "INT.THANK", NULL));
    assert_int_equal(codes_are("Erik", "1 INT.THANK 1-4 r;"), OK);
}

static void nothing_found__is_coded_all_the_same(void **state)
{
    (void)state;
    assert_int_equal(left_for("machine@1"), 1);
    assert_true(code("machine@1", 1, NULL, NULL));
    assert_int_equal(codes_are("machine@1", ""), OK);
    assert_int_equal(left_for("machine@1"), 0);
    assert_int_equal(left_for("machine@2"), 1); /* other rules, another coder */
}

/* Codes by an older code book stay with it. */
static void another_code_book__is_another_coder(void **state)
{
    const struct coder_key old = { SLICE_LITERAL("Erik"), SLICE_LITERAL("spc-0") };
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 256);
    assert_true(code_by("Erik", "spc-0", 1, "INT.Q", NULL));
    assert_true(code("Erik", 1, "INT.THANK", NULL));
    assert_int_equal(codes_are("Erik", "1 INT.THANK 1-4 r;"), OK);
    assert_int_equal(codes_read(store, &acme, &old, chat, list, &text), OK);
    assert_string_equal(text.data, "1 INT.Q 1-4 r;");
}

/* What was read before the last word is not the whole conversation. */
static void a_conversation_that_grew__is_to_be_coded_again(void **state)
{
    (void)state;
    assert_true(code("machine@1", 1, "INT.Q", NULL));
    say("2", false);
    assert_int_equal(left_for("machine@1"), 1);
    assert_int_equal(codes_are("machine@1", ""), STORE_E_NONE);
    assert_false(code("machine@1", 1, "INT.Q", NULL));
    assert_true(code("machine@1", 2, "INT.Q", NULL));
    assert_int_equal(left_for("machine@1"), 0);
}

static void words_that_are_gone__are_not_to_be_coded__and_keep_their_codes(void **state)
{
    const struct chat_write end = { .kind = WRITE_END, .conversation = chat, .at_ms = 2 };
    struct fading fading;

    (void)state;
    assert_true(code("anna", 1, "INT.Q", NULL));
    assert_int_equal(left_for("machine@1"), 1);
    assert_int_equal(store_now(store, &acme, &end).outcome, STORE_DONE);
    fading_init(&fading, 3, 4);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.conversations, 1);
    assert_int_equal(left_for("machine@1"), 0);
    assert_int_equal(codes_are("anna", "1 INT.Q 1-4 r;"), OK);
}

static void an_unknown_conversation__is_told_and_costs_nothing(void **state)
{
    (void)state;
    chat.id = id_new();
    assert_false(code("Erik", 1, "INT.Q", NULL));
    assert_int_equal(codes_are("Erik", ""), STORE_E_NONE);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(codes__of_two_coders__stand_apart), CASE(coding_again__replaces_what_the_coder_said),
    CASE(nothing_found__is_coded_all_the_same), CASE(another_code_book__is_another_coder),
    CASE(a_conversation_that_grew__is_to_be_coded_again),
    CASE(words_that_are_gone__are_not_to_be_coded__and_keep_their_codes),
    CASE(what_is_left__is_counted_beyond_what_is_listed),
    CASE(an_unknown_conversation__is_told_and_costs_nothing))
