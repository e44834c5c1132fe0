/* SPDX-License-Identifier: Apache-2.0
 *
 * sim — the rules of chat/ in a world where everything goes wrong, from one seed.
 *
 *     browsers ──frames──▶ core (sim) ──events──▶ chat/ ──effects──▶ core (sim) ──▶ storage,
 *     agents ──stanzas──▶ link (sim) ──────────▶                                    browsers, links
 *
 * chat/ and storage's memory store are the real ones; what stands between them (server-bridge
 * in the daemon) is modelled here, with its habits: answers later, effects copied, told_seq,
 * in flight until routed, restore after a crash. Time is a number, chance is the seed, so a
 * run is the same each time it is made.
 *
 *     world     time, chance, the weather, a run from start to quiet
 *     core      what the core does: carries effects out, feeds answers in, dies, starts again
 *     link      a tenant's link and the XMPP server behind it
 *     visitors  people in browsers          agents   people in XMPP clients
 *     reactions emojis beside messages
 *     check     what must hold              mutants  rules broken on purpose
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "chat/chat.h"
#include "storage/transcripts/revisions.h"

#include <uthash.h>
#include <utlist.h>

enum {
    TENANTS_MAX = 3,
    AGENTS_MAX = 12,
    PEOPLE_MAX = AGENTS_MAX + 1, /* and Mikko, outside, who may be handed conversations */
    TABS = 2,                    /* browser windows of one visitor */
    CLIENTS = 2,                 /* XMPP clients of one agent */
    CID_BYTES = 24,
    TEXT_BYTES = 96,
    LINE_BYTES = 192, /* of a desk's line, as much as an agent reads */
    SEQ_MAX = 1024,
    EMOJIS_BYTES = 24,
    VIOLATION_BYTES = 256,
};

struct world;
struct tenant_sim;

/* --- what travels --- */

struct parcel {
    int kind;
    uint64_t epoch; /* of the connection: an old one's parcels are lost */
    uint64_t ordinal, seq, at_ms;
    struct conversation_id conversation;
    struct visitor_id visitor;
    struct id stanza;
    enum conversation_state state;
    enum message_from from;
    enum delivery delivery;
    enum show show;
    enum speech speech;
    bool on;
    unsigned client, round;
    bool reaction;     /* and no words: to an agent */
    bool awaited;      /* a line of the desk whose arrival the rules want to hear of */
    bool shown;        /* to a supervisor beside the conversation … */
    uint64_t shown_by; /* … by this core: rounds are its own */
    void *what;
    char cid[CID_BYTES], about[CID_BYTES];
    char text[LINE_BYTES];
};

typedef void due_fn(struct world *world, void *who, const struct parcel *parcel);

/* A connection: parcels keep their order in it, and are lost when it breaks. */
struct lane {
    uint64_t epoch, last_ms;
};

/* --- chance of each fault, per mille; all 0 once the world is quiet --- */

struct weather {
    unsigned crash;       /* an effect after which the core dies (per 100,000) */
    unsigned commit_fail; /* a batch that cannot be committed */
    unsigned submit_fail; /* a write the store does not even take */
    unsigned slow;        /* a commit that takes seconds */
    unsigned late_answer; /* committed, but the answer is read later */
    unsigned tab_drop, link_drop, link_crash;
    unsigned repeat;  /* a frame or stanza that comes twice */
    unsigned reorder; /* one that comes much later than it was sent */
    unsigned poison;  /* a message the XMPP server cannot bear */
    unsigned unassign;
    unsigned restless; /* an agent's client comes or goes */
};

/* --- reactions --- */

/* All emojis one person has beside one message. */
struct beside {
    struct conversation_id conversation;
    uint64_t seq;
    char sender[CID_BYTES]; /* "": the visitor */
    char emojis[EMOJIS_BYTES];
};

struct besides {
    struct beside *all;
    size_t count, cap;
};

/* --- visitors --- */

