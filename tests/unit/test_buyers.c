/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/buyers.h"
#include "storage/erase.h"
#include "storage/retention.h"
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

static struct id order_of(char name)
{
    return (struct id){ { (uint8_t)name } };
}

/* How many were new; of those that were not, `kept` stand as they stood. */
static size_t kept;
static size_t put_by(enum buyer_told told, const char *id, const char *subject, uint64_t at_ms,
                     int recommend)
{
    struct buyers_bulk bulk;
    struct buyer buyer = { .id = order_of(id[0]),
                           .told = told,
                           .subject = slice_of(subject),
                           .currency = SLICE_LITERAL("EUR"),
                           .at_ms = at_ms,
                           .bought = BUYER_UNTOLD,
                           .recommend = recommend,
                           .cents = 12990 };

    buyers_bulk_init(&bulk);
    bulk.buyers = &buyer;
    bulk.count = 1;
    bulk_now(store, &acme, &bulk.bulk);
    kept = bulk.kept;
    return bulk.added;
}

static size_t put(const char *id, const char *subject, uint64_t at_ms, int recommend)
{
    return put_by(BUYER_IMPORTED, id, subject, at_ms, recommend);
}

static int list(void *context, const struct buyer *buyer)
{
    char *text = context;
    size_t len = strlen(text);

    assert_int_equal(buyer->bought, BUYER_UNTOLD);
    assert_int_equal(buyer->cents, 12990);
    (void)snprintf(text + len, 200 - len, "%c=%d ", buyer->id.bytes[0], buyer->recommend);
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

static void an_order__is_answered_for_once__but_a_link_is_surer_than_a_browser(void **state)
{
    struct buyer_known known;

    (void)state;
    assert_int_equal(put_by(BUYER_BY_WIDGET, "a", "", 10, 1), 1);
    assert_int_equal(put_by(BUYER_BY_WIDGET, "a", "", 10, 2), 0);
    assert_int_equal(kept, 1);
    are(0, 0, "a=1 ");
    assert_int_equal(put_by(BUYER_BY_LINK, "a", "", 10, 3), 0);
    assert_int_equal(kept, 0);
    are(0, 0, "a=3 ");
    (void)put_by(BUYER_BY_WIDGET, "a", "", 10, 4);
    (void)put_by(BUYER_BY_LINK, "a", "", 10, 5);
    assert_int_equal(kept, 1);
    are(0, 0, "a=3 ");
    (void)put("a", "", 10, 6);
    are(0, 0, "a=6 ");
    assert_int_equal(buyer_known(store, &acme, order_of('a'), &known), OK);
    assert_true(known.answered && known.told == BUYER_IMPORTED && !known.chatted);
    assert_int_equal(buyer_known(store, &acme, order_of('b'), &known), OK);
    assert_false(known.answered);
}

static void a_visitor_of(struct visitor_id id, const char *subject)
{
    const struct stored_visitor visitor = { .visitor = id,
                                            .token = digest_sha256(slice_of(subject)),
                                            .name = SLICE_LITERAL("Vera"),
                                            .language = SLICE_LITERAL("fi"),
                                            .address_hash = SLICE_LITERAL(""),
                                            .subject = slice_of(subject),
                                            .created_ms = 1 };
    struct store_answer answer;

    assert_int_equal(STORE_CALL(store, visitor_new, &acme, &visitor), OK);
    assert_int_equal(STORE_CALL(store, collect, &answer, 1), 1);
}

static void a_visitor(void)
{
    a_visitor_of(the_visitor, "customer 7");
}

static void tell_order(const char *id, struct visitor_id visitor)
{
    struct order_bulk bulk;

    order_bulk_init(&bulk, order_of(id[0]), visitor, 10);
    bulk_now(store, &acme, &bulk.bulk);
}

static void chat(void)
{
    struct chat_write said =
        a_visitors_message((struct conversation_id){ id_new() }, "c1", "Hello");

    said.opens = true;
    assert_int_equal(store_now(store, &acme, &said).outcome, STORE_DONE);
}

/* How many were found. */
static uint64_t erase(struct id id)
{
    struct erasure erasure;
    uint64_t found;

    assert_int_equal(erasure_init(&erasure, &(struct visitor_id){ id }, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    found = erasure.found;
    erasure_release(&erasure);
    return found;
}

static void who_is_forgotten_as_a_visitor__is_forgotten_as_a_buyer(void **state)
{
    char text[200] = "";

    (void)state;
    a_visitor();
    (void)put("a", "customer 7", 10, 3);
    (void)put("b", "customer 8", 10, 4);
    (void)put("c", "", 10, 5);
    tell_order("d", the_visitor);
    a_visitor_of((struct visitor_id){ order_of('x') }, "customer 9");
    tell_order("d", (struct visitor_id){ order_of('x') }); /* too late: it is somebody's */
    (void)put("d", "", 10, 6);
    assert_int_equal(buyers_of_visitor(store, &acme, the_visitor, list, text), OK);
    assert_string_equal(text, "a=3 d=6 ");
    (void)erase(the_visitor.id);
    are(0, 0, "b=4 c=5 ");
}

static void a_buyer__is_forgotten_by_the_order_too(void **state)
{
    (void)state;
    (void)put("a", "", 10, 3);
    (void)put("b", "", 10, 4);
    (void)erase(order_of('a'));
    are(0, 0, "b=4 ");
}

static void an_order_of_somebody_erased_meanwhile__is_not_kept(void **state)
{
    (void)state;
    a_visitor();
    tell_order("a", the_visitor);
    assert_int_equal(erase(order_of('a')), 1);
    (void)erase(the_visitor.id);
    tell_order("a", the_visitor);
    assert_int_equal(erase(order_of('a')), 0);
}

static void an_order_of_somebody_who_chatted__is_known_as_such(void **state)
{
    struct buyer_known known;

    (void)state;
    a_visitor();
    tell_order("a", the_visitor);
    assert_int_equal(buyer_known(store, &acme, order_of('a'), &known), OK);
    assert_false(known.chatted);
    chat();
    assert_int_equal(buyer_known(store, &acme, order_of('a'), &known), OK);
    assert_true(known.chatted);
}

static int look_if_faded(void *context, const struct buyer *buyer)
{
    const bool *faded = context;

    assert_int_equal(id_equal(buyer->id, order_of('a')), !*faded);
    assert_int_equal(buyer->subject.len == 0, *faded);
    assert_int_equal(buyer->at_ms, *faded ? 3 * 86400000u : 3 * 86400000u + 4711);
    return 0;
}

/* What was answered stays, on its day; whose it was does not. */
static void answers_of_old__are_nobodys(void **state)
{
    struct buyer_known known;
    struct fading fading;
    bool faded = false;

    (void)state;
    chat();
    tell_order("b", the_visitor);
    (void)put("a", "customer 7", 3 * 86400000u + 4711, 9);
    fading_init(&fading, 3 * 86400000u, 5);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.buyers, 0);
    assert_int_equal(buyers_read(store, &acme, 0, 0, look_if_faded, &faded), OK);
    fading_init(&fading, 4 * 86400000u, 5);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.buyers, 1);
    faded = true;
    assert_int_equal(buyers_read(store, &acme, 0, 0, look_if_faded, &faded), OK);
    assert_int_equal(buyer_known(store, &acme, order_of('b'), &known), OK);
    assert_false(known.chatted);
    fading_init(&fading, 4 * 86400000u, 6);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.buyers, 0);
}

