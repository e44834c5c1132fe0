/* SPDX-License-Identifier: Apache-2.0
 *
 * The statements of a tenant's writer, prepared once, and the length of its log.
 */
#include "storage/sqlite/store_sqlite.h"

#include "base/log.h"

/* 16 MB: a page is copied once, however often it changed meanwhile. */
enum { CHECKPOINT_PAGES = 4000 };

static const char *const writer_sql[W_COUNT] = {
    [W_BEGIN] = "BEGIN IMMEDIATE",
    [W_COMMIT] = "COMMIT",
    [W_ROLLBACK] = "ROLLBACK",
    [W_CONVERSATION_FIND] = "SELECT c.row, c.state, (SELECT max(seq) FROM messages WHERE "
                            "conversation = c.row), c.agent, c.unindexed, c.visitor, NOT EXISTS "
                            "(SELECT 1 FROM conversations o WHERE o.visitor = c.visitor AND o.row "
                            "<> c.row) FROM conversations c WHERE c.id = ?1",
    [W_CONVERSATION_NEW] =
        "INSERT INTO conversations (id, visitor, site, state, opened_ms, changed_ms, language, "
        "visitor_name, verified, email, attributes, stage, stage_source, unindexed) VALUES (?1, "
        "?2, ?3, 0, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1) ON CONFLICT DO NOTHING",
    [W_CONVERSATION_UNINDEXED] = "UPDATE conversations SET unindexed = 1 WHERE row = ?1",
    [W_CONVERSATION_MOVED] =
        "UPDATE conversations SET state = ?2, agent = ?3, changed_ms = ?4, routed_seq = 0 WHERE "
        "row = ?1", /* whoever takes it next gets all of it */
    [W_CONVERSATION_ENDED] = "UPDATE conversations SET state = 2, ended_ms = ?2, changed_ms = ?2, "
                             "end_reason = ?3, outcome = ?4 WHERE row = ?1",
    [W_CONVERSATION_ROUTED] =
        "UPDATE conversations SET routed_seq = ?2 WHERE row = ?1 AND routed_seq < ?2",
    [W_CONVERSATION_SURVEY] = "UPDATE conversations SET survey = ?2 WHERE row = ?1",
    [W_MESSAGE_NEW] =
        "INSERT INTO messages (conversation, seq, id, sender_kind, origin, delivery, at_ms, "
        "reply_to, sender, name, cid, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
        "?11, ?12) ON CONFLICT DO NOTHING",
    [W_FILE_NEW] =
        "INSERT INTO files (id, visitor, conversation, seq, at_ms, type, bytes, width, height, "
        "sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
    [W_MESSAGE_REPEAT] = "SELECT seq, at_ms, id FROM messages WHERE conversation = ?1 AND "
                         "sender = ?2 AND cid = ?3",
    [W_MESSAGE_ELSEWHERE] =
        "SELECT m.seq, m.at_ms, m.id, c.id FROM conversations c JOIN messages "
        "m ON m.conversation = "
        "c.row WHERE c.visitor = ?1 AND c.id <> ?2 AND m.sender = ?3 AND m.cid "
        "= ?4 AND (?5 IS NULL OR ?5 = coalesce((SELECT r.text FROM revisions r "
        "WHERE r.conversation = c.row AND r.seq = m.seq ORDER BY r.row LIMIT 1), "
        "m.text))", /* what it said at first */
    [W_DELIVERY_ONE] =
        "UPDATE messages SET delivery = ?3, delivered_ms = CASE WHEN ?3 IN (2, 3) AND "
        "delivered_ms = 0 THEN ?4 ELSE delivered_ms END, read_ms = CASE WHEN ?3 = 3 THEN ?4 ELSE "
        "read_ms END WHERE conversation = ?1 AND seq = ?2 AND delivery < ?3",
    [W_DELIVERY_UP_TO] =
        "UPDATE messages SET delivery = ?3, delivered_ms = CASE WHEN delivered_ms = 0 THEN ?4 ELSE "
        "delivered_ms END, read_ms = CASE WHEN ?3 = 3 THEN ?4 ELSE read_ms END WHERE "
        "conversation = ?1 AND seq <= ?2 AND sender_kind = 0 AND delivery < ?3",
    [W_READ_UP_TO] = "UPDATE messages SET read_ms = ?3 WHERE conversation = ?1 AND seq <= ?2 AND "
                     "sender_kind <> 0 AND read_ms = 0",
    [W_EVENT] = "INSERT INTO events (conversation, at_ms, type, agent, name, detail, cid) VALUES "
                "(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
    [W_CALL_NEW] = "INSERT INTO calls (id, event, seq, jid) VALUES (?1, ?2, ?3, ?4)",
    [W_CALL_TOLD] = "DELETE FROM calls WHERE id = ?1",
    [W_CONVERSATION_SKILL] = "UPDATE conversations SET skill = ?2 WHERE row = ?1",
    [W_NOTE_NEW] =
        "INSERT INTO notes (conversation, at_ms, agent, name, cid, text) VALUES (?1, ?2, "
        "?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
    [W_CONVERSATION_TAGS] = "UPDATE conversations SET tags = ?2 WHERE row = ?1",
    [W_CONVERSATION_STAGE] =
        "UPDATE conversations SET stage = ?2, stage_source = ?3 WHERE row = ?1",
    [W_VISITOR_NEW] = "INSERT INTO visitors (id, token, site, name, language, address_hash, "
                      "created_ms, subject) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO "
                      "NOTHING",
    /* A correction of nothing has become a message. */
    [W_REVISION_REPEAT] = "SELECT seq, at_ms FROM revisions WHERE conversation = ?1 AND sender = "
                          "?2 AND cid = ?3 UNION ALL SELECT seq, at_ms FROM messages WHERE "
                          "conversation = ?1 AND sender = ?2 AND cid = ?3 LIMIT 1",
    /* What a change said stands in the change after it, or else in the message. */
    [W_REVISION_ELSEWHERE] =
        "SELECT r.seq, r.at_ms, m.id, c.id FROM conversations c JOIN revisions r ON "
        "r.conversation = c.row JOIN messages m ON m.conversation = c.row AND m.seq = r.seq WHERE "
        "c.visitor = ?1 "
        "AND c.id <> ?2 AND r.sender = ?3 AND r.cid = ?4 AND ?5 = coalesce((SELECT n.text FROM "
        "revisions n WHERE n.conversation = c.row AND n.seq = r.seq AND n.row > r.row ORDER BY "
        "n.row LIMIT 1), m.text)",
    [W_REVISION_TARGET] =
        "SELECT seq, withdrawn_ms FROM messages WHERE conversation = ?1 AND sender = ?2 AND cid = "
        "?3 UNION ALL SELECT m.seq, m.withdrawn_ms FROM revisions r JOIN messages m ON "
        "m.conversation = r.conversation AND m.seq = r.seq WHERE r.conversation = ?1 AND r.sender "
        "= ?2 AND r.cid = ?3 LIMIT 1",
    [W_REVISION_NEW] =
        "INSERT INTO revisions (conversation, seq, at_ms, sender, cid, text) SELECT conversation, "
        "seq, ?3, ?4, ?5, text FROM messages WHERE conversation = ?1 AND seq = ?2",
    [W_MESSAGE_EDITED] =
        "UPDATE messages SET text = ?4, edited_ms = ?3 WHERE conversation = ?1 AND seq = ?2",
    [W_MESSAGE_WITHDRAWN] =
        "UPDATE messages SET text = '', withdrawn_ms = ?3 WHERE conversation = ?1 AND seq = ?2",
    [W_REACTION_TARGET] =
        "SELECT sender_kind, withdrawn_ms FROM messages WHERE conversation = ?1 AND seq = ?2",
    [W_REACTION_LAST] =
        "SELECT count(*), (SELECT detail FROM events WHERE conversation = ?1 AND type = 'reaction' "
        "AND agent = ?2 AND json_extract(detail, '$.seq') = ?3 ORDER BY row DESC "
        "LIMIT 1), coalesce(sum(agent = ?2 AND detail = ?4), 0) FROM events WHERE conversation = "
        "?1 AND type = 'reaction'",
};

