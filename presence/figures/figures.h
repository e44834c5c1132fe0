/* SPDX-License-Identifier: Apache-2.0
 *
 * figures — what many conversations come to. Pure: conversations are handed in one by one as
 * plain numbers, the figures come out; no store, no clock. presence/figures/gather.h reads them
 * from a store, figures_json.h writes them down.
 *
 * Formulas (docs/presence.md tells them in words, with their limits):
 *
 *     first response  first human reply − first visitor message
 *     response        each visitor turn's first message → the next agent's message
 *     duration        last − first message of visitor and agent
 *     queue           entered the queue → taken by an agent, where the platform saw both
 *     density         1000 × Σ instances ÷ Σ words, a ratio of sums over conversations
 *     reciprocity     P(agent uses it in the next two turns | the visitor just did) − the same
 *                     without the condition (the agent's base rate)
 *     CSAT            100 × (4 or 5 of 5) ÷ rated      NPS  % of 9–10 − % of 0–6      CES  mean
 *     load            1 + the other chats its agent was in the midst of when a visitor's turn began
 *     trajectory      density in the first, second and last third of a chat's typed messages
 *     word of mouth   (WOM.POS − WOM.NEG) ÷ (WOM.POS + WOM.NEG); referral rate = chats with
 *                     WOM.SRC or REL.REFER ÷ chats
 *
 * Only typed messages of visitor and agent count in densities. Languages are never pooled, nor
 * visitor and agent. A cell of fewer than 30 conversations or 1,000 words is "too few".
 */
#ifndef PRESENCE_FIGURES_H
#define PRESENCE_FIGURES_H

#include "base/auto.h"
#include "presence/codebook.h"
#include "presence/figures/desk.h"
#include "presence/figures/effect.h"
#include "presence/figures/resample.h"
#include "storage/store.h" /* who says it, and how it came about: message_from, message_origin */

enum figures_stage {
    STAGE_POTENTIAL,
    STAGE_NEW,
    STAGE_EXISTING,
    STAGE_UNKNOWN,
    STAGE_COUNT,
    STAGE_ANY = STAGE_COUNT
};
enum figures_side { SIDE_VISITOR, SIDE_AGENT, SIDE_COUNT };
enum {
    FIGURES_LANGUAGES = 8,
    LANGUAGE_BYTES = 16,
    FIGURES_FEW_CHATS = 30,
    FIGURES_FEW_WORDS = 1000,
    FIGURES_AGENTS = 1000, /* told apart; those after them are nobody */
    FIGURES_NOBODY = UINT16_MAX,
    FIGURES_LOADS = 5,       /* chats in hand: 1, 2, 3, 4, more */
    FIGURES_THIRDS = 3,      /* of a chat … */
    FIGURES_THIRDS_LEAST = 6 /* … of so many typed messages at least */
};

/* What a chat was for; many may hold at once. FUNCTION(constant, id, meaning) */
#define FIGURES_FUNCTIONS(FUNCTION)                              \
    FUNCTION(SOLVE, "F.SOLVE", "solution to a business problem") \
    FUNCTION(INFO, "F.INFO", "about the service")                \
    FUNCTION(FEEDBACK, "F.FEEDBACK", "gives feedback")           \
    FUNCTION(BUY, "F.BUY", "wants to purchase")                  \
    FUNCTION(CHANNEL, "F.CHANNEL", "goes on in another channel") \
    FUNCTION(PROBLEM, "F.PROBLEM", "something does not work")    \
    FUNCTION(MEET, "F.MEET", "arranges a meeting")               \
    FUNCTION(MAINT, "F.MAINT", "keeps up the relationship")      \
    FUNCTION(REFER, "F.REFER", "brings a new customer")          \
    FUNCTION(COMPLAINT, "F.COMPLAINT", "complains")

#define FUNCTION_CONSTANT(constant, id, meaning) FUNCTION_##constant,
enum figures_function { FIGURES_FUNCTIONS(FUNCTION_CONSTANT) FUNCTION_COUNT };
#undef FUNCTION_CONSTANT

const char *figures_function_id(enum figures_function function);
const char *figures_function_meaning(enum figures_function function);
const char *figures_stage_name(enum figures_stage stage);

struct figures_message {
    enum message_from from;
    enum message_origin origin;
    uint64_t at_ms; /* 0: not known */
    uint32_t words; /* text_words() of its text */
    presence_codes codes;
    uint16_t
        agent;     /* who answers, by figures_agent(); FIGURES_NOBODY: not an agent, or not known */
    bool wordless; /* a file's name, or withdrawn: an answer or a turn, but no words */
};

