/* SPDX-License-Identifier: Apache-2.0
 *
 * state — for the files of chat/ alone: what the rules know of one tenant, and who offers
 * what to whom.
 *
 *     conversation   states, and the only line that changes one
 *     idle           who says nothing any more: warned, ended
 *     queue          who waits, in which order, and what they are told of it
 *     agents         members, their clients, their load
 *     routing        who is offered what
 *     offers         what becomes of an offer           transfer   handing a conversation on
 *     outsiders      people outside whom the tenant has named
 *     calls          whom they are to call back, or to meet
 *     delivery       visitors' words on their way to the agent
 *     visitors       what visitors do
 *     saying         what agents say                    revising   what they change of it
 *     reacting       emojis beside a message
 *     holding        what of it waits until they say it was meant
 *     unsaid         what agents are told once the link is up
 *     unanswered     when nobody takes a conversation in time
 *     onlookers      supervisors who watch a conversation, or have joined it
 *     room           the team room: invitations, announcements
 *     canned         replies and playbook the tenant wrote down
 *     commands       what agents tell the desk to do
 *     ending         what they have to tell before they end a conversation
 *     texts          what the desk says, in each language
 *     answers        what storage says
 */
#ifndef CHAT_STATE_H
#define CHAT_STATE_H

#include "base/auto.h"
#include "base/buf.h"
#include "chat/chat.h"
#include "chat/texts.h"

#include <uthash.h>
#include <utlist.h>

enum {
    RESOURCES_MAX = 16,    /* clients of one agent that we follow */
    PASSES_MAX = 16,       /* agents who let one conversation pass */
    SUSPECTS_MAX = 8,      /* messages of one conversation that broke a stream */
    DESK_STANZAS = 8,      /* commands known again, an agent */
    NEWS_MS = 1000,        /* queue places and desk status are told at most this often */
    AGE_MIN_MS = 15000,    /* the longest wait is told anew when it has doubled … */
    AGE_MAX_MS = 60000,    /* … but not more, nor less, often than that */
    PAUSE_MS = 5000,       /* whose presence took an offer away is not offered it again sooner */
    ELSEWHERE_MS = 600000, /* a visitor who has not looked for so long is elsewhere */
    REREAD_MS = 5000,      /* what storage could not read is tried again then */
    LINGER_MS = 600000,    /* an ended conversation's contact stays in the roster this long */
    PREVIEW_POINTS = 60,
    PREVIEW_BYTES = PREVIEW_POINTS * 4 + 4,
    NAME_BYTES = 256,
    SHORT_ID_LEN = 4,              /* of a conversation's id, as supervisors type it … */
    TITLE_BYTES = NAME_BYTES + 16, /* … and a name with it */
    TAGS_BYTES = 1024,
    SKILL_BYTES = 36,
    ROOM_BYTES = 512,
    HEARS_BYTES = OUTSIDERS_MAX * (OUTSIDER_JID_BYTES + 1),
    LINE_BYTES = 8192,             /* the longest thing the desk says at once … */
    PIECE_BYTES = LINE_BYTES - 64, /* … of something longer, in several messages */
    WAITS_MIN = 5,       /* of the latest waits we tell the median once there are so many */
    OPENINGS_MAX = 7,    /* the next of them, told while it is closed */
    BOUNCE_MS = 3600000, /* what we wrote to people outside may come back for so long */
};

struct member;
struct onlooker;

/* --- conversation.c --- */

struct conversation {
    UT_hash_handle hh;                /* by id */
    UT_hash_handle hh_visitor;        /* by visitor: the open one */
    struct conversation *prev, *next; /* in the queue, or among the ended */
    struct conversation_id id;
    struct visitor_id visitor;
    enum conversation_state state;
    bool stored;       /* its opening is on disk */
    bool ending;       /* its end is on its way to disk */
    bool queued;       /* it stands in the queue … */
    bool returned;     /* … first, for an agent had it before */
    bool unanswered;   /* its visitor was told that nobody takes it */
    unsigned openings; /* while it is not stored: writes on their way that would open it */
    bool doubtful;     /* one of them failed: who knows whether it is on disk */
    uint64_t opened_ms, touched_ms, queued_ms, ended_ms;
    uint64_t closes_ms; /* its visitor is warned that it closes then; 0: not warned */
    uint64_t last_seq;
    unsigned told_position;
    unsigned points; /* of priority, while it is queued */

    struct member *agent;          /* who holds it, or held it last; NULL: nobody yet */
    struct member *claiming;       /* the first whose claim is on its way to disk; NULL: none is */
    unsigned claims;               /* how many are on their way, whoever's */
    bool introduced;               /* the agent's roster knows the contact */
    struct message_id context;     /* stanza id of the context line */
    char agent_stanza[NAME_BYTES]; /* the agent's last words, to mark them displayed */
    uint64_t agent_seq;

