/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/restore.h"

#include "base/clock.h"
#include "storage/backup/pack.h"
#include "storage/backup/record.h"
#include "storage/directory.h"
#include "storage/erase.h"
#include "storage/files.h"
#include "storage/store.h"
#include "storage/user_sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

struct restoring {
    const struct restore_wish *wish;
    struct restore_report *report;
    struct buf *problem;
    char staging[4096]; /* DATA/restoring: all is made there, and moved when it is whole */
    int folder;         /* locked: nobody else restores here */
};

static int refuse(struct restoring *restoring, const char *path, const char *what)
{
    buf_addf(restoring->problem, "%s %s: %s.", path, what, strerror(errno));
    return BACKUP_E_REFUSED;
}

static bool join(char path[4096], const char *folder, const char *name)
{
    return snprintf(path, 4096, "%s/%s", folder, name) < 4096;
}

static bool exists(const char *folder, const char *name)
{
    char path[4096];

    return join(path, folder, name) && access(path, F_OK) == 0;
}

/* --- ledgers --- */

/* What the backup knew of erasures. */
static int read_ledger(struct restoring *restoring, struct buf *text)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_ERASURES, NULL);
    char path[4096];
    int rc;

    if (piece == NULL)
        return OK;
    if (!join(path, restoring->staging, "erasures"))
        return RAISE(ERR_LIMIT);
    rc = backup_extract(restoring->wish->backup, piece, path, restoring->problem);
    return rc == OK ? ledger_copy(restoring->staging, SLICE_NONE, text) : rc;
}

static int merge_ledgers(struct restoring *restoring)
{
    AUTO_BUF text;
    int rc;

    buf_init(&text, LEDGER_MAX_BYTES);
    rc = read_ledger(restoring, &text);
    if (rc == OK)
        rc = ledgers_join(restoring->wish->data, buf_slice(&text));
    return rc == OK ? ledgers_join(restoring->wish->data, restoring->wish->erasures) : rc;
}

/* Whether the tenant was removed after the backup was made: then it is another's name by now, or
 * nobody's. */
static int look_if_gone(const struct restoring *restoring, const struct tenant_name *tenant,
                        bool *ret_gone)
{
    const char *made_at = restoring->wish->backup->made_at;
    uint64_t gone_ms = 0, made_ms = 0;
    int rc = ledger_tenant_gone(restoring->wish->data, tenant, &gone_ms);

    (void)clock_parse(made_at, strlen(made_at), &made_ms);
    *ret_gone = gone_ms > made_ms;
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
static int stage_files(struct restoring *restoring, const struct tenant_name *tenant)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_FILES, tenant);
    char folder[4096 + 64], packed[4096];
    uint64_t files = 0;
    int rc;

    if (piece == NULL || !join(packed, restoring->staging, "files.tar"))
        return OK;
    (void)snprintf(folder, sizeof(folder), "%s/tenants/%s/files", restoring->staging, tenant->text);
    if (mkdir(folder, 0700) != 0)
        return refuse(restoring, folder, "cannot be made");
    rc = backup_extract(restoring->wish->backup, piece, packed, restoring->problem);
    if (rc == OK)
        rc = pack_read(packed, folder, &files, restoring->problem);
    (void)unlink(packed);
    return rc == OK && restoring->problem->len > 0 ? BACKUP_E_REFUSED : rc;
}

