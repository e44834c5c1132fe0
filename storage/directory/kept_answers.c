/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/kept_answers.h"

#include "storage/directory/directory_rows.h"

static int make_room(struct directory *directory, const struct kept_answer *answer)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "DELETE FROM kept_answers WHERE at_ms + ?3 <= ?2 OR (who = ?1 AND key IN "
                       "(SELECT key FROM kept_answers WHERE who = ?1 ORDER BY at_ms DESC, key "
                       "LIMIT -1 OFFSET ?4))");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, answer->who);
    bind_number(stmt, 2, answer->at_ms);
    bind_number(stmt, 3, KEPT_ANSWER_MS);
    bind_number(stmt, 4, KEPT_ANSWERS_MAX - 1);
    return directory_change(directory, stmt, OK);
}

static int add(struct directory *directory, const struct kept_answer *answer)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT OR REPLACE INTO kept_answers (who, key, request, at_ms, status, "
                       "body, tenant, user) VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, ''), "
                       "nullif(?8, ''))");
    char key[DIGEST_HEX_BYTES], request[DIGEST_HEX_BYTES];
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(&answer->key, key);
    digest_hex(&answer->request, request);
    bind_text(stmt, 1, answer->who);
    bind_text(stmt, 2, slice_of(key));
    bind_text(stmt, 3, slice_of(request));
    bind_number(stmt, 4, answer->at_ms);
    bind_number(stmt, 5, answer->status);
    bind_text(stmt, 6, answer->body);
    bind_text(stmt, 7, answer->tenant);
    bind_text(stmt, 8, answer->user);
    rc = directory_change(directory, stmt, ERR_BUG);
    return rc == DIRECTORY_E_EXISTS ? OK : rc; /* the constraint is a reference */
}

int directory_answer_keep(struct directory *directory, const struct kept_answer *answer)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    if (rc != OK)
        return rc;
    rc = make_room(directory, answer);
    return directory_settle(directory, rc == OK ? add(directory, answer) : rc);
}

int directory_answers_expire(struct directory *directory, uint64_t now_ms)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "DELETE FROM kept_answers WHERE at_ms + ?2 <= ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_number(stmt, 1, now_ms);
    bind_number(stmt, 2, KEPT_ANSWER_MS);
    return directory_change(directory, stmt, OK);
}

int directory_answer_find(struct directory *directory, struct slice who, const struct digest *key,
                          uint64_t now_ms, struct buf *to, struct kept_answer *ret_answer)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT request, at_ms, status, body FROM kept_answers WHERE who = ?1 AND "
                       "key = ?2 AND at_ms + ?4 > ?3");
    char hex[DIGEST_HEX_BYTES];
    int code;

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(key, hex);
    bind_text(stmt, 1, who);
    bind_text(stmt, 2, slice_of(hex));
    bind_number(stmt, 3, now_ms);
    bind_number(stmt, 4, KEPT_ANSWER_MS);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW && digest_parse(column_text(stmt, 0), &ret_answer->request) == 0) {
        ret_answer->key = *key;
        ret_answer->at_ms = column_number(stmt, 1);
        ret_answer->status = (unsigned)column_number(stmt, 2);
        buf_add_slice(to, column_text(stmt, 3));
        ret_answer->body = buf_slice(to);
    }
    return directory_found(stmt, code);
}
