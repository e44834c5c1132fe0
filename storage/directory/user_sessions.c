/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/user_sessions.h"

#include "storage/directory/directory_rows.h"

/* ?2: now. One that begins far from now was begun by a clock that was wrong, and set back since: it
 * would hold longer than any. */
#define HOLDS                                                                                   \
    "s.expires_ms > ?2 AND s.used_ms + ?3 > ?2 AND s.created_ms <= ?2 + ?3 AND EXISTS (SELECT " \
    "1 FROM users u WHERE u.name = s.user AND u.epoch = s.epoch AND u.disabled = 0)"

static int sweep(struct directory *directory, const struct user_session *session)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "DELETE FROM user_sessions AS s WHERE NOT (" HOLDS ") OR id IN (SELECT id "
                       "FROM user_sessions WHERE user = ?1 ORDER BY created_ms DESC, id LIMIT -1 "
                       "OFFSET ?4)");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(session->user));
    bind_number(stmt, 2, session->created_ms);
    bind_number(stmt, 3, USER_SESSION_IDLE_MS);
    bind_number(stmt, 4, USER_SESSIONS_MAX - 1);
    return directory_change(directory, stmt, OK);
}

static int add(struct directory *directory, const struct user_session *session,
               const struct digest *hash)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO user_sessions (id, hash, user, epoch, created_ms, used_ms, "
                       "expires_ms) SELECT ?1, ?2, name, epoch, ?4, ?4, ?5 FROM users WHERE name "
                       "= ?3 AND disabled = 0");
    char hex[DIGEST_HEX_BYTES];

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(hash, hex);
    bind_text(stmt, 1, slice_of(session->id));
    bind_text(stmt, 2, slice_of(hex));
    bind_text(stmt, 3, slice_of(session->user));
    bind_number(stmt, 4, session->created_ms);
    bind_number(stmt, 5, session->expires_ms);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_session_add(struct directory *directory, const struct user_session *session,
                          const struct digest *hash)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    if (rc != OK)
        return rc;
    rc = sweep(directory, session);
    return directory_settle(directory, rc == OK ? add(directory, session, hash) : rc);
}

static struct user_session session_of(sqlite3_stmt *stmt)
{
    struct user_session session = { .created_ms = column_number(stmt, 2),
                                    .used_ms = column_number(stmt, 3),
                                    .expires_ms = column_number(stmt, 4) };

    (void)slice_copy(column_text(stmt, 0), session.id, sizeof(session.id));
    (void)slice_copy(column_text(stmt, 1), session.user, sizeof(session.user));
    return session;
}

/* By a hash of 256 random bits: how long the search took tells nothing of the token. */
int directory_session_find(struct directory *directory, const struct digest *hash, uint64_t now_ms,
                           struct user_session *ret_session)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT s.id, s.user, s.created_ms, s.used_ms, s.expires_ms FROM "
                       "user_sessions s WHERE s.hash = ?1 AND " HOLDS);
    char hex[DIGEST_HEX_BYTES];
    int code;

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(hash, hex);
    bind_text(stmt, 1, slice_of(hex));
    bind_number(stmt, 2, now_ms);
    bind_number(stmt, 3, USER_SESSION_IDLE_MS);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *ret_session = session_of(stmt);
    return directory_found(stmt, code);
}

int directory_session_used(struct directory *directory, const char *id, uint64_t at_ms)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "UPDATE user_sessions SET used_ms = ?2 WHERE id = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(id));
    bind_number(stmt, 2, at_ms);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_session_remove(struct directory *directory, const char *id)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, "DELETE FROM user_sessions WHERE id = ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(id));
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_sessions_end_all(struct directory *directory)
{
    return database_run(directory->db, "DELETE FROM user_sessions; DELETE FROM user_invitations");
}

int directory_sessions(struct directory *directory, const char *user, uint64_t now_ms,
                       directory_session_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "SELECT s.id, s.user, s.created_ms, s.used_ms, s.expires_ms FROM "
        "user_sessions s WHERE s.user = ?1 AND " HOLDS " ORDER BY s.created_ms, s.id");
    int code = SQLITE_ERROR, stopped = 0;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user));
    bind_number(stmt, 2, now_ms);
    bind_number(stmt, 3, USER_SESSION_IDLE_MS);
    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct user_session session = session_of(stmt);

        stopped = fn(context, &session);
    }
    return walk_end(stmt, stopped, code);
}
