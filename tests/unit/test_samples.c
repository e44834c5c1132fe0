/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/erase.h"
#include "storage/retention.h"
#include "storage/samples.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

static struct tenant_name acme;
static struct store *store;
static struct conversation_id chats[2];

static void open_chat(struct conversation_id chat, struct visitor_id visitor)
{
    struct chat_write write = a_visitors_message(chat, "1", "moikka");
    const struct chat_write end = {
        .kind = WRITE_END, .conversation = chat, .reason = SLICE_LITERAL("visitor"), .at_ms = 2000
    };

    write.opens = true;
    write.visitor = visitor;
    (void)store_now(store, &acme, &write);
    (void)store_now(store, &acme, &end);
}

static void draw(const char *name)
{
    struct sample_bulk bulk;

    sample_bulk_init(&bulk);
    bulk.name = strdup(name);
    bulk.book = strdup("spc-1");
    bulk.machine = strdup("machine@1");
    bulk.codes = strdup("WOM.SRC");
    bulk.places = calloc(2, sizeof(*bulk.places));
    for (; bulk.count < 2; bulk.count++)
        bulk.places[bulk.count] = (struct sample_place){ chats[bulk.count], "fi new with", 2.5 };
    bulk_now(store, &acme, &bulk.bulk);
    assert_false(bulk.exists);
    sample_bulk_release(&bulk);
}

static void deal(const char *first, const char *second)
{
    struct deal_bulk bulk;

    deal_bulk_init(&bulk);
    bulk.sample = strdup("spring");
    bulk.deals = calloc(2, sizeof(*bulk.deals));
    for (; bulk.count < 2; bulk.count++)
        bulk.deals[bulk.count] = (struct deal){ bulk.count + 1, { strdup(first), strdup(second) } };
    bulk_now(store, &acme, &bulk.bulk);
    deal_bulk_release(&bulk);
}

static void code(const char *coder, const char *book, struct conversation_id chat)
{
    struct codes_bulk bulk;

    assert_int_equal(codes_bulk_init(&bulk, slice_of(coder), book, 7), OK);
    bulk.codings = calloc(1, sizeof(*bulk.codings));
    bulk.codings[bulk.count++] = (struct coding){ .conversation = chat, .last_seq = 1 };
    bulk_now(store, &acme, &bulk.bulk);
    codes_bulk_release(&bulk);
}

static const struct visitor_id another = { { "another visitor" } };

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    assert_int_equal(store_memory_open(&store), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    for (int i = 0; i < 2; i++) {
        chats[i].id = id_new();
        open_chat(chats[i], i == 0 ? the_visitor : another);
    }
    draw("spring");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    store = store_free(store);
    return 0;
}

static struct sampled seen[4];
static size_t seen_count;
static int take(void *context, const struct sampled *row)
{
    (void)context;
    assert_true(slice_is(row->stratum, "fi new with"));
    seen[seen_count++] = *row;
    return 0;
}

static void look(void)
{
    seen_count = 0;
    assert_int_equal(samples_read(store, &acme, SLICE_LITERAL("spring"), take, NULL), OK);
}

static bool waits(const char *coder, struct conversation_id chat)
{
    bool answer = false;

    assert_int_equal(samples_waits(store, &acme, slice_of(coder), chat, &answer), OK);
    return answer;
}

static void a_sample__is_read_in_its_order_with_its_weights(void **state)
{
    (void)state;
    look();
    assert_int_equal(seen_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(seen[i].place, i + 1);
        assert_memory_equal(&seen[i].conversation, &chats[i], sizeof(chats[i]));
        assert_true(seen[i].weight > 2.4 && seen[i].weight < 2.6);
        assert_false(seen[i].done[0] || seen[i].done[1] || seen[i].settled || seen[i].faded);
    }
    assert_int_equal(samples_read(store, &acme, SLICE_LITERAL("autumn"), take, NULL), STORE_E_NONE);
}

static void a_chat__waits_for_those_it_was_dealt_to(void **state)
{
    (void)state;
    assert_false(waits("Erik", chats[0]));
    deal("Erik", "Bo");
    assert_true(waits("Erik", chats[0]));
    assert_false(waits("Cy", chats[0]));
    code("Erik", "spc-0", chats[0]); /* by an older book: to be coded by this one all the same */
    assert_true(waits("Erik", chats[0]));
    code("Erik", "spc-1", chats[0]);
    assert_false(waits("Erik", chats[0]));
    assert_true(waits("Bo", chats[0]));
}

static void settling__waits_for_both_and_is_done_once(void **state)
{
    (void)state;
    deal("Erik", "Bo");
    code("Erik", "spc-1", chats[0]);
    assert_false(waits(SAMPLES_SETTLED, chats[0]));
    code("Bo", "spc-1", chats[0]);
    assert_true(waits(SAMPLES_SETTLED, chats[0]));
    code(SAMPLES_SETTLED, "spc-1", chats[0]);
    assert_false(waits(SAMPLES_SETTLED, chats[0]));
    look();
    assert_true(seen[0].done[0] && seen[0].done[1] && seen[0].settled);
    assert_false(seen[1].settled);
}

static void what_is_erased__leaves_its_sample(void **state)
{
    struct erasure erasure;

    (void)state;
    deal("Erik", "Bo");
    code("Erik", "spc-1", chats[0]);
    assert_int_equal(erasure_init(&erasure, &the_visitor, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    erasure_release(&erasure);
    look();
    assert_int_equal(seen_count, 1);
    assert_int_equal(seen[0].place, 2);
}

static void what_has_faded__waits_for_nobody(void **state)
{
    struct fading fading;

    (void)state;
    deal("Erik", "Bo");
    fading_init(&fading, 5000, 6000);
    bulk_now(store, &acme, &fading.bulk);
    look();
    assert_true(seen[0].faded);
    assert_false(waits("Erik", chats[0]));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)
RUN(CASE(a_sample__is_read_in_its_order_with_its_weights),
    CASE(a_chat__waits_for_those_it_was_dealt_to), CASE(settling__waits_for_both_and_is_done_once),
    CASE(what_is_erased__leaves_its_sample), CASE(what_has_faded__waits_for_nobody))
