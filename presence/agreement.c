/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/agreement.h"

#include "base/grow.h"
#include "base/secret/random.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

struct unit {
    size_t conversation, stratum;
    double weight;
    enum presence_role role;
    char language[8];
    struct agreement_rating ratings[AGREEMENT_MAX_CODERS];
};

struct agreement {
    size_t coders;
    size_t stratum; /* of what is added */
    double weight;
    struct unit *units; /* owned */
    size_t count, cap;
};

/* What one conversation adds to every sum. Sums over conversations are all that is needed, so a
 * resample costs no more than drawing and adding. */
struct share {
    struct agreement_counts counts;
    struct agreement_coincidences coincidences;
    size_t stratum, units, marked;
};

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

static double total(const struct agreement_counts *c)
{
    return c->both + c->first_only + c->second_only + c->neither;
}

double agreement_percent(const struct agreement_counts *counts)
{
    return 100 * ratio(counts->both + counts->neither, total(counts));
}

double agreement_prevalence(const struct agreement_counts *counts)
{
    return ratio(counts->both + counts->first_only, total(counts));
}

double agreement_kappa(const struct agreement_counts *c)
{
    double n = total(c), agreed = ratio(c->both + c->neither, n);
    double first = ratio(c->both + c->first_only, n), second = ratio(c->both + c->second_only, n);
    double by_chance = first * second + (1 - first) * (1 - second);

    return ratio(agreed - by_chance, 1 - by_chance);
}

double agreement_ac1(const struct agreement_counts *c)
{
    double n = total(c), agreed = ratio(c->both + c->neither, n);
    double marked = ratio(2 * c->both + c->first_only + c->second_only, 2 * n);
    double by_chance = 2 * marked * (1 - marked);

    return ratio(agreed - by_chance, 1 - by_chance);
}

double agreement_precision(const struct agreement_counts *counts)
{
    return ratio(counts->both, counts->both + counts->second_only);
}

double agreement_recall(const struct agreement_counts *counts)
{
    return ratio(counts->both, counts->both + counts->first_only);
}

double agreement_f1(const struct agreement_counts *c)
{
    return ratio(2 * c->both, 2 * c->both + c->first_only + c->second_only);
}

void agreement_coincide(struct agreement_coincidences *sum, size_t ones, size_t zeros)
{
    if (ones + zeros < 2)
        return; /* nothing to pair it with */
    sum->ones += (double)ones;
    sum->zeros += (double)zeros;
    sum->mixed += (double)(ones * zeros) / (double)(ones + zeros - 1);
}

double agreement_alpha(const struct agreement_coincidences *sum)
{
    double n = sum->ones + sum->zeros, expected = ratio(sum->ones * sum->zeros, n - 1);

    return 1 - ratio(sum->mixed, expected);
}

int agreement_new(struct agreement **ret_agreement, size_t coders)
{
    struct agreement *agreement = calloc(1, sizeof(*agreement));

    assert(coders >= 2 && coders <= AGREEMENT_MAX_CODERS);
    if (agreement == NULL)
        return RAISE(ERR_NO_MEMORY);
    agreement->coders = coders;
    agreement->weight = 1;
    *ret_agreement = agreement;
    return OK;
}

struct agreement *agreement_free(struct agreement *agreement)
{
    if (agreement != NULL)
        free(agreement->units);
    free(agreement);
    return NULL;
}

void agreement_drawn(struct agreement *agreement, size_t stratum, double weight)
{
    agreement->stratum = stratum;
    agreement->weight = weight;
}

void agreement_scale(struct agreement *agreement, size_t stratum, double factor)
{
    for (size_t i = 0; i < agreement->count; i++)
        if (agreement->units[i].stratum == stratum)
            agreement->units[i].weight *= factor;
}

int agreement_add(struct agreement *agreement, size_t conversation, const char *language,
                  enum presence_role role, const struct agreement_rating *ratings)
{
    struct unit *unit;

