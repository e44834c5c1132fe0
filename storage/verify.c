/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/verify.h"

#include "storage/billing/reading.h"
#include "storage/files.h"
#include "storage/sqlite/store_sqlite.h"

#include <inttypes.h>

/* Each counts what must not be there. */
static const struct {
    const char *sql, *what;
} rules[] = {
    { "SELECT count(*) FROM (SELECT conversation FROM messages GROUP BY conversation HAVING "
      "min(seq) <> 1 OR max(seq) <> count(*))",
      "conversations whose messages do not count from 1 without gaps" },
    { "SELECT count(*) FROM messages WHERE conversation NOT IN (SELECT row FROM conversations)",
      "messages of no conversation" },
    { "SELECT count(*) FROM events WHERE conversation NOT IN (SELECT row FROM conversations)",
      "events of no conversation" },
    { "SELECT count(*) FROM notes WHERE conversation NOT IN (SELECT row FROM conversations)",
      "notes of no conversation" },
    { "SELECT count(*) FROM revisions WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE "
      "m.conversation "
      "= revisions.conversation AND m.seq = revisions.seq)",
      "earlier words of no message" },
    { "SELECT count(*) FROM files f WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE "
      "m.conversation "
      "= f.conversation AND m.seq = f.seq)",
      "files of no message" },
    { "SELECT count(*) FROM codings WHERE conversation NOT IN (SELECT row FROM conversations)",
      "codings of no conversation" },
    { "SELECT count(*) FROM codes c WHERE NOT EXISTS (SELECT 1 FROM codings g WHERE g.coder = "
      "c.coder AND g.conversation = c.conversation)",
      "codes of no coding" },
    { "SELECT count(*) FROM notices WHERE conversation > 0 AND conversation NOT IN (SELECT row "
      "FROM "
      "conversations)",
      "notices of no conversation" },
    { "SELECT count(*) FROM notices WHERE hook > 0 AND hook NOT IN (SELECT row FROM hooks)",
      "notices to no webhook" },
    { "SELECT count(*) FROM orders WHERE visitor NOT IN (SELECT id FROM visitors)",
      "orders of no visitor" },
};

/* One number; 1: the pages do not give it. */
static int count(sqlite3 *db, const char *sql, uint64_t *ret_count)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);

    if (code == SQLITE_ROW)
        *ret_count = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : 1;
}

void verify_pages(sqlite3 *db, struct buf *problems)
{
    sqlite3_stmt *stmt = database_prepare(db, "PRAGMA integrity_check(10)");
    int code = SQLITE_ERROR;

    while (stmt != NULL && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (!slice_is(column_text(stmt, 0), "ok"))
            buf_addf(problems, "damaged: %.*s\n", SLICE_ARG(column_text(stmt, 0)));
    }
    (void)sqlite3_finalize(stmt);
    if (code != SQLITE_DONE)
        buf_addf(problems, "damaged: %s\n", sqlite3_errmsg(db));
}

static int walk(struct reader_db *reader, void *context)
{
    struct verify_report *report = context;
    uint64_t wrong;

    verify_pages(reader->db, &report->problems);
    if (report->problems.len > 0)
        return OK; /* counting on damaged pages tells nothing more */
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (count(reader->db, rules[i].sql, &wrong) != OK)
            buf_addf(&report->problems, "cannot be read: %s\n", sqlite3_errmsg(reader->db));
        else if (wrong > 0)
            buf_addf(&report->problems, "%" PRIu64 " %s\n", wrong, rules[i].what);
    }
    if (billing_verify(reader->db, &report->problems) != OK)
        buf_addf(&report->problems, "cannot be read: %s\n", sqlite3_errmsg(reader->db));
    (void)count(reader->db, "SELECT count(*) FROM conversations", &report->conversations);
    (void)count(reader->db, "SELECT count(*) FROM messages", &report->messages);
    return OK;
}

static int walk_files(struct reader_db *reader, void *context)
{
    struct verify_report *report = context;

    files_verify(reader->db, &report->problems);
    return OK;
}

int verify_files(struct store *store, const struct tenant_name *tenant,
                 struct verify_report *report)
{
    return STORE_CALL(store, read, tenant, walk_files, report);
}

int verify_store(struct store *store, const struct tenant_name *tenant,
                 struct verify_report *report)
{
    *report = (struct verify_report){ 0 };
    buf_init(&report->problems, 64 * 1024);
    return STORE_CALL(store, read, tenant, walk, report);
}