    /* delivery.c: watermarks over the visitor's messages */
    uint64_t sent_seq, handed_seq, routed_seq, marked_seq;
    unsigned round;     /* all was sent anew so often: what an earlier round sent counts no more */
    bool catching_up;   /* a SEND_PENDING is out … */
    uint64_t reread_ms; /* … or, for storage could not be read, goes out again then; 0: it is out */
    bool marking;       /* a WRITE_DELIVERY is out */
    bool bounced;       /* something came back while the agent was away */
    struct suspect {
        uint64_t seq;
        unsigned times;
    } suspects[SUSPECTS_MAX];

    struct onlooker *onlookers; /* onlookers.c: list, oldest first */

    /* routing.c, offers.c, transfer.c */
    unsigned offers;           /* that stand */
    struct member *heir;       /* an offer to them stands (or did when the link was lost), or
                                  their ok is on its way to disk */
    char why[NAME_BYTES];      /* it was handed on; "": nobody said */
    char skill[SKILL_BYTES];   /* it waits for; "": any will do */
    char familiar[NAME_BYTES]; /* bare JID of who the visitor had before; "": nobody known */
    struct pass {
        struct member *member;
        uint64_t until_ms;
        unsigned times; /* that they let it pass */
    } passes[PASSES_MAX];

    struct held *held;          /* holding.c; NULL: nothing is held back */
    struct reaction *reactions; /* reacting.c: the visitor's, list, oldest first */
    char name[NAME_BYTES], language[36], preview[PREVIEW_BYTES];
    char stage[16], tags[TAGS_BYTES]; /* tags: a JSON array */
    bool verified;                    /* the site vouches for the visitor … */
    char email[2 * NAME_BYTES];
    char about[2 * NAME_BYTES]; /* … and says: "plan: Pro · seats: 12" */
};

struct conversation *conversation_find(const struct chat *chat, struct conversation_id id);
/* The visitor's open one; NULL. */
struct conversation *conversation_of(const struct chat *chat, struct visitor_id visitor);
/* NULL when memory is out. Not queued, not stored yet. */
struct conversation *conversation_open(struct chat *chat, struct conversation_id id,
                                       struct visitor_id visitor, struct slice name,
                                       struct slice language);
/* The three moves. Each tells the visitor and everyone concerned. */
void conversation_activate(struct chat *chat, struct conversation *conv, struct member *agent);
void conversation_requeue(struct chat *chat, struct conversation *conv, const char *reason);
/* Active before and after: another agent has it now. */
void conversation_hand_over(struct chat *chat, struct conversation *conv, struct member *heir);
void conversation_end(struct chat *chat, struct conversation *conv, struct slice reason);
/* An opening has been answered. One that never became real is dropped with the last of them. */
void conversation_opening_settled(struct chat *chat, struct conversation *conv);
/* A claim goes to disk: the agent has less room from now on. Of several in a race each keeps room
 * of its own, for any of them may be the one that is stored … */
void conversation_claim_begin(struct conversation *conv, struct member *member);
/* … and is answered: that room is given back. What it moved counts by itself by now. conv: NULL
 * when it is forgotten already. */
void conversation_claim_settled(struct chat *chat, struct conversation *conv,
                                struct member *member);
/* Asks storage to; nothing happens before it has. */
void conversation_ask_end(struct chat *chat, struct conversation *conv, const char *reason,
                          struct slice outcome);
void conversation_ask_release(struct chat *chat, struct conversation *conv, const char *reason);
/* Takes over what the event says of its visitor: verified, email, stage, attributes. */
void conversation_know(struct conversation *conv, const struct chat_event *event);
/* Why it ended, or went back to the queue, as the desk says it; the code where nobody knows better.
 */
const char *conversation_reason(enum language language, const char *code);
/* "Maria", or "#1042" made of the id where nobody gave a name. */
void conversation_title_of(struct conversation_id id, struct slice name, char *ret_title,
                           size_t size);
void conversation_title(const struct conversation *conv, char *ret_title, size_t size);
/* What has come due: idle ends, contacts to be forgotten. */
void conversation_tick(struct chat *chat);
void conversation_free_all(struct chat *chat);

/* --- idle.c --- */

/* Somebody did something: the time of silence begins anew, a warning is taken back. */
void idle_touch(struct chat *chat, struct conversation *conv);
/* Warns of what will close, ends what was silent for too long. */
void idle_look(struct chat *chat, struct conversation *conv);

/* --- queue.c --- */

