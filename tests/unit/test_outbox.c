/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/outbox.h"
#include "tests/support/cmocka.h"

#include <stdio.h>

static const struct id none = { { 0 } };

static struct outbox *an_outbox(size_t bytes_max, size_t take_max)
{
    const struct outbox_limits limits = { bytes_max, take_max };
    struct outbox *outbox = NULL;

    assert_int_equal(outbox_new(&outbox, &limits), OK);
    return outbox;
}

static void put(struct outbox *outbox, enum outbox_kind kind, const char *text, uint64_t ordinal)
{
    struct id id = none;

    id.bytes[0] = (uint8_t)ordinal;
    assert_int_equal(outbox_put(outbox, kind, slice_of(text), ordinal, id), OK);
}

static void assert_takes(struct outbox *outbox, bool one_say, const char *text)
{
    struct slice taken = outbox_take(outbox, one_say);

    assert_int_equal(taken.len, strlen(text));
    assert_memory_equal(taken.data == NULL ? "" : taken.data, text, taken.len);
}

static void take__of_many_small_stanzas__joins_whole_ones_in_order(void **state)
{
    struct outbox *outbox = an_outbox(100, 10);

    (void)state;
    put(outbox, OUTBOX_SAY, "<aaaa>", 1);
    put(outbox, OUTBOX_FLEETING, "<b>", 0);
    put(outbox, OUTBOX_SAY, "<ccccc>", 2);
    put(outbox, OUTBOX_SAY, "<longer than one take>", 3);
    assert_takes(outbox, false, "<aaaa><b>");
    assert_takes(outbox, false, "<ccccc>");
    assert_takes(outbox, false, "<longer than one take>");
    assert_takes(outbox, false, "");
    outbox_free(outbox);
}

static void put__beyond_the_bound__is_refused_until_some_arrived(void **state)
{
    struct outbox *outbox = an_outbox(12, 100);

    (void)state;
    put(outbox, OUTBOX_SAY, "<aaaa>", 1);
    assert_false(outbox_is_crowded(outbox));
    put(outbox, OUTBOX_SAY, "<bbbb>", 2);
    assert_true(outbox_is_crowded(outbox));
    assert_int_equal(outbox_put(outbox, OUTBOX_SAY, SLICE_LITERAL("<c>"), 3, none), ERR_NO_MEMORY);
    assert_takes(outbox, false, "<aaaa><bbbb>");
    assert_int_equal(outbox_put(outbox, OUTBOX_SAY, SLICE_LITERAL("<c>"), 3, none), ERR_NO_MEMORY);
    assert_int_equal(outbox_confirm(outbox, outbox_mark(outbox)), 2);
    put(outbox, OUTBOX_SAY, "<c>", 3);
    outbox_free(outbox);
}

static void confirm__of_a_mark__tells_the_highest_ordinal_before_it_only(void **state)
{
    struct outbox *outbox = an_outbox(1000, 8);
    uint64_t mark;

    (void)state;
    put(outbox, OUTBOX_SAY, "<a>", 5);
    put(outbox, OUTBOX_FLEETING, "<b>", 0);
    put(outbox, OUTBOX_SAY, "<c>", 6);
    put(outbox, OUTBOX_SAY, "<d>", 7);
    assert_takes(outbox, false, "<a><b>");
    mark = outbox_mark(outbox);
    assert_takes(outbox, false, "<c><d>");
    assert_int_equal(outbox_confirm(outbox, mark), 5);
    assert_int_equal(outbox_confirm(outbox, mark), 0);
    assert_true(outbox_is_unconfirmed(outbox));
    assert_int_equal(outbox_confirm(outbox, outbox_mark(outbox)), 7);
    assert_false(outbox_is_unconfirmed(outbox));
    outbox_free(outbox);
}

struct found {
    unsigned count;
    uint8_t first[8];
};

static void note(void *context, struct id stanza)
{
    struct found *found = context;

    found->first[found->count++] = stanza.bytes[0];
}

