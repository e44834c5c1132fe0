/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/supervisor/certificates.h"
#include "server-bridge/supervisor/child.h"
#include "server-bridge/supervisor/listen.h"
#include "server-bridge/supervisor/state_file.h"
#include "tests/support/cmocka.h"

#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void child_that_keeps_dying__is_started_later_and_later(void **state)
{
    AUTO(child) child = NULL;
    uint64_t now_ms = 1000, last = 0;

    (void)state;
    assert_int_equal(child_new(&child, IPC_LINK, "acme", 0), OK);
    for (int i = 0; i < 20; i++) {
        uint64_t wait;

        child->started_ms = now_ms;
        child_died(child, now_ms);
        wait = child->start_at_ms - now_ms;
        assert_true(wait >= last && wait <= CHILD_BACKOFF_MAX_MS);
        last = wait;
        now_ms += wait;
    }
    assert_int_equal(last, CHILD_BACKOFF_MAX_MS);
    child->started_ms = now_ms;
    child_died(child, now_ms + CHILD_STEADY_MS);
    assert_int_equal(child->start_at_ms - (now_ms + CHILD_STEADY_MS), CHILD_BACKOFF_FIRST_MS);
}

static void child__is_named_by_what_it_does(void **state)
{
    AUTO(child) link = NULL;
    AUTO(child) web = NULL;
    char name[64];

    (void)state;
    assert_int_equal(child_new(&link, IPC_LINK, "acme", 0), OK);
    assert_int_equal(child_new(&web, IPC_WEB, "", 2), OK);
    child_name(link, name, sizeof(name));
    assert_string_equal(name, "link@acme");
    child_name(web, name, sizeof(name));
    assert_string_equal(name, "web/2");
}

static void listen__on_what_is_no_address__is_refused(void **state)
{
    static const char *const wrong[] = {
        "", "80", "localhost:80", "127.0.0.1:", "127.0.0.1:http", "300.0.0.1:80", "[::1:80"
    };
    int fd;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(listen_tcp(wrong[i], true, &fd), ERR_CONFIG);
}

static void listen__on_a_port_that_is_taken__is_refused_unless_shared(void **state)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    AUTO_FD first = -1, second = -1, third = -1;
    char text[64];

    (void)state;
    assert_int_equal(listen_tcp("127.0.0.1:0", true, &first), OK);
    assert_int_equal(getsockname(first, (struct sockaddr *)&address, &len), 0);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%u", ntohs(address.sin_port));
    assert_int_equal(listen_tcp(text, false, &second), ERR_CONFIG);
    assert_int_equal(listen_tcp(text, true, &third), OK);
}

static void listen__on_a_unix_socket__replaces_a_dead_one_only(void **state)
{
    char folder[] = "/tmp/lasna-listen-XXXXXX", path[200];
    AUTO_FD again = -1;
    struct stat about;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/control.sock", folder);
    assert_int_equal(listen_unix(path, &fd), OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_int_equal(listen_unix(path, &again), ERR_CONFIG);
    (void)close(fd);
    assert_int_equal(listen_unix(path, &again), OK);
    (void)unlink(path);
    (void)rmdir(folder);
}

static void state_file__keeps_what_others_wrote(void **state)
{
    char folder[] = "/tmp/lasna-state-XXXXXX", path[200], text[400];
    AUTO(settings) settings = NULL;
    AUTO(child) web = NULL;
    AUTO_BUF problems;
    json_t *instance, *pids;
    FILE *file;

    (void)state;
    buf_init(&problems, 1024);
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/run", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof(path), "%s/instance.json", folder);
    file = fopen(path, "w");
    (void)fputs("{\"version\":1,\"pids\":{\"xmpp\":7,\"web\":[1,2,3]}}", file);
    (void)fclose(file);
    (void)snprintf(text, sizeof(text), "[instance]\nhome = %s\nfile = %s\n", folder, path);
    assert_int_equal(settings_parse(&settings, slice_of(text), &problems), OK);
    assert_int_equal(child_new(&web, IPC_WEB, "", 0), OK);
    web->pid = 42;
    state_file_write(settings, web);
    instance = json_load_file(path, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(instance, "version")), 1);
    pids = json_object_get(instance, "pids");
    assert_int_equal(json_integer_value(json_object_get(pids, "xmpp")), 7);
    assert_int_equal(json_array_size(json_object_get(pids, "web")), 1);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(pids, "web"), 0)), 42);
    json_decref(instance);
    web->pid = 0;
    (void)snprintf(text, sizeof(text), "rm -r %s", folder);
    assert_int_equal(system(text), 0);
}

/* "/dev/null" is no folder, as one that may not be read is none. */
static void certificates__of_a_folder_that_cannot_be_read__are_not_the_whole(void **state)
{
    static const struct {
        const char *folder;
        bool whole;
    } cases[] = { { "/dev/null", false }, { "/nowhere", true }, { "/proc/self/fd", true } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO(settings) settings = NULL;
        AUTO_FD fd = -1;
        AUTO_BUF problems;
        char text[200];
        uint64_t bytes = 1;
        bool whole = !cases[i].whole;

        buf_init(&problems, 1024);
        (void)snprintf(text, sizeof(text), "[web]\ncertificates = %s\n", cases[i].folder);
        assert_int_equal(settings_parse(&settings, slice_of(text), &problems), OK);
        assert_int_equal(certificates_gather(settings, &fd, &bytes, &whole), OK);
        assert_int_equal(whole, cases[i].whole);
        assert_int_equal(bytes, 0);
    }
}

RUN(cmocka_unit_test(child_that_keeps_dying__is_started_later_and_later),
    cmocka_unit_test(child__is_named_by_what_it_does),
    cmocka_unit_test(listen__on_what_is_no_address__is_refused),
    cmocka_unit_test(listen__on_a_port_that_is_taken__is_refused_unless_shared),
    cmocka_unit_test(listen__on_a_unix_socket__replaces_a_dead_one_only),
    cmocka_unit_test(state_file__keeps_what_others_wrote),
    cmocka_unit_test(certificates__of_a_folder_that_cannot_be_read__are_not_the_whole))
