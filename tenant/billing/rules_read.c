/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/billing/rules.h"

#include "base/format/text.h"

/* Where the reading is, for what it has to complain of. */
struct reading {
    struct billing_rules *to;
    bool priced;
    struct buf *problem;
};

static int wrong(struct reading *reading, const char *what)
{
    buf_addf(reading->problem, "Rule %zu: %s", reading->to->count + 1, what);
    return BILLING_E_WRONG;
}

static bool is_id(const char *text)
{
    size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return len > 0 && len <= BILLING_ID_MAX && text[len] == '\0';
}

static int read_id(struct reading *reading, const json_t *json, struct billing_rule *rule)
{
    rule->id = json_string_value(json_object_get(json, "id"));
    if (rule->id == NULL || !is_id(rule->id))
        return wrong(reading, "\"id\" must be a short name of a-z, 0-9 and hyphens.");
    for (size_t i = 0; i < reading->to->count; i++)
        if (strcmp(reading->to->rules[i].id, rule->id) == 0)
            return wrong(reading, "another one has its \"id\".");
    return OK;
}

static int read_text(struct reading *reading, const json_t *json, struct billing_rule *rule)
{
    struct slice text = SLICE_NONE;
    size_t points = 0;
    int rc = json_get_text(json, "text", &text);

    if (rc == JSON_E_ABSENT)
        return OK;
    if (rc != OK || text_check(text, &points) != TEXT_FINE || points > BILLING_TEXT_MAX ||
        memchr(text.data, '\n', text.len) != NULL || points == 0)
        return wrong(reading, "\"text\" must be one line of at most 120 characters.");
    rule->text = text.data;
    return OK;
}

static int read_price(struct reading *reading, const json_t *json, struct billing_rule *rule)
{
    uint64_t price = 0;
    int rc = json_get_bool(json, "billable", &rule->billable);

    if (rc == JSON_E_ABSENT)
        rule->billable = true;
    else if (rc != OK)
        return wrong(reading, "\"billable\" must be true or false.");
    rc = json_get_uint(json, "price", &price);
    if (rc == JSON_E_ABSENT)
        return reading->priced && rule->billable
                   ? wrong(reading, "\"price\" is missing, and there is a currency.")
                   : OK;
    if (rc != OK || price > BILLING_PRICE_MAX)
        return wrong(reading, "\"price\" must be a whole number of the currency's smallest unit: "
                              "450 is 4.50.");
    if (!reading->priced || !rule->billable)
        return wrong(reading, reading->priced ? "what is not billable has no price."
                                              : "there is a price, but no \"currency\".");
    rule->price = (int64_t)price;
    return OK;
}

static int read_condition(struct reading *reading, const char *name, const json_t *value)
{
    enum billing_condition condition = BILLING_CONDITION_COUNT;
    AUTO_BUF problem;
    uint64_t hours = (uint64_t)json_integer_value(value);

    buf_init(&problem, 512);
    if (!billing_condition_find(name, &condition)) {
        buf_add_text(&problem, "unknown condition \"");
        text_one_line(slice_of(name), 40, &problem);
        buf_add_text(&problem, "\".");
    } else if (billing_condition_fits(condition, value, &problem)) {
        if (condition == BILLING_reopened_within_h && hours > reading->to->again_h)
            reading->to->again_h = (unsigned)hours;
        return OK;
    }
    return wrong(reading, problem.data != NULL ? problem.data : "");
}

static int read_conditions(struct reading *reading, const json_t *json, struct billing_rule *rule)
{
    const char *name;
    json_t *value;
    int rc;

    rule->ifs = json_object_get(json, "if");
    if (rule->ifs == NULL || json_is_null(rule->ifs))
        return OK;
    if (!json_is_object(rule->ifs))
        return wrong(reading, "\"if\" must be an object of conditions.");
    json_object_foreach((json_t *)(uintptr_t)rule->ifs, name, value)
    {
        rc = read_condition(reading, name, value);
        if (rc != OK)
            return rc;
    }
    return OK;
}

static int read_members(struct reading *reading, const json_t *json)
{
    static const char *const known[] = { "id", "if", "billable", "price", "text" };
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        size_t i = 0;

        while (i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], name) != 0)
            i++;
        if (i == sizeof(known) / sizeof(known[0]))
            return wrong(reading, "it has a member that no rule has: id, if, billable, price and "
                                  "text are all.");
    }
    return OK;
}

static int read_rule(struct reading *reading, const json_t *json)
{
    struct billing_rule rule = { .billable = true };
    int rc =
        json_is_object(json) ? read_members(reading, json) : wrong(reading, "it is no object.");

    if (rc == OK)
        rc = read_id(reading, json, &rule);
    if (rc == OK)
        rc = read_text(reading, json, &rule);
    if (rc == OK)
        rc = read_price(reading, json, &rule);
    if (rc == OK)
        rc = read_conditions(reading, json, &rule);
    if (rc == OK)
        reading->to->rules[reading->to->count++] = rule;
    return rc;
}

/* Only what stands last may decide whatever the conversation is, and it must. */
static int read_ends(const struct billing_rules *rules, struct buf *problem)
{
    for (size_t i = 0; i < rules->count; i++) {
        bool always = json_object_size(rules->rules[i].ifs) == 0;

        if (always == (i + 1 == rules->count))
            continue;
        buf_addf(problem,
                 always ? "Rule %zu holds always, so those after it never would."
                        : "Rule %zu is the last and has conditions: the last one must hold always.",
                 i + 1);
        return BILLING_E_WRONG;
    }
    return OK;
}

static int read_all(struct reading *reading, const json_t *list)
{
    const json_t *json;
    size_t i;
    int rc;

    if (json_array_size(list) < 1 || json_array_size(list) > BILLING_RULES_MAX) {
        buf_addf(reading->problem, "\"rules\" must be a list of 1 to %d.", BILLING_RULES_MAX);
        return BILLING_E_WRONG;
    }
    json_array_foreach(list, i, json)
    {
        rc = read_rule(reading, json);
        if (rc != OK)
            return rc;
    }
    return read_ends(reading->to, reading->problem);
}

int billing_rules_read(json_t *list, bool priced, struct billing_rules **ret_rules,
                       struct buf *problem)
{
    AUTO(billing_rules) rules = calloc(1, sizeof(*rules));
    struct reading reading = { rules, priced, problem };
    int rc;

    if (rules == NULL)
        return RAISE(ERR_NO_MEMORY);
    rules->list = json_incref(list);
    rc = read_all(&reading, list);
    if (rc != OK)
        return rc;
    *ret_rules = rules;
    rules = NULL;
    return OK;
}

struct billing_rules *billing_rules_free(struct billing_rules *rules)
{
    if (rules == NULL)
        return NULL;
    json_decref(rules->list);
    free(rules);
    return NULL;
}
