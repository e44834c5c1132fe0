/* SPDX-License-Identifier: Apache-2.0
 *
 * svg — the two pictures of a report: values with their intervals on one axis, and lines over
 * months. Colours are classes that the page's style gives; every picture has a text for those
 * who cannot see it. What is drawn also stands in a table beside it.
 */
#ifndef PRESENCE_SVG_H
#define PRESENCE_SVG_H

#include "base/buf.h"

struct svg_mark {
    const char *label;  /* left of the row; "" where the row above has told it */
    const char *series; /* "visitor", "agent", "one": its colour and shape */
    double value, low, high;
    bool missing; /* too few: the row says so instead */
};

/* A row a mark, from 0 to a round number beyond the largest. */
void svg_intervals(struct buf *to, const char *title, const char *unit,
                   const struct svg_mark *marks, size_t count);

struct svg_line {
    const char *label, *series;
    const double *values;     /* `points` of them; NAN: a gap */
    const double *low, *high; /* their intervals; NULL: they have none */
};

/* `names[i]` under the i-th point, thinned where they would run together. */
void svg_lines(struct buf *to, const char *title, const char *unit, const char *const *names,
               size_t points, const struct svg_line *lines, size_t count);

/* "0", "0.25", "1,234": as people read numbers. */
void svg_number(struct buf *to, double value);
/* "+2.0", "−0.5", "0.0": a difference, with as many digits; never a zero with a sign. */
void svg_signed(struct buf *to, double value, int digits);

#endif
