/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/listen.h"

#include "base/auto.h"
#include "base/log.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { BACKLOG = 4096 };

static const char *remedy(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "another process listens there: stop it or choose another port";
    case EACCES:
        return "ports below 1024 need CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
        return "this machine has no such address";
    default:
        return "check the address";
    }
}

/* "[host]:port", "host:port", ":port" into two parts. */
static bool split_address(const char *address, char *host, size_t host_size, char *port,
                          size_t port_size)
{
    const char *colon = strrchr(address, ':');
    size_t len;

    if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) >= port_size)
        return false;
    len = (size_t)(colon - address);
    if (len >= 2 && address[0] == '[' && address[len - 1] == ']') {
        address++;
        len -= 2;
    }
    if (len >= host_size)
        return false;
    memcpy(host, address, len);
    host[len] = '\0';
    (void)snprintf(port, port_size, "%s", colon + 1);
    return true;
}

static int bind_and_listen(const struct addrinfo *info, bool shared, int *ret_fd)
{
    AUTO_FD fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return ERR_IO;
    if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
        return ERR_IO;
    if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0)
        return ERR_IO;
    *ret_fd = fd;
    fd = -1;
    return OK;
}

int listen_tcp(const char *address, bool shared, int *ret_fd)
{
    const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV,
                                    .ai_socktype = SOCK_STREAM };
    struct addrinfo *info = NULL;
    char host[64], port[8];
    int rc;

    if (!split_address(address, host, sizeof(host), port, sizeof(port)) ||
        getaddrinfo(host[0] == '\0' ? NULL : host, port, &hints, &info) != 0) {
        log_event(LOG_ERROR, NULL, "listen.bad_address",
                  "address=%s remedy=\"numeric host and port, like 127.0.0.1:8080 or [::]:8080\"",
                  address);
        return ERR_CONFIG;
    }
    rc = bind_and_listen(info, shared, ret_fd);
    if (rc != OK)
        log_event(LOG_ERROR, NULL, "listen.failed", "address=%s error=\"%s\" remedy=\"%s\"",
                  address, strerror(errno), remedy(errno));
    freeaddrinfo(info);
    return rc == OK ? OK : ERR_CONFIG;
}

static bool is_answered(const struct sockaddr_un *address)
{
    AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
}

int listen_unix(const char *path, int *ret_fd)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t mask;
    int rc;

    if (strlen(path) >= sizeof(address.sun_path)) {
        log_event(LOG_ERROR, NULL, "listen.path_too_long", "path=%s most=%zu", path,
                  sizeof(address.sun_path) - 1);
        return ERR_CONFIG;
    }
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (is_answered(&address)) {
        log_event(LOG_ERROR, NULL, "listen.busy",
                  "path=%s remedy=\"another instance runs here: stop it first\"", path);
        return ERR_CONFIG;
    }
    (void)unlink(path);
    mask = umask(0177);
    rc = fd < 0 ? -1 : bind(fd, (const struct sockaddr *)&address, sizeof(address));
    (void)umask(mask);
    if (rc != 0 || listen(fd, BACKLOG) != 0) {
        log_event(LOG_ERROR, NULL, "listen.failed", "path=%s error=\"%s\"", path, strerror(errno));
        return ERR_CONFIG;
    }
    *ret_fd = fd;
    fd = -1;
    return OK;
}
