/* SPDX-License-Identifier: Apache-2.0
 *
 * coder_state — what a coder works in, shared by its files: coder_read.c prepares a conversation,
 * coder_apply.c lets the rules loose on it, coder.c hands out the result, coder_explain.c tells.
 */
#ifndef PRESENCE_CODER_STATE_H
#define PRESENCE_CODER_STATE_H

#include "presence/coder/match.h"
#include "presence/coder/stems.h"
#include "presence/coder/voikko.h"

enum { CODER_MAX_NAMES = 64, CODER_NAME_BYTES = 64, CODER_CACHE = 1 << 14 };

/* A code a message bears, and why. */
struct found {
    uint32_t rule; /* index into the rules */
    uint32_t from, to;
};

struct read_message {
    struct reading reading;
    enum presence_role role;
    bool coded, linked;             /* typed by visitor or agent, and readable */
    unsigned ordinal, turn_ordinal; /* from 1: among coded messages; among the speaker's */
    presence_codes codes;
    struct found found[PRESENCE_CODE_COUNT];
};

/* What a word came to last time: looking up forms is slow, and words return. */
struct cached_form {
    char text[24];
    uint8_t len;      /* 0: free */
    uint8_t language; /* of the rules it was read in */
    uint16_t flags;   /* TOKEN_CLITIC, TOKEN_NO_CLITIC */
    int32_t base;
};

struct presence_coder {
    const struct presence_rules *rules; /* borrowed */
    struct points points;
    struct tokens tokens;
    struct read_message *messages; /* owned */
    size_t count, cap;
    unsigned coded, turns[2]; /* typed messages: all, and of each party */
    size_t language;          /* of the rules; SIZE_MAX: none */
    size_t common;            /* the language "any"; SIZE_MAX: none */
    struct {
        char text[CODER_NAME_BYTES];
        size_t len;
        unsigned owners; /* bits of presence_role: who may go by it */
    } names[CODER_MAX_NAMES];
    size_t name_count;
    uint32_t *candidate; /* owned; per pattern: the stamp of the last message with its anchor */
    const struct pattern **fitting; /* owned; of one rule: those that may fit the message */
    bool *off;                      /* owned; per rule: switched off, for trying rules out */
    uint32_t stamp;                 /* of the message looked at */
    uint32_t classes;               /* of all its tokens */
    struct stems stems[RULES_MAX_LANGUAGES];
    struct voikko *voikko;     /* owned; NULL: not asked for, or not there */
    struct cached_form *cache; /* owned */
};

/* Why a rule that fitted did not count. */
enum verdict {
    VERDICT_COUNTS,
    VERDICT_UNLESS,
    VERDICT_NEVER,
    VERDICT_NEGATED,
    VERDICT_PLACE,
    VERDICT_ROLE,
    VERDICT_LINK,
    VERDICT_CODES,   /* what this message bears, or what was said before, is against it */
    VERDICT_ANSWERS, /* it answers nothing that it must answer, or what it must not */
    VERDICT_COUNT
};

/* Tokens, language, names. *ret_refused: messages that are no text. */
int coder_read(struct presence_coder *coder, const struct presence_conversation *conversation,
               struct presence_outcome *outcome) MUST_CHECK;
/* Gives every message its codes. */
void coder_apply(struct presence_coder *coder);

/* Looks at a message before rules are tried on it: most patterns cannot fit, and are skipped. */
void coder_look_at(struct presence_coder *coder, const struct reading *reading);
/* Whether the match of this rule in this message counts. */
enum verdict coder_judge(const struct presence_coder *coder, const struct rule *rule,
                         size_t message, const struct match *match);
/* The rule's next match at or after token *at, which moves past its beginning. The message must be
 * the one last looked at. */
bool coder_next_match(const struct presence_coder *coder, const struct rule *rule,
                      const struct reading *reading, size_t *at, struct match *ret_match);
bool coder_uses(const struct presence_coder *coder, const struct rule *rule);

#endif
