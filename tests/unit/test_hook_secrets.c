/* SPDX-License-Identifier: Apache-2.0
 *
 * Webhooks' secrets lie in the tenant's own database, sealed by its key.
 */
#include "storage/hooks.h"
#include "storage/sqlite/database.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <stdio.h>

#define ONE "whsec_canary-one"
#define TWO "whsec_canary-two"

static char *dir;
static char path[4096];
static struct tenant_name acme;
static struct store *store;
static struct tenant_keys keys;

static struct tenant_keys a_key(void)
{
    return (struct tenant_keys){ .all = { tenant_key_new() }, .count = 1 };
}

static void open_store(void)
{
    assert_int_equal(store_sqlite_open(&store, dir, 1), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
}

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    keys = a_key();
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/acme/transcripts.db", dir);
    open_store();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    store = store_free(store);
    dir = scratch_free(dir);
    return 0;
}

static struct stored_hook a_hook(void)
{
    struct stored_hook hook = { .hook = { id_new() },
                                .events = 1,
                                .url = SLICE_LITERAL("https://hooks.example/a"),
                                .secret = SLICE_LITERAL(ONE) };
    struct hook_change change;

    assert_int_equal(hook_adding(&change, &hook, &keys), OK);
    bulk_now(store, &acme, &change.bulk);
    hook.row = change.hook.row;
    return hook;
}

static void rotate(struct stored_hook hook, uint64_t old_until_ms)
{
    struct hook_change change;

    hook.secret = SLICE_LITERAL(TWO);
    hook.old_until_ms = old_until_ms;
    assert_int_equal(hook_rotating(&change, &hook, &keys), OK);
    bulk_now(store, &acme, &change.bulk);
}

static void seal_all(void)
{
    struct hooks_sealing sealing;

    hooks_sealing_init(&sealing, &keys);
    bulk_now(store, &acme, &sealing.bulk);
}

static void run(const char *sql)
{
    sqlite3 *db = NULL;

    store = store_free(store);
    assert_int_equal(database_open(&db, path, DATABASE_WRITER), OK);
    assert_int_equal(database_run(db, sql), OK);
    database_close(db);
    open_store();
}

static int take(void *context, const struct stored_hook *hook)
{
    buf_addf(context, "%.*s/%.*s ", SLICE_ARG(hook->secret), SLICE_ARG(hook->old_secret));
    return 0;
}

static const char *told_with(const struct tenant_keys *with)
{
    static char text[256];
    AUTO_BUF line;

    buf_init(&line, sizeof(text));
    assert_int_equal(hooks_read(store, &acme, with, take, &line), OK);
    (void)slice_copy(buf_slice(&line), text, sizeof(text));
    return text;
}

static bool is_stale(void)
{
    bool stale = false;

    assert_int_equal(hooks_are_stale(store, &acme, &keys, &stale), OK);
    return stale;
}

static bool lies_there(const char *ending)
{
    static char content[1 << 21];
    char name[4096 + 8];
    FILE *file;
    size_t len;

    (void)snprintf(name, sizeof(name), "%s%s", path, ending);
    file = fopen(name, "r");
    len = file == NULL ? 0 : fread(content, 1, sizeof(content), file);
    if (file != NULL)
        (void)fclose(file);
    return memmem(content, len, "canary", 6) != NULL;
}

static const char *problems(void)
{
    static char text[512];
    AUTO_BUF found;

    buf_init(&found, sizeof(text));
    assert_int_equal(hooks_check(store, &acme, &keys, true, &found), OK);
    (void)slice_copy(buf_slice(&found), text, sizeof(text));
    return text;
}

static void a_secret__is_told_to_who_has_the_key_and_lies_nowhere_plain(void **state)
{
    const struct tenant_keys others = a_key();

    (void)state;
    rotate(a_hook(), 1000);
    assert_string_equal(told_with(&keys), TWO "/" ONE " ");
    assert_string_equal(told_with(&others), "/ ");
    assert_string_equal(told_with(NULL), "/ ");
    assert_false(lies_there("") || lies_there("-wal"));
    assert_false(is_stale());
    assert_string_equal(problems(), "");
}

