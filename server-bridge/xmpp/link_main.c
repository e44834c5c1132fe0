/* SPDX-License-Identifier: Apache-2.0
 *
 * The role's own program: a tenant's link, or the one that provisions.
 */
#include "base/log.h"
#include "server-bridge/role.h"
#include "server-bridge/xmpp/link.h"

#include <event2/event.h>
#include <unistd.h>

struct program {
    struct role *role;
    struct link *link;
    bool draining;
};

static void on_attach(void *context, int fd, enum ipc_role role, const char *tenant, unsigned index)
{
    struct program *program = context;

    (void)tenant;
    (void)index;
    if (role == IPC_CORE)
        link_attach(program->link, fd);
    else
        (void)close(fd);
}

static void on_down(void *context)
{
    struct program *program = context;

    if (program->draining)
        role_stop(program->role);
}

/* What the core gave us before it stopped may still be on its way: the goodbye goes behind. */
static void on_drain(void *context, uint64_t deadline_ms)
{
    struct program *program = context;

    (void)deadline_ms; /* the goodbye has a time limit of its own */
    program->draining = true;
    if (link_close(program->link))
        role_stop(program->role);
}

static const struct role_handlers handlers = { .attach = on_attach, .drain = on_drain };

int link_main(struct role *role)
{
    struct program program = { .role = role };
    const struct link_setup setup = {
        .base = role->base, .tenant = role->tenant, .down = on_down, .context = &program
    };
    int rc = link_new(&program.link, &setup);

    if (rc == OK) {
        role_ready(role);
        rc = role_run(role, &handlers, &program);
    }
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "link.failed", "rc=%s", result_name(rc));
    link_free(program.link);
    return rc == OK ? 0 : 1;
}
