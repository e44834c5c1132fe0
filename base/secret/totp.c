/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/totp.h"

#include "base/secret/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

void totp_secret_new(char text[TOTP_SECRET_TEXT_BYTES])
{
    uint8_t bytes[TOTP_SECRET_BYTES];

    random_bytes(bytes, sizeof(bytes));
    base32_encode(bytes, sizeof(bytes), text);
    OPENSSL_cleanse(bytes, sizeof(bytes));
}

uint32_t totp_code(struct slice secret, uint64_t step, unsigned digits)
{
    unsigned char moving[8], mac[EVP_MAX_MD_SIZE] = { 0 };
    uint32_t modulus = 1, number = 0;
    size_t at;

    for (size_t i = 0; i < sizeof(moving); i++)
        moving[i] = (unsigned char)(step >> (8 * (sizeof(moving) - 1 - i)));
    (void)HMAC(EVP_sha1(), secret.data, (int)secret.len, moving, sizeof(moving), mac, NULL);
    at = mac[19] & 15; /* RFC 4226, 5.3: the last half byte says where the number stands */
    for (size_t i = 0; i < 4; i++)
        number = number << 8 | mac[at + i];
    for (unsigned i = 0; i < digits; i++)
        modulus *= 10;
    return (number & 0x7fffffffu) % modulus;
}

static bool read_code(struct slice text, uint32_t *ret_code)
{
    uint32_t code = 0;

    if (text.len != TOTP_DIGITS)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        code = code * 10 + (uint32_t)(text.data[i] - '0');
    }
    *ret_code = code;
    return true;
}

int totp_check(const char *secret, struct slice code, uint64_t now_ms, uint64_t used_step,
               uint64_t *ret_step)
{
    uint64_t now = now_ms / TOTP_STEP_MS;
    uint8_t bytes[TOTP_SECRET_BYTES];
    uint32_t wanted;
    int rc = 1;

    if (used_step > now + TOTP_BACK_STEPS)
        used_step = 0;
    if (!read_code(code, &wanted) || !base32_decode(slice_of(secret), bytes, sizeof(bytes)))
        return 1;
    for (uint64_t step = now - TOTP_SLACK_STEPS; step <= now + TOTP_SLACK_STEPS; step++) {
        if (step <= used_step || totp_code((struct slice){ (const char *)bytes, sizeof(bytes) },
                                           step, TOTP_DIGITS) != wanted)
            continue;
        *ret_step = step;
        rc = 0;
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return rc;
}
