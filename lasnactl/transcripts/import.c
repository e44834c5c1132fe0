/* SPDX-License-Identifier: Apache-2.0 */
#include "lasnactl/transcripts/import.h"

#include "base/clock.h"
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"
#include "lasnactl/transcripts/source.h"

#include <errno.h>

enum {
    BATCH_BYTES = 64 * 1024, /* the core reads one in a few milliseconds */
    BATCH_ITEMS = 1000,
    DOCUMENT_BYTES = 250 * 1024, /* a request holds 256 KiB */
    REFUSED_MAX = 10000,         /* told in the JSON; the count counts on */
    PROGRESS_MS = 200
};

struct importing {
    struct client *client;
    const struct args *args;
    struct import_feed *feed;
    const char *path; /* of the route */
    const char *list; /* what the body calls them: transcripts, buyers */
    json_t *batch;
    size_t lines[BATCH_ITEMS]; /* where each of the batch began */
    size_t batch_bytes;
    json_t *refused;
    size_t imported, known, messages, refused_count;
    uint64_t told_ms;
};

static void refuse(struct importing *importing, size_t line, const char *why)
{
    if (importing->refused_count++ < REFUSED_MAX)
        (void)json_array_append_new(
            importing->refused,
            json_pack("{s:I, s:s}", importing->feed->unit, (json_int_t)line, "why", why));
    (void)complain(EXIT_REFUSED, "%s %zu: %s", importing->feed->unit, line, why);
}

/* --- progress, for people --- */

static void tell_progress(struct importing *importing, bool last)
{
    uint64_t now_ms = clock_steady_ms();

    if (isatty(STDERR_FILENO) != 1 || (!last && now_ms < importing->told_ms + PROGRESS_MS))
        return;
    importing->told_ms = now_ms;
    (void)fprintf(stderr, "\r\033[Kimported %zu %s, %zu messages; %s %zu%s", importing->imported,
                  importing->list, importing->messages, importing->feed->unit,
                  importing->feed->read, last ? "\r\033[K" : "");
}

static void tell_result(const struct importing *importing)
{
    json_t *told;

    if (!args_has(importing->args, "--json")) {
        (void)printf("Imported %zu %s with %zu messages; %zu were there already, %zu were "
                     "refused.\n",
                     importing->imported, importing->list, importing->messages, importing->known,
                     importing->refused_count);
        return;
    }
    told = json_pack("{s:I, s:I, s:I, s:I, s:O}", "imported", (json_int_t)importing->imported,
                     "messages", (json_int_t)importing->messages, "known",
                     (json_int_t)importing->known, "refused_count",
                     (json_int_t)importing->refused_count, "refused", importing->refused);
    print_json(told);
    json_decref(told);
}

/* --- batches --- */

static size_t number(const json_t *document, const char *key)
{
    return (size_t)json_integer_value(json_object_get(document, key));
}

static void take_answer(struct importing *importing, const json_t *document)
{
    const json_t *list = json_object_get(document, "refused"), *item;
    size_t i;

    importing->imported += number(document, "imported");
    importing->known += number(document, "known");
    importing->messages += number(document, "messages");
    json_array_foreach(list, i, item)
    {
        size_t at = number(item, "item");
        const char *why = json_string_value(json_object_get(item, "why"));

        if (at < BATCH_ITEMS)
            refuse(importing, importing->lines[at], why != NULL ? why : "refused.");
    }
}

static bool is_of_transcripts(const struct importing *importing)
{
    return strcmp(importing->list, "transcripts") == 0;
}

static int send_batch(struct importing *importing, bool more)
{
    struct reply reply = { 0 };
    AUTO_JSON body = NULL;
    int rc;

    if (json_array_size(importing->batch) == 0)
        return EXIT_DONE;
    body = json_pack("{s:O}", importing->list, importing->batch);
    if (more && is_of_transcripts(importing) && args_get(importing->args, "--coder") == NULL)
        (void)json_object_set_new(body, "more", json_true());
    if (args_get(importing->args, "--coder") != NULL)
        (void)json_object_set_new(body, "coder", json_string(args_get(importing->args, "--coder")));
    rc = client_ask(importing->client, "POST", importing->path, body, &reply);
    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(importing->client, &reply);
    if (rc == EXIT_DONE)
        take_answer(importing, reply.document);
    reply_release(&reply);
    (void)json_array_clear(importing->batch);
    importing->batch_bytes = 0;
    tell_progress(importing, false);
    return rc;
}

/* What is too long for one request is told by its own line, not by the batch's. */
static bool fits(const struct importing *importing, const json_t *document)
{
    return importing->feed->bytes < BATCH_BYTES ||
           json_dumpb(document, NULL, 0, JSON_COMPACT) <= DOCUMENT_BYTES;
}