    if (GROW(agreement->units, agreement->count, &agreement->cap) != OK)
        return ERR_NO_MEMORY;
    unit = &agreement->units[agreement->count];
    *unit = (struct unit){ .conversation = conversation,
                           .stratum = agreement->stratum,
                           .weight = agreement->weight,
                           .role = role };
    if (!slice_copy(slice_of(language), unit->language, sizeof(unit->language)))
        return RAISE(ERR_LIMIT);
    memcpy(unit->ratings, ratings, agreement->coders * sizeof(*ratings));
    agreement->count++;
    return OK;
}

static bool is_asked(const struct unit *unit, const struct agreement_query *query)
{
    return (query->role < 0 || (int)unit->role == query->role) &&
           strcmp(unit->language, query->language) == 0;
}

static void count_pair(struct share *share, bool first, bool second, double weight)
{
    share->counts.both += weight * (first && second);
    share->counts.first_only += weight * (first && !second);
    share->counts.second_only += weight * (!first && second);
    share->counts.neither += weight * (!first && !second);
    share->units++;
    share->marked += first;
}

static void count_unit(const struct agreement *agreement, const struct unit *unit,
                       const struct agreement_query *query, struct share *share)
{
    const struct agreement_rating *first = &unit->ratings[query->first];
    const struct agreement_rating *second = &unit->ratings[query->second];
    presence_codes bit = PRESENCE_CODE_BIT(query->code);
    struct agreement_coincidences pairs = { 0, 0, 0 };
    size_t ones = 0, judged = 0;

    if ((first->judged & second->judged & bit) != 0)
        count_pair(share, (first->marked & bit) != 0, (second->marked & bit) != 0, unit->weight);
    for (size_t i = 0; i < agreement->coders; i++) {
        bool said = (unit->ratings[i].judged & bit) != 0;

        judged += said;
        ones += said && (unit->ratings[i].marked & bit) != 0;
    }
    agreement_coincide(&pairs, ones, judged - ones);
    share->coincidences.ones += unit->weight * pairs.ones;
    share->coincidences.zeros += unit->weight * pairs.zeros;
    share->coincidences.mixed += unit->weight * pairs.mixed;
}

static int by_stratum(const void *a, const void *b)
{
    size_t left = ((const struct share *)a)->stratum, right = ((const struct share *)b)->stratum;

    return (left > right) - (left < right);
}

/* What was not drawn by strata keeps its order, and so its resamples. */
static bool is_stratified(const struct share *shares, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (shares[i].stratum != shares[0].stratum)
            return true;
    return false;
}

/* One share a conversation that has a unit asked for; those of a stratum stand together. The caller
 * owns *ret_shares. */
static int make_shares(const struct agreement *agreement, const struct agreement_query *query,
                       struct share **ret_shares, size_t *ret_count)
{
    struct share *shares = calloc(agreement->count + 1, sizeof(*shares));
    size_t count = 0, open = SIZE_MAX;

    if (shares == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t i = 0; i < agreement->count; i++) {
        const struct unit *unit = &agreement->units[i];

        if (!is_asked(unit, query))
            continue;
        if (unit->conversation != open)
            count++;
        open = unit->conversation;
        shares[count - 1].stratum = unit->stratum;
        count_unit(agreement, unit, query, &shares[count - 1]);
    }
    if (count > 1 && is_stratified(shares, count))
        qsort(shares, count, sizeof(*shares), by_stratum);
    *ret_shares = shares;
    *ret_count = count;
    return OK;
}

static void add_share(struct share *sum, const struct share *share)
{
    sum->counts.both += share->counts.both;
    sum->counts.first_only += share->counts.first_only;
    sum->counts.second_only += share->counts.second_only;
    sum->counts.neither += share->counts.neither;
    sum->coincidences.ones += share->coincidences.ones;
    sum->coincidences.zeros += share->coincidences.zeros;
    sum->coincidences.mixed += share->coincidences.mixed;
    sum->units += share->units;
    sum->marked += share->marked;
}

