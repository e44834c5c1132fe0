/* SPDX-License-Identifier: Apache-2.0
 *
 * The effect study: every number was worked by hand.
 */
#include "presence/figures/effect.h"
#include "tests/support/cmocka.h"

#include <math.h>
#include <string.h>

static struct effect effect;

static int start(void **state)
{
    (void)state;
    memset(&effect, 0, sizeof(effect));
    return 0;
}

static struct buyer untold(bool chatted)
{
    return (struct buyer){ .chatted = chatted,
                           .bought = BUYER_UNTOLD,
                           .solved = BUYER_UNTOLD,
                           .recommend = BUYER_UNTOLD,
                           .trust = BUYER_UNTOLD,
                           .again = BUYER_UNTOLD,
                           .satisfied = BUYER_UNTOLD,
                           .effort = BUYER_UNTOLD,
                           .anyway = BUYER_UNTOLD,
                           .cents = BUYER_UNTOLD };
}

static const json_t *question(const json_t *document, const char *id)
{
    const json_t *list = json_object_get(document, "questions"), *entry;
    size_t i;

    json_array_foreach(list, i, entry)
    {
        if (strcmp(json_string_value(json_object_get(entry, "question")), id) == 0)
            return entry;
    }
    fail_msg("no question %s", id);
    return NULL;
}

static void is_near(const json_t *object, const char *key, double wanted)
{
    double is = json_number_value(json_object_get(object, key));

    if (!json_is_number(json_object_get(object, key)) || !(fabs(is - wanted) < 1e-4))
        fail_msg("%s is %.8g, not %.8g", key, is, wanted);
}

/* 40 who chatted, 24 of whom recommend with 9; 60 who did not, 24 with 10, the rest with 8: .6
 * against .4, a difference of 20 points, and .6 ÷ .4 − 1: 50 % likelier. */
static void buyers__are_compared_by_share_difference_and_ratio(void **state)
{
    const json_t *of;
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 100; i++) {
        struct buyer buyer = untold(i < 40);

        buyer.recommend = i < 24 ? 9 : i >= 40 && i < 64 ? 10 : 8;
        effect_add(&effect, &buyer);
    }
    document = effect_json(&effect);
    is_near(document, "chatted", 40);
    is_near(document, "not", 60);
    of = question(document, "recommend");
    is_near(json_object_get(of, "chatted"), "share", 0.6);
    is_near(json_object_get(of, "not"), "share", 0.4);
    is_near(json_object_get(of, "difference"), "difference", 0.2);
    is_near(json_object_get(of, "ratio"), "likelier", 0.5);
    /* √(1/24 − 1/40 + 1/24 − 1/60) = √.041667 = .204124; 1.5 × e^±.400076 − 1 */
    is_near(json_object_get(of, "ratio"), "low", 1.5 * exp(-0.400076) - 1);
    is_near(json_object_get(of, "ratio"), "high", 1.5 * exp(0.400076) - 1);
    assert_non_null(strstr(json_string_value(json_object_get(document, "warning")), "at random"));
}

/* Orders of 100 and 120 against 80 and 100, thirty of each: means 110 and 90. Orders in another
 * currency, though one comes first, stand for themselves; "eur" is none other. */
static void order_values__are_never_added_up_over_currencies(void **state)
{
    const json_t *orders;
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 121; i++) {
        struct buyer buyer = untold(i % 2 == 1);

        buyer.bought = 1;
        buyer.currency = i == 0 ? SLICE_LITERAL("SEK")
                                : slice_of(i % 3 == 1   ? "eur"
                                           : i % 3 == 2 ? "EUR"
                                                        : "Eur");
        buyer.cents = (i % 4 < 2 ? 10000 : 12000) - (buyer.chatted ? 0 : 2000);
        effect_add(&effect, &buyer);
    }
    document = effect_json(&effect);
    assert_int_equal(json_array_size(json_object_get(document, "orders")), 2);
    orders = json_array_get(json_object_get(document, "orders"), 0);
    assert_string_equal(json_string_value(json_object_get(orders, "currency")), "EUR");
    is_near(json_object_get(orders, "chatted"), "mean", 110);
    is_near(json_object_get(orders, "not"), "mean", 90);
    is_near(orders, "difference", 20);
    orders = json_array_get(json_object_get(document, "orders"), 1);
    is_near(json_object_get(orders, "not"), "n", 1);
    assert_null(json_object_get(orders, "difference"));
    is_near(document, "other_currencies", 0);
    is_near(json_object_get(question(document, "bought"), "chatted"), "count", 60);
}

/* 60 who chatted and 60 who did not. A friend sent every third of the former (20 of 60) and every
 * sixth of the latter (10 of 60): .333 against .167, twice as likely. 6 and 7 are easy: 40 of 60
 * and 20 of 60, twice. 15 of 60 would have bought anyway; what others say of that is not counted.
 */
static void ease_word_of_mouth_and_buying_anyway__are_worked_by_hand(void **state)
{
    const json_t *of;
    AUTO_JSON document = NULL;

    (void)state;
    for (int i = 0; i < 120; i++) {
        struct buyer buyer = untold(i < 60);
        int place = i % 60;

        buyer.told = i % 2 == 0 ? BUYER_BY_LINK : BUYER_BY_WIDGET;
        buyer.source = place % (buyer.chatted ? 3 : 6) == 0 ? SLICE_LITERAL("friend")
                                                            : SLICE_LITERAL("search");
        buyer.effort = place < (buyer.chatted ? 40 : 20) ? 6 + place % 2 : 5;
        buyer.anyway = place < 15;
        effect_add(&effect, &buyer);
    }
    document = effect_json(&effect);
    of = question(document, "friend");
    is_near(json_object_get(of, "chatted"), "share", 1.0 / 3);
    is_near(json_object_get(of, "ratio"), "likelier", 1);
    of = question(document, "effort");
    is_near(json_object_get(of, "chatted"), "count", 40);
    is_near(json_object_get(of, "difference"), "difference", 1.0 / 3);
    is_near(json_object_get(document, "anyway"), "n", 60);
    is_near(json_object_get(document, "anyway"), "share", 0.25);
    is_near(json_object_get(document, "told"), "link", 60);
    is_near(json_object_get(document, "told"), "widget", 60);
}

/* 29 of each are too few to compare, and no ratio is told where the others have no yes. */
static void few_buyers__are_not_compared(void **state)
{
    const json_t *of;
    AUTO_JSON document = NULL;

    (void)state;
    assert_null(effect_json(&effect));
    for (int i = 0; i < 58; i++) {
        struct buyer buyer = untold(i % 2 == 0);

        buyer.trust = 5;
        effect_add(&effect, &buyer);
    }
    document = effect_json(&effect);
    of = question(document, "trust");
    assert_true(json_is_null(json_object_get(of, "difference")));
    assert_true(json_is_null(json_object_get(of, "ratio")));
    assert_true(json_is_true(json_object_get(json_object_get(of, "chatted"), "too_few")));
    is_near(json_object_get(question(document, "again"), "chatted"), "n", 0);
}

#define CASE(name) cmocka_unit_test_setup(name, start)
RUN(CASE(buyers__are_compared_by_share_difference_and_ratio),
    CASE(order_values__are_never_added_up_over_currencies),
    CASE(ease_word_of_mouth_and_buying_anyway__are_worked_by_hand),
    CASE(few_buyers__are_not_compared))
