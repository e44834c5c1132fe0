/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/outward/page.h"

#include "tests/support/cmocka.h"

#include <stdio.h>

#define OURS "https://chat.example"
#define LINE "<script async src=\"https://chat.example/w/acme.js\"></script>"

static struct page_snippet found[2];

static size_t snippets(const char *html)
{
    memset(found, 0, sizeof(found));
    return page_snippets(slice_of(html), found, 2);
}

static void the_snippet__is_found_as_it_is_pasted(void **state)
{
    (void)state;
    assert_int_equal(snippets("<!doctype html><html><body>" LINE "</body></html>"), 1);
    assert_true(slice_is(found[0].origin, OURS));
    assert_true(slice_is(found[0].tenant, "acme"));
    assert_true(found[0].is_async);
    assert_false(found[0].has_integrity);
    assert_int_equal(found[0].nonce.len, 0);
}

static void the_snippet__is_found_however_it_is_written(void **state)
{
    static const char *const all[] = {
        "<SCRIPT ASYNC SRC='https://chat.example/w/acme.js'></SCRIPT>",
        "<script src=https://chat.example/w/acme.js async></script>",
        "<script\n\tasync=\"\"\n\tsrc = \" https://chat.example/w/acme.js?v=1 \" ></script>",
        "<script data-x=\"a>b\" defer src=\"https://chat.example/w/acme.js#x\"/>",
        "<p>1 < 2</p><script>if (a < b) c();</script>" LINE,
        "<a title=\"<script\">x</a>" LINE,
        "<!-- " LINE " -->" LINE,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (snippets(all[i]) != 1 || !slice_is(found[0].tenant, "acme") || !found[0].is_async)
            fail_msg("%s", all[i]);
    }
}

static void what_only_looks_like_it__is_none(void **state)
{
    static const char *const all[] = {
        "",
        "<",
        "<script",
        "<script src",
        "<script src=",
        "<script src=\"https://chat.example/w/acme.js",
        ("<!-- " LINE),
        "<script>var x = '<script src=\"https://chat.example/w/acme.js\">';</script>",
        "<script src=\"https://chat.example/w/.js\"></script>",
        "<script src=\"https://chat.example/w/a/b.js\"></script>",
        "<script src=\"https://chat.example/w/acme.json\"></script>",
        "<script src=\"https://chat.example/x/acme.js\"></script>",
        "<img src=\"https://chat.example/w/acme.js\">",
        "<scripts src=\"https://chat.example/w/acme.js\"></scripts>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (snippets(all[i]) != 0)
            fail_msg("%s", all[i]);
    }
}

static void its_attributes__are_told(void **state)
{
    (void)state;
    assert_int_equal(snippets("<script nonce=\"r4nd0m\" integrity=\"sha384-x\" "
                              "src=\"/w/acme.js\"></script>" LINE LINE),
                     3);
    assert_true(slice_is(found[0].nonce, "r4nd0m"));
    assert_true(found[0].has_integrity);
    assert_false(found[0].is_async);
    assert_int_equal(found[0].origin.len, 0);
}

static void headers__are_found_in_any_case_and_number(void **state)
{
    const struct slice headers =
        SLICE_LITERAL("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nset-cookie: a: b\r\n"
                      "SET-COOKIE:c\r\n\r\n");

    (void)state;
    assert_true(slice_is(page_header(headers, "content-type", 0), "text/html"));
    assert_true(slice_is(page_header(headers, "Set-Cookie", 0), "a: b"));
    assert_true(slice_is(page_header(headers, "Set-Cookie", 1), "c"));
    assert_int_equal(page_header(headers, "Set-Cookie", 2).len, 0);
    assert_int_equal(page_header(headers, "Content", 0).len, 0);
}

