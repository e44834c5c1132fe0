/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/directory/users.h"

#include "storage/directory/directory_rows.h"

#include <stdlib.h>

void user_release(struct user *user)
{
    free(user->tenants);
    *user = (struct user){ .name = "" };
}

/* A statement about one user, and nothing else … */
static int run(struct directory *directory, const char *sql, const char *user, int none)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, sql);

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user));
    return directory_change(directory, stmt, none);
}

/* … a text … */
static int run_text(struct directory *directory, const char *sql, const char *user,
                    struct slice text, int none)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, sql);

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user));
    bind_text(stmt, 2, text);
    return directory_change(directory, stmt, none);
}

static int run_hash(struct directory *directory, const char *sql, const char *user,
                    const struct digest *hash, int none)
{
    char hex[DIGEST_HEX_BYTES];

    digest_hex(hash, hex);
    return run_text(directory, sql, user, slice_of(hex), none);
}

/* … or a number. */
static int run_number(struct directory *directory, const char *sql, const char *user,
                      uint64_t number, int none)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, sql);

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user));
    bind_number(stmt, 2, number);
    return directory_change(directory, stmt, none);
}

/* --- reading --- */

#define COLUMNS                                                                                \
    "SELECT name, role, disabled, password, epoch, totp, totp_new, totp_step, created_ms, "    \
    "seen_ms, (SELECT coalesce(group_concat(tenant, ' '), '') FROM (SELECT tenant FROM "       \
    "user_tenants WHERE user = name ORDER BY tenant)), coalesce((SELECT expires_ms FROM "      \
    "user_invitations WHERE user = name), 0), (SELECT count(*) FROM user_recovery WHERE user " \
    "= name) FROM users "

static int each(sqlite3_stmt *stmt, directory_user_fn *fn, void *context)
{
    int code = SQLITE_ERROR, stopped = 0;

    while (stopped == 0 && (code = sqlite3_step(stmt)) == SQLITE_ROW) {
        struct user user = { .role = (enum role_name)column_number(stmt, 1),
                             .disabled = column_number(stmt, 2) != 0,
                             .epoch = column_number(stmt, 4),
                             .totp_step = column_number(stmt, 7),
                             .created_ms = column_number(stmt, 8),
                             .seen_ms = column_number(stmt, 9),
                             .tenants = slice_dup(column_text(stmt, 10)),
                             .invited_ms = column_number(stmt, 11),
                             .recovery_codes = column_number(stmt, 12) };

        (void)slice_copy(column_text(stmt, 0), user.name, sizeof(user.name));
        (void)slice_copy(column_text(stmt, 3), user.password, sizeof(user.password));
        (void)slice_copy(column_text(stmt, 5), user.totp, sizeof(user.totp));
        (void)slice_copy(column_text(stmt, 6), user.totp_new, sizeof(user.totp_new));
        stopped = user.tenants == NULL ? RAISE(ERR_NO_MEMORY) : fn(context, &user);
        user_release(&user);
    }
    return walk_end(stmt, stopped, code);
}

int directory_users(struct directory *directory, directory_user_fn *fn, void *context)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, COLUMNS "ORDER BY name");

    return stmt == NULL ? ERR_IO : each(stmt, fn, context);
}

int directory_users_of(struct directory *directory, const char *tenant, uint64_t *ret_count)
{
    sqlite3_stmt *stmt =
        database_prepare(directory->db, "SELECT count(*) FROM user_tenants WHERE tenant = ?1");
    int code;

    *ret_count = 0;
    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(tenant));
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        *ret_count = column_number(stmt, 0);
    return directory_found(stmt, code);
}

struct found {
    struct user user;
    bool there;
};

static int take(void *context, const struct user *user)
{
    struct found *found = context;

    found->user = *user;
    found->user.tenants = strdup(user->tenants);
    found->there = found->user.tenants != NULL;
    return found->there ? 0 : RAISE(ERR_NO_MEMORY);
}

int directory_user_find(struct directory *directory, const char *name, struct user *ret_user)
{
    sqlite3_stmt *stmt = database_prepare(directory->db, COLUMNS "WHERE name = ?1");
    struct found found = { .there = false };
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(name));
    rc = each(stmt, take, &found);
    if (rc != OK)
        return rc;
    if (found.there)
        *ret_user = found.user;
    return found.there ? OK : DIRECTORY_E_NONE;
}

/* --- adding, changing, removing --- */

