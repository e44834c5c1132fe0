/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/avatar.h"

#include "base/format/base64url.h"
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/file.h"
#include "lasnactl/print/print.h"
#include "tenant/avatar.h"

#include <errno.h>
#include <string.h>

bool avatar_text(struct slice bytes, struct buf *to, struct buf *problem)
{
    struct filetype_facts facts;
    AUTO_BUF kept;

    buf_init(&kept, AVATAR_SENT_MAX_BYTES);
    if (!avatar_take(bytes, &kept, &facts, problem))
        return false;
    base64_encode(buf_slice(&kept), to);
    return true;
}

/* A request of the command's path, answered well. */
static int ask(struct client *client, const struct args *args, const char *method,
               const json_t *body, struct reply *reply)
{
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    path_fill(args->command->path, args, &path);
    rc = client_ask(client, method, path.data, body, reply);
    if (rc == EXIT_DONE && (reply->status < 200 || reply->status > 299))
        rc = client_refused(client, reply);
    return rc;
}

/* --- in --- */

static int read_picture(const char *path, json_t **ret_body)
{
    AUTO_BUF bytes, text, problem;

    buf_init(&bytes, AVATAR_SENT_MAX_BYTES);
    buf_init(&text, AVATAR_TEXT_MAX + 1);
    buf_init(&problem, 512);
    if (!file_read(path, &bytes) && !buf_failed(&bytes))
        return complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
    if (buf_failed(&bytes))
        return complain(EXIT_REFUSED, "%s is longer than %d KiB; 256 x 256 pixels take a tenth.",
                        path, AVATAR_SENT_MAX_BYTES / 1024);
    if (!avatar_text(buf_slice(&bytes), &text, &problem))
        return complain(EXIT_REFUSED, "%s: %.*s", path, SLICE_ARG(buf_slice(&problem)));
    *ret_body = json_pack("{s:s}", "picture", text.data);
    return *ret_body != NULL ? EXIT_DONE : complain(EXIT_REFUSED, "out of memory.");
}

static int put(struct client *client, const struct args *args, struct reply *reply)
{
    AUTO_JSON body = NULL;
    int rc = read_picture(args_operand(args, "FILE"), &body);

    return rc == EXIT_DONE ? ask(client, args, "PUT", body, reply) : rc;
}

/* --- out --- */

static int write_picture(const char *path, struct slice bytes)
{
    AUTO_MEM char *beside = NULL;
    FILE *file = file_begin(path, &beside);

    if (file != NULL)
        (void)fwrite(bytes.data, 1, bytes.len, file);
    if (file == NULL || !file_end(file, beside, path))
        return complain(EXIT_REFUSED, "%s cannot be written: %s.", path, strerror(errno));
    return EXIT_DONE;
}

static int copy(const struct args *args, const json_t *document)
{
    AUTO_BUF bytes;

    buf_init(&bytes, AVATAR_SENT_MAX_BYTES);
    if (args_get(args, "-o") == NULL)
        return EXIT_DONE;
    if (!base64_decode(slice_of(text_of(document, "picture")), &bytes))
        return complain(EXIT_REFUSED, "The picture that came is none.");
    return write_picture(args_get(args, "-o"), buf_slice(&bytes));
}

static void tell(const struct args *args, const json_t *document, bool removed)
{
    if (args_has(args, "--json"))
        print_json(document);
    else if (removed)
        (void)puts("Done.");
    else
        print_avatar(document, stdout);
}

int avatar_run(struct client *client, const struct args *args)
{
    bool removes = args_has(args, "--remove"), puts_one = args_operand(args, "FILE") != NULL;
    struct reply reply = { 0 };
    int rc;

    if (removes + puts_one + (args_get(args, "-o") != NULL) > 1)
        return complain(EXIT_USAGE, "A FILE, -o and --remove are three things: say one.");
    if (puts_one)
        rc = put(client, args, &reply);
    else
        rc = ask(client, args, removes ? "DELETE" : "GET", NULL, &reply);
    if (rc == EXIT_DONE)
        rc = copy(args, reply.document);
    if (rc == EXIT_DONE) {
        tell(args, reply.document, removes);
        if (fflush(stdout) != 0)
            rc = complain(EXIT_REFUSED, "stdout cannot be written: %s.", strerror(errno));
    }
    reply_release(&reply);
    return rc;
}
