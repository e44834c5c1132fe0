/* SPDX-License-Identifier: Apache-2.0
 *
 * guesses — how often somebody was wrong about a user's password or code, and how long the next
 * try by that name has to wait: five are free, then it doubles from a second to about a minute. For
 * names nobody bears just the same, so that waiting tells nothing. What one address may try is
 * web's to say (web/peers.c).
 */
#ifndef SERVER_BRIDGE_CORE_API_PEOPLE_GUESSES_H
#define SERVER_BRIDGE_CORE_API_PEOPLE_GUESSES_H

#include "server-bridge/core/api/call.h"

/* True: this one has to wait, and the call is answered. */
bool guesses_hold_back(struct call *call, const char *name);
void guesses_wrong(struct core *core, const char *name);
void guesses_right(struct core *core, const char *name);
void guesses_free(struct core *core);

#endif
