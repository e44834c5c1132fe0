/* SPDX-License-Identifier: Apache-2.0
 *
 * chat — what happens: the rules of one tenant's conversations.
 *
 * Events go in, effects come out. No socket, no SQL, no clock, no chance: time comes with
 * the event, new ids come from the function given at the start. So the same rules run in the
 * core and, on a seeded clock with everything going wrong, in the simulator (tests/sim).
 *
 * Nothing is acknowledged to anyone before CHAT_STORED has come back for it.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "base/buf.h"
#include "base/result.h"
#include "chat/write.h"
#include "tenant/hours.h"
#include "tenant/outsiders.h"
#include "tenant/priority.h"

struct chat; /* opaque: one a tenant */

enum availability { AVAILABILITY_OFFLINE, AVAILABILITY_BUSY, AVAILABILITY_ONLINE };
/* What an agent's XMPP client shows, best last: it is compared. */
enum show { SHOW_GONE, SHOW_DND, SHOW_XA, SHOW_AWAY, SHOW_AVAILABLE };

enum routing_mode {
    ROUTING_LEAST_BUSY,   /* to the one with the fewest conversations and offers */
    ROUTING_ROUND_ROBIN,  /* to the one whose last offer is longest ago */
    ROUTING_OFFER_TO_ALL, /* to all with room at once; the first to answer has it */
};

/* What an agent's stanza to a visitor is: words, perhaps in answer to a message, or what they want
 * changed of earlier ones; or the emojis they put beside one, with a space between. */
enum speech {
    SPEECH_WORDS,
    SPEECH_REPLY,
    SPEECH_CORRECTION,
    SPEECH_WITHDRAWAL,
    SPEECH_REACTION,
    SPEECH_COUNT
};

/* What a visitor is told when nobody has taken their conversation in time. */
enum unanswered {
    UNANSWERED_WAIT,     /* that it takes longer, and they keep their place */
    UNANSWERED_OFFLINE,  /* to leave an address */
    UNANSWERED_CALLBACK, /* to leave a number: one they write becomes an event */
};

/* What an agent must have told of a conversation before they end it. */
enum end_needs { END_NEEDS_NOTHING, END_NEEDS_TAGS, END_NEEDS_OUTCOME, END_NEEDS_BOTH };
enum { OUTCOMES_BYTES = 2048 };

/* What a tenant may set; times in milliseconds. */
struct chat_rules {
    enum routing_mode mode;
    bool sticky;                /* first to whoever the visitor had before */
    bool languages;             /* first to those whose skills name the visitor's language */
    uint64_t overflow_ms;       /* after each so much of waiting, agents one step less fit, too */
    struct priority priority;   /* who of those waiting counts for more … */
    uint64_t priority_point_ms; /* … a point of it like so much of waiting */
    uint64_t wrap_up_ms;        /* no offers to an agent for so long after one of theirs ended */
    uint64_t unanswered_ms; /* after so much of waiting in vain the visitor is told; 0: never … */
    enum unanswered unanswered; /* … what … */
    char unanswered_skill[36]; /* … and who has this skill is asked first; "": nobody in particular
                                */
    enum end_needs end_needs;
    char outcomes[OUTCOMES_BYTES]; /* those that may be told, with commas between; "": any */
    struct outsiders outsiders;    /* people outside whom agents may name … */
    uint64_t outsiders_offer_ms;   /* … and how long an offer to one of them stands */
    bool guards_brands;            /* words that name another company wait for a `!!` */
    bool tell_watched;             /* an agent hears of it when a supervisor watches */
    bool room_announces;           /* the desk speaks in the team room */
    struct hours hours;      /* no offers outside them, and the site shows that nobody is there */
    uint64_t offer_ms;       /* an offer stands this long, then the next agent gets it */
    uint64_t offer_again_ms; /* an agent who let one pass is not offered it again sooner */
    uint64_t gone_grace_ms;  /* an agent who vanished keeps the conversation this long */
    uint64_t silent_end_ms;  /* an active conversation nobody touched ends; 0: it does not */
    uint64_t idle_end_ms;    /* the same when no browser watches, either */
    uint64_t queued_end_ms;  /* the same while it waits in the queue */
    unsigned in_flight_max;  /* stanzas of one conversation not yet routed */
    unsigned park_after;     /* stream errors with a message in flight before it is parked */
};
extern const struct chat_rules chat_rules_default;

