/* SPDX-License-Identifier: Apache-2.0
 *
 * One write inside a transaction that others share. What breaks a rule is refused before any
 * statement could fail by a constraint, so that one bad write never costs its neighbours.
 */
#include "storage/sqlite/store_sqlite.h"

#include "base/buf.h"
#include "storage/transcripts/reactions.h"
#include "storage/transcripts/revisions.h"

/* A conversation as it stands in this transaction. */
struct found {
    uint64_t row, last_seq;
    enum conversation_state state;
    bool others;  /* somebody else than the write's agent holds it */
    bool indexed; /* all of it can be searched */
    bool alone;   /* the visitor has no other */
};

enum { FOUND_NONE = 1 };

/* Who must hold it, if anybody does. */
static struct slice holder_of(const struct chat_write *write)
{
    return write->kind == WRITE_TRANSFER ? write->sender : write->agent;
}

static struct found found_in(const struct known *known, const struct chat_write *write)
{
    return (struct found){ .row = known->row,
                           .last_seq = known->last_seq,
                           .state = known->state,
                           .others = known->state == CONVERSATION_ACTIVE &&
                                     !slice_equal(known->agent, holder_of(write)),
                           .indexed = known->indexed,
                           .alone = known->alone };
}

/* Of the statement's row: its agent lives as long as the statement stands there. */
static struct known known_of(sqlite3_stmt *stmt, struct conversation_id id)
{
    return (struct known){ .conversation = id,
                           .row = column_number(stmt, 0),
                           .state = (enum conversation_state)column_number(stmt, 1),
                           .last_seq = column_number(stmt, 2),
                           .agent = column_text(stmt, 3),
                           .indexed = column_number(stmt, 4) == 0,
                           .visitor = { column_id(stmt, 5) },
                           .alone = column_number(stmt, 6) != 0 };
}

static int ask(struct writer_db *writer, const struct chat_write *write, struct found *ret_found)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_FIND];
    int rc;

    bind_id(stmt, 1, write->conversation.id);
    rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        struct known known = known_of(stmt, write->conversation);

        *ret_found = found_in(&known, write);
        known_add(&writer->known, &known);
    }
    (void)sqlite3_reset(stmt);
    if (rc == SQLITE_ROW)
        return OK;
    return rc == SQLITE_DONE ? FOUND_NONE : RAISE(ERR_IO);
}

static int find(struct writer_db *writer, const struct chat_write *write, struct found *ret_found)
{
    const struct known *known = known_find(writer->known, write->conversation);

    if (known == NULL)
        return ask(writer, write, ret_found);
    *ret_found = found_in(known, write);
    return OK;
}

/* It has one message more, which search has not seen. */
static void note_message(struct writer_db *writer, const struct chat_write *write, uint64_t seq)
{
    struct known *known = known_find(writer->known, write->conversation);

    if (known == NULL)
        return;
    known->last_seq = seq;
    known->indexed = false;
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

/* Who is to hear of the event that was just added; `seq`: of the message that asks for it. */
static int add_calls(struct writer_db *writer, const struct chat_write *write, uint64_t seq)
{
    sqlite3_stmt *stmt = writer->stmts[W_CALL_NEW];
    uint64_t event = (uint64_t)sqlite3_last_insert_rowid(writer->db);
    struct slice rest = write->hears, jid;
    int rc = OK;

    for (unsigned nth = 0; rc == OK && slice_next_word(&rest, &jid); nth++) {
        bind_id(stmt, 1, chat_call_line(write->message, nth).id);
        bind_number(stmt, 2, event);
        bind_number(stmt, 3, seq);
        bind_text(stmt, 4, jid);
        rc = writer_run(writer, W_CALL_NEW);
    }
    return rc;
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
    bind_text(stmt, 7, write->kind == WRITE_EVENT ? write->cid : SLICE_NONE);
    return writer_run(writer, W_EVENT);
}

static int open_conversation(struct writer_db *writer, const struct chat_write *write,
                             struct found *ret_found)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_NEW];
    struct chat_write queued = *write;
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
    rc = writer_run(writer, W_CONVERSATION_NEW);
    if (rc != OK)
        return rc;
    known_forget_visitor(&writer->known, write->visitor); /* theirs is not the only one any more */
    if (sqlite3_changes(writer->db) == 0) /* already there: the same opening, sent again */
        return find(writer, write, ret_found);
    *ret_found = (struct found){ .row = (uint64_t)sqlite3_last_insert_rowid(writer->db) };
    queued.detail = SLICE_NONE; /* that is of what its first message asks for */
    return add_event(writer, ret_found->row, &queued, SLICE_LITERAL("queued"));
}

