/* SPDX-License-Identifier: Apache-2.0
 *
 * The port's reading verbs, the same for every backend. Statements are prepared for each call: what
 * is read often is small, and a cache would have to be kept for each of hundreds of tenants. Only
 * what every receipt asks for, as often as there are messages, is kept once it was needed.
 */
#include "storage/sqlite/store_sqlite.h"

int reader_open(struct reader_db *reader, const char *path)
{
    return TRACE(database_open(&reader->db, path, DATABASE_READER));
}

void reader_close(struct reader_db *reader)
{
    (void)sqlite3_finalize(reader->message_by_id);
    database_close(reader->db);
    *reader = (struct reader_db){ .db = NULL };
}

/* On that tenant's reader. STORE_E_UNAVAILABLE, ERR_IO. */
static int prepare(struct store *store, const struct tenant_name *tenant, const char *sql,
                   sqlite3_stmt **ret_stmt)
{
    struct reader_db *reader = store->ops->reader(store, tenant);

    if (reader == NULL)
        return STORE_E_UNAVAILABLE;
    *ret_stmt = database_prepare(reader->db, sql);
    return *ret_stmt != NULL ? OK : ERR_IO;
}

int read_own(struct store *store, const struct tenant_name *tenant,
             int (*fn)(struct reader_db *reader, void *context), void *context)
{
    struct reader_db *reader = store->ops->reader(store, tenant);

    return reader != NULL ? fn(reader, context) : STORE_E_UNAVAILABLE;
}

static int one_visitor(sqlite3_stmt *stmt, struct visitor_id *ret_visitor)
{
    int step = sqlite3_step(stmt);

    if (step == SQLITE_ROW)
        ret_visitor->id = column_id(stmt, 0);
    (void)sqlite3_finalize(stmt);
    if (step == SQLITE_DONE)
        return STORE_E_NONE;
    return step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

int read_visitor_by_token(struct store *store, const struct tenant_name *tenant,
                          const struct digest *token, struct visitor_id *ret_visitor)
{
    sqlite3_stmt *stmt;
    int rc =
        prepare(store, tenant, "SELECT id FROM visitors WHERE token = ?1 AND subject = ''", &stmt);

    if (rc != OK)
        return rc;
    (void)sqlite3_bind_blob(stmt, 1, token->bytes, DIGEST_BYTES, SQLITE_STATIC);
    return one_visitor(stmt, ret_visitor);
}

int read_visitor_by_subject(struct store *store, const struct tenant_name *tenant,
                            struct slice subject, struct visitor_id *ret_visitor)
{
    sqlite3_stmt *stmt;
    int rc = prepare(store, tenant, "SELECT id FROM visitors WHERE subject = ?1 AND subject <> ''",
                     &stmt);

    if (rc != OK)
        return rc;
    bind_text(stmt, 1, subject);
    return one_visitor(stmt, ret_visitor);
}

/* The last message says how far it has come, and when. */
#define LAST_MESSAGE "FROM messages m WHERE m.conversation = conversations.row"
#define CONVERSATION_COLUMNS                                                                      \
    "id, visitor, site, state, opened_ms, max(changed_ms, coalesce((SELECT m.at_ms " LAST_MESSAGE \
    " ORDER BY m.seq DESC LIMIT 1), 0)), ended_ms, (SELECT max(m.seq) " LAST_MESSAGE              \
    "), routed_seq, agent, "                                                                      \
    "language, stage, visitor_name, end_reason, outcome, tags, survey, stage_source, verified, "  \
    "email, attributes, skill, faded_ms, read_in"

static struct stored_conversation conversation_of(sqlite3_stmt *stmt)
{
    return (struct stored_conversation){ .conversation = { column_id(stmt, 0) },
                                         .visitor = { column_id(stmt, 1) },
                                         .site = { column_id(stmt, 2) },
                                         .state = (enum conversation_state)column_number(stmt, 3),
                                         .opened_ms = column_number(stmt, 4),
                                         .changed_ms = column_number(stmt, 5),
                                         .ended_ms = column_number(stmt, 6),
                                         .last_seq = column_number(stmt, 7),
                                         .routed_seq = column_number(stmt, 8),
                                         .agent = column_text(stmt, 9),
                                         .language = column_text(stmt, 10),
                                         .stage = column_text(stmt, 11),
                                         .visitor_name = column_text(stmt, 12),
                                         .end_reason = column_text(stmt, 13),
                                         .outcome = column_text(stmt, 14),
                                         .tags = column_text(stmt, 15),
                                         .survey = column_text(stmt, 16),
                                         .stage_source = column_text(stmt, 17),
                                         .verified = column_number(stmt, 18) != 0,
                                         .email = column_text(stmt, 19),
                                         .attributes = column_text(stmt, 20),
                                         .skill = column_text(stmt, 21),
                                         .faded = column_number(stmt, 22) != 0,
                                         .read_in = column_text(stmt, 23) };
}

/* Calls fn for each row; what it returns other than 0 ends the walk. *ret_rows counts. */
static int walk_conversations(sqlite3_stmt *stmt, store_conversation_fn *fn, void *context,
                              size_t *ret_rows)
{
    int step, stopped = 0;

    *ret_rows = 0;
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct stored_conversation row = conversation_of(stmt);

        (*ret_rows)++;
        stopped = fn(context, &row);
    }
    return walk_end(stmt, stopped, step);
}

