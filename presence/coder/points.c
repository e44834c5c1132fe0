/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/points.h"

#include "presence/coder/coder.h"

#include <stdlib.h>
#include <utf8proc.h>

/* A letter with more marks than this is left as it is: nobody writes so, and sorting the marks of
 * one letter takes the square of their number. */
enum { MAX_CLUSTER = 16 };

void points_release(struct points *points)
{
    free(points->at);
    *points = (struct points){ 0 };
}

static utf8proc_category_t category(int32_t value)
{
    return utf8proc_category(value);
}

bool point_is_letter(int32_t value)
{
    if (value < 0x80)
        return (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
    if (value < 0x250)
        return value != 0xd7 && value != 0xf7 && (value >= 0xc0 || value == 0xaa || value == 0xba);
    switch (category(value)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return true;
    default:
        return false;
    }
}

bool point_is_digit(int32_t value)
{
    return value >= '0' && value <= '9';
}

bool point_is_space(int32_t value)
{
    return value == ' ' || value == '\n' || value == '\t' || value == '\r';
}

bool point_is_upper(int32_t value)
{
    if (value < 0x80)
        return value >= 'A' && value <= 'Z';
    return category(value) == UTF8PROC_CATEGORY_LU;
}

int32_t point_lower(int32_t value)
{
    if (value < 0x80)
        return value >= 'A' && value <= 'Z' ? value + 32 : value;
    return utf8proc_tolower(value);
}

/* One sort of quote, apostrophe and space, whatever the keyboard or editor made of it. */
static int32_t made_plain(int32_t value)
{
    if (value < 0x80)
        return value == '\r' || value == '\v' || value == '\f' ? '\n' : value;
    switch (value) {
    case 0x2018:
    case 0x2019:
    case 0x201b:
    case 0x02bc:
    case 0xb4:
        return '\'';
    case 0x201c:
    case 0x201d:
    case 0x201e:
    case 0xab:
    case 0xbb:
        return '"';
    case 0x2028:
    case 0x2029:
        return '\n';
    default:
        return category(value) == UTF8PROC_CATEGORY_ZS ? ' ' : value;
    }
}

static bool is_combining(int32_t value)
{
    return value >= 0x300 && utf8proc_get_property(value)->combining_class != 0;
}

static int reserve(struct points *points, size_t count)
{
    size_t cap = points->cap == 0 ? 256 : points->cap;
    struct point *at;

    if (count > PRESENCE_MAX_POINTS)
        return POINTS_E_REFUSED;
    while (cap <= count)
        cap *= 2;
    if (cap == points->cap)
        return OK;
    at = realloc(points->at, cap * sizeof(*at));
    if (at == NULL)
        return RAISE(ERR_NO_MEMORY);
    points->at = at;
    points->cap = cap;
    return OK;
}

static int decode(struct points *points, struct slice text)
{
    const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.data;

    points->count = 0;
    for (size_t i = 0; i < text.len; points->count++) {
        utf8proc_int32_t value = bytes[i];
        utf8proc_ssize_t used = 1;
        int rc = reserve(points, points->count + 1);

        if (rc != OK)
            return rc;
        if (value >= 0x80)
            used = utf8proc_iterate(bytes + i, (utf8proc_ssize_t)(text.len - i), &value);
        if (used <= 0)
            return POINTS_E_REFUSED;
        i += (size_t)used;
        points->at[points->count] = (struct point){ value, (uint32_t)points->count, false };
    }
    return reserve(points, points->count + 1);
}

/* Composes one letter and its marks, in place; returns how many points it came to. */
static size_t compose_cluster(struct point *at, size_t count)
{
    utf8proc_int32_t values[MAX_CLUSTER * 4];
    utf8proc_ssize_t len = 0, composed;

    if (count > MAX_CLUSTER)
        return count;
    for (size_t i = 0; i < count; i++)
        len += utf8proc_decompose_char(at[i].value, values + len, MAX_CLUSTER * 4 - len,
                                       UTF8PROC_STABLE | UTF8PROC_DECOMPOSE, NULL);
    if (len > MAX_CLUSTER * 4)
        return count;
    composed = utf8proc_normalize_utf32(values, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (composed <= 0 || (size_t)composed > count)
        return count;
    for (size_t i = 0; i < (size_t)composed; i++)
        at[i].value = values[i];
    return (size_t)composed;
}

/* To NFC. Most text is in it already, and then this only looks for marks. */
static void compose(struct points *points)
{
    size_t kept = 0;

    for (size_t i = 0; i < points->count;) {
        size_t len = 1, left;

        while (i + len < points->count && is_combining(points->at[i + len].value))
            len++;
        left = len == 1 ? 1 : compose_cluster(points->at + i, len);
        for (size_t k = 0; k < left; k++)
            points->at[kept++] = points->at[i + k];
        i += len;
    }
    points->count = kept;
}

static void hide(struct points *points, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        points->at[i].hidden = true;
}

static size_t line_end(const struct points *points, size_t from)
{
    while (from < points->count && points->at[from].value != '\n')
        from++;
    return from;
}

/* Lines that begin with '>': somebody else's words. */
static void hide_quoted_lines(struct points *points)
{
    for (size_t i = 0; i < points->count;) {
        size_t end = line_end(points, i);

        if (points->at[i].value == '>' && i + 1 < end &&
            (point_is_space(points->at[i + 1].value) || point_is_letter(points->at[i + 1].value)))
            hide(points, i, end);
        i = end + 1;
    }
}

/* Between two `mark`s of one line; a mark without its fellow hides nothing. An opening quote
 * follows no letter, so that inches and apostrophes pass. */
static void hide_between(struct points *points, int32_t mark)
{
    size_t open = SIZE_MAX;

    for (size_t i = 0; i < points->count; i++) {
        int32_t value = points->at[i].value;

        if (value == '\n') {
            open = SIZE_MAX;
        } else if (value != mark || points->at[i].hidden) {
            continue;
        } else if (open == SIZE_MAX) {
            bool after_word = i > 0 && (point_is_letter(points->at[i - 1].value) ||
                                        point_is_digit(points->at[i - 1].value));

            open = after_word ? SIZE_MAX : i;
        } else {
            hide(points, open, i + 1);
            open = SIZE_MAX;
        }
    }
}

static size_t fences_at(const struct points *points, size_t i)
{
    size_t n = 0;

    while (i + n < points->count && points->at[i + n].value == '`')
        n++;
    return n;
}

/* ``` blocks of code ```, over lines. An open one reaches to the end. */
static void hide_fences(struct points *points)
{
    size_t open = SIZE_MAX;

    for (size_t i = 0; i < points->count;) {
        size_t n = fences_at(points, i);

        if (n >= 3) {
            if (open != SIZE_MAX)
                hide(points, open, i + n);
            open = open == SIZE_MAX ? i : SIZE_MAX;
        }
        i += n == 0 ? 1 : n;
    }
    if (open != SIZE_MAX)
        hide(points, open, points->count);
}

/* { "code": … } and the like: braces with their content, when they close. */
static void hide_braces(struct points *points)
{
    size_t depth = 0, open = 0;

    for (size_t i = 0; i < points->count; i++) {
        if (points->at[i].hidden)
            continue;
        if (points->at[i].value == '{' && depth++ == 0)
            open = i;
        if (points->at[i].value == '}' && depth > 0 && --depth == 0 && i - open > 2)
            hide(points, open, i + 1);
    }
}

int points_read(struct points *points, struct slice text)
{
    int rc = decode(points, text);

    if (rc != OK)
        return rc;
    points->at[points->count] = (struct point){ 0, (uint32_t)points->count, false };
    {
        uint32_t end = (uint32_t)points->count;

        compose(points);
        points->at[points->count] = (struct point){ 0, end, false };
    }
    for (size_t i = 0; i < points->count; i++)
        points->at[i].value = made_plain(points->at[i].value);
    hide_quoted_lines(points);
    hide_fences(points);
    hide_between(points, '`');
    hide_between(points, '"');
    hide_braces(points);
    return OK;
}
