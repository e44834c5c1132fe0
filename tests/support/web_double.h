/* SPDX-License-Identifier: Apache-2.0
 *
 * web_double — one visitor's connection to web without a socket, a loop or a core.
 *
 * What web/ does to its connection and tells the core ends here, where it can be looked at as
 * lines of text. The WebSocket, the session, the frames and the sites are the real ones. A
 * message to the core that would not fit its bounds ends the program: the core would never
 * hear it.
 */
#ifndef TESTS_SUPPORT_WEB_DOUBLE_H
#define TESTS_SUPPORT_WEB_DOUBLE_H

#include "server-bridge/web/web.h"

#define DOUBLE_SITE_KEY "kaaaaaaaaaaaaaaaaaaaaaaaae"
#define DOUBLE_ORIGIN   "https://acme.example"
#define DOUBLE_OWN      "https://chat.example"

extern struct web the_web;
extern struct conn the_conn;
extern uint64_t double_clock_ms;

/* The tenant acme with one site (DOUBLE_SITE_KEY at DOUBLE_ORIGIN), a core that is ready. */
void double_start(void);
void double_stop(void);
/* A session on the connection, from this origin, in this state. */
struct session *double_session(const char *origin, enum session_state state);

/* Bytes as the browser would send them, whole frames or parts. */
void double_receives(const void *bytes, size_t len);
/* One masked frame of up to 125 bytes (or more): first byte (FIN and opcode), payload. */
void double_receives_frame(unsigned first, struct slice payload);
/* What the core says; its handler runs at once. */
void double_core_says(enum ipc_type type, const void *message);

/* What the core was told since the last call, a line each, ids left out:
 *     session_say cid=[c-1] text=[Hei] reply_to=0 */
const char *double_told(void);
/* What left for the browser since the last call, a line each: a frame's text, "ping", "pong",
 * "close 1008"; "broken" when it is no stream of frames. */
const char *double_sent(void);
/* The same before an upgrade: plain bytes. */
struct slice double_sent_bytes(void);
/* How the connection ended: 0 not at all, 1 closed by web, or a refusal's HTTP status. */
unsigned double_ended(void);

#endif
