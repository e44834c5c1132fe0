/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_key — each tenant has a key of its own, under which what must not be read at rest is
 * sealed: today its secrets (secrets.h).
 *
 *     wrapped   nonce 12 · key 32 · tag 16     by the instance's key, about the key's id
 *     sealed    1 · id 16 · nonce 12 · text · tag 16
 *
 * What is sealed begins with the format's number and the id of the key that opens it, and is bound
 * to both and to its use ("component", "webhook:…"): moved to another tenant, or to another place
 * of the same one, it does not open. The id is random, so all of it stays right when the tenant
 * gets another name. Under the tenant's key itself nothing is sealed: each kind of content has one
 * of its own, made of it, so that whatever is sealed later shares no key with this.
 */
#ifndef STORAGE_TENANT_KEY_H
#define STORAGE_TENANT_KEY_H

#include "base/id.h"
#include "base/secret/sealed.h"
#include "storage/keys/instance_key.h"

struct tenant_key {
    struct id id;
    struct digest key;
};

enum {
    TENANT_KEYS_MAX = 2,
    TENANT_KEY_WRAPPED_BYTES = DIGEST_BYTES + SEALED_MORE_BYTES,
    SECRET_MAX = 512, /* the longest text that is sealed */
    SECRET_SEALED_MORE_BYTES = 1 + ID_BYTES + SEALED_MORE_BYTES,
};

/* The one that seals, and behind it, while another takes its place, the one before. */
struct tenant_keys {
    struct tenant_key all[TENANT_KEYS_MAX];
    size_t count;
    uint64_t version; /* of the first: how many the tenant has had */
};

struct sealed_secret {
    uint8_t bytes[SECRET_MAX + SECRET_SEALED_MORE_BYTES];
    size_t len;
};

struct tenant_key tenant_key_new(void);
void tenant_keys_wipe(struct tenant_keys *keys);

int tenant_key_wrap(const struct tenant_key *key, const struct instance_key *by,
                    uint8_t ret_wrapped[TENANT_KEY_WRAPPED_BYTES]) MUST_CHECK;
/* SEALED_E_BROKEN */
int tenant_key_unwrap(struct id id, struct slice wrapped, const struct instance_key *by,
                      struct tenant_key *ret_key) MUST_CHECK;

/* By the first of the keys. ERR_LIMIT: longer than SECRET_MAX. */
int secret_seal(const struct tenant_keys *keys, const char *use, struct slice text,
                struct sealed_secret *ret_sealed) MUST_CHECK;
/* By whichever it names. SEALED_E_BROKEN: none of these, or not what was sealed. */
int secret_open(const struct tenant_keys *keys, const char *use, struct slice sealed,
                char ret_text[SECRET_MAX + 1]) MUST_CHECK;
/* Which of the keys it names; NULL: none. */
const struct tenant_key *secret_key_of(const struct tenant_keys *keys, struct slice sealed);

#endif
