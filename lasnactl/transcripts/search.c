/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/search.h"

#include "base/format/text.h"
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"

static void print_hit(const json_t *hit)
{
    AUTO_BUF snippet;

    buf_init(&snippet, 64 * 1024);
    text_one_line(slice_of(text_of(hit, "snippet")), 200, &snippet);
    (void)printf("%s  %.16s  %-7s  %lld\n    %.*s\n", text_of(hit, "conversation"),
                 text_of(hit, "at"), text_of(hit, "from"),
                 (long long)json_integer_value(json_object_get(hit, "seq")),
                 SLICE_ARG(buf_slice(&snippet)));
}

static void print_found(const json_t *document)
{
    const json_t *items = json_object_get(document, "items"), *hit;
    const char *next = text_of(document, "next");
    size_t i;

    json_array_foreach(items, i, hit) print_hit(hit);
    if (next[0] != '\0')
        (void)fprintf(stderr, "lasnactl: there is more: --cursor %s\n", next);
    else if (json_array_size(items) == 0)
        (void)fprintf(stderr, "lasnactl: nothing found.\n");
}

int search_run(struct client *client, const struct args *args)
{
    struct reply reply = { 0 };
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    path_fill(args->command->path, args, &path);
    path_query_more(args->command->query, args, &path);
    rc = client_ask(client, "GET", path.data, NULL, &reply);
    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(client, &reply);
    if (rc == EXIT_DONE && args_has(args, "--json")) {
        print_json(reply.document);
    } else if (rc == EXIT_DONE) {
        print_found(reply.document);
    }
    reply_release(&reply);
    return rc;
}
