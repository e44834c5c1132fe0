/* SPDX-License-Identifier: Apache-2.0
 *
 * The durable backend. Callers queue jobs; each writer thread takes whatever has gathered,
 * does it in one transaction a tenant, and only after COMMIT (which fsyncs the log) hands the
 * answers back. The batch is what came while the last commit ran: there is no delay to tune.
 *
 * A tenant always has the same writer, so its jobs keep their order. When anything fails
 * beyond a rule (disk full, I/O error, damage), all of that tenant's batch is answered
 * STORE_FAILED, the handle is closed, and the database is opened and checked again before it
 * is used. Other tenants on the same thread go on.
 */
#include "storage/sqlite/store_sqlite.h"

#include "base/clock.h"
#include "base/log.h"
#include "storage/files.h"
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/store_queue.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <uthash.h>
#include <utlist.h>

enum {
    WAITING_MAX = 200000, /* jobs not yet answered, over all tenants */
    BATCH_MAX = 2000,     /* jobs in one transaction: bounds how long a failure costs */
    REOPEN_FIRST_MS = 200,
    REOPEN_MAX_MS = 10000,
};

struct tenant_db {
    struct lane lane; /* first, so that a job's lane leads here */
    UT_hash_handle hh;
    struct tenant_db *next; /* while it is only prepared */
    struct tenant_name name;
    char *path;
    struct writer *writer;
    struct writer_db db;      /* the writer thread's, except while the tenant opens or closes */
    struct reader_db reader;  /* the caller's thread's */
    atomic_bool reader_stale; /* the writer has reopened: so must the reader */
    uint64_t reopen_at_ms, reopen_wait_ms;
};

struct writer {
    struct sqlite_store *store;
    pthread_t thread;
    struct store_queue queue;
};

struct sqlite_store {
    struct store base;
    char *dir;
    struct tenant_db *tenants;
    struct writer *writers;
    unsigned writer_count;
    pthread_mutex_t prepared_lock;
    struct tenant_db *prepared; /* guarded by the lock: open, and nobody's yet */
    int fd;                     /* eventfd: answers wait */
    pthread_mutex_t answers_lock;
    struct job *answered, **answered_last;
    atomic_size_t waiting;
};

/* --- opening one tenant's database --- */

static int open_writer(struct tenant_db *tenant)
{
    int rc = database_open(&tenant->db.db, tenant->path, DATABASE_WRITER);

    if (rc == OK)
        rc = database_migrate(tenant->db.db, store_migrations, store_migration_count);
    if (rc == OK)
        rc = writer_prepare(&tenant->db);
    return FOLD(rc);
}

static void close_writer(struct tenant_db *tenant)
{
    writer_finalize(&tenant->db);
    database_close(tenant->db.db);
    tenant->db.db = NULL;
}

/* Opening looks at every page: the first time at once, then ever more seldom until a commit
 * succeeds. A full disk lets a database be opened, and no batch be stored. */
static void back_off(struct tenant_db *tenant)
{
    uint64_t wait_ms = tenant->reopen_wait_ms, next_ms = wait_ms * 2;

    tenant->reopen_at_ms = clock_steady_ms() + wait_ms;
    if (next_ms == 0)
        next_ms = REOPEN_FIRST_MS;
    tenant->reopen_wait_ms = next_ms > REOPEN_MAX_MS ? REOPEN_MAX_MS : next_ms;
}

/* Called by the writer before a batch. False: not now. */
static bool is_usable(struct tenant_db *tenant)
{
    if (tenant->db.db != NULL)
        return true;
    if (clock_steady_ms() < tenant->reopen_at_ms)
        return false;
    if (open_writer(tenant) == OK && database_check(tenant->db.db) == OK) {
        log_event(LOG_INFO, NULL, "store.reopened", "tenant=%s", tenant->name.text);
        atomic_store(&tenant->reader_stale, true);
        return true;
    }
    close_writer(tenant);
    back_off(tenant);
    return false;
}

/* --- a batch --- */

