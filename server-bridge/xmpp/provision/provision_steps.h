/* SPDX-License-Identifier: Apache-2.0
 *
 * provision_steps — what each request of the core means in stanzas to Prosody 0.12, and what
 * the answers mean. Tables and pure functions; provision.c sends and waits.
 *
 * Ad-hoc commands (XEP-0050, XEP-0133) go to the agents' domain and take their form with the
 * first stanza; mod_privilege takes roster changes addressed to the owner. A host is activated
 * only after the configuration was read again, or it becomes a plain one.
 */
#ifndef SERVER_BRIDGE_XMPP_PROVISION_STEPS_H
#define SERVER_BRIDGE_XMPP_PROVISION_STEPS_H

#include "base/buf.h"

#include <strophe.h>

/* What one request speaks of; each kind uses some. */
struct provision_wish {
    char *about; /* owned; the host, the account, the contact, the room */
    char *owner; /* owned; of the roster */
    char *name;  /* owned; of the contact; the password of the account */
    char *group; /* owned */
    bool present;
};

void provision_wish_release(struct provision_wish *wish);

/* What came back. */
struct provision_reply {
    bool is_error;
    char condition[64]; /* of an error */
    char status[16];    /* of a command: "completed", "canceled" … */
    char note[256];     /* of a command: what it says about it */
    bool refused;       /* a command said no, politely */
};

/* False: neither a result nor an error. */
bool provision_reply_read(xmpp_stanza_t *iq, struct provision_reply *ret_reply);
enum provision_verdict { VERDICT_NEXT, VERDICT_DONE, VERDICT_FAILED };
enum provision_target { TARGET_AGENTS_DOMAIN, TARGET_OWNER, TARGET_ABOUT };

/* One stanza: what it asks, of whom, and what its answer means. VERDICT_NEXT at the last step
 * is a failure. */
struct provision_step {
    const char *type; /* get or set; NULL ends the table */
    enum provision_target target;
    void (*write)(const struct provision_wish *wish, struct buf *to);
    enum provision_verdict (*judge)(const struct provision_reply *reply);
    const char *why; /* it failed here; NULL: as the answer says */
};

/* Why it was not done, for people. */
const char *provision_reply_reason(const struct provision_step *step,
                                   const struct provision_reply *reply);

extern const struct provision_step provision_host_up[], provision_host_down[], provision_user_add[],
    provision_user_delete[], provision_roster_add[], provision_roster_remove[],
    provision_room_down[];

#endif