static int stage_tenant(struct restoring *restoring, struct store *store, const struct piece *piece)
{
    char path[4096 + 64];
    int rc;

    (void)snprintf(path, sizeof(path), "%s/tenants/%s", restoring->staging, piece->tenant.text);
    if (mkdir(path, 0700) != 0)
        return refuse(restoring, path, "cannot be made");
    (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/transcripts.db");
    rc = backup_extract(restoring->wish->backup, piece, path, restoring->problem);
    if (rc != OK)
        return rc;
    rc = stage_files(restoring, &piece->tenant);
    if (rc != OK)
        return rc;
    rc = apply_ledger(restoring, store, &piece->tenant);
    if (rc != OK) {
        buf_addf(restoring->problem,
                 "the transcripts of %s cannot be opened: the lines above say why.",
                 piece->tenant.text);
        return BACKUP_E_REFUSED;
    }
    restoring->report->tenants++;
    restoring->report->conversations += piece->facts.conversations;
    restoring->report->messages += piece->facts.messages;
    return OK;
}

/* --- the folders --- */

/* Made where it is missing; then locked, and what an interrupted restore left there goes. */
static int begin(struct restoring *restoring)
{
    const char *data = restoring->wish->data;

    if (mkdir(data, 0700) != 0 && errno != EEXIST)
        return refuse(restoring, data, "cannot be made");
    restoring->folder = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (restoring->folder < 0)
        return refuse(restoring, data, "cannot be opened");
    if (flock(restoring->folder, LOCK_EX | LOCK_NB) != 0) {
        buf_addf(restoring->problem, "another restore works on %s.", data);
        return BACKUP_E_REFUSED;
    }
    if (!join(restoring->staging, data, "restoring"))
        return RAISE(ERR_LIMIT);
    if (folder_remove(restoring->staging) != OK || mkdir(restoring->staging, 0700) != 0)
        return refuse(restoring, restoring->staging, "cannot be made");
    return merge_ledgers(restoring);
}

static int end(struct restoring *restoring, int rc)
{
    if (restoring->staging[0] != '\0' && folder_remove(restoring->staging) != OK && rc == OK)
        rc = refuse(restoring, restoring->staging, "cannot be removed");
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
static int give_to_owner(struct restoring *restoring, const char *path)
{
    return nftw(path, give_one, 16, FTW_PHYS) == 0
               ? OK
               : refuse(restoring, path, "cannot be given to the owner of its folder");
}

static int move(struct restoring *restoring, const char *name)
{
    char from[4096], to[4096];

    if (!join(from, restoring->staging, name) || !join(to, restoring->wish->data, name))
        return RAISE(ERR_LIMIT);
    return rename(from, to) == 0 ? OK : refuse(restoring, to, "cannot be put in place");
}

static int sync_one(const char *path, const struct stat *stat_of, int kind, struct FTW *at)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    (void)stat_of;
    (void)kind;
    (void)at;
    return fd >= 0 && fsync(fd) == 0 ? 0 : 1;
}

static int settle(struct restoring *restoring)
{
    int rc = give_to_owner(restoring, restoring->staging);

    if (rc == OK && nftw(restoring->staging, sync_one, 16, FTW_PHYS) != 0)
        rc = refuse(restoring, restoring->staging, "cannot be written to disk");
    return rc;
}

/* --- all of it --- */

static int look_for_instance(struct restoring *restoring)
{
    const char *data = restoring->wish->data;

    if (restoring->wish->backup->tenant.text[0] != '\0')
        buf_addf(restoring->problem,
                 "it holds %s alone: --tenant %s puts it back where that is known.",
                 restoring->wish->backup->tenant.text, restoring->wish->backup->tenant.text);
    else if (exists(data, "lasna.db") || exists(data, "tenants"))
        buf_addf(restoring->problem,
                 "%s holds an instance: move lasna.db and tenants away, and leave erasures there.",
                 data);
    else
        return OK;
    return BACKUP_E_REFUSED;
}

/* One that went while the backup was made may have left the directory before its pieces. */
static int leave_out(struct restoring *restoring, struct directory *directory,
                     const struct tenant_name *tenant)
{
    bool gone = false;
    int rc = look_if_gone(restoring, tenant, &gone);

    if (rc != OK || !gone)
        return rc;
    restoring->report->removed++;
    rc = directory_tenant_remove(directory, tenant);
    return rc == DIRECTORY_E_NONE ? OK : rc;
}

/* Tenants that are gone leave the directory, too; their pieces are not even opened. */
static int leave_out_gone(struct restoring *restoring, struct directory *directory)
{
    const struct backup *backup = restoring->wish->backup;
    int rc = OK;

    for (size_t i = 0; rc == OK && i < backup->count; i++)
        if (backup->pieces[i].kind == PIECE_TRANSCRIPTS)
            rc = leave_out(restoring, directory, &backup->pieces[i].tenant);
    return rc;
}

/* The directory as it was, and in its audit a line that says so. */
static int stage_directory(struct restoring *restoring)
{
    const struct backup *backup = restoring->wish->backup;
    const struct piece *piece = backup_find(backup, PIECE_DIRECTORY, NULL);
    struct directory *directory = NULL;
    char path[4096], detail[128];
    int rc;

    if (piece == NULL || !join(path, restoring->staging, "lasna.db")) {
        buf_add_text(restoring->problem, "it holds no lasna.db.");
        return BACKUP_E_REFUSED;
    }
    rc = backup_extract(backup, piece, path, restoring->problem);
    if (rc == OK)
        rc = directory_open(&directory, restoring->staging);
    if (rc != OK)
        return rc;
    (void)snprintf(detail, sizeof(detail), "made_at=%s", backup->made_at);
    rc = leave_out_gone(restoring, directory);
    if (rc == OK)
        rc = directory_sessions_end_all(directory);
    if (rc == OK)
        rc = directory_audit_add(directory,
                                 &(struct audit_entry){ .at_ms = restoring->wish->now_ms,
                                                        .who = SLICE_LITERAL("operator"),
                                                        .action = SLICE_LITERAL("restore"),
                                                        .detail = slice_of(detail) });
    (void)directory_close(directory);
    return rc;
}

static int stage_tenants(struct restoring *restoring)
{
    const struct backup *backup = restoring->wish->backup;
    AUTO(store) store = NULL;
    char path[4096];
    int rc;

    if (!join(path, restoring->staging, "tenants"))
        return RAISE(ERR_LIMIT);
    rc = store_sqlite_open(&store, path, 1);
    if (store == NULL)
        return rc;
    for (size_t i = 0; rc == OK && i < backup->count; i++) {
        bool gone = false;

        if (backup->pieces[i].kind != PIECE_TRANSCRIPTS)
            continue;
        rc = look_if_gone(restoring, &backup->pieces[i].tenant, &gone);
        if (rc == OK && !gone)
            rc = stage_tenant(restoring, store, &backup->pieces[i]);
    }
    return rc;
}

static int put_all(struct restoring *restoring)
{
    int rc = look_for_instance(restoring);

    if (rc == OK)
        rc = begin(restoring);
    if (rc == OK)
        rc = stage_directory(restoring);
    if (rc == OK)
        rc = stage_tenants(restoring);
    if (rc == OK)
        rc = settle(restoring);
    if (rc == OK)
        rc = move(restoring, "tenants");
    if (rc == OK)
        rc = move(restoring, "lasna.db");
    return rc == OK && fsync(restoring->folder) != 0 ? RAISE(ERR_IO) : rc;
}

int restore_all(const struct restore_wish *wish, struct restore_report *ret_report,
                struct buf *problem)
{
    struct restoring restoring = {
        .wish = wish, .report = ret_report, .problem = problem, .folder = -1
    };

    *ret_report = (struct restore_report){ 0 };
    return end(&restoring, put_all(&restoring));
}

/* --- one tenant --- */

/* Its transcripts and files, and who is to be erased in them. */
static int stage_one(struct restoring *restoring, const struct tenant_name *tenant)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_TRANSCRIPTS, tenant);
    AUTO(store) store = NULL;
    bool gone = false;
    char path[4096];
    int rc;

    if (piece == NULL) {
        buf_addf(restoring->problem, "it does not hold %s.", tenant->text);
        return BACKUP_E_REFUSED;
    }
    rc = begin(restoring);
    if (rc == OK)
        rc = look_if_gone(restoring, tenant, &gone);
    if (rc == OK && gone) {
        buf_addf(restoring->problem,
                 "%s was removed after this was made, for good: what it held stays deleted.",
                 tenant->text);
        return BACKUP_E_REFUSED;
    }
    if (rc == OK && join(path, restoring->staging, "tenants"))
        rc = store_sqlite_open(&store, path, 1);
    return rc == OK ? stage_tenant(restoring, store, piece) : rc;
}

