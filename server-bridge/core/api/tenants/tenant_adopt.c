/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_adopt — a tenant of another server becomes known here. Its data lies in its folder
 * already, put there by `lasnactl tenant import`; what makes it a tenant is one commit to the
 * directory, so a kill leaves it known, whole and disabled, or unknown, and its folder to the next
 * import.
 *
 * Its host lives below our chat domain from now on. The XMPP server is told when it is enabled, as
 * of any host it does not know.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/tenants/free_name.h"
#include "server-bridge/core/api/tenants/turn.h"
#include "server-bridge/core/api/views.h"

#include "storage/backup/record.h"

#include <stdio.h>

static char *record_of(struct core *core, const struct tenant_name *name)
{
    char *path = NULL;

    return asprintf(&path, "%s/%s/record.db", core->tenants_folder, name->text) < 0 ? NULL : path;
}

static int adopt(struct call *call, const struct tenant_name *name, struct buf *problem)
{
    struct core *core = call->core;
    AUTO_MEM char *path = record_of(core, name);
    AUTO_MEM char *domain = NULL;
    int rc;

    if (asprintf(&domain, "%s.%s", name->text, core->role->settings->xmpp_chat_domain) < 0)
        domain = NULL;
    if (path == NULL || domain == NULL)
        return RAISE(ERR_NO_MEMORY);
    audit_join(call);
    rc = record_adopt(core->directory, path, name, domain, problem);
    if (rc != OK)
        return rc;
    if (unlink(path) != 0)
        log_event(LOG_WARNING, NULL, "tenant.record_left", "path=%s", path);
    return tenants_take(core, name);
}

static void answer(struct call *call, const struct tenant_name *name, int rc,
                   const struct buf *problem)
{
    const struct live_tenant *tenant = tenants_find(call->core, slice_of(name->text));

    if (rc == OK && tenant != NULL) {
        log_event(LOG_INFO, &tenant->log, "tenant.adopted", "sites=%zu", tenant->about.site_count);
        answer_json(call, 201, tenant_view(tenant));
    } else if (rc == RECORD_E_EXISTS) {
        answer_problem(call, 409, "tenant_exists",
                       "A site's key or a token of %s belongs to another tenant here.", name->text);
    } else if (rc == RECORD_E_REFUSED) {
        answer_problem(call, 409, "bad_record",
                       "The record of %s says what cannot be: %.*s Nothing was taken over.",
                       name->text, SLICE_ARG(buf_slice(problem)));
    } else if (rc == RECORD_E_NONE) {
        answer_problem(call, 409, "nothing_to_adopt",
                       "No data of %s waits in the data folder: `lasnactl tenant import` puts it "
                       "there.",
                       name->text);
    } else {
        answer_failed(call, rc != OK ? rc : RAISE(ERR_BUG));
    }
}

/* False: the body names none, and the call is answered. */
static bool take_name(struct call *call, struct tenant_name *ret_name)
{
    if (tenant_name_parse(body_text(call, "tenant"), ret_name) == 0)
        return true;
    answer_problem(call, 400, "bad_field", "\"tenant\" is no tenant's name.");
    return false;
}

/* Its turn has come; the name was held for it. */
static void begin(void *context)
{
    struct call *call = context;
    struct tenant_name name;
    AUTO_BUF problem;

    buf_init(&problem, 1024);
    if (take_name(call, &name))
        answer(call, &name, adopt(call, &name, &problem), &problem);
}

static void forget(void *context)
{
    (void)context; /* its data waits where it is */
}

void handle_tenant_adopt(struct call *call)
{
    struct tenant_name name;

    if (take_name(call, &name) && name_is_free(call, &name))
        turn_take(call, name.text, begin, forget, call);
}
