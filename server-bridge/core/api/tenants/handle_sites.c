/* SPDX-License-Identifier: Apache-2.0
 *
 * A tenant's sites: each a key of its own for the snippet, origins of its own, and settings that
 * may differ. One is always left.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

static void tell_webs(struct live_tenant *tenant)
{
    struct web_peer *web;

    DL_FOREACH(tenant->core->webs, web)
    tenants_tell_web(web, tenant);
}

void handle_sites_list(struct call *call)
{
    const struct tenant *about = &call->tenant->about;
    json_t *items = json_array();

    for (size_t i = 0; i < about->site_count; i++)
        (void)json_array_append_new(items, site_view(&about->sites[i]));
    answer_page(call, items, "");
}

/* The place of the site of the path. False: there is none, and the call is answered. */
static bool find_site(struct call *call, size_t *ret_place)
{
    const struct tenant *about = &call->tenant->about;
    char id[ID_TEXT_BYTES];
    size_t place = 0;

    id_format(call->values.id, id);
    while (place < about->site_count && strcmp(about->sites[place].id, id) != 0)
        place++;
    if (place == about->site_count)
        answer_not_found(call, "site");
    *ret_place = place;
    return place < about->site_count;
}

void handle_site_show(struct call *call)
{
    size_t place;

    if (find_site(call, &place))
        answer_json(call, 200, site_view(&call->tenant->about.sites[place]));
}

/* --- one more --- */

/* False: it cannot be one, and the call is answered. */
static bool read_site(struct call *call, struct site *ret_site)
{
    size_t given = json_array_size(json_object_get(call->body, "origins"));

    if (call->tenant->about.site_count >= TENANT_SITES_MAX) {
        answer_problem(call, 409, "too_many", "A tenant has at most %d sites.", TENANT_SITES_MAX);
        return false;
    }
    if (given < 1 || given > TENANT_ORIGINS_MAX) {
        answer_problem(call, 400, "bad_field", "\"origins\" must hold 1 to %d origins.",
                       TENANT_ORIGINS_MAX);
        return false;
    }
    id_format(id_new(), ret_site->id);
    id_format(id_new(), ret_site->key);
    if (!body_words(call, "origins", "", origin_normalise, &ret_site->origins))
        return false;
    ret_site->settings = strdup("{}");
    if (ret_site->settings == NULL)
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    return ret_site->settings != NULL;
}

static int add(struct call *call, const struct site *site)
{
    struct tenant *about = &call->tenant->about;
    struct site *more = realloc(about->sites, (about->site_count + 1) * sizeof(*more));
    int rc;

    if (more == NULL)
        return RAISE(ERR_NO_MEMORY);
    about->sites = more;
    if (asprintf(&call->changed, "site=%s origins=\"%s\"", site->id, site->origins) < 0)
        call->changed = NULL;
    audit_join(call);
    rc = directory_site_add(call->core->directory, &about->name, site);
    if (rc == OK)
        about->sites[about->site_count++] = *site;
    return FOLD(rc);
}

void handle_site_add(struct call *call)
{
    struct site site = { .id = "" };
    int rc;

    if (!read_site(call, &site)) {
        free(site.origins);
        return;
    }
    rc = add(call, &site);
    if (rc != OK) {
        free(site.origins);
        free(site.settings);
        answer_failed(call, rc);
        return;
    }
    tell_webs(call->tenant);
    answer_json(call, 201, site_view(&site));
}

/* --- one less --- */

static void take_away(struct tenant *about, size_t place)
{
    struct site gone = about->sites[place];

    about->site_count--;
    for (size_t i = place; i < about->site_count; i++)
        about->sites[i] = about->sites[i + 1];
    free(gone.origins);
    free(gone.settings);
}

void handle_site_remove(struct call *call)
{
    struct tenant *about = &call->tenant->about;
    size_t place;
    int rc;

    if (!find_site(call, &place))
        return;
    if (about->site_count == 1) {
        answer_problem(call, 409, "last_site", "A tenant has at least one site.");
        return;
    }
    audit_join(call);
    rc = directory_site_remove(call->core->directory, &about->name, about->sites[place].id);
    if (rc != OK) {
        answer_failed(call, rc < 0 ? rc : RAISE(ERR_BUG));
        return;
    }
    take_away(about, place);
    tell_webs(call->tenant);
    answer_nothing(call);
}
