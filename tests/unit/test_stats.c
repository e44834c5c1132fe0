/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/stats.h"
#include "tests/support/cmocka.h"

#include <math.h>

static void near(double is, double wanted, double within)
{
    if (!(fabs(is - wanted) <= within))
        fail_msg("%.10g is not %.10g", is, wanted);
}

/* 5 values: index floor(2.5) = 2; 4 values: floor(2) = 2, the upper of the two in the middle. */
static void quantile__is_a_value_that_was_there(void **state)
{
    static const uint64_t five[] = { 1, 3, 5, 7, 100 }, four[] = { 1, 3, 5, 7 }, one[] = { 9 };

    (void)state;
    assert_int_equal(stats_quantile(five, 5, 0.5), 5);
    assert_int_equal(stats_quantile(five, 5, 0.9), 100); /* floor(4.5) = 4 */
    assert_int_equal(stats_quantile(four, 4, 0.5), 5);
    assert_int_equal(stats_quantile(one, 1, 0.9), 9);
}

/* n = 100, p = .5: 50 ± 1.96 × 5 = 40.2 … 59.8, so values 40 and 60 of 0 … 99. */
static void quantile_interval__stands_at_binomial_ranks(void **state)
{
    uint64_t values[100];
    struct interval interval;

    (void)state;
    for (uint64_t i = 0; i < 100; i++)
        values[i] = i;
    interval = stats_quantile_interval(values, 100, 0.5, 25);
    near(interval.low, 40, 0);
    near(interval.high, 60, 0);
    interval = stats_quantile_interval(values, 1, 0.5, 0.25);
    near(interval.low, 0, 0);
    near(interval.high, 0, 0);
}

/* 8 of 10: centre (.8 + 3.8415/20)/(1 + .38415) = .71674, reach 1.96 × √(.016 + .0096036)/1.38415
 * = .22657. */
static void wilson__holds_the_share_and_stays_within_0_and_1(void **state)
{
    struct interval interval = stats_wilson(8, 10);

    (void)state;
    near(interval.low, 0.4901625, 1e-6);
    near(interval.high, 0.9433178, 1e-6);
    interval = stats_wilson(0, 20); /* z²/(n + z²) = 3.8415/23.8415 */
    near(interval.low, 0, 0);
    near(interval.high, 0.1611252, 1e-6);
    near(stats_wilson(20, 20).high, 1, 0);
}

/* 1, 2, 3, 4: mean 2.5, s² = (30 − 25)/3 = 5/3, reach 1.96 × √(5/12). */
static void mean_interval__is_that_of_the_textbook(void **state)
{
    struct interval interval = stats_mean_interval(10, 30, 4);

    (void)state;
    near(interval.high - 2.5, 1.2651516, 1e-6);
    near(2.5 - interval.low, 1.2651516, 1e-6);
}

/* 10 20 / 30 40: expected 12 18 / 28 42; χ² = 4/12 + 4/18 + 4/28 + 4/42 = .793651, V = √(χ²/100).
 */
/* All of 30 promote: p = 30.75/33, q = .75/33, net .90909, √((.95455 − .82645)/33) × 1.96 = .12211.
 * Half and half of 32: p = q = 16.75/35, reach 1.96 × √(.95714/35) = .32412. */
static void net_interval__has_a_width_where_all_agree(void **state)
{
    struct interval interval = stats_net_interval(30, 0, 30);

    (void)state;
    near(interval.low, 0.78698, 1e-4);
    near(interval.high, 1, 0);
    interval = stats_net_interval(16, 16, 32);
    near(interval.low, -0.32412, 1e-4);
    near(interval.high, 0.32412, 1e-4);
}

/* With one degree of freedom √X is |Z + √λ|. P(X ≥ 16) is .025 where 4 − √λ = 1.96 (the other side
 * adds nothing that counts), λ = 4.1616, and .975 where it is −1.96, λ = 35.522. Of N = 100 in two
 * rows: V = .4, √(4.1616/100) = .2040 to √(35.522/100) = .5960. χ² = .79 may well come of nothing:
 * 0 to where .8888 − √λ = −1.96, √(8.1157/100) = .28488. */
static void v_interval__is_that_of_the_noncentrality(void **state)
{
    struct chi2 found = { .chi2 = 16, .v = 0.4, .df = 1, .largest = 100 };
    struct interval interval = stats_v_interval(&found);

    (void)state;
    near(stats_noncentral_tail(16, 1, 4.1616), 0.025, 1e-4);
    near(stats_noncentral_tail(16, 1, 35.522), 0.975, 1e-4);
    near(interval.low, 0.2040, 1e-4);
    near(interval.high, 0.5960, 1e-4);
    found.chi2 = 0.79;
    interval = stats_v_interval(&found);
    near(interval.low, 0, 0);
    near(interval.high, 0.2849, 1e-3);
    found.chi2 = 99; /* √λ = 9.95 ± 1.96: .799 to 1.191, but no V is more than 1 */
    interval = stats_v_interval(&found);
    near(interval.low, 0.7990, 1e-3);
    near(interval.high, 1, 0);
}

