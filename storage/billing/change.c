/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/billing/reading.h"

#include "base/clock.h"
#include "storage/sqlite/store_sqlite.h"

/* One number; `ret` stays where there is no row. */
static int ask(sqlite3 *db, const char *sql, struct slice text, uint64_t number, uint64_t *ret)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, text);
    bind_number(stmt, 2, number);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *ret = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int run(sqlite3_stmt *stmt)
{
    int rc = step_run(stmt);

    (void)sqlite3_finalize(stmt);
    return rc;
}

/* --- rules --- */

static int refuse_rules(sqlite3 *db, struct billing_change *change)
{
    struct billing_basis basis;
    uint64_t others = 0;
    int rc = billing_basis_of(db, &basis);

    if (rc == OK && strcmp(basis.last, "") != 0 &&
        strncmp(change->month.data, basis.last, change->month.len) <= 0)
        change->refusal = BILLING_MONTH_CLOSED;
    if (rc == OK)
        rc = ask(db,
                 "SELECT count(*) FROM billing_statements WHERE coalesce(json_extract(document, "
                 "'$.currency'), '') <> ?1 AND ?2 = 0",
                 change->currency, 0, &others);
    if (others > 0 && change->refusal == BILLING_DONE)
        change->refusal = BILLING_OTHER_CURRENCY;
    return rc;
}

static int add_rules(struct writer_db *writer, struct store_bulk *bulk)
{
    struct billing_change *change = (struct billing_change *)bulk;
    int rc = refuse_rules(writer->db, change);
    sqlite3_stmt *stmt;

    if (rc != OK || change->refusal != BILLING_DONE)
        return rc;
    stmt = database_prepare(writer->db,
                            "INSERT INTO billing_rules (month, zone, currency, rules, made_ms, "
                            "made_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, change->month);
    bind_text(stmt, 2, change->zone);
    bind_text(stmt, 3, change->currency);
    bind_text(stmt, 4, change->text);
    bind_number(stmt, 5, change->at_ms);
    bind_text(stmt, 6, change->who);
    rc = run(stmt);
    change->number = (uint64_t)sqlite3_last_insert_rowid(writer->db);
    return rc;
}

/* --- closing --- */

static bool is_as_read(const struct billing_basis *now, const struct billing_basis *then)
{
    return now->versions == then->versions && now->accepted == then->accepted &&
           strcmp(now->last, then->last) == 0;
}

/* Whether a conversation of the month changed since. */
static int read_touched(sqlite3 *db, const struct billing_change *change, uint64_t *ret_touched)
{
    sqlite3_stmt *stmt = database_prepare(
        db,
        "SELECT count(*) FROM billing_touched WHERE number > ?1 AND ended_ms >= ?2 AND ended_ms "
        "< ?3");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, change->basis.touched);
    bind_number(stmt, 2, change->period.from_ms);
    bind_number(stmt, 3, change->period.to_ms);
    code = sqlite3_step(stmt);
    *ret_touched = code == SQLITE_ROW ? column_number(stmt, 0) : 0;
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

static int refuse_closing(sqlite3 *db, struct billing_change *change)
{
    struct billing_basis now;
    uint64_t touched = 0;
    int rc = billing_basis_of(db, &now);

    if (rc == OK)
        rc = read_touched(db, change, &touched);
    if (rc != OK)
        return rc;
    if (now.next[0] != '\0' && !slice_is(change->month, now.next))
        change->refusal = BILLING_NOT_NEXT;
    else if (!is_as_read(&now, &change->basis) || touched > 0)
        change->refusal = BILLING_CHANGED;
    return OK;
}

/* What is closed is touched by nothing any more. */
static int forget_touched(sqlite3 *db, uint64_t to_ms)
{
    sqlite3_stmt *stmt = database_prepare(db, "DELETE FROM billing_touched WHERE ended_ms < ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, to_ms);
    return run(stmt);
}

static int note_credited(sqlite3 *db, struct slice month)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "UPDATE billing_disputes SET credited = ?1 WHERE state = 1 AND credited = ''");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, month);
    return run(stmt);
}

