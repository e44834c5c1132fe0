/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/digest.h"

#include "base/secret/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

struct digest digest_sha256(struct slice data)
{
    struct digest digest;

    (void)SHA256((const unsigned char *)data.data, data.len, digest.bytes);
    return digest;
}

struct digester {
    EVP_MD_CTX *context;
};

struct digester *digester_new(void)
{
    struct digester *digester = calloc(1, sizeof(*digester));

    if (digester == NULL)
        return NULL;
    digester->context = EVP_MD_CTX_new();
    if (digester->context == NULL ||
        EVP_DigestInit_ex(digester->context, EVP_sha256(), NULL) != 1) {
        (void)digester_end(digester);
        return NULL;
    }
    return digester;
}

void digester_add(struct digester *digester, const void *bytes, size_t len)
{
    (void)EVP_DigestUpdate(digester->context, bytes, len);
}

struct digest digester_end(struct digester *digester)
{
    struct digest digest = { { 0 } };

    if (digester == NULL)
        return digest;
    if (digester->context != NULL)
        (void)EVP_DigestFinal_ex(digester->context, digest.bytes, NULL);
    EVP_MD_CTX_free(digester->context);
    free(digester);
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

/* We write small letters alone; so one digest has one spelling. */
static int small_hex_digit(char c)
{
    return c >= 'A' && c <= 'F' ? -1 : hex_digit(c);
}

int digest_parse(struct slice text, struct digest *ret_digest)
{
    if (text.len != DIGEST_HEX_BYTES - 1)
        return 1;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        int high = small_hex_digit(text.data[2 * i]), low = small_hex_digit(text.data[2 * i + 1]);

        if (high < 0 || low < 0)
            return 1;
        ret_digest->bytes[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
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
