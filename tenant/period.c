/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/period.h"

#include "base/format/taking.h"

#include <stdio.h>

enum { MINUTE_MS = 60000, YEAR_FIRST = 1971, YEAR_LAST = 9998, WEEK_DAYS = 7, THURSDAY = 3 };

static uint64_t begin_of(const struct zone *zone, int64_t day)
{
    return (uint64_t)zone_utc(zone, day * ZONE_DAY_MINUTES) * MINUTE_MS;
}

static void set_days(struct period *period, const struct zone *zone, int64_t first, int64_t next)
{
    period->first_day = first;
    period->days = (unsigned)(next - first);
    period->from_ms = begin_of(zone, first);
    period->to_ms = begin_of(zone, next);
}

static struct period month_of(const struct zone *zone, int year, int month)
{
    struct period period = { .kind = PERIOD_MONTH };

    (void)snprintf(period.name, sizeof(period.name), "%04d-%02d", year, month);
    set_days(&period, zone, zone_days(year, month, 1),
             month == 12 ? zone_days(year + 1, 1, 1) : zone_days(year, month + 1, 1));
    return period;
}

/* The Monday of that day's week. */
static int64_t monday_of(int64_t day)
{
    return day - (zone_weekday(day) + 6) % WEEK_DAYS;
}

/* A week belongs to the year that has its Thursday. */
static struct period week_of(const struct zone *zone, int64_t monday)
{
    int year = zone_day(monday + THURSDAY).year;
    int64_t first = monday_of(zone_days(year, 1, 4)); /* which always lies in the first week */
    struct period period = { .kind = PERIOD_WEEK };

    (void)snprintf(period.name, sizeof(period.name), "%04d-W%02d", year,
                   (int)((monday - first) / WEEK_DAYS) + 1);
    set_days(&period, zone, monday, monday + WEEK_DAYS);
    return period;
}

int period_parse(const struct zone *zone, struct slice text, struct period *ret_period)
{
    struct slice at = text;
    struct period period;
    int year, number;
    bool week;

    if (!take_number(&at, YEAR_FIRST, YEAR_LAST, &year) || !take_char(&at, '-'))
        return 1;
    week = take_char(&at, 'W');
    if (!take_number(&at, 1, week ? 53 : 12, &number) || at.len > 0)
        return 1;
    period = week ? week_of(zone, monday_of(zone_days(year, 1, 4)) + (number - 1) * WEEK_DAYS)
                  : month_of(zone, year, number);
    if (!slice_is(text, period.name)) /* 2026-1, or a 53rd week where there are 52 */
        return 1;
    *ret_period = period;
    return 0;
}

int64_t period_day(const struct zone *zone, uint64_t wall_ms)
{
    return zone_minute(zone, (int64_t)(wall_ms / MINUTE_MS)) / ZONE_DAY_MINUTES;
}

struct period period_of(const struct zone *zone, enum period_kind kind, uint64_t wall_ms)
{
    int64_t day = period_day(zone, wall_ms);
    struct day date = zone_day(day);

    return kind == PERIOD_WEEK ? week_of(zone, monday_of(day))
                               : month_of(zone, date.year, date.month);
}

struct period period_next(const struct zone *zone, const struct period *period)
{
    int64_t day = period->first_day + period->days;
    struct day date = zone_day(day);

    return period->kind == PERIOD_WEEK ? week_of(zone, day) : month_of(zone, date.year, date.month);
}

void period_day_name(int64_t day, char name[DAY_NAME_BYTES])
{
    struct day date = zone_day(day);

    (void)snprintf(name, DAY_NAME_BYTES, "%04d-%02d-%02d", date.year % 10000, date.month % 100,
                   date.day % 100);
}
