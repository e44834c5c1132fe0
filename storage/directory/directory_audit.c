/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/secret/digest.h"
#include "storage/directory/directory_rows.h"

#include <inttypes.h>

enum { DETAIL_MAX_BYTES = 64 * 1024 };

/* Lengths stand before the texts: no two entries write the same bytes. */
static void add_text(struct buf *to, struct slice text)
{
    buf_addf(to, "%zu:", text.len);
    buf_add_slice(to, text);
}

static int chain(const struct audit_entry *entry, struct slice before, char hash[DIGEST_HEX_BYTES])
{
    AUTO_BUF bytes;
    struct digest digest;

    buf_init(&bytes, 2 * DETAIL_MAX_BYTES);
    add_text(&bytes, before);
    buf_addf(&bytes, "%" PRIu64 ":%" PRIu64 ":", entry->number, entry->at_ms);
    add_text(&bytes, entry->who);
    add_text(&bytes, entry->action);
    add_text(&bytes, entry->tenant);
    add_text(&bytes, entry->detail);
    if (buf_failed(&bytes))
        return RAISE(ERR_LIMIT);
    digest = digest_sha256(buf_slice(&bytes));
    digest_hex(&digest, hash);
    return OK;
}

/* The newest entry's number and hash; 0 and "" when there is none. */
static int read_last(struct directory *directory, uint64_t *ret_number,
                     char ret_hash[DIGEST_HEX_BYTES])
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
    int code;

    if (stmt == NULL)
        return ERR_IO;
    *ret_number = 0;
    ret_hash[0] = '\0';
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW) {
        *ret_number = column_number(stmt, 0);
        (void)slice_copy(column_text(stmt, 1), ret_hash, DIGEST_HEX_BYTES);
        code = SQLITE_DONE;
    }
    return walk_end(stmt, 0, code);
}

static int insert(struct directory *directory, const struct audit_entry *entry)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO audit (number, at_ms, who, action, tenant, detail, hash) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, entry->number);
    bind_number(stmt, 2, entry->at_ms);
    bind_text(stmt, 3, entry->who);
    bind_text(stmt, 4, entry->action);
    bind_text(stmt, 5, entry->tenant);
    bind_text(stmt, 6, entry->detail);
    bind_text(stmt, 7, entry->hash);
    return directory_change(directory, stmt, ERR_BUG);
}

/* One connection writes, from one thread: nobody comes between reading and writing. */
int directory_audit_add(struct directory *directory, const struct audit_entry *entry)
{
    char before[DIGEST_HEX_BYTES], hash[DIGEST_HEX_BYTES];
    struct audit_entry next = *entry;
    int rc = read_last(directory, &next.number, before);

    if (rc != OK)
        return TRACE(rc);
    next.number++;
    rc = chain(&next, slice_of(before), hash);
    if (rc != OK)
        return TRACE(rc);
    next.hash = slice_of(hash);
    return FOLD(insert(directory, &next));
}

static struct audit_entry entry_of(sqlite3_stmt *stmt)
{
    return (struct audit_entry){ .number = column_number(stmt, 0),
                                 .at_ms = column_number(stmt, 1),
                                 .who = column_text(stmt, 2),
                                 .action = column_text(stmt, 3),
                                 .tenant = column_text(stmt, 4),
                                 .detail = column_text(stmt, 5),
                                 .hash = column_text(stmt, 6) };
}

int directory_audit(struct directory *directory, struct slice tenant, uint64_t since_ms,
                    uint64_t before, size_t limit, directory_audit_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        tenant.len == 0
            ? "SELECT number, at_ms, who, action, tenant, detail, hash FROM audit "
              "WHERE number < ?3 AND ?1 = '' AND at_ms >= ?2 ORDER BY number DESC LIMIT ?4"
            : "SELECT number, at_ms, who, action, tenant, detail, hash FROM audit WHERE tenant "
              "IN " NAMES_OF_TENANT " AND number < ?3 AND " AUDIT_IS_OURS
              " ORDER BY number DESC LIMIT ?4");
    int code = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, tenant);
    bind_number(stmt, 2, since_ms);
    bind_number(stmt, 3, before == 0 ? INT64_MAX : before);
    bind_number(stmt, 4, limit);
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct audit_entry entry = entry_of(stmt);

        stopped = fn(context, &entry);
    }
    return walk_end(stmt, stopped, code);
}

/* Whether this entry follows the one before; its hash is `before` of the next. */
static int check_one(const struct audit_entry *entry, uint64_t number,
                     char before[DIGEST_HEX_BYTES])
{
    char hash[DIGEST_HEX_BYTES];
    int rc = chain(entry, slice_of(before), hash);

    if (rc != OK)
        return TRACE(rc);
    if (entry->number != number || !slice_is(entry->hash, hash))
        return ERR_CORRUPT;
    memcpy(before, hash, DIGEST_HEX_BYTES);
    return OK;
}

int directory_audit_check(struct directory *directory, uint64_t *ret_broken)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT number, at_ms, who, action, tenant, detail, hash FROM audit "
                       "ORDER BY number");
    char before[DIGEST_HEX_BYTES] = "";
    uint64_t number = 0;
    int code = SQLITE_ERROR, stopped = OK;

    if (stmt == NULL)
        return ERR_IO;
    while (stopped == OK && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct audit_entry entry = entry_of(stmt);

        stopped = check_one(&entry, ++number, before);
    }
    *ret_broken = number;
    return walk_end(stmt, stopped, code);
}
