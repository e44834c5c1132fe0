/* SPDX-License-Identifier: Apache-2.0
 *
 * store — the port: what is remembered of each tenant's conversations.
 *
 * Two backends keep the same promises and pass the same tests: store_sqlite (a database
 * file a tenant, a writer thread, group commit) and store_memory (tests, the simulator).
 *
 * Writing is asynchronous: store_submit() returns at once, and the answer comes from
 * store_collect() after the commit and its fsync. Answers of one tenant come in the order of
 * its submissions. Reading is synchronous and sees all that was answered.
 *
 * STORE_E_NONE also answers "it exists, but belongs to another tenant".
 */
#ifndef STORAGE_STORE_H
#define STORAGE_STORE_H

#include "base/auto.h"
#include "base/result.h"
#include "base/secret/digest.h"
#include "chat/write.h"
#include "tenant/tenant.h"

struct store;
struct writer_db;
struct reader_db;

enum {
    STORE_E_NONE = 1,
    STORE_E_EXISTS,
    STORE_E_UNAVAILABLE, /* this tenant's database */
    STORE_E_BUSY,        /* somebody reads it: try again */
};

enum store_outcome {
    STORE_DONE,
    STORE_REPEAT,  /* this sender's cid was stored before: conversation, seq, message, at_ms are its
                    */
    STORE_REFUSED, /* by rule: no such conversation, or it has ended, or another holds it */
    STORE_FAILED,  /* not stored: I/O error, disk full, database unavailable */
};

/* A piece of work for a tenant's writer that is no word of a chat: transcripts from elsewhere,
 * codes, a stretch of the search index. It shares a transaction with what else has gathered, but
 * stands in a savepoint of its own: what fails in it is undone alone. */
struct store_bulk {
    /* On the writer's thread; not OK undoes all it did. */
    int (*apply)(struct writer_db *writer, struct store_bulk *bulk);
    /* By whoever collects the answer, or when the store closes before: it owns itself. */
    void (*done)(struct store_bulk *bulk, enum store_outcome outcome);
    void *context; /* the submitter's own */
};

struct store_answer {
    struct tenant_name tenant;
    const struct chat_write *write; /* the very pointer submitted */
    struct store_bulk *bulk;        /* the same; then nothing below `outcome` counts */
    enum store_outcome outcome;
    struct conversation_id conversation; /* REPEAT: of the stored one, maybe an earlier one */
    uint64_t seq;              /* WRITE_MESSAGE: its place, from 1, gapless in commit order;
                                  WRITE_EDIT, WRITE_WITHDRAW: of the message they changed */
    struct message_id message; /* REPEAT: the stored one's */
    uint64_t at_ms;            /* REPEAT: the stored one's */
};

/* A person in a browser. The token itself is never stored, only its digest. */
struct stored_visitor {
    struct visitor_id visitor;
    struct digest token;
    struct site_id site;
    struct slice name, language;
    struct slice address_hash; /* HMAC of the address with the day's key; hex */
    struct slice subject;      /* whom their site says they are; empty: it vouches for nobody */
    uint64_t created_ms;
};

struct stored_message {
    uint64_t seq;
    struct message_id message;
    enum message_from from;
    enum message_origin origin;
    enum delivery delivery;
    uint64_t at_ms, delivered_ms, read_ms; /* 0: not (yet) */
    uint64_t edited_ms, withdrawn_ms;      /* the last time; withdrawn: there is no text */
    uint64_t reply_to;
    struct slice sender, name, cid, text;
    struct chat_file file;
};

struct stored_event {
    uint64_t at_ms;
    struct slice type, agent, name, detail; /* detail: a JSON object, or empty */
};

/* Agents' words for colleagues. Outside the messages: no visitor ever gets one. */
struct stored_note {
    uint64_t at_ms;
    struct slice agent, name, text;
};

