/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/search.h"

#include "base/grow.h"
#include "storage/sqlite/store_sqlite.h"

enum { SEQ_BITS = 20 };
static const uint64_t SEQ_MASK = ((uint64_t)1 << SEQ_BITS) - 1;

/* --- into the index, on the writer's thread --- */

/* Only while the message still holds that text: what was erased or changed meanwhile must not come
 * back. */
static const char put_sql[] =
    "INSERT OR REPLACE INTO search (rowid, visitor, agent, other) SELECT ?1, CASE WHEN ?4 = 0 THEN "
    "?5 END, CASE WHEN ?4 = 1 THEN ?5 END, CASE WHEN ?4 > 1 THEN ?5 END WHERE EXISTS (SELECT 1 "
    "FROM messages WHERE conversation = ?2 AND seq = ?3 AND text <> '' AND edited_ms = ?6)";
/* What says something else by now is read anew. */
static const char again_sql[] =
    "UPDATE conversations SET indexed_seq = ?2 - 1, unindexed = 1 WHERE row = ?1 AND indexed_seq "
    ">= ?2 AND EXISTS "
    "(SELECT 1 FROM messages WHERE conversation = ?1 AND seq = ?2 AND text <> '' AND edited_ms <> "
    "?3)";
static const char mark_sql[] =
    "UPDATE conversations SET indexed_seq = ?2, unindexed = ?2 < (SELECT max(seq) FROM messages "
    "WHERE conversation = ?1) WHERE row = ?1 AND indexed_seq < ?2";

static const char fresh_sql[] = "UPDATE conversations SET stale = 0 WHERE row = ?1";
/* Base forms are Finnish words' alone; a source that is not known may be of another way altogether.
 */
static const char stale_sql[] = "UPDATE conversations AS c SET stale = 1 WHERE indexed_seq > 0 AND "
                                "(substr(" LANGUAGE ", 1, 2) = 'fi' OR EXISTS (SELECT 1 FROM "
                                "search_forms WHERE source = ''))";
static const char source_sql[] = "UPDATE search_forms SET source = ?1";

static int put(sqlite3_stmt *stmt, const struct search_row *row)
{
    bind_number(stmt, 1, row->conversation << SEQ_BITS | row->seq);
    bind_number(stmt, 2, row->conversation);
    bind_number(stmt, 3, row->seq);
    bind_number(stmt, 4, row->from);
    bind_text(stmt, 5, slice_of(row->words));
    bind_number(stmt, 6, row->edited_ms);
    return step_run(stmt);
}

static int read_again(sqlite3_stmt *stmt, const struct search_row *row)
{
    bind_number(stmt, 1, row->conversation);
    bind_number(stmt, 2, row->seq);
    bind_number(stmt, 3, row->edited_ms);
    return step_run(stmt);
}

static int mark(sqlite3_stmt *stmt, const struct search_bulk *bulk, const struct search_row *last)
{
    bind_number(stmt, 1, last->conversation);
    if (!bulk->is_of_stale)
        bind_number(stmt, 2, last->seq);
    return step_run(stmt);
}

int search_forget(struct writer_db *writer)
{
    int rc =
        database_run(writer->db, "DELETE FROM search WHERE rowid IN (SELECT id FROM search_gone)");

    if (rc == OK && sqlite3_changes(writer->db) > 0)
        rc = database_run(writer->db, "INSERT INTO search (search) VALUES ('optimize')");
    return rc == OK ? database_run(writer->db, "DELETE FROM search_gone") : rc;
}

#define CHANGED                                                                           \
    "(SELECT g.id FROM search_gone g JOIN messages m ON m.conversation = g.id >> 20 AND " \
    "m.seq = (g.id & 1048575) WHERE m.edited_ms > 0 OR m.withdrawn_ms > 0)"

/* What messages said before they were changed. Nobody asked for it to be forgotten, so the index's
 * pages need not be cleaned of it as in search_forget(). */
static int take_out_changed(struct writer_db *writer)
{
    int rc = database_run(writer->db, "DELETE FROM search WHERE rowid IN " CHANGED);

    return rc == OK ? database_run(writer->db, "DELETE FROM search_gone WHERE id IN " CHANGED) : rc;
}

/* The stretch is in: of what changed while it was on its way, once more. */
static int put_right(struct writer_db *writer, const struct search_bulk *bulk)
{
    sqlite3_stmt *stmt = database_prepare(writer->db, again_sql);
    int rc = stmt == NULL ? RAISE(ERR_IO) : OK;

    for (size_t i = 0; rc == OK && i < bulk->count; i++)
        rc = read_again(stmt, &bulk->rows[i]);
    (void)sqlite3_finalize(stmt);
    return rc;
}

