/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/json.h"

#include "base/buf.h"
#include "base/format/text.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>

/* The bytes alone in a block of their own, so that ASan sees any step outside. */
static int read_exactly(struct slice text, json_t **ret_json)
{
    char *copy = malloc(text.len == 0 ? 1 : text.len);
    int rc;

    assert_non_null(copy);
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    rc = json_read((struct slice){ copy, text.len }, ret_json);
    free(copy);
    return rc;
}

static int verdict(struct slice text)
{
    json_t *json = NULL;
    int rc = read_exactly(text, &json);

    json_decref(json);
    return rc;
}

static void read__of_an_object__gives_its_members_by_type(void **state)
{
    AUTO_JSON json = NULL;
    const json_t *page = NULL;
    struct slice text = SLICE_NONE;
    uint64_t number = 0;
    bool yes = false;

    (void)state;
    assert_int_equal(read_exactly(SLICE_LITERAL("{\"t\":\"h\\u00e4i\",\"n\":18446744,\"b\":true,"
                                                "\"o\":{\"url\":\"u\"},\"z\":null}"),
                                  &json),
                     OK);
    assert_int_equal(json_get_text(json, "t", &text), OK);
    assert_true(slice_is(text, "häi"));
    assert_int_equal(json_get_uint(json, "n", &number), OK);
    assert_int_equal(number, 18446744);
    assert_int_equal(json_get_bool(json, "b", &yes), OK);
    assert_true(yes);
    assert_int_equal(json_get_object(json, "o", &page), OK);
    assert_int_equal(json_get_text(page, "url", &text), OK);
}

static void get__of_absent_null_and_other_types__leaves_the_output_alone(void **state)
{
    AUTO_JSON json = NULL;
    struct slice text = SLICE_LITERAL("before");
    uint64_t number = 7;
    bool yes = true;
    const json_t *object = NULL;

    (void)state;
    assert_int_equal(
        read_exactly(SLICE_LITERAL("{\"t\":1,\"n\":-1,\"f\":1.5,\"s\":\"7\",\"z\":null}"), &json),
        OK);
    assert_int_equal(json_get_text(json, "t", &text), JSON_E_TYPE);
    assert_int_equal(json_get_text(json, "z", &text), JSON_E_ABSENT);
    assert_int_equal(json_get_text(json, "nothing", &text), JSON_E_ABSENT);
    assert_true(slice_is(text, "before"));
    assert_int_equal(json_get_uint(json, "n", &number), JSON_E_TYPE);
    assert_int_equal(json_get_uint(json, "f", &number), JSON_E_TYPE);
    assert_int_equal(json_get_uint(json, "s", &number), JSON_E_TYPE);
    assert_int_equal(number, 7);
    assert_int_equal(json_get_bool(json, "t", &yes), JSON_E_TYPE);
    assert_true(yes);
    assert_int_equal(json_get_object(json, "s", &object), JSON_E_TYPE);
    assert_null(object);
}

static void read__of_what_is_not_strictly_json__is_bad(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "}",
        "{}{}",
        "{} x",
        "{\"a\":1,}",
        "{\"a\":1}\n{\"b\":2}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":NaN}",
        "{\"a\":1e999}",
        "{\"a\":99999999999999999999}",
        "{\"a\":1} // no",
        "/* no */{}",
        "{\"a\":\"\t\"}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\u0x00\"}",
        "{\"a\":\"\\u 000\"}",
        "true",
        "\"text\"",
        "\xef\xbb\xbf{}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (verdict(slice_of(bad[i])) != JSON_E_BAD)
            fail_msg("taken as JSON: %s", bad[i]);
    }
    assert_int_equal(verdict(SLICE_NONE), JSON_E_BAD);
}

static void read__of_doubled_keys__is_bad_at_any_depth_and_in_any_spelling(void **state)
{
    (void)state;
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":1,\"a\":1}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":1,\"\\u0061\":2}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"x\":[{\"a\":1,\"a\":2}]}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":1,\"A\":1}")), OK);
}

static void read__of_bytes_that_are_not_utf8__is_bad(void **state)
{
    (void)state;
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":\"\xff\"}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":\"\xc0\xaf\"}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":\"\xed\xa0\x80\"}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":\"\xf4\x90\x80\x80\"}")), JSON_E_BAD);
    assert_int_equal(verdict(SLICE_LITERAL("{\"a\":\"\xe2\x82\"}")), JSON_E_BAD);
}

