/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/codes.h"

#include "base/grow.h"
#include "storage/sqlite/store_sqlite.h"

/* --- writing, on the writer's thread --- */

enum codes_stmt {
    K_CODER,
    K_CODER_ROW,
    K_CONVERSATION,
    K_BEYOND,
    K_FORGET,
    K_CODING,
    K_READ_IN,
    K_CODE,
    K_COUNT
};

static const char *const codes_sql[K_COUNT] = {
    [K_CODER] = "INSERT INTO coders (name, book) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    [K_CODER_ROW] = "SELECT row FROM coders WHERE name = ?1 AND book = ?2",
    [K_CONVERSATION] = "SELECT c.row FROM conversations c WHERE c.id = ?1 AND " LAST_SEQ " = ?2",
    /* Words that are gone hold nobody's span to account. */
    [K_BEYOND] = "SELECT 1 FROM messages WHERE conversation = ?1 AND seq = ?2 AND text <> '' AND "
                 "length(text) < ?3",
    [K_FORGET] = "DELETE FROM codes WHERE conversation = ?1 AND coder = ?2",
    [K_CODING] = "INSERT OR REPLACE INTO codings (coder, conversation, last_seq, at_ms) "
                 "VALUES (?1, ?2, ?3, ?4)",
    /* In another language its words have other stems: search is to have those. */
    [K_READ_IN] =
        "UPDATE conversations SET stale = max(stale, indexed_seq > 0 AND substr(CASE WHEN read_in "
        "<> '' THEN read_in ELSE language END, 1, 2) <> ?2), read_in = ?2 WHERE row = ?1 AND "
        "read_in <> ?2",
    [K_CODE] = "INSERT OR IGNORE INTO codes (conversation, coder, seq, code, first, last, rule) "
               "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
};

struct coding_run {
    sqlite3_stmt *stmts[K_COUNT];
    const struct codes_bulk *bulk;
    uint64_t coder; /* its row */
};

/* The first column of the first row; STORE_E_NONE: there is none. */
static int ask_number(sqlite3_stmt *stmt, uint64_t *ret_number)
{
    int step = sqlite3_step(stmt);

    if (step == SQLITE_ROW)
        *ret_number = column_number(stmt, 0);
    (void)sqlite3_reset(stmt);
    if (step == SQLITE_ROW)
        return OK;
    return step == SQLITE_DONE ? STORE_E_NONE : RAISE(ERR_IO);
}

static int find_coder(struct coding_run *coding_run)
{
    struct slice name = slice_of(coding_run->bulk->coder), book = slice_of(coding_run->bulk->book);
    int rc;

    bind_text(coding_run->stmts[K_CODER], 1, name);
    bind_text(coding_run->stmts[K_CODER], 2, book);
    rc = step_run(coding_run->stmts[K_CODER]);
    if (rc != OK)
        return rc;
    bind_text(coding_run->stmts[K_CODER_ROW], 1, name);
    bind_text(coding_run->stmts[K_CODER_ROW], 2, book);
    return FOLD(ask_number(coding_run->stmts[K_CODER_ROW], &coding_run->coder));
}

static int put_code(struct coding_run *coding_run, uint64_t row, const struct stored_code *code)
{
    sqlite3_stmt *stmt = coding_run->stmts[K_CODE];

    bind_number(stmt, 1, row);
    bind_number(stmt, 2, coding_run->coder);
    bind_number(stmt, 3, code->seq);
    bind_text(stmt, 4, code->code);
    bind_number(stmt, 5, code->first);
    bind_number(stmt, 6, code->last);
    bind_text(stmt, 7, code->rule);
    return step_run(stmt);
}

/* A person's spans are looked at; the machine made its own of the text. */
static int look_at_spans(const struct coding_run *coding_run, uint64_t row, struct coding *coding)
{
    sqlite3_stmt *stmt = coding_run->stmts[K_BEYOND];

    for (size_t i = 0; i < coding->count; i++) {
        const struct stored_code *code = &coding->codes[i];
        uint64_t one;
        int rc;

        if (code->last == 0 || code->rule.len > 0)
            continue;
        bind_number(stmt, 1, row);
        bind_number(stmt, 2, code->seq);
        bind_number(stmt, 3, code->last);
        rc = ask_number(stmt, &one);
        if (rc == OK)
            coding->fate = CODING_BEYOND;
        if (rc != STORE_E_NONE)
            return rc;
    }
    return OK;
}

static int put_read_in(struct coding_run *coding_run, uint64_t row, struct slice language)
{
    sqlite3_stmt *stmt = coding_run->stmts[K_READ_IN];

    bind_number(stmt, 1, row);
    bind_text(stmt, 2, language);
    return step_run(stmt);
}

