/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/pulse.h"

#include "base/log.h"
#include "server-bridge/ipc/channel.h"

#include <signal.h>

static void kill_hung(const struct child *child)
{
    char name[64];

    child_name(child, name, sizeof(name));
    log_event(LOG_ERROR, NULL, "role.hung", "name=%s pid=%d remedy=\"it is started again\"", name,
              (int)child->pid);
    (void)kill(child->pid, SIGKILL);
}

void pulse_ask(struct child *children)
{
    for (struct child *child = children; child != NULL; child = child->next) {
        if (child->pid == 0 || !child->ready || child->draining)
            continue;
        if (child->unanswered >= PULSE_MISSED)
            kill_hung(child);
        else if (CHANNEL_SEND(child->channel, -1, ask_alive, .alive = true) != OK)
            log_event(LOG_WARNING, NULL, "supervisor.unasked", "pid=%d", (int)child->pid);
        child->unanswered++;
    }
}

void pulse_felt(struct child *child)
{
    child->unanswered = 0;
}