static int bind_to(struct directory *directory, const char *user, struct slice tenant)
{
    int rc = run_text(
        directory, "INSERT INTO user_tenants (user, tenant) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        user, tenant, OK);

    return rc == DIRECTORY_E_EXISTS ? USERS_E_NO_TENANT : rc; /* the constraint is a reference */
}

static int bind_to_all(struct directory *directory, const struct user *user)
{
    const char *at = user->tenants;
    int rc = OK;

    while (rc == OK && *at != '\0') {
        size_t len = strcspn(at, " ");

        rc = bind_to(directory, user->name, (struct slice){ at, len });
        at += len + (at[len] != '\0');
    }
    return rc;
}

static int invite(struct directory *directory, const char *name,
                  const struct user_invitation *invitation)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "INSERT INTO user_invitations (user, hash, expires_ms) VALUES (?1, ?2, ?3)");
    char hex[DIGEST_HEX_BYTES];

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(&invitation->hash, hex);
    bind_text(stmt, 1, slice_of(name));
    bind_text(stmt, 2, slice_of(hex));
    bind_number(stmt, 3, invitation->expires_ms);
    return directory_change(directory, stmt, ERR_BUG);
}

static int add(struct directory *directory, const struct user *user,
               const struct user_invitation *invitation)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db,
        "INSERT INTO users (name, role, password, created_ms) VALUES (?1, ?2, ?3, ?4)");
    int rc;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user->name));
    bind_number(stmt, 2, user->role);
    bind_text(stmt, 3, slice_of(user->password));
    bind_number(stmt, 4, user->created_ms);
    rc = directory_change(directory, stmt, ERR_BUG);
    if (rc == OK)
        rc = bind_to_all(directory, user);
    return rc == OK && invitation != NULL ? invite(directory, user->name, invitation) : rc;
}

int directory_user_add(struct directory *directory, const struct user *user,
                       const struct user_invitation *invitation)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, add(directory, user, invitation)) : rc;
}

/* Who can administer: enabled, with a password. Somebody must stay who can. */
static int would_remain(struct directory *directory, const char *without)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT count(*) FILTER (WHERE name <> ?1), count(*) FROM users WHERE role "
                       "= ?2 AND disabled = 0 AND password <> ''");
    int code, rc = OK;

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(without));
    bind_number(stmt, 2, ROLE_ADMIN);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW && column_number(stmt, 0) == 0 && column_number(stmt, 1) > 0)
        rc = USERS_E_LAST_ADMIN;
    (void)sqlite3_finalize(stmt);
    return code == SQLITE_ROW ? rc : RAISE(ERR_IO);
}

static int set(struct directory *directory, const struct user *user)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE users SET role = ?2, disabled = ?3, epoch = epoch + ?3 WHERE name "
                       "= ?1");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user->name));
    bind_number(stmt, 2, user->role);
    bind_number(stmt, 3, user->disabled);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

static int uninvite(struct directory *directory, const char *name)
{
    return run(directory, "DELETE FROM user_invitations WHERE user = ?1", name, OK);
}

static int change(struct directory *directory, const struct user *user, bool uninvited)
{
    int rc = user->role != ROLE_ADMIN || user->disabled ? would_remain(directory, user->name) : OK;

    if (rc == OK)
        rc = set(directory, user);
    if (rc == OK)
        rc = run(directory, "DELETE FROM user_tenants WHERE user = ?1", user->name, OK);
    if (rc == OK && uninvited)
        rc = uninvite(directory, user->name);
    return rc == OK ? bind_to_all(directory, user) : rc;
}

int directory_user_change(struct directory *directory, const struct user *user, bool uninvited)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, change(directory, user, uninvited)) : rc;
}

int directory_user_keep_out(struct directory *directory, const char *name)
{
    return run(directory, "UPDATE users SET disabled = 1, epoch = epoch + 1 WHERE name = ?1", name,
               DIRECTORY_E_NONE);
}

static int remove_unless_last(struct directory *directory, const char *name)
{
    int rc = would_remain(directory, name);

    return rc == OK ? run(directory, "DELETE FROM users WHERE name = ?1", name, DIRECTORY_E_NONE)
                    : rc;
}

int directory_user_remove(struct directory *directory, const char *name)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, remove_unless_last(directory, name)) : rc;
}

int directory_user_seen(struct directory *directory, const char *name, uint64_t at_ms)
{
    return run_number(directory, "UPDATE users SET seen_ms = ?2 WHERE name = ?1", name, at_ms,
                      DIRECTORY_E_NONE);
}

/* --- passwords, invitations --- */

int directory_user_epoch(struct directory *directory, const char *name)
{
    return run(directory, "UPDATE users SET epoch = epoch + 1 WHERE name = ?1", name,
               DIRECTORY_E_NONE);
}

static int set_password(struct directory *directory, const char *name, const char *hash)
{
    int rc =
        run_text(directory, "UPDATE users SET password = ?2, epoch = epoch + 1 WHERE name = ?1",
                 name, slice_of(hash), DIRECTORY_E_NONE);

    return rc == OK ? uninvite(directory, name) : rc;
}

int directory_user_password(struct directory *directory, const char *name, const char *hash)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, set_password(directory, name, hash)) : rc;
}

static int forget_totp(struct directory *directory, const char *user)
{
    int rc = run(directory,
                 "UPDATE users SET totp = '', totp_new = '', totp_step = 0 WHERE name "
                 "= ?1",
                 user, DIRECTORY_E_NONE);

    return rc == OK ? run(directory, "DELETE FROM user_recovery WHERE user = ?1", user, OK) : rc;
}

