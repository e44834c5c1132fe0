/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format/base32.h"

#include "tests/support/cmocka.h"

static const struct {
    const char *text, *bytes;
} pairs[] = { { "", "" },
              { "my", "f" },
              { "mzxq", "fo" },
              { "mzxw6", "foo" },
              { "mzxw6yq", "foob" },
              { "mzxw6ytb", "fooba" },
              { "mzxw6ytboi", "foobar" } };

static void gives_the_values_of_rfc_4648(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        size_t len = strlen(pairs[i].bytes);
        char text[16];
        uint8_t bytes[8];

        base32_encode((const uint8_t *)pairs[i].bytes, len, text);
        assert_string_equal(text, pairs[i].text);
        assert_true(base32_decode(slice_of(text), bytes, len));
        assert_memory_equal(bytes, pairs[i].bytes, len);
    }
}

static void no_bytes_have_two_spellings(void **state)
{
    static const char *const wrong[] = { "mzxw7", "MZXW6", "mzxw", "mzxw6a", "mzx 6", "mzxw1" };
    uint8_t bytes[3];

    (void)state;
    for (size_t i = 1; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(base32_decode(slice_of(wrong[i]), bytes, sizeof(bytes)));
    assert_false(base32_decode(SLICE_LITERAL("mz"), bytes, 1)); /* a bit behind the last byte */
}

RUN(cmocka_unit_test(gives_the_values_of_rfc_4648), cmocka_unit_test(no_bytes_have_two_spellings))
