/* SPDX-License-Identifier: Apache-2.0
 *
 * zone — a time zone, and the calendar there.
 *
 * Pure: a zone is a rule, as POSIX writes it ("EET-2EEST,M3.5.0/3,M10.5.0/4"), and the names of the
 * zones of Europe stand for theirs. What the machine believes of zones does not count. Days are
 * counted from 1970-01-01, a Thursday; minutes from its beginning.
 */
#ifndef TENANT_ZONE_H
#define TENANT_ZONE_H

#include "base/slice.h"

#include <stdint.h>

enum { ZONE_DAY_MINUTES = 24 * 60, ZONE_TEXT_MAX = 63 /* bytes of a name or a rule */ };

/* The start or end of summer time: the week'th (5: last) weekday of a month, at a local time. */
struct zone_change {
    int month, week, weekday, minutes;
};

struct zone {
    int minutes, summer_minutes; /* east of Greenwich */
    bool has_summer;
    struct zone_change summer, winter;
};

struct day {
    int year, month, day; /* year 0: every year */
};

/* "Europe/Helsinki", a POSIX rule, "UTC". False: neither; *ret_zone stays. */
bool zone_parse(struct slice text, struct zone *ret_zone);

/* The minute of the clock on the wall there, at a minute of UTC. */
int64_t zone_minute(const struct zone *zone, int64_t utc);
/* The reverse: the first minute of UTC at which the clock there shows this one or a later one. */
int64_t zone_utc(const struct zone *zone, int64_t local);

int64_t zone_days(int year, int month, int day);
struct day zone_day(int64_t days);
int zone_weekday(int64_t days); /* 0: Sunday */

#endif
