/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/sqlite/gather.h"

#include "tests/support/cmocka.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/scratch.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *dir, path[512];
static sqlite3_vfs *vfs;
static sqlite3_file *file;

static void open_file(void)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB;

    assert_int_equal(vfs->xOpen(vfs, path, file, flags, NULL), SQLITE_OK);
}

static int start(void **state)
{
    (void)state;
    dir = scratch_new();
    (void)snprintf(path, sizeof(path), "%s/some.db", dir);
    vfs = sqlite3_vfs_find(gather_vfs());
    assert_non_null(vfs);
    file = calloc(1, (size_t)vfs->szOsFile);
    assert_non_null(file);
    faulty_disk_record(dir);
    open_file();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (file->pMethods != NULL)
        (void)file->pMethods->xClose(file);
    free(file);
    (void)faulty_disk_heal();
    faulty_disk_record("");
    scratch_free(dir);
    return 0;
}

static int put(const char *text, sqlite3_int64 at)
{
    return file->pMethods->xWrite(file, text, (int)strlen(text), at);
}

static int settle(void)
{
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

/* What another handle finds in the file now. */
static const char *on_disk(void)
{
    static char bytes[256];
    FILE *again = fopen(path, "rb");
    size_t len;

    assert_non_null(again);
    len = fread(bytes, 1, sizeof(bytes) - 1, again);
    assert_int_equal(fclose(again), 0);
    bytes[len] = '\0';
    return bytes;
}

static void writes_that_follow_each_other__go_out_as_one_before_the_sync(void **state)
{
    (void)state;
    assert_int_equal(put("head", 0), SQLITE_OK);
    assert_int_equal(put("page", 4), SQLITE_OK);
    assert_int_equal(put("head", 8), SQLITE_OK);
    assert_int_equal(faulty_disk_done(), 0);
    assert_int_equal(settle(), SQLITE_OK);
    assert_int_equal(faulty_disk_done(), 2); /* a write and a sync */
    assert_string_equal(on_disk(), "headpagehead");
}

static void a_write_elsewhere__comes_after_what_was_gathered(void **state)
{
    (void)state;
    assert_int_equal(put("aaaa", 0), SQLITE_OK);
    assert_int_equal(put("bb", 1), SQLITE_OK);
    assert_int_equal(put("c", 2), SQLITE_OK);
    assert_int_equal(settle(), SQLITE_OK);
    assert_string_equal(on_disk(), "abca");
}

static void a_read__sees_what_was_gathered(void **state)
{
    char back[5] = "";

    (void)state;
    assert_int_equal(put("words", 0), SQLITE_OK);
    assert_int_equal(file->pMethods->xRead(file, back, 4, 1), SQLITE_OK);
    assert_string_equal(back, "ords");
}

static void the_size_and_a_cut__count_what_was_gathered(void **state)
{
    sqlite3_int64 size = 0;

    (void)state;
    assert_int_equal(put("words", 0), SQLITE_OK);
    assert_int_equal(file->pMethods->xFileSize(file, &size), SQLITE_OK);
    assert_int_equal(size, 5);
    assert_int_equal(put("more", 5), SQLITE_OK);
    assert_int_equal(file->pMethods->xTruncate(file, 7), SQLITE_OK);
    assert_string_equal(on_disk(), "wordsmo");
}

static void what_is_longer_than_the_room__keeps_its_order(void **state)
{
    enum { LEN = 100 * 1000, PART = 999 };
    char *bytes = malloc(LEN), *back = malloc(LEN);

    (void)state;
    assert_true(bytes != NULL && back != NULL);
    for (int i = 0; i < LEN; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    for (int at = 0; at < LEN; at += PART)
        assert_int_equal(
            file->pMethods->xWrite(file, bytes + at, LEN - at < PART ? LEN - at : PART, at),
            SQLITE_OK);
    assert_int_equal(file->pMethods->xWrite(file, bytes, LEN, LEN), SQLITE_OK); /* all at once */
    assert_int_equal(settle(), SQLITE_OK);
    for (int half = 0; half < 2; half++) {
        assert_int_equal(file->pMethods->xRead(file, back, LEN, half * LEN), SQLITE_OK);
        assert_memory_equal(back, bytes, LEN);
    }
    free(bytes);
    free(back);
}

static void what_cannot_be_written__is_told_by_the_sync(void **state)
{
    (void)state;
    faulty_disk_fail(FAULTY_WRITE, 1, SQLITE_FULL, dir);
    assert_int_equal(put("lost", 0), SQLITE_OK);
    assert_int_equal(settle(), SQLITE_FULL);
    assert_true(faulty_disk_heal());
    assert_int_equal(settle(), SQLITE_OK); /* told once; it is not written later, either */
    assert_string_equal(on_disk(), "");
    assert_int_equal(put("kept", 0), SQLITE_OK);
    assert_int_equal(settle(), SQLITE_OK);
    assert_string_equal(on_disk(), "kept");
}

static void what_cannot_be_written__is_told_by_whatever_comes_next(void **state)
{
    char back[4];

    (void)state;
    faulty_disk_fail(FAULTY_WRITE, 1, SQLITE_IOERR_WRITE, dir);
    assert_int_equal(put("lost", 0), SQLITE_OK);
    assert_int_equal(put("too", 100), SQLITE_IOERR_WRITE);
    assert_int_equal(put("lost", 0), SQLITE_OK);
    assert_int_equal(file->pMethods->xRead(file, back, 4, 0), SQLITE_IOERR_WRITE);
    assert_int_equal(put("lost", 0), SQLITE_OK);
    assert_int_equal(file->pMethods->xTruncate(file, 0), SQLITE_IOERR_WRITE);
}

static void what_was_gathered__is_there_when_it_is_closed(void **state)
{
    (void)state;
    assert_int_equal(put("words", 0), SQLITE_OK);
    assert_int_equal(file->pMethods->xClose(file), SQLITE_OK);
    assert_string_equal(on_disk(), "words");
    open_file();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(writes_that_follow_each_other__go_out_as_one_before_the_sync),
        CASE(a_write_elsewhere__comes_after_what_was_gathered),
        CASE(a_read__sees_what_was_gathered),
        CASE(the_size_and_a_cut__count_what_was_gathered),
        CASE(what_is_longer_than_the_room__keeps_its_order),
        CASE(what_cannot_be_written__is_told_by_the_sync),
        CASE(what_cannot_be_written__is_told_by_whatever_comes_next),
        CASE(what_was_gathered__is_there_when_it_is_closed),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
