/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/staging.h"

#include "base/clock.h"
#include "storage/backup/pack.h"
#include "storage/erase.h"
#include "storage/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

int staging_refuse(struct restoring *restoring, const char *path, const char *what)
{
    buf_addf(restoring->problem, "%s %s: %s.", path, what, strerror(errno));
    return BACKUP_E_REFUSED;
}

bool staging_join(char path[4096], const char *folder, const char *name)
{
    return snprintf(path, 4096, "%s/%s", folder, name) < 4096;
}

bool staging_exists(const char *folder, const char *name)
{
    char path[4096];

    return staging_join(path, folder, name) && access(path, F_OK) == 0;
}

/* --- ledgers --- */

/* What the backup knew of erasures, into the staging folder. */
static int take_out_ledger(struct restoring *restoring)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_ERASURES, NULL);
    char path[4096];

    if (piece == NULL)
        return OK;
    if (!staging_join(path, restoring->staging, "erasures"))
        return RAISE(ERR_LIMIT);
    return backup_extract(restoring->wish->backup, piece, path, restoring->problem);
}

/* Those of another server tell of tenants that are none of ours, and may be called as ours are:
 * what they say of the stranger alone is taken over. */
static int merge_ledgers(struct restoring *restoring)
{
    const char *data = restoring->wish->data;
    AUTO_BUF text;
    int rc = take_out_ledger(restoring);

    buf_init(&text, LEDGER_MAX_BYTES);
    if (rc == OK)
        rc = ledgers_join(restoring->stranger != NULL ? restoring->staging : data,
                          restoring->wish->erasures);
    if (rc == OK)
        rc = ledger_copy(restoring->staging, restoring->stranger, &text);
    return rc == OK ? ledgers_join(data, buf_slice(&text)) : rc;
}

uint64_t staging_made_ms(const struct restoring *restoring)
{
    const char *made_at = restoring->wish->backup->made_at;
    uint64_t made_ms = 0;

    (void)clock_parse(made_at, strlen(made_at), &made_ms);
    return made_ms;
}

static int fate_by(const struct restoring *restoring, const char *ledger,
                   const struct tenant_name *tenant, uint64_t after_ms,
                   struct ledger_line *ret_fate)
{
    return ledger_fate(ledger, tenant, after_ms != 0 ? after_ms : staging_made_ms(restoring),
                       ret_fate);
}

int staging_fate(const struct restoring *restoring, const struct tenant_name *tenant,
                 uint64_t after_ms, struct ledger_line *ret_fate)
{
    return fate_by(restoring, restoring->wish->data, tenant, after_ms, ret_fate);
}

static int follow_by(const struct restoring *restoring, const char *ledger,
                     const struct tenant_name *tenant, struct tenant_name *ret_now)
{
    struct ledger_line fate = { .at_ms = 0 };
    struct tenant_name now = *tenant;
    int rc = fate_by(restoring, ledger, &now, 0, &fate);

    while (rc == OK && fate.at_ms > 0 && fate.kind == LEDGER_RENAMED) {
        now = fate.to;
        rc = fate_by(restoring, ledger, &now, fate.at_ms, &fate);
    }
    if (rc == OK && fate.at_ms > 0) /* removed */
        now.text[0] = '\0';
    *ret_now = now;
    return rc;
}

int staging_follow(const struct restoring *restoring, const struct tenant_name *tenant,
                   struct tenant_name *ret_now)
{
    return follow_by(restoring, restoring->wish->data, tenant, ret_now);
}

int staging_stranger_is_gone(const struct restoring *restoring, bool *ret_gone)
{
    struct tenant_name now;
    int rc = follow_by(restoring, restoring->staging, restoring->stranger, &now);

    *ret_gone = now.text[0] == '\0';
    return rc;
}

/* --- one tenant's database, staged --- */

static void on_erased(struct store_bulk *bulk, enum store_outcome outcome)
{
    (void)bulk;
    (void)outcome;
}

static int erase(struct store *store, const struct tenant_name *tenant, struct erasure *erasure)
{
    struct pollfd answered = { .fd = store->ops->answer_fd(store), .events = POLLIN };
    struct store_answer answer;
    int rc;

    erasure->bulk.done = on_erased;
    rc = STORE_CALL(store, bulk, tenant, &erasure->bulk);
    while (rc == OK && store->ops->collect(store, &answer, 1) == 0)
        (void)poll(&answered, 1, -1);
    if (rc == OK && answer.outcome != STORE_DONE)
        rc = RAISE(ERR_IO);
    return rc == OK ? STORE_CALL(store, scrub, tenant) : rc;
}

/* Opening it brings its schema up to ours and looks at its pages. */
static int apply_ledger(struct restoring *restoring, struct store *store,
                        const struct tenant_name *tenant)
{
    AUTO_MEM struct visitor_id *visitors = NULL;
    struct erasure erasure = { .count = 0 };
    size_t count = 0;
    int rc = STORE_CALL(store, tenant_open, tenant);

    if (rc == OK)
        rc = ledger_read(restoring->wish->data, tenant, &visitors, &count);
    if (rc == OK && count > 0)
        rc = erasure_init(&erasure, visitors, count);
    if (rc == OK && count > 0)
        rc = erase(store, tenant, &erasure);
    restoring->report->erased += erasure.found;
    erasure_release(&erasure);
    STORE_CALL(store, tenant_close, tenant);
    return rc;
}

