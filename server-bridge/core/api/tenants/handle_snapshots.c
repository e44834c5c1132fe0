/* SPDX-License-Identifier: Apache-2.0
 *
 * What a backup is made of: copies of single databases, asked for, watched, fetched and dropped,
 * and the ledger of erasures. `lasnactl backup` makes a backup of them; the key it is sealed with
 * never comes here.
 */
#include "server-bridge/core/api/body.h"
#include "server-bridge/core/api/handlers.h"
#include "server-bridge/core/api/tenants/snapshot_job.h"

#include "base/format/text.h"
#include "storage/ledger.h"

#include <errno.h>
#include <fcntl.h>

static const char *const state_names[] = {
    [SNAPSHOT_COPYING] = "copying",
    [SNAPSHOT_READY] = "ready",
    [SNAPSHOT_FAILED] = "failed",
};

static const char *const kind_names[PIECE_KIND_COUNT] = {
    [PIECE_DIRECTORY] = "directory",
    [PIECE_TRANSCRIPTS] = "transcripts",
    [PIECE_FILES] = "files",
    [PIECE_RECORD] = "record",
};

static const char *why_failed(const struct snapshot_job *job)
{
    switch (job->rc) {
    case SNAPSHOT_E_NO_SPACE:
        return "The disk of the data folder has no room for the copy: make some, and ask again.";
    case SNAPSHOT_E_UNREADABLE:
        return "The database is damaged: `lasnactl verify` says more.";
    case OK:
        return job->problems.len > 0 ? job->problems.data : "The copy could not be opened.";
    default:
        return "The database could not be copied: the log says why.";
    }
}

static json_t *snapshot_view(const struct snapshot_job *job)
{
    bool ready = job->state == SNAPSHOT_READY;
    char sha256[DIGEST_HEX_BYTES] = "";
    AUTO_BUF why;

    buf_init(&why, 2048);
    if (ready)
        digest_hex(&job->facts.sha256, sha256);
    if (job->state == SNAPSHOT_FAILED)
        text_one_line(slice_of(why_failed(job)), 500, &why);
    return json_pack("{s:o, s:s, s:o, s:s, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:o}", "id",
                     json_id(job->id), "kind", kind_names[job->kind], "tenant",
                     json_text_or_null(slice_of(job->tenant.text)), "state",
                     state_names[job->state], "copied_bytes", (json_int_t)snapshot_job_copied(job),
                     "expected_bytes", (json_int_t)snapshot_job_expected(job), "sha256",
                     json_text_or_null(slice_of(sha256)), "schema", (json_int_t)job->facts.schema,
                     "conversations", (json_int_t)job->facts.conversations, "messages",
                     (json_int_t)job->facts.messages, "files", (json_int_t)job->facts.files,
                     "problem", json_text_or_null(buf_slice(&why)));
}

/* A tenant on its way in or out has no whole database. One whose renaming waits for somebody to
 * mend something may stay so for long: whoever copies all of them goes on without it. */
static bool find_source(struct call *call, const struct tenant_name **ret_tenant)
{
    struct slice name = body_text(call, "tenant");
    const struct live_tenant *tenant;

    *ret_tenant = NULL;
    if (name.len == 0)
        return true;
    tenant = tenants_called(call->core, name);
    if (tenant == NULL) {
        answer_not_found(call, "tenant");
        return false;
    }
    (void)slice_copy(slice_of(tenant->about.name.text), call->values.tenant,
                     sizeof(call->values.tenant));
    if (tenant->about.state == TENANT_LIVE || tenant->about.state == TENANT_DISABLED) {
        *ret_tenant = &tenant->about.name;
        return true;
    }
    if (tenants_is_moving(tenant))
        answer_problem(call, 409, "rename_waits",
                       "%s was renamed, and not all of it could be moved yet: "
                       "tenant.rename_waits in the log says why.",
                       tenant->about.name.text);
    else
        answer_problem(call, 409, "in_progress",
                       "A tenant of this name is being added, renamed or removed.");
    return false;
}

static bool find_kind(struct call *call, const struct tenant_name *tenant,
                      enum piece_kind *ret_kind)
{
    bool files = json_is_true(json_object_get(call->body, "files"));
    bool record = json_is_true(json_object_get(call->body, "record"));

