/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is at the other end, as far as it can be known, and what one address may take: so many
 * connections and, behind a proxy, requests; so many wrong tokens.
 *
 * The other end of the socket is who asks, unless it is one of our own proxies ([web] proxies):
 * then it is the last address in X-Forwarded-For that is none of theirs. What anybody else writes
 * there is never read: it could be anything.
 *
 * Each wrong token costs; when an address has none left to spend, it is told how long to wait, and
 * what it shows meanwhile is not even looked at: else guessing would go on for free.
 */
#include "server-bridge/web/web.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    ADDRESSES_MAX = 50000,
    API_FAILURE_COST = 6, /* ten at once, then one every six seconds */
    VISITOR_FAILURE_COST = 2,
};

static const struct ratelimit_rule asking_rule = { .burst = 60 * COST_CONNECT,
                                                   .per_second = 10 * COST_CONNECT };
static const struct ratelimit_rule failure_rule = { .burst = 60, .per_second = 1 };

/* --- addresses --- */

static struct peer peer_of(const struct sockaddr *address)
{
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;
    struct peer peer = { .len = 0 };

    if (address->sa_family == AF_INET) {
        peer.len = 4;
        memcpy(peer.bytes, &v4->sin_addr, 4);
    } else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        peer.len = 4;
        memcpy(peer.bytes, v6->sin6_addr.s6_addr + 12, 4);
    } else if (address->sa_family == AF_INET6) {
        peer.len = 16;
        memcpy(peer.bytes, &v6->sin6_addr, 16);
    }
    return peer;
}

void peers_take(struct conn *conn, const struct sockaddr *address)
{
    conn->peer = peer_of(address);
    conn->proxied = conn->peer.len > 0 && address_ranges_hold(&conn->web->proxies, address);
    if (conn->proxied)
        conn->proxy = conn->peer;
}

/* "203.0.113.9", "203.0.113.9:4711", "2001:db8::1", "[2001:db8::1]:4711". */
static bool read_address(struct slice text, struct sockaddr_storage *ret_address)
{
    struct sockaddr_in *v4 = (void *)ret_address;
    struct sockaddr_in6 *v6 = (void *)ret_address;
    const char *end;
    char plain[64];

    *ret_address = (struct sockaddr_storage){ 0 };
    if (text.len > 0 && text.data[0] == '[') {
        text = (struct slice){ text.data + 1, text.len - 1 };
        end = memchr(text.data, ']', text.len);
        text.len = end != NULL ? (size_t)(end - text.data) : 0;
    } else if (memchr(text.data, '.', text.len) != NULL) {
        end = memrchr(text.data, ':', text.len);
        if (end != NULL && memchr(text.data, ':', text.len) == end)
            text.len = (size_t)(end - text.data);
    }
    if (text.len == 0 || !slice_copy(text, plain, sizeof(plain)))
        return false;
    if (inet_pton(AF_INET, plain, &v4->sin_addr) == 1)
        v4->sin_family = AF_INET;
    else if (inet_pton(AF_INET6, plain, &v6->sin6_addr) == 1)
        v6->sin6_family = AF_INET6;
    return ret_address->ss_family != 0;
}

/* Takes the last of a list off it. */
static struct slice take_last(struct slice *list)
{
    const char *comma = list->len > 0 ? memrchr(list->data, ',', list->len) : NULL;
    size_t at = comma != NULL ? (size_t)(comma - list->data) + 1 : 0;
    struct slice last = { list->data + at, list->len - at };

    list->len = comma != NULL ? at - 1 : 0;
    while (last.len > 0 && (last.data[0] == ' ' || last.data[0] == '\t'))
        last = (struct slice){ last.data + 1, last.len - 1 };
    while (last.len > 0 && (last.data[last.len - 1] == ' ' || last.data[last.len - 1] == '\t'))
        last.len--;
    return last;
}

/* Some proxies add a header of their own behind one that was there: the last is theirs. */
static struct slice forwarded_for(const struct http_head *head)
{
    for (size_t i = head->header_count; i-- > 0;)
        if (http_equal_nocase(head->headers[i].name, "x-forwarded-for"))
            return head->headers[i].value;
    return SLICE_NONE;
}