static int put_coding(struct coding_run *coding_run, struct coding *coding)
{
    sqlite3_stmt *stmt = coding_run->stmts[K_CONVERSATION];
    uint64_t row = 0;
    int rc;

    bind_id(stmt, 1, coding->conversation.id);
    bind_number(stmt, 2, coding->last_seq);
    rc = ask_number(stmt, &row);
    coding->fate = rc == STORE_E_NONE ? CODING_UNKNOWN : CODING_STORED;
    if (rc == OK)
        rc = look_at_spans(coding_run, row, coding);
    if (rc != OK || coding->fate != CODING_STORED)
        return coding->fate != CODING_STORED ? OK : rc;
    bind_number(coding_run->stmts[K_FORGET], 1, row);
    bind_number(coding_run->stmts[K_FORGET], 2, coding_run->coder);
    rc = step_run(coding_run->stmts[K_FORGET]);
    stmt = coding_run->stmts[K_CODING];
    bind_number(stmt, 1, coding_run->coder);
    bind_number(stmt, 2, row);
    bind_number(stmt, 3, coding->last_seq);
    bind_number(stmt, 4, coding_run->bulk->at_ms);
    if (rc == OK)
        rc = step_run(stmt);
    if (rc == OK && coding->read_in[0] != '\0')
        rc = put_read_in(coding_run, row, slice_of(coding->read_in));
    for (size_t i = 0; rc == OK && i < coding->count; i++)
        rc = put_code(coding_run, row, &coding->codes[i]);
    return rc;
}

static int apply(struct writer_db *writer, struct store_bulk *base)
{
    struct codes_bulk *bulk = (struct codes_bulk *)base;
    struct coding_run coding_run = { .bulk = bulk };
    int rc = OK;

    for (int i = 0; rc == OK && i < K_COUNT; i++) {
        coding_run.stmts[i] = database_prepare(writer->db, codes_sql[i]);
        rc = coding_run.stmts[i] == NULL ? RAISE(ERR_IO) : OK;
    }
    if (rc == OK)
        rc = find_coder(&coding_run);
    for (size_t i = 0; rc == OK && i < bulk->count; i++)
        rc = put_coding(&coding_run, &bulk->codings[i]);
    for (int i = 0; i < K_COUNT; i++)
        (void)sqlite3_finalize(coding_run.stmts[i]);
    return rc;
}

int codes_bulk_init(struct codes_bulk *bulk, struct slice coder, const char *book, uint64_t at_ms)
{
    *bulk = (struct codes_bulk){ .bulk.apply = apply, .at_ms = at_ms };
    bulk->coder = slice_dup(coder);
    bulk->book = strdup(book);
    if (bulk->coder != NULL && bulk->book != NULL)
        return OK;
    codes_bulk_release(bulk);
    return RAISE(ERR_NO_MEMORY);
}

void codes_bulk_release(struct codes_bulk *bulk)
{
    for (size_t i = 0; i < bulk->count; i++)
        free(bulk->codings[i].codes);
    free(bulk->codings);
    free(bulk->coder);
    free(bulk->book);
    *bulk = (struct codes_bulk){ 0 };
}

int coding_add(struct coding *coding, const struct stored_code *code)
{
    if (GROW(coding->codes, coding->count, &coding->cap) != OK)
        return ERR_NO_MEMORY;
    coding->codes[coding->count++] = *code;
    return OK;
}

/* --- reading --- */

/* What each reading below is asked for and gives. */
struct asking {
    const struct coder_key *coder;
    struct slice code;
    struct conversation_id conversation, *ids;
    size_t limit, *count;
    uint64_t *left;
    store_code_fn *code_fn;
    store_coder_fn *coder_fn;
    void *context;
};

static int end(sqlite3_stmt *stmt, int step)
{
    (void)sqlite3_finalize(stmt);
    return step == SQLITE_DONE || step == SQLITE_ROW ? OK : RAISE(ERR_IO);
}

/* LEFT JOIN: a conversation coded with nothing found gives one row without a code. */
static int read_codes(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT k.seq, k.code, k.first, k.last, k.rule FROM conversations c JOIN coders r ON "
        "r.name = ?2 AND r.book = ?3 JOIN codings g ON g.coder = r.row AND g.conversation = c.row "
        "AND g.last_seq "
        "= " LAST_SEQ
        " LEFT JOIN codes k ON k.conversation = c.row AND k.coder = r.row WHERE c.id = "
        "?1 ORDER BY k.seq, k.code");
    int step, stopped = 0;
    bool any = false;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, asking->conversation.id);
    bind_text(stmt, 2, asking->coder->name);
    bind_text(stmt, 3, asking->coder->book);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct stored_code row = { .seq = column_number(stmt, 0),
                                   .code = column_text(stmt, 1),
                                   .first = (uint32_t)column_number(stmt, 2),
                                   .last = (uint32_t)column_number(stmt, 3),
                                   .rule = column_text(stmt, 4) };

        any = true;
        if (sqlite3_column_type(stmt, 1) != SQLITE_NULL)
            stopped = asking->code_fn(asking->context, &row);
    }
    if (stopped != 0) {
        (void)sqlite3_finalize(stmt);
        return stopped;
    }
    if (end(stmt, step) != OK)
        return ERR_IO;
    return any ? OK : STORE_E_NONE;
}

