/* SPDX-License-Identifier: Apache-2.0
 *
 * How the instance does, and what can be asked of it.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

static json_t *webs_view(const struct core *core)
{
    json_t *webs = json_array();

    for (const struct web_peer *web = core->webs; web != NULL; web = web->next)
        (void)json_array_append_new(webs, json_pack("{s:s, s:i, s:I}", "role",
                                                    web->role == IPC_CONTROL ? "control" : "web",
                                                    "index", (int)web->index, "unsent_bytes",
                                                    (json_int_t)ipc_peer_queued(web->ipc)));
    return webs;
}

static json_t *certificates_view(struct core *core)
{
    const struct certificates *all = &core->certificates;
    json_t *view = json_array();

    for (size_t i = 0; i < all->count; i++) {
        const struct certificate_seen *seen = &all->items[i];
        int64_t days = certificate_days_left(seen, core_now_ms(core));

        (void)json_array_append_new(
            view, json_pack("{s:s, s:s, s:b, s:o, s:o, s:s, s:s}", "certificate", seen->name,
                            "names", seen->names, "served", seen->served, "expires_at",
                            json_time_or_null(seen->expires_ms), "days_left",
                            seen->served ? json_integer(days) : json_null(), "problem",
                            seen->problem, "warning",
                            seen->served && days < CERTIFICATE_WARN_DAYS ? "expires soon"
                                                                         : seen->warning));
    }
    return view;
}

static json_t *tenant_brief(const struct live_tenant *tenant, struct chat_counts *total)
{
    struct chat_counts counts = { 0 };

    if (tenant->chat != NULL)
        chat_counts(tenant->chat, &counts);
    total->queued += counts.queued;
    total->active += counts.active;
    total->visitors += counts.visitors;
    return json_pack("{s:s, s:s, s:b, s:b, s:i, s:i, s:i, s:i, s:i, s:I}", "tenant",
                     tenant->about.name.text, "link", tenant->link_up ? "up" : "down", "available",
                     tenant->chat != NULL, "disabled", tenant->about.state == TENANT_DISABLED,
                     "queued", (int)counts.queued, "active", (int)counts.active, "agents_available",
                     (int)counts.agents_available, "agents_present", (int)counts.agents_present,
                     "visitors", (int)counts.visitors, "in_flight",
                     (json_int_t)tenant->in_flight_count);
}

void handle_status_show(struct call *call)
{
    struct core *core = call->core;
    struct chat_counts total = { 0 };
    uint64_t now_ms = core_now_ms(core);
    json_t *tenants = json_array();

    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next)
        (void)json_array_append_new(tenants, tenant_brief(tenant, &total));
    answer_json(call, 200,
                json_pack("{s:s, s:o, s:I, s:b, s:s, s:o, s:i, s:i, s:i, s:I, s:o, s:o}", "version",
                          LASNA_VERSION, "started_at", json_time_or_null(core->started_ms),
                          "uptime_s", (json_int_t)((now_ms - core->started_ms) / 1000), "draining",
                          core->draining, "provision",
                          provision_is_automatic(core) ? "automatic" : "manual", "roles",
                          webs_view(core), "queued", (int)total.queued, "active", (int)total.active,
                          "visitors", (int)total.visitors, "writes_waiting",
                          (json_int_t)core->writes_waiting, "certificates", certificates_view(core),
                          "tenants", tenants));
}

void handle_routes_show(struct call *call)
{
    json_t *items = json_array();

    for (size_t i = 0; i < route_count(); i++) {
        const struct route *route = route_at(i);

        (void)json_array_append_new(items, json_pack("{s:s, s:s+, s:s, s:i, s:s, s:s}", "method",
                                                     route->method, "path", API_PREFIX, route->path,
                                                     "authority", authority_name(route->least),
                                                     "cost", (int)route->cost, "name", route->name,
                                                     "summary", route->summary));
    }
    answer_page(call, items, "");
}
