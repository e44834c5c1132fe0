/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/text.h"

#include <stdlib.h>
#include <utf8proc.h>

/* Decodes one code point at *at and moves past it. -1: not UTF-8 there; *at is left. */
static int32_t next_point(struct slice text, size_t *at)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t used;
    unsigned char first = (unsigned char)text.data[*at];

    if (first < 0x80) {
        (*at)++;
        return first;
    }
    used = utf8proc_iterate((const utf8proc_uint8_t *)text.data + *at,
                            (utf8proc_ssize_t)(text.len - *at), &point);
    if (used <= 0)
        return -1;
    *at += (size_t)used;
    return point;
}

static bool is_xml_character(int32_t point)
{
    if (point < 0x20)
        return point == '\t' || point == '\n' || point == '\r';
    if (point >= 0xfdd0 && point <= 0xfdef)
        return false;
    return (point & 0xfffe) != 0xfffe; /* U+xxFFFE and U+xxFFFF of every plane */
}

enum text_verdict text_check(struct slice text, size_t *ret_points)
{
    size_t points = 0;

    for (size_t at = 0; at < text.len; points++) {
        int32_t point = next_point(text, &at);

        if (point < 0)
            return TEXT_BAD_UTF8;
        if (!is_xml_character(point))
            return TEXT_BAD_CHARACTER;
    }
    if (ret_points != NULL)
        *ret_points = points;
    return TEXT_FINE;
}

/* White space, controls and format characters leave nothing to see. */
static bool is_invisible(int32_t point)
{
    if (point < 0x80)
        return point <= 0x20 || point == 0x7f;
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
        return true;
    default:
        return point == 0x2800 || point == 0x3164; /* braille blank, hangul filler */
    }
}

static bool is_blank(struct slice text)
{
    for (size_t at = 0; at < text.len;) {
        if (!is_invisible(next_point(text, &at)))
            return false;
    }
    return true;
}

struct slice text_start(struct slice text, size_t max)
{
    if (text.len <= max)
        return text;
    text.len = max;
    while (text.len > 0 && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
        text.len--;
    return text;
}

size_t text_mark(struct slice text)
{
    return slice_starts_with(text, "\xef\xbb\xbf") ? 3 : 0;
}

struct slice text_after_blank(struct slice text)
{
    size_t at = 0, next = 0;

    while (at < text.len && is_invisible(next_point(text, &next)) && next > at)
        at = next;
    return (struct slice){ text.data + at, text.len - at };
}

static bool is_ascii(struct slice text)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < text.len; i++)
        seen |= (unsigned char)text.data[i];
    return seen < 0x80;
}

static void add_with_unix_line_ends(struct buf *to, struct slice text)
{
    size_t from = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '\r')
            continue;
        buf_add(to, text.data + from, i - from);
        buf_add(to, "\n", 1);
        if (i + 1 < text.len && text.data[i + 1] == '\n')
            i++;
        from = i + 1;
    }
    if (text.len > from)
        buf_add(to, text.data + from, text.len - from);
}

/* Normal form C. Text in ASCII, by far the most, is in it already. */
static bool add_nfc(struct buf *to, struct slice text)
{
    utf8proc_uint8_t *composed = NULL;
    utf8proc_ssize_t len;

    if (is_ascii(text)) {
        add_with_unix_line_ends(to, text);
        return true;
    }
    len = utf8proc_map((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len, &composed,
                       UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (len < 0)
        return false;
    add_with_unix_line_ends(to, (struct slice){ (char *)composed, (size_t)len });
    free(composed);
    return true;
}

enum text_verdict text_clean(struct slice text, size_t max_points, struct buf *ret_text)
{
    enum text_verdict verdict = text_check(text, NULL);

    buf_clear(ret_text);
    if (verdict != TEXT_FINE)
        return verdict;
    if (text.len > max_points * 4 * 3) /* before any work; composition shrinks 3-fold at most */
        return TEXT_TOO_LONG;
    if (!add_nfc(ret_text, text) || buf_failed(ret_text))
        return TEXT_TOO_LONG;
    if (text_points(buf_slice(ret_text)) > max_points)
        return TEXT_TOO_LONG;
    return is_blank(buf_slice(ret_text)) ? TEXT_BLANK : TEXT_FINE;
}

static bool is_space_or_control(int32_t point)
{
    bool overrides = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);

    return point <= 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0xa0 || point == 0x2028 ||
           point == 0x2029 || overrides;
}

void text_one_line(struct slice text, size_t max_points, struct buf *to)
{
    size_t points = 0;
    bool space_due = false;

    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        int32_t point = next_point(text, &at);

        if (point < 0)
            at++;
        if (point >= 0 && is_space_or_control(point)) {
            space_due = points > 0;
            continue;
        }
        if (points + (space_due ? 1 : 0) >= max_points) {
            buf_add_text(to, "…");
            return;
        }
        if (space_due) {
            buf_add(to, " ", 1);
            points++;
            space_due = false;
        }
        if (point < 0 || !is_xml_character(point))
            buf_add_text(to, "\xef\xbf\xbd");
        else
            buf_add(to, text.data + from, at - from);
        points++;
    }
}

size_t text_points(struct slice text)
{
    size_t points = 0;

    for (size_t i = 0; i < text.len; i++)
        points += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return points;
}

const char *text_verdict_name(enum text_verdict verdict)
{
    static const char *const names[] = { "fine", "bad-utf8", "bad-character", "too-long", "blank" };

    return names[verdict];
}

/* --- words --- */

static bool is_wordy(int32_t point)
{
    utf8proc_category_t category = utf8proc_category(point);

    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

static bool is_space(int32_t point)
{
    return point <= ' ' || utf8proc_category(point) == UTF8PROC_CATEGORY_ZS;
}

size_t text_words(struct slice text)
{
    const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)text.data;
    utf8proc_ssize_t left = (utf8proc_ssize_t)text.len;
    bool counted = false;
    size_t words = 0;

    while (left > 0) {
        int32_t point;
        utf8proc_ssize_t used = utf8proc_iterate(at, left, &point);

        if (used <= 0)
            break;
        if (is_space(point)) {
            counted = false;
        } else if (!counted && is_wordy(point)) {
            counted = true;
            words++;
        }
        at += used;
        left -= used;
    }
    return words;
}