void queue_append(struct chat *chat, struct conversation *conv);
/* An agent has let it go: before all who have not had one. */
void queue_return(struct chat *chat, struct conversation *conv);
/* As long as it waits already: after a restart. */
void queue_insert(struct chat *chat, struct conversation *conv);
/* Its stage or skill is another: perhaps its place is, too … */
void queue_rank(struct chat *chat, struct conversation *conv);
/* … or the tenant counts otherwise. */
void queue_rank_all(struct chat *chat);
void queue_remove(struct chat *chat, struct conversation *conv);
/* An agent has taken it: what it waited counts among the latest waits. */
void queue_served(struct chat *chat, const struct conversation *conv);
unsigned queue_position(const struct chat *chat, const struct conversation *conv);
void queue_tell(struct chat *chat, struct conversation *conv, unsigned position,
                struct session_id session);
void queue_tick(struct chat *chat);

/* --- agents.c --- */

struct member {
    UT_hash_handle hh;
    char *jid, *name, *skills; /* skills: words with a space between */
    bool assigned; /* false: known only because it held a conversation before a restart */
    bool outsider; /* no agent: somebody the tenant has named (outsiders.c), always reachable */
    unsigned role, limit;
    enum language language; /* what we speak with them */
    bool away;              /* said !away: no offers until !here, or until they come anew */
    bool unstaffed;         /* an admin says that nobody sits there */
    bool unsure;     /* we have not seen since when they are gone: we, or the link, were away */
    unsigned load;   /* conversations held, and claims on their way */
    unsigned offers; /* standing */
    unsigned elsewhere, overall;    /* in hand at other tenants, and may over all; 0: any number */
    unsigned told_load;             /* load and offers, as last told */
    unsigned watched;               /* conversations they watch, or have joined */
    uint64_t turn;                  /* of their last offer; 0: none yet */
    uint64_t wrap_until_ms;         /* no offers before: they finish what they had */
    char missed[NAME_BYTES];        /* the last they were offered and somebody else took … */
    const struct member *missed_to; /* … and who; NULL: nothing since they last answered */
    enum show show;                 /* the best of its clients */
    uint64_t gone_ms;               /* since when no client is there; 0: one is */
    struct resource {
        char *name;
        enum show show;
    } resources[RESOURCES_MAX];
    char told_status[NAME_BYTES];
    uint32_t desk_stanzas[DESK_STANZAS]; /* hashes of the last commands' ids */
    unsigned desk_next;
};

struct member *agents_find(const struct chat *chat, struct slice jid);
/* Finds it, or makes one that is not assigned. NULL when memory is out. */
struct member *agents_get(struct chat *chat, struct slice jid);
/* They may hold nothing any longer: what is offered to them returns, what they have goes back to
 * the queue. */
void agents_let_go(struct chat *chat, struct member *member);
/* They may serve no longer, and are let go. */
void agents_dismiss(struct chat *chat, struct member *member);
void agents_link_lost(struct chat *chat);
void agents_tick(struct chat *chat);
void agents_free_all(struct chat *chat);
/* Takes new conversations, be there room or not. */
bool agents_takes_offers(const struct member *member);
void agents_set_away(struct chat *chat, struct member *member, bool away);
/* Takes new conversations, and has room for one more now. */
bool agents_has_room(const struct chat *chat, const struct member *member);
/* Has room for a conversation, whatever is being offered. */
bool agents_is_free(const struct chat *chat, const struct member *member);
/* Whoever has a limit over all tenants: what they have in hand here is told when it changes. */
void agents_tell_loads(struct chat *chat);
bool agents_has_skill(const struct member *member, struct slice skill);
/* One of theirs ended: they have the wrap-up time. */
void agents_wrap_up(struct chat *chat, struct member *member);
/* Remembers a command's stanza; false: it came before. */
bool agents_is_new_stanza(struct member *member, struct slice stanza);

/* --- routing.c --- */

/* Whether an agent can be offered this now, and why not. */
enum fit {
    FIT_YES,
    FIT_OFFERED,        /* it is being offered to them */
    FIT_PASSED,         /* they let it pass a while ago */
    FIT_LATER,          /* others fit better; their turn comes when it has waited longer */
    FIT_FULL,           /* they have as many as they may */
    FIT_FULL_ELSEWHERE, /* … over all tenants */
    FIT_PEOPLE,         /* a bot, and somebody has had it: it is for people now */
    FIT_WRAPPING_UP,    /* they finish what they had */
    FIT_AWAY,           /* by presence, or they said !away */
    FIT_UNSTAFFED,      /* an admin says that nobody sits there */
    FIT_GONE,           /* no client of theirs is here */
};
enum fit routing_fit(const struct chat *chat, const struct conversation *conv,
                     const struct member *member);
