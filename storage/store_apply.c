/* SPDX-License-Identifier: Apache-2.0
 *
 * One write inside a transaction that others share. What breaks a rule is refused before any
 * statement could fail by a constraint, so that one bad write never costs its neighbours.
 */
#include "storage/store_sqlite.h"

#include "base/buf.h"

const char *const writer_sql[W_COUNT] = {
    [W_BEGIN] = "BEGIN IMMEDIATE",
    [W_COMMIT] = "COMMIT",
    [W_ROLLBACK] = "ROLLBACK",
    [W_CONVERSATION_FIND] = "SELECT c.row, c.state, (SELECT max(seq) FROM messages WHERE "
                            "conversation = c.row), c.agent, c.unindexed FROM conversations c "
                            "WHERE c.id = ?1",
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
    [W_MESSAGE_REPEAT] = "SELECT seq, id, at_ms FROM messages WHERE conversation = ?1 AND "
                         "sender = ?2 AND cid = ?3",
    [W_MESSAGE_ELSEWHERE] = "SELECT m.seq, m.id, m.at_ms, c.id FROM conversations c JOIN messages "
                            "m ON m.conversation = "
                            "c.row WHERE c.visitor = ?1 AND c.id <> ?2 AND m.sender = ?3 AND m.cid "
                            "= ?4 AND (?5 IS NULL "
                            "OR m.text = ?5)",
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
    [W_EVENT] = "INSERT INTO events (conversation, at_ms, type, agent, name, detail) VALUES (?1, "
                "?2, ?3, ?4, ?5, ?6)",
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
};

int writer_prepare(struct writer_db *writer)
{
    for (int i = 0; i < W_COUNT; i++) {
        writer->stmts[i] = database_prepare(writer->db, writer_sql[i]);
        if (writer->stmts[i] == NULL)
            return RAISE(ERR_IO);
    }
    return OK;
}

void writer_finalize(struct writer_db *writer)
{
    for (int i = 0; i < W_COUNT; i++) {
        (void)sqlite3_finalize(writer->stmts[i]);
        writer->stmts[i] = NULL;
    }
}

static int run(struct writer_db *writer, enum writer_stmt which)
{
    return step_done(writer->stmts[which]) == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

/* A conversation as it stands in this transaction. */
struct found {
    uint64_t row, last_seq;
    enum conversation_state state;
    bool others;  /* somebody else than the write's agent holds it */
    bool indexed; /* all of it can be searched */
};

enum { FOUND_NONE = 1 };

/* Who must hold it, if anybody does. */
static struct slice holder_of(const struct chat_write *write)
{
    return write->kind == WRITE_TRANSFER ? write->sender : write->agent;
}

static int find(struct writer_db *writer, const struct chat_write *write, struct found *ret_found)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_FIND];
    int rc;

    bind_id(stmt, 1, write->conversation.id);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        ret_found->row = column_number(stmt, 0);
        ret_found->state = (enum conversation_state)column_number(stmt, 1);
        ret_found->last_seq = column_number(stmt, 2);
        ret_found->others = ret_found->state == CONVERSATION_ACTIVE &&
                            !slice_equal(column_text(stmt, 3), holder_of(write));
        ret_found->indexed = column_number(stmt, 4) == 0;
    }
    (void)sqlite3_reset(stmt);
    if (rc == SQLITE_ROW)
        return OK;
    return rc == SQLITE_DONE ? FOUND_NONE : RAISE(ERR_IO);
}

/* A reason becomes the event's detail where it has no other. */
static void add_detail(struct buf *detail, const struct chat_write *write)
{
    if (write->detail.len > 0) {
        buf_add_slice(detail, write->detail);
    } else if (write->reason.len > 0) {
        buf_add_text(detail, "{\"reason\":");
        buf_add_json(detail, write->reason);
        buf_add_text(detail, "}");
    }
}

static int add_event(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                     struct slice type)
{
    sqlite3_stmt *stmt = writer->stmts[W_EVENT];
    AUTO_BUF detail;

    buf_init(&detail, 65536);
    add_detail(&detail, write);
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, write->at_ms);
    bind_text(stmt, 3, type);
    bind_text(stmt, 4, write->agent);
    bind_text(stmt, 5, write->agent.len > 0 ? write->name : SLICE_NONE);
    bind_text(stmt, 6, buf_slice(&detail));
    return run(writer, W_EVENT);
}

