/* SPDX-License-Identifier: Apache-2.0
 *
 * verify — walks every store, off the loop, and tells what does not hold. Tenants go on being
 * served meanwhile; one whose database is away is a finding like any other.
 */
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/views.h"
#include "server-bridge/core/work.h"

#include "storage/directory/avatars.h"
#include "storage/directory/tenant_keys.h"
#include "storage/directory/users.h"
#include "storage/verify.h"

#include <inttypes.h>
#include <stdio.h>

struct walked {
    struct tenant_name tenant;
    struct store *view; /* NULL: unavailable */
    struct tenant_keys keys;
    struct verify_report report;
    int rc;
};

struct verifying {
    struct work work;
    struct core *core;
    struct call *call; /* NULL: gone */
    struct walked *tenants;
    size_t count;
    char *directory; /* owned; its file */
    struct buf pictures;
    uint64_t picture_count;
};

static void verifying_free(struct verifying *verifying)
{
    for (size_t i = 0; verifying->tenants != NULL && i < verifying->count; i++) {
        store_view_close(verifying->core->store, verifying->tenants[i].view);
        buf_release(&verifying->tenants[i].report.problems);
        tenant_keys_wipe(&verifying->tenants[i].keys);
    }
    buf_release(&verifying->pictures);
    free(verifying->directory);
    free(verifying->tenants);
    free(verifying);
}

static void run(struct work *work)
{
    struct verifying *verifying = (struct verifying *)work;

    for (size_t i = 0; i < verifying->count; i++) {
        struct walked *walked = &verifying->tenants[i];

        if (walked->view != NULL)
            walked->rc = verify_store(walked->view, &walked->tenant, &walked->report);
        if (walked->view != NULL && walked->rc == OK)
            walked->rc = verify_files(walked->view, &walked->tenant, &walked->report);
        if (walked->view != NULL && walked->rc == OK)
            walked->rc =
                verify_secrets(walked->view, &walked->tenant, &walked->keys, &walked->report);
    }
    directory_avatars_check(verifying->directory, &verifying->picture_count, &verifying->pictures);
}

static void add_to(json_t *findings, const char *area, const char *tenant, bool fine,
                   struct slice text)
{
    (void)json_array_append_new(findings, json_pack("{s:s, s:s, s:s?, s:s%}", "area", area,
                                                    "verdict", fine ? "fine" : "problem", "tenant",
                                                    tenant, "text", text.data, text.len));
}

static void add(json_t *findings, const char *tenant, bool fine, struct slice text)
{
    add_to(findings, tenant != NULL ? "store" : "audit", tenant, fine, text);
}

/* A finding a line. Returns how many. */
static size_t add_lines(json_t *findings, const char *area, const char *tenant,
                        const struct buf *problems)
{
    const char *at = problems->len > 0 ? problems->data : "";
    size_t count = 0;

    for (; *at != '\0'; count++) {
        size_t len = strcspn(at, "\n");

        add_to(findings, area, tenant, false, (struct slice){ at, len });
        at += len + (at[len] != '\0');
    }
    return count;
}

/* Returns how many problems. */
static size_t add_walked(json_t *findings, const struct walked *walked)
{
    char text[128];
    size_t problems;

    if (walked->view == NULL || walked->rc != OK) {
        add(findings, walked->tenant.text, false,
            SLICE_LITERAL("The database cannot be opened: the log says why; other tenants go on."));
        return 1;
    }
    problems = add_lines(findings, "store", walked->tenant.text, &walked->report.problems);
    (void)snprintf(text, sizeof(text), "%" PRIu64 " conversations, %" PRIu64 " messages: all hold.",
                   walked->report.conversations, walked->report.messages);
    if (problems == 0)
        add(findings, walked->tenant.text, true, slice_of(text));
    return problems;
}

static size_t add_audit(struct core *core, json_t *findings)
{
    uint64_t entry = 0;
    int rc = directory_audit_check(core->directory, &entry);
    char text[128];

    (void)snprintf(text, sizeof(text),
                   rc == OK ? "The chain of %" PRIu64 " entries is whole."
                            : "The chain is broken at entry %" PRIu64 ".",
                   entry);
    add(findings, NULL, rc == OK, slice_of(text));
    return rc != OK;
}

