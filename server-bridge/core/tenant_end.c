/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a tenant, whole or to be gone on with: it is marked in the directory first, and
 * taken out of it last. Whatever kills us in between, the next start finds the mark and does
 * the rest. A tenant that could not be added whole ends the same way.
 *
 *     marked ─▶ sessions, rules, component session closed ─▶ host ─▶ database ─▶ ledger ─▶
 * directory
 */
#include "server-bridge/core/core.h"

#include "storage/ledger.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

enum { RETRY_S = 30 };

struct ending {
    struct ending *next, *prev; /* in core->endings */
    struct core *core;
    struct event *retry;
    struct tenant about; /* only name and domain: what the XMPP server must know */
    char *domain;
    char room[IPC_JID_MAX + 1]; /* its team room; "": none */
    tenant_end_fn *done;        /* NULL: nobody asked, it goes on from before a restart */
    void *context;
};

static void ask_room(struct ending *ending);

static void on_retry(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    ask_room(context);
}

static void ending_free(struct ending *ending)
{
    DL_DELETE(ending->core->endings, ending);
    if (ending->retry != NULL)
        event_free(ending->retry);
    free(ending->domain);
    free(ending);
}

static struct ending *ending_new(struct core *core, const struct tenant *about, tenant_end_fn *done,
                                 void *context)
{
    struct ending *ending = calloc(1, sizeof(*ending));
    AUTO_BUF room;

    buf_init(&room, IPC_JID_MAX);
    if (ending == NULL)
        return NULL;
    rooms_address(core, about, &room);
    (void)slice_copy(buf_slice(&room), ending->room, sizeof(ending->room));
    ending->core = core;
    ending->done = done;
    ending->context = context;
    ending->domain = strdup(about->domain);
    ending->about.name = about->name;
    ending->about.domain = ending->domain;
    ending->retry = event_new(core->role->base, -1, 0, on_retry, ending);
    DL_APPEND(core->endings, ending);
    if (ending->domain != NULL && ending->retry != NULL)
        return ending;
    ending_free(ending);
    return NULL;
}

static void tell(struct ending *ending, bool done, const char *reason)
{
    tenant_end_fn *fn = ending->done;

    ending->done = NULL;
    if (fn != NULL)
        fn(ending->context, done, reason);
}

/* Who asked is told; what is marked stays marked, and we try again by ourselves. */
static void fail(struct ending *ending, const char *reason)
{
    const struct timeval again = { .tv_sec = RETRY_S };

    log_event(LOG_WARNING, NULL, "tenant.end_waits", "tenant=%s reason=\"%s\" again_s=%d",
              ending->about.name.text, reason, RETRY_S);
    tell(ending, false, reason);
    (void)event_add(ending->retry, &again);
}

/* A backup made before this brings the tenant back no more than a visitor who was erased. */
static int enter_in_ledger(struct ending *ending)
{
    const struct settings *settings = ending->core->role->settings;
    AUTO_MEM char *data = settings_path(settings, settings->storage_dir);

    return data == NULL ? RAISE(ERR_NO_MEMORY)
                        : ledger_add_tenant(data, &ending->about.name, core_now_ms(ending->core));
}

static void finish(struct ending *ending)
{
    struct core *core = ending->core;
    int rc = STORE_CALL(core->store, tenant_erase, &ending->about.name);

    if (rc == OK)
        rc = enter_in_ledger(ending);
    if (rc == OK)
        rc = directory_tenant_remove(core->directory, &ending->about.name);
    if (rc != OK && rc != DIRECTORY_E_NONE) {
        fail(ending, "its database could not be deleted");
        return;
    }
    log_event(LOG_INFO, NULL, "tenant.gone", "tenant=%s", ending->about.name.text);
    tell(ending, true, "");
    ending_free(ending);
}

static void on_host(void *context, bool done, const char *reason)
{
    struct ending *ending = context;

    if (done)
        finish(ending);
    else
        fail(ending, reason);
}

static void ask_host(struct ending *ending)
{
    if (provision_is_automatic(ending->core))
        provision_host(ending->core, &ending->about, false, on_host, ending);
    else
        finish(ending);
}

static void on_room(void *context, bool done, const char *reason)
{
    struct ending *ending = context;

    if (done)
        ask_host(ending);
    else
        fail(ending, reason);
}

/* The desk owned its room, but its link is gone by now, or never was there. */
static void ask_room(struct ending *ending)
{
    if (ending->room[0] != '\0' && provision_is_automatic(ending->core))
        provision_room(ending->core, ending->room, on_room, ending);
    else
        ask_host(ending);
}

static void on_shut(void *context)
{
    struct ending *ending = context;
    struct live_tenant *tenant = tenants_find(ending->core, slice_of(ending->about.name.text));

    if (tenant != NULL)
        tenants_drop(tenant);
    ask_room(ending);
}

/* --- contacts --- */

static void roster_done(void *context, bool done, const char *reason)
{
    (void)context;
    if (!done)
        log_event(LOG_WARNING, NULL, "roster.failed", "reason=\"%s\"", reason);
}

/* No contact of the tenant stays in anybody's roster: visitors' by the rules, the desk by us. */
static void take_out_of_rosters(struct live_tenant *tenant)
{
    struct chat_event gone = { .type = CHAT_TENANT_GONE };
    char desk[IPC_JID_MAX];

    tenants_handle(tenant, &gone);
    if (!provision_is_automatic(tenant->core))
        return;
    (void)snprintf(desk, sizeof(desk), "desk@%s", tenant->about.domain);
    for (size_t i = 0; i < tenant->member_count; i++)
        provision_roster(tenant->core,
                         &(struct ipc_provision_roster){ .owner = slice_of(tenant->members[i].jid),
                                                         .contact = slice_of(desk) },
                         roster_done, NULL);
}

int tenants_end(struct core *core, const struct tenant *about, tenant_end_fn *done, void *context)
{
    struct live_tenant *tenant = tenants_find(core, slice_of(about->name.text));
    struct ending *ending;
    int rc = directory_tenant_state(core->directory, &about->name, TENANT_REMOVING);

    if (rc != OK)
        return FOLD(rc);
    ending = ending_new(core, about, done, context);
    if (ending == NULL)
        return RAISE(ERR_NO_MEMORY);
    if (tenant == NULL) {
        ask_room(ending);
        return OK;
    }
    take_out_of_rosters(tenant);
    tenant->about.state = TENANT_REMOVING;
    tenants_shut(tenant, on_shut, ending);
    return OK;
}

void tenants_end_rest(struct core *core, const struct tenant *about)
{
    struct ending *ending = ending_new(core, about, NULL, NULL);

    log_event(LOG_WARNING, NULL, "tenant.half", "tenant=%s state=%s", about->name.text,
              about->state == TENANT_ADDING ? "adding" : "removing");
    if (ending != NULL)
        ask_room(ending);
}

bool tenants_is_ending(const struct core *core, const struct tenant_name *name)
{
    const struct ending *ending;

    DL_FOREACH(core->endings, ending)
    {
        if (tenant_name_equal(&ending->about.name, name))
            return true;
    }
    return false;
}

/* The marks stay: the next start goes on. */
void tenants_end_stop(struct core *core)
{
    while (core->endings != NULL) {
        tell(core->endings, false, "stopping");
        ending_free(core->endings);
    }
}
