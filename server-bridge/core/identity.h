/* SPDX-License-Identifier: Apache-2.0
 *
 * identity — who a site says its visitor is: a JWT (RFC 7519), signed with the tenant's key.
 *
 * HS256 and nothing else, so that no header chooses how it is checked; every claim must fit.
 * The key is shown once, when it is made, and is known to the core alone.
 */
#ifndef SERVER_BRIDGE_CORE_IDENTITY_H
#define SERVER_BRIDGE_CORE_IDENTITY_H

#include "base/format/json.h"
#include "base/id.h"
#include "tenant/identity_key.h"
#include "tenant/tenant.h"

enum { IDENTITY_SUBJECT_POINTS = 120, IDENTITY_ATTRIBUTES_MAX = 20 };

/* Texts are borrowed from `claims`; absent ones are empty. */
struct identity {
    json_t *claims; /* owned; NULL: nobody vouches */
    struct slice subject, name, email, stage;
    char *attributes; /* owned; a JSON object, or NULL */
};

void identity_release(struct identity *identity);
#define AUTO_IDENTITY __attribute__((cleanup(identity_release))) struct identity

/* NULL: it holds, and *ret_identity is the caller's. Else what is wrong, for the developer of
 * the site. Nothing in the token is believed before its signature was checked. */
const char *identity_check(struct slice jwt, const struct identity_key *key,
                           const struct tenant *tenant, uint64_t now_ms,
                           struct identity *ret_identity) MUST_CHECK;

/* A new kid and secret; whoever signs with the old one is refused from now on. */
void identity_key_renew(struct identity_key *key, uint64_t now_ms);

#endif
