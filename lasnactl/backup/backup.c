/* SPDX-License-Identifier: Apache-2.0
 *
 * backup — asks for a copy of each database in turn, waits for it, fetches it into the backup. The
 * tenants come first and the directory last: when the list of tenants is the same before and after
 * the directory was copied, they belong together; else what has changed is done again.
 */
#include "lasnactl/backup/backup.h"

#include "base/clock.h"
#include "lasnactl/args.h"
#include "lasnactl/client.h"
#include "lasnactl/print/print.h"
#include "storage/backup/backup.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 30, ROUND_WAIT_S = 2, POLL_FIRST_NS = 5000000, POLL_MAX_NS = 200000000 };

struct making {
    struct client *client;
    const struct args *args;
    struct backup *backup;
    json_t *born;      /* tenant → created_at of what the backup holds of it */
    uint64_t as_of_ms; /* what became of tenants since is not in it, and stands in ledgers */
    size_t done, all;
};

static uint64_t number_of(const json_t *object, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* --- progress --- */

static void tell_progress(const struct making *making, const char *what, const char *verb,
                          uint64_t bytes, uint64_t of)
{
    if (isatty(STDERR_FILENO) == 1)
        (void)fprintf(stderr, "\r\033[K%s %s: %.1f of %.1f MB (%zu of %zu tenants)", verb, what,
                      (double)bytes / 1e6, (double)of / 1e6, making->done, making->all);
}

static void end_progress(void)
{
    if (isatty(STDERR_FILENO) == 1)
        (void)fputs("\r\033[K", stderr);
}

/* --- one database --- */

/* The next round sees one come or gone that is on its way in or out: NULL. One whose renaming waits
 * for somebody to mend something would cost all others their backup. */
static json_t *view_of_refusal(const json_t *problem)
{
    return strcmp(text_of(problem, "code"), "rename_waits") == 0
               ? json_pack("{s:s, s:s}", "state", "failed", "problem", text_of(problem, "detail"))
               : NULL;
}

/* EXIT_DONE: *ret_view tells of the copy, ready or failed; the caller owns it. NULL: try again. */
static int make_snapshot(struct making *making, const char *tenant, enum piece_kind kind,
                         json_t **ret_view)
{
    AUTO_JSON body = tenant == NULL
                         ? json_object()
                         : json_pack("{s:s, s:b, s:b}", "tenant", tenant, "files",
                                     kind == PIECE_FILES, "record", kind == PIECE_RECORD);
    struct timespec wait = { .tv_nsec = POLL_FIRST_NS };
    struct reply reply = { 0 };
    char path[64];
    int rc = client_ask(making->client, "POST", "/snapshots", body, &reply);

    if (rc == EXIT_DONE && tenant != NULL && (reply.status == 404 || reply.status == 409)) {
        *ret_view = view_of_refusal(reply.document);
        reply_release(&reply);
        return EXIT_DONE;
    }
    if (rc == EXIT_DONE && reply.status != 202)
        rc = client_refused(making->client, &reply);
    (void)snprintf(path, sizeof(path), "/snapshots/%s", text_of(reply.document, "id"));
    while (rc == EXIT_DONE && strcmp(text_of(reply.document, "state"), "copying") == 0) {
        tell_progress(making, tenant != NULL ? tenant : "the directory", "copying",
                      number_of(reply.document, "copied_bytes"),
                      number_of(reply.document, "expected_bytes"));
        (void)nanosleep(&wait, NULL);
        if (wait.tv_nsec < POLL_MAX_NS)
            wait.tv_nsec *= 2;
        reply_release(&reply);
        rc = client_ask(making->client, "GET", path, NULL, &reply);
        if (rc == EXIT_DONE && reply.status != 200)
            rc = client_refused(making->client, &reply);
    }
    if (rc == EXIT_DONE)
        *ret_view = json_incref(reply.document);
    reply_release(&reply);
    return rc;
}

static int drop_snapshot(struct making *making, const json_t *view)
{
    struct reply reply = { 0 };
    char path[64];
    int rc;

    (void)snprintf(path, sizeof(path), "/snapshots/%s", text_of(view, "id"));
    rc = client_ask(making->client, "DELETE", path, NULL, &reply);
    reply_release(&reply);
    return rc;
}

static struct snapshot_facts facts_of(const json_t *view)
{
    struct snapshot_facts facts = { .bytes = number_of(view, "copied_bytes"),
                                    .schema = number_of(view, "schema"),
                                    .conversations = number_of(view, "conversations"),
                                    .messages = number_of(view, "messages"),
                                    .files = number_of(view, "files") };

    (void)digest_parse(slice_of(text_of(view, "sha256")), &facts.sha256);
    return facts;
}

/* What arrives must have the size and digest the daemon told. */
static int fetch(struct making *making, const char *path, enum piece_kind kind,
                 const struct tenant_name *tenant, const struct snapshot_facts *facts)
{
    struct piece_file *file;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 8192);
    if (piece_begin(&file, making->backup, kind, tenant, &problem) != OK)
        return complain(EXIT_REFUSED, "%s", problem.data != NULL ? problem.data : "out of memory.");
    rc = client_download(making->client, path, piece_stream(file));
    if (rc != EXIT_DONE) {
        piece_drop(file);
        return rc;
    }
    if (piece_end(file, facts, &problem) != OK)
        return complain(EXIT_REFUSED, "%s", problem.data != NULL ? problem.data : "out of memory.");
    return EXIT_DONE;
}

