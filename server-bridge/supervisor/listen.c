/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/listen.h"

#include "base/auto.h"
#include "base/format/address.h"
#include "base/log.h"

#include <errno.h>
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

static int bind_and_listen(const struct sockaddr_storage *at, bool shared, int *ret_fd)
{
    AUTO_FD fd = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
        return ERR_IO;
    if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0)
        return ERR_IO;
    if (bind(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 || listen(fd, BACKLOG) != 0)
        return ERR_IO;
    *ret_fd = fd;
    fd = -1;
    return OK;
}

int listen_tcp(const char *address, bool shared, int *ret_fd)
{
    struct sockaddr_storage at;

    if (address_listen_parse(slice_of(address), &at) != 0) {
        log_event(LOG_ERROR, NULL, "listen.bad_address",
                  "address=%s remedy=\"numeric host and port, like 127.0.0.1:8080 or [::]:8080\"",
                  address);
        return ERR_CONFIG;
    }
    if (bind_and_listen(&at, shared, ret_fd) == OK)
        return OK;
    log_event(LOG_ERROR, NULL, "listen.failed", "address=%s error=\"%s\" remedy=\"%s\"", address,
              strerror(errno), remedy(errno));
    return ERR_CONFIG;
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
