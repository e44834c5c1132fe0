/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/tenants/free_name.h"

#include "server-bridge/core/api/answer.h"

bool name_is_free(struct call *call, const struct tenant_name *name)
{
    const struct slice text = { name->text, strlen(name->text) };
    const struct live_tenant *whose = tenants_called(call->core, text);

    if (call_is_busy(call->core, "tenant", name->text) || tenants_is_ending(call->core, name))
        answer_problem(call, 409, "in_progress", "%s is being added, renamed or removed right now.",
                       name->text);
    else if (whose != NULL && tenant_name_equal(&whose->about.name, name))
        answer_problem(call, 409, "tenant_exists", "There is a tenant %s already.", name->text);
    else if (whose != NULL && whose != call->tenant)
        answer_problem(
            call, 409, "name_kept",
            "%s is what %s was called before, and stays its own: old snippets lead there.",
            name->text, whose->about.name.text);
    else
        return true;
    return false;
}
