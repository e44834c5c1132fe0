/* SPDX-License-Identifier: Apache-2.0
 *
 * known_names — the names of people that a text may hold, and whether a word is one of them, also
 * bent: Finnish bends names, and not only at their end (Matin, Virtaselle, Mäen, Markuksen).
 *
 * Words that are what somebody does ("agent", "asiakas") are no names, though a name may hold them.
 */
#ifndef PRESENCE_KNOWN_NAMES_H
#define PRESENCE_KNOWN_NAMES_H

#include "base/buf.h"

#include <stdbool.h>

struct known_name; /* one word of a name, and the stems it is bent by */

struct known_names {
    struct known_name *items; /* owned */
    size_t count, cap;
    bool begins[256]; /* by which bytes a word may begin that is one of them */
};

void known_names_release(struct known_names *names);
/* Forgets all but the first `kept`. */
void known_names_cut(struct known_names *names, size_t kept);
/* Each word of it from now on counts as a name. ERR_NO_MEMORY. */
int known_names_add(struct known_names *names, struct slice name) MUST_CHECK;
/* The name that this word is, as it was added and case folded; NULL: none. Lives as long as the
 * names. */
const char *known_names_find(const struct known_names *names, struct slice word);

/* Case folded and composed, so that words compare as people read them. The caller frees it. */
char *known_names_fold(struct slice text);

#endif
