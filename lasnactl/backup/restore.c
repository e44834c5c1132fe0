/* SPDX-License-Identifier: Apache-2.0
 *
 * restore and verify — what is done to files: a backup put back, a backup or a stopped home looked
 * through. The daemon is asked one thing only: whether it has a tenant's database closed.
 */
#include "storage/backup/restore.h"

#include "base/clock.h"
#include "lasnactl/args.h"
#include "lasnactl/backup/backup.h"
#include "lasnactl/client.h"
#include "lasnactl/file.h"
#include "lasnactl/home.h"
#include "lasnactl/print/print.h"

#include <errno.h>
#include <string.h>

int backup_told(const char *dir, const struct buf *problem)
{
    return complain(EXIT_REFUSED, "%s: %s", dir,
                    problem->len > 0 ? problem->data
                                     : "it cannot be read; the lines above say why.");
}

int backup_open_given(const struct args *args, struct backup **ret_backup)
{
    const char *dir = args_operand(args, "DIR");
    AUTO_MEM char *secret = NULL;
    AUTO_BUF problem;
    int rc = backup_key(args, &secret);

    buf_init(&problem, 8192);
    if (rc == EXIT_DONE && backup_open(ret_backup, dir, secret, &problem) != OK)
        rc = backup_told(dir, &problem);
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    return rc;
}

/* --- restore --- */

/* A core that runs holds the data folder: only what it has closed may be replaced. */
static bool is_closed(void *context, const struct tenant_name *tenant, struct buf *problem)
{
    struct reply reply = { 0 };
    bool closed = false;
    char path[64];

    (void)snprintf(path, sizeof(path), "/tenants/%s", tenant->text);
    if (client_ask(context, "GET", path, NULL, &reply) != EXIT_DONE)
        buf_add_text(problem, "an instance has this data folder, and does not answer.");
    else if (reply.status != 200)
        buf_addf(problem,
                 "no tenant %s is known there: `lasnactl tenant import` takes it over whole from a "
                 "backup of it alone, or `lasnactl tenant add` it first.",
                 tenant->text);
    else
        closed = json_is_true(json_object_get(reply.document, "disabled"));
    if (!closed && problem->len == 0)
        buf_addf(problem, "%s is being served: `lasnactl tenant disable %s` first.", tenant->text,
                 tenant->text);
    reply_release(&reply);
    return closed;
}

/* A newer ledger, as --erasures names it; nothing where it does not. */
static int read_erasures(const struct args *args, struct buf *text)
{
    const char *path = args_get(args, "--erasures");

    if (path == NULL || file_read(path, text))
        return EXIT_DONE;
    return complain(EXIT_REFUSED, "%s cannot be read: %s.", path,
                    buf_failed(text) ? "it is too long" : strerror(errno));
}

int restore_wished(struct client *client, const struct args *args, restore_way *way)
{
    const char *given = args_get(args, "--data");
    AUTO_MEM char *data = given != NULL ? strdup(given) : home_data(args_get(args, "--home"));
    AUTO(backup) backup = NULL;
    struct restore_wish wish = { .data = data, .now_ms = clock_now_ms() };
    AUTO_BUF text;
    int rc;

    buf_init(&text, LEDGER_MAX_BYTES);
    if (data == NULL)
        return complain(EXIT_REFUSED, "out of memory.");
    rc = backup_open_given(args, &backup);
    if (rc == EXIT_DONE)
        rc = read_erasures(args, &text);
    if (rc != EXIT_DONE)
        return rc;
    wish.backup = backup;
    wish.erasures = buf_slice(&text);
    return way(client, args, &wish);
}

static int tell_restored(const struct args *args, const struct backup *backup, const char *data,
                         const struct restore_report *report)
{
    size_t left_out = json_object_size(backup->left_out);
    const char *tenant;
    json_t *why;

    json_object_foreach(backup->left_out, tenant, why)
    {
        (void)complain(EXIT_PROBLEMS, "%s is not in it: %s", tenant, json_string_value(why));
    }
    if (args_has(args, "--json")) {
        AUTO_JSON document = json_pack(
            "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "backup", backup->dir,
            "made_at", backup->made_at, "data", data, "tenants", (json_int_t)report->tenants,
            "conversations", (json_int_t)report->conversations, "messages",
            (json_int_t)report->messages, "erased", (json_int_t)report->erased, "removed",
            (json_int_t)report->removed, "renamed", (json_int_t)report->renamed, "shut_out",
            (json_int_t)report->shut_out, "problems", (int)left_out);

        print_json(document);
    } else {
        (void)printf(
            "Restored to %s, as it was %s: %zu tenants, %llu conversations, %llu messages.\n", data,
            backup->made_at, report->tenants, (unsigned long long)report->conversations,
            (unsigned long long)report->messages);
        if (report->erased > 0)
            (void)printf("%llu visitors who were erased since then were erased again.\n",
                         (unsigned long long)report->erased);
        if (report->removed > 0)
            (void)printf("%zu tenants that were removed since then are not in it.\n",
                         report->removed);
        if (report->renamed > 0)
            (void)printf("%zu tenants that were renamed since then bear their new names.\n",
                         report->renamed);
        if (report->shut_out > 0)
            (void)printf("%zu tokens, agents and users who were shut out since then stay so.\n",
                         report->shut_out);
    }
    return left_out > 0 ? EXIT_PROBLEMS : EXIT_DONE;
}

