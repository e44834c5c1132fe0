/* SPDX-License-Identifier: Apache-2.0
 *
 * keys — the core opens what is sealed at rest: the instance's key when it starts, a tenant's when
 * that is served (docs/adr/0019-a-key-per-tenant.md).
 *
 * Another instance's key comes in three steps, too: it lies beside the one of before, the tenants'
 * keys are sealed by it in one commit, it takes its place. What they are sealed by tells a start
 * which of the two counts.
 *
 * A tenant's secrets lie in two databases, so another key comes in three commits: the directory has
 * both keys and seals by the new one; the tenant's own database follows; the old key goes. Whatever
 * a kill leaves between them opens, and is gone on with when the tenant is opened the next time. A
 * home of before, or a backup that was put back, comes to its keys the same way.
 */
#include "server-bridge/core/core.h"

#include "storage/directory/tenant_keys.h"
#include "storage/hooks.h"

/* --- the instance's --- */

static int missing(const char *path)
{
    log_event(LOG_ERROR, NULL, "core.no_key",
              "path=%s remedy=\"the tenants' secrets are sealed with it: put it back, or restore a "
              "backup into an empty folder\"",
              path);
    return ERR_CONFIG;
}

static int read_or_make(struct core *core, const char *path, struct instance_key *ret_key)
{
    bool sealed = false;
    int rc = instance_key_read(path, ret_key);

    if (rc != INSTANCE_KEY_E_NONE)
        return rc;
    rc = directory_is_sealed(core->directory, &sealed);
    if (rc == OK && sealed)
        return missing(path);
    return rc == OK ? instance_key_make(path, ret_key) : rc;
}

/* A kill came while another key was to take its place. */
static int finish_renewal(struct core *core, const char *path)
{
    struct instance_key next = { .mark = "" };
    bool counts = false;
    int rc = instance_key_read_next(path, &next);

    if (rc == INSTANCE_KEY_E_NONE)
        return OK;
    if (rc == OK)
        rc = directory_is_sealed_by(core->directory, &next, &counts);
    instance_key_wipe(&next);
    if (rc == OK && counts)
        return instance_key_replace(path);
    if (rc == OK)
        instance_key_drop_next(path);
    return rc;
}

static int unlock(struct core *core, const char *path)
{
    struct instance_key key = { .mark = "" };
    int rc = finish_renewal(core, path);

    if (rc == OK)
        rc = read_or_make(core, path, &key);
    if (rc == OK)
        rc = directory_unlock(core->directory, &key);
    if (rc == DIRECTORY_E_WRONG_KEY) {
        log_event(LOG_ERROR, NULL, "core.wrong_key",
                  "path=%s mark=%s remedy=\"it is not the key this data was sealed with: put that "
                  "one back, or restore a backup into an empty folder\"",
                  path, key.mark);
        rc = ERR_CONFIG;
    }
    instance_key_wipe(&key);
    return FOLD(rc);
}

static char *key_path(const struct core *core)
{
    return settings_path(core->role->settings, core->role->settings->storage_key_file);
}

int keys_start(struct core *core)
{
    AUTO_MEM char *path = key_path(core);

    if (path == NULL)
        return RAISE(ERR_NO_MEMORY);
    instance_key_tidy(path);
    return unlock(core, path);
}

/* Where the commit failed nobody knows but the disk whether it counts: then the next key stays, and
 * the next start finds out. */
static int renew(struct core *core, const char *path)
{
    struct instance_key next = { .mark = "" };
    int rc = finish_renewal(core, path);

    if (rc == OK)
        rc = instance_key_prepare(path, &next);
    if (rc == OK)
        rc = directory_rekey(core->directory, &next);
    instance_key_wipe(&next);
    if (rc == DIRECTORY_E_SEALED)
        instance_key_drop_next(path);
    return rc == OK ? instance_key_replace(path) : rc;
}

int keys_renew(struct core *core)
{
    AUTO_MEM char *path = key_path(core);

    return path == NULL ? RAISE(ERR_NO_MEMORY) : renew(core, path);
}

/* --- a tenant's --- */

int keys_check(struct live_tenant *tenant)
{
    AUTO_BUF problems;
    int rc;

    buf_init(&problems, 4096);
    rc = directory_keys_check(tenant->core->directory, &tenant->about.name, &problems);
    if (rc != DIRECTORY_E_SEALED)
        return rc;
    log_event(LOG_ERROR, &tenant->log, "tenant.sealed",
              "remedy=\"lasnactl verify tells what does not open; restore a backup\"");
    return RAISE(ERR_CORRUPT);
}

struct settling {
    struct hooks_sealing sealing; /* first */
    struct core *core;
    struct tenant_name tenant;
};

/* It may be called otherwise by now; then whoever opened it anew has settled it already, or not. */
void keys_settled(struct core *core, const struct tenant_name *tenant, uint64_t version)
{
    const struct live_tenant *now = tenants_called(core, slice_of(tenant->text));
    int rc;

    if (now != NULL)
        tenant = &now->about.name;
    rc = hooks_forget_log(core->store, tenant);

    if (rc == OK)
        rc = directory_keys_settled(core->directory, tenant, version);
    if (rc != OK) /* a key too many, or words in the log: at the next start */
        log_event(LOG_WARNING, NULL, "keys.not_settled", "tenant=%s rc=%d", tenant->text, rc);
}

static void on_sealed(struct store_bulk *bulk, enum store_outcome outcome)
{
    struct settling *settling = (struct settling *)bulk;

    if (outcome == STORE_DONE)
        keys_settled(settling->core, &settling->tenant, settling->sealing.keys.version);
    tenant_keys_wipe(&settling->sealing.keys);
    free(settling);
}

static int seal_all(struct live_tenant *tenant, const struct tenant_keys *keys)
{
    struct settling *settling = calloc(1, sizeof(*settling));
    int rc;

    if (settling == NULL)
        return RAISE(ERR_NO_MEMORY);
    hooks_sealing_init(&settling->sealing, keys);
    settling->core = tenant->core;
    settling->tenant = tenant->about.name;
    settling->sealing.bulk.done = on_sealed;
    rc = STORE_CALL(tenant->core->store, bulk, &tenant->about.name, &settling->sealing.bulk);
    if (rc != OK)
        on_sealed(&settling->sealing.bulk, STORE_FAILED);
    return rc;
}

void keys_settle(struct live_tenant *tenant, const struct tenant_keys *keys)
{
    bool stale = false;
    int rc = hooks_are_stale(tenant->core->store, &tenant->about.name, keys, &stale);

    if (rc == OK && stale)
        rc = seal_all(tenant, keys);
    else if (rc == OK && keys->count > 1)
        keys_settled(tenant->core, &tenant->about.name, keys->version);
    if (rc != OK)
        log_event(LOG_WARNING, &tenant->log, "keys.not_settled", "rc=%d", rc);
}
