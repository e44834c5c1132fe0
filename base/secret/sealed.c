/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret/sealed.h"

#include "base/secret/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

static bool begin(EVP_CIPHER_CTX *cipher, const struct digest *key, const uint8_t *nonce,
                  struct slice about, int seals)
{
    int out = 0;

    return cipher != NULL &&
           EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key->bytes, nonce, seals) == 1 &&
           EVP_CipherUpdate(cipher, NULL, &out, (const unsigned char *)about.data,
                            (int)about.len) == 1;
}

static bool seal(EVP_CIPHER_CTX *cipher, struct slice plain, uint8_t *to)
{
    uint8_t *content = to + SEALED_NONCE_BYTES;
    int out = 0, rest = 0;

    return EVP_EncryptUpdate(cipher, content, &out, (const unsigned char *)plain.data,
                             (int)plain.len) == 1 &&
           EVP_EncryptFinal_ex(cipher, content + out, &rest) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, SEALED_TAG_BYTES,
                               content + plain.len) == 1;
}

int sealed_make(const struct digest *key, struct slice about, struct slice plain, uint8_t *to)
{
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    bool done;

    random_bytes(to, SEALED_NONCE_BYTES);
    done = begin(cipher, key, to, about, 1) && seal(cipher, plain, to);
    EVP_CIPHER_CTX_free(cipher);
    return done ? OK : RAISE(ERR_NO_MEMORY);
}

static bool open_proved(EVP_CIPHER_CTX *cipher, const uint8_t *content, size_t len, uint8_t *to)
{
    uint8_t tag[SEALED_TAG_BYTES];
    int out = 0, rest = 0;

    memcpy(tag, content + len, sizeof(tag));
    return EVP_DecryptUpdate(cipher, to, &out, content, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, SEALED_TAG_BYTES, tag) == 1 &&
           EVP_DecryptFinal_ex(cipher, to + out, &rest) == 1;
}

int sealed_open(const struct digest *key, struct slice about, struct slice sealed,
                uint8_t *ret_plain)
{
    const uint8_t *bytes = (const uint8_t *)sealed.data;
    EVP_CIPHER_CTX *cipher;
    size_t len;
    bool done;

    if (sealed.len < SEALED_MORE_BYTES)
        return SEALED_E_BROKEN;
    len = sealed.len - SEALED_MORE_BYTES;
    cipher = EVP_CIPHER_CTX_new();
    done = begin(cipher, key, bytes, about, 0) &&
           open_proved(cipher, bytes + SEALED_NONCE_BYTES, len, ret_plain);
    EVP_CIPHER_CTX_free(cipher);
    if (!done)
        OPENSSL_cleanse(ret_plain, len);
    return done ? OK : SEALED_E_BROKEN;
}