static void read__of_a_raw_zero_before_an_impossible_escape__stays_inside_its_bytes(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 65536);
    buf_add(&text, "{\"a\":\"\0", 7);
    for (int i = 0; i < 200; i++)
        buf_add_text(&text, "\\ud800");
    buf_add_text(&text, "\"}");
    assert_int_equal(verdict(buf_slice(&text)), JSON_E_BAD);
}

static void nested(struct buf *to, unsigned depth, const char *open, const char *close)
{
    buf_clear(to);
    for (unsigned i = 0; i < depth; i++)
        buf_add_text(to, open);
    for (unsigned i = 0; i < depth; i++)
        buf_add_text(to, close);
}

static void read__one_level_too_deep__is_refused_before_it_is_parsed(void **state)
{
    AUTO_BUF text;

    (void)state;
    buf_init(&text, 1u << 20);
    nested(&text, JSON_MAX_DEPTH, "[", "]");
    assert_int_equal(verdict(buf_slice(&text)), OK);
    nested(&text, JSON_MAX_DEPTH + 1, "[", "]");
    assert_int_equal(verdict(buf_slice(&text)), JSON_E_DEEP);
    nested(&text, 200000, "[", "");
    assert_int_equal(verdict(buf_slice(&text)), JSON_E_DEEP);
    nested(&text, 100000, "{\"a\":", "");
    assert_int_equal(verdict(buf_slice(&text)), JSON_E_DEEP);
}

static void depth__counts_no_brackets_inside_strings(void **state)
{
    (void)state;
    assert_true(json_depth_is_within(SLICE_LITERAL("{\"a\":\"[[[[\"}"), 1));
    assert_true(json_depth_is_within(SLICE_LITERAL("[\"\\\"[[\", 1]"), 1));
    assert_true(json_depth_is_within(SLICE_LITERAL("[\"\\\\\", 1]"), 1));
    assert_false(json_depth_is_within(SLICE_LITERAL("[\"\\\\\", []]"), 1));
    assert_true(json_depth_is_within(SLICE_LITERAL("]]]]"), 0));
    assert_true(json_depth_is_within(SLICE_LITERAL("\"\\"), 0));
}

static void read__of_escapes_no_text_can_hold__gives_what_the_text_check_refuses(void **state)
{
    static const char *const impossible[] = {
        "{\"a\":\"\\u0000\"}",        "{\"a\":\"\\ud800\"}",        "{\"a\":\"\\udfff\"}",
        "{\"a\":\"\\udc00\\ud800\"}", "{\"a\":\"\\uD83D\\u0041\"}", "{\"a\":\"\\ud83d\"}",
        "{\"a\":\"x\\\\\\ud83dy\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++) {
        AUTO_JSON json = NULL;
        struct slice text;

        assert_int_equal(read_exactly(slice_of(impossible[i]), &json), OK);
        assert_int_equal(json_get_text(json, "a", &text), OK);
        assert_int_equal(text_check(text, NULL), TEXT_BAD_CHARACTER);
    }
}

static void read__of_pairs_and_escaped_backslashes__changes_nothing(void **state)
{
    AUTO_JSON json = NULL;
    struct slice text;

    (void)state;
    assert_int_equal(
        read_exactly(SLICE_LITERAL("{\"a\":\"\\ud83d\\ude00\\\\u0000\",\"b\":\"\\ud800\"}"), &json),
        OK);
    assert_int_equal(json_get_text(json, "a", &text), OK);
    assert_true(slice_is(text, "\xf0\x9f\x98\x80\\u0000"));
}

RUN(cmocka_unit_test(read__of_an_object__gives_its_members_by_type),
    cmocka_unit_test(get__of_absent_null_and_other_types__leaves_the_output_alone),
    cmocka_unit_test(read__of_what_is_not_strictly_json__is_bad),
    cmocka_unit_test(read__of_doubled_keys__is_bad_at_any_depth_and_in_any_spelling),
    cmocka_unit_test(read__of_bytes_that_are_not_utf8__is_bad),
    cmocka_unit_test(read__of_a_raw_zero_before_an_impossible_escape__stays_inside_its_bytes),
    cmocka_unit_test(read__one_level_too_deep__is_refused_before_it_is_parsed),
    cmocka_unit_test(depth__counts_no_brackets_inside_strings),
    cmocka_unit_test(read__of_escapes_no_text_can_hold__gives_what_the_text_check_refuses),
    cmocka_unit_test(read__of_pairs_and_escaped_backslashes__changes_nothing))
