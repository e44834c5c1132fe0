/* SPDX-License-Identifier: Apache-2.0
 *
 * Identities of every bad form, each next to the good one it differs from in one thing.
 */
#include "server-bridge/core/identity.h"

#include "base/auto.h"
#include "base/buf.h"
#include "tests/support/cmocka.h"

#include <stdlib.h>

#define HEADER       "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"abcdefgh\"}"
#define NOW_S        1772442845
#define CLAIMS(more) "{\"sub\":\"crm-17\",\"aud\":\"acme\",\"exp\":1772446445" more "}"

static const uint64_t now_ms = NOW_S * 1000ull;
static const struct tenant acme = { .name = { "acme" }, .former = (char[]){ "acme-old" } };
static const struct identity_key key = { .kid = "abcdefgh",
                                         .secret = "0123456789012345678901234567890123456789012" };

static void add_base64url(struct buf *to, const void *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const uint8_t *bytes = data;
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            buf_add(to, &alphabet[bits >> (held - 6) & 63u], 1);
    }
    if (held > 0)
        buf_add(to, &alphabet[bits << (6 - held) & 63u], 1);
}

/* A token of these, signed with that secret. */
static void sign(struct buf *to, const char *header, const char *claims, const char *secret)
{
    struct digest signature;

    buf_init(to, 16384);
    add_base64url(to, header, strlen(header));
    buf_add_text(to, ".");
    add_base64url(to, claims, strlen(claims));
    signature = digest_hmac(slice_of(secret), buf_slice(to));
    buf_add_text(to, ".");
    add_base64url(to, signature.bytes, DIGEST_BYTES);
}

static const char *check(const char *header, const char *claims, const char *secret)
{
    AUTO_IDENTITY identity = { .claims = NULL };
    AUTO_BUF token;
    const char *wrong;

    sign(&token, header, claims, secret);
    wrong = identity_check(buf_slice(&token), &key, &acme, now_ms, &identity);
    assert_true((wrong == NULL) == (identity.claims != NULL));
    return wrong;
}

static void a_good_one_tells_who_and_what(void **state)
{
    AUTO_IDENTITY identity = { .claims = NULL };
    AUTO_BUF token;

    (void)state;
    sign(&token, HEADER,
         CLAIMS(",\"name\":\"Maria\",\"email\":\"maria@buyer.example\",\"stage\":\"existing\","
                "\"attributes\":{\"plan\":\"Pro\",\"seats\":12,\"trial\":false}"),
         key.secret);
    assert_null(identity_check(buf_slice(&token), &key, &acme, now_ms, &identity));
    assert_true(slice_is(identity.subject, "crm-17"));
    assert_true(slice_is(identity.name, "Maria"));
    assert_true(slice_is(identity.email, "maria@buyer.example"));
    assert_true(slice_is(identity.stage, "existing"));
    assert_string_equal(identity.attributes, "{\"plan\":\"Pro\",\"seats\":12,\"trial\":false}");
}

static void only_HS256_with_our_kid_counts(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\",\"kid\":\"abcdefgh\"}",
        "{\"alg\":\"None\",\"kid\":\"abcdefgh\"}",
        "{\"alg\":\"RS256\",\"kid\":\"abcdefgh\"}",
        "{\"alg\":\"HS512\",\"kid\":\"abcdefgh\"}",
        "{\"alg\":\"hs256\",\"kid\":\"abcdefgh\"}",
        "{\"alg\":[\"HS256\"],\"kid\":\"abcdefgh\"}",
        "{\"kid\":\"abcdefgh\"}",
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"kid\":\"another1\"}",
        "{\"alg\":\"HS256\",\"kid\":\"\"}",
        "{\"alg\":\"HS256\",\"kid\":\"abcdefgh\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"HS256\",\"alg\":\"none\",\"kid\":\"abcdefgh\"}",
        "[]",
        "null",
        "",
        "x",
    };

    (void)state;
    assert_null(check(HEADER, CLAIMS(""), key.secret));
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        assert_non_null(check(headers[i], CLAIMS(""), key.secret));
}

static void a_name_the_tenant_had_before_counts_too(void **state)
{
    (void)state;
    assert_null(
        check(HEADER, "{\"sub\":\"a\",\"aud\":\"acme-old\",\"exp\":1772446445}", key.secret));
    assert_non_null(
        check(HEADER, "{\"sub\":\"a\",\"aud\":\"acme-\",\"exp\":1772446445}", key.secret));
}

