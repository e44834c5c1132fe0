/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/access_record.h"

#include "base/buf.h"
#include "base/grow.h"
#include "storage/directory/directory_rows.h"
#include "storage/sqlite/store_sqlite.h"
#include "tenant/role.h"

#include <stdio.h>
#include <stdlib.h>

struct span {
    char *who, *role, *given_by, *ended_by;
    bool everywhere;
    uint64_t from_ms, until_ms;
};

struct record {
    const struct access_question *question;
    struct tenant_name called; /* what it was called when the entry at hand was made */
    struct span *spans;
    size_t count, cap;
    int rc; /* ERR_NO_MEMORY: what follows is left out, and all of it is worth nothing */
};

static void record_release(struct record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        free(record->spans[i].who);
        free(record->spans[i].role);
        free(record->spans[i].given_by);
        free(record->spans[i].ended_by);
    }
    free(record->spans);
}

static int open_directory(const struct access_question *question, sqlite3 **ret_db)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/lasna.db", question->dir);
    return database_open(ret_db, path, DATABASE_READER);
}

/* --- spans --- */

static struct span *open_span(struct record *record, const char *who)
{
    for (size_t i = record->count; i-- > 0;) {
        if (record->spans[i].until_ms == 0 && strcmp(record->spans[i].who, who) == 0)
            return &record->spans[i];
    }
    return NULL;
}

static void end(struct record *record, const char *who, uint64_t at_ms, struct slice by)
{
    struct span *span = open_span(record, who);

    if (span == NULL)
        return;
    span->until_ms = at_ms;
    free(span->ended_by);
    span->ended_by = slice_dup(by);
    if (span->ended_by == NULL)
        record->rc = RAISE(ERR_NO_MEMORY);
}

/* Another role begins another span. */
static void begin(struct record *record, const char *who, struct slice role, bool everywhere,
                  uint64_t at_ms, struct slice by)
{
    struct span *span = open_span(record, who);

    if (span != NULL && slice_is(role, span->role) && span->everywhere == everywhere)
        return;
    end(record, who, at_ms, by);
    if (record->rc == OK)
        record->rc = GROW(record->spans, record->count, &record->cap);
    if (record->rc != OK)
        return;
    span = &record->spans[record->count++];
    *span = (struct span){ .who = strdup(who),
                           .role = slice_dup(role),
                           .given_by = slice_dup(by),
                           .ended_by = strdup(""),
                           .everywhere = everywhere,
                           .from_ms = at_ms };
    if (span->who == NULL || span->role == NULL || span->given_by == NULL || span->ended_by == NULL)
        record->rc = RAISE(ERR_NO_MEMORY);
}

/* --- what the audit's entries say of them --- */

/* The value in a detail like `user=vera role=analyst tenants="acme borealis"`; none: empty. */
static struct slice value_of(struct slice detail, const char *key)
{
    size_t at = 0;

    while (at < detail.len) {
        const char *word = detail.data + at;
        size_t left = detail.len - at, name = 0, from, to;
        bool quoted;

        while (name < left && word[name] != '=' && word[name] != ' ')
            name++;
        from = name + (name < left && word[name] == '=');
        quoted = from > name && from < left && word[from] == '"';
        from += quoted;
        to = from;
        while (to < left && word[to] != (quoted ? '"' : ' '))
            to++;
        if (from > name && slice_is((struct slice){ word, name }, key))
            return (struct slice){ word + from, to - from };
        at += to + 1;
    }
    return SLICE_NONE;
}

static bool holds_word(struct slice words, const char *word)
{
    size_t len = strlen(word);

    for (size_t at = 0; at < words.len;) {
        const char *space = memchr(words.data + at, ' ', words.len - at);
        size_t word_len = space == NULL ? words.len - at : (size_t)(space - words.data) - at;

        if (word_len == len && memcmp(words.data + at, word, len) == 0)
            return true;
        at += word_len + 1;
    }
    return false;
}

/* "token:…": nobody's name is longer than the detail it stood in. */
static char *named(const char *kind, struct slice name)
{
    char *who;

    return asprintf(&who, "%s%.*s", kind, SLICE_ARG(name)) < 0 ? NULL : who;
}

static bool is_here(const struct record *record, const struct audit_entry *entry)
{
    return slice_is(entry->tenant, record->question->tenant.text);
}

static void on_member_set(struct record *record, const struct audit_entry *entry)
{
    AUTO_MEM char *who = named("", value_of(entry->detail, "jid"));

    if (who != NULL && is_here(record, entry))
        begin(record, who, value_of(entry->detail, "role"), false, entry->at_ms, entry->who);
}

static void on_member_gone(struct record *record, const struct audit_entry *entry)
{
    AUTO_MEM char *who = named("", value_of(entry->detail, "jid"));

    if (who != NULL && is_here(record, entry))
        end(record, who, entry->at_ms, entry->who);
}

static void on_token(struct record *record, const struct audit_entry *entry)
{
    AUTO_MEM char *who = named("token:", value_of(entry->detail, "token"));

    if (who != NULL && (entry->tenant.len == 0 || is_here(record, entry)))
        begin(record, who, value_of(entry->detail, "role"), entry->tenant.len == 0, entry->at_ms,
              entry->who);
}

