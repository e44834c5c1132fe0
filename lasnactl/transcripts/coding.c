/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/coding.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"

#include <string.h>
#include <unistd.h>

struct coding {
    struct client *client;
    const struct args *args;
    json_int_t chats, messages, codes, refused, left;
    char coder[128];
};

static json_int_t number(const json_t *document, const char *key)
{
    return json_integer_value(json_object_get(document, key));
}

static int code_slice(struct coding *coding, const char *path)
{
    AUTO_JSON body = json_object();
    struct reply reply = { 0 };
    int rc = client_ask(coding->client, "POST", path, body, &reply);

    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(coding->client, &reply);
    if (rc == EXIT_DONE) {
        const char *coder = json_string_value(json_object_get(reply.document, "coder"));

        coding->chats += number(reply.document, "chats");
        coding->messages += number(reply.document, "messages");
        coding->codes += number(reply.document, "codes");
        coding->refused += number(reply.document, "refused");
        coding->left = number(reply.document, "left");
        (void)slice_copy(slice_of(coder), coding->coder, sizeof(coding->coder));
    }
    reply_release(&reply);
    return rc;
}

static void tell_progress(const struct coding *coding, bool last)
{
    if (isatty(STDERR_FILENO) == 1)
        (void)fprintf(stderr, "\r\033[Kcoded %lld chats, %lld messages; %lld chats left%s",
                      (long long)coding->chats, (long long)coding->messages,
                      (long long)coding->left, last ? "\r\033[K" : "");
}

static void tell_result(const struct coding *coding)
{
    AUTO_JSON told = NULL;

    if (!args_has(coding->args, "--json")) {
        (void)printf("%s coded %lld chats, %lld messages: %lld codes; %lld messages could not be "
                     "read.\n",
                     coding->coder, (long long)coding->chats, (long long)coding->messages,
                     (long long)coding->codes, (long long)coding->refused);
        return;
    }
    told = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "coder", coding->coder, "chats",
                     coding->chats, "messages", coding->messages, "codes", coding->codes, "refused",
                     coding->refused, "left", coding->left);
    print_json(told);
}

int coding_run(struct client *client, const struct args *args)
{
    struct coding coding = { .client = client, .args = args };
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    path_fill(args->command->path, args, &path);
    do {
        rc = code_slice(&coding, path.data);
        tell_progress(&coding, rc != EXIT_DONE || coding.left == 0);
    } while (rc == EXIT_DONE && coding.left > 0);
    if (rc == EXIT_DONE)
        tell_result(&coding);
    return rc;
}
