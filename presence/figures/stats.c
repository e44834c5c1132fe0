/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/stats.h"

#include <math.h>

static const double Z = 1.959963984540054; /* Φ⁻¹(0.975) */

static size_t rank_of(double at, size_t n)
{
    if (at < 0)
        return 0;
    return (size_t)at < n ? (size_t)at : n - 1;
}

uint64_t stats_quantile(const uint64_t *sorted, size_t n, double p)
{
    return sorted[rank_of(floor(p * (double)n), n)];
}

struct interval stats_quantile_interval(const uint64_t *sorted, size_t n, double p, double variance)
{
    double centre = p * (double)n, reach = Z * sqrt(variance);

    return (struct interval){ (double)sorted[rank_of(floor(centre - reach), n)],
                              (double)sorted[rank_of(ceil(centre + reach), n)] };
}

struct interval stats_wilson(size_t hits, size_t n)
{
    double count = (double)n, p = (double)hits / count, z2 = Z * Z;
    double centre = (p + z2 / (2 * count)) / (1 + z2 / count);
    double reach = Z * sqrt(p * (1 - p) / count + z2 / (4 * count * count)) / (1 + z2 / count);

    /* At the ends the formula is exact, the arithmetic a hair beside it. */
    return (struct interval){ hits == 0 ? 0 : centre - reach, hits == n ? 1 : centre + reach };
}

double stats_none_of(uint64_t words)
{
    return -log(0.025) / (double)words;
}

struct interval stats_difference(size_t hits, size_t n, size_t other_hits, size_t other_n)
{
    double p = (double)hits / (double)n, q = (double)other_hits / (double)other_n;
    struct interval of = stats_wilson(hits, n), other = stats_wilson(other_hits, other_n);

    return (struct interval){ p - q - sqrt(pow(p - of.low, 2) + pow(other.high - q, 2)),
                              p - q + sqrt(pow(of.high - p, 2) + pow(q - other.low, 2)) };
}

struct interval stats_ratio(size_t hits, size_t n, size_t other_hits, size_t other_n)
{
    double a = (double)hits, b = (double)other_hits, ratio = a / (double)n * (double)other_n / b;
    double reach = Z * sqrt(1 / a - 1 / (double)n + 1 / b - 1 / (double)other_n);
    double least = ratio * exp(-reach), most = ratio * exp(reach);

    return (struct interval){ least, most };
}

static double variance_of_mean(double sum, double squares, size_t n)
{
    double count = (double)n, variance = (squares - sum * sum / count) / (count - 1);

    return (variance > 0 ? variance : 0) / count;
}

struct interval stats_means_difference(double sum, double squares, size_t n, double other_sum,
                                       double other_squares, size_t other_n)
{
    double difference = sum / (double)n - other_sum / (double)other_n;
    double reach = Z * sqrt(variance_of_mean(sum, squares, n) +
                            variance_of_mean(other_sum, other_squares, other_n));

    return (struct interval){ difference - reach, difference + reach };
}

struct interval stats_mean_interval(double sum, double sum_of_squares, size_t n)
{
    double count = (double)n, mean = sum / count;
    double variance = (sum_of_squares - sum * sum / count) / (count - 1);
    double reach = Z * sqrt((variance > 0 ? variance : 0) / count);

    return (struct interval){ mean - reach, mean + reach };
}

struct interval stats_net_interval(size_t plus, size_t minus, size_t n)
{
    double count = (double)n + 3, p = ((double)plus + 0.75) / count;
    double q = ((double)minus + 0.75) / count, net = p - q;
    double reach = Z * sqrt((p + q - net * net) / count);

    return (struct interval){ fmax(net - reach, -1), fmin(net + reach, 1) };
}

/* --- χ² --- */

