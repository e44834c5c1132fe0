/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "tests/support/cmocka.h"

#include <string.h>

static uint64_t parsed(const char *text)
{
    uint64_t ms = UINT64_MAX;

    return clock_parse(text, strlen(text), &ms) == 0 ? ms : UINT64_MAX;
}

static void format__writes_utc_with_milliseconds(void **state)
{
    char text[CLOCK_TEXT_BYTES];

    (void)state;
    clock_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    clock_format(1772442845120u, text);
    assert_string_equal(text, "2026-03-02T09:14:05.120Z");
    clock_format(4107542399999u, text);
    assert_string_equal(text, "2100-02-28T23:59:59.999Z");
    clock_format(4107542400000u, text); /* 2100 is no leap year */
    assert_string_equal(text, "2100-03-01T00:00:00.000Z");
}

static void format__of_any_number__stays_inside_its_room(void **state)
{
    char text[CLOCK_TEXT_BYTES];

    (void)state;
    clock_format(UINT64_MAX, text);
    assert_true(strlen(text) < CLOCK_TEXT_BYTES);
    clock_format(253402300800000u, text); /* the year 10000 */
    assert_string_equal(text, "10000-01-01T00:00:00.000Z");
}

static void parse__takes_back_what_format_wrote(void **state)
{
    char text[CLOCK_TEXT_BYTES];

    (void)state;
    for (uint64_t ms = 0; ms < 253402300800000u; ms += 7777777777 + ms / 97) {
        clock_format(ms, text);
        assert_int_equal(parsed(text), ms);
    }
}

static void parse__takes_fractions_and_offsets(void **state)
{
    (void)state;
    assert_int_equal(parsed("2026-03-02T09:14:05Z"), 1772442845000u);
    assert_int_equal(parsed("2026-03-02T09:14:05.1Z"), 1772442845100u);
    assert_int_equal(parsed("2026-03-02t09:14:05.120999999z"), 1772442845120u);
    assert_int_equal(parsed("2026-03-02T11:14:05+02:00"), 1772442845000u);
    assert_int_equal(parsed("2026-03-01 23:44:05-09:30"), 1772442845000u);
    assert_int_equal(parsed("2024-02-29T00:00:00Z"), 1709164800000u);
}

static void parse__of_what_is_no_time__is_refused_and_leaves_the_output(void **state)
{
    static const char *const wrong[] = {
        "",
        "2026-03-02",
        "2026-03-02T09:14:05",
        "2026-03-02T09:14:05.Z",
        "2026-03-02T09:14:05.1234567890Z",
        "2026-03-02T09:14:05Z ",
        " 2026-03-02T09:14:05Z",
        "2026-3-02T09:14:05Z",
        "2026-13-02T09:14:05Z",
        "2026-00-02T09:14:05Z",
        "2026-02-30T09:14:05Z",
        "2026-02-29T09:14:05Z",
        "2026-04-31T09:14:05Z",
        "2026-03-00T09:14:05Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T09:60:05Z",
        "2026-03-02T09:14:61Z",
        "2026-03-02T09:14:05+24:00",
        "2026-03-02T09:14:05+0200",
        "+026-03-02T09:14:05Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (parsed(wrong[i]) != UINT64_MAX)
            fail_msg("taken as a time: %s", wrong[i]);
    }
}

static void parse__of_a_text_cut_short__reads_no_further(void **state)
{
    static const char text[] = "2026-03-02T09:14:05.120Z";
    uint64_t ms;

    (void)state;
    for (size_t len = 0; len < sizeof(text) - 1; len++)
        assert_int_equal(clock_parse(text, len, &ms), 1);
    assert_int_equal(clock_parse(text, sizeof(text) - 1, &ms), 0);
}

static void steady__never_steps_back(void **state)
{
    uint64_t last = clock_steady_us();

    (void)state;
    for (int i = 0; i < 100000; i++) {
        uint64_t now = clock_steady_us();

        assert_true(now >= last);
        last = now;
    }
    assert_true(clock_steady_ms() >= last / 1000);
    assert_true(clock_now_ms() > 1700000000000u); /* after 2023 */
}

RUN(cmocka_unit_test(format__writes_utc_with_milliseconds),
    cmocka_unit_test(format__of_any_number__stays_inside_its_room),
    cmocka_unit_test(parse__takes_back_what_format_wrote),
    cmocka_unit_test(parse__takes_fractions_and_offsets),
    cmocka_unit_test(parse__of_what_is_no_time__is_refused_and_leaves_the_output),
    cmocka_unit_test(parse__of_a_text_cut_short__reads_no_further),
    cmocka_unit_test(steady__never_steps_back))
