/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/cmocka.h"

#include "base/clock.h"
#include "storage/sqlite/store_queue.h"

struct fixture {
    struct store_queue queue;
    struct lane acme, borealis;
    struct job jobs[4];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    store_queue_init(&fixture->queue);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    store_queue_release(&fixture->queue);
    free(fixture);
    return 0;
}

static void take__what_was_put__in_order(void **state)
{
    struct fixture *f = *state;
    struct job *taken;

    store_queue_put(&f->queue, &f->acme, &f->jobs[0], false);
    store_queue_put(&f->queue, &f->borealis, &f->jobs[1], false);
    taken = store_queue_take(&f->queue);
    assert_ptr_equal(taken, &f->jobs[0]);
    assert_ptr_equal(taken->next, &f->jobs[1]);
    assert_null(taken->next->next);
}

static void a_patient_job__goes_before_the_next_of_its_tenant(void **state)
{
    struct fixture *f = *state;
    struct job *taken;

    store_queue_put(&f->queue, &f->acme, &f->jobs[0], true);
    store_queue_put(&f->queue, &f->acme, &f->jobs[1], true);
    store_queue_put(&f->queue, &f->acme, &f->jobs[2], false);
    taken = store_queue_take(&f->queue);
    assert_ptr_equal(taken, &f->jobs[0]);
    assert_ptr_equal(taken->next, &f->jobs[1]);
    assert_ptr_equal(taken->next->next, &f->jobs[2]);
    assert_null(f->queue.patient);
}

static void a_patient_job__stays_aside_while_another_tenant_works(void **state)
{
    struct fixture *f = *state;
    struct job *taken;

    store_queue_put(&f->queue, &f->acme, &f->jobs[0], true);
    store_queue_put(&f->queue, &f->borealis, &f->jobs[1], false);
    taken = store_queue_take(&f->queue);
    assert_ptr_equal(taken, &f->jobs[1]);
    assert_null(taken->next);
    assert_ptr_equal(store_queue_take(&f->queue), &f->jobs[0]); /* by itself, in time */
}

static void a_patient_job__alone__waits_its_time_and_no_longer(void **state)
{
    struct fixture *f = *state;
    uint64_t began_ms = clock_steady_ms();

    store_queue_put(&f->queue, &f->acme, &f->jobs[0], true);
    assert_ptr_equal(store_queue_take(&f->queue), &f->jobs[0]);
    assert_true(clock_steady_ms() - began_ms >= PATIENCE_MS - 1);
}

static void stop__with_patient_jobs__hands_them_out_first(void **state)
{
    struct fixture *f = *state;
    struct job *taken;

    store_queue_put(&f->queue, &f->acme, &f->jobs[0], true);
    store_queue_put(&f->queue, &f->borealis, &f->jobs[1], true);
    store_queue_stop(&f->queue);
    taken = store_queue_take(&f->queue);
    assert_ptr_equal(taken, &f->jobs[0]);
    assert_ptr_equal(taken->next, &f->jobs[1]);
    assert_null(store_queue_take(&f->queue));
}

/* The writer's end of settle(): takes and does all there is. */
static void *do_all(void *context)
{
    struct fixture *f = context;
    struct job *taken;

    while ((taken = store_queue_take(&f->queue)) != NULL) {
        for (; taken != NULL; taken = taken->next)
            store_queue_done(&f->queue, taken->lane, 1);
    }
    return NULL;
}

static void settle__waits_for_every_job_of_the_tenant(void **state)
{
    struct fixture *f = *state;
    pthread_t writer;

    store_queue_put(&f->queue, &f->acme, &f->jobs[0], false);
    store_queue_put(&f->queue, &f->acme, &f->jobs[1], true);
    assert_int_equal(pthread_create(&writer, NULL, do_all, f), 0);
    store_queue_settle(&f->queue, &f->acme);
    assert_int_equal(f->acme.waiting, 0);
    store_queue_stop(&f->queue);
    assert_int_equal(pthread_join(writer, NULL), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(CASE(take__what_was_put__in_order), CASE(a_patient_job__goes_before_the_next_of_its_tenant),
    CASE(a_patient_job__stays_aside_while_another_tenant_works),
    CASE(a_patient_job__alone__waits_its_time_and_no_longer),
    CASE(stop__with_patient_jobs__hands_them_out_first),
    CASE(settle__waits_for_every_job_of_the_tenant))
