/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules against messages, in two passes: first those that look at words alone, then, message by
 * message and in the order they are written, those that ask what codes stand already, here or in
 * what the other said before. So no answer depends on the order of rules that do not ask.
 */
#include "presence/coder/coder_state.h"

/* What a rule asks about codes makes it wait for the second pass. */
static bool waits(const struct rule *rule)
{
    return (rule->with | rule->without | rule->after | rule->not_after) != 0;
}

bool coder_uses(const struct presence_coder *coder, const struct rule *rule)
{
    return !rule->names && (rule->language == coder->language || rule->language == coder->common);
}

static void mark(struct presence_coder *coder, int32_t word)
{
    const struct index *index = &coder->rules->index;

    if (word == LEXICON_NONE || (size_t)word >= index->words)
        return;
    for (uint32_t i = index->start[word]; i < index->start[word + 1]; i++)
        coder->candidate[index->entries[i]] = coder->stamp;
}

void coder_look_at(struct presence_coder *coder, const struct reading *reading)
{
    coder->stamp++;
    coder->classes = 0;
    for (size_t i = reading->first; i < reading->end; i++) {
        const struct token *token = &coder->tokens.at[i];

        coder->classes |= token_classes(token);
        mark(coder, token->word);
        if (token->plain != token->word)
            mark(coder, token->plain);
    }
}

/* Whether the pattern may fit the message last looked at. */
static bool may_fit(const struct presence_coder *coder, const struct pattern *pattern)
{
    switch (pattern->anchor_kind) {
    case ANCHOR_WORD:
        return coder->candidate[pattern->number] == coder->stamp;
    case ANCHOR_CLASS:
        return (pattern->elements[pattern->anchor].takes.classes & coder->classes) != 0;
    default:
        return true;
    }
}

/* Gathers the rule's patterns that may fit, in their order. */
static size_t gather_fitting(const struct presence_coder *coder, const struct rule *rule)
{
    size_t count = 0;

    for (size_t i = 0; i < rule->match.count; i++) {
        if (may_fit(coder, &rule->match.at[i]))
            coder->fitting[count++] = &rule->match.at[i];
    }
    return count;
}

/* Place by place rather than pattern by pattern: so all the matches of a message together take one
 * walk over it. */
bool coder_next_match(const struct presence_coder *coder, const struct rule *rule,
                      const struct reading *reading, size_t *at, struct match *ret_match)
{
    size_t count = gather_fitting(coder, rule);

    for (; count > 0 && *at < reading->end; (*at)++) {
        for (size_t i = 0; i < count; i++) {
            if (match_at(coder->fitting[i], reading, *at, ret_match)) {
                (*at)++;
                return true;
            }
        }
    }
    return false;
}

/* A word of denial up to three words before, in the same clause. */
static bool is_negated(const struct presence_coder *coder, const struct rule *rule,
                       const struct reading *reading, size_t first)
{
    const struct choice *negation = &coder->rules->negation[rule->language];
    size_t steps = 0;

    while (first > reading->first && steps++ < 3) {
        const struct token *token = &reading->tokens->at[--first];

        if (token->kind == TOKEN_MARK || token->kind == TOKEN_ICON)
            return false;
        if (choice_takes(negation, reading->tokens, token))
            return true;
    }
    return false;
}

/* Whether an ordinal from 1 is among the first or the last of `count`, as asked. */
static bool is_among(unsigned ordinal, unsigned count, unsigned first, unsigned last)
{
    if (first == PLACE_ANY && last == PLACE_ANY)
        return true;
    return (first != PLACE_ANY && ordinal <= first) ||
           (last != PLACE_ANY && ordinal + last > count);
}

/* Steps *at, which begins at the message itself, back through the other party's last turn before
 * it; false at the turn's end. It looks no further back than a turn may reach: so a monologue is
 * read in linear time. */
static bool step_back(const struct presence_coder *coder, size_t message, size_t *at)
{
    enum { TURN_REACH = 32 };
    enum presence_role role = coder->messages[message].role;
    bool inside = *at != message;

    while (*at > 0 && message - *at < TURN_REACH) {
        const struct read_message *before = &coder->messages[--*at];

        if (!before->coded)
            continue;
        if (before->role != role)
            return true;
        if (inside)
            return false;
    }
    return false;
}

/* What the other party's last turn before this message bears. */
static presence_codes codes_before(const struct presence_coder *coder, size_t message)
{
    presence_codes codes = 0;

    for (size_t at = message; step_back(coder, message, &at);)
        codes |= coder->messages[at].codes;
    return codes;
}

