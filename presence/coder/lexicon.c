/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/lexicon.h"

#include <stdlib.h>

static uint64_t hash(struct slice word)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

    for (size_t i = 0; i < word.len; i++)
        h = (h ^ (unsigned char)word.data[i]) * 0x100000001b3u;
    return h ^ (h >> 29);
}

void lexicon_release(struct lexicon *lexicon)
{
    for (size_t i = 0; i < lexicon->count; i++)
        free(lexicon->words[i].text);
    free(lexicon->words);
    free(lexicon->slots);
    *lexicon = (struct lexicon){ 0 };
}

/* Where the word is, or the free slot where it would be. */
static size_t slot_of(const struct lexicon *lexicon, struct slice word)
{
    size_t slot = hash(word) & (lexicon->slot_count - 1);

    for (;; slot = (slot + 1) & (lexicon->slot_count - 1)) {
        int32_t id = lexicon->slots[slot];

        if (id == LEXICON_NONE)
            return slot;
        if (slice_equal(word, (struct slice){ lexicon->words[id].text, lexicon->words[id].len }))
            return slot;
    }
}

int32_t lexicon_find(const struct lexicon *lexicon, struct slice word)
{
    return lexicon->slot_count == 0 ? LEXICON_NONE : lexicon->slots[slot_of(lexicon, word)];
}

static int grow_words(struct lexicon *lexicon)
{
    size_t cap = lexicon->cap == 0 ? 512 : lexicon->cap * 2;
    struct lexicon_word *words = realloc(lexicon->words, cap * sizeof(*words));

    if (words == NULL)
        return RAISE(ERR_NO_MEMORY);
    lexicon->words = words;
    lexicon->cap = cap;
    return OK;
}

static int grow_slots(struct lexicon *lexicon)
{
    size_t count = lexicon->cap * 4;
    int32_t *slots = malloc(count * sizeof(*slots));

    if (slots == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < count; i++)
        slots[i] = LEXICON_NONE;
    free(lexicon->slots);
    lexicon->slots = slots;
    lexicon->slot_count = count;
    for (size_t i = 0; i < lexicon->count; i++) {
        struct slice word = { lexicon->words[i].text, lexicon->words[i].len };

        slots[slot_of(lexicon, word)] = (int32_t)i;
    }
    return OK;
}

int lexicon_add(struct lexicon *lexicon, struct slice word, int32_t *ret_id)
{
    struct lexicon_word *added;
    int32_t id = lexicon_find(lexicon, word);
    int rc = OK;

    if (id != LEXICON_NONE) {
        *ret_id = id;
        return OK;
    }
    if (lexicon->count == lexicon->cap && (rc = grow_words(lexicon)) != OK)
        return TRACE(rc);
    if (lexicon->slot_count < lexicon->cap * 4 && (rc = grow_slots(lexicon)) != OK)
        return TRACE(rc);
    added = &lexicon->words[lexicon->count];
    *added = (struct lexicon_word){ .text = slice_dup(word), .len = (uint32_t)word.len };
    if (added->text == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < sizeof(added->plain) / sizeof(added->plain[0]); i++)
        added->plain[i] = LEXICON_NONE;
    *ret_id = (int32_t)lexicon->count++;
    lexicon->slots[slot_of(lexicon, word)] = *ret_id;
    return OK;
}
