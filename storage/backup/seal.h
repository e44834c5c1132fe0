/* SPDX-License-Identifier: Apache-2.0
 *
 * seal — files that one key opens, and that nobody can alter, shorten or swap unnoticed.
 *
 *     "LASNA-SEALED-1\r\n"   16 bytes
 *     salt                   16 random bytes
 *     chunks                 64 KiB of content each, the last one shorter; 16 bytes of tag after
 * each
 *
 * A chunk is AES-256-GCM. The file's own key is HMAC-SHA256(key, salt ‖ name), so that a nonce
 * never meets the same key twice, and a file under another file's name does not open. The nonce is
 * the chunk's number in 11 bytes, big end first, and one byte that is 1 for the last chunk alone:
 * so the order holds, and a file cut at a chunk's end has no end (the STREAM construction of Hoang,
 * Reyhanitabar, Rogaway and Vizár, as age uses it).
 */
#ifndef STORAGE_BACKUP_SEAL_H
#define STORAGE_BACKUP_SEAL_H

#include "base/auto.h"
#include "base/result.h"
#include "base/secret/digest.h"

#include <stdio.h>

enum { SEAL_SALT_BYTES = 16, SEAL_SECRET_MIN = 32 };

enum {
    SEAL_E_BROKEN = 1, /* not sealed with this key under this name, or not any more */
};

struct seal_key {
    struct digest key;
};

/* What a key file says, made a key by scrypt (N 32768, r 8, p 1): 32 MiB and a tenth of a second.
 */
int seal_key_derive(struct slice secret, const uint8_t salt[SEAL_SALT_BYTES],
                    struct seal_key *ret_key) MUST_CHECK;
/* A key for one use, made of this one. */
struct digest seal_key_for(const struct seal_key *key, const char *use);

struct seal; /* a file on its way to disk */
int seal_new(struct seal **ret_seal, const struct seal_key *key, const char *name,
             FILE *to) MUST_CHECK;
int seal_add(struct seal *seal, const void *bytes, size_t len) MUST_CHECK;
/* The last chunk. Without it the file does not open. */
int seal_end(struct seal *seal) MUST_CHECK;
struct seal *seal_free(struct seal *seal); /* does not close the file */
DEFINE_AUTO(seal)

/* Gives out only what was proved, a chunk at a time. ERR_IO, SEAL_E_BROKEN, or what `take` said. */
typedef int seal_take_fn(void *context, const void *bytes, size_t len);
int seal_read(const struct seal_key *key, const char *name, FILE *from, seal_take_fn *take,
              void *context) MUST_CHECK;

#endif
