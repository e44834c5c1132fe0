/* SPDX-License-Identifier: Apache-2.0
 *
 * Tenants as far as web knows them: names, keys, origins. The core tells; nothing is asked.
 */
#include "server-bridge/web/web.h"

#include "tenant/tenant.h"

#include <stdlib.h>

static struct web_tenant *find_named(const struct web *web, struct slice name)
{
    struct web_tenant *tenant;

    HASH_FIND(hh, web->tenants, name.data, name.len, tenant);
    return tenant;
}

static struct web_tenant *find_former(const struct web *web, struct slice name)
{
    for (struct web_tenant *tenant = web->tenants; tenant != NULL; tenant = tenant->hh.next)
        if (origin_list_has(tenant->former, name))
            return tenant;
    return NULL;
}

struct web_tenant *sites_find(const struct web *web, struct slice name)
{
    struct web_tenant *tenant = find_named(web, name);

    return tenant != NULL ? tenant : find_former(web, name);
}

static struct web_site *site_free(struct web_site *site)
{
    asset_free(site->loader);
    asset_free(site->texts);
    free(site->origins);
    free(site);
    return NULL;
}

static void forget_sites(struct web_site **sites)
{
    while (*sites != NULL) {
        struct web_site *site = *sites;

        *sites = site->next;
        site_free(site);
    }
}

/* --- quotas --- */

static void set_quotas(struct web *web, struct web_tenant *tenant,
                       const struct ipc_tenant_open *open)
{
    uint32_t per_second = (uint32_t)open->messages;

    tenant->sessions_max = open->sessions;
    if (tenant->frames_rule.per_second == per_second)
        return;
    tenant->frames_rule = (struct ratelimit_rule){ 2 * per_second, per_second };
    for (size_t i = 0; i < PURSE_COUNT; i++)
        ratelimit_init(&tenant->purses[i], &tenant->frames_rule, web->now_ms);
}

bool sites_has_room(const struct web *web, const struct web_tenant *tenant)
{
    return web->loads || tenant->sessions_max == 0 || tenant->sessions < tenant->sessions_max;
}

uint64_t sites_spend(struct web *web, struct slice name, enum purse purse, uint32_t cost)
{
    struct web_tenant *tenant = sites_find(web, name);

    if (tenant == NULL || tenant->frames_rule.per_second == 0)
        return 0;
    /* What costs more than all there ever is shall pass, too. */
    if (cost > tenant->frames_rule.burst)
        cost = tenant->frames_rule.burst;
    return ratelimit_spend(&tenant->purses[purse], &tenant->frames_rule, cost, web->now_ms);
}

void sites_open(struct web *web, const struct ipc_tenant_open *open)
{
    struct web_tenant *tenant = find_named(web, open->tenant);
    char *former = slice_dup(open->former);

    if (former == NULL)
        return;
    if (tenant != NULL) {
        forget_sites(&tenant->coming);
        free(tenant->former);
        tenant->former = former;
        set_quotas(web, tenant, open);
        return;
    }
    tenant = calloc(1, sizeof(*tenant));
    if (tenant == NULL) {
        free(former);
        return;
    }
    tenant->former = former;
    (void)slice_copy(open->tenant, tenant->name, sizeof(tenant->name));
    set_quotas(web, tenant, open);
    HASH_ADD_STR(web->tenants, name, tenant);
}

void sites_add(struct web *web, const struct ipc_tenant_site *told)
{
    struct web_tenant *tenant = find_named(web, told->tenant);
    struct web_site *site = tenant == NULL ? NULL : calloc(1, sizeof(*site));

    if (site == NULL)
        return;
    site->id.id = told->site;
    (void)slice_copy(told->key, site->key, sizeof(site->key));
    site->origins = slice_dup(told->origins);
    site->loader = assets_make_loader(&web->assets, told->config);
    site->texts = assets_make("texts.json", told->texts);
    if (site->origins == NULL)
        site = site_free(site);
    else
        LL_APPEND(tenant->coming, site);
}

void sites_told(struct web *web, struct slice name)
{
    struct web_tenant *tenant = find_named(web, name);

    if (tenant == NULL)
        return;
    forget_sites(&tenant->sites);
    tenant->sites = tenant->coming;
    tenant->coming = NULL;
}

static void forget_tenant(struct web *web, struct web_tenant *tenant)
{
    HASH_DEL(web->tenants, tenant);
    forget_sites(&tenant->sites);
    forget_sites(&tenant->coming);
    free(tenant->former);
    free(tenant);
}

void sites_close(struct web *web, struct slice name)
{
    struct web_tenant *tenant = find_named(web, name);

    if (tenant == NULL)
        return;
    forget_tenant(web, tenant);
}

void sites_free_all(struct web *web)
{
    struct web_tenant *tenant, *next;

    HASH_ITER(hh, web->tenants, tenant, next)
    forget_tenant(web, tenant);
}

struct web_site *sites_by_key(const struct web_tenant *tenant, struct slice key)
{
    struct web_site *site;

    LL_FOREACH(tenant->sites, site)
    {
        if (slice_is(key, site->key))
            return site;
    }
    return NULL;
}

bool sites_is_own_origin(const struct web *web, struct slice origin)
{
    return origin_list_has(web->own_origins, origin);
}

bool sites_allows(const struct web *web, const struct web_tenant *tenant, struct slice origin)
{
    struct web_site *site;

    if (sites_is_own_origin(web, origin))
        return true;
    LL_FOREACH(tenant->sites, site)
    {
        if (origin_list_has(site->origins, origin))
            return true;
    }
    return false;
}