/* Σ xⁿ Γ(a)/Γ(a+1+n): quick below a + 1. */
static double gamma_series(double a, double x)
{
    double term = 1 / a, sum = term;

    for (int n = 1; n < 1000 && fabs(term) > fabs(sum) * 1e-15; n++) {
        term *= x / (a + n);
        sum += term;
    }
    return sum * exp(-x + a * log(x) - lgamma(a));
}

/* The continued fraction by Lentz's method: quick above a + 1. */
static double gamma_fraction(double a, double x)
{
    const double tiny = 1e-300;
    double b = x + 1 - a, c = 1 / tiny, d = 1 / b, h = d;

    for (int i = 1; i < 1000; i++) {
        double an = -i * (i - a), delta;

        b += 2;
        d = an * d + b;
        d = 1 / (fabs(d) < tiny ? tiny : d);
        c = b + an / c;
        c = fabs(c) < tiny ? tiny : c;
        delta = d * c;
        h *= delta;
        if (fabs(delta - 1) < 1e-15)
            break;
    }
    return h * exp(-x + a * log(x) - lgamma(a));
}

double stats_chi2_tail(double chi2, unsigned df)
{
    double a = df / 2.0, x = chi2 / 2;

    if (x <= 0)
        return 1;
    return x < a + 1 ? 1 - gamma_series(a, x) : gamma_fraction(a, x);
}

double stats_noncentral_tail(double chi2, unsigned df, double lambda)
{
    double half = lambda / 2, reach = 10 * sqrt(half) + 20, tail = 0;
    unsigned from = half > reach ? (unsigned)(half - reach) : 0;

    if (chi2 > 1000)
        return erfc((chi2 - df - lambda) / (2 * sqrt(df + 2 * lambda))) / 2;
    if (lambda <= 0)
        return stats_chi2_tail(chi2, df);
    for (unsigned j = from; j <= half + reach; j++)
        tail += exp(j * log(half) - half - lgamma(j + 1.0)) * stats_chi2_tail(chi2, df + 2 * j);
    return tail;
}

/* The λ of which the tail beyond chi2 is that; 0, where it is more without any. */
static double lambda_of(double chi2, unsigned df, double tail)
{
    double low = 0, high = 4 * chi2 + 100;

    if (stats_noncentral_tail(chi2, df, 0) >= tail)
        return 0;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;

        if (stats_noncentral_tail(chi2, df, middle) < tail)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct interval stats_v_interval(const struct chi2 *found)
{
    double scale = 1 / sqrt(found->largest);
    double low = lambda_of(found->chi2, found->df, 0.025);
    double high = lambda_of(found->chi2, found->df, 0.975);

    return (struct interval){ fmin(sqrt(low) * scale, 1), fmin(sqrt(high) * scale, 1) };
}

static double sum_of(const unsigned *table, size_t from, size_t step, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += table[from + i * step];
    return sum;
}

struct chi2 stats_chi2(const unsigned *table, size_t rows, size_t columns)
{
    struct chi2 result = { .p = 1, .least_expected = INFINITY };
    double total = sum_of(table, 0, 1, rows * columns);
    unsigned used_rows = 0, used_columns = 0, least;

    for (size_t i = 0; i < rows; i++)
        used_rows += sum_of(table, i * columns, 1, columns) > 0;
    for (size_t j = 0; j < columns; j++)
        used_columns += sum_of(table, j, columns, rows) > 0;
    if (used_rows < 2 || used_columns < 2)
        return result;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double expected =
                sum_of(table, i * columns, 1, columns) * sum_of(table, j, columns, rows) / total;
            double apart = table[i * columns + j] - expected;

            if (expected <= 0)
                continue;
            result.chi2 += apart * apart / expected;
            if (expected < result.least_expected)
                result.least_expected = expected;
        }
    }
    least = (used_rows < used_columns ? used_rows : used_columns) - 1;
    result.df = (used_rows - 1) * (used_columns - 1);
    result.p = stats_chi2_tail(result.chi2, result.df);
    result.largest = total * least;
    result.v = sqrt(result.chi2 / result.largest);
    return result;
}
