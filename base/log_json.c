/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log_json.h"

#include "base/slice.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

struct out {
    char *to;
    size_t used, size; /* size: without the closing brace */
    bool full;
};

static void put(struct out *out, const char *bytes, size_t len)
{
    if (out->full || len > out->size - out->used) {
        out->full = true;
        return;
    }
    memcpy(out->to + out->used, bytes, len);
    out->used += len;
}

/* Bytes that are no UTF-8 (a text was cut, say) become '?'. */
static void put_string(struct out *out, struct slice text)
{
    put(out, "\"", 1);
    while (text.len > 0) {
        utf8proc_int32_t point;
        utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)text.data,
                                                  (utf8proc_ssize_t)text.len, &point);
        size_t len = bytes > 0 ? (size_t)bytes : 1;
        unsigned char byte = (unsigned char)text.data[0];
        char escaped[8];

        if (bytes <= 0)
            put(out, "?", 1);
        else if (byte == '"' || byte == '\\')
            put(out, escaped, (size_t)snprintf(escaped, sizeof(escaped), "\\%c", byte));
        else if (byte < 0x20)
            put(out, escaped, (size_t)snprintf(escaped, sizeof(escaped), "\\u%04x", byte));
        else
            put(out, text.data, len);
        text.data += len;
        text.len -= len;
    }
    put(out, "\"", 1);
}

/* Whether a quoted value ends before this: what follows is another pair, or nothing. A quote that
 * stands elsewhere is of the value. */
static bool is_between_pairs(const char *at, const char *end)
{
    const char *key = at + 1;

    if (at == end)
        return true;
    while (key < end && ((*key >= 'a' && *key <= 'z') || *key == '_'))
        key++;
    return *at == ' ' && key > at + 1 && key < end && *key == '=';
}

/* Takes the next pair off `rest`. False: there is none. */
static bool take_pair(struct slice *rest, struct slice *ret_key, struct slice *ret_value)
{
    const char *at, *end = rest->data + rest->len, *equals;
    bool quoted;

    while (rest->len > 0 && rest->data[0] == ' ')
        *rest = (struct slice){ rest->data + 1, rest->len - 1 };
    equals = rest->len > 0 ? memchr(rest->data, '=', rest->len) : NULL;
    if (equals == NULL)
        return false;
    *ret_key = (struct slice){ rest->data, (size_t)(equals - rest->data) };
    quoted = equals + 1 < end && equals[1] == '"';
    at = equals + (quoted ? 2 : 1);
    ret_value->data = at;
    while (at < end && (quoted ? *at != '"' || !is_between_pairs(at + 1, end) : *at != ' '))
        at++;
    ret_value->len = (size_t)(at - ret_value->data);
    at += quoted && at < end ? 1 : 0;
    *rest = (struct slice){ at, (size_t)(end - at) };
    return true;
}

size_t log_json(const char *line, size_t len, char *to, size_t size)
{
    struct out out = { to, 0, size - 1, false };
    struct slice rest = { line, len }, key, value;

    put(&out, "{", 1);
    while (!out.full && take_pair(&rest, &key, &value)) {
        size_t before = out.used;

        if (before > 1)
            put(&out, ",", 1);
        put_string(&out, key);
        put(&out, ":", 1);
        put_string(&out, value);
        if (out.full)
            out.used = before;
    }
    to[out.used++] = '}';
    return out.used;
}