static int one_conversation(struct store *store, const struct tenant_name *tenant, const char *sql,
                            struct id id, store_conversation_fn *fn, void *context)
{
    sqlite3_stmt *stmt;
    size_t rows;
    int rc = prepare(store, tenant, sql, &stmt);

    if (rc != OK)
        return rc;
    bind_id(stmt, 1, id);
    rc = walk_conversations(stmt, fn, context, &rows);
    return rc == OK && rows == 0 ? STORE_E_NONE : rc;
}

int read_conversation_latest(struct store *store, const struct tenant_name *tenant,
                             struct visitor_id visitor, store_conversation_fn *fn, void *context)
{
    return one_conversation(store, tenant,
                            "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE visitor = ?1 "
                            "ORDER BY opened_ms DESC, row DESC LIMIT 1",
                            visitor.id, fn, context);
}

int read_conversation(struct store *store, const struct tenant_name *tenant,
                      struct conversation_id conversation, store_conversation_fn *fn, void *context)
{
    return one_conversation(store, tenant,
                            "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE id = ?1",
                            conversation.id, fn, context);
}

int read_conversations_of(struct store *store, const struct tenant_name *tenant,
                          struct visitor_id visitor, size_t limit, store_conversation_fn *fn,
                          void *context)
{
    sqlite3_stmt *stmt;
    size_t rows;
    int rc = prepare(store, tenant,
                     "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE visitor = ?1 "
                     "ORDER BY opened_ms DESC, row DESC LIMIT ?2",
                     &stmt);

    if (rc != OK)
        return rc;
    bind_id(stmt, 1, visitor.id);
    bind_number(stmt, 2, limit > INT64_MAX ? INT64_MAX : limit);
    return walk_conversations(stmt, fn, context, &rows);
}

#define PAGE                                                              \
    "AND ((?1 = 0 AND ?2 = zeroblob(16)) OR (opened_ms, id) < (?1, ?2)) " \
    "ORDER BY opened_ms DESC, id DESC LIMIT ?3"
static const char *const list_sql[] = {
    [LIST_ALL] = "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE 1 " PAGE,
    [LIST_OPEN] = "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE state < 2 " PAGE,
    [LIST_QUEUED] = "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE state = 0 " PAGE,
    [LIST_ACTIVE] = "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE state = 1 " PAGE,
    [LIST_ENDED] = "SELECT " CONVERSATION_COLUMNS " FROM conversations WHERE state = 2 " PAGE,
};

int read_conversations(struct store *store, const struct tenant_name *tenant,
                       enum conversation_filter filter, uint64_t before_ms,
                       struct conversation_id before, size_t limit, store_conversation_fn *fn,
                       void *context)
{
    sqlite3_stmt *stmt;
    size_t rows;
    int rc = prepare(store, tenant, list_sql[filter], &stmt);

    if (rc != OK)
        return rc;
    bind_number(stmt, 1, before_ms);
    bind_id(stmt, 2, before.id);
    bind_number(stmt, 3, limit > INT64_MAX ? INT64_MAX : limit);
    return walk_conversations(stmt, fn, context, &rows);
}

/* A visitor's message that the conversation's mark has passed is at least routed. */
#define MESSAGE_COLUMNS                                                                         \
    "m.seq, m.id, m.sender_kind, m.origin, CASE WHEN m.delivery = 0 AND m.sender_kind = 0 AND " \
    "m.seq <= c.routed_seq THEN 1 ELSE m.delivery END, m.at_ms, m.delivered_ms, m.read_ms, "    \
    "m.reply_to, m.sender, m.name, m.cid, m.text, m.edited_ms, m.withdrawn_ms, f.id, f.type, "  \
    "f.bytes, f.width, f.height, f.sha256"

struct chat_file column_file(sqlite3_stmt *stmt, int at)
{
    struct chat_file file = { .id = { column_id(stmt, at) } };
    const void *sha256 = sqlite3_column_blob(stmt, at + 5);

    if (file_id_is_none(file.id))
        return file;
    file.type = filetype_by_mime(column_text(stmt, at + 1));
    file.bytes = column_number(stmt, at + 2);
    file.width = (uint32_t)column_number(stmt, at + 3);
    file.height = (uint32_t)column_number(stmt, at + 4);
    if (sha256 != NULL && sqlite3_column_bytes(stmt, at + 5) == DIGEST_BYTES)
        memcpy(file.sha256.bytes, sha256, DIGEST_BYTES);
    return file;
}

