/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/emoji.h"

#include <string.h>
#include <utf8proc.h>

enum { VARIATION = 0xFE0F, KEYCAP = 0x20E3, TAG_END = 0xE007F };

static bool is_picture(utf8proc_int32_t point)
{
    return utf8proc_get_property(point)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_flag_half(utf8proc_int32_t point)
{
    return utf8proc_get_property(point)->boundclass == UTF8PROC_BOUNDCLASS_REGIONAL_INDICATOR;
}

static bool is_key(utf8proc_int32_t point)
{
    return point == '#' || point == '*' || (point >= '0' && point <= '9');
}

static bool is_joiner(utf8proc_int32_t point)
{
    return point == 0x200D;
}

/* What may follow a picture: how it is to look, a skin tone, the letters of a flag's name. */
static bool is_modifier(utf8proc_int32_t point)
{
    return point == VARIATION || (point >= 0x1F3FB && point <= 0x1F3FF) ||
           (point >= 0xE0020 && point <= TAG_END);
}

static size_t read_points(struct slice text, utf8proc_int32_t points[EMOJI_BYTES_MAX])
{
    size_t count = 0;

    while (text.len > 0) {
        utf8proc_ssize_t taken = utf8proc_iterate((const utf8proc_uint8_t *)text.data,
                                                  (utf8proc_ssize_t)text.len, &points[count]);

        if (taken <= 0)
            return 0;
        text = (struct slice){ text.data + taken, text.len - (size_t)taken };
        count++;
    }
    return count;
}

/* Pictures, each with its modifiers, joined to one. */
static bool is_joined_picture(const utf8proc_int32_t *points, size_t count)
{
    bool wants_picture = true;

    for (size_t i = 0; i < count; i++) {
        if (wants_picture ? !is_picture(points[i])
                          : !is_modifier(points[i]) && !is_joiner(points[i]))
            return false;
        wants_picture = is_joiner(points[i]);
    }
    return !wants_picture;
}

static bool is_one(const utf8proc_int32_t *points, size_t count)
{
    if (count == 2 && is_flag_half(points[0]))
        return is_flag_half(points[1]);
    if (count > 1 && is_key(points[0]))
        return points[count - 1] == KEYCAP &&
               (count == 2 || (count == 3 && points[1] == VARIATION));
    return is_joined_picture(points, count);
}

bool emoji_is_one(struct slice text)
{
    utf8proc_int32_t points[EMOJI_BYTES_MAX] = { 0 };
    size_t count = text.len > EMOJI_BYTES_MAX ? 0 : read_points(text, points);

    return is_one(points, count);
}

static bool is_skin_tone(utf8proc_int32_t point)
{
    return point >= 0x1F3FB && point <= 0x1F3FF;
}

/* What Unicode draws as a picture by itself takes two columns of a terminal (UAX #11), the rest
 * one; and with a skin tone, or a flag's other half, it is a picture. */
static bool is_text_by_itself(utf8proc_int32_t point, utf8proc_int32_t next)
{
    return is_key(point) ||
           (is_picture(point) && utf8proc_charwidth(point) < 2 && !is_skin_tone(next));
}

static void add_point(struct buf *to, utf8proc_int32_t point)
{
    utf8proc_uint8_t bytes[4];

    buf_add(to, bytes, (size_t)utf8proc_encode_char(point, bytes));
}

bool emoji_add(struct slice text, struct buf *to)
{
    utf8proc_int32_t points[EMOJI_BYTES_MAX] = { 0 };
    size_t count = text.len > EMOJI_BYTES_MAX ? 0 : read_points(text, points), left = 0;
    AUTO_BUF whole;

    buf_init(&whole, EMOJI_BYTES_MAX);
    if (!is_one(points, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (points[i] != VARIATION)
            points[left++] = points[i];
    }
    for (size_t i = 0; i < left; i++) {
        add_point(&whole, points[i]);
        if (is_text_by_itself(points[i], i + 1 < left ? points[i + 1] : 0))
            add_point(&whole, VARIATION);
    }
    if (buf_failed(&whole))
        return false;
    buf_add_slice(to, buf_slice(&whole));
    return true;
}

struct slice emoji_next(struct slice *rest)
{
    const char *space = rest->len == 0 ? NULL : memchr(rest->data, ' ', rest->len);
    struct slice first = { rest->data, space == NULL ? rest->len : (size_t)(space - rest->data) };

    *rest = space == NULL ? SLICE_NONE : (struct slice){ space + 1, rest->len - first.len - 1 };
    return first;
}

static bool holds(struct slice set, struct slice one)
{
    while (set.len > 0) {
        if (slice_equal(emoji_next(&set), one))
            return true;
    }
    return false;
}

bool emoji_is_set(struct slice text)
{
    struct slice rest = text;
    unsigned count = 0;

    if (text.len > 0 && text.data[text.len - 1] == ' ')
        return false;
    while (rest.len > 0) {
        struct slice one = emoji_next(&rest);

        if (++count > EMOJI_SET_MAX || !emoji_is_one(one) || holds(rest, one))
            return false;
    }
    return true;
}
