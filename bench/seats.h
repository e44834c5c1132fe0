/* SPDX-License-Identifier: Apache-2.0
 *
 * seats — agents at desks, as the sink plays them: each is available when a desk first asks, and
 * from then on goes away and comes back, so many changes a second over all of them, evenly (open
 * loop), once the one who is left in peace has been told to change for the first time.
 */
#ifndef BENCH_SEATS_H
#define BENCH_SEATS_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { SEATS_MAX = 16384, SEAT_JID_BYTES = 128 };

struct seat {
    void *where; /* the desk's connection; NULL: it is gone */
    char agent[SEAT_JID_BYTES], desk[SEAT_JID_BYTES];
    bool away;
};

/* Shows how the seat is now. */
typedef void seats_show_fn(const struct seat *seat);

struct seats {
    seats_show_fn *show;
    unsigned rate;       /* changes a second; 0: none */
    const char *watched; /* the agent who is left in peace; NULL: none is */
    struct seat *all;    /* owned; SEATS_MAX */
    unsigned count, next;
    bool begun;
    uint64_t since_us, changed; /* what is due by now */
};

/* A desk asks for an agent: they sit there from now on, and are shown. */
void seats_asked(struct seats *seats, void *where, struct slice agent, struct slice desk);
void seats_forget(struct seats *seats, const void *where);
/* As many changes as are due since they began. */
void seats_run(struct seats *seats, uint64_t now_us);
/* The agent who is left in peace goes away, or comes back, everywhere; the others begin. */
void seats_toggle_watched(struct seats *seats);

#endif
