/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/hours.h"

#include "base/clock.h"
#include "tests/support/cmocka.h"

static struct hours hours;

static void given(const char *week, const char *zone, const char *closed)
{
    assert_int_equal(hours_parse(slice_of(week), slice_of(zone), slice_of(closed), &hours), 0);
}

static uint64_t at(const char *time)
{
    uint64_t ms = 0;

    assert_int_equal(clock_parse(time, strlen(time), &ms), 0);
    return ms;
}

static void is(const char *time, bool open)
{
    uint64_t until_ms;

    assert_int_equal(hours_is_open(&hours, at(time), &until_ms), open);
    assert_true(until_ms > at(time));
}

static void until(const char *time, const char *change)
{
    uint64_t until_ms;

    (void)hours_is_open(&hours, at(time), &until_ms);
    assert_int_equal(until_ms, at(change));
}

static void week__without_spans__is_always_open(void **state)
{
    uint64_t until_ms;

    (void)state;
    given("", "UTC", "");
    assert_true(hours_is_open(&hours, at("2026-03-02T03:00:00.000Z"), &until_ms));
    assert_true(until_ms == UINT64_MAX);
    given("always", "UTC", "none");
    is("2026-03-01T23:59:00.000Z", true);
}

static void week__in_helsinki__opens_and_closes_by_its_clock(void **state)
{
    (void)state;
    given("mon-fri 9-17, sat 10:30-14", "Europe/Helsinki", "");
    is("2026-03-02T06:59:59.999Z", false); /* a Monday, UTC+2 */
    is("2026-03-02T07:00:00.000Z", true);
    is("2026-03-02T14:59:59.999Z", true);
    is("2026-03-02T15:00:00.000Z", false);
    is("2026-03-07T08:30:00.000Z", true);  /* Saturday */
    is("2026-03-08T10:00:00.000Z", false); /* Sunday */
    until("2026-03-02T06:59:30.000Z", "2026-03-02T07:00:00.000Z");
    until("2026-03-02T07:00:00.000Z", "2026-03-02T15:00:00.000Z");
}

static void summer_time__moves_the_hours_on_the_very_day(void **state)
{
    (void)state;
    given("mon-sun 9-17", "Europe/Helsinki", "");
    is("2026-03-28T07:00:00.000Z", true); /* still winter: UTC+2 */
    is("2026-03-29T06:00:00.000Z", true); /* changed at 01:00 UTC: UTC+3 */
    is("2026-03-29T14:00:00.000Z", false);
    is("2026-10-24T06:00:00.000Z", true);
    is("2026-10-25T06:00:00.000Z", false); /* and back at 01:00 UTC */
    is("2026-10-25T07:00:00.000Z", true);
    given("mon-sun 3-4", "Europe/Helsinki", "");
    is("2026-03-29T00:30:00.000Z", false); /* 02:30; 03:00 to 04:00 does not come that night */
    is("2026-03-29T01:00:00.000Z", false); /* 04:00 */
}

static void zone__of_the_south__has_its_summer_over_new_year(void **state)
{
    (void)state;
    given("mon-sun 9-17", "AEST-10AEDT,M10.1.0,M4.1.0/3", "");
    is("2026-01-05T22:00:00.000Z", true); /* 09:00, UTC+11 */
    is("2026-07-05T22:30:00.000Z", false);
    is("2026-07-05T23:00:00.000Z", true); /* 09:00, UTC+10 */
}

static void zone__written_as_a_rule__may_be_quoted_and_uneven(void **state)
{
    (void)state;
    given("mon-sun 9-17", "<+0545>-5:45", "");
    is("2026-03-02T03:14:00.000Z", false);
    is("2026-03-02T03:15:00.000Z", true);
}

/* What keeps it has room for so much: billing's rules of a month. */
static void zone__is_written_in_63_bytes_at_most(void **state)
{
    char text[ZONE_TEXT_MAX + 2];

    (void)state;
    memset(text, 'A', sizeof(text));
    memcpy(text + ZONE_TEXT_MAX - 2, "-2", sizeof("-2"));
    given("mon 9-17", text, "");
    memcpy(text + ZONE_TEXT_MAX - 2, "A-2", sizeof("A-2"));
    assert_int_equal(hours_parse(SLICE_NONE, slice_of(text), SLICE_NONE, &hours), HOURS_E_ZONE);
}

static void span__past_midnight__goes_on_the_next_day(void **state)
{
    (void)state;
    given("fri 22-2", "UTC", "");
    is("2026-03-06T21:59:00.000Z", false);
    is("2026-03-06T23:00:00.000Z", true);
    is("2026-03-07T01:59:00.000Z", true);
    is("2026-03-07T02:00:00.000Z", false);
    given("sat-mon 9-12 13-17", "UTC", "");
    is("2026-03-08T12:30:00.000Z", false);
    is("2026-03-08T13:30:00.000Z", true);
    is("2026-03-10T13:30:00.000Z", false);
}

