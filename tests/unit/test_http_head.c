/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a request: what is taken, and the set of heads that two parsers would read in
 * two ways, each of which is refused.
 */
#include "server-bridge/web/http_head.h"
#include "server-bridge/web/web.h"
#include "tests/support/cmocka.h"

#include <stdio.h>
#include <stdlib.h>

#define HOST "Host: chat.example\r\n"

/* Reads the text as one request. The status of its refusal; 0: taken; 1: not whole. */
static unsigned read_bytes(const char *bytes, size_t len, struct http_head *ret_head)
{
    struct http_refusal refusal = { 0, "" };
    size_t end = http_head_end((struct slice){ bytes, len }, &refusal);

    if (end == 0)
        return 1;
    if (end != SIZE_MAX && http_head_parse((struct slice){ bytes, end }, ret_head, &refusal))
        return 0;
    assert_string_not_equal(refusal.text, "");
    return refusal.status;
}

static unsigned read_head(const char *text, struct http_head *ret_head)
{
    return read_bytes(text, strlen(text), ret_head);
}

static unsigned status_of(const char *text)
{
    struct http_head head;

    return read_head(text, &head);
}

static void assert_slice(struct slice text, const char *expected)
{
    if (!slice_is(text, expected))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(text), expected);
}

/* --- what is taken --- */

static void parse__of_a_get__gives_method_path_and_query(void **state)
{
    struct http_head head;

    (void)state;
    assert_int_equal(read_head("GET /w/acme.js?v=1&x=/ HTTP/1.1\r\n" HOST "\r\n", &head), 0);
    assert_slice(head.method, "GET");
    assert_slice(head.path, "/w/acme.js");
    assert_slice(head.query, "v=1&x=/");
    assert_true(head.keep_alive);
    assert_false(head.has_body);
    assert_int_equal(head.header_count, 1);
}

static void parse__of_a_post__gives_its_length(void **state)
{
    struct http_head head;

    (void)state;
    assert_int_equal(
        read_head("POST /api/v1/tenants HTTP/1.1\r\n" HOST "Content-Length: 170\r\n\r\n", &head),
        0);
    assert_true(head.has_body);
    assert_int_equal(head.body_bytes, 170);
}

static void parse__of_values__trims_white_space_around_them(void **state)
{
    struct http_head head;

    (void)state;
    assert_int_equal(
        read_head("GET / HTTP/1.1\r\nHost: \t chat.example \t\r\nX:\r\nY: a b\t c \r\n\r\n", &head),
        0);
    assert_slice(http_head_find(&head, "host", NULL)->value, "chat.example");
    assert_slice(http_head_find(&head, "x", NULL)->value, "");
    assert_slice(http_head_find(&head, "y", NULL)->value, "a b\t c");
}

static void find__of_a_name__knows_no_case_and_counts(void **state)
{
    struct http_head head;
    size_t count;

    (void)state;
    assert_int_equal(read_head("GET / HTTP/1.1\r\nHOST: a\r\nx-A: 1\r\nX-a: 2\r\n\r\n", &head), 0);
    assert_slice(http_head_find(&head, "x-a", &count)->value, "1");
    assert_int_equal(count, 2);
    assert_null(http_head_find(&head, "x-b", &count));
    assert_int_equal(count, 0);
    assert_non_null(http_head_find(&head, "host", NULL));
}

static void token__in_a_list__is_found_whole_and_in_any_case(void **state)
{
    (void)state;
    assert_true(http_token_in(SLICE_LITERAL("keep-alive, Upgrade"), "upgrade"));
    assert_true(http_token_in(SLICE_LITERAL("upgrade"), "upgrade"));
    assert_true(http_token_in(SLICE_LITERAL(" ,, upgrade ,"), "upgrade"));
    assert_false(http_token_in(SLICE_LITERAL("upgraded, up grade"), "upgrade"));
    assert_false(http_token_in(SLICE_NONE, "upgrade"));
}

static void token__in_several_headers_of_a_name__is_found(void **state)
{
    struct http_head head;

    (void)state;
    assert_int_equal(read_head("GET / HTTP/1.1\r\n" HOST "Connection: keep-alive\r\n"
                               "Connection: Upgrade\r\n\r\n",
                               &head),
                     0);
    assert_true(http_head_has_token(&head, "connection", "upgrade"));
    assert_false(http_head_has_token(&head, "connection", "close"));
}

static void connection__asked_to_close_or_of_http_1_0__is_not_kept(void **state)
{
    struct http_head head;

    (void)state;
    assert_int_equal(read_head("GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n", &head), 0);
    assert_false(head.keep_alive);
    assert_int_equal(read_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", &head), 0);
    assert_false(head.keep_alive);
    assert_true(head.http_1_0);
}

static void end__of_two_requests__is_that_of_the_first(void **state)
{
    static const char two[] = "GET /a HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n" HOST "\r\n";
    struct http_refusal refusal;
    size_t end = http_head_end((struct slice){ two, sizeof(two) - 1 }, &refusal);

    (void)state;
    assert_int_equal(end, (sizeof(two) - 1) / 2);
}

/* --- the smuggling set --- */

static void body__in_chunks__is_refused_however_it_is_written(void **state)
{
    (void)state;
    assert_int_equal(
        status_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n5\r\nhello"), 501);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "transfer-encoding: identity\r\n\r\n"),
                     501);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding:\tchunked\r\n\r\n"),
                     501);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n"),
                     501);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST
                               "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"),
                     501);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\nzz"),
                     501);
}

