/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of buyers to a survey, those who chatted and those who did not (presence/effect.h). The
 * survey is the site's own, by link or on its thank-you page; what it heard is taken in here.
 */
#include "server-bridge/core/api/handlers.h"

#include "base/clock.h"
#include "base/text.h"
#include "server-bridge/core/api/answer.h"
#include "storage/buyers.h"

struct taking {
    struct buyers_bulk bulk;
    struct call *call; /* NULL: gone; they are stored all the same */
    json_t *body;      /* the buyers borrow from it */
    json_t *refused;
};

/* --- one answer --- */

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
    if (!json_is_number(value) || !(amount >= 0 && amount < 1e12) || buyer->currency.len != 3)
        return false;
    buyer->cents = (int64_t)(amount * 100 + 0.5);
    return true;
}

static bool read_time(const json_t *item, uint64_t *ret_ms)
{
    struct slice text = SLICE_NONE;

    return json_get_text(item, "at", &text) == OK && clock_parse(text.data, text.len, ret_ms) == 0;
}

/* NULL: fine; else what is wrong. */
static const char *read_buyer(const json_t *item, struct buyer *buyer)
{
    *buyer = (struct buyer){ .id = SLICE_NONE };
    if (!read_text(item, "id", 200, &buyer->id) || buyer->id.len == 0)
        return "\"id\" must be the answer's own, at most 200 characters.";
    if (!read_text(item, "subject", 200, &buyer->subject) ||
        !read_text(item, "currency", 3, &buyer->currency))
        return "\"subject\" and \"currency\" must be short texts.";
    if (!read_time(item, &buyer->at_ms))
        return "\"at\" must be a time: 2026-03-02T09:14:05Z.";
    if (json_get_bool(item, "chatted", &buyer->chatted) != OK)
        return "\"chatted\" must be true or false.";
    if (!read_flag(item, "bought", &buyer->bought) || !read_flag(item, "solved", &buyer->solved))
        return "\"bought\" and \"solved\" must be true or false.";
    if (!read_order(item, buyer))
        return "\"value\" must be a number, with a \"currency\" of three letters.";
    if (!read_number(item, "recommend", 0, 10, &buyer->recommend))
        return "\"recommend\" must be a whole number, 0 to 10.";
    if (!read_number(item, "trust", 1, 5, &buyer->trust) ||
        !read_number(item, "again", 1, 5, &buyer->again) ||
        !read_number(item, "satisfied", 1, 5, &buyer->satisfied))
        return "\"trust\", \"again\" and \"satisfied\" must be whole numbers, 1 to 5.";
    return NULL;
}

/* --- all of them --- */

static int read_buyers(struct taking *taking)
{
    const json_t *list = json_object_get(taking->body, "buyers"), *item;
    size_t i;

    taking->bulk.buyers = calloc(json_array_size(list) + 1, sizeof(*taking->bulk.buyers));
    if (taking->bulk.buyers == NULL)
        return RAISE(ERR_NO_MEMORY);
    json_array_foreach(list, i, item)
    {
        const char *wrong = read_buyer(item, &taking->bulk.buyers[taking->bulk.count]);

        if (wrong == NULL)
            taking->bulk.count++;
        else
            (void)json_array_append_new(
                taking->refused, json_pack("{s:I, s:s}", "item", (json_int_t)i, "why", wrong));
    }
    return OK;
}

static void taking_free(struct taking *taking)
{
    free(taking->bulk.buyers);
    json_decref(taking->body);
    json_decref(taking->refused);
    free(taking);
}

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct taking *taking = (struct taking *)bulk;

    if (taking->call != NULL && outcome == STORE_DONE)
        answer_json(taking->call, 200,
                    json_pack("{s:I, s:I, s:O}", "imported", (json_int_t)taking->bulk.added,
                              "known", (json_int_t)(taking->bulk.count - taking->bulk.added),
                              "refused", taking->refused));
    else if (taking->call != NULL)
        answer_problem(taking->call, 503, "not_saved",
                       "The answers could not be stored; try again.");
    taking_free(taking);
}

static void forget_call(void *job)
{
    ((struct taking *)job)->call = NULL;
}

void handle_presence_buyers(struct call *call)
{
    struct taking *taking = calloc(1, sizeof(*taking));
    int rc = taking == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        buyers_bulk_init(&taking->bulk);
        taking->bulk.bulk.done = on_stored;
        taking->body = json_incref(call->body);
        taking->refused = json_array();
        taking->call = call;
        rc = read_buyers(taking);
    }
    if (rc == OK && !call_keep(call, "buyers", NULL))
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK) {
        call->job = taking;
        call->release_job = forget_call;
        rc = STORE_CALL(call->core->store, bulk, &call->tenant->about.name, &taking->bulk.bulk);
    }
    if (rc == OK)
        return;
    call->release_job = NULL;
    if (taking != NULL)
        taking_free(taking);
    answer_failed(call, rc);
}
