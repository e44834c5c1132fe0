/* SPDX-License-Identifier: Apache-2.0
 *
 * tokens — a message as words, numbers, marks and icons.
 *
 * Tokens of a whole conversation lie in one array, and their lower-case letters in one run of
 * bytes; both are kept from conversation to conversation, so that reading allocates nothing.
 */
#ifndef PRESENCE_TOKENS_H
#define PRESENCE_TOKENS_H

#include "presence/coder/lexicon.h"
#include "presence/coder/points.h"

enum token_kind {
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_MARK,   /* a run of ! and ?, or of dots, or one other mark */
    TOKEN_ICON,   /* emoji, emoticon, :shortcode: */
    TOKEN_HIDDEN, /* quoted text, a URL or address, code: bears nothing */
    TOKEN_KIND_COUNT
};

enum token_flag {
    TOKEN_CAPITAL = 1 << 0,    /* Begins upper, goes on lower */
    TOKEN_UPPER = 1 << 1,      /* TWO letters or more, all upper */
    TOKEN_STRETCH = 1 << 2,    /* a letter three times or more on end */
    TOKEN_NICK = 1 << 3,       /* letters, then digits: V047 */
    TOKEN_MENTION = 1 << 4,    /* an @ before it */
    TOKEN_SENTENCE = 1 << 5,   /* the first of a sentence */
    TOKEN_CLAUSE = 1 << 6,     /* the first after any mark or icon */
    TOKEN_STRONG = 1 << 7,     /* marks: !! or more, or ! and ? together, or ?? or more */
    TOKEN_ENDS = 1 << 8,       /* marks: ends a sentence */
    TOKEN_NAME = 1 << 9,       /* a party of this conversation goes by it */
    TOKEN_TIGHT = 1 << 10,     /* no space between it and what is before */
    TOKEN_ASKS = 1 << 11,      /* marks: a question mark among them */
    TOKEN_COMMON = 1 << 12,    /* a common word of the language read */
    TOKEN_CLITIC = 1 << 13,    /* Voikko finds the question clitic -ko, -kö on it */
    TOKEN_NO_CLITIC = 1 << 14, /* Voikko knows the word, and finds none */
};

struct token {
    uint32_t from, to; /* original code points, end exclusive */
    uint32_t text;     /* where its lower-case bytes begin in tokens.text */
    uint16_t len;      /* bytes; the rest of an endless word is not kept */
    uint16_t flags;
    uint8_t kind;
    char mark;     /* TOKEN_MARK: its first character; 0 when not ASCII */
    int32_t word;  /* in the lexicon, as written or with stretches undone */
    int32_t plain; /* what it stands for in the language read (mä → minä); else as `word` */
    int32_t base;  /* its base form or stem, where the rules ask for them */
};

struct tokens {
    struct token *at; /* owned */
    size_t count, cap;
    char *text; /* owned */
    size_t text_len, text_cap;
};

enum { TOKEN_MAX_BYTES = 256 };

void tokens_release(struct tokens *tokens);
/* Appends the tokens of a message. */
int tokens_read(struct tokens *tokens, const struct points *points) MUST_CHECK;
struct slice token_text(const struct tokens *tokens, const struct token *token);
/* The word's number with runs of three or more letters as they are, then made two, then one. */
int32_t token_find(const struct lexicon *lexicon, const struct tokens *tokens,
                   const struct token *token);

#endif
