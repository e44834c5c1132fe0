/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulator as test cases: the rules keep their promises, and each rule broken on purpose
 * is seen.
 */
#include "tests/sim/runs.h"

#include <stdio.h>

enum { TAP_SEEDS = 200, MUTANT_SEEDS = 100, NAME_BYTES = 96 };

struct tap {
    const char *pattern; /* NULL: all */
    unsigned number;
    bool fine;
};

static bool is_wanted(const struct tap *tap, const char *name)
{
    return tap->pattern == NULL || strstr(name, tap->pattern) != NULL;
}

static void say(struct tap *tap, const char *name, bool holds)
{
    (void)printf("%sok %u - %s\n", holds ? "" : "not ", ++tap->number, name);
    tap->fine = tap->fine && holds;
}

static void rules(struct tap *tap)
{
    static const char *const name = "rules__through_200_seeds_of_bad_weather__keep_their_promises";
    const struct run_options options = { .seeds = TAP_SEEDS, .first = 1 };
    struct run_totals totals = { 0 };

    if (is_wanted(tap, name))
        say(tap, name, run_all(&options, &totals) && totals.violations == 0);
}

static void same_seed(struct tap *tap)
{
    static const char *const name = "simulator__given_the_same_seed_again__does_the_same";
    struct run_totals first = { 0 }, second = { 0 };
    char violation[VIOLATION_BYTES];

    if (!is_wanted(tap, name))
        return;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        run_seed(seed, MUTANT_NONE, false, &first, violation);
        run_seed(seed, MUTANT_NONE, false, &second, violation);
    }
    say(tap, name,
        first.messages == second.messages && first.crashes == second.crashes &&
            first.messages > 0 && first.crashes > 0);
}

static void caught(struct tap *tap, enum mutant mutant)
{
    char name[NAME_BYTES], violation[VIOLATION_BYTES] = "";
    struct run_totals totals = { 0 };

    (void)snprintf(name, sizeof(name), "simulator__of_the_mutant_%s__sees_it_within_100_seeds",
                   mutant_names[mutant]);
    if (!is_wanted(tap, name))
        return;
    while (totals.violations == 0 && totals.seeds < MUTANT_SEEDS)
        run_seed(totals.seeds + 1, mutant, false, &totals, violation);
    (void)printf("# %s, after %llu seeds: %s\n", mutant_names[mutant],
                 (unsigned long long)totals.seeds, violation);
    say(tap, name, totals.violations > 0);
}

int run_tap(const char *pattern)
{
    struct tap tap = { .pattern = pattern, .fine = true };

    rules(&tap);
    same_seed(&tap);
    for (enum mutant mutant = MUTANT_ACK_EARLY; mutant < MUTANT_COUNT; mutant++)
        caught(&tap, mutant);
    (void)printf("1..%u\n", tap.number);
    return tap.fine ? 0 : 1;
}
