/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/billing/reading.h"

#include "base/clock.h"
#include "storage/sqlite/store_sqlite.h"

#include <inttypes.h>

/* Adding up while the lines come by. */
struct sums {
    int64_t conversations, billable, amount;
    int64_t credits, credit;
    json_t *by_rule;
};

struct asked {
    const struct tenant_name *tenant;
    const char *title;
    struct slice month;
    struct billing_statement *to;
};

/* --- what lies closed --- */

int billing_basis_of(sqlite3 *db, struct billing_basis *ret_basis)
{
    sqlite3_stmt *stmt = database_prepare(
        db,
        "SELECT (SELECT count(*) FROM billing_rules), (SELECT count(*) FROM billing_disputes "
        "WHERE state = 1), coalesce(max(month), ''), digest, (SELECT coalesce(max(number), 0) FROM "
        "billing_touched) FROM billing_statements");
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);
    const void *digest = code == SQLITE_ROW ? sqlite3_column_blob(stmt, 3) : NULL;
    struct zone utc = { 0 };
    struct period last;

    *ret_basis = (struct billing_basis){ .next = "" };
    if (code == SQLITE_ROW) {
        ret_basis->versions = column_number(stmt, 0);
        ret_basis->accepted = column_number(stmt, 1);
        ret_basis->touched = column_number(stmt, 4);
        (void)slice_copy(column_text(stmt, 2), ret_basis->last, sizeof(ret_basis->last));
    }
    if (digest != NULL && sqlite3_column_bytes(stmt, 3) == DIGEST_BYTES)
        memcpy(ret_basis->last_digest.bytes, digest, DIGEST_BYTES);
    (void)sqlite3_finalize(stmt);
    if (period_parse(&utc, slice_of(ret_basis->last), &last) == 0)
        memcpy(ret_basis->next, period_next(&utc, &last).name, sizeof(ret_basis->next));
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

/* STORE_E_NONE: that month is not closed. */
static int read_closed(sqlite3 *db, struct slice month, struct billing_statement *to)
{
    sqlite3_stmt *stmt =
        database_prepare(db, "SELECT digest, document FROM billing_statements WHERE month = ?1");
    int code, rc = STORE_E_NONE;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, month);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        buf_add_slice(&to->bytes, column_text(stmt, 1));
        to->closed = true;
        if (sqlite3_column_bytes(stmt, 0) == DIGEST_BYTES)
            memcpy(to->digest.bytes, sqlite3_column_blob(stmt, 0), DIGEST_BYTES);
        rc = json_read(buf_slice(&to->bytes), &to->document) == OK ? OK : RAISE(ERR_CORRUPT);
    }
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW || code == SQLITE_DONE ? rc : RAISE(ERR_IO);
}

/* --- sums --- */

static json_t *row_of_rule(json_t *by_rule, const char *id)
{
    json_t *row;
    size_t i;

    json_array_foreach(by_rule, i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "rule")), id) == 0)
            return row;
    }
    row = json_pack("{s:s, s:i, s:i, s:i}", "rule", id, "conversations", 0, "billable", 0, "amount",
                    0);
    (void)json_array_append_new(by_rule, row);
    return row;
}

static void raise_by(json_t *object, const char *key, int64_t by)
{
    json_int_t before = json_integer_value(json_object_get(object, key));

    (void)json_object_set_new(object, key, json_integer(before + by));
}

static void add_up(struct sums *sums, const json_t *line)
{
    json_t *row = row_of_rule(sums->by_rule, json_string_value(json_object_get(line, "rule")));
    bool billable = json_is_true(json_object_get(line, "billable"));
    int64_t amount = json_integer_value(json_object_get(line, "amount"));

    sums->conversations++;
    sums->billable += billable;
    sums->amount += amount;
    raise_by(row, "conversations", 1);
    raise_by(row, "billable", billable);
    raise_by(row, "amount", amount);
}

/* In the order of the rules, also those that decided nothing. */
static json_t *rules_begun(const struct billing_rules *rules)
{
    json_t *by_rule = json_array();

    for (size_t i = 0; i < rules->count; i++)
        (void)row_of_rule(by_rule, rules->rules[i].id);
    return by_rule;
}

