/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/rules.h"

#include <stdlib.h>

void index_release(struct index *index)
{
    free(index->start);
    free(index->entries);
    free(index->always);
    *index = (struct index){ 0 };
}

/* A rule may fit any message when one of its patterns has no word for an anchor. */
static bool may_fit_any(const struct rule *rule)
{
    for (size_t i = 0; i < rule->match.count; i++) {
        if (!rule->match.at[i].anchor_is_word)
            return true;
    }
    return false;
}

/* Calls for each anchor word of the rules that have such: counts first, then fills. */
static void each_anchor(const struct presence_rules *rules, uint32_t *count, uint32_t *entries)
{
    for (size_t r = 0; r < rules->rule_count; r++) {
        const struct rule *rule = &rules->rules[r];

        if (may_fit_any(rule))
            continue;
        for (size_t i = 0; i < rule->match.count; i++) {
            const struct pattern *pattern = &rule->match.at[i];
            const struct choice *anchor = &pattern->elements[pattern->anchor].takes;

            for (size_t k = 0; k < anchor->word_count; k++) {
                if (entries != NULL)
                    entries[count[anchor->words[k]]] = (uint32_t)r;
                count[anchor->words[k]]++;
            }
        }
    }
}

static void add_always(struct index *index, const struct presence_rules *rules)
{
    for (size_t r = 0; r < rules->rule_count; r++) {
        if (may_fit_any(&rules->rules[r]))
            index->always[index->always_count++] = (uint32_t)r;
    }
}

int index_build(struct index *index, const struct presence_rules *rules)
{
    size_t words = rules->lexicon.count;
    uint32_t total = 0, *fill = calloc(words + 1, sizeof(*fill));

    index->words = words;
    index->start = calloc(words + 1, sizeof(*index->start));
    index->always = calloc(rules->rule_count + 1, sizeof(*index->always));
    if (fill != NULL && index->start != NULL && index->always != NULL) {
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
    add_always(index, rules);
    free(fill);
    return OK;
}
