/* SPDX-License-Identifier: Apache-2.0
 *
 * desk_double — a tenant's rules with everything around them played: storage answers at once (or
 * fails when told to), rosters change at once, the clock moves by hand. Agents are known by their
 * names, visitors by numbers from 1; contact 0 is the desk.
 */
#ifndef TESTS_SUPPORT_DESK_DOUBLE_H
#define TESTS_SUPPORT_DESK_DOUBLE_H

#include "chat/chat.h"

enum { DESK = 0 };

/* What storage does with the writes to come. */
enum desk_storage { STORAGE_SAVES, STORAGE_FAILS, STORAGE_REFUSES, STORAGE_REPEATS };

struct desk {
    struct chat *chat;
    struct chat_rules rules; /* to be changed before desk_open() */
    uint64_t now_ms;
    enum desk_storage storage;
    bool unreadable; /* what is to be sent from storage is not, for now */
    enum availability availability;
};
extern struct desk desk;

/* "Acme", with Anna (limit 3) available. Rules as they are by default. */
int desk_setup(void **state);
int desk_teardown(void **state);
/* Another set of rules: everything starts anew, without members. */
void desk_open(const struct chat_rules *rules);

void desk_handle(struct chat_event event);
/* Someone called `name` may serve here, and is available. */
void desk_member(const char *name, unsigned limit);
void desk_skilled(const char *name, const char *skills, unsigned limit);
/* A bot of this name, available. */
void desk_bot(const char *name);
/* Whom visitors and colleagues know by this name. */
void desk_persona(const char *name, const char *persona);
void desk_supervisor(const char *name);
/* Storage answers nothing by itself until it may again; one write at a time, when told. */
void desk_hold(bool held);
void desk_answer(enum desk_storage how);
void desk_show(const char *name, enum show show);
void desk_pass_ms(uint64_t ms);

void desk_visitor_comes(unsigned visitor, const char *name);
void desk_visitor_says(unsigned visitor, const char *text);
void desk_visitor_leaves(unsigned visitor);
/* With a stanza id of its own; or with this one. */
void desk_agent_says(const char *name, unsigned contact, const char *text);
void desk_agent_sends(const char *name, unsigned contact, const char *text, const char *stanza);
/* Corrects what they said in the stanza `about`; or withdraws it, who said the last. */
void desk_agent_revises(const char *name, unsigned contact, enum speech speech, const char *about,
                        const char *text, const char *stanza);
/* Puts emojis beside message `seq` of what this visitor has open, as the core has found it. */
void desk_agent_reacts(const char *name, unsigned contact, unsigned visitor, uint64_t seq,
                       const char *emojis, const char *stanza);
void desk_visitor_reacts(unsigned visitor, uint64_t seq, const char *emojis);
/* Words in which the core has found another company's brand. */
void desk_agent_names(const char *name, unsigned contact, const char *text, const char *brand,
                      const char *stanza);
/* Comes, says "hello", and is taken by this agent. */
void desk_conversation(unsigned visitor, const char *agent);

/* The last line this agent heard from this contact; "" where there is none. */
const char *desk_heard(const char *name, unsigned contact);
/* How often this agent heard exactly this from the contact. */
unsigned desk_heard_times(const char *name, unsigned contact, const char *text);
/* Whether a line of this contact to the agent holds this text. */
bool desk_heard_part(const char *name, unsigned contact, const char *part);
/* The last line the desk said to them comes back to it, reaches the XMPP server, or ends the stream
 * it is on. */
void desk_comes_back(const char *name);
void desk_arrives(const char *name);
void desk_breaks_stream(const char *name);
/* The last text the visitor's browsers got as a message; "" where there is none. */
const char *desk_visitor_heard(unsigned visitor);
/* Whether this stanza's receipt went out; how often it was handled. */
bool desk_receipted(const char *stanza);
unsigned desk_handled(void);
/* The last write of this kind, or NULL; how many there were. */
const struct chat_write *desk_wrote(enum chat_write_kind kind);
unsigned desk_wrote_times(enum chat_write_kind kind);
/* The last event of this type that was stored, or NULL. */
const struct chat_write *desk_event(const char *type);
/* The last effect of this type, or NULL; its texts are kept. */
const struct chat_effect *desk_did(enum chat_effect_type type);
unsigned desk_did_times(enum chat_effect_type type);
void desk_forget_all(void); /* nothing was heard, written or done so far */

#endif
