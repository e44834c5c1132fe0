/* SPDX-License-Identifier: Apache-2.0
 *
 * store_queue — jobs on their way to a writer thread of store_sqlite, in order for each tenant.
 *
 * Marks (routed, delivered, read) are not worth a commit of their own: nobody waits for them, and
 * one that is lost is made again. Such patient jobs stand aside in their tenant's lane until the
 * tenant commits anyway, or for a fifth of a second, and then go first: a lane keeps its order.
 */
#ifndef STORAGE_STORE_QUEUE_H
#define STORAGE_STORE_QUEUE_H

#include "storage/store.h"

#include <pthread.h>

enum { PATIENCE_MS = 200 };

struct job {
    struct job *next;
    struct lane *lane;
    const struct chat_write *write; /* NULL: a visitor, or answer.bulk */
    struct stored_visitor visitor;
    char *visitor_texts; /* owned: what visitor's slices point into */
    struct store_answer answer;
};

struct job_list {
    struct job *first, *last;
};

/* A tenant's, all zero at first; guarded by the queue's lock. */
struct lane {
    size_t waiting;          /* jobs not yet done */
    struct job_list patient; /* of these, the ones that stand aside … */
    uint64_t patient_until_ms;
    struct lane *next, *prev; /* … and the lanes that have some, the most urgent first */
};

struct store_queue {
    pthread_mutex_t lock;
    pthread_cond_t work, idle;
    struct job_list jobs;
    struct lane *patient;
    bool stopping;
};

void store_queue_init(struct store_queue *queue);
void store_queue_release(struct store_queue *queue);

void store_queue_put(struct store_queue *queue, struct lane *lane, struct job *job, bool patient);
/* For the writer: waits, then takes all there is, in order. NULL: stopped, and nothing is left. */
struct job *store_queue_take(struct store_queue *queue);
/* So many of the lane's jobs are done. */
void store_queue_done(struct store_queue *queue, struct lane *lane, size_t count);
/* Waits until nothing of the lane is left. */
void store_queue_settle(struct store_queue *queue, struct lane *lane);
/* What is there is still taken. */
void store_queue_stop(struct store_queue *queue);

#endif
