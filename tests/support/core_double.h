/* SPDX-License-Identifier: Apache-2.0
 *
 * core_double — stands in for the core around the REST API in tests: real directory and
 * store, a real socket to "web"; the tenants' life, the rules and the XMPP server are played.
 */
#ifndef TESTS_SUPPORT_CORE_DOUBLE_H
#define TESTS_SUPPORT_CORE_DOUBLE_H

#include "base/format/json.h"
#include "server-bridge/core/core.h"

extern struct core the_core;

/* A fresh core in a fresh folder; `provision` is "prosody" or "manual". */
void double_start(const char *provision);
void double_stop(void);
/* Adds a tenant with one site, of the origin https://NAME.example. */
void double_tenant(const char *name);
/* For the cases of a test: as one that is manual and has acme, and no more. */
int double_setup(void **state);
int double_teardown(void **state);

struct heard {
    unsigned status;
    char headers[513];
    char type[129];
    json_t *json; /* owned by the double until the next question; NULL: no JSON */
    char *text;
    size_t len;
    unsigned parts;
    bool broken;
};

/* Asks as the operator and hears the whole answer; NULL body: none. */
const struct heard *ask(const char *method, const char *path, const char *query, const char *body);
/* The same by the public web process. */
const struct heard *ask_as_web(const char *method, const char *path, const char *bearer);
const struct heard *ask_with(const char *method, const char *path, const char *bearer,
                             const char *body);
const struct heard *ask_with_cookie(const char *method, const char *path, const char *cookie,
                                    const char *body);
/* What goes along with what is asked from here on; NULL: nothing. */
extern struct conditions {
    const char *repeat_key, *if_match, *if_none_match;
} asked_with;
/* Asks and does not wait; heard() takes the answer later. */
void ask_only(const char *method, const char *path, const char *query, const char *body);
const struct heard *heard(void);
/* True: no answer has come, nor does one for a while. */
bool double_hears_nothing(void);
/* The same by the public web process, which takes nothing of the answer. */
void ask_only_with(const char *method, const char *path, const char *bearer);
/* Opens the survey of acme's buyers by this link, in English. */
const struct heard *open_survey(const char *link);
/* Asks for no more of a long answer by itself, or gives the asking up. */
void double_read_slowly(bool slowly);
void double_next(bool wanted);
/* Waits for the first of it. */
void double_hears_a_part(void);
/* True: nothing that was asked is worked on any more. That is waited for. */
bool double_is_idle(void);
/* The operator's socket closes, as when that process dies. */
void double_web_dies(void);
/* The public web process reads so little that the next word to it is one too many. */
void double_web_is_stuck(void);

const char *code_of(const struct heard *answer);
const char *text_at(const struct heard *answer, const char *key);

/* What the XMPP server was asked last: "host acme.chat.localhost on", "account …", "roster …";
 * it answers when told to. False: it was asked nothing. */
extern char provision_asked[256];
bool provision_answers(bool done, const char *reason);

/* What the core was told: "add acme", "remove acme", "member …", "web acme" */
extern char core_told[256];
/* The next tenants_add() fails so. */
extern int tenants_add_fails_with;
/* provision_rename() fails so. */
extern int provision_rename_fails_with;
/* A tenant that is shut waits for its component session, until links_are_closed(). */
extern bool links_close_slowly;
void links_are_closed(void);
/* chat_view() knows this conversation until CHAT_OPERATOR_END was handled. */
extern struct conversation_id open_conversation;
/* What the rules were told last. */
extern struct chat_rules rules_told;

/* What was asked of the outside last: its URL, headers and body; "": nothing. It answers when told
 * to. False: it was asked nothing. */
extern char outside_asked[512], outside_headers[1024], outside_body[4096];
extern bool outside_is_quick; /* it answers by itself, with 200: so at first */
bool outside_answers(enum fetch_outcome outcome, unsigned status);
/* The clock, which goes on by a second each time it is looked at, is set back: it stands still
 * until it is there again, as core_now_ms() does. */
void double_clock_back(uint64_t by_ms);
/* So much of the time that went by did not: core_steady_ms() is as it was. */
void double_steady_back(uint64_t by_ms);
/* Lets the loop come round: what is to be told next is asked of the outside. */
void double_turn(void);

/* A webhook of this tenant with that id, which is told nothing. */
struct id double_hook(const char *tenant, struct conversation_id id);

/* The visitor of that conversation sends a text file of that id, which they call price.txt. */
struct id double_file(const char *tenant, struct conversation_id id, const char *content);

/* A conversation of this tenant with so many messages, stored. */
struct conversation_id double_conversation(const char *tenant, unsigned messages, size_t text_len,
                                           bool ended);

#endif
