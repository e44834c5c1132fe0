/* SPDX-License-Identifier: Apache-2.0
 *
 * A data folder that no core works on, looked through: `lasnactl verify DIR` on a stopped instance.
 */
#include "storage/backup/restore.h"

#include "storage/directory/directory_rows.h"
#include "storage/directory/tenant_keys.h"
#include "storage/hooks.h"
#include "storage/ledger.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/verify.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

struct checking {
    const char *data;
    struct directory *directory;
    bool has_keys; /* it was not made by a version of before */
    struct home_report *report;
    struct buf *problems;
};

/* --- who was erased and is here all the same --- */

struct ghosts {
    const struct visitor_id *visitors;
    size_t count, found;
};

static int count_ghosts(struct reader_db *reader, void *context)
{
    struct ghosts *ghosts = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT EXISTS (SELECT 1 FROM visitors WHERE id = ?1) OR EXISTS (SELECT 1 FROM "
                    "conversations WHERE visitor = ?1)");

    if (stmt == NULL)
        return ERR_IO;
    for (size_t i = 0; i < ghosts->count; i++) {
        bind_id(stmt, 1, ghosts->visitors[i].id);
        if (sqlite3_step(stmt) == SQLITE_ROW)
            ghosts->found += column_number(stmt, 0) != 0;
        (void)sqlite3_reset(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return OK;
}

static int look_for_ghosts(const struct checking *checking, const struct tenant_name *tenant,
                           struct store *view, struct buf *found)
{
    AUTO_MEM struct visitor_id *visitors = NULL;
    struct ghosts ghosts = { .count = 0 };
    int rc = ledger_read(checking->data, tenant, &visitors, &ghosts.count);

    if (rc != OK || ghosts.count == 0)
        return rc;
    ghosts.visitors = visitors;
    rc = STORE_CALL(view, read, tenant, count_ghosts, &ghosts);
    if (rc == OK && ghosts.found > 0)
        buf_addf(found, "%zu visitors who were erased are there: they go at the next start\n",
                 ghosts.found);
    return rc;
}

/* --- tenants --- */

/* The instance's key need not be there: what is sealed says by which key. */
static int look_at_secrets(const struct checking *checking, const struct tenant_name *tenant,
                           struct store *view, struct buf *found)
{
    struct tenant_keys keys;
    int rc = directory_keys_check(checking->directory, tenant, found);

    if (rc >= OK)
        rc = directory_keys_list(checking->directory, tenant, &keys);
    return rc == OK ? hooks_check(view, tenant, &keys, false, found) : rc;
}

/* What a database tells only at home: beside its files, and the ledger. */
static void look_around(const struct checking *checking, const struct tenant_name *tenant,
                        const char *path, struct buf *found)
{
    struct verify_report report = { 0 };
    AUTO(store) view = NULL;

    buf_init(&report.problems, 64 * 1024);
    if (store_view_open(&view, path) != OK || verify_files(view, tenant, &report) != OK)
        buf_add_text(found, "its transcripts.db cannot be read\n");
    else if (look_for_ghosts(checking, tenant, view, found) != OK)
        buf_add_text(found, "the ledger of erasures cannot be read\n");
    else if (checking->has_keys && look_at_secrets(checking, tenant, view, found) != OK)
        buf_add_text(found, "its keys cannot be read\n");
    buf_add_slice(found, buf_slice(&report.problems));
    buf_release(&report.problems);
}

static int check_tenant(void *context, const struct tenant *tenant)
{
    struct checking *checking = context;
    struct snapshot_facts facts = { 0 };
    char path[4096];
    AUTO_BUF found;

    buf_init(&found, 64 * 1024);
    if (tenant->state != TENANT_LIVE && tenant->state != TENANT_DISABLED)
        return 0;
    if (tenant->moving.from.text[0] != '\0') {
        buf_addf(checking->problems,
                 "%s: it was %s until a moment ago: the next start moves its "
                 "folder\n",
                 tenant->name.text, tenant->moving.from.text);
        return 0;
    }
    (void)snprintf(path, sizeof(path), "%s/tenants/%s/transcripts.db", checking->data,
                   tenant->name.text);
    if (access(path, F_OK) != 0)
        buf_add_text(&found, "its transcripts.db is missing\n");
    else if (snapshot_look(PIECE_TRANSCRIPTS, path, &facts, &found) != OK)
        buf_add_text(&found, "its transcripts.db cannot be read\n");
    else if (found.len == 0)
        look_around(checking, &tenant->name, path, &found);
    problems_tell(tenant->name.text, &found, checking->problems);
    checking->report->tenants++;
    checking->report->conversations += facts.conversations;
    checking->report->messages += facts.messages;
    return 0;
}

/* Nothing here is changed: not even a database of an older version is brought up to ours. */
static bool take_lock(const char *data, int *ret_lock)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/lock", data);
    *ret_lock = open(path, O_RDONLY | O_CLOEXEC);
    return *ret_lock < 0 || flock(*ret_lock, LOCK_SH | LOCK_NB) == 0;
}

int home_check(const char *data, struct home_report *ret_report, struct buf *problems)
{
    struct directory directory = { .lock = -1 };
    struct checking checking = {
        .data = data, .directory = &directory, .report = ret_report, .problems = problems
    };
    struct snapshot_facts facts;
    char path[4096];
    AUTO_FD lock = -1;
    AUTO_BUF found;

    buf_init(&found, 64 * 1024);
    *ret_report = (struct home_report){ 0 };
    if (!take_lock(data, &lock)) {
        buf_addf(problems, "an instance runs on %s: `lasnactl verify` without DIR asks it.", data);
        return BACKUP_E_REFUSED;
    }
    (void)snprintf(path, sizeof(path), "%s/lasna.db", data);
    if (snapshot_look(PIECE_DIRECTORY, path, &facts, &found) != OK)
        buf_add_text(&found, "it cannot be read\n");
    problems_tell("lasna.db", &found, problems);
    if (found.len > 0)
        return OK;
    checking.has_keys = facts.schema == directory_migration_count;
    if (database_open(&directory.db, path, DATABASE_READER) != OK ||
        directory_tenants(&directory, check_tenant, &checking) != OK)
        buf_add_text(problems, "lasna.db: its tenants cannot be read: was it made by another "
                               "version?\n");
    database_close(directory.db);
    return OK;
}
