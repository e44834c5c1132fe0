/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/path.h"

#include "base/format/text.h"

#include <ctype.h>

/* RFC 3986 unreserved: escaping these only serves to hide something. */
static bool is_plain(unsigned char c)
{
    return (c < 0x80 && isalnum(c) != 0) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* The byte behind an escape at raw[at], or -1 when it must not stand there. */
static int unescape(struct slice raw, size_t at, bool plus)
{
    int high, low, byte;

    if (at + 2 >= raw.len)
        return -1;
    high = hex_digit(raw.data[at + 1]);
    low = hex_digit(raw.data[at + 2]);
    if (high < 0 || low < 0)
        return -1;
    byte = high * 16 + low;
    /* Form encoders escape what they like: in a query that hides nothing. */
    if (!plus && (byte == '/' || byte == '\\' || is_plain((unsigned char)byte)))
        return -1;
    return byte;
}

bool path_decode(struct slice raw, bool plus, char *ret_text, size_t size, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < raw.len; i++) {
        int c = (unsigned char)raw.data[i];

        if (c == '%') {
            c = unescape(raw, i, plus);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c < 0x20 || c == 0x7f || len + 1 >= size)
            return false;
        ret_text[len++] = (char)c;
    }
    ret_text[len] = '\0';
    *ret_len = len;
    return text_check((struct slice){ ret_text, len }, NULL) == TEXT_FINE || len == 0;
}

/* Splits off what stands before the next `separator`; the rest stays in *rest. */
static struct slice next_piece(struct slice *rest, char separator)
{
    const char *end = rest->len > 0 ? memchr(rest->data, separator, rest->len) : NULL;
    size_t len = end == NULL ? rest->len : (size_t)(end - rest->data);
    struct slice piece = { rest->data, len };

    if (end == NULL) {
        *rest = SLICE_NONE;
    } else {
        rest->data += len + 1;
        rest->len -= len + 1;
    }
    return piece;
}

static bool take_value(struct slice name, struct slice raw, struct path_values *values)
{
    size_t len;

    if (slice_is(name, "{tenant}"))
        return slice_copy(raw, values->tenant, sizeof(values->tenant));
    if (slice_is(name, "{user}"))
        return path_decode(raw, false, values->user, sizeof(values->user), &len);
    if (slice_is(name, "{id}"))
        return id_parse(raw, &values->id) == 0 && !id_is_none(values->id);
    return slice_is(name, "{jid}") &&
           path_decode(raw, false, values->jid, sizeof(values->jid), &len);
}

bool path_matches(const char *pattern, struct slice path, struct path_values *ret_values)
{
    struct slice wanted = slice_of(pattern);

    if (path.len == 0 || path.data[0] != '/')
        return false;
    (void)next_piece(&path, '/');
    (void)next_piece(&wanted, '/');
    for (;;) {
        /* A slash at the end leaves an empty piece with a place, no piece at all has none. */
        bool more = path.data != NULL, wants_more = wanted.data != NULL;
        struct slice have, want;

        if (more != wants_more || !more)
            return more == wants_more;
        have = next_piece(&path, '/');
        want = next_piece(&wanted, '/');
        if (have.len == 0)
            return false;
        if (want.data[0] == '{' ? !take_value(want, have, ret_values) : !slice_equal(want, have))
            return false;
    }
}

bool words_have(const char *words, struct slice word)
{
    struct slice rest = slice_of(words);

    while (rest.len > 0)
        if (slice_equal(next_piece(&rest, ' '), word))
            return word.len > 0;
    return false;
}

static int read_parameter(struct slice pair, const char *allowed, struct query *query, size_t *used)
{
    struct query_parameter *parameter = &query->parameters[query->count];
    struct slice name = next_piece(&pair, '=');
    size_t len;

    if (!slice_copy(name, parameter->name, sizeof(parameter->name)) || !words_have(allowed, name))
        return QUERY_E_UNKNOWN;
    if (query_get(query, parameter->name).data != NULL)
        return QUERY_E_DOUBLED;
    if (!path_decode(pair, true, query->text + *used, sizeof(query->text) - *used, &len))
        return QUERY_E_BAD;
    parameter->value = (struct slice){ query->text + *used, len };
    *used += len + 1;
    query->count++;
    return 0;
}

int query_read(struct slice raw, const char *allowed, struct query *ret_query)
{
    size_t used = 0;

    ret_query->count = 0;
    while (raw.len > 0) {
        int rc;

        if (ret_query->count == QUERY_PARAMETERS_MAX - 1) {
            ret_query->parameters[ret_query->count].name[0] = '\0';
            return QUERY_E_UNKNOWN;
        }
        rc = read_parameter(next_piece(&raw, '&'), allowed, ret_query, &used);
        if (rc != 0)
            return rc;
    }
    return 0;
}

struct slice query_get(const struct query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++)
        if (strcmp(query->parameters[i].name, name) == 0)
            return query->parameters[i].value;
    return SLICE_NONE;
}
