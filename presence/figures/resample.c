/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/resample.h"

#include "base/auto.h"
#include "base/secret/random.h"

#include <math.h>
#include <stdlib.h>

const uint64_t resample_seed = 0x5ca1ab1e0ddba11u;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* By nearest rank: of 1,000 the 25th and the 975th. */
static struct interval percentiles(double *draws, size_t count)
{
    qsort(draws, count, sizeof(*draws), by_value);
    return (struct interval){ draws[(count * 25 + 999) / 1000 - 1],
                              draws[(count * 975 + 999) / 1000 - 1] };
}

struct interval resample_percentiles(double draws[RESAMPLE_DRAWS])
{
    return percentiles(draws, RESAMPLE_DRAWS);
}

struct interval resample_defined(double draws[RESAMPLE_DRAWS])
{
    size_t defined = 0;

    for (size_t i = 0; i < RESAMPLE_DRAWS; i++)
        if (!isnan(draws[i]))
            draws[defined++] = draws[i];
    return defined * 20 < RESAMPLE_DRAWS * 19 ? (struct interval){ NAN, NAN }
                                              : percentiles(draws, defined);
}

static double draw(const struct resample_row *rows, size_t count, struct prng *prng,
                   double (*value)(const double sums[RESAMPLE_SUMS]))
{
    double sums[RESAMPLE_SUMS] = { 0 };

    for (size_t i = 0; i < count; i++) {
        const struct resample_row *row = &rows[prng_below(prng, count)];

        for (int sum = 0; sum < RESAMPLE_SUMS; sum++)
            sums[sum] += row->sums[sum];
    }
    return value(sums);
}

int resample_interval(const struct resample_row *rows, size_t count,
                      double (*value)(const double sums[RESAMPLE_SUMS]),
                      struct interval *ret_interval)
{
    AUTO_MEM double *draws = malloc(RESAMPLE_DRAWS * sizeof(*draws));
    struct prng prng = prng_seeded(resample_seed);

    if (draws == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (int round = 0; round < RESAMPLE_DRAWS; round++)
        draws[round] = draw(rows, count, &prng, value);
    *ret_interval = resample_defined(draws);
    return OK;
}
