/* SPDX-License-Identifier: Apache-2.0
 *
 * The backend of tests and of the simulator: the same statements on databases in memory, on
 * the caller's thread, with commits that can be held back, made to fail, or lost as if the
 * process had died. Nothing here is durable; every other promise of store.h holds.
 */
#include "storage/sqlite/migrations.h"
#include "storage/sqlite/store_sqlite.h"

#include <stdlib.h>
#include <uthash.h>
#include <utlist.h>

struct memory_db {
    UT_hash_handle hh;
    struct tenant_name name;
    struct writer_db db;
    struct reader_db reader; /* the same connection */
};

struct held_job {
    struct held_job *next;
    struct memory_db *tenant;
    const struct chat_write *write;
    struct stored_visitor visitor;
    char *name, *language, *address_hash, *subject; /* owned: what visitor's slices point into */
    struct store_answer answer;
};

struct memory_store {
    struct store base;
    struct memory_db *tenants;
    struct held_job *held;     /* submitted, not committed */
    struct held_job *answered; /* committed or failed, not collected */
    bool holding;
};

static struct memory_store *of(struct store *store)
{
    return (struct memory_store *)store;
}

static struct memory_db *find(struct store *store, const struct tenant_name *name)
{
    struct memory_db *tenant;

    HASH_FIND_STR(of(store)->tenants, name->text, tenant);
    return tenant;
}

static void destroy(struct memory_db *tenant)
{
    writer_finalize(&tenant->db);
    tenant->reader.db = tenant->db.db;
    reader_close(&tenant->reader); /* of both */
    free(tenant);
}

static int tenant_open(struct store *base, const struct tenant_name *name)
{
    struct memory_db *tenant;
    int rc = OK;

    if (find(base, name) != NULL)
        return OK;
    tenant = calloc(1, sizeof(*tenant));
    if (tenant == NULL)
        return RAISE(ERR_NO_MEMORY);
    tenant->name = *name;
    if (sqlite3_open(":memory:", &tenant->db.db) != SQLITE_OK)
        rc = RAISE(ERR_IO);
    if (rc == OK)
        rc = FOLD(database_migrate(tenant->db.db, store_migrations, store_migration_count));
    if (rc == OK)
        rc = writer_prepare(&tenant->db);
    if (rc != OK) {
        destroy(tenant);
        return rc;
    }
    tenant->reader.db = tenant->db.db;
    HASH_ADD_STR(of(base)->tenants, name.text, tenant);
    return OK;
}

/* What is in memory is made in no time. */
static void tenant_prepare(struct store *base, const struct tenant_name *name)
{
    (void)base;
    (void)name;
}

/* --- committing, or not --- */

static void apply(struct held_job *job)
{
    struct writer_db *db = &job->tenant->db;
    int rc = step_done(db->stmts[W_BEGIN]) == SQLITE_DONE ? OK : ERR_IO;

    job->answer.outcome = STORE_DONE;
    if (rc == OK)
        rc = job->write != NULL         ? store_apply(db, job->write, &job->answer)
             : job->answer.bulk != NULL ? store_apply_bulk(db, &job->answer)
                                        : store_apply_visitor(db, &job->visitor);
    if (rc == OK && step_done(db->stmts[W_COMMIT]) == SQLITE_DONE)
        return;
    (void)step_done(db->stmts[W_ROLLBACK]);
    known_forget_all(&db->known);
    job->answer.outcome = STORE_FAILED;
}

static size_t settle(struct memory_store *store, size_t max, bool commit)
{
    size_t count = 0;

    for (; count < max && store->held != NULL; count++) {
        struct held_job *job = store->held;

        LL_DELETE(store->held, job);
        if (commit)
            apply(job);
        else
            job->answer.outcome = STORE_FAILED;
        LL_APPEND(store->answered, job);
    }
    return count;
}

void store_memory_hold(struct store *store, bool held)
{
    of(store)->holding = held;
    if (!held)
        (void)settle(of(store), SIZE_MAX, true);
}

size_t store_memory_commit(struct store *store, size_t max)
{
    return settle(of(store), max, true);
}

size_t store_memory_fail(struct store *store, size_t max)
{
    return settle(of(store), max, false);
}

static void free_job(struct held_job *job)
{
    free(job->name);
    free(job->language);
    free(job->address_hash);
    free(job->subject);
    free(job);
}

static void forget(struct held_job *jobs)
{
    struct held_job *job, *next;

    LL_FOREACH_SAFE(jobs, job, next)
    {
        if (job->answer.bulk != NULL)
            job->answer.bulk->done(job->answer.bulk, STORE_FAILED);
        free_job(job);
    }
}

