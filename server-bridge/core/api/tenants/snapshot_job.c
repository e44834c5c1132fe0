/* SPDX-License-Identifier: Apache-2.0 */
#include "server-bridge/core/api/tenants/snapshot_job.h"

#include "storage/backup/backup.h"
#include "storage/backup/pack.h"
#include "storage/backup/record.h"
#include "storage/directory/tenant_keys.h"
#include "storage/hooks.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

enum { KEPT_S = 600 };

/* --- the folder --- */

static char *data_path(struct core *core, const char *rest)
{
    AUTO_MEM char *data = settings_path(core->role->settings, core->role->settings->storage_dir);
    char *path = NULL;

    return data == NULL || asprintf(&path, "%s/%s", data, rest) < 0 ? NULL : path;
}

/* What a kill left there may hold words that are to be erased now. */
int snapshots_start(struct core *core)
{
    AUTO_MEM char *folder = data_path(core, "snapshots");

    return folder == NULL ? RAISE(ERR_NO_MEMORY) : TRACE(folder_remove(folder));
}

static int make_folder(struct core *core)
{
    AUTO_MEM char *folder = data_path(core, "snapshots");

    if (folder == NULL)
        return RAISE(ERR_NO_MEMORY);
    return mkdir(folder, 0700) == 0 || errno == EEXIST ? OK : RAISE(ERR_IO);
}

static char *path_of_source(struct snapshot_job *job)
{
    char rest[128];

    if (job->kind == PIECE_DIRECTORY || job->kind == PIECE_RECORD)
        return data_path(job->core, "lasna.db");
    (void)snprintf(rest, sizeof(rest), "tenants/%s/%s", job->tenant.text,
                   job->kind == PIECE_FILES ? "files" : "transcripts.db");
    return data_path(job->core, rest);
}

static int fill_paths(struct snapshot_job *job)
{
    char id[ID_TEXT_BYTES], rest[128];

    id_format(job->id, id);
    (void)snprintf(rest, sizeof(rest), "snapshots/%s", id);
    job->to = data_path(job->core, rest);
    job->from = path_of_source(job);
    return job->from == NULL || job->to == NULL ? RAISE(ERR_NO_MEMORY) : OK;
}

static uint64_t size_of(const char *path)
{
    struct stat stat_of;

    return stat(path, &stat_of) == 0 ? (uint64_t)stat_of.st_size : 0;
}

uint64_t snapshot_job_copied(const struct snapshot_job *job)
{
    return job->state == SNAPSHOT_COPYING ? size_of(job->to) : job->facts.bytes;
}

uint64_t snapshot_job_expected(const struct snapshot_job *job)
{
    return job->state == SNAPSHOT_COPYING ? size_of(job->from) : job->facts.bytes;
}

/* --- coming and going --- */

static void job_free(struct snapshot_job *job)
{
    if (job->expiry != NULL)
        event_free(job->expiry);
    if (job->fd >= 0)
        (void)close(job->fd);
    if (job->to != NULL)
        (void)unlink(job->to);
    tenant_keys_wipe(&job->keys);
    instance_key_wipe(&job->key);
    buf_release(&job->problems);
    free(job->from);
    free(job->to);
    free(job);
}

void snapshot_job_drop(struct snapshot_job *job)
{
    DL_DELETE(job->core->snapshots, job);
    job->dropped = true;
    atomic_store(&job->stop, true);
    if (job->state != SNAPSHOT_COPYING)
        job_free(job);
}

static void on_expired(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    snapshot_job_drop(context);
}

void snapshot_job_touch(struct snapshot_job *job)
{
    static const struct timeval kept = { .tv_sec = KEPT_S };

    if (job->state != SNAPSHOT_COPYING)
        (void)event_add(job->expiry, &kept);
}

struct snapshot_job *snapshot_job_find(struct core *core, struct id id)
{
    struct snapshot_job *job;

    DL_FOREACH(core->snapshots, job)
    {
        if (id_equal(job->id, id))
            return job;
    }
    return NULL;
}

bool snapshots_are_copying(const struct core *core, const struct tenant_name *tenant)
{
    const struct snapshot_job *job;

    DL_FOREACH(core->snapshots, job)
    {
        if (job->state == SNAPSHOT_COPYING &&
            (tenant == NULL || tenant_name_equal(&job->tenant, tenant)))
            return true;
    }
    return false;
}

void snapshots_stop(struct core *core)
{
    while (core->snapshots != NULL)
        snapshot_job_drop(core->snapshots);
}

