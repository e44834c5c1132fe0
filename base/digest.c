/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include "base/random.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

struct digest digest_sha256(struct slice data)
{
    struct digest digest;

    (void)SHA256((const unsigned char *)data.data, data.len, digest.bytes);
    return digest;
}

struct digest digest_hmac(struct slice key, struct slice data)
{
    struct digest digest = { { 0 } };

    (void)HMAC(EVP_sha256(), key.data, (int)key.len, (const unsigned char *)data.data, data.len,
               digest.bytes, NULL);
    return digest;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
    return CRYPTO_memcmp(a->bytes, b->bytes, DIGEST_BYTES) == 0;
}

void digest_hex(const struct digest *digest, char text[DIGEST_HEX_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[digest->bytes[i] >> 4];
        text[2 * i + 1] = digits[digest->bytes[i] & 15];
    }
    text[2 * DIGEST_BYTES] = '\0';
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void token_new(char text[TOKEN_TEXT_BYTES])
{
    uint8_t bytes[TOKEN_BYTES];
    unsigned bits = 0, held = 0;
    size_t at = 0;

    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bits = (bits << 8) | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            text[at++] = base64url[(bits >> (held - 6)) & 63u];
    }
    text[at++] = base64url[(bits << (6 - held)) & 63u];
    text[at] = '\0';
    OPENSSL_cleanse(bytes, sizeof(bytes));
}

bool token_is_wellformed(struct slice text)
{
    if (text.len != TOKEN_TEXT_LEN)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\0' || strchr(base64url, text.data[i]) == NULL)
            return false;
    }
    return true;
}