/* Where base forms come from another source now, what stands there by the one before is stale. */
static int note_source(struct writer_db *writer, const char *source)
{
    sqlite3_stmt *stmt = database_prepare(writer->db, source_sql);
    int rc = stmt == NULL ? RAISE(ERR_IO) : database_run(writer->db, stale_sql);

    if (rc == OK) {
        bind_text(stmt, 1, slice_of(source));
        rc = step_run(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

static int apply(struct writer_db *writer, struct store_bulk *base)
{
    const struct search_bulk *bulk = (const struct search_bulk *)base;
    sqlite3_stmt *put_stmt = database_prepare(writer->db, put_sql);
    sqlite3_stmt *mark_stmt =
        database_prepare(writer->db, bulk->is_of_stale ? fresh_sql : mark_sql);
    int rc = put_stmt == NULL || mark_stmt == NULL ? RAISE(ERR_IO) : take_out_changed(writer);

    if (rc == OK)
        rc = search_forget(writer);
    if (rc == OK && bulk->source != NULL)
        rc = note_source(writer, bulk->source); /* before its own rows, which are from it */
    for (size_t i = 0; rc == OK && i < bulk->count; i++) {
        bool last =
            i + 1 == bulk->count || bulk->rows[i + 1].conversation != bulk->rows[i].conversation;

        rc = put(put_stmt, &bulk->rows[i]);
        if (rc == OK && last)
            rc = mark(mark_stmt, bulk, &bulk->rows[i]);
    }
    if (rc == OK)
        rc = put_right(writer, bulk);
    (void)sqlite3_finalize(put_stmt);
    (void)sqlite3_finalize(mark_stmt);
    return rc;
}

void search_bulk_init(struct search_bulk *bulk)
{
    *bulk = (struct search_bulk){ .bulk.apply = apply };
}

void search_bulk_release(struct search_bulk *bulk)
{
    for (size_t i = 0; i < bulk->count; i++)
        free(bulk->rows[i].words);
    free(bulk->rows);
    *bulk = (struct search_bulk){ 0 };
}

int search_bulk_add(struct search_bulk *bulk, const struct search_row *row)
{
    if (GROW(bulk->rows, bulk->count, &bulk->cap) != OK) {
        free(row->words);
        return ERR_NO_MEMORY;
    }
    bulk->rows[bulk->count++] = *row;
    return OK;
}

/* --- what is not indexed --- */

struct pending {
    size_t limit;
    search_pending_fn *fn;
    void *context;
    const char *source;
    bool *is;
};

static int end(sqlite3_stmt *stmt, int step, int stopped)
{
    return walk_end(stmt, stopped, step);
}

#define TO_INDEX "SELECT c.row, " LANGUAGE ", m.seq, m.sender_kind, m.text, m.edited_ms FROM "

static int walk_message(sqlite3_stmt *stmt, const struct pending *pending)
{
    const struct stored_message message = { .seq = column_number(stmt, 2),
                                            .from = (enum message_from)column_number(stmt, 3),
                                            .text = column_text(stmt, 4),
                                            .edited_ms = column_number(stmt, 5) };

    return pending->fn(pending->context, column_number(stmt, 0), column_text(stmt, 1), &message);
}

static int read_pending(struct reader_db *reader, void *context)
{
    const struct pending *pending = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, TO_INDEX
        "conversations c INDEXED BY conversations_unindexed JOIN messages m ON m.conversation = "
        "c.row AND m.seq > c.indexed_seq WHERE c.unindexed = 1 ORDER BY c.row, m.seq LIMIT ?1");
    int step = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, pending->limit);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW)
        stopped = walk_message(stmt, pending);
    return end(stmt, step, stopped);
}

/* A conversation begun is read to its end, so that it is fresh as a whole. */
static int read_stale(struct reader_db *reader, void *context)
{
    const struct pending *pending = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, TO_INDEX "conversations c INDEXED BY conversations_stale CROSS JOIN messages m "
                             "ON m.conversation = c.row "
                             "AND m.seq <= c.indexed_seq WHERE c.stale = 1 ORDER BY c.row, m.seq");
    int step = SQLITE_DONE, stopped = 0;
    uint64_t open = 0;

    if (stmt == NULL)
        return ERR_IO;
    for (size_t count = 0; stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW; count++) {
        if (column_number(stmt, 0) != open && count >= pending->limit) {
            step = SQLITE_DONE;
            break;
        }
        open = column_number(stmt, 0);
        stopped = walk_message(stmt, pending);
    }
    return end(stmt, step, stopped);
}

int search_stale(struct store *store, const struct tenant_name *tenant, size_t limit,
                 search_pending_fn *fn, void *context)
{
    struct pending pending = { .limit = limit, .fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_stale, &pending);
}

