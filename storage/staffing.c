/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/staffing.h"

#include "storage/sqlite/store_sqlite.h"

static const uint64_t hour_ms = 3600000;

void staffing_see(struct staffing_hour *hour, const struct chat_counts *counts, unsigned seconds)
{
    hour->seen_s += seconds;
    hour->held_s += (uint64_t)seconds * counts->active;
    hour->queued_s += (uint64_t)seconds * counts->queued;
    if (!counts->open)
        return;
    hour->open_s += seconds;
    hour->staffed_s += counts->people_available > 0 ? seconds : 0;
    hour->agent_s += (uint64_t)seconds * counts->people_available;
}

static int apply(struct writer_db *writer, struct store_bulk *base)
{
    const struct staffing_hour *hour = &((const struct staffing_bulk *)base)->hour;
    sqlite3_stmt *stmt = database_prepare(
        writer->db,
        "INSERT INTO staffing (hour, seen_s, open_s, staffed_s, agent_s, held_s, queued_s) VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (hour) DO UPDATE SET seen_s = seen_s + "
        "excluded.seen_s, open_s = open_s + excluded.open_s, staffed_s = staffed_s + "
        "excluded.staffed_s, agent_s = agent_s + excluded.agent_s, held_s = held_s + "
        "excluded.held_s, queued_s = queued_s + excluded.queued_s");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, hour->hour);
    bind_number(stmt, 2, hour->seen_s);
    bind_number(stmt, 3, hour->open_s);
    bind_number(stmt, 4, hour->staffed_s);
    bind_number(stmt, 5, hour->agent_s);
    bind_number(stmt, 6, hour->held_s);
    bind_number(stmt, 7, hour->queued_s);
    rc = step_run(stmt);
    (void)sqlite3_finalize(stmt);
    return rc;
}

void staffing_bulk_init(struct staffing_bulk *bulk, const struct staffing_hour *hour)
{
    *bulk = (struct staffing_bulk){ .bulk.apply = apply, .hour = *hour };
}

struct asking {
    uint64_t since_ms, until_ms;
    staffing_fn *fn;
    void *context;
};

static int read_hours(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT hour, seen_s, open_s, staffed_s, agent_s, held_s, queued_s FROM "
                    "staffing WHERE hour >= ?1 AND (?2 = 0 OR hour < ?2) ORDER BY hour");
    int step = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, (asking->since_ms + hour_ms - 1) / hour_ms);
    bind_number(stmt, 2, (asking->until_ms + hour_ms - 1) / hour_ms);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct staffing_hour hour = { column_number(stmt, 0), column_number(stmt, 1),
                                            column_number(stmt, 2), column_number(stmt, 3),
                                            column_number(stmt, 4), column_number(stmt, 5),
                                            column_number(stmt, 6) };

        stopped = asking->fn(asking->context, &hour);
    }
    return walk_end(stmt, stopped, step);
}

int staffing_read(struct store *store, const struct tenant_name *tenant, uint64_t since_ms,
                  uint64_t until_ms, staffing_fn *fn, void *context)
{
    struct asking asking = { since_ms, until_ms, fn, context };

    return STORE_CALL(store, read, tenant, read_hours, &asking);
}
