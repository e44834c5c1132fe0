/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/figures/effect.h"

#include "presence/figures/figures_json_parts.h"

static const struct {
    const char *id;
    int good; /* from here on the answer counts as yes */
} questions[EFFECT_QUESTIONS] = {
    [EFFECT_RECOMMEND] = { "recommend", 9 }, [EFFECT_TRUST] = { "trust", 4 },
    [EFFECT_AGAIN] = { "again", 4 },         [EFFECT_SATISFIED] = { "satisfied", 4 },
    [EFFECT_EASY] = { "effort", 6 },         [EFFECT_FRIEND] = { "friend", 1 },
    [EFFECT_BOUGHT] = { "bought", 1 },
};

/* "eur" is EUR: pages write it as they like. */
static struct slice in_capitals(struct slice name, char to[CURRENCY_BYTES])
{
    if (name.len >= CURRENCY_BYTES)
        return name;
    for (size_t i = 0; i < name.len; i++)
        to[i] =
            (char)(name.data[i] >= 'a' && name.data[i] <= 'z' ? name.data[i] - 32 : name.data[i]);
    return (struct slice){ to, name.len };
}

size_t currency_place(struct currencies *currencies, struct slice name)
{
    char capitals[CURRENCY_BYTES];
    size_t place = 0;

    name = in_capitals(name, capitals);
    while (place < currencies->count && !slice_is(name, currencies->names[place]))
        place++;
    if (place == currencies->count && place < CURRENCIES_MAX &&
        slice_copy(name, currencies->names[place], sizeof(currencies->names[place])))
        currencies->count++;
    return place < currencies->count ? place : CURRENCIES_MAX;
}

size_t currency_after(const struct currencies *currencies, const char *name)
{
    size_t next = CURRENCIES_MAX;

    for (size_t i = 0; i < currencies->count; i++)
        if ((name == NULL || strcmp(currencies->names[i], name) > 0) &&
            (next == CURRENCIES_MAX || strcmp(currencies->names[i], currencies->names[next]) < 0))
            next = i;
    return next;
}

static void add_order(struct effect *effect, const struct buyer *buyer)
{
    double value = (double)buyer->cents / 100;
    struct effect_orders *orders;
    size_t place;

    if (buyer->cents < 0)
        return;
    place = currency_place(&effect->currencies, buyer->currency);
    if (place == CURRENCIES_MAX) {
        effect->other_currencies++;
        return;
    }
    orders = &effect->orders[place][buyer->chatted];
    orders->n++;
    orders->sum += value;
    orders->squares += value * value;
}

void effect_add(struct effect *effect, const struct buyer *buyer)
{
    const int friend = buyer->source.len == 0 ? BUYER_UNTOLD : slice_is(buyer->source, "friend");
    const int answers[EFFECT_QUESTIONS] = { buyer->recommend, buyer->trust,  buyer->again,
                                            buyer->satisfied, buyer->effort, friend,
                                            buyer->bought };

    effect->buyers[buyer->chatted]++;
    effect->told[buyer->told]++;
    for (int i = 0; i < EFFECT_QUESTIONS; i++) {
        if (answers[i] == BUYER_UNTOLD)
            continue;
        effect->answers[i][buyer->chatted].n++;
        effect->answers[i][buyer->chatted].yes += answers[i] >= questions[i].good;
    }
    if (buyer->chatted && buyer->solved != BUYER_UNTOLD) {
        effect->solved.n++;
        effect->solved.yes += buyer->solved > 0;
    }
    if (buyer->chatted && buyer->anyway != BUYER_UNTOLD) {
        effect->anyway.n++;
        effect->anyway.yes += buyer->anyway > 0;
    }
    add_order(effect, buyer);
}

/* --- as JSON --- */

