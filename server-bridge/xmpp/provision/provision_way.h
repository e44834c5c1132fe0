/* SPDX-License-Identifier: Apache-2.0
 *
 * provision_way — how provision.c asks an XMPP server: Prosody by ad-hoc commands of a component
 * (provision_adhoc.c), ejabberd by its REST API (provision_rest.c). provision.c keeps the jobs
 * and their time; a way carries them out one by one and says what became of each.
 */
#ifndef SERVER_BRIDGE_XMPP_PROVISION_WAY_H
#define SERVER_BRIDGE_XMPP_PROVISION_WAY_H

#include "server-bridge/ipc/peer.h"
#include "server-bridge/xmpp/provision/provision.h"
#include "server-bridge/xmpp/provision/provision_steps.h"

enum provision_kind {
    PROVISION_HOST_UP,
    PROVISION_HOST_DOWN,
    PROVISION_USER_ADD,
    PROVISION_USER_DELETE,
    PROVISION_ROSTER_ADD,
    PROVISION_ROSTER_REMOVE,
    PROVISION_ROOM_DOWN,
    PROVISION_KIND_COUNT
};

enum { PROVISION_ID_BYTES = 32 };

struct provision_job {
    struct provision_job *next;
    uint64_t number;      /* the core's */
    uint64_t deadline_ms; /* steady */
    enum provision_kind kind;
    struct provision_wish wish;
    /* The way's own. Empty id: nothing is on its way for this job. */
    char id[PROVISION_ID_BYTES];
    size_t step;
    void *asking;
};

struct provision_way;

struct provision_way_ops {
    bool (*is_up)(const struct provision_way *way);
    /* Takes the job's next step; it may be finished on the spot, or the server be found gone. */
    void (*ask)(struct provision_way *way, struct provision_job *job);
    /* The job is about to be freed: its answer finds nobody. NULL: nothing to do. */
    void (*drop)(struct provision_way *way, struct provision_job *job);
    /* Says goodbye. True: nothing to wait for; else provision_went_down() follows. */
    bool (*close)(struct provision_way *way);
    void (*free)(struct provision_way *way);
};

struct provision_way {
    const struct provision_way_ops *ops;
    struct provision *provision;
    const struct log_context *log;
};

/* Both copy what they need of `start`. ERR_NO_MEMORY, ERR_CONFIG. */
int provision_adhoc_new(struct provision_way **ret_way, struct provision *provision,
                        const struct ipc_link_start *start) MUST_CHECK;
int provision_rest_new(struct provision_way **ret_way, struct provision *provision,
                       const struct ipc_link_start *start) MUST_CHECK;

/* --- what a way tells provision.c, and asks of it --- */

struct event_base *provision_base(const struct provision *provision);
const struct log_context *provision_log(const struct provision *provision);
struct provision_job *provision_jobs(const struct provision *provision);
/* The job is freed. `reason` is told where it was not done, and logged. */
void provision_finish(struct provision *provision, struct provision_job *job, bool done,
                      const char *reason);
/* Asks every job that is not being asked yet. */
void provision_came_up(struct provision *provision);
/* What was on its way is asked again from its beginning: twice does no harm. */
void provision_went_down(struct provision *provision, const char *reason);
/* Whether the core should stop giving. */
void provision_crowded(struct provision *provision, bool crowded);

#endif
