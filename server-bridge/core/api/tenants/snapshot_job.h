/* SPDX-License-Identifier: Apache-2.0
 *
 * snapshot_job — a copy of one database being made for a backup, off the loop. When it is ready its
 * file has no name any more: it goes with the job, or with the core, and at the latest when nobody
 * asks for it in ten minutes.
 */
#ifndef SERVER_BRIDGE_CORE_API_SNAPSHOT_JOB_H
#define SERVER_BRIDGE_CORE_API_SNAPSHOT_JOB_H

#include "server-bridge/core/core.h"
#include "server-bridge/core/work.h"

#include "storage/backup/snapshot.h"
#include "storage/keys/tenant_key.h"

enum snapshot_state { SNAPSHOT_COPYING, SNAPSHOT_READY, SNAPSHOT_FAILED };

struct snapshot_job {
    struct work work;
    struct snapshot_job *next, *prev; /* in core->snapshots */
    struct core *core;
    struct id id;
    enum piece_kind kind;
    struct tenant_name tenant; /* empty: the directory */
    enum snapshot_state state;
    char *from, *to; /* owned */
    atomic_bool stop;
    bool dropped;            /* the thread still has it; then it goes */
    struct instance_key key; /* what makes the copy's secrets plain: of the directory … */
    struct tenant_keys keys; /* … or of a tenant's own database */
    int rc;                  /* of the thread */
    struct snapshot_facts facts;
    struct buf problems;
    int fd; /* of the content, once it is ready */
    struct event *expiry;
};

enum { SNAPSHOTS_MAX = 4 };

/* `tenant` NULL: the directory. ERR_*; ERR_LIMIT: too many are there. */
int snapshot_job_new(struct core *core, enum piece_kind kind, const struct tenant_name *tenant,
                     struct snapshot_job **ret_job) MUST_CHECK;
struct snapshot_job *snapshot_job_find(struct core *core, struct id id);
/* Whether a copy of this tenant (NULL: of anything) is being made, with the keys of when it began.
 */
bool snapshots_are_copying(const struct core *core, const struct tenant_name *tenant);
void snapshot_job_drop(struct snapshot_job *job);
/* Somebody is at it: ten minutes from now. */
void snapshot_job_touch(struct snapshot_job *job);
/* How much is copied, and of how much about; both may move. */
uint64_t snapshot_job_copied(const struct snapshot_job *job);
uint64_t snapshot_job_expected(const struct snapshot_job *job);

#endif
