/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/verify.h"

#include "storage/billing/reading.h"
#include "storage/buyers.h"
#include "storage/files.h"
#include "storage/hooks.h"
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
    { "SELECT count(*) FROM calls WHERE event NOT IN (SELECT row FROM events)",
      "calls of no event" },
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

/* Numbers that stand for a word of a short list, and amounts: each from 0 to below ?1. Whoever
 * reads them looks no further. */
static const struct {
    const char *sql, *what;
    uint64_t end;
} values[] = {
    { "SELECT count(*) FROM conversations WHERE state NOT BETWEEN 0 AND ?1 - 1",
      "conversations in no known state", CONVERSATION_STATE_COUNT },
    { "SELECT count(*) FROM messages WHERE sender_kind NOT BETWEEN 0 AND ?1 - 1",
      "messages of no known kind of sender", FROM_COUNT },
    { "SELECT count(*) FROM messages WHERE origin NOT BETWEEN 0 AND ?1 - 1",
      "messages of no known origin", ORIGIN_COUNT },
    { "SELECT count(*) FROM messages WHERE delivery NOT BETWEEN 0 AND ?1 - 1",
      "messages in no known state of delivery", DELIVERY_COUNT },
    { "SELECT count(*) FROM buyers WHERE told NOT BETWEEN 0 AND ?1 - 1",
      "buyers who answered in no known way", BUYER_IMPORTED + 1 },
    { "SELECT count(*) FROM billing_disputes WHERE state NOT BETWEEN 0 AND ?1 - 1",
      "disputes in no known state", DISPUTE_STATE_COUNT },
    { "SELECT count(*) FROM billing_disputes WHERE amount NOT BETWEEN 0 AND ?1 - 1",
      "disputes about no possible price", BILLING_PRICE_MAX + 1 },
    { "SELECT count(*) FROM billing_erased WHERE NOT json_valid(line) OR json_type(line, "
      "'$.conversation') IS NOT 'text' OR json_type(line, '$.rule') IS NOT 'text' OR "
      "coalesce(json_extract(line, '$.amount'), 0) NOT BETWEEN 0 AND ?1 - 1",
      "kept lines that are none", BILLING_PRICE_MAX + 1 },
};

/* One number; 1: the pages do not give it. */
static int count(sqlite3 *db, const char *sql, uint64_t end, uint64_t *ret_count)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code = SQLITE_ERROR;

    if (stmt != NULL && sqlite3_bind_parameter_count(stmt) > 0)
        bind_number(stmt, 1, end);
    if (stmt != NULL)
        code = sqlite3_step(stmt);
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

static void look(sqlite3 *db, const char *sql, uint64_t end, const char *what, struct buf *problems)
{
    uint64_t wrong = 0;

    if (count(db, sql, end, &wrong) != OK)
        buf_addf(problems, "cannot be read: %s\n", sqlite3_errmsg(db));
    else if (wrong > 0)
        buf_addf(problems, "%" PRIu64 " %s\n", wrong, what);
}

static int walk(struct reader_db *reader, void *context)
{
    struct verify_report *report = context;

    verify_pages(reader->db, &report->problems);
    if (report->problems.len > 0)
        return OK; /* counting on damaged pages tells nothing more */
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        look(reader->db, rules[i].sql, 0, rules[i].what, &report->problems);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        look(reader->db, values[i].sql, values[i].end, values[i].what, &report->problems);
    if (billing_verify(reader->db, &report->problems) != OK)
        buf_addf(&report->problems, "cannot be read: %s\n", sqlite3_errmsg(reader->db));
    (void)count(reader->db, "SELECT count(*) FROM conversations", 0, &report->conversations);
    (void)count(reader->db, "SELECT count(*) FROM messages", 0, &report->messages);
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

int verify_secrets(struct store *store, const struct tenant_name *tenant,
                   const struct tenant_keys *keys, struct verify_report *report)
{
    return hooks_check(store, tenant, keys, true, &report->problems);
}

int verify_store(struct store *store, const struct tenant_name *tenant,
                 struct verify_report *report)
{
    *report = (struct verify_report){ 0 };
    buf_init(&report->problems, 64 * 1024);
    return STORE_CALL(store, read, tenant, walk, report);
}
