/* SPDX-License-Identifier: Apache-2.0
 *
 * What may pass as text, compared with a second validator written from the standards alone;
 * and that whatever becomes one line, JSON or XML is valid again.
 */
#include "base/format/json.h"
#include "base/format/text.h"
#include "tests/fuzz/fuzz.h"

enum { POINTS_MAX = 200 };

/* RFC 3629, table 3-7 of Unicode. Length of the sequence; 0: none. */
static size_t reference_point(const uint8_t *at, size_t left, uint32_t *ret_point)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t point = len == 1 ? at[0] : (uint32_t)(at[0] & (0x7f >> len));

    if (len == 0 || len > left || at[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (at[i] & 0x3f);
    }
    if ((len == 3 && point < 0x800) || (len == 4 && point < 0x10000) || point > 0x10ffff ||
        (point >= 0xd800 && point <= 0xdfff))
        return 0;
    *ret_point = point;
    return len;
}

static enum text_verdict reference_check(const uint8_t *bytes, size_t len)
{
    for (size_t at = 0, used; at < len; at += used) {
        uint32_t point;

        used = reference_point(bytes + at, len - at, &point);
        if (used == 0)
            return TEXT_BAD_UTF8;
        if (point < 0x20 && point != '\t' && point != '\n' && point != '\r')
            return TEXT_BAD_CHARACTER;
        if ((point & 0xffff) >= 0xfffe || (point >= 0xfdd0 && point <= 0xfdef))
            return TEXT_BAD_CHARACTER;
    }
    return TEXT_FINE;
}

static void check_json(struct slice text)
{
    AUTO_BUF quoted;
    AUTO_JSON json = NULL;
    json_error_t error;

    buf_init(&quoted, 1 << 22);
    buf_add_json(&quoted, text);
    json = json_loadb(quoted.data, quoted.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    MUST(json_is_string(json));
    MUST(slice_equal(text, (struct slice){ json_string_value(json), json_string_length(json) }));
    MUST(strstr(quoted.data, "</") == NULL && strstr(quoted.data, "\xe2\x80\xa8") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct slice text = { (const char *)input, len };
    AUTO_BUF clean, line, xml;

    buf_init(&clean, 1 << 22);
    buf_init(&line, 1 << 22);
    buf_init(&xml, 1 << 22);
    MUST(text_check(text, NULL) == reference_check(input, len));
    if (text_clean(text, POINTS_MAX, &clean) == TEXT_FINE) {
        MUST(text_check(buf_slice(&clean), NULL) == TEXT_FINE);
        MUST(clean.len > 0 && text_points(buf_slice(&clean)) <= POINTS_MAX);
        MUST(memchr(clean.data, '\r', clean.len) == NULL);
        check_json(buf_slice(&clean));
        buf_add_xml(&xml, buf_slice(&clean));
        MUST(strpbrk(xml.data, "<>\"'") == NULL);
    }
    text_one_line(text, POINTS_MAX, &line);
    MUST(text_check(buf_slice(&line), NULL) == TEXT_FINE);
    MUST(text_points(buf_slice(&line)) <= POINTS_MAX + 1);
    (void)json_depth_is_within(text, JSON_MAX_DEPTH);
    return 0;
}
