/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/billing/reading.h"

#include "base/format/text.h"
#include "chat/write.h"

/* --- words --- */

static int count_words(sqlite3 *db, uint64_t row, uint64_t *ret_words)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT text FROM messages m WHERE conversation = ?1 AND sender_kind = ?2 AND NOT "
            "EXISTS (SELECT 1 FROM files f WHERE f.conversation = m.conversation AND f.seq = "
            "m.seq)");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, FROM_VISITOR);
    for (*ret_words = 0; (code = sqlite3_step(stmt)) == SQLITE_ROW;)
        *ret_words += text_words(column_text(stmt, 0));
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

int billing_keep_words(sqlite3 *db, uint64_t row)
{
    sqlite3_stmt *stmt;
    uint64_t words = 0;
    int rc = count_words(db, row, &words);

    if (rc != OK)
        return rc;
    stmt = database_prepare(db, "UPDATE conversations SET faded_words = ?2 WHERE row = ?1");
    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, words);
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* --- lines --- */

static int put_line(sqlite3 *db, sqlite3_stmt *from, const json_t *line)
{
    AUTO_MEM char *text = json_dumps(line, JSON_COMPACT);
    sqlite3_stmt *stmt = database_prepare(
        db, "INSERT OR IGNORE INTO billing_erased (conversation, ended_ms, line) VALUES (?1, ?2, "
            "?3)");
    int rc = stmt == NULL ? ERR_IO : text == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    if (rc == OK) {
        bind_id(stmt, 1, column_id(from, 1));
        bind_number(stmt, 2, column_number(from, 2));
        bind_text(stmt, 3, slice_of(text));
        rc = step_run(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* Where no rules hold yet there is no line to keep. */
static int keep(sqlite3 *db, sqlite3_stmt *stmt)
{
    struct billing_reading reading = { .db = NULL };
    AUTO_JSON line = NULL;
    int rc = billing_reading_open(&reading, db, NULL, column_number(stmt, 2));

    if (rc == OK)
        rc = billing_line(&reading, column_number(stmt, 0), &line);
    if (rc == OK)
        rc = put_line(db, stmt, line);
    billing_reading_close(&reading);
    return rc == BILLING_E_NO_RULES ? OK : rc;
}

int billing_keep_erased(sqlite3 *db, struct visitor_id visitor)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT row, id, ended_ms FROM conversations WHERE visitor = ?1 AND state = 2 AND "
            "ended_ms >= (SELECT coalesce(max(to_ms), 0) FROM billing_statements) AND ended_ms > 0 "
            "ORDER BY row");
    int code = SQLITE_DONE, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, visitor.id);
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = keep(db, stmt);
    return walk_end(stmt, rc, code);
}