static int close_month(struct writer_db *writer, struct store_bulk *bulk)
{
    struct billing_change *change = (struct billing_change *)bulk;
    int rc = refuse_closing(writer->db, change);
    sqlite3_stmt *stmt;

    if (rc != OK || change->refusal != BILLING_DONE)
        return rc;
    stmt = database_prepare(writer->db, "INSERT INTO billing_statements (month, from_ms, to_ms, "
                                        "closed_ms, closed_by, digest, document) VALUES (?1, ?2, "
                                        "?3, ?4, ?5, ?6, ?7)");
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, change->month);
    bind_number(stmt, 2, change->period.from_ms);
    bind_number(stmt, 3, change->period.to_ms);
    bind_number(stmt, 4, change->at_ms);
    bind_text(stmt, 5, change->who);
    (void)sqlite3_bind_blob(stmt, 6, change->digest.bytes, DIGEST_BYTES, SQLITE_STATIC);
    bind_text(stmt, 7, change->text);
    rc = run(stmt);
    if (rc == OK)
        rc = forget_touched(writer->db, change->period.to_ms);
    return rc == OK ? note_credited(writer->db, change->month) : rc;
}

char *billing_closed_document(const struct billing_statement *draft, uint64_t at_ms,
                              const char *who)
{
    AUTO_JSON document = json_copy(draft->document);
    char at[CLOCK_TEXT_BYTES];

    clock_format(at_ms, at);
    if (json_object_set_new(document, "state", json_string("closed")) != 0 ||
        json_object_set_new(document, "closed_at", json_string(at)) != 0 ||
        json_object_set_new(document, "closed_by", json_string(who)) != 0)
        return NULL;
    return json_dumps(document, JSON_COMPACT);
}

/* --- disputes --- */

/* The line of a closed statement; NULL: none. Borrowed from the document. */
static const json_t *line_of(const json_t *document, uint64_t number)
{
    const json_t *lines = json_object_get(document, "lines");

    return number > 0 ? json_array_get(lines, (size_t)number - 1) : NULL;
}

static int read_document(sqlite3 *db, struct slice month, json_t **ret_document)
{
    sqlite3_stmt *stmt =
        database_prepare(db, "SELECT document FROM billing_statements WHERE month = ?1");
    int code, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, month);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW && json_read(column_text(stmt, 0), ret_document) != OK)
        rc = RAISE(ERR_CORRUPT);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? rc : RAISE(ERR_IO);
}

static int refuse_dispute(sqlite3 *db, const json_t *line, struct billing_change *change)
{
    uint64_t known = 0;
    int rc = ask(db, "SELECT count(*) FROM billing_disputes WHERE month = ?1 AND line = ?2",
                 change->month, change->line, &known);

    if (line == NULL)
        change->refusal = BILLING_NO_LINE;
    else if (!json_is_true(json_object_get(line, "billable")))
        change->refusal = BILLING_NOT_BILLED;
    else if (known > 0)
        change->refusal = BILLING_DISPUTED;
    return rc;
}

static int put_dispute(sqlite3 *db, const json_t *line, struct billing_change *change)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "INSERT INTO billing_disputes (month, line, conversation, amount, reason, made_ms, "
            "made_by) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    struct id id = { { 0 } };
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    (void)id_parse(slice_of(json_string_value(json_object_get(line, "conversation"))), &id);
    bind_text(stmt, 1, change->month);
    bind_number(stmt, 2, change->line);
    bind_id(stmt, 3, id);
    (void)sqlite3_bind_int64(stmt, 4, json_integer_value(json_object_get(line, "amount")));
    bind_text(stmt, 5, change->text);
    bind_number(stmt, 6, change->at_ms);
    bind_text(stmt, 7, change->who);
    rc = run(stmt);
    change->number = (uint64_t)sqlite3_last_insert_rowid(db);
    return rc;
}

