/* SPDX-License-Identifier: Apache-2.0
 *
 * sealed — a few bytes that one key opens: AES-256-GCM under a random nonce, which stands in front,
 * its tag behind. Nobody reads them without the key, and nobody alters them unnoticed.
 *
 * `about` says what they are, and where they belong. It is not among them, but they open only where
 * the same is said: so a sealed thing cannot be put in another one's place. For whole files there
 * is storage/backup/seal.h.
 */
#ifndef BASE_SEALED_H
#define BASE_SEALED_H

#include "base/result.h"
#include "base/secret/digest.h"

enum { SEALED_NONCE_BYTES = 12, SEALED_TAG_BYTES = 16 };
enum { SEALED_MORE_BYTES = SEALED_NONCE_BYTES + SEALED_TAG_BYTES };

enum { SEALED_E_BROKEN = 1 /* not sealed with this key about this, or not any more */ };

/* `to` holds plain.len + SEALED_MORE_BYTES. A key is good for 2^32 of them. */
int sealed_make(const struct digest *key, struct slice about, struct slice plain,
                uint8_t *to) MUST_CHECK;
/* `ret_plain` holds sealed.len - SEALED_MORE_BYTES; zeros unless it opens. */
int sealed_open(const struct digest *key, struct slice about, struct slice sealed,
                uint8_t *ret_plain) MUST_CHECK;

#endif