void store_memory_crash(struct store *base)
{
    struct memory_store *store = of(base);

    forget(store->held);
    forget(store->answered);
    store->held = store->answered = NULL;
}

static int enqueue(struct store *base, struct memory_db *tenant, struct held_job *job)
{
    job->tenant = tenant;
    job->answer.tenant = tenant->name;
    LL_APPEND(of(base)->held, job);
    if (!of(base)->holding)
        (void)settle(of(base), SIZE_MAX, true);
    return OK;
}

static int submit(struct store *base, const struct tenant_name *name,
                  const struct chat_write *write)
{
    struct memory_db *tenant = find(base, name);
    struct held_job *job;

    if (tenant == NULL)
        return STORE_E_UNAVAILABLE;
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return RAISE(ERR_NO_MEMORY);
    job->write = write;
    job->answer.write = write;
    return enqueue(base, tenant, job);
}

static int visitor_new(struct store *base, const struct tenant_name *name,
                       const struct stored_visitor *visitor)
{
    struct memory_db *tenant = find(base, name);
    struct held_job *job;

    if (tenant == NULL)
        return STORE_E_UNAVAILABLE;
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return RAISE(ERR_NO_MEMORY);
    job->visitor = *visitor;
    job->name = slice_dup(visitor->name);
    job->language = slice_dup(visitor->language);
    job->address_hash = slice_dup(visitor->address_hash);
    job->visitor.name = slice_of(job->name);
    job->visitor.language = slice_of(job->language);
    job->visitor.address_hash = slice_of(job->address_hash);
    job->subject = slice_dup(visitor->subject);
    job->visitor.subject = slice_of(job->subject);
    return enqueue(base, tenant, job);
}

static int bulk(struct store *base, const struct tenant_name *name, struct store_bulk *work)
{
    struct memory_db *tenant = find(base, name);
    struct held_job *job;

    if (tenant == NULL)
        return STORE_E_UNAVAILABLE;
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return RAISE(ERR_NO_MEMORY);
    job->answer.bulk = work;
    return enqueue(base, tenant, job);
}

static int answer_fd(struct store *base)
{
    (void)base;
    return -1;
}

static size_t collect(struct store *base, struct store_answer *ret_answers, size_t max)
{
    struct memory_store *store = of(base);
    size_t count = 0;

    for (; count < max && store->answered != NULL; count++) {
        struct held_job *job = store->answered;

        LL_DELETE(store->answered, job);
        ret_answers[count] = job->answer;
        free_job(job);
    }
    return count;
}

static void tenant_close(struct store *base, const struct tenant_name *name)
{
    struct memory_db *tenant = find(base, name);

    if (tenant == NULL)
        return;
    (void)settle(of(base), SIZE_MAX, true);
    HASH_DEL(of(base)->tenants, tenant);
    destroy(tenant);
}

static int scrub(struct store *base, const struct tenant_name *name)
{
    return find(base, name) == NULL ? STORE_E_UNAVAILABLE : OK; /* there is no file */
}

static int tenant_erase(struct store *base, const struct tenant_name *name)
{
    (void)base;
    (void)name;
    return OK; /* closing forgot it */
}

static int tenant_move(struct store *base, const struct tenant_name *from,
                       const struct tenant_name *to)
{
    (void)base;
    (void)from;
    (void)to;
    return OK; /* closing forgot it */
}

/* --- reading --- */

static struct reader_db *reader(struct store *base, const struct tenant_name *name)
{
    struct memory_db *tenant = find(base, name);

    return tenant == NULL ? NULL : &tenant->reader;
}

static int view(struct store *store, const struct tenant_name *name, struct store **ret_view)
{
    *ret_view = store;
    return find(store, name) == NULL ? STORE_E_UNAVAILABLE : OK;
}

static void store_close(struct store *base)
{
    struct memory_db *tenant, *next;

    store_memory_crash(base);
    HASH_ITER(hh, of(base)->tenants, tenant, next)
    {
        HASH_DEL(of(base)->tenants, tenant);
        destroy(tenant);
    }
    free(base);
}

static const struct store_ops ops = {
    .name = "memory",
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

int store_memory_open(struct store **ret_store)
{
    struct memory_store *store = calloc(1, sizeof(*store));

    if (store == NULL)
        return RAISE(ERR_NO_MEMORY);
    store->base.ops = &ops;
    *ret_store = &store->base;
    return OK;
}