static void closed_day__once_or_each_year__keeps_it_shut(void **state)
{
    (void)state;
    given("mon-sun 0-24", "Europe/Helsinki", "2026-04-03, 12-25");
    is("2026-04-02T20:59:00.000Z", true);
    is("2026-04-02T21:00:00.000Z", false); /* midnight there */
    is("2026-04-03T20:59:00.000Z", false);
    is("2026-04-03T21:00:00.000Z", true);
    is("2027-04-03T12:00:00.000Z", true);
    is("2027-12-25T12:00:00.000Z", false);
    given("", "UTC", "12-25");
    is("2027-12-25T12:00:00.000Z", false);
    is("2027-12-26T12:00:00.000Z", true);
}

static void ahead__are_the_next_times_it_opens_however_far(void **state)
{
    struct open_time next[3];

    (void)state;
    given("mon-fri 9-12 13-17", "Europe/Helsinki", "2026-12-24 2026-12-25");
    assert_int_equal(hours_ahead(&hours, at("2026-12-23T20:00:00.000Z"), next, 3), 3);
    assert_int_equal(next[0].from_ms,
                     at("2026-12-28T07:00:00.000Z")); /* over Christmas, a Monday */
    assert_int_equal(next[0].to_ms, at("2026-12-28T10:00:00.000Z"));
    assert_int_equal(next[2].from_ms, at("2026-12-29T07:00:00.000Z"));
    given("mon-sun 0-24", "UTC", "2026-12-24");
    assert_int_equal(hours_ahead(&hours, at("2026-12-24T08:00:00.000Z"), next, 1), 1);
    assert_int_equal(next[0].from_ms, at("2026-12-25T00:00:00.000Z")); /* and on without an end */
    assert_true(next[0].to_ms >= at("2027-01-06T00:00:00.000Z"));
    given("mon 9-10", "UTC", "");
    assert_int_equal(hours_ahead(&hours, at("2026-03-03T00:00:00.000Z"), next, 3), 2);
}

static void what_makes_no_sense__is_told_apart_and_changes_nothing(void **state)
{
    static const char *const weeks[] = { "mon",         "mon 9",
                                         "mon 17-",     "xyz 9-17",
                                         "mon 25-26",   "mon 9-17 tue",
                                         "mon 9:60-10", "mon-9-17",
                                         "mon 9-17,,",  "mon 1-2 3-4 5-6 7-8 9-10 11-12 13-14",
                                         "mon 24:30-3" };
    static const char *const zones[] = { "",
                                         "Mars/Olympus",
                                         "EET",
                                         "E-2",
                                         "EET-2EEST",
                                         "EET-2EEST,M3.5.0",
                                         "EET-2EEST,M13.5.0,M10.5.0",
                                         "EET-2EEST,M3.6.0,M10.5.0",
                                         "EET-2EEST,M3.5.0,M10.5.0x",
                                         "EET-99",
                                         "<EET-2",
                                         "<E T>-2",
                                         "<\x01\xff\xfe>-2" };
    static const char *const days[] = { "2026",        "2026-13-01", "12-32",
                                        "2026-04-03x", "0-1",        "christmas" };

    (void)state;
    given("mon 9-17", "UTC", "");
    for (size_t i = 0; i < sizeof(weeks) / sizeof(weeks[0]); i++)
        assert_int_equal(hours_parse(slice_of(weeks[i]), slice_of("UTC"), SLICE_NONE, &hours),
                         HOURS_E_WEEK);
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
        assert_int_equal(hours_parse(SLICE_NONE, slice_of(zones[i]), SLICE_NONE, &hours),
                         HOURS_E_ZONE);
    for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
        assert_int_equal(hours_parse(SLICE_NONE, slice_of("UTC"), slice_of(days[i]), &hours),
                         HOURS_E_CLOSED);
    is("2026-03-02T10:00:00.000Z", true);
    is("2026-03-02T17:00:00.000Z", false);
}

RUN(cmocka_unit_test(week__without_spans__is_always_open),
    cmocka_unit_test(week__in_helsinki__opens_and_closes_by_its_clock),
    cmocka_unit_test(summer_time__moves_the_hours_on_the_very_day),
    cmocka_unit_test(zone__of_the_south__has_its_summer_over_new_year),
    cmocka_unit_test(zone__written_as_a_rule__may_be_quoted_and_uneven),
    cmocka_unit_test(zone__is_written_in_63_bytes_at_most),
    cmocka_unit_test(span__past_midnight__goes_on_the_next_day),
    cmocka_unit_test(closed_day__once_or_each_year__keeps_it_shut),
    cmocka_unit_test(ahead__are_the_next_times_it_opens_however_far),
    cmocka_unit_test(what_makes_no_sense__is_told_apart_and_changes_nothing))
