/* SPDX-License-Identifier: Apache-2.0
 *
 * password_job — hashing a password takes half a second and 128 MiB: off the loop, one at a time,
 * and only so many wait for it, so that a flood of log-ins takes a bounded part of the machine.
 */
#ifndef SERVER_BRIDGE_CORE_API_PEOPLE_PASSWORD_JOB_H
#define SERVER_BRIDGE_CORE_API_PEOPLE_PASSWORD_JOB_H

#include "server-bridge/core/api/answer.h"
#include "server-bridge/core/work.h"

#include "storage/directory/users.h"

enum { PASSWORDS_WAITING_MAX = 8 };

struct password_job {
    struct work work;
    struct core *core;
    struct call *call; /* NULL: gone */
    char user[USER_NAME_MAX + 1];
    struct password_cost cost;
    char *shown;                    /* to compare with `kept`; NULL: nothing is */
    char kept[PASSWORD_HASH_BYTES]; /* "": nobody's, which takes as long */
    bool matches;
    char *fresh; /* to hash, once what was shown matches; NULL: none */
    char hash[PASSWORD_HASH_BYTES];
    int rc;
    void (*then)(struct password_job *job, struct call *call); /* on the loop; answers */
};

/* The password in the body is compared with this user's (NULL: with nobody's). `fresh` may be
 * empty. Only one at a time goes on for a name; the call is answered if this one cannot. */
void password_compare(struct call *call, const char *name, const struct user *user,
                      struct slice fresh,
                      void (*then)(struct password_job *job, struct call *call));
/* Only hashes. */
void password_choose(struct call *call, const char *name, struct slice fresh,
                     void (*then)(struct password_job *job, struct call *call));

#endif