static void an_old_secret_that_counts_no_more__is_forgotten(void **state)
{
    (void)state;
    rotate(a_hook(), 0);
    assert_string_equal(told_with(&keys), TWO "/ ");
}

static void a_database_of_before__is_sealed_in_one(void **state)
{
    (void)state;
    (void)a_hook();
    run("UPDATE hooks SET secret = '" ONE "', old_secret = '" TWO "'");
    assert_true(is_stale());
    assert_string_equal(told_with(&keys), ONE "/" TWO " ");
    seal_all();
    assert_int_equal(hooks_forget_log(store, &acme), OK);
    assert_false(is_stale());
    assert_string_equal(told_with(&keys), ONE "/" TWO " ");
    assert_false(lies_there("") || lies_there("-wal"));
}

static void another_key__opens_what_the_one_before_sealed__and_then_alone(void **state)
{
    struct tenant_keys before = keys;

    (void)state;
    rotate(a_hook(), 1000);
    keys = (struct tenant_keys){ .all = { tenant_key_new(), before.all[0] }, .count = 2 };
    assert_true(is_stale());
    assert_string_equal(told_with(&keys), TWO "/" ONE " ");
    seal_all();
    assert_false(is_stale());
    assert_string_equal(told_with(&before), "/ ");
    keys.count = 1;
    assert_string_equal(told_with(&keys), TWO "/" ONE " ");
}

static void a_secret_of_another_webhook__does_not_open(void **state)
{
    struct stored_hook second = { .hook = { id_new() },
                                  .url = SLICE_LITERAL("https://hooks.example/b"),
                                  .secret = SLICE_LITERAL(TWO) };
    struct hook_change change;

    (void)state;
    (void)a_hook();
    assert_int_equal(hook_adding(&change, &second, &keys), OK);
    bulk_now(store, &acme, &change.bulk);
    run("UPDATE hooks SET secret = (SELECT secret FROM hooks WHERE url LIKE '%/a')");
    assert_string_equal(told_with(&keys), ONE "/ / ");
    assert_true(strstr(problems(), " does not open\n") != NULL);
    seal_all(); /* stops at neither */
    assert_string_equal(told_with(&keys), ONE "/ / ");
}

static void a_disk_that_fails__leaves_all_or_none_sealed(void **state)
{
    struct hooks_sealing sealing;

    (void)state;
    (void)a_hook();
    run("UPDATE hooks SET secret = '" ONE "', old_secret = '" TWO "'");
    hooks_sealing_init(&sealing, &keys);
    sealing.bulk.done = NULL;
    faulty_disk_fail(FAULTY_SYNC, 1, SQLITE_IOERR_FSYNC, "transcripts.db");
    assert_int_equal(STORE_CALL(store, bulk, &acme, &sealing.bulk), OK);
    assert_int_not_equal(next_answer(store).outcome, STORE_DONE);
    assert_true(faulty_disk_heal());
    store = store_free(store);
    open_store();
    assert_string_equal(told_with(&keys), ONE "/" TWO " ");
    seal_all();
    assert_false(is_stale());
}

static void a_copy__is_plain_for_whoever_opens_it_elsewhere(void **state)
{
    (void)state;
    rotate(a_hook(), 1000);
    store = store_free(store);
    assert_int_equal(hooks_copy_bare(path, &keys), OK);
    assert_true(lies_there(""));
    assert_false(lies_there("-wal"));
    open_store();
    keys = a_key();
    assert_string_equal(told_with(&keys), TWO "/" ONE " ");
    seal_all();
    assert_string_equal(told_with(&keys), TWO "/" ONE " ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_secret__is_told_to_who_has_the_key_and_lies_nowhere_plain),
        CASE(an_old_secret_that_counts_no_more__is_forgotten),
        CASE(a_database_of_before__is_sealed_in_one),
        CASE(another_key__opens_what_the_one_before_sealed__and_then_alone),
        CASE(a_secret_of_another_webhook__does_not_open),
        CASE(a_disk_that_fails__leaves_all_or_none_sealed),
        CASE(a_copy__is_plain_for_whoever_opens_it_elsewhere),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