static int apply(struct tenant_db *tenant, struct job *job)
{
    if (job->write != NULL)
        return store_apply(&tenant->db, job->write, &job->answer);
    if (job->answer.bulk != NULL)
        return store_apply_bulk(&tenant->db, &job->answer);
    job->answer.outcome = STORE_DONE;
    return store_apply_visitor(&tenant->db, &job->visitor);
}

static int do_batch(struct tenant_db *tenant, struct job *jobs)
{
    struct job *job;
    int rc = is_usable(tenant) ? writer_run(&tenant->db, W_BEGIN) : ERR_IO;

    LL_FOREACH(jobs, job)
    {
        if (rc == OK)
            rc = apply(tenant, job);
    }
    return rc == OK ? writer_run(&tenant->db, W_COMMIT) : rc;
}

static void batch(struct tenant_db *tenant, struct job *jobs)
{
    bool was_open = tenant->db.db != NULL;
    struct job *job;

    if (do_batch(tenant, jobs) == OK) {
        tenant->reopen_wait_ms = 0;
        return;
    }
    LL_FOREACH(jobs, job)
    job->answer.outcome = STORE_FAILED;
    if (!was_open && tenant->db.db == NULL)
        return;
    log_event(LOG_ERROR, NULL, "store.batch_failed", "tenant=%s error=\"%s\"", tenant->name.text,
              tenant->db.db == NULL ? "unavailable" : sqlite3_errmsg(tenant->db.db));
    close_writer(tenant); /* rolls back; what the file now holds is looked at before its next use */
    back_off(tenant);
}

static void answer(struct sqlite_store *store, struct job *jobs, struct job *last)
{
    const uint64_t one = 1;

    (void)pthread_mutex_lock(&store->answers_lock);
    *store->answered_last = jobs;
    store->answered_last = &last->next;
    (void)pthread_mutex_unlock(&store->answers_lock);
    if (write(store->fd, &one, sizeof(one)) < 0)
        log_event(LOG_ERROR, NULL, "store.untold", "error=\"%s\"", strerror(errno));
}

/* Takes the jobs of the first one's tenant, at most BATCH_MAX, out of the list, in order. */
static struct job *take_tenant(struct job **jobs, struct job **ret_last, size_t *ret_count)
{
    struct job *first = *jobs, *last = first;

    *jobs = first->next;
    first->next = NULL;
    *ret_count = 1;
    for (struct job **at = jobs; *at != NULL && *ret_count < BATCH_MAX;) {
        struct job *job = *at;

        if (job->lane != first->lane) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        job->next = NULL;
        last->next = job;
        last = job;
        (*ret_count)++;
    }
    *ret_last = last;
    return first;
}

static void work_off(struct writer *writer, struct job *jobs)
{
    while (jobs != NULL) {
        struct lane *lane = jobs->lane;
        struct job *last;
        size_t count;
        struct job *taken = take_tenant(&jobs, &last, &count);

        struct tenant_db *tenant = (struct tenant_db *)lane;

        batch(tenant, taken);
        answer(writer->store, taken, last);
        writer_checkpoint(&tenant->db);
        store_queue_done(&writer->queue, lane, count);
    }
}

static void *writer_main(void *context)
{
    struct writer *writer = context;
    struct job *jobs;

    while ((jobs = store_queue_take(&writer->queue)) != NULL)
        work_off(writer, jobs);
    return NULL;
}

/* --- the port: tenants --- */

static struct sqlite_store *of(struct store *store)
{
    return (struct sqlite_store *)store;
}

static struct tenant_db *find(struct store *store, const struct tenant_name *name)
{
    struct tenant_db *tenant;

    HASH_FIND_STR(of(store)->tenants, name->text, tenant);
    return tenant;
}

static void destroy_tenant(struct tenant_db *tenant)
{
    close_writer(tenant);
    reader_close(&tenant->reader);
    free(tenant->path);
    free(tenant);
}

