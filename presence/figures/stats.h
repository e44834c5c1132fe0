/* SPDX-License-Identifier: Apache-2.0
 *
 * stats — the few statistics that figures need, each with its source. Plain arithmetic on plain
 * numbers; tests/unit/test_stats.c works each one by hand.
 */
#ifndef PRESENCE_STATS_H
#define PRESENCE_STATS_H

#include <stddef.h>
#include <stdint.h>

struct interval {
    double low, high;
};

/* The value that more than a share p of the n sorted values do not exceed: the one with index
 * floor(p × n), from 0. Always a wait that someone had; the upper median where n is even. */
uint64_t stats_quantile(const uint64_t *sorted, size_t n, double p);
/* Its 95 % interval by order statistics: the values with ranks n·p ± 1.96·√variance (Conover,
 * Practical Nonparametric Statistics, 3rd ed. 1999, 3.2). The variance is that of how many values
 * stand below the quantile: n·p·(1−p) where each value was drawn for itself; where they were drawn
 * in clusters Σ (below − p·values)² over clusters (Woodruff 1952, JASA 47:635–646). Free of any
 * shape; n at least 1. */
struct interval stats_quantile_interval(const uint64_t *sorted, size_t n, double p,
                                        double variance);

/* Wilson's score interval of a share, 95 % (Wilson 1927, JASA 22:209–212). n at least 1. */
struct interval stats_wilson(size_t hits, size_t n);

/* The upper end of the 95 % interval of a rate at which nothing was found in so many words: −ln
 * .025 ÷ words (Garwood 1936, Biometrika 28:437–442). */
double stats_none_of(uint64_t words);

/* The 95 % interval of a difference of two independent shares, hits/n − other_hits/other_n, from
 * both Wilson intervals (Newcombe 1998, Statistics in Medicine 17:873–890, method 10). Each n at
 * least 1. */
struct interval stats_difference(size_t hits, size_t n, size_t other_hits, size_t other_n);

/* The 95 % interval of a ratio of two independent shares, by its logarithm: e^(ln r ± 1.96·√(1/hits
 * − 1/n
 * + 1/other_hits − 1/other_n)) (Katz, Baptista, Azen & Pike 1978). Hits of both at least 1. */
struct interval stats_ratio(size_t hits, size_t n, size_t other_hits, size_t other_n);

/* The 95 % interval of a difference of two independent means, ± 1.96·√(s²/n + t²/m), variances as
 * they are (Welch 1947); for n and m of 30 and more. */
struct interval stats_means_difference(double sum, double squares, size_t n, double other_sum,
                                       double other_squares, size_t other_n);

/* The mean's 95 % interval, mean ± 1.96·s/√n with s² = (Σx² − (Σx)²/n)/(n − 1); for n of 30 and
 * more. n at least 2. */
struct interval stats_mean_interval(double sum, double sum_of_squares, size_t n);

/* The 95 % interval of a difference of two shares of the same n, (plus − minus)/n, as that of
 * promoters and detractors: the normal one, once ¾ of an answer is added to each and 1½ to those
 * between (Rocks 2016, The American Statistician 70:365–372). So it has a width where all agree. */
struct interval stats_net_interval(size_t plus, size_t minus, size_t n);

/* Pearson's χ² of a table of counts, rows × columns, with its p and Cramér's V =
 * √(χ² / (N × (min(rows, columns) − 1))) (Cramér 1946, 21.9). Rows and columns that hold nothing
 * do not count. `df` 0: there is nothing to test. `least_expected` warns: below 5 the
 * approximation is poor (Cochran 1954). */
struct chi2 {
    double chi2, p, v, least_expected;
    double largest; /* that χ² could be of such a table: N × (min(rows, columns) − 1) */
    unsigned df;
};
struct chi2 stats_chi2(const unsigned *table, size_t rows, size_t columns);

/* The 95 % interval of V in what the table was drawn from, by that of the noncentrality λ of χ²:
 * those λ of which what was found stands at the 97.5th and at the 2.5th percentile, √(λ / (N ×
 * (min(rows, columns) − 1))) (Smithson 2003, Confidence Intervals, ch. 4), and no more than 1,
 * which V cannot exceed. V itself stands high in it, for χ² of nothing at all is df on average. df
 * at least 1. */
struct interval stats_v_interval(const struct chi2 *found);
/* P(X ≥ chi2), X noncentral χ²-distributed: Poisson weights of λ/2 over tails of df + 2j
 * (Abramowitz & Stegun 26.4.25); above 1,000 by the normal distribution, from which it differs no
 * more. */
double stats_noncentral_tail(double chi2, unsigned df, double lambda);

/* P(X ≥ chi2), X χ²-distributed with df degrees of freedom: the regularised upper incomplete
 * gamma function Q(df/2, chi2/2), by series or continued fraction (Abramowitz & Stegun 6.5.29,
 * 6.5.31). */
double stats_chi2_tail(double chi2, unsigned df);

#endif
