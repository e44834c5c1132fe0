/* SPDX-License-Identifier: Apache-2.0
 *
 * state_file — tells scripts which processes there are: HOME/run/roles.json, and the "pids"
 * of instance.json where the settings name one. Both are replaced whole, never half written.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_STATE_FILE_H
#define SERVER_BRIDGE_SUPERVISOR_STATE_FILE_H

#include "server-bridge/settings.h"
#include "server-bridge/supervisor/child.h"

/* Failures are logged, nothing more: the service does not depend on these files. */
void state_file_write(const struct settings *settings, const struct child *children);

#endif
