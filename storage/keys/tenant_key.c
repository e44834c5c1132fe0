/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/keys/tenant_key.h"

#include "base/secret/random.h"

#include <openssl/crypto.h>
#include <stdio.h>

enum { FORMAT = 1, HEAD_BYTES = 1 + ID_BYTES, ABOUT_BYTES = HEAD_BYTES + 96 };

struct tenant_key tenant_key_new(void)
{
    struct tenant_key key = { .id = id_new() };

    random_bytes(key.key.bytes, sizeof(key.key.bytes));
    return key;
}

void tenant_keys_wipe(struct tenant_keys *keys)
{
    OPENSSL_cleanse(keys, sizeof(*keys));
}

static struct slice bytes_of(const struct digest *key)
{
    return (struct slice){ (const char *)key->bytes, DIGEST_BYTES };
}

/* "tenant key of …": by its id, which is random, and no other's. */
static struct slice about_key(struct id id, char about[ABOUT_BYTES])
{
    char text[ID_TEXT_BYTES];

    id_format(id, text);
    (void)snprintf(about, ABOUT_BYTES, "tenant key of %s", text);
    return slice_of(about);
}

int tenant_key_wrap(const struct tenant_key *key, const struct instance_key *by,
                    uint8_t ret_wrapped[TENANT_KEY_WRAPPED_BYTES])
{
    char about[ABOUT_BYTES];

    return sealed_make(&by->key, about_key(key->id, about), bytes_of(&key->key), ret_wrapped);
}

int tenant_key_unwrap(struct id id, struct slice wrapped, const struct instance_key *by,
                      struct tenant_key *ret_key)
{
    struct tenant_key key = { .id = id };
    char about[ABOUT_BYTES];
    int rc = wrapped.len == TENANT_KEY_WRAPPED_BYTES
                 ? sealed_open(&by->key, about_key(id, about), wrapped, key.key.bytes)
                 : SEALED_E_BROKEN;

    if (rc == OK)
        *ret_key = key;
    OPENSSL_cleanse(&key, sizeof(key));
    return rc;
}

/* --- what is sealed with it --- */

/* The head it begins with, and its use. */
static int about_secret(const uint8_t head[HEAD_BYTES], const char *use, char about[ABOUT_BYTES],
                        struct slice *ret_about)
{
    struct slice text = slice_of(use);

    if (text.len > ABOUT_BYTES - HEAD_BYTES)
        return RAISE(ERR_LIMIT);
    memcpy(about, head, HEAD_BYTES);
    memcpy(about + HEAD_BYTES, text.data, text.len);
    *ret_about = (struct slice){ about, HEAD_BYTES + text.len };
    return OK;
}

static struct digest key_for_secrets(const struct tenant_key *key)
{
    return digest_hmac(bytes_of(&key->key), SLICE_LITERAL("secrets"));
}

const struct tenant_key *secret_key_of(const struct tenant_keys *keys, struct slice sealed)
{
    if (sealed.len < SECRET_SEALED_MORE_BYTES || sealed.data[0] != FORMAT)
        return NULL;
    for (size_t i = 0; i < keys->count; i++) {
        if (memcmp(sealed.data + 1, keys->all[i].id.bytes, ID_BYTES) == 0)
            return &keys->all[i];
    }
    return NULL;
}

int secret_seal(const struct tenant_keys *keys, const char *use, struct slice text,
                struct sealed_secret *ret_sealed)
{
    struct digest key;
    char about_bytes[ABOUT_BYTES];
    struct slice about;
    int rc;

    if (text.len > SECRET_MAX || keys->count == 0)
        return RAISE(ERR_LIMIT);
    ret_sealed->bytes[0] = FORMAT;
    memcpy(ret_sealed->bytes + 1, keys->all[0].id.bytes, ID_BYTES);
    rc = about_secret(ret_sealed->bytes, use, about_bytes, &about);
    if (rc != OK)
        return rc;
    key = key_for_secrets(&keys->all[0]);
    rc = sealed_make(&key, about, text, ret_sealed->bytes + HEAD_BYTES);
    OPENSSL_cleanse(&key, sizeof(key));
    ret_sealed->len = text.len + SECRET_SEALED_MORE_BYTES;
    return rc;
}

int secret_open(const struct tenant_keys *keys, const char *use, struct slice sealed,
                char ret_text[SECRET_MAX + 1])
{
    const struct tenant_key *named = secret_key_of(keys, sealed);
    struct digest key;
    char about_bytes[ABOUT_BYTES];
    struct slice about, rest;
    int rc;

    ret_text[0] = '\0';
    if (named == NULL || sealed.len > SECRET_MAX + SECRET_SEALED_MORE_BYTES)
        return SEALED_E_BROKEN;
    rest = (struct slice){ sealed.data + HEAD_BYTES, sealed.len - HEAD_BYTES };
    rc = about_secret((const uint8_t *)sealed.data, use, about_bytes, &about);
    if (rc != OK)
        return rc;
    key = key_for_secrets(named);
    rc = sealed_open(&key, about, rest, (uint8_t *)ret_text);
    OPENSSL_cleanse(&key, sizeof(key));
    ret_text[rc == OK ? sealed.len - SECRET_SEALED_MORE_BYTES : 0] = '\0';
    return rc;
}
