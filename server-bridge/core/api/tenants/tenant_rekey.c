/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_rekey — another key for a tenant, and all its secrets sealed by it: the secrets stay what
 * they are, so nobody notices. For when a copy of the home, or a key, came into wrong hands.
 *
 * core/keys.c tells the order of its steps, and who goes on with them after a kill. Asked again, it
 * goes on with them, too, before it would make a third key.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/tenants/snapshot_job.h"
#include "server-bridge/core/api/writing.h"

#include "storage/directory/tenant_keys.h"
#include "storage/hooks.h"

struct rekeying {
    struct hooks_sealing sealing; /* first */
    struct core *core;
    struct tenant_name tenant;
};

static void release(void *job)
{
    struct rekeying *rekeying = job;

    tenant_keys_wipe(&rekeying->sealing.keys);
    free(rekeying);
}

static void on_sealed(void *job)
{
    struct rekeying *rekeying = job;

    keys_settled(rekeying->core, &rekeying->tenant, rekeying->sealing.keys.version);
}

static void answer(struct call *call, void *job)
{
    const struct rekeying *rekeying = job;

    answer_json(call, 200,
                json_pack("{s:s, s:I}", "tenant", rekeying->tenant.text, "version",
                          (json_int_t)rekeying->sealing.keys.version));
}

static const struct writing_way rekeying_way = {
    answer, release, on_sealed,
    "Its webhooks' secrets could not be sealed anew; ask again, or it is gone on with at the next "
    "start. Both keys hold until then."
};

static bool may_rekey(struct call *call)
{
    if (call->tenant->about.state != TENANT_LIVE)
        answer_problem(call, 409, "disabled",
                       "%s is disabled, and its database closed: enable it first.",
                       call->tenant->about.name.text);
    else if (snapshots_are_copying(call->core, &call->tenant->about.name))
        answer_problem(call, 409, "in_progress", "%s is being copied for a backup: ask again.",
                       call->tenant->about.name.text);
    else
        return true;
    return false;
}

/* Two are there already: what an earlier call began is brought to its end. */
static int renew(struct call *call, struct tenant_keys *ret_keys)
{
    struct directory *directory = call->core->directory;
    const struct tenant_name *tenant = &call->tenant->about.name;
    int rc = directory_keys_get(directory, tenant, ret_keys);

    if (rc != OK || ret_keys->count > 1)
        return rc;
    audit_join(call);
    rc = directory_keys_renew(directory, tenant);
    return rc == OK ? directory_keys_get(directory, tenant, ret_keys) : rc;
}

void handle_tenant_rekey(struct call *call)
{
    struct rekeying *rekeying;
    struct tenant_keys keys = { .count = 0 };
    int rc;

    if (!may_rekey(call))
        return;
    rekeying = calloc(1, sizeof(*rekeying));
    rc = rekeying == NULL ? RAISE(ERR_NO_MEMORY) : renew(call, &keys);
    if (rc == OK) {
        hooks_sealing_init(&rekeying->sealing, &keys);
        rekeying->core = call->core;
        rekeying->tenant = call->tenant->about.name;
        writing_begin(call, &rekeying->tenant, &rekeying->sealing.bulk, rekeying, &rekeying_way);
    } else if (rc == DIRECTORY_E_SEALED) {
        answer_problem(call, 409, "sealed",
                       "A secret of %s does not open: `lasnactl verify` tells which.",
                       call->tenant->about.name.text);
    } else {
        answer_failed(call, FOLD(rc));
    }
    if (rc != OK)
        free(rekeying);
    tenant_keys_wipe(&keys);
}

/* --- the instance's --- */

void handle_rekey(struct call *call)
{
    int rc;

    if (snapshots_are_copying(call->core, NULL)) {
        answer_problem(call, 409, "in_progress", "A backup is being made: ask again.");
        return;
    }
    rc = keys_renew(call->core);
    if (rc == OK)
        answer_json(call, 200,
                    json_pack("{s:s}", "mark", directory_key(call->core->directory)->mark));
    else if (rc == DIRECTORY_E_SEALED)
        answer_problem(call, 409, "sealed",
                       "A tenant's key does not open: `lasnactl verify` tells whose.");
    else
        answer_failed(call, rc);
}
