/* SPDX-License-Identifier: Apache-2.0
 *
 * A project that was exported from here, and coded elsewhere: each of its sources is a chat by its
 * name. The chat is asked for as it is stored, the source's text is laid beside it, and the codings
 * become the codes of its messages.
 */
#include "lasnactl/qda/coded.h"

#include "lasnactl/args.h"
#include "lasnactl/qda/codes.h"
#include "lasnactl/qda/file.h"
#include "lasnactl/transcripts/import.h"
#include "lasnactl/transcripts/source.h"

#include <string.h>
#include <strings.h>

enum { ID_LETTERS = 26, TEXT_MAX_BYTES = 64 * 1024 * 1024 };

struct coded {
    struct import_feed feed;
    struct client *client;
    const struct args *args;
    struct qda_file file;
    enum qda_meaning *meanings; /* owned */
    struct qda_wish wish;
    struct qda_told told; /* its list owned */
    struct buf text;      /* of the source at hand */
    size_t blank;         /* sources without a coding of theirs */
};

/* --- the code book --- */

static enum qda_meaning meaning_of(const json_t *book, const char *name)
{
    static const struct {
        const char *list;
        enum qda_meaning meaning;
    } lists[] = { { "codes", QDA_CODE }, { "functions", QDA_FUNCTION } };

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const json_t *row;
        size_t j;

        json_array_foreach(json_object_get(book, lists[i].list), j,
                           row) if (strcmp(text_of(row, "code"), name) == 0) return lists[i]
            .meaning;
    }
    return QDA_UNKNOWN;
}

static int ask(struct coded *coded, const char *pattern, const char *id, struct reply *reply)
{
    AUTO_BUF path;
    int rc;

    buf_init(&path, 16 * 1024);
    path_fill(pattern, coded->args, &path);
    path_escape(id, &path);
    rc = client_ask(coded->client, "GET", path.data, NULL, reply);
    return rc;
}

static int read_book(struct coded *coded)
{
    const struct qda_names *codes = &coded->file.project.codes;
    struct reply reply = { 0 };
    int rc;

    coded->wish.meanings = coded->meanings = calloc(codes->count + 1, sizeof(*coded->meanings));
    coded->told.unknown = calloc(codes->count + 1, sizeof(*coded->told.unknown));
    if (coded->meanings == NULL || coded->told.unknown == NULL)
        return complain(EXIT_REFUSED, "out of memory.");
    rc = ask(coded, "/tenants/{TENANT}/presence/codebook", "", &reply);
    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(coded->client, &reply);
    for (size_t i = 0; rc == EXIT_DONE && i < codes->count; i++)
        coded->meanings[i] = meaning_of(reply.document, codes->items[i].name);
    reply_release(&reply);
    return rc;
}

/* --- whose codings --- */

static int find_user(struct coded *coded)
{
    const char *wanted = args_get(coded->args, "--user");
    const struct qda_names *users = &coded->file.project.users;

    coded->wish.user = QDA_NOBODY;
    if (wanted == NULL)
        return EXIT_DONE;
    for (size_t i = 0; i < users->count; i++)
        if (strcmp(users->items[i].name, wanted) == 0)
            coded->wish.user = (uint32_t)i;
    if (coded->wish.user != QDA_NOBODY)
        return EXIT_DONE;
    for (size_t i = 0; i < users->count; i++)
        (void)complain(EXIT_REFUSED, "a user of the project is \"%s\".", users->items[i].name);
    return complain(EXIT_REFUSED, "no user of the project is \"%s\".", wanted);
}

static bool has_codings(const struct coded *coded, const struct qda_source *source)
{
    for (size_t i = 0; i < source->count; i++)
        if (coded->wish.user == QDA_NOBODY || source->codings[i].user == coded->wish.user)
            return true;
    return false;
}

/* --- one source --- */

/* "4xq…7a", also where a tool has put ".txt" or " (2)" after it. */
static bool read_id(const char *name, char id[ID_LETTERS + 1])
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz234567");

    if (len != ID_LETTERS || (name[len] != '\0' && name[len] != '.' && name[len] != ' '))
        return false;
    (void)slice_copy((struct slice){ name, len }, id, ID_LETTERS + 1);
    return true;
}

