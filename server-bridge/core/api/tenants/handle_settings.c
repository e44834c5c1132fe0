/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings in layers: what counts, which layer says it, and changing a layer.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"
#include "tenant/own_texts.h"

/* One of many: a setting as such, and under `key` what counts (with a language perhaps). */
static json_t *setting_view(const struct setting *setting, const char *key, const json_t *value)
{
    AUTO_BUF range;

    buf_init(&range, 512);
    setting_range(setting, &range);
    return json_pack("{s:s, s:O, s:O, s:s, s:s#, s:s, s:s, s:s, s:s, s:s}", "key", key, "value",
                     json_object_get(value, "value"), "from", json_object_get(value, "from"),
                     "type", setting_type_name(setting->type), "range", range.data, (int)range.len,
                     "initial", setting->initial, "counts",
                     setting->next_page ? "from a page's next load" : "at once", "lowest",
                     setting_layer_name(setting->of_site ? LAYER_SITE : LAYER_TENANT), "set_by",
                     setting->of_admin ? "admin" : "tenant-admin", "meaning", setting->meaning);
}

/* In the order of the table; a wording's languages after it. What the call has changed says so. */
static json_t *settings_view(const struct call *call, const struct tenant_settings *settings)
{
    const json_t *changes = json_object_get(call->body, "values");
    json_t *list = json_array(), *value;
    const char *key;

    for (size_t i = 0; i < setting_count(); i++) {
        json_object_foreach(settings->values, key, value)
        {
            json_t *view;

            if (setting_find(slice_of(key)) != setting_at(i))
                continue;
            view = setting_view(setting_at(i), key, value);
            if (json_object_get(changes, key) != NULL)
                (void)json_object_set_new(view, "changed", json_true());
            (void)json_array_append_new(list, view);
        }
    }
    return list;
}

static void answer_settings(struct call *call, const struct live_tenant *tenant,
                            const struct site *site)
{
    const char *const layers[LAYER_COUNT] = { [LAYER_SERVER] = call->core->settings };
    AUTO(tenant_settings) settings = NULL;
    int rc = tenant != NULL ? settings_of(tenant, site, &settings)
                            : tenant_settings_new(&settings, layers);

    if (rc == OK)
        answer_page(call, settings_view(call, settings), "");
    else
        answer_failed(call, rc);
}

/* --- the instance's own, of lasna.conf --- */

static int add_entry(void *context, const struct settings_entry *entry)
{
    return json_array_append_new(
               context, json_pack("{s:s++, s:s, s:s, s:s, s:s}", "key", entry->section, ".",
                                  entry->key, "value", entry->value, "initial", entry->initial,
                                  "counts", entry->live ? "after a reload" : "after a restart",
                                  "meaning", entry->meaning)) == 0
               ? 0
               : RAISE(ERR_NO_MEMORY);
}

/* Secrets stand in files of their own, which are only named there. */
void handle_instance_settings_list(struct call *call)
{
    json_t *items = json_array();
    int rc = settings_each(call->core->role->settings, add_entry, items);

    if (rc == OK) {
        answer_page(call, items, "");
        return;
    }
    json_decref(items);
    answer_failed(call, rc);
}

/* --- changing a layer --- */

/* "routing.offer_ms=30000 widget.color=(above)", for the audit, in the commit of the change. */
static void note_changes(struct call *call, const char *site)
{
    const char *key;
    json_t *value;
    AUTO_BUF text;

    buf_init(&text, SETTINGS_LAYER_MAX_BYTES);
    if (site != NULL)
        buf_addf(&text, "site=%s ", site);
    json_object_foreach(json_object_get(call->body, "values"), key, value)
        buf_addf(&text, "%s%s=%s", text.len > 0 ? " " : "", key,
                 json_is_null(value) ? "(above)" : json_string_value(value));
    call->changed = slice_dup(buf_slice(&text));
    audit_join(call);
}

