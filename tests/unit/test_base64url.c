/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/base64url.h"

#include "tests/support/cmocka.h"

static bool decode(const char *text, struct buf *to)
{
    buf_init(to, 64);
    return base64url_decode(slice_of(text), to);
}

static void gives_the_values_of_rfc_4648(void **state)
{
    static const char *const pairs[][2] = { { "", "" },
                                            { "Zg", "f" },
                                            { "Zm8", "fo" },
                                            { "Zm9v", "foo" },
                                            { "Zm9vYg", "foob" },
                                            { "Zm9vYmE", "fooba" },
                                            { "Zm9vYmFy", "foobar" },
                                            { "-_-_", "\xfb\xff\xbf" } };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        AUTO_BUF bytes;

        assert_true(decode(pairs[i][0], &bytes));
        assert_true(slice_is(buf_slice(&bytes), pairs[i][1]));
    }
}

static void no_bytes_have_two_spellings(void **state)
{
    static const char *const wrong[] = { "A",    "Zg==", "Zh",    "Zm9",   "Zm9vY",   "Z g",
                                         "Zg\n", "+/+/", "Zm9v.", "Zm9v ", "\xc3\xa4" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        AUTO_BUF bytes;

        assert_false(decode(wrong[i], &bytes));
    }
}

static void base64__gives_the_values_of_rfc_4648__both_ways(void **state)
{
    static const char *const pairs[][2] = { { "", "" },
                                            { "Zg==", "f" },
                                            { "Zm8=", "fo" },
                                            { "Zm9v", "foo" },
                                            { "Zm9vYg==", "foob" },
                                            { "Zm9vYmE=", "fooba" },
                                            { "Zm9vYmFy", "foobar" },
                                            { "+/+/", "\xfb\xff\xbf" } };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        AUTO_BUF bytes, text;

        buf_init(&bytes, 64);
        buf_init(&text, 64);
        assert_true(base64_decode(slice_of(pairs[i][0]), &bytes));
        assert_true(slice_is(buf_slice(&bytes), pairs[i][1]));
        base64_encode(slice_of(pairs[i][1]), &text);
        assert_true(slice_is(buf_slice(&text), pairs[i][0]));
    }
}

static void base64__has_one_spelling(void **state)
{
    static const char *const wrong[] = { "Zg", "Zg=",  "Zh==", "Zm9=",   "Z===",  "====",
                                         "=",  "Z=g=", "-_-_", "Zg==\n", " Zg==", "Zg==Zg==" };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        AUTO_BUF bytes;

        buf_init(&bytes, 64);
        print_message("%s\n", wrong[i]);
        assert_false(base64_decode(slice_of(wrong[i]), &bytes));
    }
}

static void a_full_buffer_is_told(void **state)
{
    AUTO_BUF bytes;

    (void)state;
    buf_init(&bytes, 2);
    assert_false(base64url_decode(SLICE_LITERAL("Zm9v"), &bytes));
}

RUN(cmocka_unit_test(gives_the_values_of_rfc_4648), cmocka_unit_test(no_bytes_have_two_spellings),
    cmocka_unit_test(base64__gives_the_values_of_rfc_4648__both_ways),
    cmocka_unit_test(base64__has_one_spelling), cmocka_unit_test(a_full_buffer_is_told))