static void in_flight__after_take_and_confirm__is_what_may_have_broken_the_stream(void **state)
{
    struct outbox *outbox = an_outbox(1000, 8);
    struct found found = { 0 };
    uint64_t mark;

    (void)state;
    put(outbox, OUTBOX_SAY, "<a>", 1);
    put(outbox, OUTBOX_SAY, "<b>", 2);
    put(outbox, OUTBOX_SAY, "<c>", 3);
    put(outbox, OUTBOX_FLEETING, "<d>", 0);
    put(outbox, OUTBOX_SAY, "<e>", 4);
    assert_takes(outbox, false, "<a><b>");
    mark = outbox_mark(outbox);
    assert_takes(outbox, false, "<c><d>");
    assert_int_equal(outbox_confirm(outbox, mark), 2);
    outbox_each_in_flight(outbox, note, &found);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.first[0], 3);
    outbox_free(outbox);
}

static void take__one_by_one__waits_for_each_message_to_arrive(void **state)
{
    struct outbox *outbox = an_outbox(1000, 100);

    (void)state;
    put(outbox, OUTBOX_FLEETING, "<p>", 0);
    put(outbox, OUTBOX_SAY, "<a>", 1);
    put(outbox, OUTBOX_FLEETING, "<q>", 0);
    put(outbox, OUTBOX_SAY, "<b>", 2);
    assert_takes(outbox, true, "<p><a><q>");
    assert_takes(outbox, true, "");
    assert_int_equal(outbox_confirm(outbox, outbox_mark(outbox)), 1);
    assert_takes(outbox, true, "<b>");
    outbox_free(outbox);
}

static void restart__keeps_receipts_in_flight_or_not__and_forgets_the_rest(void **state)
{
    struct outbox *outbox = an_outbox(1000, 9);
    uint64_t old_mark;

    (void)state;
    put(outbox, OUTBOX_KEPT, "<r1>", 0);
    put(outbox, OUTBOX_SAY, "<a>", 1);
    put(outbox, OUTBOX_FLEETING, "<p>", 0);
    put(outbox, OUTBOX_KEPT, "<r2>", 0);
    assert_takes(outbox, false, "<r1><a>");
    old_mark = outbox_mark(outbox);
    outbox_restart(outbox);
    assert_false(outbox_is_unconfirmed(outbox));
    assert_int_equal(outbox_confirm(outbox, old_mark), 0);
    put(outbox, OUTBOX_SAY, "<b>", 2);
    assert_takes(outbox, false, "<r1><r2>");
    assert_takes(outbox, false, "<b>");
    assert_int_equal(outbox_confirm(outbox, outbox_mark(outbox)), 2);
    outbox_free(outbox);
}

/* The ring and the bytes wrap around many times. */
static void put_take_confirm__a_hundred_thousand_times__loses_nothing(void **state)
{
    struct outbox *outbox = an_outbox(1 << 20, 1000);
    uint64_t confirmed = 0, in = 0, out = 0;
    char text[32];

    (void)state;
    while (confirmed < 100000) {
        for (unsigned i = 0; i < 1 + in % 700; i++) {
            (void)snprintf(text, sizeof(text), "<m%llu/>", (unsigned long long)++in);
            put(outbox, OUTBOX_SAY, text, in);
        }
        for (struct slice taken = outbox_take(outbox, false); taken.len > 0;
             taken = outbox_take(outbox, false)) {
            for (size_t at = 0; at < taken.len;) {
                int len = snprintf(text, sizeof(text), "<m%llu/>", (unsigned long long)++out);

                assert_memory_equal(taken.data + at, text, (size_t)len);
                at += (size_t)len;
            }
        }
        confirmed = outbox_confirm(outbox, outbox_mark(outbox));
        assert_int_equal(confirmed, in);
        assert_int_equal(out, in);
    }
    outbox_free(outbox);
}

RUN(cmocka_unit_test(take__of_many_small_stanzas__joins_whole_ones_in_order),
    cmocka_unit_test(put__beyond_the_bound__is_refused_until_some_arrived),
    cmocka_unit_test(confirm__of_a_mark__tells_the_highest_ordinal_before_it_only),
    cmocka_unit_test(in_flight__after_take_and_confirm__is_what_may_have_broken_the_stream),
    cmocka_unit_test(take__one_by_one__waits_for_each_message_to_arrive),
    cmocka_unit_test(restart__keeps_receipts_in_flight_or_not__and_forgets_the_rest),
    cmocka_unit_test(put_take_confirm__a_hundred_thousand_times__loses_nothing))
