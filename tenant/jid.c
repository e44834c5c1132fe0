/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/jid.h"

#include "base/format/text.h"

#include <utf8proc.h>

static bool has_any(struct slice text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c <= 0x20 || c == 0x7f || strchr(characters, (char)c) != NULL)
            return true;
    }
    return false;
}

/* RFC 7622: no spaces or controls anywhere, these besides in a localpart. */
static bool is_local(struct slice local)
{
    return local.len > 0 && local.len <= JID_PART_MAX && !has_any(local, "\"&'/:<>@");
}

static bool is_domain(struct slice domain)
{
    return domain.len > 0 && domain.len <= JID_PART_MAX && !has_any(domain, "\"&'/<>@") &&
           domain.data[0] != '.' && domain.data[domain.len - 1] != '.';
}

static struct slice before(struct slice text, size_t at)
{
    return (struct slice){ text.data, at };
}

static struct slice after(struct slice text, size_t at)
{
    return (struct slice){ text.data + at + 1, text.len - at - 1 };
}

/* The place of the first `c`; text.len when there is none. */
static size_t find(struct slice text, char c)
{
    const char *at = text.len == 0 ? NULL : memchr(text.data, c, text.len);

    return at == NULL ? text.len : (size_t)(at - text.data);
}

int jid_split(struct slice text, struct jid *ret_jid)
{
    struct jid jid = { .bare = text };
    size_t slash = find(text, '/'), at;

    if (text_check(text, NULL) != TEXT_FINE)
        return 1;
    if (slash < text.len) {
        jid.bare = before(text, slash);
        jid.resource = after(text, slash);
        if (jid.resource.len == 0 || jid.resource.len > JID_PART_MAX)
            return 1;
    }
    at = find(jid.bare, '@');
    jid.domain = jid.bare;
    if (at < jid.bare.len) {
        jid.local = before(jid.bare, at);
        jid.domain = after(jid.bare, at);
        if (!is_local(jid.local))
            return 1;
    }
    if (!is_domain(jid.domain))
        return 1;
    *ret_jid = jid;
    return 0;
}

/* Simple lower case, code point by code point, normalised to NFC. */
static bool lower_case(struct slice text, struct buf *to)
{
    for (size_t at = 0; at < text.len;) {
        utf8proc_int32_t point;
        utf8proc_uint8_t bytes[4];
        utf8proc_ssize_t used = utf8proc_iterate((const utf8proc_uint8_t *)text.data + at,
                                                 (utf8proc_ssize_t)(text.len - at), &point);

        if (used <= 0)
            return false;
        at += (size_t)used;
        buf_add(to, bytes, (size_t)utf8proc_encode_char(utf8proc_tolower(point), bytes));
    }
    return !buf_failed(to);
}

int jid_normalise_bare(struct slice text, char *ret_jid, size_t size)
{
    struct jid jid;
    AUTO_BUF lowered, clean;

    buf_init(&lowered, JID_MAX);
    buf_init(&clean, JID_MAX);
    if (!lower_case(text, &lowered) ||
        text_clean(buf_slice(&lowered), JID_MAX, &clean) != TEXT_FINE ||
        jid_split(buf_slice(&clean), &jid) != 0 || jid.local.len == 0 || jid.resource.len > 0)
        return 1;
    return slice_copy(buf_slice(&clean), ret_jid, size) ? 0 : 1;
}
