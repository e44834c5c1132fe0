/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/ports.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* Benchmarks have theirs from 7000 on, ./dev up from 10000. */
enum { FIRST = 4000, PROCESSES = 250, EACH = 12 };

static bool is_free(unsigned short port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool is = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
              bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    (void)close(fd);
    return is;
}

unsigned short port_of_ours(void)
{
    static unsigned given;

    for (unsigned tries = 0; tries < PROCESSES * EACH; tries++) {
        unsigned at = (unsigned)getpid() % PROCESSES * EACH + given++;
        unsigned short port = (unsigned short)(FIRST + at % (PROCESSES * EACH));

        if (is_free(port))
            return port;
    }
    assert(false && "all ports are taken");
    return 0;
}
