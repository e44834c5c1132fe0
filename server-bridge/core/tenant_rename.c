/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant gets another name. The directory says so first, in one commit with a mark; whatever
 * kills us before leaves the old name, whatever kills us after it the new one. What else bears the
 * name follows before anybody is served: now, at the next try, or at the next start.
 *
 *     closed ─▶ directory, marked ─▶ ledger ─▶ folder ─▶ the XMPP server's file ─▶ mark gone ─▶
 * open
 *
 * The address on the XMPP server stays: agents' rosters and histories hang on it. So do the former
 * names, for snippets and signatures of then bear them, and no other tenant ever gets one.
 */
#include "server-bridge/core/core.h"

#include "storage/ledger.h"

#include <event2/event.h>
#include <stdlib.h>

enum { RETRY_S = 30 };

struct live_tenant *tenants_called(struct core *core, struct slice name)
{
    struct live_tenant *tenant = tenants_find(core, name);

    for (struct live_tenant *t = core->tenants; tenant == NULL && t != NULL; t = t->hh.next)
        if (tenant_was_called(&t->about, name))
            tenant = t;
    return tenant;
}

/* Each step may have been done before. */
static int move(struct core *core, const struct tenant *about)
{
    const struct tenant_name *from = &about->moving.from;
    const struct settings *settings = core->role->settings;
    AUTO_MEM char *data = settings_path(settings, settings->storage_dir);
    int rc = data == NULL ? RAISE(ERR_NO_MEMORY)
                          : ledger_add_renaming(data, from, &about->name, about->moving.at_ms);

    if (rc == OK)
        rc = STORE_CALL(core->store, tenant_move, from, &about->name);
    if (rc == OK)
        rc = provision_rename(core, from, about);
    if (rc == OK)
        rc = directory_tenant_moved(core->directory, &about->name);
    return rc;
}

/* --- what could not move yet is tried again --- */

bool tenants_is_moving(const struct live_tenant *tenant)
{
    return tenant->about.state == TENANT_RENAMING && tenant->about.moving.from.text[0] != '\0';
}

static void on_retry(evutil_socket_t fd, short what, void *context)
{
    const struct timeval again = { .tv_sec = RETRY_S };
    struct core *core = context;
    struct live_tenant *tenant, *next;

    (void)fd;
    (void)what;
    HASH_ITER(hh, core->tenants, tenant, next)
    {
        struct tenant_name name = tenant->about.name;

        if (!tenants_is_moving(tenant))
            continue;
        if (move(core, &tenant->about) != OK) {
            (void)event_add(core->moves, &again);
            continue;
        }
        tenants_drop(tenant);
        if (tenants_take(core, &name) != OK)
            log_event(LOG_ERROR, NULL, "tenant.unavailable", "tenant=%s", name.text);
    }
}

static void try_later(struct core *core)
{
    const struct timeval again = { .tv_sec = RETRY_S };

    if (core->moves == NULL)
        core->moves = event_new(core->role->base, -1, 0, on_retry, core);
    if (core->moves != NULL)
        (void)event_add(core->moves, &again);
}

void tenants_rename_stop(struct core *core)
{
    if (core->moves != NULL)
        event_free(core->moves);
    core->moves = NULL;
}

/* --- taken over from the directory --- */

int tenants_take_over(struct core *core, const struct tenant *about)
{
    struct tenant whole = *about; /* borrows all that is in it */
    int rc;

    if (about->moving.from.text[0] == '\0')
        return tenants_add(core, about);
    rc = move(core, about);
    if (rc == OK) {
        whole.moving = (struct tenant_moving){ .at_ms = 0 };
        log_event(LOG_INFO, NULL, "tenant.moved", "tenant=%s from=%s", about->name.text,
                  about->moving.from.text);
    } else {
        whole.state = TENANT_RENAMING;
        log_event(LOG_ERROR, NULL, "tenant.rename_waits", "tenant=%s from=%s rc=%s again_s=%d",
                  about->name.text, about->moving.from.text, result_name(rc), RETRY_S);
        try_later(core);
    }
    return tenants_add(core, &whole);
}

struct taking {
    struct core *core;
    const struct tenant_name *name;
};

static int take_found(void *context, const struct tenant *about)
{
    const struct taking *taking = context;

    return tenant_name_equal(&about->name, taking->name) ? tenants_take_over(taking->core, about)
                                                         : 0;
}

int tenants_take(struct core *core, const struct tenant_name *name)
{
    int rc = directory_tenants(core->directory, take_found, &(struct taking){ core, name });
    const struct live_tenant *tenant = tenants_find(core, slice_of(name->text));

    if (rc == OK && tenant == NULL)
        return RAISE(ERR_BUG);
    return rc == OK ? tenants_load_members(core, tenant) : rc;
}
