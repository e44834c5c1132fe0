/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_change — what a tenant is called, speaks, and where its widget stands. Its short name, and
 * so its addresses, it keeps. Pages and agents' rosters hear of it at once; the component tells its
 * new name when it connects the next time.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include <stdio.h>

/* NULL: not asked for, it stays. */
struct change {
    char *title, *languages, *origins; /* owned */
    struct site *site;                 /* whose origins */
};

static void change_release(struct change *change)
{
    free(change->title);
    free(change->languages);
    free(change->origins);
}

static bool is_given(const struct call *call, const char *key)
{
    const json_t *value = json_object_get(call->body, key);

    return value != NULL && !json_is_null(value);
}

static bool find_site(struct call *call, struct change *change)
{
    struct tenant *about = &call->tenant->about;
    struct slice id = body_text(call, "site");

    for (size_t i = 0; change->site == NULL && i < about->site_count; i++)
        if (id.len == 0 || slice_is(id, about->sites[i].id))
            change->site = &about->sites[i];
    if (change->site == NULL)
        answer_not_found(call, "site");
    return change->site != NULL;
}

/* A list that is given holds at least one. */
static bool take_words(struct call *call, const char *key, size_t max, put_right_fn *put_right,
                       char **ret_words)
{
    size_t given = json_array_size(json_object_get(call->body, key));

    if (!is_given(call, key))
        return true;
    if (given >= 1 && given <= max)
        return body_words(call, key, "", put_right, ret_words);
    answer_problem(call, 400, "bad_field", "\"%s\" must hold 1 to %zu.", key, max);
    return false;
}

static bool take_change(struct call *call, struct change *change)
{
    if (!is_given(call, "name") && !is_given(call, "languages") && !is_given(call, "origins")) {
        answer_problem(call, 400, "bad_field", "Say \"name\", \"languages\" or \"origins\".");
        return false;
    }
    return find_site(call, change) &&
           (!is_given(call, "name") ||
            body_line(call, "name", TENANT_TITLE_MAX, NULL, &change->title)) &&
           take_words(call, "languages", 16, language_normalise, &change->languages) &&
           take_words(call, "origins", TENANT_ORIGINS_MAX, origin_normalise, &change->origins);
}

static void note(struct call *call, const struct change *change)
{
    AUTO_BUF text;

    buf_init(&text, 16 * 1024);
    if (change->title != NULL)
        buf_addf(&text, "name=\"%s\"", change->title);
    if (change->languages != NULL)
        buf_addf(&text, "%slanguages=\"%s\"", text.len > 0 ? " " : "", change->languages);
    if (change->origins != NULL)
        buf_addf(&text, "%ssite=%s origins=\"%s\"", text.len > 0 ? " " : "", change->site->id,
                 change->origins);
    call->changed = slice_dup(buf_slice(&text));
    audit_join(call);
}

static void swap(char **kept, char **changed)
{
    char *before = *kept;

    if (*changed == NULL)
        return;
    *kept = *changed;
    *changed = before;
}

static void exchange(struct tenant *about, struct change *change)
{
    swap(&about->title, &change->title);
    swap(&about->languages, &change->languages);
    swap(&change->site->origins, &change->origins);
}

static void roster_done(void *context, bool done, const char *reason)
{
    (void)context;
    if (!done)
        log_event(LOG_WARNING, NULL, "roster.failed", "reason=\"%s\"", reason);
}

/* The desk stands in each member's roster under the tenant's name. */
static void rename_desk(const struct live_tenant *tenant)
{
    char desk[IPC_JID_MAX], name[512];

    (void)snprintf(desk, sizeof(desk), "desk@%s", tenant->about.domain);
    (void)snprintf(name, sizeof(name), "%s desk", tenant->about.title);
    for (size_t i = 0; i < tenant->member_count; i++)
        provision_roster(tenant->core,
                         &(struct ipc_provision_roster){ .owner = slice_of(tenant->members[i].jid),
                                                         .contact = slice_of(desk),
                                                         .name = slice_of(name),
                                                         .group = slice_of(tenant->about.title),
                                                         .present = true },
                         roster_done, NULL);
}

static void tell(struct live_tenant *tenant, bool renamed)
{
    struct web_peer *web;

    DL_FOREACH(tenant->core->webs, web)
    tenants_tell_web(web, tenant);
    link_side_look(tenant);
    rooms_tell(tenant);
    if (!renamed)
        return;
    if (tenant->chat != NULL)
        chat_rename(tenant->chat, tenant->about.title);
    if (provision_is_automatic(tenant->core))
        rename_desk(tenant);
}

/* Exchanged first, and back where the directory does not keep it. */
void handle_tenant_change(struct call *call)
{
    struct live_tenant *tenant = call->tenant;
    struct change change = { 0 };
    int rc;

    if (take_change(call, &change)) {
        note(call, &change);
        exchange(&tenant->about, &change);
        rc = directory_tenant_describe(call->core->directory, &tenant->about);
        if (rc == OK) {
            tell(tenant, change.title != NULL);
            answer_json(call, 200, tenant_view(tenant));
        } else {
            exchange(&tenant->about, &change);
            answer_failed(call, rc < 0 ? rc : RAISE(ERR_BUG));
        }
    }
    change_release(&change);
}
