/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/agreement.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/file.h"
#include "lasnactl/print/print.h"

#include <errno.h>
#include <unistd.h>

enum {
    FILE_MAX_BYTES = 32 * 1024 * 1024,
    STRETCH_BYTES = 240 * 1024, /* as JSON has it: a request holds 256 KiB */
    PROBLEMS_TOLD = 20,
};

struct agreeing {
    struct client *client;
    const struct args *args;
    const char *path; /* of the route */
    struct buf held;  /* of the route that takes stretches */
    struct buf lines; /* the file */
    json_t *body;     /* what is asked in the end; owned */
};

static int ask(struct agreeing *agreeing, const char *path, const json_t *body, struct reply *reply)
{
    int rc = client_ask(agreeing->client, "POST", path, body, reply);

    return rc == EXIT_DONE && reply->status != 200 ? client_refused(agreeing->client, reply) : rc;
}

/* --- the reference --- */

/* How long a byte is inside a JSON text. */
static size_t cost(char byte)
{
    if (byte == '"' || byte == '\\' || byte == '\n' || byte == '\t' || byte == '\r')
        return 2;
    return (unsigned char)byte < 0x20 ? 6 : 1;
}

/* As many whole lines as fit into a request; 0: not even one does. */
static size_t stretch_of(struct slice rest, size_t *lines)
{
    size_t bytes = 0, whole = 0;

    *lines = 0;
    for (size_t i = 0; i < rest.len; i++) {
        bytes += cost(rest.data[i]);
        if (bytes > STRETCH_BYTES)
            return whole;
        if (rest.data[i] == '\n' || i + 1 == rest.len) {
            whole = i + 1;
            ++*lines;
        }
    }
    return whole;
}

static int send_stretch(struct agreeing *agreeing, struct slice stretch)
{
    AUTO_JSON body = json_pack("{s:s%}", "lines", stretch.data, stretch.len);
    const json_t *id = json_object_get(agreeing->body, "reference_id");
    struct reply reply = { 0 };
    int rc;

    if (body == NULL)
        return complain(EXIT_REFUSED, "%s is no valid UTF-8.",
                        args_get(agreeing->args, "--reference"));
    if (id != NULL)
        (void)json_object_set(body, "reference", (json_t *)(uintptr_t)id);
    rc = ask(agreeing, agreeing->held.data, body, &reply);
    if (rc == EXIT_DONE)
        (void)json_object_set(agreeing->body, "reference_id",
                              json_object_get(reply.document, "reference"));
    reply_release(&reply);
    return rc;
}

static int send_reference(struct agreeing *agreeing)
{
    struct slice rest = buf_slice(&agreeing->lines);
    size_t line = 1;
    int rc = EXIT_DONE;

    while (rc == EXIT_DONE && rest.len > 0) {
        size_t lines, len = stretch_of(rest, &lines);

        if (len == 0)
            return complain(EXIT_REFUSED, "line %zu is longer than 240 KiB.", line);
        rc = send_stretch(agreeing, (struct slice){ rest.data, len });
        rest = (struct slice){ rest.data + len, rest.len - len };
        line += lines;
    }
    return rc;
}

static int read_reference(struct agreeing *agreeing)
{
    const char *path = args_get(agreeing->args, "--reference");
    bool read = strcmp(path, "-") == 0 ? file_read_from(STDIN_FILENO, &agreeing->lines)
                                       : file_read(path, &agreeing->lines);

    if (read && agreeing->lines.len > 0)
        return send_reference(agreeing);
    if (read)
        return complain(EXIT_REFUSED, "%s is empty.", path);
    if (buf_failed(&agreeing->lines))
        return complain(EXIT_REFUSED, "%s is longer than %d MiB.", path,
                        FILE_MAX_BYTES / (1024 * 1024));
    return complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
}

/* --- what comes of it --- */

/* Lines that were left out are told, like those of an import. */
static int tell_problems(const json_t *document)
{
    const char *at = text_of(document, "problems_told");
    size_t count = 0;

    while (*at != '\0') {
        size_t len = strcspn(at, "\n");

        if (count++ < PROBLEMS_TOLD)
            (void)complain(EXIT_REFUSED, "%.*s", (int)len, at);
        at += len + (at[len] == '\n');
    }
    if (count > PROBLEMS_TOLD)
        (void)complain(EXIT_REFUSED, "and %zu more, which --json tells.", count - PROBLEMS_TOLD);
    return count > 0 ? EXIT_REFUSED : EXIT_DONE;
}

static int tell(const struct agreeing *agreeing, const json_t *document)
{
    size_t rows = json_array_size(json_object_get(document, "rows"));
    int rc = tell_problems(document);

    if (args_has(agreeing->args, "--json"))
        print_json(document);
    else if (args_has(agreeing->args, "--classes"))
        (void)fputs(text_of(document, "classes"), stdout);
    else if (rows > 0)
        agreeing->args->command->print(document, stdout);
    return rows > 0 ? rc : complain(EXIT_REFUSED, "there is nothing to compare.");
}

static int measure(struct agreeing *agreeing)
{
    struct reply reply = { 0 };
    int rc = EXIT_DONE;

    if (args_has(agreeing->args, "--classes") && args_get(agreeing->args, "--reference") == NULL)
        return complain(EXIT_USAGE, "--classes goes with --reference.");
    agreeing->body = agreeing->args->command->body(agreeing->args);
    if (agreeing->body == NULL)
        return EXIT_REFUSED;
    if (args_get(agreeing->args, "--reference") != NULL)
        rc = read_reference(agreeing);
    if (rc == EXIT_DONE)
        rc = ask(agreeing, agreeing->path, agreeing->body, &reply);
    if (rc == EXIT_DONE)
        rc = tell(agreeing, reply.document);
    reply_release(&reply);
    return rc;
}

int agreement_run(struct client *client, const struct args *args)
{
    struct agreeing agreeing = { .client = client, .args = args };
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    buf_init(&agreeing.held, 16 * 1024);
    buf_init(&agreeing.lines, FILE_MAX_BYTES);
    path_fill(args->command->path, args, &path);
    path_fill("/tenants/{TENANT}/presence/references", args, &agreeing.held);
    agreeing.path = path.data;
    rc = measure(&agreeing);
    json_decref(agreeing.body);
    buf_release(&agreeing.held);
    buf_release(&agreeing.lines);
    return rc;
}
