/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/rules.h"

#include <stdlib.h>

void index_release(struct index *index)
{
    free(index->start);
    free(index->entries);
    *index = (struct index){ 0 };
}

/* What an element that must take a token is good for as an anchor. */
static enum anchor_kind anchor_of(const struct element *element)
{
    const uint32_t everywhere = 1u << TOKEN_CLASS_WORD | 1u << TOKEN_CLASS_COMMON |
                                1u << TOKEN_CLASS_CAPITAL | 1u << TOKEN_CLASS_MARK;
    const struct choice *takes = &element->takes;

    if (element->kind != ELEMENT_TOKEN || element->optional || element->any ||
        element->mark != '\0' || takes->head_count + takes->tail_count + takes->base_count > 0)
        return ANCHOR_NONE;
    if (takes->classes == 0)
        return ANCHOR_WORD;
    return takes->word_count == 0 && (takes->classes & everywhere) == 0 ? ANCHOR_CLASS
                                                                        : ANCHOR_NONE;
}

static size_t common_words(const struct choice *choice, const struct lexicon *lexicon)
{
    size_t count = 0;

    for (size_t i = 0; i < choice->word_count; i++)
        count += lexicon->words[choice->words[i]].languages != 0;
    return count;
}

/* Of the elements of known words the one with the fewest common words, for these are in every
 * message; else the first of rare classes. Most patterns then need no second look at a message. */
static void find_anchor(struct pattern *pattern, const struct lexicon *lexicon)
{
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < pattern->count; i++) {
        enum anchor_kind kind = anchor_of(&pattern->elements[i]);
        size_t common =
            kind == ANCHOR_WORD ? common_words(&pattern->elements[i].takes, lexicon) : SIZE_MAX;

        if (kind == ANCHOR_NONE || (pattern->anchor_kind != ANCHOR_NONE && common >= least))
            continue;
        pattern->anchor_kind = kind;
        pattern->anchor = i;
        least = common;
    }
}

/* Anchors are found only now: before, not all common words were known. */
static void number_patterns(struct index *index, struct presence_rules *rules)
{
    for (size_t r = 0; r < rules->rule_count; r++) {
        for (size_t i = 0; i < rules->rules[r].match.count; i++) {
            struct pattern *pattern = &rules->rules[r].match.at[i];

            pattern->number = (uint32_t)index->patterns++;
            find_anchor(pattern, &rules->lexicon);
        }
    }
}

/* Calls for each anchor word of each pattern that has such: counts first, then fills. */
static void each_anchor(const struct presence_rules *rules, uint32_t *count, uint32_t *entries)
{
    for (size_t r = 0; r < rules->rule_count; r++) {
        for (size_t i = 0; i < rules->rules[r].match.count; i++) {
            const struct pattern *pattern = &rules->rules[r].match.at[i];
            const struct choice *anchor = &pattern->elements[pattern->anchor].takes;

            for (size_t k = 0; pattern->anchor_kind == ANCHOR_WORD && k < anchor->word_count; k++) {
                if (entries != NULL)
                    entries[count[anchor->words[k]]] = pattern->number;
                count[anchor->words[k]]++;
            }
        }
    }
}

int index_build(struct index *index, struct presence_rules *rules)
{
    size_t words = rules->lexicon.count;
    uint32_t total = 0, *fill = calloc(words + 1, sizeof(*fill));

    number_patterns(index, rules);
    index->words = words;
    index->start = calloc(words + 1, sizeof(*index->start));
    if (fill != NULL && index->start != NULL) {
        each_anchor(rules, fill, NULL);
        for (size_t i = 0; i <= words; i++) {
            uint32_t count = fill[i];

            index->start[i] = fill[i] = total;
            total += count;
        }
        index->entries = calloc(total + 1, sizeof(*index->entries));
    }
    if (index->entries == NULL) {
        free(fill);
        return RAISE(ERR_NO_MEMORY);
    }
    each_anchor(rules, fill, index->entries);
    free(fill);
    return OK;
}
