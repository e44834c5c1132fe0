/* SPDX-License-Identifier: Apache-2.0
 *
 * rules_parser — what the two readers of rule files share: rules_read.c knows files and blocks,
 * rules_lines.c what may stand in a block that is a rule.
 */
#ifndef PRESENCE_RULES_PARSER_H
#define PRESENCE_RULES_PARSER_H

#include "presence/coder/rules.h"

enum block { BLOCK_NONE, BLOCK_LIST, BLOCK_PLAIN, BLOCK_COMMON, BLOCK_RULE };

struct parser {
    struct presence_rules *rules;
    struct rules_place place;
    size_t file, language;
    enum block block;
    struct rule *rule; /* the one open, in BLOCK_RULE; borrowed */
};

struct keyword {
    const char *word;
    int (*read)(struct parser *parser, struct slice rest);
};

bool rules_is_blank(char c);
struct slice rules_trimmed(struct slice text);
/* Takes the first word off. */
struct slice rules_take_word(struct slice *rest);

/* One indented line of the rule that is open. */
int rules_read_rule_line(struct parser *parser, struct slice line) MUST_CHECK;
/* Finds the line's first word among those that may begin it, and hands it the rest. */
int rules_dispatch(struct parser *parser, const struct keyword *words, size_t count,
                   struct slice line) MUST_CHECK;

#endif