static int open_conversation(struct writer_db *writer, const struct chat_write *write,
                             struct found *ret_found)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_NEW];
    int rc;

    bind_id(stmt, 1, write->conversation.id);
    bind_id(stmt, 2, write->visitor.id);
    bind_id(stmt, 3, write->site.id);
    bind_number(stmt, 4, write->at_ms);
    bind_text(stmt, 5, write->language);
    bind_text(stmt, 6, write->visitor_name);
    bind_number(stmt, 7, write->verified);
    bind_text(stmt, 8, write->email);
    bind_text(stmt, 9, write->attributes);
    bind_text(stmt, 10, write->stage.len > 0 ? write->stage : SLICE_LITERAL("unknown"));
    bind_text(stmt, 11, write->stage.len > 0 ? SLICE_LITERAL("identity") : SLICE_NONE);
    rc = run(writer, W_CONVERSATION_NEW);
    if (rc != OK)
        return rc;
    if (sqlite3_changes(writer->db) == 0) /* already there: the same opening, sent again */
        return find(writer, write, ret_found);
    *ret_found = (struct found){ .row = (uint64_t)sqlite3_last_insert_rowid(writer->db) };
    return add_event(writer, ret_found->row, write, SLICE_LITERAL("queued"));
}

/* The stored message with this sender and cid, if there is one. */
static int find_repeat(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                       struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_MESSAGE_REPEAT];
    int rc;

    bind_number(stmt, 1, row);
    bind_text(stmt, 2, write->sender);
    bind_text(stmt, 3, write->cid);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        answer->outcome = STORE_REPEAT;
        answer->seq = column_number(stmt, 0);
        answer->message.id = column_id(stmt, 1);
        answer->at_ms = column_number(stmt, 2);
    } else {
        answer->outcome = STORE_REFUSED;
    }
    (void)sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

/* The same words, stored in an earlier conversation of this visitor: their tick was lost, and the
 * conversation ended before they were sent again. An agent's client may count its stanza ids from
 * one each day, so theirs must say the same, too. */
static int find_elsewhere(struct writer_db *writer, const struct chat_write *write,
                          struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_MESSAGE_ELSEWHERE];
    int rc;

    bind_id(stmt, 1, write->visitor.id);
    bind_id(stmt, 2, write->conversation.id);
    bind_text(stmt, 3, write->sender);
    bind_text(stmt, 4, write->cid);
    if (write->from == FROM_VISITOR)
        (void)sqlite3_bind_null(stmt, 5);
    else
        bind_text(stmt, 5, write->text);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        answer->outcome = STORE_REPEAT;
        answer->seq = column_number(stmt, 0);
        answer->message.id = column_id(stmt, 1);
        answer->at_ms = column_number(stmt, 2);
        answer->conversation.id = column_id(stmt, 3);
    }
    (void)sqlite3_reset(stmt);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int move(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                enum conversation_state state, const char *event)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_MOVED];
    int rc;

    bind_number(stmt, 1, row);
    bind_number(stmt, 2, state);
    bind_text(stmt, 3, state == CONVERSATION_ACTIVE ? write->agent : SLICE_NONE);
    bind_number(stmt, 4, write->at_ms);
    rc = run(writer, W_CONVERSATION_MOVED);
    return rc == OK ? add_event(writer, row, write, slice_of(event)) : rc;
}

static int insert_message(struct writer_db *writer, const struct found *found,
                          const struct chat_write *write, uint64_t seq)
{
    sqlite3_stmt *stmt = writer->stmts[W_MESSAGE_NEW];

    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, seq);
    bind_id(stmt, 3, write->message.id);
    bind_number(stmt, 4, write->from);
    bind_number(stmt, 5, write->origin);
    bind_number(stmt, 6, DELIVERY_PENDING);
    bind_number(stmt, 7, write->at_ms);
    bind_number(stmt, 8, write->reply_to < seq ? write->reply_to : 0);
    bind_text(stmt, 9, write->sender);
    bind_text(stmt, 10, write->name);
    bind_text(stmt, 11, write->cid);
    bind_text(stmt, 12, write->text);
    return run(writer, W_MESSAGE_NEW);
}

/* The first message since the search index had caught up; those after it change nothing here. */
static int await_index(struct writer_db *writer, const struct found *found)
{
    if (!found->indexed)
        return OK;
    bind_number(writer->stmts[W_CONVERSATION_UNINDEXED], 1, found->row);
    return run(writer, W_CONVERSATION_UNINDEXED);
}

static int apply_message(struct writer_db *writer, struct found *found,
                         const struct chat_write *write, struct store_answer *answer)
{
    bool claims = write->claims && found->state == CONVERSATION_QUEUED;
    bool may_speak = write->from == FROM_VISITOR || write->beside || !found->others;
    uint64_t seq = found->last_seq + 1;
    int rc;

    if (found->state == CONVERSATION_ENDED || !may_speak)
        return find_repeat(writer, found->row, write, answer);
    rc = insert_message(writer, found, write, seq);
    if (rc != OK)
        return rc;
    if (sqlite3_changes(writer->db) == 0)
        return find_repeat(writer, found->row, write, answer);
    rc = await_index(writer, found);
    if (rc == OK && claims)
        rc = move(writer, found->row, write, CONVERSATION_ACTIVE, "claimed");
    answer->seq = seq;
    answer->message = write->message;
    answer->at_ms = write->at_ms;
    return rc;
}

