/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/rules.h"

#include <stdlib.h>

void index_release(struct index *index)
{
    free(index->start);
    free(index->entries);
    *index = (struct index){ 0 };
}

static void number_patterns(struct index *index, struct presence_rules *rules)
{
    for (size_t r = 0; r < rules->rule_count; r++) {
        for (size_t i = 0; i < rules->rules[r].match.count; i++)
            rules->rules[r].match.at[i].number = (uint32_t)index->patterns++;
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
