/* SPDX-License-Identifier: Apache-2.0
 *
 * Console users in the directory: each change whole or not at all.
 */
#include "storage/directory/user_sessions.h"

#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <sqlite3.h>
#include <stdio.h>

enum { NOW_MS = 1000000 };

static char *dir;
static struct directory *directory;

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    return directory_open(&directory, dir);
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    directory = directory_close(directory);
    dir = scratch_free(dir);
    return 0;
}

static struct user named(const char *name, enum role_name role, const char *hash)
{
    static char none[] = "";
    struct user user = { .role = role, .tenants = none, .created_ms = NOW_MS };

    (void)snprintf(user.name, sizeof(user.name), "%s", name);
    (void)snprintf(user.password, sizeof(user.password), "%s", hash);
    return user;
}

static struct digest hash_of(unsigned number)
{
    char text[16];

    (void)snprintf(text, sizeof(text), "%u", number);
    return digest_sha256(slice_of(text));
}

static struct user_invitation invitation_of(unsigned number)
{
    return (struct user_invitation){ .hash = hash_of(number), .expires_ms = NOW_MS + 1 };
}

static void add(const char *name, enum role_name role, const char *hash)
{
    struct user user = named(name, role, hash);

    assert_int_equal(directory_user_add(directory, &user, NULL), OK);
}

static uint64_t epoch_of(const char *name)
{
    struct user user;
    uint64_t epoch;

    assert_int_equal(directory_user_find(directory, name, &user), OK);
    epoch = user.epoch;
    user_release(&user);
    return epoch;
}

static void log_in(const char *name, unsigned number, uint64_t at_ms)
{
    struct user_session session = { .created_ms = at_ms, .expires_ms = at_ms + USER_SESSION_MS };
    struct digest hash = hash_of(number);

    id_format(id_new(), session.id);
    (void)snprintf(session.user, sizeof(session.user), "%s", name);
    assert_int_equal(directory_session_add(directory, &session, &hash), OK);
}

static bool holds(unsigned number, uint64_t at_ms)
{
    struct digest hash = hash_of(number);
    struct user_session session;

    return directory_session_find(directory, &hash, at_ms, &session) == OK;
}

static void a_tenant_that_is_not_there__makes_no_user(void **state)
{
    struct user user = named("vera", ROLE_ANALYST, "x");
    char tenants[] = "acme";

    (void)state;
    user.tenants = tenants;
    assert_int_equal(directory_user_add(directory, &user, NULL), USERS_E_NO_TENANT);
    assert_int_equal(directory_user_find(directory, "vera", &user), DIRECTORY_E_NONE);
}

static void an_epoch__ends_all_sessions_in_one_commit(void **state)
{
    (void)state;
    add("vera", ROLE_ADMIN, "x");
    log_in("vera", 1, NOW_MS);
    log_in("vera", 2, NOW_MS);
    faulty_disk_fail(FAULTY_WRITE, 1, SQLITE_IOERR_WRITE, dir);
    assert_true(directory_user_epoch(directory, "vera") < 0);
    (void)faulty_disk_heal();
    assert_true(holds(1, NOW_MS) && holds(2, NOW_MS));
    assert_int_equal(directory_user_epoch(directory, "vera"), OK);
    assert_false(holds(1, NOW_MS) || holds(2, NOW_MS));
    assert_int_equal(directory_user_epoch(directory, "nobody"), DIRECTORY_E_NONE);
}

static void a_session__holds_for_its_time_and_while_it_is_used(void **state)
{
    struct digest hash = hash_of(1);
    struct user_session session;

    (void)state;
    add("vera", ROLE_ADMIN, "x");
    log_in("vera", 1, NOW_MS);
    assert_true(holds(1, NOW_MS + USER_SESSION_IDLE_MS - 1));
    assert_false(holds(1, NOW_MS + USER_SESSION_IDLE_MS));
    assert_int_equal(directory_session_find(directory, &hash, NOW_MS, &session), OK);
    assert_int_equal(directory_session_used(directory, session.id, NOW_MS + USER_SESSION_IDLE_MS),
                     OK);
    assert_true(holds(1, NOW_MS + USER_SESSION_IDLE_MS));
    assert_int_equal(directory_session_used(directory, session.id, NOW_MS + USER_SESSION_MS), OK);
    assert_false(holds(1, NOW_MS + USER_SESSION_MS));
}

