/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/fetch/fetch.h"

#include "base/log.h"
#include "server-bridge/ipc/peer.h"
#include "server-bridge/jail.h"
#include "server-bridge/role.h"

#include <unistd.h>

enum { CORE_QUEUE_MAX_BYTES = 64 * 1024 * 1024 };

struct program {
    struct role *role;
    struct fetch fetch;
};

static void on_request(void *context, const union ipc_message *message)
{
    fetch_begin(context, &message->fetch_request);
}

static void on_mail(void *context, const union ipc_message *message)
{
    fetch_begin_mail(context, &message->fetch_mail);
}

static ipc_handler_fn *const core_handlers[IPC_TYPE_COUNT] = {
    [IPC_fetch_request] = on_request,
    [IPC_fetch_mail] = on_mail,
};

/* A new core asks again for what the old one did not live to hear of. */
static void on_core_gone(void *context)
{
    struct fetch *fetch = context;

    fetch->core = ipc_peer_free(fetch->core);
    fetch_abandon_all(fetch);
}

static void on_attach(void *context, int fd, enum ipc_role role, const char *tenant, unsigned index)
{
    struct program *program = context;
    struct ipc_peer_setup setup = { .base = program->role->base,
                                    .fd = fd,
                                    .self = IPC_FETCH,
                                    .other = IPC_CORE,
                                    .handlers = core_handlers,
                                    .closed = on_core_gone,
                                    .context = &program->fetch,
                                    .queue_max_bytes = CORE_QUEUE_MAX_BYTES };

    (void)tenant;
    (void)index;
    if (role != IPC_CORE) {
        (void)close(fd);
        return;
    }
    on_core_gone(&program->fetch);
    if (ipc_peer_new(&program->fetch.core, &setup) != OK) {
        log_event(LOG_ERROR, NULL, "fetch.no_memory", "");
        (void)close(fd);
    }
}

static int start(struct program *program)
{
    const struct settings *settings = program->role->settings;
    int rc;

    program->fetch.base = program->role->base;
    if (address_ranges_parse(slice_of(settings->fetch_allow), &program->fetch.allowed) != 0)
        return RAISE(ERR_CONFIG);
    if (program->fetch.allowed.count > 0)
        log_event(LOG_WARNING, NULL, "fetch.allows_private", "ranges=\"%s\"",
                  settings->fetch_allow);
    rc = fetch_start(&program->fetch, settings->fetch_ca);
    return rc == OK ? jail_enter(JAIL_OUTWARD, program->fetch.ca) : rc;
}

int fetch_main(struct role *role)
{
    static const struct role_handlers handlers = { .attach = on_attach };
    struct program program = { .role = role };
    int rc = start(&program);

    if (rc == OK) {
        role_ready(role);
        rc = role_run(role, &handlers, &program);
    }
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "fetch.failed", "rc=%s", result_name(rc));
    program.fetch.core = ipc_peer_free(program.fetch.core);
    fetch_stop(&program.fetch);
    return rc == OK ? 0 : 1;
}
