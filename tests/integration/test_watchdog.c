/* SPDX-License-Identifier: Apache-2.0
 *
 * Who hangs is started again: a role by the supervisor, the supervisor by systemd, which is played
 * here by a socket. No XMPP server and no browser is needed for that.
 */
#include "base/clock.h"
#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_MS = 4000, LONG_MS = 240000 };

static char *dir;
static int notices;
static pid_t supervisor;
static char heard[256];

static void write_file(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int open_notices(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", dir);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", address.sun_path, 1), 0);
    return fd;
}

static void start_lasnad(void)
{
    char config[256], patience[32], text[1024];

    (void)snprintf(config, sizeof(config), "%s/lasna.conf", dir);
    (void)snprintf(patience, sizeof(patience), "%d000", PATIENCE_MS);
    (void)snprintf(text, sizeof(text),
                   "[instance]\nhome = %s\nfile = %s/instance.json\n[web]\nhttp =\nassets = %s\n",
                   dir, dir, dir);
    write_file("lasna.conf", text);
    write_file("instance.json", "{}");
    assert_int_equal(setenv("WATCHDOG_USEC", patience, 1), 0);
    supervisor = fork();
    assert_true(supervisor >= 0);
    if (supervisor == 0) {
        (void)execl(LASNAD, "lasnad", "--config", config, (char *)NULL);
        _exit(127);
    }
}

/* The next thing systemd is told, within that time. */
static const char *next_notice(uint64_t within_ms)
{
    struct pollfd wait = { .fd = notices, .events = POLLIN };
    ssize_t len;

    heard[0] = '\0';
    if (poll(&wait, 1, (int)within_ms) != 1)
        return NULL;
    len = recv(notices, heard, sizeof(heard) - 1, 0);
    assert_true(len >= 0);
    heard[len] = '\0';
    return heard;
}

static void wait_for(const char *notice)
{
    uint64_t until_ms = clock_steady_ms() + LONG_MS;

    while (clock_steady_ms() < until_ms) {
        const char *told = next_notice(until_ms - clock_steady_ms());

        if (told != NULL && strcmp(told, notice) == 0)
            return;
    }
    fail_msg("systemd never heard %s", notice);
}

static pid_t pid_of(const char *role)
{
    char path[256];
    json_t *instance, *pid;
    pid_t found;

    (void)snprintf(path, sizeof(path), "%s/instance.json", dir);
    instance = json_load_file(path, 0, NULL);
    pid = json_object_get(json_object_get(instance, "pids"), role);
    if (json_is_array(pid))
        pid = json_array_get(pid, 0);
    found = (pid_t)json_integer_value(pid);
    json_decref(instance);
    return found;
}

/* Meanwhile systemd hears that all is well. */
static void wait_for_another(const char *role, pid_t than)
{
    uint64_t until_ms = clock_steady_ms() + LONG_MS;

    while (clock_steady_ms() < until_ms) {
        pid_t pid = pid_of(role);

        if (pid != 0 && pid != than)
            return;
        wait_for("WATCHDOG=1");
    }
    fail_msg("%s was not started again", role);
}

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    notices = open_notices();
    start_lasnad();
    wait_for("READY=1");
    return 0;
}

static int stop(void **state)
{
    int status = -1;

    (void)state;
    (void)kill(supervisor, SIGCONT);
    (void)kill(supervisor, SIGTERM);
    assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
    assert_int_equal(status, 0);
    (void)close(notices);
    dir = scratch_free(dir);
    return 0;
}

static void a_role_that_hangs__is_started_again(void **state)
{
    static const char *const roles[] = { "core", "web", "fetch" };

    (void)state;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        pid_t hung = pid_of(roles[i]);

        assert_true(hung > 0);
        assert_int_equal(kill(hung, SIGSTOP), 0);
        wait_for_another(roles[i], hung);
        assert_int_not_equal(kill(hung, 0), 0);
    }
    assert_int_equal(pid_of("supervisor"), supervisor);
}

static void a_role_that_turns__is_left_alone(void **state)
{
    pid_t core = pid_of("core");

    (void)state;
    for (int i = 0; i < 7; i++) /* longer than a role is given */
        wait_for("WATCHDOG=1");
    assert_int_equal(pid_of("core"), core);
}

static void a_supervisor_that_hangs__is_silent_and_blames_nobody_afterwards(void **state)
{
    pid_t core = pid_of("core");

    (void)state;
    assert_int_equal(kill(supervisor, SIGSTOP), 0);
    while (next_notice(2 * PATIENCE_MS) != NULL) /* what was on its way */
        ;
    assert_int_equal(kill(supervisor, SIGCONT), 0);
    for (int i = 0; i < 3; i++)
        wait_for("WATCHDOG=1");
    assert_int_equal(pid_of("core"), core);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(CASE(a_role_that_hangs__is_started_again), CASE(a_role_that_turns__is_left_alone),
    CASE(a_supervisor_that_hangs__is_silent_and_blames_nobody_afterwards))
