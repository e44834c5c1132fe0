/* SPDX-License-Identifier: Apache-2.0
 *
 * access — who asks. Whoever can open the control socket owns the machine; everyone else shows
 * a token. It is looked up at every request, so one that is revoked is worth nothing at the
 * next, and again at every part of a long answer.
 */
#ifndef SERVER_BRIDGE_CORE_API_ACCESS_H
#define SERVER_BRIDGE_CORE_API_ACCESS_H

#include "server-bridge/core/api/call.h"

void access_identify(struct call *call, struct slice bearer);
/* Whether who asked when it began may still hear what follows. */
bool access_still_holds(const struct call *call);

#endif
