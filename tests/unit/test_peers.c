/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"
#include "tests/support/web_double.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#define HELLO_WITH(token)                                                   \
    "{\"type\":\"hello\",\"site\":\"" DOUBLE_SITE_KEY "\",\"token\":" token \
    ",\"conversation\":null,"                                               \
    "\"after\":0,\"lang\":\"en\",\"page\":null,\"identity\":null,\"name\":null,\"email\":null}"

static int start(void **state)
{
    (void)state;
    double_start();
    assert_int_equal(address_ranges_parse(SLICE_LITERAL("10.0.0.0/8 ::1/128"), &the_web.proxies),
                     0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    peers_free_all(&the_web);
    double_stop();
    return 0;
}

/* A connection from there. */
static struct conn conn_from(const char *text)
{
    struct conn conn = { .web = &the_web };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    struct sockaddr_in v4 = { .sin_family = AF_INET };

    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        peers_take(&conn, (const struct sockaddr *)&v4);
        return conn;
    }
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    peers_take(&conn, (const struct sockaddr *)&v6);
    return conn;
}

/* Who asks by this connection, when the head says so (NULL: no header). */
static const char *asks(struct conn *conn, const char *first, const char *second)
{
    static char text[INET6_ADDRSTRLEN];
    struct http_head head = { .header_count = 0 };

    if (first != NULL)
        head.headers[head.header_count++] =
            (struct http_header){ SLICE_LITERAL("X-Forwarded-For"), slice_of(first) };
    if (second != NULL)
        head.headers[head.header_count++] =
            (struct http_header){ SLICE_LITERAL("x-forwarded-for"), slice_of(second) };
    peers_forwarded(conn, &head);
    assert_non_null(
        inet_ntop(conn->peer.len == 4 ? AF_INET : AF_INET6, conn->peer.bytes, text, sizeof(text)));
    return text;
}

static void a_stranger__may_write_what_it_likes__and_is_known_by_its_socket(void **state)
{
    struct conn conn = conn_from("203.0.113.9");

    (void)state;
    assert_false(conn.proxied);
    assert_string_equal(asks(&conn, "198.51.100.7", NULL), "203.0.113.9");
    assert_string_equal(asks(&conn, "10.0.0.1", NULL), "203.0.113.9");
}

static void our_proxy__says_who_asks__and_what_came_before_it_is_hearsay(void **state)
{
    struct conn conn = conn_from("10.1.2.3");

    (void)state;
    assert_true(conn.proxied);
    assert_string_equal(asks(&conn, "198.51.100.7", NULL), "198.51.100.7");
    assert_string_equal(asks(&conn, "192.0.2.1, 198.51.100.7", NULL), "198.51.100.7");
    assert_string_equal(asks(&conn, "192.0.2.1,198.51.100.7 , 10.9.9.9", NULL), "198.51.100.7");
    assert_string_equal(asks(&conn, "192.0.2.1", "198.51.100.7"), "198.51.100.7");
    assert_string_equal(asks(&conn, "198.51.100.7:4711", NULL), "198.51.100.7");
    assert_string_equal(asks(&conn, "[2001:db8::7]:4711", NULL), "2001:db8::7");
    assert_string_equal(asks(&conn, "2001:db8::7", NULL), "2001:db8::7");
}

static void what_a_proxy_says_that_is_no_address__leaves_the_proxy_itself(void **state)
{
    struct conn conn = conn_from("::1");

    (void)state;
    assert_string_equal(asks(&conn, "198.51.100.7", NULL), "198.51.100.7");
    assert_string_equal(asks(&conn, NULL, NULL),
                        "::1"); /* the next request by the same connection */
    assert_string_equal(asks(&conn, "unknown", NULL), "::1");
    assert_string_equal(asks(&conn, "198.51.100.7, ", NULL), "::1");
    assert_string_equal(asks(&conn, "", NULL), "::1");
    assert_string_equal(asks(&conn, "[", NULL), "::1");
}

static void wrong_tokens__cost_their_address_alone__and_less_by_and_by(void **state)
{
    const struct peer guesser = conn_from("203.0.113.9").peer;
    const struct peer other = conn_from("203.0.113.10").peer;
    uint64_t wait_ms;

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(peers_wait_ms(&the_web, &guesser), 0);
        peers_api_failed(&the_web, &guesser);
    }
    wait_ms = peers_wait_ms(&the_web, &guesser);
    assert_in_range(wait_ms, 5000, 6000);
    assert_int_equal(peers_wait_ms(&the_web, &other), 0);
    double_clock_ms += wait_ms;
    assert_int_equal(peers_wait_ms(&the_web, &guesser), 0);
    peers_api_failed(&the_web, &guesser);
    assert_true(peers_wait_ms(&the_web, &guesser) > 0);
}

