/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/json.h"

#include "base/auto.h"

#include <stdlib.h>
#include <string.h>

bool json_depth_is_within(struct slice text, unsigned max)
{
    unsigned depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];

        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > max)
                return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return true;
}

/* The code unit of the escape \uXXXX at `at`; -1: there is none. Four digits and nothing else:
 * strtol() alone would take signs, spaces and "0x", too. */
static long escape_at(struct slice text, size_t at)
{
    char hex[5] = "";

    if (at + 6 > text.len || text.data[at] != '\\' || text.data[at + 1] != 'u')
        return -1;
    memcpy(hex, text.data + at + 2, 4);
    return strspn(hex, "0123456789abcdefABCDEF") == 4 ? strtol(hex, NULL, 16) : -1;
}

/* Exchanges escapes that no text can hold, NUL and lone surrogates, for a noncharacter. The
 * frame around them can then be read, and whoever wants text refuses it by name. */
static bool exchange_impossible(struct slice from, char *to)
{
    bool any = false;

    for (size_t i = 0; i < from.len; i++) {
        long unit = escape_at(from, i), next = unit < 0 ? -1 : escape_at(from, i + 6);

        if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) {
            i += 11;
        } else if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff)) {
            memcpy(to + i, "\\ufffe", 6); /* NOLINT: in the middle of a text, no end wanted */
            any = true;
            i += 5;
        } else if (from.data[i] == '\\') {
            i++;
        }
    }
    return any;
}

static json_t *parse(struct slice text)
{
    json_error_t error;
    json_t *json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
    AUTO_MEM char *mended = json == NULL ? slice_dup(text) : NULL;

    if (mended != NULL && exchange_impossible(text, mended))
        json = json_loadb(mended, text.len, JSON_REJECT_DUPLICATES, &error);
    return json;
}

int json_read(struct slice text, json_t **ret_json)
{
    json_t *json;

    if (!json_depth_is_within(text, JSON_MAX_DEPTH))
        return JSON_E_DEEP;
    json = parse(text);
    if (json == NULL)
        return JSON_E_BAD;
    *ret_json = json;
    return OK;
}

/* The member when it is there and not null. */
static const json_t *member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_null(value) ? NULL : value;
}

int json_get_text(const json_t *object, const char *key, struct slice *ret)
{
    const json_t *value = member(object, key);

    if (value == NULL)
        return JSON_E_ABSENT;
    if (!json_is_string(value))
        return JSON_E_TYPE;
    *ret = (struct slice){ json_string_value(value), json_string_length(value) };
    return OK;
}

int json_get_uint(const json_t *object, const char *key, uint64_t *ret)
{
    const json_t *value = member(object, key);

    if (value == NULL)
        return JSON_E_ABSENT;
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return JSON_E_TYPE;
    *ret = (uint64_t)json_integer_value(value);
    return OK;
}

int json_get_bool(const json_t *object, const char *key, bool *ret)
{
    const json_t *value = member(object, key);

    if (value == NULL)
        return JSON_E_ABSENT;
    if (!json_is_boolean(value))
        return JSON_E_TYPE;
    *ret = json_is_true(value);
    return OK;
}

int json_get_object(const json_t *object, const char *key, const json_t **ret)
{
    const json_t *value = member(object, key);

    if (value == NULL)
        return JSON_E_ABSENT;
    if (!json_is_object(value))
        return JSON_E_TYPE;
    *ret = value;
    return OK;
}
