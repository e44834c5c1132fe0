/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/zone.h"

#include "base/format/taking.h"

enum { DAY_MINUTES = ZONE_DAY_MINUTES };

/* --- the rule --- */

static const struct {
    const char *name, *rule;
} zones[] = {
#define ZONE(name, rule) { name, rule },
#include "tenant/zone.def"
#undef ZONE
};

/* Of letters; in quotes of digits and signs, too. */
static bool is_of_name(char c, bool quoted)
{
    return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
           (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
}

/* "EET", "<+03>" */
static bool take_zone_name(struct slice *at)
{
    size_t len = 0;
    bool quoted = take_char(at, '<');

    while (len < at->len && is_of_name(at->data[len], quoted))
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

bool zone_parse(struct slice text, struct zone *ret_zone)
{
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (slice_is(text, zones[i].name))
            return read_rule(slice_of(zones[i].rule), ret_zone);
    }
    return text.len <= ZONE_TEXT_MAX && read_rule(text, ret_zone);
}

/* --- days --- */

int64_t zone_days(int year, int month, int day)
{
    int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct day zone_day(int64_t days)
{
    int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    int month = (int)(mp < 10 ? mp + 3 : mp - 9);

    return (struct day){ (int)(yoe + era * 400) + (month <= 2), month,
                         (int)(doy - (153 * mp + 2) / 5 + 1) };
}

int zone_weekday(int64_t days)
{
    return (int)(((days + 4) % 7 + 7) % 7);
}

/* When that year's change is, in minutes since 1970 by the clock that is changed. */
static int64_t change_at(const struct zone_change *change, int year)
{
    int64_t first = zone_days(year, change->month, 1);
    int64_t day = first + (change->weekday - zone_weekday(first) + 7) % 7 + (change->week - 1) * 7;
    int64_t next =
        change->month == 12 ? zone_days(year + 1, 1, 1) : zone_days(year, change->month + 1, 1);

    while (day >= next) /* the fifth, where there are four: the last */
        day -= 7;
    return day * DAY_MINUTES + change->minutes;
}

int64_t zone_minute(const struct zone *zone, int64_t utc)
{
    int64_t winter = utc + zone->minutes, start, end;
    int year;
    bool summer;

    if (!zone->has_summer)
        return winter;
    year = zone_day(winter / DAY_MINUTES).year;
    start = change_at(&zone->summer, year) - zone->minutes;
    end = change_at(&zone->winter, year) - zone->summer_minutes;
    summer = start < end ? utc >= start && utc < end : utc >= start || utc < end;
    return summer ? utc + zone->summer_minutes : winter;
}

int64_t zone_utc(const struct zone *zone, int64_t local)
{
    int most = zone->minutes, least = most;
    int64_t at;

    if (zone->has_summer && zone->summer_minutes > most)
        most = zone->summer_minutes;
    if (zone->has_summer && zone->summer_minutes < least)
        least = zone->summer_minutes;
    at = local - most;
    if (zone_minute(zone, at) != local && zone_minute(zone, local - least) == local)
        return local - least;
    while (zone_minute(zone, at) < local) /* the clock jumps over it */
        at++;
    return at;
}
