/* SPDX-License-Identifier: Apache-2.0
 *
 * backup — `lasnactl backup`, `restore` and `verify`: a backup is made of what the API gives,
 * sealed here with a key the daemon never sees; what is put back, or looked through, is files, and
 * needs no daemon. So these alone of all commands reach into storage/ (docs/adr/0012-backup.md).
 */
#ifndef LASNACTL_BACKUP_H
#define LASNACTL_BACKUP_H

#include "base/result.h"
#include "lasnactl/command.h"

int backup_run(struct client *client, const struct args *args);
int restore_run(struct client *client, const struct args *args);
int verify_run(struct client *client, const struct args *args);

/* What the file of --key-file says; NULL without one. EXIT_*, said why; the caller frees it. */
int backup_key(const struct args *args, char **ret_secret) MUST_CHECK;

#endif
