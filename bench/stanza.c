/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/stanza.h"

#include <stdlib.h>
#include <string.h>

const char *stanza_find(struct slice in, const char *what)
{
    return in.len == 0 ? NULL : memmem(in.data, in.len, what, strlen(what));
}

struct slice stanza_between(struct slice in, const char *before, char after)
{
    const char *at = stanza_find(in, before), *end;

    if (at == NULL)
        return SLICE_NONE;
    at += strlen(before);
    end = memchr(at, after, in.len - (size_t)(at - in.data));
    return end == NULL ? SLICE_NONE : (struct slice){ at, (size_t)(end - at) };
}

struct slice stanza_attribute(const struct stanza *stanza, const char *name)
{
    const char *at = stanza_find(stanza->head, name), *end;
    size_t left;

    if (at == NULL)
        return SLICE_NONE;
    at += strlen(name);
    left = stanza->head.len - (size_t)(at - stanza->head.data);
    end = left < 2 ? NULL : memchr(at + 1, *at, left - 1);
    return end == NULL ? SLICE_NONE : (struct slice){ at + 1, (size_t)(end - at) - 1 };
}

struct stanza stanza_next(struct slice in)
{
    static const char *const ends[] = { "</failure>", "</message>",   "</presence>",
                                        "</iq>",      "</handshake>", "</stream:features>" };
    struct stanza stanza = { 0 };
    const char *close = memchr(in.data, '>', in.len), *end;

    if (close == NULL)
        return stanza;
    stanza.head = (struct slice){ in.data, (size_t)(close - in.data) + 1 };
    if (in.data[1] == '?' || in.data[1] == '/' || slice_starts_with(in, "<stream:stream") ||
        close[-1] == '/') {
        stanza.text = stanza.head;
        return stanza;
    }
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (strncmp(in.data + 1, ends[i] + 2, strlen(ends[i]) - 3) != 0)
            continue;
        end = stanza_find(in, ends[i]);
        if (end != NULL)
            stanza.text = (struct slice){ in.data, (size_t)(end - in.data) + strlen(ends[i]) };
    }
    return stanza;
}

uint64_t stanza_stamp_us(struct slice body)
{
    return body.len < 2 || body.data[0] != '@' ? 0 : strtoull(body.data + 1, NULL, 10);
}
