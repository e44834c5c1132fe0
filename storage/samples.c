/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/samples.h"

#include "storage/sqlite/store_sqlite.h"

/* --- writing --- */

/* Its row; 0: there was one of that name. */
static int put_head(sqlite3 *db, const struct sample_bulk *bulk, uint64_t *ret_row)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "INSERT INTO samples (name, book, machine, codes, seed, made_ms) VALUES (?1, ?2, ?3, "
            "?4, ?5, ?6) ON CONFLICT DO NOTHING");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(bulk->name));
    bind_text(stmt, 2, slice_of(bulk->book));
    bind_text(stmt, 3, slice_of(bulk->machine));
    bind_text(stmt, 4, slice_of(bulk->codes));
    bind_number(stmt, 5, bulk->seed);
    bind_number(stmt, 6, bulk->made_ms);
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    *ret_row = rc == OK && sqlite3_changes64(db) > 0 ? (uint64_t)sqlite3_last_insert_rowid(db) : 0;
    return rc;
}

/* One that was erased since it was drawn leaves a gap. */
static int put_places(sqlite3 *db, const struct sample_bulk *bulk, uint64_t row)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "INSERT INTO sampled (sample, place, conversation, stratum, weight) SELECT ?1, ?2, "
            "row, ?4, ?5 FROM conversations WHERE id = ?3");
    int rc = stmt == NULL ? ERR_IO : OK;

    for (size_t i = 0; rc == OK && i < bulk->count; i++) {
        const struct sample_place *place = &bulk->places[i];

        bind_number(stmt, 1, row);
        bind_number(stmt, 2, i + 1);
        bind_id(stmt, 3, place->conversation.id);
        bind_text(stmt, 4, slice_of(place->stratum));
        (void)sqlite3_bind_double(stmt, 5, place->weight);
        rc = step_run(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

static int apply_sample(struct writer_db *writer, struct store_bulk *base)
{
    struct sample_bulk *bulk = (struct sample_bulk *)base;
    uint64_t row = 0;
    int rc = put_head(writer->db, bulk, &row);

    bulk->exists = rc == OK && row == 0;
    return rc == OK && row > 0 ? put_places(writer->db, bulk, row) : rc;
}

void sample_bulk_init(struct sample_bulk *bulk)
{
    *bulk = (struct sample_bulk){ .bulk.apply = apply_sample };
}

void sample_bulk_release(struct sample_bulk *bulk)
{
    free(bulk->name);
    free(bulk->book);
    free(bulk->machine);
    free(bulk->codes);
    free(bulk->places);
    *bulk = (struct sample_bulk){ 0 };
}

static int apply_deal(struct writer_db *writer, struct store_bulk *base)
{
    const struct deal_bulk *bulk = (const struct deal_bulk *)base;
    sqlite3_stmt *stmt = database_prepare(
        writer->db, "UPDATE sampled SET first = ?3, second = ?4 WHERE sample = (SELECT row FROM "
                    "samples WHERE name = ?1) AND place = ?2");
    int rc = stmt == NULL ? ERR_IO : OK;

    for (size_t i = 0; rc == OK && i < bulk->count; i++) {
        bind_text(stmt, 1, slice_of(bulk->sample));
        bind_number(stmt, 2, bulk->deals[i].place);
        bind_text(stmt, 3, slice_of(bulk->deals[i].coders[0]));
        bind_text(stmt, 4, slice_of(bulk->deals[i].coders[1]));
        rc = step_run(stmt);
    }
    (void)sqlite3_finalize(stmt);
    return rc;
}

void deal_bulk_init(struct deal_bulk *bulk)
{
    *bulk = (struct deal_bulk){ .bulk.apply = apply_deal };
}

void deal_bulk_release(struct deal_bulk *bulk)
{
    for (size_t i = 0; i < bulk->count; i++) {
        free(bulk->deals[i].coders[0]);
        free(bulk->deals[i].coders[1]);
    }
    free(bulk->deals);
    free(bulk->sample);
    *bulk = (struct deal_bulk){ 0 };
}

/* --- reading --- */

/* What each reading below is asked for and gives. */
struct asking {
    const struct sample_frame *frame;
    struct slice name; /* of a sample, or a coder */
    struct conversation_id conversation;
    sample_chat_fn *chat_fn;
    stored_sample_fn *sample_fn;
    sampled_fn *sampled_fn;
    void *context;
    bool *waits;
};

static int end(sqlite3_stmt *stmt, int step, int stopped)
{
    (void)sqlite3_finalize(stmt);
    if (stopped != 0)
        return stopped;
    return step == SQLITE_DONE || step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

static int read_frame(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT c.id, " LANGUAGE ", c.stage, g.last_seq IS NOT NULL, EXISTS (SELECT 1 FROM codes k "
        "WHERE k.conversation = c.row AND k.coder = g.coder AND k.seq > 0 AND k.code IN (SELECT "
        "value FROM json_each(?3))) FROM conversations c LEFT JOIN codings g ON g.conversation = "
        "c.row AND g.last_seq = " LAST_SEQ " AND g.coder = (SELECT row FROM coders WHERE name = ?1 "
        "AND book = ?2) WHERE c.state = 2 AND " LAST_SEQ " > 0 AND c.faded_ms = 0 ORDER BY c.row");
    int step = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, asking->frame->machine.name);
    bind_text(stmt, 2, asking->frame->machine.book);
    bind_text(stmt, 3, slice_of(asking->frame->codes));
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct sample_chat chat = { { column_id(stmt, 0) },
                                    column_text(stmt, 1),
                                    column_text(stmt, 2),
                                    column_number(stmt, 3) > 0,
                                    column_number(stmt, 4) > 0 };

        stopped = asking->chat_fn(asking->context, &chat);
    }
    return end(stmt, step, stopped);
}

int samples_frame(struct store *store, const struct tenant_name *tenant,
                  const struct sample_frame *frame, sample_chat_fn *fn, void *context)
{
    struct asking asking = { .frame = frame, .chat_fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_frame, &asking);
}

static int read_list(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT name, book, machine, codes, seed, made_ms FROM samples ORDER BY row");
    int step = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct stored_sample row = { column_text(stmt, 0),   column_text(stmt, 1),
                                     column_text(stmt, 2),   column_text(stmt, 3),
                                     column_number(stmt, 4), column_number(stmt, 5) };

        stopped = asking->sample_fn(asking->context, &row);
    }
    return end(stmt, step, stopped);
}

