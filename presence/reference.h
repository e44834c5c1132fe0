/* SPDX-License-Identifier: Apache-2.0
 *
 * reference — the machine coder measured against conversations somebody else has coded.
 *
 * A reference is JSON lines, one conversation each: { "lang", "turns": [ { "role", "text",
 * "origin"?, "name"?, "reply_to"?, "codes": […], "disputed"?: […] } ] }; "messages" and "from" do
 * as well, as in exported transcripts. A code is its id, or { "code": id } with anything beside it.
 * Codes that are disputed count as not judged, and so do messages without "codes". Whether the
 * other coder was a person is for the caller to say; a file does not tell.
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

/* Adds the conversations of a text. Lines that are none, or hold what is no role or no code, are
 * told in `problems`, by number, and left out; returns OK all the same. */
int reference_add(struct reference *reference, struct slice text, struct buf *problems) MUST_CHECK;
size_t reference_count(const struct reference *reference);

/* The languages in it, each once, by name; borrowed. Of conversations that do not tell theirs, the
 * one they were read in, once they were measured. */
enum { REFERENCE_LANGUAGES_MAX = 16 };
size_t reference_languages(const struct reference *reference,
                           const char *languages[REFERENCE_LANGUAGES_MAX]);

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
/* The class table as it ships with the rules (presence/classes.h), capped by what the code book
 * expects. Worth something only on conversations no rule was written with: these are measured as
 * they are, without folds. */
int reference_classes(const struct reference *reference, struct presence_coder *coder,
                      const char *rules_version, struct buf *to) MUST_CHECK;

/* Messages where reference and machine differ on a code, to look at. */
int reference_differences(const struct reference *reference, struct presence_coder *coder,
                          enum presence_code code, struct buf *to) MUST_CHECK;

#endif
