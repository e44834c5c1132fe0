/* SPDX-License-Identifier: Apache-2.0
 *
 * pulse — whether the roles' loops still turn. Each is asked again and again, by the channel that
 * its loop reads; one that has left PULSE_MISSED questions in a row unanswered hangs, and is
 * killed, so that it is started again as one that died. What is counted is questions, not time: a
 * supervisor that stood still itself blames nobody.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_PULSE_H
#define SERVER_BRIDGE_SUPERVISOR_PULSE_H

#include "server-bridge/supervisor/child.h"

enum {
    PULSE_MISSED = 4,
    PULSE_PATIENCE_MS = 120000 /* where systemd tells none: twice the WatchdogSec of our unit */
};

/* One round. Who is not ready yet, or finishes, has a time limit of its own. */
void pulse_ask(struct child *children);
/* It said something: its loop turns. */
void pulse_felt(struct child *child);

#endif
