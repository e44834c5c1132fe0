/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/range.h"

#include "tests/support/cmocka.h"

static void what_one_range_asks_for__is_understood(void **state)
{
    static const struct {
        const char *value;
        bool from_end;
        uint64_t first, last;
    } rows[] = {
        { "bytes=0-0", false, 0, 0 },
        { "bytes=500-999", false, 500, 999 },
        { "bytes=500-", false, 500, UINT64_MAX },
        { "bytes=-500", true, 500, UINT64_MAX },
        { "bytes=-0", true, 0, UINT64_MAX },
        { "bytes=00-07", false, 0, 7 },
        { "bytes=1-99999999999999999999999999", false, 1, UINT64_MAX },
        { "bytes=99999999999999999999999999-", false, UINT64_MAX, UINT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct byte_range range = range_parse(slice_of(rows[i].value));

        if (!range.any || range.from_end != rows[i].from_end || range.first != rows[i].first ||
            range.last != rows[i].last)
            fail_msg("%s", rows[i].value);
    }
}

/* May be answered by all of it. */
static void whatever_else_is_asked_for__is_no_range(void **state)
{
    static const char *const rows[] = { "",           "bytes",      "bytes=",     "bytes=-",
                                        "bytes=a-b",  "bytes=1",    "bytes=5-4",  "bytes=1-2,4-5",
                                        "bytes=1-2 ", "bytes= 1-2", "bytes=1--2", "bytes=--1",
                                        "bytes=1-2-", "lines=1-2",  "BYTES=1-2",  "bytes=0x1-2",
                                        "bytes=+1-2", "bytes=1-b" };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (range_parse(slice_of(rows[i])).any)
            fail_msg("%s", rows[i]);
    }
}

RUN(cmocka_unit_test(what_one_range_asks_for__is_understood),
    cmocka_unit_test(whatever_else_is_asked_for__is_no_range))
