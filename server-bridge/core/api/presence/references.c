/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/references.h"

#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"

#include <event2/event.h>
#include <utlist.h>

enum {
    HELD_MAX = 8,                      /* of all tenants; the one longest untouched goes … */
    HELD_OF_TENANT_MAX = 2,            /* … but nobody takes the place of another's by many */
    HELD_MAX_BYTES = 32 * 1024 * 1024, /* of one */
    HELD_S = 10 * 60,                  /* since it was last added to */
};

struct held_reference {
    struct held_reference *next, *prev; /* touched last: at the end */
    struct core *core;
    struct tenant_name tenant;
    struct id id;
    struct buf lines;
    struct event *expiry;
};

static void drop(struct held_reference *held)
{
    DL_DELETE(held->core->references, held);
    event_free(held->expiry);
    buf_release(&held->lines);
    free(held);
}

static void on_expired(evutil_socket_t fd, short what, void *held)
{
    (void)fd;
    (void)what;
    drop(held);
}

void references_forget(struct core *core, const struct tenant_name *tenant)
{
    struct held_reference *held, *next;

    DL_FOREACH_SAFE(core->references, held, next)
    {
        if (tenant_name_equal(&held->tenant, tenant))
            drop(held);
    }
}

void references_stop(struct core *core)
{
    while (core->references != NULL)
        drop(core->references);
}

/* For one more: the tenant's own gives way before another's does. */
static void make_room(struct core *core, const struct tenant_name *tenant)
{
    struct held_reference *held, *own = NULL;
    size_t count = 0, own_count = 0;

    DL_FOREACH(core->references, held)
    {
        count++;
        if (!tenant_name_equal(&held->tenant, tenant))
            continue;
        own_count++;
        if (own == NULL)
            own = held;
    }
    if (own_count >= HELD_OF_TENANT_MAX)
        drop(own);
    else if (count >= HELD_MAX)
        drop(core->references);
}

/* At the end of the list, with all its time before it. */
static void touch(struct held_reference *held)
{
    static const struct timeval kept = { .tv_sec = HELD_S };

    (void)event_add(held->expiry, &kept);
    DL_DELETE(held->core->references, held);
    DL_APPEND(held->core->references, held);
}

static struct held_reference *begin(struct core *core, const struct tenant_name *tenant)
{
    struct held_reference *held = calloc(1, sizeof(*held));

    if (held == NULL)
        return NULL;
    held->expiry = evtimer_new(core->role->base, on_expired, held);
    if (held->expiry == NULL) {
        free(held);
        return NULL;
    }
    make_room(core, tenant);
    held->core = core;
    held->tenant = *tenant;
    held->id = id_new();
    buf_init(&held->lines, HELD_MAX_BYTES);
    DL_APPEND(core->references, held);
    return held;
}

static struct held_reference *find(struct core *core, const struct tenant_name *tenant,
                                   struct slice text)
{
    struct held_reference *held;
    struct id id;

    if (id_parse(text, &id) != 0)
        return NULL;
    DL_FOREACH(core->references, held)
    {
        if (id_equal(held->id, id) && tenant_name_equal(&held->tenant, tenant))
            return held;
    }
    return NULL;
}

char *references_take(struct core *core, const struct tenant_name *tenant, struct slice id)
{
    struct held_reference *held = find(core, tenant, id);
    char *lines;

    if (held == NULL)
        return NULL;
    lines = held->lines.data; /* not a copy: it may be long */
    buf_init(&held->lines, 0);
    drop(held);
    return lines;
}

void handle_presence_reference_add(struct call *call)
{
    const struct tenant_name *tenant = &call->tenant->about.name;
    struct slice id = body_text(call, "reference");
    struct held_reference *held =
        id.len > 0 ? find(call->core, tenant, id) : begin(call->core, tenant);

    if (held == NULL && id.len > 0) {
        answer_not_found(call, "reference");
        return;
    }
    if (held == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    buf_add_slice(&held->lines, body_text(call, "lines"));
    if (buf_failed(&held->lines)) {
        drop(held);
        answer_problem(call, 413, "too_large", "A reference may have %d MiB.",
                       HELD_MAX_BYTES / (1024 * 1024));
        return;
    }
    touch(held);
    answer_json(call, 200,
                json_pack("{s:o, s:I}", "reference", json_id(held->id), "bytes",
                          (json_int_t)held->lines.len));
}
