/* SPDX-License-Identifier: Apache-2.0
 *
 * restore — a backup made a data folder again, all of it or one tenant; and a data folder that
 * nobody works on looked through.
 *
 * Whoever was erased, removed, renamed or shut out after the backup was made stays so: the ledgers
 * that are known (the folder's own, the backup's, another one that is named) are joined in the
 * folder first, and applied to each database before it gets its place.
 */
#ifndef STORAGE_BACKUP_RESTORE_H
#define STORAGE_BACKUP_RESTORE_H

#include "storage/backup/backup.h"

struct restore_wish {
    const struct backup *backup;
    const char *data;      /* the folder of the databases */
    struct slice erasures; /* another ledger's text; may be empty */
    uint64_t now_ms;
};

struct restore_report {
    size_t tenants;
    uint64_t conversations, messages; /* in the backup */
    uint64_t erased;                  /* visitors who were in it, and went again */
    size_t removed;                   /* tenants, likewise … */
    size_t renamed;                   /* … and those that bear a later name again */
    size_t shut_out;                  /* tokens, agents and users who were let in then */
};

/* Into a folder that holds no instance: refused where one is, or runs. It is complete when lasna.db
 * is there. BACKUP_E_REFUSED, said in `problem`. */
int restore_all(const struct restore_wish *wish, struct restore_report *ret_report,
                struct buf *problem) MUST_CHECK;

/* One tenant's transcripts in place of those it has; the name is the one it has now, whatever the
 * backup calls it. The instance must know the tenant, and must
 * not have its database open: `is_closed` asks a core that runs, and so holds the folder; it
 * answers false where nothing may be replaced, and says why. */
typedef bool restore_closed_fn(void *context, const struct tenant_name *tenant,
                               struct buf *problem);
int restore_tenant(const struct restore_wish *wish, const struct tenant_name *tenant,
                   restore_closed_fn *is_closed, void *context, struct restore_report *ret_report,
                   struct buf *problem) MUST_CHECK;

/* One tenant of another server, whole, into tenants/NAME beside those there are: for a core to
 * adopt (record_adopt), which alone makes it known. The caller knows that no such tenant is. */
int restore_stranger(const struct restore_wish *wish, const struct tenant_name *tenant,
                     struct restore_report *ret_report, struct buf *problem) MUST_CHECK;

/* ledgers.c: appends what the folder's own ledger does not say yet. */
enum { LEDGER_MAX_BYTES = 256 * 1024 * 1024 };
int ledgers_join(const char *data, struct slice other) MUST_CHECK;

/* home.c: each database, its files and the audit of a data folder no core works on. A line in
 * `problems` each. BACKUP_E_REFUSED: it cannot be looked at, which one line says. */
struct home_report {
    size_t tenants;
    uint64_t conversations, messages;
};
int home_check(const char *data, struct home_report *ret_report, struct buf *problems) MUST_CHECK;

#endif
