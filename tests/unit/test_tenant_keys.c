/* SPDX-License-Identifier: Apache-2.0
 *
 * A key a tenant: what is sealed with it, what a home of before becomes, and that nothing is lost
 * on the way, wherever the power goes or the disk fails.
 */
#include "storage/directory/tenant_keys.h"

#include "storage/backup/record.h"
#include "storage/hooks.h"
#include "storage/keys/secrets.h"
#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"
#include "tests/support/storing.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define COMPONENT "canary-component-of-acme"
#define IDENTITY  "canary-identity-of-acme"
#define WEBHOOK   "whsec_canary-webhook-of-acme"

static char *dir;
static struct directory *directory;
static struct tenant_name acme, borealis;
static struct instance_key instance;

static void add_tenant(const struct tenant_name *name, char *secret)
{
    char domain[64], languages[] = "en";
    struct tenant tenant = {
        .name = *name, .title = domain, .domain = domain, .languages = languages, .secret = secret
    };

    (void)snprintf(domain, sizeof(domain), "%s.chat.example", name->text);
    assert_int_equal(directory_tenant_add(directory, &tenant), OK);
}

/* As a version of before left it: everything plain. */
static void a_home_of_before(void)
{
    char one[] = COMPONENT, two[] = "component-of-borealis";

    assert_int_equal(directory_open(&directory, dir), OK);
    add_tenant(&acme, one);
    add_tenant(&borealis, two);
    assert_int_equal(
        directory_identity_key_set(directory, &acme,
                                   &(struct identity_key){ .kid = "kid1", .secret = IDENTITY }),
        OK);
}

static void run(const char *sql)
{
    sqlite3 *db = NULL;
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/lasna.db", dir);
    assert_int_equal(database_open(&db, path, DATABASE_WRITER), OK);
    assert_int_equal(database_run(db, "PRAGMA foreign_keys = OFF"), OK);
    assert_int_equal(database_run(db, sql), OK);
    database_close(db);
}

static int start(void **state)
{
    (void)state;
    acme = tenant_called("acme");
    borealis = tenant_called("borealis");
    instance = instance_key_of(SLICE_LITERAL("the instance's"));
    dir = scratch_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    (void)faulty_disk_heal();
    directory = directory_close(directory);
    dir = scratch_free(dir);
    return 0;
}

static int start_sealed(void **state)
{
    (void)start(state);
    a_home_of_before();
    return directory_unlock(directory, &instance);
}

static void restart(void)
{
    directory = directory_close(directory);
    assert_int_equal(directory_open(&directory, dir), OK);
    assert_int_equal(directory_unlock(directory, &instance), OK);
}

/* --- looking --- */

static int tell_secret(void *context, const struct tenant *tenant)
{
    buf_addf(context, "%s ", tenant->secret);
    return 0;
}

static const char *told_of(struct directory *of)
{
    static char text[512];
    struct identity_key key;
    AUTO_BUF line;

    buf_init(&line, sizeof(text));
    assert_int_equal(directory_tenants(of, tell_secret, &line), OK);
    if (directory_identity_key_get(of, &acme, &key) == OK)
        buf_add_text(&line, key.secret);
    (void)slice_copy(buf_slice(&line), text, sizeof(text));
    return text;
}

#define ALL COMPONENT " component-of-borealis " IDENTITY

static bool file_holds(const char *path, const void *bytes, size_t len)
{
    static char content[1 << 20];
    FILE *file = fopen(path, "r");
    size_t size = file == NULL ? 0 : fread(content, 1, sizeof(content), file);

    if (file != NULL)
        (void)fclose(file);
    return memmem(content, size, bytes, len) != NULL;
}

/* In the database, or in its log. */
static bool home_holds(const void *bytes, size_t len)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/lasna.db", dir);
    if (file_holds(path, bytes, len))
        return true;
    (void)snprintf(path, sizeof(path), "%s/lasna.db-wal", dir);
    return file_holds(path, bytes, len);
}

static const char *problems_of(const struct tenant_name *tenant, int wanted)
{
    static char text[512];
    AUTO_BUF problems;

    buf_init(&problems, sizeof(text));
    assert_int_equal(directory_keys_check(directory, tenant, &problems), wanted);
    (void)slice_copy(buf_slice(&problems), text, sizeof(text));
    return text;
}

