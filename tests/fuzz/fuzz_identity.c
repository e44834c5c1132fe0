/* SPDX-License-Identifier: Apache-2.0
 *
 * Identities from strangers: the input as it is, and as claims that are signed rightly, so that
 * what stands behind the signature is reached. What is believed is always within its bounds.
 */
#include "base/format/base64url.h"
#include "base/format/text.h"
#include "server-bridge/core/identity.h"
#include "tests/fuzz/fuzz.h"

static const struct identity_key key = { .kid = "abcdefgh",
                                         .secret = "0123456789012345678901234567890123456789012" };
enum { NOW_S = 1772442845 };

static const struct tenant acme = { .name = { "acme" } };

static void add_base64url(struct buf *to, struct slice data)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0, held = 0;

    for (size_t i = 0; i < data.len; i++) {
        bits = bits << 8 | (uint8_t)data.data[i];
        for (held += 8; held >= 6; held -= 6)
            buf_add(to, &alphabet[bits >> (held - 6) & 63u], 1);
    }
    if (held > 0)
        buf_add(to, &alphabet[bits << (6 - held) & 63u], 1);
}

static void check(struct slice token)
{
    AUTO_IDENTITY identity = { .claims = NULL };
    size_t points = 0;

    if (identity_check(token, &key, &acme, NOW_S * 1000ull, &identity) != NULL)
        return;
    MUST(identity.claims != NULL);
    MUST(text_check(identity.subject, &points) == TEXT_FINE);
    MUST(points >= 1 && points <= IDENTITY_SUBJECT_POINTS);
    MUST(text_check(identity.name, &points) == TEXT_FINE && points <= 60);
    MUST(text_check(identity.email, &points) == TEXT_FINE && points <= 120);
    MUST(identity.attributes == NULL || identity.attributes[0] == '{');
}

/* Claims signed as their site would: the header is right, they are what came. */
static void check_signed(struct slice claims)
{
    static const char header[] = "{\"alg\":\"HS256\",\"kid\":\"abcdefgh\"}";
    struct digest signature;
    AUTO_BUF token, back;

    buf_init(&token, 1 << 17);
    buf_init(&back, 1 << 17);
    add_base64url(&token, slice_of(header));
    buf_add_text(&token, ".");
    add_base64url(&token, claims);
    signature = digest_hmac(slice_of(key.secret), buf_slice(&token));
    buf_add_text(&token, ".");
    add_base64url(&token, (struct slice){ (const char *)signature.bytes, DIGEST_BYTES });
    if (!buf_failed(&token))
        check(buf_slice(&token));
    buf_clear(&token);
    add_base64url(&token, claims);
    MUST(base64url_decode(buf_slice(&token), &back) && slice_equal(buf_slice(&back), claims));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct slice input = { (const char *)bytes, len };

    check(input);
    if (len < 4096)
        check_signed(input);
    return 0;
}
