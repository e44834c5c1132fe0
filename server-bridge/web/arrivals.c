/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections from a proxy of ours that has yet to say whom it brings ([web] proxy_protocol). Its
 * header comes before everything else, TLS too, and nothing behind it is touched: what was peeked
 * at is only taken as far as it is the header's.
 *
 * Who is no proxy of ours comes without: a header from anybody else is never looked for, so it is
 * no request, and no handshake either.
 */
#include "server-bridge/web/web.h"

#include "server-bridge/web/proxy_header.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

enum { HEADER_MS = 5000, TELL_EVERY_MS = 60000 };

struct arrival {
    struct arrival *prev, *next;
    struct web *web;
    struct event *event;
    struct sockaddr_storage proxy;
    uint64_t due_ms;
    int fd; /* -1: a connection has it */
    bool tls;
    size_t len;
    char bytes[PROXY_HEADER_MAX_BYTES];
};

static void arrival_free(struct arrival *arrival)
{
    DL_DELETE(arrival->web->arrivals, arrival);
    arrival->web->conn_count--;
    if (arrival->event != NULL)
        event_free(arrival->event);
    if (arrival->fd >= 0)
        (void)close(arrival->fd);
    free(arrival);
}

/* One line a minute: a proxy that sends none brings every visitor so. */
static void tell_refused(struct web *web, const char *why)
{
    uint64_t now_ms = web_now_ms(web);

    web->arrivals_untold++;
    if (now_ms < web->arrivals_tell_ms)
        return;
    log_event(LOG_WARNING, NULL, "web.no_proxy_header",
              "why=\"%s\" connections=%" PRIu64
              " remedy=\"have the proxy send it, or say [web] proxy_protocol = no\"",
              why, web->arrivals_untold);
    web->arrivals_tell_ms = now_ms + TELL_EVERY_MS;
    web->arrivals_untold = 0;
}

static void refuse(struct arrival *arrival, const char *why)
{
    tell_refused(arrival->web, why);
    arrival_free(arrival);
}

/* Where the proxy knows nobody it is the proxy who asks; what it forwards then is anybody's word.
 */
static void arrived(struct arrival *arrival, const struct proxy_header *header)
{
    bool known = !header->own && header->client.ss_family != 0;
    const struct sockaddr_storage client = known ? header->client : arrival->proxy;
    struct web *web = arrival->web;
    bool tls = arrival->tls;
    int fd = arrival->fd;

    arrival->fd = -1;
    arrival_free(arrival);
    conn_begin(web, fd, (const struct sockaddr *)&client, known, tls);
}

/* Nothing came: proxies look so whether somebody is there. */
static bool is_look(const struct arrival *arrival)
{
    return arrival->len == 0 && recv(arrival->fd, &(char){ 0 }, 1, MSG_PEEK) == 0;
}

/* Takes what is the header's from the socket; whether it is all there. */
static enum proxy_verdict take(struct arrival *arrival, struct proxy_header *ret_header)
{
    char *end = arrival->bytes + arrival->len;
    ssize_t got = recv(arrival->fd, end, sizeof(arrival->bytes) - arrival->len, MSG_PEEK);
    enum proxy_verdict verdict;
    size_t ours;

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return PROXY_MORE;
    if (got <= 0)
        return PROXY_BAD;
    verdict = proxy_header_parse((struct slice){ arrival->bytes, arrival->len + (size_t)got },
                                 ret_header);
    if (verdict == PROXY_BAD)
        return verdict;
    ours = verdict == PROXY_DONE ? ret_header->bytes - arrival->len : (size_t)got;
    if (recv(arrival->fd, end, ours, 0) != (ssize_t)ours)
        return PROXY_BAD;
    arrival->len += ours;
    return verdict;
}

static int wait_for_it(struct arrival *arrival)
{
    uint64_t now_ms = web_now_ms(arrival->web);
    uint64_t left_ms = arrival->due_ms > now_ms ? arrival->due_ms - now_ms : 0;
    const struct timeval left = { .tv_sec = (time_t)(left_ms / 1000),
                                  .tv_usec = (suseconds_t)(left_ms % 1000 * 1000) };

    return event_add(arrival->event, &left);
}

static void on_bytes(evutil_socket_t fd, short what, void *context)
{
    struct arrival *arrival = context;
    struct proxy_header header = { .bytes = 0 };

    (void)fd;
    if ((what & EV_TIMEOUT) != 0) {
        refuse(arrival, "it did not come in time");
        return;
    }
    switch (take(arrival, &header)) {
    case PROXY_DONE:
        arrived(arrival, &header);
        break;
    case PROXY_BAD:
        if (is_look(arrival))
            arrival_free(arrival);
        else
            refuse(arrival, arrival->len > 0 ? "it broke off, or was malformed" : "there was none");
        break;
    case PROXY_MORE: /* one time for all of it, not for each byte */
        if (wait_for_it(arrival) != 0)
            arrival_free(arrival);
        break;
    }
}

bool arrivals_await(struct web *web, int fd, const struct sockaddr *address, size_t len, bool tls)
{
    struct arrival *arrival;

    if (!web->role->settings->web_proxy_protocol || address->sa_family == AF_UNIX ||
        !address_ranges_hold(&web->proxies, address))
        return false;
    arrival = calloc(1, sizeof(*arrival));
    if (arrival == NULL) {
        (void)close(fd);
        return true;
    }
    arrival->web = web;
    arrival->fd = fd;
    arrival->tls = tls;
    arrival->due_ms = web_now_ms(web) + HEADER_MS;
    memcpy(&arrival->proxy, address, len < sizeof(arrival->proxy) ? len : sizeof(arrival->proxy));
    web->conn_count++;
    DL_APPEND(web->arrivals, arrival);
    arrival->event = event_new(web->role->base, fd, EV_READ, on_bytes, arrival);
    if (arrival->event == NULL || wait_for_it(arrival) != 0)
        arrival_free(arrival);
    return true;
}

void arrivals_free_all(struct web *web)
{
    while (web->arrivals != NULL)
        arrival_free(web->arrivals);
}
