/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/digest.h"

#include "tests/support/cmocka.h"

static void is_hex(struct digest digest, const char *expected)
{
    char text[DIGEST_HEX_BYTES];

    digest_hex(&digest, text);
    assert_string_equal(text, expected);
}

static void sha256__gives_the_published_values(void **state)
{
    (void)state;
    is_hex(digest_sha256(SLICE_NONE),
           "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    is_hex(digest_sha256(SLICE_LITERAL("abc")),
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac__gives_the_values_of_rfc_4231(void **state)
{
    char key[131];

    (void)state;
    is_hex(digest_hmac(SLICE_LITERAL("Jefe"), SLICE_LITERAL("what do ya want for nothing?")),
           "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key)); /* longer than a block */
    is_hex(digest_hmac((struct slice){ key, sizeof(key) },
                       SLICE_LITERAL("Test Using Larger Than Block-Size Key - Hash Key First")),
           "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void equal__sees_a_difference_of_one_bit_anywhere(void **state)
{
    const struct digest one = digest_sha256(SLICE_LITERAL("abc"));

    (void)state;
    assert_true(digest_equal(&one, &one));
    for (size_t bit = 0; bit < 8 * DIGEST_BYTES; bit++) {
        struct digest other = one;

        other.bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_false(digest_equal(&one, &other));
    }
}

static void token__has_its_form_and_never_repeats(void **state)
{
    char tokens[200][TOKEN_TEXT_BYTES];
    unsigned seen = 0;

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        token_new(tokens[i]);
        assert_true(token_is_wellformed(slice_of(tokens[i])));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(tokens[i], tokens[j]);
        /* 256 bits: the last of 43 letters carries four, its lower two are zero */
        seen |= strchr("AEIMQUYcgkosw048", tokens[i][TOKEN_TEXT_LEN - 1]) == NULL;
    }
    assert_int_equal(seen, 0);
}

static void token__of_other_letters_or_lengths__is_not_wellformed(void **state)
{
    char token[TOKEN_TEXT_BYTES];

    (void)state;
    token_new(token);
    assert_false(token_is_wellformed((struct slice){ token, TOKEN_TEXT_LEN - 1 }));
    assert_false(token_is_wellformed((struct slice){ token, TOKEN_TEXT_LEN + 1 }));
    assert_false(token_is_wellformed(SLICE_NONE));
    for (const char *c = "+/=. \n\x7f\xc3"; *c != '\0'; c++) {
        token[20] = *c;
        assert_false(token_is_wellformed(slice_of(token)));
    }
    token[20] = '\0';
    assert_false(token_is_wellformed((struct slice){ token, TOKEN_TEXT_LEN }));
}

RUN(cmocka_unit_test(sha256__gives_the_published_values),
    cmocka_unit_test(hmac__gives_the_values_of_rfc_4231),
    cmocka_unit_test(equal__sees_a_difference_of_one_bit_anywhere),
    cmocka_unit_test(token__has_its_form_and_never_repeats),
    cmocka_unit_test(token__of_other_letters_or_lengths__is_not_wellformed))
