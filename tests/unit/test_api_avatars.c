/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/base64url.h"
#include "storage/directory/avatars.h"
#include "tenant/avatar.h"
#include "tests/support/cmocka.h"
#include "tests/support/core_double.h"

#include <stdio.h>

#define OF_ACME "/api/v1/tenants/acme"
#define ANNA    "anna@agents.localhost"
#define OF_ANNA OF_ACME "/agents/" ANNA "/avatar"

/* A PNG of 64 x 48 pixels, as far as anybody looks; `mark` stands among its pixels. */
static void add_png(struct buf *to, const char *mark)
{
    buf_add(to, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x30\x08\x02\0\0\0.sum", 33);
    buf_add(to, "\0\0\0\x04IDAT", 8);
    buf_add(to, mark, 4);
    buf_add(to, ".sum\0\0\0\0IEND.sum", 16);
}

/* {"picture": …} of it, with a comment that is nobody's business. */
static const char *picture(const char *mark)
{
    static char body[1024];
    AUTO_BUF bytes, text;

    buf_init(&bytes, 512);
    buf_init(&text, 512);
    add_png(&bytes, mark);
    bytes.len -= 12;
    buf_add(&bytes, "\0\0\0\x08tEXtC\0Jane D.sum\0\0\0\0IEND.sum", 32);
    base64_encode(buf_slice(&bytes), &text);
    (void)snprintf(body, sizeof(body), "{\"picture\":\"%s\"}", text.data);
    return body;
}

static int start(void **state)
{
    (void)double_setup(state);
    assert_int_equal(
        ask("POST", "/api/v1/agents", "", "{\"jid\":\"" ANNA "\",\"name\":\"Anna\"}")->status, 201);
    assert_int_equal(
        ask("POST", OF_ACME "/agents", "", "{\"jid\":\"" ANNA "\",\"persona\":\"Anna A\"}")->status,
        200);
    return 0;
}

static void a_picture__is_put__shown_and_put_back(void **state)
{
    const struct heard *answer = ask("PUT", OF_ANNA, "", picture("pix1"));
    AUTO_MEM char *address = NULL;
    AUTO_MEM char *again = NULL;

    (void)state;
    assert_int_equal(answer->status, 200);
    assert_string_equal(text_at(answer, "jid"), ANNA);
    assert_string_equal(text_at(answer, "type"), "image/png");
    assert_int_equal(json_integer_value(json_object_get(answer->json, "width")), 64);
    assert_int_equal(json_integer_value(json_object_get(answer->json, "height")), 48);
    assert_int_equal(json_integer_value(json_object_get(answer->json, "bytes")), 61);
    assert_null(json_object_get(answer->json, "picture"));
    address = strdup(text_at(answer, "address"));
    assert_int_equal(strncmp(address, "/p/acme/", 8), 0);
    assert_int_equal(strlen(address), 8 + ID_TEXT_LEN);

    answer = ask("GET", OF_ANNA, "", "");
    assert_string_equal(text_at(answer, "address"), address);
    assert_true(asprintf(&again, "{\"picture\":\"%s\"}", text_at(answer, "picture")) > 0);
    assert_string_equal(text_at(ask("PUT", OF_ANNA, "", again), "address"), address);
    assert_string_not_equal(text_at(ask("PUT", OF_ANNA, "", picture("pix2")), "address"), address);
}

static void it__stands_with_the_member_and_the_tenant(void **state)
{
    (void)state;
    assert_non_null(strstr(ask("GET", OF_ACME "/agents", "", "")->text, "\"avatar\":null"));
    assert_non_null(strstr(ask("GET", OF_ACME, "", "")->text, "\"avatar\":null"));
    assert_int_equal(ask("PUT", OF_ANNA, "", picture("pix1"))->status, 200);
    assert_int_equal(ask("PUT", OF_ACME "/avatar", "", picture("pix2"))->status, 200);
    assert_non_null(strstr(ask("GET", OF_ACME "/agents", "", "")->text, "\"avatar\":\"/p/acme/"));
    assert_non_null(strstr(ask("GET", "/api/v1/agents", "", "")->text, "\"avatar\":\"/p/acme/"));
    assert_non_null(strstr(ask("GET", OF_ACME, "", "")->text, "\"avatar\":\"/p/acme/"));
    /* assigned again, she keeps it */
    assert_int_equal(
        ask("POST", OF_ACME "/agents", "", "{\"jid\":\"" ANNA "\",\"role\":\"supervisor\"}")
            ->status,
        200);
    assert_non_null(strstr(ask("GET", OF_ACME "/agents", "", "")->text, "\"avatar\":\"/p/acme/"));

    assert_int_equal(ask("DELETE", OF_ANNA, "", "")->status, 204);
    assert_int_equal(ask("DELETE", OF_ANNA, "", "")->status, 404);
    assert_int_equal(ask("GET", OF_ANNA, "", "")->status, 404);
    assert_non_null(strstr(ask("GET", OF_ACME "/agents", "", "")->text, "\"avatar\":null"));
    assert_int_equal(ask("DELETE", OF_ACME "/avatar", "", "")->status, 204);
    assert_int_equal(ask("GET", OF_ACME "/avatar", "", "")->status, 404);
    assert_non_null(strstr(ask("GET", OF_ACME, "", "")->text, "\"avatar\":null"));
}

static void what_is_no_picture__is_refused__and_says_why(void **state)
{
    static const struct {
        const char *body, *code;
    } wrong[] = {
        { "{}", "bad_field" },
        { "{\"picture\":7}", "bad_field" },
        { "{\"picture\":\"not base64!\"}", "bad_field" },
        { "{\"picture\":\"Zg\"}", "bad_field" },
        { "{\"picture\":\"\"}", "bad_picture" },
        { "{\"picture\":\"anVzdCB3b3Jkcw==\"}", "bad_picture" },          /* just words */
        { "{\"picture\":\"PHN2Zy8+\"}", "bad_picture" },                  /* <svg/> */
        { "{\"picture\":\"R0lGODlhAQABAAAAACw=\"}", "bad_picture" },      /* GIF89a… */
        { "{\"picture\":\"iVBORw0KGgo=\"}", "bad_picture" },              /* the mark alone */
        { "{\"picture\":\"iVBORw0KGgo=\",\"type\":\"x\"}", "bad_field" }, /* we look ourselves */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const struct heard *answer = ask("PUT", OF_ANNA, "", wrong[i].body);

        print_message("%s\n", wrong[i].body);
        assert_int_equal(answer->status, 400);
        assert_string_equal(code_of(answer), wrong[i].code);
        assert_int_equal(ask("GET", OF_ANNA, "", "")->status, 404);
    }
}

static void whoever_is_no_member__has_none(void **state)
{
    (void)state;
    double_tenant("borealis");
    assert_int_equal(
        ask("PUT", "/api/v1/tenants/borealis/agents/" ANNA "/avatar", "", picture("pix1"))->status,
        404);
    assert_int_equal(
        ask("PUT", OF_ACME "/agents/nobody@agents.localhost/avatar", "", picture("pix1"))->status,
        404);
    assert_int_equal(ask("GET", OF_ACME "/agents/anna/avatar", "", "")->status, 404);
}

static void each_change__stands_in_the_audit__in_its_commit(void **state)
{
    const struct heard *answer;

    (void)state;
    assert_int_equal(ask("PUT", OF_ANNA, "", picture("pix1"))->status, 200);
    assert_int_equal(ask("DELETE", OF_ANNA, "", "")->status, 204);
    answer = ask("GET", OF_ACME "/audit", "", "");
    assert_non_null(strstr(answer->text, "\"member_avatar_set\""));
    assert_non_null(strstr(answer->text, "jid=" ANNA " avatar="));
    assert_non_null(strstr(answer->text, "\"member_avatar_remove\""));
}

static void a_picture_that_somebody_else_has_changed__is_not_overwritten(void **state)
{
    char tag[64] = "";
    const struct heard *answer;
    const char *at;

    (void)state;
    assert_int_equal(ask("PUT", OF_ANNA, "", picture("pix1"))->status, 200);
    answer = ask("GET", OF_ANNA, "", "");
    at = strstr(answer->headers, "ETag: ");
    assert_non_null(at);
    (void)snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(at + 6, "\r"), at + 6);
    assert_int_equal(ask("PUT", OF_ANNA, "", picture("pix2"))->status, 200);
    asked_with.if_match = tag;
    assert_int_equal(ask("PUT", OF_ANNA, "", picture("pix3"))->status, 412);
    assert_int_equal(ask("DELETE", OF_ANNA, "", "")->status, 412);
    asked_with.if_match = NULL;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, double_teardown)

RUN(CASE(a_picture__is_put__shown_and_put_back), CASE(it__stands_with_the_member_and_the_tenant),
    CASE(what_is_no_picture__is_refused__and_says_why), CASE(whoever_is_no_member__has_none),
    CASE(each_change__stands_in_the_audit__in_its_commit),
    CASE(a_picture_that_somebody_else_has_changed__is_not_overwritten))