enum chat_event_type {
    /* Restart: what storage remembers, before anything else happens. */
    CHAT_RESTORED_CONVERSATION, /* conversation visitor state agent seq(last) at_ms(opened)
                                   name language delivery_seq tags skill, and what the site said of
                                   the visitor: verified email stage attributes */
    CHAT_RESTORED_WAIT,         /* at_ms(taken) seq(how many seconds it had waited): oldest first */
    CHAT_RESTORED_WORDS,        /* conversation text: what its visitor said first */
    CHAT_RESTORED_EVENT, /* conversation name(type) agent text(of a release: why; or empty): in
                            order, all that happened to it */
    CHAT_RESTORED_CALL,  /* message(of the line) agent(who is to hear of it) request(callback or
                            meeting) text(what is asked for) about(the agent who noted it, or none)
                            names(what visitors call that one) conversation visitor name email
                            language: somebody outside is yet to be told */
    /* The directory */
    CHAT_MEMBER_SET,      /* agent name(persona) limit role skill(words) language(of the agent) away
                             unstaffed: may serve here */
    CHAT_MEMBER_GONE,     /* agent: may no longer; its conversations go back to the queue */
    CHAT_RULES_SET,       /* rules: count from now on, for what is open too */
    CHAT_CANNED_SET,      /* language(or none in particular) text(a line each: "name: text") on(the
                             first of them: those before are gone) */
    CHAT_PLAYBOOK_SET,    /* the same for the playbook */
    CHAT_UNANSWERED_SET,  /* the same for what a visitor is told whom nobody took in time */
    CHAT_AGENT_ELSEWHERE, /* agent seq(in hand at other tenants) limit(over all; 0: none) */
    CHAT_AGENT_LANGUAGE,  /* agent language: chosen at another tenant's desk */
    CHAT_ROOM_SET,        /* text(address of the team room; empty: it is not open) language(of
                             what is announced there) */
    CHAT_ROOM_ADMITTED,   /* agent: may come into it from now on */
    CHAT_TENANT_GONE,     /* for good: no contact of it stays in a roster */
    /* Visitors. The core has checked the token: visitor is who it says. */
    CHAT_VISITOR_CAME,    /* visitor session name language page agent(they had last) on(it is
                             hidden, and so are all others of theirs) seq(how many
                             conversations of theirs have ended) */
    CHAT_VISITOR_LEFT,    /* visitor session on(what they have left is hidden) */
    CHAT_VISITOR_SAID,    /* visitor session site name language cid text reply_to file(its name is
                             the text), and what the site says of the visitor: verified email stage
                             attributes; where they ask for something, too: request(event type)
                             detail(JSON) */
    CHAT_VISITOR_TYPING,  /* visitor on */
    CHAT_VISITOR_READ,    /* visitor seq */
    CHAT_VISITOR_PAGE,    /* visitor page on(it is hidden, and so are all others of theirs) */
    CHAT_VISITOR_STAYS,   /* visitor: was warned of the end, and is still here */
    CHAT_VISITOR_ENDED,   /* visitor session */
    CHAT_VISITOR_SURVEY,  /* visitor session detail(JSON) */
    CHAT_VISITOR_EVENT,   /* visitor name(event type) detail(JSON) */
    CHAT_VISITOR_REACTED, /* visitor session seq text(the emojis) */
    CHAT_VISITOR_ERASED,  /* visitor: nobody is to hear of them any more */
    /* Agents, as heard on this tenant's own link. The core has checked membership. */
    CHAT_AGENT_PRESENCE, /* agent resource show */
    CHAT_AGENT_SAID,     /* agent resource ordinal visitor(none: the desk) stanza text speech
                            about(the stanza that is corrected or withdrawn) [conversation
                            reply_to(seq there): what it answers, or reacts to] names(another tenant
                            they serve,     whose brand the words hold; or none) */
    CHAT_AGENT_TYPING,   /* agent visitor on */
    CHAT_AGENT_RECEIPT,  /* agent visitor stanza delivery(DELIVERED or READ) */
    /* Console, REST */
    CHAT_OPERATOR_END, /* conversation reason */
    /* Answers to effects */
    CHAT_STORED,       /* write conversation seq repeat [message, at_ms: the stored one's]; a repeat
                          may have been stored in an earlier conversation */
    CHAT_STORE_FAILED, /* write refused: not for now, but by rule (conversation ended …) */
    CHAT_INTRODUCED,   /* agent visitor: the roster item is there, or will not come */
    CHAT_ROUTED, /* visitor-contact stanza reached the server: conversation seq round(as sent) */
    CHAT_LINE_ROUTED,  /* message: a line that asked for it reached the server */
    CHAT_BOUNCED,      /* agent, and conversation seq: the server or their server sent it back; or
                          message: a line of the desk */
    CHAT_BROKE_STREAM, /* conversation seq, or (a line of ours) message: was in flight at a stream
                          error */
    CHAT_SENT_PENDING, /* conversation seq(last looked at) delivery_seq(last handed over) more
                          refused(the rest could not be read): the answer to SEND_PENDING */
    CHAT_SENT_HISTORY, /* agent visitor seq(how many conversations): the answer to SEND_HISTORY */
    CHAT_LINK_UP,
    CHAT_LINK_DOWN,
    CHAT_TICK, /* chat_deadline() has come */
    CHAT_EVENT_TYPE_COUNT
};