enum { PERCENT, KAPPA, AC1, ALPHA, PRECISION, RECALL, F1, MEASURES };

static void measure(const struct share *sum, double values[MEASURES])
{
    values[PERCENT] = agreement_percent(&sum->counts);
    values[KAPPA] = agreement_kappa(&sum->counts);
    values[AC1] = agreement_ac1(&sum->counts);
    values[ALPHA] = agreement_alpha(&sum->coincidences);
    values[PRECISION] = agreement_precision(&sum->counts);
    values[RECALL] = agreement_recall(&sum->counts);
    values[F1] = agreement_f1(&sum->counts);
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

/* The 2.5th and 97.5th percentile of the draws that are defined, by nearest rank. */
static void interval(double *draws, size_t count, struct agreement_measure *measure_)
{
    size_t defined = 0;

    for (size_t i = 0; i < count; i++) {
        if (!isnan(draws[i]))
            draws[defined++] = draws[i];
    }
    measure_->low = measure_->high = NAN;
    if (isnan(measure_->value) || defined * 20 < count * 19)
        return;
    qsort(draws, defined, sizeof(*draws), ascending);
    measure_->low = draws[(size_t)(0.025 * (double)(defined - 1) + 0.5)];
    measure_->high = draws[(size_t)(0.975 * (double)(defined - 1) + 0.5)];
}

/* As many conversations as each stratum has, drawn from it with replacement. */
static void draw(const struct share *shares, size_t count, struct prng *prng, struct share *sum)
{
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin + 1; end < count && shares[end].stratum == shares[begin].stratum;)
            end++;
        for (size_t i = begin; i < end; i++)
            add_share(sum, &shares[begin + prng_below(prng, end - begin)]);
    }
}

static int resample(const struct share *shares, size_t count, uint64_t seed,
                    struct agreement_measure *measures[MEASURES])
{
    double *draws = malloc(MEASURES * AGREEMENT_RESAMPLES * sizeof(*draws));
    struct prng prng = prng_seeded(seed);

    if (draws == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (size_t r = 0; r < AGREEMENT_RESAMPLES; r++) {
        struct share sum = { 0 };
        double values[MEASURES];

        draw(shares, count, &prng, &sum);
        measure(&sum, values);
        for (size_t m = 0; m < MEASURES; m++)
            draws[m * AGREEMENT_RESAMPLES + r] = values[m];
    }
    for (size_t m = 0; m < MEASURES; m++)
        interval(draws + m * AGREEMENT_RESAMPLES, AGREEMENT_RESAMPLES, measures[m]);
    free(draws);
    return OK;
}

int agreement_measure(const struct agreement *agreement, const struct agreement_query *query,
                      struct agreement_result *ret_result)
{
    struct agreement_result result = { 0 };
    struct agreement_measure *measures[MEASURES] = {
        &result.percent,   &result.kappa,  &result.ac1, &result.alpha,
        &result.precision, &result.recall, &result.f1,
    };
    AUTO_MEM struct share *shares = NULL;
    struct share sum = { 0 };
    double values[MEASURES];
    int rc = make_shares(agreement, query, &shares, &result.conversations);

    if (rc != OK)
        return TRACE(rc);
    for (size_t i = 0; i < result.conversations; i++)
        add_share(&sum, &shares[i]);
    measure(&sum, values);
    for (size_t m = 0; m < MEASURES; m++)
        measures[m]->value = values[m];
    result.counts = sum.counts;
    result.units = sum.units;
    result.marked = sum.marked;
    result.prevalence = agreement_prevalence(&sum.counts);
    rc = resample(shares, result.conversations, query->seed, measures);
    if (rc == OK)
        *ret_result = result;
    return rc;
}

enum presence_class agreement_class(const struct agreement_result *result)
{
    if (result->kappa.low >= 0.70 && result->marked >= AGREEMENT_LEAST) /* false when NAN */
        return PRESENCE_CLASS_A;
    return result->kappa.value >= 0.40 ? PRESENCE_CLASS_B : PRESENCE_CLASS_H;
}