    if (((files || record) && tenant == NULL) || (files && record)) {
        answer_problem(
            call, 400, "bad_field",
            "\"files\", or a \"record\", are some tenant's: say whose, and one of them.");
        return false;
    }
    if (files)
        *ret_kind = PIECE_FILES;
    else if (record)
        *ret_kind = PIECE_RECORD;
    else
        *ret_kind = tenant == NULL ? PIECE_DIRECTORY : PIECE_TRANSCRIPTS;
    return true;
}

void handle_snapshot_make(struct call *call)
{
    const struct tenant_name *tenant;
    struct snapshot_job *job;
    enum piece_kind kind;
    int rc;

    if (!find_source(call, &tenant) || !find_kind(call, tenant, &kind))
        return;
    rc = snapshot_job_new(call->core, kind, tenant, &job);
    if (rc == OK)
        answer_json(call, 202, snapshot_view(job));
    else if (rc == ERR_LIMIT)
        answer_problem(call, 409, "in_progress", "%d are being made already: wait for one.",
                       SNAPSHOTS_MAX);
    else
        answer_failed(call, rc);
}

static struct snapshot_job *find(struct call *call)
{
    struct snapshot_job *job = snapshot_job_find(call->core, call->values.id);

    if (job == NULL)
        answer_not_found(call, "snapshot");
    else
        snapshot_job_touch(job);
    return job;
}

void handle_snapshot_show(struct call *call)
{
    const struct snapshot_job *job = find(call);

    if (job != NULL)
        answer_json(call, 200, snapshot_view(job));
}

void handle_snapshot_drop(struct call *call)
{
    struct snapshot_job *job = find(call);

    if (job == NULL)
        return;
    snapshot_job_drop(job);
    answer_nothing(call);
}

/* --- fetching --- */

struct reading {
    struct core *core;
    struct id id;
    int fd; /* its own: the job may go meanwhile */
    off_t at;
    char bytes[CALL_PART_BYTES];
};

/* Read to its end it has done its service. */
static void forget(const struct reading *reading)
{
    struct snapshot_job *job = snapshot_job_find(reading->core, reading->id);

    if (job != NULL)
        snapshot_job_drop(job);
}

static int refill(void *context, struct buf *to, bool *last)
{
    struct reading *reading = context;
    ssize_t len = pread(reading->fd, reading->bytes, sizeof(reading->bytes), reading->at);

    if (len < 0)
        return RAISE(ERR_IO);
    buf_add(to, reading->bytes, (size_t)len);
    reading->at += len;
    *last = len == 0;
    if (*last)
        forget(reading);
    return OK;
}

static void release(void *context)
{
    struct reading *reading = context;

    (void)close(reading->fd);
    free(reading);
}

static void send_content(struct call *call, const struct snapshot_job *job)
{
    struct reading *reading = calloc(1, sizeof(*reading));
    int fd = reading != NULL ? fcntl(job->fd, F_DUPFD_CLOEXEC, 0) : -1;

    if (fd < 0) {
        free(reading);
        answer_failed(call, RAISE(ERR_IO));
        return;
    }
    reading->core = call->core;
    reading->id = job->id;
    reading->fd = fd;
    answer_stream(call, "application/octet-stream", refill, reading, release);
}

void handle_snapshot_fetch(struct call *call)
{
    const struct snapshot_job *job = find(call);

    if (job == NULL)
        return;
    if (job->state == SNAPSHOT_READY)
        send_content(call, job);
    else
        answer_problem(call, 409, "not_ready", "The snapshot is not ready: see its state.");
}

/* As it stands now; lines that are added meanwhile may be among them. */
void handle_erasures_show(struct call *call)
{
    AUTO_MEM char *data =
        settings_path(call->core->role->settings, call->core->role->settings->storage_dir);
    struct slice only = query_get(&call->query, "tenant");
    struct tenant_name tenant = { "" };
    AUTO_BUF text;
    int rc = data == NULL ? RAISE(ERR_NO_MEMORY) : OK;

    buf_init(&text, CALL_DOCUMENT_MAX_BYTES);
    if (rc == OK && (only.len == 0 || tenant_name_parse(only, &tenant) == 0))
        rc = ledger_copy(data, only.len > 0 ? &tenant : NULL, &text);
    if (rc == OK && !buf_failed(&text))
        answer_text(call, "text/plain; charset=utf-8", "", &text);
    else
        answer_failed(call, rc != OK ? rc : RAISE(ERR_LIMIT));
}
