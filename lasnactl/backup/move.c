/* SPDX-License-Identifier: Apache-2.0
 *
 * move — a tenant of another server taken over from a backup of it alone. The files are put in
 * place here; the daemon makes them a tenant by one commit. It stays disabled: the old server lets
 * go first, and whoever moves it says when.
 */
#include "lasnactl/backup/backup.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"
#include "storage/backup/restore.h"

#include <string.h>

/* The daemon must be there to adopt it, and must not know the name. */
static int look_for_room(struct client *client, const char *tenant)
{
    struct reply reply = { 0 };
    char path[64];
    int rc;

    (void)snprintf(path, sizeof(path), "/tenants/%.*s", TENANT_NAME_MAX, tenant);
    rc = client_ask(client, "GET", path, NULL, &reply);
    if (rc == EXIT_DONE && reply.status == 200)
        rc = complain(EXIT_REFUSED, "there is a tenant %s already.", tenant);
    else if (rc == EXIT_DONE && reply.status != 404)
        rc = client_refused(client, &reply);
    reply_release(&reply);
    return rc;
}

static int adopt(struct client *client, const char *tenant, json_t **ret_view)
{
    AUTO_JSON body = json_pack("{s:s}", "tenant", tenant);
    struct reply reply = { 0 };
    int rc = client_ask(client, "POST", "/adoptions", body, &reply);

    if (rc == EXIT_DONE && reply.status != 201)
        rc = client_refused(client, &reply);
    if (rc == EXIT_DONE)
        *ret_view = json_incref(reply.document);
    reply_release(&reply);
    return rc;
}

/* Its desk is a new contact for those who serve it: each is assigned as what they were. One whose
 * account is not here yet gets it by `agent assign`, later. */
static int introduce(struct client *client, const char *tenant, size_t *ret_untold)
{
    static const char *const members[] = {
        "jid", "role", "limit", "persona", "signature", "skills"
    };
    struct reply all = { 0 };
    char path[64];
    const json_t *member;
    size_t i;
    int rc;

    (void)snprintf(path, sizeof(path), "/tenants/%.*s/agents", TENANT_NAME_MAX, tenant);
    rc = client_ask(client, "GET", path, NULL, &all);
    if (rc == EXIT_DONE && all.status != 200)
        rc = client_refused(client, &all);
    if (rc == EXIT_DONE)
        rc = client_ask_on(client, path, &all);
    json_array_foreach(all.document, i, member)
    {
        AUTO_JSON body = json_object();
        struct reply reply = { 0 };

        for (size_t at = 0; at < sizeof(members) / sizeof(members[0]); at++)
            if (!json_is_null(json_object_get(member, members[at])))
                (void)json_object_set(body, members[at], json_object_get(member, members[at]));
        if (rc == EXIT_DONE)
            rc = client_ask(client, "POST", path, body, &reply);
        if (rc == EXIT_DONE && reply.status != 200)
            rc = client_refused(client, &reply);
        *ret_untold += strcmp(text_of(reply.document, "roster"), "changed") != 0;
        reply_release(&reply);
    }
    reply_release(&all);
    return rc;
}

static void tell(const struct args *args, const json_t *view, const struct backup *backup,
                 const struct restore_report *report, size_t untold)
{
    const char *tenant = backup->tenant.text;

    if (args_has(args, "--json")) {
        AUTO_JSON document = json_pack(
            "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:O}", "backup", backup->dir, "made_at",
            backup->made_at, "imported", tenant, "conversations", (json_int_t)report->conversations,
            "messages", (json_int_t)report->messages, "erased", (json_int_t)report->erased,
            "without_desk", (json_int_t)untold, "tenant", view);

        print_json(document);
        return;
    }
    (void)printf("%s is here as it was %s: %llu conversations, %llu messages. It is disabled.\n"
                 "Next: `lasnactl tenant enable %s` here, and lead its snippet's host name here.\n",
                 tenant, backup->made_at, (unsigned long long)report->conversations,
                 (unsigned long long)report->messages, tenant);
    if (untold > 0)
        (void)printf("%zu agents have no account here yet, so no desk among their contacts: "
                     "`lasnactl agent assign` gives it.\n",
                     untold);
}

static int import(struct client *client, const struct args *args, const struct restore_wish *wish)
{
    const struct tenant_name *tenant = &wish->backup->tenant;
    struct restore_report report;
    size_t untold = 0;
    AUTO_JSON view = NULL;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 8192);
    if (tenant->text[0] == '\0')
        return complain(EXIT_REFUSED,
                        "%s holds all of an instance: `lasnactl backup DIR --tenant NAME` makes "
                        "a backup of one tenant.",
                        wish->backup->dir);
    rc = look_for_room(client, tenant->text);
    if (rc != EXIT_DONE)
        return rc;
    if (restore_stranger(wish, tenant, &report, &problem) != OK)
        return backup_told(wish->backup->dir, &problem);
    rc = adopt(client, tenant->text, &view);
    if (rc == EXIT_DONE)
        rc = introduce(client, tenant->text, &untold);
    if (rc == EXIT_DONE)
        tell(args, view, wish->backup, &report, untold);
    return rc;
}

int tenant_import_run(struct client *client, const struct args *args)
{
    return restore_wished(client, args, import);
}