static struct tenant_keys keys_of(const struct tenant_name *tenant)
{
    struct tenant_keys keys;

    assert_int_equal(directory_keys_get(directory, tenant, &keys), OK);
    return keys;
}

/* --- a home of before, and one of now --- */

static void a_home_of_before__is_sealed_and_says_the_same(void **state)
{
    bool sealed = true;

    (void)state;
    a_home_of_before();
    assert_int_equal(directory_is_sealed(directory, &sealed), OK);
    assert_false(sealed);
    assert_true(home_holds(COMPONENT, strlen(COMPONENT)));
    assert_int_equal(directory_unlock(directory, &instance), OK);
    assert_string_equal(told_of(directory), ALL);
    assert_false(home_holds("canary", 6));
    restart();
    assert_string_equal(told_of(directory), ALL);
    assert_int_equal(directory_is_sealed(directory, &sealed), OK);
    assert_true(sealed);
    assert_string_equal(problems_of(&acme, OK), "");
}

static void what_is_new__is_never_plain(void **state)
{
    struct tenant_name cumulus = tenant_called("cumulus");
    char secret[] = "canary-of-cumulus";

    (void)state;
    add_tenant(&cumulus, secret);
    assert_int_equal(
        directory_identity_key_set(directory, &cumulus,
                                   &(struct identity_key){ .kid = "kid2", .secret = "canary-two" }),
        OK);
    assert_false(home_holds("canary", 6));
    restart();
    assert_string_equal(problems_of(&cumulus, OK), "");
}

static void without_the_key__no_secret_is_told__and_another_is_refused(void **state)
{
    const struct instance_key another = instance_key_of(SLICE_LITERAL("another's"));

    (void)state;
    directory = directory_close(directory);
    assert_int_equal(directory_open(&directory, dir), OK);
    assert_string_equal(told_of(directory), "  ");
    assert_int_equal(directory_unlock(directory, &another), DIRECTORY_E_WRONG_KEY);
    assert_string_equal(told_of(directory), "  ");
    assert_int_equal(directory_unlock(directory, &instance), OK);
    assert_string_equal(told_of(directory), ALL);
}

static void wherever_the_power_goes__a_home_is_one_of_before_or_of_now(void **state)
{
    size_t done, begun;

    (void)state;
    faulty_disk_record(dir);
    a_home_of_before();
    begun = faulty_disk_done();
    assert_int_equal(directory_unlock(directory, &instance), OK);
    done = faulty_disk_done();
    assert_true(done > begun);
    for (size_t cut = begun; cut <= done; cut++) {
        char *after = scratch_new();
        struct directory *found = NULL;

        faulty_disk_cut(cut, cut, after);
        assert_int_equal(directory_open(&found, after), OK);
        assert_int_equal(directory_unlock(found, &instance), OK);
        assert_string_equal(told_of(found), ALL);
        (void)directory_close(found);
        (void)scratch_free(after);
    }
}

static void a_disk_that_fails_meanwhile__leaves_it_as_it_was(void **state)
{
    bool failed = true;

    (void)state;
    a_home_of_before();
    for (unsigned nth = 1; failed; nth++) {
        faulty_disk_fail(FAULTY_WRITE, nth, SQLITE_IOERR_WRITE, "lasna.db");
        failed = directory_unlock(directory, &instance) != OK;
        assert_int_equal(faulty_disk_heal(), failed);
        assert_int_not_equal(nth, 100);
    }
    assert_string_equal(told_of(directory), ALL);
    restart();
    assert_string_equal(told_of(directory), ALL);
}

/* --- hands that do not belong there --- */

#define OTHER(column)                                                                       \
    "(SELECT " column " FROM kept WHERE kept.name = iif(tenants.name = 'acme', 'borealis'," \
    " 'acme'))"

