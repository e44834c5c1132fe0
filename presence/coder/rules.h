/* SPDX-License-Identifier: Apache-2.0
 *
 * rules — what the rule files say, ready to be matched. Inside presence/ only; others load and
 * use rules through presence/coder/coder.h.
 *
 * A pattern is a row of elements, each of which takes a token, skips some, or says where it must
 * stand. docs/presence.md tells how they are written.
 */
#ifndef PRESENCE_RULES_H
#define PRESENCE_RULES_H

#include "base/buf.h"
#include "presence/classes.h"
#include "presence/coder/coder.h"
#include "presence/coder/lexicon.h"
#include "presence/coder/stems.h"
#include "presence/coder/tokens.h"

enum { RULES_MAX_LANGUAGES = 8, PATTERN_MAX_ELEMENTS = 24, PATTERN_MAX_GAPS = 2 };
enum { PATTERN_MAX_OPTIONAL = 5, PATTERN_MAX_GAP = 9 };

enum element_kind {
    ELEMENT_TOKEN,
    ELEMENT_GAP,      /* .. or ..5: some words, of no matter what */
    ELEMENT_START,    /* nothing but a name, marks and icons before */
    ELEMENT_END,      /* nothing but a name, marks and icons after */
    ELEMENT_SENTENCE, /* at the start of a sentence */
    ELEMENT_CLAUSE,   /* at the start of a clause: after any mark or icon */
    ELEMENT_STOP,     /* before a mark or icon, or at the end */
    ELEMENT_OPEN,     /* { the span begins here … */
    ELEMENT_CLOSE,    /* … and ends here } */
};

/* Classes of tokens, a bit each; CLASS(name as written, test of a token called t). */
#define TOKEN_CLASSES(CLASS)                                                                     \
    CLASS(WORD, t->kind == TOKEN_WORD)                                                           \
    CLASS(NUMBER, t->kind == TOKEN_NUMBER)                                                       \
    CLASS(MARK, t->kind == TOKEN_MARK)                                                           \
    CLASS(ICON, t->kind == TOKEN_ICON)                                                           \
    CLASS(HIDDEN, t->kind == TOKEN_HIDDEN)                                                       \
    CLASS(COLON, t->kind == TOKEN_MARK && t->mark == ':')                                        \
    CLASS(COMMA, t->kind == TOKEN_MARK && t->mark == ',')                                        \
    CLASS(STRONG, t->kind == TOKEN_MARK && (t->flags & TOKEN_STRONG) != 0)                       \
    CLASS(QUESTION, t->kind == TOKEN_MARK && (t->flags & TOKEN_ASKS) != 0)                       \
    CLASS(CAPITAL, t->kind == TOKEN_WORD && (t->flags & TOKEN_CAPITAL) != 0)                     \
    CLASS(UPPER, t->kind == TOKEN_WORD && (t->flags & TOKEN_UPPER) != 0)                         \
    CLASS(SHOUT, t->kind == TOKEN_WORD && token_shouts(t))                                       \
    CLASS(STRETCH, t->kind == TOKEN_WORD && (t->flags & TOKEN_STRETCH) != 0)                     \
    CLASS(NICK, t->kind == TOKEN_WORD && (t->flags & TOKEN_NICK) != 0)                           \
    CLASS(MENTION, t->kind == TOKEN_WORD && (t->flags & TOKEN_MENTION) != 0)                     \
    CLASS(NAME, t->kind == TOKEN_WORD && (t->flags & TOKEN_NAME) != 0)                           \
    CLASS(CLITIC, t->kind == TOKEN_WORD && (t->flags & TOKEN_CLITIC) != 0)                       \
    CLASS(NOCLITIC, t->kind == TOKEN_WORD && (t->flags & TOKEN_NO_CLITIC) != 0)                  \
    CLASS(NICKNAME,                                                                              \
          t->kind == TOKEN_WORD && (t->flags & TOKEN_NAME) != 0 && (t->flags & TOKEN_NICK) != 0) \
    CLASS(COMMON, t->kind == TOKEN_WORD && (t->flags & TOKEN_COMMON) != 0)

#define TOKEN_CLASS_CONSTANT(name, test) TOKEN_CLASS_##name,
enum token_class { TOKEN_CLASSES(TOKEN_CLASS_CONSTANT) TOKEN_CLASS_COUNT };
#undef TOKEN_CLASS_CONSTANT

/* One side of an element: what it takes, or what it does not. */
struct choice {
    int32_t *words; /* owned, ascending */
    size_t word_count;
    int32_t *bases; /* owned, ascending: words that stand for all their forms */
    size_t base_count;
    struct slice *heads; /* owned array of borrowed text: "suosittel" of suosittel* */
    size_t head_count;
    struct slice *tails; /* likewise: "ko" of *ko */
    size_t tail_count;
    uint32_t classes; /* bits of token_class */
};

struct element {
    enum element_kind kind;
    bool optional;
    bool any;            /* takes every word that `not` does not refuse */
    unsigned gap;        /* words a gap may skip */
    char mark;           /* takes a mark that begins so; 0: no mark */
    struct choice takes; /* what it takes … */
    struct choice not ;  /* … unless it is among these */
};