static int fetch_snapshot(struct making *making, const json_t *view, enum piece_kind kind,
                          const struct tenant_name *tenant)
{
    const struct snapshot_facts facts = facts_of(view);
    char path[80];

    (void)snprintf(path, sizeof(path), "/snapshots/%s/content", text_of(view, "id"));
    tell_progress(making, tenant != NULL ? tenant->text : "the directory", "fetching", 0,
                  facts.bytes);
    return fetch(making, path, kind, tenant, &facts);
}

/* A tenant whose database cannot be copied must not cost all others their backup. */
static int take_piece(struct making *making, enum piece_kind kind, const struct tenant_name *tenant)
{
    json_t *view = NULL;
    int rc = make_snapshot(making, tenant->text, kind, &view);

    if (rc == EXIT_DONE && view == NULL) {
        (void)json_object_del(making->born, tenant->text);
    } else if (rc == EXIT_DONE && strcmp(text_of(view, "state"), "ready") == 0) {
        rc = fetch_snapshot(making, view, kind, tenant);
    } else if (rc == EXIT_DONE) {
        end_progress();
        (void)complain(EXIT_PROBLEMS, "%s is left out: %s", tenant->text, text_of(view, "problem"));
        (void)json_object_set(making->backup->left_out, tenant->text,
                              json_object_get(view, "problem"));
        if (json_object_get(view, "id") != NULL)
            rc = drop_snapshot(making, view);
    }
    json_decref(view);
    return rc;
}

/* Its files last: what came in since belongs to no message of the copy, and goes at the start. */
static int take_tenant(struct making *making, const struct tenant_name *tenant)
{
    int rc = take_piece(making, PIECE_TRANSCRIPTS, tenant);

    if (rc != EXIT_DONE || backup_find(making->backup, PIECE_TRANSCRIPTS, tenant) == NULL)
        return rc;
    rc = take_piece(making, PIECE_FILES, tenant);
    if (rc == EXIT_DONE && args_get(making->args, "--tenant") != NULL)
        rc = take_piece(making, PIECE_RECORD, tenant);
    return rc;
}

/* --- all of them --- */

static int list_tenants(struct making *making, json_t **ret_tenants)
{
    struct reply reply = { 0 };
    const char *only = args_get(making->args, "--tenant");
    char path[64];
    int rc;

    (void)snprintf(path, sizeof(path), "/tenants%s%.*s", only != NULL ? "/" : "", TENANT_NAME_MAX,
                   only != NULL ? only : "");
    rc = client_ask(making->client, "GET", path, NULL, &reply);
    if (rc == EXIT_DONE && reply.status != 200)
        rc = client_refused(making->client, &reply);
    if (rc == EXIT_DONE && only == NULL)
        rc = client_ask_on(making->client, path, &reply);
    if (rc == EXIT_DONE)
        *ret_tenants =
            only != NULL ? json_pack("[O]", reply.document) : json_incref(reply.document);
    reply_release(&reply);
    return rc;
}

