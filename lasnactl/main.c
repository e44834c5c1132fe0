/* SPDX-License-Identifier: Apache-2.0
 *
 * lasnactl — the operator's command. It reads its line by the command table, asks the REST
 * API over the control socket, and prints what came: tables for people, or one JSON value.
 */
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/completion.h"
#include "lasnactl/help.h"
#include "lasnactl/home.h"
#include "lasnactl/print/print.h"

#include <curl/curl.h>
#include <errno.h>
#include <locale.h>

/* What to exit with once the API has done what it was asked. */
static int verdict(const struct reply *reply)
{
    const json_t *problems = json_object_get(reply->document, "problems");

    return json_integer_value(problems) > 0 ? EXIT_PROBLEMS : EXIT_DONE;
}

static bool exists_already(const struct reply *reply)
{
    const char *code = json_string_value(json_object_get(reply->document, "code"));
    size_t len = code != NULL ? strlen(code) : 0;

    return reply->status == 409 && len > 7 && strcmp(code + len - 7, "_exists") == 0;
}

static int ask_instead(struct client *client, const struct args *args, struct reply *reply)
{
    AUTO_BUF path;

    buf_init(&path, 16 * 1024);
    path_fill(args->command->if_missing, args, &path);
    reply_release(reply);
    (void)complain(EXIT_DONE, "it exists already, and is left as it is.");
    return client_ask(client, "GET", path.data, NULL, reply);
}

static int ask(struct client *client, const struct args *args, const json_t *body,
               struct reply *reply)
{
    const struct command *command = args->command;
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    path_fill(command->path, args, &path);
    path_query(command->query, args, &path);
    if (command->if_missing != NULL) /* it adds something */
        client_once(client);
    rc = client_ask(client, command->method, path.data, body, reply);
    if (rc == EXIT_DONE && exists_already(reply) && args_has(args, "--if-missing"))
        rc = ask_instead(client, args, reply);
    if (rc == EXIT_DONE && (reply->status < 200 || reply->status > 299))
        rc = client_refused(client, reply);
    if (rc == EXIT_DONE && json_is_array(json_object_get(reply->document, "items")))
        rc = client_ask_on(client, path.data, reply);
    return rc;
}

/* It was done; what it may have been done without thinking of, to people, in scripts too. */
static void warn(const json_t *document)
{
    const char *warning = json_string_value(json_object_get(document, "warning"));

    if (warning != NULL)
        (void)fprintf(stderr, "lasnactl: warning: %s\n", warning);
}

static int run(struct client *client, const struct args *args)
{
    const struct command *command = args->command;
    struct reply reply = { 0 };
    AUTO_JSON body = NULL;
    int rc;

    if (command->run != NULL)
        return command->run(client, args);
    if (command->body != NULL) {
        body = command->body(args);
        if (body == NULL)
            return EXIT_REFUSED;
    }
    rc = ask(client, args, body, &reply);
    if (rc == EXIT_DONE) {
        warn(reply.document);
        if (args_has(args, "--json"))
            print_json(reply.document);
        else
            command->print(reply.document, stdout);
        rc = fflush(stdout) == 0
                 ? verdict(&reply)
                 : complain(EXIT_REFUSED, "stdout cannot be written: %s.", strerror(errno));
    }
    reply_release(&reply);
    return rc;
}

/* Whether the line asked for nothing but words about ourselves. */
static bool told_about_itself(const struct args *args)
{
    if (args_has(args, "--version"))
        (void)printf("lasnactl %s\n", LASNA_VERSION);
    else if (args_has(args, "--man"))
        help_man(stdout);
    else if (args_has(args, "--completion"))
        completion_print(stdout);
    else if (args_has(args, "--help"))
        help_print(args, stdout);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    struct args args;
    AUTO_BUF problem;
    AUTO_MEM char *socket = NULL;
    AUTO(client) client = NULL;

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (argc > 1 && strcmp(argv[1], "help") == 0)
        argv[1] = (char *)(uintptr_t) "--help";
    buf_init(&problem, 4096);
    if (args_parse(argc, argv, &args, &problem) != OK)
        return complain(EXIT_USAGE, "%.*s `lasnactl --help` lists what there is.",
                        SLICE_ARG(buf_slice(&problem)));
    if (told_about_itself(&args))
        return fflush(stdout) == 0 ? EXIT_DONE : EXIT_REFUSED;
    if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
        return complain(EXIT_REFUSED, "libcurl does not start.");
    socket = home_socket(args_get(&args, "--home"));
    client = socket != NULL ? client_open(socket, args_has(&args, "--json")) : NULL;
    if (client == NULL)
        return complain(EXIT_REFUSED, "out of memory.");
    return run(client, &args);
}
