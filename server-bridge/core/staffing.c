/* SPDX-License-Identifier: Apache-2.0
 *
 * Staffing: every ten seconds each tenant's desk is looked at, and what is seen adds up to hours:
 * how long it was open, how long somebody took offers, how many agents did, how much they held and
 * how much waited. Looking is cheap and hooks into nothing; ten seconds are the error of an hour.
 * Sums are stored every five minutes: a crash loses no more, and what nobody saw counts as unseen.
 */
#include "server-bridge/core/core.h"

#include "storage/staffing.h"

#include <event2/event.h>
#include <stdlib.h>

enum { EVERY_S = 10, STORE_S = 300 };
static const uint64_t hour_ms = 3600000;

static void on_stored(struct store_bulk *bulk, enum store_outcome outcome)
{
    (void)outcome; /* what could not be stored counts as unseen */
    free(bulk);
}

static void store(struct live_tenant *tenant)
{
    struct staffing_bulk *bulk = malloc(sizeof(*bulk));

    if (bulk != NULL) {
        staffing_bulk_init(bulk, &tenant->staffing);
        bulk->bulk.done = on_stored;
        if (STORE_CALL(tenant->core->store, bulk, &tenant->about.name, &bulk->bulk) != OK)
            free(bulk);
    }
    tenant->staffing = (struct staffing_hour){ .hour = tenant->staffing.hour };
}

static void look(struct live_tenant *tenant, uint64_t hour)
{
    struct chat_counts counts;

    if (tenant->staffing.seen_s >= STORE_S ||
        (tenant->staffing.hour != hour && tenant->staffing.seen_s > 0))
        store(tenant);
    tenant->staffing.hour = hour;
    chat_counts(tenant->chat, &counts);
    staffing_see(&tenant->staffing, &counts, EVERY_S);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
    struct core *core = context;
    uint64_t hour = core_now_ms(core) / hour_ms;

    (void)fd;
    (void)what;
    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next)
        if (tenant->chat != NULL)
            look(tenant, hour);
}

int staffing_start(struct core *core)
{
    static const struct timeval every = { .tv_sec = EVERY_S };

    core->staffing = event_new(core->role->base, -1, EV_PERSIST, on_tick, core);
    if (core->staffing == NULL || event_add(core->staffing, &every) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

/* The writers still work: what was seen since is not lost to a restart. */
void staffing_stop(struct core *core)
{
    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next)
        if (tenant->chat != NULL && tenant->staffing.seen_s > 0)
            store(tenant);
    if (core->staffing != NULL)
        event_free(core->staffing);
    core->staffing = NULL;
}
