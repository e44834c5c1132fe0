/* SPDX-License-Identifier: Apache-2.0
 *
 * Every figure here was worked by hand; the sums stand beside them.
 */
#include "presence/agreement.h"

#include "tests/support/cmocka.h"

#include <math.h>

#define assert_near(value, expected) assert_true(fabs((value) - (expected)) < 1e-9)

static void kappa__is_agreement_beyond_chance(void **state)
{
    /* 50 messages: po = 35/50 = .7; first marks 25, second 30: pe = .5 × .6 + .5 × .4 = .5;
     * κ = (.7 − .5) ÷ (1 − .5) = .4 */
    const struct agreement_counts counts = { 20, 5, 10, 15 };

    (void)state;
    assert_near(agreement_percent(&counts), 70);
    assert_near(agreement_prevalence(&counts), 0.5);
    assert_near(agreement_kappa(&counts), 0.4);
}

static void kappa__of_what_nobody_marks__is_undefined(void **state)
{
    const struct agreement_counts none = { 0, 0, 0, 40 }, empty = { 0, 0, 0, 0 };

    (void)state;
    assert_true(isnan(agreement_kappa(&none)));
    assert_near(agreement_percent(&none), 100);
    assert_true(isnan(agreement_percent(&empty)));
    assert_true(isnan(agreement_f1(&none)));
}

static void precision_recall_f1__are_of_the_second_coder(void **state)
{
    /* the second marks 30 of which 20 rightly: 20/30; of the first's 25 it finds 20: 20/25;
     * F1 = 2 × 20 ÷ (2 × 20 + 5 + 10) = 40/55 */
    const struct agreement_counts counts = { 20, 5, 10, 15 };

    (void)state;
    assert_near(agreement_precision(&counts), 20.0 / 30);
    assert_near(agreement_recall(&counts), 0.8);
    assert_near(agreement_f1(&counts), 40.0 / 55);
}

static void alpha__of_two_coders__is_krippendorffs_own_example(void **state)
{
    /* Computing Krippendorff's Alpha-Reliability (2011), section A: ten units, two coders,
     * n0 = 14, n1 = 6, o01 = 4: α = 1 − 19 × 4 ÷ (14 × 6) = .095… */
    static const size_t meg[] = { 0, 1, 0, 0, 0, 0, 0, 0, 1, 0 };
    static const size_t owen[] = { 1, 1, 1, 0, 0, 1, 0, 0, 0, 0 };
    struct agreement_coincidences sum = { 0, 0, 0 };

    (void)state;
    for (size_t i = 0; i < 10; i++)
        agreement_coincide(&sum, meg[i] + owen[i], 2 - meg[i] - owen[i]);
    assert_near(agreement_alpha(&sum), 1 - 76.0 / 84);
}

static void alpha__of_three_coders__lets_judgements_be_missing(void **state)
{
    /* 1 1 1 · 1 0 – · 0 0 0 · 1 – –: the last cannot be paired. Ones 4, zeros 4, n 8; mixed
     * 1 × 1 ÷ 1 = 1; α = 1 − 1 ÷ (4 × 4 ÷ 7) = 9/16 */
    struct agreement_coincidences sum = { 0, 0, 0 };

    (void)state;
    agreement_coincide(&sum, 3, 0);
    agreement_coincide(&sum, 1, 1);
    agreement_coincide(&sum, 0, 3);
    agreement_coincide(&sum, 1, 0);
    assert_near(agreement_alpha(&sum), 9.0 / 16);
}

/* Adds `count` messages that the two mark as told. */
static void add(struct agreement *agreement, size_t conversation, bool first, bool second,
                size_t count)
{
    const presence_codes bit = PRESENCE_CODE_BIT(PRESENCE_INT_Q);
    const struct agreement_rating ratings[] = { { bit, first ? bit : 0 },
                                                { bit, second ? bit : 0 } };

    for (size_t i = 0; i < count; i++)
        assert_int_equal(agreement_add(agreement, conversation, "en", PRESENCE_VISITOR, ratings),
                         OK);
}

static struct agreement_result measure(const struct agreement *agreement)
{
    struct agreement_query query = {
        .code = PRESENCE_INT_Q, .language = "en", .role = -1, .first = 0, .second = 1, .seed = 7
    };
    struct agreement_result result;

