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
    answer_json(call, 200, tenant_view(call->tenant));
}