static json_t *money(const struct billing_reading *reading, int64_t amount)
{
    return reading->currency[0] != '\0' ? json_integer(amount) : json_null();
}

static json_t *sums_json(const struct billing_reading *reading, const struct sums *sums)
{
    json_t *row;
    size_t i;

    if (reading->currency[0] == '\0')
        json_array_foreach(sums->by_rule, i, row)(void)
            json_object_set_new(row, "amount", json_null());
    return json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "conversations",
                     (json_int_t)sums->conversations, "billable", (json_int_t)sums->billable,
                     "credits", (json_int_t)sums->credits, "due_conversations",
                     (json_int_t)(sums->billable - sums->credits), "amount",
                     money(reading, sums->amount), "credit", money(reading, -sums->credit), "due",
                     money(reading, sums->amount - sums->credit));
}

/* --- lines --- */

static int add_line(const struct asked *asked, json_t *lines, json_t *line, bool erased,
                    struct sums *sums)
{
    char path[256];
    json_t *numbered = json_pack("{s:I}", "line", (json_int_t)json_array_size(lines) + 1);

    (void)snprintf(path, sizeof(path), "/api/v1/tenants/%s/transcripts/%s", asked->tenant->text,
                   json_string_value(json_object_get(line, "conversation")));
    if (numbered == NULL || json_object_update(numbered, line) != 0 ||
        json_object_set_new(numbered, "transcript", erased ? json_null() : json_string(path)) !=
            0 ||
        json_array_append_new(lines, numbered) != 0)
        return RAISE(ERR_NO_MEMORY);
    add_up(sums, line);
    return OK;
}

static int take_line(struct billing_reading *reading, sqlite3_stmt *stmt, const struct asked *asked,
                     json_t *lines, struct sums *sums)
{
    struct slice kept = column_text(stmt, 3);
    AUTO_JSON line = NULL;
    int rc = kept.len > 0 ? json_read(kept, &line)
                          : billing_line(reading, column_number(stmt, 0), &line);

    if (rc > 0)
        rc = RAISE(ERR_CORRUPT);
    return rc == OK ? add_line(asked, lines, line, kept.len > 0, sums) : rc;
}

static int read_lines(struct billing_reading *reading, const struct asked *asked, json_t *lines,
                      struct sums *sums)
{
    const struct period *period = &asked->to->period;
    sqlite3_stmt *stmt = database_prepare(
        reading->db,
        "SELECT row, id, ended_ms, '' FROM conversations WHERE state = 2 AND ended_ms >= ?1 AND "
        "ended_ms < ?2 UNION ALL SELECT 0, conversation, ended_ms, line FROM billing_erased WHERE "
        "ended_ms >= ?1 AND ended_ms < ?2 ORDER BY 3, 2");
    int code = SQLITE_DONE, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, period->from_ms);
    bind_number(stmt, 2, period->to_ms);
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = take_line(reading, stmt, asked, lines, sums);
    return walk_end(stmt, rc, code);
}

/* --- credits --- */

static int take_credit(const struct billing_reading *reading, sqlite3_stmt *stmt, json_t *credits,
                       struct sums *sums)
{
    char id[ID_TEXT_BYTES];
    int64_t amount = sqlite3_column_int64(stmt, 3);
    struct slice month = column_text(stmt, 1), reason = column_text(stmt, 5),
                 answer = column_text(stmt, 6);

    id_format(column_id(stmt, 4), id);
    sums->credits++;
    sums->credit += amount;
    return json_array_append_new(
               credits, json_pack("{s:I, s:s%, s:I, s:s, s:s%, s:s%, s:o}", "dispute",
                                  (json_int_t)column_number(stmt, 0), "month", month.data,
                                  month.len, "line", (json_int_t)column_number(stmt, 2),
                                  "conversation", id, "reason", reason.data, reason.len, "answer",
                                  answer.data, answer.len, "amount", money(reading, -amount))) == 0
               ? OK
               : RAISE(ERR_NO_MEMORY);
}

