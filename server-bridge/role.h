/* SPDX-License-Identifier: Apache-2.0
 *
 * role — how every child of the supervisor lives: its loop, its channel, its settings.
 *
 * A role is this same program, started as `lasnad --role NAME` with the channel as descriptor
 * 3. The supervisor first sends the settings, then listeners and sockets to other roles as
 * they come and go. When the channel closes the supervisor is gone, and so is the role.
 */
#ifndef SERVER_BRIDGE_ROLE_H
#define SERVER_BRIDGE_ROLE_H

#include "base/result.h"
#include "server-bridge/ipc/messages.h"
#include "server-bridge/settings.h"

struct event_base;

/* What a role does about what comes by its channel. NULL: does not concern it. */
struct role_handlers {
    /* A socket to another role; ours to keep. Replaces an earlier one to the same. */
    void (*attach)(void *context, int fd, enum ipc_role role, const char *tenant, unsigned index);
    void (*listener)(void *context, int fd, const char *kind);
    /* A file with all there are; borrowed. */
    void (*certificates)(void *context, int fd, uint64_t bytes, bool whole);
    void (*settings)(void *context, const struct settings *settings);
    /* Finish what is begun, take nothing new, then call role_stop(). */
    void (*drain)(void *context, uint64_t deadline_ms);
};

struct role {
    enum ipc_role self;
    const char *tenant; /* of a link; "" otherwise */
    unsigned index;     /* of several web processes */
    struct event_base *base;
    struct settings *settings; /* the current ones; replaced on reload, after the handler */
    int channel;
    const struct role_handlers *handlers;
    void *context;
};

/* Waits for the first settings, names the process, sets limits and signals. */
int role_init(struct role *role, enum ipc_role self, const char *tenant, unsigned index) MUST_CHECK;
/* Runs the loop until role_stop() or the supervisor is gone. */
int role_run(struct role *role, const struct role_handlers *handlers, void *context) MUST_CHECK;
void role_stop(struct role *role);
void role_release(struct role *role);

/* Says to the supervisor that this role does its work now. */
void role_ready(struct role *role);

/* The roles' own programs; each returns the process's exit status. */
int core_main(struct role *role);
int web_main(struct role *role);
int link_main(struct role *role);
int fetch_main(struct role *role);

#endif