/* --- … from another server --- */

/* What the directory is to know of it, beside its transcripts. */
static int stage_record(struct restoring *restoring, const struct tenant_name *tenant)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_RECORD, tenant);
    char path[4096 + 64];
    int rc;

    if (piece == NULL) {
        buf_addf(restoring->problem,
                 "it is no backup of %s alone: `lasnactl backup DIR --tenant %s` makes one.",
                 tenant->text, tenant->text);
        return BACKUP_E_REFUSED;
    }
    (void)snprintf(path, sizeof(path), "%s/tenants/%s/record.db", restoring->staging, tenant->text);
    rc = backup_extract(restoring->wish->backup, piece, path, restoring->problem);
    return rc == OK ? FOLD(record_ready(path, tenant)) : rc;
}

/* What an import left that did not come to its end: nobody has adopted it. */
static int clear_place(struct restoring *restoring, const struct tenant_name *tenant)
{
    char name[128], path[4096];

    (void)snprintf(name, sizeof(name), "tenants/%s", tenant->text);
    if (!exists(restoring->wish->data, name))
        return OK;
    if (!join(path, restoring->wish->data, name))
        return RAISE(ERR_LIMIT);
    if (!exists(path, "record.db")) {
        buf_addf(restoring->problem, "there is a folder %s already.", path);
        return BACKUP_E_REFUSED;
    }
    return folder_remove(path) == OK ? OK : refuse(restoring, path, "cannot be removed");
}

