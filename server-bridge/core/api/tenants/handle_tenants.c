/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

void handle_tenants_list(struct call *call)
{
    json_t *all = json_array();

    for (struct live_tenant *tenant = call->core->tenants; tenant != NULL; tenant = tenant->hh.next)
        (void)json_array_append_new(all, tenant_view(tenant));
    answer_sorted(call, all, "tenant");
}

void handle_tenant_show(struct call *call)
{
    AUTO(tenant_settings) settings = NULL;
    json_t *view = tenant_view(call->tenant);
    int rc = settings_of(call->tenant, NULL, &settings);

    if (rc == OK)
        rc = json_object_set(view, "settings", settings->values) == 0 ? OK : RAISE(ERR_NO_MEMORY);
    if (rc == OK) {
        answer_json(call, 200, view);
        return;
    }
    json_decref(view);
    answer_failed(call, rc);
}
