/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/export.h"
#include "tests/support/cmocka.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* A daemon that gives one canned answer to whoever comes, and remembers what was asked. */
static struct {
    char folder[512], path[640];
    int listener;
    pthread_t thread;
    const char *answer; /* raw HTTP; empty: hang up */
    int lost;           /* so many answers, before the one */
    char asked[8192];
} daemon_of;

#define JSON_HEAD "Content-Type: application/json\r\nConnection: close\r\n"
#define CHUNKED   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"

/* False: nobody came. */
static bool serve_one(const char *answer)
{
    int fd = accept(daemon_of.listener, NULL, NULL);
    size_t len = 0;
    ssize_t got = 1;

    if (fd < 0)
        return false;
    daemon_of.asked[0] = '\0';
    while (got > 0 && strstr(daemon_of.asked, "\r\n\r\n") == NULL) {
        got = recv(fd, daemon_of.asked + len, sizeof(daemon_of.asked) - 1 - len, 0);
        len += got > 0 ? (size_t)got : 0;
        daemon_of.asked[len] = '\0';
    }
    (void)!send(fd, answer, strlen(answer), MSG_NOSIGNAL);
    (void)close(fd);
    return true;
}

static void *serve(void *nothing)
{
    while (daemon_of.lost > 0 && serve_one(""))
        daemon_of.lost--;
    (void)serve_one(daemon_of.answer);
    return nothing;
}

/* An address of at most 107 bytes is bound through the folder, whatever the path's length. */
static void listen_on(const char *folder)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int here;

    (void)snprintf(daemon_of.path, sizeof(daemon_of.path), "%s/control.sock", folder);
    here = open(folder, O_PATH | O_DIRECTORY);
    assert_true(here >= 0);
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/control.sock",
                   here);
    daemon_of.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(daemon_of.listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(daemon_of.listener, 1), 0);
    (void)close(here);
}

static int start(void **state)
{
    (void)state;
    (void)snprintf(daemon_of.folder, sizeof(daemon_of.folder), "/tmp/lasna-test-XXXXXX");
    assert_non_null(mkdtemp(daemon_of.folder));
    listen_on(daemon_of.folder);
    return 0;
}

static int stop(void **state)
{
    char command[600];

    (void)state;
    (void)close(daemon_of.listener);
    (void)snprintf(command, sizeof(command), "rm -rf %.64s", daemon_of.folder);
    return system(command);
}

static struct client *client_for(const char *answer)
{
    struct client *client = client_open(daemon_of.path, false);

    assert_non_null(client);
    daemon_of.answer = answer;
    daemon_of.asked[0] = '\0';
    assert_int_equal(pthread_create(&daemon_of.thread, NULL, serve, NULL), 0);
    return client;
}

static void served(void)
{
    assert_int_equal(pthread_join(daemon_of.thread, NULL), 0);
}

static void an_answer__comes_with_its_status_and_document(void **state)
{
    AUTO(client) client = client_for("HTTP/1.1 200 OK\r\n" JSON_HEAD "\r\n{\"a\":1}");
    struct reply reply;

    (void)state;
    assert_int_equal(client_ask(client, "GET", "/status", NULL, &reply), EXIT_DONE);
    served();
    assert_int_equal(reply.status, 200);
    assert_int_equal(json_integer_value(json_object_get(reply.document, "a")), 1);
    assert_ptr_equal(strstr(daemon_of.asked, "GET /api/v1/status HTTP/1.1\r\n"), daemon_of.asked);
    reply_release(&reply);
}

static void a_path__goes_out_as_it_is__dots_and_all(void **state)
{
    AUTO(client) client = client_for("HTTP/1.1 404 Not Found\r\n" JSON_HEAD "\r\n{}");
    struct reply reply;

    (void)state;
    assert_int_equal(client_ask(client, "GET", "/tenants/../agents", NULL, &reply), EXIT_DONE);
    served();
    assert_int_equal(reply.status, 404);
    assert_non_null(strstr(daemon_of.asked, "GET /api/v1/tenants/../agents "));
    reply_release(&reply);
}

static void nobody_there__is_unreachable(void **state)
{
    AUTO(client) client = client_open("/nowhere/at/all/control.sock", false);
    struct reply reply;

    (void)state;
    assert_int_equal(client_ask(client, "GET", "/status", NULL, &reply), EXIT_UNREACHABLE);
}

static void a_daemon_that_hangs_up__is_unreachable(void **state)
{
    AUTO(client) client = client_for("");
    struct reply reply;

    (void)state;
    assert_int_equal(client_ask(client, "GET", "/status", NULL, &reply), EXIT_UNREACHABLE);
    served();
}