static struct id order_number(unsigned number)
{
    return (struct id){ { 'n', (uint8_t)(number / 256), (uint8_t)number } };
}

static int count_one(void *context, const struct buyer *buyer)
{
    (void)buyer;
    (*(unsigned *)context)++;
    return 0;
}

static unsigned count(void)
{
    unsigned found = 0;

    assert_int_equal(buyers_read(store, &acme, 0, 0, count_one, &found), OK);
    return found;
}

/* More than one round of them, all of one day; the visitor's own is the last. */
static void who_is_erased_between_two_rounds_of_fading__is_forgotten_as_a_buyer(void **state)
{
    static struct buyer buyers[FADE_AT_ONCE + 1];
    struct buyers_bulk bulk;
    struct fading fading;

    (void)state;
    a_visitor();
    chat();
    for (unsigned i = 0; i <= FADE_AT_ONCE; i++)
        buyers[i] = (struct buyer){ .id = i < FADE_AT_ONCE ? order_number(i) : order_of('z'),
                                    .subject = SLICE_LITERAL(""),
                                    .currency = SLICE_LITERAL("EUR"),
                                    .at_ms = 1000 + i };
    tell_order("z", the_visitor);
    buyers_bulk_init(&bulk);
    bulk.buyers = buyers;
    bulk.count = FADE_AT_ONCE + 1;
    bulk_now(store, &acme, &bulk.bulk);
    fading_init(&fading, 86400000, 5);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.buyers, FADE_AT_ONCE);
    (void)erase(the_visitor.id);
    assert_int_equal(count(), FADE_AT_ONCE);
}

static void tell(struct id order, uint64_t at_ms)
{
    struct order_bulk bulk;

    order_bulk_init(&bulk, order, the_visitor, at_ms);
    bulk_now(store, &acme, &bulk.bulk);
}

static bool is_theirs(struct id order)
{
    struct buyer_known known;

    assert_int_equal(buyer_known(store, &acme, order, &known), OK);
    return known.chatted;
}

static void who_claims_order_after_order__is_not_believed(void **state)
{
    (void)state;
    a_visitor();
    chat();
    for (unsigned i = 0; i <= ORDERS_A_DAY; i++)
        tell(order_number(i), 1000 + i);
    assert_true(is_theirs(order_number(ORDERS_A_DAY - 1)));
    assert_false(is_theirs(order_number(ORDERS_A_DAY)));
    tell(order_number(ORDERS_A_DAY), 1000 + 86400000); /* the next day */
    assert_true(is_theirs(order_number(ORDERS_A_DAY)));
}

static void an_order_that_is_answered_for__is_nobodys_to_claim(void **state)
{
    (void)state;
    a_visitor();
    chat();
    (void)put("a", "", 10, 7);
    tell(order_of('a'), 20);
    (void)erase(the_visitor.id);
    are(0, 0, "a=7 ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(an_answer_told_again__replaces_the_first),
    CASE(an_order__is_answered_for_once__but_a_link_is_surer_than_a_browser),
    CASE(who_is_forgotten_as_a_visitor__is_forgotten_as_a_buyer),
    CASE(a_buyer__is_forgotten_by_the_order_too),
    CASE(an_order_of_somebody_erased_meanwhile__is_not_kept),
    CASE(an_order_of_somebody_who_chatted__is_known_as_such), CASE(answers_of_old__are_nobodys),
    CASE(who_is_erased_between_two_rounds_of_fading__is_forgotten_as_a_buyer),
    CASE(who_claims_order_after_order__is_not_believed),
    CASE(an_order_that_is_answered_for__is_nobodys_to_claim))
