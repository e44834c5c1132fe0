/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/sqlite/store_queue.h"

#include "base/clock.h"

#include <utlist.h>

void store_queue_init(struct store_queue *queue)
{
    pthread_condattr_t steady;

    *queue = (struct store_queue){ .stopping = false };
    (void)pthread_condattr_init(&steady);
    (void)pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&queue->lock, NULL);
    (void)pthread_cond_init(&queue->work, &steady);
    (void)pthread_cond_init(&queue->idle, NULL);
    (void)pthread_condattr_destroy(&steady);
}

void store_queue_release(struct store_queue *queue)
{
    (void)pthread_mutex_destroy(&queue->lock);
    (void)pthread_cond_destroy(&queue->work);
    (void)pthread_cond_destroy(&queue->idle);
}

static void append(struct job_list *list, struct job *first, struct job *last)
{
    if (list->first == NULL)
        list->first = first;
    else
        list->last->next = first;
    list->last = last;
}

static void stand_aside(struct store_queue *queue, struct lane *lane, struct job *job)
{
    if (lane->patient.first == NULL) {
        lane->patient_until_ms = clock_steady_ms() + PATIENCE_MS;
        DL_APPEND(queue->patient, lane);
    }
    append(&lane->patient, job, job);
}

static void end_patience(struct store_queue *queue, struct lane *lane)
{
    if (lane->patient.first == NULL)
        return;
    append(&queue->jobs, lane->patient.first, lane->patient.last);
    lane->patient = (struct job_list){ 0 };
    DL_DELETE(queue->patient, lane);
}

void store_queue_put(struct store_queue *queue, struct lane *lane, struct job *job, bool patient)
{
    bool sleeps; /* the writer, and for longer than it may from now on */

    job->lane = lane;
    job->next = NULL;
    (void)pthread_mutex_lock(&queue->lock);
    sleeps = queue->jobs.first == NULL && (!patient || queue->patient == NULL);
    lane->waiting++;
    if (patient) {
        stand_aside(queue, lane, job);
    } else {
        end_patience(queue, lane);
        append(&queue->jobs, job, job);
    }
    (void)pthread_mutex_unlock(&queue->lock);
    if (sleeps) /* with the lock let go: it would only sleep again, for that */
        (void)pthread_cond_signal(&queue->work);
}

static void wait_until(struct store_queue *queue, uint64_t steady_ms)
{
    const struct timespec until = { .tv_sec = (time_t)(steady_ms / 1000),
                                    .tv_nsec = (long)(steady_ms % 1000) * 1000000 };

    (void)pthread_cond_timedwait(&queue->work, &queue->lock, &until);
}

static void wait_for_work(struct store_queue *queue)
{
    while (queue->jobs.first == NULL && !queue->stopping) {
        struct lane *urgent = queue->patient;

        if (urgent == NULL)
            (void)pthread_cond_wait(&queue->work, &queue->lock);
        else if (clock_steady_ms() < urgent->patient_until_ms)
            wait_until(queue, urgent->patient_until_ms);
        else
            end_patience(queue, urgent);
    }
    while (queue->stopping && queue->patient != NULL)
        end_patience(queue, queue->patient);
}

struct job *store_queue_take(struct store_queue *queue)
{
    struct job *jobs;

    (void)pthread_mutex_lock(&queue->lock);
    wait_for_work(queue);
    jobs = queue->jobs.first;
    queue->jobs = (struct job_list){ 0 };
    (void)pthread_mutex_unlock(&queue->lock);
    return jobs;
}

void store_queue_done(struct store_queue *queue, struct lane *lane, size_t count)
{
    (void)pthread_mutex_lock(&queue->lock);
    lane->waiting -= count;
    if (lane->waiting == 0)
        (void)pthread_cond_broadcast(&queue->idle);
    (void)pthread_mutex_unlock(&queue->lock);
}

void store_queue_settle(struct store_queue *queue, struct lane *lane)
{
    (void)pthread_mutex_lock(&queue->lock);
    end_patience(queue, lane);
    (void)pthread_cond_signal(&queue->work);
    while (lane->waiting > 0)
        (void)pthread_cond_wait(&queue->idle, &queue->lock);
    (void)pthread_mutex_unlock(&queue->lock);
}

void store_queue_stop(struct store_queue *queue)
{
    (void)pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    (void)pthread_cond_signal(&queue->work);
    (void)pthread_mutex_unlock(&queue->lock);
}
