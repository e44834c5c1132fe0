/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/hours.h"

#include <strings.h>

enum { MINUTE_MS = 60000, DAY_MINUTES = HOURS_DAY_MINUTES, AHEAD_DAYS = 14 };

/* --- reading: each take_ moves *at behind what it took --- */

static bool take_char(struct slice *at, char wanted)
{
    if (at->len == 0 || at->data[0] != wanted)
        return false;
    *at = (struct slice){ at->data + 1, at->len - 1 };
    return true;
}

static void skip(struct slice *at, const char *any)
{
    while (at->len > 0 && strchr(any, at->data[0]) != NULL)
        *at = (struct slice){ at->data + 1, at->len - 1 };
}

static bool take_number(struct slice *at, int low, int high, int *ret_number)
{
    int number = 0;
    size_t len = 0;

    while (len < at->len && len < 4 && at->data[len] >= '0' && at->data[len] <= '9')
        number = number * 10 + (at->data[len++] - '0');
    if (len == 0 || number < low || number > high)
        return false;
    *at = (struct slice){ at->data + len, at->len - len };
    *ret_number = number;
    return true;
}

/* --- the zone --- */

static const struct {
    const char *name, *rule;
} zones[] = {
#define ZONE(name, rule) { name, rule },
#include "tenant/zone.def"
#undef ZONE
};

/* "EET", "<+03>" */
static bool take_zone_name(struct slice *at)
{
    size_t len = 0;
    bool quoted = take_char(at, '<');

    while (len < at->len &&
           (quoted ? at->data[len] != '>'
                   : ((at->data[len] | 0x20) >= 'a' && (at->data[len] | 0x20) <= 'z')))
        len++;
    *at = (struct slice){ at->data + len, at->len - len };
    return len >= 3 && (!quoted || take_char(at, '>'));
}

