/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static uint64_t read_clock_us(clockid_t id)
{
    struct timespec now;

    (void)clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t clock_now_ms(void)
{
    return read_clock_us(CLOCK_REALTIME) / 1000u;
}

uint64_t clock_steady_ms(void)
{
    return read_clock_us(CLOCK_MONOTONIC) / 1000u;
}

uint64_t clock_steady_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

void clock_format(uint64_t wall_ms, char text[CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)(wall_ms / 1000u);
    struct tm parts;
    size_t used;

    (void)gmtime_r(&seconds, &parts);
    used = strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(text + used, CLOCK_TEXT_BYTES - used, ".%03uZ", (unsigned)(wall_ms % 1000u));
}

/* Reads exactly `digits` digits at *at. */
static bool take_number(const char *text, size_t len, size_t *at, unsigned digits, int *ret)
{
    int value = 0;

    for (unsigned i = 0; i < digits; i++, (*at)++) {
        if (*at >= len || text[*at] < '0' || text[*at] > '9')
            return false;
        value = value * 10 + (text[*at] - '0');
    }
    *ret = value;
    return true;
}

static bool take_char(const char *text, size_t len, size_t *at, const char *any_of)
{
    for (const char *c = any_of; *at < len && *c != '\0'; c++) {
        if (text[*at] == *c) {
            (*at)++;
            return true;
        }
    }
    return false;
}

static bool take_fraction(const char *text, size_t len, size_t *at, unsigned *ret_ms)
{
    unsigned ms = 0, digits = 0;

    if (!take_char(text, len, at, "."))
        return true;
    for (; *at < len && text[*at] >= '0' && text[*at] <= '9' && digits < 9; (*at)++, digits++) {
        if (digits < 3)
            ms = ms * 10 + (unsigned)(text[*at] - '0');
    }
    for (unsigned i = digits; i < 3; i++)
        ms *= 10;
    *ret_ms = ms;
    return digits > 0;
}

static bool is_day(int year, int month, int day)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (leap && month == 2 ? 1 : 0);
}

static bool take_offset(const char *text, size_t len, size_t *at, int *ret_minutes)
{
    int hours, minutes, sign;

    if (take_char(text, len, at, "Zz"))
        return true;
    sign = *at < len && text[*at] == '-' ? -1 : 1;
    if (!take_char(text, len, at, "+-") || !take_number(text, len, at, 2, &hours) ||
        !take_char(text, len, at, ":") || !take_number(text, len, at, 2, &minutes))
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

int clock_parse(const char *text, size_t len, uint64_t *ret_wall_ms)
{
    struct tm parts = { 0 };
    size_t at = 0;
    unsigned ms = 0;
    int offset_minutes = 0;
    time_t seconds;

    if (!take_number(text, len, &at, 4, &parts.tm_year) || !take_char(text, len, &at, "-") ||
        !take_number(text, len, &at, 2, &parts.tm_mon) || !take_char(text, len, &at, "-") ||
        !take_number(text, len, &at, 2, &parts.tm_mday) || !take_char(text, len, &at, "Tt ") ||
        !take_number(text, len, &at, 2, &parts.tm_hour) || !take_char(text, len, &at, ":") ||
        !take_number(text, len, &at, 2, &parts.tm_min) || !take_char(text, len, &at, ":") ||
        !take_number(text, len, &at, 2, &parts.tm_sec) || !take_fraction(text, len, &at, &ms) ||
        !take_offset(text, len, &at, &offset_minutes) || at != len)
        return 1;
    if (parts.tm_year < 1970 || !is_day(parts.tm_year, parts.tm_mon, parts.tm_mday) ||
        parts.tm_hour > 23 || parts.tm_min > 59 || parts.tm_sec > 60)
        return 1;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    seconds = timegm(&parts) - (time_t)offset_minutes * 60;
    if (seconds < 0)
        return 1;
    *ret_wall_ms = (uint64_t)seconds * 1000u + ms;
    return 0;
}
