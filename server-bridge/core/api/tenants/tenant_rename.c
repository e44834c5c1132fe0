/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_rename — a tenant is called otherwise in its addresses, whole or not at all
 * (core/tenant_rename.c). One that is served is closed for the moment it takes; browsers come back
 * by themselves, by the old address too.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/tenants/free_name.h"
#include "server-bridge/core/api/views.h"

#include <stdio.h>

struct renaming {
    struct call *call;
    struct core *core;
    struct tenant_name from, to;
};

/* --- what may not be --- */

static size_t former_count(const struct tenant *about)
{
    size_t count = 0;

    for (const char *at = about->former; at != NULL && *at != '\0'; count++)
        at += strcspn(at, " ") + (at[strcspn(at, " ")] == ' ');
    return count;
}

static bool is_in_the_way(const struct core *core, const struct tenant_name *to)
{
    AUTO_MEM char *folder = NULL;

    if (asprintf(&folder, "%s/%s", core->tenants_folder, to->text) < 0) {
        folder = NULL;
        return true;
    }
    return access(folder, F_OK) == 0;
}

static bool take_name(struct call *call, struct tenant_name *to)
{
    if (tenant_name_parse(body_text(call, "to"), to) == 0)
        return true;
    answer_problem(call, 400, "bad_field",
                   "\"to\" must be 1 to %d of a-z, 0-9 and inner hyphens, and none of the names "
                   "we keep (desk, control, admin, www …).",
                   TENANT_NAME_MAX);
    return false;
}

/* One that is on its way in or out is shut, or about to be, for somebody else. */
static bool is_settled(struct call *call)
{
    const struct tenant *about = &call->tenant->about;

    if (about->state == TENANT_LIVE || about->state == TENANT_DISABLED)
        return true;
    answer_problem(call, 409, "in_progress", "%s is being added or removed right now.",
                   about->name.text);
    return false;
}

/* True: it may be called so. Else the call is answered. */
static bool may_be_called(struct call *call, const struct tenant_name *to)
{
    const struct tenant *about = &call->tenant->about;

    if (tenant_name_equal(&about->name, to)) {
        answer_problem(call, 409, "same_name", "It is called %s already.", to->text);
        return false;
    }
    if (!name_is_free(call, to))
        return false;
    if (former_count(about) >= TENANT_FORMER_MAX && !tenant_was_called(about, slice_of(to->text)))
        answer_problem(call, 409, "too_many", "A tenant keeps at most %d names it had before.",
                       TENANT_FORMER_MAX);
    else if (is_in_the_way(call->core, to))
        answer_problem(call, 409, "folder_exists",
                       "There is a folder %s/%s already: move it away first.",
                       call->core->tenants_folder, to->text);
    else
        return true;
    return false;
}

/* --- it is done --- */

static void answer(struct renaming *renaming, int rc)
{
    struct call *call = renaming->call;
    const struct live_tenant *tenant = tenants_find(call->core, slice_of(renaming->to.text));

    if (rc == DIRECTORY_E_EXISTS) {
        answer_problem(call, 409, "tenant_exists", "There is a tenant %s already.",
                       renaming->to.text);
    } else if (rc != OK || tenant == NULL) {
        answer_failed(call, rc != OK ? rc : RAISE(ERR_BUG));
    } else if (tenant->about.state == TENANT_RENAMING) {
        answer_problem(call, 503, "rename_waits",
                       "It is called %s from now on, but nobody is served yet: not all of it could "
                       "be moved, the log says why. It goes on by itself, after a restart too.",
                       renaming->to.text);
    } else {
        answer_json(call, 200, tenant_view(tenant));
    }
}

/* Known again by whichever name the directory has for it now. */
static void take(struct renaming *renaming, int rc)
{
    struct call *call = renaming->call;
    const struct tenant_name *now = rc == OK ? &renaming->to : &renaming->from;

    if (rc == OK)
        log_event(LOG_INFO, NULL, "tenant.renamed", "tenant=%s from=%s", renaming->to.text,
                  renaming->from.text);
    (void)slice_copy(slice_of(now->text), call->values.tenant, sizeof(call->values.tenant));
    if (tenants_take(renaming->core, now) != OK)
        log_event(LOG_ERROR, NULL, "tenant.unavailable", "tenant=%s", now->text);
    call->tenant = tenants_find(renaming->core, slice_of(now->text));
    answer(renaming, rc);
    free(renaming);
}

static void shut(void *context)
{
    struct renaming *renaming = context;
    struct core *core = renaming->core;
    struct live_tenant *tenant = tenants_find(core, slice_of(renaming->from.text));
    int rc;

    audit_join(renaming->call);
    rc =
        directory_tenant_rename(core->directory, &renaming->from, &renaming->to, core_now_ms(core));
    if (tenant != NULL)
        tenants_drop(tenant);
    take(renaming, rc);
}

static bool keep(struct call *call, const struct tenant_name *to)
{
    if (asprintf(&call->changed, "from=%s to=%s", call->tenant->about.name.text, to->text) < 0)
        call->changed = NULL;
    return call->changed != NULL && call_keep(call, "tenant", to->text);
}

void handle_tenant_rename(struct call *call)
{
    struct renaming *renaming;
    struct tenant_name to;

    if (!take_name(call, &to) || !is_settled(call) || !may_be_called(call, &to))
        return;
    renaming = malloc(sizeof(*renaming));
    if (renaming == NULL || !keep(call, &to)) {
        free(renaming);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    *renaming = (struct renaming){ call, call->core, call->tenant->about.name, to };
    call->tenant->about.state = TENANT_RENAMING;
    tenants_shut(call->tenant, shut, renaming);
}
