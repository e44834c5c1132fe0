/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics — how the instance does, as OpenMetrics text for Prometheus and its like. Names and
 * labels are stable (docs/api.md). Tenants are named, people never.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include <inttypes.h>

/* One of every tenant's numbers. */
typedef uint64_t tenant_number_fn(const struct live_tenant *tenant,
                                  const struct chat_counts *counts);

static uint64_t link_up(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)counts;
    return tenant->link_up;
}

static uint64_t available(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)counts;
    return tenant->chat != NULL;
}

static uint64_t enabled(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)counts;
    return tenant->about.state == TENANT_LIVE;
}

static uint64_t queued(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)tenant;
    return counts->queued;
}

static uint64_t active(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)tenant;
    return counts->active;
}

static uint64_t agents_available(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)tenant;
    return counts->agents_available;
}

static uint64_t visitors(const struct live_tenant *tenant, const struct chat_counts *counts)
{
    (void)tenant;
    return counts->visitors;
}

static const struct tenant_metric {
    const char *name, *help;
    tenant_number_fn *number;
} tenant_metrics[] = {
    { "lasna_tenant_enabled", "Whether the tenant is served at all.", enabled },
    { "lasna_tenant_available", "Whether its database and rules are there.", available },
    { "lasna_link_up", "Whether its component session with the XMPP server stands.", link_up },
    { "lasna_conversations_queued", "Conversations that wait for an agent.", queued },
    { "lasna_conversations_active", "Conversations an agent holds.", active },
    { "lasna_agents_available", "Agents who take offers.", agents_available },
    { "lasna_visitors", "Visitors with a browser open.", visitors },
};

static void add_head(struct buf *to, const char *name, const char *help)
{
    buf_addf(to, "# TYPE %s gauge\n# HELP %s %s\n", name, name, help);
}

static void add_number(struct buf *to, const char *name, const char *help, uint64_t number)
{
    add_head(to, name, help);
    buf_addf(to, "%s %" PRIu64 "\n", name, number);
}

/* A tenant's name needs no escaping: letters, digits and hyphens. */
static void add_tenants(struct buf *to, const struct core *core, const struct tenant_metric *metric)
{
    add_head(to, metric->name, metric->help);
    for (const struct live_tenant *tenant = core->tenants; tenant != NULL;
         tenant = tenant->hh.next) {
        struct chat_counts counts = { 0 };

        if (tenant->chat != NULL)
            chat_counts(tenant->chat, &counts);
        buf_addf(to, "%s{tenant=\"%s\"} %" PRIu64 "\n", metric->name, tenant->about.name.text,
                 metric->number(tenant, &counts));
    }
}

/* Their names are those of folders: letters, digits, dots, hyphens, underscores. */
static void add_certificates(struct buf *to, const struct certificates *all)
{
    add_head(to, "lasna_certificate_expiry_timestamp_seconds",
             "When a certificate that is served expires, in seconds since 1970.");
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].served)
            buf_addf(to,
                     "lasna_certificate_expiry_timestamp_seconds{certificate=\"%s\"} %" PRIu64 "\n",
                     all->items[i].name, all->items[i].expires_ms / 1000);
    }
    add_head(to, "lasna_certificate_usable",
             "Whether its files are served; 0: something is wrong with them.");
    for (size_t i = 0; i < all->count; i++)
        buf_addf(to, "lasna_certificate_usable{certificate=\"%s\"} %d\n", all->items[i].name,
                 all->items[i].problem[0] == '\0');
}

void handle_metrics_show(struct call *call)
{
    struct core *core = call->core;
    AUTO_BUF text;

    buf_init(&text, CALL_DOCUMENT_MAX_BYTES);
    add_number(&text, "lasna_uptime_seconds", "Since the core started.",
               (core_now_ms(core) - core->started_ms) / 1000);
    add_number(&text, "lasna_tenants", "Tenants that are known.", HASH_COUNT(core->tenants));
    add_number(&text, "lasna_writes_waiting", "Writes on their way to the disk.",
               core->writes_waiting);
    for (size_t i = 0; i < sizeof(tenant_metrics) / sizeof(tenant_metrics[0]); i++)
        add_tenants(&text, core, &tenant_metrics[i]);
    add_certificates(&text, &core->certificates);
    buf_add_text(&text, "# EOF\n");
    answer_text(call, "application/openmetrics-text; version=1.0.0; charset=utf-8", "", &text);
}
