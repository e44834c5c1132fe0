/* SPDX-License-Identifier: Apache-2.0
 *
 * What each jail still lets one do. Every case is a process of its own, for no jail is ever left.
 */
#include "server-bridge/jail.h"

#include "tests/support/cmocka.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

static char folder[64], secret[80], readable[80], beside[80];

static int start(void **state)
{
    FILE *file;

    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/lasna-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(secret, sizeof(secret), "%s/secret", folder);
    (void)snprintf(readable, sizeof(readable), "%s/ca.pem", folder);
    (void)snprintf(beside, sizeof(beside), "%s/beside", folder);
    for (int i = 0; i < 2; i++) {
        file = fopen(i == 0 ? secret : readable, "we");
        assert_non_null(file);
        (void)fclose(file);
    }
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)unlink(secret);
    (void)unlink(readable);
    return rmdir(folder);
}

/* Whether a call that gives a descriptor does so; no jail refuses to close it. */
static bool gives(int fd)
{
    if (fd < 0)
        return false;
    (void)close(fd);
    return true;
}

static bool gives_pair(int type)
{
    int pair[2];

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    (void)close(pair[1]);
    return gives(pair[0]);
}

static bool forks(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid > 0 && waitpid(pid, NULL, 0) == pid;
}

static void *do_nothing(void *context)
{
    return context;
}

static bool makes_threads(void)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, do_nothing, NULL) == 0 && pthread_join(thread, NULL) == 0;
}

static bool resolves(void)
{
    const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    bool any = getaddrinfo("localhost", "443", &hints, &found) == 0;

    if (any)
        freeaddrinfo(found);
    return any;
}

static bool executes(void)
{
    char *const argv[] = { (char *)"true", NULL };

    (void)execv("/bin/true", argv); /* comes back only when it is refused */
    return false;
}

/* What does not hold, by its number; 0: all does. */
static int wrong_in_outward(void)
{
    const bool holds[] = {
        jail_enter(JAIL_OUTWARD, readable) == OK,
        !gives(open(secret, O_RDONLY | O_CLOEXEC)),
        gives(open(readable, O_RDONLY | O_CLOEXEC)),
        !gives(open(readable, O_WRONLY | O_CLOEXEC)),
        !gives(open(readable, O_RDWR | O_CLOEXEC)),
        gives(open("/etc/hosts", O_RDONLY | O_CLOEXEC)),
        !gives(socket(AF_UNIX, SOCK_STREAM, 0)),
        !gives(socket(AF_PACKET, SOCK_RAW, 0)),
        gives(socket(AF_INET, SOCK_STREAM, 0)),
        gives(socket(AF_INET6, SOCK_STREAM, 0)),
        gives_pair(SOCK_STREAM),
        !gives_pair(SOCK_DGRAM),
        unlink(readable) != 0,
        truncate(readable, 0) != 0,
        link(readable, beside) != 0,
        symlink(readable, beside) != 0,
        mkfifo(beside, 0600) != 0,
        kill(getpid(), 0) != 0,
        !forks(),
        makes_threads(),
        resolves(),
        !executes(),
    };

    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        if (!holds[i])
            return (int)i + 1;
    }
    return 0;
}

static int wrong_in_sealed(void)
{
    const bool holds[] = {
        jail_enter(JAIL_SEALED, NULL) == OK,
        !gives(open("/etc/hosts", O_RDONLY | O_CLOEXEC)),
        !gives(socket(AF_INET, SOCK_STREAM, 0)),
        !gives(socket(AF_UNIX, SOCK_STREAM, 0)),
        truncate(readable, 0) != 0,
        link(readable, beside) != 0,
        symlink(readable, beside) != 0,
        mkfifo(beside, 0600) != 0,
        !makes_threads(),
        !forks(),
        !executes(),
    };

    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        if (!holds[i])
            return (int)i + 1;
    }
    return 0;
}

static void all_holds(int (*wrong_in)(void))
{
    int status;
    pid_t pid;

#ifdef SANITIZED
    print_message("skipped: a sanitizer has threads and files of its own: what a jail refuses\n");
    skip();
#endif
    pid = fork();
    if (pid == 0)
        _exit(wrong_in());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void who_goes_out__reads_nothing_of_ours(void **state)
{
    (void)state;
    all_holds(wrong_in_outward);
}

static void who_is_sealed__opens_nothing(void **state)
{
    (void)state;
    all_holds(wrong_in_sealed);
}

RUN_WITH(start, stop, cmocka_unit_test(who_goes_out__reads_nothing_of_ours),
         cmocka_unit_test(who_is_sealed__opens_nothing))
