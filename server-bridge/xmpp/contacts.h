/* SPDX-License-Identifier: Apache-2.0
 *
 * contacts — what each agent should see of each contact of ours: the last presence per pair.
 * Servers keep none for a component, so probes are answered from here.
 */
#ifndef SERVER_BRIDGE_XMPP_CONTACTS_H
#define SERVER_BRIDGE_XMPP_CONTACTS_H

#include "base/result.h"
#include "server-bridge/ipc/messages.h"

enum { CONTACTS_MAX = 50000 };

struct contacts; /* opaque */

int contacts_new(struct contacts **ret_contacts) MUST_CHECK;
struct contacts *contacts_free(struct contacts *contacts);

/* `sent`: it went out; else it is owed until contacts_each_owed. `to` empty: for everyone who
 * has no presence of that contact of their own. ERR_NO_MEMORY: not kept. */
int contacts_set(struct contacts *contacts, const struct ipc_link_presence *presence,
                 bool sent) MUST_CHECK;
/* False: nothing known, or the contact is gone. Borrowed; `to` is the member asked for. */
bool contacts_get(struct contacts *contacts, struct slice member, struct slice local,
                  struct ipc_link_presence *ret_presence);
/* Every presence that is owed, once; they count as sent. */
typedef void contacts_each_fn(void *context, const struct ipc_link_presence *presence);
void contacts_each_owed(struct contacts *contacts, contacts_each_fn *each, void *context);
/* Every presence that is there and was sent. */
void contacts_each_shown(struct contacts *contacts, contacts_each_fn *each, void *context);

#endif