static int read_source(struct reader_db *reader, void *context)
{
    const struct pending *pending = context;
    sqlite3_stmt *stmt =
        database_prepare(reader->db, "SELECT 1 FROM search_forms WHERE source = ?1");
    int step;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(pending->source));
    step = sqlite3_step(stmt);
    *pending->is = step == SQLITE_ROW;
    return end(stmt, step == SQLITE_ROW ? SQLITE_DONE : step, 0);
}

int search_is_from(struct store *store, const struct tenant_name *tenant, const char *source,
                   bool *ret_is)
{
    struct pending pending = { .source = source, .is = ret_is };

    return STORE_CALL(store, read, tenant, read_source, &pending);
}

int search_pending(struct store *store, const struct tenant_name *tenant, size_t limit,
                   search_pending_fn *fn, void *context)
{
    struct pending pending = { .limit = limit, .fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_pending, &pending);
}

/* --- finding --- */

struct finding {
    const struct search_wish *wish;
    search_hit_fn *fn;
    void *context;
    uint64_t low, high; /* rows of conversations in the time wished for, high exclusive */
};

/* Conversations of a time stand near each other, so their rows bound the search. */
static int bound(struct reader_db *reader, struct finding *finding)
{
    const struct search_wish *wish = finding->wish;
    sqlite3_stmt *stmt;
    int step;

    finding->high = (uint64_t)1 << 42;
    if (wish->since_ms == 0 && wish->until_ms == 0)
        return OK;
    stmt = database_prepare(reader->db, "SELECT min(row), max(row) + 1 FROM conversations WHERE "
                                        "opened_ms >= ?1 AND opened_ms < ?2");
    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, wish->since_ms);
    bind_number(stmt, 2, wish->until_ms > 0 ? wish->until_ms : INT64_MAX);
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        finding->low = column_number(stmt, 0);
        finding->high = column_number(stmt, 1);
    }
    (void)sqlite3_finalize(stmt);
    return step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

static struct search_hit hit_of(sqlite3_stmt *stmt)
{
    return (struct search_hit){ .place = column_number(stmt, 0),
                                .conversation = { column_id(stmt, 1) },
                                .language = column_text(stmt, 2),
                                .stage = column_text(stmt, 3),
                                .opened_ms = column_number(stmt, 4),
                                .message = { .seq = column_number(stmt, 0) & SEQ_MASK,
                                             .from = (enum message_from)column_number(stmt, 5),
                                             .name = column_text(stmt, 6),
                                             .at_ms = column_number(stmt, 7),
                                             .text = column_text(stmt, 8) } };
}

static const char find_sql[] =
    "SELECT s.rowid, c.id, " LANGUAGE ", c.stage, c.opened_ms, m.sender_kind, m.name, m.at_ms, "
    "m.text "
    "FROM search s CROSS JOIN conversations c ON c.row = s.rowid >> 20 CROSS JOIN messages m ON "
    "m.conversation = c.row AND m.seq = (s.rowid & 1048575) WHERE search MATCH ?1 AND s.rowid >= "
    "?2 "
    "AND s.rowid < ?3 AND c.opened_ms >= ?4 AND c.opened_ms < ?5 AND (?6 = '' OR c.stage = ?6) "
    "AND (?8 = '' OR EXISTS (SELECT 1 FROM json_each(c.tags) WHERE value = ?8)) AND (?9 = '' OR "
    "EXISTS (SELECT 1 FROM messages a WHERE a.conversation = c.row AND a.sender_kind = 1 AND ?9 IN "
    "(a.name, a.sender))) ORDER BY s.rowid DESC LIMIT ?7";

static int read_hits(struct reader_db *reader, void *context)
{
    struct finding *finding = context;
    const struct search_wish *wish = finding->wish;
    int step = SQLITE_DONE, stopped = 0, rc = bound(reader, finding);
    sqlite3_stmt *stmt = rc == OK ? database_prepare(reader->db, find_sql) : NULL;
    uint64_t high = finding->high << SEQ_BITS;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(wish->match));
    bind_number(stmt, 2, finding->low << SEQ_BITS);
    bind_number(stmt, 3, wish->before > 0 && wish->before < high ? wish->before : high);
    bind_number(stmt, 4, wish->since_ms);
    bind_number(stmt, 5, wish->until_ms > 0 ? wish->until_ms : INT64_MAX);
    bind_text(stmt, 6, slice_of(wish->stage));
    bind_number(stmt, 7, wish->limit);
    bind_text(stmt, 8, slice_of(wish->tag));
    bind_text(stmt, 9, slice_of(wish->agent));
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct search_hit hit = hit_of(stmt);

        stopped = finding->fn(finding->context, &hit);
    }
    return end(stmt, step, stopped);
}

int search_find(struct store *store, const struct tenant_name *tenant,
                const struct search_wish *wish, search_hit_fn *fn, void *context)
{
    struct finding finding = { .wish = wish, .fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_hits, &finding);
}
