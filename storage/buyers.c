/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/buyers.h"

#include "storage/store_sqlite.h"

static int put(sqlite3_stmt *stmt, const struct buyer *buyer)
{
    bind_text(stmt, 1, buyer->id);
    bind_text(stmt, 2, buyer->subject);
    bind_number(stmt, 3, buyer->at_ms);
    (void)sqlite3_bind_int(stmt, 4, buyer->chatted ? 1 : 0);
    (void)sqlite3_bind_int(stmt, 5, buyer->bought);
    (void)sqlite3_bind_int64(stmt, 6, buyer->cents);
    bind_text(stmt, 7, buyer->currency);
    (void)sqlite3_bind_int(stmt, 8, buyer->recommend);
    (void)sqlite3_bind_int(stmt, 9, buyer->trust);
    (void)sqlite3_bind_int(stmt, 10, buyer->again);
    (void)sqlite3_bind_int(stmt, 11, buyer->satisfied);
    (void)sqlite3_bind_int(stmt, 12, buyer->solved);
    return step_run(stmt);
}

static int64_t count_all(sqlite3 *db)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT count(*) FROM buyers");
    int64_t count =
        stmt != NULL && sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : -1;

    (void)sqlite3_finalize(stmt);
    return count;
}

static int apply(struct writer_db *writer, struct store_bulk *base)
{
    struct buyers_bulk *bulk = (struct buyers_bulk *)base;
    int64_t before = count_all(writer->db), after;
    sqlite3_stmt *stmt = database_prepare(
        writer->db, "INSERT OR REPLACE INTO buyers (id, subject, at_ms, chatted, bought, cents, "
                    "currency, recommend, trust, again, satisfied, solved) VALUES (?1, ?2, ?3, "
                    "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    int rc = stmt == NULL || before < 0 ? ERR_IO : OK;

    for (size_t i = 0; rc == OK && i < bulk->count; i++)
        rc = put(stmt, &bulk->buyers[i]);
    (void)sqlite3_finalize(stmt);
    after = rc == OK ? count_all(writer->db) : -1;
    if (rc == OK && after < 0)
        rc = RAISE(ERR_IO);
    bulk->added = rc == OK ? (size_t)(after - before) : 0;
    return rc;
}

void buyers_bulk_init(struct buyers_bulk *bulk)
{
    *bulk = (struct buyers_bulk){ .bulk.apply = apply };
}

struct asking {
    uint64_t since_ms, until_ms;
    buyer_fn *fn;
    void *context;
};

static int read_buyers(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT id, subject, at_ms, chatted, bought, cents, currency, recommend, "
                    "trust, again, satisfied, solved FROM buyers WHERE at_ms >= ?1 AND (?2 = 0 OR "
                    "at_ms < ?2) ORDER BY id");
    int step = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, asking->since_ms);
    bind_number(stmt, 2, asking->until_ms);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct buyer buyer = { .id = column_text(stmt, 0),
                                     .subject = column_text(stmt, 1),
                                     .at_ms = column_number(stmt, 2),
                                     .chatted = column_number(stmt, 3) > 0,
                                     .bought = sqlite3_column_int(stmt, 4),
                                     .cents = sqlite3_column_int64(stmt, 5),
                                     .currency = column_text(stmt, 6),
                                     .recommend = sqlite3_column_int(stmt, 7),
                                     .trust = sqlite3_column_int(stmt, 8),
                                     .again = sqlite3_column_int(stmt, 9),
                                     .satisfied = sqlite3_column_int(stmt, 10),
                                     .solved = sqlite3_column_int(stmt, 11) };

        stopped = asking->fn(asking->context, &buyer);
    }
    (void)sqlite3_finalize(stmt);
    if (stopped != 0)
        return stopped;
    return step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

int buyers_read(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                uint64_t until_ms, buyer_fn *fn, void *context)
{
    struct asking asking = { since_ms, until_ms, fn, context };

    return STORE_CALL(store, read, tenant, read_buyers, &asking);
}
