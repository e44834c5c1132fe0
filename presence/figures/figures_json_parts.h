/* SPDX-License-Identifier: Apache-2.0
 *
 * figures_json_parts — for the files of the document alone: how one figure is written, and the
 * parts it is made of.
 *
 *     figures_json.c        the document, what it is of, what was read
 *     figures_json_times.c  waits, surveys: what needs no codes
 *     figures_json_desk.c   canned replies, load, agents
 *     figures_json_codes.c  densities and shares, a language at a time
 *     figures_json_sides.c  what both sides do together, a language at a time
 *     figures_json_study.c  functions, word of mouth, the study's check
 */
#ifndef PRESENCE_FIGURES_JSON_PARTS_H
#define PRESENCE_FIGURES_JSON_PARTS_H

#include "presence/figures/figures_json.h"

extern const char *const figure_sides[SIDE_COUNT];

json_t *figure_number(double value); /* six significant digits: more would claim more than anyone
                                        counted; null where there is none */
json_t *figure_count(size_t n);
void figure_set(json_t *object, const char *key, json_t *value);
/* "not told" where the chats say none. */
const char *figures_language_name(const struct figures *figures, size_t language);
void figure_interval(json_t *object, const char *low, const char *high, struct interval of,
                     double scale);
/* A share with its n and interval. */
json_t *figure_share(size_t hits, size_t n);
void figure_set_share(json_t *object, size_t hits, size_t n);

/* A difference of two shares with its interval; null where one has too few. */
json_t *figure_difference(size_t hits, size_t n, size_t other_hits, size_t other_n);
/* Median and 90th percentile. */
json_t *figure_waits(const struct figures_waits *waits);

/* What the machine may not code alone in this language, for a person must: where the machine coded,
 * such codes are not there, which is not the same as none. */
presence_codes figures_withheld(const struct figures_about *about, const char *language);
/* Tells of a figure which of the codes it needs are withheld: "withheld" when all of them are, and
 * then there is no more to say (false); else "without" those. */
bool figure_without(json_t *object, presence_codes needed, presence_codes withheld);

json_t *figures_canned_json(const struct figures *figures);
json_t *figures_load_json(const struct figures *figures);
json_t *figures_agents_json(const struct figures *figures, const struct figures_about *about);
json_t *figures_times_json(const struct figures *figures);
json_t *figures_csat_json(const struct figures *figures);
json_t *figures_nps_json(const struct figures *figures);
json_t *figures_effort_json(const struct figures *figures);
json_t *figures_language_json(const struct figures *figures, size_t language,
                              const struct figures_about *about);
json_t *figures_completeness_json(const struct figures *figures, size_t language,
                                  presence_codes withheld);
json_t *figures_trajectory_json(const struct figures *figures, size_t language,
                                presence_codes withheld);
json_t *figures_reciprocity_json(const struct figures *figures, size_t language);
json_t *figures_functions_json(const struct figures *figures);
json_t *figures_channel_json(const struct figures *figures);
json_t *figures_word_of_mouth_json(const struct figures *figures, size_t language,
                                   presence_codes withheld);
json_t *figures_study_json(const struct figures *figures, size_t language, presence_codes withheld);

#endif
