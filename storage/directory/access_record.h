/* SPDX-License-Identifier: Apache-2.0
 *
 * access_record — who could see a tenant's chats, from when until when, and who did. The audit
 * tells the first by what was given and taken away, and the second by each reading; transcripts
 * tell whom they were offered to and who held them. It reads by a connection of its own, so that
 * it can run on any thread.
 */
#ifndef STORAGE_ACCESS_RECORD_H
#define STORAGE_ACCESS_RECORD_H

#include "storage/directory/directory.h"
#include "storage/store.h"

struct access_question {
    const char *dir; /* the directory's */
    struct tenant_name tenant;
    uint64_t created_ms; /* what was before was somebody else's of that name */
    uint64_t since_ms;   /* 0: from then on */
    uint64_t now_ms;
};

/* Somebody could see them. `who` as the audit calls them: "token:…", "user:…", an agent's JID. */
struct access_span {
    struct slice who, role;
    bool everywhere;   /* at all tenants */
    uint64_t from_ms;  /* 0: the audit does not tell, it came along with a moved tenant */
    uint64_t until_ms; /* 0: still */
    struct slice given_by, ended_by; /* empty: not told; a token may have run out */
};

/* Somebody did. */
struct access_look {
    struct slice who, action;
    uint64_t times, things; /* how often, and of how many different things */
    uint64_t first_ms, last_ms;
};

/* The slices live until the callback returns; 0 goes on, anything else stops and is returned. */
typedef int access_span_fn(void *context, const struct access_span *span);
typedef int access_look_fn(void *context, const struct access_look *look);

/* Those that touch the time asked for, in the order in which they began. */
int access_could(const struct access_question *question, access_span_fn *fn,
                 void *context) MUST_CHECK;
/* All that the audit knows of this tenant, by who and action; which of it is a reading is the
 * caller's to say. */
int access_did(const struct access_question *question, access_look_fn *fn,
               void *context) MUST_CHECK;
/* Agents: "offered" the first words, and "served" conversations. */
int access_served(struct store *view, const struct access_question *question, access_look_fn *fn,
                  void *context) MUST_CHECK;

#endif