static int dispute(struct writer_db *writer, struct store_bulk *bulk)
{
    struct billing_change *change = (struct billing_change *)bulk;
    AUTO_JSON document = NULL;
    const json_t *line = NULL;
    int rc = read_document(writer->db, change->month, &document);

    if (rc == OK) {
        line = line_of(document, change->line);
        rc = refuse_dispute(writer->db, line, change);
    }
    if (rc != OK || change->refusal != BILLING_DONE)
        return rc;
    return put_dispute(writer->db, line, change);
}

static int refuse_decision(sqlite3 *db, struct billing_change *change)
{
    uint64_t state = DISPUTE_STATE_COUNT;
    int rc = ask(db, "SELECT state FROM billing_disputes WHERE ?1 = '' AND row = ?2",
                 SLICE_LITERAL(""), change->number, &state);

    if (state == DISPUTE_STATE_COUNT)
        change->refusal = BILLING_NO_DISPUTE;
    else if (state != DISPUTE_OPEN)
        change->refusal = BILLING_DECIDED;
    return rc;
}

static int decide(struct writer_db *writer, struct store_bulk *bulk)
{
    struct billing_change *change = (struct billing_change *)bulk;
    int rc = refuse_decision(writer->db, change);
    sqlite3_stmt *stmt;

    if (rc != OK || change->refusal != BILLING_DONE)
        return rc;
    stmt = database_prepare(writer->db, "UPDATE billing_disputes SET state = ?2, answer = ?3, "
                                        "decided_ms = ?4, decided_by = ?5 WHERE row = ?1");
    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, change->number);
    bind_number(stmt, 2, change->accept ? DISPUTE_ACCEPTED : DISPUTE_REJECTED);
    bind_text(stmt, 3, change->text);
    bind_number(stmt, 4, change->at_ms);
    bind_text(stmt, 5, change->who);
    return run(stmt);
}

void billing_rules_change(struct billing_change *change)
{
    change->bulk.apply = add_rules;
}

void billing_close_change(struct billing_change *change)
{
    change->bulk.apply = close_month;
}

void billing_dispute_change(struct billing_change *change)
{
    change->bulk.apply = dispute;
}

void billing_decide_change(struct billing_change *change)
{
    change->bulk.apply = decide;
}

/* --- all disputes --- */

const char *dispute_state_name(enum dispute_state state)
{
    static const char *const names[DISPUTE_STATE_COUNT] = { "open", "accepted", "rejected" };

    return names[state];
}

struct listing {
    billing_dispute_fn *fn;
    void *context;
};

static int list(struct reader_db *reader, void *context)
{
    const struct listing *listing = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT row, month, line, conversation, amount, reason, made_ms, made_by, "
                    "state, answer, decided_ms, decided_by, credited FROM billing_disputes ORDER "
                    "BY row DESC");
    int code = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct billing_dispute found = { .number = column_number(stmt, 0),
                                               .month = column_text(stmt, 1),
                                               .line = column_number(stmt, 2),
                                               .conversation = column_id(stmt, 3),
                                               .amount = sqlite3_column_int64(stmt, 4),
                                               .reason = column_text(stmt, 5),
                                               .made_ms = column_number(stmt, 6),
                                               .made_by = column_text(stmt, 7),
                                               .state = (enum dispute_state)column_number(stmt, 8),
                                               .answer = column_text(stmt, 9),
                                               .decided_ms = column_number(stmt, 10),
                                               .decided_by = column_text(stmt, 11),
                                               .credited = column_text(stmt, 12) };

        stopped = listing->fn(listing->context, &found);
    }
    return walk_end(stmt, stopped, code);
}

int billing_disputes(struct store *store, const struct tenant_name *tenant, billing_dispute_fn *fn,
                     void *context)
{
    struct listing listing = { fn, context };

    return STORE_CALL(store, read, tenant, list, &listing);
}
