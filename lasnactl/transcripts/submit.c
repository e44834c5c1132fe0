/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/submit.h"

#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"

static int tell(const struct args *args, const json_t *document)
{
    const json_t *refused = json_array_get(json_object_get(document, "refused"), 0);
    const char *why = json_string_value(json_object_get(refused, "why"));

    if (args_has(args, "--json")) {
        print_json(document);
    } else if (refused == NULL) {
        (void)printf("Taken in: %lld messages.\n",
                     (long long)json_integer_value(json_object_get(document, "messages")));
    }
    return refused == NULL ? EXIT_DONE
                           : complain(EXIT_REFUSED, "%s", why != NULL ? why : "refused.");
}

int submit_run(struct client *client, const struct args *args)
{
    AUTO_JSON body = args->command->body(args);
    struct reply reply = { 0 };
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    if (body == NULL)
        return EXIT_REFUSED;
    path_fill(args->command->path, args, &path);
    rc = client_ask(client, "POST", path.data, body, &reply);
    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(client, &reply);
    if (rc == EXIT_DONE)
        rc = tell(args, reply.document);
    reply_release(&reply);
    return rc;
}
