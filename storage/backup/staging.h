/* SPDX-License-Identifier: Apache-2.0
 *
 * staging — what restoring all of a backup and one tenant of it have in common: everything is made
 * in DATA/restoring, erasures applied, and gets its place when it is whole and on disk. For the
 * files restore*.c alone.
 */
#ifndef STORAGE_BACKUP_STAGING_H
#define STORAGE_BACKUP_STAGING_H

#include "storage/backup/restore.h"
#include "storage/directory/directory.h"
#include "storage/ledger.h"
#include "storage/store.h"

struct restoring {
    const struct restore_wish *wish;
    struct restore_report *report;
    struct buf *problem;
    char staging[4096]; /* DATA/restoring: all is made there, and moved when it is whole */
    int folder;         /* locked: nobody else restores here */
    const struct tenant_name *stranger; /* NULL; or whom another server's ledgers tell of */
};

/* `path` and what, and errno, into `problem`; returns BACKUP_E_REFUSED. */
int staging_refuse(struct restoring *restoring, const char *path, const char *what);
/* FOLDER/NAME. False: too long. */
bool staging_join(char path[4096], const char *folder, const char *name);
bool staging_exists(const char *folder, const char *name);

/* The folder is made where it is missing, and locked; the ledgers are joined in it. */
int staging_begin(struct restoring *restoring) MUST_CHECK;
/* What is staged and did not get its place goes. `rc` is how it went; OK or BACKUP_E_REFUSED, then
 * said in `problem`. */
int staging_end(struct restoring *restoring, int rc);

/* What became of a tenant since the backup was made, one step: renamed, or removed. `after_ms`, and
 * then the time of the step before; 0: since the backup. at_ms 0: nothing more. */
/* When the backup was made. */
uint64_t staging_made_ms(const struct restoring *restoring);
int staging_fate(const struct restoring *restoring, const struct tenant_name *tenant,
                 uint64_t after_ms, struct ledger_line *ret_fate) MUST_CHECK;
/* What the tenant is called by now. "": it was removed. */
int staging_follow(const struct restoring *restoring, const struct tenant_name *tenant,
                   struct tenant_name *ret_now) MUST_CHECK;
/* shut_out.c: who was shut out after the backup was made does not get in by it: tokens go, agents
 * are revoked, console users kept out. */
int staging_shut_out(struct restoring *restoring, struct directory *directory) MUST_CHECK;
/* The same of one tenant's record: its tokens. */
int staging_shut_out_of_record(struct restoring *restoring, const char *path) MUST_CHECK;
/* Whether the ledgers of the server a stranger comes from say that it was removed there since. */
int staging_stranger_is_gone(const struct restoring *restoring, bool *ret_gone) MUST_CHECK;
/* Its transcripts and files, brought up to our schema, those erased who were erased since, under
 * the name it has by now. */
int staging_tenant(struct restoring *restoring, struct store *store, const struct piece *piece,
                   const struct tenant_name *now) MUST_CHECK;

/* stranger.c: transcripts that another server made hold nothing that is not as we would make it. */
int staging_look_at_stranger(struct restoring *restoring,
                             const struct tenant_name *tenant) MUST_CHECK;

/* All that is staged is the daemon's, and on disk. */
int staging_settle(struct restoring *restoring) MUST_CHECK;
/* Everything below gets the owner of the folder above. */
int staging_give_to_owner(struct restoring *restoring, const char *path) MUST_CHECK;
/* NAME below the staging folder gets its place below the data folder. */
int staging_move(struct restoring *restoring, const char *name) MUST_CHECK;

#endif
