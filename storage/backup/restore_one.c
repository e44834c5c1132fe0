/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/staging.h"

#include "storage/backup/record.h"
#include "storage/directory/directory.h"
#include "storage/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Its transcripts and files, and who is to be erased in them. */
static int stage_one(struct restoring *restoring, const struct piece *piece,
                     const struct tenant_name *now)
{
    AUTO(store) store = NULL;
    char path[4096];
    int rc = OK;

    if (staging_join(path, restoring->staging, "tenants"))
        rc = store_sqlite_open(&store, path, 1);
    return rc == OK ? staging_tenant(restoring, store, piece, now) : rc;
}

static int refuse_gone(struct restoring *restoring, const struct tenant_name *tenant)
{
    buf_addf(restoring->problem,
             "%s was removed after this was made, for good: what it held stays deleted.",
             tenant->text);
    return BACKUP_E_REFUSED;
}

static int refuse_missing(struct restoring *restoring, const struct tenant_name *tenant)
{
    buf_addf(restoring->problem, "it does not hold %s.", tenant->text);
    return BACKUP_E_REFUSED;
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
    if (rc == OK)
        rc = FOLD(record_ready(path, tenant));
    return rc == OK ? staging_shut_out_of_record(restoring, path) : rc;
}

/* What an import left that did not come to its end: nobody has adopted it. */
static int clear_place(struct restoring *restoring, const struct tenant_name *tenant)
{
    char name[128], path[4096];

    (void)snprintf(name, sizeof(name), "tenants/%s", tenant->text);
    if (!staging_exists(restoring->wish->data, name))
        return OK;
    if (!staging_join(path, restoring->wish->data, name))
        return RAISE(ERR_LIMIT);
    if (!staging_exists(path, "record.db")) {
        buf_addf(restoring->problem, "there is a folder %s already.", path);
        return BACKUP_E_REFUSED;
    }
    return folder_remove(path) == OK ? OK : staging_refuse(restoring, path, "cannot be removed");
}

static int stage_stranger(struct restoring *restoring, const struct tenant_name *tenant)
{
    const struct piece *piece = backup_find(restoring->wish->backup, PIECE_TRANSCRIPTS, tenant);
    struct tenant_name now;
    bool gone = false;
    int rc = piece == NULL ? refuse_missing(restoring, tenant) : staging_begin(restoring);

    if (rc == OK)
        rc = staging_stranger_is_gone(restoring, &gone);
    if (rc == OK)
        rc = staging_follow(restoring, tenant, &now);
    if (rc == OK && (gone || now.text[0] == '\0'))
        return refuse_gone(restoring, tenant);
    return rc == OK ? stage_one(restoring, piece, tenant) : rc;
}

static int put_stranger(struct restoring *restoring, const struct tenant_name *tenant)
{
    char name[128];
    int rc = stage_stranger(restoring, tenant);

    if (rc == OK)
        rc = staging_look_at_stranger(restoring, tenant);
    if (rc == OK)
        rc = stage_record(restoring, tenant);
    if (rc == OK)
        rc = staging_settle(restoring);
    if (rc == OK)
        rc = clear_place(restoring, tenant);
    (void)snprintf(name, sizeof(name), "tenants/%s", tenant->text);
    if (rc == OK)
        rc = staging_move(restoring, name);
    return rc == OK ? folder_sync(restoring->wish->data) : rc;
}

int restore_stranger(const struct restore_wish *wish, const struct tenant_name *tenant,
                     struct restore_report *ret_report, struct buf *problem)
{
    struct restoring restoring = {
        .wish = wish, .report = ret_report, .problem = problem, .folder = -1, .stranger = tenant
    };

    *ret_report = (struct restore_report){ 0 };
    return staging_end(&restoring, put_stranger(&restoring, tenant));
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

    if (!staging_exists(restoring->wish->data, "lasna.db")) {
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
        buf_addf(restoring->problem,
                 "no tenant %s is known there: `lasnactl tenant import` takes it over whole from a "
                 "backup of it alone, or `lasnactl tenant add` it first.",
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
        return staging_refuse(restoring, to, "cannot be made");
    linking_to = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (linking_to < 0 || nftw(from, link_one, 16, FTW_PHYS) != 0 || fsync(linking_to) != 0)
        rc = staging_refuse(restoring, to, "cannot be filled with the files there are");
    if (linking_to >= 0)
        (void)close(linking_to);
    return rc == OK ? staging_give_to_owner(restoring, to) : rc;
}

/* Where the file system cannot exchange two folders, there is a moment in which the tenant has
 * none: the old one waits in the staging folder. */
static int exchange(struct restoring *restoring, const char *place, const char *staged)
{
    char aside[4096];

    if (renameat2(AT_FDCWD, staged, AT_FDCWD, place, RENAME_EXCHANGE) == 0)
        return OK;
    if (errno == ENOENT)
        return rename(staged, place) == 0
                   ? OK
                   : staging_refuse(restoring, place, "cannot be put in place");
    if ((errno != EINVAL && errno != ENOSYS && errno != EXDEV) ||
        !staging_join(aside, restoring->staging, "replaced") || rename(place, aside) != 0 ||
        rename(staged, place) != 0)
        return staging_refuse(restoring, place, "cannot be replaced");
    return OK;
}

/* The whole folder in one step: database, its log and files belong together, and a kill finds the
 * old ones or the new ones. */
static int swap(struct restoring *restoring, const struct tenant_name *tenant)
{
    char old[4096], new[4096], name[128];
    int rc;

    (void)snprintf(name, sizeof(name), "tenants/%s", tenant->text);
    if (!staging_join(old, restoring->wish->data, name) ||
        !staging_join(new, restoring->staging, name))
        return RAISE(ERR_LIMIT);
    rc = keep_files(restoring, old, new);
    if (rc == OK)
        rc = staging_give_to_owner(restoring, new);
    if (rc == OK)
        rc = folder_sync(new);
    if (rc == OK)
        rc = exchange(restoring, old, new);
    (void)snprintf(name, sizeof(name), "tenants");
    if (rc == OK && staging_join(old, restoring->wish->data, name))
        rc = folder_sync(old);
    return rc;
}

/* What the backup calls it may be a name it had before; and what it calls so may be another's. */
static int stage_known(struct restoring *restoring, const struct tenant_name *tenant)
{
    const struct backup *backup = restoring->wish->backup;
    struct tenant_name now = { "" };
    int rc = OK;

    for (size_t i = 0; rc == OK && i < backup->count; i++) {
        if (backup->pieces[i].kind != PIECE_TRANSCRIPTS)
            continue;
        rc = staging_follow(restoring, &backup->pieces[i].tenant, &now);
        if (rc == OK && tenant_name_equal(&now, tenant))
            return stage_one(restoring, &backup->pieces[i], tenant);
    }
    if (rc != OK)
        return rc;
    if (backup_find(backup, PIECE_TRANSCRIPTS, tenant) == NULL)
        return refuse_missing(restoring, tenant);
    rc = staging_follow(restoring, tenant, &now);
    if (rc != OK || now.text[0] == '\0')
        return rc != OK ? rc : refuse_gone(restoring, tenant);
    buf_addf(restoring->problem, "%s was renamed after this was made: --tenant %s puts it back.",
             tenant->text, now.text);
    return BACKUP_E_REFUSED;
}

static int put_tenant(struct restoring *restoring, const struct tenant_name *tenant)
{
    int rc = staging_begin(restoring);

    if (rc == OK)
        rc = stage_known(restoring, tenant);

    if (rc == OK)
        rc = staging_settle(restoring);
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
    return staging_end(&restoring, rc);
}
