/* SPDX-License-Identifier: Apache-2.0
 *
 * room — a tenant's team room at the XMPP server (XEP-0045): the desk makes it, keeps it as it
 * should be, and lets in whom the core names (docs/adr/0016-team-room.md).
 *
 *     nowhere ──▶ joining ──▶ forming ──▶ listing ──▶ open
 *        ▲           │            │           │ └─▶ emptying ──▶ nowhere
 *        └───────────┴─ later ◀───┴───────────┴─────────┘   (no answer, an error, it was closed)
 *
 * The desk is the room's only owner and everybody else a plain member, so nobody but the core's
 * table of members lets anyone in. What is said in the room is not heard: the desk only speaks. It
 * is emptied where its tenant is disabled: nobody comes in, and what was said stays for later.
 */
#ifndef SERVER_BRIDGE_XMPP_ROOM_H
#define SERVER_BRIDGE_XMPP_ROOM_H

#include "base/log.h"
#include "server-bridge/xmpp/inbound/inbound.h"

struct event_base;
struct room;

struct room_port {
    void (*send)(void *context, struct slice stanza_xml);
    /* It is open or not; why not, for people. */
    void (*state)(void *context, bool open, const char *reason);
    /* Somebody may come in who could not before. */
    void (*admitted)(void *context, struct slice jid);
    /* It was to be empty, and is. */
    void (*emptied)(void *context);
};

struct room_setup {
    struct event_base *base;
    const struct members *members; /* borrowed; who belongs in it */
    const struct room_port *port;
    void *context;
    const struct log_context *log;
    unsigned answer_ms, again_ms; /* 0: 10 s for an answer, 30 s until it is tried again */
};

int room_new(struct room **ret_room, const struct room_setup *setup) MUST_CHECK;
struct room *room_free(struct room *room);

/* Where it is and what it is called; `off`: there is to be none, and one that was is destroyed, now
 * or when the stream is next up; `empty`: whoever is in it is put out. `anew`: the table of members
 * was made again, so all is looked at again. `domain`: ours; borrowed. ERR_NO_MEMORY: it stays as
 * it was. */
int room_place(struct room *room, const char *domain, const struct ipc_link_room *place,
               bool anew) MUST_CHECK;
/* The stream is up, or down. */
void room_set_up(struct room *room, bool up);
/* The table of members has changed for this one. */
void room_member_changed(struct room *room, struct slice jid);
/* Nobody hears it while the room is not open. */
void room_say(struct room *room, struct id stanza, struct slice text);
/* Whether a stanza comes from the room, and asks nothing; then it is handled. */
bool room_hear(struct room *room, const struct arrival *arrival);

#endif
