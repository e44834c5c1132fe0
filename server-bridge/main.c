/* SPDX-License-Identifier: Apache-2.0
 *
 * lasnad — one program that starts itself in roles. People start the supervisor; `--role`
 * is for the supervisor alone.
 */
#include "base/log.h"
#include "server-bridge/role.h"
#include "server-bridge/supervisor/supervisor.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_PROBLEMS = 3 };

static const char usage[] =
    "lasnad — the Läsnä live-chat bridge\n"
    "\n"
    "  lasnad --config FILE            run until SIGTERM; SIGHUP reloads the settings\n"
    "  lasnad --config FILE --check-config   check the settings and say what is wrong\n"
    "  lasnad --list-settings          every setting with its default and meaning\n"
    "  lasnad --man                    the same as the manual page lasna.conf(5)\n"
    "  lasnad --version\n"
    "\n"
    "Exit status: 0 done, 1 could not start or go on, 2 usage, 3 the settings have problems\n";

/* Which role a `--role` names, and its program. */
static const struct role_program {
    const char *name;
    enum ipc_role role;
    int (*run)(struct role *role);
} programs[] = {
    { "web", IPC_WEB, web_main },
    { "control", IPC_CONTROL, web_main },
    { "core", IPC_CORE, core_main },
    { "link", IPC_LINK, link_main },
    { "provision", IPC_PROVISION, link_main },
    { "fetch", IPC_FETCH, fetch_main },
};

static int run_role(const char *name, const char *tenant, unsigned index)
{
    struct role role;
    int status = EXIT_FAILED;

    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        if (strcmp(programs[i].name, name) != 0)
            continue;
        if (role_init(&role, programs[i].role, tenant, index) == OK)
            status = programs[i].run(&role);
        role_release(&role);
        return status;
    }
    return EXIT_USAGE;
}

static int check_config(const char *path)
{
    AUTO(settings) settings = NULL;
    AUTO_BUF problems;

    buf_init(&problems, 65536);
    if (settings_read(&settings, path, &problems) == OK) {
        (void)printf("%s: fine\n", path);
        return EXIT_DONE;
    }
    (void)fprintf(stderr, "%.*s", SLICE_ARG(buf_slice(&problems)));
    return EXIT_PROBLEMS;
}

static int print_settings(void (*write)(struct buf *to))
{
    AUTO_BUF text;

    buf_init(&text, 65536);
    write(&text);
    (void)printf("%.*s", SLICE_ARG(buf_slice(&text)));
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "config", required_argument, NULL, 'c' },  { "check-config", no_argument, NULL, 'k' },
        { "list-settings", no_argument, NULL, 'l' }, { "man", no_argument, NULL, 'm' },
        { "version", no_argument, NULL, 'v' },       { "help", no_argument, NULL, 'h' },
        { "role", required_argument, NULL, 'r' },    { "tenant", required_argument, NULL, 't' },
        { "index", required_argument, NULL, 'i' },   { NULL, 0, NULL, 0 },
    };
    const char *config = NULL, *role = NULL, *tenant = "";
    unsigned index = 0;
    bool check = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            config = optarg;
            break;
        case 'k':
            check = true;
            break;
        case 'l':
            return print_settings(settings_list);
        case 'm':
            return print_settings(settings_man);
        case 'v':
            (void)puts("lasnad " LASNA_VERSION);
            return EXIT_DONE;
        case 'h':
            (void)fputs(usage, stdout);
            return EXIT_DONE;
        case 'r':
            role = optarg;
            break;
        case 't':
            tenant = optarg;
            break;
        case 'i':
            index = (unsigned)strtoul(optarg, NULL, 10);
            break;
        default:
            (void)fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    if (role != NULL)
        return run_role(role, tenant, index);
    if (config == NULL || optind < argc) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    return check ? check_config(config) : supervisor_main(config);
}