/* In place of SQLite's own hook, which would copy before the commit is told. */
static int on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
    struct writer_db *writer = context;

    (void)db;
    (void)name;
    writer->log_pages = pages;
    return SQLITE_OK;
}

int writer_prepare(struct writer_db *writer)
{
    writer->checkpoint_pages = CHECKPOINT_PAGES;
    writer->log_pages = 0;
    (void)sqlite3_wal_hook(writer->db, on_commit, writer);
    for (int i = 0; i < W_COUNT; i++) {
        writer->stmts[i] = database_prepare(writer->db, writer_sql[i]);
        if (writer->stmts[i] == NULL)
            return RAISE(ERR_IO);
    }
    return OK;
}

int writer_run(struct writer_db *writer, enum writer_stmt which)
{
    return step_run(writer->stmts[which]);
}

void writer_finalize(struct writer_db *writer)
{
    for (int i = 0; i < W_COUNT; i++) {
        (void)sqlite3_finalize(writer->stmts[i]);
        writer->stmts[i] = NULL;
    }
    known_forget_all(&writer->known);
}

/* What fails here was stored and told long ago, in the log, and stays there. Readers keep some of
 * the log from being copied: that is no failure, and the next commit tries again. */
void writer_checkpoint(struct writer_db *writer)
{
    int rc;

    if (writer->db == NULL || writer->log_pages < writer->checkpoint_pages)
        return;
    rc = sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    writer->checkpoint_pages = CHECKPOINT_PAGES;
    if (rc == SQLITE_OK)
        return;
    log_event(LOG_WARNING, NULL, "store.checkpoint_failed", "pages=%d error=\"%s\"",
              writer->log_pages, sqlite3_errmsg(writer->db));
    writer->checkpoint_pages += writer->log_pages; /* not at every commit from now on */
}

