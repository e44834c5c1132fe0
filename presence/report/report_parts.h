/* SPDX-License-Identifier: Apache-2.0
 *
 * report_parts — for the files that make pages of a JSON document: reading it, small pieces of
 * page.
 */
#ifndef PRESENCE_REPORT_PARTS_H
#define PRESENCE_REPORT_PARTS_H

#include "presence/report/page.h"
#include "presence/report/report.h"
#include "presence/report/svg.h"

/* Members by path, "times.response"; missing ones are 0, "", false. */
const json_t *part(const json_t *object, const char *path);
double part_number(const json_t *object, const char *path);
const char *part_text(const json_t *object, const char *path);
bool part_is(const json_t *object, const char *path);

void put_text(struct buf *to, const char *text); /* escaped */
void put_number(struct buf *to, double value);
void put_percent(struct buf *to, double share); /* of 1 */
/* "24 %, 95 % interval 21–28": a share object; "too few (n = 12)" where it is. */
void put_share(struct buf *to, const json_t *share);
void put_share_cells(struct buf *to, const json_t *share); /* <td>s: share, interval, n */
void put_share_cell(struct buf *to, const json_t *share);  /* one <td>: the interval below, and n */
void put_difference(struct buf *to, const json_t *difference);      /* in percentage points */
void put_difference_cell(struct buf *to, const json_t *difference); /* the same without the words */
/* "+2.0 (−7.6 to +9.5)", each so many times what it is. */
void put_signed_interval(struct buf *to, const json_t *of, const char *value, double scale,
                         int digits);
void put_duration(struct buf *to, double seconds);

/* Which codes are missing of the figure, since a person must code them. False: all of them are, and
 * it says "WHAT a person must code". */
bool put_without(struct buf *to, const json_t *figure, const char *what);

/* A table's head from titles separated by '|'; a title that begins with '#' is of numbers. */
void begin_table(struct buf *to, const char *titles);
void end_table(struct buf *to);
void cell_number(struct buf *to, double value);
void cell_interval(struct buf *to, const json_t *of); /* its "low" to its "high" */
void cell_few(struct buf *to, int columns);           /* "too few", over so many of them */
void cell_density(struct buf *to, const json_t *of);  /* one: its interval below */
void cell_text(struct buf *to, const char *text);
/* A name, and below it what it means. */
void cell_named(struct buf *to, const char *name, const char *meaning);

/* Which side is which mark. */
void put_legend(struct buf *to);
/* "Finnish"; a language without a name here by its tag. */
const char *language_name(const char *tag);

/* report.c: the most important at a glance, waits, surveys. */
void report_tiles(struct buf *to, const json_t *document);
void report_times(struct buf *to, const json_t *document);
void report_surveys(struct buf *to, const json_t *document);
/* report_staffing.c: offers, and how the desk was staffed. */
void report_staffing(struct buf *to, const json_t *document);
/* report_effect.c: purchases after chats, and buyers who chatted beside those who did not. */
void report_effect(struct buf *to, const json_t *document);
/* report_desk.c: canned replies, chats in hand, agents. */
void report_desk(struct buf *to, const json_t *document);
/* Median and 90th percentile with their intervals, n, and of how many chats: six cells in a row. */
void put_waits(struct buf *to, const json_t *waits);

/* report_presence.c: everything that rests on codes. */
void report_presence(struct buf *to, const json_t *document);
/* report_sides.c: what both sides do together, in one language. */
void report_sides(struct buf *to, const json_t *language);
/* report_study.c: word of mouth and the study's check, of one language; functions. */
void report_language_study(struct buf *to, const json_t *language);
void report_functions(struct buf *to, const json_t *document);
void report_channel(struct buf *to, const json_t *document); /* needs no codes */

#endif
