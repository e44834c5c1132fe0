/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *buf, size_t limit_bytes)
{
    *buf = (struct buf){ .limit = limit_bytes };
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->limit);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

/* Room for `more` bytes and the terminator. */
static bool reserve(struct buf *buf, size_t more)
{
    size_t cap = buf->cap == 0 ? FIRST_CAP : buf->cap;
    char *data;

    if (buf->failed || more > buf->limit - buf->len) {
        buf->failed = true;
        return false;
    }
    while (cap < buf->len + more + 1)
        cap *= 2;
    if (cap == buf->cap)
        return true;
    data = realloc(buf->data, cap);
    if (data == NULL) {
        buf->failed = true;
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
    if (!reserve(buf, len))
        return;
    if (len > 0)
        memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void buf_add_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_add_slice(struct buf *buf, struct slice text)
{
    buf_add(buf, text.data, text.len);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        buf->failed = true;
    else if (reserve(buf, (size_t)len)) {
        (void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

/* What stands in place of the bytes at the front of `rest`, *used of them; NULL: they do. */
typedef const char *escape_fn(struct slice rest, size_t *used, char scratch[8]);

static void add_escaped(struct buf *buf, struct slice text, escape_fn *escape)
{
    size_t from = 0, used = 1;
    char scratch[8];

    for (size_t i = 0; i < text.len; i += used) {
        const char *instead;

        used = 1;
        instead = escape((struct slice){ text.data + i, text.len - i }, &used, scratch);
        if (instead == NULL)
            continue;
        buf_add(buf, text.data + from, i - from);
        buf_add_text(buf, instead);
        from = i + used;
    }
    if (text.len > from)
        buf_add(buf, text.data + from, text.len - from);
}

/* What is JSON but no JavaScript of every age, or would end a script element: the loader's
 * configuration stands in a script. */
static const char *escape_for_script(struct slice rest, size_t *used)
{
    if (slice_starts_with(rest, "</")) {
        *used = 2;
        return "<\\/";
    }
    if (slice_starts_with(rest, "\xe2\x80\xa8") || slice_starts_with(rest, "\xe2\x80\xa9")) {
        *used = 3;
        return rest.data[2] == '\xa8' ? "\\u2028" : "\\u2029";
    }
    return NULL;
}

static const char *escape_json(struct slice rest, size_t *used, char scratch[8])
{
    unsigned char c = (unsigned char)rest.data[0];

    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case '<':
    case 0xe2:
        return escape_for_script(rest, used);
    default:
        if (c >= 0x20)
            return NULL;
        (void)snprintf(scratch, 8, "\\u%04x", (unsigned)c);
        return scratch;
    }
}

static const char *escape_xml(struct slice rest, size_t *used, char scratch[8])
{
    (void)used;
    (void)scratch;
    switch (rest.data[0]) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void buf_add_json(struct buf *buf, struct slice text)
{
    buf_add(buf, "\"", 1);
    add_escaped(buf, text, escape_json);
    buf_add(buf, "\"", 1);
}

void buf_add_xml(struct buf *buf, struct slice text)
{
    add_escaped(buf, text, escape_xml);
}

bool buf_failed(const struct buf *buf)
{
    return buf->failed;
}

struct slice buf_slice(const struct buf *buf)
{
    return (struct slice){ buf->data, buf->len };
}
