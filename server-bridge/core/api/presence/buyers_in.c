/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/buyers_in.h"

#include "base/clock.h"
#include "base/format/text.h"
#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/survey/survey.h"

static bool read_text(const json_t *item, const char *key, unsigned max, struct slice *ret)
{
    struct slice text = SLICE_NONE;
    size_t points = 0;
    int rc = json_get_text(item, key, &text);

    if (rc == JSON_E_ABSENT)
        return true;
    *ret = text;
    return rc == OK && text_check(text, &points) == TEXT_FINE && points <= max;
}

static bool read_number(const json_t *item, const char *key, uint64_t low, uint64_t high, int *ret)
{
    uint64_t value = 0;
    int rc = json_get_uint(item, key, &value);

    *ret = BUYER_UNTOLD;
    if (rc == JSON_E_ABSENT)
        return true;
    *ret = value <= high ? (int)value : BUYER_UNTOLD;
    return rc == OK && value >= low && value <= high;
}

static bool read_flag(const json_t *item, const char *key, int *ret)
{
    bool value = false;
    int rc = json_get_bool(item, key, &value);

    *ret = rc == OK ? (int)value : BUYER_UNTOLD;
    return rc == OK || rc == JSON_E_ABSENT;
}

static bool read_order(const json_t *item, struct buyer *buyer)
{
    const json_t *value = json_object_get(item, "value");
    double amount = json_number_value(value);

    buyer->cents = BUYER_UNTOLD;
    if (value == NULL || json_is_null(value))
        return true;
    if (!json_is_number(value) || !(amount >= 0 && amount < 1e12) || buyer->currency.len == 0)
        return false;
    buyer->cents = (int64_t)(amount * 100 + 0.5);
    return true;
}

static bool read_time(const json_t *item, uint64_t *ret_ms)
{
    struct slice text = SLICE_NONE;

    return json_get_text(item, "at", &text) == OK && clock_parse(text.data, text.len, ret_ms) == 0;
}

static const char *read_id(const json_t *item, const struct core *core, const struct tenant *tenant,
                           struct buyer *buyer)
{
    struct slice order = SLICE_NONE;

    return json_get_text(item, "id", &order) == OK && survey_order(core, tenant, order, &buyer->id)
               ? NULL
               : "\"id\" must be the order's own, at most 200 characters.";
}

static const char *read_money(const json_t *item, struct buyer *buyer)
{
    if (!read_text(item, "currency", 3, &buyer->currency) ||
        (buyer->currency.len > 0 && !survey_currency(buyer->currency)) || !read_order(item, buyer))
        return "\"value\" must be a number, with a \"currency\" of three letters.";
    return NULL;
}

static const char *read_answers(const json_t *item, struct buyer *buyer)
{
    struct slice source = SLICE_NONE;

    if (!read_flag(item, "bought", &buyer->bought) || !read_flag(item, "solved", &buyer->solved) ||
        !read_flag(item, "anyway", &buyer->anyway))
        return "\"bought\", \"solved\" and \"anyway\" must be true or false.";
    if (!read_number(item, "recommend", 0, 10, &buyer->recommend))
        return "\"recommend\" must be a whole number, 0 to 10.";
    if (!read_number(item, "trust", 1, 5, &buyer->trust) ||
        !read_number(item, "again", 1, 5, &buyer->again) ||
        !read_number(item, "satisfied", 1, 5, &buyer->satisfied))
        return "\"trust\", \"again\" and \"satisfied\" must be whole numbers, 1 to 5.";
    if (!read_number(item, "effort", 1, 7, &buyer->effort))
        return "\"effort\" must be a whole number, 1 to 7.";
    if (!read_text(item, "source", 16, &source) ||
        (source.len > 0 && !survey_source(source, &buyer->source)))
        return "\"source\" must be friend, search, ad, social, known or other.";
    return NULL;
}

const char *buyers_in_read(const json_t *item, const struct core *core, const struct tenant *tenant,
                           struct buyer *ret_buyer)
{
    struct buyer *buyer = ret_buyer;
    const char *wrong;

    *buyer = (struct buyer){ .told = BUYER_IMPORTED };
    wrong = read_id(item, core, tenant, buyer);
    if (wrong == NULL && !read_text(item, "subject", 200, &buyer->subject))
        wrong = "\"subject\" must be a short text.";
    if (wrong == NULL && !read_time(item, &buyer->at_ms))
        wrong = "\"at\" must be a time: 2026-03-02T09:14:05Z.";
    if (wrong == NULL && json_get_bool(item, "chatted", &buyer->chatted) != OK)
        wrong = "\"chatted\" must be true or false.";
    if (wrong == NULL)
        wrong = read_money(item, buyer);
    return wrong == NULL ? read_answers(item, buyer) : wrong;
}

const char *buyers_in_order(const json_t *item, const struct core *core,
                            const struct tenant *tenant, uint64_t now_ms, struct buyer *ret_buyer,
                            int *ret_chatted)
{
    const char *wrong;

    *ret_buyer = (struct buyer){ .told = BUYER_BY_LINK, .at_ms = now_ms };
    wrong = read_id(item, core, tenant, ret_buyer);
    if (wrong == NULL && json_object_get(item, "at") != NULL && !read_time(item, &ret_buyer->at_ms))
        wrong = "\"at\" must be a time: 2026-03-02T09:14:05Z.";
    if (wrong == NULL && !read_flag(item, "chatted", ret_chatted))
        wrong = "\"chatted\" must be true or false.";
    return wrong == NULL ? read_money(item, ret_buyer) : wrong;
}

/* --- as we tell of them --- */

static void set_number(json_t *object, const char *key, int value)
{
    if (value != BUYER_UNTOLD)
        (void)json_object_set_new(object, key, json_integer(value));
}

static void set_flag(json_t *object, const char *key, int value)
{
    if (value != BUYER_UNTOLD)
        (void)json_object_set_new(object, key, json_boolean(value));
}

json_t *buyers_view(const struct buyer *buyer)
{
    static const char *const how[] = { "widget", "link", "import" };
    json_t *object =
        json_pack("{s:o, s:s, s:o, s:b}", "order", json_id(buyer->id), "told", how[buyer->told],
                  "at", json_time_or_null(buyer->at_ms), "chatted", buyer->chatted);

    set_flag(object, "bought", buyer->bought);
    set_number(object, "recommend", buyer->recommend);
    set_number(object, "trust", buyer->trust);
    set_number(object, "again", buyer->again);
    set_number(object, "satisfied", buyer->satisfied);
    set_number(object, "effort", buyer->effort);
    set_flag(object, "solved", buyer->solved);
    set_flag(object, "anyway", buyer->anyway);
    if (buyer->source.len > 0)
        (void)json_object_set_new(object, "source", json_text_or_null(buyer->source));
    if (buyer->cents != BUYER_UNTOLD) {
        (void)json_object_set_new(object, "value", json_real((double)buyer->cents / 100));
        (void)json_object_set_new(object, "currency", json_text_or_null(buyer->currency));
    }
    return object;
}