    assert_int_equal(agreement_measure(agreement, &query, &result), OK);
    return result;
}

static void interval__is_drawn_over_conversations_not_messages(void **state)
{
    /* One conversation in full agreement (κ 1), one in full disagreement (κ −1), κ 0 together. Of
     * two drawn out of two, a quarter are twice the first and a quarter twice the second: the
     * percentiles lie at −1 and 1. Over 40 single messages they would lie near ±.3. */
    AUTO(agreement) agreement = NULL;
    struct agreement_result result;

    (void)state;
    assert_int_equal(agreement_new(&agreement, 2), OK);
    add(agreement, 1, true, true, 10);
    add(agreement, 1, false, false, 10);
    add(agreement, 2, true, false, 10);
    add(agreement, 2, false, true, 10);
    result = measure(agreement);
    assert_int_equal(result.units, 40);
    assert_int_equal(result.conversations, 2);
    assert_near(result.kappa.value, 0);
    assert_near(result.kappa.low, -1);
    assert_near(result.kappa.high, 1);
    assert_near(result.f1.value, 0.5);
}

static void interval__of_the_same_seed__is_the_same(void **state)
{
    AUTO(agreement) agreement = NULL;
    struct agreement_result first, second;

    (void)state;
    assert_int_equal(agreement_new(&agreement, 2), OK);
    for (size_t i = 0; i < 20; i++) {
        add(agreement, i, true, i % 3 != 0, 2);
        add(agreement, i, false, i % 5 == 0, 3);
    }
    first = measure(agreement);
    second = measure(agreement);
    assert_true(first.kappa.low < first.kappa.value && first.kappa.value < first.kappa.high);
    assert_memory_equal(&first.kappa, &second.kappa, sizeof(first.kappa));
}

static void measure__leaves_out_what_one_did_not_judge_and_other_languages(void **state)
{
    const presence_codes bit = PRESENCE_CODE_BIT(PRESENCE_INT_Q);
    const struct agreement_rating disputed[] = { { 0, bit }, { bit, bit } };
    const struct agreement_rating both[] = { { bit, bit }, { bit, bit } };
    AUTO(agreement) agreement = NULL;

    (void)state;
    assert_int_equal(agreement_new(&agreement, 2), OK);
    add(agreement, 1, true, true, 3);
    assert_int_equal(agreement_add(agreement, 1, "en", PRESENCE_AGENT, disputed), OK);
    assert_int_equal(agreement_add(agreement, 2, "fi", PRESENCE_AGENT, both), OK);
    assert_int_equal(measure(agreement).units, 3);
}

static struct agreement_result with_kappa(double value, double low, double marked)
{
    return (struct agreement_result){ .kappa = { value, low, 1 }, .counts = { marked, 0, 0, 100 } };
}

static void class__goes_by_the_lower_bound_and_needs_something_to_go_by(void **state)
{
    const struct agreement_result a = with_kappa(0.9, 0.70, 30), b = with_kappa(0.9, 0.69, 30);
    const struct agreement_result h = with_kappa(0.39, 0.1, 30), few = with_kappa(1, 1, 4);
    const struct agreement_result none = with_kappa(NAN, NAN, 0);

    (void)state;
    assert_int_equal(agreement_class(&a), PRESENCE_CLASS_A);
    assert_int_equal(agreement_class(&b), PRESENCE_CLASS_B);
    assert_int_equal(agreement_class(&h), PRESENCE_CLASS_H);
    assert_int_equal(agreement_class(&few), PRESENCE_CLASS_B);
    assert_int_equal(agreement_class(&none), PRESENCE_CLASS_H);
}

RUN(cmocka_unit_test(kappa__is_agreement_beyond_chance),
    cmocka_unit_test(kappa__of_what_nobody_marks__is_undefined),
    cmocka_unit_test(precision_recall_f1__are_of_the_second_coder),
    cmocka_unit_test(alpha__of_two_coders__is_krippendorffs_own_example),
    cmocka_unit_test(alpha__of_three_coders__lets_judgements_be_missing),
    cmocka_unit_test(interval__is_drawn_over_conversations_not_messages),
    cmocka_unit_test(interval__of_the_same_seed__is_the_same),
    cmocka_unit_test(measure__leaves_out_what_one_did_not_judge_and_other_languages),
    cmocka_unit_test(class__goes_by_the_lower_bound_and_needs_something_to_go_by))