/* By what a message is known to hold nothing for a pattern. */
enum anchor_kind {
    ANCHOR_NONE,  /* it may fit anywhere */
    ANCHOR_WORD,  /* one element takes known words only: look them up in the index */
    ANCHOR_CLASS, /* one element takes tokens of some classes only */
};

struct pattern {
    struct element *elements; /* owned */
    size_t count;
    enum anchor_kind anchor_kind;
    size_t anchor;   /* the element */
    uint32_t number; /* among all patterns that are looked for, in order */
};

struct patterns {
    struct pattern *at; /* owned */
    size_t count;
};

struct example {
    struct slice text; /* borrowed from the file; messages separated by -> */
    unsigned line;
    bool hit;
};

enum { PLACE_ANY = 0 };

struct rule {
    char *id;   /* owned */
    bool names; /* finds names instead of a code … */
    bool own;   /* … the speaker's own */
    enum presence_code code;
    size_t language, file;
    unsigned line;
    struct patterns match, unless, never;
    struct patterns answers, answers_no; /* looked for in what the other said last */
    presence_codes with, without, after, not_after;
    unsigned first, last;           /* among the first, last N typed messages; PLACE_ANY */
    unsigned turn_first, turn_last; /* the same among the speaker's own */
    unsigned roles;                 /* a bit each; 0: all */
    bool not_negated, linked;       /* linked: only in an answer to a message pointed at */
    struct example *examples;       /* owned */
    size_t example_count;
};

struct rule_file {
    char *path; /* owned */
    char *text; /* owned; rules borrow from it */
    size_t len;
    size_t language;
};

struct word_list {
    struct slice name;  /* borrowed from its file */
    struct slice words; /* borrowed: all of its lines */
    size_t language;
};

/* Which patterns a word may set off, by their anchors. */
struct index {
    uint32_t *start;   /* owned; by word: where its entries begin; [words] is the end of all */
    uint32_t *entries; /* owned; numbers of patterns */
    size_t words, patterns;
};

struct presence_rules {
    char languages[RULES_MAX_LANGUAGES][8];
    size_t language_count;
    struct rule_file *files; /* owned, as are the following */
    size_t file_count;
    struct word_list *lists;
    size_t list_count;
    struct rule *rules; /* in order: languages, files, lines */
    size_t rule_count;
    struct lexicon lexicon;
    struct choice negation[RULES_MAX_LANGUAGES]; /* the list "negation" of each language */
    struct stems stems[RULES_MAX_LANGUAGES];     /* for ~words, while loading */
    struct index index;
    char declared[16];        /* "1.0" */
    char version[32];         /* "1.0-3fa9c2d1" */
    bool voikko;              /* coders ask it for base forms */
    bool classes_are_current; /* else the following are all H */
    struct presence_class_row classes[RULES_MAX_LANGUAGES][PRESENCE_CODE_COUNT];
};

/* Where a fault is told: a file and a line. */
struct rules_place {
    const char *path;
    unsigned line;
    struct buf *problems;
};

/* Adds "path:line: …" to the problems and returns ERR_CONFIG. */
int rules_fault(const struct rules_place *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds the rules of one file, whose text the caller keeps as long as the rules. Lists of all
 * files must have been gathered before. ERR_CONFIG: told in place.problems. */
int rules_gather_lists(struct presence_rules *rules, size_t file, struct buf *problems) MUST_CHECK;
int rules_read_file(struct presence_rules *rules, size_t file, struct buf *problems) MUST_CHECK;

/* Numbers the patterns to be looked for, and indexes them. */
int index_build(struct index *index, struct presence_rules *rules) MUST_CHECK;
void index_release(struct index *index);

/* Rules of one text, for whoever has no folder: tests and fuzzers. */
int rules_from_text(struct presence_rules **ret_rules, const char *language, struct slice text,
                    struct buf *problems) MUST_CHECK;

/* A pattern as written, added to `to`. */
int pattern_read(struct presence_rules *rules, size_t language, struct slice text,
                 const struct rules_place *place, struct patterns *to) MUST_CHECK;
void patterns_release(struct patterns *patterns);
void choice_release(struct choice *choice);
/* Adds what one word of a pattern or list stands for: word, head*, *tail, ~base, CLASS, @list. */
int choice_add(struct presence_rules *rules, size_t language, struct slice text,
               const struct rules_place *place, struct choice *to) MUST_CHECK;
/* Sorts what was added, so that choice_takes can look it up. */
void choice_seal(struct choice *choice);

/* Whether the token is one of the choice. */
bool choice_takes(const struct choice *choice, const struct tokens *tokens,
                  const struct token *token);
/* Capitals for stress rather than an acronym: a common word, or five letters or more. */
static inline bool token_shouts(const struct token *token)
{
    return (token->flags & TOKEN_UPPER) != 0 &&
           (token->len >= 5 || (token->flags & TOKEN_COMMON) != 0);
}

/* The bits of token_class that hold of it. */
uint32_t token_classes(const struct token *token);

#endif
