/* SPDX-License-Identifier: Apache-2.0
 *
 * reference — the machine coder measured against conversations somebody else has coded.
 *
 * A reference is JSON lines, one conversation each: { "lang", "turns": [ { "role", "text",
 * "origin"?, "name"?, "codes": […], "disputed"?: […] } ] }; "messages" and "from" do as well, as
 * in exported transcripts. Codes that are disputed count as not judged. Whether the other coder was
 * a person is for the caller to say; a file does not tell.
 *
 * Besides the plain figures, cross-validated ones: conversations are dealt into ten folds; for each
 * fold the rules that were wrong more often than right in the other nine are switched off, and the
 * fold is coded by the rest. That tests which rules we keep, not the writing of them, which was
 * done with the tuning sets in sight: only conversations never looked at can test that.
 */
#ifndef PRESENCE_REFERENCE_H
#define PRESENCE_REFERENCE_H

#include "presence/agreement.h"

struct reference; /* opaque: conversations as somebody coded them */

int reference_new(struct reference **ret_reference) MUST_CHECK;
struct reference *reference_free(struct reference *reference);
DEFINE_AUTO(reference)

/* Adds the conversations of a text. Lines that are none are told in `problems`, by number, and
 * left out; returns OK all the same. */
int reference_add(struct reference *reference, struct slice text, struct buf *problems) MUST_CHECK;
size_t reference_count(const struct reference *reference);

enum { REFERENCE_FOLDS = 10 };

/* Who is who in what the following give: the reference first, then the machine. */
enum { REFERENCE_CODER, MACHINE_CODER };

/* The machine's codes beside the reference's. With `folds`, cross-validated. The coder is used up
 * to the switching off of rules, and has all of them on again at the end. */
int reference_measure(const struct reference *reference, struct presence_coder *coder, bool folds,
                      struct agreement **ret_agreement) MUST_CHECK;

/* The agreement table, for people: a line per code, language and role. */
int reference_table(const struct reference *reference, struct presence_coder *coder,
                    struct buf *to) MUST_CHECK;
/* The class table as it ships with the rules (presence/classes.h): from the cross-validated
 * figures, capped by what the code book expects. */
int reference_classes(const struct reference *reference, struct presence_coder *coder,
                      const char *rules_version, struct buf *to) MUST_CHECK;

/* Messages where reference and machine differ on a code, to look at. */
int reference_differences(const struct reference *reference, struct presence_coder *coder,
                          enum presence_code code, struct buf *to) MUST_CHECK;

#endif
