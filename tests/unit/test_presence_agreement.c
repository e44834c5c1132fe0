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

static void ac1__holds_where_one_answer_is_rare_and_kappa_does_not(void **state)
{
    /* Gwet 2008: 125 units, po = 118/125 = .944. κ: p = 123/125, q = 120/125, pe = .984 × .96 +
     * .016 × .04 = .94528, κ = −.00128 ÷ .05472. AC1: π = (123 + 120) ÷ 250 = .972, pe = 2 × .972 ×
     * .028 = .054432, AC1 = .889568 ÷ .945568 = .94077… */
    const struct agreement_counts counts = { 118, 5, 2, 0 }, none = { 0, 0, 0, 40 };

    (void)state;
    assert_near(agreement_kappa(&counts), -0.00128 / 0.05472);
    assert_near(agreement_ac1(&counts), 0.889568 / 0.945568);
    assert_near(agreement_ac1(&none), 1);
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
    assert_near(result.percent.value, 50);
    assert_near(result.percent.low, 0);
    assert_near(result.percent.high, 100);
    /* π = ½, so pe = ½ as κ's: of the first chat alone 1, of the second −1 */
    assert_near(result.ac1.value, 0);
    assert_near(result.ac1.low, -1);
    assert_near(result.ac1.high, 1);
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

static void measures_of_a_sample__are_those_of_what_was_drawn_from(void **state)
{
    /* Drawn with: one chat, weight 1, in which both mark 8 and only the first 2. Drawn without: one
     * chat, weight 10, in which neither marks 18, only the first 1 and only the second 1.
     * a = 8, b = 2 + 10 × 1 = 12, c = 10, d = 180, n = 210: recall 8 ÷ 20, precision 8 ÷ 18; po =
     * 188/210, p = 20/210, q = 18/210, pe = (20 × 18 + 190 × 192) ÷ 210² = 36840/44100.
     * α: pairs of ones 16 + 22, by weight: ones 2a + b + c = 16 + 12 + 10 = 38, zeros 382, mixed
     * 22; α = 1 − 419 × 22 ÷ (38 × 382). Unweighted recall would be 8 ÷ 11. */
    const double po = 188.0 / 210, pe = 36840.0 / 44100;
    AUTO(agreement) agreement = NULL;
    struct agreement_result result;

    (void)state;
    assert_int_equal(agreement_new(&agreement, 2), OK);
    agreement_drawn(agreement, 1, 10);
    add(agreement, 1, false, false, 18);
    add(agreement, 1, true, false, 1);
    add(agreement, 1, false, true, 1);
    agreement_drawn(agreement, 0, 1);
    add(agreement, 2, true, true, 8);
    add(agreement, 2, true, false, 2);
    result = measure(agreement);
    assert_int_equal(result.units, 30);
    assert_int_equal(result.marked, 11);
    assert_near(result.recall.value, 8.0 / 20);
    assert_near(result.precision.value, 8.0 / 18);
    assert_near(result.kappa.value, (po - pe) / (1 - pe));
    assert_near(result.alpha.value, 1 - 419.0 * 22 / (38.0 * 382));
}

/* As above, but of the second stratum five were drawn, each for 2, and one of them is coded: it
 * stands for all five. */
static void what_is_coded_of_a_stratum__stands_for_the_rest(void **state)
{
    AUTO(agreement) agreement = NULL;
    struct agreement_result result;

    (void)state;
    assert_int_equal(agreement_new(&agreement, 2), OK);
    agreement_drawn(agreement, 1, 2);
    add(agreement, 1, false, false, 18);
    add(agreement, 1, true, false, 1);
    add(agreement, 1, false, true, 1);
    agreement_drawn(agreement, 0, 1);
    add(agreement, 2, true, true, 8);
    add(agreement, 2, true, false, 2);
    agreement_scale(agreement, 1, 5);
    result = measure(agreement);
    assert_int_equal(result.units, 30);
    assert_near(result.recall.value, 8.0 / 20);
    assert_near(result.precision.value, 8.0 / 18);
}

static void draws_of_a_sample__stay_within_their_stratum(void **state)
{
    /* One chat a stratum: every draw is the same, so the interval has no width. Drawn across strata
     * it would be the −1 to 1 of the case above. */
    AUTO(agreement) agreement = NULL;
    struct agreement_result result;

    (void)state;
    assert_int_equal(agreement_new(&agreement, 2), OK);
    agreement_drawn(agreement, 0, 1);
    add(agreement, 1, true, true, 10);
    add(agreement, 1, false, false, 10);
    agreement_drawn(agreement, 1, 1);
    add(agreement, 2, true, false, 10);
    add(agreement, 2, false, true, 10);
    result = measure(agreement);
    assert_near(result.kappa.value, 0);
    assert_near(result.kappa.low, 0);
    assert_near(result.kappa.high, 0);
}

static struct agreement_result with_kappa(double value, double low, size_t marked)
{
    return (struct agreement_result){ .kappa = { value, low, 1 }, .marked = marked };
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
    cmocka_unit_test(ac1__holds_where_one_answer_is_rare_and_kappa_does_not),
    cmocka_unit_test(kappa__of_what_nobody_marks__is_undefined),
    cmocka_unit_test(precision_recall_f1__are_of_the_second_coder),
    cmocka_unit_test(alpha__of_two_coders__is_krippendorffs_own_example),
    cmocka_unit_test(alpha__of_three_coders__lets_judgements_be_missing),
    cmocka_unit_test(interval__is_drawn_over_conversations_not_messages),
    cmocka_unit_test(interval__of_the_same_seed__is_the_same),
    cmocka_unit_test(measures_of_a_sample__are_those_of_what_was_drawn_from),
    cmocka_unit_test(what_is_coded_of_a_stratum__stands_for_the_rest),
    cmocka_unit_test(draws_of_a_sample__stay_within_their_stratum),
    cmocka_unit_test(measure__leaves_out_what_one_did_not_judge_and_other_languages),
    cmocka_unit_test(class__goes_by_the_lower_bound_and_needs_something_to_go_by))
