/* SPDX-License-Identifier: Apache-2.0
 *
 * period — a month or a week by the calendar of a time zone: what reports and statements are of.
 */
#ifndef TENANT_PERIOD_H
#define TENANT_PERIOD_H

#include "tenant/zone.h"

enum { PERIOD_NAME_BYTES = 32, DAY_NAME_BYTES = 32 };

enum period_kind { PERIOD_MONTH, PERIOD_WEEK };

struct period {
    char name[PERIOD_NAME_BYTES]; /* "2026-10", "2026-W43" */
    enum period_kind kind;
    uint64_t from_ms, to_ms; /* wall; the end is not of it */
    int64_t first_day;       /* zone_days() */
    unsigned days;
};

/* A month as 2026-10, or a week as ISO 8601 counts them, 2026-W43: Monday is its first day, and the
 * year's first week is that of its first Thursday. 1: neither; *ret_period stays. */
int period_parse(const struct zone *zone, struct slice text, struct period *ret_period);
/* The month, or the week, of that time there. */
struct period period_of(const struct zone *zone, enum period_kind kind, uint64_t wall_ms);
struct period period_next(const struct zone *zone, const struct period *period);

/* Which day it is there, as zone_days() counts; and as people read it: 2026-10-31. */
int64_t period_day(const struct zone *zone, uint64_t wall_ms);
void period_day_name(int64_t day, char name[DAY_NAME_BYTES]);

#endif
