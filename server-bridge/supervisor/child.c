/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/child.h"

#include "base/log.h"
#include "server-bridge/ipc/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHILD_CHANNEL_FD = 3 };

int child_new(struct child **ret_child, enum ipc_role role, const char *tenant, unsigned index)
{
    struct child *child = calloc(1, sizeof(*child));

    if (child == NULL)
        return RAISE(ERR_NO_MEMORY);
    child->role = role;
    child->index = index;
    child->channel = -1;
    child->wanted = true;
    child->backoff_ms = CHILD_BACKOFF_FIRST_MS;
    (void)snprintf(child->tenant, sizeof(child->tenant), "%s", tenant);
    *ret_child = child;
    return OK;
}

struct child *child_free(struct child *child)
{
    if (child != NULL && child->channel >= 0)
        (void)close(child->channel);
    free(child);
    return NULL;
}

static const char *role_argument(enum ipc_role role)
{
    switch (role) {
    case IPC_WEB:
        return "web";
    case IPC_CONTROL:
        return "control";
    case IPC_CORE:
        return "core";
    case IPC_LINK:
        return "link";
    case IPC_PROVISION:
        return "provision";
    case IPC_FETCH:
        return "fetch";
    case IPC_SUPERVISOR:
        break;
    }
    return "unknown";
}

void child_name(const struct child *child, char *ret_name, size_t size)
{
    if (child->role == IPC_LINK)
        (void)snprintf(ret_name, size, "link@%s", child->tenant);
    else if (child->role == IPC_PROVISION)
        (void)snprintf(ret_name, size, "link@control");
    else if (child->role == IPC_WEB)
        (void)snprintf(ret_name, size, "web/%u", child->index);
    else
        (void)snprintf(ret_name, size, "%s", role_argument(child->role));
}

/* Between fork and exec: only calls that are safe there. */
static void become(const struct child *child, int channel, const char *index)
{
    sigset_t none;

    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (channel == CHILD_CHANNEL_FD) {
        (void)fcntl(channel, F_SETFD, 0);
    } else if (dup2(channel, CHILD_CHANNEL_FD) < 0) {
        _exit(126);
    }
    (void)execl("/proc/self/exe", "lasnad", "--role", role_argument(child->role), "--tenant",
                child->tenant, "--index", index, (char *)NULL);
    _exit(127);
}

int child_start(struct child *child, uint64_t now_ms)
{
    char index[16], name[64];
    int fds[2];

    if (channel_pair(fds) != OK)
        return ERR_IO;
    (void)snprintf(index, sizeof(index), "%u", child->index);
    child->pid = fork();
    if (child->pid == 0)
        become(child, fds[1], index);
    (void)close(fds[1]);
    if (child->pid < 0) {
        child->pid = 0;
        (void)close(fds[0]);
        return RAISE(ERR_IO);
    }
    child->channel = fds[0];
    child->started_ms = now_ms;
    child->ready = false;
    child_name(child, name, sizeof(name));
    log_event(LOG_INFO, NULL, "role.started", "name=%s pid=%d", name, (int)child->pid);
    return OK;
}

void child_died(struct child *child, uint64_t now_ms)
{
    if (child->channel >= 0)
        (void)close(child->channel);
    child->channel = -1;
    child->pid = 0;
    child->ready = false;
    child->draining = false;
    child->unanswered = 0;
    child->restarts++;
    if (now_ms - child->started_ms >= CHILD_STEADY_MS)
        child->backoff_ms = CHILD_BACKOFF_FIRST_MS;
    child->start_at_ms = now_ms + child->backoff_ms;
    child->backoff_ms *= 2;
    if (child->backoff_ms > CHILD_BACKOFF_MAX_MS)
        child->backoff_ms = CHILD_BACKOFF_MAX_MS;
}
