/* SPDX-License-Identifier: Apache-2.0
 *
 * store_sqlite — for the files of this backend alone: what a tenant's open database is.
 *
 *     store_sqlite.c   the port, the writer threads, the batches
 *     store_queue.c    jobs on their way to a writer
 *     store_writer.c   a writer's statements
 *     store_apply.c    one write inside a transaction
 *     known.c          what a writer knows without asking
 *     store_read.c     the reading verbs, for every backend
 *     store_view.c     one tenant to be read on another thread
 */
#ifndef STORAGE_STORE_SQLITE_H
#define STORAGE_STORE_SQLITE_H

#include "storage/sqlite/database.h"
#include "storage/sqlite/known.h"
#include "storage/store.h"

/* In SQL: how much there is of the conversation c now. */
/* As conversation_language() has it, but for a region. */
#define LANGUAGE "CASE WHEN c.read_in <> '' THEN c.read_in ELSE c.language END"
#define LAST_SEQ "(SELECT coalesce(max(seq), 0) FROM messages WHERE conversation = c.row)"

/* The writer's statements, prepared once. */
enum writer_stmt {
    W_BEGIN,
    W_COMMIT,
    W_ROLLBACK,
    W_CONVERSATION_FIND,
    W_CONVERSATION_NEW,
    W_CONVERSATION_UNINDEXED,
    W_CONVERSATION_MOVED,
    W_CONVERSATION_ENDED,
    W_CONVERSATION_ROUTED,
    W_CONVERSATION_SURVEY,
    W_MESSAGE_NEW,
    W_FILE_NEW,
    W_MESSAGE_REPEAT,
    W_MESSAGE_ELSEWHERE,
    W_DELIVERY_ONE,
    W_DELIVERY_UP_TO,
    W_READ_UP_TO,
    W_EVENT,
    W_CALL_NEW,
    W_CALL_TOLD,
    W_CONVERSATION_SKILL,
    W_NOTE_NEW,
    W_CONVERSATION_TAGS,
    W_CONVERSATION_STAGE,
    W_VISITOR_NEW,
    W_REVISION_REPEAT,
    W_REVISION_ELSEWHERE,
    W_REVISION_TARGET,
    W_REVISION_NEW,
    W_MESSAGE_EDITED,
    W_MESSAGE_WITHDRAWN,
    W_REACTION_TARGET,
    W_REACTION_LAST,
    W_COUNT
};

struct writer_db {
    sqlite3 *db; /* NULL: not usable now */
    sqlite3_stmt *stmts[W_COUNT];
    struct known *known;  /* owned; what the open transaction has made of them */
    int log_pages;        /* of the write-ahead log, at the last commit */
    int checkpoint_pages; /* so long it may get */
};

/* Prepares every statement. ERR_IO. */
int writer_prepare(struct writer_db *writer) MUST_CHECK;
/* Steps one that gives no rows. ERR_IO. */
int writer_run(struct writer_db *writer, enum writer_stmt which) MUST_CHECK;
/* Whether a sender's cid is stored in the conversation of this row (W_…_REPEAT); then the answer is
 * a repeat, else it stays as it is. ERR_IO. */
int writer_repeat_here(struct writer_db *writer, enum writer_stmt which, uint64_t row,
                       const struct chat_write *write, struct store_answer *answer) MUST_CHECK;
/* The same in another conversation of this visitor (W_…_ELSEWHERE): the tick was lost, and the
 * conversation ended before the words were sent again. An agent's client may count its stanza ids
 * from one each day, so theirs must say the same, too. ERR_IO. */
int writer_repeat_elsewhere(struct writer_db *writer, enum writer_stmt which,
                            const struct chat_write *write, struct store_answer *answer) MUST_CHECK;
void writer_finalize(struct writer_db *writer); /* forgets what it knew, too */

/* Copies the log into the database when it is long: after the answers of a batch, which need not
 * wait for that. */
void writer_checkpoint(struct writer_db *writer);

/* Does one write inside the open transaction. ERR_IO: the whole transaction is lost. */
int store_apply(struct writer_db *writer, const struct chat_write *write,
                struct store_answer *answer) MUST_CHECK;
int store_apply_visitor(struct writer_db *writer, const struct stored_visitor *visitor) MUST_CHECK;
/* In a savepoint of its own; what it could not do is told in the answer. */
int store_apply_bulk(struct writer_db *writer, struct store_answer *answer) MUST_CHECK;

/* What a row says of a file, in six columns from `at` on; where it has none, of none. */
struct chat_file column_file(sqlite3_stmt *stmt, int at);

/* The reader's connection, on the caller's thread. */
struct reader_db {
    sqlite3 *db;
    sqlite3_stmt *message_by_id; /* kept: asked for at each receipt. NULL: not yet */
};
int reader_open(struct reader_db *reader, const char *path) MUST_CHECK;
void reader_close(struct reader_db *reader);

/* The port's verbs, by whatever reader the backend's own `reader` gives. */
int read_visitor_by_token(struct store *store, const struct tenant_name *tenant,
                          const struct digest *token, struct visitor_id *ret_visitor);
int read_visitor_by_subject(struct store *store, const struct tenant_name *tenant,
                            struct slice subject, struct visitor_id *ret_visitor);
int read_conversation_latest(struct store *store, const struct tenant_name *tenant,
                             struct visitor_id visitor, store_conversation_fn *fn, void *context);
int read_conversation(struct store *store, const struct tenant_name *tenant,
                      struct conversation_id conversation, store_conversation_fn *fn,
                      void *context);
int read_conversations(struct store *store, const struct tenant_name *tenant,
                       enum conversation_filter filter, uint64_t before_ms,
                       struct conversation_id before, size_t limit, store_conversation_fn *fn,
                       void *context);
int read_messages(struct store *store, const struct tenant_name *tenant,
                  struct conversation_id conversation, uint64_t after_seq, size_t limit,
                  store_message_fn *fn, void *context);
int read_events(struct store *store, const struct tenant_name *tenant,
                struct conversation_id conversation, store_event_fn *fn, void *context);
int read_notes(struct store *store, const struct tenant_name *tenant,
               struct conversation_id conversation, store_note_fn *fn, void *context);
int read_conversations_of(struct store *store, const struct tenant_name *tenant,
                          struct visitor_id visitor, size_t limit, store_conversation_fn *fn,
                          void *context);
int read_message_by_id(struct store *store, const struct tenant_name *tenant,
                       struct visitor_id visitor, struct message_id message,
                       struct conversation_id *ret_conversation, uint64_t *ret_seq);
int read_own(struct store *store, const struct tenant_name *tenant,
             int (*fn)(struct reader_db *reader, void *context), void *context);

/* All of them, for a backend's table. */
#define STORE_READING                                                                         \
    .visitor_by_token = read_visitor_by_token, .visitor_by_subject = read_visitor_by_subject, \
    .conversation_latest = read_conversation_latest, .conversation_get = read_conversation,   \
    .conversations = read_conversations, .messages = read_messages, .events = read_events,    \
    .notes = read_notes, .conversations_of = read_conversations_of,                           \
    .message_by_id = read_message_by_id, .read = read_own

/* A store that reads this one file. ERR_IO, ERR_CORRUPT. */
int store_view_open(struct store **ret_view, const char *path) MUST_CHECK;

#endif
