/* SPDX-License-Identifier: Apache-2.0
 *
 * resample — the 95 % interval of a figure that is reckoned of sums over chats: 1,000 draws of
 * whole chats with replacement, from a fixed seed, percentiles 2.5 and 97.5 (Efron & Tibshirani
 * 1993, 13.3). Messages of one chat lean on each other; drawing them apart would make it too
 * narrow.
 */
#ifndef PRESENCE_RESAMPLE_H
#define PRESENCE_RESAMPLE_H

#include "base/result.h"
#include "presence/figures/stats.h"

enum { RESAMPLE_DRAWS = 1000 };
extern const uint64_t resample_seed;

enum { RESAMPLE_SUMS = 4 };
struct resample_row {
    double sums[RESAMPLE_SUMS]; /* what a chat adds to each of them */
};

/* `value` makes the figure of the sums; NAN: of these it is none. An interval of which a twentieth
 * of the draws are none is NAN on both sides. */
int resample_interval(const struct resample_row *rows, size_t count,
                      double (*value)(const double sums[RESAMPLE_SUMS]),
                      struct interval *ret_interval) MUST_CHECK;

/* Sorts the draws of one figure, and reads its interval off them. */
struct interval resample_percentiles(double draws[RESAMPLE_DRAWS]);
/* The same where some may be NAN, as those of resample_interval(). */
struct interval resample_defined(double draws[RESAMPLE_DRAWS]);

#endif
