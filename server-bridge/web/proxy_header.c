/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/web/proxy_header.h"

#include <arpa/inet.h>
#include <netinet/in.h>

enum {
    V1_SHORTEST_BYTES = 15, /* "PROXY UNKNOWN\r\n" */
    V2_HEAD_BYTES = 16,
    V2_TCP4 = 0x11,
    V2_TCP6 = 0x21,
    V2_TCP4_BYTES = 12,
    V2_TCP6_BYTES = 36,
};

/* --- v1: one line of text --- */

/* Up to the next blank, which goes with it; an empty word is none. */
static struct slice take_word(struct slice *line)
{
    const char *blank = line->len > 0 ? memchr(line->data, ' ', line->len) : NULL;
    size_t len = blank == NULL ? line->len : (size_t)(blank - line->data);
    struct slice word = { line->data, len };
    size_t used = blank == NULL ? len : len + 1;

    *line = (struct slice){ line->data + used, line->len - used };
    return word;
}

static bool read_port(struct slice word, in_port_t *ret_port)
{
    unsigned long port = 0;

    if (word.len == 0 || word.len > 5 || (word.len > 1 && word.data[0] == '0'))
        return false;
    for (size_t i = 0; i < word.len; i++) {
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
        port = port * 10 + (unsigned long)(word.data[i] - '0');
    }
    if (port > 65535)
        return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

static bool read_address(int family, struct slice word, void *to)
{
    char text[INET6_ADDRSTRLEN];

    return word.len > 0 && slice_copy(word, text, sizeof(text)) &&
           memchr(word.data, '\0', word.len) == NULL && inet_pton(family, text, to) == 1;
}

static bool read_ends(int family, struct slice words, struct sockaddr_storage *ret_client)
{
    struct sockaddr_storage client = { .ss_family = (sa_family_t)family };
    struct sockaddr_in *v4 = (void *)&client;
    struct sockaddr_in6 *v6 = (void *)&client;
    struct slice from = take_word(&words), to = take_word(&words);
    struct slice from_port = take_word(&words), to_port = words;
    uint8_t unused[16];
    in_port_t port;

    if (!read_address(family, from, family == AF_INET ? (void *)&v4->sin_addr : &v6->sin6_addr) ||
        !read_address(family, to, unused) || !read_port(to_port, &port) ||
        !read_port(from_port, &port))
        return false;
    if (family == AF_INET)
        v4->sin_port = port;
    else
        v6->sin6_port = port;
    *ret_client = client;
    return true;
}

/* The line without its end. */
static bool read_line(struct slice line, struct sockaddr_storage *ret_client)
{
    struct slice protocol;

    if (!slice_is(take_word(&line), "PROXY"))
        return false;
    protocol = take_word(&line);
    *ret_client = (struct sockaddr_storage){ 0 };
    if (slice_is(protocol, "TCP4"))
        return read_ends(AF_INET, line, ret_client);
    if (slice_is(protocol, "TCP6"))
        return read_ends(AF_INET6, line, ret_client);
    return slice_is(protocol, "UNKNOWN"); /* the rest of the line is to be ignored */
}

static enum proxy_verdict parse_v1(struct slice bytes, struct proxy_header *ret_header)
{
    size_t most = bytes.len < PROXY_V1_MAX_BYTES ? bytes.len : PROXY_V1_MAX_BYTES;
    const char *end = memchr(bytes.data, '\n', most);
    size_t len = end == NULL ? 0 : (size_t)(end - bytes.data) + 1;

    if (end == NULL)
        return most < PROXY_V1_MAX_BYTES ? PROXY_MORE : PROXY_BAD;
    if (len < V1_SHORTEST_BYTES || end[-1] != '\r' ||
        memchr(bytes.data, '\r', len) != (const void *)(end - 1) ||
        !read_line((struct slice){ bytes.data, len - 2 }, &ret_header->client))
        return PROXY_BAD;
    ret_header->bytes = len;
    return PROXY_DONE;
}

/* --- v2: binary --- */

static bool read_addresses(uint8_t family, const uint8_t *bytes, size_t len,
                           struct sockaddr_storage *ret_client)
{
    struct sockaddr_in *v4 = (void *)ret_client;
    struct sockaddr_in6 *v6 = (void *)ret_client;

    if (family == V2_TCP4 && len >= V2_TCP4_BYTES) {
        v4->sin_family = AF_INET;
        memcpy(&v4->sin_addr, bytes, 4);
        memcpy(&v4->sin_port, bytes + 8, 2);
    } else if (family == V2_TCP6 && len >= V2_TCP6_BYTES) {
        v6->sin6_family = AF_INET6;
        memcpy(&v6->sin6_addr, bytes, 16);
        memcpy(&v6->sin6_port, bytes + 32, 2);
    } else {
        return family == 0; /* unspecified: the proxy does not know */
    }
    return true;
}

/* What stands behind the addresses (TLV) tells us nothing, and is passed over. */
static enum proxy_verdict parse_v2(struct slice bytes, struct proxy_header *ret_header)
{
    const uint8_t *head = (const uint8_t *)bytes.data;
    size_t len;

    if (bytes.len > 12 && head[12] != 0x20 && head[12] != 0x21)
        return PROXY_BAD;
    if (bytes.len < V2_HEAD_BYTES)
        return PROXY_MORE;
    len = (size_t)head[14] << 8 | head[15];
    if (V2_HEAD_BYTES + len > PROXY_HEADER_MAX_BYTES)
        return PROXY_BAD;
    if (bytes.len < V2_HEAD_BYTES + len)
        return PROXY_MORE;
    ret_header->own = head[12] == 0x20;
    if (!ret_header->own &&
        !read_addresses(head[13], head + V2_HEAD_BYTES, len, &ret_header->client))
        return PROXY_BAD;
    ret_header->bytes = V2_HEAD_BYTES + len;
    return PROXY_DONE;
}

/* --- which one --- */

static bool begins(struct slice bytes, const char *with, size_t len)
{
    return memcmp(bytes.data, with, bytes.len < len ? bytes.len : len) == 0;
}

enum proxy_verdict proxy_header_parse(struct slice bytes, struct proxy_header *ret_header)
{
    static const char v1[] = "PROXY ", v2[] = "\r\n\r\n\0\r\nQUIT\n";
    struct proxy_header header = { .bytes = 0 };
    enum proxy_verdict verdict = PROXY_BAD;

    if (bytes.len == 0)
        return PROXY_MORE;
    if (begins(bytes, v1, sizeof(v1) - 1))
        verdict = parse_v1(bytes, &header);
    else if (begins(bytes, v2, sizeof(v2) - 1))
        verdict = parse_v2(bytes, &header);
    if (verdict == PROXY_DONE)
        *ret_header = header;
    return verdict;
}
