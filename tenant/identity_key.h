/* SPDX-License-Identifier: Apache-2.0
 *
 * identity_key — what a tenant's own site signs its visitors' identities with.
 */
#ifndef TENANT_IDENTITY_KEY_H
#define TENANT_IDENTITY_KEY_H

#include "base/secret/digest.h"

enum { IDENTITY_KID_BYTES = 9 };

struct identity_key {
    char kid[IDENTITY_KID_BYTES];  /* which key a token was signed with; "": there is none */
    char secret[TOKEN_TEXT_BYTES]; /* its characters are the HMAC key, as JWT libraries take it */
    bool required;                 /* nobody chats without an identity */
    uint64_t created_ms;
};

#endif
