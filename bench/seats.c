/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/seats.h"

static struct seat *find(struct seats *seats, struct slice agent, struct slice desk)
{
    for (unsigned i = 0; i < seats->count; i++) {
        if (slice_is(agent, seats->all[i].agent) && slice_is(desk, seats->all[i].desk))
            return &seats->all[i];
    }
    return NULL;
}

void seats_asked(struct seats *seats, void *where, struct slice agent, struct slice desk)
{
    struct seat *seat = find(seats, agent, desk);

    if (seat == NULL && seats->count == SEATS_MAX)
        return;
    if (seat == NULL)
        seat = &seats->all[seats->count++];
    *seat = (struct seat){ .where = where };
    (void)slice_copy(agent, seat->agent, sizeof(seat->agent));
    (void)slice_copy(desk, seat->desk, sizeof(seat->desk));
    seats->show(seat);
}

void seats_forget(struct seats *seats, const void *where)
{
    for (unsigned i = 0; i < seats->count; i++) {
        if (seats->all[i].where == where)
            seats->all[i].where = NULL;
    }
}

static bool is_watched(const struct seats *seats, const struct seat *seat)
{
    return seats->watched != NULL && strcmp(seat->agent, seats->watched) == 0;
}

static void change(struct seats *seats, struct seat *seat)
{
    seat->away = !seat->away;
    if (seat->where != NULL)
        seats->show(seat);
}

void seats_run(struct seats *seats, uint64_t now_us)
{
    if (!seats->begun || seats->count == 0) {
        seats->since_us = now_us;
        seats->changed = 0;
        return;
    }
    while (seats->since_us + seats->changed * 1000000 / seats->rate <= now_us) {
        struct seat *seat = &seats->all[seats->next++ % seats->count];

        if (!is_watched(seats, seat))
            change(seats, seat);
        seats->changed++;
    }
}

void seats_toggle_watched(struct seats *seats)
{
    seats->begun = seats->rate > 0;
    for (unsigned i = 0; i < seats->count; i++) {
        if (is_watched(seats, &seats->all[i]))
            change(seats, &seats->all[i]);
    }
}
