/* SPDX-License-Identifier: Apache-2.0
 *
 * tokens — who may ask the REST API over the network: 256 random bits each, kept as their
 * SHA-256 alone, bound to a role, to a tenant unless it is an admin's, and to a last day.
 */
#ifndef STORAGE_TOKENS_H
#define STORAGE_TOKENS_H

#include "base/secret/digest.h"
#include "storage/directory/directory.h"
#include "tenant/role.h"

struct access_token {
    char id[ID_TEXT_BYTES]; /* names it: no secret */
    enum role_name role;
    struct tenant_name tenant; /* empty: an admin's */
    struct slice label;        /* for people */
    uint64_t created_ms, expires_ms, used_ms /* 0: never */;
};
typedef int directory_token_fn(void *context, const struct access_token *token);

/* DIRECTORY_E_EXISTS: that id or hash; or there is no such tenant. */
int directory_token_add(struct directory *directory, const struct access_token *token,
                        const struct digest *hash) MUST_CHECK;
/* The callback is called once, if at all. DIRECTORY_E_NONE: unknown. */
int directory_token_find(struct directory *directory, const struct digest *hash,
                         directory_token_fn *fn, void *context) MUST_CHECK;
int directory_token_used(struct directory *directory, const char *id, uint64_t at_ms) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_token_remove(struct directory *directory, const char *id) MUST_CHECK;
int directory_tokens(struct directory *directory, directory_token_fn *fn, void *context);

#endif
