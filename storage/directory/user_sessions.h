/* SPDX-License-Identifier: Apache-2.0
 *
 * user_sessions — console users who are logged in: 256 random bits each, kept as their SHA-256. A
 * session of an older epoch than its user's is no session any more.
 */
#ifndef STORAGE_USER_SESSIONS_H
#define STORAGE_USER_SESSIONS_H

#include "storage/directory/users.h"

enum {
    USER_SESSION_MS = 12 * 3600 * 1000,     /* whatever happens, it ends then … */
    USER_SESSION_IDLE_MS = 2 * 3600 * 1000, /* … and when nothing happened for so long */
    USER_SESSIONS_MAX = 20                  /* of one user; the oldest goes */
};

struct user_session {
    char id[ID_TEXT_BYTES]; /* names it: no secret */
    char user[USER_NAME_MAX + 1];
    uint64_t created_ms, used_ms, expires_ms;
};
typedef int directory_session_fn(void *context, const struct user_session *session);

/* Of the user's epoch as it is now. What is over goes meanwhile. DIRECTORY_E_NONE: no such user. */
int directory_session_add(struct directory *directory, const struct user_session *session,
                          const struct digest *hash) MUST_CHECK;
/* DIRECTORY_E_NONE: there is none that holds at that time. */
int directory_session_find(struct directory *directory, const struct digest *hash, uint64_t now_ms,
                           struct user_session *ret_session) MUST_CHECK;
int directory_session_used(struct directory *directory, const char *id, uint64_t at_ms) MUST_CHECK;
/* DIRECTORY_E_NONE */
int directory_session_remove(struct directory *directory, const char *id) MUST_CHECK;
/* Nobody is logged in any more, and no invitation holds: what was ended since a backup was made
 * must not come back with it. */
int directory_sessions_end_all(struct directory *directory) MUST_CHECK;
/* Those of the user that hold, oldest first. */
int directory_sessions(struct directory *directory, const char *user, uint64_t now_ms,
                       directory_session_fn *fn, void *context);

#endif