static struct stored_message message_of(sqlite3_stmt *stmt)
{
    return (struct stored_message){ .seq = column_number(stmt, 0),
                                    .message = { column_id(stmt, 1) },
                                    .from = (enum message_from)column_number(stmt, 2),
                                    .origin = (enum message_origin)column_number(stmt, 3),
                                    .delivery = (enum delivery)column_number(stmt, 4),
                                    .at_ms = column_number(stmt, 5),
                                    .delivered_ms = column_number(stmt, 6),
                                    .read_ms = column_number(stmt, 7),
                                    .reply_to = column_number(stmt, 8),
                                    .sender = column_text(stmt, 9),
                                    .name = column_text(stmt, 10),
                                    .cid = column_text(stmt, 11),
                                    .text = column_text(stmt, 12),
                                    .edited_ms = column_number(stmt, 13),
                                    .withdrawn_ms = column_number(stmt, 14),
                                    .file = column_file(stmt, 15) };
}

int read_messages(struct store *store, const struct tenant_name *tenant,
                  struct conversation_id conversation, uint64_t after_seq, size_t limit,
                  store_message_fn *fn, void *context)
{
    sqlite3_stmt *stmt;
    int step, stopped = 0;
    int rc = prepare(
        store, tenant,
        "SELECT " MESSAGE_COLUMNS " FROM conversations c JOIN messages m ON m.conversation = "
        "c.row LEFT JOIN files f ON f.conversation = m.conversation AND f.seq = m.seq WHERE c.id = "
        "?1 AND m.seq > ?2 ORDER BY m.seq LIMIT ?3",
        &stmt);

    if (rc != OK)
        return rc;
    bind_id(stmt, 1, conversation.id);
    bind_number(stmt, 2, after_seq);
    bind_number(stmt, 3, limit > INT64_MAX ? INT64_MAX : limit);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct stored_message row = message_of(stmt);

        stopped = fn(context, &row);
    }
    return walk_end(stmt, stopped, step);
}

int read_events(struct store *store, const struct tenant_name *tenant,
                struct conversation_id conversation, store_event_fn *fn, void *context)
{
    sqlite3_stmt *stmt;
    int step, stopped = 0;
    int rc = prepare(store, tenant,
                     "SELECT e.at_ms, e.type, e.agent, e.name, e.detail FROM conversations c JOIN "
                     "events e ON e.conversation = c.row WHERE c.id = ?1 ORDER BY e.row",
                     &stmt);

    if (rc != OK)
        return rc;
    bind_id(stmt, 1, conversation.id);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct stored_event row = { .at_ms = column_number(stmt, 0),
                                          .type = column_text(stmt, 1),
                                          .agent = column_text(stmt, 2),
                                          .name = column_text(stmt, 3),
                                          .detail = column_text(stmt, 4) };

        stopped = fn(context, &row);
    }
    return walk_end(stmt, stopped, step);
}

int read_notes(struct store *store, const struct tenant_name *tenant,
               struct conversation_id conversation, store_note_fn *fn, void *context)
{
    sqlite3_stmt *stmt;
    int step, stopped = 0;
    int rc = prepare(store, tenant,
                     "SELECT n.at_ms, n.agent, n.name, n.text FROM conversations c JOIN notes n ON "
                     "n.conversation = c.row WHERE c.id = ?1 ORDER BY n.row",
                     &stmt);

    if (rc != OK)
        return rc;
    bind_id(stmt, 1, conversation.id);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct stored_note row = { .at_ms = column_number(stmt, 0),
                                         .agent = column_text(stmt, 1),
                                         .name = column_text(stmt, 2),
                                         .text = column_text(stmt, 3) };

        stopped = fn(context, &row);
    }
    return walk_end(stmt, stopped, step);
}

int read_message_by_id(struct store *store, const struct tenant_name *tenant,
                       struct visitor_id visitor, struct message_id message,
                       struct conversation_id *ret_conversation, uint64_t *ret_seq)
{
    struct reader_db *reader = store->ops->reader(store, tenant);
    sqlite3_stmt *stmt;
    int step;

    if (reader == NULL)
        return STORE_E_UNAVAILABLE;
    stmt = reader->message_by_id;
    if (stmt == NULL)
        stmt = reader->message_by_id = database_prepare(
            reader->db, "SELECT c.id, m.seq FROM conversations c CROSS JOIN messages m ON "
                        "m.conversation = c.row WHERE c.visitor = ?1 AND m.id = ?2 ORDER BY "
                        "c.opened_ms DESC, m.seq DESC LIMIT 1");
    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, visitor.id);
    bind_id(stmt, 2, message.id);
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        ret_conversation->id = column_id(stmt, 0);
        *ret_seq = column_number(stmt, 1);
    }
    (void)sqlite3_reset(stmt);
    if (step != SQLITE_ROW && step != SQLITE_DONE)
        return RAISE(ERR_IO);
    return step == SQLITE_ROW ? OK : STORE_E_NONE;
}
