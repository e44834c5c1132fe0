/* SPDX-License-Identifier: Apache-2.0
 *
 * avatars — the pictures visitors see, in the directory: so they are copied, restored, moved and
 * removed with the membership or the tenant they belong to, and changed in one commit with their
 * entry in the audit.
 *
 * `jid` says whose it is: that of a member, or "" for the tenant itself. What is stored went
 * through avatar_take(); what is read may come from another server's directory
 * (storage/backup/record.h), so whoever serves it looks again.
 */
#ifndef STORAGE_AVATARS_H
#define STORAGE_AVATARS_H

#include "base/buf.h"
#include "storage/directory/directory.h"

/* In place of the one there is. DIRECTORY_E_NONE: no such tenant or member. */
int directory_avatar_set(struct directory *directory, const struct tenant_name *tenant,
                         const char *jid, struct slice bytes) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_avatar_remove(struct directory *directory, const struct tenant_name *tenant,
                            const char *jid) MUST_CHECK;
/* Appends the bytes. DIRECTORY_E_NONE */
int directory_avatar_get(struct directory *directory, const struct tenant_name *tenant,
                         const char *jid, struct buf *to) MUST_CHECK;
/* The same of any that this tenant shows now. */
int directory_avatar_find(struct directory *directory, const struct tenant_name *tenant,
                          struct id id, struct buf *to) MUST_CHECK;

/* Whether each is a picture still, and the one it is known as; a line for each that is not. Of the
 * directory's file, by a connection of its own: on any thread, and where no core runs. */
void directory_avatars_check(const char *path, uint64_t *ret_count, struct buf *problems);

#endif