/* Only the statement that may be closed next takes anything back. */
static int read_credits(struct billing_reading *reading, const struct asked *asked, json_t *credits,
                        struct sums *sums)
{
    sqlite3_stmt *stmt;
    int code = SQLITE_DONE, rc = OK;

    if (!slice_is(asked->month, asked->to->basis.next))
        return OK;
    stmt = database_prepare(reading->db,
                            "SELECT row, month, line, amount, conversation, reason, answer FROM "
                            "billing_disputes WHERE state = 1 AND credited = '' ORDER BY row");
    if (stmt == NULL)
        return ERR_IO;
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = take_credit(reading, stmt, credits, sums);
    return walk_end(stmt, rc, code);
}

/* --- the whole --- */

/* Where the statement before ended, this one begins: a zone that changed leaves no gap. */
static int read_begin(sqlite3 *db, struct billing_statement *to)
{
    sqlite3_stmt *stmt;
    int code;

    if (strcmp(to->basis.next, to->period.name) != 0)
        return OK;
    stmt = database_prepare(db, "SELECT to_ms FROM billing_statements WHERE month = ?1");
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(to->basis.last));
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        to->period.from_ms = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

static json_t *document_of(const struct billing_reading *reading, const struct asked *asked,
                           json_t *lines, json_t *credits, const struct sums *sums)
{
    const struct billing_statement *to = asked->to;
    char from[CLOCK_TEXT_BYTES], until[CLOCK_TEXT_BYTES], previous[DIGEST_HEX_BYTES] = "";

    clock_format(to->period.from_ms, from);
    clock_format(to->period.to_ms, until);
    if (to->basis.last[0] != '\0')
        digest_hex(&to->basis.last_digest, previous);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:n, s:n, s:s, s:s, s:s, s:s?, s:s?, s:{s:I, s:s, s:O}, s:o, s:O, "
        "s:O, s:O}",
        "tenant", asked->tenant->text, "title", asked->title, "month", to->period.name, "state",
        "draft", "closed_at", "closed_by", "zone", reading->zone_name, "from", from, "to", until,
        "currency", reading->currency[0] != '\0' ? reading->currency : NULL, "previous",
        previous[0] != '\0' ? previous : NULL, "rules", "version", (json_int_t)reading->version,
        "from", reading->month, "rules", reading->rules->list, "totals", sums_json(reading, sums),
        "by_rule", sums->by_rule, "credits", credits, "lines", lines);
}

static int compose(struct billing_reading *reading, const struct asked *asked)
{
    AUTO_JSON by_rule = rules_begun(reading->rules);
    AUTO_JSON lines = json_array();
    AUTO_JSON credits = json_array();
    struct sums sums = { .by_rule = by_rule };
    int rc = period_parse(&reading->zone, asked->month, &asked->to->period) == 0
                 ? OK
                 : BILLING_E_NO_MONTH;

    if (rc == OK)
        rc = read_begin(reading->db, asked->to);
    if (rc == OK)
        rc = read_lines(reading, asked, lines, &sums);
    if (rc == OK)
        rc = read_credits(reading, asked, credits, &sums);
    if (rc != OK)
        return rc;
    asked->to->document = document_of(reading, asked, lines, credits, &sums);
    return asked->to->document != NULL ? OK : RAISE(ERR_NO_MEMORY);
}

static int read_draft(sqlite3 *db, const struct asked *asked)
{
    struct billing_reading reading = { .db = NULL };
    char month[PERIOD_NAME_BYTES];
    int rc = billing_basis_of(db, &asked->to->basis);

    if (rc == OK && !slice_copy(asked->month, month, sizeof(month)))
        rc = BILLING_E_NO_MONTH;
    if (rc == OK)
        rc = billing_reading_open(&reading, db, month, 0);
    if (rc == OK)
        rc = compose(&reading, asked);
    billing_reading_close(&reading);
    return rc;
}