enum say_state { SAY_WAITING, SAY_SENT, SAY_SAVED };
struct say {
    char cid[CID_BYTES], text[TEXT_BYTES];
    unsigned tab, order; /* order: among this tab's */
    enum say_state state;
    struct conversation_id conversation; /* where it was saved */
    uint64_t seq;
    bool undeliverable; /* told so */
    unsigned found;     /* in the store, in the end */
};

struct tab {
    struct browser *browser;
    unsigned index;
    bool open, up, welcomed;
    struct session_id session;
    struct visitor_id visitor; /* settled by the core */
    bool settled;
    struct lane in, out; /* from and to the core */
    /* the core's side of it */
    struct conversation_id told_of;
    uint64_t told_seq;
    /* what the person sees */
    struct conversation_id conversation;
    uint64_t last_seq, live_seq;
    bool ended;
    bool seen[SEQ_MAX];
    uint32_t looks[SEQ_MAX]; /* a hash of what an agent's message says on the screen */
    bool agents[SEQ_MAX];    /* an agent said it … */
    bool withdrawn[SEQ_MAX]; /* … and took it back */
    struct besides besides;
};

struct browser {
    struct visitor_id visitor; /* none until welcomed */
    struct tenant_sim *tenant;
    unsigned index;
    bool has_token, gone;
    struct tab tabs[TABS];
    struct say *says;
    size_t say_count, say_cap;
    char name[24];
    struct besides put; /* all reactions of theirs */
};

/* Whom a visitor id was made for: a hello may be repeated before it is answered. */
struct known_visitor {
    UT_hash_handle hh;
    struct visitor_id id;
    struct browser *browser;
};

/* --- agents --- */

struct word {
    char stanza[CID_BYTES], text[TEXT_BYTES], stored[TEXT_BYTES], about[CID_BYTES];
    enum speech speech;
    struct tenant_sim *tenant;
    struct visitor_id visitor;
    unsigned client;
    bool command, note, whisper, canned, receipted, told;
    bool handed, settled; /* it hands a conversation on, and they heard what came of it */
    uint64_t at_ms;
    struct id target;          /* of a reaction: what it is to */
    char beside[EMOJIS_BYTES]; /* what the visitor has beside it, as the agent sees */
    unsigned found;            /* in the store, in the end; a note among the notes */
};

struct seen_stanza {
    UT_hash_handle hh;
    struct id id;
};

/* What one agent has seen of one conversation. */
struct grip {
    UT_hash_handle hh;
    struct conversation_id conversation;
    uint64_t last_seq;
    bool disturbed; /* something bounced: order starts again */
    bool seen[SEQ_MAX];
};

/* How far a supervisor was shown a conversation, in one round. */
struct showing {
    UT_hash_handle hh;
    struct conversation_id conversation;
    unsigned round;
    uint64_t shown_by, last_seq;
};

struct agent_sim {
    unsigned index;
    char jid[40], name[16];
    const char *skills;
    bool supervisor, unstaffed;
    bool outsider;  /* no member anywhere: named by every tenant */
    bool lost;      /* a line that nobody sends again was lost on its way to them */
    unsigned limit; /* over all tenants; 0: none */
    struct {
        bool up;
        char resource[12];
        enum show show;
    } clients[CLIENTS];
    struct word *words;
    size_t word_count, word_cap;
    struct seen_stanza *seen;
    struct grip *grips;
    struct showing *showings;
    struct parcel *stored; /* what the server keeps while no client is there */
    size_t stored_count, stored_cap;
    struct id read_before; /* a message, whoever said it */
};

/* --- links --- */

struct heard {
    struct heard *next, *prev;
    uint64_t ordinal;
    struct agent_sim *agent;
    unsigned client;
    struct visitor_id visitor;
    enum speech speech;
    struct id target;
    char stanza[CID_BYTES], text[TEXT_BYTES], about[CID_BYTES];
};

struct flying {
    uint64_t ordinal;
    struct conversation_id conversation;
    struct id message;
    uint64_t seq;
    unsigned round;
    bool awaited;
};

