/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings in layers, as far as the core has to do with them: which layers count for a
 * tenant, what the rules (chat/) make of them, what web must know, and how a change reaches
 * both without a restart. The table itself is tenant/settings.def.
 */
#include "server-bridge/core/core.h"

#include "tenant/jid.h"

static const char server_note[] = "settings";

/* Where that cannot be told it is wanted of all: nobody gets in by our failure. */
static void take_factor(struct core *core)
{
    const char *const layers[LAYER_COUNT] = { [LAYER_SERVER] = core->settings };
    AUTO(tenant_settings) settings = NULL;

    core->factor_wanted = tenant_settings_new(&settings, layers) == OK
                              ? (enum factor_wanted)settings->users_second_factor
                              : FACTOR_OF_ALL;
}

int settings_start(struct core *core)
{
    AUTO_MEM char *text = malloc(SETTINGS_LAYER_MAX_BYTES + 1);
    int rc = text == NULL ? RAISE(ERR_NO_MEMORY)
                          : directory_note_get(core->directory, server_note, text,
                                               SETTINGS_LAYER_MAX_BYTES + 1);

    if (rc != OK && rc != DIRECTORY_E_NONE)
        return TRACE(rc);
    core->settings = strdup(rc == OK ? text : "{}");
    if (core->settings == NULL)
        return RAISE(ERR_NO_MEMORY);
    take_factor(core);
    return OK;
}

int settings_of(const struct live_tenant *tenant, const struct site *site,
                struct tenant_settings **ret_settings)
{
    const char *const layers[LAYER_COUNT] = {
        [LAYER_SERVER] = tenant->core->settings,
        [LAYER_TENANT] = tenant->about.settings,
        [LAYER_SITE] = site == NULL ? NULL : site->settings,
    };

    return tenant_settings_new(ret_settings, layers);
}

/* What the rules need of the settings: a line each. */
static struct chat_rules rules_of(const struct tenant_settings *settings)
{
    struct chat_rules rules = chat_rules_default;

    rules.offer_ms = settings->routing_offer_ms;
    rules.offer_again_ms = settings->routing_offer_again_ms;
    rules.gone_grace_ms = settings->routing_gone_grace_ms;
    rules.idle_end_ms = settings->routing_idle_end_ms;
    rules.silent_end_ms = settings->routing_silent_end_ms;
    rules.queued_end_ms = settings->routing_queued_end_ms;
    rules.mode = (enum routing_mode)settings->routing_mode;
    rules.sticky = settings->routing_sticky;
    rules.languages = settings->routing_languages;
    rules.overflow_ms = settings->routing_overflow_ms;
    rules.priority_point_ms = settings->routing_priority_point_ms;
    rules.wrap_up_ms = settings->routing_wrap_up_ms;
    rules.unanswered_ms = settings->routing_unanswered_ms;
    rules.unanswered = (enum unanswered)settings->routing_unanswered;
    (void)slice_copy(slice_of(settings->routing_unanswered_skill), rules.unanswered_skill,
                     sizeof(rules.unanswered_skill));
    (void)outsiders_parse(slice_of(settings->desk_contacts), &rules.outsiders);
    rules.outsiders_offer_ms = settings->desk_contacts_offer_ms;
    rules.tell_watched = settings->desk_tell_watched;
    rules.room_announces = settings->desk_room == 2; /* the third of its words */
    rules.guards_brands = settings->desk_guard_brands;
    rules.end_needs = (enum end_needs)settings->desk_end_needs;
    (void)slice_copy(slice_of(settings->desk_outcomes), rules.outcomes, sizeof(rules.outcomes));
    /* Each was checked when it was set. */
    (void)priority_parse(slice_of(settings->routing_priority), &rules.priority);
    (void)hours_parse(slice_of(settings->hours_week), slice_of(settings->hours_zone),
                      slice_of(settings->hours_closed), &rules.hours);
    return rules;
}

int settings_rules(const struct live_tenant *tenant, struct chat_rules *ret_rules)
{
    AUTO(tenant_settings) settings = NULL;
    int rc = settings_of(tenant, NULL, &settings);

    if (rc == OK)
        *ret_rules = rules_of(settings);
    return rc;
}

int settings_quota(struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;
    int rc = settings_of(tenant, NULL, &settings);

    tenant->factor_wanted =
        rc == OK ? (enum factor_wanted)settings->users_second_factor : FACTOR_OF_ALL;
    if (rc != OK)
        return rc;
    tenant->quota = (struct quota){ .messages = settings->quota_messages,
                                    .sessions = settings->quota_sessions,
                                    .conversations = settings->quota_conversations,
                                    .api = settings->quota_api,
                                    .users = settings->quota_users,
                                    .storage_bytes = settings->quota_storage_mb * 1000000 };
    return OK;
}

struct telling {
    struct live_tenant *tenant;
    enum chat_event_type type;
};

static void tell_wording(void *context, const char *language, const char *text)
{
    const struct telling *telling = context;
    struct chat_event set = { .type = telling->type,
                              .language = slice_of(language),
                              .text = slice_of(text),
                              .on = language[0] == '\0' };

    tenants_handle(telling->tenant, &set);
}