static int apply_claim(struct writer_db *writer, struct found *found,
                       const struct chat_write *write, struct store_answer *answer)
{
    if (found->state == CONVERSATION_ENDED || found->others) {
        answer->outcome = STORE_REFUSED;
        return OK;
    }
    if (found->state == CONVERSATION_ACTIVE) /* claiming twice is harmless */
        return OK;
    return move(writer, found->row, write, CONVERSATION_ACTIVE, "claimed");
}

static int apply_transfer(struct writer_db *writer, struct found *found,
                          const struct chat_write *write, struct store_answer *answer)
{
    if (found->state != CONVERSATION_ACTIVE || found->others) {
        answer->outcome = STORE_REFUSED;
        return OK;
    }
    return move(writer, found->row, write, CONVERSATION_ACTIVE, "transferred");
}

static int apply_release(struct writer_db *writer, struct found *found,
                         const struct chat_write *write, struct store_answer *answer)
{
    sqlite3_stmt *stmt;
    int rc;

    if (found->state == CONVERSATION_ENDED) {
        answer->outcome = STORE_REFUSED;
        return OK;
    }
    stmt = writer->stmts[W_CONVERSATION_SKILL];
    bind_number(stmt, 1, found->row);
    bind_text(stmt, 2, write->text);
    rc = run(writer, W_CONVERSATION_SKILL);
    return rc == OK ? move(writer, found->row, write, CONVERSATION_QUEUED, "released") : rc;
}

static int apply_end(struct writer_db *writer, struct found *found, const struct chat_write *write,
                     struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_ENDED];
    int rc;

    if (found->state == CONVERSATION_ENDED) {
        answer->outcome = STORE_REFUSED;
        return OK;
    }
    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->at_ms);
    bind_text(stmt, 3, write->reason);
    bind_text(stmt, 4, write->text); /* the outcome, where the agent gave one */
    rc = run(writer, W_CONVERSATION_ENDED);
    return rc == OK ? add_event(writer, found->row, write, SLICE_LITERAL("ended")) : rc;
}

static int apply_delivery(struct writer_db *writer, struct found *found,
                          const struct chat_write *write, struct store_answer *answer)
{
    enum writer_stmt which = write->single ? W_DELIVERY_ONE : W_DELIVERY_UP_TO;
    sqlite3_stmt *stmt;

    (void)answer;
    if (write->delivery == DELIVERY_ROUTED && !write->single) {
        if (found->others && write->agent.len > 0)
            return OK; /* handed on meanwhile: whoever has it now gets all of it */
        stmt = writer->stmts[W_CONVERSATION_ROUTED];
        bind_number(stmt, 1, found->row);
        bind_number(stmt, 2, write->seq);
        return run(writer, W_CONVERSATION_ROUTED);
    }
    stmt = writer->stmts[which];
    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->seq);
    bind_number(stmt, 3, write->delivery);
    bind_number(stmt, 4, write->at_ms);
    return run(writer, which);
}

static int apply_event(struct writer_db *writer, struct found *found,
                       const struct chat_write *write, struct store_answer *answer)
{
    (void)answer;
    return add_event(writer, found->row, write, write->event);
}

static int apply_survey(struct writer_db *writer, struct found *found,
                        const struct chat_write *write, struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_SURVEY];

    (void)answer;
    bind_number(stmt, 1, found->row);
    bind_text(stmt, 2, write->detail);
    return run(writer, W_CONVERSATION_SURVEY);
}

static int apply_read(struct writer_db *writer, struct found *found, const struct chat_write *write,
                      struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_READ_UP_TO];

    (void)answer;
    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->seq);
    bind_number(stmt, 3, write->at_ms);
    return run(writer, W_READ_UP_TO);
}

static int apply_note(struct writer_db *writer, struct found *found, const struct chat_write *write,
                      struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_NOTE_NEW];
    int rc;

    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->at_ms);
    bind_text(stmt, 3, write->agent);
    bind_text(stmt, 4, write->name);
    bind_text(stmt, 5, write->cid);
    bind_text(stmt, 6, write->text);
    rc = run(writer, W_NOTE_NEW);
    if (rc == OK && sqlite3_changes(writer->db) == 0)
        answer->outcome = STORE_REPEAT;
    return rc;
}

