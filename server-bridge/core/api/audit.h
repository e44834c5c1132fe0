/* SPDX-License-Identifier: Apache-2.0
 *
 * audit — who changed what, and who read what visitors and agents said. The dispatcher writes
 * an entry for each such call that was answered well; a handler may add, in call->changed,
 * what exactly. Never a secret, never a word of a chat.
 *
 * A handler whose work is one change to the directory calls audit_join() right before it: then a
 * kill in between leaves neither a change without its entry nor an entry without its change.
 */
#ifndef SERVER_BRIDGE_CORE_API_AUDIT_H
#define SERVER_BRIDGE_CORE_API_AUDIT_H

#include "server-bridge/core/api/call.h"

void audit_call(struct call *call, unsigned status);
void audit_join(struct call *call);
/* Whether calls of it are entered. */
bool audit_tells(const struct route *route);
/* How an entry's action shows a tenant's chats: "look", "export", "serve" (an agent's own work).
 * NULL: not at all. */
const char *audit_reads(struct slice action);

#endif