struct stored_conversation {
    struct conversation_id conversation;
    struct visitor_id visitor;
    struct site_id site;
    enum conversation_state state;
    uint64_t opened_ms, changed_ms, ended_ms, last_seq;
    uint64_t routed_seq; /* every visitor message up to here has left PENDING */
    bool verified;       /* the site vouches for the visitor */
    bool faded;          /* its words are kept no longer (retention.h) */
    struct slice skill;  /* it waits for; empty: any will do */
    struct slice agent, language, stage, stage_source, visitor_name, end_reason, outcome, tags,
        survey;
    struct slice email, attributes; /* attributes: a JSON object, or empty */
    struct slice read_in; /* the language the machine found its words to be in; empty: not known */
};

/* The language its words are in, as far as anybody knows: as it was read, else as it was declared,
 * without a region. Borrowed from the row. */
struct slice conversation_language(const struct stored_conversation *conversation);

/* Callbacks: the row's slices live until it returns; 0 goes on, anything else stops the walk
 * and is returned. They must not call back into the store. */
typedef int store_message_fn(void *context, const struct stored_message *message);
typedef int store_event_fn(void *context, const struct stored_event *event);
typedef int store_note_fn(void *context, const struct stored_note *note);
typedef int store_conversation_fn(void *context, const struct stored_conversation *conversation);

struct chat_event;
/* What tells the rules of this conversation again after a start. Borrows the row's texts. */
struct chat_event store_restored(const struct stored_conversation *row);
/* What tells them of one of its events; of why it was handed on there is a copy in `why`, and
 * nothing else is. Borrows the row's texts. */
enum { STORE_WHY_BYTES = 256 };
struct chat_event store_happened(struct conversation_id conversation,
                                 const struct stored_event *row, char why[STORE_WHY_BYTES]);

enum conversation_filter { LIST_ALL, LIST_OPEN, LIST_QUEUED, LIST_ACTIVE, LIST_ENDED };

struct store_ops {
    const char *name;
    /* What takes long of opening a tenant's database, on any thread: tenant_open takes it over.
     * Whether it can be opened, that one tells. */
    void (*tenant_prepare)(struct store *store, const struct tenant_name *tenant);
    /* A tenant's database: made (with its migrations) or opened. Idempotent. */
    int (*tenant_open)(struct store *store, const struct tenant_name *tenant);
    /* Waits for its writes, then closes it; one that was only prepared, too. */
    void (*tenant_close)(struct store *store, const struct tenant_name *tenant);
    /* Deletes all that is on disk of a tenant that is closed. OK also when there is nothing. */
    int (*tenant_erase)(struct store *store, const struct tenant_name *tenant);
    /* All of a tenant that is closed is found under another name. Idempotent.
     * STORE_E_EXISTS: something lies there already. */
    int (*tenant_move)(struct store *store, const struct tenant_name *from,
                       const struct tenant_name *to);

    /* `write` and its texts stay untouched and alive until answered. ERR_LIMIT: too much is
     * waiting already; nothing was taken. */
    int (*submit)(struct store *store, const struct tenant_name *tenant,
                  const struct chat_write *write);
    /* Like submit, and answered the same way (write NULL, outcome DONE or FAILED). Where the
     * subject is known already nothing is made, and visitor_by_subject tells who it is. */
    int (*visitor_new)(struct store *store, const struct tenant_name *tenant,
                       const struct stored_visitor *visitor);
    /* Like submit: answered with it and its outcome, DONE or FAILED. */
    int (*bulk)(struct store *store, const struct tenant_name *tenant, struct store_bulk *bulk);
    /* What was deleted leaves the disk too: files, index and log. STORE_E_BUSY. */
    int (*scrub)(struct store *store, const struct tenant_name *tenant);
    /* Readable (poll) when answers wait. -1: this backend has none, collect at will. */
    int (*answer_fd)(struct store *store);
    /* Takes up to `max` answers. Returns how many. */
    size_t (*collect)(struct store *store, struct store_answer *ret_answers, size_t max);