static void every_claim_must_fit(void **state)
{
    static const char *const claims[] = {
        "{\"aud\":\"acme\",\"exp\":1772446445}", /* no sub */
        "{\"sub\":\"\",\"aud\":\"acme\",\"exp\":1772446445}",
        "{\"sub\":17,\"aud\":\"acme\",\"exp\":1772446445}",
        "{\"sub\":\"a\\u0000b\",\"aud\":\"acme\",\"exp\":1772446445}",
        "{\"sub\":\"crm-17\",\"exp\":1772446445}", /* no aud */
        "{\"sub\":\"crm-17\",\"aud\":\"borealis\",\"exp\":1772446445}",
        "{\"sub\":\"crm-17\",\"aud\":[\"acme\",\"borealis\"],\"exp\":1772446445}",
        "{\"sub\":\"crm-17\",\"aud\":\"acme\"}",                    /* no exp */
        "{\"sub\":\"crm-17\",\"aud\":\"acme\",\"exp\":1772442845}", /* just now */
        "{\"sub\":\"crm-17\",\"aud\":\"acme\",\"exp\":1772442844}",
        "{\"sub\":\"crm-17\",\"aud\":\"acme\",\"exp\":1772529306}", /* a day and 61 s */
        "{\"sub\":\"crm-17\",\"aud\":\"acme\",\"exp\":\"1772446445\"}",
        "{\"sub\":\"crm-17\",\"aud\":\"acme\",\"exp\":1e300}",
        CLAIMS(",\"nbf\":1772446000"),
        CLAIMS(",\"nbf\":\"soon\""),
        CLAIMS(",\"name\":[\"Maria\"]"),
        CLAIMS(",\"email\":{}"),
        CLAIMS(",\"stage\":\"vip\""),
        CLAIMS(",\"attributes\":[]"),
        CLAIMS(",\"attributes\":{\"a\":{\"b\":1}}"),
        CLAIMS(",\"attributes\":{\"a\":null}"),
        CLAIMS(",\"attributes\":{\"\":1}"),
        CLAIMS(",\"sub\":\"crm-18\""), /* twice */
        "[]",
        "null",
        "17",
        "",
    };

    (void)state;
    assert_null(check(HEADER, CLAIMS(",\"nbf\":1772442900"), key.secret));
    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++)
        assert_non_null(check(HEADER, claims[i], key.secret));
}

static void too_many_or_too_long_attributes_are_refused(void **state)
{
    AUTO_BUF claims;

    (void)state;
    buf_init(&claims, 16384);
    buf_add_text(&claims, "{\"sub\":\"a\",\"aud\":\"acme\",\"exp\":1772446445,\"attributes\":{");
    for (int i = 0; i < IDENTITY_ATTRIBUTES_MAX; i++)
        buf_addf(&claims, "%s\"a%d\":1", i > 0 ? "," : "", i);
    buf_add_text(&claims, "}}");
    assert_null(check(HEADER, claims.data, key.secret));
    claims.len -= 2;
    buf_add_text(&claims, ",\"more\":1}}");
    assert_non_null(check(HEADER, claims.data, key.secret));

    buf_clear(&claims);
    buf_add_text(&claims,
                 "{\"sub\":\"a\",\"aud\":\"acme\",\"exp\":1772446445,\"attributes\":{\"a\":\"");
    for (int i = 0; i < 201; i++)
        buf_add_text(&claims, "x");
    buf_add_text(&claims, "\"}}");
    assert_non_null(check(HEADER, claims.data, key.secret));
}

static void another_key_or_a_changed_byte_is_refused(void **state)
{
    AUTO_BUF token;

    (void)state;
    assert_non_null(check(HEADER, CLAIMS(""), "another key"));
    sign(&token, HEADER, CLAIMS(""), key.secret);
    for (size_t i = 0; i < token.len; i++) {
        AUTO_IDENTITY identity = { .claims = NULL };
        char was = token.data[i];

        token.data[i] = was == 'A' ? 'B' : 'A';
        assert_non_null(identity_check(buf_slice(&token), &key, &acme, now_ms, &identity));
        token.data[i] = was;
    }
}

static void whatever_its_length_a_part_of_it_is_refused(void **state)
{
    AUTO_BUF token;

    (void)state;
    sign(&token, HEADER, CLAIMS(""), key.secret);
    for (size_t len = 0; len < token.len; len++) {
        AUTO_IDENTITY identity = { .claims = NULL };
        AUTO_MEM char *part = strndup(token.data, len); /* of its own size, for the sanitizer */

        assert_non_null(
            identity_check((struct slice){ part, len }, &key, &acme, now_ms, &identity));
    }
}

static void other_shapes_are_refused(void **state)
{
    static const char *const tokens[] = { "..", "...", "a.b.c", "a.b.c.d", ".", "null", "{}" };

    (void)state;
    for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
        AUTO_IDENTITY identity = { .claims = NULL };

        assert_non_null(identity_check(slice_of(tokens[i]), &key, &acme, now_ms, &identity));
    }
}

static void a_renewed_key_refuses_what_the_old_one_signed(void **state)
{
    struct identity_key renewed = key;
    AUTO_IDENTITY identity = { .claims = NULL };
    AUTO_BUF token;

    (void)state;
    identity_key_renew(&renewed, now_ms);
    assert_string_not_equal(renewed.kid, key.kid);
    assert_string_not_equal(renewed.secret, key.secret);
    sign(&token, HEADER, CLAIMS(""), key.secret);
    assert_non_null(identity_check(buf_slice(&token), &renewed, &acme, now_ms, &identity));
}

static void without_a_key_nothing_holds(void **state)
{
    const struct identity_key none = { .kid = "" };
    AUTO_IDENTITY identity = { .claims = NULL };
    AUTO_BUF token;

    (void)state;
    sign(&token, "{\"alg\":\"HS256\",\"kid\":\"\"}", CLAIMS(""), "");
    assert_non_null(identity_check(buf_slice(&token), &none, &acme, now_ms, &identity));
}

RUN(cmocka_unit_test(a_good_one_tells_who_and_what),
    cmocka_unit_test(only_HS256_with_our_kid_counts),
    cmocka_unit_test(a_name_the_tenant_had_before_counts_too),
    cmocka_unit_test(every_claim_must_fit),
    cmocka_unit_test(too_many_or_too_long_attributes_are_refused),
    cmocka_unit_test(another_key_or_a_changed_byte_is_refused),
    cmocka_unit_test(whatever_its_length_a_part_of_it_is_refused),
    cmocka_unit_test(other_shapes_are_refused),
    cmocka_unit_test(a_renewed_key_refuses_what_the_old_one_signed),
    cmocka_unit_test(without_a_key_nothing_holds))
