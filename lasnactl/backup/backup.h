/* SPDX-License-Identifier: Apache-2.0
 *
 * backup — `lasnactl backup`, `restore`, `verify` and `tenant import`: a backup is made of what the
 * API gives, sealed here with a key the daemon never sees; what is put back, or looked through, is
 * files, and needs no daemon. So these alone of all commands reach into storage/
 * (docs/adr/0012-backup.md).
 */
#ifndef LASNACTL_BACKUP_H
#define LASNACTL_BACKUP_H

#include "base/result.h"
#include "lasnactl/command.h"

struct backup;
struct buf;
struct restore_wish;

/* EXIT_DONE: *ret_backup, that of the operand DIR, is open, with its key where one is given. */
int backup_open_given(const struct args *args, struct backup **ret_backup) MUST_CHECK;
/* What went wrong with it; returns EXIT_REFUSED. */
int backup_told(const char *dir, const struct buf *problem);
/* Makes the wish that the command line tells: the backup, the data folder, a newer ledger. What is
 * done with it is up to `way`. EXIT_*. */
typedef int restore_way(struct client *client, const struct args *args,
                        const struct restore_wish *wish);
int restore_wished(struct client *client, const struct args *args, restore_way *way);
int backup_run(struct client *client, const struct args *args);
int restore_run(struct client *client, const struct args *args);
int verify_run(struct client *client, const struct args *args);
int tenant_import_run(struct client *client, const struct args *args);

/* What the file of --key-file says; NULL without one. EXIT_*, said why; the caller frees it. */
int backup_key(const struct args *args, char **ret_secret) MUST_CHECK;

#endif
