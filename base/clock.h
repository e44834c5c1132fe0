/* SPDX-License-Identifier: Apache-2.0
 *
 * clock — time as numbers that name their unit.
 *
 * Rules (chat/) never call these: they are handed the time. Wall-clock times are
 * milliseconds since 1970 in UTC; steady times only ever move forward.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

enum { CLOCK_TEXT_BYTES = 32 };

uint64_t clock_now_ms(void);
uint64_t clock_steady_ms(void);
uint64_t clock_steady_us(void);

/* RFC 3339 with milliseconds: 2026-03-02T09:14:05.120Z. */
void clock_format(uint64_t wall_ms, char text[CLOCK_TEXT_BYTES]);
/* The reverse; also takes no fraction, 1–9 digits of it, and ±hh:mm offsets. 1: not a time. */
int clock_parse(const char *text, size_t len, uint64_t *ret_wall_ms);

#endif