/* Offers whatever can be offered. */
void routing_run(struct chat *chat);
void routing_tick(struct chat *chat);
/* Wakes when agents one step less fit may be asked, or those who let it pass. */
void routing_wake(struct chat *chat, const struct conversation *conv);
/* Whether somebody waits whom an agent could be offered: never after an event is handled. */
bool routing_leaves_waiting(const struct chat *chat);
/* Whether somebody who stands before this one could have had the offer the member has just got. */
bool routing_passes_over(const struct chat *chat, const struct conversation *conv,
                         const struct member *member);
/* Why it is where it is: a line, and one more for each agent while it waits. */
void routing_explain(const struct chat *chat, const struct conversation *conv,
                     enum language language, struct buf *to);
/* This agent is not offered it again for a while. */
void routing_pass(struct chat *chat, struct conversation *conv, struct member *member);
/* They say that they are there: whatever they let pass, they may be asked again at once. */
void routing_ask_again(struct chat *chat, const struct member *member);
/* Nor what they are offered now, for a moment: a client whose presence flaps would ring each time.
 */
void routing_pause(struct chat *chat, struct member *member);

/* --- offers.c --- */

struct offer {
    struct offer *prev, *next; /* among the tenant's, oldest first */
    struct conversation *conv;
    struct member *member;
    struct message_id line; /* stanza id, to correct it */
    unsigned number;        /* from 1, the member's own */
    uint64_t until_ms;
};

/* NULL: none stands. */
struct offer *offers_find(const struct chat *chat, const struct conversation *conv,
                          const struct member *member);
/* The agent's pending offer: by its number, or the oldest (0). NULL: none such. */
struct offer *offers_of(const struct chat *chat, const struct member *member, unsigned number);
/* Its line came back: it was never made. */
void offers_unreached(struct chat *chat, struct offer *offer);
void offers_make(struct chat *chat, struct conversation *conv, struct member *member);
void offers_drop(struct chat *chat, struct offer *offer);
/* None of the conversation stands any longer; their lines are corrected to `line`. */
void offers_withdraw(struct chat *chat, struct conversation *conv, enum line line,
                     const char *const *args);
/* The same, because `by` has it now. */
void offers_taken(struct chat *chat, struct conversation *conv, const struct member *by);
/* The agent takes none any longer. */
void offers_withdraw_from(struct chat *chat, const struct member *member);
/* The tenant closes: whoever waits will wait until it opens. */
void offers_close(struct chat *chat);
/* Nobody can be told: the link is down. transfer_resume() tells whoever handed something on. */
void offers_drop_all(struct chat *chat);
void offers_accept(struct chat *chat, struct offer *offer);
void offers_decline(struct chat *chat, struct offer *offer);
void offers_tick(struct chat *chat);

/* --- transfer.c --- */

/* Of what is said behind "!to", the first word and the rest were read; where it begins with a
 * persona of several words ("Kalle / Acme"), they are that and what is behind it. */
void transfer_read(const struct chat *chat, struct slice said, struct slice *to, struct slice *why);
/* Hands it to an agent (by name or JID) or a skill. What the one who asked is told. */
enum line transfer_ask(struct chat *chat, struct conversation *conv, struct slice to,
                       struct slice why);
void transfer_accepted(struct chat *chat, struct conversation *conv, struct member *heir);
/* A supervisor makes it theirs, be it somebody's or nobody's; nobody is asked. */
void transfer_take_over(struct chat *chat, struct conversation *conv, struct member *supervisor);
/* They will not take it: it stays where it was, and whoever has it hears so. */
void transfer_returned(struct chat *chat, struct conversation *conv);
void transfer_unreached(struct chat *chat, struct conversation *conv);
/* The link is back: what was offered to somebody when it was lost has returned. */
void transfer_resume(struct chat *chat, struct conversation *conv);
void transfer_stored(struct chat *chat, const struct chat_event *event);
void transfer_failed(struct chat *chat, const struct chat_event *event);

/* --- outsiders.c --- */

/* Those the rules name, and nobody else, may be turned to. */
void outsiders_settle(struct chat *chat);
bool outsiders_may_be_handed(const struct chat *chat, const struct member *member);
/* The line of an offer to one of them came back. */
void outsiders_bounced(struct chat *chat, struct message_id line);

/* --- calls.c --- */

