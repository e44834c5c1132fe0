/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/reactions.h"

#include "base/format/emoji.h"
#include "storage/sqlite/store_sqlite.h"

static const char *const froms[FROM_COUNT] = {
    [FROM_VISITOR] = "visitor", [FROM_AGENT] = "agent", [FROM_BOT] = "bot", [FROM_SYSTEM] = "system"
};

/* {"seq":4,"from":"agent","emojis":["👍"]} */
static void add_detail(struct buf *to, const struct chat_write *write)
{
    struct slice rest = write->text;
    const char *between = "";

    buf_addf(to, "{\"seq\":%llu,\"from\":\"%s\",\"emojis\":[", (unsigned long long)write->seq,
             froms[write->from]);
    while (rest.len > 0) {
        buf_add_text(to, between);
        buf_add_json(to, emoji_next(&rest));
        between = ",";
    }
    buf_add_text(to, "]}");
}

/* --- finding --- */

/* One reacts to what the other side said. */
static bool is_others(const struct chat_write *write, enum message_from from)
{
    if (write->from == FROM_VISITOR)
        return from == FROM_AGENT || from == FROM_BOT;
    return from == FROM_VISITOR;
}

static int find_target(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                       bool *ret_fits)
{
    sqlite3_stmt *stmt = writer->stmts[W_REACTION_TARGET];
    int step;

    bind_number(stmt, 1, row);
    bind_number(stmt, 2, write->seq);
    step = sqlite3_step(stmt);
    *ret_fits = step == SQLITE_ROW && is_others(write, (enum message_from)column_number(stmt, 0)) &&
                column_number(stmt, 1) == 0;
    (void)sqlite3_reset(stmt);
    return step == SQLITE_ROW || step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

struct before {
    bool same;  /* this is what stands there already … */
    bool stood; /* … or once did */
    uint64_t count;
};

static int find_before(struct writer_db *writer, uint64_t row, const struct chat_write *write,
                       struct slice detail, struct before *ret_before)
{
    sqlite3_stmt *stmt = writer->stmts[W_REACTION_LAST];
    struct slice last;
    int step;

    bind_number(stmt, 1, row);
    bind_text(stmt, 2, write->agent);
    bind_number(stmt, 3, write->seq);
    bind_text(stmt, 4, detail);
    step = sqlite3_step(stmt);
    if (step == SQLITE_ROW) {
        ret_before->count = column_number(stmt, 0);
        last = column_text(stmt, 1);
        ret_before->same = last.len == 0 ? write->text.len == 0 : slice_equal(last, detail);
        ret_before->stood = column_number(stmt, 2) > 0;
    }
    (void)sqlite3_reset(stmt);
    return step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

/* --- changing --- */

/* What may stand there no longer, and did, is told again after the core's death: by a link that did
 * not hear that it was received. */
static enum store_outcome outcome_of(const struct before *before, bool may)
{
    if (!may)
        return before->stood ? STORE_REPEAT : STORE_REFUSED;
    if (before->same)
        return STORE_REPEAT;
    return before->count >= REACTIONS_MAX ? STORE_REFUSED : STORE_DONE;
}

static int add(struct writer_db *writer, uint64_t row, bool may, const struct chat_write *write,
               struct store_answer *answer)
{
    sqlite3_stmt *stmt = writer->stmts[W_EVENT];
    struct before before = { .count = 0 };
    AUTO_BUF detail;
    int rc;

    buf_init(&detail, 1024);
    add_detail(&detail, write);
    if (buf_failed(&detail))
        return RAISE(ERR_NO_MEMORY);
    rc = find_before(writer, row, write, buf_slice(&detail), &before);
    if (rc != OK)
        return rc;
    answer->outcome = outcome_of(&before, may);
    if (answer->outcome != STORE_DONE)
        return OK;
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, write->at_ms);
    bind_text(stmt, 3, SLICE_LITERAL("reaction"));
    bind_text(stmt, 4, write->agent);
    bind_text(stmt, 5, write->name);
    bind_text(stmt, 6, buf_slice(&detail));
    bind_text(stmt, 7, SLICE_NONE);
    return writer_run(writer, W_EVENT);
}

int reactions_apply(struct writer_db *writer, uint64_t row, bool may_react,
                    const struct chat_write *write, struct store_answer *answer)
{
    bool fits = false;
    int rc = find_target(writer, row, write, &fits);

    answer->seq = write->seq;
    answer->at_ms = write->at_ms;
    return rc == OK ? add(writer, row, may_react && fits, write, answer) : rc;
}

/* --- reading --- */

struct reading {
    struct conversation_id conversation;
    reactions_fn *fn;
    void *context;
};

static enum message_from from_of(struct slice name)
{
    for (int i = 0; i < FROM_COUNT; i++) {
        if (slice_is(name, froms[i]))
            return (enum message_from)i;
    }
    return FROM_AGENT;
}

static int read_all(struct reader_db *reader, void *context)
{
    const struct reading *reading = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT r.seq, json_extract(r.detail, '$.from'), r.name, (SELECT group_concat(value, ' ') "
        "FROM json_each(r.detail, '$.emojis')), r.agent FROM (SELECT max(e.row), e.agent, e.name, "
        "e.detail, "
        "CASE WHEN json_valid(e.detail) THEN json_extract(e.detail, '$.seq') END AS seq, c.row AS "
        "conversation FROM conversations c JOIN events e ON e.conversation = c.row WHERE c.id = ?1 "
        "AND e.type = 'reaction' GROUP BY 5, e.agent, CASE e.agent WHEN '' THEN e.name END) r JOIN "
        "messages m ON m.conversation = r.conversation AND m.seq = r.seq WHERE m.withdrawn_ms = 0 "
        "ORDER BY r.seq");
    int step = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, reading->conversation.id);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct stored_reaction row = { .seq = column_number(stmt, 0),
                                             .from = from_of(column_text(stmt, 1)),
                                             .name = column_text(stmt, 2),
                                             .emojis = column_text(stmt, 3),
                                             .agent = column_text(stmt, 4) };

        stopped = reading->fn(reading->context, &row);
    }
    return walk_end(stmt, stopped, step);
}

int reactions_read(struct store *store, const struct tenant_name *tenant,
                   struct conversation_id conversation, reactions_fn *fn, void *context)
{
    struct reading reading = { conversation, fn, context };

    return STORE_CALL(store, read, tenant, read_all, &reading);
}
