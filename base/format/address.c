/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
static const struct address_range special[] = {
    /* IPv4, as ::ffff:a.b.c.d */
#define V4(a, b, c, d, bits) { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, 96 + (bits) }
    V4(0, 0, 0, 0, 8),        /* this network */
    V4(10, 0, 0, 0, 8),       /* private */
    V4(100, 64, 0, 0, 10),    /* between a provider and its customers */
    V4(127, 0, 0, 0, 8),      /* this host */
    V4(169, 254, 0, 0, 16),   /* link-local; clouds tell their secrets at 169.254.169.254 */
    V4(172, 16, 0, 0, 12),    /* private */
    V4(192, 0, 0, 0, 24),     /* protocols */
    V4(192, 0, 2, 0, 24),     /* documentation */
    V4(192, 31, 196, 0, 24),  /* AS112 */
    V4(192, 52, 193, 0, 24),  /* AMT */
    V4(192, 88, 99, 0, 24),   /* 6to4 relays that were */
    V4(192, 168, 0, 0, 16),   /* private */
    V4(192, 175, 48, 0, 24),  /* AS112 */
    V4(198, 18, 0, 0, 15),    /* benchmarks */
    V4(198, 51, 100, 0, 24),  /* documentation */
    V4(203, 0, 113, 0, 24),   /* documentation */
    V4(224, 0, 0, 0, 4),      /* multicast */
    V4(240, 0, 0, 0, 4),      /* reserved, broadcast */
#undef V4
    /* IPv6, inside 2000::/3 */
    { { 0x20, 0x01, 0x00 }, 23 },             /* protocols; Teredo among them */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 },       /* documentation */
    { { 0x26, 0x20, 0x00, 0x4f, 0x80 }, 48 }, /* AS112 */
    { { 0x3f, 0xff }, 20 },                   /* documentation */
};
static const struct address_range mapped = { { [10] = 0xff, [11] = 0xff }, 96 };
static const struct address_range global = { { 0x20 }, 3 };
static const struct address_range six_to_four = { { 0x20, 0x02 }, 16 };
static const struct address_range nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };
/* clang-format on */

static bool holds(const struct address_range *range, const uint8_t bytes[16])
{
    unsigned whole = range->bits / 8, rest = range->bits % 8;

    if (memcmp(range->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || ((range->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

static void map_v4(const uint8_t v4[4], uint8_t bytes[16])
{
    memset(bytes, 0, 10);
    bytes[10] = bytes[11] = 0xff;
    memcpy(bytes + 12, v4, 4);
}

static bool to_bytes(const struct sockaddr *address, uint8_t bytes[16])
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

        map_v4((const uint8_t *)&v4->sin_addr, bytes);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

        memcpy(bytes, &v6->sin6_addr, 16);
        return true;
    }
    return false;
}

/* Some IPv6 addresses are an IPv4 address in other clothes: that is what they lead to. */
static void undress(uint8_t bytes[16])
{
    uint8_t v4[4];

    if (holds(&six_to_four, bytes))
        memcpy(v4, bytes + 2, 4);
    else if (holds(&nat64, bytes))
        memcpy(v4, bytes + 12, 4);
    else
        return;
    map_v4(v4, bytes);
}

bool address_is_public(const struct sockaddr *address)
{
    uint8_t bytes[16];

    if (!to_bytes(address, bytes))
        return false;
    undress(bytes);
    if (!holds(&mapped, bytes) && !holds(&global, bytes))
        return false;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (holds(&special[i], bytes))
            return false;
    }
    return true;
}

bool address_ranges_hold(const struct address_ranges *ranges, const struct sockaddr *address)
{
    uint8_t bytes[16];

    if (!to_bytes(address, bytes))
        return false;
    for (size_t i = 0; i < ranges->count; i++) {
        if (holds(&ranges->ranges[i], bytes))
            return true;
    }
    return false;
}

static bool read_length(const char *text, unsigned most, unsigned *ret_bits)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 3 || text[digits] != '\0')
        return false;
    *ret_bits = (unsigned)strtoul(text, NULL, 10);
    return *ret_bits <= most;
}

static bool read_range(struct slice word, struct address_range *ret_range)
{
    char text[64], *slash;
    uint8_t v4[4];

    if (!slice_copy(word, text, sizeof(text)) || (slash = strchr(text, '/')) == NULL)
        return false;
    *slash = '\0';
    if (inet_pton(AF_INET, text, v4) == 1) {
        map_v4(v4, ret_range->bytes);
        if (!read_length(slash + 1, 32, &ret_range->bits))
            return false;
        ret_range->bits += 96;
    } else if (inet_pton(AF_INET6, text, ret_range->bytes) != 1 ||
               !read_length(slash + 1, 128, &ret_range->bits)) {
        return false;
    }
    return true;
}

int address_ranges_parse(struct slice text, struct address_ranges *ret_ranges)
{
    struct address_ranges ranges = { .count = 0 };

    for (size_t at = 0; at < text.len;) {
        const char *space = memchr(text.data + at, ' ', text.len - at);
        size_t len = space == NULL ? text.len - at : (size_t)(space - text.data) - at;

        if (len > 0 &&
            (ranges.count == ADDRESS_RANGES_MAX ||
             !read_range((struct slice){ text.data + at, len }, &ranges.ranges[ranges.count++])))
            return 1;
        at += len + 1;
    }
    *ret_ranges = ranges;
    return 0;
}

static bool read_port(const char *text, in_port_t *ret_port)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);

    *ret_port = htons((uint16_t)port);
    return digits > 0 && digits <= 5 && text[digits] == '\0' && port <= UINT16_MAX;
}

int address_listen_parse(struct slice text, struct sockaddr_storage *ret_address)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)ret_address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)ret_address;
    char copy[64], *host = copy, *colon;
    in_port_t port;

    if (!slice_copy(text, copy, sizeof(copy)) || (colon = strrchr(copy, ':')) == NULL ||
        !read_port(colon + 1, &port))
        return 1;
    *colon = '\0';
    if (copy[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        host++;
    }
    *ret_address = (struct sockaddr_storage){ .ss_family = AF_UNSPEC };
    if (inet_pton(AF_INET, copy[0] == '\0' ? "0.0.0.0" : host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = port;
    } else if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = port;
    }
    return ret_address->ss_family == AF_UNSPEC ? 1 : 0;
}
