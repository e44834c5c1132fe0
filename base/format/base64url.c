/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/base64url.h"

/* The six bits of a character; 64: it is none of the alphabet. */
static unsigned value_of(char c, const char last[2])
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    if (c == last[0])
        return 62;
    return c == last[1] ? 63 : 64;
}

static bool decode(struct slice text, const char last[2], struct buf *to)
{
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned value = value_of(text.data[i], last);

        if (value == 64)
            return false;
        bits = (bits << 6 | value) & 0xffffu;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        buf_add(to, &(const char){ (char)(bits >> held & 0xffu) }, 1);
    }
    return held < 6 && (bits & ((1u << held) - 1)) == 0 && !buf_failed(to);
}

bool base64url_decode(struct slice text, struct buf *to)
{
    return decode(text, "-_", to);
}

bool base64_decode(struct slice text, struct buf *to)
{
    if (text.len % 4 != 0)
        return false;
    for (int padding = 0; padding < 2 && text.len > 0 && text.data[text.len - 1] == '='; padding++)
        text.len--;
    return decode(text, "+/", to);
}

void base64_encode(struct slice bytes, struct buf *to)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        char four[4];
        unsigned bits = 0;

        for (size_t i = 0; i < 3; i++)
            bits = bits << 8 | (i < left ? (unsigned char)bytes.data[at + i] : 0);
        for (size_t i = 0; i < 4; i++)
            four[i] = i <= left ? letters[bits >> (18 - 6 * i) & 63] : '=';
        buf_add(to, four, sizeof(four));
    }
}
