/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/base64url.h"

/* The six bits of a character; 64: it is none of the alphabet. */
static unsigned value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    if (c == '-')
        return 62;
    return c == '_' ? 63 : 64;
}

bool base64url_decode(struct slice text, struct buf *to)
{
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned value = value_of(text.data[i]);

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
