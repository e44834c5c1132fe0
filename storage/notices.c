/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/notices.h"

#include "storage/sqlite/store_sqlite.h"

#define NOTICE_COLUMNS                                                                             \
    "SELECT n.row, n.hook, n.id, n.event, n.at_ms, n.since_ms, n.dead_ms, n.tries, n.error, "      \
    "c.id, c.visitor, c.site, c.language, c.stage, c.opened_ms, c.ended_ms, c.end_reason, "        \
    "c.outcome, c.tags, c.survey, (SELECT coalesce(max(seq), 0) FROM messages WHERE conversation " \
    "= "                                                                                           \
    "c.row), m.seq, m.sender_kind, m.origin, m.at_ms, m.text, "                                    \
    "e.detail, e.name, e.type, n.address, c.visitor_name, c.email FROM notices n JOIN "            \
    "conversations c ON c.row = "                                                                  \
    "n.conversation LEFT JOIN "                                                                    \
    "messages m ON m.conversation = n.conversation AND m.seq = CASE n.event WHEN 2 THEN n.ref "    \
    "WHEN 5 THEN 1 END LEFT JOIN "                                                                 \
    "events e ON n.event = 4 AND e.row = n.ref "

struct reading {
    const char *sql;
    uint64_t first, second; /* what is bound */
    notice_fn *fn;
    void *context;
    size_t count;
};

static void read_conversation_of(sqlite3_stmt *stmt, struct stored_conversation *about)
{
    *about = (struct stored_conversation){ .conversation = { column_id(stmt, 9) },
                                           .visitor = { column_id(stmt, 10) },
                                           .site = { column_id(stmt, 11) },
                                           .language = column_text(stmt, 12),
                                           .stage = column_text(stmt, 13),
                                           .opened_ms = column_number(stmt, 14),
                                           .ended_ms = column_number(stmt, 15),
                                           .end_reason = column_text(stmt, 16),
                                           .outcome = column_text(stmt, 17),
                                           .tags = column_text(stmt, 18),
                                           .survey = column_text(stmt, 19),
                                           .last_seq = column_number(stmt, 20),
                                           .visitor_name = column_text(stmt, 30),
                                           .email = column_text(stmt, 31) };
}

static void read_row(sqlite3_stmt *stmt, struct notice *notice)
{
    *notice = (struct notice){ .row = column_number(stmt, 0),
                               .hook = column_number(stmt, 1),
                               .notice = { column_id(stmt, 2) },
                               .event = (enum hook_event)column_number(stmt, 3),
                               .at_ms = column_number(stmt, 4),
                               .since_ms = column_number(stmt, 5),
                               .dead_ms = column_number(stmt, 6),
                               .tries = column_number(stmt, 7),
                               .error = column_text(stmt, 8),
                               .message = { .seq = column_number(stmt, 21),
                                            .from = (enum message_from)column_number(stmt, 22),
                                            .origin = (enum message_origin)column_number(stmt, 23),
                                            .at_ms = column_number(stmt, 24),
                                            .text = column_text(stmt, 25) },
                               .detail = column_text(stmt, 26),
                               .agent = column_text(stmt, 27),
                               .kind = column_text(stmt, 28),
                               .address = column_text(stmt, 29) };
    read_conversation_of(stmt, &notice->about);
}

static int read_rows(struct reader_db *reader, void *context)
{
    struct reading *reading = context;
    sqlite3_stmt *stmt = database_prepare(reader->db, reading->sql);
    int code = SQLITE_ERROR, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, reading->first);
    bind_number(stmt, 2, reading->second);
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct notice notice;

        read_row(stmt, &notice);
        if (notice.event >= HOOK_EVENT_COUNT && notice.event != HOOK_TRANSCRIPT)
            rc = RAISE(ERR_CORRUPT);
        else
            rc = reading->fn(reading->context, &notice);
        reading->count++;
    }
    return walk_end(stmt, rc, code);
}

int notice_next(struct store *store, const struct tenant_name *tenant, uint64_t hook, notice_fn *fn,
                void *context)
{
    struct reading reading = { NOTICE_COLUMNS
                               "WHERE n.hook = ?1 AND n.dead_ms = 0 ORDER BY n.row LIMIT ?2",
                               hook,
                               1,
                               fn,
                               context,
                               0 };
    int rc = STORE_CALL(store, read, tenant, read_rows, &reading);

    return rc == OK && reading.count == 0 ? STORE_E_NONE : rc;
}