struct link_sim {
    bool up;               /* its stream to the XMPP server stands */
    unsigned careful;      /* after a stream error: so many messages one at a time */
    struct lane out;       /* link → server */
    struct lane server;    /* server → link */
    struct lane ipc;       /* link → core */
    uint64_t reached;      /* highest ordinal at the server */
    bool barrier;          /* one is out */
    uint64_t ordinal;      /* of stanzas heard */
    struct heard *heard;   /* not handled yet */
    struct flying *flying; /* of this stream: handed over, not confirmed */
    size_t flying_count, flying_cap;
};

/* --- tenants, as the core knows them --- */

struct later_sim {
    struct later_sim *next;
    struct parcel parcel;
};

struct greeting_sim {
    struct greeting_sim *next;
    struct tab *tab;
    struct session_id session;
    struct visitor_id visitor;
};

struct tenant_sim {
    struct world *world;
    unsigned index;
    struct tenant_name name;
    struct site_id site;
    struct chat *chat; /* NULL while the core is down */
    bool handling;
    struct later_sim *later;
    struct greeting_sim *greetings;
    bool unstaffed[PEOPLE_MAX];                 /* as the rules were told */
    unsigned loads[PEOPLE_MAX];                 /* in hand here, as the rules last told */
    bool members[PEOPLE_MAX], away[PEOPLE_MAX]; /* in the directory */
    unsigned limit;
    struct link_sim link;
    bool link_up; /* as the core knows */
    uint64_t said_ordinal;
    unsigned calls_heard;     /* by Tuula, each once */
    struct flying *in_flight; /* as the core knows */
    size_t in_flight_count, in_flight_cap;
};

struct kept_sim; /* a copied write */
struct cid_seen; /* mutants.c */

enum mutant {
    MUTANT_NONE,
    MUTANT_ACK_EARLY,      /* `saved` before the commit */
    MUTANT_DOUBLE_REPEAT,  /* a repeat makes a second message */
    MUTANT_WRONG_TENANT,   /* an effect to the wrong tenant */
    MUTANT_RECEIPT_EARLY,  /* the agent's receipt before the commit */
    MUTANT_LOSE_OFFER,     /* an offer nobody hears of */
    MUTANT_LOSE_SEND,      /* a visitor's words that never leave */
    MUTANT_SWAP_SENDS,     /* two of them in the wrong order */
    MUTANT_FORGET_TICK,    /* time passes unnoticed */
    MUTANT_ONE_AGENT,      /* all offers to one agent, whatever they have already */
    MUTANT_LATE_CLOSING,   /* rules that never close */
    MUTANT_LOSE_SHOWN,     /* a supervisor is not shown all */
    MUTANT_LOOK_READS,     /* a supervisor's look counts as the agent's */
    MUTANT_LOSE_EDIT,      /* a change that is stored, and no browser hears of */
    MUTANT_FORGET_LOAD,    /* tenants do not hear what agents have elsewhere */
    MUTANT_FORGET_AWAY,    /* who was away is not, after a restart */
    MUTANT_LOSE_CALL,      /* who is to call back is not told */
    MUTANT_NO_AGEING,      /* points of priority that no waiting makes up for */
    MUTANT_LOSE_RETURN,    /* nobody hears that a conversation was not taken over */
    MUTANT_FORGET_MIKKO,   /* who is outside is not sent what the visitor says */
    MUTANT_LOSE_REACTION,  /* one that is stored, and no browser hears of */
    MUTANT_UNTOLD_AGENT,   /* … no agent */
    MUTANT_STRAY_REACTION, /* one beside other words than were meant */
    MUTANT_LATE_REACTION,  /* one to words that are withdrawn */
    MUTANT_DROP_REACTION,  /* one that is received, and never stored */
    MUTANT_COUNT
};
extern const char *const mutant_names[MUTANT_COUNT];

struct due; /* world.c */

struct world {
    uint64_t seed, chance;
    uint64_t now_ms, start_ms, quiet_ms, end_ms;
    bool quiet; /* nothing goes wrong any more, everyone does their work */
    bool tracing;
    enum mutant mutant;
    struct weather weather;
    struct chat_rules rules;

