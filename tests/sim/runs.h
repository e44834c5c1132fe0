/* SPDX-License-Identifier: Apache-2.0
 *
 * runs — many seeds, one worker process a core, and what came of them.
 */
#ifndef TESTS_SIM_RUNS_H
#define TESTS_SIM_RUNS_H

#include "tests/sim/sim.h"

struct run_totals {
    uint64_t seeds, messages, crashes, violations, first_bad;
};

struct run_options {
    uint64_t seeds, first;
    enum mutant mutant;
    bool trace, tap, quiet; /* quiet: bad seeds are counted, not printed */
};

/* One seed, here. Adds to *totals; *ret_violation "": none. */
void run_seed(uint64_t seed, enum mutant mutant, bool tracing, struct run_totals *totals,
              char ret_violation[VIOLATION_BYTES]);
/* All of them. False: a worker did not come to its end, which an assertion in the rules can do. */
bool run_all(const struct run_options *options, struct run_totals *totals);

/* tap.c: the promises, and each mutant, as test cases. `pattern` picks some; NULL: all. */
int run_tap(const char *pattern);

#endif