static void a_lost_answer__is_asked_for_again_by_the_same_key(void **state)
{
    AUTO(client) client = NULL;
    AUTO_JSON body = json_object();
    struct reply reply = { 0 };

    (void)state;
    daemon_of.lost = 2;
    client = client_for("HTTP/1.1 201 Created\r\n" JSON_HEAD "\r\n{}");
    client_once(client);
    assert_int_equal(client_ask(client, "POST", "/tenants", body, &reply), EXIT_DONE);
    served();
    assert_int_equal(reply.status, 201);
    assert_non_null(strstr(daemon_of.asked, "Idempotency-Key: "));
    assert_int_equal(daemon_of.lost, 0);
    reply_release(&reply);
}

static void an_answer_that_is_no_json__is_a_failure(void **state)
{
    AUTO(client) client = client_for("HTTP/1.1 200 OK\r\n" JSON_HEAD "\r\n<html>");
    struct reply reply;

    (void)state;
    assert_int_equal(client_ask(client, "GET", "/status", NULL, &reply), EXIT_REFUSED);
    served();
}

static void a_socket__behind_a_long_path__is_reached(void **state)
{
    char folder[512];
    struct reply reply;

    (void)state;
    (void)close(daemon_of.listener);
    (void)snprintf(folder, sizeof(folder), "%.64s/%0200d", daemon_of.folder, 0);
    assert_int_equal(mkdir(folder, 0700), 0);
    listen_on(folder);
    AUTO(client) client = client_for("HTTP/1.1 200 OK\r\n" JSON_HEAD "\r\n{}");
    assert_int_equal(client_ask(client, "GET", "/status", NULL, &reply), EXIT_DONE);
    served();
    reply_release(&reply);
}

static char file[600];

/* `lasnactl transcript export acme -o FILE` against that answer. */
static int export_with(const char *answer)
{
    char *argv[] = { (char *)(uintptr_t) "lasnactl", (char *)(uintptr_t) "transcript",
                     (char *)(uintptr_t) "export",   (char *)(uintptr_t) "acme",
                     (char *)(uintptr_t) "-o",       file };
    AUTO(client) client = client_for(answer);
    struct args args;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 1024);
    (void)snprintf(file, sizeof(file), "%.64s/out.jsonl", daemon_of.folder);
    assert_int_equal(args_parse(6, argv, &args, &problem), OK);
    rc = export_run(client, &args);
    served();
    return rc;
}

static unsigned files_beside(void)
{
    char command[600], count[16] = "";
    FILE *pipe;

    (void)snprintf(command, sizeof(command), "ls %.64s | grep -c out", daemon_of.folder);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    (void)!fgets(count, sizeof(count), pipe);
    (void)pclose(pipe);
    return (unsigned)atoi(count);
}

static void an_export__is_written_whole_and_for_its_owner_alone(void **state)
{
    struct stat stat_of;

    (void)state;
    assert_int_equal(export_with(CHUNKED "8\r\n{\"a\":1}\n\r\n0\r\n\r\n"), EXIT_DONE);
    assert_int_equal(stat(file, &stat_of), 0);
    assert_int_equal(stat_of.st_size, 8);
    assert_int_equal(stat_of.st_mode & 0777, 0600);
    assert_int_equal(files_beside(), 1);
}

static void an_export_that_breaks_off__leaves_no_file(void **state)
{
    (void)state;
    assert_int_equal(export_with(CHUNKED "8\r\n{\"a\":1}\n\r\n"), EXIT_REFUSED);
    assert_int_equal(files_beside(), 0);
}

static void an_export_that_is_refused__leaves_an_older_file_alone(void **state)
{
    struct stat stat_of;

    (void)state;
    assert_int_equal(export_with(CHUNKED "8\r\n{\"a\":1}\n\r\n0\r\n\r\n"), EXIT_DONE);
    assert_int_equal(export_with("HTTP/1.1 404 Not Found\r\n" JSON_HEAD
                                 "\r\n{\"code\":\"not_found\",\"detail\":\"No.\"}"),
                     EXIT_REFUSED);
    assert_int_equal(stat(file, &stat_of), 0);
    assert_int_equal(stat_of.st_size, 8);
    assert_int_equal(files_beside(), 1);
}

#define SERVED(name) cmocka_unit_test_setup_teardown(name, start, stop)

RUN(SERVED(an_answer__comes_with_its_status_and_document),
    SERVED(a_path__goes_out_as_it_is__dots_and_all), cmocka_unit_test(nobody_there__is_unreachable),
    SERVED(a_daemon_that_hangs_up__is_unreachable),
    SERVED(a_lost_answer__is_asked_for_again_by_the_same_key),
    SERVED(an_answer_that_is_no_json__is_a_failure),
    SERVED(a_socket__behind_a_long_path__is_reached),
    SERVED(an_export__is_written_whole_and_for_its_owner_alone),
    SERVED(an_export_that_breaks_off__leaves_no_file),
    SERVED(an_export_that_is_refused__leaves_an_older_file_alone))
