/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/calls.h"

#include "chat/chat.h"
#include "storage/sqlite/store_sqlite.h"

struct reading {
    calls_fn *fn;
    void *context;
};

static int read_all(struct reader_db *reader, void *context)
{
    const struct reading *reading = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT k.id, c.id, c.visitor, k.jid, e.type, e.agent, e.name, coalesce(m.text, CASE WHEN "
        "json_valid(e.detail) THEN coalesce(json_extract(e.detail, '$.number'), "
        "json_extract(e.detail, '$.time')) END, ''), c.visitor_name, c.email, c.language FROM "
        "calls k JOIN events e ON e.row = k.event JOIN conversations c ON c.row = e.conversation "
        "LEFT JOIN messages m ON m.conversation = c.row AND m.seq = k.seq ORDER BY k.event");
    int step = SQLITE_DONE, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct stored_call row = { .line = { column_id(stmt, 0) },
                                         .conversation = { column_id(stmt, 1) },
                                         .visitor = { column_id(stmt, 2) },
                                         .jid = column_text(stmt, 3),
                                         .event = column_text(stmt, 4),
                                         .agent = column_text(stmt, 5),
                                         .agent_name = column_text(stmt, 6),
                                         .text = column_text(stmt, 7),
                                         .visitor_name = column_text(stmt, 8),
                                         .email = column_text(stmt, 9),
                                         .language = column_text(stmt, 10) };

        stopped = reading->fn(reading->context, &row);
    }
    return walk_end(stmt, stopped, step);
}

int calls_waiting(struct store *store, const struct tenant_name *tenant, calls_fn *fn,
                  void *context)
{
    struct reading reading = { fn, context };

    return STORE_CALL(store, read, tenant, read_all, &reading);
}

struct chat_event calls_restored(const struct stored_call *row)
{
    return (struct chat_event){ .type = CHAT_RESTORED_CALL,
                                .message = row->line,
                                .agent = row->jid,
                                .request = row->event,
                                .text = row->text,
                                .about = row->agent,
                                .names = row->agent_name,
                                .conversation = row->conversation,
                                .visitor = row->visitor,
                                .name = row->visitor_name,
                                .email = row->email,
                                .language = row->language };
}
