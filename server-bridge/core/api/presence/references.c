/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/presence/references.h"

#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"

#include <utlist.h>

enum {
    HELD_MAX = 8,                      /* of all tenants; the one longest untouched goes */
    HELD_MAX_BYTES = 32 * 1024 * 1024, /* of one */
    HELD_MS = 10 * 60 * 1000,
};

struct held_reference {
    struct held_reference *next, *prev; /* touched last: at the end */
    struct tenant_name tenant;
    struct id id;
    struct buf lines;
    uint64_t touched_ms; /* steady */
};

static void drop(struct core *core, struct held_reference *held)
{
    DL_DELETE(core->references, held);
    buf_release(&held->lines);
    free(held);
}

void references_stop(struct core *core)
{
    while (core->references != NULL)
        drop(core, core->references);
}

/* Those nobody goes on with, and as many more as makes room for one. */
static void make_room(struct core *core)
{
    struct held_reference *held, *next;
    size_t count = 0;

    DL_FOREACH_SAFE(core->references, held, next)
    {
        if (held->touched_ms + HELD_MS < core_steady_ms())
            drop(core, held);
        else
            count++;
    }
    if (count >= HELD_MAX)
        drop(core, core->references);
}

static struct held_reference *begin(struct core *core, const struct tenant_name *tenant)
{
    struct held_reference *held = calloc(1, sizeof(*held));

    if (held == NULL)
        return NULL;
    make_room(core);
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
        if (id_equal(held->id, id) && strcmp(held->tenant.text, tenant->text) == 0)
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
    lines = slice_dup(buf_slice(&held->lines));
    drop(core, held);
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
        drop(call->core, held);
        answer_problem(call, 413, "too_large", "A reference may have %d MiB.",
                       HELD_MAX_BYTES / (1024 * 1024));
        return;
    }
    held->touched_ms = core_steady_ms();
    DL_DELETE(call->core->references, held);
    DL_APPEND(call->core->references, held);
    answer_json(call, 200,
                json_pack("{s:o, s:I}", "reference", json_id(held->id), "bytes",
                          (json_int_t)held->lines.len));
}