void peers_forwarded(struct conn *conn, const struct http_head *head)
{
    struct slice list = forwarded_for(head);
    struct sockaddr_storage address;

    if (!conn->proxied)
        return;
    conn->peer = conn->proxy; /* a kept connection carries many a visitor's requests */
    while (list.len > 0) {
        if (!read_address(take_last(&list), &address))
            return;
        conn->peer = peer_of((const struct sockaddr *)&address);
        if (!address_ranges_hold(&conn->web->proxies, (const struct sockaddr *)&address))
            return;
    }
}

/* --- what an address may take --- */

struct peer_limits {
    UT_hash_handle hh;  /* in the order they were last asked for */
    uint8_t address[8]; /* IPv4, or the /64 of IPv6 */
    struct ratelimit asking, failures;
};

static void forget(struct web *web, struct peer_limits *limits)
{
    HASH_DEL(web->peers, limits);
    free(limits);
}

/* Where there are too many, the one nobody asked for longest goes: looking for it costs nothing, or
 * many addresses would cost more than what they are kept from. */
static struct peer_limits *limits_new(struct web *web, const uint8_t key[8])
{
    struct peer_limits *limits = calloc(1, sizeof(*limits));

    if (limits == NULL)
        return NULL;
    if (HASH_COUNT(web->peers) >= ADDRESSES_MAX)
        forget(web, web->peers);
    memcpy(limits->address, key, sizeof(limits->address));
    ratelimit_init(&limits->asking, &asking_rule, web->now_ms);
    ratelimit_init(&limits->failures, &failure_rule, web->now_ms);
    return limits;
}

static struct peer_limits *find(struct web *web, const struct peer *peer, bool make)
{
    struct peer_limits *limits;
    uint8_t key[8] = { 0 };

    memcpy(key, peer->bytes, peer->len == 4 ? 4 : 8);
    HASH_FIND(hh, web->peers, key, sizeof(key), limits);
    if (limits != NULL)
        HASH_DEL(web->peers, limits); /* and behind all others again */
    else if (make)
        limits = limits_new(web, key);
    if (limits != NULL)
        HASH_ADD(hh, web->peers, address, sizeof(limits->address), limits);
    return limits;
}

static bool is_free(const struct web *web, const struct peer *peer)
{
    return web->loads || peer->len == 0;
}

bool peers_is_too_fast(struct conn *conn, uint32_t cost)
{
    struct peer_limits *limits;

    if (is_free(conn->web, &conn->peer))
        return false;
    limits = find(conn->web, &conn->peer, true);
    return limits == NULL ||
           ratelimit_spend(&limits->asking, &asking_rule, cost, conn->web->now_ms) != 0;
}

uint64_t peers_wait_ms(struct web *web, const struct peer *peer)
{
    const struct peer_limits *limits = is_free(web, peer) ? NULL : find(web, peer, false);
    struct ratelimit as_it_is;

    if (limits == NULL)
        return 0;
    as_it_is = limits->failures;
    return ratelimit_spend(&as_it_is, &failure_rule, API_FAILURE_COST, web_now_ms(web));
}

static void spend(struct web *web, const struct peer *peer, uint32_t cost)
{
    struct peer_limits *limits = is_free(web, peer) ? NULL : find(web, peer, true);

    if (limits == NULL || ratelimit_spend(&limits->failures, &failure_rule, cost, web->now_ms) == 0)
        return;
    limits->failures.milli_tokens = 0; /* those that were under way together count all the same */
    log_event(LOG_WARNING, NULL, "web.wrong_tokens", "wait_ms=%llu",
              (unsigned long long)peers_wait_ms(web, peer));
}

void peers_api_failed(struct web *web, const struct peer *peer)
{
    spend(web, peer, API_FAILURE_COST);
}

void peers_visitor_failed(struct web *web, const struct peer *peer)
{
    spend(web, peer, VISITOR_FAILURE_COST);
}

void peers_free_all(struct web *web)
{
    struct peer_limits *limits, *next;

    HASH_ITER(hh, web->peers, limits, next)
    forget(web, limits);
}
