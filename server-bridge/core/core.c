/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/core.h"

#include "base/clock.h"
#include "base/secret/random.h"
#include "server-bridge/core/files/files.h"

#include <event2/event.h>
#include <stdio.h>

uint64_t core_now_ms(struct core *core)
{
    uint64_t now_ms = clock_now_ms();

    if (now_ms > core->now_ms)
        core->now_ms = now_ms;
    return core->now_ms;
}

uint64_t core_clock_ms(void)
{
    return clock_now_ms();
}

uint64_t core_steady_ms(void)
{
    return clock_steady_ms();
}

static void on_attach(void *context, int fd, enum ipc_role role, const char *tenant, unsigned index)
{
    struct core *core = context;

    switch (role) {
    case IPC_WEB:
    case IPC_CONTROL:
        web_side_attach(core, fd, role, index);
        break;
    case IPC_LINK:
        link_side_attach(core, fd, tenant);
        break;
    case IPC_PROVISION:
        provision_side_attach(core, fd);
        break;
    case IPC_FETCH:
        outward_attach(core, fd);
        break;
    default:
        (void)close(fd);
    }
}

/* Web is gone by now: what is left is to commit what it gave us. Closing the store does. */
static void on_drain(void *context, uint64_t deadline_ms)
{
    struct core *core = context;

    (void)deadline_ms;
    core->draining = true;
    role_stop(core->role);
}

static const struct role_handlers handlers = { .attach = on_attach, .drain = on_drain };

/* A secret of this instance, made the first time it is needed. */
static int load_key(struct core *core, const char *note, struct digest *ret_key)
{
    char text[TOKEN_TEXT_BYTES];
    int rc = directory_note_get(core->directory, note, text, sizeof(text));

    if (rc == DIRECTORY_E_NONE) {
        token_new(text);
        rc = directory_note_set(core->directory, note, text);
    }
    if (rc == OK)
        *ret_key = digest_sha256(slice_of(text));
    return FOLD(rc);
}

/* One for the hash that stands for a visitor's address: the date is mixed in, so that yesterday's
 * hashes match nothing of today. One for the addresses of files, one for orders and the links that
 * ask their buyers. */
static int load_keys(struct core *core)
{
    int rc = load_key(core, "address_key", &core->address_key);

    if (rc == OK)
        rc = load_key(core, "file_key", &core->file_key);
    return rc == OK ? load_key(core, "order_key", &core->order_key) : rc;
}

static int open_memory(struct core *core, const char *data)
{
    int rc = directory_open(&core->directory, data);

    if (rc == DIRECTORY_E_LOCKED) {
        log_event(LOG_ERROR, NULL, "core.locked",
                  "dir=%s remedy=\"another core works on this data: stop it first\"", data);
        return ERR_CONFIG;
    }
    if (rc != OK)
        return FOLD(rc);
    rc = keys_start(core);
    if (rc != OK)
        return rc;
    if (asprintf(&core->tenants_folder, "%s/tenants", data) < 0) {
        core->tenants_folder = NULL;
        return RAISE(ERR_NO_MEMORY);
    }
    rc = store_sqlite_open(&core->store, core->tenants_folder,
                           (unsigned)core->role->settings->storage_writers);
    return rc == OK ? load_keys(core) : FOLD(rc);
}

static int start(struct core *core)
{
    AUTO_MEM char *data = settings_path(core->role->settings, core->role->settings->storage_dir);
    int rc;

    if (data == NULL)
        return RAISE(ERR_NO_MEMORY);
    rc = open_memory(core, data);
    if (rc == OK)
        rc = answers_start(core);
    if (rc == OK)
        rc = snapshots_start(core);
    if (rc == OK)
        rc = work_start(core);
    if (rc == OK)
        rc = provision_start(core);
    if (rc == OK)
        rc = outward_start(core);
    if (rc == OK)
        rc = settings_start(core);
    if (rc == OK)
        rc = uploads_start(core);
    if (rc == OK)
        rc = tenants_start(core);
    if (rc == OK)
        rc = retention_start(core);
    if (rc == OK)
        rc = staffing_start(core);
    if (rc == OK)
        rc = certificates_start(core);
    return rc;
}

static void stop(struct core *core)
{
    certificates_stop(core);
    staffing_stop(core);
    retention_stop(core);
    web_side_stop(core);
    if (core->store != NULL)
        tenants_stop(core);
    provision_stop(core);
    outward_stop(core);
    tenants_end_stop(core);
    tenants_rename_stop(core);
    api_stop(core);
    snapshots_stop(core);
    work_stop(core);
    uploads_stop(core);
    references_stop(core);
    machine_stop(core);
    answers_stop(core);
    core->store = store_free(core->store);
    brands_stop(core);
    free(core->settings);
    free(core->tenants_folder);
    if (core->directory != NULL)
        core->directory = directory_close(core->directory);
}

int core_main(struct role *role)
{
    struct core core = { .role = role,
                         .started_ms = clock_now_ms(),
                         .password_cost = password_cost_now };
    int rc = start(&core);

    if (rc == OK) {
        role_ready(role);
        rc = role_run(role, &handlers, &core);
    }
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "core.failed", "rc=%s", result_name(rc));
    stop(&core);
    return rc == OK ? 0 : 1;
}
