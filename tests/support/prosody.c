/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/prosody.h"

#include "base/clock.h"
#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { START_MS = 90000 };

static const char config[] =
    "-- Written by a test.\n"
    "run_as_root = true\n"
    "daemonize = false\n"
    "interfaces = { \"127.0.0.1\" }\n"
    "component_interfaces = { \"127.0.0.1\" }\n"
    "component_conflict_resolve = \"kick_old\"\n"
    "network_settings = { nagle = false }\n"
    "authentication = \"internal_plain\"\n"
    "storage = \"internal\"\n"
    "c2s_require_encryption = false\n"
    "allow_unencrypted_plain_auth = true\n"
    "s2s_ports = { }\n"
    "modules_enabled = { \"roster\", \"saslauth\", \"disco\", \"ping\" }\n"
    "modules_disabled = { \"s2s\", \"tls\", \"offline\" }\n"
    "admins = { \"control.localhost\" }\n"
    "pidfile = \"%s/prosody.pid\"\n"
    "data_path = \"%s/data\"\n"
    "log = { debug = \"%s/prosody.log\" }\n"
    "c2s_ports = { %d }\n"
    "component_ports = { %d }\n"
    "VirtualHost \"agents.localhost\"\n"
    "  modules_enabled = { \"privilege\", \"admin_adhoc\" }\n"
    "  privileged_entities = { [\"control.localhost\"] = { roster = \"both\" } }\n"
    "Component \"control.localhost\"\n"
    "  component_secret = \"control\"\n"
    "  modules_enabled = { \"privilege\" }\n"
    "Include \"%s/tenants/*.cfg.lua\"\n";

static bool listens(unsigned short port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons(port),
                                         .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool does = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

    (void)close(fd);
    return does;
}

static FILE *open_in(const struct prosody *prosody, const char *name, const char *mode)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", prosody->dir, name);
    return fopen(path, mode);
}

static void make_dir(const struct prosody *prosody, const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", prosody->dir, name);
    assert(mkdir(path, 0700) == 0);
}

static void run(const struct prosody *prosody)
{
    char path[256];
    int out;

    (void)snprintf(path, sizeof(path), "%s/output", prosody->dir);
    out = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    (void)dup2(out, STDOUT_FILENO);
    (void)dup2(out, STDERR_FILENO);
    (void)snprintf(path, sizeof(path), "%s/prosody.cfg.lua", prosody->dir);
    (void)execlp("prosody", "prosody", "-F", "--config", path, (char *)NULL);
    _exit(127);
}

static void print_output(const struct prosody *prosody)
{
    char line[512];
    FILE *file = open_in(prosody, "output", "r");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        (void)fputs(line, stderr);
    if (file != NULL)
        (void)fclose(file);
}

bool prosody_restart(struct prosody *prosody)
{
    uint64_t until_ms = clock_steady_ms() + START_MS;

    prosody->pid = fork();
    if (prosody->pid == 0)
        run(prosody);
    while (!listens(prosody->component_port) || !listens(prosody->c2s_port)) {
        if (clock_steady_ms() > until_ms || waitpid(prosody->pid, NULL, WNOHANG) != 0) {
            print_output(prosody);
            return false;
        }
        (void)usleep(20000);
    }
    return true;
}

bool prosody_start(struct prosody *prosody)
{
    const char *tmp = getenv("TMPDIR");
    FILE *file;

    (void)snprintf(prosody->dir, sizeof(prosody->dir), "%.40s/lasna-XXXXXX",
                   tmp == NULL ? "/tmp" : tmp);
    assert(mkdtemp(prosody->dir) != NULL);
    make_dir(prosody, "data");
    make_dir(prosody, "tenants");
    prosody->c2s_port = port_of_ours();
    prosody->component_port = port_of_ours();
    file = open_in(prosody, "prosody.cfg.lua", "w");
    (void)fprintf(file, config, prosody->dir, prosody->dir, prosody->dir, prosody->c2s_port,
                  prosody->component_port, prosody->dir);
    (void)fclose(file);
    return prosody_restart(prosody);
}

void prosody_kill(struct prosody *prosody)
{
    if (prosody->pid > 0) {
        (void)kill(prosody->pid, SIGKILL);
        (void)waitpid(prosody->pid, NULL, 0);
    }
    prosody->pid = 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void prosody_release(struct prosody *prosody)
{
    prosody_kill(prosody);
    if (prosody->dir[0] == '\0')
        return;
    (void)nftw(prosody->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    prosody->dir[0] = '\0';
}

void prosody_account(const struct prosody *prosody, const char *name, const char *password)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/data/agents%%2elocalhost", prosody->dir);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof(path), "%s/data/agents%%2elocalhost/accounts", prosody->dir);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof(path), "%s/data/agents%%2elocalhost/accounts/%s.dat", prosody->dir,
                   name);
    file = fopen(path, "w");
    assert(file != NULL);
    (void)fprintf(file, "return { [\"password\"] = \"%s\" };\n", password);
    (void)fclose(file);
}

void prosody_tenant(const struct prosody *prosody, const char *name, const char *secret)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/tenants/%s.cfg.lua", prosody->dir, name);
    file = fopen(path, "w");
    assert(file != NULL);
    (void)fprintf(file,
                  "Component \"%s.chat.localhost\"\n"
                  "  component_secret = \"%s\"\n"
                  "  modules_enabled = { \"privilege\" }\n",
                  name, secret);
    (void)fclose(file);
}

bool prosody_logged(const struct prosody *prosody, const char *text)
{
    char line[4096];
    bool found = false;
    FILE *file = open_in(prosody, "prosody.log", "r");

    while (!found && file != NULL && fgets(line, sizeof(line), file) != NULL)
        found = strstr(line, text) != NULL;
    if (file != NULL)
        (void)fclose(file);
    return found;
}