/* --- the copy --- */

static int make(struct snapshot_job *job)
{
    if (job->kind == PIECE_FILES)
        return pack_write(job->from, job->to, &job->stop);
    if (job->kind == PIECE_RECORD)
        return record_take(job->from, job->to, &job->tenant, &job->key, &job->stop);
    return snapshot_take(job->from, job->to, &job->stop);
}

/* It is opened where our keys are not: its own seal keeps what it says (docs/adr/0019). */
static int make_bare(struct snapshot_job *job)
{
    int rc = OK;

    if (job->kind == PIECE_DIRECTORY)
        rc = directory_copy_bare(job->to, &job->key);
    else if (job->kind == PIECE_TRANSCRIPTS)
        rc = hooks_copy_bare(job->to, &job->keys);
    if (rc == SEALED_E_BROKEN) {
        log_event(LOG_ERROR, NULL, "backup.secret_sealed",
                  "tenant=%s remedy=\"lasnactl verify tells what\"", job->tenant.text);
        rc = OK;
    }
    if (rc != OK)
        (void)unlink(job->to);
    return rc;
}

/* The thread has them for itself. */
static int copy_keys(struct snapshot_job *job)
{
    struct directory *directory = job->core->directory;
    const struct instance_key *key = directory_key(directory);
    int rc = OK;

    if (key != NULL && (job->kind == PIECE_DIRECTORY || job->kind == PIECE_RECORD))
        job->key = *key;
    if (job->kind == PIECE_TRANSCRIPTS)
        rc = directory_keys_get(directory, &job->tenant, &job->keys);
    return rc > 0 ? OK : rc; /* a key that does not open opens nothing in the copy */
}

static void run(struct work *work)
{
    struct snapshot_job *job = (struct snapshot_job *)work;

    job->rc = make(job);
    if (job->rc == OK)
        job->rc = make_bare(job);
    if (job->rc == OK)
        job->rc = snapshot_look(job->kind, job->to, &job->facts, &job->problems);
}

static void done(struct work *work, bool ran)
{
    struct snapshot_job *job = (struct snapshot_job *)work;

    if (job->dropped || !ran) {
        if (!job->dropped)
            DL_DELETE(job->core->snapshots, job);
        job_free(job);
        return;
    }
    if (job->rc == OK && job->problems.len == 0)
        job->fd = open(job->to, O_RDONLY | O_CLOEXEC);
    job->state = job->fd >= 0 ? SNAPSHOT_READY : SNAPSHOT_FAILED;
    (void)unlink(job->to);
    if (job->state == SNAPSHOT_FAILED)
        log_event(LOG_ERROR, NULL, "backup.snapshot_failed", "tenant=%s rc=%d",
                  job->tenant.text[0] != '\0' ? job->tenant.text : "-", job->rc);
    snapshot_job_touch(job);
}

/* Whoever asked for it may have been interrupted. */
static bool drop_oldest_done(struct core *core)
{
    struct snapshot_job *job;

    DL_FOREACH(core->snapshots, job)
    {
        if (job->state != SNAPSHOT_COPYING) {
            snapshot_job_drop(job);
            return true;
        }
    }
    return false;
}

static size_t count(const struct core *core)
{
    const struct snapshot_job *job;
    size_t jobs = 0;

    DL_COUNT(core->snapshots, job, jobs);
    return jobs;
}

int snapshot_job_new(struct core *core, enum piece_kind kind, const struct tenant_name *tenant,
                     struct snapshot_job **ret_job)
{
    struct snapshot_job *job;
    int rc;

    if (count(core) >= SNAPSHOTS_MAX && !drop_oldest_done(core))
        return ERR_LIMIT;
    rc = make_folder(core);
    if (rc != OK)
        return rc;
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return RAISE(ERR_NO_MEMORY);
    job->fd = -1;
    job->core = core;
    job->id = id_new();
    job->kind = kind;
    if (tenant != NULL)
        job->tenant = *tenant;
    buf_init(&job->problems, 64 * 1024);
    job->expiry = evtimer_new(core->role->base, on_expired, job);
    job->work = (struct work){ .run = run, .done = done };
    if (job->expiry == NULL || fill_paths(job) != OK || copy_keys(job) != OK) {
        job_free(job);
        return RAISE(ERR_NO_MEMORY);
    }
    DL_APPEND(core->snapshots, job);
    work_submit(core, WORK_LONG, &job->work);
    *ret_job = job;
    return OK;
}