static void secrets_changed_about__open_at_neither(void **state)
{
    (void)state;
    run("CREATE TEMP TABLE kept AS SELECT name, secret FROM tenants;"
        "UPDATE tenants SET secret = " OTHER("secret"));
    assert_string_equal(problems_of(&acme, DIRECTORY_E_SEALED),
                        "the secret component is sealed with no key of this tenant\n");
    assert_string_equal(problems_of(&borealis, DIRECTORY_E_SEALED),
                        "the secret component is sealed with no key of this tenant\n");
    assert_string_equal(told_of(directory), "  " IDENTITY);
}

static void a_secret_put_in_another_place__does_not_open(void **state)
{
    (void)state;
    run("UPDATE identity_keys SET secret = (SELECT secret FROM tenants WHERE name = 'acme')");
    assert_string_equal(problems_of(&acme, DIRECTORY_E_SEALED),
                        "the secret identity:kid1 does not open\n");
    assert_string_equal(problems_of(&borealis, OK), "");
}

static void keys_changed_about__open_at_neither(void **state)
{
    (void)state;
    run("UPDATE tenant_keys SET tenant = 'x' WHERE tenant = 'acme';"
        "UPDATE tenant_keys SET tenant = 'acme' WHERE tenant = 'borealis';"
        "UPDATE tenant_keys SET tenant = 'borealis' WHERE tenant = 'x'");
    restart(); /* says so, and serves the others */
    assert_string_equal(told_of(directory), "  ");
    (void)problems_of(&acme, DIRECTORY_E_SEALED);
    (void)problems_of(&borealis, DIRECTORY_E_SEALED);
}

static void a_key_that_was_altered__opens_nothing__and_others_go_on(void **state)
{
    struct tenant_keys keys;

    (void)state;
    run("UPDATE tenant_keys SET wrapped = (SELECT wrapped FROM tenant_keys WHERE tenant = "
        "'borealis') WHERE tenant = 'acme'");
    restart();
    assert_string_equal(told_of(directory), " component-of-borealis ");
    assert_string_equal(problems_of(&acme, DIRECTORY_E_SEALED),
                        "its key does not open with the instance's\n");
    assert_int_equal(directory_keys_get(directory, &acme, &keys), DIRECTORY_E_SEALED);
    assert_int_equal(directory_keys_renew(directory, &acme), DIRECTORY_E_SEALED);
    assert_int_equal(directory_keys_renew(directory, &borealis), OK);
}

static void a_tenant_by_another_name__has_its_secrets(void **state)
{
    struct tenant_name cumulus = tenant_called("cumulus");

    (void)state;
    run("PRAGMA foreign_keys = ON; UPDATE tenants SET name = 'cumulus' WHERE name = 'borealis'");
    assert_string_equal(told_of(directory), ALL);
    assert_string_equal(problems_of(&cumulus, OK), "");
}

/* --- another key --- */

static void another_key__seals_the_same_secrets__and_the_one_before_goes(void **state)
{
    struct tenant_keys before = keys_of(&acme), after;

    (void)state;
    assert_int_equal(directory_keys_renew(directory, &acme), OK);
    after = keys_of(&acme);
    assert_int_equal(after.count, 2);
    assert_int_equal(after.version, before.version + 1);
    assert_true(id_equal(after.all[1].id, before.all[0].id));
    assert_false(digest_equal(&after.all[0].key, &before.all[0].key));
    assert_int_equal(directory_keys_renew(directory, &acme), DIRECTORY_E_EXISTS);
    /* What was sealed by the one before, and is known of only now, takes neither away. */
    assert_int_equal(directory_keys_settled(directory, &acme, before.version), OK);
    assert_int_equal(keys_of(&acme).count, 2);
    assert_int_equal(directory_keys_settled(directory, &acme, after.version), OK);
    assert_int_equal(keys_of(&acme).count, 1);
    assert_string_equal(told_of(directory), ALL);
    assert_false(home_holds(before.all[0].id.bytes, ID_BYTES));
    assert_int_equal(keys_of(&borealis).version, 1);
    restart();
    assert_string_equal(told_of(directory), ALL);
}

