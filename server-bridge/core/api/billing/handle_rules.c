/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of what a tenant pays for: version after version, each from a month on.
 */
#include "server-bridge/core/api/billing/changing.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"
#include "tenant/billing/money.h"
#include "tenant/settings.h"

static json_t *view(const struct billing_version *version)
{
    AUTO_JSON rules = NULL;

    if (json_read(version->rules, &rules) != OK)
        return NULL;
    return json_pack("{s:I, s:s%, s:s%, s:o, s:o, s:s%, s:O}", "version",
                     (json_int_t)version->version, "from", version->month.data, version->month.len,
                     "zone", version->zone.data, version->zone.len, "currency",
                     json_text_or_null(version->currency), "made_at",
                     json_time_or_null(version->made_ms), "made_by", version->made_by.data,
                     version->made_by.len, "rules", rules);
}

static int add_view(void *context, const struct billing_version *version)
{
    return json_array_append_new(context, view(version)) == 0 ? 0 : RAISE(ERR_NO_MEMORY);
}

void handle_billing_rules_list(struct call *call)
{
    json_t *items = json_array();
    int rc = billing_versions(call->core->store, &call->tenant->about.name, add_view, items);

    if (rc == OK) {
        answer_ordered(call, items, "version");
        return;
    }
    json_decref(items);
    answer_failed(call, rc);
}

/* --- new ones --- */

/* The tenant's own zone, unless another is told. False: answered. */
static bool read_zone(struct call *call, struct changing *changing)
{
    AUTO(tenant_settings) settings = NULL;
    struct slice told = body_text(call, "zone");
    struct zone zone;

    if (told.len == 0) {
        int rc = settings_of(call->tenant, NULL, &settings);

        if (rc != OK) {
            answer_failed(call, rc);
            return false;
        }
        if (json_object_set_new(changing->body, "zone", json_string(settings->hours_zone)) != 0) {
            answer_failed(call, RAISE(ERR_NO_MEMORY));
            return false;
        }
        told = slice_of(json_string_value(json_object_get(changing->body, "zone")));
    }
    changing->change.zone = told;
    if (zone_parse(told, &zone))
        return true;
    answer_problem(call, 400, "bad_field",
                   "\"zone\" must be a zone of Europe by its name, UTC, or a POSIX rule.");
    return false;
}

static bool read_head(struct call *call, struct changing *changing)
{
    struct billing_change *change = &changing->change;
    struct zone utc = { 0 };
    struct period period;

    change->month = body_text(call, "from");
    change->currency = body_text(call, "currency");
    if (period_parse(&utc, change->month, &period) != 0 || period.kind != PERIOD_MONTH)
        answer_problem(call, 400, "bad_field", "\"from\" must be a month: 2026-10.");
    else if (change->currency.len > 0 && !currency_is_wellformed(change->currency))
        answer_problem(call, 400, "bad_field", "\"currency\" must be three capital letters: EUR.");
    else
        return read_zone(call, changing);
    return false;
}

static bool read_rules(struct call *call, struct changing *changing)
{
    json_t *list = json_object_get(changing->body, "rules");
    AUTO(billing_rules) rules = NULL;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 2048);
    rc = billing_rules_read(list, changing->change.currency.len > 0, &rules, &problem);
    changing->text = rc == OK ? json_dumps(list, JSON_COMPACT) : NULL;
    changing->change.text = slice_of(changing->text);
    if (rc == BILLING_E_WRONG)
        answer_problem(call, 400, "bad_rules", "%.*s", SLICE_ARG(buf_slice(&problem)));
    else if (rc != OK || changing->text == NULL)
        answer_failed(call, rc != OK ? rc : RAISE(ERR_NO_MEMORY));
    return changing->text != NULL;
}

struct looking {
    uint64_t version;
    json_t *found;
};

static int look(void *context, const struct billing_version *version)
{
    struct looking *looking = context;

    if (version->version != looking->version)
        return 0;
    looking->found = view(version);
    return 1;
}

static void made(struct call *call, const struct billing_change *change)
{
    struct live_tenant *tenant = call_tenant(call);
    struct looking looking = { change->number, NULL };

    if (asprintf(&call->changed, "from=%.*s version=%llu", SLICE_ARG(change->month),
                 (unsigned long long)change->number) < 0)
        call->changed = NULL;
    if (tenant != NULL)
        (void)!billing_versions(call->core->store, &tenant->about.name, look, &looking);
    answer_json(call, 201, looking.found);
}

void handle_billing_rules_add(struct call *call)
{
    struct changing *changing = changing_new(call);

    if (changing == NULL)
        return;
    billing_rules_change(&changing->change);
    changing->made = made;
    if (read_head(call, changing) && read_rules(call, changing))
        changing_begin(call, changing);
    else
        changing_free(changing);
}
