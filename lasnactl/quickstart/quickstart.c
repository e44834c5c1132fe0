/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/quickstart/quickstart.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"
#include "lasnactl/quickstart/plan.h"

#include <stdio.h>
#include <string.h>

static void print_finding(const json_t *finding)
{
    const char *state = text_of(finding, "state"), *remedy = text_of(finding, "remedy");

    (void)printf("%-8s %s: %s\n", strcmp(state, "fine") == 0 ? "ok" : state,
                 text_of(finding, "name"), text_of(finding, "text"));
    if (remedy[0] != '\0')
        (void)printf("           → %s\n", remedy);
}

static void print_next(const struct plan *plan)
{
    if (plan->dry_run) {
        (void)printf("\nNothing was changed. Without --dry-run the files above are written.\n");
        return;
    }
    (void)printf("\nNext:\n  systemctl restart prosody\n  systemctl enable --now lasnad\n"
                 "  lasnactl check\n"
                 "  lasnactl quickstart %s   (again: the first admin's link, once lasnad runs)\n"
                 "  lasnactl tenant add acme --name \"Acme Oy\" --origin https://acme.example\n"
                 "  lasnactl agent add anna@%s --name \"Anna\" --password-file FILE\n",
                 plan->host, plan->agents);
}

static void print_link(const struct plan *plan)
{
    if (plan->admin != NULL)
        (void)printf("\nThe first admin's link, shown this once. Whoever opens it chooses the "
                     "password, until %s:\n\n%s\n",
                     text_of(plan->admin, "expires_at"), text_of(plan->admin, "url"));
}

static void print_plan(const struct plan *plan)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(plan->findings, i, entry) print_finding(entry);
    (void)fputc('\n', stdout);
    json_array_foreach(plan->files, i, entry)(void)
        printf("%s: %s\n", text_of(entry, "path"), text_of(entry, "state"));
    print_next(plan);
    print_link(plan);
    if (plan->problems > 0)
        (void)printf("\n%u to mend first; say it again when that is done.\n", plan->problems);
}

static void print_as_json(const struct plan *plan)
{
    json_t *all = json_pack("{s:I, s:b, s:O, s:O, s:O?}", "problems", (json_int_t)plan->problems,
                            "dry_run", plan->dry_run, "checks", plan->findings, "files",
                            plan->files, "admin", plan->admin);

    print_json(all);
    json_decref(all);
}

int quickstart_run(struct client *client, const struct args *args)
{
    struct plan plan;
    int rc = plan_make(&plan, args);

    if (rc != EXIT_DONE)
        return rc;
    check_names(&plan);
    check_ports(&plan);
    check_system(&plan);
    check_prosody(&plan);
    check_tls(&plan);
    files_write(&plan);
    first_admin(&plan, client);
    if (args_has(args, "--json"))
        print_as_json(&plan);
    else
        print_plan(&plan);
    if (plan.failed)
        rc = EXIT_REFUSED;
    else if (plan.problems > 0)
        rc = EXIT_PROBLEMS;
    plan_release(&plan);
    return rc;
}