/* What the directory holds of each tenant, served or not. */
static size_t add_keys(struct core *core, json_t *findings)
{
    size_t problems = 0, tenants = 0;
    char text[128];

    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        AUTO_BUF found;

        buf_init(&found, 4096);
        if (directory_keys_check(core->directory, &tenant->about.name, &found) < OK)
            buf_add_text(&found, "its key cannot be read\n");
        problems += add_lines(findings, "keys", tenant->about.name.text, &found);
        tenants++;
    }
    (void)snprintf(text, sizeof(text), "The keys of %zu tenants open, and what they seal.",
                   tenants);
    if (problems == 0)
        add_to(findings, "keys", NULL, true, slice_of(text));
    return problems;
}

/* The database of such a one is closed: nothing else would tell. */
static size_t add_moving(struct core *core, json_t *findings)
{
    size_t problems = 0;

    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        if (!tenants_is_moving(tenant))
            continue;
        add(findings, tenant->about.name.text, false,
            SLICE_LITERAL("It was renamed, and not all of it could be moved: tenant.rename_waits "
                          "in the log says what."));
        problems++;
    }
    return problems;
}

static size_t add_users(struct core *core, json_t *findings)
{
    AUTO_BUF problems;

    buf_init(&problems, 4096);
    directory_users_check(core->directory, &problems);
    if (problems.len == 0)
        add_to(findings, "users", NULL, true,
               SLICE_LITERAL("Console users and the directory hold."));
    return add_lines(findings, "users", NULL, &problems);
}

static size_t add_pictures(const struct verifying *verifying, json_t *findings)
{
    char text[128];

    (void)snprintf(text, sizeof(text), "%" PRIu64 " pictures of agents and tenants: all hold.",
                   verifying->picture_count);
    if (verifying->pictures.len == 0)
        add_to(findings, "avatars", NULL, true, slice_of(text));
    return add_lines(findings, "avatars", NULL, &verifying->pictures);
}

static void done(struct work *work, bool ran)
{
    struct verifying *verifying = (struct verifying *)work;
    struct call *call = verifying->call;
    json_t *findings = json_array();
    size_t problems = 0;

    if (call != NULL)
        call->release_job = NULL;
    if (call != NULL && ran) {
        problems = add_audit(verifying->core, findings);
        problems += add_users(verifying->core, findings);
        problems += add_moving(verifying->core, findings);
        problems += add_keys(verifying->core, findings);
        problems += add_pictures(verifying, findings);
        for (size_t i = 0; i < verifying->count; i++)
            problems += add_walked(findings, &verifying->tenants[i]);
        answer_json(call, 200,
                    json_pack("{s:b, s:i, s:O}", "ok", problems == 0, "problems", (int)problems,
                              "findings", findings));
    } else if (call != NULL) {
        answer_failed(call, ERR_CLOSED);
    }
    json_decref(findings);
    verifying_free(verifying);
}

static void forget_call(void *job)
{
    ((struct verifying *)job)->call = NULL;
}

/* A view of each tenant that is served; a disabled one's database is closed, and left alone. */
static void open_views(struct verifying *verifying)
{
    struct core *core = verifying->core;

    for (struct live_tenant *tenant = core->tenants; tenant != NULL; tenant = tenant->hh.next) {
        struct walked *walked = &verifying->tenants[verifying->count];

        if (tenant->about.state != TENANT_LIVE)
            continue;
        walked->tenant = tenant->about.name;
        if (directory_keys_get(core->directory, &walked->tenant, &walked->keys) != OK)
            walked->keys.count = 0; /* add_keys() tells */
        if (STORE_CALL(core->store, view, &walked->tenant, &walked->view) != OK)
            walked->view = NULL;
        verifying->count++;
    }
}

void handle_verify_show(struct call *call)
{
    struct verifying *verifying = calloc(1, sizeof(*verifying));

    if (verifying == NULL) {
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    verifying->core = call->core;
    verifying->tenants = calloc(HASH_COUNT(call->core->tenants) + 1, sizeof(struct walked));
    verifying->directory = strdup(directory_path(call->core->directory));
    buf_init(&verifying->pictures, 64 * 1024);
    if (verifying->tenants == NULL || verifying->directory == NULL ||
        !call_keep(call, "verify", "all")) {
        verifying_free(verifying);
        answer_failed(call, RAISE(ERR_NO_MEMORY));
        return;
    }
    verifying->work = (struct work){ .run = run, .done = done };
    open_views(verifying);
    verifying->call = call;
    call->job = verifying;
    call->release_job = forget_call;
    work_submit(call->core, WORK_LONG, &verifying->work);
}
