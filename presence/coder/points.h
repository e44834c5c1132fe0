/* SPDX-License-Identifier: Apache-2.0
 *
 * points — a message as an array of code points, prepared for reading.
 *
 * Composed to NFC and stripped of typographic variety (curly quotes, no-break spaces), while each
 * point still knows where in the original it began: spans must point into what people see. What
 * the code book leaves out (quoted text, URLs, addresses, code, error output) is hidden, not
 * removed. One pass per concern, each linear in the length of the text.
 */
#ifndef PRESENCE_POINTS_H
#define PRESENCE_POINTS_H

#include "base/result.h"
#include "base/slice.h"

#include <stdint.h>

struct point {
    int32_t value; /* NFC; quotes, apostrophes and spaces made plain */
    uint32_t from; /* the first original code point of it */
    bool hidden;
};

struct points {
    struct point *at; /* owned; at[count] is a sentinel: value 0, from = length of the original */
    size_t count, cap;
};

enum { POINTS_E_REFUSED = 1 };

void points_release(struct points *points);
/* Replaces what `points` held. POINTS_E_REFUSED: not UTF-8, or longer than PRESENCE_MAX_POINTS. */
int points_read(struct points *points, struct slice text) MUST_CHECK;

/* What is a letter, a digit, a space here; the sentinel is none of them. */
bool point_is_letter(int32_t value);
bool point_is_digit(int32_t value);
bool point_is_space(int32_t value);
bool point_is_upper(int32_t value);
int32_t point_lower(int32_t value);

#endif