/* An event whose detail is made here: the write itself carries none. */
static int add_event_with(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                          const char *type, const struct buf *detail)
{
    struct chat_write copy = *write;

    if (buf_failed(detail))
        return RAISE(ERR_NO_MEMORY);
    copy.detail = buf_slice(detail);
    return add_event(writer, row, &copy, slice_of(type));
}

static int apply_tags(struct writer_db *writer, struct found *found, const struct chat_write *write,
                      struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_TAGS];
    AUTO_BUF detail;
    int rc;

    (void)answer;
    buf_init(&detail, 4096);
    buf_addf(&detail, "{\"tags\":%.*s}", SLICE_ARG(write->text));
    bind_number(stmt, 1, found->row);
    bind_text(stmt, 2, write->text);
    rc = run(writer, W_CONVERSATION_TAGS);
    return rc == OK ? add_event_with(writer, found->row, write, "tagged", &detail) : rc;
}

static int apply_stage(struct writer_db *writer, struct found *found,
                       const struct chat_write *write, struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_STAGE];
    AUTO_BUF detail;
    int rc;

    (void)answer;
    buf_init(&detail, 256);
    buf_add_text(&detail, "{\"stage\":");
    buf_add_json(&detail, write->text);
    buf_add_text(&detail, ",\"source\":");
    buf_add_json(&detail, write->reason);
    buf_add_text(&detail, "}");
    bind_number(stmt, 1, found->row);
    bind_text(stmt, 2, write->text);
    bind_text(stmt, 3, write->reason);
    rc = run(writer, W_CONVERSATION_STAGE);
    return rc == OK ? add_event_with(writer, found->row, write, "stage", &detail) : rc;
}

typedef int apply_fn(struct writer_db *writer, struct found *found, const struct chat_write *write,
                     struct store_answer *answer);
static apply_fn *const appliers[] = {
    [WRITE_MESSAGE] = apply_message,   [WRITE_CLAIM] = apply_claim,
    [WRITE_TRANSFER] = apply_transfer, [WRITE_RELEASE] = apply_release,
    [WRITE_END] = apply_end,           [WRITE_DELIVERY] = apply_delivery,
    [WRITE_EVENT] = apply_event,       [WRITE_SURVEY] = apply_survey,
    [WRITE_READ] = apply_read,         [WRITE_NOTE] = apply_note,
    [WRITE_TAGS] = apply_tags,         [WRITE_STAGE] = apply_stage,
};

int store_apply(struct writer_db *writer, const struct chat_write *write,
                struct store_answer *answer)
{
    bool opens = write->kind == WRITE_MESSAGE && write->opens;
    struct found found = { 0 };
    int rc = OK;

    answer->outcome = STORE_DONE;
    answer->conversation = write->conversation;
    if (write->kind == WRITE_MESSAGE)
        rc = find_elsewhere(writer, write, answer);
    if (rc != OK || answer->outcome == STORE_REPEAT)
        return rc;
    rc = opens ? open_conversation(writer, write, &found) : find(writer, write, &found);
    if (rc == FOUND_NONE) {
        answer->outcome = STORE_REFUSED;
        return OK;
    }
    return rc == OK ? appliers[write->kind](writer, &found, write, answer) : rc;
}

/* Undoing it alone keeps its neighbours; where even that fails, all of the batch is lost. */
int store_apply_bulk(struct writer_db *writer, struct store_answer *answer)
{
    int rc = database_run(writer->db, "SAVEPOINT bulk");

    if (rc != OK)
        return rc;
    if (answer->bulk->apply(writer, answer->bulk) == OK) {
        answer->outcome = STORE_DONE;
    } else {
        answer->outcome = STORE_FAILED;
        rc = database_run(writer->db, "ROLLBACK TO bulk");
    }
    return rc == OK ? database_run(writer->db, "RELEASE bulk") : rc;
}

int store_apply_visitor(struct writer_db *writer, const struct stored_visitor *visitor)
{
    sqlite3_stmt *stmt = writer->stmts[W_VISITOR_NEW];
    const struct slice token = { (const char *)visitor->token.bytes, DIGEST_BYTES };

    bind_id(stmt, 1, visitor->visitor.id);
    (void)sqlite3_bind_blob(stmt, 2, token.data, (int)token.len, SQLITE_STATIC);
    bind_id(stmt, 3, visitor->site.id);
    bind_text(stmt, 4, visitor->name);
    bind_text(stmt, 5, visitor->language);
    bind_text(stmt, 6, visitor->address_hash);
    bind_number(stmt, 7, visitor->created_ms);
    bind_text(stmt, 8, visitor->subject);
    return run(writer, W_VISITOR_NEW);
}
