/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/erase.h"
#include "storage/files.h"
#include "storage/retention.h"
#include "storage/transcripts/transcript.h"
#include "storage/verify.h"
#include "tests/support/cmocka.h"
#include "tests/support/storing.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static struct store *store;
static const struct tenant_name acme = { "acme" };
static struct conversation_id last;

static const uint64_t then_ms = 1700000000000;

static int start(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/lasna-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    assert_int_equal(store_sqlite_open(&store, folder, 1), OK);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
    return files_folder(folder, &acme);
}

static int stop(void **state)
{
    char command[96];

    (void)state;
    store = store_free(store);
    (void)snprintf(command, sizeof(command), "rm -rf %s", folder);
    return system(command);
}

static struct chat_file arrive(const char *bytes)
{
    struct chat_file file = { .id = { id_new() },
                              .type = FILETYPE_TEXT,
                              .bytes = strlen(bytes),
                              .sha256 = digest_sha256(slice_of(bytes)) };
    char path[FILES_PATH_BYTES];
    int fd;

    files_path(path, folder, &acme, file.id, true);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
    (void)close(fd);
    return file;
}

static bool lies_there(struct file_id file, bool part)
{
    char path[FILES_PATH_BYTES];

    files_path(path, folder, &acme, file, part);
    return access(path, F_OK) == 0;
}

/* Opens a conversation with a file that is on disk. */
static enum store_outcome say(struct visitor_id visitor, const struct chat_file *file,
                              const char *cid)
{
    struct chat_write write = { .kind = WRITE_MESSAGE,
                                .conversation = { id_new() },
                                .visitor = visitor,
                                .message = { id_new() },
                                .at_ms = then_ms,
                                .sender = SLICE_LITERAL("visitor"),
                                .cid = slice_of(cid),
                                .text = SLICE_LITERAL("price.txt"),
                                .file = *file,
                                .opens = true };

    last = write.conversation;
    return store_now(store, &acme, &write).outcome;
}

static struct chat_file send_file(struct visitor_id visitor, const char *bytes, const char *cid)
{
    struct chat_file file = arrive(bytes);

    assert_int_equal(files_keep(folder, &acme, file.id), OK);
    assert_int_equal(say(visitor, &file, cid), STORE_DONE);
    return file;
}

static void reopen(void)
{
    STORE_CALL(store, tenant_close, &acme);
    assert_int_equal(STORE_CALL(store, tenant_open, &acme), OK);
}

static void assert_verified(const char *problems)
{
    struct verify_report report;

    assert_int_equal(verify_store(store, &acme, &report), OK);
    assert_int_equal(verify_files(store, &acme, &report), OK);
    assert_string_equal(report.problems.len == 0 ? "" : report.problems.data, problems);
    buf_release(&report.problems);
}

static void a_file_stands_in_its_message(void **state)
{
    const struct visitor_id vera = { id_new() };
    struct chat_file file = send_file(vera, "12 euros\n", "c1");
    struct stored_file found;
    AUTO_BUF json;

    (void)state;
    assert_false(lies_there(file.id, true));
    assert_true(lies_there(file.id, false));
    assert_int_equal(files_find(store, &acme, file.id, &found), OK);
    assert_string_equal(found.name, "price.txt");
    assert_int_equal(found.file.type, FILETYPE_TEXT);
    assert_int_equal(found.file.bytes, 9);
    assert_true(digest_equal(&found.file.sha256, &file.sha256));
    free(found.name);
    buf_init(&json, 65536);
    assert_int_equal(transcript_write(store, &acme, last, &json), OK);
    assert_non_null(strstr(json.data, "\"text\":\"price.txt\",\"file\":{\"id\":\""));
    assert_non_null(strstr(json.data, "\"type\":\"text/plain\",\"bytes\":9,\"sha256\":\""));
    assert_verified("");
}

static void a_file_nobody_sent_is_not_found(void **state)
{
    struct stored_file found;

    (void)state;
    assert_int_equal(files_find(store, &acme, (struct file_id){ id_new() }, &found), STORE_E_NONE);
}

static void what_was_sent_is_counted(void **state)
{
    const struct visitor_id vera = { id_new() }, timo = { id_new() };
    struct files_usage usage;

    (void)state;
    (void)send_file(vera, "12345", "c1");
    (void)send_file(vera, "123", "c2");
    (void)send_file(timo, "1", "c3");
    assert_int_equal(files_count(store, &acme, vera, then_ms, &usage), OK);
    assert_int_equal(usage.visitor_count, 2);
    assert_int_equal(usage.visitor_bytes, 8);
    assert_int_equal(usage.bytes, 9);
    assert_int_equal(files_count(store, &acme, vera, then_ms + 1, &usage), OK);
    assert_int_equal(usage.visitor_count, 0);
    assert_int_equal(usage.bytes, 9);
}

