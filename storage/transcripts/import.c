/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/transcripts/import.h"

#include "storage/sqlite/store_sqlite.h"

#include <stdio.h>

enum import_stmt {
    I_FIND,
    I_CONVERSATION,
    I_MESSAGE,
    I_REVISION,
    I_EVENT,
    I_NOTE,
    I_SOURCE,
    I_COUNT
};

static const char *const import_sql[I_COUNT] = {
    [I_FIND] = "SELECT i.digest FROM conversations c LEFT JOIN imported i ON i.conversation = "
               "c.row WHERE c.id = ?1",
    [I_CONVERSATION] =
        "INSERT INTO conversations (id, visitor, site, state, opened_ms, changed_ms, ended_ms, "
        "routed_seq, language, stage, visitor_name, end_reason, outcome, tags, survey, "
        "stage_source, verified, email, attributes, unindexed) VALUES (?1, ?2, ?3, 2, ?4, ?5, ?6, "
        "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?7 > 0)",
    [I_MESSAGE] =
        "INSERT INTO messages (conversation, seq, id, sender_kind, origin, delivery, at_ms, "
        "delivered_ms, read_ms, reply_to, sender, name, cid, text, edited_ms, withdrawn_ms) VALUES "
        "(?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    [I_REVISION] =
        "INSERT INTO revisions (conversation, seq, at_ms, sender, cid, text) VALUES (?1, "
        "?2, ?3, 'import', ?4, ?5)",
    [I_EVENT] = "INSERT INTO events (conversation, at_ms, type, agent, name, detail) VALUES (?1, "
                "?2, ?3, '', ?4, ?5)",
    [I_NOTE] =
        "INSERT INTO notes (conversation, at_ms, agent, name, cid, text) VALUES (?1, ?2, '', "
        "?3, ?4, ?5)",
    [I_SOURCE] = "INSERT INTO imported (conversation, source, digest, at_ms) VALUES (?1, ?2, ?3, "
                 "unixepoch() * 1000)",
};

/* Prepared for a batch, not for ever: imports are rare, tenants many. */
struct importing {
    struct writer_db *writer;
    sqlite3_stmt *stmts[I_COUNT];
};

static void bind_digest(sqlite3_stmt *stmt, int at, const struct digest *digest)
{
    (void)sqlite3_bind_blob(stmt, at, digest->bytes, DIGEST_BYTES, SQLITE_STATIC);
}

/* What the store says of this id. */
static int look(struct importing *importing, const struct transcript *transcript,
                enum import_verdict *ret_verdict)
{
    sqlite3_stmt *stmt = importing->stmts[I_FIND];
    int step;

    bind_id(stmt, 1, transcript->about.conversation.id);
    step = sqlite3_step(stmt);
    *ret_verdict = IMPORT_NEW;
    if (step == SQLITE_ROW) {
        const void *digest = sqlite3_column_blob(stmt, 0);
        bool same = digest != NULL && sqlite3_column_bytes(stmt, 0) == DIGEST_BYTES &&
                    memcmp(digest, transcript->digest.bytes, DIGEST_BYTES) == 0;

        *ret_verdict = same ? IMPORT_KNOWN : IMPORT_CLASH;
    }
    (void)sqlite3_reset(stmt);
    return step == SQLITE_ROW || step == SQLITE_DONE ? OK : RAISE(ERR_IO);
}

static int put_conversation(struct importing *importing, const struct stored_conversation *about)
{
    sqlite3_stmt *stmt = importing->stmts[I_CONVERSATION];

    bind_id(stmt, 1, about->conversation.id);
    bind_id(stmt, 2, about->visitor.id);
    bind_id(stmt, 3, about->site.id);
    bind_number(stmt, 4, about->opened_ms);
    bind_number(stmt, 5, about->changed_ms);
    bind_number(stmt, 6, about->ended_ms);
    bind_number(stmt, 7, about->last_seq);
    bind_text(stmt, 8, about->language);
    bind_text(stmt, 9, about->stage);
    bind_text(stmt, 10, about->visitor_name);
    bind_text(stmt, 11, about->end_reason);
    bind_text(stmt, 12, about->outcome);
    bind_text(stmt, 13, about->tags);
    bind_text(stmt, 14, about->survey);
    bind_text(stmt, 15, about->stage_source);
    bind_number(stmt, 16, about->verified);
    bind_text(stmt, 17, about->email);
    bind_text(stmt, 18, about->attributes);
    return step_run(stmt);
}

