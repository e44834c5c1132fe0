/* SPDX-License-Identifier: Apache-2.0
 *
 * access — who asks. Whoever can open the control socket owns the machine; everyone else shows
 * a token, or the session of a console user. It is looked up at every request, so one that is
 * revoked is worth nothing at the next, and again at every part of a long answer.
 */
#ifndef SERVER_BRIDGE_CORE_API_ACCESS_H
#define SERVER_BRIDGE_CORE_API_ACCESS_H

#include "server-bridge/core/api/call.h"
#include "storage/ledger.h"

/* `cookie`: what a browser sent by itself; it opens nothing but sessions. */
void access_identify(struct call *call, struct slice bearer, struct slice cookie);
/* Whether who asked when it began may still hear what follows. */
bool access_still_holds(const struct call *call);
/* Somebody's access was ended: whoever waits for an answer by it waits no longer. What was begun
 * is done all the same. */
void access_ended(struct core *core);
/* Into the ledger, before it happens: no backup from before lets them in. */
int access_shut_out(struct core *core, enum ledger_whom whom, const char *name) MUST_CHECK;
/* After it happened: one lets them in again. */
void access_let_in(struct core *core, enum ledger_whom whom, const char *name);
/* Whether the route is open to somebody who must set up a second factor first: what that takes, and
 * what anyone may ask. */
bool access_is_open_to_unproven(const struct route *route);
/* The caller is that user from here on. */
bool access_is_user(struct call *call, const struct user *user);

#endif
