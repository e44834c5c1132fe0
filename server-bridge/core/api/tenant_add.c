/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_add — a new tenant, whole or not at all: in the directory, on the XMPP server, live.
 * Each step that fails undoes those before it.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"

#include <stdio.h>

struct adding {
    struct call *call;
    struct core *core;
    struct tenant about;
};

static struct adding *adding_free(struct adding *adding)
{
    tenant_release(&adding->about);
    free(adding);
    return NULL;
}
DEFINE_AUTO(adding)

static bool take_name(struct call *call, struct tenant *about)
{
    if (tenant_name_parse(body_text(call, "tenant"), &about->name) == 0)
        return body_line(call, "name", TENANT_TITLE_MAX, about->name.text, &about->title);
    answer_problem(call, 400, "bad_field",
                   "\"tenant\" must be 1 to %d of a-z, 0-9 and inner hyphens, and none of the "
                   "names we keep (desk, control, admin, www …).",
                   TENANT_NAME_MAX);
    return false;
}

static bool take_site(struct call *call, struct tenant *about)
{
    size_t given = json_array_size(json_object_get(call->body, "origins"));

    if (given < 1 || given > TENANT_ORIGINS_MAX) {
        answer_problem(call, 400, "bad_field", "\"origins\" must hold 1 to %d origins.",
                       TENANT_ORIGINS_MAX);
        return false;
    }
    about->sites = calloc(1, sizeof(*about->sites));
    if (about->sites == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return false;
    }
    about->site_count = 1;
    id_format(id_new(), about->sites->id);
    id_format(id_new(), about->sites->key);
    return body_words(call, "origins", "", origin_normalise, &about->sites->origins);
}

/* It goes into the XMPP server's configuration: nothing in it may end a string there. */
static bool secret_is_fit(struct slice secret)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    for (size_t i = 0; i < secret.len; i++)
        if (memchr(letters, secret.data[i], sizeof(letters) - 1) == NULL)
            return false;
    return secret.len >= 16;
}

static bool take_secret(struct call *call, struct tenant *about)
{
    struct slice given = body_text(call, "secret");
    char token[TOKEN_TEXT_BYTES];

    if (given.len > 0 && !secret_is_fit(given)) {
        answer_problem(call, 400, "bad_field",
                       "\"secret\" must be 16 or more of A-Z a-z 0-9 _ and -.");
        return false;
    }
    token_new(token);
    about->secret = given.len > 0 ? slice_dup(given) : strdup(token);
    explicit_bzero(token, sizeof(token));
    return true;
}

static bool take_tenant(struct call *call, struct tenant *about)
{
    if (!take_name(call, about) || !take_site(call, about) ||
        !body_words(call, "languages", "en", language_put_right, &about->languages) ||
        !take_secret(call, about))
        return false;
    if (asprintf(&about->domain, "%s.%s", about->name.text,
                 call->core->role->settings->xmpp_chat_domain) < 0)
        about->domain = NULL;
    about->settings = strdup("{}");
    about->created_ms = core_now_ms(call->core);
    if (about->title != NULL && about->languages != NULL && about->secret != NULL &&
        about->domain != NULL && about->settings != NULL && about->sites->origins != NULL)
        return true;
    answer_failed(call, RAISE(ERR_NO_MEMORY));
    return false;
}

static void host_undone(void *context, bool done, const char *reason)
{
    (void)context;
    if (!done)
        log_event(LOG_WARNING, NULL, "tenant_add.host_left", "reason=\"%s\"", reason);
}

static void undo_directory(const struct adding *adding)
{
    int rc = directory_tenant_remove(adding->core->directory, &adding->about.name);

    if (rc != OK)
        log_event(LOG_ERROR, NULL, "tenant_add.not_undone", "tenant=%s error=%s",
                  adding->about.name.text, rc < 0 ? result_name(rc) : "none");
}

/* What is left for the XMPP server's admin where we may not do it ourselves. */
static void add_to_do(const struct core *core, const struct tenant *about, json_t *view)
{
    json_t *to_do;

    if (provision_is_automatic(core))
        return;
    to_do = json_pack("[s++, s]", "On the XMPP server, make the component ", about->domain,
                      " with this tenant's secret, and see that it may write to agents.",
                      "Where the admin chose the secret, add the tenant with --secret-file; a "
                      "secret made here is never shown.");
    (void)json_object_set_new(view, "to_do", to_do != NULL ? to_do : json_array());
}

static void go_live(struct adding *adding)
{
    struct core *core = adding->core;
    int rc = tenants_add(core, &adding->about);
    struct live_tenant *tenant = tenants_find(core, slice_of(adding->about.name.text));
    json_t *view;

    if (rc != OK || tenant == NULL) {
        if (tenant != NULL)
            tenants_remove(core, tenant);
        if (provision_is_automatic(core))
            provision_host(core, &adding->about, false, host_undone, NULL);
        undo_directory(adding);
        answer_failed(adding->call, rc != OK ? rc : RAISE(ERR_BUG));
        return;
    }
    log_event(LOG_INFO, &tenant->log, "tenant.added", "sites=%zu", tenant->about.site_count);
    view = tenant_view(tenant);
    if (view != NULL)
        add_to_do(core, &adding->about, view);
    answer_json(adding->call, 201, view);
}

static void hosted(void *context, bool done, const char *reason)
{
    struct adding *adding = context;

    if (done) {
        go_live(adding);
    } else {
        undo_directory(adding);
        answer_problem(adding->call, 502, "xmpp_refused",
                       "The XMPP server did not take the tenant: %s.", reason);
    }
    (void)adding_free(adding);
}

void handle_tenant_add(struct call *call)
{
    AUTO(adding) adding = calloc(1, sizeof(*adding));
    const char *name;
    int rc;

    if (adding == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    adding->call = call;
    adding->core = call->core;
    if (!take_tenant(call, &adding->about))
        return;
    name = adding->about.name.text;
    if (call_is_busy(call->core, "tenant", name)) {
        answer_problem(call, 409, "in_progress", "%s is being added right now.", name);
        return;
    }
    rc = directory_tenant_add(call->core->directory, &adding->about);
    if (rc == DIRECTORY_E_EXISTS) {
        answer_problem(call, 409, "tenant_exists", "There is a tenant %s already.", name);
    } else if (rc != OK) {
        answer_failed(call, rc);
    } else if (!provision_is_automatic(call->core)) {
        go_live(adding);
    } else if (!call_keep(call, "tenant", name)) {
        undo_directory(adding);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
    } else {
        provision_host(call->core, &adding->about, true, hosted, adding);
        adding = NULL; /* hosted() has it */
    }
}