static int put_message(struct importing *importing, uint64_t row,
                       const struct stored_message *message)
{
    sqlite3_stmt *stmt = importing->stmts[I_MESSAGE];
    char cid[24];

    (void)snprintf(cid, sizeof(cid), "%llu", (unsigned long long)message->seq);
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, message->seq);
    bind_id(stmt, 3, message->message.id);
    bind_number(stmt, 4, message->from);
    bind_number(stmt, 5, message->origin);
    bind_number(stmt, 6, message->at_ms);
    bind_number(stmt, 7, message->delivered_ms);
    bind_number(stmt, 8, message->read_ms);
    bind_number(stmt, 9, message->reply_to);
    /* No JID is known, and none is invented; the sender only tells sides apart. */
    bind_text(stmt, 10,
              message->from == FROM_VISITOR ? SLICE_LITERAL("visitor") : SLICE_LITERAL("import"));
    bind_text(stmt, 11, message->name);
    bind_text(stmt, 12, slice_of(cid));
    bind_text(stmt, 13, message->text);
    bind_number(stmt, 14, message->edited_ms);
    bind_number(stmt, 15, message->withdrawn_ms);
    return step_run(stmt);
}

static int put_revision(struct importing *importing, uint64_t row,
                        const struct stored_revision *revision, size_t number)
{
    sqlite3_stmt *stmt = importing->stmts[I_REVISION];
    char cid[24];

    (void)snprintf(cid, sizeof(cid), "%zu", number);
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, revision->seq);
    bind_number(stmt, 3, revision->until_ms);
    bind_text(stmt, 4, slice_of(cid));
    bind_text(stmt, 5, revision->text);
    return step_run(stmt);
}

static int put_event(struct importing *importing, uint64_t row, const struct stored_event *event)
{
    sqlite3_stmt *stmt = importing->stmts[I_EVENT];

    bind_number(stmt, 1, row);
    bind_number(stmt, 2, event->at_ms);
    bind_text(stmt, 3, event->type);
    bind_text(stmt, 4, event->name);
    bind_text(stmt, 5, event->detail);
    return step_run(stmt);
}

static int put_note(struct importing *importing, uint64_t row, const struct stored_note *note,
                    size_t number)
{
    sqlite3_stmt *stmt = importing->stmts[I_NOTE];
    char cid[24];

    (void)snprintf(cid, sizeof(cid), "%zu", number);
    bind_number(stmt, 1, row);
    bind_number(stmt, 2, note->at_ms);
    bind_text(stmt, 3, note->name);
    bind_text(stmt, 4, slice_of(cid));
    bind_text(stmt, 5, note->text);
    return step_run(stmt);
}

static int put_source(struct importing *importing, uint64_t row, const struct transcript *from)
{
    sqlite3_stmt *stmt = importing->stmts[I_SOURCE];

    bind_number(stmt, 1, row);
    bind_text(stmt, 2, from->source);
    bind_digest(stmt, 3, &from->digest);
    return step_run(stmt);
}

static int put(struct importing *importing, const struct transcript *transcript)
{
    int rc = put_conversation(importing, &transcript->about);
    uint64_t row = (uint64_t)sqlite3_last_insert_rowid(importing->writer->db);

    if (rc == OK)
        rc = put_source(importing, row, transcript);
    for (size_t i = 0; rc == OK && i < transcript->message_count; i++)
        rc = put_message(importing, row, &transcript->messages[i]);
    for (size_t i = 0; rc == OK && i < transcript->revision_count; i++)
        rc = put_revision(importing, row, &transcript->revisions[i], i + 1);
    for (size_t i = 0; rc == OK && i < transcript->event_count; i++)
        rc = put_event(importing, row, &transcript->events[i]);
    for (size_t i = 0; rc == OK && i < transcript->note_count; i++)
        rc = put_note(importing, row, &transcript->notes[i], i + 1);
    return rc;
}

static int put_all(struct importing *importing, struct import *import)
{
    int rc = OK;

    for (size_t i = 0; rc == OK && i < import->count; i++) {
        struct import_item *item = &import->items[i];

        rc = look(importing, &item->transcript, &item->verdict);
        if (rc == OK && item->verdict == IMPORT_NEW)
            rc = put(importing, &item->transcript);
    }
    return rc;
}

static int apply(struct writer_db *writer, struct store_bulk *bulk)
{
    struct importing importing = { .writer = writer };
    int rc = OK;

    for (int i = 0; rc == OK && i < I_COUNT; i++) {
        importing.stmts[i] = database_prepare(writer->db, import_sql[i]);
        rc = importing.stmts[i] == NULL ? RAISE(ERR_IO) : OK;
    }
    if (rc == OK)
        rc = put_all(&importing, (struct import *)bulk);
    for (int i = 0; i < I_COUNT; i++)
        (void)sqlite3_finalize(importing.stmts[i]);
    return rc;
}

void import_init(struct import *import, struct import_item *items, size_t count)
{
    *import = (struct import){ .bulk.apply = apply, .items = items, .count = count };
}

void import_release(struct import *import)
{
    for (size_t i = 0; i < import->count; i++)
        transcript_release(&import->items[i].transcript);
    free(import->items);
    *import = (struct import){ 0 };
}
