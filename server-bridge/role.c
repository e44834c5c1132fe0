/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/role.h"

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "server-bridge/ipc/channel.h"

#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

enum { CHANNEL_FD = 3, FIRST_SETTINGS_MS = 10000 };

static const char *role_name(enum ipc_role role)
{
    switch (role) {
    case IPC_SUPERVISOR:
        return "supervisor";
    case IPC_WEB:
        return "web";
    case IPC_CONTROL:
        return "control";
    case IPC_CORE:
        return "core";
    case IPC_LINK:
        return "link";
    case IPC_PROVISION:
        return "link@control";
    case IPC_FETCH:
        return "fetch";
    }
    return "unknown";
}

static void name_process(const struct role *role)
{
    char name[64];

    if (role->self == IPC_LINK)
        (void)snprintf(name, sizeof(name), "link@%s", role->tenant);
    else if (role->self == IPC_WEB)
        (void)snprintf(name, sizeof(name), "web/%u", role->index);
    else
        (void)snprintf(name, sizeof(name), "%s", role_name(role->self));
    log_set_role(name);
    (void)prctl(PR_SET_NAME, name);
    (void)prctl(PR_SET_DUMPABLE, 0); /* no core file ever holds a secret or a transcript */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int take_settings(struct role *role, struct slice text)
{
    struct settings *settings = NULL;
    AUTO_BUF problems;
    int rc;

    buf_init(&problems, 65536);
    rc = settings_parse(&settings, text, &problems);
    if (rc != OK)
        return TRACE(rc);
    settings_apply_log(settings);
    if (role->handlers != NULL && role->handlers->settings != NULL)
        role->handlers->settings(role->context, settings);
    settings_free(role->settings);
    role->settings = settings;
    return OK;
}

static void handle(struct role *role, enum ipc_type type, const union ipc_message *message, int fd)
{
    const struct role_handlers *handlers = role->handlers;
    AUTO_FD unclaimed = fd;
    char name[64];

    if (type == IPC_settings) {
        if (take_settings(role, message->settings.text) != OK)
            log_event(LOG_ERROR, NULL, "role.bad_settings", "");
    } else if (type == IPC_attach && fd >= 0 && handlers->attach != NULL) {
        (void)slice_copy(message->attach.tenant, name, sizeof(name));
        unclaimed = -1;
        handlers->attach(role->context, fd, (enum ipc_role)message->attach.role, name,
                         (unsigned)message->attach.index);
    } else if (type == IPC_listener && fd >= 0 && handlers->listener != NULL) {
        (void)slice_copy(message->listener.kind, name, sizeof(name));
        unclaimed = -1;
        handlers->listener(role->context, fd, name);
    } else if (type == IPC_certificates && fd >= 0 && handlers->certificates != NULL) {
        handlers->certificates(role->context, fd, message->certificates.bytes,
                               message->certificates.whole);
    } else if (type == IPC_ask_alive) {
        if (CHANNEL_SEND(role->channel, -1, alive, .alive = true) != OK)
            log_event(LOG_WARNING, NULL, "role.alive_untold", "");
    } else if (type == IPC_drain) {
        if (handlers->drain != NULL)
            handlers->drain(role->context, message->drain.deadline_ms);
        else
            role_stop(role);
    }
}

/* CHANNEL_E_EMPTY when nothing is left, ERR_CLOSED when the supervisor is gone. */
static int receive_one(struct role *role, uint8_t *buffer, bool first)
{
    union ipc_message message;
    enum ipc_type type;
    int fd = -1, rc;

    rc = channel_receive(role->channel, buffer, &type, &message, &fd);
    if (rc != OK)
        return rc;
    if (first && type != IPC_settings)
        return RAISE(ERR_CORRUPT);
    if (first)
        return take_settings(role, message.settings.text);
    handle(role, type, &message, fd);
    return OK;
}

static void on_channel(evutil_socket_t fd, short what, void *context)
{
    struct role *role = context;
    AUTO_MEM uint8_t *buffer = malloc(CHANNEL_BUFFER_BYTES);
    int rc = buffer == NULL ? ERR_NO_MEMORY : OK;

    (void)fd;
    (void)what;
    while (rc == OK)
        rc = receive_one(role, buffer, false);
    if (rc != CHANNEL_E_EMPTY) {
        log_event(LOG_WARNING, NULL, "role.supervisor_gone", "rc=%s", result_name(rc));
        role_stop(role);
    }
}

int role_init(struct role *role, enum ipc_role self, const char *tenant, unsigned index)
{
    AUTO_MEM uint8_t *buffer = malloc(CHANNEL_BUFFER_BYTES);
    struct pollfd wait = { .fd = CHANNEL_FD, .events = POLLIN };

    *role = (struct role){ .self = self, .tenant = tenant, .index = index, .channel = CHANNEL_FD };
    name_process(role);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN); /* the supervisor's business */
    (void)signal(SIGINT, SIG_IGN); /* Ctrl-C reaches the whole group; the supervisor drains us */
    if (fcntl(CHANNEL_FD, F_SETFD, FD_CLOEXEC) != 0 || fcntl(CHANNEL_FD, F_SETFL, O_NONBLOCK) != 0)
        return RAISE(ERR_IO);
    role->base = event_base_new();
    if (role->base == NULL || buffer == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (poll(&wait, 1, FIRST_SETTINGS_MS) != 1)
        return RAISE(ERR_CLOSED);
    return receive_one(role, buffer, true);
}

static void on_terminate(evutil_socket_t number, short what, void *context)
{
    struct role *role = context;

    (void)number;
    (void)what;
    if (role->handlers->drain != NULL)
        role->handlers->drain(role->context, clock_now_ms() + 1000);
    else
        role_stop(role);
}

int role_run(struct role *role, const struct role_handlers *handlers, void *context)
{
    struct event *channel, *terminate;
    int rc = OK;

    role->handlers = handlers;
    role->context = context;
    channel = event_new(role->base, role->channel, EV_READ | EV_PERSIST, on_channel, role);
    terminate = evsignal_new(role->base, SIGTERM, on_terminate, role);
    if (channel == NULL || terminate == NULL || event_add(channel, NULL) != 0 ||
        event_add(terminate, NULL) != 0)
        rc = RAISE(ERR_NO_MEMORY);
    if (rc == OK && event_base_dispatch(role->base) < 0)
        rc = RAISE(ERR_IO);
    if (channel != NULL)
        event_free(channel);
    if (terminate != NULL)
        event_free(terminate);
    return rc;
}

void role_stop(struct role *role)
{
    (void)event_base_loopbreak(role->base);
}

void role_release(struct role *role)
{
    if (role->base != NULL)
        event_base_free(role->base);
    role->base = NULL;
    role->settings = settings_free(role->settings);
}

void role_ready(struct role *role)
{
    if (CHANNEL_SEND(role->channel, -1, ready, .ready = true) != OK)
        log_event(LOG_WARNING, NULL, "role.ready_untold", "");
}
