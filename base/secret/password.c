/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/password.h"

#include "base/format/base32.h"
#include "base/format/taking.h"
#include "base/secret/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>

enum {
    SALT_BYTES = 16,
    KEY_BYTES = 32,
    SALT_TEXT = BASE32_LEN(SALT_BYTES),
    KEY_TEXT = BASE32_LEN(KEY_BYTES),
    LOG_N_MAX = 20,
    R_MAX = 32,
    P_MAX = 16
};

const struct password_cost password_cost_now = { 17, 8, 1 };

/* What OpenSSL needs, and a little more. */
static uint64_t memory_of(const struct password_cost *cost)
{
    return ((UINT64_C(1) << cost->log_n) + cost->p + 2) * 128 * cost->r + (UINT64_C(1) << 20);
}

static bool derive(struct slice password, const struct password_cost *cost,
                   const uint8_t salt[SALT_BYTES], uint8_t ret_key[KEY_BYTES])
{
    return EVP_PBE_scrypt(password.data, password.len, salt, SALT_BYTES, UINT64_C(1) << cost->log_n,
                          cost->r, cost->p, memory_of(cost), ret_key, KEY_BYTES) == 1;
}

int password_hash(struct slice password, const struct password_cost *cost,
                  char ret_hash[PASSWORD_HASH_BYTES])
{
    uint8_t salt[SALT_BYTES], key[KEY_BYTES];
    char salt_text[SALT_TEXT + 1], key_text[KEY_TEXT + 1];

    random_bytes(salt, sizeof(salt));
    if (!derive(password, cost, salt, key))
        return RAISE(ERR_IO);
    base32_encode(salt, sizeof(salt), salt_text);
    base32_encode(key, sizeof(key), key_text);
    (void)snprintf(ret_hash, PASSWORD_HASH_BYTES, "scrypt$%u$%u$%u$%s$%s", cost->log_n, cost->r,
                   cost->p, salt_text, key_text);
    OPENSSL_cleanse(key, sizeof(key));
    OPENSSL_cleanse(key_text, sizeof(key_text));
    return OK;
}

struct parts {
    struct password_cost cost;
    uint8_t salt[SALT_BYTES], key[KEY_BYTES];
};

static bool take_apart(const char *hash, struct parts *ret_parts)
{
    static const char scheme[] = "scrypt$";
    struct slice at = slice_of(hash);
    int log_n, r, p;

    if (!slice_starts_with(at, scheme))
        return false;
    at = slice_of(hash + strlen(scheme));
    if (!take_number(&at, 1, LOG_N_MAX, &log_n) || !take_char(&at, '$') ||
        !take_number(&at, 1, R_MAX, &r) || !take_char(&at, '$') ||
        !take_number(&at, 1, P_MAX, &p) || !take_char(&at, '$') ||
        at.len != SALT_TEXT + 1 + KEY_TEXT || at.data[SALT_TEXT] != '$')
        return false;
    ret_parts->cost = (struct password_cost){ (unsigned)log_n, (unsigned)r, (unsigned)p };
    return base32_decode((struct slice){ at.data, SALT_TEXT }, ret_parts->salt, SALT_BYTES) &&
           base32_decode(slice_of(at.data + SALT_TEXT + 1), ret_parts->key, KEY_BYTES);
}

bool password_matches(struct slice password, const char *hash)
{
    struct parts parts;
    uint8_t key[KEY_BYTES];
    bool matches;

    if (!take_apart(hash, &parts) || !derive(password, &parts.cost, parts.salt, key))
        return false;
    matches = CRYPTO_memcmp(key, parts.key, KEY_BYTES) == 0;
    OPENSSL_cleanse(key, sizeof(key));
    return matches;
}

bool password_matches_nothing(struct slice password, const struct password_cost *cost)
{
    static const uint8_t salt[SALT_BYTES];
    uint8_t key[KEY_BYTES];

    (void)derive(password, cost, salt, key);
    OPENSSL_cleanse(key, sizeof(key));
    return false;
}
