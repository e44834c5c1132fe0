/* SPDX-License-Identifier: Apache-2.0
 *
 * check — looks for what is wrong, and says what to do about it. One function an area; each
 * adds findings. "problem": something does not work; "warning": it works, but not well.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include <stdio.h>

struct report {
    struct core *core;
    const char *area;
    json_t *findings;
    size_t problems;
};

enum verdict { FINE, WARNING, PROBLEM };

static void find(struct report *report, enum verdict verdict, const char *tenant,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static void find(struct report *report, enum verdict verdict, const char *tenant,
                 const char *format, ...)
{
    static const char *const names[] = { "fine", "warning", "problem" };
    char text[512];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    report->problems += verdict == PROBLEM;
    (void)json_array_append_new(report->findings,
                                json_pack("{s:s, s:s, s:s?, s:s}", "area", report->area, "verdict",
                                          names[verdict], "tenant", tenant, "text", text));
}

static void check_config(struct report *report)
{
    const struct settings *settings = report->core->role->settings;
    const char *url = settings->web_origins;

    if (url[0] == '\0')
        find(report, WARNING, NULL,
             "[web] origins names no public address: snippets may point nowhere.");
    if (settings->fetch_allow[0] != '\0')
        find(report, WARNING, NULL,
             "[fetch] allow lets webhooks reach private addresses (%s): for development only.",
             settings->fetch_allow);
    if (settings->web_https[0] == '\0')
        find(report, WARNING, NULL, "[web] https is empty: no HTTPS without a proxy before us.");
    else if (settings->web_certificate[0] == '\0' || settings->web_private_key[0] == '\0')
        find(report, PROBLEM, NULL, "[web] https has no certificate or private_key.");
    if (strcmp(settings->web_limits, "production") != 0)
        find(report, WARNING, NULL, "[web] limits is %s: not for the public.",
             settings->web_limits);
    find(report, FINE, NULL, "Settings are read and complete.");
}

/* Whether it is in time, and what browsers may not like. */
static void check_certificate(struct report *report, const struct certificate_seen *seen)
{
    int64_t days = certificate_days_left(seen, core_now_ms(report->core));

    if (days < 0)
        find(report, PROBLEM, NULL, "%s: it has expired. Renew it, then reload.", seen->name);
    else if (days < CERTIFICATE_WARN_DAYS)
        find(report, WARNING, NULL, "%s: it expires in %lld days. Renew it, then reload.",
             seen->name, (long long)days);
    if (seen->warning[0] != '\0')
        find(report, WARNING, NULL, "%s: %s.", seen->name, seen->warning);
    if (days >= 0)
        find(report, FINE, NULL,
             "%s (%s): for %.200s; %llu in the chain, the key fits, %lld days left; speaks %s.",
             seen->name, seen->file, seen->names, (unsigned long long)seen->chain, (long long)days,
             seen->negotiated);
}

static void check_tls(struct report *report)
{
    const struct certificates *all = &report->core->certificates;

    if (report->core->role->settings->web_https[0] == '\0')
        find(report, FINE, NULL, "[web] https is empty: TLS is the affair of a proxy before us.");
    else if (all->count == 0)
        find(report, PROBLEM, NULL, "No web process has told of a certificate: the log says why.");
    for (size_t i = 0; i < all->count; i++) {
        const struct certificate_seen *seen = &all->items[i];

        if (seen->problem[0] != '\0')
            find(report, PROBLEM, NULL, "%s (%s): %s; %s.", seen->name, seen->file, seen->problem,
                 seen->served ? "the one from before is served" : "it is not served");
        if (seen->served)
            check_certificate(report, seen);
    }
}

/* Without its room a tenant lacks that, and nothing else. */
static void check_room(struct report *report, const struct live_tenant *tenant)
{
    const struct settings *settings = report->core->role->settings;
    const char *problem = rooms_problem(tenant);

    if (problem != NULL)
        find(report, WARNING, tenant->about.name.text,
             "No team room (%s): does the XMPP server keep rooms at %s, and may desks make them?",
             problem, settings->xmpp_rooms_domain);
    else if (tenant->room_open)
        find(report, FINE, tenant->about.name.text, "The team room is open.");
}