static int make_path(const struct sqlite_store *store, struct tenant_db *tenant)
{
    char folder[4096];

    (void)snprintf(folder, sizeof(folder), "%s/%s", store->dir, tenant->name.text);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        log_event(LOG_ERROR, NULL, "store.no_folder", "path=%s error=\"%s\"", folder,
                  strerror(errno));
        return ERR_IO;
    }
    return asprintf(&tenant->path, "%s/transcripts.db", folder) < 0 ? RAISE(ERR_NO_MEMORY) : OK;
}

/* Nobody sends a file yet: whatever has no row is left over from a kill. */
static void sweep(const struct tenant_db *tenant)
{
    char folder[FILES_PATH_BYTES];

    files_beside(folder, tenant->path);
    if (files_sweep(tenant->db.db, folder) != OK)
        log_event(LOG_ERROR, NULL, "store.not_swept", "tenant=%s", tenant->name.text);
}

/* Touches nothing that another thread does. */
static int make_tenant(struct sqlite_store *store, const struct tenant_name *name,
                       struct tenant_db **ret_tenant)
{
    struct tenant_db *tenant = calloc(1, sizeof(*tenant));
    unsigned hash = 0;
    int rc;

    if (tenant == NULL)
        return RAISE(ERR_NO_MEMORY);
    tenant->name = *name;
    for (const char *c = name->text; *c != '\0'; c++)
        hash = hash * 31 + (unsigned char)*c;
    tenant->writer = &store->writers[hash % store->writer_count];
    rc = make_path(store, tenant);
    if (rc == OK)
        rc = open_writer(tenant);
    if (rc == OK)
        rc = database_check(tenant->db.db);
    if (rc == OK)
        rc = reader_open(&tenant->reader, tenant->path);
    if (rc != OK) {
        destroy_tenant(tenant);
        return rc == ERR_NO_MEMORY ? rc : STORE_E_UNAVAILABLE;
    }
    *ret_tenant = tenant;
    return OK;
}

/* NULL: there is none. */
static struct tenant_db *take_prepared(struct sqlite_store *store, const struct tenant_name *name)
{
    struct tenant_db *tenant;

    (void)pthread_mutex_lock(&store->prepared_lock);
    LL_FOREACH(store->prepared, tenant)
    {
        if (strcmp(tenant->name.text, name->text) == 0)
            break;
    }
    if (tenant != NULL)
        LL_DELETE(store->prepared, tenant);
    (void)pthread_mutex_unlock(&store->prepared_lock);
    return tenant;
}

static void drop_prepared(struct sqlite_store *store, const struct tenant_name *name)
{
    struct tenant_db *tenant = take_prepared(store, name);

    if (tenant != NULL)
        destroy_tenant(tenant);
}

static void tenant_prepare(struct store *base, const struct tenant_name *name)
{
    struct sqlite_store *store = of(base);
    struct tenant_db *tenant;

    drop_prepared(store, name);
    if (make_tenant(store, name, &tenant) != OK)
        return;
    (void)pthread_mutex_lock(&store->prepared_lock);
    LL_PREPEND(store->prepared, tenant);
    (void)pthread_mutex_unlock(&store->prepared_lock);
}

static int tenant_open(struct store *base, const struct tenant_name *name)
{
    struct sqlite_store *store = of(base);
    struct tenant_db *tenant;
    int rc = OK;

    if (find(base, name) != NULL)
        return OK;
    tenant = take_prepared(store, name);
    if (tenant == NULL)
        rc = make_tenant(store, name, &tenant);
    if (rc != OK)
        return rc;
    sweep(tenant);
    HASH_ADD_STR(store->tenants, name.text, tenant);
    return OK;
}

/* Answers to jobs of a tenant that is gone still name it; they carry a copy. */
static void tenant_close(struct store *base, const struct tenant_name *name)
{
    struct tenant_db *tenant = find(base, name);

    drop_prepared(of(base), name);
    if (tenant == NULL)
        return;
    store_queue_settle(&tenant->writer->queue, &tenant->lane);
    HASH_DEL(of(base)->tenants, tenant);
    destroy_tenant(tenant);
}

