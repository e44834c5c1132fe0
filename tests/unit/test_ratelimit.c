/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ratelimit.h"

#include "tests/support/cmocka.h"

static const struct ratelimit_rule five_then_two = { .burst = 5, .per_second = 2 };

static void spend__gives_the_burst_and_then_says_how_long_to_wait(void **state)
{
    struct ratelimit limit;

    (void)state;
    ratelimit_init(&limit, &five_then_two, 1000);
    for (int i = 0; i < 5; i++)
        assert_int_equal(ratelimit_spend(&limit, &five_then_two, 1, 1000), 0);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 1, 1000), 500);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 2, 1000), 1000);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 1, 1499), 1);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 1, 1500), 0);
}

static void spend__after_the_wait_it_named__is_granted(void **state)
{
    struct ratelimit limit;
    uint64_t now_ms = 0;

    (void)state;
    ratelimit_init(&limit, &five_then_two, now_ms);
    for (int i = 0; i < 1000; i++) {
        uint32_t wait_ms = ratelimit_spend(&limit, &five_then_two, 1 + (uint32_t)i % 5, now_ms);

        if (wait_ms == 0)
            continue;
        now_ms += wait_ms;
        assert_int_equal(ratelimit_spend(&limit, &five_then_two, 1 + (uint32_t)i % 5, now_ms), 0);
    }
}

static void spend__over_a_long_time__gives_no_more_than_the_rate(void **state)
{
    struct ratelimit limit;
    unsigned granted = 0;

    (void)state;
    ratelimit_init(&limit, &five_then_two, 0);
    for (uint64_t now_ms = 0; now_ms < 60000; now_ms += 7)
        granted += ratelimit_spend(&limit, &five_then_two, 1, now_ms) == 0;
    assert_in_range(granted, 5 + 2 * 59, 5 + 2 * 60);
}

static void refill__stops_at_the_burst(void **state)
{
    struct ratelimit limit;
    unsigned granted = 0;

    (void)state;
    ratelimit_init(&limit, &five_then_two, 0);
    while (ratelimit_spend(&limit, &five_then_two, 1, 0) == 0)
        ;
    while (ratelimit_spend(&limit, &five_then_two, 1, UINT64_MAX / 2) == 0)
        granted++;
    assert_int_equal(granted, 5);
}

static void spend__of_more_than_fits__is_never(void **state)
{
    struct ratelimit limit;

    (void)state;
    ratelimit_init(&limit, &five_then_two, 0);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 6, 0), UINT32_MAX);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 5, 0), 0); /* nothing was taken */
}

static void a_bucket_that_never_refills__stays_empty(void **state)
{
    static const struct ratelimit_rule once = { .burst = 1, .per_second = 0 };
    struct ratelimit limit;

    (void)state;
    ratelimit_init(&limit, &once, 0);
    assert_int_equal(ratelimit_spend(&limit, &once, 1, 0), 0);
    assert_int_equal(ratelimit_spend(&limit, &once, 1, 0), UINT32_MAX);
    assert_int_equal(ratelimit_spend(&limit, &once, 1, 1000u * 3600u * 24u), UINT32_MAX);
}

static void a_large_slow_bucket__refills_at_its_rate_however_long(void **state)
{
    static const struct ratelimit_rule large = { .burst = 1000000, .per_second = 1 };
    struct ratelimit limit;

    (void)state;
    ratelimit_init(&limit, &large, 0);
    assert_int_equal(ratelimit_spend(&limit, &large, 1000000, 0), 0);
    assert_int_equal(ratelimit_spend(&limit, &large, 7200, 7200u * 1000u), 0);
    assert_int_not_equal(ratelimit_spend(&limit, &large, 1, 7200u * 1000u), 0);
}

static void a_clock_that_steps_back__gives_nothing_twice(void **state)
{
    struct ratelimit limit;

    (void)state;
    ratelimit_init(&limit, &five_then_two, 10000);
    assert_int_equal(ratelimit_spend(&limit, &five_then_two, 5, 10000), 0);
    assert_int_not_equal(ratelimit_spend(&limit, &five_then_two, 1, 5000), 0);
    assert_int_not_equal(ratelimit_spend(&limit, &five_then_two, 1, 10000), 0);
}

RUN(cmocka_unit_test(spend__gives_the_burst_and_then_says_how_long_to_wait),
    cmocka_unit_test(spend__after_the_wait_it_named__is_granted),
    cmocka_unit_test(spend__over_a_long_time__gives_no_more_than_the_rate),
    cmocka_unit_test(refill__stops_at_the_burst),
    cmocka_unit_test(spend__of_more_than_fits__is_never),
    cmocka_unit_test(a_bucket_that_never_refills__stays_empty),
    cmocka_unit_test(a_large_slow_bucket__refills_at_its_rate_however_long),
    cmocka_unit_test(a_clock_that_steps_back__gives_nothing_twice))