static bool changed(struct call *call, int rc, struct buf *problem)
{
    if (rc == 1)
        answer_problem(call, 400, "bad_setting", "%.*s", SLICE_ARG(buf_slice(problem)));
    else if (rc != OK)
        answer_failed(call, rc);
    return rc == OK;
}

void handle_settings_list(struct call *call)
{
    answer_settings(call, NULL, NULL);
}

void handle_settings_change(struct call *call)
{
    const json_t *values = json_object_get(call->body, "values");
    AUTO_BUF problem;

    buf_init(&problem, 1024);
    note_changes(call, NULL);
    if (changed(call, settings_change_server(call->core, values, &problem), &problem))
        answer_settings(call, NULL, NULL);
}

/* False: there is no such site of this tenant, and the call is answered. Empty: none is meant. */
static bool find_site(struct call *call, struct slice id, struct site **ret_site)
{
    struct tenant *about = &call->tenant->about;

    *ret_site = NULL;
    if (id.len == 0)
        return true;
    for (size_t i = 0; i < about->site_count; i++) {
        if (slice_is(id, about->sites[i].id)) {
            *ret_site = &about->sites[i];
            return true;
        }
    }
    answer_not_found(call, "site");
    return false;
}

void handle_tenant_settings_list(struct call *call)
{
    struct site *site;

    if (find_site(call, query_get(&call->query, "site"), &site))
        answer_settings(call, call->tenant, site);
}

/* --- the chat's words --- */

static void answer_texts(struct call *call, const struct tenant_settings *settings,
                         const char *language)
{
    AUTO_JSON english = own_texts_english();
    AUTO_JSON own = tenant_settings_own_texts(settings, slice_of(language));
    json_t *list = json_array(), *text;
    const char *name;

    json_object_foreach(english, name, text)
    {
        (void)json_array_append_new(list, json_pack("{s:s, s:O, s:O?}", "key", name, "english",
                                                    text, "own", json_object_get(own, name)));
    }
    answer_page(call, list, "");
}

void handle_tenant_texts_list(struct call *call)
{
    AUTO(tenant_settings) settings = NULL;
    struct slice asked = query_get(&call->query, "language");
    char language[TENANT_LANGUAGE_MAX + 1] = "";
    struct site *site;
    int rc;

    if (asked.len > 0 && language_normalise(asked, language, sizeof(language)) != 0) {
        answer_problem(call, 400, "bad_parameter",
                       "\"language\" must be a language as fi, en-gb or zh-hant.");
        return;
    }
    if (!find_site(call, query_get(&call->query, "site"), &site))
        return;
    rc = settings_of(call->tenant, site, &settings);
    if (rc == OK)
        answer_texts(call, settings, language);
    else
        answer_failed(call, rc);
}

/* --- changing --- */

/* What the server grants a tenant is not the tenant's own to change. */
static bool may_change(struct call *call, const json_t *values)
{
    const char *key;
    json_t *value;

    if (call->caller.authority >= AUTHORITY_ADMIN)
        return true;
    json_object_foreach((json_t *)(uintptr_t)values, key, value)
    {
        const struct setting *setting = setting_find(slice_of(key));

        if (setting != NULL && setting->of_admin) {
            answer_problem(call, 403, "forbidden", "\"%s\" takes the authority of admin.",
                           setting->key);
            return false;
        }
    }
    return true;
}

void handle_tenant_settings_change(struct call *call)
{
    const json_t *values = json_object_get(call->body, "values");
    struct site *site;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 1024);
    if (!may_change(call, values) || !find_site(call, body_text(call, "site"), &site))
        return;
    note_changes(call, site != NULL ? site->id : NULL);
    rc = site != NULL ? settings_change_site(call->tenant, site, values, &problem)
                      : settings_change_tenant(call->tenant, values, &problem);
    if (changed(call, rc, &problem))
        answer_settings(call, call->tenant, site);
}
