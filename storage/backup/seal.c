/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/seal.h"

#include "base/secret/random.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { CHUNK_BYTES = 64 * 1024, TAG_BYTES = 16, NONCE_BYTES = 12, MAGIC_BYTES = 16 };

static const char magic[] = "LASNA-SEALED-1\r\n";
_Static_assert(sizeof(magic) == MAGIC_BYTES + 1, "the magic and the salt are a header of 32 bytes");

/* Chunks under one file's key, sealed or opened. */
struct chunks {
    EVP_CIPHER_CTX *cipher;
    struct digest key;
    uint64_t number;
};

struct seal {
    FILE *to;
    struct chunks chunks;
    size_t held;
    uint8_t plain[CHUNK_BYTES], sealed[CHUNK_BYTES + TAG_BYTES];
};

int seal_key_derive(struct slice secret, const uint8_t salt[SEAL_SALT_BYTES],
                    struct seal_key *ret_key)
{
    enum { COST = 32768, BLOCK = 8, LANES = 1, MEMORY = 64 * 1024 * 1024 };

    if (EVP_PBE_scrypt(secret.data, secret.len, salt, SEAL_SALT_BYTES, COST, BLOCK, LANES, MEMORY,
                       ret_key->key.bytes, DIGEST_BYTES) != 1)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

struct digest seal_key_for(const struct seal_key *key, const char *use)
{
    return digest_hmac((struct slice){ (const char *)key->key.bytes, DIGEST_BYTES }, slice_of(use));
}

static int chunks_init(struct chunks *chunks, const struct seal_key *key, const char *name,
                       const uint8_t salt[SEAL_SALT_BYTES])
{
    char salted[SEAL_SALT_BYTES + 512];
    struct slice text = slice_of(name);

    if (text.len > sizeof(salted) - SEAL_SALT_BYTES)
        return RAISE(ERR_LIMIT);
    memcpy(salted, salt, SEAL_SALT_BYTES);
    memcpy(salted + SEAL_SALT_BYTES, text.data, text.len);
    chunks->key = digest_hmac((struct slice){ (const char *)key->key.bytes, DIGEST_BYTES },
                              (struct slice){ salted, SEAL_SALT_BYTES + text.len });
    chunks->number = 0;
    chunks->cipher = EVP_CIPHER_CTX_new();
    return chunks->cipher == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static void chunks_release(struct chunks *chunks)
{
    EVP_CIPHER_CTX_free(chunks->cipher);
    OPENSSL_cleanse(&chunks->key, sizeof(chunks->key));
}

static bool next_nonce(struct chunks *chunks, bool last, bool seals)
{
    uint8_t nonce[NONCE_BYTES] = { 0 };

    for (int i = 0; i < 8; i++)
        nonce[NONCE_BYTES - 2 - i] = (uint8_t)(chunks->number >> (8 * i));
    nonce[NONCE_BYTES - 1] = last;
    chunks->number++;
    return EVP_CipherInit_ex(chunks->cipher, EVP_aes_256_gcm(), NULL, chunks->key.bytes, nonce,
                             seals) == 1;
}

/* `sealed` holds len + TAG_BYTES. */
static bool seal_chunk(struct chunks *chunks, const uint8_t *plain, size_t len, bool last,
                       uint8_t *sealed)
{
    int out = 0, rest = 0;

    return next_nonce(chunks, last, true) &&
           EVP_EncryptUpdate(chunks->cipher, sealed, &out, plain, (int)len) == 1 &&
           EVP_EncryptFinal_ex(chunks->cipher, sealed + out, &rest) == 1 &&
           EVP_CIPHER_CTX_ctrl(chunks->cipher, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, sealed + len) == 1;
}

/* False: not what was sealed. */
static bool open_chunk(struct chunks *chunks, uint8_t *sealed, size_t len, bool last,
                       uint8_t *plain)
{
    int out = 0, rest = 0;

    return next_nonce(chunks, last, false) &&
           EVP_DecryptUpdate(chunks->cipher, plain, &out, sealed, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(chunks->cipher, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, sealed + len) ==
               1 &&
           EVP_DecryptFinal_ex(chunks->cipher, plain + out, &rest) == 1;
}

/* --- writing --- */

int seal_new(struct seal **ret_seal, const struct seal_key *key, const char *name, FILE *to)
{
    AUTO(seal) seal = calloc(1, sizeof(*seal));
    uint8_t salt[SEAL_SALT_BYTES];
    int rc;

    if (seal == NULL)
        return RAISE(ERR_NO_MEMORY);
    random_bytes(salt, sizeof(salt));
    seal->to = to;
    rc = chunks_init(&seal->chunks, key, name, salt);
    if (rc != OK)
        return rc;
    if (fwrite(magic, MAGIC_BYTES, 1, to) != 1 || fwrite(salt, sizeof(salt), 1, to) != 1)
        return RAISE(ERR_IO);
    *ret_seal = seal;
    seal = NULL;
    return OK;
}

struct seal *seal_free(struct seal *seal)
{
    if (seal == NULL)
        return NULL;
    chunks_release(&seal->chunks);
    OPENSSL_cleanse(seal->plain, sizeof(seal->plain));
    free(seal);
    return NULL;
}

static int put_chunk(struct seal *seal, bool last)
{
    if (!seal_chunk(&seal->chunks, seal->plain, seal->held, last, seal->sealed))
        return RAISE(ERR_BUG);
    if (fwrite(seal->sealed, seal->held + TAG_BYTES, 1, seal->to) != 1)
        return RAISE(ERR_IO);
    seal->held = 0;
    return OK;
}

/* A full chunk waits until more comes: only then it is known not to be the last. */
int seal_add(struct seal *seal, const void *bytes, size_t len)
{
    const uint8_t *from = bytes;
    int rc = OK;

    while (rc == OK && len > 0) {
        size_t room = CHUNK_BYTES - seal->held, taken = len < room ? len : room;

        memcpy(seal->plain + seal->held, from, taken);
        seal->held += taken;
        from += taken;
        len -= taken;
        if (seal->held == CHUNK_BYTES && len > 0)
            rc = put_chunk(seal, false);
    }
    return rc;
}

int seal_end(struct seal *seal)
{
    return put_chunk(seal, true);
}

/* --- reading --- */

struct opening {
    FILE *from;
    struct chunks chunks;
    size_t len; /* of what `next` holds */
    uint8_t now[CHUNK_BYTES + TAG_BYTES], next[CHUNK_BYTES + TAG_BYTES], plain[CHUNK_BYTES];
};

static int read_header(struct opening *opening, const struct seal_key *key, const char *name)
{
    uint8_t header[MAGIC_BYTES + SEAL_SALT_BYTES];

    if (fread(header, sizeof(header), 1, opening->from) != 1)
        return ferror(opening->from) ? RAISE(ERR_IO) : SEAL_E_BROKEN;
    if (memcmp(header, magic, MAGIC_BYTES) != 0)
        return SEAL_E_BROKEN;
    return chunks_init(&opening->chunks, key, name, header + MAGIC_BYTES);
}

/* Reads one chunk ahead: a chunk is the last when nothing follows it. */
static int read_chunks(struct opening *opening, seal_take_fn *take, void *context)
{
    bool last = false;
    int rc = OK;

    opening->len = fread(opening->next, 1, sizeof(opening->next), opening->from);
    while (rc == OK && !last) {
        size_t len = opening->len;

        memcpy(opening->now, opening->next, len);
        opening->len = fread(opening->next, 1, sizeof(opening->next), opening->from);
        if (ferror(opening->from))
            return RAISE(ERR_IO);
        last = opening->len == 0;
        if (len < TAG_BYTES ||
            !open_chunk(&opening->chunks, opening->now, len - TAG_BYTES, last, opening->plain))
            return SEAL_E_BROKEN;
        rc = take(context, opening->plain, len - TAG_BYTES);
    }
    return rc;
}

int seal_read(const struct seal_key *key, const char *name, FILE *from, seal_take_fn *take,
              void *context)
{
    struct opening *opening = calloc(1, sizeof(*opening));
    int rc;

    if (opening == NULL)
        return RAISE(ERR_NO_MEMORY);
    opening->from = from;
    rc = read_header(opening, key, name);
    if (rc == OK)
        rc = read_chunks(opening, take, context);
    chunks_release(&opening->chunks);
    OPENSSL_cleanse(opening, sizeof(*opening));
    free(opening);
    return rc;
}