static void wherever_the_power_goes_meanwhile__all_secrets_open(void **state)
{
    size_t done, begun, with_two = 0;

    (void)state;
    faulty_disk_record(dir);
    a_home_of_before();
    assert_int_equal(directory_unlock(directory, &instance), OK);
    begun = faulty_disk_done();
    assert_int_equal(directory_keys_renew(directory, &acme), OK);
    assert_int_equal(directory_keys_settled(directory, &acme, keys_of(&acme).version), OK);
    done = faulty_disk_done();
    for (size_t cut = begun; cut <= done; cut++) {
        char *after = scratch_new();
        struct directory *found = NULL;
        struct tenant_keys keys;

        faulty_disk_cut(cut, cut, after);
        assert_int_equal(directory_open(&found, after), OK);
        assert_int_equal(directory_unlock(found, &instance), OK);
        assert_string_equal(told_of(found), ALL);
        assert_int_equal(directory_keys_get(found, &acme, &keys), OK);
        with_two += keys.count == 2;
        (void)directory_close(found);
        (void)scratch_free(after);
    }
    assert_true(with_two > 0);
}

static void another_key_of_the_instance__is_all_or_nothing_wherever_the_power_goes(void **state)
{
    const struct instance_key next = instance_key_of(SLICE_LITERAL("the next one"));
    size_t done, begun, by_next = 0;

    (void)state;
    faulty_disk_record(dir);
    a_home_of_before();
    assert_int_equal(directory_unlock(directory, &instance), OK);
    begun = faulty_disk_done();
    assert_int_equal(directory_rekey(directory, &next), OK);
    done = faulty_disk_done();
    assert_string_equal(told_of(directory), ALL);
    for (size_t cut = begun; cut <= done; cut++) {
        char *after = scratch_new();
        struct directory *found = NULL;
        bool counts = false;

        faulty_disk_cut(cut, cut, after);
        assert_int_equal(directory_open(&found, after), OK);
        assert_int_equal(directory_is_sealed_by(found, &next, &counts), OK);
        assert_int_equal(directory_unlock(found, counts ? &next : &instance), OK);
        assert_string_equal(told_of(found), ALL);
        by_next += counts;
        (void)directory_close(found);
        (void)scratch_free(after);
    }
    assert_in_range(by_next, 1, done - begun);
}

static void a_key_that_does_not_open__lets_no_other_instances_key_come(void **state)
{
    const struct instance_key next = instance_key_of(SLICE_LITERAL("the next one"));

    (void)state;
    run("UPDATE tenant_keys SET wrapped = zeroblob(60) WHERE tenant = 'borealis'");
    assert_int_equal(directory_rekey(directory, &next), DIRECTORY_E_SEALED);
    restart();
    assert_string_equal(told_of(directory), COMPONENT "  " IDENTITY);
}

static void a_tenant_that_is_removed__takes_its_key_along(void **state)
{
    struct tenant_keys keys = keys_of(&acme);

    (void)state;
    assert_true(home_holds(keys.all[0].id.bytes, ID_BYTES));
    assert_int_equal(directory_tenant_remove(directory, &acme), OK);
    assert_false(home_holds(keys.all[0].id.bytes, ID_BYTES));
    assert_int_equal(directory_keys_get(directory, &acme, &keys), DIRECTORY_E_NONE);
}

static void whoever_reads_meanwhile__holds_nobody_up(void **state)
{
    uint64_t waited_ms = faulty_disk_waited_ms();
    sqlite3 *reader = NULL;
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/lasna.db", dir);
    assert_int_equal(database_open(&reader, path, DATABASE_READER), OK);
    assert_int_equal(database_run(reader, "BEGIN; SELECT count(*) FROM tenants"), OK);
    assert_int_equal(directory_keys_renew(directory, &acme), OK);
    assert_int_equal(directory_keys_settled(directory, &acme, keys_of(&acme).version), OK);
    assert_int_equal(directory_tenant_remove(directory, &borealis), OK);
    assert_true(faulty_disk_waited_ms() - waited_ms < 500); /* one who waits does so for 5 s */
    assert_int_equal(database_run(reader, "COMMIT"), OK);
    database_close(reader);
    assert_int_equal(keys_of(&acme).count, 1);
}

/* --- copies --- */