static void a_policy_in_the_page__is_found(void **state)
{
    const struct slice html = SLICE_LITERAL(
        "<meta charset=utf-8><meta http-equiv=\"content-security-policy\" content=\"img-src *\">"
        "<meta http-equiv='Content-Security-Policy' content='frame-src x'>");

    (void)state;
    assert_true(slice_is(page_meta_policy(html, 0), "img-src *"));
    assert_true(slice_is(page_meta_policy(html, 1), "frame-src x"));
    assert_int_equal(page_meta_policy(html, 2).len, 0);
}

static bool allows(const char *policy, enum page_need need)
{
    struct slice directive, allowed;

    return page_policy_allows(slice_of(policy), need, OURS, false, SLICE_LITERAL("r4nd0m"),
                              &directive, &allowed);
}

static void a_policy_that_names_us__lets_us_in(void **state)
{
    static const char *const all[] = {
        "",
        "img-src 'none'",
        "script-src *; frame-src *",
        "script-src https:; frame-src https:",
        "script-src https://chat.example; frame-src https://chat.example",
        "script-src HTTPS://CHAT.EXAMPLE:443; frame-src chat.example",
        "script-src chat.example:443; frame-src chat.example:*",
        "script-src *.example; frame-src https://*.example",
        "script-src https://chat.example/w/; frame-src https://chat.example/",
        "default-src https://chat.example",
        "default-src 'none'; script-src https://chat.example; child-src https://chat.example",
        ("default-src 'none';script-src-elem  https://chat.example ;script-src 'none';frame-src "
         "https://chat.example;frame-src 'none'"),
        "script-src 'nonce-r4nd0m' 'strict-dynamic'; frame-src https://chat.example",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!allows(all[i], PAGE_NEEDS_SCRIPT) || !allows(all[i], PAGE_NEEDS_FRAME))
            fail_msg("%s", all[i]);
    }
}

static void a_policy_that_does_not__keeps_us_out(void **state)
{
    static const char *const all[] = {
        "default-src 'none'",
        "default-src 'self'",
        "script-src 'self'; frame-src 'self'",
        "script-src; frame-src",
        "script-src http://chat.example; frame-src http://chat.example",
        "script-src https://chat.example.evil; frame-src https://evilchat.example",
        "script-src *.chat.example; frame-src *.chat.example",
        "script-src https://chat.example:8443; frame-src chat.example:444",
        "script-src https://chat.example/other/; frame-src https://chat.example/other",
        "script-src 'nonce-other'; frame-src 'nonce-r4nd0m'",
        "script-src 'strict-dynamic' https://chat.example; frame-src data:",
        "default-src https://chat.example; script-src 'self'; frame-src 'self'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (allows(all[i], PAGE_NEEDS_SCRIPT) || allows(all[i], PAGE_NEEDS_FRAME))
            fail_msg("%s", all[i]);
    }
}

static void what_stands_in_the_way__is_named(void **state)
{
    struct slice directive = SLICE_NONE, allowed = SLICE_NONE;

    (void)state;
    assert_false(page_policy_allows(SLICE_LITERAL("img-src *; Default-Src  'self' cdn.example "),
                                    PAGE_NEEDS_FRAME, OURS, false, SLICE_NONE, &directive,
                                    &allowed));
    assert_true(slice_is(directive, "Default-Src"));
    assert_true(slice_is(allowed, "'self' cdn.example"));
    assert_true(page_policy_allows(SLICE_LITERAL("default-src 'self'"), PAGE_NEEDS_FRAME, OURS,
                                   true, SLICE_NONE, &directive, &allowed));
}

RUN(cmocka_unit_test(the_snippet__is_found_as_it_is_pasted),
    cmocka_unit_test(the_snippet__is_found_however_it_is_written),
    cmocka_unit_test(what_only_looks_like_it__is_none), cmocka_unit_test(its_attributes__are_told),
    cmocka_unit_test(headers__are_found_in_any_case_and_number),
    cmocka_unit_test(a_policy_in_the_page__is_found),
    cmocka_unit_test(a_policy_that_names_us__lets_us_in),
    cmocka_unit_test(a_policy_that_does_not__keeps_us_out),
    cmocka_unit_test(what_stands_in_the_way__is_named))