/* The row says seq, when, and perhaps the message and another conversation. */
static int take_repeat(sqlite3_stmt *stmt, struct store_answer *answer)
{
    int columns = sqlite3_column_count(stmt), step = sqlite3_step(stmt);

    if (step == SQLITE_ROW) {
        answer->outcome = STORE_REPEAT;
        answer->seq = column_number(stmt, 0);
        answer->at_ms = column_number(stmt, 1);
        if (columns > 2)
            answer->message.id = column_id(stmt, 2);
        if (columns > 3)
            answer->conversation.id = column_id(stmt, 3);
    }
    (void)sqlite3_reset(stmt);
    return step == SQLITE_ROW || step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

int writer_repeat_here(struct writer_db *writer, enum writer_stmt which, uint64_t row,
                       const struct chat_write *write, struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[which];

    bind_number(stmt, 1, row);
    bind_text(stmt, 2, write->sender);
    bind_text(stmt, 3, write->cid);
    return take_repeat(stmt, answer);
}

int writer_repeat_elsewhere(struct writer_db *writer, enum writer_stmt which,
                            const struct chat_write *write, struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[which];

    bind_id(stmt, 1, write->visitor.id);
    bind_id(stmt, 2, write->conversation.id);
    bind_text(stmt, 3, write->sender);
    bind_text(stmt, 4, write->cid);
    if (write->kind == WRITE_MESSAGE && write->from == FROM_VISITOR)
        (void)sqlite3_bind_null(stmt, 5);
    else
        bind_text(stmt, 5, write->text);
    return take_repeat(stmt, answer);
}