static void what_an_address_asks__is_counted_by_what_it_costs__and_flows_back(void **state)
{
    struct conn asker = conn_from("203.0.113.9"), other = conn_from("203.0.113.10");
    unsigned connects = 0, requests = 0;

    (void)state;
    while (!peers_is_too_fast(&asker, COST_CONNECT))
        connects++;
    assert_int_equal(connects, 60);
    assert_false(peers_is_too_fast(&other, COST_CONNECT));
    double_clock_ms += 1000;
    (void)web_now_ms(&the_web);
    while (!peers_is_too_fast(&asker, COST_REQUEST))
        requests++;
    assert_int_equal(requests, 40);
}

static void all_of_an_ipv6_network__is_one_address(void **state)
{
    const struct peer one = conn_from("2001:db8:1:2::1").peer;
    const struct peer neighbour = conn_from("2001:db8:1:2:ffff::1").peer;
    const struct peer elsewhere = conn_from("2001:db8:1:3::1").peer;

    (void)state;
    for (int i = 0; i < 11; i++)
        peers_api_failed(&the_web, &one);
    assert_true(peers_wait_ms(&the_web, &neighbour) > 0);
    assert_int_equal(peers_wait_ms(&the_web, &elsewhere), 0);
}

static struct peer peer_number(uint32_t number)
{
    struct peer peer = { .len = 4 };

    memcpy(peer.bytes, &number, sizeof(number));
    return peer;
}

static void an_address__asked_for_longest_ago__is_forgotten_where_there_are_too_many(void **state)
{
    const struct peer forgotten = conn_from("203.0.113.9").peer;
    const struct peer kept = conn_from("203.0.113.10").peer;

    (void)state;
    for (int i = 0; i < 11; i++) {
        peers_api_failed(&the_web, &forgotten);
        peers_api_failed(&the_web, &kept);
    }
    for (uint32_t i = 0; i < 50000; i++) {
        const struct peer one_of_many = peer_number(i);

        if (i == 40000)
            assert_true(peers_wait_ms(&the_web, &kept) > 0);
        peers_api_failed(&the_web, &one_of_many);
    }
    assert_int_equal(peers_wait_ms(&the_web, &forgotten), 0);
    assert_true(peers_wait_ms(&the_web, &kept) > 0);
}

static void the_operators_socket__and_tests_under_load__are_free(void **state)
{
    const struct peer local = { .len = 0 }, guesser = conn_from("203.0.113.9").peer;

    (void)state;
    for (int i = 0; i < 20; i++)
        peers_api_failed(&the_web, &local);
    assert_int_equal(peers_wait_ms(&the_web, &local), 0);
    the_web.loads = true;
    for (int i = 0; i < 20; i++)
        peers_api_failed(&the_web, &guesser);
    assert_int_equal(peers_wait_ms(&the_web, &guesser), 0);
}

/* The core found the visitor's token to open nothing, again and again. */
static void wear_out(struct session *session)
{
    const struct ipc_tell_refused refused = { .session = session->id.id,
                                              .close_code = 4003,
                                              .code = SLICE_LITERAL("bad_token"),
                                              .text = SLICE_LITERAL("Opens nothing."),
                                              .guessed = true };

    for (int i = 0; i < 30; i++)
        peers_visitor_failed(&the_web, &session->peer);
    double_core_says(IPC_tell_refused, &refused);
    assert_true(peers_wait_ms(&the_web, &the_conn.peer) > 0);
}

static void
a_visitor_who_guesses__is_told_how_long_to_wait__and_the_core_hears_nothing(void **state)
{
    struct session *session = double_session(DOUBLE_ORIGIN, SESSION_GREETING);

    (void)state;
    wear_out(session);
    session_free(session);
    session = double_session(DOUBLE_ORIGIN, SESSION_GREETING);
    (void)double_told();
    (void)double_sent();
    frames_in(session,
              SLICE_LITERAL(HELLO_WITH("\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")));
    assert_string_equal(double_told(), "");
    assert_non_null(strstr(double_sent(), "\"retry_after_ms\":"));
}

static void a_visitor_who_shows_nothing__is_let_in_all_the_same(void **state)
{
    struct session *session = double_session(DOUBLE_ORIGIN, SESSION_GREETING);

    (void)state;
    wear_out(session);
    session_free(session);
    session = double_session(DOUBLE_ORIGIN, SESSION_GREETING);
    (void)double_told();
    frames_in(session, SLICE_LITERAL(HELLO_WITH("null")));
    assert_non_null(strstr(double_told(), "session_hello"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_stranger__may_write_what_it_likes__and_is_known_by_its_socket),
    CASE(our_proxy__says_who_asks__and_what_came_before_it_is_hearsay),
    CASE(what_a_proxy_says_that_is_no_address__leaves_the_proxy_itself),
    CASE(wrong_tokens__cost_their_address_alone__and_less_by_and_by),
    CASE(what_an_address_asks__is_counted_by_what_it_costs__and_flows_back),
    CASE(all_of_an_ipv6_network__is_one_address),
    CASE(an_address__asked_for_longest_ago__is_forgotten_where_there_are_too_many),
    CASE(the_operators_socket__and_tests_under_load__are_free),
    CASE(a_visitor_who_guesses__is_told_how_long_to_wait__and_the_core_hears_nothing),
    CASE(a_visitor_who_shows_nothing__is_let_in_all_the_same))