static void a_copy__holds_plain_secrets_and_no_key__and_a_fresh_home_seals_it_anew(void **state)
{
    char from[4096], copy[4096];
    struct directory *elsewhere = NULL;
    const struct instance_key theirs = instance_key_of(SLICE_LITERAL("theirs"));
    atomic_bool stopped = false;

    (void)state;
    (void)snprintf(from, sizeof(from), "%s/lasna.db", dir);
    (void)snprintf(copy, sizeof(copy), "%s/elsewhere", dir);
    assert_int_equal(mkdir(copy, 0700), 0);
    (void)snprintf(copy, sizeof(copy), "%s/elsewhere/lasna.db", dir);
    assert_int_equal(snapshot_take(from, copy, &stopped), OK);
    assert_false(file_holds(copy, "canary", 6));
    assert_int_equal(directory_copy_bare(copy, &instance), OK);
    assert_true(file_holds(copy, COMPONENT, strlen(COMPONENT)));
    assert_false(file_holds(copy, keys_of(&acme).all[0].id.bytes, ID_BYTES));
    (void)snprintf(from, sizeof(from), "%s/elsewhere", dir);
    assert_int_equal(directory_open(&elsewhere, from), OK);
    assert_int_equal(directory_unlock(elsewhere, &theirs), OK);
    assert_string_equal(told_of(elsewhere), ALL);
    elsewhere = directory_close(elsewhere);
    assert_false(file_holds(copy, "canary", 6));
}

static void a_record__brings_its_secrets_to_another_directory(void **state)
{
    char from[4096], record[4096], fresh[4096];
    struct directory *old = directory;
    atomic_bool stopped = false;
    AUTO_BUF problem;

    (void)state;
    buf_init(&problem, 1024);
    (void)snprintf(from, sizeof(from), "%s/lasna.db", dir);
    (void)snprintf(record, sizeof(record), "%s/record.db", dir);
    (void)snprintf(fresh, sizeof(fresh), "%s/fresh", dir);
    assert_int_equal(record_take(from, record, &acme, &instance, &stopped), OK);
    assert_int_equal(record_ready(record, &acme), OK);
    assert_false(file_holds(record, "component-of-borealis", 21));
    assert_int_equal(directory_open(&directory, fresh), OK);
    instance = instance_key_of(SLICE_LITERAL("theirs"));
    assert_int_equal(directory_unlock(directory, &instance), OK);
    assert_int_equal(record_adopt(directory, record, &acme, "acme.chat.fresh", &problem), OK);
    assert_string_equal(told_of(directory), COMPONENT " " IDENTITY);
    (void)snprintf(from, sizeof(from), "%s/fresh/lasna.db-wal", dir);
    assert_false(file_holds(from, "canary", 6));
    directory = directory_close(directory);
    directory = old;
}

#define CASE(name)   cmocka_unit_test_setup_teardown(name, start, stop)
#define SEALED(name) cmocka_unit_test_setup_teardown(name, start_sealed, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_home_of_before__is_sealed_and_says_the_same),
        SEALED(what_is_new__is_never_plain),
        SEALED(without_the_key__no_secret_is_told__and_another_is_refused),
        CASE(wherever_the_power_goes__a_home_is_one_of_before_or_of_now),
        CASE(a_disk_that_fails_meanwhile__leaves_it_as_it_was),
        SEALED(secrets_changed_about__open_at_neither),
        SEALED(a_secret_put_in_another_place__does_not_open),
        SEALED(keys_changed_about__open_at_neither),
        SEALED(a_key_that_was_altered__opens_nothing__and_others_go_on),
        SEALED(a_tenant_by_another_name__has_its_secrets),
        SEALED(another_key__seals_the_same_secrets__and_the_one_before_goes),
        CASE(wherever_the_power_goes_meanwhile__all_secrets_open),
        CASE(another_key_of_the_instance__is_all_or_nothing_wherever_the_power_goes),
        SEALED(a_key_that_does_not_open__lets_no_other_instances_key_come),
        SEALED(a_tenant_that_is_removed__takes_its_key_along),
        SEALED(whoever_reads_meanwhile__holds_nobody_up),
        SEALED(a_copy__holds_plain_secrets_and_no_key__and_a_fresh_home_seals_it_anew),
        SEALED(a_record__brings_its_secrets_to_another_directory),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
