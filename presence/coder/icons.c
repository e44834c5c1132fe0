/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/icons.h"

#include <string.h>
#include <utf8proc.h>

enum { ZERO_WIDTH_JOINER = 0x200d, EMOJI_STYLE = 0xfe0f, KEYCAP = 0x20e3, MAX_EMOTICON = 40 };

static int32_t value_at(const struct points *points, size_t at)
{
    return at < points->count ? points->at[at].value : 0;
}

static bool is_one_of(int32_t value, const char *set)
{
    return value > 0 && value < 0x80 && strchr(set, (char)value) != NULL;
}

static bool is_word(int32_t value)
{
    return point_is_letter(value) || point_is_digit(value);
}

static int boundclass(int32_t value)
{
    return (int)utf8proc_get_property(value)->boundclass;
}

static bool is_pictograph(int32_t value)
{
    return value >= 0x203c && boundclass(value) == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_flag_letter(int32_t value)
{
    return value >= 0x1f1e6 && value <= 0x1f1ff;
}

/* Skin tones, variation selectors, tags: they belong to the emoji before them. */
static size_t skip_modifiers(const struct points *points, size_t at)
{
    while (at < points->count && value_at(points, at) != ZERO_WIDTH_JOINER &&
           value_at(points, at) >= 0x300 &&
           boundclass(value_at(points, at)) == UTF8PROC_BOUNDCLASS_EXTEND)
        at++;
    return at;
}

/* Signs such as ™ and ↔ are pictographs only when styled so. */
static bool begins_emoji(const struct points *points, size_t at)
{
    int32_t value = value_at(points, at);

    if (!is_pictograph(value))
        return false;
    return value >= 0x2600 || value_at(points, at + 1) == EMOJI_STYLE ||
           (value >= 0x231a && value <= 0x23ff);
}

static size_t emoji_at(const struct points *points, size_t at)
{
    size_t end = at;

    if (is_flag_letter(value_at(points, at)) && is_flag_letter(value_at(points, at + 1)))
        return 2;
    if (is_one_of(value_at(points, at), "0123456789#*")) {
        end += value_at(points, at + 1) == EMOJI_STYLE ? 2 : 1;
        return value_at(points, end) == KEYCAP ? end + 1 - at : 0;
    }
    if (!begins_emoji(points, at))
        return 0;
    end = skip_modifiers(points, at + 1);
    while (value_at(points, end) == ZERO_WIDTH_JOINER && is_pictograph(value_at(points, end + 1)))
        end = skip_modifiers(points, end + 2);
    return end - at;
}

/* :dancer: and :+1: */
static size_t shortcode_at(const struct points *points, size_t at)
{
    size_t end = at + 1;

    if (value_at(points, at) != ':' || (at > 0 && is_word(points->at[at - 1].value)))
        return 0;
    while (end - at < MAX_EMOTICON &&
           (is_word(value_at(points, end)) || is_one_of(value_at(points, end), "_+-")))
        end++;
    if (end - at < 3 || value_at(points, end) != ':' || is_word(value_at(points, end + 1)))
        return 0;
    return end + 1 - at;
}

/* Eyes, perhaps a nose, a mouth, which may be drawn out: :-))) */
static size_t face_at(const struct points *points, size_t at)
{
    int32_t before = at > 0 ? points->at[at - 1].value : ' ', eyes = value_at(points, at), mouth;
    size_t end = at + 1, mouth_at;

    if (!is_one_of(eyes, ":;=xX8"))
        return 0;
    if (is_one_of(eyes, "xX8=") && is_word(before))
        return 0;
    if (is_one_of(eyes, ":;") && point_is_digit(before))
        return 0;
    if (eyes == ';' && is_word(before) && is_word(value_at(points, end)))
        return 0; /* a slip of the finger: I;d like */
    if (is_one_of(value_at(points, end), "'"))
        end++;
    if (is_one_of(value_at(points, end), "-^o") && !is_one_of(eyes, "xX"))
        end++;
    mouth_at = end;
    mouth = value_at(points, end);
    if (is_one_of(eyes, "xX") ? !is_one_of(mouth, "dD") : !is_one_of(mouth, ")(DdPp/\\|3*oO@$]["))
        return 0;
    if (eyes == '8' && !is_one_of(mouth, ")D"))
        return 0;
    while (value_at(points, end) == mouth && end - at < MAX_EMOTICON)
        end++;
    if (is_word(value_at(points, end)) || (mouth == '/' && value_at(points, end) == '/'))
        return 0;
    return mouth_at < end ? end - at : 0;
}

static size_t literal_at(const struct points *points, size_t at, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (value_at(points, at + i) != (unsigned char)text[i])
            return 0;
    }
    return len;
}

static bool is_last(const struct points *points, size_t at)
{
    while (at < points->count && point_is_space(points->at[at].value))
        at++;
    return at == points->count;
}

/* -_- and -_____-, ^^, ;_;, o_O: two eyes of a kind around a mouth */
static size_t upright_at(const struct points *points, size_t at)
{
    static const char *const fixed[] = { "</3", "<3", "\\o/", "(y)", "(n)", "D:", "(:", "(;" };
    int32_t eye = value_at(points, at);
    size_t end = at + 1;

    if (at > 0 && is_word(points->at[at - 1].value))
        return 0;
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        size_t len = literal_at(points, at, fixed[i]);

        if (len > 0 && !is_word(value_at(points, at + len)))
            return len;
    }
    if (literal_at(points, at, "^^") > 0 && is_last(points, at + 2))
        return 2; /* a smile; before other words ^^ points at what was said above */
    if (!is_one_of(eye, "-^;oOT><uU"))
        return 0;
    while (is_one_of(value_at(points, end), "_.") && end - at < MAX_EMOTICON)
        end++;
    if (end == at + 1 || (value_at(points, at + 1) == '.' && eye != '^' && eye != '>'))
        return 0;
    if (!is_one_of(value_at(points, end), "-^;oOT><uU") || is_word(value_at(points, end + 1)))
        return 0;
    return end + 1 - at;
}

size_t icon_at(const struct points *points, size_t at)
{
    int32_t value = value_at(points, at);
    size_t len;

    if (value >= 0x80 || is_one_of(value, "0123456789#*"))
        return (len = emoji_at(points, at)) > 0 || value != '8' ? len : face_at(points, at);
    if ((len = shortcode_at(points, at)) > 0)
        return len;
    if ((len = face_at(points, at)) > 0)
        return len;
    return upright_at(points, at);
}