/* Either side of where the normal distribution takes over, the tails are the same: of χ² = 1,000
 * with λ = 990 and df = 10 it is near one half. */
static void noncentral_tail__of_large_tables__goes_on(void **state)
{
    (void)state;
    near(stats_noncentral_tail(1000, 10, 990), stats_noncentral_tail(1000.001, 10, 990), 0.01);
    near(stats_noncentral_tail(1000, 10, 870), stats_noncentral_tail(1000.001, 10, 870), 0.005);
}

static void chi2__of_a_table__is_worked_by_hand(void **state)
{
    static const unsigned table[] = { 10, 20, 30, 40 };
    struct chi2 result = stats_chi2(table, 2, 2);

    (void)state;
    near(result.chi2, 0.7936508, 1e-6);
    assert_int_equal(result.df, 1);
    near(result.v, 0.0890871, 1e-6);
    near(result.least_expected, 12, 1e-9);
    near(result.p, 0.3729985, 1e-6);
}

static void chi2__leaves_out_what_is_empty(void **state)
{
    static const unsigned with_gaps[] = { 10, 0, 20, 0, 0, 0, 30, 0, 40 };
    static const unsigned one_row[] = { 3, 4, 5 }, nothing[] = { 0, 0, 0, 0 };

    (void)state;
    near(stats_chi2(with_gaps, 3, 3).chi2, 0.7936508, 1e-6);
    assert_int_equal(stats_chi2(with_gaps, 3, 3).df, 1);
    assert_int_equal(stats_chi2(one_row, 1, 3).df, 0);
    assert_int_equal(stats_chi2(nothing, 2, 2).df, 0);
}

/* The 5 % points of every table: 3.841 (1), 5.991 (2), 18.307 (10); and e^(−x/2) for 2. */
static void chi2_tail__meets_the_printed_tables(void **state)
{
    (void)state;
    near(stats_chi2_tail(3.841459, 1), 0.05, 1e-6);
    near(stats_chi2_tail(5.991465, 2), 0.05, 1e-6);
    near(stats_chi2_tail(18.307038, 10), 0.05, 1e-6);
    near(stats_chi2_tail(0.2, 2), exp(-0.1), 1e-12);
    near(stats_chi2_tail(40, 2), exp(-20), 1e-18);
    near(stats_chi2_tail(0, 3), 1, 0);
}

/* Newcombe 1998, table II, method 10: 56/70 against 48/80 gives 0.0524 to 0.3339; 10/10 against
 * 0/10 gives 0.6075 to 1. */
static void difference__is_that_of_newcombes_table(void **state)
{
    struct interval interval = stats_difference(56, 70, 48, 80);

    (void)state;
    near(interval.low, 0.0524, 5e-5);
    near(interval.high, 0.3339, 5e-5);
    interval = stats_difference(10, 10, 0, 10);
    near(interval.low, 0.6075, 5e-5);
    near(interval.high, 1, 5e-5);
}

/* 20/40 against 10/40: ratio 2; √(1/20 − 1/40 + 1/10 − 1/40) = √.1 = .316228; 2 × e^±.619796
 * = 1.0761 and 3.7170. */
static void ratio__has_the_interval_of_its_logarithm(void **state)
{
    struct interval interval = stats_ratio(20, 40, 10, 40);

    (void)state;
    near(interval.low, 1.0761, 1e-4);
    near(interval.high, 3.7170, 1e-4);
}

/* 1 and 3 (mean 2, s² 2), 1, 2, 3 (mean 2, s² 1): 0 ± 1.959964 × √(2/2 + 1/3) = ± 2.263171. */
static void means_difference__keeps_each_variance(void **state)
{
    struct interval interval = stats_means_difference(4, 10, 2, 6, 14, 3);

    (void)state;
    near(interval.low, -2.263171, 1e-6);
    near(interval.high, 2.263171, 1e-6);
}

RUN(cmocka_unit_test(ratio__has_the_interval_of_its_logarithm),
    cmocka_unit_test(means_difference__keeps_each_variance),
    cmocka_unit_test(quantile__is_a_value_that_was_there),
    cmocka_unit_test(difference__is_that_of_newcombes_table),
    cmocka_unit_test(quantile_interval__stands_at_binomial_ranks),
    cmocka_unit_test(wilson__holds_the_share_and_stays_within_0_and_1),
    cmocka_unit_test(mean_interval__is_that_of_the_textbook),
    cmocka_unit_test(net_interval__has_a_width_where_all_agree),
    cmocka_unit_test(v_interval__is_that_of_the_noncentrality),
    cmocka_unit_test(noncentral_tail__of_large_tables__goes_on),
    cmocka_unit_test(chi2__of_a_table__is_worked_by_hand),
    cmocka_unit_test(chi2__leaves_out_what_is_empty),
    cmocka_unit_test(chi2_tail__meets_the_printed_tables))
