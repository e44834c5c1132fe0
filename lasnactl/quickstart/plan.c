/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/quickstart/plan.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"

#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_label_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

/* Two labels at least, of the bytes a host name may have. What passes may stand in a
 * configuration file without quotes. */
static bool is_host(const char *host)
{
    size_t label = 0, labels = 1, len = strlen(host);

    if (len > PLAN_HOST_MAX || host[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (host[i] == '.' && label > 0 && host[i - 1] != '-' && host[i + 1] != '-') {
            labels++;
            label = 0;
        } else if (is_label_byte(host[i]) && label < 63) {
            label++;
        } else {
            return false;
        }
    }
    return labels > 1 && label > 0;
}

static int take_host(const char *word, const char *given, char *to, size_t size)
{
    if (!is_host(given))
        return complain(EXIT_USAGE,
                        "%s is no host name for %s: small letters, digits and hyphens with dots "
                        "between, like chat.example.com.",
                        given, word);
    (void)snprintf(to, size, "%s", given);
    return EXIT_DONE;
}

/* The account files of that root, not of this machine. */
static void find_accounts(struct plan *plan)
{
    AUTO_MEM char *users = plan_path(plan, "/etc/passwd");
    AUTO_MEM char *groups = plan_path(plan, "/etc/group");
    FILE *file = fopen(users, "re");
    struct passwd user = { 0 }, *user_found;
    struct group group = { 0 }, *group_found;
    char bytes[8192];

    while (file != NULL && fgetpwent_r(file, &user, bytes, sizeof(bytes), &user_found) == 0)
        if (strcmp(user.pw_name, "lasna") == 0)
            plan->lasna = user.pw_uid;
    if (file != NULL)
        (void)fclose(file);
    file = fopen(groups, "re");
    while (file != NULL && fgetgrent_r(file, &group, bytes, sizeof(bytes), &group_found) == 0) {
        if (strcmp(group.gr_name, "lasna") == 0)
            plan->lasna_group = group.gr_gid;
        if (strcmp(group.gr_name, "prosody") == 0)
            plan->prosody_group = group.gr_gid;
    }
    if (file != NULL)
        (void)fclose(file);
}

int plan_make(struct plan *plan, const struct args *args)
{
    const char *agents = args_get(args, "--agents"), *root = args_get(args, "--root");
    int rc;

    memset(plan, 0, sizeof(*plan));
    plan->root = root != NULL && strcmp(root, "/") != 0 ? root : "";
    plan->proxy = args_has(args, "--proxy");
    plan->dry_run = args_has(args, "--dry-run");
    plan->force = args_has(args, "--force");
    plan->asks_daemon = plan->root[0] == '\0' || args_has(args, "--home");
    plan->admin_name = args_has(args, "--admin") ? args_get(args, "--admin") : "admin";
    rc = take_host("this server", args_operand(args, "HOST"), plan->host, sizeof(plan->host));
    if (rc != EXIT_DONE)
        return rc;
    (void)snprintf(plan->agents, sizeof(plan->agents), "agents.%s", plan->host);
    if (agents != NULL)
        rc = take_host("--agents", agents, plan->agents, sizeof(plan->agents));
    if (rc != EXIT_DONE)
        return rc;
    plan->findings = json_array();
    plan->files = json_array();
    find_accounts(plan);
    return EXIT_DONE;
}

void plan_release(struct plan *plan)
{
    json_decref(plan->findings);
    json_decref(plan->files);
    json_decref(plan->admin);
}

char *plan_path(const struct plan *plan, const char *path)
{
    char *whole;

    if (asprintf(&whole, "%s%s", plan->root, path) < 0) {
        (void)complain(EXIT_REFUSED, "out of memory.");
        exit(EXIT_REFUSED);
    }
    return whole;
}

static void add(struct plan *plan, const char *name, const char *state, const char *remedy,
                const char *format, va_list values)
{
    char text[1024];

    (void)vsnprintf(text, sizeof(text), format, values);
    (void)json_array_append_new(plan->findings,
                                json_pack("{s:s, s:s, s:s, s:s?}", "name", name, "state", state,
                                          "text", text, "remedy", remedy));
}

void plan_fine(struct plan *plan, const char *name, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add(plan, name, "fine", NULL, format, values);
    va_end(values);
}

void plan_warning(struct plan *plan, const char *name, const char *remedy, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    add(plan, name, "warning", remedy, format, values);
    va_end(values);
}

void plan_problem(struct plan *plan, const char *name, const char *remedy, const char *format, ...)
{
    va_list values;

    plan->problems++;
    va_start(values, format);
    add(plan, name, "problem", remedy, format, values);
    va_end(values);
}
