/* SPDX-License-Identifier: Apache-2.0
 *
 * The role's own program: a tenant's link, or the one that provisions.
 */
#include "base/log.h"
#include "server-bridge/role.h"
#include "server-bridge/xmpp/link.h"
#include "server-bridge/xmpp/provision/provision.h"

#include <unistd.h>

struct program {
    struct role *role;
    struct link *link;           /* of a tenant; or … */
    struct provision *provision; /* … this one */
    bool draining;
};

static void on_attach(void *context, int fd, enum ipc_role role, const char *tenant, unsigned index)
{
    struct program *program = context;

    (void)tenant;
    (void)index;
    if (role != IPC_CORE)
        (void)close(fd);
    else if (program->link != NULL)
        link_attach(program->link, fd);
    else
        provision_attach(program->provision, fd);
}

static void on_down(void *context)
{
    struct program *program = context;

    if (program->draining)
        role_stop(program->role);
}

/* What the core gave us before it stopped leaves before the goodbye, which has a time limit
 * of its own. */
static void on_drain(void *context, uint64_t deadline_ms)
{
    struct program *program = context;
    bool closed;

    (void)deadline_ms;
    program->draining = true;
    closed =
        program->link != NULL ? link_close(program->link) : provision_close(program->provision);
    if (closed)
        role_stop(program->role);
}

static int start(struct program *program)
{
    const struct link_setup link = { .base = program->role->base,
                                     .tenant = program->role->tenant,
                                     .down = on_down,
                                     .context = program };
    const struct provision_setup provision = { .base = program->role->base,
                                               .down = on_down,
                                               .context = program };

    if (program->role->self == IPC_PROVISION)
        return provision_new(&program->provision, &provision);
    return link_new(&program->link, &link);
}

int link_main(struct role *role)
{
    static const struct role_handlers handlers = { .attach = on_attach, .drain = on_drain };
    struct program program = { .role = role };
    int rc = start(&program);

    if (rc == OK) {
        role_ready(role);
        rc = role_run(role, &handlers, &program);
    }
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "link.failed", "rc=%s", result_name(rc));
    link_free(program.link);
    provision_free(program.provision);
    return rc == OK ? 0 : 1;
}
