/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/base32.h"

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

void base32_encode(const uint8_t *bytes, size_t len, char *text)
{
    unsigned bits = 0, held = 0;
    size_t at = 0;

    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8) | bytes[i];
        for (held += 8; held >= 5; held -= 5)
            text[at++] = alphabet[(bits >> (held - 5)) & 31u];
    }
    if (held > 0)
        text[at++] = alphabet[(bits << (5 - held)) & 31u]; /* what is left, padded with zeros */
    text[at] = '\0';
}

static int digit_value(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= '2' && c <= '7')
        return c - '2' + 26;
    return -1;
}

bool base32_decode(struct slice text, uint8_t *bytes, size_t len)
{
    unsigned bits = 0, held = 0;
    size_t at = 0;

    if (text.len != BASE32_LEN(len))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int value = digit_value(text.data[i]);

        if (value < 0)
            return false;
        bits = (bits << 5) | (unsigned)value;
        held += 5;
        if (held >= 8) {
            bytes[at++] = (uint8_t)(bits >> (held - 8));
            held -= 8;
        }
    }
    return (bits & ((1u << held) - 1u)) == 0; /* two texts must never mean the same bytes */
}
