/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose brand an agent's words hold. Known for each agent are the brands of the tenants that they
 * serve, and no others: naming one they do not serve would tell them that it is here. Put together
 * when first asked for, and anew when that is a while ago, so nobody has to say what changed.
 */
#include "server-bridge/core/core.h"

#include "tenant/brand.h"

#include <stdlib.h>

enum { FRESH_MS = 10000 };

struct agent_brands {
    UT_hash_handle hh;
    char *jid;
    struct brands *brands; /* NULL: they serve one tenant, or none */
    uint64_t made_ms;
};

struct gathering {
    struct brands *brands;
    const char *tenant;
    int rc;
};

static void add_canned(void *context, const char *language, const char *text)
{
    struct gathering *gathering = context;

    (void)language;
    if (gathering->rc == OK)
        gathering->rc = brands_add_canned(gathering->brands, gathering->tenant, text);
}

static int add_site(struct brands *brands, const struct live_tenant *tenant,
                    const struct site *site)
{
    const char *at = site->origins;
    int rc = OK;

    while (rc == OK && *at != '\0') {
        size_t len = strcspn(at, " ");

        rc = brands_add_origin(brands, tenant->about.name.text, (struct slice){ at, len });
        at += len + strspn(at + len, " ");
    }
    return rc;
}

static int add_tenant(struct brands *brands, const struct live_tenant *tenant)
{
    struct gathering gathering = { brands, tenant->about.name.text, OK };
    AUTO(tenant_settings) settings = NULL;

    gathering.rc = brands_add_name(brands, gathering.tenant, tenant->about.title);
    for (size_t i = 0; gathering.rc == OK && i < tenant->about.site_count; i++)
        gathering.rc = add_site(brands, tenant, &tenant->about.sites[i]);
    if (gathering.rc == OK)
        gathering.rc = settings_of(tenant, NULL, &settings);
    if (gathering.rc == OK)
        tenant_settings_each_wording(settings, "desk.canned", add_canned, &gathering);
    return gathering.rc;
}

static int gather(const struct core *core, struct slice agent, struct brands **ret_brands)
{
    AUTO(brands) brands = NULL;
    unsigned count = 0;
    int rc = brands_new(&brands);

    for (struct live_tenant *t = core->tenants; rc == OK && t != NULL; t = t->hh.next) {
        if (tenants_member(t, agent) == NULL)
            continue;
        rc = add_tenant(brands, t);
        count++;
    }
    *ret_brands = NULL;
    if (rc == OK && count > 1) {
        *ret_brands = brands;
        brands = NULL;
    }
    return rc;
}

static struct agent_brands *entry_of(struct core *core, struct slice agent)
{
    struct agent_brands *entry;

    HASH_FIND(hh, core->brands, agent.data, agent.len, entry);
    if (entry != NULL)
        return entry;
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL || (entry->jid = slice_dup(agent)) == NULL) {
        free(entry);
        return NULL;
    }
    HASH_ADD_KEYPTR(hh, core->brands, entry->jid, agent.len, entry);
    return entry;
}

struct slice brands_in(struct live_tenant *tenant, struct slice agent, struct slice text)
{
    struct core *core = tenant->core;
    struct agent_brands *entry = entry_of(core, agent);
    uint64_t now_ms = core_now_ms(core);

    if (entry != NULL && (entry->made_ms == 0 || now_ms - entry->made_ms >= FRESH_MS)) {
        entry->brands = brands_free(entry->brands);
        entry->made_ms = now_ms;
        if (gather(core, agent, &entry->brands) != OK)
            log_event(LOG_ERROR, &tenant->log, "brands.unknown", "");
    }
    if (entry == NULL || entry->brands == NULL)
        return SLICE_NONE;
    return slice_of(brands_named(entry->brands, tenant->about.name.text, text));
}

void brands_stop(struct core *core)
{
    struct agent_brands *entry, *next;

    HASH_ITER(hh, core->brands, entry, next)
    {
        HASH_DEL(core->brands, entry);
        (void)brands_free(entry->brands);
        free(entry->jid);
        free(entry);
    }
}
