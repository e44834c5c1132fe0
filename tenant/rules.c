/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/rules.h"

enum { DIGITS_MAX = 6, PATH_MAX_BYTES = 200 };

/* "30", "30s", "2min": digits, and for times a unit. */
static bool is_number(struct slice text, bool time)
{
    size_t digits = 0;
    struct slice unit;

    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    unit = (struct slice){ text.data + digits, text.len - digits };
    if (digits == 0 || digits > DIGITS_MAX)
        return false;
    return unit.len == 0 || (time && (slice_is(unit, "s") || slice_is(unit, "min")));
}

static bool is_condition(struct slice text)
{
    static const char *const numbers[] = { "scroll=", "visit=", "cart=", "times=" };

    if (slice_starts_with(text, "page="))
        return text.len >= 6 && text.len <= PATH_MAX_BYTES &&
               (text.data[5] == '/' || text.data[5] == '*');
    if (slice_starts_with(text, "after="))
        return is_number((struct slice){ text.data + 6, text.len - 6 }, true);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        size_t len = strlen(numbers[i]);

        if (slice_starts_with(text, numbers[i]))
            return is_number((struct slice){ text.data + len, text.len - len }, false);
    }
    return false;
}

static struct slice cut(struct slice *rest, char at)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->data, at, rest->len);
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    struct slice part = { rest->data, len };
    size_t taken = end == NULL ? len : len + 1;

    *rest = (struct slice){ rest->data + taken, rest->len - taken };
    return part;
}

static bool is_rule(struct slice line)
{
    const char *colon = line.len == 0 ? NULL : memmem(line.data, line.len, ": ", 2);
    struct slice conditions = { line.data, colon == NULL ? 0 : (size_t)(colon - line.data) };
    size_t greeting = colon == NULL ? 0 : line.len - conditions.len - 2;
    unsigned count = 0;

    while (conditions.len > 0) {
        struct slice condition = cut(&conditions, ' ');

        if (condition.len > 0 && !is_condition(condition))
            return false;
        count += condition.len > 0;
    }
    return count > 0 && greeting > 0 && greeting <= RULE_GREETING_MAX_BYTES;
}

unsigned rules_check(struct slice lines)
{
    unsigned number = 0, rules = 0;

    while (lines.len > 0) {
        struct slice line = cut(&lines, '\n');

        number++;
        if (line.len == 0)
            continue;
        if (++rules > RULES_MAX || !is_rule(line))
            return number;
    }
    return 0;
}
