/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/runs.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { WORKERS_MAX = 8 };

/* --- one seed --- */

void run_seed(uint64_t seed, enum mutant mutant, bool tracing, struct run_totals *totals,
              char ret_violation[VIOLATION_BYTES])
{
    struct world *world = malloc(sizeof(*world));

    if (world == NULL)
        abort();
    world_run(world, seed, mutant, tracing);
    totals->seeds++;
    totals->messages += world->messages;
    totals->crashes += world->crashes;
    memcpy(ret_violation, world->violation, VIOLATION_BYTES);
    if (world->violation[0] != '\0' && totals->violations++ == 0)
        totals->first_bad = seed;
    world_release(world);
    free(world);
}

/* --- many, one worker a core --- */

struct report {
    struct run_totals totals;
    char violation[VIOLATION_BYTES];
};

/* A pipe takes reports whole: each is smaller than PIPE_BUF. */
static void work(const struct run_options *options, unsigned worker, unsigned workers, int out)
{
    for (uint64_t i = worker; i < options->seeds; i += workers) {
        struct report report = { .violation = "" };

        run_seed(options->first + i, options->mutant, false, &report.totals, report.violation);
        if (write(out, &report, sizeof(report)) != (ssize_t)sizeof(report))
            _exit(1);
    }
}

static void add(struct run_totals *to, const struct run_totals *more)
{
    if (more->violations > 0 && (to->violations == 0 || more->first_bad < to->first_bad))
        to->first_bad = more->first_bad;
    to->seeds += more->seeds;
    to->messages += more->messages;
    to->crashes += more->crashes;
    to->violations += more->violations;
}

static void progress(const struct run_options *options, const struct run_totals *totals, bool last)
{
    static uint64_t told_ms;
    uint64_t now_ms = clock_steady_ms();

    if (!isatty(STDERR_FILENO) || (!last && now_ms < told_ms + 200))
        return;
    told_ms = now_ms;
    (void)fprintf(stderr, "\r%llu of %llu seeds, %llu messages, %llu violations%s",
                  (unsigned long long)totals->seeds, (unsigned long long)options->seeds,
                  (unsigned long long)totals->messages, (unsigned long long)totals->violations,
                  last ? "\n" : "");
}

static void gather(const struct run_options *options, int in, struct run_totals *totals)
{
    struct report report;

    while (read(in, &report, sizeof(report)) == (ssize_t)sizeof(report)) {
        if (report.totals.violations > 0 && totals->violations < 10 && !options->quiet)
            (void)printf("seed %llu: %s\n", (unsigned long long)report.totals.first_bad,
                         report.violation);
        add(totals, &report.totals);
        progress(options, totals, false);
    }
    progress(options, totals, true);
}

bool run_all(const struct run_options *options, struct run_totals *totals)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned workers = cores < 1 ? 1 : cores > WORKERS_MAX ? WORKERS_MAX : (unsigned)cores;
    bool fine = true;
    int ends[2], status;

    if (pipe(ends) != 0)
        return false;
    (void)fflush(NULL);
    for (unsigned i = 0; i < workers; i++) {
        pid_t child = fork();

        if (child < 0)
            return false;
        if (child > 0)
            continue;
        (void)close(ends[0]);
        work(options, i, workers, ends[1]);
        exit(0);
    }
    (void)close(ends[1]);
    gather(options, ends[0], totals);
    (void)close(ends[0]);
    while (wait(&status) > 0)
        fine = fine && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return fine && totals->seeds == options->seeds;
}
