/* SPDX-License-Identifier: Apache-2.0
 *
 * A database of transcripts that another server made, looked at before a core opens it. What runs
 * by itself in a database (triggers, views, modules of virtual tables) must be what our own
 * migrations make; and what it holds must be what `lasnactl verify` finds no fault with.
 */
#include "storage/backup/staging.h"

#include "storage/sqlite/migrations.h"

static int make_ours(sqlite3 **ret_db)
{
    int code = sqlite3_open_v2(":memory:", ret_db, SQLITE_OPEN_READWRITE, NULL);

    if (code != SQLITE_OK)
        return RAISE(ERR_IO);
    return FOLD(database_migrate(*ret_db, store_migrations, store_migration_count));
}

/* One step finds a row or not. */
static int is_there(sqlite3_stmt *stmt, sqlite3_stmt *theirs, bool *ret_there)
{
    int code;

    for (int i = 0; i < 3; i++)
        bind_text(stmt, i + 1, column_text(theirs, i));
    code = sqlite3_step(stmt);
    *ret_there = code == SQLITE_ROW;
    (void)sqlite3_reset(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int compare(sqlite3 *db, sqlite3 *ours, struct buf *problem)
{
    sqlite3_stmt *theirs = database_prepare(
        db, "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE type NOT IN ('table', "
            "'index') OR sql LIKE 'create virtual%'");
    sqlite3_stmt *stmt = database_prepare(
        ours, "SELECT 1 FROM sqlite_schema WHERE type = ?1 AND name = ?2 AND sql = ?3");
    int code = SQLITE_ERROR, rc = theirs == NULL || stmt == NULL ? ERR_IO : OK;
    bool there = true;

    while (rc == OK && there && (code = sqlite3_step(theirs)) == SQLITE_ROW)
        rc = is_there(stmt, theirs, &there);
    if (rc == OK && there && code != SQLITE_DONE)
        rc = RAISE(ERR_IO);
    (void)sqlite3_finalize(theirs);
    (void)sqlite3_finalize(stmt);
    if (rc == OK && !there)
        buf_add_text(problem, "its transcripts.db holds a trigger, view or virtual table that is "
                              "none of ours.");
    return rc;
}

static int look_at_schema(const char *path, struct buf *problem)
{
    sqlite3 *db = NULL, *ours = NULL;
    int rc = database_open(&db, path, DATABASE_READER);

    if (rc == OK)
        rc = make_ours(&ours);
    if (rc == OK)
        rc = compare(db, ours, problem);
    database_close(ours);
    database_close(db);
    return rc;
}

int staging_look_at_stranger(struct restoring *restoring, const struct tenant_name *tenant)
{
    char path[4096 + 64];
    struct snapshot_facts facts;
    int rc;

    (void)snprintf(path, sizeof(path), "%s/tenants/%s/transcripts.db", restoring->staging,
                   tenant->text);
    rc = look_at_schema(path, restoring->problem);
    if (rc == OK && restoring->problem->len == 0)
        rc = snapshot_look(PIECE_TRANSCRIPTS, path, &facts, restoring->problem);
    return rc == OK && restoring->problem->len > 0 ? BACKUP_E_REFUSED : rc;
}
