/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/billing/reading.h"

#include "storage/sqlite/store_sqlite.h"

#include <stdio.h>

/* --- those that hold --- */

static int read_rules(struct billing_reading *reading, struct slice text)
{
    AUTO_JSON list = NULL;
    AUTO_BUF problem;

    buf_init(&problem, 1024);
    if (json_read(text, &list) != OK ||
        billing_rules_read(list, reading->currency[0] != '\0', &reading->rules, &problem) != OK)
        return RAISE(ERR_CORRUPT); /* they were checked when they came */
    return OK;
}

static int take_version(struct billing_reading *reading, sqlite3_stmt *stmt)
{
    reading->version = column_number(stmt, 0);
    if (!slice_copy(column_text(stmt, 1), reading->month, sizeof(reading->month)) ||
        !slice_copy(column_text(stmt, 2), reading->zone_name, sizeof(reading->zone_name)) ||
        !slice_copy(column_text(stmt, 3), reading->currency, sizeof(reading->currency)) ||
        !zone_parse(slice_of(reading->zone_name), &reading->zone))
        return RAISE(ERR_CORRUPT);
    return read_rules(reading, column_text(stmt, 4));
}

/* Each version says by its own zone which month a time is of. */
static bool is_of(struct billing_reading *reading, sqlite3_stmt *stmt, uint64_t at_ms)
{
    char zone_name[ZONE_TEXT_MAX + 1];
    struct zone zone;

    if (!slice_copy(column_text(stmt, 2), zone_name, sizeof(zone_name)) ||
        !zone_parse(slice_of(zone_name), &zone))
        return false;
    (void)slice_copy(column_text(stmt, 1), reading->month, sizeof(reading->month));
    return strcmp(period_of(&zone, PERIOD_MONTH, at_ms).name, reading->month) >= 0;
}

static int find_version(struct billing_reading *reading, const char *month, uint64_t at_ms)
{
    sqlite3_stmt *stmt = database_prepare(
        reading->db, "SELECT version, month, zone, currency, rules FROM billing_rules WHERE ?1 = "
                     "'' OR month <= ?1 ORDER BY month DESC, version DESC");
    int code, rc = BILLING_E_NO_RULES;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(month != NULL ? month : ""));
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        if (month == NULL && !is_of(reading, stmt, at_ms))
            continue;
        rc = take_version(reading, stmt);
        break;
    }
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? rc : RAISE(ERR_IO);
}

int billing_reading_open(struct billing_reading *reading, sqlite3 *db, const char *month,
                         uint64_t at_ms)
{
    int rc;

    *reading = (struct billing_reading){ .db = db };
    rc = find_version(reading, month, at_ms);
    if (rc != OK)
        return rc;
    reading->head = database_prepare(
        db, "SELECT c.id, c.visitor, c.opened_ms, c.ended_ms, c.language, c.stage, c.outcome, "
            "c.tags, c.faded_ms, c.faded_words, EXISTS (SELECT 1 FROM imported i WHERE "
            "i.conversation = c.row) FROM conversations c WHERE c.row = ?1");
    reading->messages = database_prepare(
        db, "SELECT m.sender_kind, m.at_ms, m.text, EXISTS (SELECT 1 FROM files f WHERE "
            "f.conversation = m.conversation AND f.seq = m.seq) FROM messages m WHERE "
            "m.conversation = ?1 ORDER BY m.seq");
    reading->before = database_prepare(
        db, "SELECT row, opened_ms, ended_ms FROM conversations WHERE visitor = ?1 AND "
            "opened_ms < ?2 AND state = 2 ORDER BY opened_ms DESC, id DESC");
    return reading->head != NULL && reading->messages != NULL && reading->before != NULL
               ? OK
               : RAISE(ERR_IO);
}

void billing_reading_close(struct billing_reading *reading)
{
    (void)sqlite3_finalize(reading->head);
    (void)sqlite3_finalize(reading->messages);
    (void)sqlite3_finalize(reading->before);
    (void)billing_rules_free(reading->rules);
    *reading = (struct billing_reading){ .db = NULL };
}

/* --- all --- */

struct listing {
    billing_version_fn *fn;
    void *context;
};

static int list(struct reader_db *reader, void *context)
{
    const struct listing *listing = context;
    sqlite3_stmt *stmt =
        database_prepare(reader->db, "SELECT version, month, zone, currency, rules, made_ms, "
                                     "made_by FROM billing_rules ORDER BY version DESC");
    int code = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct billing_version version = { .version = column_number(stmt, 0),
                                                 .month = column_text(stmt, 1),
                                                 .zone = column_text(stmt, 2),
                                                 .currency = column_text(stmt, 3),
                                                 .rules = column_text(stmt, 4),
                                                 .made_ms = column_number(stmt, 5),
                                                 .made_by = column_text(stmt, 6) };

        stopped = listing->fn(listing->context, &version);
    }
    return walk_end(stmt, stopped, code);
}

int billing_versions(struct store *store, const struct tenant_name *tenant, billing_version_fn *fn,
                     void *context)
{
    struct listing listing = { fn, context };

    return STORE_CALL(store, read, tenant, list, &listing);
}