/* Somebody outside is to hear that a visitor wants to be called back, or to meet. */
struct told {
    struct told *prev, *next;
    struct message_id line; /* the stanza's, however often it is sent */
    struct conversation_id conversation;
    struct visitor_id visitor;
    const struct member *to;
    const struct member *noted_by; /* the agent; NULL: the visitor asked */
    char *text;                    /* owned; NULL: storage knows that it was told … */
    uint64_t told_ms;              /* … since; it may yet come back */
    bool sent;                     /* on its way, on the link of now */
    bool over;                     /* the XMPP server has it, or it is given up: only storage … */
    uint64_t mark_ms;              /* … is to be told, once more then; 0: it has been asked */
    unsigned broke;                /* so many streams */
};

/* Who is to hear of an event that is about to be stored, of HEARS_BYTES at most: of a call-back or
 * a meeting `who` (a bare JID) alone, or (none) all who are named for it; of others nobody. */
void calls_hearers(const struct chat *chat, struct slice event, struct slice who, struct buf *to);
/* An event is on disk: where it asks for a call-back or a meeting, they are told who are to be. */
void calls_hear(struct chat *chat, const struct chat_write *write);
/* The link is up: what could not be told meanwhile is. */
void calls_resume(struct chat *chat);
/* What is not known to have arrived is to be told again. */
void calls_link_lost(struct chat *chat);
/* False: the line is none of these. */
bool calls_bounced(struct chat *chat, struct message_id line);
void calls_broke(struct chat *chat, struct message_id line);
void calls_routed(struct chat *chat, struct message_id line);
/* WRITE_TOLD, answered. */
void calls_marked(struct chat *chat, const struct chat_event *event);
void calls_unmarked(struct chat *chat, const struct chat_event *event);
void calls_tick(struct chat *chat);
void calls_free_all(struct chat *chat);

/* --- delivery.c --- */

/* The agent changed: everything is to be said again. */
void delivery_reset(struct conversation *conv);
/* A visitor's message has just been stored. */
void delivery_fresh(struct chat *chat, struct conversation *conv, const struct chat_write *write,
                    uint64_t seq);
/* An agent's own words have been stored. Where they come next there is nothing to send, and the
 * visitor's next words need not be read back from storage to find that out. */
void delivery_own(struct conversation *conv, uint64_t seq);
/* Whether the agent can be reached in the visitor's contact: the link is up, the contact is there,
 * and they are still a member. */
bool delivery_is_open(const struct chat *chat, const struct conversation *conv);
/* Their contact (again), and all that is behind: the link is back, or their membership. */
void delivery_resume(struct chat *chat, struct conversation *conv);
/* Sends whatever is behind, as far as there is room. */
void delivery_catch_up(struct chat *chat, struct conversation *conv);
/* What could not be read is tried again, once that is due. */
void delivery_look(struct chat *chat, struct conversation *conv);
/* The mark that was out is on disk (or could not be). */
void delivery_marked(struct chat *chat, struct conversation *conv);
/* All of it goes out again; clients drop what they have. */
void delivery_again(struct chat *chat, struct conversation *conv);
/* … in a moment: it came back, and storage could not take it from who did not get it. */
void delivery_again_later(struct chat *chat, struct conversation *conv);
/* What bounced while the agent was away goes out again. */
void delivery_agent_back(struct chat *chat, const struct member *member);

/* --- visitors.c --- */

/* A visitor with at least one browser open. */
struct guest {
    UT_hash_handle hh;
    struct visitor_id id;
    unsigned sessions;
    char name[NAME_BYTES], language[36], page[NAME_BYTES];
    char familiar[NAME_BYTES]; /* bare JID of the agent they had last; "": none */
    uint64_t visits;           /* conversations, with this one */
    bool hidden;               /* they see none of their tabs … */
    uint64_t hidden_ms;        /* … since */
    bool told_idle;            /* for so long that the agent was told they are elsewhere */
};

struct guest *visitors_find(const struct chat *chat, struct visitor_id visitor);
/* Shows the agent what the visitor does: page open, in a tab they do not see, or left. */
void visitors_show(struct chat *chat, const struct conversation *conv);
/* " · visit 3"; nothing where it is the first, or nobody is there. */
void visitors_write_visit(const struct guest *guest, enum language language, struct buf *to);
/* Shows who has not looked for long as being elsewhere. */
void visitors_look(struct chat *chat, const struct conversation *conv);
/* Whoever had the conversation knows this visitor. */
void visitors_had(struct chat *chat, const struct conversation *conv);
void visitors_free_all(struct chat *chat);
/* Stores what a visitor said, in the open conversation or a new one. */
void visitors_say(struct chat *chat, const struct chat_event *said);
/* Storage has it: the tick, and on to the agent. */
void visitors_said(struct chat *chat, const struct chat_event *stored);
void visitors_unsaid(struct chat *chat, const struct chat_event *failed);

/* --- saying.c --- */