/* What the tenant's visitors sent, where the backup holds it. */
static int stage_files(struct restoring *restoring, const struct tenant_name *tenant,
                       const struct tenant_name *now)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_FILES, tenant);
    char folder[4096 + 64], packed[4096];
    uint64_t files = 0;
    int rc;

    if (piece == NULL || !staging_join(packed, restoring->staging, "files.tar"))
        return OK;
    (void)snprintf(folder, sizeof(folder), "%s/tenants/%s/files", restoring->staging, now->text);
    if (mkdir(folder, 0700) != 0)
        return staging_refuse(restoring, folder, "cannot be made");
    rc = backup_extract(restoring->wish->backup, piece, packed, restoring->problem);
    if (rc == OK)
        rc = pack_read(packed, folder, &files, restoring->problem);
    (void)unlink(packed);
    return rc == OK && restoring->problem->len > 0 ? BACKUP_E_REFUSED : rc;
}

int staging_tenant(struct restoring *restoring, struct store *store, const struct piece *piece,
                   const struct tenant_name *now)
{
    char path[4096 + 64];
    int rc;

    (void)snprintf(path, sizeof(path), "%s/tenants/%s", restoring->staging, now->text);
    if (mkdir(path, 0700) != 0)
        return staging_refuse(restoring, path, "cannot be made");
    (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/transcripts.db");
    rc = backup_extract(restoring->wish->backup, piece, path, restoring->problem);
    if (rc != OK)
        return rc;
    rc = stage_files(restoring, &piece->tenant, now);
    if (rc != OK)
        return rc;
    rc = apply_ledger(restoring, store, now);
    if (rc != OK) {
        buf_addf(restoring->problem,
                 "the transcripts of %s cannot be opened: the lines above say why.", now->text);
        return BACKUP_E_REFUSED;
    }
    restoring->report->tenants++;
    restoring->report->conversations += piece->facts.conversations;
    restoring->report->messages += piece->facts.messages;
    return OK;
}

/* --- the folders --- */

/* Made where it is missing; then locked, and what an interrupted restore left there goes. */
int staging_begin(struct restoring *restoring)
{
    const char *data = restoring->wish->data;

    if (mkdir(data, 0700) != 0 && errno != EEXIST)
        return staging_refuse(restoring, data, "cannot be made");
    restoring->folder = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (restoring->folder < 0)
        return staging_refuse(restoring, data, "cannot be opened");
    if (flock(restoring->folder, LOCK_EX | LOCK_NB) != 0) {
        buf_addf(restoring->problem, "another restore works on %s.", data);
        return BACKUP_E_REFUSED;
    }
    if (!staging_join(restoring->staging, data, "restoring"))
        return RAISE(ERR_LIMIT);
    if (folder_remove(restoring->staging) != OK || mkdir(restoring->staging, 0700) != 0)
        return staging_refuse(restoring, restoring->staging, "cannot be made");
    return merge_ledgers(restoring);
}

int staging_end(struct restoring *restoring, int rc)
{
    if (restoring->staging[0] != '\0' && folder_remove(restoring->staging) != OK && rc == OK)
        rc = staging_refuse(restoring, restoring->staging, "cannot be removed");
    if (restoring->folder >= 0)
        (void)close(restoring->folder);
    if (rc != OK && restoring->problem->len == 0)
        buf_addf(restoring->problem, "%s cannot be restored (%s).", restoring->wish->data,
                 rc < 0 ? result_name(rc) : "unexpected");
    return rc == OK ? OK : BACKUP_E_REFUSED;
}

static int give_one(const char *path, const struct stat *stat_of, int kind, struct FTW *at)
{
    static __thread struct stat owner;

    (void)kind;
    if (at->level == 0) {
        AUTO_MEM char *above = strdup(path);
        char *slash = above != NULL ? strrchr(above, '/') : NULL;

        if (slash == NULL)
            return 1;
        slash[slash == above] = '\0';
        if (stat(above, &owner) != 0)
            return 1;
    }
    return stat_of->st_uid == owner.st_uid || lchown(path, owner.st_uid, owner.st_gid) == 0 ? 0 : 1;
}

/* Restored by root, it is still the daemon's: everything gets the owner of the folder above. */
int staging_give_to_owner(struct restoring *restoring, const char *path)
{
    return nftw(path, give_one, 16, FTW_PHYS) == 0
               ? OK
               : staging_refuse(restoring, path, "cannot be given to the owner of its folder");
}

int staging_move(struct restoring *restoring, const char *name)
{
    char from[4096], to[4096];

    if (!staging_join(from, restoring->staging, name) ||
        !staging_join(to, restoring->wish->data, name))
        return RAISE(ERR_LIMIT);
    return rename(from, to) == 0 ? OK : staging_refuse(restoring, to, "cannot be put in place");
}

static int sync_one(const char *path, const struct stat *stat_of, int kind, struct FTW *at)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    (void)stat_of;
    (void)kind;
    (void)at;
    return fd >= 0 && fsync(fd) == 0 ? 0 : 1;
}

int staging_settle(struct restoring *restoring)
{
    int rc = staging_give_to_owner(restoring, restoring->staging);

    if (rc == OK && nftw(restoring->staging, sync_one, 16, FTW_PHYS) != 0)
        rc = staging_refuse(restoring, restoring->staging, "cannot be written to disk");
    return rc;
}
