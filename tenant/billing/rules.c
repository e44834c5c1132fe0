/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/billing/rules.h"

#include <inttypes.h>

enum kind { BELOW, ABOVE, HOURS, FLAG, ONE_OF, NONE_OF, TAGGED };
enum { HOUR_MS = 3600000, NUMBER_MAX = 1000000 };

static const struct {
    const char *name, *says;
    enum kind kind;
} conditions[] = {
#define CONDITION(name, kind, fact, says) { #name, says, kind },
#include "tenant/billing/conditions.def"
#undef CONDITION
};

/* One fact, whatever its kind; the others stay empty. */
struct fact {
    int64_t number;
    struct slice word;
    const json_t *words;
};

#define FACT_BELOW(value)   ((struct fact){ .number = (value) })
#define FACT_ABOVE(value)   FACT_BELOW(value)
#define FACT_HOURS(value)   FACT_BELOW(value)
#define FACT_FLAG(value)    FACT_BELOW(value)
#define FACT_ONE_OF(value)  ((struct fact){ .word = (value) })
#define FACT_NONE_OF(value) FACT_ONE_OF(value)
#define FACT_TAGGED(value)  ((struct fact){ .words = (value) })

static struct fact fact_of(enum billing_condition condition, const struct billing_facts *facts)
{
    switch (condition) {
#define CONDITION(name, kind, fact, says) \
    case BILLING_##name:                  \
        return FACT_##kind(facts->fact);
#include "tenant/billing/conditions.def"
#undef CONDITION
    case BILLING_CONDITION_COUNT:
        break;
    }
    return (struct fact){ .number = 0 };
}

bool billing_condition_find(const char *name, enum billing_condition *ret_condition)
{
    for (size_t i = 0; i < BILLING_CONDITION_COUNT; i++) {
        if (strcmp(conditions[i].name, name) != 0)
            continue;
        *ret_condition = (enum billing_condition)i;
        return true;
    }
    return false;
}

static bool words_fit(const json_t *value)
{
    const json_t *word;
    size_t i;

    if (!json_is_array(value) || json_array_size(value) < 1 ||
        json_array_size(value) > BILLING_WORDS_MAX)
        return false;
    json_array_foreach(value, i, word)
    {
        if (!json_is_string(word) || json_string_length(word) > 4 * BILLING_TEXT_MAX)
            return false;
    }
    return true;
}

bool billing_condition_fits(enum billing_condition condition, const json_t *value,
                            struct buf *problem)
{
    const char *name = conditions[condition].name;

    switch (conditions[condition].kind) {
    case BELOW:
    case ABOVE:
    case HOURS:
        if (json_is_integer(value) && json_integer_value(value) >= 0 &&
            json_integer_value(value) <= NUMBER_MAX)
            return true;
        buf_addf(problem, "\"%s\" must be a whole number of at most %d.", name, NUMBER_MAX);
        return false;
    case FLAG:
        if (json_is_boolean(value))
            return true;
        buf_addf(problem, "\"%s\" must be true or false.", name);
        return false;
    case ONE_OF:
    case NONE_OF:
    case TAGGED:
        if (words_fit(value))
            return true;
        buf_addf(problem, "\"%s\" must be a list of 1 to %d words.", name, BILLING_WORDS_MAX);
        return false;
    }
    return false;
}

/* --- deciding --- */

/* The word of the rule that is this one; NULL: none. */
static const char *same_word(const json_t *words, struct slice word)
{
    const json_t *value;
    size_t i;

    json_array_foreach(words, i, value)
    {
        if (slice_is(word, json_string_value(value)))
            return json_string_value(value);
    }
    return NULL;
}

static const char *same_tag(const json_t *words, const json_t *tags)
{
    const json_t *tag;
    size_t i;

    json_array_foreach(tags, i, tag)
    {
        const char *same =
            json_is_string(tag) ? same_word(words, slice_of(json_string_value(tag))) : NULL;

        if (same != NULL)
            return same;
    }
    return NULL;
}

static bool holds(enum billing_condition condition, const json_t *value,
                  const struct billing_facts *facts)
{
    struct fact fact = fact_of(condition, facts);
    int64_t number = json_integer_value(value);

    switch (conditions[condition].kind) {
    case BELOW:
        return fact.number < number;
    case ABOVE:
        return fact.number > number;
    case HOURS:
        return fact.number < number * HOUR_MS;
    case FLAG:
        return (fact.number != 0) == json_is_true(value);
    case ONE_OF:
        return same_word(value, fact.word) != NULL;
    case NONE_OF:
        return same_word(value, fact.word) == NULL;
    case TAGGED:
        return same_tag(value, fact.words) != NULL;
    }
    return false;
}

static bool all_hold(const struct billing_rule *rule, const struct billing_facts *facts)
{
    enum billing_condition condition = BILLING_CONDITION_COUNT;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)rule->ifs, name, value)
    {
        if (!billing_condition_find(name, &condition) || !holds(condition, value, facts))
            return false;
    }
    return true;
}

const struct billing_rule *billing_decide(const struct billing_rules *rules,
                                          const struct billing_facts *facts)
{
    size_t last = rules->count - 1;

    for (size_t i = 0; i < last; i++)
        if (all_hold(&rules->rules[i], facts))
            return &rules->rules[i];
    return &rules->rules[last];
}

/* --- saying why --- */

static void add_word(struct buf *to, const char *word)
{
    buf_add_text(to, word == NULL ? "none of those named" : word[0] == '\0' ? "none" : word);
}

static void add_number(struct buf *to, int64_t number)
{
    if (number == BILLING_NEVER)
        buf_add_text(to, "none came");
    else
        buf_addf(to, "%" PRId64, number);
}

static void add_condition(enum billing_condition condition, const json_t *value,
                          const struct billing_facts *facts, struct buf *to)
{
    struct fact fact = fact_of(condition, facts);

    if (conditions[condition].kind == FLAG) {
        buf_addf(to, "%s%s", json_is_true(value) ? "" : "not ", conditions[condition].says);
        return;
    }
    buf_addf(to, "%s: ", conditions[condition].says);
    switch (conditions[condition].kind) {
    case BELOW:
        add_number(to, fact.number);
        buf_addf(to, ", below %lld", (long long)json_integer_value(value));
        break;
    case ABOVE:
        add_number(to, fact.number);
        buf_addf(to, ", above %lld", (long long)json_integer_value(value));
        break;
    case HOURS:
        buf_addf(to, "%" PRId64 ", within %lld", fact.number / HOUR_MS,
                 (long long)json_integer_value(value));
        break;
    case ONE_OF:
    case NONE_OF:
        add_word(to, same_word(value, fact.word));
        break;
    case TAGGED:
        add_word(to, same_tag(value, fact.words));
        break;
    case FLAG:
        break;
    }
}

void billing_reason(const struct billing_rule *rule, const struct billing_facts *facts,
                    struct buf *to)
{
    enum billing_condition condition = BILLING_CONDITION_COUNT;
    const char *name, *sep = "";
    json_t *value;

    if (rule->text != NULL || json_object_size(rule->ifs) == 0) {
        buf_add_text(to, rule->text != NULL ? rule->text : "no other rule holds");
        return;
    }
    json_object_foreach((json_t *)(uintptr_t)rule->ifs, name, value)
    {
        buf_add_text(to, sep);
        if (billing_condition_find(name, &condition))
            add_condition(condition, value, facts, to);
        sep = "; ";
    }
}