/* Deleted words stay in an FTS5 index until its parts are merged. */
static int merge_index(sqlite3 *db)
{
    sqlite3_stmt *stmt = database_prepare(db, "SELECT 1 FROM sqlite_master WHERE name = 'search'");
    int code = stmt == NULL ? SQLITE_ERROR : sqlite3_step(stmt);

    (void)sqlite3_finalize(stmt);
    if (code != SQLITE_ROW)
        return code == SQLITE_DONE ? OK : RAISE(ERR_IO);
    return database_run(db, "INSERT INTO search (search) VALUES ('optimize')");
}

/* The writer has nothing of this tenant meanwhile, and we alone hand it more. */
static int scrub(struct store *base, const struct tenant_name *name)
{
    struct tenant_db *tenant = find(base, name);
    char folder[FILES_PATH_BYTES];
    int rc = SQLITE_ERROR;

    if (tenant == NULL)
        return STORE_E_UNAVAILABLE;
    files_beside(folder, tenant->path);
    store_queue_settle(&tenant->writer->queue, &tenant->lane);
    if (tenant->db.db != NULL && files_scrub(tenant->db.db, folder) == OK &&
        merge_index(tenant->db.db) == OK)
        rc = sqlite3_wal_checkpoint_v2(tenant->db.db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == SQLITE_OK ? OK : rc == SQLITE_BUSY ? STORE_E_BUSY : STORE_E_UNAVAILABLE;
}

/* Whatever lies there is ours: the folder bears the name of nobody else. */
static int erase_files(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int rc = OK;

    if (dir == NULL)
        return errno == ENOENT ? OK : RAISE(ERR_IO);
    while (rc == OK && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) != 0)
            rc = RAISE(ERR_IO);
    }
    if (rc == OK && (fsync(dirfd(dir)) != 0 || rmdir(folder) != 0))
        rc = RAISE(ERR_IO);
    (void)closedir(dir);
    return rc;
}

static int tenant_erase(struct store *base, const struct tenant_name *name)
{
    char folder[4096], files[4096 + 8];
    int rc;

    assert(find(base, name) == NULL);
    drop_prepared(of(base), name);
    (void)snprintf(folder, sizeof(folder), "%s/%s", of(base)->dir, name->text);
    (void)snprintf(files, sizeof(files), "%s/files", folder);
    rc = erase_files(files);
    return rc == OK ? erase_files(folder) : rc;
}

static int move_folder(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS) /* not every file system can */
        return -1;
    if (access(to, F_OK) != 0)
        return rename(from, to);
    errno = EEXIST;
    return -1;
}

/* The folder in one step: a kill finds it under one name or the other. Where the old one is gone it
 * was moved already, or nothing of the tenant was ever stored. */
static int tenant_move(struct store *base, const struct tenant_name *from,
                       const struct tenant_name *to)
{
    char old[4096], new[4096];

    assert(find(base, from) == NULL && find(base, to) == NULL);
    (void)snprintf(old, sizeof(old), "%s/%s", of(base)->dir, from->text);
    (void)snprintf(new, sizeof(new), "%s/%s", of(base)->dir, to->text);
    if (move_folder(old, new) != 0 && errno != ENOENT) {
        int rc = errno == EEXIST ? STORE_E_EXISTS : ERR_IO;

        log_event(LOG_ERROR, NULL, "store.not_moved", "from=%s to=%s error=\"%s\"", old, new,
                  strerror(errno));
        return rc;
    }
    return folder_sync(of(base)->dir);
}

/* --- the port: writing --- */

/* Nobody waits for a mark's commit. But that a message is undeliverable must be known before it
 * breaks the next stream. */
static bool is_patient(const struct chat_write *write)
{
    return write != NULL &&
           (write->kind == WRITE_READ ||
            (write->kind == WRITE_DELIVERY && write->delivery != DELIVERY_UNDELIVERABLE));
}

