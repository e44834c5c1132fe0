/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a rule: what it matches, when it counts, and its examples.
 */
#include "presence/coder/rules_parser.h"

#include <stdlib.h>

static int patterns_of(struct parser *parser, struct slice rest, struct patterns *to)
{
    return pattern_read(parser->rules, parser->language, rest, &parser->place, to);
}

static int read_match(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->match);
}

static int read_unless(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->unless);
}

static int read_never(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->never);
}

static int read_answers(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->answers);
}

static int read_answers_no(struct parser *parser, struct slice rest)
{
    return patterns_of(parser, rest, &parser->rule->answers_no);
}

static int read_codes(struct parser *parser, struct slice rest, presence_codes *to)
{
    while (rest.len > 0) {
        struct slice id = rules_take_word(&rest);
        enum presence_code code;

        if (presence_code_find(id, &code) != 0)
            return rules_fault(&parser->place, "there is no code %.*s", SLICE_ARG(id));
        *to |= PRESENCE_CODE_BIT(code);
    }
    return *to == 0 ? rules_fault(&parser->place, "name at least one code") : OK;
}

static int read_with(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->with);
}

static int read_without(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->without);
}

static int read_after(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->after);
}

static int read_not_after(struct parser *parser, struct slice rest)
{
    return read_codes(parser, rest, &parser->rule->not_after);
}

static int read_place(struct parser *parser, struct slice rest, unsigned *first, unsigned *last)
{
    struct slice side = rules_take_word(&rest);
    char digits[8];
    long n = slice_copy(rest, digits, sizeof(digits)) ? strtol(digits, NULL, 10) : 0;

    if (n < 1 || n > 999 || (!slice_is(side, "first") && !slice_is(side, "last")))
        return rules_fault(&parser->place, "say first N or last N, N from 1 to 999");
    *(slice_is(side, "first") ? first : last) = (unsigned)n;
    return OK;
}

static int read_in_chat(struct parser *parser, struct slice rest)
{
    return read_place(parser, rest, &parser->rule->first, &parser->rule->last);
}

static int read_turn(struct parser *parser, struct slice rest)
{
    return read_place(parser, rest, &parser->rule->turn_first, &parser->rule->turn_last);
}

static int read_role(struct parser *parser, struct slice rest)
{
    if (slice_is(rest, "visitor"))
        parser->rule->roles = 1u << PRESENCE_VISITOR;
    else if (slice_is(rest, "agent"))
        parser->rule->roles = 1u << PRESENCE_AGENT;
    else
        return rules_fault(&parser->place, "a role is visitor or agent");
    return OK;
}

static int read_not_negated(struct parser *parser, struct slice rest)
{
    if (rest.len > 0)
        return rules_fault(&parser->place, "nothing follows not-negated");
    parser->rule->not_negated = true;
    return OK;
}

static int read_linked(struct parser *parser, struct slice rest)
{
    if (rest.len > 0)
        return rules_fault(&parser->place, "nothing follows linked");
    parser->rule->linked = true;
    return OK;
}

static int read_own(struct parser *parser, struct slice rest)
{
    if (!parser->rule->names || rest.len > 0)
        return rules_fault(&parser->place, "own stands alone, and in a names block");
    parser->rule->own = true;
    return OK;
}

static int add_example(struct parser *parser, struct slice text, bool hit)
{
    struct rule *rule = parser->rule;
    struct example *grown = realloc(rule->examples, (rule->example_count + 1) * sizeof(*grown));

    if (grown == NULL)
        return RAISE(ERR_NO_MEMORY);
    rule->examples = grown;
    grown[rule->example_count++] = (struct example){ text, parser->place.line, hit };
    return OK;
}

static int read_hit(struct parser *parser, struct slice rest)
{
    return add_example(parser, rest, true);
}

static int read_miss(struct parser *parser, struct slice rest)
{
    return add_example(parser, rest, false);
}

static const struct keyword in_rule[] = {
    { "match", read_match },     /* gives the code where this fits … */
    { "unless", read_unless },   /* … but not where this fits over it */
    { "never", read_never },     /* … nor in a message where this fits anywhere */
    { "with", read_with },       /* only in a message that bears one of these codes */
    { "without", read_without }, /* only in one that bears none of them */
    { "after", read_after },     /* only where what the other said before bears one of them */
    { "not-after", read_not_after },
    { "answers", read_answers },       /* only where this fits in what the other said last … */
    { "answers-no", read_answers_no }, /* … or fits nowhere in it */
    { "place", read_in_chat },         /* only among the first or last N
                                          messages of the chat */
    { "turn", read_turn },             /* … of the speaker */
    { "role", read_role },
    { "not-negated", read_not_negated },
    { "linked", read_linked }, /* only where the message points at the one it answers */
    { "own", read_own },       /* of names: the speaker's own, not whom they address */
    { "hit", read_hit },
    { "miss", read_miss },
};

int rules_read_rule_line(struct parser *parser, struct slice line)
{
    return rules_dispatch(parser, in_rule, sizeof(in_rule) / sizeof(in_rule[0]), line);
}
