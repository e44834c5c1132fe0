/* SPDX-License-Identifier: Apache-2.0
 *
 * The PROXY protocol, byte by byte, as proxies write it and as nobody may.
 */
#include "server-bridge/web/proxy_header.h"
#include "tests/support/cmocka.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define V2                "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text)       ((struct slice){ (text), sizeof(text) - 1 })
#define ASSERT_BAD(text)  assert_int_equal(proxy_header_parse(BYTES(text), &header), PROXY_BAD)
#define ASSERT_MORE(text) assert_int_equal(proxy_header_parse(BYTES(text), &header), PROXY_MORE)

static struct proxy_header header;

/* "203.0.113.9 4711", or "nobody". */
static const char *client_of(struct slice bytes, size_t header_bytes)
{
    static char text[INET6_ADDRSTRLEN + 8];
    const struct sockaddr_in *v4 = (const void *)&header.client;
    const struct sockaddr_in6 *v6 = (const void *)&header.client;
    char address[INET6_ADDRSTRLEN];

    assert_int_equal(proxy_header_parse(bytes, &header), PROXY_DONE);
    assert_int_equal(header.bytes, header_bytes);
    if (header.client.ss_family == 0)
        return "nobody";
    if (header.client.ss_family == AF_INET)
        (void)inet_ntop(AF_INET, &v4->sin_addr, address, sizeof(address));
    else
        (void)inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof(address));
    (void)snprintf(text, sizeof(text), "%s %u", address, ntohs(v4->sin_port));
    return text;
}

static void v1__tells_the_client_and_where_it_ends(void **state)
{
    (void)state;
    assert_string_equal(
        client_of(BYTES("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\nGET / HTTP/1.1\r\n"), 43),
        "203.0.113.9 4711");
    assert_string_equal(
        client_of(BYTES("PROXY TCP6 2001:db8::9 2001:db8::1 65535 443\r\n\x16\x03"), 46),
        "2001:db8::9 65535");
    assert_string_equal(client_of(BYTES("PROXY UNKNOWN\r\n"), 15), "nobody");
    assert_string_equal(client_of(BYTES("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), 35), "nobody");
}

static void v1__of_107_bytes__is_the_longest(void **state)
{
    static const char longest[] = "PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n";

    (void)state;
    assert_int_equal(sizeof(longest) - 1, 107);
    assert_string_equal(client_of(BYTES(longest), 107), "nobody");
    ASSERT_BAD("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655355\r\n");
}

static void v1__in_any_other_spelling__is_refused(void **state)
{
    (void)state;
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 4711\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443 \r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 4711 443 1\r\n");
    ASSERT_BAD("PROXY TCP4  203.0.113.9 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.09 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("PROXY TCP4 2001:db8::9 2001:db8::1 4711 443\r\n");
    ASSERT_BAD("PROXY TCP6 203.0.113.9 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 65536 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 04711 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 -1 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9\0 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("PROXY TCP4 203.0.113.9 192.0.2.1 47\r11 443\r\n");
    ASSERT_BAD("PROXY UDP4 203.0.113.9 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("proxy TCP4 203.0.113.9 192.0.2.1 4711 443\r\n");
    ASSERT_BAD("PROXY \r\n");
    ASSERT_BAD("PROXY\r\n");
}

static void v2__tells_the_client_and_where_it_ends(void **state)
{
    (void)state;
    assert_string_equal(client_of(BYTES(V2 "\x21\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\x12\x67\x01"
                                           "\xbb"
                                           "GET /"),
                                  28),
                        "203.0.113.9 4711");
    assert_string_equal(client_of(BYTES(V2 "\x21\x21\0\x24"
                                           "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09"
                                           "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
                                           "\x12\x67\x01\xbb"),
                                  52),
                        "2001:db8::9 4711");
    assert_false(header.own);
}

static void v2__passes_over_what_stands_behind_the_addresses(void **state)
{
    (void)state;
    assert_string_equal(client_of(BYTES(V2 "\x21\x11\0\x12\xcb\0\x71\x09\xc0\0\x02\x01\x12\x67\x01"
                                           "\xbb\x04\0\x03"
                                           "abc"),
                                  34),
                        "203.0.113.9 4711");
}

static void v2__of_the_proxy_itself__brings_nobody(void **state)
{
    (void)state;
    assert_string_equal(client_of(BYTES(V2 "\x20\0\0\0"), 16), "nobody");
    assert_true(header.own);
    assert_string_equal(client_of(BYTES(V2 "\x21\0\0\0"), 16), "nobody");
    assert_false(header.own);
}

static void v2__in_any_other_form__is_refused(void **state)
{
    (void)state;
    ASSERT_BAD(V2 "\x11\x11\0\x0c"); /* version 1 */
    ASSERT_BAD(V2 "\x22\x11\0\x0c"); /* no such command */
    ASSERT_BAD(V2 "\x21\x12\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\x12\x67\x01\xbb"); /* UDP */
    ASSERT_BAD(V2 "\x21\x31\0\0");                                               /* a UNIX socket */
    ASSERT_BAD(V2 "\x21\x11\0\x0b\xcb\0\x71\x09\xc0\0\x02\x01\x12\x67\x01");     /* too short */
    ASSERT_BAD(V2 "\x21\x11\xff\xff"); /* longer than ever needed */
    ASSERT_BAD("\r\n\r\n\0\r\nQUIP\n");
}

static void what_is_no_header__is_refused_at_its_first_byte(void **state)
{
    (void)state;
    ASSERT_BAD("G");
    ASSERT_BAD("GET / HTTP/1.1\r\n\r\n");
    ASSERT_BAD("\x16\x03\x01");
    ASSERT_BAD("PROXX");
    ASSERT_BAD("\r\n\r\nG");
}

static void each_beginning__asks_for_more(void **state)
{
    static const char v1[] = "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n";
    static const char v2[] = V2 "\x21\x11\0\x0c\xcb\0\x71\x09\xc0\0\x02\x01\x12\x67\x01\xbb";

    (void)state;
    ASSERT_MORE("");
    for (size_t len = 1; len < sizeof(v1) - 1; len++)
        assert_int_equal(proxy_header_parse((struct slice){ v1, len }, &header), PROXY_MORE);
    for (size_t len = 1; len < sizeof(v2) - 1; len++)
        assert_int_equal(proxy_header_parse((struct slice){ v2, len }, &header), PROXY_MORE);
}

RUN(cmocka_unit_test(v1__tells_the_client_and_where_it_ends),
    cmocka_unit_test(v1__of_107_bytes__is_the_longest),
    cmocka_unit_test(v1__in_any_other_spelling__is_refused),
    cmocka_unit_test(v2__tells_the_client_and_where_it_ends),
    cmocka_unit_test(v2__passes_over_what_stands_behind_the_addresses),
    cmocka_unit_test(v2__of_the_proxy_itself__brings_nobody),
    cmocka_unit_test(v2__in_any_other_form__is_refused),
    cmocka_unit_test(what_is_no_header__is_refused_at_its_first_byte),
    cmocka_unit_test(each_beginning__asks_for_more))
