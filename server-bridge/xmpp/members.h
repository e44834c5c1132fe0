/* SPDX-License-Identifier: Apache-2.0
 *
 * members — the bare JIDs a link listens to, as the core told it. Everybody else is a
 * stranger, whatever they say they are.
 */
#ifndef SERVER_BRIDGE_XMPP_MEMBERS_H
#define SERVER_BRIDGE_XMPP_MEMBERS_H

#include "base/result.h"
#include "base/slice.h"
#include "chat/texts.h"

enum member_kind {
    MEMBER_AGENT,
    MEMBER_SUPERVISOR,
    MEMBER_BOT,
    MEMBER_OUTSIDER, /* no agent: somebody the tenant has named (tenant/outsiders.h) */
};

struct known_member {
    char *jid; /* owned */
    enum member_kind kind;
    enum language language; /* that the desk speaks with them */
};

struct members {
    struct known_member *known; /* sorted by JID */
    size_t count, cap;
};

void members_release(struct members *members);
/* Or what they are, or speak, has changed. */
int members_add(struct members *members, struct slice jid, enum member_kind kind,
                enum language language) MUST_CHECK;
void members_remove(struct members *members, struct slice jid);
/* Exactly, byte by byte: the server has brought addresses to one form. */
bool members_has(const struct members *members, struct slice jid);
bool members_supervises(const struct members *members, struct slice jid);
bool members_is_outsider(const struct members *members, struct slice jid);
/* English with whoever is none. */
enum language members_language(const struct members *members, struct slice jid);
/* Belongs in the team room: agents and supervisors do. */
bool members_in_room(const struct members *members, struct slice jid);

#endif