/* The answer was lost, and the file sent again under the same cid. */
static void a_repeat_makes_no_second_row(void **state)
{
    const struct visitor_id vera = { id_new() };
    struct chat_file again;
    struct files_usage usage;

    (void)state;
    (void)send_file(vera, "12345", "c1");
    again = arrive("12345");
    assert_int_equal(files_keep(folder, &acme, again.id), OK);
    assert_int_equal(say(vera, &again, "c1"), STORE_REPEAT);
    assert_int_equal(files_count(store, &acme, vera, 0, &usage), OK);
    assert_int_equal(usage.visitor_count, 1);
}

static void erasing_a_visitor_takes_the_bytes_from_the_disk(void **state)
{
    const struct visitor_id vera = { id_new() }, timo = { id_new() };
    struct chat_file hers = send_file(vera, "hers", "c1"), his = send_file(timo, "his", "c2");
    struct erasure erasure;

    (void)state;
    assert_int_equal(erasure_init(&erasure, &vera, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    assert_int_equal(STORE_CALL(store, scrub, &acme), OK);
    erasure_release(&erasure);
    assert_false(lies_there(hers.id, false));
    assert_true(lies_there(his.id, false));
    assert_verified("");
}

/* Killed between the commit and the deleting: the next start goes on. */
static void what_a_kill_left_is_deleted_at_the_next_start(void **state)
{
    const struct visitor_id vera = { id_new() };
    struct chat_file hers = send_file(vera, "hers", "c1"), part = arrive("half of"),
                     unsaid = arrive("whole, but never said");
    struct erasure erasure;

    (void)state;
    assert_int_equal(files_keep(folder, &acme, unsaid.id), OK);
    assert_int_equal(erasure_init(&erasure, &vera, 1), OK);
    bulk_now(store, &acme, &erasure.bulk);
    erasure_release(&erasure);
    assert_true(lies_there(hers.id, false));
    reopen();
    assert_false(lies_there(hers.id, false));
    assert_false(lies_there(part.id, true));
    assert_false(lies_there(unsaid.id, false));
}

static void files_fade_with_the_words(void **state)
{
    const struct visitor_id vera = { id_new() };
    struct chat_file file = send_file(vera, "old", "c1");
    const struct chat_write over = { .kind = WRITE_END,
                                     .conversation = last,
                                     .at_ms = then_ms + 1,
                                     .reason = SLICE_LITERAL("visitor") };
    struct fading fading;

    (void)state;
    assert_int_equal(store_now(store, &acme, &over).outcome, STORE_DONE);
    fading_init(&fading, then_ms + 2, then_ms + 2);
    bulk_now(store, &acme, &fading.bulk);
    assert_int_equal(fading.conversations, 1);
    assert_int_equal(STORE_CALL(store, scrub, &acme), OK);
    assert_false(lies_there(file.id, false));
    assert_verified("");
}

static void a_tenant_that_is_removed_leaves_nothing(void **state)
{
    const struct visitor_id vera = { id_new() };
    char path[FILES_PATH_BYTES];

    (void)state;
    (void)send_file(vera, "hers", "c1");
    STORE_CALL(store, tenant_close, &acme);
    assert_int_equal(STORE_CALL(store, tenant_erase, &acme), OK);
    (void)snprintf(path, sizeof(path), "%s/acme", folder);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void verify_tells_of_bytes_that_are_gone_and_of_bytes_nobody_sent(void **state)
{
    const struct visitor_id vera = { id_new() };
    struct chat_file lost = send_file(vera, "lost", "c1"), cut = send_file(vera, "cut short", "c2"),
                     strange = arrive("strange");
    const struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
    char path[FILES_PATH_BYTES];

    (void)state;
    files_drop(folder, &acme, lost.id, false);
    files_path(path, folder, &acme, cut.id, false);
    assert_int_equal(truncate(path, 3), 0);
    assert_verified("2 files whose bytes are missing or cut short\n");
    files_path(path, folder, &acme, strange.id, true);
    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    assert_verified("2 files whose bytes are missing or cut short\n1 files of no message\n");
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN(WITH_STORE(a_file_stands_in_its_message), WITH_STORE(a_file_nobody_sent_is_not_found),
    WITH_STORE(what_was_sent_is_counted), WITH_STORE(a_repeat_makes_no_second_row),
    WITH_STORE(erasing_a_visitor_takes_the_bytes_from_the_disk),
    WITH_STORE(what_a_kill_left_is_deleted_at_the_next_start),
    WITH_STORE(files_fade_with_the_words), WITH_STORE(a_tenant_that_is_removed_leaves_nothing),
    WITH_STORE(verify_tells_of_bytes_that_are_gone_and_of_bytes_nobody_sent))