static bool is_taken(const struct making *making, const json_t *tenant)
{
    const char *name = text_of(tenant, "tenant");

    return strcmp(text_of(making->born, name), text_of(tenant, "created_at")) == 0;
}

/* What is held of a tenant that is gone, or was made anew, goes. */
static void drop_gone(struct making *making, const json_t *tenants)
{
    for (size_t i = making->backup->count; i-- > 0;) {
        const char *name = making->backup->pieces[i].tenant.text;
        const json_t *tenant;
        bool found = false;
        size_t at;

        json_array_foreach(tenants, at, tenant)
        {
            found |= strcmp(text_of(tenant, "tenant"), name) == 0 && is_taken(making, tenant);
        }
        if (!found) {
            (void)json_object_del(making->born, name);
            backup_remove(making->backup, i);
        }
    }
}

static int take_missing(struct making *making, const json_t *tenants)
{
    const json_t *tenant;
    int rc = EXIT_DONE;
    size_t i;

    drop_gone(making, tenants);
    making->all = json_array_size(tenants);
    making->done = 0;
    json_array_foreach(tenants, i, tenant)
    {
        struct tenant_name name;

        if (rc == EXIT_DONE && !is_taken(making, tenant) &&
            tenant_name_parse(slice_of(text_of(tenant, "tenant")), &name) == 0) {
            (void)json_object_set_new(making->born, name.text,
                                      json_string(text_of(tenant, "created_at")));
            rc = take_tenant(making, &name);
        }
        making->done++;
    }
    return rc;
}

static bool all_taken(const struct making *making, const json_t *tenants)
{
    const json_t *tenant;
    bool all = json_object_size(making->born) == json_array_size(tenants);
    size_t i;

    json_array_foreach(tenants, i, tenant)
    {
        all &= is_taken(making, tenant);
    }
    return all;
}

/* The directory, if it still speaks of the tenants that were taken. */
static int take_directory(struct making *making, bool *ret_fits)
{
    AUTO_JSON view = NULL;
    AUTO_JSON tenants = NULL;
    int rc = make_snapshot(making, NULL, PIECE_DIRECTORY, &view);

    if (rc == EXIT_DONE && strcmp(text_of(view, "state"), "ready") != 0)
        return complain(EXIT_REFUSED, "lasna.db cannot be copied: %s", text_of(view, "problem"));
    if (rc == EXIT_DONE)
        rc = list_tenants(making, &tenants);
    *ret_fits = rc == EXIT_DONE && all_taken(making, tenants);
    if (rc != EXIT_DONE)
        return rc;
    return *ret_fits ? fetch_snapshot(making, view, PIECE_DIRECTORY, NULL)
                     : drop_snapshot(making, view);
}

/* One tenant alone, under the name it has now: it may have been asked for by one it had, or be
 * renamed while we copy. */
static int take_one(struct making *making, const json_t *tenants, bool *ret_fits)
{
    const char *name = text_of(json_array_get(tenants, 0), "tenant");
    int rc;

    making->as_of_ms = clock_now_ms();
    if (tenant_name_parse(slice_of(name), &making->backup->tenant) != 0)
        return complain(EXIT_REFUSED, "\"%s\" is no tenant's name.", name);
    rc = take_missing(making, tenants);
    *ret_fits = rc == EXIT_DONE && all_taken(making, tenants);
    return rc;
}

static int take_round(struct making *making, bool *ret_fits)
{
    AUTO_JSON tenants = NULL;
    int rc = list_tenants(making, &tenants);

    if (rc == EXIT_DONE && args_get(making->args, "--tenant") != NULL)
        return take_one(making, tenants, ret_fits);
    if (rc == EXIT_DONE)
        rc = take_missing(making, tenants);
    making->as_of_ms = clock_now_ms();
    return rc == EXIT_DONE ? take_directory(making, ret_fits) : rc;
}