/* Storage has an agent's words, or could not. */
void saying_said(struct chat *chat, const struct chat_event *stored);
void saying_unsaid(struct chat *chat, const struct chat_event *failed);
/* An agent's words to the visitor go to disk, and then on. */
void saying_send(struct chat *chat, struct member *member, struct conversation *conv,
                 const struct chat_event *said, struct slice text, enum message_origin origin);
/* What the write keeps is on disk: the stanza it came in is received, and done with. */
void saying_handled(struct chat *chat, const struct chat_write *write);

/* --- unsaid.c --- */

/* The link is down: they are told when it is up. visitor: none, the desk says it; at_ms: 0, now. */
void unsaid_keep(struct chat *chat, const struct member *member, struct visitor_id visitor,
                 uint64_t at_ms, struct slice text);
void unsaid_resume(struct chat *chat);
void unsaid_free_all(struct chat *chat);

/* --- unanswered.c --- */

/* Wakes when it has waited too long. */
void unanswered_wake(struct chat *chat, const struct conversation *conv);
void unanswered_tick(struct chat *chat);
/* Storage has what the visitor is told, or could not. */
void unanswered_said(struct chat *chat, const struct chat_event *stored);
void unanswered_unsaid(struct chat *chat, const struct chat_event *failed);
/* A visitor said this: the number we asked for? */
void unanswered_heard(struct chat *chat, struct conversation *conv, struct slice text);

/* --- onlookers.c --- */

struct onlooker {
    struct onlooker *prev, *next;
    struct member *member;
    bool joined;     /* openly, in the visitor's contact; else they watch, at the desk */
    bool introduced; /* joined: the contact is in their roster */
    bool bounced;    /* something came back while they were away */
    uint64_t sent_seq, routed_seq;
    uint64_t suspect_seq; /* broke the stream … */
    unsigned suspected;   /* … so often */
    unsigned round;       /* tells what was sent to them from what was sent to others */
};

/* NULL: they are not beside this one. */
struct onlooker *onlookers_find(const struct conversation *conv, const struct member *member);
bool onlookers_has_joined(const struct conversation *conv, const struct member *member);
/* "#k4tz Maria", or "#k4tz" where nobody gave a name: what supervisors call it. Of the id, so that
 * it means the same after a restart, when commands may come again. */
void onlookers_title(const struct conversation *conv, char *ret_title, size_t size);
/* From now on they see what is said, and first what was said so far. NULL when memory is out. */
struct onlooker *onlookers_watch(struct chat *chat, struct conversation *conv,
                                 struct member *member);
/* Asks storage to; they have joined, or left, when it has. */
void onlookers_ask_join(struct chat *chat, struct conversation *conv, struct member *member);
void onlookers_ask_leave(struct chat *chat, struct conversation *conv, struct member *member);
void onlookers_joined(struct chat *chat, struct conversation *conv, struct member *member);
void onlookers_left(struct chat *chat, struct conversation *conv, struct member *member);
/* They had joined it when we stopped. */
void onlookers_restore(struct chat *chat, struct conversation *conv, struct member *member);
void onlookers_unwatch(struct chat *chat, struct conversation *conv, struct onlooker *onlooker);
/* Forgets them, and tells nobody. */
void onlookers_drop(struct chat *chat, struct conversation *conv, struct onlooker *onlooker);
/* They hold it now, and stand beside it no longer. */
void onlookers_became_holder(struct chat *chat, struct conversation *conv,
                             const struct member *member);
/* They are no supervisor here any more; or, watches only, their last client is gone. */
void onlookers_drop_member(struct chat *chat, struct member *member, bool watches_only);
/* Something was stored: they see it. */
void onlookers_show(struct chat *chat, struct conversation *conv);
/* Somebody corrected what they said, or withdrew it (no text): the others beside it hear so. */
void onlookers_revised(struct chat *chat, const struct conversation *conv,
                       const struct member *author, struct slice text);
/* A line to those who watch; {1} is the conversation, {2} the reason. */
void onlookers_tell(struct chat *chat, const struct conversation *conv, enum line line,
                    const char *reason);
/* Presence and typing of the visitor, for those who have joined. */
void onlookers_show_presence(struct chat *chat, const struct conversation *conv, enum show show,
                             struct slice status);
void onlookers_show_typing(struct chat *chat, const struct conversation *conv, bool on);
void onlookers_introduced(struct chat *chat, struct conversation *conv,
                          const struct member *member);
void onlookers_link_lost(struct conversation *conv);
void onlookers_resume(struct chat *chat, struct conversation *conv);
/* Whether an event speaks of what was sent to one of them, not to the agent. */
bool onlookers_is_theirs(const struct chat_event *event);
void onlookers_routed(struct conversation *conv, const struct chat_event *event);
void onlookers_broke(const struct chat *chat, struct conversation *conv,
                     const struct chat_event *event);
