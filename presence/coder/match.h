/* SPDX-License-Identifier: Apache-2.0
 *
 * match — whether a pattern fits a message, and where.
 */
#ifndef PRESENCE_MATCH_H
#define PRESENCE_MATCH_H

#include "presence/coder/rules.h"

/* One message, as patterns see it. */
struct reading {
    const struct tokens *tokens; /* borrowed */
    size_t first, end;           /* its tokens */
    size_t body, body_end;       /* without names, marks and icons around */
};

struct match {
    size_t first, end;           /* tokens the pattern took */
    size_t span_first, span_end; /* those between { and }, or the same */
};

/* Looks where names, marks and icons end at either side. */
void reading_find_body(struct reading *reading);

/* Whether the pattern fits with its first token at `at`. */
bool match_at(const struct pattern *pattern, const struct reading *reading, size_t at,
              struct match *ret_match);
/* Whether any of the patterns fits over one of the tokens [from, to) of the message. */
bool match_over(const struct patterns *patterns, const struct reading *reading, size_t from,
                size_t to);

#endif
