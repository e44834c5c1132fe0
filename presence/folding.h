/* SPDX-License-Identifier: Apache-2.0
 *
 * folding — words as the search index holds them, and queries as it is asked. A word is a run of
 * letters and digits, case folded, brought to its stem in the language of its conversation by
 * libstemmer: so laskun, laskua and laskuja are all found by lasku, in Finnish as in Swedish
 * and English. Where Voikko is installed, Finnish words are brought to their base form before: then
 * käsi finds kädessä, too. Index and query go the same way, so they meet; a query asks for the
 * plain stem as well, so that what was indexed before Voikko came is found until it is indexed
 * anew.
 *
 * A query is words (all of them must be there), "phrases", and begin* for what begins so. A stem is
 * often shorter than what people begin with (appointm*, toimituks*), so words that are not their
 * own stem stand in the index as they were written, too, behind the message's last word.
 */
#ifndef PRESENCE_FOLDING_H
#define PRESENCE_FOLDING_H

#include "base/auto.h"
#include "base/buf.h"

struct folder; /* the stemmers; one a thread */

/* `bases`: by Voikko, where it is installed. NULL: out of memory. */
struct folder *folder_new(bool bases);
struct folder *folder_free(struct folder *folder);
/* What it has base forms from, and how words stand in the index: one that is from another is stale.
 * Lives for ever. */
const char *folder_source(const struct folder *folder);
DEFINE_AUTO(folder)

/* Appends the words of a text as they are indexed, separated by spaces. */
void folder_words(struct folder *folder, struct slice language, struct slice text, struct buf *to);

enum { FOLDING_E_EMPTY = 1 /* no word in it */, FOLDING_E_LONG };
enum { QUERY_TERMS_MAX = 16 };
/* A query in the index's language. `column` is "visitor", "agent" or "": anyone's words. */
int folder_query(struct folder *folder, struct slice query, const char *column,
                 struct buf *to) MUST_CHECK;

/* The text around the first word that the query asks for, at most `points` long, on one line,
 * with [ ] around words asked for. */
void folder_snippet(struct folder *folder, struct slice language, struct slice text,
                    struct slice query, size_t points, struct buf *to);

#endif