static void length__together_with_a_transfer_coding__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST
                               "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"),
                     501);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST
                               "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"),
                     501);
}

static void length__given_twice__is_refused_even_when_equal(void **state)
{
    (void)state;
    assert_int_equal(
        status_of("POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\nContent-Length: 5\r\n\r\n"),
        400);
    assert_int_equal(
        status_of("POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\nContent-Length: 4\r\n\r\n"),
        400);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "Content-Length: 4, 4\r\n\r\n"), 400);
}

static void length__that_is_no_plain_number__is_refused(void **state)
{
    static const char *const lengths[] = { "",    "+4",  "-1",   "0x10",  "4 4",
                                           "1e3", "4.0", "four", "\"4\"", "9999999999999999" };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        (void)snprintf(text, sizeof(text), "POST / HTTP/1.1\r\n" HOST "Content-Length: %s\r\n\r\n",
                       lengths[i]);
        if (status_of(text) != 400)
            fail_msg("Content-Length: %s was taken", lengths[i]);
    }
}

static void name__with_a_space_before_its_colon__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "Content-Length : 4\r\n\r\n"), 400);
    assert_int_equal(status_of("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding\t: chunked\r\n\r\n"),
                     400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST ": empty\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X(y): z\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X\xc3\xa4: z\r\n\r\n"), 400);
}

static void line__that_is_folded__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X: a\r\n b\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X: a\r\n\tb\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
}

static void line__that_ends_in_lf_alone__is_refused_at_once(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET / HTTP/1.1\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "\n"), 400);
    assert_int_equal(status_of("\n"), 400);
}

static void cr__that_stands_alone__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X: a\rContent-Length: 4\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "\r\r\n\r\n"), 400);
}

static void nul__anywhere__is_refused(void **state)
{
    static const char in_value[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
    static const char in_target[] = "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n";
    static const char in_name[] = "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n";
    struct http_head head;

    (void)state;
    assert_int_equal(read_bytes(in_value, sizeof(in_value) - 1, &head), 400);
    assert_int_equal(read_bytes(in_target, sizeof(in_target) - 1, &head), 400);
    assert_int_equal(read_bytes(in_name, sizeof(in_name) - 1, &head), 400);
}

static void control_characters__in_a_value__are_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X: a\x7f\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "X: a\x0b\r\n\r\n"), 400);
}

static void host__missing_doubled_or_odd__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost:\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: me@a\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\n\r\n"), 0);
}

static void version__of_any_other_kind__is_refused(void **state)
{
    static const char *const versions[] = { "HTTP/1.2",  "HTTP/0.9", "HTTP/2.0", "http/1.1",
                                            "HTTP/1.1 ", "HTTP/1",   "HTTP/11",  "HTTP/1.1x" };
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        (void)snprintf(text, sizeof(text), "GET / %s\r\n" HOST "\r\n", versions[i]);
        if (status_of(text) != 505)
            fail_msg("\"%s\" gave %u", versions[i], status_of(text));
    }
}

static void request_line__with_too_little_or_too_much__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET /\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of("GET\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of(" GET / HTTP/1.1\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of("G T / HTTP/1.1\r\n" HOST "\r\n"), 505);
    assert_int_equal(status_of("GET  / HTTP/1.1\r\n" HOST "\r\n"), 505);
    assert_int_equal(status_of("GET\t/\tHTTP/1.1\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of("G(T / HTTP/1.1\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of("\r\nGET / HTTP/1.1\r\n" HOST "\r\n"), 400);
    assert_int_equal(status_of("PRI * HTTP/2.0\r\n\r\n"), 505);
}

static void target__that_is_no_path__is_refused(void **state)
{
    static const char *const targets[] = { "http://chat.example/",
                                           "*",
                                           "chat.example:443",
                                           "/a#b",
                                           "/a\"",
                                           "/<script>",
                                           "/\\..\\",
                                           "/a{}",
                                           "/\xc3\xa4",
                                           "/a\x7f",
                                           "//a b" };
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", targets[i]);
        if (status_of(text) != 400 && status_of(text) != 505)
            fail_msg("\"%s\" was taken", targets[i]);
    }
    assert_int_equal(status_of("CONNECT chat.example:443 HTTP/1.1\r\n" HOST "\r\n"), 405);
}

static void get__with_a_body__is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\n"), 400);
    assert_int_equal(status_of("HEAD / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\n"), 400);
    assert_int_equal(status_of("GET / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n"), 0);
}

/* --- limits --- */

static char *with_headers(size_t count, size_t value_bytes)
{
    char *text = malloc(64 + count * (value_bytes + 16));
    size_t len = (size_t)sprintf(text, "GET / HTTP/1.1\r\n" HOST);

    assert_non_null(text);
    for (size_t i = 1; i < count; i++) {
        len += (size_t)sprintf(text + len, "X-%zu: ", i);
        memset(text + len, 'v', value_bytes);
        len += value_bytes;
        len += (size_t)sprintf(text + len, "\r\n");
    }
    (void)sprintf(text + len, "\r\n");
    return text;
}