void onlookers_bounced(struct conversation *conv, const struct chat_event *event);
/* What bounced while they were away is shown again. */
void onlookers_back(struct chat *chat, struct conversation *conv, const struct member *member);
/* It is over: watching ends; contacts stay until the conversation is forgotten. */
void onlookers_ended(struct chat *chat, struct conversation *conv);
/* Takes it out of the rosters of those who had joined, and forgets all of them. */
void onlookers_forget(struct chat *chat, struct conversation *conv);
void onlookers_free(struct conversation *conv);
/* Whether somebody has not been shown what they could see: never after an event is handled. */
bool onlookers_are_behind(const struct chat *chat);

/* --- holding.c --- */

/* Whether these words wait until the agent says they were meant: they name another company, or a
 * line of them looks like a command. */
bool holding_is_wanted(const struct chat *chat, const struct member *member,
                       const struct conversation *conv, const struct chat_event *said);
void holding_back(struct chat *chat, struct member *member, struct conversation *conv,
                  const struct chat_event *said);
/* They were meant: what is held back goes out. False: nothing is. */
bool holding_send(struct chat *chat, struct member *member, struct conversation *conv,
                  const struct chat_event *meant);
void holding_drop(struct conversation *conv);

/* --- revising.c --- */

/* A correction or a withdrawal of what this agent said goes to disk, and then on. */
void revising_ask(struct chat *chat, struct conversation *conv, const struct chat_event *said,
                  struct slice text);
void revising_stored(struct chat *chat, const struct chat_event *event);
void revising_failed(struct chat *chat, const struct chat_event *event);

/* --- reacting.c --- */

/* The emojis an agent puts beside a visitor's message go to disk, and then on. */
void reacting_ask(struct chat *chat, struct conversation *conv, const struct member *member,
                  const struct chat_event *said);
void reacting_stored(struct chat *chat, const struct chat_event *event);
void reacting_failed(struct chat *chat, const struct chat_event *event);
/* Whoever holds it can be told: of the visitor's that they were not told of. */
void reacting_resume(struct chat *chat, struct conversation *conv);
/* What is not known to have arrived is to be told again. */
void reacting_link_lost(struct conversation *conv);
/* Somebody takes it: what came back from whoever had it, be it them, may be told now. */
void reacting_again(struct conversation *conv);
void reacting_routed(const struct chat *chat, struct message_id line);
void reacting_broke(const struct chat *chat, struct message_id line);
/* False: the line is none of these. */
bool reacting_bounced(struct chat *chat, const struct chat_event *event);
/* What came back while they were away is told again. */
void reacting_agent_back(struct chat *chat, struct conversation *conv);
/* What stood beside that message goes with it. */
void reacting_withdrawn(struct conversation *conv, uint64_t seq);
void reacting_drop(struct conversation *conv);

/* --- canned.c --- */

/* What the tenant wrote, in one language or ("") in any. */
struct wording {
    struct wording *next;
    char language[36];
    char *text;
};

/* The reply by its name or number, ready to be sent. False: there is none such. */
bool canned_find(const struct chat *chat, const struct conversation *conv, struct slice which,
                 struct buf *to);
/* All of them, as they would be sent to this visitor. */
void canned_list(const struct chat *chat, const struct conversation *conv, struct buf *to);
/* In the visitor's language; "" where the tenant wrote nothing. */
const char *canned_unanswered(const struct chat *chat, const struct conversation *conv);
/* "" where there is none. */
const char *canned_playbook(const struct chat *chat, enum language language);
void canned_free_all(struct chat *chat);

/* --- commands.c --- */

/* conv: NULL when it was said to the desk. The answer goes back where it came from. The stanza is
 * received and handled here, too. */
void commands_run(struct chat *chat, struct member *member, struct conversation *conv,
                  const struct chat_event *said);
/* A line that must never reach a visitor: "!…" (but not "!!…") and "/x…". */
bool commands_is_one(struct slice line);
/* Whether one of its further lines begins like a command; with what. */
bool commands_stand_in(struct slice text, struct slice *ret_word);
/* What a command had stored is on disk, or could not be. */
void commands_stored(struct chat *chat, const struct chat_event *event);
void commands_failed(struct chat *chat, const struct chat_event *event);
/* A supervisor's words to the agent are on disk. */
void commands_whispered(struct chat *chat, const struct chat_write *write);

/* --- room.c: what is announced there, if the tenant wants that and the room is open --- */

