/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/address.h"

#include "tests/support/cmocka.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

union any {
    struct sockaddr base;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static union any at(const char *text)
{
    union any address = { .v4 = { .sin_family = AF_INET } };

    if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1)
        return address;
    address.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6 };
    assert_int_equal(inet_pton(AF_INET6, text, &address.v6.sin6_addr), 1);
    return address;
}

static bool is_public(const char *text)
{
    union any address = at(text);

    return address_is_public(&address.base);
}

static bool is_in(const char *list, const char *text)
{
    struct address_ranges ranges;
    union any address = at(text);

    assert_int_equal(address_ranges_parse(slice_of(list), &ranges), 0);
    return address_ranges_hold(&ranges, &address.base);
}

static void an_address_of_the_internet__is_public(void **state)
{
    static const char *const all[] = {
        "1.1.1.1",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",     "126.255.255.255", "128.0.0.0",       "169.253.255.255",
        "169.255.0.0",     "172.15.255.255",  "172.32.0.0",      "192.0.1.0",
        "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "203.0.112.255",   "223.255.255.255", "2a00:1450::1",    "2001:200::1",
        "2606:4700::1111", "::ffff:1.1.1.1",  "2002:101:101::1", "64:ff9b::101:101",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!is_public(all[i]))
            fail_msg("%s is public", all[i]);
    }
}

static void an_address_that_leads_inside_or_nowhere__is_not(void **state)
{
    static const char *const all[] = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2001:10::1",
        "2001:1ff:ffff::1",
        "3fff::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "4000::1",
        "5f00::1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (is_public(all[i]))
            fail_msg("%s is not public", all[i]);
    }
}

static void a_socket_of_another_kind__is_not(void **state)
{
    const struct sockaddr local = { .sa_family = AF_UNIX };

    (void)state;
    assert_false(address_is_public(&local));
    assert_false(address_ranges_hold(&(struct address_ranges){ .count = 1 }, &local));
}

static void ranges__hold_what_they_say(void **state)
{
    (void)state;
    assert_true(is_in("127.0.0.1/32 ::1/128", "127.0.0.1"));
    assert_true(is_in("127.0.0.1/32 ::1/128", "::1"));
    assert_true(is_in(" 10.0.0.0/9  ", "10.127.255.255"));
    assert_true(is_in("127.0.0.1/8", "127.3.4.5"));
    assert_true(is_in("0.0.0.0/0", "::ffff:1.2.3.4"));
    assert_false(is_in("127.0.0.1/32 ::1/128", "127.0.0.2"));
    assert_false(is_in("10.0.0.0/9", "10.128.0.0"));
    assert_false(is_in("0.0.0.0/0", "2001:db8::1"));
    assert_false(is_in("", "127.0.0.1"));
}

static void ranges_that_are_none__are_refused(void **state)
{
    static const char *const all[] = { "127.0.0.1",     "127.0.0.1/", "127.0.0.1/33", "localhost/8",
                                       "::1/129",       "::1/-1",     "1.2.3/8",      "/8",
                                       "10.0.0.0/0008", "10.0.0.0/8," };
    struct address_ranges ranges = { .count = 7 };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (address_ranges_parse(slice_of(all[i]), &ranges) != 1)
            fail_msg("%s is no range", all[i]);
    }
    assert_int_equal(ranges.count, 7);
}

static void too_many_ranges__are_refused(void **state)
{
    char text[20 * 12] = "";
    struct address_ranges ranges;

    (void)state;
    for (int i = 0; i < ADDRESS_RANGES_MAX; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "10.%d.0.0/16 ", i);
    assert_int_equal(address_ranges_parse(slice_of(text), &ranges), 0);
    (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "11.0.0.0/8");
    assert_int_equal(address_ranges_parse(slice_of(text), &ranges), 1);
}

static void a_place_to_listen__has_a_host_and_a_port(void **state)
{
    static const struct {
        const char *text, *host;
        int family;
    } all[] = {
        { "127.0.0.1:8080", "127.0.0.1", AF_INET },
        { ":8080", "0.0.0.0", AF_INET },
        { "[::]:8080", "::", AF_INET6 },
        { "[::1]:8080", "::1", AF_INET6 },
        { "::1:8080", "::1", AF_INET6 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct sockaddr_storage at;
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)&at;
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)&at;
        bool is_v4 = all[i].family == AF_INET;
        char host[INET6_ADDRSTRLEN];

        assert_int_equal(address_listen_parse(slice_of(all[i].text), &at), 0);
        assert_int_equal(at.ss_family, all[i].family);
        assert_int_equal(ntohs(is_v4 ? v4->sin_port : v6->sin6_port), 8080);
        assert_non_null(inet_ntop(all[i].family,
                                  is_v4 ? (const void *)&v4->sin_addr : &v6->sin6_addr, host,
                                  sizeof(host)));
        assert_string_equal(host, all[i].host);
    }
}

static void what_is_no_place_to_listen__is_refused(void **state)
{
    static const char *const all[] = { "",        "nonsense",       "8080",       "127.0.0.1",
                                       ":",       "localhost:8080", "[::1]",      "127.0.0.1:65536",
                                       "[]:8080", "127.0.0.1:",     "1.2.3:8080", "127.0.0.1:-1",
                                       "]:8080",  "[:8080",         ":080800",    "127.0.0.1:80 " };
    struct sockaddr_storage at;

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (address_listen_parse(slice_of(all[i]), &at) != 1)
            fail_msg("%s is no place to listen", all[i]);
}

RUN(cmocka_unit_test(an_address_of_the_internet__is_public),
    cmocka_unit_test(an_address_that_leads_inside_or_nowhere__is_not),
    cmocka_unit_test(a_socket_of_another_kind__is_not),
    cmocka_unit_test(ranges__hold_what_they_say),
    cmocka_unit_test(ranges_that_are_none__are_refused),
    cmocka_unit_test(too_many_ranges__are_refused),
    cmocka_unit_test(a_place_to_listen__has_a_host_and_a_port),
    cmocka_unit_test(what_is_no_place_to_listen__is_refused))
