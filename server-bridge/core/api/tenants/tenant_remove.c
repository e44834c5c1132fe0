/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_remove — everything of a tenant goes, for good (core/tenant_end.c); the answer is a
 * certificate of what went. Disabling keeps all and serves nobody.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/tenants/turn.h"
#include "server-bridge/core/api/views.h"

#include "storage/counts.h"

#include <inttypes.h>
#include <stdio.h>

struct removing {
    struct call *call;
    json_t *certificate;
};

/* What there is, before it goes. A database that cannot be read is deleted all the same. */
static json_t *certify(struct call *call)
{
    const struct tenant *about = &call->tenant->about;
    struct store_counts counts = { 0 };
    bool counted = store_counts(call->core->store, &about->name, &counts) == OK;
    char text[160] = "database unreadable";

    if (counted)
        (void)snprintf(text, sizeof(text),
                       "conversations=%" PRIu64 " messages=%" PRIu64 " visitors=%" PRIu64,
                       counts.conversations, counts.messages, counts.visitors);
    call->changed = strdup(text);
    return json_pack("{s:s, s:o, s:s, s:s, s:o, s:s, s:b, s:I, s:I, s:I}", "tenant",
                     about->name.text, "former_names", json_words(about->former), "name",
                     about->title, "domain", about->domain, "created_at",
                     json_time_or_null(about->created_ms), "by", call->caller.who, "counted",
                     counted, "conversations", (json_int_t)counts.conversations, "messages",
                     (json_int_t)counts.messages, "visitors", (json_int_t)counts.visitors);
}

static void gone(void *context, bool done, const char *reason)
{
    struct removing *removing = context;
    struct call *call = removing->call;
    json_t *certificate = removing->certificate;

    call->tenant = NULL; /* it is gone */
    free(removing);
    if (!done) {
        json_decref(certificate);
        answer_problem(call, 502, "removal_waits",
                       "Nobody is served any more, but the rest waits: %s. It goes on by itself, "
                       "after a restart too.",
                       reason);
        return;
    }
    (void)json_object_set_new(certificate, "removed_at",
                              json_time_or_null(core_now_ms(call->core)));
    answer_json(call, 200, certificate);
}

static void begin(struct call *call)
{
    struct removing *removing = calloc(1, sizeof(*removing));
    int rc = ERR_NO_MEMORY;

    if (removing != NULL && call_keep(call, "tenant", call->tenant->about.name.text)) {
        *removing = (struct removing){ call, certify(call) };
        rc = tenants_end(call->core, &call->tenant->about, gone, removing);
    }
    if (rc == OK)
        return;
    if (removing != NULL)
        json_decref(removing->certificate);
    free(removing);
    answer_failed(call, rc);
}

void handle_tenant_remove(struct call *call)
{
    if (tenants_is_ending(call->core, &call->tenant->about.name))
        answer_problem(call, 409, "in_progress", "%s is being removed already.",
                       call->tenant->about.name.text);
    else
        begin(call);
}

static bool move(struct call *call, enum tenant_state state)
{
    struct tenant *about = &call->tenant->about;
    int rc;

    audit_join(call);
    rc = directory_tenant_state(call->core->directory, &about->name, state);
    if (rc != OK) {
        answer_failed(call, rc);
        return false;
    }
    about->state = state;
    return true;
}

void handle_tenant_disable(struct call *call)
{
    if (call->tenant->about.state == TENANT_LIVE) {
        if (!move(call, TENANT_DISABLED))
            return;
        tenants_shut(call->tenant, NULL, NULL);
    }
    answer_json(call, 200, tenant_view(call->tenant));
}

/* Its turn has come; meanwhile it may be called otherwise, enabled by somebody else, or gone, or be
 * on its way to any of it. */
static void enable(void *context)
{
    struct call *call = context;
    int rc = OK;

    call->tenant = tenants_called(call->core, slice_of(call->values.tenant));
    if (call->tenant == NULL || call->tenant->about.state == TENANT_REMOVING) {
        answer_not_found(call, "tenant");
        return;
    }
    if (call->tenant->about.state == TENANT_RENAMING) {
        answer_renaming(call);
        return;
    }
    if (call->tenant->about.state == TENANT_DISABLED) {
        if (!move(call, TENANT_LIVE))
            return;
        rc = tenants_resume(call->tenant);
    }
    if (rc == OK)
        answer_json(call, 200, tenant_view(call->tenant));
    else
        answer_tenant_unavailable(call);
}

static void forget(void *context)
{
    (void)context; /* it stays disabled */
}

void handle_tenant_enable(struct call *call)
{
    if (call->tenant->about.state == TENANT_DISABLED)
        turn_take(call, call->tenant->about.name.text, enable, forget, call);
    else
        answer_json(call, 200, tenant_view(call->tenant));
}
