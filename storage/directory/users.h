/* SPDX-License-Identifier: Apache-2.0
 *
 * users — console users: their roles, what they prove themselves by, and how often all of their
 * sessions were ended at once (the epoch). Sessions: user_sessions.h.
 */
#ifndef STORAGE_USERS_H
#define STORAGE_USERS_H

#include "base/buf.h"
#include "base/secret/digest.h"
#include "base/secret/password.h"
#include "base/secret/totp.h"
#include "storage/directory/directory.h"
#include "tenant/role.h"
#include "tenant/user.h"

struct user {
    char name[USER_NAME_MAX + 1];
    enum role_name role;
    char *tenants; /* words; those an admin has none of, and needs none */
    bool disabled;
    char password[PASSWORD_HASH_BYTES]; /* "": none, until an invitation is taken */
    uint64_t epoch;
    char totp[TOTP_SECRET_TEXT_BYTES];     /* "": no second factor */
    char totp_new[TOTP_SECRET_TEXT_BYTES]; /* not proven yet */
    uint64_t totp_step;                    /* the last that was used */
    uint64_t created_ms, seen_ms /* 0: never */;
    uint64_t invited_ms;     /* until when the invitation holds; 0: there is none */
    uint64_t recovery_codes; /* that are left */
};
void user_release(struct user *user);

typedef int directory_user_fn(void *context, const struct user *user);

enum { USERS_E_LAST_ADMIN = 10, USERS_E_NO_TENANT /* one of the tenants is not there */ };

/* Whoever shows what `hash` is of may choose a password until then. */
struct user_invitation {
    struct digest hash;
    uint64_t expires_ms;
};

/* Takes name, role, tenants, password and created_ms; `invitation`: NULL for none.
 * DIRECTORY_E_EXISTS, USERS_E_NO_TENANT. */
int directory_user_add(struct directory *directory, const struct user *user,
                       const struct user_invitation *invitation) MUST_CHECK;
/* DIRECTORY_E_NONE. The caller owns *ret_user. */
int directory_user_find(struct directory *directory, const char *name,
                        struct user *ret_user) MUST_CHECK;
int directory_users(struct directory *directory, directory_user_fn *fn, void *context);
/* How many are bound to this tenant. */
int directory_users_of(struct directory *directory, const char *tenant,
                       uint64_t *ret_count) MUST_CHECK;
/* Takes role, tenants and disabled; who is disabled has no session any more; `uninvited`: what
 * invitation there is holds no more. DIRECTORY_E_NONE, USERS_E_NO_TENANT. USERS_E_LAST_ADMIN:
 * nobody else could administer any more. */
int directory_user_change(struct directory *directory, const struct user *user,
                          bool uninvited) MUST_CHECK;
/* The last admin too: whoever puts a backup back is the operator. DIRECTORY_E_NONE. */
int directory_user_keep_out(struct directory *directory, const char *name) MUST_CHECK;
/* DIRECTORY_E_NONE, USERS_E_LAST_ADMIN */
int directory_user_remove(struct directory *directory, const char *name) MUST_CHECK;
int directory_user_seen(struct directory *directory, const char *name, uint64_t at_ms) MUST_CHECK;

/* Each of these ends all of the user's sessions. DIRECTORY_E_NONE. */
int directory_user_epoch(struct directory *directory, const char *name) MUST_CHECK;
/* An invitation that is open goes with it. */
int directory_user_password(struct directory *directory, const char *name,
                            const char *hash) MUST_CHECK;
/* The password counts no more, with `factor_too` the second factor neither. */
int directory_user_reset(struct directory *directory, const char *name,
                         const struct user_invitation *invitation, bool factor_too) MUST_CHECK;

/* Whose invitation it is. DIRECTORY_E_NONE: nobody's, or its time is over. */
int directory_invitation_find(struct directory *directory, const struct digest *hash,
                              uint64_t now_ms, char ret_user[USER_NAME_MAX + 1]) MUST_CHECK;

/* Tells in `problems`, a line each, what must not be: among users, and rows of the directory that
 * belong to nothing there is. */
void directory_users_check(struct directory *directory, struct buf *problems);

/* --- the second factor --- */

/* A secret that counts once it is proven. DIRECTORY_E_NONE: also where one counts already, which
 * only its codes take away. */
int directory_totp_begin(struct directory *directory, const char *user,
                         const char *secret) MUST_CHECK;
/* It was, in that session and by the code of that step: from now on it is asked for. Older codes
 * for recovery count no more; all other sessions end, for a password alone began them. */
int directory_totp_prove(struct directory *directory, const char *user, const char *session,
                         uint64_t step, const struct digest *codes, size_t count) MUST_CHECK;
int directory_totp_remove(struct directory *directory, const char *user) MUST_CHECK;
/* The step that was used last, after the one that was till then. DIRECTORY_E_NONE: another was used
 * meanwhile. */
int directory_totp_used(struct directory *directory, const char *user, uint64_t last_step,
                        uint64_t step) MUST_CHECK;
/* DIRECTORY_E_NONE: no such code, or it was used. */
int directory_recovery_use(struct directory *directory, const char *user,
                           const struct digest *code) MUST_CHECK;

#endif
