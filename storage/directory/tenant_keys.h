/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_keys — the tenants' keys, as the directory keeps them (docs/adr/0019-a-key-per-tenant.md).
 *
 * A directory that is not unlocked shows no secret that is sealed, and keeps what it is given
 * plain: that is for copies, whose secrets are plain, and which the core seals when it first opens
 * them.
 */
#ifndef STORAGE_TENANT_KEYS_H
#define STORAGE_TENANT_KEYS_H

#include "base/buf.h"
#include "storage/directory/directory.h"
#include "storage/keys/tenant_key.h"

enum {
    DIRECTORY_E_WRONG_KEY = 10, /* another instance's key sealed what is here */
    DIRECTORY_E_SEALED,         /* it does not open */
};

/* Whether an instance's key has sealed anything here, and so must be there. */
int directory_is_sealed(struct directory *directory, bool *ret_sealed) MUST_CHECK;
/* Secrets are opened and sealed from now on. Tenants that have no key get one, and all that is
 * plain is sealed: by one commit, so that a kill leaves a home of before, or one of now. A tenant
 * whose key does not open is left as it is. DIRECTORY_E_WRONG_KEY. */
int directory_unlock(struct directory *directory, const struct instance_key *key) MUST_CHECK;

/* Whether all keys here are sealed by this one; so is nothing at all. */
int directory_is_sealed_by(struct directory *directory, const struct instance_key *key,
                           bool *ret_sealed) MUST_CHECK;
/* Another instance's key: the tenants' keys are sealed by it, in one commit. DIRECTORY_E_SEALED:
 * one does not open, and nothing was changed. */
int directory_rekey(struct directory *directory, const struct instance_key *key) MUST_CHECK;

/* The tenant's keys; wipe them. DIRECTORY_E_SEALED; DIRECTORY_E_NONE: it has none, or the
 * directory is not unlocked. */
int directory_keys_get(struct directory *directory, const struct tenant_name *tenant,
                       struct tenant_keys *ret_keys) MUST_CHECK;
/* Their ids alone, which needs no instance's key. */
int directory_keys_list(struct directory *directory, const struct tenant_name *tenant,
                        struct tenant_keys *ret_keys) MUST_CHECK;
/* Whether its key and all its secrets here open. DIRECTORY_E_SEALED, and a line in `problems` for
 * each that does not. */
int directory_keys_check(struct directory *directory, const struct tenant_name *tenant,
                         struct buf *problems) MUST_CHECK;

/* Another key, by which all its secrets here are sealed anew, in one commit. The one before stays
 * until directory_keys_settled(): what lies in the tenant's own database is still under it.
 * DIRECTORY_E_EXISTS: that is so already. DIRECTORY_E_SEALED: something does not open, and nothing
 * was changed. DIRECTORY_E_NONE. */
int directory_keys_renew(struct directory *directory, const struct tenant_name *tenant) MUST_CHECK;
/* All is sealed by the key of this version: those before it go. One that came since stays, and so
 * does this one, until all is sealed by that. */
int directory_keys_settled(struct directory *directory, const struct tenant_name *tenant,
                           uint64_t version) MUST_CHECK;

/* --- for copies --- */

/* Makes a copy of the directory one that is opened elsewhere: its secrets plain, its keys gone.
 * What does not open stays as it is. */
int directory_copy_bare(const char *path, const struct instance_key *key) MUST_CHECK;
/* The key the directory was unlocked with; NULL: it was not. */
const struct instance_key *directory_key(const struct directory *directory);

#endif
