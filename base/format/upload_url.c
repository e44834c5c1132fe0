/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/upload_url.h"

#include "base/format/text.h"

#include <string.h>

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What stands in a path as itself (RFC 3986, pchar). */
static bool is_plain(char c)
{
    return is_alnum(c) || (c != '\0' && strchr("-._~!$&'()*+,;=:@", c) != NULL);
}

/* --- the place --- */

/* host or host:port, and nothing that could be taken for another: no user, no empty label. */
static bool is_authority(struct slice text)
{
    const char *colon = memchr(text.data, ':', text.len);
    size_t host_len = colon == NULL ? text.len : (size_t)(colon - text.data);

    if (host_len == 0 || text.data[0] == '.' || host_len + 1 == text.len)
        return false;
    for (size_t i = 0; i < host_len; i++) {
        if (!is_alnum(text.data[i]) && text.data[i] != '-' && text.data[i] != '.')
            return false;
    }
    for (size_t i = host_len + 1; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
    }
    return true;
}

static bool leads_here(struct slice authority)
{
    const char *colon = memchr(authority.data, ':', authority.len);
    struct slice host = { authority.data,
                          colon == NULL ? authority.len : (size_t)(colon - authority.data) };

    return slice_is(host, "localhost") || slice_is(host, "127.0.0.1");
}

/* --- the path --- */

/* A byte of a segment, decoded; what would end or hide one is none. -1: no address. */
static int next_byte(struct slice *rest)
{
    int high, low, byte;

    if (rest->data[0] != '%') {
        byte = is_plain(rest->data[0]) ? (unsigned char)rest->data[0] : -1;
        rest->data++, rest->len--;
        return byte;
    }
    high = rest->len < 3 ? -1 : hex_digit(rest->data[1]);
    low = rest->len < 3 ? -1 : hex_digit(rest->data[2]);
    if (high < 0 || low < 0)
        return -1;
    byte = high * 16 + low;
    rest->data += 3, rest->len -= 3;
    return byte < ' ' || byte == 0x7f || byte == '/' || byte == '\\' ? -1 : byte;
}

/* One segment, decoded into `to` (cleared first); false: none, or one that leads elsewhere. */
static bool take_segment(struct slice *rest, struct buf *to)
{
    buf_clear(to);
    while (rest->len > 0 && rest->data[0] != '/') {
        int byte = next_byte(rest);
        char c = (char)byte;

        if (byte < 0)
            return false;
        buf_add(to, &c, 1);
    }
    return to->len > 0 && !buf_failed(to) && !slice_is(buf_slice(to), ".") &&
           !slice_is(buf_slice(to), "..");
}

bool upload_place_is_fine(struct slice place)
{
    bool is_https = slice_starts_with(place, "https://");
    size_t scheme_len = is_https ? strlen("https://") : strlen("http://");
    struct slice rest, authority;
    const char *slash;
    AUTO_BUF segment;

    buf_init(&segment, 1024);
    if (!is_https && !slice_starts_with(place, "http://"))
        return false;
    rest = (struct slice){ place.data + scheme_len, place.len - scheme_len };
    slash = memchr(rest.data, '/', rest.len);
    if (slash == NULL || rest.data[rest.len - 1] != '/')
        return false;
    authority = (struct slice){ rest.data, (size_t)(slash - rest.data) };
    if (!is_authority(authority) || (!is_https && !leads_here(authority)))
        return false;
    rest = (struct slice){ slash + 1, rest.len - authority.len - 1 };
    while (rest.len > 0) {
        if (!take_segment(&rest, &segment))
            return false;
        rest.data++, rest.len--; /* the slash; the last byte is one */
    }
    return true;
}

bool upload_url_name(const char *place, struct slice text, struct buf *ret_name)
{
    struct slice rest;
    AUTO_BUF segment;

    buf_init(&segment, 1024);
    buf_clear(ret_name);
    if (place[0] == '\0' || text.len > UPLOAD_URL_BYTES_MAX || !slice_starts_with(text, place))
        return false;
    rest = (struct slice){ text.data + strlen(place), text.len - strlen(place) };
    while (take_segment(&rest, &segment)) {
        if (rest.len == 0) {
            text_one_line(buf_slice(&segment), UPLOAD_NAME_POINTS_MAX, ret_name);
            return ret_name->len > 0 && !buf_failed(ret_name);
        }
        rest.data++, rest.len--;
    }
    return false;
}
