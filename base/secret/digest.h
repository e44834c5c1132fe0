/* SPDX-License-Identifier: Apache-2.0
 *
 * digest — hashes, keyed hashes, and comparing what must not be guessed byte by byte.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/slice.h"

#include <stdint.h>

enum { DIGEST_BYTES = 32, DIGEST_HEX_BYTES = 2 * DIGEST_BYTES + 1, TOKEN_BYTES = 32 };
enum { TOKEN_TEXT_LEN = 43, TOKEN_TEXT_BYTES = TOKEN_TEXT_LEN + 1 };

struct digest {
    uint8_t bytes[DIGEST_BYTES];
};

struct digest digest_sha256(struct slice data);
/* The same of what comes bit by bit. digester_end() frees it; NULL (no memory) gives zeros. */
struct digester;
struct digester *digester_new(void);
void digester_add(struct digester *digester, const void *bytes, size_t len);
struct digest digester_end(struct digester *digester);
struct digest digest_hmac(struct slice key, struct slice data);
bool digest_equal(const struct digest *a, const struct digest *b); /* in constant time */
void digest_hex(const struct digest *digest, char text[DIGEST_HEX_BYTES]);
/* 1: not 64 digits of lower-case hex. */
int digest_parse(struct slice text, struct digest *ret_digest);

/* 256 random bits in base64url without padding. Stored only as digest_sha256 of the text. */
void token_new(char text[TOKEN_TEXT_BYTES]);
/* Whether the text has a token's form: 43 characters of base64url. */
bool token_is_wellformed(struct slice text);

#endif
