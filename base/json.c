/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

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

int json_read(struct slice text, json_t **ret_json)
{
    json_error_t error;
    json_t *json;

    if (!json_depth_is_within(text, JSON_MAX_DEPTH))
        return JSON_E_DEEP;
    json = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
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