int samples_list(struct store *store, const struct tenant_name *tenant, stored_sample_fn *fn,
                 void *context)
{
    struct asking asking = { .sample_fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_list, &asking);
}

#define CODED(who)                                                                           \
    "EXISTS (SELECT 1 FROM coders r JOIN codings g ON g.coder = r.row AND g.conversation = " \
    "c.row AND g.last_seq = " LAST_SEQ " WHERE r.name = " who " AND r.book = m.book)"
#define SETTLED CODED("'" SAMPLES_SETTLED "'")

/* LEFT JOIN: a sample of which everything was erased is still a sample. */
static int read_sampled(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT c.id, s.place, " LAST_SEQ ", " LANGUAGE ", s.stratum, s.first, s.second, "
        "s.weight, " CODED("s.first") ", " CODED(
            "s.second") ", " SETTLED ", c.faded_ms FROM samples m LEFT JOIN sampled s "
                        "ON s.sample = m.row LEFT JOIN "
                        "conversations c ON c.row = s.conversation WHERE m.name = ?1 "
                        "ORDER BY s.place");
    int step = SQLITE_ERROR, stopped = 0;
    bool any = false;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, asking->name);
    for (; stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW; any = true) {
        struct sampled row = { .conversation = { column_id(stmt, 0) },
                               .place = column_number(stmt, 1),
                               .last_seq = column_number(stmt, 2),
                               .language = column_text(stmt, 3),
                               .stratum = column_text(stmt, 4),
                               .coders = { column_text(stmt, 5), column_text(stmt, 6) },
                               .weight = sqlite3_column_double(stmt, 7),
                               .done = { column_number(stmt, 8) > 0, column_number(stmt, 9) > 0 },
                               .settled = column_number(stmt, 10) > 0,
                               .faded = column_number(stmt, 11) > 0 };

        if (sqlite3_column_type(stmt, 0) != SQLITE_NULL)
            stopped = asking->sampled_fn(asking->context, &row);
    }
    if (end(stmt, step, stopped) != OK)
        return stopped != 0 ? stopped : ERR_IO;
    return any ? OK : STORE_E_NONE;
}

int samples_read(struct store *store, const struct tenant_name *tenant, struct slice sample,
                 sampled_fn *fn, void *context)
{
    struct asking asking = { .name = sample, .sampled_fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_sampled, &asking);
}

static int read_waits(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT 1 FROM conversations c JOIN sampled s ON s.conversation = c.row JOIN samples m ON "
        "m.row = s.sample WHERE c.id = ?2 AND c.faded_ms = 0 AND CASE WHEN ?1 = '" SAMPLES_SETTLED
        "' THEN " CODED("s.first") " AND " CODED(
            "s.second") " AND NOT " SETTLED
                        " ELSE ?1 IN (s.first, s.second) AND NOT " CODED("?1") " END");
    int step;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, asking->name);
    bind_id(stmt, 2, asking->conversation.id);
    step = sqlite3_step(stmt);
    *asking->waits = step == SQLITE_ROW;
    return end(stmt, step, 0);
}

int samples_waits(struct store *store, const struct tenant_name *tenant, struct slice coder,
                  struct conversation_id conversation, bool *ret_waits)
{
    struct asking asking = { .name = coder, .conversation = conversation, .waits = ret_waits };

    return STORE_CALL(store, read, tenant, read_waits, &asking);
}