static int put_stranger(struct restoring *restoring, const struct tenant_name *tenant)
{
    char name[128];
    int rc = stage_one(restoring, tenant);

    if (rc == OK)
        rc = stage_record(restoring, tenant);
    if (rc == OK)
        rc = settle(restoring);
    if (rc == OK)
        rc = clear_place(restoring, tenant);
    (void)snprintf(name, sizeof(name), "tenants/%s", tenant->text);
    if (rc == OK)
        rc = move(restoring, name);
    return rc == OK ? folder_sync(restoring->wish->data) : rc;
}

int restore_stranger(const struct restore_wish *wish, const struct tenant_name *tenant,
                     struct restore_report *ret_report, struct buf *problem)
{
    struct restoring restoring = {
        .wish = wish, .report = ret_report, .problem = problem, .folder = -1
    };

    *ret_report = (struct restore_report){ 0 };
    return end(&restoring, put_stranger(&restoring, tenant));
}

/* --- … that is known --- */

struct looking {
    const struct tenant_name *tenant;
    bool found;
};

static int look_for(void *context, const struct tenant *tenant)
{
    struct looking *looking = context;

    looking->found |= tenant_name_equal(&tenant->name, looking->tenant);
    return 0;
}

/* Without a core we are the one who has the folder, until *ret_directory is closed. */
static int find_tenant(struct restoring *restoring, const struct tenant_name *tenant,
                       restore_closed_fn *is_closed, void *context,
                       struct directory **ret_directory)
{
    struct looking looking = { .tenant = tenant };
    int rc;

    if (!exists(restoring->wish->data, "lasna.db")) {
        buf_addf(restoring->problem, "%s holds no instance: restore all of a backup first.",
                 restoring->wish->data);
        return BACKUP_E_REFUSED;
    }
    rc = directory_open(ret_directory, restoring->wish->data);
    if (rc == DIRECTORY_E_LOCKED)
        return is_closed(context, tenant, restoring->problem) ? OK : BACKUP_E_REFUSED;
    if (rc == OK)
        rc = directory_tenants(*ret_directory, look_for, &looking);
    if (rc == OK && !looking.found) {
        buf_addf(restoring->problem, "no tenant %s is known there: `lasnactl tenant add` it first.",
                 tenant->text);
        return BACKUP_E_REFUSED;
    }
    return FOLD(rc);
}

