/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/revisions.h"

#include "storage/sqlite/store_sqlite.h"

/* --- finding --- */

/* The message that is to be changed, as it is. */
struct target {
    uint64_t seq; /* 0: there is none */
    bool withdrawn;
};

/* By its own stanza, or by that of an earlier change: clients name either. */
static int find_target(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                       struct target *ret_target)
{
    sqlite3_stmt *stmt = writer->stmts[W_REVISION_TARGET];
    int step;

    *ret_target = (struct target){ 0 };
    bind_number(stmt, 1, row);
    bind_text(stmt, 2, write->sender);
    bind_text(stmt, 3, write->about);
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        ret_target->seq = column_number(stmt, 0);
        ret_target->withdrawn = column_number(stmt, 1) != 0;
    }
    (void)sqlite3_reset(stmt);
    return step == SQLITE_ROW || step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

/* --- changing --- */

static int change(struct writer_db *writer, uint64_t row, uint64_t seq,
                  const struct chat_write *write)
{
    enum writer_stmt which = write->kind == WRITE_WITHDRAW ? W_MESSAGE_WITHDRAWN : W_MESSAGE_EDITED;
    sqlite3_stmt *stmt = writer->stmts[W_REVISION_NEW];
    int rc;

    bind_number(stmt, 1, row);
    bind_number(stmt, 2, seq);
    bind_number(stmt, 3, write->at_ms);
    bind_text(stmt, 4, write->sender);
    bind_text(stmt, 5, write->cid);
    rc = writer_run(writer, W_REVISION_NEW);
    if (rc != OK)
        return rc;
    stmt = writer->stmts[which];
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, seq);
    bind_number(stmt, 3, write->at_ms);
    if (which == W_MESSAGE_EDITED)
        bind_text(stmt, 4, write->text);
    return writer_run(writer, which);
}

int revisions_apply(struct writer_db *writer, uint64_t row, uint64_t last_seq, bool may_change,
                    const struct chat_write *write, struct store_answer *answer)
{
    struct target target;
    int rc = writer_repeat_here(writer, W_REVISION_REPEAT, row, write, answer);

    if (rc != OK || answer->outcome == STORE_REPEAT)
        return rc;
    rc = find_target(writer, row, write, &target);
    if (rc != OK)
        return rc;
    answer->seq = target.seq;
    answer->at_ms = write->at_ms;
    if (!may_change || target.seq == 0 || target.seq + REVISABLE_BACK <= last_seq)
        answer->outcome = STORE_REFUSED;
    else if (target.withdrawn)
        answer->outcome = write->kind == WRITE_WITHDRAW ? STORE_REPEAT : STORE_REFUSED;
    else
        rc = change(writer, row, target.seq, write);
    return rc;
}

/* --- reading --- */

struct reading {
    struct conversation_id conversation;
    revisions_fn *fn;
    void *context;
};

static int read_all(struct reader_db *reader, void *context)
{
    const struct reading *reading = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT r.seq, r.at_ms, r.cid, r.text FROM conversations c JOIN revisions r ON "
                    "r.conversation = c.row WHERE c.id = ?1 ORDER BY r.seq, r.row");
    int step = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, reading->conversation.id);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct stored_revision row = { .seq = column_number(stmt, 0),
                                             .until_ms = column_number(stmt, 1),
                                             .cid = column_text(stmt, 2),
                                             .text = column_text(stmt, 3) };

        stopped = reading->fn(reading->context, &row);
    }
    return walk_end(stmt, stopped, step);
}

int revisions_read(struct store *store, const struct tenant_name *tenant,
                   struct conversation_id conversation, revisions_fn *fn, void *context)
{
    struct reading reading = { conversation, fn, context };

    return STORE_CALL(store, read, tenant, read_all, &reading);
}
