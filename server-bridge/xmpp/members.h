/* SPDX-License-Identifier: Apache-2.0
 *
 * members — the bare JIDs a link listens to, as the core told it. Everybody else is a
 * stranger, whatever they say they are.
 */
#ifndef SERVER_BRIDGE_XMPP_MEMBERS_H
#define SERVER_BRIDGE_XMPP_MEMBERS_H

#include "base/result.h"
#include "base/slice.h"

struct members {
    char **jids; /* owned; sorted */
    size_t count, cap;
};

void members_release(struct members *members);
int members_add(struct members *members, struct slice jid) MUST_CHECK;
void members_remove(struct members *members, struct slice jid);
/* Exactly, byte by byte: the server has brought addresses to one form. */
bool members_has(const struct members *members, struct slice jid);

#endif
