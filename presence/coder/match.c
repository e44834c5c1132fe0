/* SPDX-License-Identifier: Apache-2.0
 *
 * Patterns are short and hold few gaps and few elements that may be missing (rules_pattern.c
 * refuses others), so trying one at one place takes bounded time, and at all places of a
 * message time linear in its length.
 */
#include "presence/coder/match.h"

static bool has_number(const int32_t *numbers, size_t count, int32_t number)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (numbers[middle] == number)
            return true;
        if (numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

uint32_t token_classes(const struct token *t)
{
    uint32_t classes = 0;

#define CLASS_BIT(name, test) \
    if (test)                 \
        classes |= 1u << TOKEN_CLASS_##name;
    TOKEN_CLASSES(CLASS_BIT)
#undef CLASS_BIT
    return classes;
}

static bool takes_affix(const struct choice *choice, struct slice word)
{
    for (size_t i = 0; i < choice->head_count; i++) {
        const struct slice head = choice->heads[i];

        if (word.len >= head.len && memcmp(word.data, head.data, head.len) == 0)
            return true;
    }
    for (size_t i = 0; i < choice->tail_count; i++) {
        const struct slice tail = choice->tails[i];

        if (word.len > tail.len &&
            memcmp(word.data + word.len - tail.len, tail.data, tail.len) == 0)
            return true;
    }
    return false;
}

bool choice_takes(const struct choice *choice, const struct tokens *tokens,
                  const struct token *token)
{
    if (choice->classes != 0 && (token_classes(token) & choice->classes) != 0)
        return true;
    if (token->kind != TOKEN_WORD)
        return false;
    if (choice->word_count > 0 && token->word != LEXICON_NONE &&
        (has_number(choice->words, choice->word_count, token->word) ||
         has_number(choice->words, choice->word_count, token->plain)))
        return true;
    if (choice->base_count > 0 && token->base != LEXICON_NONE &&
        has_number(choice->bases, choice->base_count, token->base))
        return true;
    return choice->head_count + choice->tail_count > 0 &&
           takes_affix(choice, token_text(tokens, token));
}

static bool element_takes(const struct element *element, const struct reading *reading, size_t at)
{
    const struct token *token = &reading->tokens->at[at];

    if (element->mark != '\0')
        return token->kind == TOKEN_MARK && token->mark == element->mark;
    if (element->any ? token->kind != TOKEN_WORD
                     : !choice_takes(&element->takes, reading->tokens, token))
        return false;
    return !choice_takes(&element->not, reading->tokens, token);
}

static bool is_outside(const struct token *token)
{
    return token->kind == TOKEN_MARK || token->kind == TOKEN_ICON ||
           (token->kind == TOKEN_WORD && (token->flags & TOKEN_NAME) != 0);
}

void reading_find_body(struct reading *reading)
{
    reading->body = reading->first;
    reading->body_end = reading->end;
    while (reading->body < reading->end && is_outside(&reading->tokens->at[reading->body]))
        reading->body++;
    while (reading->body_end > reading->first &&
           is_outside(&reading->tokens->at[reading->body_end - 1]))
        reading->body_end--;
}

/* Elements that take nothing and say where they stand. */
static bool stands(enum element_kind kind, const struct reading *reading, size_t at)
{
    bool inside = at < reading->end;
    const struct token *token = inside ? &reading->tokens->at[at] : NULL;

    switch (kind) {
    case ELEMENT_START:
        return at <= reading->body;
    case ELEMENT_END:
        return at >= reading->body_end;
    case ELEMENT_SENTENCE:
        return at <= reading->body || (inside && (token->flags & TOKEN_SENTENCE) != 0);
    case ELEMENT_CLAUSE:
        return at <= reading->body || (inside && (token->flags & TOKEN_CLAUSE) != 0);
    case ELEMENT_STOP:
        return !inside || token->kind == TOKEN_MARK || token->kind == TOKEN_ICON ||
               (token->flags & TOKEN_CLAUSE) != 0;
    default:
        return true;
    }
}

/* From element `e` at token `at`; fills `match` from the end back. */
static bool fits(const struct pattern *pattern, size_t e, const struct reading *reading, size_t at,
                 struct match *match)
{
    const struct element *element;

    if (e == pattern->count) {
        match->end = at;
        return true;
    }
    element = &pattern->elements[e];
    switch (element->kind) {
    case ELEMENT_TOKEN:
        if (at < reading->end && element_takes(element, reading, at) &&
            fits(pattern, e + 1, reading, at + 1, match))
            return true;
        return element->optional && fits(pattern, e + 1, reading, at, match);
    case ELEMENT_GAP:
        for (size_t skipped = 0;; skipped++, at++) {
            if (fits(pattern, e + 1, reading, at, match))
                return true;
            if (skipped == element->gap || at >= reading->end ||
                reading->tokens->at[at].kind == TOKEN_MARK ||
                reading->tokens->at[at].kind == TOKEN_ICON)
                return false;
        }
    default:
        if (!stands(element->kind, reading, at) || !fits(pattern, e + 1, reading, at, match))
            return false;
        if (element->kind == ELEMENT_OPEN)
            match->span_first = at;
        if (element->kind == ELEMENT_CLOSE)
            match->span_end = at;
        return true;
    }
}

bool match_at(const struct pattern *pattern, const struct reading *reading, size_t at,
              struct match *ret_match)
{
    struct match match = { .first = at, .span_first = SIZE_MAX, .span_end = SIZE_MAX };

    if (!fits(pattern, 0, reading, at, &match))
        return false;
    if (match.span_first == SIZE_MAX) {
        match.span_first = match.first;
        match.span_end = match.end;
    }
    *ret_match = match;
    return true;
}

bool match_over(const struct patterns *patterns, const struct reading *reading, size_t from,
                size_t to)
{
    enum { REACH = PATTERN_MAX_ELEMENTS + PATTERN_MAX_GAPS * PATTERN_MAX_GAP };
    size_t first = from > reading->first + REACH ? from - REACH : reading->first;

    for (size_t i = 0; i < patterns->count; i++) {
        for (size_t at = first; at < to; at++) {
            struct match match;

            if (match_at(&patterns->at[i], reading, at, &match) && match.end > from)
                return true;
        }
    }
    return false;
}