static void the_oldest_session__goes_for_one_too_many(void **state)
{
    (void)state;
    add("vera", ROLE_ADMIN, "x");
    for (unsigned i = 0; i <= USER_SESSIONS_MAX; i++)
        log_in("vera", i, NOW_MS + i);
    assert_false(holds(0, NOW_MS + 100));
    for (unsigned i = 1; i <= USER_SESSIONS_MAX; i++)
        assert_true(holds(i, NOW_MS + 100));
}

static void a_password__is_changed_with_the_epoch_or_not_at_all(void **state)
{
    struct user_invitation invitation = invitation_of(7);
    char name[USER_NAME_MAX + 1] = "";
    uint64_t before;

    (void)state;
    add("vera", ROLE_ADMIN, "");
    assert_int_equal(directory_user_reset(directory, "vera", &invitation, false), OK);
    before = epoch_of("vera");
    for (unsigned nth = 1; nth < 50; nth++) {
        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_IOERR_WRITE, dir);
        if (directory_user_password(directory, "vera", "y") == OK)
            break;
        (void)faulty_disk_heal();
        assert_int_equal(epoch_of("vera"), before);
        assert_int_equal(directory_invitation_find(directory, &invitation.hash, NOW_MS, name), OK);
    }
    (void)faulty_disk_heal();
    assert_int_equal(epoch_of("vera"), before + 1);
    assert_int_equal(directory_invitation_find(directory, &invitation.hash, NOW_MS, name),
                     DIRECTORY_E_NONE);
}

static void a_user__comes_with_the_invitation_or_not_at_all(void **state)
{
    struct user_invitation invitation = invitation_of(7);
    struct user user = named("vera", ROLE_ADMIN, "");
    char name[USER_NAME_MAX + 1] = "";
    unsigned nth = 1;

    (void)state;
    for (; nth < 50; nth++) {
        struct user found;

        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_IOERR_WRITE, dir);
        if (directory_user_add(directory, &user, &invitation) == OK)
            break;
        (void)faulty_disk_heal();
        assert_int_equal(directory_user_find(directory, "vera", &found), DIRECTORY_E_NONE);
    }
    (void)faulty_disk_heal();
    assert_true(nth > 1 && nth < 50);
    assert_int_equal(directory_invitation_find(directory, &invitation.hash, NOW_MS, name), OK);
    assert_string_equal(name, "vera");
}

/* Else there is an invitation, and a second factor that nobody has any more. */
static void a_reset__takes_the_second_factor_too_or_does_nothing(void **state)
{
    struct user_invitation invitation = invitation_of(7);
    struct digest code = hash_of(1);
    char name[USER_NAME_MAX + 1] = "";
    struct user user;
    unsigned nth = 1;

    (void)state;
    add("vera", ROLE_ADMIN, "x");
    assert_int_equal(directory_totp_begin(directory, "vera", "secret"), OK);
    assert_int_equal(directory_totp_prove(directory, "vera", "", 5, &code, 1), OK);
    for (; nth < 50; nth++) {
        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_IOERR_WRITE, dir);
        if (directory_user_reset(directory, "vera", &invitation, true) == OK)
            break;
        (void)faulty_disk_heal();
        assert_int_equal(directory_user_find(directory, "vera", &user), OK);
        assert_string_equal(user.password, "x");
        assert_string_equal(user.totp, "secret");
        assert_int_equal(user.recovery_codes, 1);
        assert_int_equal(user.invited_ms, 0);
        user_release(&user);
    }
    (void)faulty_disk_heal();
    assert_true(nth > 1 && nth < 50);
    assert_int_equal(directory_invitation_find(directory, &invitation.hash, NOW_MS, name), OK);
    assert_int_equal(directory_user_find(directory, "vera", &user), OK);
    assert_string_equal(user.password, "");
    assert_string_equal(user.totp, "");
    assert_int_equal(user.recovery_codes, 0);
    user_release(&user);
}

static void a_restored_directory__has_no_sessions_and_no_invitations(void **state)
{
    struct user_invitation invitation = invitation_of(7);
    char name[USER_NAME_MAX + 1];

    (void)state;
    add("vera", ROLE_ADMIN, "x");
    add("erik", ROLE_ADMIN, "");
    assert_int_equal(directory_user_reset(directory, "erik", &invitation, false), OK);
    log_in("vera", 1, NOW_MS);
    assert_int_equal(directory_sessions_end_all(directory), OK);
    assert_false(holds(1, NOW_MS));
    assert_int_equal(directory_invitation_find(directory, &invitation.hash, NOW_MS, name),
                     DIRECTORY_E_NONE);
}

