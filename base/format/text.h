/* SPDX-License-Identifier: Apache-2.0
 *
 * text — what may pass as text. Checked at the edge and again before it is serialised:
 * one forbidden character in a stanza makes the XMPP server close a tenant's whole stream.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"
#include "base/slice.h"

enum text_verdict {
    TEXT_FINE,
    TEXT_BAD_UTF8,      /* not UTF-8: overlong, surrogate, truncated, beyond U+10FFFF */
    TEXT_BAD_CHARACTER, /* UTF-8, but not a character XML 1.0 allows, or a noncharacter */
    TEXT_TOO_LONG,
    TEXT_BLANK, /* empty, or white space and invisible characters only */
};

/* UTF-8 of XML 1.0 characters only (9, A, D, 20–D7FF, E000–FFFD, 10000–10FFFF) without
 * Unicode noncharacters. *ret_points, when not NULL, gets the number of code points. */
enum text_verdict text_check(struct slice text, size_t *ret_points);

/* What a visitor or agent says: text_check, brought to NFC into `ret_text` (cleared first),
 * line ends made '\n', 1 to `max_points` code points, not blank. ERR_* never: a buffer that
 * is too small counts as TEXT_TOO_LONG. */
enum text_verdict text_clean(struct slice text, size_t max_points, struct buf *ret_text);

/* One line for names, titles and previews: control characters, line ends, bidirectional
 * overrides become spaces, runs of white space one, cut to max_points (with "…"). Invalid
 * bytes become U+FFFD, so any input gives valid output. */
void text_one_line(struct slice text, size_t max_points, struct buf *to);

/* The number of code points of valid UTF-8. */
size_t text_points(struct slice text);
/* As much of valid UTF-8 as `max` bytes hold: no character is torn. */
struct slice text_start(struct slice text, size_t max);
/* Bytes of the mark that some editors put before UTF-8: 3, or 0 where there is none. */
size_t text_mark(struct slice text);
/* From the first character on that can be seen. */
struct slice text_after_blank(struct slice text);

/* Runs between white space that hold a letter or a digit. */
size_t text_words(struct slice text);

/* A short name for logs and error codes: "bad-utf8", "blank" …. */
const char *text_verdict_name(enum text_verdict verdict);

#endif
