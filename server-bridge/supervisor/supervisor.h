/* SPDX-License-Identifier: Apache-2.0
 *
 * supervisor — opens the ports, starts the roles and starts them again, introduces them to
 * one another, reloads, drains, and tells systemd. It handles no message of any visitor or
 * agent, so that nothing they send can stop it.
 */
#ifndef SERVER_BRIDGE_SUPERVISOR_SUPERVISOR_H
#define SERVER_BRIDGE_SUPERVISOR_SUPERVISOR_H

/* Runs until SIGTERM or SIGINT. Returns the process's exit status: 0 stopped as asked,
 * 1 could not start or go on. */
int supervisor_main(const char *config_path);

#endif
