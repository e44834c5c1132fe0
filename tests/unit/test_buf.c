/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "tests/support/cmocka.h"

#include <jansson.h>

static void add__up_to_the_limit_holds_and_one_more_fails_for_good(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 5);
    buf_add_text(&buf, "abc");
    buf_add_text(&buf, "de");
    assert_false(buf_failed(&buf));
    assert_string_equal(buf.data, "abcde");
    buf_add_text(&buf, "f");
    assert_true(buf_failed(&buf));
    assert_string_equal(buf.data, "abcde"); /* nothing by halves */
    buf_add(&buf, "", 0);
    assert_true(buf_failed(&buf));
}

static void clear__forgets_the_failure_and_keeps_the_memory(void **state)
{
    AUTO_BUF buf;
    const char *before;

    (void)state;
    buf_init(&buf, 4);
    buf_clear(&buf); /* also before anything was added */
    buf_add_text(&buf, "abcd");
    before = buf.data;
    buf_add_text(&buf, "e");
    buf_clear(&buf);
    assert_false(buf_failed(&buf));
    assert_string_equal(buf.data, "");
    buf_add_text(&buf, "wxyz");
    assert_string_equal(buf.data, "wxyz");
    assert_ptr_equal(buf.data, before);
}

static void add__of_huge_lengths__fails_and_does_not_wrap(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 100);
    buf_add_text(&buf, "abc");
    buf_add(&buf, "x", SIZE_MAX);
    assert_true(buf_failed(&buf));
    buf_clear(&buf);
    buf_add_text(&buf, "abc");
    buf_add(&buf, "x", SIZE_MAX - 2);
    assert_true(buf_failed(&buf));
}

static void add__many_times__grows_and_stays_terminated(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 100000);
    for (int i = 0; i < 20000; i++) {
        buf_addf(&buf, "%d", i % 10);
        assert_int_equal(buf.data[buf.len], '\0');
    }
    assert_int_equal(buf.len, 20000);
    assert_memory_equal(buf.data + 19990, "0123456789", 10);
    assert_false(buf_failed(&buf));
}

static void addf__beyond_the_limit__adds_nothing(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 6);
    buf_addf(&buf, "%s", "123456");
    assert_string_equal(buf.data, "123456");
    buf_clear(&buf);
    buf_addf(&buf, "%s", "1234567");
    assert_true(buf_failed(&buf));
    assert_string_equal(buf.data, "");
}

static void json__of_every_character__is_read_back_the_same(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 4096);
    for (unsigned c = 1; c < 0x80; c++) {
        const char text[3] = { 'x', (char)c, 'y' };
        json_t *json;

        buf_clear(&buf);
        buf_add_text(&buf, "[");
        buf_add_json(&buf, (struct slice){ text, 3 });
        buf_add_text(&buf, "]");
        json = json_loadb(buf.data, buf.len, 0, NULL);
        assert_non_null(json);
        assert_memory_equal(json_string_value(json_array_get(json, 0)), text, 3);
        json_decref(json);
    }
}

static void json__can_stand_in_a_script(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 4096);
    buf_add_json(&buf, SLICE_LITERAL("</script>\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac<!"));
    assert_string_equal(buf.data, "\"<\\/script>\\u2028\\u2029\xe2\x82\xac<!\"");
    buf_clear(&buf);
    buf_add_json(&buf, SLICE_LITERAL("\xe2")); /* a rest that ends too early is not read past */
    assert_int_equal(buf.len, 3);
    buf_clear(&buf);
    buf_add_json(&buf, SLICE_NONE);
    assert_string_equal(buf.data, "\"\"");
}

static void xml__escapes_the_five_and_nothing_else(void **state)
{
    AUTO_BUF buf;

    (void)state;
    buf_init(&buf, 4096);
    buf_add_xml(&buf, SLICE_LITERAL("<a b=\"c\" d='e'>&amp; ä"));
    assert_string_equal(buf.data, "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;amp; ä");
}

RUN(cmocka_unit_test(add__up_to_the_limit_holds_and_one_more_fails_for_good),
    cmocka_unit_test(clear__forgets_the_failure_and_keeps_the_memory),
    cmocka_unit_test(add__of_huge_lengths__fails_and_does_not_wrap),
    cmocka_unit_test(add__many_times__grows_and_stays_terminated),
    cmocka_unit_test(addf__beyond_the_limit__adds_nothing),
    cmocka_unit_test(json__of_every_character__is_read_back_the_same),
    cmocka_unit_test(json__can_stand_in_a_script),
    cmocka_unit_test(xml__escapes_the_five_and_nothing_else))