/* Nobody takes it. */
void room_waits(struct chat *chat, const struct conversation *conv);
/* It has ended: told where no agent ever had it. */
void room_ended(struct chat *chat, const struct conversation *conv);
/* Something is on disk: told where it is a wish to be called or met. */
void room_stored(struct chat *chat, const struct chat_event *stored);

/* --- event handlers, one a type; see the table in chat.c --- */

typedef void chat_handler(struct chat *chat, const struct chat_event *event);
chat_handler on_restored, on_member_set, on_member_gone, on_rules_set, on_visitor_came,
    on_visitor_left, on_visitor_said, on_visitor_typing, on_visitor_read, on_visitor_page,
    on_visitor_stays, on_visitor_ended, on_visitor_survey, on_visitor_event, on_agent_presence,
    on_agent_said, on_agent_typing, on_agent_receipt, on_operator_end, on_stored, on_store_failed,
    on_introduced, on_routed, on_bounced, on_broke_stream, on_sent_pending, on_link_up,
    on_link_down, on_tick, on_agent_language, on_sent_history, on_tenant_gone, on_restored_words,
    on_canned_set, on_playbook_set, on_restored_event, on_unanswered_set, on_agent_elsewhere,
    on_restored_wait, on_room_set, on_room_admitted, on_visitor_reacted, on_restored_call,
    on_line_routed, on_visitor_erased;

/* --- chat.c --- */

struct chat {
    char title[NAME_BYTES];
    struct chat_rules rules;
    struct chat_host host;
    uint64_t now_ms;
    uint64_t next_ms; /* when something may come due; UINT64_MAX: nothing */
    bool link_up;
    struct conversation *conversations; /* hash by id: open and lingering */
    struct conversation *by_visitor;    /* hash by visitor: open ones */
    struct conversation *queue;         /* list, front first */
    struct conversation *ended;         /* list, oldest first: contacts to be forgotten */
    unsigned queue_length, active;
    struct wait { /* of somebody who was served */
        uint64_t taken_ms;
        unsigned s;
    } waits[CHAT_WAITS_KEPT]; /* ring */
    unsigned wait_count;
    struct member *members;
    struct guest *guests;
    struct offer *offers; /* list, oldest first */
    struct wording *canned, *playbook, *unanswered;
    struct unsaid *unsaid; /* list, oldest first */
    unsigned unsaid_count;
    struct told *told;     /* list, oldest first */
    char room[ROOM_BYTES]; /* its address; "": it is not open */
    enum language room_language;
    uint64_t turns;                          /* offers made so far */
    unsigned onlooker_rounds;                /* supervisors beside one so far */
    bool open;                               /* by the tenant's hours … */
    uint64_t opened_ms;                      /* since when; 0: we do not know */
    uint64_t hours_until_ms;                 /* … as they were looked at, until then */
    struct open_time openings[OPENINGS_MAX]; /* while it is closed: the next … */
    size_t opening_count;                    /* … so many */
    enum availability availability;          /* as last told */
    bool reroute;                            /* an agent or a conversation became free */
    bool capped;                             /* somebody has a limit over all tenants */
    bool news;                               /* places or loads changed: tell at news_ms */
    uint64_t news_ms;
    uint64_t aged_ms; /* when the longest wait, as it was told, is too old to stand */
};

void chat_do(struct chat *chat, const struct chat_effect *effect);
#define DO(chat, kind, ...) chat_do((chat), &(struct chat_effect){ .type = (kind), __VA_ARGS__ })
#define STORE(chat, ...)                                          \
    chat_do((chat), &(struct chat_effect){ .type = CHAT_DO_STORE, \
                                           .write = { .at_ms = (chat)->now_ms, __VA_ARGS__ } })
struct message_id chat_new_message_id(struct chat *chat);
/* Something comes due then: chat_deadline() will not be later. */
void chat_wake(struct chat *chat, uint64_t at_ms);
/* Places or loads changed. */
void chat_news(struct chat *chat);
/* A line from the desk, in the agent's language. Who is no member any more is told nothing. */
void chat_desk(struct chat *chat, const struct member *member, enum line line,
               const char *const *args);
void chat_desk_text(struct chat *chat, const struct member *member, const char *text);
/* Our own rare line in the visitor's contact: "[lasna] …". */
void chat_aside(struct chat *chat, const struct member *member, struct visitor_id visitor,
                enum line line, const char *const *args);
void chat_aside_text(struct chat *chat, const struct member *member, struct visitor_id visitor,
                     const char *text);
/* The same above all that was said: a second older, for clients that sort by time. */
void chat_head_text(struct chat *chat, const struct member *member, const struct conversation *conv,
                    const char *text);
/* 0:42, 12:05, 1:00:00 */
void chat_format_wait(uint64_t ms, char *ret_text, size_t size);

#endif