struct chat_event {
    enum chat_event_type type;
    uint64_t now_ms; /* wall; never runs backwards as the rules see it */
    struct conversation_id conversation;
    struct visitor_id visitor;
    struct session_id session;
    struct site_id site;
    struct message_id message;
    enum conversation_state state;
    enum show show;
    enum delivery delivery;
    enum speech speech;
    unsigned role, limit, round;
    uint64_t seq, reply_to, at_ms, ordinal, delivery_seq;
    bool on, repeat, refused, more, verified, away, unstaffed;
    struct slice agent, resource, name, language, page, cid, stanza, text, reason, detail;
    struct slice tags, email, stage, attributes, skill, request, about, names;
    const struct chat_write *write;
    const struct chat_file *file; /* NULL: none */
    const struct chat_rules *rules;
};

enum chat_effect_type {
    CHAT_DO_STORE, /* write */
    /* To the visitor: every session of `visitor`, or only `session` where it is set. */
    CHAT_DO_TELL_SAVED,    /* visitor session conversation cid seq at_ms text file on(repeat): saved
                              to the session; unless a repeat, as a message to the others */
    CHAT_DO_TELL_MESSAGE,  /* visitor conversation seq from agent name text at_ms reply_to */
    CHAT_DO_TELL_REVISED,  /* visitor conversation seq at_ms text on(withdrawn): what it says now */
    CHAT_DO_TELL_REACTION, /* visitor conversation seq from agent name text(all emojis; empty: none)
                            */
    CHAT_DO_TELL_CONVERSATION, /* visitor conversation state */
    CHAT_DO_TELL_RECEIPT,      /* visitor seq delivery */
    CHAT_DO_TELL_TYPING,       /* visitor on */
    CHAT_DO_TELL_QUEUE,        /* visitor position waited_s */
    CHAT_DO_TELL_AGENT,        /* visitor agent on(joined) name */
    CHAT_DO_TELL_IDLE,         /* visitor left_s: until it closes by itself; 0: it does not */
    CHAT_DO_TELL_ENDED,        /* visitor reason */
    CHAT_DO_TELL_ERROR,        /* visitor session code text cid [seq] */
    CHAT_DO_AVAILABILITY,      /* availability: changed, for everyone on the site */
    /* To agents, through the link. Stanza ids never change for the same thing. */
    CHAT_DO_SEND, /* agent visitor conversation seq round message text reply_to file: fresh, as
                     visitor */
    CHAT_DO_SEND_PENDING,  /* agent visitor conversation seq(after) round limit: send what is
                              stored, in order, delay-stamped; answer CHAT_SENT_PENDING */
    CHAT_DO_SEND_HISTORY,  /* agent visitor conversation(the current) limit: as many earlier ones
                              of this visitor; answer CHAT_SENT_HISTORY */
    CHAT_DO_SEND_REACTION, /* agent visitor conversation seq message name(all emojis; empty: none)
                              text(the same in our words) on(CHAT_LINE_ROUTED is to tell of it) */
    CHAT_DO_SHOW,        /* agent visitor(none: as the desk) conversation seq(after) last_seq round
                            name("#k4tz Maria") on(it has just been said): what is stored, to a supervisor
                            beside it; CHAT_ROUTED tells of it by that round */
    CHAT_DO_SAY_DESK,    /* agent message(stanza id) text replaces(none or the corrected id)
                            on(CHAT_LINE_ROUTED is to tell of it) */
    CHAT_DO_SAY_CONTACT, /* agent visitor message text at_ms(0: now): our own, "[lasna] …" */
    CHAT_DO_RECEIPT,     /* agent resource visitor stanza: stored, so received */
    CHAT_DO_HANDLED,     /* ordinal: the link may forget this stanza */
    CHAT_DO_INTRODUCE,   /* agent visitor name: roster item; answer CHAT_INTRODUCED */
    CHAT_DO_FORGET,      /* agent visitor: take the roster item away */
    CHAT_DO_CONTACT_PRESENCE, /* agent visitor show text(status) name */
    CHAT_DO_CONTACT_TYPING,   /* agent visitor on */
    CHAT_DO_CONTACT_READ,     /* agent visitor stanza: displayed to the visitor */
    CHAT_DO_DESK_PRESENCE,    /* agent(empty: all members) show text(status) */
    CHAT_DO_KEEP_LANGUAGE,    /* agent text(code): what they chose, for every tenant */
    CHAT_DO_KEEP_AWAY,        /* agent on: what they said, here */
    CHAT_DO_TELL_LOAD,        /* agent limit(in hand here, and offered): changed */
    CHAT_DO_AUDIT,            /* agent conversation code: somebody looks, or steps in */
    CHAT_DO_INVITE,           /* agent message text name(address): into the team room */
    CHAT_DO_ANNOUNCE,         /* message text: to all who are in it */
    CHAT_EFFECT_TYPE_COUNT
};