static __thread int linking_to; /* nftw() hands nothing on */

static int link_one(const char *path, const struct stat *stat_of, int kind, struct FTW *at)
{
    char name[NAME_MAX + 1];

    (void)stat_of;
    (void)snprintf(name, sizeof(name), "%s", path + at->base);
    if (kind != FTW_F || at->level != 1)
        return 0;
    return linkat(AT_FDCWD, path, linking_to, name, 0) == 0 ? 0 : 1;
}

/* A backup without the tenant's files leaves those there are: they get a second name beside the new
 * database, which costs no bytes. */
static int keep_files(struct restoring *restoring, const char *old, const char *new)
{
    char from[4096 + 8], to[4096 + 8];
    int rc = OK;

    (void)snprintf(from, sizeof(from), "%s/files", old);
    (void)snprintf(to, sizeof(to), "%s/files", new);
    if (access(from, F_OK) != 0 || access(to, F_OK) == 0)
        return OK;
    if (mkdir(to, 0700) != 0)
        return refuse(restoring, to, "cannot be made");
    linking_to = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (linking_to < 0 || nftw(from, link_one, 16, FTW_PHYS) != 0 || fsync(linking_to) != 0)
        rc = refuse(restoring, to, "cannot be filled with the files there are");
    if (linking_to >= 0)
        (void)close(linking_to);
    return rc == OK ? give_to_owner(restoring, to) : rc;
}

/* Where the file system cannot exchange two folders, there is a moment in which the tenant has
 * none: the old one waits in the staging folder. */
static int exchange(struct restoring *restoring, const char *old, const char *new)
{
    char aside[4096];

    if (renameat2(AT_FDCWD, new, AT_FDCWD, old, RENAME_EXCHANGE) == 0)
        return OK;
    if (errno == ENOENT)
        return rename(new, old) == 0 ? OK : refuse(restoring, old, "cannot be put in place");
    if ((errno != EINVAL && errno != ENOSYS && errno != EXDEV) ||
        !join(aside, restoring->staging, "replaced") || rename(old, aside) != 0 ||
        rename(new, old) != 0)
        return refuse(restoring, old, "cannot be replaced");
    return OK;
}

/* The whole folder in one step: database, its log and files belong together, and a kill finds the
 * old ones or the new ones. */
static int swap(struct restoring *restoring, const struct tenant_name *tenant)
{
    char old[4096], new[4096], name[128];
    int rc;

    (void)snprintf(name, sizeof(name), "tenants/%s", tenant->text);
    if (!join(old, restoring->wish->data, name) || !join(new, restoring->staging, name))
        return RAISE(ERR_LIMIT);
    rc = keep_files(restoring, old, new);
    if (rc == OK)
        rc = give_to_owner(restoring, new);
    if (rc == OK)
        rc = folder_sync(new);
    if (rc == OK)
        rc = exchange(restoring, old, new);
    (void)snprintf(name, sizeof(name), "tenants");
    if (rc == OK && join(old, restoring->wish->data, name))
        rc = folder_sync(old);
    return rc;
}

static int put_tenant(struct restoring *restoring, const struct tenant_name *tenant)
{
    int rc = stage_one(restoring, tenant);

    if (rc == OK)
        rc = settle(restoring);
    return rc == OK ? swap(restoring, tenant) : rc;
}

int restore_tenant(const struct restore_wish *wish, const struct tenant_name *tenant,
                   restore_closed_fn *is_closed, void *context, struct restore_report *ret_report,
                   struct buf *problem)
{
    struct restoring restoring = {
        .wish = wish, .report = ret_report, .problem = problem, .folder = -1
    };
    struct directory *directory = NULL;
    int rc;

    *ret_report = (struct restore_report){ 0 };
    rc = find_tenant(&restoring, tenant, is_closed, context, &directory);
    if (rc == OK)
        rc = put_tenant(&restoring, tenant);
    (void)directory_close(directory);
    return end(&restoring, rc);
}