    /* Only visitors nobody vouches for: a token alone never opens what an identity has opened.
     * STORE_E_NONE */
    int (*visitor_by_token)(struct store *store, const struct tenant_name *tenant,
                            const struct digest *token, struct visitor_id *ret_visitor);
    /* STORE_E_NONE */
    int (*visitor_by_subject)(struct store *store, const struct tenant_name *tenant,
                              struct slice subject, struct visitor_id *ret_visitor);
    /* The visitor's latest conversation, ended ones too. STORE_E_NONE. The callback is called
     * once. */
    int (*conversation_latest)(struct store *store, const struct tenant_name *tenant,
                               struct visitor_id visitor, store_conversation_fn *fn, void *context);
    int (*conversation_get)(struct store *store, const struct tenant_name *tenant,
                            struct conversation_id conversation, store_conversation_fn *fn,
                            void *context);
    /* Newest first; `before_ms`/`before` page on (0/none: from the newest). */
    int (*conversations)(struct store *store, const struct tenant_name *tenant,
                         enum conversation_filter filter, uint64_t before_ms,
                         struct conversation_id before, size_t limit, store_conversation_fn *fn,
                         void *context);
    /* In seq order, those after `after_seq`. */
    int (*messages)(struct store *store, const struct tenant_name *tenant,
                    struct conversation_id conversation, uint64_t after_seq, size_t limit,
                    store_message_fn *fn, void *context);
    int (*events)(struct store *store, const struct tenant_name *tenant,
                  struct conversation_id conversation, store_event_fn *fn, void *context);
    int (*notes)(struct store *store, const struct tenant_name *tenant,
                 struct conversation_id conversation, store_note_fn *fn, void *context);
    /* One visitor's, newest first. */
    int (*conversations_of)(struct store *store, const struct tenant_name *tenant,
                            struct visitor_id visitor, size_t limit, store_conversation_fn *fn,
                            void *context);
    /* Finds the message a receipt or a bounce speaks of, among this visitor's; the latest are
     * found soonest. STORE_E_NONE. */
    int (*message_by_id)(struct store *store, const struct tenant_name *tenant,
                         struct visitor_id visitor, struct message_id message,
                         struct conversation_id *ret_conversation, uint64_t *ret_seq);
    /* What other files of storage/ read for themselves: fn gets the tenant's reader. */
    int (*read)(struct store *store, const struct tenant_name *tenant,
                int (*fn)(struct reader_db *reader, void *context), void *context);
    /* What all these read by: the tenant's. NULL: unavailable. */
    struct reader_db *(*reader)(struct store *store, const struct tenant_name *tenant);
    /* A second store over the same memory that only reads, and only this tenant, for use on
     * another thread; store_view_close() it. What tests hold in memory gives itself. */
    int (*view)(struct store *store, const struct tenant_name *tenant, struct store **ret_view);
    void (*close)(struct store *store);
};

struct store {
    const struct store_ops *ops;
};

#define STORE_CALL(store, verb, ...) ((store)->ops->verb((store), __VA_ARGS__))

struct store *store_free(struct store *store); /* closes; NULL is fine */
DEFINE_AUTO(store)
void store_view_close(struct store *store, struct store *view);

/* `dir` holds <tenant>/transcripts.db for each tenant; it is made (0700) when missing.
 * `writers`: writer threads, tenants hashed over them. ERR_IO, ERR_NO_MEMORY. */
int store_sqlite_open(struct store **ret_store, const char *dir, unsigned writers) MUST_CHECK;

/* Nothing is durable, everything else holds. With `held` set, submissions are answered only
 * by store_memory_commit(), which makes the crash and reorder tests possible. */
int store_memory_open(struct store **ret_store) MUST_CHECK;
void store_memory_hold(struct store *store, bool held);
/* Commits up to `max` held submissions in order; returns how many. */
size_t store_memory_commit(struct store *store, size_t max);
/* Answers up to `max` held submissions with STORE_FAILED and forgets them. */
size_t store_memory_fail(struct store *store, size_t max);
/* Forgets all that was submitted and not committed, and all answers not collected: the
 * process died. What was committed stays. */
void store_memory_crash(struct store *store);

#endif
