/* SPDX-License-Identifier: Apache-2.0
 *
 * The XMPP server: whether it is there, has the modules we need, and will read our file.
 */
#include "lasnactl/quickstart/plan.h"

#include "base/buf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static bool there(const struct plan *plan, const char *path)
{
    AUTO_MEM char *whole = plan_path(plan, path);

    return access(whole, F_OK) == 0;
}

/* A line of its configuration that is no comment and starts so; blanks before it do not count. */
static bool has_line(FILE *file, const char *start, char *line, size_t size)
{
    rewind(file);
    while (fgets(line, (int)size, file) != NULL) {
        const char *text = line + strspn(line, " \t");

        if (strncmp(text, start, strlen(start)) == 0) {
            memmove(line, text, strlen(text) + 1);
            return true;
        }
    }
    return false;
}

/* Ours must be the only list of admins: a second one, in a file that is included, replaces the
 * first. */
static void check_admins(struct plan *plan, FILE *file)
{
    char line[1024];

    if (has_line(file, "admins", line, sizeof(line)) && strchr(line, '"') != NULL)
        plan_warning(plan, "Prosody's admins",
                     "add them to `admins` in /etc/prosody/conf.d/lasna.cfg.lua as well",
                     "the list of admins in prosody.cfg.lua stops to count beside ours");
}

static void check_configuration(struct plan *plan)
{
    AUTO_MEM char *path = plan_path(plan, "/etc/prosody/prosody.cfg.lua");
    FILE *file = fopen(path, "re");
    char line[1024];

    if (file == NULL) {
        plan_problem(plan, "Prosody's configuration", "say it again as root",
                     "/etc/prosody/prosody.cfg.lua cannot be read");
        return;
    }
    if (has_line(file, "Include \"conf.d/", line, sizeof(line)))
        plan_fine(plan, "Prosody's configuration", "includes conf.d/");
    else
        plan_problem(plan, "Prosody's configuration",
                     "put this at the end of /etc/prosody/prosody.cfg.lua: "
                     "Include \"conf.d/*.cfg.lua\"",
                     "prosody.cfg.lua does not include conf.d/");
    check_admins(plan, file);
    (void)fclose(file);
}

static bool listens(uint16_t port)
{
    const struct sockaddr_in address = { .sin_family = AF_INET,
                                         .sin_port = htons(port),
                                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected;

    if (fd < 0)
        return false;
    connected = connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) == 0;
    (void)close(fd);
    return connected;
}

static void check_port(struct plan *plan, const char *name, uint16_t port)
{
    if (listens(port))
        plan_fine(plan, name, "%u answers", (unsigned)port);
    else
        plan_warning(plan, name, "systemctl restart prosody", "%u does not answer yet",
                     (unsigned)port);
}

void check_prosody(struct plan *plan)
{
    if (!there(plan, "/usr/bin/prosody")) {
        plan_problem(plan, "Prosody", "apt install prosody prosody-modules",
                     "the XMPP server is not installed");
        return;
    }
    plan_fine(plan, "Prosody", "is installed");
    if (!there(plan, "/usr/lib/prosody/modules/mod_privilege"))
        plan_problem(plan, "Prosody's modules", "apt install prosody-modules",
                     "mod_privilege is missing");
    else if (!there(plan, "/usr/lib/prosody/modules/mod_lasna_limits.lua") ||
             !there(plan, "/usr/lib/prosody/modules/mod_lasna_rooms.lua"))
        plan_problem(plan, "Prosody's modules",
                     "copy deploy/prosody/*.lua to /usr/lib/prosody/modules/",
                     "mod_lasna_limits or mod_lasna_rooms is missing");
    else
        plan_fine(plan, "Prosody's modules", "are all there");
    check_configuration(plan);
    if (plan->root[0] != '\0')
        return; /* what runs here says nothing of that machine */
    check_port(plan, "Prosody's component port", 5347);
    check_port(plan, "Prosody's port for agents' files", 5281);
}
