/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/visitor.h"

#include "storage/sqlite/store_sqlite.h"

#include <stdlib.h>

static int read_self(struct reader_db *reader, struct visitor_record *record)
{
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT name, language, subject, created_ms FROM visitors WHERE id = ?1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, record->visitor.id);
    code = sqlite3_step(stmt);
    record->known = code == SQLITE_ROW;
    record->name = slice_dup(record->known ? column_text(stmt, 0) : SLICE_NONE);
    record->language = slice_dup(record->known ? column_text(stmt, 1) : SLICE_NONE);
    record->subject = slice_dup(record->known ? column_text(stmt, 2) : SLICE_NONE);
    record->created_ms = record->known ? column_number(stmt, 3) : 0;
    (void)sqlite3_finalize(stmt);
    if (record->name == NULL || record->language == NULL || record->subject == NULL)
        return RAISE(ERR_NO_MEMORY);
    return code == SQLITE_ROW || code == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int add(struct visitor_record *record, struct id id)
{
    struct conversation_id *grown =
        realloc(record->conversations, (record->count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    grown[record->count++] = (struct conversation_id){ id };
    record->conversations = grown;
    return OK;
}

static int read_theirs(struct reader_db *reader, struct visitor_record *record)
{
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT id FROM conversations WHERE visitor = ?1 ORDER BY opened_ms LIMIT ?2");
    int code = SQLITE_ERROR, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, record->visitor.id);
    bind_number(stmt, 2, VISITOR_CONVERSATIONS_MAX);
    while (rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        rc = add(record, column_id(stmt, 0));
    return walk_end(stmt, rc, code);
}

static int read_all(struct reader_db *reader, void *context)
{
    int rc = read_self(reader, context);

    return rc == OK ? read_theirs(reader, context) : rc;
}

int visitor_read(struct store *store, const struct tenant_name *tenant, struct visitor_id visitor,
                 struct visitor_record *ret_record)
{
    int rc;

    *ret_record = (struct visitor_record){ .visitor = visitor };
    rc = STORE_CALL(store, read, tenant, read_all, ret_record);
    if (rc == OK && !ret_record->known && ret_record->count == 0)
        rc = STORE_E_NONE;
    if (rc != OK)
        visitor_record_release(ret_record);
    return rc;
}

void visitor_record_release(struct visitor_record *record)
{
    free(record->name);
    free(record->language);
    free(record->subject);
    free(record->conversations);
    *record = (struct visitor_record){ .visitor = record->visitor };
}