/* The ledger is last of all: who was erased while we copied stands in it. */
static int take_all(struct making *making)
{
    const char *only = args_get(making->args, "--tenant");
    char path[64] = "/erasures";
    bool fits = false;
    int rc = EXIT_DONE;

    for (int round = 0; rc == EXIT_DONE && !fits && round < ROUNDS_MAX; round++) {
        if (round > 0)
            (void)nanosleep(&(struct timespec){ .tv_sec = ROUND_WAIT_S }, NULL);
        rc = take_round(making, &fits);
    }
    if (rc == EXIT_DONE && !fits)
        return complain(EXIT_REFUSED, "tenants come and go all the time: try again later.");
    if (only != NULL)
        (void)snprintf(path, sizeof(path), "/erasures?tenant=%s", making->backup->tenant.text);
    return rc == EXIT_DONE ? fetch(making, path, PIECE_ERASURES, NULL, NULL) : rc;
}

/* --- the command --- */

int backup_key(const struct args *args, char **ret_secret)
{
    const char *path = args_get(args, "--key-file");
    AUTO_BUF problem;

    buf_init(&problem, 8192);
    *ret_secret = NULL;
    if (path == NULL || backup_secret(path, ret_secret, &problem) == OK)
        return EXIT_DONE;
    return complain(EXIT_REFUSED, "%s", problem.data != NULL ? problem.data : "out of memory.");
}

static int begin(struct making *making)
{
    const char *only = args_get(making->args, "--tenant");
    AUTO_MEM char *secret = NULL;
    struct tenant_name tenant;
    AUTO_BUF problem;
    int rc = backup_key(making->args, &secret);

    buf_init(&problem, 8192);
    if (rc == EXIT_DONE && only != NULL && tenant_name_parse(slice_of(only), &tenant) != 0)
        rc = complain(EXIT_USAGE, "%s is no tenant's name.", only);
    if (rc == EXIT_DONE && backup_begin(&making->backup, args_operand(making->args, "DIR"),
                                        only != NULL ? &tenant : NULL, secret, &problem) != OK)
        rc = complain(EXIT_REFUSED, "%s", problem.data != NULL ? problem.data : "out of memory.");
    if (secret != NULL)
        explicit_bzero(secret, strlen(secret));
    return rc;
}

static void tell_made(const struct making *making, const json_t *manifest)
{
    uint64_t conversations = 0, messages = 0, bytes = 0;
    const struct backup *backup = making->backup;
    json_t *told;

    for (size_t i = 0; i < backup->count; i++) {
        conversations += backup->pieces[i].facts.conversations;
        messages += backup->pieces[i].facts.messages;
        bytes += backup->pieces[i].stored_bytes;
    }
    if (!args_has(making->args, "--json")) {
        (void)printf("Backup %s: %zu tenants, %llu conversations, %llu messages; %.1f MB, %s.\n",
                     backup->dir, making->all - json_object_size(backup->left_out),
                     (unsigned long long)conversations, (unsigned long long)messages,
                     (double)bytes / 1e6, backup->sealed ? "sealed" : "not sealed");
        return;
    }
    told = json_pack("{s:s, s:O, s:O, s:i}", "backup", backup->dir, "left_out", backup->left_out,
                     "manifest", manifest, "problems", (int)json_object_size(backup->left_out));
    print_json(told);
    json_decref(told);
}

static int finish(struct making *making)
{
    AUTO_JSON manifest = NULL;
    AUTO_BUF problem;
    int rc;

    buf_init(&problem, 8192);
    if (making->backup->count < 2 && args_get(making->args, "--tenant") != NULL)
        return complain(EXIT_REFUSED, "nothing is left to back up.");
    rc = backup_finish(making->backup, making->as_of_ms, &problem);
    if (rc != OK)
        return complain(EXIT_REFUSED, "%s", problem.data != NULL ? problem.data : "out of memory.");
    manifest = manifest_of(making->backup);
    tell_made(making, manifest);
    return json_object_size(making->backup->left_out) > 0 ? EXIT_PROBLEMS : EXIT_DONE;
}

int backup_run(struct client *client, const struct args *args)
{
    struct making making = { .client = client, .args = args, .born = json_object() };
    int rc = begin(&making);

    if (rc == EXIT_DONE)
        rc = take_all(&making);
    end_progress();
    if (rc == EXIT_DONE)
        rc = finish(&making);
    if (rc != EXIT_DONE && rc != EXIT_PROBLEMS && making.backup != NULL)
        backup_abandon(making.backup);
    (void)backup_free(making.backup);
    json_decref(making.born);
    return rc;
}