/* Of what is not taken: whether it was, before. */
static int find_repeat(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                       struct store_answer *answer)
{
    answer->outcome = STORE_REFUSED;
    return writer_repeat_here(writer, W_MESSAGE_REPEAT, row, write, answer);
}

static int move(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                enum conversation_state state, const char *event)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_MOVED];
    int rc;

    known_forget(&writer->known, write->conversation);
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, state);
    bind_text(stmt, 3, state == CONVERSATION_ACTIVE ? write->agent : SLICE_NONE);
    bind_number(stmt, 4, write->at_ms);
    rc = writer_run(writer, W_CONVERSATION_MOVED);
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
    return writer_run(writer, W_MESSAGE_NEW);
}

static int insert_file(struct writer_db *writer, const struct found *found,
                       const struct chat_write *write, uint64_t seq)
{
    sqlite3_stmt *stmt = writer->stmts[W_FILE_NEW];
    const struct chat_file *file = &write->file;

    if (file_id_is_none(file->id))
        return OK;
    bind_id(stmt, 1, file->id.id);
    bind_id(stmt, 2, write->visitor.id);
    bind_number(stmt, 3, found->row);
    bind_number(stmt, 4, seq);
    bind_number(stmt, 5, write->at_ms);
    bind_text(stmt, 6, slice_of(filetype_mime(file->type)));
    bind_number(stmt, 7, file->bytes);
    bind_number(stmt, 8, file->width);
    bind_number(stmt, 9, file->height);
    (void)sqlite3_bind_blob(stmt, 10, file->sha256.bytes, DIGEST_BYTES, SQLITE_STATIC);
    return writer_run(writer, W_FILE_NEW);
}

/* The first message since the search index had caught up; those after it change nothing here. */
static int await_index(struct writer_db *writer, const struct found *found)
{
    if (!found->indexed)
        return OK;
    bind_number(writer->stmts[W_CONVERSATION_UNINDEXED], 1, found->row);
    return writer_run(writer, W_CONVERSATION_UNINDEXED);
}

/* A correction of nothing: what it was to change may have come meanwhile, and been changed. */
static int find_changed(struct writer_db *writer, const struct found *found,
                        const struct chat_write *write, struct store_answer *answer)
{
    return write->about.len == 0
               ? OK
               : writer_repeat_here(writer, W_REVISION_REPEAT, found->row, write, answer);
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
    rc = find_changed(writer, found, write, answer);
    if (rc != OK || answer->outcome == STORE_REPEAT)
        return rc;
    rc = insert_message(writer, found, write, seq);
    if (rc != OK)
        return rc;
    if (sqlite3_changes(writer->db) == 0)
        return find_repeat(writer, found->row, write, answer);
    note_message(writer, write, seq);
    rc = await_index(writer, found);
    if (rc == OK)
        rc = insert_file(writer, found, write, seq);
    if (rc == OK && claims)
        rc = move(writer, found->row, write, CONVERSATION_ACTIVE, "claimed");
    if (rc == OK && write->event.len > 0)
        rc = add_event(writer, found->row, write, write->event);
    if (rc == OK)
        rc = add_calls(writer, write, seq);
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

/* Of whoever let it go: when another has taken it over meanwhile, it stays theirs, and what is in
 * the queue already they have not. */
static int apply_release(struct writer_db *writer, struct found *found,
                         const struct chat_write *write, struct store_answer *answer)
{
    bool again = found->state == CONVERSATION_QUEUED && write->agent.len > 0;
    sqlite3_stmt *stmt;
    int rc;

    if (found->state == CONVERSATION_ENDED || found->others || again) {
        answer->outcome = STORE_REFUSED;
        return OK;
    }
    stmt = writer->stmts[W_CONVERSATION_SKILL];
    bind_number(stmt, 1, found->row);
    bind_text(stmt, 2, write->text);
    rc = writer_run(writer, W_CONVERSATION_SKILL);
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
    known_forget(&writer->known, write->conversation);
    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->at_ms);
    bind_text(stmt, 3, write->reason);
    bind_text(stmt, 4, write->text); /* the outcome, where the agent gave one */
    rc = writer_run(writer, W_CONVERSATION_ENDED);
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
        return writer_run(writer, W_CONVERSATION_ROUTED);
    }
    stmt = writer->stmts[which];
    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->seq);
    bind_number(stmt, 3, write->delivery);
    bind_number(stmt, 4, write->at_ms);
    return writer_run(writer, which);
}