/* [+-]h[:mm], in minutes. */
static bool take_offset(struct slice *at, int hours_max, int *ret_minutes)
{
    bool minus = take_char(at, '-');
    int hours, minutes = 0;

    if (!minus)
        (void)take_char(at, '+');
    if (!take_number(at, 0, hours_max, &hours) ||
        (take_char(at, ':') && !take_number(at, 0, 59, &minutes)))
        return false;
    *ret_minutes = (minus ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

/* ",M3.5.0/3" */
static bool take_change(struct slice *at, struct zone_change *ret_change)
{
    ret_change->minutes = 120;
    return take_char(at, ',') && take_char(at, 'M') && take_number(at, 1, 12, &ret_change->month) &&
           take_char(at, '.') && take_number(at, 1, 5, &ret_change->week) && take_char(at, '.') &&
           take_number(at, 0, 6, &ret_change->weekday) &&
           (!take_char(at, '/') || take_offset(at, 24, &ret_change->minutes));
}

/* POSIX counts its offsets westwards. */
static bool read_rule(struct slice at, struct zone *ret_zone)
{
    struct zone zone = { .has_summer = false };
    int west;

    if (!take_zone_name(&at) || !take_offset(&at, 14, &west))
        return false;
    zone.minutes = -west;
    zone.summer_minutes = zone.minutes + 60;
    if (at.len > 0) {
        zone.has_summer = true;
        if (!take_zone_name(&at))
            return false;
        if (at.len > 0 && at.data[0] != ',') {
            if (!take_offset(&at, 14, &west))
                return false;
            zone.summer_minutes = -west;
        }
        if (!take_change(&at, &zone.summer) || !take_change(&at, &zone.winter))
            return false;
    }
    if (at.len > 0)
        return false;
    *ret_zone = zone;
    return true;
}

static bool read_zone(struct slice text, struct zone *ret_zone)
{
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (slice_is(text, zones[i].name))
            return read_rule(slice_of(zones[i].rule), ret_zone);
    }
    return read_rule(text, ret_zone);
}

/* --- the week --- */

static bool take_weekday(struct slice *at, int *ret_weekday)
{
    static const char *const names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

    for (int i = 0; i < 7; i++) {
        if (at->len >= 3 && strncasecmp(at->data, names[i], 3) == 0) {
            *at = (struct slice){ at->data + 3, at->len - 3 };
            *ret_weekday = i;
            return true;
        }
    }
    return false;
}

/* 9, 9:30, 24 */
static bool take_time(struct slice *at, int *ret_minutes)
{
    int hours, minutes = 0;

    if (!take_number(at, 0, 24, &hours))
        return false;
    if ((take_char(at, ':') || take_char(at, '.')) && !take_number(at, 0, 59, &minutes))
        return false;
    *ret_minutes = hours * 60 + minutes;
    return *ret_minutes <= DAY_MINUTES;
}

static bool add_span(struct hours *hours, int weekday, int from, int to)
{
    if (from == to)
        return true;
    if (hours->spans[weekday] == HOURS_SPANS_MAX)
        return false;
    hours->week[weekday][hours->spans[weekday]++] = (struct span){ (uint16_t)from, (uint16_t)to };
    return true;
}

/* What ends before it begins goes on after midnight. */
static bool add_spans(struct hours *hours, int first, int last, int from, int to)
{
    for (int day = first;; day = (day + 1) % 7) {
        bool added = from < to ? add_span(hours, day, from, to)
                               : add_span(hours, day, from, DAY_MINUTES) &&
                                     add_span(hours, (day + 1) % 7, 0, to);

        if (!added)
            return false;
        if (day == last)
            return true;
    }
}

/* "mon-fri 9-12 13-17" */
static bool take_days(struct slice *at, struct hours *hours)
{
    int first, last, from, to;

    if (!take_weekday(at, &first))
        return false;
    last = first;
    if (take_char(at, '-') && !take_weekday(at, &last))
        return false;
    skip(at, " ");
    do {
        if (!take_time(at, &from) || !take_char(at, '-') || !take_time(at, &to) ||
            !add_spans(hours, first, last, from, to))
            return false;
        skip(at, " ");
    } while (at->len > 0 && at->data[0] >= '0' && at->data[0] <= '9');
    return true;
}

static bool read_week(struct slice at, struct hours *hours)
{
    skip(&at, " ");
    hours->always = at.len == 0 || slice_is(at, "always");
    if (hours->always)
        return true;
    while (at.len > 0) {
        if (!take_days(&at, hours))
            return false;
        skip(&at, " ");
        if (at.len > 0 && !take_char(&at, ',') && !take_char(&at, ';'))
            return false;
        skip(&at, " ");
    }
    return true;
}

/* --- closed days --- */

static bool take_day(struct slice *at, struct day *ret_day)
{
    int number;

    *ret_day = (struct day){ .year = 0 };
    if (!take_number(at, 1, 9999, &number) || !take_char(at, '-'))
        return false;
    if (number > 12) {
        ret_day->year = number;
        if (!take_number(at, 1, 12, &ret_day->month) || !take_char(at, '-'))
            return false;
    } else {
        ret_day->month = number;
    }
    return take_number(at, 1, 31, &ret_day->day);
}

static bool read_closed(struct slice at, struct hours *hours)
{
    skip(&at, " ,");
    while (at.len > 0 && !slice_is(at, "none")) {
        size_t before;

        if (hours->closed_count == HOURS_CLOSED_MAX ||
            !take_day(&at, &hours->closed[hours->closed_count++]))
            return false;
        before = at.len;
        skip(&at, " ,");
        if (at.len > 0 && at.len == before)
            return false;
    }
    return true;
}

int hours_parse(struct slice week, struct slice zone, struct slice closed, struct hours *ret_hours)
{
    struct hours hours = { .always = false };

    if (!read_week(week, &hours))
        return HOURS_E_WEEK;
    if (!read_zone(zone, &hours.zone))
        return HOURS_E_ZONE;
    if (!read_closed(closed, &hours))
        return HOURS_E_CLOSED;
    *ret_hours = hours;
    return 0;
}

/* --- what day it is; days are counted from 1970-01-01, a Thursday --- */

static int64_t days_of(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static struct day day_of(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);

    return (struct day){ (int)(yoe + era * 400) + (month <= 2), month,
                         (int)(doy - (153 * mp + 2) / 5 + 1) };
}

static int weekday_of(int64_t days)
{
    return (int)(((days + 4) % 7 + 7) % 7);
}

/* When that year's change is, in minutes since 1970 by the clock that is changed. */
static int64_t change_at(const struct zone_change *change, int year)
{
    int64_t first = days_of(year, change->month, 1);
    int64_t day = first + (change->weekday - weekday_of(first) + 7) % 7 + (change->week - 1) * 7;
    int64_t next =
        change->month == 12 ? days_of(year + 1, 1, 1) : days_of(year, change->month + 1, 1);

    while (day >= next) /* the fifth, where there are four: the last */
        day -= 7;
    return day * DAY_MINUTES + change->minutes;
}

static int64_t local_minute(const struct zone *zone, int64_t utc)
{
    int64_t winter = utc + zone->minutes, start, end;
    int year;
    bool summer;

    if (!zone->has_summer)
        return winter;
    year = day_of(winter / DAY_MINUTES).year;
    start = change_at(&zone->summer, year) - zone->minutes;
    end = change_at(&zone->winter, year) - zone->summer_minutes;
    summer = start < end ? utc >= start && utc < end : utc >= start || utc < end;
    return summer ? utc + zone->summer_minutes : winter;
}

static bool is_closed_day(const struct hours *hours, struct day day)
{
    for (unsigned i = 0; i < hours->closed_count; i++) {
        const struct day *closed = &hours->closed[i];

        if ((closed->year == 0 || closed->year == day.year) && closed->month == day.month &&
            closed->day == day.day)
            return true;
    }
    return false;
}

static bool is_open_at(const struct hours *hours, int64_t utc)
{
    int64_t local = local_minute(&hours->zone, utc), days = local / DAY_MINUTES;
    int minute = (int)(local % DAY_MINUTES), weekday = weekday_of(days);

    if (is_closed_day(hours, day_of(days)))
        return false;
    for (unsigned i = 0; i < hours->spans[weekday]; i++) {
        if (minute >= hours->week[weekday][i].from && minute < hours->week[weekday][i].to)
            return true;
    }
    return hours->always;
}

bool hours_is_open(const struct hours *hours, uint64_t wall_ms, uint64_t *ret_until_ms)
{
    int64_t utc = (int64_t)(wall_ms / MINUTE_MS), at = utc + 1;
    bool open = is_open_at(hours, utc);

    if (hours->always && hours->closed_count == 0) {
        *ret_until_ms = UINT64_MAX;
        return true;
    }
    while (at < utc + DAY_MINUTES && is_open_at(hours, at) == open)
        at++;
    *ret_until_ms = (uint64_t)at * MINUTE_MS;
    return open;
}

size_t hours_ahead(const struct hours *hours, uint64_t wall_ms, struct open_time *ret_openings,
                   size_t max)
{
    uint64_t end_ms = wall_ms + (uint64_t)AHEAD_DAYS * DAY_MINUTES * MINUTE_MS, at_ms = wall_ms;
    bool was_open = false;
    size_t count = 0;

    while (at_ms < end_ms && (count < max || was_open)) {
        uint64_t until_ms;
        bool open = hours_is_open(hours, at_ms, &until_ms);

        if (open && was_open)
            ret_openings[count - 1].to_ms = until_ms;
        else if (open)
            ret_openings[count++] = (struct open_time){ at_ms, until_ms };
        was_open = open;
        at_ms = until_ms;
    }
    return count;
}

int hours_local_hour(const struct hours *hours, uint64_t wall_ms)
{
    return (int)(local_minute(&hours->zone, (int64_t)(wall_ms / 60000)) % DAY_MINUTES / 60);
}
