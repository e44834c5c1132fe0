/* SPDX-License-Identifier: Apache-2.0
 *
 * inbound — what came over the component: who may say what, and what of it the core hears.
 *
 * Everyone the server knows can write to a component and put anything into a stanza but its
 * `from`. So: only members, by exactly the bare JID in the table; only plain bodies; nothing
 * inside carbons, forwards, archive results or events counts; errors and results are never
 * answered; one answer a stanza at most; strangers get `forbidden` and learn nothing.
 */
#ifndef SERVER_BRIDGE_XMPP_INBOUND_H
#define SERVER_BRIDGE_XMPP_INBOUND_H

#include "base/buf.h"
#include "base/log.h"
#include "base/ratelimit.h"
#include "server-bridge/xmpp/contacts.h"
#include "server-bridge/xmpp/inbound/unhandled.h"
#include "server-bridge/xmpp/look.h"
#include "server-bridge/xmpp/members.h"
#include "tenant/jid.h"

#include <strophe.h>

enum { INBOUND_TEXT_POINTS_MAX = 4000 };

/* Where it goes. */
struct inbound_port {
    void (*tell)(void *context, enum ipc_type type, const void *message); /* the core */
    void (*answer)(void *context, struct slice stanza_xml);               /* the server */
    void (*barrier)(void *context, uint64_t number); /* a barrier of ours came back */
};

struct room;

struct inbound {
    const char *domain; /* borrowed */
    const struct look *look;
    struct room *room; /* NULL: none */
    const struct members *members;
    struct contacts *contacts;
    struct unhandled *unhandled;
    const struct inbound_port *port;
    void *context;
    const struct log_context *log;
    /* its own */
    struct ratelimit strangers; /* answers to them, so that nobody makes us flood a third */
    struct buf out, text;
};

void inbound_init(struct inbound *inbound);
void inbound_release(struct inbound *inbound);
void inbound_handle(struct inbound *inbound, xmpp_stanza_t *stanza);

/* What kind of contact a localpart of ours is. */
enum contact_kind { CONTACT_NONE, CONTACT_HOST, CONTACT_DESK, CONTACT_VISITOR };
enum contact_kind contact_kind(struct slice local);

/* A stanza taken apart, for the files that handle its kinds. */
struct arrival {
    xmpp_stanza_t *stanza;
    const char *name, *type; /* type: "" when there is none */
    struct jid from, to;
    struct slice from_text, to_text, id;
};

void inbound_refuse(struct inbound *inbound, const struct arrival *arrival, const char *type,
                    const char *condition, const char *text);
/* handle_<kind>.c: only ever called for members. */
void inbound_message(struct inbound *inbound, const struct arrival *arrival);
void inbound_presence(struct inbound *inbound, const struct arrival *arrival);
void inbound_iq(struct inbound *inbound, const struct arrival *arrival);

#endif