    struct due *heap;
    size_t heap_count, heap_cap;
    uint64_t heap_order;

    struct store *store;
    bool committing, collecting;
    struct kept_sim *kept;

    bool core_up, dying;
    unsigned handling; /* rules at work within rules at work */
    uint64_t core_epoch;
    unsigned crashes;
    uint64_t died_ms; /* the core, last */

    struct tenant_sim tenants[TENANTS_MAX];
    unsigned tenant_count;
    struct browser *browsers;
    unsigned browser_count;
    struct known_visitor *visitors;
    struct agent_sim agents[PEOPLE_MAX];
    unsigned agent_count;   /* members of some tenant … */
    unsigned people_count;  /* … and others, behind them */
    struct agent_sim tuula; /* outside: hears of who wants to be called back */
    bool poisonous;         /* some messages are */
    bool bounces;           /* this server sends back what it cannot deliver */
    bool repeats;           /* stanzas and frames come twice, or late */

    struct cid_seen *cids;  /* mutants.c */
    struct parcel *swapped; /* mutants.c: the effect that waits for the next */
    struct tenant_sim *swapped_tenant;

    uint64_t messages; /* stored, in the end */
    uint64_t steps;
    char violation[VIOLATION_BYTES]; /* "": none so far */
};

/* --- world.c --- */

/* Runs one seed; world->violation tells. The caller releases it. */
void world_run(struct world *world, uint64_t seed, enum mutant mutant, bool tracing);
void world_release(struct world *world);

uint64_t sim_random(struct world *world);
uint64_t sim_between(struct world *world, uint64_t from, uint64_t to); /* both included */
bool sim_chance(struct world *world, unsigned per_mille);
uint32_t sim_hash(struct slice text); /* never 0 */
/* bytes[0] tells the tenant, so that any id can be asked whose it is. */
struct id sim_id(struct world *world, unsigned tenant);
static inline unsigned id_tenant(struct id id)
{
    return id.bytes[0] - 0xa0u;
}

/* fn is called with a copy of the parcel (NULL: an empty one) when the time has come. */
void sim_post(struct world *world, uint64_t in_ms, due_fn *fn, void *who,
              const struct parcel *parcel);
/* The same, in the order of the lane; the receiver asks lane_is_lost(). */
void lane_post(struct world *world, struct lane *lane, uint64_t in_ms, due_fn *fn, void *who,
               const struct parcel *parcel);
/* With the weather's repeats and detours. */
void lane_post_faulty(struct world *world, struct lane *lane, uint64_t in_ms, due_fn *fn, void *who,
                      const struct parcel *parcel);
void lane_break(struct lane *lane);
static inline bool lane_is_lost(const struct lane *lane, const struct parcel *parcel)
{
    return lane->epoch != parcel->epoch;
}

