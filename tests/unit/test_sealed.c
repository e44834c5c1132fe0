/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/sealed.h"

#include "tests/support/cmocka.h"

#define TEXT  "what nobody else may read"
#define ABOUT SLICE_LITERAL("acme's")

enum { SEALED_LEN = sizeof(TEXT) - 1 + SEALED_MORE_BYTES };

static struct digest key, other;
static uint8_t sealed[SEALED_LEN];

static int start(void **state)
{
    (void)state;
    key = digest_sha256(SLICE_LITERAL("one"));
    other = digest_sha256(SLICE_LITERAL("another"));
    return sealed_make(&key, ABOUT, SLICE_LITERAL(TEXT), sealed);
}

static int opened(const struct digest *with, struct slice about, size_t len, char *text)
{
    int rc = sealed_open(with, about, (struct slice){ (const char *)sealed, len }, (uint8_t *)text);

    return rc;
}

static void assert_does_not_open(const struct digest *with, struct slice about, size_t len)
{
    static const char nothing[sizeof(TEXT)];
    char text[sizeof(TEXT)] = "";

    assert_int_equal(opened(with, about, len, text), SEALED_E_BROKEN);
    assert_memory_equal(text, nothing, sizeof(text));
}

static void what_is_sealed__opens_with_its_key_and_says_nothing_without(void **state)
{
    char text[sizeof(TEXT)] = "";

    (void)state;
    assert_int_equal(opened(&key, ABOUT, SEALED_LEN, text), OK);
    assert_string_equal(text, TEXT);
    assert_null(memmem(sealed, sizeof(sealed), "nobody", 6));
    assert_does_not_open(&other, ABOUT, SEALED_LEN);
}

static void said_to_be_about_something_else__it_does_not_open(void **state)
{
    (void)state;
    assert_does_not_open(&key, SLICE_LITERAL("borealis's"), SEALED_LEN);
    assert_does_not_open(&key, SLICE_LITERAL(""), SEALED_LEN);
    assert_does_not_open(&key, SLICE_LITERAL("acme's "), SEALED_LEN);
}

static void altered_in_any_byte_or_cut__it_does_not_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEALED_LEN; i++) {
        sealed[i] ^= 0x40;
        assert_does_not_open(&key, ABOUT, SEALED_LEN);
        sealed[i] ^= 0x40;
    }
    for (size_t len = 0; len < SEALED_LEN; len++)
        assert_does_not_open(&key, ABOUT, len);
}

static void sealed_twice__it_looks_different(void **state)
{
    uint8_t again[SEALED_LEN];

    (void)state;
    assert_int_equal(sealed_make(&key, ABOUT, SLICE_LITERAL(TEXT), again), OK);
    assert_memory_not_equal(again, sealed, SEALED_NONCE_BYTES);
    assert_memory_not_equal(again + SEALED_NONCE_BYTES, sealed + SEALED_NONCE_BYTES,
                            SEALED_LEN - SEALED_NONCE_BYTES);
}

static void nothing__can_be_sealed_too(void **state)
{
    uint8_t empty[SEALED_MORE_BYTES], none[1];

    (void)state;
    assert_int_equal(sealed_make(&key, ABOUT, SLICE_LITERAL(""), empty), OK);
    assert_int_equal(
        sealed_open(&key, ABOUT, (struct slice){ (const char *)empty, sizeof(empty) }, none), OK);
    assert_int_equal(
        sealed_open(&other, ABOUT, (struct slice){ (const char *)empty, sizeof(empty) }, none),
        SEALED_E_BROKEN);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_sealed__opens_with_its_key_and_says_nothing_without, start),
        cmocka_unit_test_setup(said_to_be_about_something_else__it_does_not_open, start),
        cmocka_unit_test_setup(altered_in_any_byte_or_cut__it_does_not_open, start),
        cmocka_unit_test_setup(sealed_twice__it_looks_different, start),
        cmocka_unit_test_setup(nothing__can_be_sealed_too, start),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