/* Whether one of the patterns fits anywhere in that turn. */
static bool fits_before(const struct presence_coder *coder, const struct patterns *patterns,
                        size_t message)
{
    for (size_t at = message; step_back(coder, message, &at);) {
        const struct reading *reading = &coder->messages[at].reading;

        if (match_over(patterns, reading, reading->first, reading->end))
            return true;
    }
    return false;
}

static bool answers(const struct presence_coder *coder, const struct rule *rule, size_t message)
{
    return (rule->answers.count == 0 || fits_before(coder, &rule->answers, message)) &&
           (rule->answers_no.count == 0 || !fits_before(coder, &rule->answers_no, message));
}

static bool codes_allow(const struct presence_coder *coder, const struct rule *rule, size_t message)
{
    presence_codes here = coder->messages[message].codes, before;

    if ((rule->with != 0 && (here & rule->with) == 0) || (here & rule->without) != 0)
        return false;
    if ((rule->after | rule->not_after) == 0)
        return true;
    before = codes_before(coder, message);
    return (rule->after == 0 || (before & rule->after) != 0) && (before & rule->not_after) == 0;
}

enum verdict coder_judge(const struct presence_coder *coder, const struct rule *rule,
                         size_t message, const struct match *match)
{
    const struct read_message *read = &coder->messages[message];
    const struct reading *reading = &read->reading;

    if (rule->roles != 0 && (rule->roles & 1u << read->role) == 0)
        return VERDICT_ROLE;
    if (rule->linked && !read->linked)
        return VERDICT_LINK;
    if (!is_among(read->ordinal, coder->coded, rule->first, rule->last) ||
        !is_among(read->turn_ordinal, coder->turns[read->role], rule->turn_first, rule->turn_last))
        return VERDICT_PLACE;
    if (!codes_allow(coder, rule, message))
        return VERDICT_CODES;
    if (rule->not_negated && is_negated(coder, rule, reading, match->first))
        return VERDICT_NEGATED;
    if (match_over(&rule->unless, reading, match->first, match->end))
        return VERDICT_UNLESS;
    if (match_over(&rule->never, reading, reading->first, reading->end))
        return VERDICT_NEVER;
    if (!answers(coder, rule, message))
        return VERDICT_ANSWERS;
    return VERDICT_COUNTS;
}

/* Keeps the span that begins first; of those the longest; of those the first rule's. */
static void keep(struct read_message *message, const struct rule *rule, uint32_t number,
                 const struct match *match)
{
    const struct token *tokens = message->reading.tokens->at;
    struct found found = { number, tokens[match->span_first].from, tokens[match->span_end - 1].to };
    struct found *old = &message->found[rule->code];

    if ((message->codes & PRESENCE_CODE_BIT(rule->code)) != 0 &&
        (old->from < found.from || (old->from == found.from && old->to >= found.to)))
        return;
    *old = found;
    message->codes |= PRESENCE_CODE_BIT(rule->code);
}

static void try_rule(struct presence_coder *coder, uint32_t number, size_t message)
{
    const struct rule *rule = &coder->rules->rules[number];
    struct read_message *read = &coder->messages[message];
    struct match match;

    for (size_t at = read->reading.first;
         coder_next_match(coder, rule, &read->reading, &at, &match);) {
        enum verdict verdict;

        if (match.span_end <= match.span_first) /* an empty span carries nothing */
            continue;
        verdict = coder_judge(coder, rule, message, &match);
        if (verdict == VERDICT_COUNTS) {
            keep(read, rule, number, &match);
            return;
        }
        if (verdict != VERDICT_UNLESS && verdict != VERDICT_NEGATED)
            return; /* no other place in the message would change it */
    }
}

static void pass(struct presence_coder *coder, size_t message, bool waiting)
{
    for (size_t i = 0; i < coder->rules->rule_count; i++) {
        const struct rule *rule = &coder->rules->rules[i];

        if (!coder->off[i] && waits(rule) == waiting && coder_uses(coder, rule))
            try_rule(coder, (uint32_t)i, message);
    }
}

void coder_apply(struct presence_coder *coder)
{
    for (size_t i = 0; i < coder->count; i++) {
        if (!coder->messages[i].coded)
            continue;
        coder_look_at(coder, &coder->messages[i].reading);
        pass(coder, i, false);
        pass(coder, i, true);
    }
}