/* Of one moment, whatever is written meanwhile. */
static int read_statement(struct reader_db *reader, void *context)
{
    const struct asked *asked = context;
    struct zone utc = { 0 };
    int rc = database_run(reader->db, "BEGIN");

    if (rc != OK)
        return rc;
    rc = period_parse(&utc, asked->month, &asked->to->period) == 0 &&
                 asked->to->period.kind == PERIOD_MONTH
             ? read_closed(reader->db, asked->month, asked->to)
             : BILLING_E_NO_MONTH;
    if (rc == STORE_E_NONE)
        rc = read_draft(reader->db, asked);
    return database_run(reader->db, "COMMIT") == OK ? rc : RAISE(ERR_IO);
}

int billing_statement_read(struct store *store, const struct tenant_name *tenant, const char *title,
                           struct slice month, struct billing_statement *ret_statement)
{
    struct asked asked = { tenant, title, month, ret_statement };

    *ret_statement = (struct billing_statement){ .closed = false };
    buf_init(&ret_statement->bytes, 64 * 1024 * 1024);
    return STORE_CALL(store, read, tenant, read_statement, &asked);
}

void billing_statement_release(struct billing_statement *statement)
{
    json_decref(statement->document);
    statement->document = NULL;
    buf_release(&statement->bytes);
}

/* --- lists --- */

static int read_basis(struct reader_db *reader, void *context)
{
    return billing_basis_of(reader->db, context);
}

int billing_basis_read(struct store *store, const struct tenant_name *tenant,
                       struct billing_basis *ret_basis)
{
    return STORE_CALL(store, read, tenant, read_basis, ret_basis);
}

struct listing {
    billing_closed_fn *fn;
    void *context;
};

static int list(struct reader_db *reader, void *context)
{
    const struct listing *listing = context;
    sqlite3_stmt *stmt =
        database_prepare(reader->db, "SELECT month, closed_ms, closed_by, digest, "
                                     "json_extract(document, '$.totals') FROM billing_statements "
                                     "ORDER BY month DESC");
    int code = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct billing_closed closed = { .month = column_text(stmt, 0),
                                         .closed_ms = column_number(stmt, 1),
                                         .closed_by = column_text(stmt, 2),
                                         .totals = column_text(stmt, 4) };

        if (sqlite3_column_bytes(stmt, 3) == DIGEST_BYTES)
            memcpy(closed.digest.bytes, sqlite3_column_blob(stmt, 3), DIGEST_BYTES);
        stopped = listing->fn(listing->context, &closed);
    }
    return walk_end(stmt, stopped, code);
}

int billing_closed_list(struct store *store, const struct tenant_name *tenant,
                        billing_closed_fn *fn, void *context)
{
    struct listing listing = { fn, context };

    return STORE_CALL(store, read, tenant, list, &listing);
}

/* By `previous` each names the digest of the one before: whoever changes one with its digest, or
 * takes one out, would have to change all that follow. */
int billing_verify(sqlite3 *db, struct buf *problems)
{
    sqlite3_stmt *stmt = database_prepare(
        db, "SELECT month, digest, document, lower(hex(digest)), iif(json_valid(document), "
            "coalesce(json_extract(document, '$.previous'), ''), '?') FROM billing_statements "
            "ORDER BY month");
    char before[DIGEST_HEX_BYTES] = "";
    int code = SQLITE_ERROR;

    while (stmt != NULL && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct digest digest = digest_sha256(column_text(stmt, 2));
        struct slice month = column_text(stmt, 0);

        if (sqlite3_column_bytes(stmt, 1) != DIGEST_BYTES ||
            memcmp(sqlite3_column_blob(stmt, 1), digest.bytes, DIGEST_BYTES) != 0)
            buf_addf(problems, "the closed statement of %.*s is not what its digest says\n",
                     SLICE_ARG(month));
        if (!slice_is(column_text(stmt, 4), before))
            buf_addf(problems, "the closed statement of %.*s does not follow the one before it\n",
                     SLICE_ARG(month));
        (void)slice_copy(column_text(stmt, 3), before, sizeof(before));
    }
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}