static void headers__up_to_the_limit__are_taken_and_one_more_is_not(void **state)
{
    char *fits = with_headers(HTTP_HEADERS_MAX, 4),
         *too_many = with_headers(HTTP_HEADERS_MAX + 1, 4);

    (void)state;
    assert_int_equal(status_of(fits), 0);
    assert_int_equal(status_of(too_many), 431);
    free(fits);
    free(too_many);
}

static void head__over_the_limit__is_refused_before_it_ends(void **state)
{
    char *large = with_headers(20, 1000);
    struct http_head head;

    (void)state;
    assert_true(strlen(large) > HTTP_HEAD_MAX_BYTES + 1);
    assert_int_equal(read_bytes(large, HTTP_HEAD_MAX_BYTES, &head), 1);
    assert_int_equal(read_bytes(large, HTTP_HEAD_MAX_BYTES + 1, &head), 431);
    free(large);
}

static void target__over_the_limit__is_refused(void **state)
{
    char text[HTTP_TARGET_MAX + 128], path[HTTP_TARGET_MAX + 2];

    (void)state;
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[HTTP_TARGET_MAX + 1] = '\0';
    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
    assert_int_equal(status_of(text), 414);
    path[HTTP_TARGET_MAX] = '\0';
    (void)snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
    assert_int_equal(status_of(text), 0);
}

/* --- in pieces --- */

static void head__one_byte_at_a_time__gives_the_same_answer_as_all_at_once(void **state)
{
    static const char *const heads[] = {
        "GET /w/acme.js HTTP/1.1\r\n" HOST "Accept: */*\r\n\r\n",
        "POST / HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nbody",
        "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \rb\r\n\r\n",
        "\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        struct http_head head;
        unsigned at_once = read_head(heads[i], &head), stepwise = 1;

        assert_int_not_equal(at_once, 1);
        for (size_t have = 0; stepwise == 1 && have <= strlen(heads[i]); have++)
            stepwise = read_bytes(heads[i], have, &head);
        assert_int_equal(stepwise, at_once);
    }
}

/* What docs/api.md lists, and what is done. */
static void each_status_that_is_answered__has_its_reason(void **state)
{
    static const unsigned statuses[] = { 101, 200, 201, 202, 204, 206, 304, 400, 401, 403, 404,
                                         405, 408, 409, 410, 411, 412, 413, 414, 415, 416, 422,
                                         426, 429, 431, 500, 501, 502, 503, 504, 505 };

    (void)state;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        assert_string_not_equal(http_reason(statuses[i]), "Status");
    assert_string_equal(http_reason(502), "Bad Gateway");
    assert_string_equal(http_reason(599), "Status");
}

RUN(cmocka_unit_test(parse__of_a_get__gives_method_path_and_query),
    cmocka_unit_test(each_status_that_is_answered__has_its_reason),
    cmocka_unit_test(parse__of_a_post__gives_its_length),
    cmocka_unit_test(parse__of_values__trims_white_space_around_them),
    cmocka_unit_test(find__of_a_name__knows_no_case_and_counts),
    cmocka_unit_test(token__in_a_list__is_found_whole_and_in_any_case),
    cmocka_unit_test(token__in_several_headers_of_a_name__is_found),
    cmocka_unit_test(connection__asked_to_close_or_of_http_1_0__is_not_kept),
    cmocka_unit_test(end__of_two_requests__is_that_of_the_first),
    cmocka_unit_test(body__in_chunks__is_refused_however_it_is_written),
    cmocka_unit_test(length__together_with_a_transfer_coding__is_refused),
    cmocka_unit_test(length__given_twice__is_refused_even_when_equal),
    cmocka_unit_test(length__that_is_no_plain_number__is_refused),
    cmocka_unit_test(name__with_a_space_before_its_colon__is_refused),
    cmocka_unit_test(line__that_is_folded__is_refused),
    cmocka_unit_test(line__that_ends_in_lf_alone__is_refused_at_once),
    cmocka_unit_test(cr__that_stands_alone__is_refused),
    cmocka_unit_test(nul__anywhere__is_refused),
    cmocka_unit_test(control_characters__in_a_value__are_refused),
    cmocka_unit_test(host__missing_doubled_or_odd__is_refused),
    cmocka_unit_test(version__of_any_other_kind__is_refused),
    cmocka_unit_test(request_line__with_too_little_or_too_much__is_refused),
    cmocka_unit_test(target__that_is_no_path__is_refused),
    cmocka_unit_test(get__with_a_body__is_refused),
    cmocka_unit_test(headers__up_to_the_limit__are_taken_and_one_more_is_not),
    cmocka_unit_test(head__over_the_limit__is_refused_before_it_ends),
    cmocka_unit_test(target__over_the_limit__is_refused),
    cmocka_unit_test(head__one_byte_at_a_time__gives_the_same_answer_as_all_at_once))