static json_t *codes_of(struct coded *coded, const struct qda_source *source,
                        const json_t *messages, struct buf *problem)
{
    size_t count = json_array_size(messages), missing = 0;
    AUTO_MEM struct qda_message *stored = calloc(count + 1, sizeof(*stored));
    AUTO_MEM struct qda_line *lines = calloc(count + 1, sizeof(*lines));
    json_t *codes = NULL;

    for (size_t i = 0; stored != NULL && i < count; i++) {
        const json_t *message = json_array_get(messages, i);

        stored[i] = (struct qda_message){ text_of(message, "from"), text_of(message, "at"),
                                          slice_of(text_of(message, "text")) };
    }
    if (stored != NULL && lines != NULL)
        missing = qda_lines_find(buf_slice(&coded->text), stored, count, lines);
    if (stored == NULL || lines == NULL)
        buf_add_text(problem, "out of memory.");
    else if (missing < count)
        buf_addf(problem, "message %zu is not as it is stored: one of them was changed.",
                 missing + 1);
    else if (missing == count)
        buf_add_text(problem, "there is more in it than in the chat.");
    else
        codes = qda_codes_of(&coded->wish, source, lines, count, &coded->told);
    if (lines != NULL)
        qda_lines_release(lines, count);
    return codes;
}

static json_t *document_of(struct coded *coded, const struct qda_source *source,
                           struct buf *problem)
{
    char id[ID_LETTERS + 1] = "";
    struct reply reply = { 0 };
    json_t *document = NULL;

    if (!read_id(source->name, id))
        buf_add_text(problem, "its name is no id of a chat.");
    else if (ask(coded, "/tenants/{TENANT}/transcripts/", id, &reply) != EXIT_DONE)
        buf_add_text(problem, "the chat cannot be had.");
    else if (reply.status != 200)
        buf_addf(problem, "there is no chat %s, or it may not be read.", id);
    else
        document = codes_of(coded, source, json_object_get(reply.document, "messages"), problem);
    if (document != NULL)
        (void)json_object_set_new(document, "id", json_string(id));
    reply_release(&reply);
    return document;
}

/* A chat nobody has coded yet looks like one in which nothing was found: which it is, only the
 * coder can say (--blank). */
static int next_source(struct import_feed *feed, json_t **ret_document, struct buf *problem)
{
    struct coded *coded = (struct coded *)feed;
    const struct qda_source *source = NULL;

    for (;;) {
        int rc = qda_file_next(&coded->file, &source, &coded->text, problem);

        if (rc == QDA_E_END)
            return SOURCE_E_END;
        if (rc < 0)
            return rc;
        if (!has_codings(coded, source) && !args_has(coded->args, "--blank")) {
            coded->blank++;
            buf_clear(problem);
            continue;
        }
        feed->place = (size_t)(source - coded->file.project.sources) + 1;
        feed->read++;
        *ret_document = rc == OK ? document_of(coded, source, problem) : NULL;
        if (*ret_document == NULL)
            return SOURCE_E_BAD;
        feed->bytes = json_dumpb(*ret_document, NULL, 0, JSON_COMPACT);
        return OK;
    }
}

/* --- the command --- */

static void tell_left_out(const struct coded *coded)
{
    const struct qda_names *codes = &coded->file.project.codes;

    if (coded->blank > 0)
        (void)complain(EXIT_DONE,
                       "%zu sources have no coding and were left out; with --blank they count as "
                       "read and found empty.",
                       coded->blank);
    if (coded->told.nowhere > 0)
        (void)complain(EXIT_DONE, "%zu codings stand on no message's words and were left out.",
                       coded->told.nowhere);
    for (size_t at = 0; at < codes->count; at++)
        if (coded->told.unknown[at] > 0)
            (void)complain(EXIT_DONE,
                           "%zu codings by \"%s\", which is not in the code book, were left out.",
                           coded->told.unknown[at], codes->items[at].name);
}

static int import_project(struct coded *coded, const char *path)
{
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 4096);
    if (!qda_file_open(&coded->file, path, &problem))
        return complain(EXIT_REFUSED, "%s: %.*s", path, SLICE_ARG(buf_slice(&problem)));
    coded->wish.project = &coded->file.project;
    rc = find_user(coded);
    if (rc == EXIT_DONE)
        rc = read_book(coded);
    if (rc != EXIT_DONE)
        return rc;
    rc = import_from(coded->client, coded->args, &coded->feed);
    tell_left_out(coded);
    return rc;
}

static bool is_project(const char *path)
{
    size_t len = strlen(path);

    return len > 5 && strcasecmp(path + len - 5, ".qdpx") == 0;
}

int coded_run(struct client *client, const struct args *args)
{
    const char *path = args_operand(args, "FILE");
    struct coded coded = { .feed = { .next = next_source, .unit = "source" },
                           .client = client,
                           .args = args };
    int rc;

    if (!is_project(path)) {
        if (args_has(args, "--user") || args_has(args, "--blank"))
            return complain(EXIT_USAGE, "--user and --blank are for a project, FILE.qdpx.");
        return import_run(client, args);
    }
    buf_init(&coded.text, TEXT_MAX_BYTES);
    rc = import_project(&coded, path);
    buf_release(&coded.text);
    qda_file_close(&coded.file);
    free(coded.meanings);
    free(coded.told.unknown);
    return rc;
}