void sim_violation(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* "0:12.345 acme …", when this run is traced. */
void sim_trace(const struct world *world, const struct tenant_sim *tenant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- core.c --- */

void core_start(struct world *world);
void core_release(struct world *world);
/* Feeds one event to the tenant's rules; the core may be dead afterwards. */
void core_handle(struct tenant_sim *tenant, struct chat_event *event);
void core_tick(struct world *world);
uint64_t core_deadline(const struct world *world);
/* The core's end of an effect, after mutants.c had its say. */
void core_carry(struct tenant_sim *tenant, const struct chat_effect *effect);
struct browser *core_browser(const struct world *world, struct visitor_id visitor);
due_fn core_hears_hello, core_hears_tab, core_hears_tab_gone;
due_fn core_hears_link, core_hears_routed, core_hears_bounce, core_hears_break;
due_fn core_hears_stanza, core_hears_presence, core_hears_receipt, core_hears_typing;
void core_set_member(struct tenant_sim *tenant, struct agent_sim *agent, bool member);
/* An admin says whether somebody sits there. */
void core_set_staffed(struct world *world, struct agent_sim *agent, bool staffed);
/* One that is open, by chance. */
bool core_some_conversation(struct tenant_sim *tenant, struct conversation_id *ret_conversation);
/* world->rules have changed. */
void core_set_rules(struct world *world);

/* What a tab says, besides hello. */
enum { TAB_SAY, TAB_TYPING, TAB_READ, TAB_PAGE, TAB_STAY, TAB_END, TAB_SURVEY, TAB_REACT };

/* --- link.c --- */

void link_say(struct tenant_sim *tenant, struct agent_sim *agent, const struct parcel *say);
void link_drop(struct tenant_sim *tenant);
void link_crash(struct tenant_sim *tenant);
void link_handled(struct tenant_sim *tenant, uint64_t ordinal);
/* A new core is there: it is told how things stand, and what it has not handled. */
void link_attach(struct tenant_sim *tenant);
/* From an agent's client, through the server. */
void link_hears_stanza(struct tenant_sim *tenant, struct agent_sim *agent, const struct word *word);
void link_hears_presence(struct tenant_sim *tenant, struct agent_sim *agent, unsigned client);
void link_hears_receipt(struct tenant_sim *tenant, struct agent_sim *agent,
                        const struct parcel *said, enum delivery delivery);
void link_hears_typing(struct tenant_sim *tenant, struct agent_sim *agent,
                       struct visitor_id visitor);
void link_probe(struct tenant_sim *tenant, struct agent_sim *agent);
/* Our receipt on its way to an agent's client. */
void link_receipt(struct tenant_sim *tenant, struct agent_sim *agent, struct slice stanza);
void link_release(struct link_sim *link);

/* --- visitors.c --- */

void visitors_start(struct world *world);
void visitors_quiet(struct world *world);
void visitors_release(struct world *world);
due_fn tab_gets;
/* The connection is gone; the browser tries again. */
void tab_lost(struct world *world, struct tab *tab);
struct say *visitors_say_of(struct world *world, struct slice cid, struct browser **ret_browser);

enum {
    FRAME_WELCOME,
    FRAME_TRY_LATER,
    FRAME_CONVERSATION,
    FRAME_SAVED,
    FRAME_MESSAGE,
    FRAME_REVISED,
    FRAME_REACTION,
    FRAME_ENDED,
    FRAME_RECEIPT,
    FRAME_ERROR,
    FRAME_OTHER,
};

/* --- agents.c --- */

void agents_start(struct world *world);
void agents_quiet(struct world *world);
void agents_release(struct world *world);
struct agent_sim *agents_by_jid(struct world *world, struct slice jid);
bool agent_is_there(const struct agent_sim *agent);
/* A member of the tenant, or somebody it has named. */
bool agent_is_heard(const struct agent_sim *agent, const struct tenant_sim *tenant);
due_fn agent_gets, agent_gets_receipt;
/* What Tuula reads. */
due_fn tuula_gets;
struct word *agents_word_of(struct agent_sim *agent, struct slice stanza);
/* Something to be said there: it is filled in, and sent. */
struct word *agents_new_word(struct agent_sim *agent, struct tenant_sim *tenant,
                             struct visitor_id visitor);
void agents_send_word(struct world *world, struct agent_sim *agent, struct word *word);

/* --- reactions.c --- */

void tab_reacts(struct world *world, struct tab *tab);
void tab_gets_reaction(struct world *world, struct tab *tab, const struct parcel *frame);
/* To the message they have just read. */
due_fn agent_reacts;
void agent_gets_reaction(struct agent_sim *agent, const struct parcel *said);
/* When all is quiet: what is stored, and what a tab shows of its conversation. */
void reactions_check(struct tenant_sim *tenant, const struct stored_conversation *row);
void reactions_check_tab(struct tab *tab);
void reactions_release(struct besides *besides);

/* --- mutants.c --- */

/* Stands between the rules and the core; with MUTANT_NONE it only passes on. */
void mutants_carry(void *context, const struct chat_effect *effect);
void mutants_release(struct world *world);

/* --- check.c --- */

/* At each effect. */
void check_effect(struct tenant_sim *tenant, const struct chat_effect *effect);
/* When all is quiet. */
void check_end(struct world *world);

#endif
