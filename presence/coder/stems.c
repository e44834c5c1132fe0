/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/coder/stems.h"

#include <libstemmer.h>

int stems_init(struct stems *stems, const char *language)
{
    static const struct {
        const char *folder, *name;
    } known[] = { { "en", "english" }, { "fi", "finnish" }, { "sv", "swedish" } };

    *stems = (struct stems){ NULL };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].folder, language) != 0)
            continue;
        stems->stemmer = sb_stemmer_new(known[i].name, "UTF_8");
        return stems->stemmer == NULL ? RAISE(ERR_NO_MEMORY) : OK;
    }
    return OK;
}

void stems_release(struct stems *stems)
{
    if (stems->stemmer != NULL)
        sb_stemmer_delete(stems->stemmer);
    stems->stemmer = NULL;
}

struct slice stems_find(struct stems *stems, struct slice word)
{
    const sb_symbol *stem;

    if (stems->stemmer == NULL || word.len == 0)
        return word;
    stem = sb_stemmer_stem(stems->stemmer, (const sb_symbol *)word.data, (int)word.len);
    if (stem == NULL) /* out of memory: the word itself is the honest answer */
        return word;
    return (struct slice){ (const char *)stem, (size_t)sb_stemmer_length(stems->stemmer) };
}