struct chat_effect {
    enum chat_effect_type type;
    struct conversation_id conversation;
    struct visitor_id visitor;
    struct session_id session;
    struct message_id message, replaces;
    enum conversation_state state;
    enum message_from from;
    enum delivery delivery;
    enum availability availability;
    enum show show;
    uint64_t seq, last_seq, reply_to, at_ms, ordinal;
    unsigned position, waited_s, left_s, limit, round;
    bool on;
    const struct chat_file *file; /* NULL: none */
    const char *code;             /* static */
    struct slice agent, resource, name, cid, stanza, text, reason;
    struct chat_write write;
};

/* Carries one effect out. The slices in it live only until it returns. It must not call
 * chat_handle() from inside: queue the answer and feed it in afterwards. */
typedef void chat_carry_fn(void *context, const struct chat_effect *effect);
/* A fresh id: random in the core, from the seed in the simulator. */
typedef struct id chat_id_fn(void *context);

struct chat_host {
    void *context;
    chat_carry_fn *carry;
    chat_id_fn *new_id;
};

/* The caller owns *ret_chat. `tenant` is the title agents see; rules are copied. */
int chat_new(struct chat **ret_chat, const char *tenant, const struct chat_rules *rules,
             const struct chat_host *host) MUST_CHECK;
struct chat *chat_free(struct chat *chat);
/* The tenant is called so from now on. */
void chat_rename(struct chat *chat, const char *tenant);

/* Handles one event, carrying out effects as it goes. Events that make no sense (any more)
 * are ignored: only storage and links send them, and they may come late. */
void chat_handle(struct chat *chat, const struct chat_event *event);

/* When CHAT_TICK is next due, in the same clock as now_ms; UINT64_MAX: not at all. */
uint64_t chat_deadline(const struct chat *chat);

/* Questions the core asks to answer a hello or an operator. */
enum availability chat_availability(const struct chat *chat);
bool chat_has_conversation(const struct chat *chat, struct visitor_id visitor,
                           struct conversation_id *ret_conversation);
struct chat_conversation_view {
    struct conversation_id conversation;
    struct visitor_id visitor;
    enum conversation_state state;
    const char *agent;   /* borrowed; "" while queued */
    const char *persona; /* borrowed; what the visitor sees */
    uint64_t last_seq, opened_ms;
    unsigned position;  /* in the queue, from 1; 0: not queued … */
    uint64_t queued_ms; /* … since when … */
    bool returned;      /* … and an agent had it before: it stands first */
};
/* False: no open conversation by that id. */
bool chat_view(const struct chat *chat, struct conversation_id conversation,
               struct chat_conversation_view *ret_view);
struct chat_teammate {
    const char *jid, *name; /* borrowed; the name is what visitors see */
};
/* Who takes conversations right now: at most `max`. */
size_t chat_team(const struct chat *chat, struct chat_teammate *ret_team, size_t max);
enum { CHAT_WAITS_KEPT = 64, CHAT_WAITS_DAYS = 7 };
/* How long conversations waited for their agent: the median of the latest CHAT_WAITS_KEPT that were
 * taken within the last CHAT_WAITS_DAYS, in whole seconds. False: too few to say. */
bool chat_usual_wait(const struct chat *chat, unsigned *ret_seconds);
/* While it is closed: when it will be open, soonest first, at most `max`. 0: it is open. */
size_t chat_openings(const struct chat *chat, struct open_time *ret_openings, size_t max);
/* The code of the language the desk speaks with them; English with whoever is no member. */
const char *chat_language(const struct chat *chat, struct slice agent);
/* Whether somebody waits, is offered to nobody, and could be. Never: for tests to ask. */
bool chat_leaves_waiting(const struct chat *chat);
/* Whether the offer of this one to the agent, made just now, passed over somebody who stands before
 * it and could have had it. Never: the same. */
bool chat_passes_over(const struct chat *chat, struct conversation_id conversation,
                      struct slice agent);
/* Whether a supervisor has not been shown what they could see. Never: the same. */
bool chat_leaves_unshown(const struct chat *chat);
/* Why it is where it is, in English, a line for each agent. False: no open conversation by that
 * id. */
bool chat_explain(const struct chat *chat, struct conversation_id conversation, struct buf *to);
struct chat_counts {
    unsigned queued, active, agents_available, agents_present, visitors;
    unsigned people_available; /* of those available, without the bots */
    bool open;                 /* by the tenant's hours */
};
void chat_counts(const struct chat *chat, struct chat_counts *ret_counts);

#endif
