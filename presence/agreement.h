/* SPDX-License-Identifier: Apache-2.0
 *
 * agreement — how far coders agree on who said what, with honest intervals.
 *
 * A unit is one message; a coder is the machine, a person, or "adjudicated". Each coder says for
 * each code present, absent, or nothing. What two coders are measured on is what both judged.
 *
 *     percent     agreeing units ÷ units
 *     prevalence  units the first coder marks ÷ units
 *     κ           Cohen 1960: (po − pe) ÷ (1 − pe)
 *     AC1         Gwet 2008: as κ, with another pe, which rare codes do not push towards 1
 *     α           Krippendorff 2004, nominal, any number of coders, missing judgements allowed
 *     precision, recall, F1   of the second coder (the machine) against the first (the reference)
 *
 * Intervals are 95 % percentiles of a bootstrap over conversations, not messages: messages of one
 * conversation are alike, and resampling them apart would make every interval too narrow. The
 * draws come from a seed, so the same data give the same interval. A measure that is not defined
 * (nobody marked anything) is NAN, and an interval of which a twentieth of the draws are undefined
 * is NAN on both sides.
 */
#ifndef PRESENCE_AGREEMENT_H
#define PRESENCE_AGREEMENT_H

#include "presence/coder/coder.h"

struct agreement; /* opaque */

enum { AGREEMENT_MAX_CODERS = 8, AGREEMENT_RESAMPLES = 2000 };

/* What one coder says of one message. */
struct agreement_rating {
    presence_codes judged; /* of these codes they said something … */
    presence_codes marked; /* … namely that these are present */
};

/* Two coders on one code, in messages. */
struct agreement_counts {
    double both, first_only, second_only, neither;
};

struct agreement_measure {
    double value, low, high;
};

struct agreement_query {
    enum presence_code code;
    const char *language; /* borrowed; never pool languages */
    int role;             /* enum presence_role; -1: visitor and agent together */
    size_t first, second; /* coders: the reference, and who is measured against it */
    uint64_t seed;
};

struct agreement_result {
    size_t units, marked, conversations; /* as they were judged, whatever their weight; marked: by
                                            the first coder */
    struct agreement_counts counts;      /* weighted */
    double prevalence;
    struct agreement_measure percent, kappa, ac1, alpha, precision, recall, f1;
};

int agreement_new(struct agreement **ret_agreement, size_t coders) MUST_CHECK;
struct agreement *agreement_free(struct agreement *agreement);
DEFINE_AUTO(agreement)

/* Units of one conversation are added one after another, under the same number; language has at
 * most 7 characters. `ratings` has one entry a coder. */
int agreement_add(struct agreement *agreement, size_t conversation, const char *language,
                  enum presence_role role, const struct agreement_rating *ratings) MUST_CHECK;

/* What is added from here on was drawn into this stratum of a sample, and each unit stands for
 * `weight` of its kind: measures are those of what was drawn from, and intervals come of draws
 * within each stratum. At first: stratum 0, weight 1, which is no sample. */
void agreement_drawn(struct agreement *agreement, size_t stratum, double weight);
/* Of the stratum only some chats could be added: they stand for the others, too. */
void agreement_scale(struct agreement *agreement, size_t stratum, double factor);

/* α is of all coders; everything else of the two named. */
int agreement_measure(const struct agreement *agreement, const struct agreement_query *query,
                      struct agreement_result *ret_result) MUST_CHECK;

/* A: κ's lower bound is .70 or more. B: κ is .40 or more. H: else, and where κ is undefined. With
 * fewer than AGREEMENT_LEAST messages marked by the first coder, never A: an interval drawn from
 * three messages that all agree has no width, and means nothing. */
enum { AGREEMENT_LEAST = 5 };
enum presence_class agreement_class(const struct agreement_result *result);

/* The formulas themselves. NAN where undefined. */
double agreement_percent(const struct agreement_counts *counts);
double agreement_prevalence(const struct agreement_counts *counts);
double agreement_kappa(const struct agreement_counts *counts);
double agreement_ac1(const struct agreement_counts *counts);
double agreement_precision(const struct agreement_counts *counts);
double agreement_recall(const struct agreement_counts *counts);
double agreement_f1(const struct agreement_counts *counts);

/* α's ingredients, which add up over units. */
struct agreement_coincidences {
    double ones, zeros; /* judgements that can be paired */
    double mixed;       /* pairs of a one and a zero, each unit's weighed by 1 ÷ (coders − 1) */
};
void agreement_coincide(struct agreement_coincidences *sum, size_t ones, size_t zeros);
double agreement_alpha(const struct agreement_coincidences *sum);

#endif
