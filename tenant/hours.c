/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/hours.h"

#include "base/format/taking.h"

#include <strings.h>

enum { MINUTE_MS = 60000, DAY_MINUTES = HOURS_DAY_MINUTES, AHEAD_DAYS = 14 };

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
    if (!zone_parse(zone, &hours.zone))
        return HOURS_E_ZONE;
    if (!read_closed(closed, &hours))
        return HOURS_E_CLOSED;
    *ret_hours = hours;
    return 0;
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
    int64_t local = zone_minute(&hours->zone, utc), days = local / DAY_MINUTES;
    int minute = (int)(local % DAY_MINUTES), weekday = zone_weekday(days);

    if (is_closed_day(hours, zone_day(days)))
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
    return (int)(zone_minute(&hours->zone, (int64_t)(wall_ms / 60000)) % DAY_MINUTES / 60);
}