static void on_token_gone(struct record *record, const struct audit_entry *entry)
{
    AUTO_MEM char *who = named("token:", value_of(entry->detail, "id"));

    if (who != NULL)
        end(record, who, entry->at_ms, entry->who);
}

static void on_user(struct record *record, const struct audit_entry *entry)
{
    AUTO_MEM char *who = named("user:", value_of(entry->detail, "user"));
    struct slice role = value_of(entry->detail, "role");
    bool everywhere = slice_is(role, role_name(ROLE_ADMIN));
    bool sees = everywhere || holds_word(value_of(entry->detail, "tenants"), record->called.text);

    if (who == NULL)
        return;
    if (sees && !slice_is(value_of(entry->detail, "disabled"), "1"))
        begin(record, who, role, everywhere, entry->at_ms, entry->who);
    else
        end(record, who, entry->at_ms, entry->who);
}

static void on_user_gone(struct record *record, const struct audit_entry *entry)
{
    AUTO_MEM char *who = named("user:", value_of(entry->detail, "user"));

    if (who != NULL)
        end(record, who, entry->at_ms, entry->who);
}

/* What an admin does to users, a tenant's admin does to those of the tenant (tenant_…). */
static const struct grant {
    const char *action;
    void (*take)(struct record *record, const struct audit_entry *entry);
} grants[] = {
    { "member_set", on_member_set },
    { "member_remove", on_member_gone },
    { "agent_revoke", on_member_gone },
    { "token_create", on_token },
    { "token_revoke", on_token_gone },
    { "user_add", on_user },
    { "user_change", on_user },
    { "user_remove", on_user_gone },
    { "tenant_user_add", on_user },
    { "tenant_user_change", on_user },
    { "tenant_user_remove", on_user_gone },
};

static void take(struct record *record, const struct audit_entry *entry)
{
    for (size_t i = 0; i < sizeof(grants) / sizeof(grants[0]); i++) {
        if (slice_is(entry->action, grants[i].action))
            grants[i].take(record, entry);
    }
}

/* From the beginning: a right given long ago may hold still. What is everybody's may be older
 * than the tenant. */
static int walk_grants(sqlite3 *db, struct record *record)
{
    sqlite3_stmt *stmt = database_prepare(
        db,
        "SELECT at_ms, who, action, CASE WHEN " AUDIT_IS_OURS
        " THEN ?1 ELSE tenant END, detail, coalesce((SELECT name FROM former_names f WHERE "
        "f.tenant = ?1 AND audit.at_ms BETWEEN f.since_ms AND f.until_ms), ?1) FROM audit WHERE "
        "action IN ('member_set', 'member_remove', 'agent_revoke', 'token_create', 'token_revoke', "
        "'user_add', 'user_change', 'user_remove', 'tenant_user_add', 'tenant_user_change', "
        "'tenant_user_remove') AND (tenant <> ?1 OR " AUDIT_IS_OURS ") ORDER BY number");
    int code = SQLITE_ERROR;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(record->question->tenant.text));
    bind_number(stmt, 2, record->question->created_ms);
    while (record->rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct audit_entry entry = { .at_ms = column_number(stmt, 0),
                                           .who = column_text(stmt, 1),
                                           .action = column_text(stmt, 2),
                                           .tenant = column_text(stmt, 3),
                                           .detail = column_text(stmt, 4) };

        (void)slice_copy(column_text(stmt, 5), record->called.text, sizeof(record->called.text));
        take(record, &entry);
    }
    return walk_end(stmt, record->rc, code);
}

/* --- what holds now --- */

/* Who came along with a moved tenant, or was added before the audit told of tenants. */
static void holds_now(struct record *record, const char *who, const char *role, bool everywhere,
                      uint64_t since_ms)
{
    if (open_span(record, who) == NULL)
        begin(record, who, slice_of(role), everywhere, since_ms, SLICE_NONE);
}

static void now_member(struct record *record, sqlite3_stmt *row)
{
    AUTO_MEM char *who = named("", column_text(row, 0));

    if (who != NULL)
        holds_now(record, who, agent_role_name((enum agent_role)column_number(row, 1)), false, 0);
}

static void now_token(struct record *record, sqlite3_stmt *row)
{
    AUTO_MEM char *who = named("token:", column_text(row, 0));
    uint64_t until_ms = column_number(row, 3);

    if (who == NULL)
        return;
    holds_now(record, who, role_name((enum role_name)column_number(row, 1)),
              column_number(row, 4) != 0, column_number(row, 2));
    if (until_ms <= record->question->now_ms)
        end(record, who, until_ms, SLICE_NONE);
}

static void now_user(struct record *record, sqlite3_stmt *row)
{
    AUTO_MEM char *who = named("user:", column_text(row, 0));
    enum role_name role = (enum role_name)column_number(row, 1);

    if (who != NULL)
        holds_now(record, who, role_name(role), role == ROLE_ADMIN, column_number(row, 2));
}

