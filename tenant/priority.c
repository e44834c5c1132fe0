/* SPDX-License-Identifier: Apache-2.0 */
#include "tenant/priority.h"

#include <string.h>
#include <strings.h>

static bool is_word(struct slice text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.data, word, text.len) == 0;
}

static bool has_word(const struct priority *priority, struct slice word)
{
    for (unsigned i = 0; i < priority->count; i++) {
        if (is_word(word, priority->words[i].word))
            return true;
    }
    return false;
}

/* billing:3 */
static bool add(struct priority *priority, struct slice part)
{
    const char *colon = memchr(part.data, ':', part.len);
    struct slice word = { part.data, colon == NULL ? 0 : (size_t)(colon - part.data) };
    unsigned points;

    if (word.len == 0 || part.len != word.len + 2 || priority->count == PRIORITY_WORDS_MAX ||
        has_word(priority, word))
        return false;
    points = (unsigned)(unsigned char)colon[1] - '0';
    if (points == 0 || points > PRIORITY_POINTS_MAX)
        return false;
    priority->words[priority->count].points = points;
    return slice_copy(word, priority->words[priority->count++].word, PRIORITY_WORD_BYTES);
}

bool priority_parse(struct slice text, struct priority *ret_priority)
{
    size_t at = 0;

    *ret_priority = (struct priority){ .count = 0 };
    while (at < text.len) {
        const char *space = memchr(text.data + at, ' ', text.len - at);
        size_t end = space == NULL ? text.len : (size_t)(space - text.data);

        if (end > at && !add(ret_priority, (struct slice){ text.data + at, end - at }))
            return false;
        at = end + 1;
    }
    return true;
}

unsigned priority_points(const struct priority *priority, struct slice stage, struct slice language,
                         struct slice skill)
{
    const char *dash = language.len == 0 ? NULL : memchr(language.data, '-', language.len);
    unsigned points = 0;

    if (dash != NULL)
        language.len = (size_t)(dash - language.data);
    for (unsigned i = 0; i < priority->count; i++) {
        const char *word = priority->words[i].word;

        if (is_word(stage, word) || is_word(language, word) || is_word(skill, word))
            points += priority->words[i].points;
    }
    return points;
}
