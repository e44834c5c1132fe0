/* SPDX-License-Identifier: Apache-2.0
 *
 * transcript_read — a transcript from elsewhere, understood: the document that transcript.h
 * writes (docs/transcript.md), or the looser lines of research sets, whose words are:
 *
 *     messages | turns     language | lang     from | role     at | ts | time     name | who
 *     outcome | completion
 *
 * Ids that are ours stay; any other text becomes an id made of the tenant's name and itself, so
 * that the same line read twice is known again. Times may be RFC 3339 (without a zone: UTC) or
 * Unix seconds or milliseconds; an unknown time is 0. Nothing is guessed: an unknown role, a
 * text that is no text, a wrong seq refuse the whole line and say why.
 */
#ifndef STORAGE_TRANSCRIPT_READ_H
#define STORAGE_TRANSCRIPT_READ_H

#include "base/buf.h"
#include "base/format/json.h"
#include "base/secret/digest.h"
#include "storage/transcripts/revisions.h"

enum { TRANSCRIPT_TEXT_MAX = 200000 /* code points of one message */ };

/* All slices borrow from the JSON it was read from. */
struct transcript {
    struct slice source;  /* the id as it stood there */
    struct digest digest; /* of the whole line, whatever the order of its members */
    struct stored_conversation about;
    struct stored_message *messages; /* owned; in order, seq from 1 */
    size_t message_count;
    struct stored_revision *revisions; /* owned; by seq */
    size_t revision_count;
    struct stored_event *events; /* owned */
    size_t event_count;
    struct stored_note *notes; /* owned */
    size_t note_count;
    char **details; /* owned: what the events' details point into */
};

enum { TRANSCRIPT_E_REFUSED = 1 };

/* May tidy the JSON on the way (texts are brought to NFC); it must outlive the transcript.
 * TRANSCRIPT_E_REFUSED: why stands in `problem`. */
int transcript_read(json_t *json, const struct tenant_name *tenant, struct transcript *ret,
                    struct buf *problem) MUST_CHECK;
void transcript_release(struct transcript *transcript);

/* The id a conversation has here that is called `source` elsewhere, or in our own letters. */
struct conversation_id transcript_conversation_id(const struct tenant_name *tenant,
                                                  struct slice source);

#endif
