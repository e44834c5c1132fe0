/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/certificates.h"

#include "base/grow.h"
#include "server-bridge/core/core.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

static const uint64_t day_ms = 86400000;

static void release(struct certificate_seen *seen)
{
    free(seen->name);
    free(seen->file);
    free(seen->names);
    free(seen->negotiated);
    free(seen->problem);
    free(seen->warning);
}

static void forget(struct certificates *all)
{
    for (size_t i = 0; i < all->count; i++)
        release(&all->items[i]);
    all->count = 0;
}

int64_t certificate_days_left(const struct certificate_seen *seen, uint64_t now_ms)
{
    if (seen->expires_ms <= now_ms)
        return -1 - (int64_t)((now_ms - seen->expires_ms) / day_ms);
    return (int64_t)((seen->expires_ms - now_ms) / day_ms);
}

static void warn(struct certificate_seen *seen, uint64_t now_ms)
{
    int64_t days = certificate_days_left(seen, now_ms);

    if (!seen->served || days >= CERTIFICATE_WARN_DAYS ||
        (seen->warned_ms != 0 && now_ms - seen->warned_ms < day_ms))
        return;
    seen->warned_ms = now_ms;
    log_event(days < 0 ? LOG_ERROR : LOG_WARNING, NULL,
              days < 0 ? "tls.expired" : "tls.expires_soon",
              "name=%s file=%s days_left=%" PRId64 " remedy=\"renew it, then reload\"", seen->name,
              seen->file, days);
}

static bool copy(struct certificate_seen *to, const struct ipc_certificate_seen *from)
{
    to->name = slice_dup(from->name);
    to->file = slice_dup(from->file);
    to->names = slice_dup(from->names);
    to->negotiated = slice_dup(from->negotiated);
    to->problem = slice_dup(from->problem);
    to->warning = slice_dup(from->warning);
    to->served = from->served;
    to->chain = from->chain;
    to->expires_ms = from->expires_ms;
    return to->name != NULL && to->file != NULL && to->names != NULL && to->negotiated != NULL &&
           to->problem != NULL && to->warning != NULL;
}

void certificates_seen(struct core *core, const struct ipc_certificate_seen *seen)
{
    struct certificates *all = &core->certificates;
    struct certificate_seen one = { .chain = 0 };

    if (seen->first)
        forget(all);
    if (!copy(&one, seen) || GROW(all->items, all->count, &all->cap) != OK) {
        release(&one);
        return;
    }
    warn(&one, core_now_ms(core));
    all->items[all->count++] = one;
}

static void on_hour(evutil_socket_t fd, short what, void *context)
{
    struct core *core = context;

    (void)fd;
    (void)what;
    for (size_t i = 0; i < core->certificates.count; i++)
        warn(&core->certificates.items[i], core_now_ms(core));
}

int certificates_start(struct core *core)
{
    static const struct timeval hour = { .tv_sec = 3600 };

    core->certificates.hourly = event_new(core->role->base, -1, EV_PERSIST, on_hour, core);
    if (core->certificates.hourly == NULL || event_add(core->certificates.hourly, &hour) != 0)
        return RAISE(ERR_NO_MEMORY);
    return OK;
}

void certificates_stop(struct core *core)
{
    if (core->certificates.hourly != NULL)
        event_free(core->certificates.hourly);
    forget(&core->certificates);
    free(core->certificates.items);
    core->certificates = (struct certificates){ .count = 0 };
}
