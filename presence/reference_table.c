/* SPDX-License-Identifier: Apache-2.0 */
#include "presence/reference.h"

#include "presence/coder/coder_state.h"

#include <math.h>
#include <stdio.h>

enum { SEED = 1 };

/* A measure between 0 and 1 as ".83", "-" when undefined. */
static const char *number(double value, char text[16])
{
    if (isnan(value))
        return "-";
    (void)snprintf(text, 16, "%.2f", value);
    return text;
}

static void add_line(struct buf *to, const char *language, const char *role,
                     enum presence_code code, const struct agreement_result *plain,
                     const struct agreement_result *folds)
{
    char t[9][16];

    buf_addf(to, "%-14s %-2s %-8s %5zu %5.0f %6.1f %6s  %5s [%5s, %5s] %6s %6s %6s %6s  %5s  %c\n",
             presence_code_row(code)->id, language, role, plain->units,
             plain->counts.both + plain->counts.first_only, plain->percent.value,
             number(plain->prevalence, t[0]), number(plain->kappa.value, t[1]),
             number(plain->kappa.low, t[2]), number(plain->kappa.high, t[3]),
             number(plain->alpha.value, t[4]), number(plain->precision.value, t[5]),
             number(plain->recall.value, t[6]), number(plain->f1.value, t[7]),
             number(folds->kappa.value, t[8]), presence_class_letter(agreement_class(plain)));
}

static int add_code(struct buf *to, const struct agreement *plain, const struct agreement *folds,
                    const char *language, enum presence_code code)
{
    static const char *const roles[] = { "both", "visitor", "agent" };

    for (int role = -1; role <= PRESENCE_AGENT; role++) {
        struct agreement_query query = { .code = code,
                                         .language = language,
                                         .role = role,
                                         .first = REFERENCE_CODER,
                                         .second = MACHINE_CODER,
                                         .seed = SEED };
        struct agreement_result result, folded;
        int rc = agreement_measure(plain, &query, &result);

        if (rc == OK)
            rc = agreement_measure(folds, &query, &folded);
        if (rc != OK)
            return TRACE(rc);
        if (result.units > 0)
            add_line(to, language, roles[role + 1], code, &result, &folded);
    }
    return OK;
}

int reference_table(const struct reference *reference, struct presence_coder *coder, struct buf *to)
{
    const char *languages[REFERENCE_LANGUAGES_MAX];
    AUTO(agreement) plain = NULL;
    AUTO(agreement) folds = NULL;
    size_t count;
    int rc = reference_measure(reference, coder, false, &plain);

    if (rc == OK)
        rc = reference_measure(reference, coder, true, &folds);
    buf_addf(to, "%-14s %-2s %-8s %5s %5s %6s %6s  %5s %16s %6s %6s %6s %6s  %5s  %s\n", "code", "",
             "role", "n", "ref", "%", "prev", "kappa", "95 %", "alpha", "prec", "recall", "F1",
             "10f", "class");
    count = reference_languages(reference, languages);
    for (size_t l = 0; l < count; l++) {
        for (unsigned code = 0; rc == OK && code < PRESENCE_CODE_COUNT; code++)
            rc = add_code(to, plain, folds, languages[l], (enum presence_code)code);
    }
    return rc;
}

static int add_class(struct buf *to, const struct agreement *agreement, const char *language,
                     enum presence_code code)
{
    const struct presence_code_row *row = presence_code_row(code);
    struct agreement_query query = { .code = code,
                                     .language = language,
                                     .role = -1,
                                     .first = REFERENCE_CODER,
                                     .second = MACHINE_CODER,
                                     .seed = SEED };
    struct agreement_result result;
    enum presence_class measured;
    char t[3][16];
    int rc = agreement_measure(agreement, &query, &result);

    if (rc != OK || result.units == 0)
        return rc;
    measured = agreement_class(&result);
    buf_addf(to, "%s\t%s\t%c\t%c\t%s\t%s\t%s\t%zu\t%.0f\n", language, row->id,
             presence_class_letter(measured > row->expected ? measured : row->expected),
             presence_class_letter(measured), number(result.kappa.value, t[0]),
             number(result.kappa.low, t[1]), number(result.kappa.high, t[2]), result.units,
             result.counts.both + result.counts.first_only);
    return OK;
}

/* Of other languages nothing is coded, so nothing is measured. */
static bool has_rules_for(const struct presence_rules *rules, const char *language)
{
    for (size_t i = 0; i < rules->language_count; i++)
        if (strcmp(rules->languages[i], language) == 0)
            return true;
    return false;
}

int reference_classes(const struct reference *reference, struct presence_coder *coder,
                      const char *rules_version, struct buf *to)
{
    const char *languages[REFERENCE_LANGUAGES_MAX];
    AUTO(agreement) agreement = NULL;
    size_t count;
    int rc = reference_measure(reference, coder, false, &agreement);

    buf_addf(to, "rules\t%s\nlanguage\tcode\tclass\tmeasured\tkappa\tlow\thigh\tmessages\tmarked\n",
             rules_version);
    count = reference_languages(reference, languages);
    for (size_t l = 0; l < count; l++) {
        bool counts = has_rules_for(coder->rules, languages[l]);

        for (unsigned code = 0; rc == OK && counts && code < PRESENCE_CODE_COUNT; code++)
            rc = add_class(to, agreement, languages[l], (enum presence_code)code);
    }
    return rc;
}
