/* SPDX-License-Identifier: Apache-2.0
 *
 * The durable backend on a bad disk: every write and every sync fails in turn, and the power goes
 * at any moment. What was answered as stored is there afterwards, once and in order; what was not
 * may be, and is then known again.
 */
#include "storage/sqlite/store_sqlite.h"

#include "base/secret/random.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MESSAGES = 160, CUTS = 250 };

static struct tenant_name acme, borealis;
static struct store *store;
static char *dir, *after;

static void open_store(const char *where)
{
    assert_int_equal(store_sqlite_open(&store, where, 1), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
}

static int start(void **state)
{
    char path[4096];

    (void)state;
    acme = tenant_called("acme");
    borealis = tenant_called("borealis");
    dir = scratch_new();
    after = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/acme", after);
    assert_int_equal(mkdir(path, 0700), 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    store = store_free(store);
    scratch_free(dir);
    scratch_free(after);
    return 0;
}

/* --- messages that tell their own place: "1", "2" … --- */

static struct conversation_id conversation;
static struct visitor_id visitor;
static char texts[MESSAGES + 1][16];

static void begin(void)
{
    conversation.id = id_new();
    visitor.id = id_new();
}

static struct chat_write numbered(unsigned number)
{
    struct chat_write write;

    (void)snprintf(texts[number], sizeof(texts[number]), "%u", number);
    write = a_visitors_message(conversation, texts[number], texts[number]);
    write.visitor = visitor;
    write.opens = number == 1;
    return write;
}

static int check_place(void *context, const struct stored_message *message)
{
    char expected[16];

    (void)snprintf(expected, sizeof(expected), "%llu", (unsigned long long)message->seq);
    assert_true(slice_is(message->text, expected));
    assert_int_equal(message->seq, ++*(unsigned *)context);
    return 0;
}

/* How many there are; each stands in its place. */
static unsigned count_messages(void)
{
    unsigned count = 0;

    assert_int_equal(
        STORE_CALL(store, messages, &acme, conversation, 0, SIZE_MAX, check_place, &count), OK);
    return count;
}

/* --- made ahead --- */

static void *prepare_borealis(void *context)
{
    (void)context;
    STORE_CALL(store, tenant_prepare, &borealis);
    return NULL;
}

/* By another thread, as the core has it done. */
static void prepare(void)
{
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, prepare_borealis, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static bool is_folder(const char *tenant)
{
    char path[4096];
    struct stat about;

    (void)snprintf(path, sizeof(path), "%s/%s", dir, tenant);
    return stat(path, &about) == 0;
}

static void what_was_prepared__is_opened_without_touching_the_disk(void **state)
{
    struct chat_write write;
    unsigned opened;

    (void)state;
    open_store(dir);
    prepare();
    opened = faulty_disk_opened();
    assert_int_equal(STORE_CALL(store, tenant_open, &borealis), OK);
    assert_int_equal(faulty_disk_opened(), opened);
    write = a_visitors_message((struct conversation_id){ id_new() }, "c", "hello");
    write.visitor.id = id_new();
    write.opens = true;
    assert_int_equal(store_now(store, &borealis, &write).outcome, STORE_DONE);
}

static void what_was_prepared_and_never_opened__goes_without_a_trace(void **state)
{
    (void)state;
    open_store(dir);
    prepare();
    prepare(); /* again, as after an adding that was refused late */
    assert_true(is_folder("borealis"));
    assert_int_equal(STORE_CALL(store, tenant_erase, &borealis), OK);
    assert_false(is_folder("borealis"));
    prepare();
    STORE_CALL(store, tenant_close, &borealis);
    prepare();
    store = store_free(store);
}

static void what_could_not_be_prepared__is_told_by_the_opening(void **state)
{
    (void)state;
    open_store(dir);
    faulty_disk_fail(FAULTY_WRITE, 1, SQLITE_FULL, "/borealis/");
    prepare();
    assert_int_equal(STORE_CALL(store, tenant_open, &borealis), STORE_E_UNAVAILABLE);
    assert_true(faulty_disk_heal());
    assert_int_equal(STORE_CALL(store, tenant_open, &borealis), OK);
}

/* --- errors --- */

static const struct fault {
    enum faulty_call call;
    int code;
} faults[] = {
    { FAULTY_WRITE, SQLITE_IOERR_WRITE },
    { FAULTY_WRITE, SQLITE_FULL },
    { FAULTY_SYNC, SQLITE_IOERR_FSYNC },
};

static enum store_outcome next_door_says(void)
{
    struct chat_write write =
        a_visitors_message((struct conversation_id){ id_new() }, "c", "hello");

    write.visitor.id = id_new();
    write.opens = true;
    return store_now(store, &borealis, &write).outcome;
}

/* Says it with the nth call failing, and again once the disk is well. False: none failed. */
static bool say_through(const struct fault *fault, unsigned nth, unsigned number)
{
    struct chat_write write = numbered(number);
    struct store_answer answer;
    bool failed;

    faulty_disk_fail(fault->call, nth, fault->code, "/acme/");
    answer = store_now(store, &acme, &write);
    assert_int_equal(next_door_says(), STORE_DONE);
    failed = faulty_disk_heal();
    assert_int_equal(answer.outcome, failed ? STORE_FAILED : STORE_DONE);
    while (answer.outcome == STORE_FAILED)
        answer = store_now(store, &acme, &write);
    assert_int_equal(answer.seq, number);
    return failed;
}

static void whichever_call_fails__nothing_is_told_as_stored_and_the_next_try_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        unsigned number = 1, nth = 1;

        begin();
        open_store(dir);
        assert_int_equal(STORE_CALL(store, tenant_open, &borealis), OK);
        assert_false(say_through(&faults[i], 1000, number++)); /* conversation opened */
        while (say_through(&faults[i], nth++, number++))
            assert_true(number < MESSAGES);
        assert_true(nth > 2); /* there was something to fail */
        assert_int_equal(count_messages(), number - 1);
        store = store_free(store);
    }
}

static void while_the_disk_is_full__everything_fails_and_afterwards_nothing_is_missing(void **state)
{
    (void)state;
    struct chat_write first, second;
    unsigned opened;

    begin();
    first = numbered(1);
    second = numbered(2);
    open_store(dir);
    assert_int_equal(store_now(store, &acme, &first).outcome, STORE_DONE);
    faulty_disk_fail(FAULTY_WRITE, 1, SQLITE_FULL, "/acme/");
    opened = faulty_disk_opened();
    for (int i = 0; i < 50; i++)
        assert_int_equal(store_now(store, &acme, &second).outcome, STORE_FAILED);
    /* Each opening looks at every page: not for each visitor who tries again. */
    assert_true(faulty_disk_opened() - opened < 10);
    assert_int_equal(count_messages(), 1); /* reading goes on */
    assert_true(faulty_disk_heal());
    while (store_now(store, &acme, &second).outcome == STORE_FAILED)
        ;
    assert_int_equal(count_messages(), 2);
}

/* --- the power --- */

/* answered[n]: how much had been done to the disk when message n was known to be stored. */
static size_t answered[MESSAGES + 1];

static void say_in_bursts(struct prng *prng)
{
    static struct chat_write writes[MESSAGES + 1];

    for (unsigned number = 1; number <= MESSAGES;) {
        unsigned burst = 1 + (unsigned)prng_below(prng, 8), last = number;

        for (; last < number + burst && last <= MESSAGES; last++) {
            writes[last] = numbered(last);
            assert_int_equal(STORE_CALL(store, submit, &acme, &writes[last]), OK);
        }
        for (; number < last; number++) {
            assert_int_equal(next_answer(store).seq, number);
            answered[number] = faulty_disk_done();
        }
        if (prng_below(prng, 8) == 0) { /* all of the log goes into the database */
            STORE_CALL(store, tenant_close, &acme);
            assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
        }
    }
}

/* After a cut: the store opens, what was answered is there, and it can go on. */
static void check_cut(size_t done, uint64_t seed)
{
    struct store *was = store;
    unsigned promised = 0, count;
    struct chat_write next;

    while (promised < MESSAGES && answered[promised + 1] <= done)
        promised++;
    faulty_disk_cut(done, seed, after);
    open_store(after);
    count = count_messages();
    if (count < promised)
        fail_msg("cut after %zu, seed %llu: %u of %u are there", done, (unsigned long long)seed,
                 count, promised);
    if (count < MESSAGES) {
        next = numbered(count + 1);
        assert_int_equal(store_now(store, &acme, &next).outcome, STORE_DONE);
    }
    (void)store_free(store);
    store = was;
}

static void whenever_the_power_goes__what_was_answered_is_there(void **state)
{
    (void)state;
    struct prng prng = prng_seeded(1);
    size_t done;

    begin();
    faulty_disk_record(dir);
    open_store(dir);
    say_in_bursts(&prng);
    store = store_free(store);
    done = faulty_disk_done();
    for (uint64_t seed = 1; seed <= CUTS; seed++)
        check_cut((size_t)prng_below(&prng, done + 1), seed);
    check_cut(done, 0);
}

/* --- the log gets long --- */

static char database_path[4096];

static off_t database_bytes(void)
{
    struct stat found;

    (void)snprintf(database_path, sizeof(database_path), "%s/acme/transcripts.db", dir);
    assert_int_equal(stat(database_path, &found), 0);
    return found.st_size;
}

static int fill(struct writer_db *writer, struct store_bulk *bulk)
{
    (void)bulk;
    return database_run(writer->db, "CREATE TABLE filler AS SELECT zeroblob(17000000) AS x");
}

static void ignore(struct store_bulk *bulk, enum store_outcome outcome)
{
    (void)bulk;
    (void)outcome;
}

/* More in one transaction than the log is to hold. */
static void fill_the_log(void)
{
    static struct store_bulk bulk = { .apply = fill, .done = ignore };

    assert_int_equal(STORE_CALL(store, bulk, &acme, &bulk), OK);
    assert_int_equal(next_answer(store).outcome, STORE_DONE);
}

static void say_number(unsigned number)
{
    struct chat_write write = numbered(number);

    assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
    answered[number] = faulty_disk_done();
}

static void a_long_log__is_copied_into_the_database_while_the_power_may_go(void **state)
{
    (void)state;
    struct prng prng = prng_seeded(2);
    size_t from, done;

    begin();
    faulty_disk_record(dir);
    open_store(dir);
    say_number(1);
    from = faulty_disk_done();
    assert_true(database_bytes() < 1000000);
    fill_the_log();
    say_number(2); /* behind the copying, on the same thread */
    assert_true(database_bytes() > 17000000);
    done = faulty_disk_done();
    for (unsigned number = 3; number <= MESSAGES; number++)
        answered[number] = SIZE_MAX;
    for (uint64_t seed = 1; seed <= 12; seed++)
        check_cut(from + (size_t)prng_below(&prng, done - from + 1), seed);
    check_cut(done, 0);
    faulty_disk_record("");
}

static void a_log_that_cannot_be_copied__keeps_what_was_told(void **state)
{
    (void)state;
    unsigned opened;

    begin();
    open_store(dir);
    say_number(1);
    opened = faulty_disk_opened();
    faulty_disk_fail(FAULTY_SYNC, 2, SQLITE_IOERR_FSYNC, "/acme/"); /* the first is the commit's */
    fill_the_log();
    while (!faulty_disk_has_failed())
        (void)sched_yield();
    assert_true(faulty_disk_heal());
    say_number(2);
    assert_int_equal(count_messages(), 2);
    assert_int_equal(faulty_disk_opened(), opened); /* nor was it a reason to close it */
}

static void a_disk_that_lost_a_sync__is_not_believed(void **state)
{
    (void)state;
    faulty_disk_record(dir);
    open_store(dir);
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct chat_write write;

        begin();
        write = numbered(1);
        assert_int_equal(store_now(store, &acme, &write).outcome, STORE_DONE);
        answered[1] = faulty_disk_done();
        write = numbered(2);
        faulty_disk_fail(FAULTY_SYNC, 1, SQLITE_IOERR_FSYNC, "/acme/");
        assert_int_equal(store_now(store, &acme, &write).outcome, STORE_FAILED);
        assert_true(faulty_disk_heal());
        while (store_now(store, &acme, &write).outcome == STORE_FAILED)
            ;
        answered[2] = faulty_disk_done();
        answered[3] = SIZE_MAX;
        check_cut(answered[2], seed);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_prepared__is_opened_without_touching_the_disk,
                                        start, stop),
        cmocka_unit_test_setup_teardown(what_was_prepared_and_never_opened__goes_without_a_trace,
                                        start, stop),
        cmocka_unit_test_setup_teardown(what_could_not_be_prepared__is_told_by_the_opening, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            whichever_call_fails__nothing_is_told_as_stored_and_the_next_try_is, start, stop),
        cmocka_unit_test_setup_teardown(
            while_the_disk_is_full__everything_fails_and_afterwards_nothing_is_missing, start,
            stop),
        cmocka_unit_test_setup_teardown(whenever_the_power_goes__what_was_answered_is_there, start,
                                        stop),
        cmocka_unit_test_setup_teardown(
            a_long_log__is_copied_into_the_database_while_the_power_may_go, start, stop),
        cmocka_unit_test_setup_teardown(a_log_that_cannot_be_copied__keeps_what_was_told, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_disk_that_lost_a_sync__is_not_believed, start, stop),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
