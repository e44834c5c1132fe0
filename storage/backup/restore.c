/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/backup/staging.h"

#include "storage/directory/directory.h"
#include "storage/directory/user_sessions.h"

#include <stdio.h>
#include <unistd.h>

static int look_for_instance(struct restoring *restoring)
{
    const char *data = restoring->wish->data;

    if (restoring->wish->backup->tenant.text[0] != '\0')
        buf_addf(restoring->problem,
                 "it holds %s alone: --tenant %s puts it back where that is known.",
                 restoring->wish->backup->tenant.text, restoring->wish->backup->tenant.text);
    else if (staging_exists(data, "lasna.db") || staging_exists(data, "tenants"))
        buf_addf(restoring->problem,
                 "%s holds an instance: move lasna.db and tenants away, and leave erasures there.",
                 data);
    else
        return OK;
    return BACKUP_E_REFUSED;
}

typedef int tenant_way(struct restoring *restoring, struct directory *directory,
                       const struct tenant_name *tenant);

static int each_tenant(struct restoring *restoring, struct directory *directory, tenant_way *way)
{
    const struct backup *backup = restoring->wish->backup;
    int rc = OK;

    for (size_t i = 0; rc == OK && i < backup->count; i++)
        if (backup->pieces[i].kind == PIECE_TRANSCRIPTS)
            rc = way(restoring, directory, &backup->pieces[i].tenant);
    return rc;
}

/* Tenants that are gone leave the directory, too; their pieces are not even opened. One that went
 * while the backup was made may have left the directory before its pieces. */
static int leave_out(struct restoring *restoring, struct directory *directory,
                     const struct tenant_name *tenant)
{
    struct tenant_name now;
    int rc = staging_follow(restoring, tenant, &now);

    if (rc != OK || now.text[0] != '\0')
        return rc;
    restoring->report->removed++;
    rc = directory_tenant_remove(directory, tenant);
    return rc == DIRECTORY_E_NONE ? OK : rc;
}

/* The backup bears the time before its directory was copied: that may know the first steps. */
static int rename_once(struct directory *directory, const struct tenant_name *from,
                       const struct ledger_line *fate)
{
    int rc = directory_tenant_renamed(directory, from, fate->at_ms);

    return rc == DIRECTORY_E_NONE ? directory_tenant_rename(directory, from, &fate->to, fate->at_ms)
                                  : rc;
}

/* Step by step, as it happened: each of its names stays its own. Of one that was left out nothing
 * is to follow: what bears its name by now may be another, which got it afterwards. */
static int rename_since(struct restoring *restoring, struct directory *directory,
                        const struct tenant_name *tenant)
{
    struct ledger_line fate = { .at_ms = 0 };
    struct tenant_name now;
    int rc = staging_follow(restoring, tenant, &now);

    if (rc != OK || now.text[0] == '\0')
        return rc;
    now = *tenant;
    rc = staging_fate(restoring, &now, 0, &fate);
    while (rc == OK && fate.at_ms > 0 && fate.kind == LEDGER_RENAMED) {
        rc = rename_once(directory, &now, &fate);
        now = fate.to;
        if (rc == OK)
            rc = staging_fate(restoring, &now, fate.at_ms, &fate);
    }
    if (rc == OK)
        rc = directory_tenant_moved(directory, &now);
    restoring->report->renamed += rc == OK && !tenant_name_equal(&now, tenant);
    return rc == DIRECTORY_E_NONE ? OK : FOLD(rc); /* it went while the backup was made */
}

/* The directory as it was, and in its audit a line that says so. */
static int stage_directory(struct restoring *restoring)
{
    const struct backup *backup = restoring->wish->backup;
    const struct piece *piece = backup_find(backup, PIECE_DIRECTORY, NULL);
    struct directory *directory = NULL;
    char path[4096], detail[128];
    int rc;

    if (piece == NULL || !staging_join(path, restoring->staging, "lasna.db")) {
        buf_add_text(restoring->problem, "it holds no lasna.db.");
        return BACKUP_E_REFUSED;
    }
    rc = backup_extract(backup, piece, path, restoring->problem);
    if (rc == OK)
        rc = directory_open(&directory, restoring->staging);
    if (rc != OK)
        return rc;
    (void)snprintf(detail, sizeof(detail), "made_at=%s", backup->made_at);
    rc = each_tenant(restoring, directory, leave_out);
    if (rc == OK)
        rc = each_tenant(restoring, directory, rename_since);
    if (rc == OK)
        rc = staging_shut_out(restoring, directory);
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

    if (!staging_join(path, restoring->staging, "tenants"))
        return RAISE(ERR_LIMIT);
    rc = store_sqlite_open(&store, path, 1);
    if (store == NULL)
        return rc;
    for (size_t i = 0; rc == OK && i < backup->count; i++) {
        struct tenant_name now;

        if (backup->pieces[i].kind != PIECE_TRANSCRIPTS)
            continue;
        rc = staging_follow(restoring, &backup->pieces[i].tenant, &now);
        if (rc == OK && now.text[0] != '\0')
            rc = staging_tenant(restoring, store, &backup->pieces[i], &now);
    }
    return rc;
}

static int put_all(struct restoring *restoring)
{
    int rc = look_for_instance(restoring);

    if (rc == OK)
        rc = staging_begin(restoring);
    if (rc == OK)
        rc = stage_directory(restoring);
    if (rc == OK)
        rc = stage_tenants(restoring);
    if (rc == OK)
        rc = staging_settle(restoring);
    if (rc == OK)
        rc = staging_move(restoring, "tenants");
    if (rc == OK)
        rc = staging_move(restoring, "lasna.db");
    return rc == OK && fsync(restoring->folder) != 0 ? RAISE(ERR_IO) : rc;
}

int restore_all(const struct restore_wish *wish, struct restore_report *ret_report,
                struct buf *problem)
{
    struct restoring restoring = {
        .wish = wish, .report = ret_report, .problem = problem, .folder = -1
    };

    *ret_report = (struct restore_report){ 0 };
    return staging_end(&restoring, put_all(&restoring));
}