static void what_belongs_to_nobody__is_found(void **state)
{
    char path[512];
    sqlite3 *db = NULL;
    AUTO_BUF problems;

    (void)state;
    buf_init(&problems, 4096);
    add("vera", ROLE_ADMIN, "scrypt$17$8$1$a$b");
    directory_users_check(directory, &problems);
    assert_int_equal(problems.len, 0);
    directory = directory_close(directory);
    (void)snprintf(path, sizeof(path), "%s/lasna.db", dir);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "INSERT INTO user_recovery VALUES ('nobody', 'x'); UPDATE "
                                  "users SET password = 'plain'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    (void)sqlite3_close(db);
    assert_int_equal(directory_open(&directory, dir), OK);
    directory_users_check(directory, &problems);
    assert_non_null(strstr(problems.data, "1 rows that belong to nothing"));
    assert_non_null(strstr(problems.data, "1 console users whose password"));
}

static void a_step__is_used_once(void **state)
{
    (void)state;
    add("vera", ROLE_ADMIN, "x");
    assert_int_equal(directory_totp_used(directory, "vera", 0, 5), OK);
    assert_int_equal(directory_totp_used(directory, "vera", 0, 5), DIRECTORY_E_NONE);
    assert_int_equal(directory_totp_used(directory, "vera", 4, 6), DIRECTORY_E_NONE);
    assert_int_equal(directory_totp_used(directory, "vera", 5, 6), OK);
}

/* Else one begun before the proof, and proven after it, would take its place without a code. */
static void a_second_factor_that_counts__is_not_replaced(void **state)
{
    struct digest code = hash_of(1);

    (void)state;
    add("vera", ROLE_ADMIN, "x");
    assert_int_equal(directory_totp_begin(directory, "vera", "first"), OK);
    assert_int_equal(directory_totp_begin(directory, "vera", "second"), OK);
    assert_int_equal(directory_totp_prove(directory, "vera", "", 5, &code, 1), OK);
    assert_int_equal(directory_totp_begin(directory, "vera", "third"), DIRECTORY_E_NONE);
    assert_int_equal(directory_totp_prove(directory, "vera", "", 6, &code, 1), DIRECTORY_E_NONE);
    assert_int_equal(directory_totp_remove(directory, "vera"), OK);
    assert_int_equal(directory_totp_begin(directory, "vera", "third"), OK);
}

static void somebody__can_always_administer(void **state)
{
    struct user vera = named("vera", ROLE_ADMIN, "x");

    (void)state;
    add("vera", ROLE_ADMIN, "x");
    vera.disabled = true;
    assert_int_equal(directory_user_remove(directory, "vera"), USERS_E_LAST_ADMIN);
    assert_int_equal(directory_user_change(directory, &vera, false), USERS_E_LAST_ADMIN);
    add("erik", ROLE_ADMIN, "x");
    assert_int_equal(directory_user_change(directory, &vera, false), OK);
    assert_int_equal(directory_user_remove(directory, "erik"), USERS_E_LAST_ADMIN);
    assert_int_equal(directory_user_remove(directory, "vera"), OK);
    assert_int_equal(directory_user_remove(directory, "vera"), DIRECTORY_E_NONE);
}

static int install(void **state)
{
    (void)state;
    faulty_disk_install();
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN_WITH(install, NULL, CASE(a_tenant_that_is_not_there__makes_no_user),
         CASE(an_epoch__ends_all_sessions_in_one_commit),
         CASE(a_session__holds_for_its_time_and_while_it_is_used),
         CASE(the_oldest_session__goes_for_one_too_many),
         CASE(a_password__is_changed_with_the_epoch_or_not_at_all),
         CASE(a_user__comes_with_the_invitation_or_not_at_all),
         CASE(a_reset__takes_the_second_factor_too_or_does_nothing), CASE(a_step__is_used_once),
         CASE(a_second_factor_that_counts__is_not_replaced), CASE(what_belongs_to_nobody__is_found),
         CASE(a_restored_directory__has_no_sessions_and_no_invitations),
         CASE(somebody__can_always_administer))