int notices_dead(struct store *store, const struct tenant_name *tenant, uint64_t before,
                 size_t limit, notice_fn *fn, void *context)
{
    struct reading reading = { NOTICE_COLUMNS
                               "WHERE n.dead_ms > 0 AND n.row < ?1 ORDER BY n.row DESC LIMIT ?2",
                               before == 0 ? INT64_MAX : before,
                               limit,
                               fn,
                               context,
                               0 };

    return STORE_CALL(store, read, tenant, read_rows, &reading);
}

static const char *const fates[] = {
    [NOTICE_TOLD] = "DELETE FROM notices WHERE row = ?1",
    [NOTICE_LATER] = "UPDATE notices SET row = (SELECT max(row) FROM notices) + 1 WHERE row = ?1",
    [NOTICE_DEAD] =
        "UPDATE notices SET dead_ms = ?2, tries = ?3, error = ?4 WHERE row = ?1 AND dead_ms = 0",
    [NOTICE_AGAIN] = ("UPDATE notices SET dead_ms = 0, since_ms = ?2, tries = 0, error = '' WHERE "
                      "dead_ms > 0 AND (?5 IS NULL OR id = ?5)"),
    [NOTICE_SWEEP] = "DELETE FROM notices WHERE dead_ms > 0 AND dead_ms < ?2",
};

static uint64_t number_of(sqlite3 *db, const char *sql, struct id id, uint64_t row)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    uint64_t number = 0;

    if (stmt == NULL)
        return 0;
    if (row == 0)
        bind_id(stmt, 1, id);
    else
        bind_number(stmt, 1, row);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        number = column_number(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return number;
}

static int apply(struct writer_db *writer, struct store_bulk *bulk)
{
    struct notice_change *change = (struct notice_change *)bulk;
    sqlite3_stmt *stmt = database_prepare(writer->db, fates[change->fate]);
    int parameters = sqlite3_bind_parameter_count(stmt), code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, change->row);
    if (parameters >= 2)
        bind_number(stmt, 2, change->at_ms);
    if (parameters >= 4) {
        bind_number(stmt, 3, change->tries);
        bind_text(stmt, 4, slice_of(change->error));
    }
    if (parameters >= 5 && !notice_id_is_none(change->notice))
        bind_id(stmt, 5, change->notice.id);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    change->changed = (uint64_t)sqlite3_changes(writer->db);
    if (change->fate == NOTICE_LATER) /* behind all others */
        change->row = number_of(writer->db, "SELECT max(row) FROM notices WHERE ?1 IS NOT NULL",
                                change->notice.id, change->row);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

void notice_changing(struct notice_change *change, enum notice_fate fate, uint64_t row,
                     uint64_t at_ms)
{
    *change =
        (struct notice_change){ .bulk.apply = apply, .fate = fate, .row = row, .at_ms = at_ms };
}

/* --- a mail to somebody --- */

static int insert(sqlite3 *db, const char *sql, uint64_t row, uint64_t at_ms, struct slice address)
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, at_ms);
    bind_text(stmt, 3, address);
    code = sqlite3_step(stmt);
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int order(struct writer_db *writer, struct store_bulk *bulk)
{
    struct mail_order *wanted = (struct mail_order *)bulk;
    uint64_t row = number_of(writer->db, "SELECT row FROM conversations WHERE id = ?1",
                             wanted->conversation.id, 0);
    int rc;

    wanted->verdict = row == 0 ? MAIL_NO_CONVERSATION
                      : number_of(writer->db,
                                  "SELECT count(*) FROM events WHERE conversation = ?1 AND type = "
                                  "'mailed'",
                                  wanted->conversation.id, row) >= MAIL_COPIES_MAX
                          ? MAIL_TOO_MANY
                          : MAIL_ORDERED;
    if (wanted->verdict != MAIL_ORDERED)
        return OK;
    rc = insert(writer->db,
                "INSERT INTO events (conversation, at_ms, type, agent, name, detail) VALUES (?1, "
                "?2, 'mailed', '', '', '')",
                row, wanted->at_ms, SLICE_NONE);
    if (rc == OK)
        rc = insert(writer->db,
                    "INSERT INTO notices (hook, id, event, conversation, ref, at_ms, since_ms, "
                    "address) VALUES (0, randomblob(16), 32, ?1, 0, ?2, ?2, ?3)",
                    row, wanted->at_ms, slice_of(wanted->address));
    return rc;
}

void mail_ordering(struct mail_order *wanted, struct conversation_id conversation, uint64_t at_ms)
{
    *wanted =
        (struct mail_order){ .bulk.apply = order, .conversation = conversation, .at_ms = at_ms };
}
