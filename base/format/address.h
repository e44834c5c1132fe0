/* SPDX-License-Identifier: Apache-2.0
 *
 * address — which IP addresses lie in the public internet, and ranges of those that do not.
 *
 * What a tenant names is asked for by us, from inside our network: so everything that leads back
 * into it, or nowhere, is no place to go. The lists are IANA's special-purpose registries; of
 * IPv6 only what is given out to the world (2000::/3) counts as public at all, and addresses that
 * carry an IPv4 address inside count as that one. Also where we listen ourselves.
 */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/slice.h"

#include <stdint.h>

struct sockaddr;
struct sockaddr_storage;

enum { ADDRESS_RANGES_MAX = 16 };

struct address_range {
    uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
    unsigned bits;     /* of all 128 */
};

struct address_ranges {
    size_t count;
    struct address_range ranges[ADDRESS_RANGES_MAX];
};

/* Neither IPv4 nor IPv6: not public. */
bool address_is_public(const struct sockaddr *address);

/* "127.0.0.1/32 ::1/128": ranges with their length, separated by spaces; "" is none. 1: one of
 * them is no range, or there are too many. */
int address_ranges_parse(struct slice text, struct address_ranges *ret_ranges);
bool address_ranges_hold(const struct address_ranges *ranges, const struct sockaddr *address);

/* "127.0.0.1:8080", "[::1]:8080"; ":8080" is all of IPv4, "[::]:8080" all of both. 1: it is no
 * numeric address with its port. */
int address_listen_parse(struct slice text, struct sockaddr_storage *ret_address);

#endif
