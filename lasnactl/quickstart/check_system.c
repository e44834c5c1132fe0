/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine's own side: ports, the user we run as, the unit that starts us.
 */
#include "lasnactl/quickstart/plan.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0: it is free; else why it cannot be had. */
static int try_port(uint16_t port, bool everywhere)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(everywhere ? INADDR_ANY : INADDR_LOOPBACK),
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), why = 0;
    const int on = 1;

    if (fd < 0)
        return errno;
    /* Connections that are still closing are nobody's listener. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) != 0)
        why = errno;
    (void)close(fd);
    return why;
}

static bool is_running(const struct plan *plan)
{
    AUTO_MEM char *socket = plan_path(plan, "/var/lib/lasna/run/control.sock");

    return access(socket, F_OK) == 0;
}

static void check_port(struct plan *plan, uint16_t port)
{
    char remedy[128];
    int why = try_port(port, !plan->proxy);

    (void)snprintf(remedy, sizeof(remedy), "`ss -ltnp sport = :%u` names it; stop it or move it",
                   (unsigned)port);
    if (why == 0)
        plan_fine(plan, "port", "%u is free", (unsigned)port);
    else if (why == EADDRINUSE && is_running(plan))
        plan_fine(plan, "port", "%u is in use, by lasnad, it seems: it is running", (unsigned)port);
    else if (why == EADDRINUSE)
        plan_problem(plan, "port", remedy, "another program listens on port %u", (unsigned)port);
    else
        plan_warning(plan, "port", "say it again as root", "port %u cannot be tried: %s",
                     (unsigned)port, strerror(why));
}

/* Port 80 is left alone: certbot answers there while it renews. */
void check_ports(struct plan *plan)
{
    check_port(plan, plan->proxy ? 8080 : 443);
}

void check_system(struct plan *plan)
{
    static const char *const units[] = { "/lib/systemd/system/lasnad.service",
                                         "/etc/systemd/system/lasnad.service" };
    bool unit = false;

    if (plan->lasna == 0 || plan->lasna_group == 0)
        plan_problem(plan, "user",
                     "adduser --system --group --home /var/lib/lasna --no-create-home lasna",
                     "there is no user and group lasna to run as");
    else
        plan_fine(plan, "user", "lasna");
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        AUTO_MEM char *path = plan_path(plan, units[i]);

        unit = unit || access(path, R_OK) == 0;
    }
    if (unit)
        plan_fine(plan, "unit", "lasnad.service is installed");
    else
        plan_problem(plan, "unit",
                     "install the package, or put deploy/systemd/lasnad.service into "
                     "/etc/systemd/system/ and say: systemctl daemon-reload",
                     "systemd does not know lasnad.service");
}
