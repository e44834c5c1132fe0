/* SPDX-License-Identifier: Apache-2.0
 *
 * hours — when a tenant is open: a week of spans in its own time zone, and days it is closed.
 *
 * Pure: the same hours give the same answer everywhere, whatever the machine believes (zone.h).
 */
#ifndef TENANT_HOURS_H
#define TENANT_HOURS_H

#include "tenant/zone.h"

enum {
    HOURS_SPANS_MAX = 6 /* a day */,
    HOURS_CLOSED_MAX = 64,
    HOURS_DAY_MINUTES = ZONE_DAY_MINUTES
};
enum { HOURS_E_WEEK = 1, HOURS_E_ZONE, HOURS_E_CLOSED };

/* Minutes of the day; `to` up to the end of it: what lasts past midnight is two spans. */
struct span {
    uint16_t from, to;
};

struct hours {
    bool always; /* no week was given */
    struct zone zone;
    struct span week[7][HOURS_SPANS_MAX]; /* Sunday first */
    uint8_t spans[7];
    struct day closed[HOURS_CLOSED_MAX];
    unsigned closed_count;
};

/* week: "mon-fri 9-17, sat 10:30-14"; "" or "always". zone: "Europe/Helsinki", a POSIX rule, "UTC".
 * closed: "2026-12-24 12-25": days, with a year or each year; "" or "none". HOURS_E_*: which of
 * them is wrong; *ret_hours stays. */
int hours_parse(struct slice week, struct slice zone, struct slice closed, struct hours *ret_hours);

struct open_time {
    uint64_t from_ms, to_ms; /* wall */
};

/* Whether it is open then, and until when that is sure to hold (UINT64_MAX: for ever). */
bool hours_is_open(const struct hours *hours, uint64_t wall_ms, uint64_t *ret_until_ms);

/* The times it will be open after it was closed at wall_ms, soonest first, within two weeks: at
 * most `max`, and how many. */
size_t hours_ahead(const struct hours *hours, uint64_t wall_ms, struct open_time *ret_openings,
                   size_t max);
/* The hour of the day there, 0 to 23. */
int hours_local_hour(const struct hours *hours, uint64_t wall_ms);

#endif