static int enqueue(struct sqlite_store *store, struct tenant_db *tenant, struct job *job)
{
    job->answer.tenant = tenant->name;
    (void)atomic_fetch_add(&store->waiting, 1);
    store_queue_put(&tenant->writer->queue, &tenant->lane, job, is_patient(job->write));
    return OK;
}

static int job_new(struct store *base, const struct tenant_name *name, struct job **ret_job,
                   struct tenant_db **ret_tenant)
{
    struct tenant_db *tenant = find(base, name);

    if (tenant == NULL)
        return STORE_E_UNAVAILABLE;
    if (atomic_load(&of(base)->waiting) >= WAITING_MAX)
        return ERR_LIMIT;
    *ret_job = calloc(1, sizeof(**ret_job));
    if (*ret_job == NULL)
        return RAISE(ERR_NO_MEMORY);
    *ret_tenant = tenant;
    return OK;
}

static int submit(struct store *base, const struct tenant_name *name,
                  const struct chat_write *write)
{
    struct tenant_db *tenant;
    struct job *job;
    int rc = job_new(base, name, &job, &tenant);

    if (rc != OK)
        return rc;
    job->write = write;
    job->answer.write = write;
    return enqueue(of(base), tenant, job);
}

static int bulk(struct store *base, const struct tenant_name *name, struct store_bulk *work)
{
    struct tenant_db *tenant;
    struct job *job;
    int rc = job_new(base, name, &job, &tenant);

    if (rc != OK)
        return rc;
    job->answer.bulk = work;
    return enqueue(of(base), tenant, job);
}

static struct slice put(char **at, struct slice text)
{
    char *start = *at;

    if (text.len > 0)
        memcpy(start, text.data, text.len);
    *at += text.len;
    return (struct slice){ start, text.len };
}

static int visitor_new(struct store *base, const struct tenant_name *name,
                       const struct stored_visitor *visitor)
{
    struct tenant_db *tenant;
    struct job *job;
    char *at;
    int rc = job_new(base, name, &job, &tenant);

    if (rc != OK)
        return rc;
    job->visitor = *visitor;
    at = malloc(visitor->name.len + visitor->language.len + visitor->address_hash.len +
                visitor->subject.len + 1);
    if (at == NULL) {
        free(job);
        return RAISE(ERR_NO_MEMORY);
    }
    job->visitor_texts = at;
    job->visitor.name = put(&at, visitor->name);
    job->visitor.language = put(&at, visitor->language);
    job->visitor.address_hash = put(&at, visitor->address_hash);
    job->visitor.subject = put(&at, visitor->subject);
    return enqueue(of(base), tenant, job);
}

static int answer_fd(struct store *base)
{
    return of(base)->fd;
}

static size_t collect(struct store *base, struct store_answer *ret_answers, size_t max)
{
    struct sqlite_store *store = of(base);
    struct job *job, *taken = NULL;
    size_t count = 0;
    uint64_t told;

    if (read(store->fd, &told, sizeof(told)) < 0 && errno != EAGAIN)
        log_event(LOG_ERROR, NULL, "store.unheard", "error=\"%s\"", strerror(errno));
    (void)pthread_mutex_lock(&store->answers_lock);
    while (count < max && store->answered != NULL) {
        job = store->answered;
        store->answered = job->next;
        job->next = taken;
        taken = job;
        ret_answers[count++] = job->answer;
    }
    if (store->answered == NULL)
        store->answered_last = &store->answered;
    (void)pthread_mutex_unlock(&store->answers_lock);
    (void)atomic_fetch_sub(&store->waiting, count);
    while (taken != NULL) {
        job = taken;
        taken = job->next;
        free(job->visitor_texts);
        free(job);
    }
    return count;
}

/* --- the port: reading --- */

static struct reader_db *reader(struct store *base, const struct tenant_name *name)
{
    struct tenant_db *tenant = find(base, name);

