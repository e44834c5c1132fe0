/* SPDX-License-Identifier: Apache-2.0
 *
 * prosody — a real Prosody of one's own: fresh folder, free ports, ended by its own pid.
 *
 * Agents live at agents.localhost; control.localhost (secret "control") may provision; tenants
 * live below chat.localhost, one file each in the folder `tenants`.
 */
#ifndef TESTS_SUPPORT_PROSODY_H
#define TESTS_SUPPORT_PROSODY_H

#include <stdbool.h>
#include <sys/types.h>

struct prosody {
    char dir[64]; /* under TMPDIR or /tmp */
    unsigned short c2s_port, component_port;
    pid_t pid; /* 0: not running */
};

/* Makes the folder, picks ports, starts, waits until it listens. False: there is no Prosody
 * to be had here; its log was printed. */
bool prosody_start(struct prosody *prosody);
/* kill -9 */
void prosody_kill(struct prosody *prosody);
/* After prosody_kill: the same folder and ports. */
bool prosody_restart(struct prosody *prosody);
/* Ends it and removes the folder. */
void prosody_release(struct prosody *prosody);

/* An account at agents.localhost, written before the start or while it runs. */
void prosody_account(const struct prosody *prosody, const char *name, const char *password);
/* tenants/<name>.cfg.lua for <name>.chat.localhost. Known after a restart or a reload. */
void prosody_tenant(const struct prosody *prosody, const char *name, const char *secret);
/* Whether its log holds the text. */
bool prosody_logged(const struct prosody *prosody, const char *text);

#endif