void settings_tell_words(struct live_tenant *tenant)
{
    AUTO(tenant_settings) settings = NULL;

    if (settings_of(tenant, NULL, &settings) != OK) {
        log_event(LOG_ERROR, &tenant->log, "settings.untold", "");
        return;
    }
    tenant_settings_each_wording(settings, "desk.canned", tell_wording,
                                 &(struct telling){ tenant, CHAT_CANNED_SET });
    tenant_settings_each_wording(settings, "desk.playbook", tell_wording,
                                 &(struct telling){ tenant, CHAT_PLAYBOOK_SET });
    tenant_settings_each_wording(settings, "desk.unanswered", tell_wording,
                                 &(struct telling){ tenant, CHAT_UNANSWERED_SET });
}

/* --- changes --- */

void settings_tell_outsiders(struct live_tenant *tenant, bool heard)
{
    for (unsigned i = 0; i < tenant->outsiders.count; i++) {
        struct slice jid = slice_of(tenant->outsiders.all[i].jid);

        if (tenants_member(tenant, jid) == NULL)
            IPC_SEND(tenant->link, link_member, .jid = jid, .member = heard, .outsider = true,
                     .language = slice_of(tenant->outsiders.all[i].language));
    }
}

static void set_outsiders(struct live_tenant *tenant, const struct outsiders *outsiders)
{
    settings_tell_outsiders(tenant, false);
    tenant->outsiders = *outsiders;
    settings_tell_outsiders(tenant, true);
}

/* Whoever must know hears of it. */
static void tell(struct live_tenant *tenant)
{
    struct chat_event set = { .type = CHAT_RULES_SET };
    struct chat_rules rules;
    struct web_peer *web;

    if (settings_rules(tenant, &rules) != OK || settings_quota(tenant) != OK) {
        log_event(LOG_ERROR, &tenant->log, "settings.untold", "");
        return;
    }
    set.rules = &rules;
    set_outsiders(tenant, &rules.outsiders);
    tenants_handle(tenant, &set);
    settings_tell_words(tenant);
    DL_FOREACH(tenant->core->webs, web)
    tenants_tell_web(web, tenant);
    link_side_look(tenant);
    rooms_tell(tenant);
    retention_run(tenant);
}

static void keep(char **layer, char **changed)
{
    free(*layer);
    *layer = *changed;
    *changed = NULL;
}

static bool is_below(struct slice domain, const char *above)
{
    size_t len = strlen(above);

    return len > 0 && domain.len > len && domain.data[domain.len - len - 1] == '.' &&
           slice_is((struct slice){ domain.data + domain.len - len, len }, above);
}

/* A contact of this tenant or another, a room, or what we speak to the XMPP server as. */
static bool is_ours(const struct core *core, const char *address)
{
    const struct settings *settings = core->role->settings;
    struct jid jid;

    if (jid_split(slice_of(address), &jid) != 0)
        return false;
    for (const struct live_tenant *tenant = core->tenants; tenant != NULL;
         tenant = tenant->hh.next) {
        if (slice_is(jid.domain, tenant->about.domain))
            return true;
    }
    return is_below(jid.domain, settings->xmpp_chat_domain) ||
           slice_is(jid.domain, settings->xmpp_rooms_domain) ||
           slice_is(jid.domain, settings->xmpp_control_domain);
}

/* 1: desks would be named as people outside, and answer one another for ever. */
static int check_outsiders(const struct core *core, const json_t *changes, struct buf *problem)
{
    const char *text = json_string_value(json_object_get(changes, "desk.contacts"));
    struct outsiders outsiders;

    if (text == NULL || !outsiders_parse(slice_of(text), &outsiders))
        return OK; /* told as every value is that makes no sense */
    for (unsigned i = 0; i < outsiders.count; i++) {
        if (!is_ours(core, outsiders.all[i].jid))
            continue;
        buf_addf(problem,
                 "\"desk.contacts\": %s is an address of this service's own, not a person's.",
                 outsiders.all[i].jid);
        return 1;
    }
    return OK;
}

int settings_change_server(struct core *core, const json_t *changes, struct buf *problem)
{
    AUTO_MEM char *changed = NULL;
    int rc = settings_layer_change(core->settings, LAYER_SERVER, changes, &changed, problem);

    if (rc == OK)
        rc = check_outsiders(core, changes, problem);
    if (rc == OK)
        rc = directory_note_set(core->directory, server_note, changed);
    if (rc != OK)
        return rc;
    keep(&core->settings, &changed);
    take_factor(core);
    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next)
        tell(tenant);
    return OK;
}

int settings_change_tenant(struct live_tenant *tenant, const json_t *changes, struct buf *problem)
{
    struct tenant *about = &tenant->about;
    AUTO_MEM char *changed = NULL;
    int rc = settings_layer_change(about->settings, LAYER_TENANT, changes, &changed, problem);

    if (rc == OK)
        rc = check_outsiders(tenant->core, changes, problem);
    if (rc == OK)
        rc = FOLD(directory_tenant_settings(tenant->core->directory, &about->name, changed));
    if (rc != OK)
        return rc;
    keep(&about->settings, &changed);
    tell(tenant);
    return OK;
}

int settings_change_site(struct live_tenant *tenant, struct site *site, const json_t *changes,
                         struct buf *problem)
{
    AUTO_MEM char *changed = NULL;
    int rc = settings_layer_change(site->settings, LAYER_SITE, changes, &changed, problem);

    if (rc == OK)
        rc = FOLD(
            directory_site_set(tenant->core->directory, &tenant->about.name, site->id, changed));
    if (rc != OK)
        return rc;
    keep(&site->settings, &changed);
    tell(tenant);
    return OK;
}