    if (tenant == NULL)
        return NULL;
    if (tenant->reader.db == NULL || atomic_exchange(&tenant->reader_stale, false)) {
        reader_close(&tenant->reader);
        if (reader_open(&tenant->reader, tenant->path) != OK)
            return NULL;
    }
    return &tenant->reader;
}

static int view(struct store *store, const struct tenant_name *name, struct store **ret_view)
{
    struct tenant_db *tenant = find(store, name);

    if (tenant == NULL)
        return STORE_E_UNAVAILABLE;
    return store_view_open(ret_view, tenant->path) == OK ? OK : STORE_E_UNAVAILABLE;
}

/* --- start and end --- */

static void stop_writers(struct sqlite_store *store)
{
    for (unsigned i = 0; i < store->writer_count; i++) {
        struct writer *writer = &store->writers[i];

        store_queue_stop(&writer->queue);
        (void)pthread_join(writer->thread, NULL);
        store_queue_release(&writer->queue);
    }
}

static void store_close(struct store *base)
{
    struct sqlite_store *store = of(base);
    struct tenant_db *tenant, *next;
    struct store_answer dropped;

    stop_writers(store);
    HASH_ITER(hh, store->tenants, tenant, next)
    {
        HASH_DEL(store->tenants, tenant);
        destroy_tenant(tenant);
    }
    LL_FOREACH_SAFE(store->prepared, tenant, next)
    destroy_tenant(tenant);
    while (store->fd >= 0 && collect(base, &dropped, 1) > 0) {
        if (dropped.bulk != NULL)
            dropped.bulk->done(dropped.bulk, dropped.outcome);
    }
    if (store->fd >= 0)
        (void)close(store->fd);
    (void)pthread_mutex_destroy(&store->answers_lock);
    (void)pthread_mutex_destroy(&store->prepared_lock);
    free(store->writers);
    free(store->dir);
    free(store);
}

static const struct store_ops ops = {
    .name = "sqlite",
    .tenant_prepare = tenant_prepare,
    .tenant_open = tenant_open,
    .tenant_close = tenant_close,
    .tenant_erase = tenant_erase,
    .tenant_move = tenant_move,
    .submit = submit,
    .visitor_new = visitor_new,
    .bulk = bulk,
    .scrub = scrub,
    .answer_fd = answer_fd,
    .collect = collect,
    .reader = reader,
    STORE_READING,
    .view = view,
    .close = store_close,
};

static int start_writers(struct sqlite_store *store, unsigned count)
{
    store->writers = calloc(count, sizeof(*store->writers));
    if (store->writers == NULL)
        return RAISE(ERR_NO_MEMORY);
    for (; store->writer_count < count; store->writer_count++) {
        struct writer *writer = &store->writers[store->writer_count];

        writer->store = store;
        store_queue_init(&writer->queue);
        if (pthread_create(&writer->thread, NULL, writer_main, writer) != 0)
            return RAISE(ERR_IO);
    }
    return OK;
}

int store_sqlite_open(struct store **ret_store, const char *dir, unsigned writers)
{
    struct sqlite_store *store = calloc(1, sizeof(*store));
    int rc = OK;

    if (store == NULL)
        return RAISE(ERR_NO_MEMORY);
    store->base.ops = &ops;
    store->answered_last = &store->answered;
    (void)pthread_mutex_init(&store->answers_lock, NULL);
    (void)pthread_mutex_init(&store->prepared_lock, NULL);
    store->dir = strdup(dir);
    store->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (store->dir == NULL || store->fd < 0)
        rc = RAISE(ERR_IO);
    if (rc == OK && mkdir(dir, 0700) != 0 && errno != EEXIST) {
        log_event(LOG_ERROR, NULL, "store.no_folder", "path=%s error=\"%s\"", dir, strerror(errno));
        rc = ERR_IO;
    }
    if (rc == OK)
        rc = start_writers(store, writers == 0 ? 1 : writers);
    if (rc != OK) {
        store_close(&store->base);
        return rc;
    }
    *ret_store = &store->base;
    return OK;
}
