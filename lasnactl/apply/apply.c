/* SPDX-License-Identifier: Apache-2.0
 *
 * apply — the two commands: `tenant export` writes a document, `apply` brings an instance to it.
 */
#include "lasnactl/apply/apply.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/export.h"
#include "lasnactl/file.h"
#include "lasnactl/print/print.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 64 * 1024 * 1024 }; /* pictures stand in it */

/* --- export --- */

static bool has_tenant(const json_t *found, const char *name)
{
    const json_t *tenant;
    size_t i;

    json_array_foreach(json_object_get(found, "tenants"), i, tenant)
    {
        if (strcmp(text_of(tenant, "tenant"), name) == 0)
            return true;
    }
    return false;
}

static bool serves(const json_t *found, const char *jid)
{
    const json_t *tenant, *member;
    size_t i, j;

    json_array_foreach(json_object_get(found, "tenants"), i, tenant)
    {
        json_array_foreach(json_object_get(tenant, "agents"), j, member)
        {
            if (strcmp(text_of(member, "jid"), jid) == 0)
                return true;
        }
    }
    return false;
}

/* What only comparing wants goes, and agents who serve none of these tenants. */
static void trim(json_t *found)
{
    json_t *agents = json_object_get(found, "agents"), *tenant;
    size_t i;

    (void)json_object_del(found, "all");
    for (i = json_array_size(agents); i-- > 0;) {
        json_t *agent = json_array_get(agents, i);

        (void)json_object_del(agent, "revoked");
        if (!serves(found, text_of(agent, "jid")))
            (void)json_array_remove(agents, i);
    }
    json_array_foreach(json_object_get(found, "tenants"), i, tenant)
    {
        (void)json_object_del(json_object_get(tenant, "identity"), "key");
    }
}

int tenant_export_run(struct client *client, const struct args *args)
{
    AUTO_JSON names = args->operand_count > 0 ? json_array() : NULL;
    AUTO_JSON found = NULL;
    AUTO_MEM char *text = NULL;
    int rc;

    for (size_t i = 0; i < args->operand_count; i++)
        if (json_array_append_new(names, json_string(args->operands[i])) != 0)
            return complain(EXIT_USAGE, "a tenant's name is no valid UTF-8.");
    rc = apply_find(client, names, &found);
    for (size_t i = 0; rc == EXIT_DONE && i < args->operand_count; i++)
        if (!has_tenant(found, args->operands[i]))
            rc = complain(EXIT_REFUSED, "There is no tenant %s.", args->operands[i]);
    if (rc != EXIT_DONE)
        return rc;
    trim(found);
    text = json_dumps(found, JSON_INDENT(2));
    return text != NULL ? export_text(args, text) : complain(EXIT_REFUSED, "out of memory.");
}

/* --- apply --- */

static int read_document(const char *path, struct buf *to)
{
    bool fine = strcmp(path, "-") == 0 ? file_read_from(STDIN_FILENO, to) : file_read(path, to);

    if (buf_failed(to))
        return complain(EXIT_REFUSED, "%s is longer than 64 MiB.", path);
    return fine ? EXIT_DONE
                : complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
}

static int read_wanted(const char *path, json_t **ret_wanted)
{
    AUTO_BUF text;
    AUTO_BUF problem;
    int rc;

    buf_init(&text, FILE_MAX_BYTES);
    buf_init(&problem, 16 * 1024);
    rc = read_document(path, &text);
    if (rc != EXIT_DONE)
        return rc;
    *ret_wanted = apply_read(text.data != NULL ? text.data : "", text.len, &problem);
    return *ret_wanted != NULL
               ? EXIT_DONE
               : complain(EXIT_USAGE, "%s: %.*s", path, SLICE_ARG(buf_slice(&problem)));
}

static json_t *names_of(const json_t *wanted)
{
    json_t *names = json_array();
    const json_t *tenant;
    size_t i;

    json_array_foreach(json_object_get(wanted, "tenants"), i, tenant)
    {
        (void)json_array_append(names, json_object_get(tenant, "tenant"));
    }
    return names;
}

static int make_plan(struct client *client, const struct args *args, json_t **ret_plan)
{
    const char *path = args_get(args, "-f");
    AUTO_JSON wanted = NULL;
    AUTO_JSON names = NULL;
    AUTO_JSON found = NULL;
    AUTO_BUF problem;
    int rc = read_wanted(path, &wanted);

    buf_init(&problem, 16 * 1024);
    if (rc != EXIT_DONE)
        return rc;
    names = names_of(wanted);
    rc = apply_find(client, names, &found);
    if (rc != EXIT_DONE)
        return rc;
    *ret_plan = apply_compare(wanted, found, args_has(args, "--prune"), &problem);
    return *ret_plan != NULL ? EXIT_DONE
                             : complain(EXIT_REFUSED, "%s: %.*s Nothing was changed.", path,
                                        SLICE_ARG(buf_slice(&problem)));
}

/* EXIT_DONE: go on. */
static int confirm(const struct args *args)
{
    char answer[16];

    if (args_has(args, "--yes"))
        return EXIT_DONE;
    if (args_has(args, "--no-input") || isatty(STDIN_FILENO) != 1)
        return complain(EXIT_USAGE, "--yes is missing: nothing was changed.");
    (void)fputs("Do this? [y/N] ", stderr);
    if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
        return EXIT_DONE;
    return complain(EXIT_REFUSED, "nothing was changed.");
}

static int tell_result(const struct args *args, const json_t *plan, bool done)
{
    AUTO_JSON lines = json_array();
    AUTO_JSON told = NULL;
    const json_t *change;
    size_t i;

    json_array_foreach(plan, i, change)
    {
        (void)json_array_extend(lines, json_object_get(change, "lines"));
    }
    if (args_has(args, "--json")) {
        told = json_pack("{s:O, s:b}", "changes", lines, "done", done);
        print_json(told);
    } else if (json_array_size(lines) == 0) {
        (void)printf("Nothing to do.\n");
    } else if (done) {
        (void)printf("Done: %zu changes.\n", json_array_size(lines));
    }
    return fflush(stdout) == 0
               ? EXIT_DONE
               : complain(EXIT_REFUSED, "stdout cannot be written: %s.", strerror(errno));
}

int apply_run(struct client *client, const struct args *args)
{
    bool is_trial = args_has(args, "--dry-run");
    FILE *talk = args_has(args, "--json") ? stderr : stdout;
    AUTO_JSON plan = NULL;
    int rc = make_plan(client, args, &plan);

    if (rc != EXIT_DONE)
        return rc;
    apply_print(plan, 0, "", talk);
    (void)fflush(talk);
    if (!is_trial && json_array_size(plan) > 0) {
        rc = confirm(args);
        if (rc == EXIT_DONE)
            rc = apply_carry_out(client, plan);
    }
    return rc == EXIT_DONE ? tell_result(args, plan, !is_trial) : rc;
}
