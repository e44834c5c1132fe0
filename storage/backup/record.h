/* SPDX-License-Identifier: Apache-2.0
 *
 * record — all that the directory knows of one tenant, as a file of its own: the tenant with its
 * settings, sites and keys, who serves it as what, its tokens (as hashes). With its transcripts and
 * files it is the tenant whole, and can go on living on another server.
 *
 * It is the directory itself with everything else taken out, so what a table gets by a later
 * migration comes along without anybody thinking of it. Console users and the audit are the
 * server's, and stay there.
 */
#ifndef STORAGE_BACKUP_RECORD_H
#define STORAGE_BACKUP_RECORD_H

#include "storage/backup/snapshot.h"
#include "storage/directory/directory.h"
#include "storage/keys/instance_key.h"

enum { RECORD_E_NONE = 1, RECORD_E_EXISTS, RECORD_E_REFUSED };

/* From the directory `from` into the new file `to`. Nothing of others is left in its pages. Its
 * secrets are plain in it, opened with the instance's key (NULL: they are plain already).
 * RECORD_E_NONE: no such tenant; else as snapshot_take. */
int record_take(const char *from, const char *to, const struct tenant_name *tenant,
                const struct instance_key *key, atomic_bool *stop) MUST_CHECK;
/* Brings a record of an earlier version up to ours. RECORD_E_NONE: it is none of this tenant. */
int record_ready(const char *path, const struct tenant_name *tenant) MUST_CHECK;

/* This token is in it no more, if it was. */
int record_drop_token(const char *path, const char *id) MUST_CHECK;

/* Enters a record that is ready, as a tenant that is disabled, under this domain: all of it or
 * nothing, and no row that says it is of another tenant, or of the server. Agents that are known
 * here stay as they are; one that was revoked serves nobody. RECORD_E_EXISTS: its name, a site's
 * key or a token is here already. RECORD_E_NONE: no record. RECORD_E_REFUSED: it says what cannot
 * be; what stands in `problem`. */
int record_adopt(struct directory *directory, const char *path, const struct tenant_name *tenant,
                 const char *domain, struct buf *problem) MUST_CHECK;

#endif
