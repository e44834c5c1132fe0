/* SPDX-License-Identifier: Apache-2.0
 *
 * transcript_reading — for the files of transcript_read.h alone: one line on its way in.
 *
 *     transcript_read.c    the whole, ids, the head; what members may be called
 *     transcript_parts.c   messages, events, notes
 */
#ifndef STORAGE_TRANSCRIPT_READING_H
#define STORAGE_TRANSCRIPT_READING_H

#include "storage/transcripts/transcript_read.h"

enum {
    PARTS_MAX = 100000,
    DETAILS_FIRST = 3 /* of the events; before them: tags, survey, attributes */
};

struct reading {
    json_t *json;
    const struct tenant_name *tenant;
    struct transcript *to;
    struct buf *problem;
    struct slice agent_name; /* of a set that names its agent once, at the top */
};

/* Says why in `problem`; returns TRANSCRIPT_E_REFUSED. */
int reading_refuse(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* By any of its names ("from role"); NULL: missing, or null. */
json_t *reading_member(const json_t *object, const char *names);
/* SLICE_NONE: it is no text. */
struct slice reading_text(const json_t *value);
/* A short text that must be one when it is there: names, languages, outcomes. */
int reading_label(struct reading *reading, const json_t *object, const char *names,
                  struct slice *ret);
int reading_time(struct reading *reading, const json_t *object, const char *names,
                 uint64_t *ret_ms);
/* Stable: the same words give the same id, other tenants' other ones. */
struct id reading_made_id(const struct tenant_name *tenant, const char *kind, struct slice of);
/* JSON we shall hand out again as it is: kept as text, the caller's. */
char *reading_kept(const json_t *value);

int reading_messages(struct reading *reading);
int reading_events(struct reading *reading, const json_t *list, const json_t *agents);
int reading_notes(struct reading *reading);

#endif
