/* SPDX-License-Identifier: Apache-2.0
 *
 * figures — what many conversations come to. Pure: conversations are handed in one by one as
 * plain numbers, the figures come out; no store, no clock. presence/gather.h reads them from a
 * store, figures_json.h writes them down.
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
#include "presence/stats.h"
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
    FIGURES_FEW_WORDS = 1000
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
    uint32_t words; /* figures_words() of its text */
    presence_codes codes;
};

struct figures_chat {
    struct slice language; /* "fi-FI" counts as fi */
    enum figures_stage stage;
    uint64_t opened_ms, queued_ms, claimed_ms; /* 0: not known */
    const struct figures_message *messages;    /* in order */
    size_t count;
    bool coded;            /* the coder has read it; else its codes mean nothing */
    uint32_t functions;    /* bit per figures_function */
    int csat, nps, effort; /* −1: not answered */
};

/* Runs between white space that hold a letter or a digit. */
uint32_t figures_words(struct slice text);

/* --- what is kept; the other files of figures read it --- */

enum { FIGURES_SIGNS = PRESENCE_CODE_COUNT + PRESENCE_GROUP_COUNT };

/* One side of one chat: how many of its typed messages bear each code, or any code of a group. */
struct figures_counts {
    uint32_t words, messages;
    uint16_t with[FIGURES_SIGNS];
};

struct figures_row {
    uint8_t language, stage;
    bool coded, greeted[SIDE_COUNT], closed[SIDE_COUNT], referred;
    uint32_t functions;
    uint32_t month; /* year × 12 + month − 1; 0: not known */
    struct figures_counts side[SIDE_COUNT];
};

struct figures_waits {
    uint64_t *ms; /* owned */
    size_t count, cap;
};

enum figures_time { TIME_FIRST, TIME_RESPONSE, TIME_DURATION, TIME_QUEUE, TIME_COUNT };

/* Windows of two agent turns after a visitor's turn; see reciprocity. */
struct figures_windows {
    uint32_t all, all_hit, given, given_hit;
};

struct figures {
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
    struct figures_windows windows[FIGURES_LANGUAGES][PRESENCE_CODE_COUNT];
};

struct figures *figures_new(void); /* NULL: out of memory */
struct figures *figures_free(struct figures *figures);
DEFINE_AUTO(figures)
int figures_add(struct figures *figures, const struct figures_chat *chat) MUST_CHECK;

/* --- cells: densities and shares with their intervals --- */

struct figures_cell {
    bool too_few;
    size_t instances, messages, messages_with, chats, chats_with;
    uint64_t words;
    double density;
    struct interval density_interval; /* percentile bootstrap over conversations */
    struct interval chats_interval;   /* Wilson */
};

struct figures_subset {
    size_t language;
    enum figures_stage stage; /* STAGE_ANY: all */
    uint32_t month;           /* 0: all */
};

/* Which conversations count, and how many coded ones there are. */
size_t figures_subset_count(const struct figures *figures, const struct figures_subset *subset);
/* One side's cells, codes first, then groups (whose instances are those of their codes). 1,000
 * resamples of the conversations from a fixed seed: the same figures always give the same intervals
 * (Efron & Tibshirani 1993, 13.3: percentiles 2.5 and 97.5). */
int figures_cells(const struct figures *figures, const struct figures_subset *subset,
                  enum figures_side side, struct figures_cell ret_cells[FIGURES_SIGNS]) MUST_CHECK;

#endif