static int put_back(struct client *client, const struct args *args, const struct restore_wish *wish)
{
    const char *only = args_get(args, "--tenant");
    struct restore_report report;
    struct tenant_name tenant;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 8192);
    if (only == NULL)
        rc = restore_all(wish, &report, &problem);
    else if (tenant_name_parse(slice_of(only), &tenant) != 0)
        return complain(EXIT_USAGE, "%s is no tenant's name.", only);
    else if (!args_has(args, "--yes"))
        return complain(EXIT_USAGE,
                        "this replaces all that %s has by what it had %s: say --yes to mean it.",
                        only, wish->backup->made_at);
    else
        rc = restore_tenant(wish, &tenant, is_closed, client, &report, &problem);
    return rc == OK ? tell_restored(args, wish->backup, wish->data, &report)
                    : backup_told(wish->backup->dir, &problem);
}

int restore_run(struct client *client, const struct args *args)
{
    return restore_wished(client, args, put_back);
}

/* --- verify --- */

static void add_finding(json_t *findings, const char *verdict, const char *area, struct slice text)
{
    (void)json_array_append_new(findings, json_pack("{s:s, s:s, s:s%}", "area", area, "verdict",
                                                    verdict, "text", text.data, text.len));
}

/* The same form as the daemon's own answer. */
static int tell_findings(const struct args *args, const char *area, const struct buf *problems,
                         const char *fine)
{
    AUTO_JSON report = NULL;
    json_t *findings = json_array();
    const char *at = problems->len > 0 ? problems->data : "";
    size_t count = 0;

    for (; *at != '\0'; count++) {
        size_t len = strcspn(at, "\n");

        add_finding(findings, "problem", area, (struct slice){ at, len });
        at += len + (at[len] != '\0');
    }
    if (count == 0)
        add_finding(findings, "fine", area, slice_of(fine));
    report = json_pack("{s:b, s:i, s:o}", "ok", count == 0, "problems", (int)count, "findings",
                       findings);
    if (args_has(args, "--json")) {
        print_json(report);
    } else {
        print_check(report, stdout);
    }
    return count > 0 ? EXIT_PROBLEMS : EXIT_DONE;
}

static int verify_backup(const struct args *args)
{
    AUTO(backup) backup = NULL;
    uint64_t conversations = 0, messages = 0;
    char fine[256];
    AUTO_BUF problems;
    int rc = backup_open_given(args, &backup);

    buf_init(&problems, 1024 * 1024);
    if (rc != EXIT_DONE)
        return rc;
    (void)backup_check(backup, &problems);
    for (size_t i = 0; i < backup->count; i++) {
        conversations += backup->pieces[i].facts.conversations;
        messages += backup->pieces[i].facts.messages;
    }
    (void)snprintf(fine, sizeof(fine), "%zu pieces of %s, %llu conversations, %llu messages: %s.",
                   backup->count, backup->made_at, (unsigned long long)conversations,
                   (unsigned long long)messages,
                   backup->sealed && !backup->opened
                       ? "as they were written; --key-file lets their content be looked into"
                       : "all hold");
    return tell_findings(args, "backup", &problems, fine);
}

static int verify_home(const struct args *args, const char *data)
{
    struct home_report report;
    char fine[256];
    AUTO_BUF problems;

    buf_init(&problems, 1024 * 1024);
    if (home_check(data, &report, &problems) != OK)
        return backup_told(data, &problems);
    (void)snprintf(fine, sizeof(fine), "%zu tenants, %llu conversations, %llu messages: all hold.",
                   report.tenants, (unsigned long long)report.conversations,
                   (unsigned long long)report.messages);
    return tell_findings(args, "home", &problems, fine);
}

static int verify_instance(struct client *client, const struct args *args)
{
    struct reply reply = { 0 };
    int rc = client_ask(client, "GET", "/verify", NULL, &reply);

    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(client, &reply);
    if (rc == EXIT_DONE && args_has(args, "--json")) {
        print_json(reply.document);
    } else if (rc == EXIT_DONE) {
        print_check(reply.document, stdout);
    }
    if (rc == EXIT_DONE && json_integer_value(json_object_get(reply.document, "problems")) > 0)
        rc = EXIT_PROBLEMS;
    reply_release(&reply);
    return rc;
}

static bool holds(const char *dir, const char *name)
{
    AUTO_MEM char *path = NULL;

    if (asprintf(&path, "%s/%s", dir, name) < 0) {
        path = NULL;
        return false;
    }
    return access(path, F_OK) == 0;
}

int verify_run(struct client *client, const struct args *args)
{
    const char *dir = args_operand(args, "DIR");
    AUTO_MEM char *data = NULL;

    if (dir == NULL)
        return verify_instance(client, args);
    if (holds(dir, "manifest.json"))
        return verify_backup(args);
    if (holds(dir, "lasna.db"))
        return verify_home(args, dir);
    data = home_data(dir);
    if (data != NULL && holds(data, "lasna.db"))
        return verify_home(args, data);
    return complain(EXIT_REFUSED,
                    "%s is no backup and no home: it holds no manifest.json and no "
                    "data/lasna.db.",
                    dir);
}
