/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/buyers.h"

#include "storage/sqlite/store_sqlite.h"

#define COLUMNS                                                                             \
    "id, told, subject, at_ms, chatted, bought, cents, currency, recommend, trust, again, " \
    "satisfied, effort, source, solved, anyway"

/* --- writing --- */

static int put(sqlite3_stmt *stmt, const struct buyer *buyer)
{
    bind_id(stmt, 1, buyer->id);
    (void)sqlite3_bind_int(stmt, 2, (int)buyer->told);
    bind_text(stmt, 3, buyer->subject);
    bind_number(stmt, 4, buyer->at_ms);
    (void)sqlite3_bind_int(stmt, 5, buyer->chatted ? 1 : 0);
    (void)sqlite3_bind_int(stmt, 6, buyer->bought);
    (void)sqlite3_bind_int64(stmt, 7, buyer->cents);
    bind_text(stmt, 8, buyer->currency);
    (void)sqlite3_bind_int(stmt, 9, buyer->recommend);
    (void)sqlite3_bind_int(stmt, 10, buyer->trust);
    (void)sqlite3_bind_int(stmt, 11, buyer->again);
    (void)sqlite3_bind_int(stmt, 12, buyer->satisfied);
    (void)sqlite3_bind_int(stmt, 13, buyer->effort);
    bind_text(stmt, 14, buyer->source);
    (void)sqlite3_bind_int(stmt, 15, buyer->solved);
    (void)sqlite3_bind_int(stmt, 16, buyer->anyway);
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

/* Taken in: the latest counts. Asked by us: once, but for what a browser alone had told. */
static const char put_sql[] =
    "INSERT INTO buyers (" COLUMNS ", faded_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
    "?11, ?12, ?13, ?14, ?15, ?16, 0) ON CONFLICT (id) DO UPDATE SET told = excluded.told, "
    "subject = excluded.subject, at_ms = excluded.at_ms, chatted = excluded.chatted, bought = "
    "excluded.bought, cents = excluded.cents, currency = excluded.currency, recommend = "
    "excluded.recommend, trust = excluded.trust, again = excluded.again, satisfied = "
    "excluded.satisfied, effort = excluded.effort, source = excluded.source, solved = "
    "excluded.solved, anyway = excluded.anyway WHERE excluded.told = 2 OR excluded.told > told";

static int apply(struct writer_db *writer, struct store_bulk *base)
{
    struct buyers_bulk *bulk = (struct buyers_bulk *)base;
    int64_t before = count_all(writer->db), after;
    sqlite3_stmt *stmt = database_prepare(writer->db, put_sql);
    int rc = stmt == NULL || before < 0 ? ERR_IO : OK;

    bulk->kept = 0;
    for (size_t i = 0; rc == OK && i < bulk->count; i++) {
        rc = put(stmt, &bulk->buyers[i]);
        bulk->kept += rc == OK && sqlite3_changes64(writer->db) == 0;
    }
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

/* Whoever was erased while it was on its way leaves no order behind. Nobody vouches for what a
 * browser tells: so many a day and no more, and none that is answered for, which would go with
 * them. */
static int apply_order(struct writer_db *writer, struct store_bulk *base)
{
    const struct order_bulk *bulk = (const struct order_bulk *)base;
    sqlite3_stmt *stmt = database_prepare(
        writer->db,
        "INSERT OR IGNORE INTO orders (id, visitor, at_ms) SELECT ?1, id, ?3 FROM "
        "visitors WHERE id = ?2 AND NOT EXISTS (SELECT 1 FROM buyers WHERE id = ?1) AND "
        "(SELECT count(*) FROM orders WHERE visitor = ?2 AND at_ms > ?3 - 86400000) < "
        "?4");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, bulk->order);
    bind_id(stmt, 2, bulk->visitor.id);
    bind_number(stmt, 3, bulk->at_ms);
    bind_number(stmt, 4, ORDERS_A_DAY);
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc;
}

void order_bulk_init(struct order_bulk *bulk, struct id order, struct visitor_id visitor,
                     uint64_t at_ms)
{
    *bulk = (struct order_bulk){
        .bulk.apply = apply_order, .order = order, .visitor = visitor, .at_ms = at_ms
    };
}

/* --- reading --- */

static struct buyer buyer_of(sqlite3_stmt *stmt)
{
    return (struct buyer){ .id = column_id(stmt, 0),
                           .told = (enum buyer_told)column_number(stmt, 1),
                           .subject = column_text(stmt, 2),
                           .at_ms = column_number(stmt, 3),
                           .chatted = column_number(stmt, 4) > 0,
                           .bought = sqlite3_column_int(stmt, 5),
                           .cents = sqlite3_column_int64(stmt, 6),
                           .currency = column_text(stmt, 7),
                           .recommend = sqlite3_column_int(stmt, 8),
                           .trust = sqlite3_column_int(stmt, 9),
                           .again = sqlite3_column_int(stmt, 10),
                           .satisfied = sqlite3_column_int(stmt, 11),
                           .effort = sqlite3_column_int(stmt, 12),
                           .source = column_text(stmt, 13),
                           .solved = sqlite3_column_int(stmt, 14),
                           .anyway = sqlite3_column_int(stmt, 15) };
}

/* Takes the statement over. */
static int walk(sqlite3_stmt *stmt, buyer_fn *fn, void *context)
{
    int step = SQLITE_DONE, stopped = 0;

    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct buyer buyer = buyer_of(stmt);

        stopped = fn(context, &buyer);
    }
    return walk_end(stmt, stopped, step);
}