/* No ratio to nobody's yes. */
static json_t *likelier_json(size_t yes, size_t n, size_t other_yes, size_t other_n)
{
    struct interval ratio;
    json_t *object;

    if (n < FIGURES_FEW_CHATS || other_n < FIGURES_FEW_CHATS || yes == 0 || other_yes == 0)
        return json_null();
    ratio = stats_ratio(yes, n, other_yes, other_n);
    object = json_object();
    figure_set(object, "likelier",
               figure_number((double)yes / (double)n * (double)other_n / (double)other_yes - 1));
    figure_set(object, "low", figure_number(ratio.low - 1));
    figure_set(object, "high", figure_number(ratio.high - 1));
    return object;
}

static json_t *question_json(const struct effect *effect, int question)
{
    size_t yes = effect->answers[question][1].yes, n = effect->answers[question][1].n;
    size_t other_yes = effect->answers[question][0].yes, other_n = effect->answers[question][0].n;

    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "question", questions[question].id, "chatted",
                     figure_share(yes, n), "not", figure_share(other_yes, other_n), "difference",
                     figure_difference(yes, n, other_yes, other_n), "ratio",
                     likelier_json(yes, n, other_yes, other_n));
}

static json_t *mean_json(const struct effect_orders *orders)
{
    json_t *object = json_pack("{s:o}", "n", figure_count(orders->n));

    figure_set(object, "too_few", json_boolean(orders->n < FIGURES_FEW_CHATS));
    if (orders->n < FIGURES_FEW_CHATS)
        return object;
    figure_set(object, "mean", figure_number(orders->sum / (double)orders->n));
    figure_interval(object, "low", "high",
                    stats_mean_interval(orders->sum, orders->squares, orders->n), 1);
    return object;
}

static json_t *currency_json(const struct effect *effect, size_t place)
{
    const struct effect_orders *chatted = &effect->orders[place][1];
    const struct effect_orders *others = &effect->orders[place][0];
    json_t *object = json_pack("{s:s, s:o, s:o}", "currency", effect->currencies.names[place],
                               "chatted", mean_json(chatted), "not", mean_json(others));

    if (chatted->n < FIGURES_FEW_CHATS || others->n < FIGURES_FEW_CHATS)
        return object;
    figure_set(object, "difference",
               figure_number(chatted->sum / (double)chatted->n - others->sum / (double)others->n));
    figure_interval(object, "low", "high",
                    stats_means_difference(chatted->sum, chatted->squares, chatted->n, others->sum,
                                           others->squares, others->n),
                    1);
    return object;
}

static json_t *orders_json(const struct effect *effect)
{
    const struct currencies *currencies = &effect->currencies;
    json_t *list = json_array();

    for (size_t i = currency_after(currencies, NULL); i < CURRENCIES_MAX;
         i = currency_after(currencies, currencies->names[i]))
        (void)json_array_append_new(list, currency_json(effect, i));
    return list;
}

json_t *effect_json(const struct effect *effect)
{
    json_t *object, *list;

    if (effect->buyers[0] + effect->buyers[1] == 0)
        return NULL;
    list = json_array();
    for (int i = 0; i < EFFECT_QUESTIONS; i++)
        (void)json_array_append_new(list, question_json(effect, i));
    object =
        json_pack("{s:o, s:o, s:o, s:o, s:o}", "chatted", figure_count(effect->buyers[1]), "not",
                  figure_count(effect->buyers[0]), "questions", list, "orders", orders_json(effect),
                  "other_currencies", figure_count(effect->other_currencies));
    figure_set(object, "solved", figure_share(effect->solved.yes, effect->solved.n));
    figure_set(object, "anyway", figure_share(effect->anyway.yes, effect->anyway.n));
    figure_set(object, "told",
               json_pack("{s:o, s:o, s:o}", "import", figure_count(effect->told[BUYER_IMPORTED]),
                         "link", figure_count(effect->told[BUYER_BY_LINK]), "widget",
                         figure_count(effect->told[BUYER_BY_WIDGET])));
    figure_set(object, "warning",
               json_string("Nobody was assigned to chat at random: these are differences, not "
                           "effects of the chat."));
    return object;
}