static int reset(struct directory *directory, const char *name,
                 const struct user_invitation *invitation, bool factor_too)
{
    int rc = set_password(directory, name, "");

    if (rc == OK && factor_too)
        rc = forget_totp(directory, name);
    return rc == OK ? invite(directory, name, invitation) : rc;
}

int directory_user_reset(struct directory *directory, const char *name,
                         const struct user_invitation *invitation, bool factor_too)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, reset(directory, name, invitation, factor_too))
                    : rc;
}

int directory_invitation_find(struct directory *directory, const struct digest *hash,
                              uint64_t now_ms, char ret_user[USER_NAME_MAX + 1])
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "SELECT user FROM user_invitations WHERE hash = ?1 AND expires_ms > ?2");
    char hex[DIGEST_HEX_BYTES];
    int code;

    if (stmt == NULL)
        return ERR_IO;
    digest_hex(hash, hex);
    bind_text(stmt, 1, slice_of(hex));
    bind_number(stmt, 2, now_ms);
    code = sqlite3_step(stmt);
    if (code == SQLITE_ROW)
        (void)slice_copy(column_text(stmt, 0), ret_user, USER_NAME_MAX + 1);
    return directory_found(stmt, code);
}

/* --- checking --- */

/* Each counts what must not be there. */
static const struct {
    const char *sql, *what;
} rules[] = {
    { "SELECT count(*) FROM pragma_foreign_key_check", "rows that belong to nothing there is" },
    { "SELECT count(*) FROM users WHERE password <> '' AND password NOT GLOB 'scrypt$*$*$*$*$*'",
      "console users whose password is kept as something else than scrypt" },
    { "SELECT count(*) FROM user_sessions s JOIN users u ON u.name = s.user WHERE s.epoch > "
      "u.epoch",
      "sessions of an epoch that is still to come" },
};

void directory_users_check(struct directory *directory, struct buf *problems)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        sqlite3_stmt *stmt = database_prepare(directory->db, rules[i].sql);
        int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);

        if (code != SQLITE_ROW)
            buf_addf(problems, "cannot be read: %s\n", sqlite3_errmsg(directory->db));
        else if (column_number(stmt, 0) > 0)
            buf_addf(problems, "%llu %s\n", (unsigned long long)column_number(stmt, 0),
                     rules[i].what);
        (void)sqlite3_finalize(stmt);
    }
}

/* --- the second factor --- */

int directory_totp_begin(struct directory *directory, const char *user, const char *secret)
{
    return run_text(directory, "UPDATE users SET totp_new = ?2 WHERE name = ?1 AND totp = ''", user,
                    slice_of(secret), DIRECTORY_E_NONE);
}

static int prove(struct directory *directory, const char *user, const char *session, uint64_t step,
                 const struct digest *codes, size_t count)
{
    int rc = run_number(directory,
                        "UPDATE users SET totp = totp_new, totp_new = '', totp_step = ?2 WHERE "
                        "name = ?1 AND totp_new <> ''",
                        user, step, DIRECTORY_E_NONE);

    if (rc == OK)
        rc = run_text(directory, "DELETE FROM user_sessions WHERE user = ?1 AND id <> ?2", user,
                      slice_of(session), OK);
    if (rc == OK)
        rc = run(directory, "DELETE FROM user_recovery WHERE user = ?1", user, OK);
    for (size_t i = 0; rc == OK && i < count; i++)
        rc = run_hash(directory, "INSERT INTO user_recovery (user, hash) VALUES (?1, ?2)", user,
                      &codes[i], ERR_BUG);
    return rc;
}

int directory_totp_prove(struct directory *directory, const char *user, const char *session,
                         uint64_t step, const struct digest *codes, size_t count)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK
               ? directory_settle(directory, prove(directory, user, session, step, codes, count))
               : rc;
}

int directory_totp_remove(struct directory *directory, const char *user)
{
    int rc = database_run(directory->db, "BEGIN IMMEDIATE");

    return rc == OK ? directory_settle(directory, forget_totp(directory, user)) : rc;
}

int directory_totp_used(struct directory *directory, const char *user, uint64_t last_step,
                        uint64_t step)
{
    sqlite3_stmt *stmt = database_prepare(
        directory->db, "UPDATE users SET totp_step = ?3 WHERE name = ?1 AND totp_step = ?2");

    if (stmt == NULL)
        return ERR_IO;
    bind_text(stmt, 1, slice_of(user));
    bind_number(stmt, 2, last_step);
    bind_number(stmt, 3, step);
    return directory_change(directory, stmt, DIRECTORY_E_NONE);
}

int directory_recovery_use(struct directory *directory, const char *user, const struct digest *code)
{
    return run_hash(directory, "DELETE FROM user_recovery WHERE user = ?1 AND hash = ?2", user,
                    code, DIRECTORY_E_NONE);
}
