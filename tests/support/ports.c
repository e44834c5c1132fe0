/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Benchmarks have theirs from 7000 on, ./dev up from 10000. */
enum { FIRST = 4000, SHARES = 250, EACH = 12, NO_SHARE = SHARES };

static bool is_free(unsigned short port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool is = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
              bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    (void)close(fd);
    return is;
}

/* A share is ours as long as we, or a child of ours, hold the socket of its name: it goes with us,
 * and names of this kind are of no file system. */
static bool take_share(unsigned share)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int len =
        snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "lasna-test-ports-%u", share);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len);

    if (bind(fd, (struct sockaddr *)&address, size) == 0)
        return true;
    (void)close(fd);
    return false;
}

/* The next share that nobody has, from one that others are unlikely to try first. */
static unsigned next_share(void)
{
    for (unsigned tries = 0; tries < SHARES; tries++) {
        unsigned share = ((unsigned)getpid() + tries) % SHARES;

        if (take_share(share))
            return share;
    }
    return NO_SHARE;
}

unsigned short port_of_ours(void)
{
    static unsigned share = NO_SHARE, given;

    for (;;) {
        unsigned short port;

        if (share == NO_SHARE || given == EACH) {
            share = next_share();
            given = 0;
        }
        assert(share != NO_SHARE && "all ports are taken");
        port = (unsigned short)(FIRST + share * EACH + given++);
        if (is_free(port))
            return port;
    }
}