struct figures_chat {
    struct slice language; /* "fi-FI" counts as fi */
    enum figures_stage stage;
    uint64_t opened_ms, queued_ms, claimed_ms; /* 0: not known */
    uint32_t month; /* of its opening, at the tenant's: year × 12 + month − 1; 0: not known */
    const struct figures_message *messages; /* in order */
    size_t count;
    bool coded;         /* the coder has read it; else its codes mean nothing */
    bool faded;         /* its words are kept no longer: how many there were is not known */
    uint32_t functions; /* bit per figures_function */
    bool watched;       /* the platform saw its course, and so … */
    bool moved_on;      /* … whether it went on in another channel, or with somebody else */
    bool bought;        /* its site told of a purchase … */
    uint64_t cents;     /* … of this value; 0: not told */
    char currency[8];
    int csat, nps, effort; /* −1: not answered */
};

/* --- what is kept; the other files of figures read it --- */

enum { FIGURES_SIGNS = PRESENCE_CODE_COUNT + PRESENCE_GROUP_COUNT };

/* One side of one chat: how many of its typed messages bear each code, or any code of a group. */
struct figures_counts {
    uint32_t words, messages;
    uint16_t with[FIGURES_SIGNS];
};

/* One side in one third of a chat. */
struct figures_third {
    uint32_t words;
    uint16_t instances[PRESENCE_GROUP_COUNT];
};

struct figures_row {
    uint8_t language, stage;
    uint16_t agent;    /* the only one who answered; FIGURES_NOBODY: none, or several */
    uint64_t first_ms; /* until the first response; UINT64_MAX: not known */
    bool has_thirds;
    struct figures_third thirds[SIDE_COUNT][FIGURES_THIRDS];
    bool coded, faded, watched, moved_on;
    uint32_t functions;
    uint32_t month; /* as the chat's */
    uint32_t turns; /* of the visitor, with an agent's after it; see reciprocity */
    struct figures_counts side[SIDE_COUNT];
};

/* Those of a chat stand together, and chats in their order. */
struct figures_waits {
    struct figures_wait {
        uint64_t ms;
        uint32_t chat; /* its row */
    } * of;            /* owned */
    size_t count, cap;
};

/* An agent in the midst of a chat: from their first message there to their last. */
struct figures_stay {
    uint64_t from_ms, to_ms;
    uint16_t agent;
};
/* A visitor's turn that was answered. */
struct figures_answer {
    uint64_t asked_ms, wait_ms;
    uint32_t chat; /* its row */
    uint16_t agent;
    bool spoke; /* the agent had been speaking in that chat before */
    bool canned;
};

enum figures_time { TIME_FIRST, TIME_RESPONSE, TIME_DURATION, TIME_QUEUE, TIME_COUNT };

/* What became of one code in the visitor's turns of one chat: how many bear it, how many of all and
 * of those are answered by it within two turns of the agent. */
struct figures_window {
    uint32_t chat; /* its row */
    uint16_t hit, given, given_hit;
    uint8_t code;
};

struct figures {
    struct figures_person {
        char *key, *name; /* owned */
        bool asked;       /* wrote in one of the chats that were asked for */
    } * agents;           /* owned */
    size_t agent_count;
    struct figures_stay *stays; /* owned */
    size_t stay_count, stay_cap;
    struct figures_answer *answers; /* owned */
    size_t answer_count, answer_cap;
    struct {
        size_t rated, good;
    } csat_canned[2]; /* chats without, with a canned message of the agent */
    char languages[FIGURES_LANGUAGES][LANGUAGE_BYTES]; /* "" is not told */
    size_t language_count;
    struct figures_row *rows; /* owned */
    size_t count, cap;
    struct figures_waits times[TIME_COUNT];
    size_t messages[FROM_COUNT], canned;
    size_t empty, one_sided, timed_backwards, untimed, first_ms, last_ms;
    struct {
        size_t rated, good;
        size_t nps_rated, promoters, detractors;
        size_t effort_rated;
        double effort_sum, effort_squares;
    } survey;
    struct desk desk;
    struct effect effect;
    size_t bought; /* chats whose site told of a purchase */
    struct currencies currencies;
    struct figures_waits orders[CURRENCIES_MAX]; /* their values in cents, by place */
    struct figures_window *windows;              /* owned; where there is anything to tell */
    size_t window_count, window_cap;
};

struct figures *figures_new(void); /* NULL: out of memory */
struct figures *figures_free(struct figures *figures);
DEFINE_AUTO(figures)
int figures_add(struct figures *figures, const struct figures_chat *chat) MUST_CHECK;
/* An agent by a key that nobody else has, and the name that visitors see. FIGURES_NOBODY: there is
 * no key, or no room. */
uint16_t figures_agent(struct figures *figures, struct slice key, struct slice name);

/* --- cells: densities and shares with their intervals --- */

/* A code stays when the words it was found in have faded, so such chats count among `chats` and
 * their share, and in nothing that is by words or by messages. */
struct figures_cell {
    bool too_few; /* for a density: worded chats, or words */
    size_t chats, chats_with;
    size_t worded; /* of the chats, those whose words are kept; they alone count in … */
    size_t instances, messages, messages_with;
    uint64_t words;
    double density, message_share;
    struct interval density_interval,
        message_interval; /* percentile bootstrap over conversations */
};