struct asking {
    uint64_t since_ms, until_ms;
    struct visitor_id visitor;
    buyer_fn *fn;
    void *context;
};

static int read_buyers(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt =
        database_prepare(reader->db, "SELECT " COLUMNS " FROM buyers WHERE at_ms >= ?1 AND (?2 = 0 "
                                     "OR at_ms < ?2) ORDER BY id");

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, asking->since_ms);
    bind_number(stmt, 2, asking->until_ms);
    return walk(stmt, asking->fn, asking->context);
}

int buyers_read(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                uint64_t until_ms, buyer_fn *fn, void *context)
{
    struct asking asking = {
        .since_ms = since_ms, .until_ms = until_ms, .fn = fn, .context = context
    };

    return STORE_CALL(store, read, tenant, read_buyers, &asking);
}

static int read_of_visitor(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT " COLUMNS " FROM buyers WHERE id IN (SELECT id FROM orders WHERE "
                    "visitor = ?1) OR (subject <> '' AND subject = (SELECT subject FROM visitors "
                    "WHERE id = ?1)) ORDER BY at_ms, id");

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, asking->visitor.id);
    return walk(stmt, asking->fn, asking->context);
}

int buyers_of_visitor(struct store *store, const struct tenant_name *tenant,
                      struct visitor_id visitor, buyer_fn *fn, void *context)
{
    struct asking asking = { .visitor = visitor, .fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_of_visitor, &asking);
}

struct looking {
    struct id order;
    struct buyer_known *known;
};

static int look(struct reader_db *reader, void *context)
{
    const struct looking *looking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT b.told, EXISTS (SELECT 1 FROM conversations c WHERE "
                    "c.visitor = o.visitor) FROM (SELECT ?1 AS id) q LEFT JOIN buyers b ON "
                    "b.id = q.id LEFT JOIN orders o ON o.id = q.id");
    int step;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, looking->order);
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW)
        *looking->known =
            (struct buyer_known){ .answered = sqlite3_column_type(stmt, 0) != SQLITE_NULL,
                                  .told = (enum buyer_told)column_number(stmt, 0),
                                  .chatted = column_number(stmt, 1) != 0 };
    (void)sqlite3_finalize(stmt);
    return step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

int buyer_known(struct store *store, const struct tenant_name *tenant, struct id order,
                struct buyer_known *ret_known)
{
    struct looking looking = { order, ret_known };

    return STORE_CALL(store, read, tenant, look, &looking);
}