static int walk_rows(sqlite3 *db, struct record *record, const char *sql,
                     void (*fn)(struct record *record, sqlite3_stmt *row))
{
    sqlite3_stmt *stmt = database_prepare(db, sql);
    int code = SQLITE_ERROR;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(record->question->tenant.text));
    bind_number(stmt, 2, ROLE_ADMIN);
    while (record->rc == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        fn(record, stmt);
    return walk_end(stmt, record->rc, code);
}

static int walk_now(sqlite3 *db, struct record *record)
{
    int rc = walk_rows(
        db, record, "SELECT jid, role FROM memberships WHERE tenant = ?1 AND ?2 = ?2", now_member);

    if (rc == OK)
        rc = walk_rows(db, record,
                       "SELECT id, role, created_ms, expires_ms, tenant IS NULL FROM tokens "
                       "WHERE (tenant IS NULL OR tenant = ?1) AND ?2 = ?2",
                       now_token);
    if (rc == OK)
        rc = walk_rows(db, record,
                       "SELECT name, role, created_ms FROM users WHERE disabled = 0 AND (role = ?2 "
                       "OR EXISTS (SELECT 1 FROM user_tenants WHERE user = name AND tenant = ?1))",
                       now_user);
    return rc;
}

static int tell_spans(const struct record *record, access_span_fn *fn, void *context)
{
    int stopped = 0;

    for (size_t i = 0; stopped == 0 && i < record->count; i++) {
        const struct span *span = &record->spans[i];
        const struct access_span told = { .who = slice_of(span->who),
                                          .role = slice_of(span->role),
                                          .everywhere = span->everywhere,
                                          .from_ms = span->from_ms,
                                          .until_ms = span->until_ms,
                                          .given_by = slice_of(span->given_by),
                                          .ended_by = slice_of(span->ended_by) };

        if (span->until_ms == 0 || (span->until_ms >= record->question->since_ms &&
                                    span->until_ms >= record->question->created_ms))
            stopped = fn(context, &told);
    }
    return stopped;
}

int access_could(const struct access_question *question, access_span_fn *fn, void *context)
{
    struct record record = { .question = question };
    sqlite3 *db = NULL;
    int rc = open_directory(question, &db);

    if (rc == OK)
        rc = walk_grants(db, &record);
    if (rc == OK)
        rc = walk_now(db, &record);
    if (rc == OK)
        rc = tell_spans(&record, fn, context);
    database_close(db);
    record_release(&record);
    return rc;
}

/* --- who did --- */

static int walk_looks(sqlite3_stmt *stmt, access_look_fn *fn, void *context)
{
    int code = SQLITE_ERROR, stopped = 0;

    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        const struct access_look look = { .who = column_text(stmt, 0),
                                          .action = column_text(stmt, 1),
                                          .times = column_number(stmt, 2),
                                          .things = column_number(stmt, 3),
                                          .first_ms = column_number(stmt, 4),
                                          .last_ms = column_number(stmt, 5) };

        stopped = fn(context, &look);
    }
    return walk_end(stmt, stopped, code);
}

static uint64_t from_ms(const struct access_question *question)
{
    return question->since_ms > question->created_ms ? question->since_ms : question->created_ms;
}

int access_did(const struct access_question *question, access_look_fn *fn, void *context)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt;
    int rc = open_directory(question, &db);

    if (rc != OK)
        return TRACE(rc);
    stmt = database_prepare(db, "SELECT who, action, count(*), count(DISTINCT detail), min(at_ms), "
                                "max(at_ms) FROM audit WHERE tenant IN " NAMES_OF_TENANT
                                " AND at_ms >= ?2 AND " AUDIT_IS_OURS
                                " GROUP BY who, action ORDER BY who, action");
    if (stmt == NULL) {
        database_close(db);
        return ERR_IO;
    }
    bind_text(stmt, 1, slice_of(question->tenant.text));
    bind_number(stmt, 2, from_ms(question));
    rc = walk_looks(stmt, fn, context);
    database_close(db);
    return rc;
}

struct serving {
    uint64_t since_ms;
    access_look_fn *fn;
    void *context;
};

static int read_served(struct reader_db *reader, void *context)
{
    const struct serving *serving = context;
    sqlite3_stmt *stmt = database_prepare(
        reader->db,
        "SELECT agent, CASE type WHEN 'offered' THEN 'offered' ELSE 'served' END AS what, "
        "count(*), "
        "count(DISTINCT conversation), min(at_ms), max(at_ms) FROM events WHERE agent <> '' AND "
        "type IN ('offered', 'claimed', 'transferred', 'joined') AND at_ms >= ?1 GROUP BY agent, "
        "what "
        "ORDER BY agent, what");

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, serving->since_ms);
    return walk_looks(stmt, serving->fn, serving->context);
}

int access_served(struct store *view, const struct access_question *question, access_look_fn *fn,
                  void *context)
{
    struct serving serving = { question->since_ms, fn, context };

    return STORE_CALL(view, read, &question->tenant, read_served, &serving);
}
