/* SPDX-License-Identifier: Apache-2.0
 *
 * Retention: once an hour, and whenever a tenant's settings change, the words of conversations
 * that ended longer ago than the tenant keeps them go, and whose the answers of buyers were, a few
 * hundred conversations at a time between the words of those who chat. Under a legal hold nothing
 * goes. What was answered to requests that may come again goes after its day, whoever asked.
 */
#include "server-bridge/core/core.h"

#include "storage/directory/kept_answers.h"
#include "storage/retention.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

enum { EVERY_S = 3600 };
static const uint64_t day_ms = 86400000;

struct fade {
    struct fading fading;
    struct core *core;
    struct tenant_name tenant;
    uint64_t total, buyers;
};

static void submit(struct fade *fade);

static void finish(struct fade *fade)
{
    if (fade->total + fade->buyers > 0) {
        log_event(LOG_INFO, NULL, "retention.faded",
                  "tenant=%s conversations=%" PRIu64 " buyers=%" PRIu64, fade->tenant.text,
                  fade->total, fade->buyers);
        /* Busy: a report reads; the next commit that checkpoints takes the rest along. */
        (void)STORE_CALL(fade->core->store, scrub, &fade->tenant);
    }
    free(fade);
}

static void on_faded(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct fade *fade = (struct fade *)bulk;

    if (outcome == STORE_DONE) {
        fade->total += fade->fading.conversations;
        fade->buyers += fade->fading.buyers;
    }
    if (outcome == STORE_DONE &&
        (fade->fading.conversations == FADE_AT_ONCE || fade->fading.buyers == FADE_AT_ONCE))
        submit(fade);
    else
        finish(fade);
}

static void submit(struct fade *fade)
{
    fading_init(&fade->fading, fade->fading.before_ms, fade->fading.now_ms);
    fade->fading.bulk.done = on_faded;
    if (STORE_CALL(fade->core->store, bulk, &fade->tenant, &fade->fading.bulk) != OK)
        finish(fade);
}

void retention_run(struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;
    uint64_t now_ms = core_now_ms(tenant->core), keep_ms;
    struct fade *fade;

    if (tenant->chat == NULL || settings_of(tenant, NULL, &settings) != OK)
        return;
    keep_ms = settings->retention_days * day_ms;
    if (keep_ms == 0 || settings->retention_hold || keep_ms > now_ms)
        return;
    fade = calloc(1, sizeof(*fade));
    if (fade == NULL)
        return;
    fade->core = tenant->core;
    fade->tenant = tenant->about.name;
    fade->fading.before_ms = now_ms - keep_ms;
    fade->fading.now_ms = now_ms;
    submit(fade);
}

static void on_hour(evutil_socket_t fd, short what, void *context)
{
    struct core *core = context;

    (void)fd;
    (void)what;
    if (directory_answers_expire(core->directory, core_now_ms(core)) != OK)
        log_event(LOG_WARNING, NULL, "retention.answers_left", "");
    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next)
        retention_run(tenant);
}

int retention_start(struct core *core)
{
    static const struct timeval hour = { .tv_sec = EVERY_S };

    core->hourly = event_new(core->role->base, -1, EV_PERSIST, on_hour, core);
    if (core->hourly == NULL || event_add(core->hourly, &hour) != 0)
        return RAISE(ERR_NO_MEMORY);
    on_hour(-1, EV_TIMEOUT, core);
    return OK;
}

void retention_stop(struct core *core)
{
    if (core->hourly != NULL)
        event_free(core->hourly);
    core->hourly = NULL;
}
