/* SPDX-License-Identifier: Apache-2.0
 *
 * lines — where in the text of an exported conversation each of its messages stands, and which
 * words of the message as it is stored a place in that text means: marks that took the place of
 * names and numbers (docs/presence.md) are longer or shorter than what they stand for.
 *
 * A text that is not the conversation's any more (edited in the tool, or since the export) is
 * noticed, so that no code goes to words nobody read.
 */
#ifndef LASNACTL_QDA_LINES_H
#define LASNACTL_QDA_LINES_H

#include "base/buf.h"
#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

/* A message as it is stored. */
struct qda_message {
    const char *from, *at; /* borrowed; at: as the export writes it, "" where it is not known */
    struct slice text;     /* borrowed */
};

struct qda_moved; /* where the two texts differ */

struct qda_line {
    uint32_t first, last, points; /* in the source's text; how long the stored message is */
    struct qda_moved *moved;      /* owned; in order */
    size_t count, cap;
};

/* `count` lines, zeroed. SIZE_MAX: each was found; else the place of the first message that was
 * not. */
size_t qda_lines_find(struct slice text, const struct qda_message *messages, size_t count,
                      struct qda_line *lines);
void qda_lines_release(struct qda_line *lines, size_t count);
/* Which code point of the stored message a place in the text is, as a start or an end of a span;
 * `place` is within the line. */
uint32_t qda_line_place(const struct qda_line *line, uint32_t place, bool is_end);

#endif
