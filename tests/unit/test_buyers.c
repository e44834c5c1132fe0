/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/buyers.h"
#include "storage/erase.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <stdio.h>

static struct tenant_name acme;
static struct store *store;

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    assert_int_equal(store_memory_open(&store), OK);
    return STORE_CALL(store, tenant_open, &acme);
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    return 0;
}

static enum store_outcome outcome;
static void on_done(struct store_bulk *bulk, enum store_outcome how)
{
    (void)bulk;
    outcome = how;
}

static void commit(struct store_bulk *bulk)
{
    struct store_answer answer;

    bulk->done = on_done;
    assert_int_equal(STORE_CALL(store, bulk, &acme, bulk), OK);
    assert_int_equal(STORE_CALL(store, collect, &answer, 1), 1);
    answer.bulk->done(answer.bulk, answer.outcome);
    assert_int_equal(outcome, STORE_DONE);
}

/* How many were new. */
static size_t put(const char *id, const char *subject, uint64_t at_ms, int recommend)
{
    struct buyers_bulk bulk;
    struct buyer buyer = { .id = slice_of(id),
                           .subject = slice_of(subject),
                           .currency = SLICE_LITERAL("EUR"),
                           .at_ms = at_ms,
                           .bought = BUYER_UNTOLD,
                           .recommend = recommend,
                           .cents = 12990 };

    buyers_bulk_init(&bulk);
    bulk.buyers = &buyer;
    bulk.count = 1;
    commit(&bulk.bulk);
    return bulk.added;
}

static int list(void *context, const struct buyer *buyer)
{
    char *text = context;
    size_t len = strlen(text);

    assert_int_equal(buyer->bought, BUYER_UNTOLD);
    assert_int_equal(buyer->cents, 12990);
    (void)snprintf(text + len, 200 - len, "%.*s=%d ", SLICE_ARG(buyer->id), buyer->recommend);
    return 0;
}

static void are(uint64_t since_ms, uint64_t until_ms, const char *wanted)
{
    char text[200] = "";

    assert_int_equal(buyers_read(store, &acme, since_ms, until_ms, list, text), OK);
    assert_string_equal(text, wanted);
}

static void an_answer_told_again__replaces_the_first(void **state)
{
    (void)state;
    assert_int_equal(put("a", "", 10, 3), 1);
    assert_int_equal(put("b", "", 20, 9), 1);
    assert_int_equal(put("a", "", 10, 10), 0);
    are(0, 0, "a=10 b=9 ");
    are(11, 0, "b=9 ");
    are(0, 20, "a=10 ");
}

static void who_is_forgotten_as_a_visitor__is_forgotten_as_a_buyer(void **state)
{
    const struct stored_visitor visitor = { .visitor = the_visitor,
                                            .name = SLICE_LITERAL("Vera"),
                                            .language = SLICE_LITERAL("fi"),
                                            .address_hash = SLICE_LITERAL(""),
                                            .subject = SLICE_LITERAL("customer 7"),
                                            .created_ms = 1 };
    struct store_answer answer;
    struct erasure erasure;

    (void)state;
    assert_int_equal(STORE_CALL(store, visitor_new, &acme, &visitor), OK);
    assert_int_equal(STORE_CALL(store, collect, &answer, 1), 1);
    (void)put("a", "customer 7", 10, 3);
    (void)put("b", "customer 8", 10, 4);
    (void)put("c", "", 10, 5);
    assert_int_equal(erasure_init(&erasure, &the_visitor, 1), OK);
    commit(&erasure.bulk);
    erasure_release(&erasure);
    are(0, 0, "b=4 c=5 ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(an_answer_told_again__replaces_the_first),
    CASE(who_is_forgotten_as_a_visitor__is_forgotten_as_a_buyer))