struct figures_subset {
    size_t language;
    enum figures_stage stage; /* STAGE_ANY: all */
    uint32_t month;           /* 0: all */
    uint16_t agent;           /* FIGURES_NOBODY: all; else chats that this one alone answered */
};

/* Which conversations count, and how many coded ones there are. */
size_t figures_subset_count(const struct figures *figures, const struct figures_subset *subset);
/* One side's cells, codes first, then groups (whose instances are those of their codes). */
int figures_cells(const struct figures *figures, const struct figures_subset *subset,
                  enum figures_side side, struct figures_cell ret_cells[FIGURES_SIGNS]) MUST_CHECK;

/* For figures_add() alone: what the next two sections need of a chat. */
bool figures_counts_message(const struct figures_message *message); /* typed, by one of two sides */
void figures_note_thirds(struct figures_row *row, const struct figures_chat *chat);
int figures_note_agents(struct figures *figures, struct figures_row *row,
                        const struct figures_chat *chat) MUST_CHECK;
int figures_note_reciprocity(struct figures *figures, struct figures_row *row,
                             const struct figures_chat *chat) MUST_CHECK;

/* --- in which part of a chat --- */

struct figures_third_cell {
    bool too_few;
    size_t chats, instances;
    uint64_t words;
    double density;
    struct interval interval; /* as those of figures_cells() */
};
/* Chats with FIGURES_THIRDS_LEAST typed messages and more, of which one at least is this side's. A
 * third may be too few where the others are not. */
int figures_thirds(const struct figures *figures, size_t language, enum figures_side side,
                   struct figures_third_cell ret_cells[FIGURES_THIRDS][PRESENCE_GROUP_COUNT])
    MUST_CHECK;

/* --- does the agent answer in kind? --- */

/* P(the agent uses the code within two turns | the visitor just did) − the agent's base rate, which
 * is the same without the condition. A turn is what one side says in a row; a visitor's turn after
 * which the agent says nothing more asks nothing of the agent, and is left out of both. */
struct figures_reciprocity {
    bool too_few; /* chats */
    size_t chats; /* in which the visitor used it, and the agent had a turn after that */
    size_t turns, hit, given, given_hit;
    double base, value;
    struct interval interval; /* as those of figures_cells() */
};
/* All codes of one language, which share their resamples. */
int figures_reciprocity(const struct figures *figures, size_t language,
                        struct figures_reciprocity ret_of[PRESENCE_CODE_COUNT]) MUST_CHECK;

/* --- what chats were for --- */

/* Of chats with a function, in the stages potential, new and existing. */
struct figures_functions {
    bool too_few;
    size_t chats;
    struct chi2 chi2; /* of mentions; df 0: there is nothing to compare, and what follows is 0 */
    struct interval v_interval;
    double p_shuffled;
};
int figures_functions(const struct figures *figures,
                      struct figures_functions *ret_functions) MUST_CHECK;

/* --- agent's words to the visitor's --- */

struct figures_words {
    bool too_few; /* chats, or words of both */
    size_t chats; /* whose words are kept, and in which there are any */
    uint64_t words[SIDE_COUNT];
    double ratio; /* NAN: the visitor has none */
    struct interval interval;
};
/* Of one language, whether the chats are coded or not. */
int figures_words(const struct figures *figures, size_t language,
                  struct figures_words *ret_words) MUST_CHECK;

/* --- waits --- */

int figures_wait_add(struct figures_waits *waits, size_t chat, uint64_t ms) MUST_CHECK;
/* How many chats they are of: that is what makes them too few. */
size_t figures_waits_chats(const struct figures_waits *waits);

struct figures_quantile {
    uint64_t ms;
    struct interval interval; /* of order statistics, with waits clustered in chats */
};
/* At least one wait. */
int figures_quantile(const struct figures_waits *waits, double p,
                     struct figures_quantile *ret_quantile) MUST_CHECK;

/* --- how much an agent had in hand --- */

/* A chat that is no part of the figures, for it was not asked for: its agents had it in hand all
 * the same. */
int figures_add_unasked(struct figures *figures, const struct figures_message *messages,
                        size_t count) MUST_CHECK;

/* The waits of answers, by load: 1 to FIGURES_LOADS and more. The caller owns each `of`. */
int figures_loads(const struct figures *figures,
                  struct figures_waits ret_loads[FIGURES_LOADS]) MUST_CHECK;
/* Those of answers that were typed (0), canned (1). */
int figures_by_origin(const struct figures *figures, struct figures_waits ret_waits[2]) MUST_CHECK;
/* Those of chats that the agent alone answered. */
int figures_of_agent(const struct figures *figures, uint16_t agent,
                     struct figures_waits *ret_waits) MUST_CHECK;

#endif
