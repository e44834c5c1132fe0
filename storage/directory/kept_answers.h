/* SPDX-License-Identifier: Apache-2.0
 *
 * kept_answers — what was answered to a request whose sender may not have heard it. Kept for a day,
 * for each who asks so many at most: the oldest go. Those of a console user or token, and those
 * about a tenant or console user, go with them.
 */
#ifndef STORAGE_KEPT_ANSWERS_H
#define STORAGE_KEPT_ANSWERS_H

#include "base/buf.h"
#include "base/secret/digest.h"
#include "storage/directory/directory.h"

enum {
    KEPT_ANSWER_MS = 24 * 3600 * 1000,
    KEPT_ANSWERS_MAX = 1000,
    KEPT_ANSWER_MAX_BYTES = 32 * 1024
};

struct kept_answer {
    struct slice who;
    struct slice tenant, user; /* whom it is about; empty: none */
    struct digest key, request;
    uint64_t at_ms;
    unsigned status;
    struct slice body;
};

/* In place of an older one. About whom is not there any more nothing is kept. */
int directory_answer_keep(struct directory *directory, const struct kept_answer *answer) MUST_CHECK;
/* What is older than a day by then is gone, though nothing new is kept. */
int directory_answers_expire(struct directory *directory, uint64_t now_ms) MUST_CHECK;
/* The body goes into `to`, the rest into *ret_answer, but for who and whom. DIRECTORY_E_NONE. */
int directory_answer_find(struct directory *directory, struct slice who, const struct digest *key,
                          uint64_t now_ms, struct buf *to,
                          struct kept_answer *ret_answer) MUST_CHECK;

#endif