static int apply_event(struct writer_db *writer, struct found *found,
                       const struct chat_write *write, struct store_answer *answer)
{
    int rc = add_event(writer, found->row, write, write->event);

    if (rc == OK && sqlite3_changes(writer->db) == 0) {
        answer->outcome = STORE_REPEAT;
        return OK;
    }
    return rc == OK ? add_calls(writer, write, 0) : rc;
}

static int apply_told(struct writer_db *writer, struct found *found, const struct chat_write *write,
                      struct store_answer *answer)
{
    (void)found;
    (void)answer;
    bind_id(writer->stmts[W_CALL_TOLD], 1, write->message.id);
    return writer_run(writer, W_CALL_TOLD);
}

static int apply_survey(struct writer_db *writer, struct found *found,
                        const struct chat_write *write, struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_CONVERSATION_SURVEY];

    (void)answer;
    bind_number(stmt, 1, found->row);
    bind_text(stmt, 2, write->detail);
    return writer_run(writer, W_CONVERSATION_SURVEY);
}

static int apply_read(struct writer_db *writer, struct found *found, const struct chat_write *write,
                      struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_READ_UP_TO];

    (void)answer;
    bind_number(stmt, 1, found->row);
    bind_number(stmt, 2, write->seq);
    bind_number(stmt, 3, write->at_ms);
    return writer_run(writer, W_READ_UP_TO);
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
    rc = writer_run(writer, W_NOTE_NEW);
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
    rc = writer_run(writer, W_CONVERSATION_TAGS);
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
    rc = writer_run(writer, W_CONVERSATION_STAGE);
    return rc == OK ? add_event_with(writer, found->row, write, "stage", &detail) : rc;
}

static int apply_revision(struct writer_db *writer, struct found *found,
                          const struct chat_write *write, struct store_answer *answer)
{
    bool may_change = found->state == CONVERSATION_ACTIVE && (write->beside || !found->others);

    return revisions_apply(writer, found->row, found->last_seq, may_change, write, answer);
}

/* Whoever holds it or has joined them; and its visitor, who is nobody's agent. */
static int apply_reaction(struct writer_db *writer, struct found *found,
                          const struct chat_write *write, struct store_answer *answer)
{
    bool visitor = write->from == FROM_VISITOR && found->state != CONVERSATION_ENDED;
    bool agent = found->state == CONVERSATION_ACTIVE && (write->beside || !found->others);

    return reactions_apply(writer, found->row, visitor || (write->from != FROM_VISITOR && agent),
                           write, answer);
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
    [WRITE_EDIT] = apply_revision,     [WRITE_WITHDRAW] = apply_revision,
    [WRITE_REACTION] = apply_reaction, [WRITE_TOLD] = apply_told,
};

int store_apply(struct writer_db *writer, const struct chat_write *write,
                struct store_answer *answer)
{
    bool opens = write->kind == WRITE_MESSAGE && write->opens;
    struct found found = { 0 };
    int rc = OK, missing = OK;

    answer->outcome = STORE_DONE;
    answer->conversation = write->conversation;
    if (!opens)
        missing = find(writer, write, &found);
    if (missing >= OK && write->kind == WRITE_MESSAGE && !found.alone)
        rc = writer_repeat_elsewhere(writer, W_MESSAGE_ELSEWHERE, write, answer);
    else if (write->kind == WRITE_EDIT || write->kind == WRITE_WITHDRAW)
        rc = writer_repeat_elsewhere(writer, W_REVISION_ELSEWHERE, write, answer);
    if (rc != OK || answer->outcome == STORE_REPEAT)
        return rc;
    if (opens)
        missing = open_conversation(writer, write, &found);
    if (missing == OK)
        return appliers[write->kind](writer, &found, write, answer);
    answer->outcome = STORE_REFUSED;
    return missing == FOUND_NONE ? OK : missing;
}

/* Undoing it alone keeps its neighbours; where even that fails, all of the batch is lost. */
int store_apply_bulk(struct writer_db *writer, struct store_answer *answer)
{
    int rc = database_run(writer->db, "SAVEPOINT bulk");

    known_forget_all(&writer->known);
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
    return writer_run(writer, W_VISITOR_NEW);
}
