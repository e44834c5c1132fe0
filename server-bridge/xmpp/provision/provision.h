/* SPDX-License-Identifier: Apache-2.0
 *
 * provision — the link that changes the XMPP server: hosts, accounts, roster entries, with a secret
 * of its own. To Prosody it is a component named in `admins` and `privileged_entities`, to ejabberd
 * an account its REST API allows this; no tenant's link can do any of it.
 *
 * Each request of the core is a stanza or two, or a call of that API (provision_way.h); its answer,
 * or its time running out, becomes one provision_done. Requests made while the server is away
 * wait for it, within their time.
 */
#ifndef SERVER_BRIDGE_XMPP_PROVISION_H
#define SERVER_BRIDGE_XMPP_PROVISION_H

#include "base/auto.h"
#include "base/result.h"

#include <stdbool.h>

struct event_base;
struct provision;

struct provision_setup {
    struct event_base *base;
    unsigned answer_ms;          /* time a request has; 0: 10 s */
    void (*down)(void *context); /* the connection ended; NULL: nobody asks */
    void *context;
};

int provision_new(struct provision **ret_provision, const struct provision_setup *setup) MUST_CHECK;
struct provision *provision_free(struct provision *provision);
DEFINE_AUTO(provision)
/* A socket to the core, in place of an earlier one; taken over. */
void provision_attach(struct provision *provision, int fd);
/* Says goodbye to the server. True: nothing to wait for; else `down` follows. */
bool provision_close(struct provision *provision);

#endif
