/* SPDX-License-Identifier: Apache-2.0
 *
 * lasna_sim [SEEDS] [--first N] [--mutant NAME] [--trace] [--tap]
 *
 * Runs SEEDS seeds from N on. A seed that breaks a promise is printed with the command that
 * tells its whole story; --trace tells one seed's. --tap: as the test cases of ./dev test.
 * Exit: 0 no violation, 1 some, 2 usage.
 */
#include "base/clock.h"
#include "base/log.h"
#include "tests/sim/runs.h"

#include <stdio.h>
#include <stdlib.h>

/* --- telling --- */

static void tell_story(const struct run_options *options, uint64_t seed)
{
    struct run_totals ignored = { 0 };
    char violation[VIOLATION_BYTES];

    (void)printf("the story of seed %llu:\n", (unsigned long long)seed);
    run_seed(seed, options->mutant, true, &ignored, violation);
    (void)printf("seed %llu: %s\n", (unsigned long long)seed,
                 violation[0] == '\0' ? "0 violations" : violation);
}

static int run_plain(const struct run_options *options)
{
    uint64_t began_ms = clock_steady_ms();
    struct run_totals totals = { 0 };
    bool fine;

    if (options->trace) {
        tell_story(options, options->first);
        return 0;
    }
    fine = run_all(options, &totals);
    if (totals.violations > 0)
        (void)printf("its story: lasna_sim --first %llu --trace%s%s\n",
                     (unsigned long long)totals.first_bad,
                     options->mutant == MUTANT_NONE ? "" : " --mutant ",
                     options->mutant == MUTANT_NONE ? "" : mutant_names[options->mutant]);
    if (!fine)
        (void)printf("a run did not come to its end\n");
    (void)printf("%llu seeds, %llu messages, %llu crashes, %llu violations, %.1f s\n",
                 (unsigned long long)totals.seeds, (unsigned long long)totals.messages,
                 (unsigned long long)totals.crashes, (unsigned long long)totals.violations,
                 (double)(clock_steady_ms() - began_ms) / 1000);
    return fine && totals.violations == 0 ? 0 : 1;
}

/* --- options --- */

static int usage(void)
{
    (void)fprintf(stderr, "usage: lasna_sim [SEEDS] [--first N] [--mutant NAME] [--trace] [--tap]\n"
                          "mutants:");
    for (enum mutant mutant = MUTANT_ACK_EARLY; mutant < MUTANT_COUNT; mutant++)
        (void)fprintf(stderr, " %s", mutant_names[mutant]);
    (void)fprintf(stderr, "\n");
    return 2;
}

static bool parse_mutant(const char *name, enum mutant *ret_mutant)
{
    for (enum mutant mutant = MUTANT_NONE; name != NULL && mutant < MUTANT_COUNT; mutant++) {
        if (strcmp(name, mutant_names[mutant]) == 0) {
            *ret_mutant = mutant;
            return true;
        }
    }
    return false;
}

static bool parse_number(const char *text, uint64_t *ret_number)
{
    char *end;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    *ret_number = strtoull(text, &end, 10);
    return *end == '\0';
}

static bool parse(int argc, char **argv, struct run_options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;

        if (strcmp(argv[i], "--tap") == 0) {
            options->tap = true;
        } else if (strcmp(argv[i], "--trace") == 0) {
            options->trace = true;
        } else if (strcmp(argv[i], "--first") == 0) {
            if (!parse_number(next, &options->first))
                return false;
            i++;
        } else if (strcmp(argv[i], "--mutant") == 0) {
            if (!parse_mutant(next, &options->mutant))
                return false;
            i++;
        } else if (!parse_number(argv[i], &options->seeds)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct run_options options = { .seeds = 2000, .first = 1 };

    log_set_level(LOG_ERROR);
    if (!parse(argc, argv, &options))
        return usage();
    return options.tap ? run_tap(NULL) : run_plain(&options);
}
