/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/retention.h"

#include "storage/billing/reading.h"
#include "storage/sqlite/store_sqlite.h"
#include "storage/transcripts/search.h"

/* ?1: the conversation's row, ?2: now. A survey keeps its marks and loses its comment. */
static const char *const fade_sql[] = {
    "UPDATE messages SET text = '', name = CASE sender_kind WHEN 0 THEN '' ELSE name END "
    "WHERE conversation = ?1 AND ?2 > 0",
    "DELETE FROM calls WHERE event IN (SELECT row FROM events WHERE conversation = ?1) AND ?2 > 0",
    "UPDATE events SET detail = '' WHERE conversation = ?1 AND ?2 > 0",
    "DELETE FROM notes WHERE conversation = ?1 AND ?2 > 0",
    "DELETE FROM revisions WHERE conversation = ?1 AND ?2 > 0",
    "DELETE FROM files WHERE conversation = ?1 AND ?2 > 0",
    "DELETE FROM notices WHERE conversation = ?1 AND address <> '' AND ?2 > 0",
    "UPDATE conversations SET visitor_name = '', email = '', attributes = '', faded_ms = ?2, "
    "survey = CASE WHEN json_valid(survey) THEN json_remove(survey, '$.comment') ELSE '' END "
    "WHERE row = ?1",
    "UPDATE visitors SET name = '' WHERE id = (SELECT visitor FROM conversations WHERE row = ?1) "
    "AND ?2 > 0 AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.visitor = visitors.id AND "
    "c.faded_ms = 0)",
};

static int fade_one(sqlite3 *db, uint64_t row, uint64_t now_ms)
{
    int rc = billing_keep_words(db, row);

    if (rc != OK)
        return rc;
    for (size_t i = 0; i < sizeof(fade_sql) / sizeof(fade_sql[0]); i++) {
        sqlite3_stmt *stmt = database_prepare(db, fade_sql[i]);
        int code;

        if (stmt == NULL)
            return ERR_IO;
        bind_number(stmt, 1, row);
        bind_number(stmt, 2, now_ms);
        code = sqlite3_step(stmt);
        (void)sqlite3_finalize(stmt);
        if (code != SQLITE_DONE)
            return RAISE(ERR_IO);
    }
    return OK;
}

/* What came from elsewhere without any time counts from when it came; and what came before that was
 * written down, from always. Read whole before anything changes under the statement. */
static int choose(sqlite3 *db, uint64_t before_ms, uint64_t rows[FADE_AT_ONCE], size_t *ret_count)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT row, ended_ms FROM conversations WHERE faded_ms = 0 AND state = 2 AND ended_ms "
            "> 0 AND ended_ms < ?1 UNION ALL SELECT c.row, 0 FROM conversations c LEFT JOIN "
            "imported i ON i.conversation = c.row WHERE c.faded_ms = 0 AND c.state = 2 AND "
            "c.ended_ms = 0 AND coalesce(nullif(c.opened_ms, 0), i.at_ms, 0) < ?1 ORDER BY 2 LIMIT "
            "?2");
    int code = SQLITE_ERROR;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, before_ms);
    bind_number(stmt, 2, FADE_AT_ONCE);
    for (*ret_count = 0; (code = sqlite3_step(stmt)) == SQLITE_ROW; (*ret_count)++)
        rows[*ret_count] = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

/* ?1: those before then, ?2: now. An order's time to the second would still tell who it was. As
 * long as an answer waits for its round, whose it is must be known: they may be erased meanwhile.
 */
static const char *const fade_buyers_sql[] = {
    "UPDATE buyers SET id = randomblob(16), subject = '', at_ms = at_ms - at_ms % 86400000, "
    "faded_ms = ?2 WHERE id IN (SELECT id FROM buyers WHERE faded_ms = 0 AND at_ms < ?1 LIMIT ?3)",
    "DELETE FROM orders WHERE at_ms < ?1 AND ?2 > 0 AND ?3 > 0 AND NOT EXISTS (SELECT 1 FROM "
    "buyers "
    "WHERE buyers.id = orders.id)",
};

static int fade_buyers(sqlite3 *db, struct fading *fading)
{
    for (size_t i = 0; i < sizeof(fade_buyers_sql) / sizeof(fade_buyers_sql[0]); i++) {
        sqlite3_stmt *stmt = database_prepare(db, fade_buyers_sql[i]);
        int rc;

        if (stmt == NULL)
            return ERR_IO;
        bind_number(stmt, 1, fading->before_ms);
        bind_number(stmt, 2, fading->now_ms);
        bind_number(stmt, 3, FADE_AT_ONCE);
        rc = step_run(stmt);
        (void)sqlite3_finalize(stmt);
        if (rc != OK)
            return rc;
        if (i == 0)
            fading->buyers = (uint64_t)sqlite3_changes64(db);
    }
    return OK;
}

static int apply(struct writer_db *writer, struct store_bulk *bulk)
{
    struct fading *fading = (struct fading *)bulk;
    uint64_t rows[FADE_AT_ONCE];
    size_t count = 0;
    int rc = choose(writer->db, fading->before_ms, rows, &count);

    for (size_t i = 0; rc == OK && i < count; i++)
        rc = fade_one(writer->db, rows[i], fading->now_ms);
    fading->conversations = count;
    if (rc == OK)
        rc = fade_buyers(writer->db, fading);
    return rc == OK && count > 0 ? search_forget(writer) : rc;
}

void fading_init(struct fading *fading, uint64_t before_ms, uint64_t now_ms)
{
    *fading = (struct fading){ .bulk.apply = apply, .before_ms = before_ms, .now_ms = now_ms };
}