static int add(struct importing *importing, json_t *document)
{
    size_t count = json_array_size(importing->batch);
    int rc = EXIT_DONE;

    if (!fits(importing, document)) {
        refuse(importing, importing->feed->place, "it is longer than 250 KiB.");
        json_decref(document);
        return EXIT_DONE;
    }
    if (count == BATCH_ITEMS || importing->batch_bytes + importing->feed->bytes > BATCH_BYTES)
        rc = send_batch(importing, true);
    importing->lines[json_array_size(importing->batch)] = importing->feed->place;
    importing->batch_bytes += importing->feed->bytes;
    (void)json_array_append_new(importing->batch, document);
    return rc;
}

static int import_all(struct importing *importing)
{
    int rc = EXIT_DONE, got = OK;
    AUTO_BUF problem;

    buf_init(&problem, 4096);
    while (rc == EXIT_DONE && got != SOURCE_E_END) {
        json_t *document = NULL;

        buf_clear(&problem);
        got = importing->feed->next(importing->feed, &document, &problem);
        if (got == OK)
            rc = add(importing, document);
        else if (got == SOURCE_E_BAD)
            refuse(importing, importing->feed->place, problem.data);
        else if (got < 0)
            rc = complain(EXIT_REFUSED, "the file cannot be read on: %s.", strerror(errno));
    }
    return rc == EXIT_DONE ? send_batch(importing, false) : rc;
}

/* --- the command --- */

static const char *list_of(const struct args *args)
{
    return strcmp(args->command->verb, "buyers") == 0 ? "buyers" : "transcripts";
}

int import_from(struct client *client, const struct args *args, struct import_feed *feed)
{
    struct importing *importing = calloc(1, sizeof(*importing));
    AUTO_BUF route;
    int rc;

    buf_init(&route, 16 * 1024);
    if (importing == NULL)
        return complain(EXIT_REFUSED, "out of memory.");
    path_fill(args->command->path, args, &route);
    *importing = (struct importing){ .client = client,
                                     .args = args,
                                     .feed = feed,
                                     .path = route.data,
                                     .list = list_of(args),
                                     .batch = json_array(),
                                     .refused = json_array() };
    rc = import_all(importing);
    tell_progress(importing, true);
    tell_result(importing);
    if (rc == EXIT_DONE && importing->refused_count > 0)
        rc = EXIT_REFUSED;
    json_decref(importing->batch);
    json_decref(importing->refused);
    free(importing);
    return rc;
}

struct file_feed {
    struct import_feed feed;
    struct source source;
};

/* Six times as long as in a CSV, at worst. */
static size_t bytes_as_json(const json_t *document)
{
    return json_dumpb(document, NULL, 0, JSON_COMPACT);
}

static int next_of_file(struct import_feed *feed, json_t **ret_document, struct buf *problem)
{
    struct source *source = &((struct file_feed *)feed)->source;
    int rc = source_next(source, ret_document, problem);

    feed->place = source->line;
    feed->bytes = source->csv && rc == OK ? bytes_as_json(*ret_document) : source->bytes;
    feed->read = source->lines_read;
    return rc;
}

static int import_file(struct client *client, const struct args *args, FILE *file)
{
    struct file_feed from = { .feed = { .next = next_of_file, .unit = "line" } };
    const char *format = args_get(args, "--format");
    bool csv = format != NULL && strcmp(format, "csv") == 0;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 4096);
    if (format != NULL && !csv && strcmp(format, "jsonl") != 0)
        return complain(EXIT_USAGE, "--format must be jsonl or csv.");
    if (!csv && args_get(args, "--map") != NULL)
        return complain(EXIT_USAGE, "--map goes with --format csv.");
    rc = source_init(&from.source, file, csv, args_get(args, "--map"), &problem);
    if (rc == OK)
        rc = import_from(client, args, &from.feed);
    else if (rc < 0)
        rc = complain(EXIT_REFUSED, "%s cannot be read: %s.", args_operand(args, "FILE"),
                      strerror(errno));
    else
        rc = complain(EXIT_REFUSED, "%.*s", SLICE_ARG(buf_slice(&problem)));
    source_release(&from.source);
    return rc;
}

int import_run(struct client *client, const struct args *args)
{
    const char *path = args_operand(args, "FILE");
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int rc;

    if (file == NULL)
        return complain(EXIT_REFUSED, "%s cannot be read: %s.", path, strerror(errno));
    rc = import_file(client, args, file);
    if (file != stdin)
        (void)fclose(file);
    return rc;
}
