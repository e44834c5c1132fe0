/* SPDX-License-Identifier: Apache-2.0
 *
 * outsiders — people who are no agents of a tenant, and whom its agents may turn to by name: a
 * salesperson, the one who calls back. As a tenant writes them, with commas between:
 *
 *     Tuula: tuula@sales.example callbacks transfers fi, Mikko: mikko@crm.example callbacks
 *
 * Their address may be on any XMPP server that ours can reach. Nobody else is ever written to,
 * whatever an agent types: words of a visitor go to no address that an admin has not named.
 */
#ifndef TENANT_OUTSIDERS_H
#define TENANT_OUTSIDERS_H

#include "base/slice.h"

enum { OUTSIDERS_MAX = 16, OUTSIDER_NAME_BYTES = 64, OUTSIDER_JID_BYTES = 256 };

struct outsider {
    char name[OUTSIDER_NAME_BYTES]; /* one word; what agents type and visitors see */
    char jid[OUTSIDER_JID_BYTES];   /* bare */
    char language[4];               /* what the desk speaks with them; "": English */
    bool callbacks;                 /* hears who wants to be called back, or to meet */
    bool transfers;                 /* may be handed a conversation */
};

struct outsiders {
    struct outsider all[OUTSIDERS_MAX];
    unsigned count;
};

/* False: it makes no sense, and *ret_outsiders is not to be used. "" names nobody. Who is said to
 * get nothing in particular gets both. */
bool outsiders_parse(struct slice text, struct outsiders *ret_outsiders);
/* By name, without regard to capitals. NULL: nobody of that name. */
const struct outsider *outsiders_named(const struct outsiders *outsiders, struct slice name);
/* By bare JID. */
const struct outsider *outsiders_at(const struct outsiders *outsiders, struct slice jid);

#endif