static void check_xmpp(struct report *report)
{
    const struct core *core = report->core;
    const struct settings *settings = core->role->settings;

    for (const struct live_tenant *tenant = core->tenants; tenant != NULL;
         tenant = tenant->hh.next) {
        if (tenant->about.state != TENANT_LIVE)
            continue;
        if (tenant->link_up)
            find(report, FINE, tenant->about.name.text, "Linked as %s.", tenant->about.domain);
        else
            find(report, PROBLEM, tenant->about.name.text,
                 "No link as %s to %s port %llu: is the server up, does it know the component and "
                 "its secret?",
                 tenant->about.domain, settings->xmpp_host,
                 (unsigned long long)settings->xmpp_port);
        if (tenant->link_up)
            check_room(report, tenant);
    }
    if (settings->xmpp_rooms_domain[0] == '\0')
        find(report, FINE, NULL, "No team rooms: [xmpp] rooms_domain is empty.");
    if (core->tenants == NULL)
        find(report, FINE, NULL, "No tenants, so no links.");
}

static int see_one(void *context, const struct stored_conversation *conversation)
{
    (void)context;
    (void)conversation;
    return 0;
}

static void check_audit(struct report *report)
{
    uint64_t entry = 0;
    int rc = directory_audit_check(report->core->directory, &entry);

    if (rc == OK)
        find(report, FINE, NULL, "The audit's chain of %llu entries is whole.",
             (unsigned long long)entry);
    else
        find(report, PROBLEM, NULL,
             "The audit is broken at entry %llu (%s): something was altered, taken or slipped in.",
             (unsigned long long)entry, result_name(rc));
}

static void check_store(struct report *report)
{
    struct core *core = report->core;
    struct conversation_id none = { 0 };

    for (const struct live_tenant *tenant = core->tenants; tenant != NULL;
         tenant = tenant->hh.next) {
        int rc = STORE_CALL(core->store, conversations, &tenant->about.name, LIST_ALL, 0, none, 1,
                            see_one, NULL);

        if (rc == OK && tenant->chat != NULL)
            find(report, FINE, tenant->about.name.text, "The database answers.");
        else if (tenant->about.state == TENANT_LIVE)
            find(report, PROBLEM, tenant->about.name.text,
                 "The database does not answer (%s): the log says why; other tenants go on.",
                 rc < 0 ? result_name(rc) : "unavailable");
        else if (tenants_is_moving(tenant))
            find(report, PROBLEM, tenant->about.name.text,
                 "It was renamed, and not all of it could be moved: tenant.rename_waits in the "
                 "log says what. It is tried again every 30 s; until then nobody is served.");
    }
    check_audit(report);
    find(report, core->writes_waiting > 10000 ? WARNING : FINE, NULL,
         "%llu writes wait for the disk.", (unsigned long long)core->writes_waiting);
}

static void check_quota(struct report *report, struct live_tenant *tenant)
{
    const char *exhausted = tenant->chat != NULL ? quota_exhausted(tenant) : NULL;

    if (exhausted != NULL)
        find(report, PROBLEM, tenant->about.name.text,
             "No conversation can begin: quota.%s is used up. `lasnactl tenant set` raises it.",
             strcmp(exhausted, "storage") == 0 ? "storage_mb" : exhausted);
}

static void check_tenants(struct report *report)
{
    struct core *core = report->core;

    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        const struct tenant *about = &tenant->about;
        bool reachable = false;

        check_quota(report, tenant);
        for (size_t i = 0; i < about->site_count; i++)
            reachable = reachable || about->sites[i].origins[0] != '\0';
        if (!reachable)
            find(report, PROBLEM, about->name.text, "No site has an origin: no page can chat.");
        else if (tenant->member_count == 0)
            find(report, WARNING, about->name.text, "No agents: lasnactl agent assign JID %s.",
                 about->name.text);
        else
            find(report, FINE, about->name.text, "%zu sites, %zu agents.", about->site_count,
                 tenant->member_count);
    }
}

static const struct check {
    const char *area;
    void (*look)(struct report *report);
} checks[] = {
    { "config", check_config }, { "tls", check_tls },         { "xmpp", check_xmpp },
    { "store", check_store },   { "tenants", check_tenants },
};

void handle_check_show(struct call *call)
{
    struct slice wanted = query_get(&call->query, "area");
    struct report report = { .core = call->core };
    bool known = false;

    if (slice_is(wanted, "widget")) {
        check_widget(call, query_get(&call->query, "url"));
        return;
    }
    report.findings = json_array();
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (wanted.data != NULL && !slice_is(wanted, checks[i].area))
            continue;
        known = true;
        report.area = checks[i].area;
        checks[i].look(&report);
    }
    if (!known) {
        json_decref(report.findings);
        answer_problem(
            call, 400, "bad_parameter",
            "\"area\" must be config, tls, xmpp, store, tenants, or widget with a \"url\".");
        return;
    }
    answer_json(call, 200,
                json_pack("{s:b, s:i, s:o}", "ok", report.problems == 0, "problems",
                          (int)report.problems, "findings", report.findings));
}
