/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/period.h"

#include "base/clock.h"
#include "tests/support/cmocka.h"

static struct zone zone_called(const char *name)
{
    struct zone zone = { 0 };

    assert_true(zone_parse(slice_of(name), &zone));
    return zone;
}

static void is(const char *zone_name, const char *text, const char *from, const char *to)
{
    struct zone zone = zone_called(zone_name);
    struct period period = { .days = 0 };
    char time[CLOCK_TEXT_BYTES];

    assert_int_equal(period_parse(&zone, slice_of(text), &period), 0);
    assert_string_equal(period.name, text);
    clock_format(period.from_ms, time);
    assert_string_equal(time, from);
    clock_format(period.to_ms, time);
    assert_string_equal(time, to);
    assert_string_equal(period_of(&zone, period.kind, period.from_ms).name, text);
    assert_string_equal(period_of(&zone, period.kind, period.to_ms - 1).name, text);
    assert_int_equal(period_next(&zone, &period).from_ms, period.to_ms);
}

/* In October 2026 Helsinki leaves summer time, so that month is an hour longer. */
static void a_month__begins_at_midnight_of_its_zone(void **state)
{
    (void)state;
    is("UTC", "2026-10", "2026-10-01T00:00:00.000Z", "2026-11-01T00:00:00.000Z");
    is("Europe/Helsinki", "2026-10", "2026-09-30T21:00:00.000Z", "2026-10-31T22:00:00.000Z");
    is("Europe/Helsinki", "2026-12", "2026-11-30T22:00:00.000Z", "2026-12-31T22:00:00.000Z");
    is("<-05>5", "2028-02", "2028-02-01T05:00:00.000Z", "2028-03-01T05:00:00.000Z");
    is("<+1345>-13:45", "2026-01", "2025-12-31T10:15:00.000Z", "2026-01-31T10:15:00.000Z");
}

/* Weeks of the ends of years, from any printed calendar: 2026 has 53, 2027 begins on a Friday. */
static void a_week__is_of_the_year_of_its_thursday(void **state)
{
    (void)state;
    is("UTC", "2026-W01", "2025-12-29T00:00:00.000Z", "2026-01-05T00:00:00.000Z");
    is("UTC", "2026-W53", "2026-12-28T00:00:00.000Z", "2027-01-04T00:00:00.000Z");
    is("UTC", "2027-W01", "2027-01-04T00:00:00.000Z", "2027-01-11T00:00:00.000Z");
    is("Europe/Helsinki", "2026-W43", "2026-10-18T21:00:00.000Z", "2026-10-25T22:00:00.000Z");
}

/* Where the clock jumps at midnight the day begins at one; where it goes back, at the first. */
static void a_midnight_that_the_clock_jumps_over__is_the_moment_of_the_jump(void **state)
{
    const char *jumps = "<-04>4<-03>,M9.1.0/0,M4.1.0/0"; /* 2026: 6 September, 5 April */
    struct zone zone = zone_called(jumps);
    char time[CLOCK_TEXT_BYTES];

    (void)state;
    clock_format((uint64_t)zone_utc(&zone, zone_days(2026, 9, 6) * ZONE_DAY_MINUTES) * 60000, time);
    assert_string_equal(time, "2026-09-06T04:00:00.000Z");
    clock_format(
        (uint64_t)zone_utc(&zone, zone_days(2026, 4, 4) * ZONE_DAY_MINUTES + 23 * 60 + 30) * 60000,
        time);
    assert_string_equal(time, "2026-04-05T02:30:00.000Z");
}

static void what_is_no_period__is_refused(void **state)
{
    static const char *const wrong[] = { "",         "2026",     "2026-13",   "2026-0", "2026-1",
                                         "2026-W54", "2025-W53", "2026-W1",   "26-01",  "2026-10 ",
                                         "1970-01",  "9999-01",  "2026-10-1", "2026W43" };
    struct zone zone = zone_called("UTC");
    struct period period;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(period_parse(&zone, slice_of(wrong[i]), &period), 1);
}

static void a_day__has_its_name(void **state)
{
    struct zone zone = zone_called("Europe/Helsinki");
    uint64_t ms = 0;
    char name[DAY_NAME_BYTES];

    (void)state;
    assert_int_equal(clock_parse("2026-10-31T22:00:00Z", 20, &ms), 0);
    period_day_name(period_day(&zone, ms), name);
    assert_string_equal(name, "2026-11-01");
    period_day_name(period_day(&zone, ms - 1), name);
    assert_string_equal(name, "2026-10-31");
}

RUN(cmocka_unit_test(a_month__begins_at_midnight_of_its_zone),
    cmocka_unit_test(a_week__is_of_the_year_of_its_thursday),
    cmocka_unit_test(a_midnight_that_the_clock_jumps_over__is_the_moment_of_the_jump),
    cmocka_unit_test(what_is_no_period__is_refused), cmocka_unit_test(a_day__has_its_name))
