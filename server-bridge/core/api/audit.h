/* SPDX-License-Identifier: Apache-2.0
 *
 * audit — who changed what, and who read what visitors and agents said. The dispatcher writes
 * an entry for each such call that was answered well; a handler may add, in call->changed,
 * what exactly. Never a secret, never a word of a chat.
 */
#ifndef SERVER_BRIDGE_CORE_API_AUDIT_H
#define SERVER_BRIDGE_CORE_API_AUDIT_H

#include "server-bridge/core/api/call.h"

void audit_call(struct call *call, unsigned status);

#endif
