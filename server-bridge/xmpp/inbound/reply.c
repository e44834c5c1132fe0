/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/xmpp/inbound/reply.h"

#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 6 };

static bool read_number(const char *text, size_t *ret_number)
{
    size_t len = text == NULL ? 0 : strspn(text, "0123456789");

    if (len == 0 || len > DIGITS_MAX || text[len] != '\0')
        return false;
    *ret_number = strtoul(text, NULL, 10);
    return true;
}

struct reply_range reply_range_of(xmpp_stanza_t *fallback)
{
    const char *of = xmpp_stanza_get_attribute(fallback, "for");
    xmpp_stanza_t *body = xmpp_stanza_get_child_by_name(fallback, "body");
    struct reply_range range = { 0 };

    if (of == NULL || strcmp(of, REPLY_NS) != 0 || body == NULL ||
        !read_number(xmpp_stanza_get_attribute(body, "start"), &range.start) ||
        !read_number(xmpp_stanza_get_attribute(body, "end"), &range.end))
        return (struct reply_range){ 0 };
    return range;
}

/* The byte where the n-th code point begins; where there are fewer, the end. */
static char *point_at(char *text, size_t n)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text & 0xc0) != 0x80 && n-- == 0)
            break;
    }
    return text;
}

void reply_cut(char *body, struct reply_range range)
{
    char *from = point_at(body, range.start), *to = point_at(body, range.end);

    if (range.start >= range.end || (from == body && to[strspn(to, " \t\r\n")] == '\0'))
        return;
    memmove(from, to, strlen(to) + 1);
}
