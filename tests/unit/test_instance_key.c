/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/keys/instance_key.h"

#include "tests/support/cmocka.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static char path[4096];

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/instance.key", dir);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    dir = scratch_free(dir);
    return 0;
}

static void write_key(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

#define A_KEY "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

static void a_key_that_was_made__is_read_again_by_its_owner_alone(void **state)
{
    struct instance_key made, read;
    struct stat about;

    (void)state;
    assert_int_equal(instance_key_read(path, &read), INSTANCE_KEY_E_NONE);
    assert_int_equal(instance_key_make(path, &made), OK);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0600);
    assert_int_equal(instance_key_read(path, &read), OK);
    assert_true(digest_equal(&made.key, &read.key));
    assert_string_equal(made.mark, read.mark);
    assert_int_equal(strlen(made.mark), INSTANCE_KEY_MARK_BYTES - 1);
}

static void a_key_that_is_there__is_never_written_over(void **state)
{
    struct instance_key key, kept;

    (void)state;
    write_key(A_KEY "\n", 0600);
    assert_int_equal(instance_key_make(path, &key), ERR_IO);
    assert_int_equal(instance_key_read(path, &kept), OK);
    key = instance_key_of(SLICE_LITERAL(A_KEY));
    assert_true(digest_equal(&kept.key, &key.key));
}

static void what_a_kill_left_half_made__is_in_nobodys_way(void **state)
{
    struct instance_key made, read;
    char partial[4096 + 8];
    FILE *file;

    (void)state;
    (void)snprintf(partial, sizeof(partial), "%s.new", path);
    file = fopen(partial, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(instance_key_make(path, &made), OK);
    assert_int_equal(access(partial, F_OK), -1);
    assert_int_equal(instance_key_read(path, &read), OK);
}

static void another_key__waits_beside_it_until_it_takes_its_place(void **state)
{
    struct instance_key before, next, read;
    char partial[4096 + 16];
    FILE *file;

    (void)state;
    assert_int_equal(instance_key_make(path, &before), OK);
    assert_int_equal(instance_key_read_next(path, &read), INSTANCE_KEY_E_NONE);
    assert_int_equal(instance_key_prepare(path, &next), OK);
    assert_int_equal(instance_key_prepare(path, &read), ERR_IO); /* one waits */
    assert_int_equal(instance_key_read(path, &read), OK);
    assert_string_equal(read.mark, before.mark);
    assert_int_equal(instance_key_read_next(path, &read), OK);
    assert_string_equal(read.mark, next.mark);
    assert_int_equal(instance_key_replace(path), OK);
    assert_int_equal(instance_key_read_next(path, &read), INSTANCE_KEY_E_NONE);
    assert_int_equal(instance_key_read(path, &read), OK);
    assert_string_equal(read.mark, next.mark);
    (void)snprintf(partial, sizeof(partial), "%s.next.new", path);
    file = fopen(partial, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);
    instance_key_tidy(path);
    assert_int_equal(access(partial, F_OK), -1);
    assert_int_equal(instance_key_read(path, &read), OK);
}

static void a_file_that_is_no_key_or_that_others_may_read__is_refused(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        int rc;
    } files[] = {
        { A_KEY "\n", 0600, OK },          { A_KEY, 0400, OK },
        { A_KEY "\r\n", 0600, OK },        { A_KEY "\n", 0640, OK }, /* root:lasna */
        { A_KEY "\n", 0644, ERR_CONFIG },  { A_KEY "\n", 0660, ERR_CONFIG },
        { A_KEY "\n", 0604, ERR_CONFIG },  { "", 0600, ERR_CONFIG },
        { A_KEY "A\n", 0600, ERR_CONFIG }, { "abc\n", 0600, ERR_CONFIG },
        { " " A_KEY, 0600, ERR_CONFIG },
    };
    struct instance_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        write_key(files[i].text, files[i].mode);
        assert_int_equal(instance_key_read(path, &key), files[i].rc);
        assert_int_equal(unlink(path), 0);
    }
}

static void where_no_file_can_be_made__it_says_so(void **state)
{
    struct instance_key key;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/missing/instance.key", dir);
    assert_int_equal(instance_key_make(path, &key), ERR_IO);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_key_that_was_made__is_read_again_by_its_owner_alone),
        CASE(a_key_that_is_there__is_never_written_over),
        CASE(what_a_kill_left_half_made__is_in_nobodys_way),
        CASE(another_key__waits_beside_it_until_it_takes_its_place),
        CASE(a_file_that_is_no_key_or_that_others_may_read__is_refused),
        CASE(where_no_file_can_be_made__it_says_so),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