int codes_read(struct store *store, const struct tenant_name *tenant, const struct coder_key *coder,
               struct conversation_id conversation, store_code_fn *fn, void *context)
{
    struct asking asking = {
        .coder = coder, .conversation = conversation, .code_fn = fn, .context = context
    };

    return STORE_CALL(store, read, tenant, read_codes, &asking);
}

static int read_spans(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT DISTINCT k.seq, k.first, k.last FROM conversations c JOIN codes k ON "
                    "k.conversation = c.row WHERE c.id = ?1 AND k.code = ?2 AND k.seq > 0 AND "
                    "k.last > k.first ORDER BY 1, 2, 3");
    int step = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_id(stmt, 1, asking->conversation.id);
    bind_text(stmt, 2, asking->code);
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct stored_code row = { .seq = column_number(stmt, 0),
                                   .code = asking->code,
                                   .first = (uint32_t)column_number(stmt, 1),
                                   .last = (uint32_t)column_number(stmt, 2) };

        stopped = asking->code_fn(asking->context, &row);
    }
    if (stopped == 0)
        return end(stmt, step);
    (void)sqlite3_finalize(stmt);
    return stopped;
}

int codes_spans(struct store *store, const struct tenant_name *tenant,
                struct conversation_id conversation, struct slice code, store_code_fn *fn,
                void *context)
{
    struct asking asking = {
        .conversation = conversation, .code = code, .code_fn = fn, .context = context
    };

    return STORE_CALL(store, read, tenant, read_spans, &asking);
}

/* Of words that are gone nothing can be told: coded anew, they would pass for words without a code.
 */
static const char uncoded_sql[] =
    "SELECT c.id FROM conversations c LEFT JOIN codings g ON g.coder = (SELECT row FROM coders "
    "WHERE name = ?1 AND book = ?2) AND g.conversation = c.row WHERE c.faded_ms = 0 AND " LAST_SEQ
    " > coalesce(g.last_seq, 0) ORDER BY c.row";

/* Counted as they are listed: all chats are walked once, not twice. */
static int read_uncoded(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *list = database_prepare(reader->db, uncoded_sql);
    int step = SQLITE_ERROR;

    *asking->count = 0;
    *asking->left = 0;
    if (list == NULL)
        return ERR_IO;
    bind_text(list, 1, asking->coder->name);
    bind_text(list, 2, asking->coder->book);
    for (; (step = sqlite3_step(list)) == SQLITE_ROW; ++*asking->left)
        if (*asking->count < asking->limit)
            asking->ids[(*asking->count)++].id = column_id(list, 0);
    return end(list, step);
}

int codes_uncoded(struct store *store, const struct tenant_name *tenant,
                  const struct coder_key *coder, size_t limit, struct conversation_id *ret_ids,
                  size_t *ret_count, uint64_t *ret_left)
{
    struct asking asking = {
        .coder = coder, .limit = limit, .ids = ret_ids, .count = ret_count, .left = ret_left
    };

    return STORE_CALL(store, read, tenant, read_uncoded, &asking);
}

static int read_coders(struct reader_db *reader, void *context)
{
    const struct asking *asking = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db, "SELECT r.name, r.book, count(*), max(g.at_ms) FROM coders r JOIN codings "
                    "g ON g.coder = r.row GROUP BY r.row ORDER BY max(g.at_ms) DESC, r.row DESC");
    int step, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == 0 && (step = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct stored_coder row = { column_text(stmt, 0), column_text(stmt, 1),
                                    column_number(stmt, 2), column_number(stmt, 3) };

        stopped = asking->coder_fn(asking->context, &row);
    }
    if (stopped == 0)
        return end(stmt, step);
    (void)sqlite3_finalize(stmt);
    return stopped;
}

int codes_coders(struct store *store, const struct tenant_name *tenant, store_coder_fn *fn,
                 void *context)
{
    struct asking asking = { .coder_fn = fn, .context = context };

    return STORE_CALL(store, read, tenant, read_coders, &asking);
}
