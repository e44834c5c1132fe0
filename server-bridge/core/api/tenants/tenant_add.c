/* SPDX-License-Identifier: Apache-2.0
 *
 * tenant_add — a new tenant, whole or not at all: in the directory (as one being added), on the
 * XMPP server, its database, live, and only then in the directory as such. A step that fails ends
 * the half tenant as tenant_end.c does; so does the next start, when a kill came in between. Each
 * waits its turn (turn.h), and its database is made beside the loop.
 */
#include "server-bridge/core/api/audit.h"
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/tenants/free_name.h"
#include "server-bridge/core/api/tenants/turn.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/work.h"

#include <stdio.h>

struct adding {
    struct work work;    /* its database is made; first */
    struct call *call;   /* NULL: gone, and so are we as soon as the work is done */
    struct store *store; /* all that the thread touches, and … */
    struct core *core;
    struct tenant about; /* … its name */
    int rc;              /* why it is undone; or … */
    char *reason;        /* … what the XMPP server said */
};

static struct adding *adding_free(struct adding *adding)
{
    tenant_release(&adding->about);
    free(adding->reason);
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
        !body_words(call, "languages", "en", language_normalise, &about->languages) ||
        !take_secret(call, about))
        return false;
    if (asprintf(&about->domain, "%s.%s", about->name.text,
                 call->core->role->settings->xmpp_chat_domain) < 0)
        about->domain = NULL;
    about->settings = strdup("{}");
    about->created_ms = core_now_ms(call->core);
    about->state = TENANT_ADDING;
    if (about->title != NULL && about->languages != NULL && about->secret != NULL &&
        about->domain != NULL && about->settings != NULL && about->sites->origins != NULL)
        return true;
    answer_failed(call, RAISE(ERR_NO_MEMORY));
    return false;
}

static void undone(void *context, bool done, const char *reason)
{
    struct adding *adding = context;
    const char *later = done ? "" : " What was begun is undone as soon as it answers again.";

    (void)reason;
    if (adding->reason != NULL)
        answer_problem(adding->call, 502, "xmpp_refused",
                       "The XMPP server did not take the tenant: %s.%s", adding->reason, later);
    else
        answer_failed(adding->call, adding->rc);
    (void)adding_free(adding);
}

/* Ends what there is of it; only then the call is answered. */
static void undo(struct adding *adding, int rc, const char *reason)
{
    adding->rc = rc;
    adding->reason = reason == NULL ? NULL : strdup(reason);
    rc = tenants_end(adding->core, &adding->about, undone, adding);
    if (rc == OK)
        return;
    log_event(LOG_ERROR, NULL, "tenant_add.not_undone", "tenant=%s error=%s",
              adding->about.name.text, result_name(rc));
    undone(adding, false, "");
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

/* The directory says LIVE before anybody can be let in: web hears of it after this. */
static int open_doors(struct adding *adding)
{
    int rc;

    adding->about.state = TENANT_LIVE;
    rc = tenants_add(adding->core, &adding->about);
    if (rc != OK)
        return rc;
    audit_join(adding->call);
    return directory_tenant_state(adding->core->directory, &adding->about.name, TENANT_LIVE);
}

static void go_live(struct adding *adding)
{
    struct core *core = adding->core;
    int rc = open_doors(adding);
    struct live_tenant *tenant = tenants_find(core, slice_of(adding->about.name.text));
    json_t *view;

    if (rc != OK || tenant == NULL) {
        undo(adding, rc != OK ? rc : RAISE(ERR_BUG), NULL);
        return;
    }
    log_event(LOG_INFO, &tenant->log, "tenant.added", "sites=%zu", tenant->about.site_count);
    view = tenant_view(tenant);
    if (view != NULL)
        add_to_do(core, &adding->about, view);
    answer_json(adding->call, 201, view);
    (void)adding_free(adding);
}

/* --- its database --- */

static void make_database(struct work *work)
{
    struct adding *adding = (struct adding *)work;

    STORE_CALL(adding->store, tenant_prepare, &adding->about.name);
}

/* Gone with the core: its next start undoes what there is. */
static void forget_call(void *job)
{
    ((struct adding *)job)->call = NULL;
}

static void database_made(struct work *work, bool ran)
{
    struct adding *adding = (struct adding *)work;

    (void)ran;
    if (adding->call == NULL) {
        (void)adding_free(adding);
        return;
    }
    adding->call->release_job = NULL;
    go_live(adding);
}

static void make(struct adding *adding)
{
    adding->work = (struct work){ .run = make_database, .done = database_made };
    adding->store = adding->core->store;
    adding->call->job = adding;
    adding->call->release_job = forget_call;
    work_submit(adding->core, WORK_TENANTS, &adding->work);
}

static void hosted(void *context, bool done, const char *reason)
{
    struct adding *adding = context;

    if (done)
        make(adding);
    else
        undo(adding, OK, reason);
}

static void begin(void *context)
{
    struct adding *adding = context;
    struct call *call = adding->call;
    int rc = directory_tenant_add(adding->core->directory, &adding->about);

    if (rc == OK && provision_is_automatic(adding->core)) {
        provision_host(adding->core, &adding->about, true, hosted, adding);
    } else if (rc == OK) {
        make(adding);
    } else {
        if (rc == DIRECTORY_E_EXISTS)
            answer_problem(call, 409, "tenant_exists", "There is a tenant %s already.",
                           adding->about.name.text);
        else
            answer_failed(call, rc);
        (void)adding_free(adding);
    }
}

static void forget(void *context)
{
    (void)adding_free(context);
}

void handle_tenant_add(struct call *call)
{
    AUTO(adding) adding = calloc(1, sizeof(*adding));

    if (adding == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    adding->call = call;
    adding->core = call->core;
    if (!take_tenant(call, &adding->about))
        return;
    if (!name_is_free(call, &adding->about.name))
        return;
    turn_take(call, adding->about.name.text, begin, forget, adding);
    adding = NULL; /* it frees itself when the call is answered */
}
